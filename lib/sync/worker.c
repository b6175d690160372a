/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>

#include "core.h"

int fpr_sync_worker_create(struct fpr_sync_core *core)
{
	const struct fpr_sync_plan *plan = core->plan;
	struct fpr_sync_worker *worker = &core->worker;

	worker->waiting = calloc(plan->tensor_count, sizeof(*worker->waiting));
	worker->missing = malloc(plan->slice_count * sizeof(*worker->missing));
	worker->stage = calloc(plan->slice_count, sizeof(*worker->stage));
	worker->pushes = calloc(plan->slice_count, sizeof(*worker->pushes));
	worker->steps = calloc(plan->tensor_count, sizeof(*worker->steps));
	if (!worker->waiting || !worker->missing || !worker->stage || !worker->pushes ||
	    !worker->steps)
		return -ENOMEM;
	for (uint32_t i = 0; i < plan->slice_count; i++)
		worker->missing[i] = plan->slices[i].bytes;
	if (core->c->flags & FPR_SYNC_BROADCAST)
		return 0;
	worker->told = calloc(plan->tensor_count, sizeof(*worker->told));
	return worker->told ? 0 : -ENOMEM;
}

/* ---- gradients out ----------------------------------------------------- */

static uint64_t start_in(const struct fpr_sync_slice *slice, uint32_t tensor)
{
	return slice->first == tensor ? slice->offset : 0;
}

/* The slice that holds a tensor's byte. */
static uint32_t slice_at(const struct fpr_sync_plan *plan, uint32_t tensor, uint64_t offset)
{
	uint32_t low = plan->first_slice[tensor], high = plan->end_slice[tensor];

	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;

		if (start_in(plan->slices + middle, tensor) <= offset)
			low = middle;
		else
			high = middle;
	}
	return low;
}

/* Bytes of [@at, @end) of a tensor that a slice holds, from @at on. */
static uint32_t overlap(const struct fpr_sync_plan *plan, uint32_t slice, uint32_t tensor,
			uint64_t at, uint64_t end)
{
	uint64_t stop = slice + 1 < plan->end_slice[tensor]
				? start_in(plan->slices + slice + 1, tensor)
				: plan->tensors[tensor].bytes;

	return (uint32_t)((stop < end ? stop : end) - at);
}

static int gradient_fits(const struct fpr_sync_core *core, uint32_t tensor, uint64_t at,
			 uint64_t end)
{
	const struct fpr_sync_worker *worker = &core->worker;

	for (uint32_t i = slice_at(core->plan, tensor, at); at < end; i++) {
		uint32_t bytes = overlap(core->plan, i, tensor, at, end);

		if (worker->stage[i] != FPR_SYNC_COLLECTING || worker->missing[i] < bytes ||
		    worker->pushes[i] != worker->steps[tensor])
			return 0;
		at += bytes;
	}
	return 1;
}

static int push(struct fpr_sync_core *core, uint32_t slice)
{
	const uint32_t step = core->worker.pushes[slice]++;

	core->worker.stage[slice] = FPR_SYNC_OUT;
	core->worker.missing[slice] = core->plan->slices[slice].bytes;
	if (core->silence.pushed)
		core->silence.pushed[slice] = core->now_ns;
	if (fpr_sync_is_mine(core, slice))
		return fpr_sync_server_take(core, slice, core->rank);
	return fpr_sync_egress_add(core, FPR_SYNC_PUSH, step, slice,
				   fpr_sync_server_rank(core, slice), 1);
}

static void unready(struct fpr_sync_core *core, uint32_t tensor)
{
	if (core->worker.waiting[tensor])
		return;
	core->worker.waiting[tensor] =
		core->plan->end_slice[tensor] - core->plan->first_slice[tensor];
	core->worker.unready++;
}

int fpr_sync_gradient(struct fpr_sync_core *core, uint32_t tensor, uint64_t offset, uint64_t bytes,
		      uint64_t now_ns)
{
	const uint64_t size =
		core && tensor < core->plan->tensor_count ? core->plan->tensors[tensor].bytes : 0;
	const uint64_t end = offset + bytes;

	if (!size || !core->is_worker || !bytes || offset >= size || bytes > size - offset)
		return -EINVAL;
	if (!gradient_fits(core, tensor, offset, end))
		return -EPROTO;
	core->now_ns = now_ns;
	unready(core, tensor);
	for (uint32_t i = slice_at(core->plan, tensor, offset); offset < end; i++) {
		uint32_t part = overlap(core->plan, i, tensor, offset, end);
		int ret = 0;

		core->worker.missing[i] -= part;
		if (!core->worker.missing[i])
			ret = push(core, i);
		if (ret)
			return ret;
		offset += part;
	}
	return 0;
}

/* ---- parameters in ----------------------------------------------------- */

int fpr_sync_worker_back(struct fpr_sync_core *core, uint32_t slice)
{
	const struct fpr_sync_slice *s = core->plan->slices + slice;
	struct fpr_sync_worker *worker = &core->worker;

	worker->stage[slice] = FPR_SYNC_COLLECTING;
	for (uint32_t t = s->first; t < s->first + s->tensors; t++) {
		struct fpr_sync_deed ready = {.verb = FPR_SYNC_READY, .what = t};
		int ret;

		if (--worker->waiting[t])
			continue;
		worker->unready--;
		worker->steps[t]++;
		ret = fpr_sync_deed_add(core, &ready);
		if (ret)
			return ret;
	}
	return 0;
}

/* Asks for the slices that begin in a tensor, all of which are summed. */
static int pull(struct fpr_sync_core *core, uint32_t first, uint32_t end)
{
	for (uint32_t i = first; i < end; i++) {
		struct fpr_sync_deed deed = {.verb = FPR_SYNC_SEND,
					     .message = FPR_SYNC_PULL,
					     .what = i,
					     .peer = fpr_sync_server_rank(core, i),
					     .targets = 1};
		int ret;

		if (fpr_sync_is_mine(core, i))
			continue;
		core->worker.stage[i] = FPR_SYNC_ASKED;
		ret = fpr_sync_deed_add(core, &deed);
		if (ret)
			return ret;
	}
	return 0;
}

int fpr_sync_worker_told(struct fpr_sync_core *core, uint32_t slice)
{
	const struct fpr_sync_plan *plan = core->plan;
	const uint32_t tensor = plan->slices[slice].first;
	uint32_t first = plan->first_slice[tensor];
	const uint32_t end = plan->end_slice[tensor];

	if (plan->slices[first].first != tensor)
		first++;
	if (core->worker.stage[slice] == FPR_SYNC_OUT)
		core->worker.stage[slice] = FPR_SYNC_TOLD;
	if (++core->worker.told[tensor] < end - first)
		return 0;
	core->worker.told[tensor] = 0;
	return pull(core, first, end);
}

int fpr_sync_ready(const struct fpr_sync_core *core, uint32_t tensor)
{
	if (!core || !core->is_worker || tensor >= core->plan->tensor_count)
		return -EINVAL;
	return !core->worker.waiting[tensor];
}
