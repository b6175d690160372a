/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "plan.h"

static int tensors_fit(const struct fpr_sync_tensor *tensors, uint32_t count)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < count; i++) {
		if (!tensors[i].bytes || tensors[i].bytes > INT64_MAX - sum)
			return 0;
		sum += tensors[i].bytes;
	}
	return 1;
}

static int take_tensors(struct fpr_sync_plan *plan, const struct fpr_sync_tensor *tensors)
{
	const size_t bytes = plan->tensor_count * sizeof(*tensors);

	plan->tensors = malloc(bytes);
	plan->first_slice = malloc(plan->tensor_count * sizeof(*plan->first_slice));
	plan->end_slice = calloc(plan->tensor_count, sizeof(*plan->end_slice));
	if (!plan->tensors || !plan->first_slice || !plan->end_slice)
		return -ENOMEM;
	memcpy(plan->tensors, tensors, bytes);
	return 0;
}

/* Slices hold consecutive bytes, so a tensor's begin where the one before ends, or in its last. */
static void index_tensors(struct fpr_sync_plan *plan)
{
	for (uint32_t i = plan->slice_count; i-- > 0;) {
		const struct fpr_sync_slice *slice = plan->slices + i;

		for (uint32_t t = slice->first; t < slice->first + slice->tensors; t++) {
			plan->first_slice[t] = i;
			if (!plan->end_slice[t])
				plan->end_slice[t] = i + 1;
		}
	}
}

static int fill(struct fpr_sync_plan *plan, const struct fpr_sync_tensor *tensors)
{
	int ret = take_tensors(plan, tensors);

	if (!ret)
		ret = fpr_sync_cut(plan);
	if (ret)
		return ret;
	index_tensors(plan);
	plan->local = malloc(plan->slice_count * sizeof(*plan->local));
	plan->owned = calloc(plan->config.servers, sizeof(*plan->owned));
	plan->load = calloc(plan->config.servers, sizeof(*plan->load));
	if (!plan->local || !plan->owned || !plan->load)
		return -ENOMEM;
	return fpr_sync_place(plan);
}

int fpr_sync_plan_create(const struct fpr_sync_config *config,
			 const struct fpr_sync_tensor *tensors, uint32_t count,
			 struct fpr_sync_plan **plan)
{
	struct fpr_sync_plan *made;
	int ret;

	if (!config || !tensors || !count || !plan || fpr_sync_config_check(config) ||
	    !tensors_fit(tensors, count))
		return -EINVAL;
	made = calloc(1, sizeof(*made));
	if (!made)
		return -ENOMEM;
	made->config = *config;
	made->tensor_count = count;
	ret = fill(made, tensors);
	if (ret)
		fpr_sync_plan_destroy(made);
	else
		*plan = made;
	return ret;
}

void fpr_sync_plan_destroy(struct fpr_sync_plan *plan)
{
	if (!plan)
		return;
	free(plan->tensors);
	free(plan->slices);
	free(plan->first_slice);
	free(plan->end_slice);
	free(plan->local);
	free(plan->owned);
	free(plan->load);
	free(plan);
}

const struct fpr_sync_config *fpr_sync_plan_config(const struct fpr_sync_plan *plan)
{
	return &plan->config;
}

const struct fpr_sync_slice *fpr_sync_plan_slices(const struct fpr_sync_plan *plan, uint32_t *count)
{
	*count = plan->slice_count;
	return plan->slices;
}

int fpr_sync_plan_piece(const struct fpr_sync_plan *plan, uint32_t slice, uint32_t index,
			struct fpr_sync_piece *piece)
{
	const struct fpr_sync_slice *s;
	uint64_t left;

	if (slice >= plan->slice_count || index >= plan->slices[slice].tensors)
		return -EINVAL;
	s = plan->slices + slice;
	piece->tensor = s->first + index;
	piece->offset = index ? 0 : s->offset;
	left = plan->tensors[piece->tensor].bytes - piece->offset;
	/* Only a slice of one tensor ends before its tensor does. */
	piece->bytes = left < s->bytes ? (uint32_t)left : s->bytes;
	return 0;
}

uint64_t fpr_sync_plan_load(const struct fpr_sync_plan *plan, uint32_t server)
{
	return server < plan->config.servers ? plan->load[server] : 0;
}

static uint64_t mix(uint64_t hash, uint64_t value)
{
	/* FNV-1a, a byte at a time, so that byte order does not count. */
	for (int i = 0; i < 8; i++)
		hash = (hash ^ (value >> 8 * i & 0xff)) * 0x100000001b3ull;
	return hash;
}

uint64_t fpr_sync_plan_digest(const struct fpr_sync_plan *plan)
{
	const struct fpr_sync_config *c = &plan->config;
	uint64_t hash = 0xcbf29ce484222325ull;

	hash = mix(mix(mix(mix(hash, c->ranks), c->workers), c->first_server), c->servers);
	hash = mix(mix(hash, c->flags), plan->tensor_count);
	for (uint32_t i = 0; i < plan->slice_count; i++) {
		const struct fpr_sync_slice *s = plan->slices + i;

		hash = mix(mix(mix(hash, s->first), s->offset), s->bytes);
		hash = mix(mix(mix(hash, s->tensors), s->server), s->priority);
	}
	return hash;
}
