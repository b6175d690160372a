/* SPDX-License-Identifier: MIT */

#include "shell_top.h"

#include "check.h"
#include "core.h"
#include "counters.h"
#include "hls.h"
#include "words.h"

/**
 * struct flow - what is under way between two calls
 * @on: power has come on
 * @acting: FPR_ACTION_FETCH, _POST or _RESULT, else FPR_ACTION_NONE
 * @engine: for which, or for which it last was
 * @asked: the answer has an action already
 * @rested: bit e: engine e has let go of everything since it was told to stop
 * @tiles: of the MAC engine, when the last full reset ended
 * @result: where the result of the job under way goes; 0: nowhere
 * @ending: the job whose result is being written
 * @sums: its counters, for fpr_core_count()
 */
struct flow {
	uint32_t on, acting, engine, asked, rested;
	uint64_t tiles, result;
	struct fpr_finished ending[1];
	uint64_t sums[FPR_CORE_SUMS];
};

static struct fpr_core core[1];
static struct flow flow[1];

static void ask(uint32_t action, uint64_t answer[])
{
	flow[0].asked = 1;
	answer[FPR_ANSWER_ACTION] = action;
}

static void act(uint32_t action, uint32_t engine, uint64_t address, uint64_t answer[])
{
	flow[0].acting = action;
	flow[0].engine = engine;
	ask(action, answer);
	answer[FPR_ANSWER_ADDRESS] = address;
}

static void finish(uint32_t engine, const struct fpr_finished finished[1], uint64_t answer[])
{
	struct fpr_completion entry[1];
	uint64_t words[FPR_COMPLETION_WORDS];
	uint64_t slot = fpr_core_complete(core, engine, finished, entry);

	fpr_words_of_completion(entry, words);
	HLS_LOOP(WORD)
	for (uint32_t i = 0; i < FPR_COMPLETION_WORDS; i++)
		answer[FPR_ANSWER_ENTRY + i] = words[i];
	act(FPR_ACTION_POST, engine, slot, answer);
}

static void refuse(uint32_t engine, uint64_t fence, uint32_t cookie, uint32_t status,
		   uint64_t answer[])
{
	struct fpr_finished finished[1];

	finished[0].fence = fence;
	finished[0].cookie = cookie;
	finished[0].status = status;
	finished[0].cycles = 0;
	finish(engine, finished, answer);
}

/* ---- descriptors -------------------------------------------------------- */

static void fetched_mac(uint64_t memory, const uint64_t entry[], uint64_t answer[])
{
	struct fpr_mac_desc desc[1];
	struct fpr_mac_job job[1];
	uint32_t status;

	fpr_words_to_mac(entry, desc);
	fpr_core_take(core, FPR_ENGINE_MAC, desc[0].fence, desc[0].cookie);
	status = fpr_check_mac(desc, memory, job);
	if (status == FPR_OK)
		status = fpr_core_chain(core, desc[0].flags);
	if (status != FPR_OK || desc[0].opcode == FPR_OP_NOP) {
		refuse(FPR_ENGINE_MAC, desc[0].fence, desc[0].cookie, status, answer);
		return;
	}
	flow[0].result = desc[0].result;
	ask(FPR_ACTION_START_MAC, answer);
	answer[FPR_ANSWER_EXTENTS] = job[0].a;
	answer[FPR_ANSWER_EXTENTS + 1] = job[0].b;
	answer[FPR_ANSWER_EXTENTS + 2] = job[0].c;
}

static void fetched_xfer(uint64_t memory, const uint64_t entry[], uint64_t answer[])
{
	struct fpr_xfer_desc desc[1];
	uint32_t status;

	fpr_words_to_xfer(entry, desc);
	fpr_core_take(core, FPR_ENGINE_XFER, desc[0].fence, desc[0].cookie);
	status = fpr_check_xfer(desc, memory);
	if (status != FPR_OK || desc[0].opcode == FPR_OP_NOP)
		refuse(FPR_ENGINE_XFER, desc[0].fence, desc[0].cookie, status, answer);
	else
		ask(desc[0].to_host != 0 ? FPR_ACTION_START_C2H : FPR_ACTION_START_H2C, answer);
}

static void fetched(uint32_t fault, uint64_t memory, const uint64_t entry[], uint64_t answer[])
{
	uint32_t engine = flow[0].engine;

	flow[0].acting = FPR_ACTION_NONE;
	if (fpr_core_ready(core, engine) == 0u)
		return;
	if (fault != 0u)
		fpr_core_fail(core, engine);
	else if (engine == FPR_ENGINE_MAC)
		fetched_mac(memory, entry, answer);
	else
		fetched_xfer(memory, entry, answer);
}

