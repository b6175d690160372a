/* SPDX-License-Identifier: MIT */
#include "check.h"
#include "engine.h"

#include <string.h>

#include "fpr_geometry.h"

#define HEARTBEAT_NS 50000000ull

#define CAPS                                                                             \
	(((1u << FPR_KINDS) - 1) | FPR_CAPS_AGEING | FPR_CAPS_THERMAL | FPR_CAPS_CHAIN | \
	 FPR_CAPS_RECORDS | (FPR_KIND_DEFAULT << FPR_CAPS_DEFAULT_KIND_SHIFT))

#define GEOMETRY                                                                   \
	((uint32_t)FPR_ROWS | FPR_COLS << 8 | FPR_LANES << 16 | FPR_WINDOW << 24 | \
	 (uint32_t)FPR_RUN_AHEAD << 28)

#define ENGINE_BYTES (FPR_REG_ENGINE(1) - FPR_REG_ENGINE(0))
#define CLASS_BYTES (FPR_REG_CLASS(1) - FPR_REG_CLASS(0))

static uint64_t since_reset(struct fpr_shell *shell)
{
	return shell->config.ops->now(shell->config.ctx) - shell->epoch;
}

/* ---- heartbeat ---------------------------------------------------------- */

uint32_t fpr_shell_heartbeat(struct fpr_shell *shell)
{
	if (shell->faults.no_heartbeat)
		return (uint32_t)shell->heartbeat_stopped;
	return (uint32_t)(since_reset(shell) / HEARTBEAT_NS);
}

void fpr_shell_stop_heartbeat(struct fpr_shell *shell, uint32_t stop)
{
	shell->heartbeat_stopped = fpr_shell_heartbeat(shell);
	shell->faults.no_heartbeat = stop;
}

/* ---- counters of 64 bits ------------------------------------------------ */

static int class_counter(const struct fpr_shell *shell, uint32_t offset, uint64_t *value)
{
	uint32_t c = (offset - FPR_REG_CLASS(0)) / CLASS_BYTES;
	const struct fpr_p3_queue *h2c = &shell->queue[FPR_LANE_H2C];
	const struct fpr_p3_queue *c2h = &shell->queue[FPR_LANE_C2H];

	switch ((offset - FPR_REG_CLASS(0)) % CLASS_BYTES) {
	case FPR_CLASS_H2C_BYTES_LO:
		*value = h2c->bytes[c];
		return 1;
	case FPR_CLASS_C2H_BYTES_LO:
		*value = c2h->bytes[c];
		return 1;
	case FPR_CLASS_SLICES_LO:
		*value = h2c->slices[c] + c2h->slices[c];
		return 1;
	case FPR_CLASS_PREEMPTIONS_LO:
		*value = h2c->preemptions[c] + c2h->preemptions[c];
		return 1;
	default:
		return 0;
	}
}

static uint64_t progress(const struct fpr_shell *shell, unsigned int engine)
{
	if (engine == FPR_ENGINE_MAC)
		return __atomic_load_n(&shell->watch.tiles, __ATOMIC_RELAXED);
	return shell->engine[engine].moved;
}

static int engine_counter(struct fpr_shell *shell, uint32_t offset, uint64_t *value)
{
	unsigned int i = (offset - FPR_REG_ENGINE(0)) / ENGINE_BYTES;
	const struct fpr_engine *e = &shell->engine[i];
	const struct fpr_record *record = fpr_record_of(shell, i, e->record);
	uint64_t busy = fpr_engine_busy_ns(shell, i), all = since_reset(shell);
	const struct {
		uint32_t at;
		uint64_t value;
	} counters[] = {
		{FPR_ENG_JOBS_LO, e->jobs},
		{FPR_ENG_PROGRESS_LO, progress(shell, i)},
		{FPR_ENG_BUSY_NS_LO, busy},
		{FPR_ENG_IDLE_NS_LO, all > busy ? all - busy : 0},
		{FPR_ENG_STALL_NS_LO, e->stall_ns},
		{FPR_ENG_CYCLES_LO, e->sum.cycles_total},
		{FPR_ENG_ISSUED_LO, e->sum.terms_issued},
		{FPR_ENG_SKIPPED_ZERO_LO, e->sum.terms_skipped_zero},
		{FPR_ENG_SKIPPED_OOB_LO, e->sum.terms_skipped_oob},
		{FPR_ENG_RECORD_FENCE_LO, record->fence},
		{FPR_ENG_RECORD_BYTES_LO, __atomic_load_n(&record->bytes, __ATOMIC_RELAXED)},
	};

	for (unsigned int n = 0; n < sizeof(counters) / sizeof(counters[0]); n++) {
		if (counters[n].at == (offset - FPR_REG_ENGINE(0)) % ENGINE_BYTES) {
			*value = counters[n].value;
			return 1;
		}
	}
	return 0;
}

