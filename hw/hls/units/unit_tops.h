/* SPDX-License-Identifier: MIT */
#ifndef FPR_UNIT_TOPS_H
#define FPR_UNIT_TOPS_H

#include <stdint.h>

#include "add.h"
#include "bdc.h"
#include "copy.h"
#include "fpr_geometry.h"
#include "p3_top.h"
#include "shell_top.h"
#include "walk.h"

/*
 * The units of the array, of the transfer engine and of the shell as tops of their own, for
 * synthesis and co-simulation: scalars and arrays in, arrays out. The arithmetic is theirs.
 */

/* @digits: set: the mask of non-zero digits of @m, and of those that are -1. */
void recode_top(uint32_t m, uint32_t digits[2]);

/* @out: set: x + y; that sum as bfloat16; +-@y * 2^@unit, the sign from @x. */
void fp32_top(uint32_t x, uint32_t y, int32_t unit, uint32_t out[3]);

/* One cycle of a `chunk` PE. @out: set: new sum, kept, beyond T, dropped. */
void pe_chunk_top(int32_t sum, const uint16_t term[FPR_LANES], const uint16_t operand[FPR_LANES],
		  uint32_t out[4]);

/*
 * One set of a `set` PE, as the tile runs it when nothing else is in the way.
 * @acc: sign, significand and exponent of the accumulator, updated
 * @out: set: cycles without the floor, issued, outside the window, idle, beyond T
 */
void pe_set_top(uint32_t t, const uint32_t serial[FPR_SET], const uint32_t parallel[FPR_SET],
		uint32_t acc[3], uint32_t out[5]);

/* One set of a `dense` PE; @acc as above. */
void pe_dense_top(const uint32_t s[FPR_SET], const uint32_t p[FPR_SET], uint32_t acc[3]);

/* A group there and back. @bytes: set: what it took. */
void bdc_top(const uint16_t values[FPR_BDC_GROUP], uint32_t n, uint8_t packed[FPR_BDC_BYTES],
	     uint16_t back[FPR_BDC_GROUP], uint32_t bytes[1]);

/* A block, row by row; turned when @turn is 1. */
void transpose_top(const uint16_t in[FPR_BLOCK * FPR_BLOCK], uint32_t turn,
		   uint16_t out[FPR_BLOCK * FPR_BLOCK]);

/* A command to the arbiter, as fpr_p3_top(). */
void arbiter_top(uint32_t command, uint32_t setting, uint64_t value,
		 uint64_t answer[FPR_P3_ANSWERS]);

/* A block of an accumulate, as fpr_add_block(). */
void add_top(uint32_t op, const uint32_t host[FPR_ADD_WORDS], uint32_t board[FPR_ADD_WORDS_MAX]);

/* What a walk, its place inside, can be asked to do. */
#define WALK_START 0 /* value: table, entries, offset, alignment */
#define WALK_ENTRY 1 /* one of those it wants; value: its number, address, bytes, reserved */
#define WALK_SKIP 2 /* value: bytes */
#define WALK_STEP 3 /* value: most bytes; answer: as struct fpr_walk_step */

void walk_top(uint32_t command, const uint64_t value[4], uint64_t answer[4]);

/* What a copy, its piece inside, can be asked to do. */
#define COPY_START 0 /* piece: from, to, bytes */
#define COPY_BEAT 1 /* @in to @out; answer: strobes, and where @out goes */

/* @answer also tells where the next beat of the source is, beats to read and bytes to write. */
void copy_top(uint32_t command, const uint64_t piece[3], const uint8_t in[FPR_BEAT],
	      uint8_t out[FPR_BEAT], uint64_t answer[5]);

/* What an engine's rings, inside, can be asked to do. */
#define RING_START 0 /* value: both addresses, both orders; answer: 1 when they fit */
#define RING_SUBMITTED 1 /* value: tail; answer: 1 when it is one */
#define RING_CONSUMED 2 /* value: head; the same */
#define RING_FETCH 3 /* value: bytes; answer: 1 and where, when a descriptor is taken */
#define RING_POST 4 /* answer: where a completion goes, and its phase */

void ring_top(uint32_t command, const uint64_t value[4], uint64_t answer[2]);

/* What interrupt causes, inside, can be asked to do. */
#define IRQ_SET 0
#define IRQ_CLEAR 1
#define IRQ_MASK 2

/* @answer: messages that go out, causes that are set, the line. */
void irq_top(uint32_t command, uint32_t value, uint32_t answer[3]);

/* A descriptor of @engine; @answer: enum fpr_status, extents of a job that passed. */
void check_top(uint32_t engine, uint64_t memory, const uint64_t words[FPR_EVENT_WORDS],
	       uint64_t answer[4]);

/* The command processor, as fpr_shell_top(). */
void command_top(uint32_t what, uint32_t at, uint64_t value, uint64_t now, uint32_t rooms,
		 const uint64_t entry[FPR_EVENT_WORDS], uint64_t answer[FPR_ANSWER_WORDS]);

#endif
