/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef FPR_ORDER_H
#define FPR_ORDER_H

/*
 * Transfers do not go through drm_gpu_scheduler, which assumes that what it runs
 * ends in order. Once the fences it waits for have signalled, a transfer is ready;
 * of the ready ones the next to be posted is that of the context which has moved
 * the fewest bytes, and of that context the most urgent, and of those the first. Only
 * what the board's table takes is posted, and the last entries of the table are kept
 * for what is more urgent than all that is posted.
 *
 * The board knows priorities only. So that nobody starves another with them, a context that
 * has been given FPR_XFER_LEAD bytes more than another which has work, ready or on the board,
 * has to wait: then nothing of it comes before what the other has there. Bytes count when they
 * are posted. A context that starts is as far as the one served last, and no further behind
 * any other than the lead: what others did without it is no debt of theirs. Contexts of high
 * priority, a privilege, come first and take no part in this.
 *
 * Nothing here touches a device, so the unit tests take it as it is.
 */

#include "fpr_ctx.h"
#include "fpr_xfer.h"

static inline bool fpr_order_before(struct rb_node *a, const struct rb_node *b)
{
	const struct fpr_xfer *x = rb_entry(a, struct fpr_xfer, node);
	const struct fpr_xfer *y = rb_entry(b, struct fpr_xfer, node);

	if (x->priority != y->priority)
		return x->priority < y->priority;
	return x->arrival < y->arrival;
}

static inline bool fpr_order_exempt(const struct fpr_ctx *ctx)
{
	return ctx->priority == DRM_FPR_PRIORITY_HIGH;
}

/* A context has work again. Time spent without earns no credit. */
static inline void fpr_order_join(struct fpr_xfer_queue *xq, struct fpr_ctx *ctx, u8 dir)
{
	u64 start = max(ctx->vtime[dir], xq->vtime[dir]);
	struct fpr_ctx *other;

	list_for_each_entry(other, &xq->contexts[dir], xfer_link[dir]) {
		if (!fpr_order_exempt(other) && other->vtime[dir] > start + FPR_XFER_LEAD)
			start = other->vtime[dir] - FPR_XFER_LEAD;
	}
	ctx->vtime[dir] = start;
	list_add_tail(&ctx->xfer_link[dir], &xq->contexts[dir]);
}

static inline void fpr_order_leave(struct fpr_ctx *ctx, u8 dir)
{
	if (RB_EMPTY_ROOT(&ctx->ready[dir].rb_root) && !ctx->posted[dir])
		list_del_init(&ctx->xfer_link[dir]);
}

/**
 * fpr_order_ready() - nothing keeps a transfer from being posted any more
 * @xq: the queue; the caller holds its lock
 * @xfer: waited for nothing, or has waited
 */
static inline void fpr_order_ready(struct fpr_xfer_queue *xq, struct fpr_xfer *xfer)
{
	struct fpr_ctx *ctx = xfer->batch->ctx;
	u8 dir = xfer->direction;

	xfer->arrival = xq->arrival++;
	if (list_empty(&ctx->xfer_link[dir]))
		fpr_order_join(xq, ctx, dir);
	rb_add_cached(&xfer->node, &ctx->ready[dir], fpr_order_before);
}

/**
 * fpr_order_unready() - a ready transfer is posted or cancelled
 * @xfer: the transfer; the caller holds the queue's lock
 */
static inline void fpr_order_unready(struct fpr_xfer *xfer)
{
	struct fpr_ctx *ctx = xfer->batch->ctx;
	u8 dir = xfer->direction;

	rb_erase_cached(&xfer->node, &ctx->ready[dir]);
	RB_CLEAR_NODE(&xfer->node);
	fpr_order_leave(ctx, dir);
}

static inline u32 fpr_order_bar(struct fpr_xfer_queue *xq, u8 dir)
{
	struct fpr_xfer *xfer;
	u32 bar = U16_MAX + 1;

	if (xq->posted_count[dir] + FPR_XFER_RESERVE < xq->limit || xq->limit <= FPR_XFER_RESERVE)
		return bar;
	list_for_each_entry(xfer, &xq->posted[dir], link)
		bar = min_t(u32, bar, xfer->priority);
	return bar;
}

/* How far contexts with work may have come before they have to wait for the last of them. */
static inline u64 fpr_order_horizon(struct fpr_xfer_queue *xq, u8 dir)
{
	struct fpr_ctx *ctx;
	u64 least = U64_MAX - FPR_XFER_LEAD;

	list_for_each_entry(ctx, &xq->contexts[dir], xfer_link[dir])
		if (!fpr_order_exempt(ctx))
			least = min(least, ctx->vtime[dir]);
	return least + FPR_XFER_LEAD;
}

static inline bool fpr_order_sooner(const struct fpr_ctx *ctx, const struct fpr_ctx *than, u8 dir)
{
	if (fpr_order_exempt(ctx) != fpr_order_exempt(than))
		return fpr_order_exempt(ctx);
	return ctx->vtime[dir] < than->vtime[dir];
}

/**
 * fpr_order_choose() - which transfer is the next to be posted?
 * @xq: the queue; the caller holds its lock
 * @dir: DRM_FPR_TO_*
 * Return: a ready transfer, or NULL: there is none that may be posted now
 */
static inline struct fpr_xfer *fpr_order_choose(struct fpr_xfer_queue *xq, u8 dir)
{
	struct fpr_xfer *best = NULL;
	struct fpr_ctx *ctx;
	u64 horizon;
	u32 bar;

	if (list_empty(&xq->contexts[dir]) || xq->posted_count[dir] >= xq->limit)
		return NULL;
	bar = fpr_order_bar(xq, dir);
	horizon = fpr_order_horizon(xq, dir);
	list_for_each_entry(ctx, &xq->contexts[dir], xfer_link[dir]) {
		struct rb_node *first = rb_first_cached(&ctx->ready[dir]);
		struct fpr_xfer *xfer = rb_entry_safe(first, struct fpr_xfer, node);

		if (!xfer || xfer->priority >= bar)
			continue;
		if (ctx->vtime[dir] > horizon && !fpr_order_exempt(ctx))
			continue;
		if (!best || fpr_order_sooner(ctx, best->batch->ctx, dir))
			best = xfer;
	}
	return best;
}

/**
 * fpr_order_post() - a transfer goes to the board: its context has had its bytes
 * @xq: the queue; the caller holds its lock
 * @xfer: from fpr_order_choose()
 */
static inline void fpr_order_post(struct fpr_xfer_queue *xq, struct fpr_xfer *xfer)
{
	struct fpr_ctx *ctx = xfer->batch->ctx;
	u8 dir = xfer->direction;

	if (!fpr_order_exempt(ctx)) {
		xq->vtime[dir] = max(xq->vtime[dir], ctx->vtime[dir]);
		ctx->vtime[dir] += max_t(u64, xfer->bytes, FPR_XFER_LEAST);
	}
	ctx->posted[dir]++;
	fpr_order_unready(xfer);
	list_add_tail(&xfer->link, &xq->posted[dir]);
	xq->posted_count[dir]++;
}

/**
 * fpr_order_unpost() - the board has it no more
 * @xq: the queue; the caller holds its lock
 * @xfer: posted; the caller takes it off the list
 */
static inline void fpr_order_unpost(struct fpr_xfer_queue *xq, struct fpr_xfer *xfer)
{
	struct fpr_ctx *ctx = xfer->batch->ctx;

	xq->posted_count[xfer->direction]--;
	ctx->posted[xfer->direction]--;
	fpr_order_leave(ctx, xfer->direction);
}

#endif
