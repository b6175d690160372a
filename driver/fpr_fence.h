/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef FPR_FENCE_H
#define FPR_FENCE_H

#include "fpr_device.h"

struct fpr_fence *fpr_fence_alloc(void);
void fpr_fence_init(struct fpr_fence *fence, u64 context, u64 seqno);
void fpr_fence_abandon(struct fpr_fence *fence);
bool fpr_fence_failed(struct dma_fence *fence);
void fpr_fence_end(struct fpr_fence *fence, int error);

#endif
