// SPDX-License-Identifier: GPL-2.0 OR MIT
#include <linux/slab.h>

#include "fpr_mac.h"
#include "fpr_range.h"
#include "fpr_submit.h"
#include "fpr_sync.h"
#include "fpr_trace.h"
#include "fpr_xfer.h"

/**
 * fpr_submit_most() - jobs one call may carry
 * @fdev: the board
 * Return: their number: they must fit the ring together
 */
u32 fpr_submit_most(const struct fpr_device *fdev)
{
	return min_t(u32, FPR_MAX_JOBS, fdev->mac.ring.entries / 2);
}

/* ---- matrix jobs ------------------------------------------------------- */

static int fpr_operand(struct drm_file *file, u32 handle, u64 offset, u64 bytes, u32 align,
		       struct fpr_bo **bo, struct fpr_ref *ref)
{
	int ret;

	if (!handle)
		return bytes || offset ? -EINVAL : 0;
	*bo = fpr_bo_lookup(file, handle);
	if (!*bo)
		return -ENOENT;
	if (!IS_ALIGNED(offset, align) || !fpr_range_fits(offset, bytes, fpr_bo_size(*bo)))
		return -EINVAL;
	ret = fpr_bo_prepare(*bo);
	return ret ?: fpr_bo_ref(*bo, offset, bytes, ref);
}

static bool fpr_c_overlaps(const struct drm_fpr_mac_job *job, struct fpr_bo *const *bo,
			   const struct fpr_extent *extent)
{
	return (bo[2] == bo[0] &&
		fpr_range_overlap(job->c_offset, extent->c, job->a_offset, extent->a)) ||
	       (bo[2] == bo[1] &&
		fpr_range_overlap(job->c_offset, extent->c, job->b_offset, extent->b));
}

static void fpr_mac_desc_fill(struct fpr_mac_desc *desc, const struct drm_fpr_mac_job *job)
{
	const struct fpr_gemm *g = &job->gemm;

	desc->opcode = FPR_OP_GEMM;
	desc->flags = job->flags & DRM_FPR_MAC_NO_COUNTERS ? FPR_MAC_NO_COUNTERS : 0;
	desc->m = cpu_to_le32(g->m);
	desc->n = cpu_to_le32(g->n);
	desc->k = cpu_to_le32(g->k);
	desc->batch = cpu_to_le32(g->batch);
	desc->lda = cpu_to_le32(g->lda);
	desc->ldb = cpu_to_le32(g->ldb);
	desc->ldc = cpu_to_le32(g->ldc);
	desc->stride_a = cpu_to_le64(g->stride_a);
	desc->stride_b = cpu_to_le64(g->stride_b);
	desc->stride_c = cpu_to_le64(g->stride_c);
	desc->kind = g->kind;
	desc->serial = g->serial;
	desc->t = g->t;
	desc->out = g->out;
	desc->trans_a = g->trans_a;
	desc->trans_b = g->trans_b;
	desc->accumulate = g->accumulate;
}

static int fpr_mac_nop(struct fpr_mac_item *item, const struct drm_fpr_mac_job *job)
{
	if (job->a || job->b || job->c || job->a_offset || job->b_offset || job->c_offset ||
	    memchr_inv(&job->gemm, 0, sizeof(job->gemm)))
		return -EINVAL;
	item->desc.opcode = FPR_OP_NOP;
	return 0;
}

static int fpr_mac_gemm(struct fpr_device *fdev, struct drm_file *file, struct fpr_mac_item *item,
			const struct drm_fpr_mac_job *job)
{
	struct fpr_extent extent;
	int ret;

	ret = fpr_gemm_shape(&job->gemm, fdev->caps.caps & FPR_CAPS_KINDS, &extent);
	if (ret)
		return ret;
	ret = fpr_operand(file, job->a, job->a_offset, extent.a, 2, &item->bo[0], &item->desc.a);
	if (ret)
		return ret;
	ret = fpr_operand(file, job->b, job->b_offset, extent.b, 2, &item->bo[1], &item->desc.b);
	if (ret)
		return ret;
	ret = fpr_operand(file, job->c, job->c_offset, extent.c,
			  job->gemm.out == FPR_OUT_F32 ? 4 : 2, &item->bo[2], &item->desc.c);
	if (ret)
		return ret;
	if (fpr_c_overlaps(job, item->bo, &extent))
		return -EINVAL;
	fpr_mac_desc_fill(&item->desc, job);
	return 0;
}

