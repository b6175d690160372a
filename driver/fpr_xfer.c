// SPDX-License-Identifier: GPL-2.0 OR MIT
#include <linux/module.h>
#include <linux/slab.h>

#include "fpr_gem.h"
#include "fpr_hw.h"
#include "fpr_order.h"
#include "fpr_range.h"
#include "fpr_reset.h"
#include "fpr_ring.h"
#include "fpr_trace.h"
#include "fpr_xfer.h"

static void fpr_xfer_signal_work(struct work_struct *work);

/**
 * fpr_xfer_init() - rings and tables of the transfer engine
 * @fdev: the board, identified
 * Return: 0 or -ENOMEM
 */
int fpr_xfer_init(struct fpr_device *fdev)
{
	struct fpr_xfer_queue *xq = &fdev->xfer;
	u32 most = min_t(u32, fdev->caps.xfer_entries, (1u << (fdev->caps.ring_order - 1)) - 1);
	int i, ret;

	spin_lock_init(&xq->lock);
	for (i = 0; i < FPR_DIRECTIONS; i++) {
		INIT_LIST_HEAD(&xq->contexts[i]);
		INIT_LIST_HEAD(&xq->posted[i]);
	}
	INIT_LIST_HEAD(&xq->ended);
	INIT_LIST_HEAD(&xq->batches);
	INIT_WORK(&xq->work, fpr_xfer_signal_work);
	xq->limit = most;
	xq->tag_count = FPR_DIRECTIONS * most;
	xq->tags = kvcalloc(xq->tag_count, sizeof(*xq->tags), GFP_KERNEL);
	if (!xq->tags)
		return -ENOMEM;
	/* Room for all the board holds, plus the entry that stays empty. */
	ret = fpr_ring_init(&xq->ring, fdev, FPR_ENGINE_XFER, ilog2(xq->tag_count) + 1,
			    sizeof(struct fpr_xfer_desc));
	if (ret)
		fpr_xfer_fini(fdev);
	return ret;
}

/**
 * fpr_xfer_fini() - give them back
 * @fdev: the board, whose transfer engine is off
 */
void fpr_xfer_fini(struct fpr_device *fdev)
{
	kvfree(fdev->xfer.tags);
	fdev->xfer.tags = NULL;
	if (fdev->xfer.ring.fdev)
		fpr_ring_fini(&fdev->xfer.ring);
}

/* ---- batches ----------------------------------------------------------- */

static void fpr_xfer_batch_release(struct work_struct *work)
{
	struct fpr_xfer_batch *batch = container_of(work, struct fpr_xfer_batch, release);
	struct drm_device *drm = &batch->fdev->drm;
	u32 i;

	for (i = 0; i < batch->count; i++) {
		fpr_bo_put(batch->xfers[i].host);
		fpr_bo_put(batch->xfers[i].board);
		fpr_bo_put(batch->xfers[i].result.bo);
		fpr_fence_abandon(batch->xfers[i].fence);
	}
	for (i = 0; i < batch->wait_count; i++)
		dma_fence_put(batch->waits[i].fence);
	kvfree(batch->waits);
	fpr_ctx_put(batch->ctx);
	kvfree(batch);
	drm_dev_put(drm);
	module_put(THIS_MODULE);
}

static void fpr_xfer_batch_last(struct kref *ref)
{
	struct fpr_xfer_batch *batch = container_of(ref, struct fpr_xfer_batch, ref);

	/* Buffers are let go of in process context. */
	queue_work(fpr_release_wq, &batch->release);
}

/**
 * fpr_xfer_batch_put() - drop a reference, from any context
 * @batch: the batch
 */
void fpr_xfer_batch_put(struct fpr_xfer_batch *batch)
{
	kref_put(&batch->ref, fpr_xfer_batch_last);
}

/**
 * fpr_xfer_batch_alloc() - memory for the transfers of one call
 * @fdev: the board
 * @ctx: the context
 * @count: transfers
 * Return: the batch with one reference, or NULL
 */
struct fpr_xfer_batch *fpr_xfer_batch_alloc(struct fpr_device *fdev, struct fpr_ctx *ctx, u32 count)
{
	struct fpr_xfer_batch *batch = kvzalloc(struct_size(batch, xfers, count), GFP_KERNEL);
	u32 i;

