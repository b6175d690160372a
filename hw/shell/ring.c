/* SPDX-License-Identifier: MIT */
#include "dma.h"
#include "engine.h"

/* Entries of a ring in use; a full ring has one less than its size. */
static uint32_t used(uint32_t head, uint32_t tail, uint32_t mask)
{
	return (tail - head) & mask;
}

/* Descriptors under way, each with a completion slot of its own, so that posting never waits. */
static int slot_free(const struct fpr_ring *ring)
{
	return used(ring->cq_head, ring->cq_tail, ring->cq_mask) + ring->taken < ring->cq_mask;
}

int fpr_ring_peek(struct fpr_shell *shell, unsigned int engine, void *desc, uint32_t bytes)
{
	struct fpr_ring *ring = &shell->engine[engine].ring;

	if (ring->sq_head == ring->sq_tail || !slot_free(ring))
		return 0;
	if (fpr_dma_read(shell, ring->sq + (uint64_t)ring->sq_head * bytes, desc, bytes)) {
		fpr_engine_fail(shell, engine);
		return 0;
	}
	return 1;
}

void fpr_ring_take(struct fpr_shell *shell, unsigned int engine)
{
	struct fpr_engine *e = &shell->engine[engine];

	e->ring.sq_head = (e->ring.sq_head + 1) & e->ring.sq_mask;
	e->ring.taken++;
	shell->stats.descriptors++;
	if (!e->busy) {
		e->busy = 1;
		e->busy_since = shell->config.ops->now(shell->config.ctx);
	}
}

static int idle(const struct fpr_engine *e)
{
	return e->ring.sq_head == e->ring.sq_tail && !e->ring.taken;
}

static void settle_busy(struct fpr_shell *shell, unsigned int engine)
{
	struct fpr_engine *e = &shell->engine[engine];

	if (e->ring.taken)
		return;
	e->busy_ns = fpr_engine_busy_ns(shell, engine);
	e->busy = 0;
}

/* ---- records ------------------------------------------------------------ */

struct fpr_record *fpr_record_of(struct fpr_shell *shell, unsigned int engine, uint32_t cookie)
{
	return &shell->record[engine][cookie % FPR_SHELL_RECORDS];
}

void fpr_record_take(struct fpr_shell *shell, unsigned int engine, uint64_t fence, uint32_t cookie)
{
	struct fpr_record *record = fpr_record_of(shell, engine, cookie);

	record->fence = fence;
	record->state = FPR_RECORD_TAKEN;
	__atomic_store_n(&record->bytes, 0, __ATOMIC_RELAXED);
}

void fpr_record_end(struct fpr_shell *shell, unsigned int engine, uint32_t cookie,
		    enum fpr_status status)
{
	fpr_record_of(shell, engine, cookie)->state =
		FPR_RECORD_TAKEN | FPR_RECORD_DONE | (uint32_t)status << FPR_RECORD_STATUS_SHIFT;
}

/* ---- completions -------------------------------------------------------- */

static void spoil(struct fpr_shell *shell, unsigned int engine, struct fpr_completion *entry)
{
	struct fpr_engine_faults *faults = &shell->faults.engine[engine];

	if (!fpr_fault_due(&faults->corrupt_in))
		return;
	shell->stats.faults_injected++;
	if (faults->corrupt == FPR_CORRUPT_FENCE)
		entry->fence = ~entry->fence;
	else if (faults->corrupt == FPR_CORRUPT_COOKIE)
		entry->cookie = ~entry->cookie;
	else
		entry->phase ^= 1;
}

static int post(struct fpr_shell *shell, unsigned int engine, struct fpr_completion *entry)
{
	struct fpr_ring *ring = &shell->engine[engine].ring;
	const uint32_t body = offsetof(struct fpr_completion, phase);
	uint64_t at = ring->cq + (uint64_t)ring->cq_tail * sizeof(*entry);

	entry->phase = (fpr_le16)ring->phase;
	spoil(shell, engine, entry);
	/* The host may look at any time: the phase must not get there before the rest. */
	if (fpr_dma_write(shell, at, entry, body))
		return 0;
	__atomic_thread_fence(__ATOMIC_RELEASE);
	if (fpr_dma_write(shell, at + body, &entry->phase, sizeof(entry->phase)))
		return 0;
	ring->cq_tail = (ring->cq_tail + 1) & ring->cq_mask;
	ring->phase ^= ring->cq_tail == 0;
	return 1;
}

void fpr_ring_complete(struct fpr_shell *shell, unsigned int engine,
		       const struct fpr_finished *finished)
{
	struct fpr_engine *e = &shell->engine[engine];
	struct fpr_completion entry = {
		.fence = finished->fence,
		.time = shell->config.ops->now(shell->config.ctx) - shell->epoch,
		.cookie = finished->cookie,
		.sq_head = e->ring.sq_head,
		.cycles = (fpr_le32)finished->cycles,
		.status = (fpr_le16)finished->status,
	};

	fpr_record_end(shell, engine, finished->cookie, finished->status);
	e->ring.taken--;
	settle_busy(shell, engine);
	e->last = finished->status;
	e->jobs++;
	shell->stats.completions++;
	shell->stats.errors += finished->status != FPR_OK;
	if (idle(e)) {
		shell->stats.rounds++;
		shell->stats.round_ns += shell->config.ops->now(shell->config.ctx) - e->rung;
	}
	if (post(shell, engine, &entry))
		fpr_irq_set(shell, engine);
	else
		fpr_engine_fail(shell, engine);
}

/* A hung engine still has its doorbells. */
static int listens(const struct fpr_engine *e)
{
	return e->enabled && !e->error && !e->resetting;
}

void fpr_ring_submitted(struct fpr_shell *shell, unsigned int engine, uint32_t tail)
{
	struct fpr_engine *e = &shell->engine[engine];

	if (!listens(e))
		return;
	if (tail > e->ring.sq_mask) {
		fpr_engine_fail(shell, engine);
		return;
	}
	if (idle(e))
		e->rung = shell->config.ops->now(shell->config.ctx);
	e->ring.sq_tail = tail;
	shell->config.ops->wake(shell->config.ctx);
}

void fpr_ring_consumed(struct fpr_shell *shell, unsigned int engine, uint32_t head)
{
	struct fpr_engine *e = &shell->engine[engine];
	struct fpr_ring *ring = &e->ring;

	if (!listens(e))
		return;
	if (head > ring->cq_mask || used(ring->cq_head, head, ring->cq_mask) >
					    used(ring->cq_head, ring->cq_tail, ring->cq_mask)) {
		fpr_engine_fail(shell, engine);
		return;
	}
	ring->cq_head = head;
	fpr_irq_clear(shell, 1u << engine);
	/* What came after the host's last look wants another one. */
	if (ring->cq_head != ring->cq_tail)
		fpr_irq_set(shell, engine);
	shell->config.ops->wake(shell->config.ctx);
}