/* ---- ends --------------------------------------------------------------- */

static void end_mac(uint64_t answer[])
{
	/* Also when nobody will hear of it: it must not be run again. */
	if (flow[0].ending[0].status == FPR_OK)
		fpr_core_record(core, FPR_ENGINE_MAC, flow[0].ending[0].cookie, FPR_OK);
	if (fpr_core_ready(core, FPR_ENGINE_MAC) == 0u)
		return;
	if (flow[0].ending[0].status == FPR_OK)
		fpr_core_count(core, flow[0].sums);
	else
		flow[0].ending[0].cycles = 0;
	finish(FPR_ENGINE_MAC, flow[0].ending, answer);
}

static void ended_mac(const uint64_t entry[], uint64_t answer[])
{
	flow[0].ending[0].fence = entry[FPR_ENDED_FENCE];
	flow[0].ending[0].cookie = (uint32_t)entry[FPR_ENDED_COOKIE];
	flow[0].ending[0].status = (uint32_t)entry[FPR_ENDED_STATUS];
	flow[0].ending[0].cycles = entry[FPR_ENDED_COUNTERS + FPR_COUNT_TOTAL];
	flow[0].sums[0] = entry[FPR_ENDED_COUNTERS + FPR_COUNT_TOTAL];
	flow[0].sums[1] = entry[FPR_ENDED_COUNTERS + FPR_COUNT_ISSUED];
	flow[0].sums[2] = entry[FPR_ENDED_COUNTERS + FPR_COUNT_ZERO];
	flow[0].sums[3] = entry[FPR_ENDED_COUNTERS + FPR_COUNT_OOB];
	core[0].engine[FPR_ENGINE_MAC].stall_ns += entry[FPR_ENDED_STALL_NS];
	if (flow[0].ending[0].status == FPR_OK && flow[0].result != 0u)
		act(FPR_ACTION_RESULT, FPR_ENGINE_MAC, flow[0].result, answer);
	else
		end_mac(answer);
}

static void ended(uint32_t engine, const uint64_t entry[], uint64_t answer[])
{
	if (engine == FPR_ENGINE_MAC)
		ended_mac(entry, answer);
	else if (fpr_core_ready(core, FPR_ENGINE_XFER) != 0u)
		refuse(FPR_ENGINE_XFER, entry[FPR_ENDED_FENCE], (uint32_t)entry[FPR_ENDED_COOKIE],
		       (uint32_t)entry[FPR_ENDED_STATUS], answer);
}

static void posted(uint32_t fault, uint64_t answer[])
{
	uint32_t was = flow[0].acting;

	flow[0].acting = FPR_ACTION_NONE;
	if (was == FPR_ACTION_RESULT) {
		flow[0].ending[0].status = fault != 0u ? FPR_ERR_DMA : FPR_OK;
		end_mac(answer);
	} else if (fpr_core_ready(core, flow[0].engine) != 0u) {
		fpr_core_posted(core, flow[0].engine, fault);
	}
}

/* ---- transfers under way ------------------------------------------------ */

static void moved(uint32_t cookie, uint64_t bytes)
{
	core[0].record[FPR_ENGINE_XFER][cookie % FPR_SHELL_RECORDS].bytes += bytes;
	core[0].engine[FPR_ENGINE_XFER].moved += bytes;
	/* A record still says so of what the engine was moving as it stopped. */
	if (fpr_core_ready(core, FPR_ENGINE_XFER) != 0u)
		fpr_core_mark(core, FPR_ENGINE_XFER, cookie, 0, FPR_RECORD_SERVED);
}

/* ---- resets ------------------------------------------------------------- */

/* A reset waits for the engine, and for what is done for it. */
static void note_working(void)
{
	HLS_LOOP(ENGINE)
	for (uint32_t i = 0; i < FPR_ENGINES; i++) {
		uint32_t acting = flow[0].acting != FPR_ACTION_NONE && flow[0].engine == i;

		if (core[0].engine[i].stop == 0u)
			flow[0].rested &= ~(1u << i);
		core[0].engine[i].working = acting != 0u || (flow[0].rested >> i & 1u) == 0u;
	}
}

/* A full reset clears engines' counters, too, so those that rest already have to say so again. */
static void write_register(uint32_t at, uint32_t value)
{
	if (at == FPR_REG_CTRL && (value & FPR_CTRL_RESET) != 0u && core[0].resetting == 0u) {
		flow[0].rested = 0;
		note_working();
	}
	fpr_core_write(core, at, value);
}

/* ---- what next ---------------------------------------------------------- */