/* Is @offset the low half of a counter? */
static int counter(struct fpr_shell *shell, uint32_t offset, uint64_t *value)
{
	if (offset >= FPR_REG_CLASS(0) && offset < FPR_REG_CLASS(FPR_CLASSES))
		return class_counter(shell, offset, value);
	if (offset >= FPR_REG_ENGINE(0) && offset < FPR_REG_ENGINE(FPR_ENGINES))
		return engine_counter(shell, offset, value);
	if (offset == FPR_REG_MEMORY_LO)
		*value = shell->config.memory_bytes;
	else if (offset == FPR_REG_TIME_LO)
		*value = since_reset(shell);
	else
		return 0;
	return 1;
}

/* ---- reading ------------------------------------------------------------ */

static uint32_t engine_status(const struct fpr_engine *e)
{
	uint32_t status = e->resetting ? 0 : FPR_ENG_STATUS_READY;

	if (e->enabled)
		status |= FPR_ENG_STATUS_ENABLED;
	if (e->ring.taken || e->ring.sq_head != e->ring.sq_tail)
		status |= FPR_ENG_STATUS_BUSY;
	if (e->error)
		status |= FPR_ENG_STATUS_ERROR;
	return status;
}

static uint32_t read_engine(struct fpr_shell *shell, unsigned int engine, uint32_t at)
{
	const struct fpr_engine *e = &shell->engine[engine];

	switch (at) {
	case FPR_ENG_SQ_LO:
		return (uint32_t)e->sq_reg;
	case FPR_ENG_SQ_HI:
		return (uint32_t)(e->sq_reg >> 32);
	case FPR_ENG_CQ_LO:
		return (uint32_t)e->cq_reg;
	case FPR_ENG_CQ_HI:
		return (uint32_t)(e->cq_reg >> 32);
	case FPR_ENG_SQ_ORDER:
		return e->sq_order;
	case FPR_ENG_CQ_ORDER:
		return e->cq_order;
	case FPR_ENG_CTRL:
		return e->enabled ? FPR_ENG_CTRL_ENABLE : 0;
	case FPR_ENG_STATUS:
		return engine_status(e);
	case FPR_ENG_SQ_HEAD:
		return e->ring.sq_head;
	case FPR_ENG_RECORD:
		return e->record;
	case FPR_ENG_RECORD_STATE:
		return fpr_record_of(shell, engine, e->record)->state;
	default:
		return 0;
	}
}

static uint32_t read_board(struct fpr_shell *shell, uint32_t offset)
{
	switch (offset) {
	case FPR_REG_ID:
		return FPR_ID;
	case FPR_REG_VERSION:
		return FPR_VERSION_MAJOR << 16 | FPR_VERSION_MINOR;
	case FPR_REG_BUILD:
		return shell->config.build;
	case FPR_REG_CAPS:
		return CAPS;
	case FPR_REG_GEOMETRY:
		return GEOMETRY;
	case FPR_REG_CLOCK_KHZ:
		return shell->config.clock_khz;
	case FPR_REG_XFER_ENTRIES:
		return FPR_P3_ENTRIES;
	case FPR_REG_RING_ORDER:
		return FPR_SHELL_RING_ORDER;
	case FPR_REG_SG_ENTRIES:
		return FPR_SG_ENTRIES;
	case FPR_REG_VECTORS:
		return FPR_VECTORS;
	case FPR_REG_STATUS:
		return (shell->resetting ? 0 : FPR_STATUS_READY) |
		       (shell->fatal ? FPR_STATUS_FATAL : 0);
	case FPR_REG_HEARTBEAT:
		return fpr_shell_heartbeat(shell);
	case FPR_REG_TEMPERATURE:
		return (uint32_t)shell->config.temperature;
	case FPR_REG_IRQ_STATUS:
		return shell->irq_status;
	case FPR_REG_IRQ_MASK:
		return shell->irq_mask;
	case FPR_REG_SLICE:
		return shell->slice;
	case FPR_REG_AGEING:
		return shell->ageing;
	default:
		return 0;
	}
}

