// SPDX-License-Identifier: GPL-2.0 OR MIT
#include <linux/dma-mapping.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <drm/drm_managed.h>

#include "fpr_hw.h"
#include "fpr_mac.h"
#include "fpr_range.h"
#include "fpr_reset.h"
#include "fpr_ring.h"
#include "fpr_trace.h"

/* Enough that a full call may run while another is prepared. */
#define FPR_MAC_ORDER 10

/**
 * fpr_mac_init() - rings and tables of the array
 * @fdev: the board, identified
 * Return: 0 or -ENOMEM
 */
int fpr_mac_init(struct fpr_device *fdev)
{
	struct fpr_mac_queue *mac = &fdev->mac;
	struct device *dev = &fdev->pdev->dev;
	int ret;

	INIT_LIST_HEAD(&mac->posted);
	mac->context = dma_fence_context_alloc(1);
	ret = fpr_ring_init(&mac->ring, fdev, FPR_ENGINE_MAC,
			    min_t(u32, FPR_MAC_ORDER, fdev->caps.ring_order),
			    sizeof(struct fpr_mac_desc));
	if (ret)
		return ret;
	mac->slots = kvcalloc(mac->ring.entries, sizeof(*mac->slots), GFP_KERNEL);
	mac->results = dma_alloc_coherent(dev, mac->ring.entries * sizeof(*mac->results),
					  &mac->results_dma, GFP_KERNEL);
	if (mac->slots && mac->results)
		return 0;
	fpr_mac_fini(fdev);
	return -ENOMEM;
}

/**
 * fpr_mac_fini() - give them back
 * @fdev: the board, whose array is off
 */
void fpr_mac_fini(struct fpr_device *fdev)
{
	struct fpr_mac_queue *mac = &fdev->mac;

	if (mac->results)
		dma_free_coherent(&fdev->pdev->dev, mac->ring.entries * sizeof(*mac->results),
				  mac->results, mac->results_dma);
	mac->results = NULL;
	kvfree(mac->slots);
	mac->slots = NULL;
	fpr_ring_fini(&mac->ring);
}

/* ---- jobs -------------------------------------------------------------- */

static void fpr_mac_job_release(struct work_struct *work)
{
	struct fpr_mac_job *job = container_of(work, struct fpr_mac_job, release);
	struct drm_device *drm = &job->fdev->drm;
	u32 i, o;

	for (i = 0; i < job->count; i++) {
		for (o = 0; o < FPR_OPERANDS; o++)
			fpr_bo_put(job->items[i].bo[o]);
		fpr_bo_put(job->items[i].result.bo);
	}
	for (i = 0; i < job->in_count; i++)
		dma_fence_put(job->in[i]);
	kvfree(job->in);
	if (!job->posted)
		fpr_fence_abandon(job->hw);
	fpr_ctx_put(job->ctx);
	kvfree(job);
	drm_dev_put(drm);
	module_put(THIS_MODULE);
}

/**
 * fpr_mac_job_alloc() - memory for the jobs of one call
 * @fdev: the board
 * @ctx: the context
 * @count: matrix jobs
 *
 * All that the job will need is allocated here: once its fence is public, nothing
 * on its way may wait for memory.
 *
 * Return: the job, or NULL
 */
struct fpr_mac_job *fpr_mac_job_alloc(struct fpr_device *fdev, struct fpr_ctx *ctx, u32 count)
{
	struct fpr_mac_job *job = kvzalloc(struct_size(job, items, count), GFP_KERNEL);

	if (!job)
		return NULL;
	job->hw = fpr_fence_alloc();
	if (!job->hw) {
		kvfree(job);
		return NULL;
	}
	job->count = count;
	INIT_LIST_HEAD(&job->link);
	INIT_WORK(&job->release, fpr_mac_job_release);
	job->fdev = fdev;
	job->ctx = fpr_ctx_get(ctx);
	drm_dev_get(&fdev->drm);
	__module_get(THIS_MODULE);
	return job;
}

