/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>

#include "plan.h"

static uint32_t hashed(const struct fpr_sync_plan *plan, uint32_t tensor)
{
	return (uint32_t)(9973ull * plan->tensors[tensor].list_index % plan->config.servers);
}

/* A heap of servers, the one with the fewest bytes on top, the lower index among equals. */
static int emptier(const uint64_t *load, uint32_t a, uint32_t b)
{
	return load[a] < load[b] || (load[a] == load[b] && a < b);
}

static void sink_top(uint32_t *heap, uint32_t count, const uint64_t *load)
{
	const uint32_t server = heap[0];
	uint32_t at = 0, child;

	while ((child = 2 * at + 1) < count) {
		if (child + 1 < count && emptier(load, heap[child + 1], heap[child]))
			child++;
		if (!emptier(load, heap[child], server))
			break;
		heap[at] = heap[child];
		at = child;
	}
	heap[at] = server;
}

static uint32_t fixed_place(const struct fpr_sync_plan *plan, uint32_t index)
{
	const struct fpr_sync_slice *slice = plan->slices + index;
	const uint32_t part = index - plan->first_slice[slice->first];
	const int whole = slice->bytes == plan->tensors[slice->first].bytes || slice->tensors > 1;
	int cut;

	if (plan->config.placement == FPR_SYNC_PLACE_COUNTER)
		return index % plan->config.servers;
	/* The authors' code cuts, and so begins at 0, what is as large as a slice. */
	cut = plan->config.slice_bytes && slice->bytes >= plan->config.slice_bytes;
	if (whole && (plan->config.placement == FPR_SYNC_PLACE_HASH || !cut))
		return hashed(plan, slice->first);
	return part % plan->config.servers;
}

int fpr_sync_place(struct fpr_sync_plan *plan)
{
	const uint32_t servers = plan->config.servers;
	const int balanced = plan->config.placement == FPR_SYNC_PLACE_BALANCED;
	uint32_t *heap = malloc(servers * sizeof(*heap));

	if (!heap)
		return -ENOMEM;
	for (uint32_t i = 0; i < servers; i++)
		heap[i] = i;
	for (uint32_t i = 0; i < plan->slice_count; i++) {
		struct fpr_sync_slice *slice = plan->slices + i;

		slice->server = balanced ? heap[0] : fixed_place(plan, i);
		plan->local[i] = plan->owned[slice->server]++;
		plan->load[slice->server] += slice->bytes;
		if (balanced)
			sink_top(heap, servers, plan->load);
	}
	free(heap);
	return 0;
}
