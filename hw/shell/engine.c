/* SPDX-License-Identifier: MIT */
#include "engine.h"

#include <string.h>

#define RING_ALIGN 4096

int fpr_engine_ready(const struct fpr_shell *shell, unsigned int engine)
{
	const struct fpr_engine *e = &shell->engine[engine];

	return e->enabled && !e->error && !e->resetting && !e->hung && !shell->fatal;
}

int fpr_engine_stopping(const struct fpr_shell *shell, unsigned int engine)
{
	return __atomic_load_n(&shell->engine[engine].stop, __ATOMIC_RELAXED) != 0;
}

static void tell_to_stop(struct fpr_shell *shell, unsigned int engine, uint32_t stop)
{
	__atomic_store_n(&shell->engine[engine].stop, stop, __ATOMIC_RELAXED);
	if (engine == FPR_ENGINE_MAC)
		__atomic_store_n(&shell->watch.stop, stop, __ATOMIC_RELAXED);
}

uint64_t fpr_engine_busy_ns(const struct fpr_shell *shell, unsigned int engine)
{
	const struct fpr_engine *e = &shell->engine[engine];

	if (!e->busy)
		return e->busy_ns;
	return e->busy_ns + shell->config.ops->now(shell->config.ctx) - e->busy_since;
}

/* ---- enabling ----------------------------------------------------------- */

static int order_ok(uint32_t order)
{
	return order >= 1 && order <= FPR_SHELL_RING_ORDER;
}

void fpr_engine_enable(struct fpr_shell *shell, unsigned int engine)
{
	struct fpr_engine *e = &shell->engine[engine];

	if (e->sq_reg % RING_ALIGN || e->cq_reg % RING_ALIGN || !order_ok(e->sq_order) ||
	    !order_ok(e->cq_order)) {
		fpr_engine_fail(shell, engine);
		return;
	}
	memset(&e->ring, 0, sizeof(e->ring));
	e->ring.sq = e->sq_reg;
	e->ring.cq = e->cq_reg;
	e->ring.sq_mask = (1u << e->sq_order) - 1;
	e->ring.cq_mask = (1u << e->cq_order) - 1;
	e->ring.phase = 1;
	e->last = FPR_OK;
	memset(shell->record[engine], 0, sizeof(shell->record[engine]));
	e->enabled = 1;
}

/* ---- failing and hanging ------------------------------------------------ */

void fpr_engine_fail(struct fpr_shell *shell, unsigned int engine)
{
	shell->engine[engine].error = 1;
	tell_to_stop(shell, engine, 1);
	fpr_irq_set(shell, FPR_ENGINES);
}

void fpr_shell_hang(struct fpr_shell *shell, unsigned int engine)
{
	shell->engine[engine].hung = 1;
	shell->stats.faults_injected++;
	/* It stops where it is, in the middle of a slice. */
	if (engine == FPR_ENGINE_XFER)
		tell_to_stop(shell, engine, 1);
}

void fpr_shell_quit(struct fpr_shell *shell)
{
	shell->fatal = 1;
	for (unsigned int i = 0; i < FPR_ENGINES; i++)
		tell_to_stop(shell, i, 1);
}

void fpr_shell_fatal(struct fpr_shell *shell)
{
	shell->stats.faults_injected++;
	fpr_shell_quit(shell);
	fpr_irq_set(shell, FPR_ENGINES);
}

/* ---- resetting ---------------------------------------------------------- */

static void restore_board(struct fpr_shell *shell)
{
	for (unsigned int i = 0; i < FPR_ENGINES; i++)
		memset(&shell->engine[i], 0, sizeof(shell->engine[i]));
	for (unsigned int d = 0; d < FPR_DIRECTIONS; d++)
		fpr_p3_clear(&shell->queue[d], 1);
	memset(shell->latch, 0, sizeof(shell->latch));
	__atomic_store_n(&shell->watch.tiles, 0, __ATOMIC_RELAXED);
	shell->irq_mask = 0;
	fpr_irq_clear(shell, shell->irq_status);
	shell->fatal = 0;
	shell->slice = FPR_SLICE_DEFAULT;
	shell->ageing = 0;
	shell->epoch = shell->config.ops->now(shell->config.ctx);
	shell->resetting = 0;
}

static void finish_board(struct fpr_shell *shell)
{
	if (!shell->resetting || shell->faults.wedged)
		return;
	for (unsigned int i = 0; i < FPR_ENGINES; i++)
		if (shell->engine[i].resetting)
			return;
	restore_board(shell);
}

static void finish_engine(struct fpr_shell *shell, unsigned int engine)
{
	struct fpr_engine *e = &shell->engine[engine];

	if (!e->resetting || e->working || shell->faults.engine[engine].wedged)
		return;
	memset(&e->ring, 0, sizeof(e->ring));
	e->busy_ns = fpr_engine_busy_ns(shell, engine);
	e->busy = 0;
	e->error = 0;
	e->hung = 0;
	e->resetting = 0;
	tell_to_stop(shell, engine, 0);
	if (engine == FPR_ENGINE_XFER)
		for (unsigned int d = 0; d < FPR_DIRECTIONS; d++)
			fpr_p3_clear(&shell->queue[d], 0);
	finish_board(shell);
	shell->config.ops->wake(shell->config.ctx);
}

void fpr_engine_reset(struct fpr_shell *shell, unsigned int engine)
{
	struct fpr_engine *e = &shell->engine[engine];

	if (e->resetting)
		return;
	shell->stats.engine_resets++;
	e->enabled = 0;
	e->resetting = 1;
	tell_to_stop(shell, engine, 1);
	finish_engine(shell, engine);
	shell->config.ops->wake(shell->config.ctx);
}

void fpr_shell_heal(struct fpr_shell *shell)
{
	memset(&shell->faults, 0, sizeof(shell->faults));
	__atomic_store_n(&shell->delay_ms, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&shell->slice_delay_ms, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&shell->hang_after, 0, __ATOMIC_RELAXED);
	for (unsigned int i = 0; i < FPR_ENGINES; i++)
		finish_engine(shell, i);
	finish_board(shell);
	shell->config.ops->wake(shell->config.ctx);
}

void fpr_board_reset(struct fpr_shell *shell)
{
	if (shell->resetting)
		return;
	shell->stats.full_resets++;
	shell->resetting = 1;
	for (unsigned int i = 0; i < FPR_ENGINES; i++) {
		struct fpr_engine *e = &shell->engine[i];

		/* What held an engine fast lets go now. */
		shell->faults.engine[i].wedged = 0;
		e->enabled = 0;
		e->resetting = 1;
		tell_to_stop(shell, i, 1);
	}
	for (unsigned int i = 0; i < FPR_ENGINES; i++)
		finish_engine(shell, i);
	shell->config.ops->wake(shell->config.ctx);
}

/* ---- working ------------------------------------------------------------ */

void fpr_engine_work(struct fpr_shell *shell, unsigned int engine)
{
	shell->engine[engine].working++;
}

void fpr_engine_rest(struct fpr_shell *shell, unsigned int engine)
{
	shell->engine[engine].working--;
	finish_engine(shell, engine);
}