	if (!batch)
		return NULL;
	batch->count = count;
	kref_init(&batch->ref);
	INIT_LIST_HEAD(&batch->link);
	INIT_WORK(&batch->release, fpr_xfer_batch_release);
	batch->fdev = fdev;
	batch->ctx = fpr_ctx_get(ctx);
	drm_dev_get(&fdev->drm);
	__module_get(THIS_MODULE);
	for (i = 0; i < count; i++) {
		batch->xfers[i].batch = batch;
		INIT_LIST_HEAD(&batch->xfers[i].link);
		RB_CLEAR_NODE(&batch->xfers[i].node);
		batch->xfers[i].fence = fpr_fence_alloc();
		if (!batch->xfers[i].fence) {
			fpr_xfer_batch_put(batch);
			return NULL;
		}
	}
	return batch;
}

/* ---- ending ------------------------------------------------------------ */

/*
 * Transfers of a direction share the engine, so the time since the last one ended is that of the
 * next one to end; else what all of them spent waiting on the board would count.
 */
static u64 fpr_xfer_busy_ns(struct fpr_xfer *xfer)
{
	u64 *last = &xfer->batch->fdev->xfer.last_end[xfer->direction];
	u64 start = max(xfer->result.started_ns, *last);

	if (!xfer->result.started_ns)
		return 0;
	*last = ktime_get_ns();
	return *last - start;
}

static void fpr_xfer_account(struct fpr_xfer *xfer, bool ran)
{
	struct fpr_ctx *ctx = xfer->batch->ctx;
	u64 busy_ns = fpr_xfer_busy_ns(xfer);
	unsigned long flags;

	spin_lock_irqsave(&ctx->stat_lock, flags);
	ctx->stat.xfers++;
	ctx->stat.failed += !!xfer->error;
	if (ran && !xfer->error && xfer->direction == DRM_FPR_TO_HOST)
		ctx->stat.c2h_bytes += xfer->bytes;
	else if (ran && !xfer->error)
		ctx->stat.h2c_bytes += xfer->bytes;
	ctx->engine_ns[FPR_ENGINE_XFER] += busy_ns;
	spin_unlock_irqrestore(&ctx->stat_lock, flags);
}

/* Its fence is signalled later, outside of the locks. */
static void fpr_xfer_end(struct fpr_xfer *xfer, int error, const struct fpr_completion *completion,
			 struct list_head *ended)
{
	xfer->error = error;
	fpr_result_write(&xfer->result, error, completion, NULL);
	fpr_xfer_account(xfer, !!completion);
	trace_fpr_xfer_end(xfer);
	list_move_tail(&xfer->link, ended);
}

static void fpr_xfer_signal(struct list_head *ended)
{
	struct fpr_xfer *xfer, *next;
	struct fpr_fence *fence;

	list_for_each_entry_safe(xfer, next, ended, link) {
		list_del_init(&xfer->link);
		fence = xfer->fence;
		xfer->fence = NULL;
		fpr_fence_end(fence, xfer->error);
		fpr_xfer_batch_put(xfer->batch);
	}
}

static void fpr_xfer_signal_work(struct work_struct *work)
{
	struct fpr_xfer_queue *xq = container_of(work, struct fpr_xfer_queue, work);
	bool cookie = dma_fence_begin_signalling();
	unsigned long flags;
	LIST_HEAD(ended);

	spin_lock_irqsave(&xq->lock, flags);
	list_splice_init(&xq->ended, &ended);
	spin_unlock_irqrestore(&xq->lock, flags);
	fpr_xfer_signal(&ended);
	dma_fence_end_signalling(cookie);
}

/* ---- choosing and posting ---------------------------------------------- */

/* The board does not have it any more; the caller takes it off the list. */
static void fpr_xfer_unpost(struct fpr_xfer_queue *xq, struct fpr_xfer *xfer)
{
	fpr_order_unpost(xq, xfer);
	if (xfer->held)
		xq->held--;
	if (xfer == xq->trial)
		xq->trial = NULL;
}

