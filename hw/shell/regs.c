/* SPDX-License-Identifier: MIT */

#include "check.h"
#include "core.h"
#include "fpr_geometry.h"
#include "fpr_gemm.h"
#include "p3.h"
#include "shared.h"

/* Nanoseconds between two beats of the heart, log2: 34 ms. */
#define HEARTBEAT_ORDER 25

#define CAPS                                                                              \
	(((1u << FPR_KINDS) - 1u) | FPR_CAPS_AGEING | FPR_CAPS_THERMAL | FPR_CAPS_CHAIN | \
	 FPR_CAPS_RECORDS | ((uint32_t)FPR_KIND_DEFAULT << FPR_CAPS_DEFAULT_KIND_SHIFT))

#define GEOMETRY                                                                    \
	((uint32_t)FPR_ROWS | (uint32_t)FPR_COLS << 8 | (uint32_t)FPR_LANES << 16 | \
	 (uint32_t)FPR_WINDOW << 24 | (uint32_t)FPR_RUN_AHEAD << 28)

#define ENGINE_BYTES (FPR_REG_ENGINE(1) - FPR_REG_ENGINE(0))
#define CLASS_BYTES (FPR_REG_CLASS(1) - FPR_REG_CLASS(0))

/* A 64-bit counter, where there is one. */
struct counter {
	uint32_t here;
	uint64_t value;
};

static uint32_t is_engine(uint32_t offset)
{
	return offset >= FPR_REG_ENGINE(0) && offset < FPR_REG_ENGINE(FPR_ENGINES);
}

static uint32_t engine_of(uint32_t offset)
{
	return (offset - FPR_REG_ENGINE(0)) / ENGINE_BYTES % FPR_ENGINES;
}

static uint32_t at_engine(uint32_t offset)
{
	return (offset - FPR_REG_ENGINE(0)) % ENGINE_BYTES;
}

uint32_t fpr_core_class(uint32_t offset)
{
	return offset >= FPR_REG_CLASS(0) && offset < FPR_REG_CLASS(FPR_CLASSES)
		       ? (offset - FPR_REG_CLASS(0)) / CLASS_BYTES
		       : FPR_CLASSES;
}

/* ---- counters of 64 bits ------------------------------------------------ */

static void class_counter(uint32_t offset, const struct fpr_outside outside[1],
			  struct counter counter[1])
{
	switch ((offset - FPR_REG_CLASS(0)) % CLASS_BYTES) {
	case FPR_CLASS_H2C_BYTES_LO:
		counter[0].value = outside[0].of_class[0];
		break;
	case FPR_CLASS_C2H_BYTES_LO:
		counter[0].value = outside[0].of_class[1];
		break;
	case FPR_CLASS_SLICES_LO:
		counter[0].value = outside[0].of_class[2];
		break;
	case FPR_CLASS_PREEMPTIONS_LO:
		counter[0].value = outside[0].of_class[3];
		break;
	default:
		counter[0].here = 0;
		break;
	}
}

static uint64_t idle_ns(const struct fpr_core core[1], uint32_t engine)
{
	uint64_t all = core[0].now - core[0].epoch;
	uint64_t busy = fpr_core_busy_ns(core, engine);

	return all > busy ? all - busy : 0u;
}

static void engine_counter(const struct fpr_core core[1], uint32_t offset,
			   const struct fpr_outside outside[1], struct counter counter[1])
{
	uint32_t i = engine_of(offset);
	uint32_t record = core[0].engine[i].record;

	switch (at_engine(offset)) {
	case FPR_ENG_JOBS_LO:
		counter[0].value = core[0].engine[i].jobs;
		break;
	case FPR_ENG_PROGRESS_LO:
		counter[0].value = i == FPR_ENGINE_MAC ? outside[0].tiles : core[0].engine[i].moved;
		break;
	case FPR_ENG_BUSY_NS_LO:
		counter[0].value = fpr_core_busy_ns(core, i);
		break;
	case FPR_ENG_IDLE_NS_LO:
		counter[0].value = idle_ns(core, i);
		break;
	case FPR_ENG_STALL_NS_LO:
		counter[0].value = core[0].engine[i].stall_ns;
		break;
	case FPR_ENG_CYCLES_LO:
		counter[0].value = core[0].engine[i].cycles;
		break;
	case FPR_ENG_ISSUED_LO:
		counter[0].value = core[0].engine[i].issued;
		break;
	case FPR_ENG_SKIPPED_ZERO_LO:
		counter[0].value = core[0].engine[i].skipped_zero;
		break;
	case FPR_ENG_SKIPPED_OOB_LO:
		counter[0].value = core[0].engine[i].skipped_oob;
		break;
	case FPR_ENG_RECORD_FENCE_LO:
		counter[0].value = core[0].record[i][record].fence;
		break;
	case FPR_ENG_RECORD_BYTES_LO:
		counter[0].value = fpr_shared_read(&core[0].record[i][record].bytes);
		break;
	default:
		counter[0].here = 0;
		break;
	}
}