static int fpr_mac_item_init(struct fpr_device *fdev, struct drm_file *file,
			     struct fpr_mac_item *item, const struct drm_fpr_mac_job *job)
{
	int ret;

	if (job->reserved || job->flags & ~(DRM_FPR_MAC_NO_COUNTERS | DRM_FPR_MAC_NOP))
		return -EINVAL;
	if (job->flags & DRM_FPR_MAC_NOP)
		ret = fpr_mac_nop(item, job);
	else
		ret = fpr_mac_gemm(fdev, file, item, job);
	return ret ?: fpr_result_init(&item->result, file, job->result, job->result_offset);
}

static int fpr_mac_fill(struct fpr_mac_job *job, struct drm_file *file,
			const struct drm_fpr_mac_job *jobs, struct fpr_sync *sync)
{
	u32 i, o;
	int ret;

	for (i = 0; i < job->count; i++) {
		ret = fpr_mac_item_init(job->fdev, file, &job->items[i], &jobs[i]);
		if (ret) {
			drm_dbg(&job->fdev->drm, "job %u refused: %d\n", i, ret);
			return ret;
		}
		for (o = 0; o < FPR_OPERANDS; o++)
			fpr_sync_share(sync, job->items[i].bo[o], o == 2, 0);
	}
	return 0;
}

static int fpr_mac_depend(struct fpr_mac_job *job, struct fpr_sync *sync)
{
	u32 i;
	int ret;

	for (i = 0; i < sync->in_count; i++) {
		ret = drm_sched_job_add_dependency(&job->base, dma_fence_get(sync->in[i]));
		if (ret)
			return ret;
	}
	/* The job keeps them, to see how they ended. */
	job->in = sync->in;
	job->in_count = sync->in_count;
	job->asked = sync->asked;
	sync->in = NULL;
	sync->in_count = 0;
	return 0;
}

/* Nothing fails any more. */
static void fpr_mac_commit(struct fpr_mac_job *job, struct fpr_sync *sync)
{
	struct dma_fence *fence;
	u32 i;

	for (i = 0; i < job->count; i++)
		fpr_result_pend(&job->items[i].result);
	drm_sched_job_arm(&job->base);
	fence = dma_fence_get(&job->base.s_fence->finished);
	fpr_sync_publish(sync, 0, fence);
	fpr_sync_signal(sync, fence);
	trace_fpr_job_submit(job, 0, 0);
	drm_sched_entity_push_job(&job->base);
	dma_fence_put(fence);
}

static int fpr_mac_queue_job(struct fpr_mac_job *job, struct drm_file *file, struct fpr_sync *sync)
{
	struct fpr_ctx *ctx = job->ctx;
	int ret;

	ret = drm_sched_job_init(&job->base, &ctx->entity, job->count, file, file->client_id);
	if (ret)
		return ret;
	/* A buffer that one item reads and another writes carries the fence twice. */
	ret = fpr_sync_lock(sync, 2);
	if (!ret)
		ret = fpr_mac_depend(job, sync);
	if (!ret) {
		mutex_lock(&ctx->submit_lock);
		ret = ctx->closed || fpr_ctx_banned(ctx) ? -ECANCELED : 0;
		if (!ret)
			fpr_mac_commit(job, sync);
		mutex_unlock(&ctx->submit_lock);
	}
	if (ret)
		drm_sched_job_cleanup(&job->base);
	return ret;
}