static u32 fpr_xfer_take_tag(struct fpr_xfer_queue *xq, struct fpr_xfer *xfer)
{
	u32 tag = xq->next_tag;

	/* As many tags as table entries: one is free. */
	while (xq->tags[tag])
		tag = tag + 1 == xq->tag_count ? 0 : tag + 1;
	xq->tags[tag] = xfer;
	xq->next_tag = tag + 1 == xq->tag_count ? 0 : tag + 1;
	return tag;
}

static void fpr_xfer_write(struct fpr_xfer_queue *xq, struct fpr_xfer *xfer)
{
	struct fpr_ring *ring = &xq->ring;
	struct fpr_xfer_desc *desc = (struct fpr_xfer_desc *)ring->sq + ring->tail;

	if (xfer->held)
		xq->held--;
	xfer->held = false;
	xfer->tag = fpr_xfer_take_tag(xq, xfer);
	xfer->fence_value = ++xq->next_fence;
	xfer->result.started_ns = ktime_get_ns();
	*desc = xfer->desc;
	desc->cookie = cpu_to_le32(xfer->tag);
	desc->fence = cpu_to_le64(xfer->fence_value);
	ring->tail = fpr_ring_next(ring->tail, ring->entries);
}

static void fpr_xfer_post(struct fpr_xfer_queue *xq, struct fpr_xfer *xfer)
{
	fpr_order_post(xq, xfer);
	fpr_xfer_write(xq, xfer);
	trace_fpr_xfer_post(xfer);
}

/* Post all that may be posted, with one doorbell. */
static void fpr_xfer_pump(struct fpr_xfer_queue *xq)
{
	struct fpr_xfer *xfer;
	bool was_idle = !xq->posted_count[0] && !xq->posted_count[1];
	bool any = false;
	u8 dir;

	lockdep_assert_held(&xq->lock);
	if (xq->frozen || xq->held || xq->trial)
		return;
	spin_lock(&xq->ring.lock);
	for (dir = 0; xq->ring.running && dir < FPR_DIRECTIONS; dir++) {
		while ((xfer = fpr_order_choose(xq, dir))) {
			fpr_xfer_post(xq, xfer);
			any = true;
		}
	}
	if (any)
		fpr_ring_doorbell(&xq->ring);
	spin_unlock(&xq->ring.lock);
	if (any && was_idle)
		xq->ring.moved_at = jiffies;
}

/* The next one to be tried alone, or NULL: all have been. */
static struct fpr_xfer *fpr_xfer_suspect(struct fpr_xfer_queue *xq)
{
	struct fpr_xfer *xfer;
	u8 dir;

	for (dir = 0; dir < FPR_DIRECTIONS; dir++) {
		list_for_each_entry(xfer, &xq->posted[dir], link) {
			if (xfer->suspect)
				return xfer;
		}
	}
	return NULL;
}

/* Hand the board what was held back: a suspect alone, or when there is none left, all. */
static void fpr_xfer_release(struct fpr_xfer_queue *xq)
{
	struct fpr_xfer *xfer;
	u8 dir;

	lockdep_assert_held(&xq->ring.lock);
	if (xq->trial || !xq->held)
		return;
	xq->trial = fpr_xfer_suspect(xq);
	if (xq->trial)
		fpr_xfer_write(xq, xq->trial);
	for (dir = 0; !xq->trial && dir < FPR_DIRECTIONS; dir++) {
		list_for_each_entry(xfer, &xq->posted[dir], link)
			fpr_xfer_write(xq, xfer);
	}
	fpr_ring_doorbell(&xq->ring);
}

/* ---- waiting ----------------------------------------------------------- */

static int fpr_xfer_verdict(struct fpr_xfer_batch *batch)
{
	if (batch->fdev->gone)
		return -ENODEV;
	if (batch->fdev->wedged)
		return -EIO;
	if (READ_ONCE(batch->ctx->closed) || fpr_ctx_banned(batch->ctx))
		return -ECANCELED;
	return READ_ONCE(batch->error) ? -ECANCELED : 0;
}

