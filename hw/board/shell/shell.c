/* SPDX-License-Identifier: MIT */
#include "shell.h"

#include <string.h>

#include "engine.h"

/* ---- the core and what is around it ------------------------------------- */

void fpr_shell_before(struct fpr_shell *shell)
{
	struct fpr_core *core = shell->core;

	core->now = shell->config.ops->now(shell->config.ctx);
	core->held = shell->faults.wedged;
	for (unsigned int i = 0; i < FPR_ENGINES; i++)
		core->engine[i].held = shell->faults.engine[i].wedged;
}

/* Return: the cause's bit when its interrupt is lost, as a message and as an edge of the line. */
static uint32_t fire(struct fpr_shell *shell, unsigned int cause)
{
	if (shell->faults.drop_interrupts) {
		shell->faults.drop_interrupts--;
		shell->stats.interrupts_dropped++;
		return 1u << cause;
	}
	shell->stats.interrupts++;
	shell->config.ops->interrupt(shell->config.ctx, cause);
	shell->core->said.level = 1;
	return 0;
}

static void interrupt(struct fpr_shell *shell)
{
	struct fpr_irq seen = *shell->core->irq;

	for (unsigned int cause = 0; cause < FPR_VECTORS; cause++)
		if (shell->core->said.messages & 1u << cause)
			fpr_irq_clear(&seen, fire(shell, cause));
	if (shell->core->said.level)
		shell->config.ops->level(shell->config.ctx, fpr_irq_level(&seen) != 0);
}

/* What engines had is gone; after a full reset so is what they counted. */
static void drop(struct fpr_shell *shell)
{
	const struct fpr_core_said *said = &shell->core->said;

	if (said->restored)
		__atomic_store_n(&shell->watch.tiles, 0, __ATOMIC_RELAXED);
	if (!said->restored && !(said->ended & 1u << FPR_ENGINE_XFER))
		return;
	for (unsigned int d = 0; d < FPR_DIRECTIONS; d++)
		fpr_p3_clear(&shell->queue[d], said->restored);
}

void fpr_shell_after(struct fpr_shell *shell)
{
	struct fpr_core *core = shell->core;

	for (unsigned int i = 0; i < FPR_ENGINES; i++) {
		__atomic_store_n(&shell->stop[i], core->engine[i].stop, __ATOMIC_RELAXED);
		shell->faults.engine[i].wedged = core->engine[i].held;
	}
	__atomic_store_n(&shell->watch.stop, core->engine[FPR_ENGINE_MAC].stop, __ATOMIC_RELAXED);
	drop(shell);
	interrupt(shell);
	if (core->said.wake)
		shell->config.ops->wake(shell->config.ctx);
	shell->stats.engine_resets += core->said.engine_resets;
	shell->stats.full_resets += core->said.full_resets;
	memset(&core->said, 0, sizeof(core->said));
}

/* ---- registers ---------------------------------------------------------- */

static void look_around(const struct fpr_shell *shell, uint32_t offset, struct fpr_outside *outside)
{
	const struct fpr_p3_queue *h2c = &shell->queue[FPR_LANE_H2C];
	const struct fpr_p3_queue *c2h = &shell->queue[FPR_LANE_C2H];
	const uint32_t c = fpr_core_class(offset);

	outside->memory = shell->config.memory_bytes;
	outside->tiles = __atomic_load_n(&shell->watch.tiles, __ATOMIC_RELAXED);
	outside->clock_khz = shell->config.clock_khz;
	outside->build = shell->config.build;
	outside->temperature = (uint32_t)shell->config.temperature;
	if (c == FPR_CLASSES)
		return;
	outside->of_class[0] = h2c->bytes[c];
	outside->of_class[1] = c2h->bytes[c];
	outside->of_class[2] = h2c->slices[c] + c2h->slices[c];
	outside->of_class[3] = h2c->preemptions[c] + c2h->preemptions[c];
}

static uint32_t read_locked(struct fpr_shell *shell, uint32_t offset)
{
	struct fpr_outside outside;

	if (shell->faults.misread && offset == shell->faults.misread_at)
		return shell->faults.misread_as;
	if (shell->faults.no_heartbeat && offset == FPR_REG_HEARTBEAT)
		return shell->heartbeat_stopped;
	memset(&outside, 0, sizeof(outside));
	look_around(shell, offset, &outside);
	fpr_shell_before(shell);
	return fpr_core_read(shell->core, offset, &outside);
}