static int fpr_submit_mac(struct fpr_device *fdev, struct drm_file *file, struct fpr_ctx *ctx,
			  const struct drm_fpr_submit_mac *args, const struct drm_fpr_mac_job *jobs)
{
	struct fpr_sync sync = {};
	struct fpr_mac_job *job;
	int ret;

	job = fpr_mac_job_alloc(fdev, ctx, args->jobs.count);
	if (!job)
		return -ENOMEM;
	ret = fpr_sync_init(&sync, file, &args->in, &args->out, job->count * FPR_OPERANDS);
	if (!ret)
		ret = fpr_mac_fill(job, file, jobs, &sync);
	if (!ret)
		ret = fpr_mac_queue_job(job, file, &sync);
	fpr_sync_fini(&sync);
	if (ret)
		fpr_mac_job_free(job);
	return ret;
}

/**
 * fpr_ioctl_submit_mac() - DRM_IOCTL_FPR_SUBMIT_MAC
 * @drm: the DRM device
 * @data: struct drm_fpr_submit_mac
 * @file: the caller
 * Return: 0 or -errno
 */
int fpr_ioctl_submit_mac(struct drm_device *drm, void *data, struct drm_file *file)
{
	const u32 size = sizeof(struct drm_fpr_mac_job);
	const struct drm_fpr_submit_mac *args = data;
	struct fpr_device *fdev = to_fpr(drm);
	struct drm_fpr_mac_job *jobs;
	struct fpr_ctx *ctx;
	int ret, cookie;

	if (args->flags || !args->jobs.count)
		return -EINVAL;
	ctx = fpr_ctx_lookup(file->driver_priv, args->ctx);
	if (!ctx)
		return -ENOENT;
	jobs = fpr_array_get(&args->jobs, size, size, fpr_submit_most(fdev));
	if (IS_ERR(jobs)) {
		ret = PTR_ERR(jobs);
	} else if (!drm_dev_enter(drm, &cookie)) {
		ret = -ENODEV;
		kvfree(jobs);
	} else {
		ret = fpr_submit_mac(fdev, file, ctx, args, jobs);
		drm_dev_exit(cookie);
		kvfree(jobs);
	}
	fpr_ctx_put(ctx);
	return ret;
}

/* ---- transfers --------------------------------------------------------- */

static int fpr_xfer_check(const struct drm_fpr_xfer *x, const struct fpr_bo *host,
			  const struct fpr_bo *board)
{
	u64 board_bytes = x->bytes;

	if (host->placement != DRM_FPR_PLACE_HOST || board->placement != DRM_FPR_PLACE_BOARD)
		return -EINVAL;
	if (x->op == DRM_FPR_XFER_ADD_BF16_F32 && check_mul_overflow(x->bytes, 2ull, &board_bytes))
		return -EINVAL;
	if (!fpr_range_fits(x->host_offset, x->bytes, fpr_bo_size(host)) ||
	    !fpr_range_fits(x->board_offset, board_bytes, fpr_bo_size(board)))
		return -EINVAL;
	if (x->op != DRM_FPR_XFER_COPY &&
	    (x->direction != DRM_FPR_TO_BOARD ||
	     !IS_ALIGNED(x->host_offset | x->board_offset | x->bytes, DRM_FPR_XFER_ADD_ALIGN)))
		return -EINVAL;
	return 0;
}

static int fpr_xfer_fill(struct fpr_xfer *xfer, struct drm_file *file, const struct drm_fpr_xfer *x)
{
	struct fpr_xfer_desc *desc = &xfer->desc;
	int ret;

	if (x->flags || !x->bytes || x->op > DRM_FPR_XFER_ADD_BF16_F32 ||
	    x->direction > DRM_FPR_TO_HOST || (!x->out && x->out_point))
		return -EINVAL;
	xfer->host = fpr_bo_lookup(file, x->host);
	xfer->board = fpr_bo_lookup(file, x->board);
	if (!xfer->host || !xfer->board)
		return -ENOENT;
	ret = fpr_xfer_check(x, xfer->host, xfer->board);
	if (!ret)
		ret = fpr_bo_prepare(xfer->host);
	if (!ret)
		ret = fpr_bo_ref(xfer->host, x->host_offset, x->bytes, &desc->host);
	if (ret)
		return ret;
	desc->opcode = FPR_OP_XFER;
	desc->op = x->op;
	desc->priority = cpu_to_le16(x->priority);
	desc->board = cpu_to_le64(xfer->board->node.start + x->board_offset);
	desc->to_host = x->direction == DRM_FPR_TO_HOST;
	xfer->direction = x->direction;
	xfer->priority = x->priority;
	xfer->bytes = x->bytes;
	xfer->host_offset = x->host_offset;
	return fpr_result_init(&xfer->result, file, x->result, x->result_offset);
}

