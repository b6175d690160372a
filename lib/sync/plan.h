/* SPDX-License-Identifier: MIT */
#ifndef FPR_SYNC_PLAN_H
#define FPR_SYNC_PLAN_H

#include "fpr_sync_core.h"

/**
 * struct fpr_sync_plan - slices and where they are
 * @config: as given
 * @tensors: as given
 * @tensor_count: of @tensors
 * @slices: in order of consumption
 * @slice_count: of @slices
 * @room: slices that there is memory for
 * @first_slice: of each tensor, the first slice that holds bytes of it
 * @end_slice: of each tensor, the last one, plus one
 * @local: of each slice, its index among its server's
 * @owned: slices of each server
 * @load: bytes of each server
 */
struct fpr_sync_plan {
	struct fpr_sync_config config;
	struct fpr_sync_tensor *tensors;
	uint32_t tensor_count, slice_count, room;
	struct fpr_sync_slice *slices;
	uint32_t *first_slice, *end_slice, *local, *owned;
	uint64_t *load;
};

/* Return: 0 or -EINVAL */
int fpr_sync_config_check(const struct fpr_sync_config *config);

/* Fills in plan->slices but for the servers. Return: 0, -ENOMEM, -E2BIG */
int fpr_sync_cut(struct fpr_sync_plan *plan);

/* Fills in the slices' servers, plan->local, owned and load. Return: 0 or -ENOMEM */
int fpr_sync_place(struct fpr_sync_plan *plan);

#endif