/* Runs as a fence's callback too, so it may signal none itself. */
static void fpr_xfer_batch_go(struct fpr_xfer_batch *batch)
{
	struct fpr_xfer_queue *xq = &batch->fdev->xfer;
	unsigned long flags;
	bool dead = false;
	int error;
	u32 i;

	spin_lock_irqsave(&xq->lock, flags);
	list_del_init(&batch->link);
	error = fpr_xfer_verdict(batch);
	for (i = 0; i < batch->count; i++) {
		if (error) {
			fpr_xfer_end(&batch->xfers[i], error, NULL, &xq->ended);
			dead = true;
		} else {
			fpr_order_ready(xq, &batch->xfers[i]);
		}
	}
	fpr_xfer_pump(xq);
	if (dead)
		queue_work(batch->fdev->signal_wq, &xq->work);
	spin_unlock_irqrestore(&xq->lock, flags);
}

static void fpr_xfer_waited(struct fpr_xfer_batch *batch)
{
	if (atomic_dec_and_test(&batch->pending))
		fpr_xfer_batch_go(batch);
	fpr_xfer_batch_put(batch);
}

static void fpr_xfer_wait_cb(struct dma_fence *fence, struct dma_fence_cb *cb)
{
	struct fpr_xfer_wait *wait = container_of(cb, struct fpr_xfer_wait, cb);

	if (wait->asked && fpr_fence_failed(fence))
		WRITE_ONCE(wait->batch->error, -ECANCELED);
	fpr_xfer_waited(wait->batch);
}

/**
 * fpr_xfer_submit() - queue a batch whose fences are public
 * @batch: filled in, every @fence initialised; the caller keeps its reference
 */
void fpr_xfer_submit(struct fpr_xfer_batch *batch)
{
	struct fpr_xfer_queue *xq = &batch->fdev->xfer;
	unsigned long flags;
	u32 i;

	/* For each transfer, and for this function through fpr_xfer_waited(). */
	for (i = 0; i <= batch->count; i++)
		kref_get(&batch->ref);
	atomic_set(&batch->pending, batch->wait_count + 1);
	spin_lock_irqsave(&xq->lock, flags);
	list_add_tail(&batch->link, &xq->batches);
	spin_unlock_irqrestore(&xq->lock, flags);
	for (i = 0; i < batch->wait_count; i++) {
		struct fpr_xfer_wait *wait = &batch->waits[i];

		wait->batch = batch;
		kref_get(&batch->ref);
		if (dma_fence_add_callback(wait->fence, &wait->cb, fpr_xfer_wait_cb))
			fpr_xfer_wait_cb(wait->fence, &wait->cb);
	}
	fpr_xfer_waited(batch);
}

static struct fpr_xfer_batch *fpr_xfer_waiting(struct fpr_xfer_queue *xq, struct fpr_ctx *ctx)
{
	struct fpr_xfer_batch *batch, *found = NULL;
	unsigned long flags;

	spin_lock_irqsave(&xq->lock, flags);
	list_for_each_entry(batch, &xq->batches, link) {
		if (batch->ctx == ctx && kref_get_unless_zero(&batch->ref)) {
			list_del_init(&batch->link);
			found = batch;
			break;
		}
	}
	spin_unlock_irqrestore(&xq->lock, flags);
	return found;
}

static void fpr_xfer_drop_ready(struct fpr_ctx *ctx, u8 dir, struct list_head *ended)
{
	struct rb_node *node;

	while ((node = rb_first_cached(&ctx->ready[dir]))) {
		struct fpr_xfer *xfer = rb_entry(node, struct fpr_xfer, node);

		fpr_order_unready(xfer);
		fpr_xfer_end(xfer, -ECANCELED, NULL, ended);
	}
}

static void fpr_xfer_cancel_ready(struct fpr_xfer_queue *xq, struct fpr_ctx *ctx)
{
	unsigned long flags;
	LIST_HEAD(ended);
	u8 dir;

	spin_lock_irqsave(&xq->lock, flags);
	for (dir = 0; dir < FPR_DIRECTIONS; dir++)
		fpr_xfer_drop_ready(ctx, dir, &ended);
	/* Others may have waited for its share. */
	fpr_xfer_pump(xq);
	spin_unlock_irqrestore(&xq->lock, flags);
	fpr_xfer_signal(&ended);
}

