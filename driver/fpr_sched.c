// SPDX-License-Identifier: GPL-2.0 OR MIT
#include <linux/dma-fence-chain.h>
#include <drm/drm_managed.h>

#include "fpr_mac.h"
#include "fpr_reset.h"
#include "fpr_trace.h"

static struct drm_sched_fence *fpr_sched_fence(struct dma_fence *fence)
{
	return to_drm_sched_fence(dma_fence_chain_contained(fence));
}

static bool fpr_sched_failed(struct dma_fence *fence)
{
	struct drm_sched_fence *own = fpr_sched_fence(fence);
	struct dma_fence *hw;

	/* Pairs with the release in the scheduler, when the job was posted. */
	hw = own ? smp_load_acquire(&own->parent) : NULL;
	/* The hardware fence knows first; the scheduler then copies its error. */
	return (hw && hw->error < 0) || fpr_fence_failed(fence);
}

static int fpr_sched_verdict(struct fpr_mac_job *job)
{
	u32 i;

	if (job->fdev->gone)
		return -ENODEV;
	if (job->fdev->wedged)
		return -EIO;
	if (READ_ONCE(job->ctx->closed) || fpr_ctx_banned(job->ctx))
		return -ECANCELED;
	for (i = 0; i < job->asked; i++) {
		if (fpr_sched_failed(job->in[i]))
			return -ECANCELED;
	}
	return 0;
}

/*
 * The scheduler ignores that a job waits for an earlier one of its own context, and
 * lets it wait for another context's only until that is posted: the ring is in order
 * anyway. But whether the other one failed is known only when it has ended, so that is
 * waited for, by its hardware fence, which the scheduler does not know as one of its own.
 */
static struct dma_fence *fpr_sched_prepare_job(struct drm_sched_job *base,
					       struct drm_sched_entity *entity)
{
	struct fpr_mac_job *job = container_of(base, struct fpr_mac_job, base);
	struct drm_sched_fence *own;
	struct dma_fence *hw;
	u32 i;

	for (i = 0; i < job->asked; i++) {
		own = fpr_sched_fence(job->in[i]);
		if (!own || own->sched != base->sched)
			continue;
		/* Pairs with the release in the scheduler, when the job was posted. */
		hw = smp_load_acquire(&own->parent);
		if (hw && !dma_fence_is_signaled(hw))
			return dma_fence_get(hw);
	}
	return NULL;
}

static struct dma_fence *fpr_sched_run_job(struct drm_sched_job *base)
{
	struct fpr_mac_job *job = container_of(base, struct fpr_mac_job, base);
	bool cookie = dma_fence_begin_signalling();
	int ret;

	ret = fpr_sched_verdict(job);
	if (!ret)
		ret = fpr_mac_post(job);
	trace_fpr_job_run(job, 0, ret);
	if (ret)
		fpr_mac_job_cancel(job, ret);
	dma_fence_end_signalling(cookie);
	return ret ? ERR_PTR(ret) : &job->hw->base;
}

static enum drm_gpu_sched_stat fpr_sched_timedout_job(struct drm_sched_job *base)
{
	struct fpr_mac_job *job = container_of(base, struct fpr_mac_job, base);

	fpr_reset_timed_out(job->fdev, job);
	return DRM_GPU_SCHED_STAT_RESET;
}

static void fpr_sched_free_job(struct drm_sched_job *base)
{
	struct fpr_mac_job *job = container_of(base, struct fpr_mac_job, base);

	/* Its context was destroyed before it ran. */
	if (job->next < job->count)
		fpr_mac_job_cancel(job, -ECANCELED);
	drm_sched_job_cleanup(base);
	fpr_mac_job_free(job);
}

static const struct drm_sched_backend_ops fpr_sched_ops = {
	.prepare_job = fpr_sched_prepare_job,
	.run_job = fpr_sched_run_job,
	.timedout_job = fpr_sched_timedout_job,
	.free_job = fpr_sched_free_job,
};

/* By now no job exists: each holds the device this is called for the end of. */
static void fpr_sched_fini(struct drm_device *drm, void *sched)
{
	drm_sched_fini(sched);
}

/**
 * fpr_sched_init() - the scheduler of matrix jobs
 * @fdev: the board; its rings are there
 *
 * It lives as long as the DRM device: files may be open, and their queues exist,
 * after the board has gone.
 *
 * Return: 0 or -errno
 */
int fpr_sched_init(struct fpr_device *fdev)
{
	const struct drm_sched_init_args args = {
		.ops = &fpr_sched_ops,
		.num_rqs = DRM_SCHED_PRIORITY_COUNT,
		.credit_limit = fdev->mac.ring.entries - 1,
		.timeout = msecs_to_jiffies(fpr_timeout_ms),
		/* One queue for all time-outs and resets, so that no two meet. */
		.timeout_wq = fdev->wq,
		.name = "fpr-mac",
		.dev = &fdev->pdev->dev,
	};
	int ret = drm_sched_init(&fdev->mac.sched, &args);

	if (ret)
		return ret;
	return drmm_add_action_or_reset(&fdev->drm, fpr_sched_fini, &fdev->mac.sched);
}
