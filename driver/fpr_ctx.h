/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef FPR_CTX_H
#define FPR_CTX_H

#include "fpr_device.h"

/**
 * struct fpr_ctx - an ordered stream of jobs, and a share of the transfer engine
 * @ref: one for the file, one per job and batch of transfers
 * @fdev: its board
 * @priority: enum drm_fpr_priority
 * @name: of the process that made it, for traces and dumps
 * @entity: its queue in the scheduler
 * @submit_lock: keeps arming and pushing of jobs one step
 * @closed: destroyed; work that has not started is cancelled
 * @hangs: resets its work caused
 * @innocent: resets that struck it all the same
 * @xfer_link: in fpr_xfer_queue.contexts, per direction; like what follows
 *	guarded by fpr_xfer_queue.lock
 * @ready: transfers ready to be posted, by (priority, arrival)
 * @posted: its transfers on the board
 * @vtime: bytes posted, what fair share goes by
 * @stat_lock: guards what follows
 * @stat: what READ_COUNTERS shows
 * @engine_ns: time its work held each engine
 */
struct fpr_ctx {
	struct kref ref;
	struct fpr_device *fdev;
	u32 priority;
	char name[TASK_COMM_LEN];
	struct drm_sched_entity entity;
	struct mutex submit_lock; /* arming and pushing are one step */
	bool closed;
	atomic_t hangs;
	atomic_t innocent;
	struct list_head xfer_link[FPR_DIRECTIONS];
	struct rb_root_cached ready[FPR_DIRECTIONS];
	u32 posted[FPR_DIRECTIONS];
	u64 vtime[FPR_DIRECTIONS];
	spinlock_t stat_lock; /* @stat and @engine_ns */
	struct drm_fpr_counters_context stat;
	u64 engine_ns[FPR_ENGINES];
};

/**
 * fpr_ctx_banned() - has its work hung the board too often?
 * @ctx: the context
 * Return: true when it may not submit any more
 */
static inline bool fpr_ctx_banned(struct fpr_ctx *ctx)
{
	return fpr_hang_limit && atomic_read(&ctx->hangs) >= fpr_hang_limit;
}

u32 fpr_ctx_priorities(void);
struct fpr_ctx *fpr_ctx_lookup(struct fpr_file *file, u32 id);
struct fpr_ctx *fpr_ctx_get(struct fpr_ctx *ctx);
void fpr_ctx_put(struct fpr_ctx *ctx);
void fpr_ctx_close_all(struct fpr_file *file);
int fpr_ioctl_ctx_create(struct drm_device *drm, void *data, struct drm_file *file);
int fpr_ioctl_ctx_destroy(struct drm_device *drm, void *data, struct drm_file *file);

#endif