/* The counter whose low half is at @offset, set: Bambu takes no function that returns it. */
static void counter_at(const struct fpr_core core[1], uint32_t offset,
		       const struct fpr_outside outside[1], struct counter counter[1])
{
	counter[0].here = 1;
	counter[0].value = 0;
	if (fpr_core_class(offset) != FPR_CLASSES)
		class_counter(offset, outside, counter);
	else if (is_engine(offset) != 0u)
		engine_counter(core, offset, outside, counter);
	else if (offset == FPR_REG_MEMORY_LO)
		counter[0].value = outside[0].memory;
	else if (offset == FPR_REG_TIME_LO)
		counter[0].value = core[0].now - core[0].epoch;
	else
		counter[0].here = 0;
}

/* ---- reading ------------------------------------------------------------ */

static uint32_t engine_status(const struct fpr_core core[1], uint32_t engine)
{
	uint32_t status = core[0].engine[engine].resetting != 0u ? 0u : FPR_ENG_STATUS_READY;

	status |= core[0].engine[engine].enabled != 0u ? FPR_ENG_STATUS_ENABLED : 0u;
	status |= fpr_ring_idle(&core[0].engine[engine].ring) == 0u ? FPR_ENG_STATUS_BUSY : 0u;
	status |= core[0].engine[engine].error != 0u ? FPR_ENG_STATUS_ERROR : 0u;
	return status;
}

static uint32_t read_engine(const struct fpr_core core[1], uint32_t engine, uint32_t at)
{
	switch (at) {
	case FPR_ENG_SQ_LO:
		return (uint32_t)core[0].engine[engine].sq_reg;
	case FPR_ENG_SQ_HI:
		return (uint32_t)(core[0].engine[engine].sq_reg >> 32);
	case FPR_ENG_CQ_LO:
		return (uint32_t)core[0].engine[engine].cq_reg;
	case FPR_ENG_CQ_HI:
		return (uint32_t)(core[0].engine[engine].cq_reg >> 32);
	case FPR_ENG_SQ_ORDER:
		return core[0].engine[engine].sq_order;
	case FPR_ENG_CQ_ORDER:
		return core[0].engine[engine].cq_order;
	case FPR_ENG_CTRL:
		return core[0].engine[engine].enabled != 0u ? FPR_ENG_CTRL_ENABLE : 0u;
	case FPR_ENG_STATUS:
		return engine_status(core, engine);
	case FPR_ENG_SQ_HEAD:
		return core[0].engine[engine].ring.sq_head;
	case FPR_ENG_RECORD:
		return core[0].engine[engine].record;
	case FPR_ENG_RECORD_STATE:
		return core[0].record[engine][core[0].engine[engine].record].state;
	default:
		return 0;
	}
}

static uint32_t board_status(const struct fpr_core core[1])
{
	uint32_t status = core[0].resetting != 0u ? 0u : FPR_STATUS_READY;

	return status | (core[0].fatal != 0u ? FPR_STATUS_FATAL : 0u);
}

static uint32_t read_board(const struct fpr_core core[1], uint32_t offset,
			   const struct fpr_outside outside[1])
{
	switch (offset) {
	case FPR_REG_ID:
		return FPR_ID;
	case FPR_REG_VERSION:
		return (uint32_t)FPR_VERSION_MAJOR << 16 | FPR_VERSION_MINOR;
	case FPR_REG_BUILD:
		return outside[0].build;
	case FPR_REG_CAPS:
		return CAPS;
	case FPR_REG_GEOMETRY:
		return GEOMETRY;
	case FPR_REG_CLOCK_KHZ:
		return outside[0].clock_khz;
	case FPR_REG_XFER_ENTRIES:
		return FPR_P3_ENTRIES;
	case FPR_REG_RING_ORDER:
		return FPR_SHELL_RING_ORDER;
	case FPR_REG_SG_ENTRIES:
		return FPR_SG_ENTRIES;
	case FPR_REG_VECTORS:
		return FPR_VECTORS;
	case FPR_REG_STATUS:
		return board_status(core);
	case FPR_REG_HEARTBEAT:
		return (uint32_t)((core[0].now - core[0].epoch) >> HEARTBEAT_ORDER);
	case FPR_REG_TEMPERATURE:
		return outside[0].temperature;
	case FPR_REG_IRQ_STATUS:
		return core[0].irq[0].status;
	case FPR_REG_IRQ_MASK:
		return core[0].irq[0].mask;
	case FPR_REG_SLICE:
		return core[0].slice;
	case FPR_REG_AGEING:
		return core[0].ageing;
	default:
		return 0;
	}
}

uint32_t fpr_core_read(struct fpr_core core[1], uint32_t offset,
		       const struct fpr_outside outside[1])
{
	struct counter low[1], high[1];
	uint32_t half = offset / 4u;

	counter_at(core, offset, outside, low);
	counter_at(core, offset - 4u, outside, high);
	if (offset % 4u != 0u)
		return 0;
	if (low[0].here != 0u) {
		core[0].latch[half + 1u] = (uint32_t)(low[0].value >> 32);
		return (uint32_t)low[0].value;
	}
	if (high[0].here != 0u)
		return core[0].latch[half];
	if (is_engine(offset) != 0u)
		return read_engine(core, engine_of(offset), at_engine(offset));
	return read_board(core, offset, outside);
}

