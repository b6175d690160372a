/* SPDX-License-Identifier: MIT */
#ifndef FPR_SHELL_TOP_H
#define FPR_SHELL_TOP_H

#include <stdint.h>

/*
 * The command processor as hardware has it: a call for each thing that happened, and an answer that
 * says what is to be done. It reaches nothing itself: hw/rtl/top/fpr_shell.sv has the bus and the
 * engines. One action is under way at a time.
 */

/* What happened; @at and @value say the rest. */
#define FPR_EVENT_READ 0 /* of register @at; entry: counters of its class */
#define FPR_EVENT_WRITE 1 /* of @value to register @at */
#define FPR_EVENT_NEXT 2 /* rooms have changed, or a start is done, or POSTED has been told */
#define FPR_EVENT_FETCHED 3 /* entry: the descriptor; @value 1: it could not be read */
#define FPR_EVENT_POSTED 4 /* a completion or a result; @value 1: it could not be written */
#define FPR_EVENT_SERVED 5 /* a slice of the transfer with cookie @at begins */
#define FPR_EVENT_MOVED 6 /* it has ended, and @value bytes have reached memory */
#define FPR_EVENT_TORN 7 /* the job with cookie @at begins to write C */
#define FPR_EVENT_ENDED 8 /* of engine @at; entry: FPR_ENDED_*; not during an action */
#define FPR_EVENT_RESTED 9 /* engine @at, told to stop or to clear, has let go of everything */

/* Words that come with FPR_EVENT_ENDED. */
#define FPR_ENDED_FENCE 0
#define FPR_ENDED_COOKIE 1
#define FPR_ENDED_STATUS 2
#define FPR_ENDED_STALL_NS 3
#define FPR_ENDED_COUNTERS 4 /* struct fpr_gemm_counters, a word each */

#define FPR_EVENT_WORDS 32

/* Who can take up work: @rooms. */
#define FPR_ROOM_MAC 0x1
#define FPR_ROOM_XFER 0x6 /* both directions: H2C, C2H */

/* Words of the answer. */
#define FPR_ANSWER_VALUE 0 /* of the register that was read */
#define FPR_ANSWER_LINES 1
#define FPR_ANSWER_ACTION 2
#define FPR_ANSWER_ADDRESS 3 /* FETCH, POST, RESULT: bus address */
#define FPR_ANSWER_BYTES 4 /* FETCH */
#define FPR_ANSWER_ENTRY 5 /* POST: four words; the last 16 bits, the phase, are written last */
#define FPR_ANSWER_EXTENTS 9 /* START_MAC: bytes of A, B and C */
#define FPR_ANSWER_SLICE 12
#define FPR_ANSWER_AGEING 13
#define FPR_ANSWER_WORDS 14

#define FPR_LINES_MESSAGES 0x7 /* messages to send now, by cause */
#define FPR_LINES_LEVEL 0x8
#define FPR_LINES_STOP_SHIFT 4 /* a bit per engine */
#define FPR_LINES_CLEAR 0x40 /* a full reset: engines clear their counters while they stop */

#define FPR_ACTION_NONE 0
#define FPR_ACTION_FETCH 1
#define FPR_ACTION_POST 2
#define FPR_ACTION_START_MAC 3 /* what FPR_EVENT_FETCHED brought goes to the engine */
#define FPR_ACTION_START_H2C 4
#define FPR_ACTION_START_C2H 5
#define FPR_ACTION_RESULT 6 /* the counters of FPR_EVENT_ENDED go to the host */

/**
 * fpr_shell_top() - something happened
 * @what: FPR_EVENT_*
 * @at: register, engine or cookie
 * @value: see there
 * @now: nanoseconds of a clock that never goes back
 * @rooms: FPR_ROOM_*: engines that would take work now
 * @tiles: done by the MAC engine since power came on
 * @temperature: thousandths of a degree
 * @memory: bytes of board memory
 * @clock_khz: of the array
 * @build: id of the hardware source
 * @entry: words that come with the event
 * @answer: set, all of it
 */
void fpr_shell_top(uint32_t what, uint32_t at, uint64_t value, uint64_t now, uint32_t rooms,
		   uint64_t tiles, uint32_t temperature, uint64_t memory, uint32_t clock_khz,
		   uint32_t build, const uint64_t entry[FPR_EVENT_WORDS],
		   uint64_t answer[FPR_ANSWER_WORDS]);

#endif