static uint32_t read_locked(struct fpr_shell *shell, uint32_t offset)
{
	uint64_t value;

	if (shell->faults.misread && offset == shell->faults.misread_at)
		return shell->faults.misread_as;
	if (counter(shell, offset, &value)) {
		shell->latch[offset / 4 + 1] = (uint32_t)(value >> 32);
		return (uint32_t)value;
	}
	if (offset >= 4 && offset < 4 * FPR_SHELL_LATCHES && counter(shell, offset - 4, &value))
		return shell->latch[offset / 4];
	if (offset >= FPR_REG_ENGINE(0) && offset < FPR_REG_ENGINE(FPR_ENGINES))
		return read_engine(shell, (offset - FPR_REG_ENGINE(0)) / ENGINE_BYTES,
				   (offset - FPR_REG_ENGINE(0)) % ENGINE_BYTES);
	return read_board(shell, offset);
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

/* ---- writing ------------------------------------------------------------ */

static void set_half(uint64_t *reg, uint32_t high, uint32_t value)
{
	if (high)
		*reg = (uint32_t)*reg | (uint64_t)value << 32;
	else
		*reg = (*reg & ~0xffffffffull) | value;
}

static void control_engine(struct fpr_shell *shell, unsigned int engine, uint32_t value)
{
	const struct fpr_engine *e = &shell->engine[engine];

	if (e->resetting)
		return;
	if ((value & FPR_ENG_CTRL_RESET) || (e->enabled && !(value & FPR_ENG_CTRL_ENABLE)))
		fpr_engine_reset(shell, engine);
	else if ((value & FPR_ENG_CTRL_ENABLE) && !e->enabled && !e->error)
		fpr_engine_enable(shell, engine);
}

static void write_engine(struct fpr_shell *shell, unsigned int engine, uint32_t at, uint32_t value)
{
	struct fpr_engine *e = &shell->engine[engine];

	switch (at) {
	case FPR_ENG_SQ_LO:
	case FPR_ENG_SQ_HI:
		set_half(&e->sq_reg, at == FPR_ENG_SQ_HI, value);
		break;
	case FPR_ENG_CQ_LO:
	case FPR_ENG_CQ_HI:
		set_half(&e->cq_reg, at == FPR_ENG_CQ_HI, value);
		break;
	case FPR_ENG_SQ_ORDER:
		e->sq_order = value;
		break;
	case FPR_ENG_CQ_ORDER:
		e->cq_order = value;
		break;
	case FPR_ENG_CTRL:
		control_engine(shell, engine, value);
		break;
	case FPR_ENG_RECORD:
		e->record = value % FPR_SHELL_RECORDS;
		break;
	default:
		break;
	}
}

static void set_slice(struct fpr_shell *shell, uint32_t value)
{
	value -= value % FPR_SLICE_MIN;
	value = value < FPR_SLICE_MIN ? FPR_SLICE_MIN : value;
	shell->slice = value > FPR_SLICE_MAX ? FPR_SLICE_MAX : value;
}

static void ring_doorbell(struct fpr_shell *shell, uint32_t offset, uint32_t value)
{
	unsigned int engine = (offset - FPR_REG_DOORBELL) / 8;

	if (engine >= FPR_ENGINES)
		return;
	shell->stats.doorbells++;
	if (offset == FPR_REG_SQ_TAIL(engine))
		fpr_ring_submitted(shell, engine, value);
	else
		fpr_ring_consumed(shell, engine, value);
}

static void write_board(struct fpr_shell *shell, uint32_t offset, uint32_t value)
{
	switch (offset) {
	case FPR_REG_CTRL:
		if (value & FPR_CTRL_RESET)
			fpr_board_reset(shell);
		break;
	case FPR_REG_IRQ_STATUS:
		fpr_irq_clear(shell, value);
		break;
	case FPR_REG_IRQ_MASK:
		fpr_irq_mask(shell, value);
		break;
	case FPR_REG_SLICE:
		set_slice(shell, value);
		break;
	case FPR_REG_AGEING:
		shell->ageing = value;
		break;
	default:
		break;
	}
}

void fpr_shell_write(struct fpr_shell *shell, uint32_t offset, uint32_t value)
{
	if (offset % 4)
		return;
	shell->config.ops->lock(shell->config.ctx);
	shell->stats.register_writes++;
	if (shell->resetting)
		; /* registers are on their way to their defaults */
	else if (offset >= FPR_REG_DOORBELL)
		ring_doorbell(shell, offset, value);
	else if (offset >= FPR_REG_ENGINE(0) && offset < FPR_REG_ENGINE(FPR_ENGINES))
		write_engine(shell, (offset - FPR_REG_ENGINE(0)) / ENGINE_BYTES,
			     (offset - FPR_REG_ENGINE(0)) % ENGINE_BYTES, value);
	else
		write_board(shell, offset, value);
	shell->config.ops->unlock(shell->config.ctx);
}

/* ---- the whole ---------------------------------------------------------- */

void fpr_shell_reset(struct fpr_shell *shell)
{
	shell->config.ops->lock(shell->config.ctx);
	fpr_board_reset(shell);
	shell->config.ops->unlock(shell->config.ctx);
}

void fpr_shell_init(struct fpr_shell *shell, const struct fpr_shell_config *config)
{
	memset(shell, 0, sizeof(*shell));
	shell->config = *config;
	fpr_shell_reset(shell);
	memset(&shell->stats, 0, sizeof(shell->stats));
}

int fpr_shell_step(struct fpr_shell *shell, enum fpr_lane lane)
{
	return lane == FPR_LANE_MAC ? fpr_mac_step(shell) : fpr_xfer_step(shell, lane);
}