/* ---- writing ------------------------------------------------------------ */

static uint64_t with_half(uint64_t whole, uint32_t high, uint32_t value)
{
	return high != 0u ? (whole & 0xffffffffu) | ((uint64_t)value << 32)
			  : (whole & ~(uint64_t)0xffffffffu) | value;
}

static void control_engine(struct fpr_core core[1], uint32_t engine, uint32_t value)
{
	uint32_t enable = (value & FPR_ENG_CTRL_ENABLE) != 0u;
	uint32_t enabled = core[0].engine[engine].enabled;

	if (core[0].engine[engine].resetting != 0u)
		return;
	if ((value & FPR_ENG_CTRL_RESET) != 0u || (enabled != 0u && enable == 0u))
		fpr_core_reset_engine(core, engine);
	else if (enable != 0u && enabled == 0u && core[0].engine[engine].error == 0u)
		fpr_core_enable(core, engine);
}

static void write_engine(struct fpr_core core[1], uint32_t engine, uint32_t at, uint32_t value)
{
	uint64_t sq = core[0].engine[engine].sq_reg;
	uint64_t cq = core[0].engine[engine].cq_reg;

	switch (at) {
	case FPR_ENG_SQ_LO:
	case FPR_ENG_SQ_HI:
		core[0].engine[engine].sq_reg = with_half(sq, at == FPR_ENG_SQ_HI, value);
		break;
	case FPR_ENG_CQ_LO:
	case FPR_ENG_CQ_HI:
		core[0].engine[engine].cq_reg = with_half(cq, at == FPR_ENG_CQ_HI, value);
		break;
	case FPR_ENG_SQ_ORDER:
		core[0].engine[engine].sq_order = value;
		break;
	case FPR_ENG_CQ_ORDER:
		core[0].engine[engine].cq_order = value;
		break;
	case FPR_ENG_CTRL:
		control_engine(core, engine, value);
		break;
	case FPR_ENG_RECORD:
		core[0].engine[engine].record = value % FPR_SHELL_RECORDS;
		break;
	default:
		break;
	}
}

static uint32_t slice_of(uint32_t value)
{
	uint32_t slice = value & ~(FPR_SLICE_MIN - 1u);

	slice = slice < FPR_SLICE_MIN ? FPR_SLICE_MIN : slice;
	return slice > FPR_SLICE_MAX ? FPR_SLICE_MAX : slice;
}

/* A hung engine still has its doorbells. */
static uint32_t listens(const struct fpr_core core[1], uint32_t engine)
{
	return core[0].engine[engine].enabled != 0u && core[0].engine[engine].error == 0u &&
	       core[0].engine[engine].resetting == 0u;
}

static void ring_doorbell(struct fpr_core core[1], uint32_t offset, uint32_t value)
{
	uint32_t engine = (offset - FPR_REG_DOORBELL) / 8u;
	uint32_t good;

	if (engine >= FPR_ENGINES || listens(core, engine) == 0u)
		return;
	if (offset == FPR_REG_SQ_TAIL(engine)) {
		good = fpr_ring_submitted(&core[0].engine[engine].ring, value);
	} else {
		good = fpr_ring_consumed(&core[0].engine[engine].ring, value);
		if (good != 0u) {
			fpr_irq_clear(core[0].irq, 1u << engine);
			core[0].said.level = 1;
		}
		/* What came after the host's last look wants another one. */
		if (good != 0u && fpr_ring_unread(&core[0].engine[engine].ring) != 0u)
			core[0].said.messages |= fpr_irq_set(core[0].irq, engine);
	}
	if (good == 0u)
		fpr_core_fail(core, engine);
	core[0].said.wake = 1;
}

static void write_board(struct fpr_core core[1], uint32_t offset, uint32_t value)
{
	switch (offset) {
	case FPR_REG_CTRL:
		if ((value & FPR_CTRL_RESET) != 0u)
			fpr_core_reset(core);
		break;
	case FPR_REG_IRQ_STATUS:
		fpr_irq_clear(core[0].irq, value);
		core[0].said.level = 1;
		break;
	case FPR_REG_IRQ_MASK:
		core[0].said.messages |= fpr_irq_mask(core[0].irq, value);
		core[0].said.level = 1;
		break;
	case FPR_REG_SLICE:
		core[0].slice = slice_of(value);
		break;
	case FPR_REG_AGEING:
		core[0].ageing = value;
		break;
	default:
		break;
	}
}

void fpr_core_write(struct fpr_core core[1], uint32_t offset, uint32_t value)
{
	/* During a full reset registers are on their way to their defaults. */
	if (offset % 4u != 0u || core[0].resetting != 0u)
		return;
	if (offset >= FPR_REG_DOORBELL)
		ring_doorbell(core, offset, value);
	else if (is_engine(offset) != 0u)
		write_engine(core, engine_of(offset), at_engine(offset), value);
	else
		write_board(core, offset, value);
}