/**
 * fpr_xfer_cancel() - cancel what a context has waiting or ready
 * @ctx: a closed context: no new work comes
 */
void fpr_xfer_cancel(struct fpr_ctx *ctx)
{
	struct fpr_xfer_queue *xq = &ctx->fdev->xfer;
	struct fpr_xfer_batch *batch;
	u32 i;

	while ((batch = fpr_xfer_waiting(xq, ctx))) {
		WRITE_ONCE(batch->error, -ECANCELED);
		for (i = 0; i < batch->wait_count; i++) {
			struct fpr_xfer_wait *wait = &batch->waits[i];

			if (dma_fence_remove_callback(wait->fence, &wait->cb))
				fpr_xfer_waited(batch);
		}
		fpr_xfer_batch_put(batch);
	}
	fpr_xfer_cancel_ready(xq, ctx);
}

/* ---- completing -------------------------------------------------------- */

static bool fpr_xfer_take(struct fpr_xfer_queue *xq, const struct fpr_completion *c,
			  struct list_head *ended)
{
	u32 tag = le32_to_cpu(c->cookie);
	struct fpr_xfer *xfer = tag < xq->tag_count ? xq->tags[tag] : NULL;

	if (!xfer || xfer->fence_value != le64_to_cpu(c->fence))
		return false;
	xq->tags[tag] = NULL;
	fpr_xfer_unpost(xq, xfer);
	fpr_xfer_end(xfer, fpr_hw_status_errno(le16_to_cpu(c->status)), c, ended);
	return true;
}

/**
 * fpr_xfer_poll() - take what the transfer engine has completed; any context
 * @fdev: the board
 * Return: true when there was something
 */
bool fpr_xfer_poll(struct fpr_device *fdev)
{
	struct fpr_xfer_queue *xq = &fdev->xfer;
	struct fpr_completion completion;
	bool any = false, corrupt = false;
	unsigned long flags;
	LIST_HEAD(ended);

	spin_lock_irqsave(&xq->lock, flags);
	spin_lock(&xq->ring.lock);
	while (fpr_ring_pop(&xq->ring, &completion)) {
		any = true;
		if (!fpr_xfer_take(xq, &completion, &ended)) {
			xq->ring.corrupt++;
			corrupt = true;
		}
	}
	if (any) {
		fpr_ring_ack(&xq->ring);
		fpr_xfer_release(xq);
	}
	spin_unlock(&xq->ring.lock);
	if (any)
		fpr_xfer_pump(xq);
	spin_unlock_irqrestore(&xq->lock, flags);
	fpr_xfer_signal(&ended);
	if (corrupt)
		fpr_reset_request(fdev, "corrupt completion of the transfer engine");
	return any;
}

/**
 * fpr_xfer_idle() - is nothing on the board?
 * @fdev: the board
 * Return: true when no transfer is posted
 */
bool fpr_xfer_idle(struct fpr_device *fdev)
{
	return !READ_ONCE(fdev->xfer.posted_count[0]) && !READ_ONCE(fdev->xfer.posted_count[1]);
}

/* ---- recovery ---------------------------------------------------------- */

/**
 * fpr_xfer_freeze() - post nothing until fpr_xfer_thaw() or fpr_xfer_repost()
 * @fdev: the board
 */
void fpr_xfer_freeze(struct fpr_device *fdev)
{
	unsigned long flags;

	spin_lock_irqsave(&fdev->xfer.lock, flags);
	fdev->xfer.frozen = true;
	spin_unlock_irqrestore(&fdev->xfer.lock, flags);
}

/**
 * fpr_xfer_thaw() - post again
 * @fdev: the board, as it was
 */
void fpr_xfer_thaw(struct fpr_device *fdev)
{
	unsigned long flags;

	spin_lock_irqsave(&fdev->xfer.lock, flags);
	fdev->xfer.frozen = false;
	fpr_xfer_pump(&fdev->xfer);
	spin_unlock_irqrestore(&fdev->xfer.lock, flags);
}

/* What the board was serving in a direction: its order is (priority, arrival). */
static struct fpr_xfer *fpr_xfer_head(struct fpr_xfer_queue *xq, u8 dir)
{
	struct fpr_xfer *xfer, *head = NULL;