static int fpr_xfer_fill_all(struct fpr_xfer_batch *batch, struct drm_file *file,
			     const struct drm_fpr_xfer *xfers, struct fpr_sync *sync,
			     struct fpr_signal *outs)
{
	struct fpr_xfer *xfer;
	int ret = 0;
	u32 i;

	for (i = 0; !ret && i < batch->count; i++) {
		xfer = &batch->xfers[i];
		ret = fpr_xfer_fill(xfer, file, &xfers[i]);
		if (!ret && xfers[i].out)
			ret = fpr_signal_init(&outs[i], file, xfers[i].out, xfers[i].out_point);
		if (ret) {
			drm_dbg(&batch->fdev->drm, "transfer %u refused: %d\n", i, ret);
			return ret;
		}
		fpr_sync_share(sync, xfer->host, xfer->direction == DRM_FPR_TO_HOST, i);
		fpr_sync_share(sync, xfer->board, xfer->direction == DRM_FPR_TO_BOARD, i);
	}
	return ret;
}

/* The fence of the whole call; the array takes the references. */
static struct dma_fence *fpr_xfer_fence_all(struct fpr_xfer_batch *batch, struct dma_fence **fences)
{
	struct dma_fence_array *array;
	u32 i;

	for (i = 0; i < batch->count; i++) {
		struct fpr_fence *fence = batch->xfers[i].fence;

		fpr_fence_init(fence, dma_fence_context_alloc(1), 1);
		fences[i] = dma_fence_get(&fence->base);
	}
	if (batch->count == 1) {
		struct dma_fence *only = fences[0];

		kfree(fences);
		return only;
	}
	array = dma_fence_array_create(batch->count, fences, dma_fence_context_alloc(1), 1);
	return array ? &array->base : NULL;
}

static int fpr_xfer_wait_for(struct fpr_xfer_batch *batch, struct fpr_sync *sync)
{
	u32 i;

	kvfree(batch->waits);
	batch->waits = kvcalloc(sync->in_count + 1, sizeof(*batch->waits), GFP_KERNEL);
	if (!batch->waits)
		return -ENOMEM;
	for (i = 0; i < sync->in_count; i++) {
		batch->waits[i].fence = dma_fence_get(sync->in[i]);
		batch->waits[i].asked = i < sync->asked;
	}
	batch->wait_count = sync->in_count;
	return 0;
}

static void fpr_xfer_commit(struct fpr_xfer_batch *batch, struct fpr_sync *sync,
			    struct fpr_signal *outs, struct dma_fence *all)
{
	u32 i;

	for (i = 0; i < batch->count; i++) {
		struct dma_fence *fence = &batch->xfers[i].fence->base;

		fpr_result_pend(&batch->xfers[i].result);
		fpr_sync_publish(sync, i, fence);
		fpr_signal_signal(&outs[i], fence);
	}
	fpr_sync_signal(sync, all);
	trace_fpr_xfer_submit(batch);
	fpr_xfer_submit(batch);
}

/* Fences that were made but will never be anybody's business. */
static void fpr_xfer_uncommit(struct fpr_xfer_batch *batch)
{
	u32 i;

	for (i = 0; i < batch->count; i++) {
		struct fpr_fence *fence = batch->xfers[i].fence;

		batch->xfers[i].fence = NULL;
		fpr_fence_end(fence, -ECANCELED);
	}
}