static uint32_t fetches(uint32_t engine, uint32_t rooms, uint32_t wanted)
{
	return (rooms & wanted) == wanted && fpr_core_ready(core, engine) != 0u &&
	       fpr_ring_waits(&core[0].engine[engine].ring) != 0u;
}

static void fetch(uint32_t engine, uint32_t bytes, uint64_t answer[])
{
	act(FPR_ACTION_FETCH, engine, fpr_ring_next(&core[0].engine[engine].ring, bytes), answer);
	answer[FPR_ANSWER_BYTES] = bytes;
}

/*
 * An engine whose descriptors end at once would keep the bus for ever: so the other one goes first,
 * and after a completion whoever waits for the action to be over.
 */
static void next(uint32_t what, uint32_t rooms, uint64_t answer[])
{
	uint32_t xfer = fetches(FPR_ENGINE_XFER, rooms, FPR_ROOM_XFER);
	uint32_t mac = fetches(FPR_ENGINE_MAC, rooms, FPR_ROOM_MAC);

	if (flow[0].acting != FPR_ACTION_NONE || flow[0].asked != 0u || what == FPR_EVENT_POSTED)
		return;
	if (xfer != 0u && (mac == 0u || flow[0].engine == FPR_ENGINE_MAC))
		fetch(FPR_ENGINE_XFER, 8u * FPR_XFER_WORDS, answer);
	else if (mac != 0u)
		fetch(FPR_ENGINE_MAC, 8u * FPR_MAC_WORDS, answer);
}

static uint64_t lines(void)
{
	uint64_t stop = 0;

	HLS_LOOP(ENGINE)
	for (uint32_t i = 0; i < FPR_ENGINES; i++)
		stop |= core[0].engine[i].stop << i;
	return (core[0].said.messages & FPR_LINES_MESSAGES) |
	       (fpr_irq_level(core[0].irq) != 0u ? FPR_LINES_LEVEL : 0u) |
	       (stop << FPR_LINES_STOP_SHIFT) | (core[0].resetting != 0u ? FPR_LINES_CLEAR : 0u);
}

void fpr_shell_top(uint32_t what, uint32_t at, uint64_t value, uint64_t now, uint32_t rooms,
		   uint64_t tiles, uint32_t temperature, uint64_t memory, uint32_t clock_khz,
		   uint32_t build, const uint64_t entry[FPR_EVENT_WORDS],
		   uint64_t answer[FPR_ANSWER_WORDS])
{
	HLS_OPT(INTERFACE mode = ap_ctrl_hs port = return )
	const struct fpr_core_said nothing = {0};
	struct fpr_outside outside[1] = {
		{memory, tiles - flow[0].tiles, {0, 0, 0, 0}, clock_khz, build, temperature}};

	HLS_LOOP(ANSWER)
	for (uint32_t i = 0; i < FPR_ANSWER_WORDS; i++)
		answer[i] = 0;
	if (flow[0].on == 0u)
		fpr_core_power_on(core, now);
	flow[0].on = 1;
	flow[0].asked = 0;
	core[0].now = now;
	note_working();
	switch (what) {
	case FPR_EVENT_READ:
		HLS_LOOP(CLASS)
		for (uint32_t i = 0; i < 4u; i++)
			outside[0].of_class[i] = entry[i];
		answer[FPR_ANSWER_VALUE] = fpr_core_read(core, at, outside);
		break;
	case FPR_EVENT_WRITE:
		write_register(at, (uint32_t)value);
		break;
	case FPR_EVENT_FETCHED:
		fetched((uint32_t)value, memory, entry, answer);
		break;
	case FPR_EVENT_POSTED:
		posted((uint32_t)value, answer);
		break;
	case FPR_EVENT_SERVED:
		fpr_core_mark(core, FPR_ENGINE_XFER, at, FPR_RECORD_SERVED, 0);
		break;
	case FPR_EVENT_MOVED:
		moved(at, value);
		break;
	case FPR_EVENT_TORN:
		fpr_core_mark(core, FPR_ENGINE_MAC, at, FPR_RECORD_TORN, 0);
		break;
	case FPR_EVENT_ENDED:
		ended(at, entry, answer);
		break;
	case FPR_EVENT_RESTED:
		flow[0].rested |= 1u << (at % FPR_ENGINES);
		break;
	default:
		break;
	}
	note_working();
	fpr_core_settle(core);
	if (core[0].said.restored != 0u)
		flow[0].tiles = tiles;
	next(what, rooms, answer);
	answer[FPR_ANSWER_LINES] = lines();
	answer[FPR_ANSWER_SLICE] = core[0].slice;
	answer[FPR_ANSWER_AGEING] = core[0].ageing;
	core[0].said = nothing;
}
