// SPDX-License-Identifier: GPL-2.0 OR MIT
#include <linux/capability.h>
#include <linux/slab.h>

#include "fpr_ctx.h"
#include "fpr_xfer.h"

static enum drm_sched_priority fpr_sched_priority(u32 priority)
{
	switch (priority) {
	case DRM_FPR_PRIORITY_HIGH:
		return DRM_SCHED_PRIORITY_HIGH;
	case DRM_FPR_PRIORITY_LOW:
		return DRM_SCHED_PRIORITY_LOW;
	default:
		return DRM_SCHED_PRIORITY_NORMAL;
	}
}

/**
 * fpr_ctx_priorities() - which priorities may the caller ask for?
 * Return: bit i: enum drm_fpr_priority i
 */
u32 fpr_ctx_priorities(void)
{
	u32 mask = BIT(DRM_FPR_PRIORITY_LOW) | BIT(DRM_FPR_PRIORITY_NORMAL);

	if (capable(CAP_SYS_NICE))
		mask |= BIT(DRM_FPR_PRIORITY_HIGH);
	return mask;
}

static void fpr_ctx_release(struct kref *ref)
{
	struct fpr_ctx *ctx = container_of(ref, struct fpr_ctx, ref);

	mutex_destroy(&ctx->submit_lock);
	kfree(ctx);
}

/**
 * fpr_ctx_get() - take a reference
 * @ctx: the context
 * Return: @ctx
 */
struct fpr_ctx *fpr_ctx_get(struct fpr_ctx *ctx)
{
	kref_get(&ctx->ref);
	return ctx;
}

/**
 * fpr_ctx_put() - drop a reference
 * @ctx: the context, or NULL
 */
void fpr_ctx_put(struct fpr_ctx *ctx)
{
	if (ctx)
		kref_put(&ctx->ref, fpr_ctx_release);
}

/**
 * fpr_ctx_lookup() - a context by its id
 * @file: whose id
 * @id: the id
 * Return: the context with a reference, or NULL
 */
struct fpr_ctx *fpr_ctx_lookup(struct fpr_file *file, u32 id)
{
	struct fpr_ctx *ctx;

	xa_lock(&file->contexts);
	ctx = xa_load(&file->contexts, id);
	if (ctx)
		kref_get(&ctx->ref);
	xa_unlock(&file->contexts);
	return ctx;
}

static struct fpr_ctx *fpr_ctx_create(struct fpr_device *fdev, u32 priority)
{
	struct drm_gpu_scheduler *sched = &fdev->mac.sched;
	struct fpr_ctx *ctx = kzalloc(sizeof(*ctx), GFP_KERNEL);
	int i, ret;

	if (!ctx)
		return ERR_PTR(-ENOMEM);
	kref_init(&ctx->ref);
	mutex_init(&ctx->submit_lock);
	spin_lock_init(&ctx->stat_lock);
	ctx->fdev = fdev;
	ctx->priority = priority;
	get_task_comm(ctx->name, current);
	for (i = 0; i < FPR_DIRECTIONS; i++) {
		INIT_LIST_HEAD(&ctx->xfer_link[i]);
		ctx->ready[i] = RB_ROOT_CACHED;
	}
	ret = drm_sched_entity_init(&ctx->entity, fpr_sched_priority(priority), &sched, 1, NULL);
	if (ret) {
		fpr_ctx_put(ctx);
		return ERR_PTR(ret);
	}
	return ctx;
}

/* What has started runs to its end; the rest is cancelled. */
static void fpr_ctx_close(struct fpr_file *file, struct fpr_ctx *ctx)
{
	int i;

	mutex_lock(&ctx->submit_lock);
	ctx->closed = true;
	mutex_unlock(&ctx->submit_lock);
	fpr_xfer_cancel(ctx);
	drm_sched_entity_fini(&ctx->entity);
	spin_lock(&file->lock);
	for (i = 0; i < FPR_ENGINES; i++)
		file->engine_ns[i] += READ_ONCE(ctx->engine_ns[i]);
	spin_unlock(&file->lock);
	fpr_ctx_put(ctx);
}

/**
 * fpr_ctx_close_all() - the file is closed
 * @file: the file
 */
void fpr_ctx_close_all(struct fpr_file *file)
{
	struct fpr_ctx *ctx;
	unsigned long id;

	xa_for_each(&file->contexts, id, ctx)
		fpr_ctx_close(file, ctx);
	xa_destroy(&file->contexts);
}

/**
 * fpr_ioctl_ctx_create() - DRM_IOCTL_FPR_CTX_CREATE
 * @drm: the DRM device
 * @data: struct drm_fpr_ctx_create
 * @file: the caller
 * Return: 0 or -errno
 */
int fpr_ioctl_ctx_create(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_fpr_ctx_create *args = data;
	struct fpr_file *ffile = file->driver_priv;
	struct fpr_ctx *ctx;
	int ret, cookie;

	if (args->flags || args->reserved || args->priority > DRM_FPR_PRIORITY_HIGH)
		return -EINVAL;
	if (!(fpr_ctx_priorities() & BIT(args->priority)))
		return -EACCES;
	if (!drm_dev_enter(drm, &cookie))
		return -ENODEV;
	ctx = fpr_ctx_create(ffile->fdev, args->priority);
	drm_dev_exit(cookie);
	if (IS_ERR(ctx))
		return PTR_ERR(ctx);
	ret = xa_alloc(&ffile->contexts, &args->id, ctx, XA_LIMIT(1, FPR_MAX_CONTEXTS), GFP_KERNEL);
	if (ret) {
		fpr_ctx_close(ffile, ctx);
		return ret == -EBUSY ? -ENOSPC : ret;
	}
	return 0;
}

/**
 * fpr_ioctl_ctx_destroy() - DRM_IOCTL_FPR_CTX_DESTROY
 * @drm: the DRM device
 * @data: struct drm_fpr_ctx_destroy
 * @file: the caller
 * Return: 0 or -errno
 */
int fpr_ioctl_ctx_destroy(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_fpr_ctx_destroy *args = data;
	struct fpr_file *ffile = file->driver_priv;
	struct fpr_ctx *ctx;

	if (args->reserved)
		return -EINVAL;
	ctx = xa_erase(&ffile->contexts, args->id);
	if (!ctx)
		return -ENOENT;
	fpr_ctx_close(ffile, ctx);
	return 0;
}