/**
 * fpr_mac_job_free() - let go of a job, from any context that may not sleep either
 * @job: ended, or never armed
 *
 * The last reference to the device must not be dropped from the scheduler's own work,
 * which freeing the device waits for.
 */
void fpr_mac_job_free(struct fpr_mac_job *job)
{
	queue_work(fpr_release_wq, &job->release);
}

static void fpr_mac_item_end(struct fpr_mac_job *job, int status,
			     const struct fpr_completion *completion, u32 slot)
{
	struct fpr_mac_queue *mac = &job->fdev->mac;
	struct fpr_mac_item *item = &job->items[job->next];
	const struct fpr_mac_result *counters = NULL;
	struct fpr_ctx *ctx = job->ctx;
	unsigned long flags;
	u64 now = ktime_get_ns();

	if (completion && item->desc.opcode == FPR_OP_GEMM && !status &&
	    !(item->desc.flags & FPR_MAC_NO_COUNTERS))
		counters = &mac->results[slot];
	fpr_result_write(&item->result, status, completion, counters);
	spin_lock_irqsave(&ctx->stat_lock, flags);
	ctx->stat.jobs++;
	ctx->stat.failed += !!status;
	if (counters)
		ctx->stat.cycles += le64_to_cpu(counters->counters[0]);
	else if (completion)
		ctx->stat.cycles += le32_to_cpu(completion->cycles);
	if (item->result.started_ns) {
		u64 busy = now - max(item->result.started_ns, mac->last_end);

		ctx->stat.busy_ns += busy;
		ctx->engine_ns[FPR_ENGINE_MAC] += busy;
		mac->last_end = now;
	}
	spin_unlock_irqrestore(&ctx->stat_lock, flags);
	if (status && !job->error)
		job->error = status;
	job->next++;
	trace_fpr_job_end(job, job->next - 1, status);
}

/**
 * fpr_mac_job_cancel() - write the outcome of whatever has not ended
 * @job: not on the board
 * @error: of its first such item; later ones are cancelled
 */
void fpr_mac_job_cancel(struct fpr_mac_job *job, int error)
{
	while (job->next < job->count) {
		fpr_mac_item_end(job, error, NULL, 0);
		if (error != -ENODEV)
			error = -ECANCELED;
	}
}

/* ---- posting ----------------------------------------------------------- */

static void fpr_mac_write_item(struct fpr_mac_queue *mac, struct fpr_mac_job *job, u32 i, u64 now)
{
	struct fpr_ring *ring = &mac->ring;
	struct fpr_mac_item *item = &job->items[i];
	struct fpr_mac_desc *desc = (struct fpr_mac_desc *)ring->sq + ring->tail;
	u32 slot = ring->tail;

	item->result.started_ns = now;
	mac->slots[slot].job = job;
	mac->slots[slot].item = i;
	mac->slots[slot].fence = ++mac->next_fence;
	item->slot = slot;
	item->fence_value = mac->next_fence;
	*desc = item->desc;
	desc->cookie = cpu_to_le32(slot);
	desc->fence = cpu_to_le64(mac->next_fence);
	if (desc->opcode == FPR_OP_GEMM && !(desc->flags & FPR_MAC_NO_COUNTERS))
		desc->result = cpu_to_le64(mac->results_dma + slot * sizeof(*mac->results));
	if (i > job->next && (job->fdev->caps.caps & FPR_CAPS_CHAIN))
		desc->flags |= FPR_MAC_CHAINED;
	ring->tail = fpr_ring_next(ring->tail, ring->entries);
}

static void fpr_mac_write_job(struct fpr_mac_queue *mac, struct fpr_mac_job *job)
{
	u64 now = ktime_get_ns();
	u32 i;

	for (i = job->next; i < job->count; i++)
		fpr_mac_write_item(mac, job, i, now);
}

/**
 * fpr_mac_post() - hand a job to the board
 * @job: the scheduler has counted its items against the ring, so there is room
 * Return: 0; -ENODEV, -EIO: there is no board to hand it to
 */
