/* SPDX-License-Identifier: MIT */

#include "fpr_desc.h"
#include "fpr_regs.h"
#include "tb.h"
#include "command_unit.h"

/*
 * A host and engines played by hand: what the command processor asks for after each thing that
 * happens. Everything that matters comes within the first 50 calls.
 */
#define SQ 0x10000u
#define CQ 0x20000u
#define XFER FPR_ENGINE_XFER
#define MAC FPR_ENGINE_MAC

static uint64_t entry[FPR_EVENT_WORDS], answer[FPR_ANSWER_WORDS], now = 1000;
static uint32_t rooms = FPR_ROOM_MAC | FPR_ROOM_XFER;

static void tell(uint32_t what, uint32_t at, uint64_t value)
{
	tb_calls++;
	now += 40;
	command_top(what, at, value, now, rooms, entry, answer);
}

static uint64_t read_register(uint32_t at)
{
	tell(FPR_EVENT_READ, at, 0);
	return answer[FPR_ANSWER_VALUE];
}

static void write_register(uint32_t at, uint32_t value)
{
	tell(FPR_EVENT_WRITE, at, value);
}

static uint64_t action(void)
{
	return answer[FPR_ANSWER_ACTION];
}

static uint64_t messages(void)
{
	return answer[FPR_ANSWER_LINES] & FPR_LINES_MESSAGES;
}

static uint64_t stops(void)
{
	return answer[FPR_ANSWER_LINES] >> FPR_LINES_STOP_SHIFT & 3u;
}

static void enable(uint32_t engine)
{
	write_register(FPR_REG_ENGINE(engine) + FPR_ENG_SQ_LO, SQ);
	write_register(FPR_REG_ENGINE(engine) + FPR_ENG_CQ_LO, CQ);
	write_register(FPR_REG_ENGINE(engine) + FPR_ENG_SQ_ORDER, 2);
	write_register(FPR_REG_ENGINE(engine) + FPR_ENG_CQ_ORDER, 2);
	write_register(FPR_REG_ENGINE(engine) + FPR_ENG_CTRL, FPR_ENG_CTRL_ENABLE);
}

static void bring(const void *desc, size_t bytes)
{
	memset(entry, 0, sizeof(entry));
	memcpy(entry, desc, bytes);
	tell(FPR_EVENT_FETCHED, 0, 0);
}

/* The completion that is to be posted. */
static void expect_post(uint64_t slot, uint64_t fence, uint32_t cookie, uint32_t status,
			uint32_t phase)
{
	struct fpr_completion end;

	memcpy(&end, answer + FPR_ANSWER_ENTRY, sizeof(end));
	tb_expect(action() == FPR_ACTION_POST && answer[FPR_ANSWER_ADDRESS] == CQ + 32 * slot,
		  "a completion goes to the next slot");
	tb_expect(end.fence == fence && end.cookie == cookie && end.status == status &&
			  end.phase == phase,
		  "it says what became of the descriptor");
}

static void end(uint32_t engine, uint64_t fence, uint32_t cookie, uint32_t status)
{
	memset(entry, 0, sizeof(entry));
	entry[FPR_ENDED_FENCE] = fence;
	entry[FPR_ENDED_COOKIE] = cookie;
	entry[FPR_ENDED_STATUS] = status;
	for (uint32_t i = 0; i < 16; i++)
		entry[FPR_ENDED_COUNTERS + i] = 100 + i;
	tell(FPR_EVENT_ENDED, engine, 0);
}

static void transfers(void)
{
	const struct fpr_xfer_desc good = {
		.opcode = FPR_OP_XFER,
		.priority = 3,
		.cookie = 5,
		.fence = 77,
		.host = {.address = 0x5000, .bytes = 256, .sg_entries = 1},
		.to_host = 1};
	const struct fpr_xfer_desc bad = {.opcode = 9, .cookie = 6, .fence = 78};

	enable(XFER);
	rooms = 0;
	write_register(FPR_REG_SQ_TAIL(XFER), 2);
	tb_expect(action() == FPR_ACTION_NONE, "nobody would take it");
	rooms = FPR_ROOM_XFER;
	tell(FPR_EVENT_NEXT, 0, 0);
	tb_expect(action() == FPR_ACTION_FETCH && answer[FPR_ANSWER_ADDRESS] == SQ &&
			  answer[FPR_ANSWER_BYTES] == 64,
		  "the first descriptor");
	write_register(FPR_REG_IRQ_MASK, 7);
	tb_expect(action() == FPR_ACTION_NONE, "one thing at a time");
	bring(&good, sizeof(good));
	tb_expect(action() == FPR_ACTION_START_C2H, "to its direction");
	tell(FPR_EVENT_NEXT, 0, 0);
	tb_expect(action() == FPR_ACTION_FETCH && answer[FPR_ANSWER_ADDRESS] == SQ + 64,
		  "the second one");
	bring(&bad, sizeof(bad));
	expect_post(0, 78, 6, FPR_ERR_OPCODE, 1);
	tell(FPR_EVENT_POSTED, 0, 0);
	tb_expect(messages() == 1u << XFER, "a message");
	tell(FPR_EVENT_SERVED, 5, 0);
	write_register(FPR_REG_ENGINE(XFER) + FPR_ENG_RECORD, 5);
	tb_expect(read_register(FPR_REG_ENGINE(XFER) + FPR_ENG_RECORD_STATE) ==
			  (FPR_RECORD_TAKEN | FPR_RECORD_SERVED),
		  "its record");
	tell(FPR_EVENT_MOVED, 5, 256);
	end(XFER, 77, 5, FPR_OK);
	expect_post(1, 77, 5, FPR_OK, 1);
	write_register(FPR_REG_CQ_HEAD(XFER), 1);
	tb_expect(messages() == 0, "no message before the completion is there");
	tell(FPR_EVENT_POSTED, 0, 0);
	tb_expect(messages() == 1u << XFER, "but then");
	tb_expect(read_register(FPR_REG_ENGINE(XFER) + FPR_ENG_PROGRESS_LO) == 256, "moved");
	write_register(FPR_REG_CQ_HEAD(XFER), 2);
}

