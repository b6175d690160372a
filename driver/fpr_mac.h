/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef FPR_MAC_H
#define FPR_MAC_H

#include "fpr_ctx.h"
#include "fpr_fence.h"
#include "fpr_result.h"

/* Operands of a matrix job. */
#define FPR_OPERANDS 3

/**
 * struct fpr_mac_item - one matrix job
 * @desc: as it goes to the ring, but for cookie, fence and result
 * @slot: its submission entry, and cookie, when posted
 * @fence_value: its fence value when posted
 * @bo: buffers of A, B and C, or NULL
 * @result: where its outcome goes
 */
struct fpr_mac_item {
	struct fpr_mac_desc desc;
	u32 slot;
	u64 fence_value;
	struct fpr_bo *bo[FPR_OPERANDS];
	struct fpr_result result;
};

/**
 * struct fpr_mac_job - the matrix jobs of one submit call: one job of the scheduler's
 * @base: the scheduler's side
 * @link: in fpr_mac_queue.posted; like @next and @error guarded by the ring's lock
 * @fdev: its board; holds a reference on the DRM device
 * @ctx: its context; holds a reference
 * @hw: signals when the last item has ended; made when the job is posted
 * @posted: @hw is a fence
 * @in: what it waits for, to see whether that failed
 * @in_count: entries of @in
 * @asked: so many of @in, the first, are the caller's business when they fail
 * @first: submission entry of item 0
 * @next: first item that has not ended
 * @error: of the first item that failed
 * @release: frees the job
 * @count: entries of @items
 * @items: the jobs
 */
struct fpr_mac_job {
	struct drm_sched_job base;
	struct list_head link;
	struct fpr_device *fdev;
	struct fpr_ctx *ctx;
	struct fpr_fence *hw;
	bool posted;
	struct dma_fence **in;
	u32 in_count;
	u32 asked;
	u32 first;
	u32 next;
	int error;
	struct work_struct release;
	u32 count;
	struct fpr_mac_item items[] __counted_by(count);
};

/**
 * fpr_mac_job_id() - what traces call a job
 * @job: the job
 * Return: its number in its context, 0 while it has none
 */
static inline u64 fpr_mac_job_id(const struct fpr_mac_job *job)
{
	return job->base.s_fence ? job->base.s_fence->finished.seqno : 0;
}

int fpr_mac_init(struct fpr_device *fdev);
void fpr_mac_fini(struct fpr_device *fdev);
struct fpr_mac_job *fpr_mac_job_alloc(struct fpr_device *fdev, struct fpr_ctx *ctx, u32 count);
void fpr_mac_job_free(struct fpr_mac_job *job);
void fpr_mac_job_cancel(struct fpr_mac_job *job, int error);
int fpr_mac_post(struct fpr_mac_job *job);
bool fpr_mac_poll(struct fpr_device *fdev);
bool fpr_mac_settle(struct fpr_device *fdev);
void fpr_mac_repost(struct fpr_device *fdev, struct fpr_mac_job *guilty);
void fpr_mac_fail_all(struct fpr_device *fdev, int error);

int fpr_sched_init(struct fpr_device *fdev);

#endif