static int fpr_xfer_queue_batch(struct fpr_xfer_batch *batch, struct fpr_sync *sync,
				struct fpr_signal *outs)
{
	struct fpr_ctx *ctx = batch->ctx;
	struct dma_fence **fences, *all;
	int ret;

	ret = fpr_sync_lock(sync, batch->count);
	if (!ret)
		ret = fpr_xfer_wait_for(batch, sync);
	if (ret)
		return ret;
	/* Not kvmalloc: the fence array frees it with kfree. */
	fences = kcalloc(batch->count, sizeof(*fences), GFP_KERNEL);
	if (!fences)
		return -ENOMEM;
	all = fpr_xfer_fence_all(batch, fences);
	if (!all) {
		for (u32 i = 0; i < batch->count; i++)
			dma_fence_put(fences[i]);
		kfree(fences);
		fpr_xfer_uncommit(batch);
		return -ENOMEM;
	}
	mutex_lock(&ctx->submit_lock);
	ret = ctx->closed || fpr_ctx_banned(ctx) ? -ECANCELED : 0;
	if (!ret)
		fpr_xfer_commit(batch, sync, outs, all);
	else
		fpr_xfer_uncommit(batch);
	mutex_unlock(&ctx->submit_lock);
	dma_fence_put(all);
	return ret;
}

static int fpr_submit_xfer(struct fpr_device *fdev, struct drm_file *file, struct fpr_ctx *ctx,
			   const struct drm_fpr_submit_xfer *args, const struct drm_fpr_xfer *xfers)
{
	u32 count = args->xfers.count, i;
	struct fpr_xfer_batch *batch;
	struct fpr_sync sync = {};
	struct fpr_signal *outs;
	int ret;

	outs = kvcalloc(count, sizeof(*outs), GFP_KERNEL);
	if (!outs)
		return -ENOMEM;
	batch = fpr_xfer_batch_alloc(fdev, ctx, count);
	if (!batch) {
		kvfree(outs);
		return -ENOMEM;
	}
	ret = fpr_sync_init(&sync, file, &args->in, &args->out, count * 2);
	if (!ret)
		ret = fpr_xfer_fill_all(batch, file, xfers, &sync, outs);
	if (!ret)
		ret = fpr_xfer_queue_batch(batch, &sync, outs);
	fpr_sync_fini(&sync);
	for (i = 0; i < count; i++)
		fpr_signal_fini(&outs[i]);
	kvfree(outs);
	fpr_xfer_batch_put(batch);
	return ret;
}

/**
 * fpr_ioctl_submit_xfer() - DRM_IOCTL_FPR_SUBMIT_XFER
 * @drm: the DRM device
 * @data: struct drm_fpr_submit_xfer
 * @file: the caller
 * Return: 0 or -errno
 */
int fpr_ioctl_submit_xfer(struct drm_device *drm, void *data, struct drm_file *file)
{
	const u32 size = sizeof(struct drm_fpr_xfer);
	const struct drm_fpr_submit_xfer *args = data;
	struct fpr_device *fdev = to_fpr(drm);
	struct drm_fpr_xfer *xfers;
	struct fpr_ctx *ctx;
	int ret, cookie;

	if (args->flags || !args->xfers.count)
		return -EINVAL;
	ctx = fpr_ctx_lookup(file->driver_priv, args->ctx);
	if (!ctx)
		return -ENOENT;
	xfers = fpr_array_get(&args->xfers, size, size, fpr_submit_most(fdev));
	if (IS_ERR(xfers)) {
		ret = PTR_ERR(xfers);
	} else if (!drm_dev_enter(drm, &cookie)) {
		ret = -ENODEV;
		kvfree(xfers);
	} else {
		ret = fpr_submit_xfer(fdev, file, ctx, args, xfers);
		drm_dev_exit(cookie);
		kvfree(xfers);
	}
	fpr_ctx_put(ctx);
	return ret;
}