	list_for_each_entry(xfer, &xq->posted[dir], link) {
		if (!head || xfer->priority < head->priority)
			head = xfer;
	}
	return head;
}

/* End one that the board ended, whether or not its completion could be believed. */
static void fpr_xfer_settled(struct fpr_xfer_queue *xq, struct fpr_xfer *xfer, u32 status,
			     struct list_head *ended)
{
	struct fpr_completion completion = { .status = cpu_to_le16(status) };
	unsigned long flags;

	spin_lock_irqsave(&xq->lock, flags);
	fpr_xfer_unpost(xq, xfer);
	fpr_xfer_end(xfer, fpr_hw_status_errno(status), &completion, ended);
	spin_unlock_irqrestore(&xq->lock, flags);
}

/* Go on behind what has been moved or added already; 0 or -EIO: the board talks nonsense. */
static int fpr_xfer_advance(struct fpr_xfer *xfer, u64 bytes)
{
	struct fpr_xfer_desc *desc = &xfer->desc;
	u64 widens = desc->op == FPR_XFER_ADD_BF16_F32 ? 2 : 1;

	if (bytes >= xfer->bytes - xfer->done ||
	    (desc->op != FPR_XFER_COPY && !IS_ALIGNED(bytes, FPR_XFER_ADD_ALIGN)))
		return -EIO;
	xfer->done += bytes;
	desc->board = cpu_to_le64(le64_to_cpu(desc->board) + bytes * widens);
	return fpr_bo_ref(xfer->host, xfer->host_offset + xfer->done, xfer->bytes - xfer->done,
			  &desc->host);
}

/* As the record says; without one, a copy starts anew, and an accumulate cannot. */
static bool fpr_xfer_settle_one(struct fpr_device *fdev, struct fpr_xfer *xfer,
				struct list_head *ended)
{
	struct fpr_record record;

	if (!fpr_hw_record(fdev, FPR_ENGINE_XFER, xfer->tag, xfer->fence_value, &record)) {
		xfer->error = xfer->desc.op == FPR_XFER_COPY ? 0 : -ECANCELED;
		return false;
	}
	xfer->served = record.state & FPR_RECORD_SERVED;
	if (record.state & FPR_RECORD_DONE) {
		fpr_xfer_settled(&fdev->xfer, xfer, record.state >> FPR_RECORD_STATUS_SHIFT, ended);
		return true;
	}
	/* Stopped between the last byte and saying so. */
	if (record.bytes == xfer->bytes - xfer->done)
		fpr_xfer_settled(&fdev->xfer, xfer, FPR_OK, ended);
	else
		xfer->error = fpr_xfer_advance(xfer, record.bytes);
	return false;
}

/*
 * Nobody else touches what is posted meanwhile, and registers are too slow to be read
 * under a spinlock. Returns true when the board had ended any.
 */
static bool fpr_xfer_settle(struct fpr_device *fdev, struct list_head *ended)
{
	struct fpr_xfer *xfer, *next;
	bool any = false;
	u8 dir;

	for (dir = 0; dir < FPR_DIRECTIONS; dir++) {
		list_for_each_entry_safe(xfer, next, &fdev->xfer.posted[dir], link) {
			xfer->served = false;
			if (!xfer->held)
				any |= fpr_xfer_settle_one(fdev, xfer, ended);
		}
	}
	return any;
}

/*
 * The engine has hung. What it was serving is under suspicion and is tried alone, one by
 * one; the one that hangs the engine then is guilty.
 */
static void fpr_xfer_accuse(struct fpr_xfer_queue *xq)
{
	struct fpr_xfer *xfer;
	bool served = false;
	u8 dir;

	if (xq->trial) {
		xq->trial->error = -ETIME;
		return;
	}
	for (dir = 0; dir < FPR_DIRECTIONS; dir++) {
		list_for_each_entry(xfer, &xq->posted[dir], link) {
			xfer->suspect = xfer->served;
			served |= xfer->served;
		}
	}
	for (dir = 0; !served && dir < FPR_DIRECTIONS; dir++) {
		xfer = fpr_xfer_head(xq, dir);
		if (xfer)
			xfer->suspect = true;
	}
}

