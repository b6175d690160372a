// SPDX-License-Identifier: GPL-2.0 OR MIT
#include <linux/dma-mapping.h>

#include "fpr_hw.h"
#include "fpr_range.h"
#include "fpr_ring.h"

/**
 * fpr_ring_init() - memory for an engine's rings
 * @ring: filled in
 * @fdev: the board
 * @engine: FPR_ENGINE_*
 * @order: log2 of entries
 * @desc_bytes: size of a descriptor
 *
 * No more descriptors may be outstanding than @entries - 1, which the queues
 * see to; then neither ring can overflow.
 *
 * Return: 0 or -ENOMEM
 */
int fpr_ring_init(struct fpr_ring *ring, struct fpr_device *fdev, u32 engine, u32 order,
		  size_t desc_bytes)
{
	struct device *dev = &fdev->pdev->dev;

	spin_lock_init(&ring->lock);
	ring->fdev = fdev;
	ring->engine = engine;
	ring->order = order;
	ring->entries = 1u << order;
	ring->sq_bytes = PAGE_ALIGN(ring->entries * desc_bytes);
	ring->sq = dma_alloc_coherent(dev, ring->sq_bytes, &ring->sq_dma, GFP_KERNEL);
	if (!ring->sq)
		return -ENOMEM;
	ring->cq = dma_alloc_coherent(dev, PAGE_ALIGN(ring->entries * sizeof(*ring->cq)),
				      &ring->cq_dma, GFP_KERNEL);
	if (!ring->cq) {
		fpr_ring_fini(ring);
		return -ENOMEM;
	}
	return 0;
}

/**
 * fpr_ring_fini() - give the memory back
 * @ring: of an engine that is off, or whose board can no longer reach memory
 */
void fpr_ring_fini(struct fpr_ring *ring)
{
	struct device *dev = &ring->fdev->pdev->dev;

	if (ring->cq)
		dma_free_coherent(dev, PAGE_ALIGN(ring->entries * sizeof(*ring->cq)), ring->cq,
				  ring->cq_dma);
	if (ring->sq)
		dma_free_coherent(dev, ring->sq_bytes, ring->sq, ring->sq_dma);
	ring->cq = NULL;
	ring->sq = NULL;
}

/**
 * fpr_ring_start() - enable an engine that is off, with empty rings
 * @ring: its rings
 */
void fpr_ring_start(struct fpr_ring *ring)
{
	struct fpr_device *fdev = ring->fdev;
	u32 base = FPR_REG_ENGINE(ring->engine);
	unsigned long flags;

	spin_lock_irqsave(&ring->lock, flags);
	/* An entry of an earlier life could carry the right phase bit. */
	memset(ring->cq, 0, ring->entries * sizeof(*ring->cq));
	ring->tail = 0;
	ring->cq_head = 0;
	ring->phase = 1;
	ring->corrupt = 0;
	fpr_write(fdev, base + FPR_ENG_SQ_LO, lower_32_bits(ring->sq_dma));
	fpr_write(fdev, base + FPR_ENG_SQ_HI, upper_32_bits(ring->sq_dma));
	fpr_write(fdev, base + FPR_ENG_CQ_LO, lower_32_bits(ring->cq_dma));
	fpr_write(fdev, base + FPR_ENG_CQ_HI, upper_32_bits(ring->cq_dma));
	fpr_write(fdev, base + FPR_ENG_SQ_ORDER, ring->order);
	fpr_write(fdev, base + FPR_ENG_CQ_ORDER, ring->order);
	/* Left set, it would swallow the first interrupt. */
	fpr_write(fdev, FPR_REG_IRQ_STATUS, BIT(ring->engine));
	fpr_write(fdev, base + FPR_ENG_CTRL, FPR_ENG_CTRL_ENABLE);
	ring->moved_at = jiffies;
	ring->unseen = false;
	ring->running = true;
	spin_unlock_irqrestore(&ring->lock, flags);
}

/**
 * fpr_ring_stop() - believe no more completions, post no more descriptors
 * @ring: the rings
 */
