/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef FPR_SYNC_H
#define FPR_SYNC_H

#include <drm/drm_exec.h>
#include <drm/drm_syncobj.h>

#include "fpr_gem.h"

/**
 * struct fpr_signal - a syncobj to signal
 * @syncobj: holds a reference
 * @chain: of a timeline syncobj; used up when it is signalled
 * @point: of a timeline syncobj
 */
struct fpr_signal {
	struct drm_syncobj *syncobj;
	struct dma_fence_chain *chain;
	u64 point;
};

/**
 * struct fpr_shared - a buffer that carries fences, as other drivers know it
 * @bo: the buffer, with a reference: the job's may go while the call still has the locks
 * @write: it is written
 * @index: which of the call's fences it will carry
 */
struct fpr_shared {
	struct fpr_bo *bo;
	bool write;
	u32 index;
};

/**
 * struct fpr_sync - what one submit call waits for, signals and locks
 * @in: fences to wait for; each with a reference
 * @in_count: entries of @in
 * @asked: so many of @in the caller named; the others are what shared buffers carry
 * @out: syncobjs of the whole call
 * @out_count: entries of @out
 * @shared: buffers that carry fences
 * @shared_count: entries of @shared
 * @exec: holds their locks
 * @locked: @exec is in use
 */
struct fpr_sync {
	struct dma_fence **in;
	u32 in_count;
	u32 asked;
	struct fpr_signal *out;
	u32 out_count;
	struct fpr_shared *shared;
	u32 shared_count;
	struct drm_exec exec;
	bool locked;
};

void *fpr_array_get(const struct drm_fpr_array *array, u32 min, u32 size, u32 most);
int fpr_sync_init(struct fpr_sync *sync, struct drm_file *file, const struct drm_fpr_array *in,
		  const struct drm_fpr_array *out, u32 operands);
void fpr_sync_fini(struct fpr_sync *sync);
void fpr_sync_share(struct fpr_sync *sync, struct fpr_bo *bo, bool write, u32 index);
int fpr_sync_lock(struct fpr_sync *sync, u32 fences);
void fpr_sync_publish(struct fpr_sync *sync, u32 index, struct dma_fence *fence);
void fpr_sync_signal(struct fpr_sync *sync, struct dma_fence *fence);
int fpr_signal_init(struct fpr_signal *out, struct drm_file *file, u32 handle, u64 point);
void fpr_signal_fini(struct fpr_signal *out);
void fpr_signal_signal(struct fpr_signal *out, struct dma_fence *fence);

#endif
