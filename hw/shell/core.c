/* SPDX-License-Identifier: MIT */

#include "core.h"

#include "hls.h"
#include "shared.h"

uint32_t fpr_core_ready(const struct fpr_core core[1], uint32_t engine)
{
	return core[0].engine[engine].enabled != 0u && core[0].engine[engine].error == 0u &&
	       core[0].engine[engine].resetting == 0u && core[0].engine[engine].hung == 0u &&
	       core[0].fatal == 0u;
}

uint64_t fpr_core_busy_ns(const struct fpr_core core[1], uint32_t engine)
{
	uint64_t since = core[0].now - core[0].engine[engine].busy_since;

	return core[0].engine[engine].busy_ns + (core[0].engine[engine].busy != 0u ? since : 0u);
}

static void end_busy(struct fpr_core core[1], uint32_t engine)
{
	core[0].engine[engine].busy_ns = fpr_core_busy_ns(core, engine);
	core[0].engine[engine].busy = 0;
}

static void set_cause(struct fpr_core core[1], uint32_t cause)
{
	core[0].said.messages |= fpr_irq_set(core[0].irq, cause);
}

/* ---- records ------------------------------------------------------------ */

void fpr_core_record(struct fpr_core core[1], uint32_t engine, uint32_t cookie, uint32_t status)
{
	core[0].record[engine][cookie % FPR_SHELL_RECORDS].state =
		FPR_RECORD_TAKEN | FPR_RECORD_DONE | (status << FPR_RECORD_STATUS_SHIFT);
}

void fpr_core_mark(struct fpr_core core[1], uint32_t engine, uint32_t cookie, uint32_t set,
		   uint32_t clear)
{
	uint32_t at = cookie % FPR_SHELL_RECORDS;

	core[0].record[engine][at].state = (core[0].record[engine][at].state & ~clear) | set;
}

static void clear_records(struct fpr_core core[1], uint32_t engine)
{
	HLS_LOOP(RECORD)
	for (uint32_t i = 0; i < FPR_SHELL_RECORDS; i++) {
		HLS_OPT(PIPELINE II = 1)
		core[0].record[engine][i].fence = 0;
		core[0].record[engine][i].state = 0;
		fpr_shared_clear(&core[0].record[engine][i].bytes);
	}
}

/* ---- enabling and failing ----------------------------------------------- */

void fpr_core_enable(struct fpr_core core[1], uint32_t engine)
{
	if (fpr_ring_start(&core[0].engine[engine].ring, core[0].engine[engine].sq_reg,
			   core[0].engine[engine].cq_reg, core[0].engine[engine].sq_order,
			   core[0].engine[engine].cq_order) == 0u) {
		fpr_core_fail(core, engine);
		return;
	}
	core[0].engine[engine].last = FPR_OK;
	core[0].engine[engine].enabled = 1;
	clear_records(core, engine);
}

void fpr_core_fail(struct fpr_core core[1], uint32_t engine)
{
	core[0].engine[engine].error = 1;
	core[0].engine[engine].stop = 1;
	set_cause(core, FPR_CAUSE_BOARD);
}

/* ---- resetting ---------------------------------------------------------- */

static void clear_engine(struct fpr_core core[1], uint32_t engine)
{
	const struct fpr_core_engine nothing = {0};

	core[0].engine[engine] = nothing;
}

static void restore(struct fpr_core core[1])
{
	HLS_LOOP(ENGINE)
	for (uint32_t i = 0; i < FPR_ENGINES; i++)
		clear_engine(core, i);
	HLS_LOOP(LATCH)
	for (uint32_t i = 0; i < FPR_SHELL_LATCHES; i++) {
		HLS_OPT(PIPELINE II = 1)
		core[0].latch[i] = 0;
	}
	core[0].irq[0].status = 0;
	core[0].irq[0].mask = 0;
	core[0].fatal = 0;
	core[0].slice = FPR_SLICE_DEFAULT;
	core[0].ageing = 0;
	core[0].epoch = core[0].now;
	core[0].resetting = 0;
	core[0].said.restored = 1;
	core[0].said.level = 1;
}

static void settle_engine(struct fpr_core core[1], uint32_t engine)
{
	if (core[0].engine[engine].resetting == 0u || core[0].engine[engine].working != 0u ||
	    core[0].engine[engine].held != 0u)
		return;
	fpr_ring_clear(&core[0].engine[engine].ring);
	end_busy(core, engine);
	core[0].engine[engine].error = 0;
	core[0].engine[engine].hung = 0;
	core[0].engine[engine].resetting = 0;
	core[0].engine[engine].stop = 0;
	core[0].said.ended |= 1u << engine;
	core[0].said.wake = 1;
}