void fpr_ring_stop(struct fpr_ring *ring)
{
	unsigned long flags;

	spin_lock_irqsave(&ring->lock, flags);
	ring->running = false;
	spin_unlock_irqrestore(&ring->lock, flags);
}

/**
 * fpr_ring_resume() - go on after fpr_ring_stop(), with the engine as it was
 * @ring: the rings; the caller then looks for what came meanwhile
 */
void fpr_ring_resume(struct fpr_ring *ring)
{
	unsigned long flags;

	spin_lock_irqsave(&ring->lock, flags);
	ring->running = true;
	spin_unlock_irqrestore(&ring->lock, flags);
}

/**
 * fpr_ring_doorbell() - tell the board how far the submission ring is filled
 * @ring: the rings; the caller holds @ring->lock
 */
void fpr_ring_doorbell(struct fpr_ring *ring)
{
	lockdep_assert_held(&ring->lock);
	/* iowrite32 orders the descriptors before the doorbell. */
	fpr_write(ring->fdev, FPR_REG_SQ_TAIL(ring->engine), ring->tail);
	ring->doorbells++;
}

/**
 * fpr_ring_pop() - take the next completion
 * @ring: the rings; the caller holds @ring->lock
 * @completion: filled in, a copy: the board may not change its mind
 * Return: false when there is none
 */
bool fpr_ring_pop(struct fpr_ring *ring, struct fpr_completion *completion)
{
	const struct fpr_completion *entry = &ring->cq[ring->cq_head];

	lockdep_assert_held(&ring->lock);
	if (!ring->running || (le16_to_cpu(READ_ONCE(entry->phase)) & 1) != ring->phase)
		return false;
	/* The phase bit is written last: the rest is there once it is. */
	dma_rmb();
	*completion = *entry;
	ring->phase = fpr_phase_after(ring->cq_head, ring->entries, ring->phase);
	ring->cq_head = fpr_ring_next(ring->cq_head, ring->entries);
	ring->completions++;
	return true;
}

/**
 * fpr_ring_ack() - give the completions taken back to the board
 * @ring: the rings; the caller holds @ring->lock
 */
void fpr_ring_ack(struct fpr_ring *ring)
{
	lockdep_assert_held(&ring->lock);
	fpr_write(ring->fdev, FPR_REG_CQ_HEAD(ring->engine), ring->cq_head);
}

/**
 * fpr_ring_overlooked() - has a completion lain here since the last call?
 * @ring: the rings
 * Return: true when its interrupt must have been lost
 */
bool fpr_ring_overlooked(struct fpr_ring *ring)
{
	const struct fpr_completion *entry;
	unsigned long flags;
	bool unseen, ret;

	spin_lock_irqsave(&ring->lock, flags);
	entry = &ring->cq[ring->cq_head];
	unseen = ring->running && (le16_to_cpu(READ_ONCE(entry->phase)) & 1) == ring->phase;
	ret = unseen && ring->unseen && ring->unseen_at == ring->completions;
	ring->unseen = unseen;
	ring->unseen_at = ring->completions;
	spin_unlock_irqrestore(&ring->lock, flags);
	return ret;
}

/**
 * fpr_ring_stuck() - has an engine with work stood still?
 * @ring: its rings
 * @idle: it has no work
 * @ms: for this long
 *
 * To be called much more often than every @ms. Waiting behind other work is not
 * standing still: the engine's own counter, of tiles or bytes, decides.
 *
 * Return: true when it has
 */
bool fpr_ring_stuck(struct fpr_ring *ring, bool idle, unsigned int ms)
{
	u64 progress = fpr_read64(ring->fdev, FPR_REG_ENGINE(ring->engine) + FPR_ENG_PROGRESS_LO) +
		       READ_ONCE(ring->completions);

	if (idle || progress != ring->progress) {
		ring->progress = progress;
		WRITE_ONCE(ring->moved_at, jiffies);
		return false;
	}
	return time_after(jiffies, READ_ONCE(ring->moved_at) + msecs_to_jiffies(ms));
}