/* End it with the error it has, or keep it for fpr_xfer_release(). */
static void fpr_xfer_hold(struct fpr_xfer_queue *xq, struct fpr_xfer *xfer, struct list_head *ended)
{
	struct fpr_ctx *ctx = xfer->batch->ctx;

	atomic_inc(xfer->error == -ETIME ? &ctx->hangs : &ctx->innocent);
	if (!xfer->error && fpr_ctx_banned(ctx))
		xfer->error = -ECANCELED;
	if (xfer->error) {
		fpr_xfer_unpost(xq, xfer);
		fpr_xfer_end(xfer, xfer->error, NULL, ended);
	} else {
		xq->held += !xfer->held;
		xfer->held = true;
	}
}

/* What waits behind the transfers that got their context banned would hang the engine next. */
static void fpr_xfer_drop_banned(struct fpr_xfer_queue *xq, struct list_head *ended)
{
	struct fpr_ctx *ctx, *next;
	u8 dir;

	for (dir = 0; dir < FPR_DIRECTIONS; dir++) {
		list_for_each_entry_safe(ctx, next, &xq->contexts[dir], xfer_link[dir]) {
			if (fpr_ctx_banned(ctx))
				fpr_xfer_drop_ready(ctx, dir, ended);
		}
	}
}

/**
 * fpr_xfer_repost() - start the engine again after a reset
 * @fdev: the board; the engine is off, its queue frozen
 * @hung: it had hung, so what it was serving is under suspicion
 */
void fpr_xfer_repost(struct fpr_device *fdev, bool hung)
{
	struct fpr_xfer_queue *xq = &fdev->xfer;
	struct fpr_xfer *xfer, *next;
	unsigned long flags;
	LIST_HEAD(ended);
	u8 dir;

	/* If a completion was lost, that is why it seemed to hang. */
	if (fpr_xfer_settle(fdev, &ended))
		hung = false;
	fpr_ring_start(&xq->ring);
	spin_lock_irqsave(&xq->lock, flags);
	spin_lock(&xq->ring.lock);
	memset(xq->tags, 0, xq->tag_count * sizeof(*xq->tags));
	if (hung)
		fpr_xfer_accuse(xq);
	for (dir = 0; dir < FPR_DIRECTIONS; dir++) {
		list_for_each_entry_safe(xfer, next, &xq->posted[dir], link)
			fpr_xfer_hold(xq, xfer, &ended);
	}
	xq->trial = NULL;
	fpr_xfer_drop_banned(xq, &ended);
	fpr_xfer_release(xq);
	spin_unlock(&xq->ring.lock);
	xq->frozen = false;
	fpr_xfer_pump(xq);
	spin_unlock_irqrestore(&xq->lock, flags);
	fpr_xfer_signal(&ended);
}

/**
 * fpr_xfer_fail_all() - end every posted and ready transfer
 * @fdev: the board; its rings are stopped
 * @error: why
 */
void fpr_xfer_fail_all(struct fpr_device *fdev, int error)
{
	struct fpr_xfer_queue *xq = &fdev->xfer;
	struct fpr_xfer *xfer, *next;
	struct fpr_ctx *ctx;
	unsigned long flags;
	LIST_HEAD(ended);
	u8 dir;

	spin_lock_irqsave(&xq->lock, flags);
	if (xq->tags)
		memset(xq->tags, 0, xq->tag_count * sizeof(*xq->tags));
	for (dir = 0; dir < FPR_DIRECTIONS; dir++) {
		list_for_each_entry_safe(xfer, next, &xq->posted[dir], link) {
			fpr_xfer_unpost(xq, xfer);
			fpr_xfer_end(xfer, error, NULL, &ended);
		}
		while ((ctx = list_first_entry_or_null(&xq->contexts[dir], struct fpr_ctx,
						       xfer_link[dir]))) {
			xfer = rb_entry(rb_first_cached(&ctx->ready[dir]), struct fpr_xfer, node);
			fpr_order_unready(xfer);
			fpr_xfer_end(xfer, error, NULL, &ended);
		}
	}
	spin_unlock_irqrestore(&xq->lock, flags);
	fpr_xfer_signal(&ended);
}
