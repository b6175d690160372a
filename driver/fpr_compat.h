/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef FPR_COMPAT_H
#define FPR_COMPAT_H

/*
 * The driver is written against the newest kernel's interfaces; this header
 * translates them for older ones, by the probes of driver/configure. A block
 * goes when the last kernel that needs it does.
 */

#include <linux/dma-buf.h>
#include <linux/dma-fence-array.h>
#include <linux/dma-fence.h>
#include <linux/uaccess.h>
#include <linux/workqueue.h>
#include <drm/drm_device.h>
#include <drm/drm_drv.h>
#include <drm/drm_file.h>
#include <drm/drm_gem_shmem_helper.h>
#include <drm/drm_print.h>
#include <drm/gpu_scheduler.h>

/* Mainline 6.15, stable 6.12.114. */
#ifndef FPR_HAVE_SCHED_INIT_ARGS
struct drm_sched_init_args {
	const struct drm_sched_backend_ops *ops;
	struct workqueue_struct *submit_wq;
	struct workqueue_struct *timeout_wq;
	u32 num_rqs;
	u32 credit_limit;
	unsigned int hang_limit;
	long timeout;
	atomic_t *score;
	const char *name;
	struct device *dev;
};

static inline int fpr_compat_sched_init(struct drm_gpu_scheduler *sched,
					const struct drm_sched_init_args *args)
{
	return drm_sched_init(sched, args->ops, args->submit_wq, args->num_rqs, args->credit_limit,
			      args->hang_limit, args->timeout, args->timeout_wq, args->score,
			      args->name, args->dev);
}

#define drm_sched_init fpr_compat_sched_init
#endif

/* Mainline 6.17, stable 6.12.103. */
#ifndef FPR_HAVE_SCHED_JOB_CLIENT_ID
static inline int fpr_compat_sched_job_init(struct drm_sched_job *job,
					    struct drm_sched_entity *entity, u32 credits,
					    void *owner, u64 client_id)
{
	return drm_sched_job_init(job, entity, credits, owner);
}

#define drm_sched_job_init fpr_compat_sched_job_init
#endif

/* Mainline 6.13. Always called with 0: errors are set on the hardware fence. */
#ifndef FPR_HAVE_SCHED_START_ERRNO
static inline void fpr_compat_sched_start(struct drm_gpu_scheduler *sched, int error)
{
	drm_sched_start(sched);
}

#define drm_sched_start fpr_compat_sched_start
#endif

/* Mainline 6.17. */
#ifndef FPR_HAVE_SCHED_STAT_RESET
#define DRM_GPU_SCHED_STAT_RESET DRM_GPU_SCHED_STAT_NOMINAL
#endif

/* Mainline 6.14. */
#ifndef FPR_HAVE_FDINFO_PRINT_SIZE
#define drm_fdinfo_print_size(p, prefix, stat, region, size) \
	drm_printf(p, "%s-%s-%s:\t%llu KiB\n", prefix, stat, region, (u64)(size) >> 10)
#endif

/* Mainline 7.1: what is pinned is not moved, but may be taken back. */
#ifndef FPR_HAVE_DMABUF_INVALIDATE
#define invalidate_mappings move_notify
#define dma_buf_invalidate_mappings dma_buf_move_notify

static inline bool dma_buf_attach_revocable(struct dma_buf_attachment *attach)
{
	return !!attach->importer_ops;
}
#endif

/* Mainline 6.19; before it each driver mapped its aperture by itself. */
#ifdef FPR_HAVE_P2P_PROVIDER
#include <linux/dma-buf-mapping.h>
#endif

/* Mainline 6.13: the smaller of both sizes is copied, the user's tail zeroed. */
#ifndef FPR_HAVE_COPY_STRUCT_TO_USER
static inline int fpr_copy_struct_to_user(void __user *dst, size_t usize, const void *src,
					  size_t ksize)
{
	size_t size = min(ksize, usize);

	if (copy_to_user(dst, src, size))
		return -EFAULT;
	if (usize > size && clear_user(dst + size, usize - size))
		return -EFAULT;
	return 0;
}
#else
static inline int fpr_copy_struct_to_user(void __user *dst, size_t usize, const void *src,
					  size_t ksize)
{
	return copy_struct_to_user(dst, usize, src, ksize, NULL);
}
#endif

/* 7.x: no fence array signals on any of its fences. */
#ifdef FPR_HAVE_FENCE_ARRAY_5_ARGS
#define dma_fence_array_create(count, fences, context, seqno) \
	dma_fence_array_create(count, fences, context, seqno, false)
#endif

/*
 * 7.x fences carry their own lock, and their ops are detached once signalled, so
 * they may outlive this module. Older ones need a lock and a loaded module.
 */
#ifdef FPR_HAVE_FENCE_INLINE_LOCK
#define FPR_FENCE_PINS_MODULE 0
#else
#define FPR_FENCE_PINS_MODULE 1
#endif

static inline void fpr_compat_fence_init(struct dma_fence *fence, const struct dma_fence_ops *ops,
					 spinlock_t *lock, u64 context, u64 seqno)
{
	dma_fence_init(fence, ops, FPR_FENCE_PINS_MODULE ? lock : NULL, context, seqno);
}

#endif