/* What needs no engine: whatever else has happened, and the other engine, have a turn. */
static void nops(void)
{
	const struct fpr_xfer_desc nop = {.cookie = 7, .fence = 79};
	const struct fpr_mac_desc mac_nop = {.cookie = 8, .fence = 80};

	write_register(FPR_REG_SQ_TAIL(XFER), 0);
	bring(&nop, sizeof(nop));
	expect_post(2, 79, 7, FPR_OK, 1);
	write_register(FPR_REG_CQ_HEAD(XFER), 3);
	rooms = FPR_ROOM_MAC | FPR_ROOM_XFER;
	enable(MAC);
	write_register(FPR_REG_SQ_TAIL(MAC), 1);
	tell(FPR_EVENT_POSTED, 0, 0);
	tb_expect(messages() == 0, "no message of what the host has seen already");
	tb_expect(action() == FPR_ACTION_NONE, "who waits for the bus has it first");
	tell(FPR_EVENT_NEXT, 0, 0);
	tb_expect(action() == FPR_ACTION_FETCH && answer[FPR_ANSWER_BYTES] == 256,
		  "the other engine's turn");
	bring(&mac_nop, sizeof(mac_nop));
	expect_post(0, 80, 8, FPR_OK, 1);
	tell(FPR_EVENT_POSTED, 0, 0);
	tell(FPR_EVENT_NEXT, 0, 0);
	bring(&nop, sizeof(nop));
	expect_post(3, 79, 7, FPR_OK, 1);
	tell(FPR_EVENT_POSTED, 0, 0);
}

static void products(void)
{
	struct fpr_mac_desc good = {.opcode = FPR_OP_GEMM,
				    .cookie = 9,
				    .fence = 90,
				    .result = 0x7008,
				    .a = {.address = 0, .bytes = 512},
				    .b = {.address = 512, .bytes = 512},
				    .c = {.address = 0x40000, .bytes = 1024},
				    .m = 16,
				    .n = 16,
				    .k = 16};

	write_register(FPR_REG_SQ_TAIL(MAC), 2);
	tb_expect(action() == FPR_ACTION_FETCH && answer[FPR_ANSWER_BYTES] == 256, "a job");
	bring(&good, sizeof(good));
	tb_expect(action() == FPR_ACTION_START_MAC && answer[FPR_ANSWER_EXTENTS] == 512 &&
			  answer[FPR_ANSWER_EXTENTS + 2] == 1024,
		  "goes to the array");
	rooms = FPR_ROOM_XFER;
	end(MAC, 90, 9, FPR_OK);
	tb_expect(action() == FPR_ACTION_RESULT && answer[FPR_ANSWER_ADDRESS] == 0x7008,
		  "its result goes first");
	tell(FPR_EVENT_POSTED, 0, 0);
	expect_post(1, 90, 9, FPR_OK, 1);
	tell(FPR_EVENT_POSTED, 0, 1);
	tb_expect(messages() == FPR_IRQ_BOARD && stops() == 1u << MAC,
		  "a ring that cannot be written stops the engine");
}

/* A reset waits for the engine. */
static void resets(void)
{
	const uint32_t status = FPR_REG_ENGINE(MAC) + FPR_ENG_STATUS;

	write_register(FPR_REG_ENGINE(MAC) + FPR_ENG_CTRL, FPR_ENG_CTRL_RESET);
	tb_expect(!(read_register(status) & FPR_ENG_STATUS_READY), "it is not over");
	tell(FPR_EVENT_RESTED, MAC, 0);
	tb_expect(stops() == 0, "it is");
	write_register(FPR_REG_SQ_TAIL(XFER), 4);
	tb_expect(stops() == 1u << XFER, "no index: it stops");
	tell(FPR_EVENT_RESTED, XFER, 0);
	write_register(FPR_REG_CTRL, FPR_CTRL_RESET);
	tb_expect((answer[FPR_ANSWER_LINES] & FPR_LINES_CLEAR) && stops() == 3, "all of it");
	tell(FPR_EVENT_RESTED, MAC, 0);
	tb_expect((answer[FPR_ANSWER_LINES] & FPR_LINES_CLEAR) && stops() & 1u << XFER,
		  "who rested already has yet to clear");
	tell(FPR_EVENT_RESTED, XFER, 0);
	tb_expect(!(answer[FPR_ANSWER_LINES] & FPR_LINES_CLEAR) && stops() == 0, "and over");
}

int main(void)
{
	tb_expect(read_register(FPR_REG_ID) == FPR_ID, "who it is");
	transfers();
	nops();
	products();
	resets();
	tb_expect(answer[FPR_ANSWER_SLICE] == FPR_SLICE_DEFAULT, "defaults");
	return tb_done();
}