uint32_t fpr_shell_read(struct fpr_shell *shell, uint32_t offset)
{
	uint32_t value;

	if (offset % 4)
		return 0;
	shell->config.ops->lock(shell->config.ctx);
	shell->stats.register_reads++;
	value = read_locked(shell, offset);
	shell->config.ops->unlock(shell->config.ctx);
	return value;
}

/* For the statistics: work comes to an engine that has none. */
static void note_doorbell(struct fpr_shell *shell, uint32_t offset)
{
	const uint32_t engine = (offset - FPR_REG_DOORBELL) / 8;

	if (offset < FPR_REG_DOORBELL || engine >= FPR_ENGINES || shell->core->resetting)
		return;
	shell->stats.doorbells++;
	if (offset == FPR_REG_SQ_TAIL(engine) && fpr_ring_idle(&shell->core->engine[engine].ring))
		shell->rung[engine] = shell->core->now;
}

void fpr_shell_write(struct fpr_shell *shell, uint32_t offset, uint32_t value)
{
	if (offset % 4)
		return;
	shell->config.ops->lock(shell->config.ctx);
	shell->stats.register_writes++;
	fpr_shell_before(shell);
	note_doorbell(shell, offset);
	fpr_core_write(shell->core, offset, value);
	fpr_shell_after(shell);
	shell->config.ops->unlock(shell->config.ctx);
}

/* ---- the heart ---------------------------------------------------------- */

uint32_t fpr_shell_heartbeat(struct fpr_shell *shell)
{
	return read_locked(shell, FPR_REG_HEARTBEAT);
}

void fpr_shell_stop_heartbeat(struct fpr_shell *shell, uint32_t stop)
{
	shell->heartbeat_stopped = fpr_shell_heartbeat(shell);
	shell->faults.no_heartbeat = stop;
}

/* ---- faults ------------------------------------------------------------- */

void fpr_shell_hang(struct fpr_shell *shell, unsigned int engine)
{
	shell->stats.faults_injected++;
	fpr_shell_before(shell);
	shell->core->engine[engine].hung = 1;
	/* It stops where it is, in the middle of a slice. */
	if (engine == FPR_ENGINE_XFER)
		shell->core->engine[engine].stop = 1;
	fpr_shell_after(shell);
}

void fpr_shell_quit(struct fpr_shell *shell)
{
	fpr_shell_before(shell);
	shell->core->fatal = 1;
	for (unsigned int i = 0; i < FPR_ENGINES; i++)
		shell->core->engine[i].stop = 1;
	fpr_shell_after(shell);
}

void fpr_shell_fatal(struct fpr_shell *shell)
{
	shell->stats.faults_injected++;
	fpr_shell_quit(shell);
	shell->core->said.messages |= fpr_irq_set(shell->core->irq, FPR_CAUSE_BOARD);
	fpr_shell_after(shell);
}

void fpr_shell_heal(struct fpr_shell *shell)
{
	memset(&shell->faults, 0, sizeof(shell->faults));
	__atomic_store_n(&shell->delay_ms, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&shell->slice_delay_ms, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&shell->hang_after, 0, __ATOMIC_RELAXED);
	fpr_shell_before(shell);
	fpr_core_settle(shell->core);
	shell->core->said.wake = 1;
	fpr_shell_after(shell);
}

/* ---- the whole ---------------------------------------------------------- */

void fpr_shell_reset(struct fpr_shell *shell)
{
	shell->config.ops->lock(shell->config.ctx);
	fpr_shell_before(shell);
	fpr_core_reset(shell->core);
	fpr_shell_after(shell);
	shell->config.ops->unlock(shell->config.ctx);
}

void fpr_shell_init(struct fpr_shell *shell, const struct fpr_shell_config *config)
{
	memset(shell, 0, sizeof(*shell));
	shell->config = *config;
	config->ops->lock(config->ctx);
	fpr_core_power_on(shell->core, config->ops->now(config->ctx));
	fpr_shell_after(shell);
	config->ops->unlock(config->ctx);
	memset(&shell->stats, 0, sizeof(shell->stats));
}

int fpr_shell_step(struct fpr_shell *shell, enum fpr_lane lane)
{
	return lane == FPR_LANE_MAC ? fpr_mac_step(shell) : fpr_xfer_step(shell, lane);
}