int fpr_mac_post(struct fpr_mac_job *job)
{
	struct fpr_device *fdev = job->fdev;
	struct fpr_mac_queue *mac = &fdev->mac;
	unsigned long flags;
	int ret = 0;

	spin_lock_irqsave(&mac->ring.lock, flags);
	if (!mac->ring.running) {
		ret = fdev->gone ? -ENODEV : -EIO;
	} else {
		fpr_fence_init(job->hw, mac->context, ++mac->seqno);
		job->posted = true;
		/* The scheduler's reference; ours is dropped when the job ends. */
		dma_fence_get(&job->hw->base);
		list_add_tail(&job->link, &mac->posted);
		fpr_mac_write_job(mac, job);
		fpr_ring_doorbell(&mac->ring);
	}
	spin_unlock_irqrestore(&mac->ring.lock, flags);
	return ret;
}

/* ---- completing -------------------------------------------------------- */

/* The board works in order: anything but the oldest descriptor is nonsense. */
static bool fpr_mac_take(struct fpr_mac_queue *mac, const struct fpr_completion *c)
{
	u32 slot = le32_to_cpu(c->cookie);
	struct fpr_mac_job *job = list_first_entry_or_null(&mac->posted, typeof(*job), link);

	if (!job || slot >= mac->ring.entries || mac->slots[slot].job != job ||
	    mac->slots[slot].item != job->next || mac->slots[slot].fence != le64_to_cpu(c->fence))
		return false;
	mac->slots[slot].job = NULL;
	fpr_mac_item_end(job, fpr_hw_status_errno(le16_to_cpu(c->status)), c, slot);
	return true;
}

static void fpr_mac_signal(struct list_head *ended)
{
	struct fpr_mac_job *job, *next;

	/* The scheduler may free a job as soon as its fence has signalled. */
	list_for_each_entry_safe(job, next, ended, link) {
		list_del_init(&job->link);
		fpr_fence_end(job->hw, job->error);
	}
}

/**
 * fpr_mac_poll() - take what the array has completed; any context
 * @fdev: the board
 * Return: true when there was something
 */
bool fpr_mac_poll(struct fpr_device *fdev)
{
	struct fpr_mac_queue *mac = &fdev->mac;
	struct fpr_completion completion;
	struct fpr_mac_job *job;
	unsigned long flags;
	LIST_HEAD(ended);
	bool any = false, corrupt = false;

	spin_lock_irqsave(&mac->ring.lock, flags);
	while (fpr_ring_pop(&mac->ring, &completion)) {
		any = true;
		if (!fpr_mac_take(mac, &completion)) {
			corrupt = true;
			mac->ring.corrupt++;
			continue;
		}
		job = list_first_entry(&mac->posted, typeof(*job), link);
		if (job->next == job->count)
			list_move_tail(&job->link, &ended);
	}
	if (any)
		fpr_ring_ack(&mac->ring);
	spin_unlock_irqrestore(&mac->ring.lock, flags);
	fpr_mac_signal(&ended);
	if (corrupt)
		fpr_reset_request(fdev, "corrupt completion of the array");
	return any;
}

/* Take the outcome of a job's next item from its record; false: it has not ended. */
static bool fpr_mac_settle_item(struct fpr_device *fdev, struct fpr_mac_job *job)
{
	struct fpr_mac_queue *mac = &fdev->mac;
	struct fpr_mac_item *item = &job->items[job->next];
	struct fpr_completion completion = {};
	struct fpr_record record;
	unsigned long flags;

	if (!fpr_hw_record(fdev, FPR_ENGINE_MAC, item->slot, item->fence_value, &record))
		record.state = FPR_RECORD_TORN;
	mac->torn = record.state & FPR_RECORD_TORN;
	if (!(record.state & FPR_RECORD_DONE))
		return false;
	completion.status = cpu_to_le16(record.state >> FPR_RECORD_STATUS_SHIFT);
	spin_lock_irqsave(&mac->ring.lock, flags);
	fpr_mac_item_end(job, fpr_hw_status_errno(le16_to_cpu(completion.status)), &completion,
			 item->slot);
	spin_unlock_irqrestore(&mac->ring.lock, flags);
	return true;
}

