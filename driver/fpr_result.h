/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef FPR_RESULT_H
#define FPR_RESULT_H

#include "fpr_gem.h"

/**
 * struct fpr_result - where the outcome of a job or transfer is written
 * @bo: host buffer, or NULL: nowhere
 * @offset: a multiple of DRM_FPR_RESULT_ALIGN
 * @queued_ns: when it was submitted
 * @started_ns: when it was posted
 */
struct fpr_result {
	struct fpr_bo *bo;
	u64 offset;
	u64 queued_ns;
	u64 started_ns;
};

int fpr_result_init(struct fpr_result *result, struct drm_file *file, u32 handle, u64 offset);
void fpr_result_pend(struct fpr_result *result);
void fpr_result_write(struct fpr_result *result, int status,
		      const struct fpr_completion *completion,
		      const struct fpr_mac_result *counters);

#endif
