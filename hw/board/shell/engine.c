/* SPDX-License-Identifier: MIT */
#include "engine.h"

#include "dma.h"

int fpr_engine_ready(const struct fpr_shell *shell, unsigned int engine)
{
	return fpr_core_ready(shell->core, engine) != 0;
}

int fpr_engine_stopping(const struct fpr_shell *shell, unsigned int engine)
{
	return __atomic_load_n(&shell->stop[engine], __ATOMIC_RELAXED) != 0;
}

uint64_t *fpr_engine_moved(struct fpr_shell *shell, unsigned int engine, uint32_t cookie)
{
	return &shell->core->record[engine][cookie % FPR_SHELL_RECORDS].bytes;
}

void fpr_engine_fail(struct fpr_shell *shell, unsigned int engine)
{
	fpr_shell_before(shell);
	fpr_core_fail(shell->core, engine);
	fpr_shell_after(shell);
}

/* ---- working ------------------------------------------------------------ */

void fpr_engine_work(struct fpr_shell *shell, unsigned int engine)
{
	shell->core->engine[engine].working++;
}

void fpr_engine_rest(struct fpr_shell *shell, unsigned int engine)
{
	fpr_shell_before(shell);
	shell->core->engine[engine].working--;
	fpr_core_settle(shell->core);
	fpr_shell_after(shell);
}

/* ---- the rings ---------------------------------------------------------- */

int fpr_engine_peek(struct fpr_shell *shell, unsigned int engine, void *desc, uint32_t bytes)
{
	const struct fpr_ring *ring = &shell->core->engine[engine].ring;

	if (!fpr_ring_waits(ring))
		return 0;
	if (fpr_dma_read(shell, fpr_ring_next(ring, bytes), desc, bytes)) {
		fpr_engine_fail(shell, engine);
		return 0;
	}
	return 1;
}

void fpr_engine_take(struct fpr_shell *shell, unsigned int engine, uint64_t fence, uint32_t cookie)
{
	fpr_shell_before(shell);
	fpr_core_take(shell->core, engine, fence, cookie);
	shell->stats.descriptors++;
}

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

/* The host may look at any time: the phase must not get there before the rest. */
static int post(struct fpr_shell *shell, uint64_t at, const struct fpr_completion *entry)
{
	const uint32_t body = offsetof(struct fpr_completion, phase);

	if (fpr_dma_write(shell, at, entry, body))
		return -1;
	__atomic_thread_fence(__ATOMIC_RELEASE);
	return fpr_dma_write(shell, at + body, &entry->phase, sizeof(entry->phase));
}

static void count_completion(struct fpr_shell *shell, unsigned int engine, uint32_t status)
{
	shell->stats.completions++;
	shell->stats.errors += status != FPR_OK;
	if (fpr_ring_idle(&shell->core->engine[engine].ring)) {
		shell->stats.rounds++;
		shell->stats.round_ns += shell->core->now - shell->rung[engine];
	}
}

void fpr_engine_complete(struct fpr_shell *shell, unsigned int engine,
			 const struct fpr_finished *finished)
{
	struct fpr_completion entry;
	uint64_t at;

	fpr_shell_before(shell);
	at = fpr_core_complete(shell->core, engine, finished, &entry);
	count_completion(shell, engine, finished->status);
	spoil(shell, engine, &entry);
	fpr_core_posted(shell->core, engine, post(shell, at, &entry) != 0);
	fpr_shell_after(shell);
}