/**
 * fpr_mac_settle() - end what the array has ended, although no completion said so
 * @fdev: the board; the array was reset and is off, its ring and the scheduler stopped
 *
 * Nobody else touches the posted jobs meanwhile, and registers are too slow to be read under
 * a spinlock.
 *
 * Return: true when there was something
 */
bool fpr_mac_settle(struct fpr_device *fdev)
{
	struct fpr_mac_queue *mac = &fdev->mac;
	struct fpr_mac_job *job, *next;
	unsigned long flags;
	LIST_HEAD(ended);
	bool any = false;

	list_for_each_entry_safe(job, next, &mac->posted, link) {
		while (job->next < job->count && fpr_mac_settle_item(fdev, job))
			any = true;
		if (job->next < job->count)
			break;
		spin_lock_irqsave(&mac->ring.lock, flags);
		list_move_tail(&job->link, &ended);
		spin_unlock_irqrestore(&mac->ring.lock, flags);
	}
	fpr_mac_signal(&ended);
	return any;
}

/*
 * Why a job may not run again, or 0. The one that was being worked on may have
 * written some of C; adding to that once more would be wrong.
 */
static int fpr_mac_again(struct fpr_mac_job *job, bool guilty, bool first)
{
	if (guilty)
		return -ETIME;
	atomic_inc(&job->ctx->innocent);
	/* The board, or run_job, would not have run it either. */
	if (job->error || fpr_ctx_banned(job->ctx))
		return -ECANCELED;
	return first && job->fdev->mac.torn && job->items[job->next].desc.accumulate ? -ECANCELED :
										       0;
}

/**
 * fpr_mac_repost() - start the array again after a reset
 * @fdev: the board, settled; the array is off and the scheduler stopped
 * @guilty: the job whose item hung, or NULL
 *
 * The array takes one descriptor at a time, so those behind the one it was at have
 * not begun and may run again.
 */
void fpr_mac_repost(struct fpr_device *fdev, struct fpr_mac_job *guilty)
{
	struct fpr_mac_queue *mac = &fdev->mac;
	struct fpr_mac_job *job, *next;
	unsigned long flags;
	LIST_HEAD(ended);
	bool first = true;
	int error;

	fpr_ring_start(&mac->ring);
	spin_lock_irqsave(&mac->ring.lock, flags);
	memset(mac->slots, 0, mac->ring.entries * sizeof(*mac->slots));
	list_for_each_entry_safe(job, next, &mac->posted, link) {
		error = fpr_mac_again(job, job == guilty, first);
		first = false;
		if (error) {
			fpr_mac_job_cancel(job, error);
			list_move_tail(&job->link, &ended);
		} else {
			fpr_mac_write_job(mac, job);
		}
	}
	if (!list_empty(&mac->posted))
		fpr_ring_doorbell(&mac->ring);
	spin_unlock_irqrestore(&mac->ring.lock, flags);
	fpr_mac_signal(&ended);
}

/**
 * fpr_mac_fail_all() - end every posted job, as the board never will
 * @fdev: the board; its rings are stopped
 * @error: why
 */
void fpr_mac_fail_all(struct fpr_device *fdev, int error)
{
	struct fpr_mac_queue *mac = &fdev->mac;
	struct fpr_mac_job *job;
	unsigned long flags;
	LIST_HEAD(ended);

	spin_lock_irqsave(&mac->ring.lock, flags);
	list_for_each_entry(job, &mac->posted, link)
		fpr_mac_job_cancel(job, error);
	list_splice_init(&mac->posted, &ended);
	spin_unlock_irqrestore(&mac->ring.lock, flags);
	fpr_mac_signal(&ended);
}
