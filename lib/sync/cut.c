/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>

#include "plan.h"

/* Boards add in units of this. */
#define ALIGN 64u
/* A tensor is cut to slices of this part of what is consumed before it, within the limits. */
#define SLACK_PART 64u

static uint32_t priority_of(const struct fpr_sync_plan *plan, uint32_t tensor)
{
	return plan->config.flags & FPR_SYNC_LIST_ORDER ? plan->tensors[tensor].list_index : tensor;
}

static int add(struct fpr_sync_plan *plan, uint32_t tensor, uint64_t offset, uint64_t bytes)
{
	if (bytes > FPR_SYNC_SLICE_MAX || plan->slice_count == UINT32_MAX)
		return -E2BIG;
	if (plan->slice_count == plan->room) {
		uint32_t room = plan->room ? plan->room + plan->room / 2 + 1 : 256;
		void *more = room > plan->room ? realloc(plan->slices, room * sizeof(*plan->slices))
					       : NULL;

		if (!more)
			return -ENOMEM;
		plan->slices = more;
		plan->room = room;
	}
	plan->slices[plan->slice_count++] =
		(struct fpr_sync_slice){.offset = offset,
					.bytes = (uint32_t)bytes,
					.first = tensor,
					.tensors = 1,
					.priority = priority_of(plan, tensor)};
	return 0;
}

/* Slices of @step bytes, the last what is left. */
static int cut_fixed(struct fpr_sync_plan *plan, uint32_t tensor, uint64_t step)
{
	const uint64_t bytes = plan->tensors[tensor].bytes;
	int ret = 0;

	/* Before all memory is full of them. */
	if ((bytes - 1) / step >= UINT32_MAX - plan->slice_count)
		return -E2BIG;
	for (uint64_t at = 0; at < bytes && !ret; at += step)
		ret = add(plan, tensor, at, bytes - at < step ? bytes - at : step);
	return ret;
}

/* One part per server, as equal as four-byte elements allow. */
static int cut_per_server(struct fpr_sync_plan *plan, uint32_t tensor)
{
	const uint64_t bytes = plan->tensors[tensor].bytes, servers = plan->config.servers;
	const uint64_t elements = (bytes + 3) / 4;
	uint64_t at = 0;

	for (uint64_t i = 1; i <= servers; i++) {
		/* Neither product overflows: no more than 2^16 servers. */
		uint64_t end = elements / servers * i + elements % servers * i / servers;
		int ret;

		end = end * 4 < bytes ? end * 4 : bytes;
		if (end == at)
			continue;
		ret = add(plan, tensor, at, end - at);
		if (ret)
			return ret;
		at = end;
	}
	return 0;
}

/*
 * Equal slices of at most @limit. Where a tensor has slices for most servers, the
 * number is one that gives each as many.
 */
static int cut_equal(struct fpr_sync_plan *plan, uint32_t tensor, uint64_t limit)
{
	const uint64_t bytes = plan->tensors[tensor].bytes, servers = plan->config.servers;
	uint64_t pieces = (bytes + limit - 1) / limit, step;

	if (pieces > servers / 2)
		pieces = (pieces + servers - 1) / servers * servers;
	step = (bytes + pieces - 1) / pieces;
	step = (step + ALIGN - 1) / ALIGN * ALIGN;
	return cut_fixed(plan, tensor, step < limit ? step : limit);
}

static uint64_t limit_by_slack(const struct fpr_sync_config *c, uint64_t before)
{
	uint64_t limit = before / SLACK_PART;

	if (limit > c->slice_max_bytes)
		limit = c->slice_max_bytes;
	if (limit < c->slice_bytes)
		limit = c->slice_bytes;
	return limit < ALIGN ? ALIGN : limit / ALIGN * ALIGN;
}

/*
 * A small tensor joins the slice before it when there is one with room. Nothing hides what a step
 * needs first, which is not to wait for much else: what joins a slice is no more than what is
 * needed before it.
 */
static int joined(struct fpr_sync_plan *plan, uint32_t tensor, uint64_t limit, uint64_t before)
{
	const struct fpr_sync_config *c = &plan->config;
	const uint64_t bytes = plan->tensors[tensor].bytes;
	struct fpr_sync_slice *last;
	uint64_t own, room;

	if (!plan->slice_count || bytes >= c->fuse_bytes)
		return 0;
	last = plan->slices + plan->slice_count - 1;
	own = plan->tensors[last->first].bytes - last->offset;
	if (last->bytes - own + bytes > before - last->bytes)
		return 0;
	/* A slice that is all small tensors grows to fuse_bytes, another one by that much. */
	room = plan->tensors[last->first].bytes < c->fuse_bytes ? c->fuse_bytes
								: limit + c->fuse_bytes;
	if (room > FPR_SYNC_SLICE_MAX)
		room = FPR_SYNC_SLICE_MAX;
	if (last->bytes + bytes > room)
		return 0;
	last->bytes += (uint32_t)bytes;
	last->tensors++;
	if (priority_of(plan, tensor) < last->priority)
		last->priority = priority_of(plan, tensor);
	return 1;
}

static int cut_tensor(struct fpr_sync_plan *plan, uint32_t tensor, uint64_t before)
{
	const struct fpr_sync_config *c = &plan->config;
	const uint64_t bytes = plan->tensors[tensor].bytes;
	const uint64_t limit = c->slice_bytes ? limit_by_slack(c, before) : bytes;

	if (joined(plan, tensor, limit, before))
		return 0;
	if (c->placement == FPR_SYNC_PLACE_HASH && c->split_bytes && bytes >= c->split_bytes)
		return cut_per_server(plan, tensor);
	if (c->placement == FPR_SYNC_PLACE_BALANCED && c->slice_bytes)
		return cut_equal(plan, tensor, limit);
	return cut_fixed(plan, tensor, limit);
}

int fpr_sync_cut(struct fpr_sync_plan *plan)
{
	uint64_t before = 0;

	for (uint32_t i = 0; i < plan->tensor_count; i++) {
		int ret = cut_tensor(plan, i, before);

		if (ret)
			return ret;
		before += plan->tensors[i].bytes;
	}
	return 0;
}