void fpr_core_settle(struct fpr_core core[1])
{
	uint32_t waits = 0;

	HLS_LOOP(ENGINE)
	for (uint32_t i = 0; i < FPR_ENGINES; i++) {
		settle_engine(core, i);
		waits |= core[0].engine[i].resetting;
	}
	if (core[0].resetting != 0u && core[0].held == 0u && waits == 0u) {
		restore(core);
		core[0].said.wake = 1;
	}
}

static void stop_engine(struct fpr_core core[1], uint32_t engine)
{
	core[0].engine[engine].enabled = 0;
	core[0].engine[engine].resetting = 1;
	core[0].engine[engine].stop = 1;
}

void fpr_core_reset_engine(struct fpr_core core[1], uint32_t engine)
{
	if (core[0].engine[engine].resetting != 0u)
		return;
	core[0].said.engine_resets++;
	core[0].said.wake = 1;
	stop_engine(core, engine);
	fpr_core_settle(core);
}

void fpr_core_reset(struct fpr_core core[1])
{
	if (core[0].resetting != 0u)
		return;
	core[0].said.full_resets++;
	core[0].said.wake = 1;
	core[0].resetting = 1;
	HLS_LOOP(ENGINE)
	for (uint32_t i = 0; i < FPR_ENGINES; i++) {
		/* What held an engine fast lets go now. */
		core[0].engine[i].held = 0;
		stop_engine(core, i);
	}
	fpr_core_settle(core);
}

void fpr_core_power_on(struct fpr_core core[1], uint64_t now)
{
	const struct fpr_core_said nothing = {0};

	core[0].said = nothing;
	core[0].now = now;
	core[0].held = 0;
	restore(core);
	HLS_LOOP(ENGINE)
	for (uint32_t i = 0; i < FPR_ENGINES; i++)
		clear_records(core, i);
}

/* ---- descriptors -------------------------------------------------------- */

void fpr_core_take(struct fpr_core core[1], uint32_t engine, uint64_t fence, uint32_t cookie)
{
	uint32_t at = cookie % FPR_SHELL_RECORDS;

	fpr_ring_take(&core[0].engine[engine].ring);
	if (core[0].engine[engine].busy == 0u) {
		core[0].engine[engine].busy = 1;
		core[0].engine[engine].busy_since = core[0].now;
	}
	core[0].record[engine][at].fence = fence;
	core[0].record[engine][at].state = FPR_RECORD_TAKEN;
	fpr_shared_clear(&core[0].record[engine][at].bytes);
}

uint32_t fpr_core_chain(const struct fpr_core core[1], uint32_t flags)
{
	uint32_t breaks =
		(flags & FPR_MAC_CHAINED) != 0u && core[0].engine[FPR_ENGINE_MAC].last != FPR_OK;

	return breaks != 0u ? FPR_ERR_CHAIN : FPR_OK;
}

void fpr_core_count(struct fpr_core core[1], const uint64_t counters[FPR_CORE_SUMS])
{
	core[0].engine[FPR_ENGINE_MAC].cycles += counters[0];
	core[0].engine[FPR_ENGINE_MAC].issued += counters[1];
	core[0].engine[FPR_ENGINE_MAC].skipped_zero += counters[2];
	core[0].engine[FPR_ENGINE_MAC].skipped_oob += counters[3];
}

uint64_t fpr_core_complete(struct fpr_core core[1], uint32_t engine,
			   const struct fpr_finished finished[1], struct fpr_completion entry[1])
{
	uint64_t slot;

	fpr_core_record(core, engine, finished[0].cookie, finished[0].status);
	fpr_ring_end(&core[0].engine[engine].ring);
	if (core[0].engine[engine].ring.taken == 0u)
		end_busy(core, engine);
	core[0].engine[engine].last = finished[0].status;
	core[0].engine[engine].jobs++;
	entry[0].fence = finished[0].fence;
	entry[0].time = core[0].now - core[0].epoch;
	entry[0].cookie = finished[0].cookie;
	entry[0].sq_head = core[0].engine[engine].ring.sq_head;
	entry[0].cycles = (fpr_le32)finished[0].cycles;
	entry[0].status = (fpr_le16)finished[0].status;
	entry[0].phase = (fpr_le16)core[0].engine[engine].ring.phase;
	slot = fpr_ring_slot(&core[0].engine[engine].ring);
	/* A host that looks may take it, and say so, before the bus has said that it is there. */
	fpr_ring_posted(&core[0].engine[engine].ring);
	return slot;
}

void fpr_core_posted(struct fpr_core core[1], uint32_t engine, uint32_t fault)
{
	fpr_ring_arrived(&core[0].engine[engine].ring);
	if (fault != 0u)
		fpr_core_fail(core, engine);
	else if (fpr_ring_unread(&core[0].engine[engine].ring) != 0u)
		set_cause(core, engine);
}
