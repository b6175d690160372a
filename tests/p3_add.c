/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "add.h"
#include "golden/golden.h"

/* Accumulates against sums in exact arithmetic. */

static const uint32_t corners[] = {
	0x00000000, 0x80000000, 0x00000001, 0x807fffff, 0x00800000, 0x80800000,
	0x00ffffff, 0x3f800000, 0xbf800000, 0x3f800001, 0x33800000, 0x33800001,
	0xb3800000, 0x7f7fffff, 0xff7fffff, 0x7f800000, 0xff800000, 0x7f800001,
	0xffc00000, 0x7fc12345, 0x73800000, 0x0c800000, 0x34000000, 0x3f7fffff,
};

#define CORNERS (sizeof(corners) / sizeof(corners[0]))

static uint64_t random_state = 88172645463325252u;

static uint32_t any(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (uint32_t)(random_state >> 20);
}

/* Pairs that cancel, are near each other, or have nothing to do with each other. */
static uint32_t near(uint32_t x)
{
	switch (any() % 4) {
	case 0:
		return x ^ 0x80000000u;
	case 1:
		return (x ^ 0x80000000u) + any() % 5 - 2;
	case 2:
		return x + ((any() % 60) << 23) - (30u << 23);
	default:
		return any();
	}
}

static uint32_t golden_sum(uint32_t x, uint32_t y)
{
	return golden_add_f32(golden_read_f32(x), golden_read_f32(y));
}

static uint32_t golden_bf16_sum(uint32_t x, uint32_t y)
{
	return golden_round_bf16(golden_sum(x << 16, y << 16));
}

/* What one word from the host does to board memory. */
static void golden_word(uint32_t op, uint32_t host, unsigned int i, uint32_t *board)
{
	if (op == FPR_XFER_ADD_F32) {
		board[i] = golden_sum(board[i], host);
	} else if (op == FPR_XFER_ADD_BF16) {
		board[i] = golden_bf16_sum(board[i] & 0xffff, host & 0xffff) |
			   golden_bf16_sum(board[i] >> 16, host >> 16) << 16;
	} else {
		board[2 * i] = golden_sum(board[2 * i], host << 16);
		board[2 * i + 1] = golden_sum(board[2 * i + 1], host & 0xffff0000u);
	}
}

static void compare(uint32_t op, const uint32_t *host, const uint32_t *before)
{
	uint32_t got[FPR_ADD_WORDS_MAX], want[FPR_ADD_WORDS_MAX];

	memcpy(got, before, sizeof(got));
	memcpy(want, before, sizeof(want));
	for (unsigned int i = 0; i < FPR_ADD_WORDS; i++)
		golden_word(op, host[i], i, want);
	fpr_add_block(op, host, got);
	for (unsigned int i = 0; i < FPR_ADD_WORDS_MAX; i++)
		if (got[i] != want[i])
			fail_msg("op %u word %u: %08x + %08x gives %08x, not %08x", op, i,
				 before[i], host[i % FPR_ADD_WORDS], got[i], want[i]);
}

static void every_pair_of_corners(void **state)
{
	uint32_t host[FPR_ADD_WORDS], board[FPR_ADD_WORDS_MAX];

	(void)state;
	for (uint32_t op = FPR_XFER_ADD_F32; op <= FPR_XFER_ADD_BF16_F32; op++) {
		for (unsigned int x = 0; x < CORNERS; x++) {
			for (unsigned int y = 0; y < CORNERS; y++) {
				for (unsigned int i = 0; i < FPR_ADD_WORDS; i++)
					host[i] = corners[(x + i) % CORNERS];
				for (unsigned int i = 0; i < FPR_ADD_WORDS_MAX; i++)
					board[i] = corners[(y + i) % CORNERS];
				compare(op, host, board);
			}
		}
	}
}

static void random_pairs(void **state)
{
	uint32_t host[FPR_ADD_WORDS], board[FPR_ADD_WORDS_MAX];

	(void)state;
	for (unsigned int n = 0; n < 6000; n++) {
		for (unsigned int i = 0; i < FPR_ADD_WORDS_MAX; i++)
			board[i] = any();
		for (unsigned int i = 0; i < FPR_ADD_WORDS; i++)
			host[i] = near(board[i]);
		compare(FPR_XFER_ADD_F32 + n % 3, host, board);
	}
}

/* All 65,536 bfloat16, to a zero, to one and to themselves. */
static void every_bf16(void **state)
{
	uint32_t host[FPR_ADD_WORDS], board[FPR_ADD_WORDS_MAX];

	(void)state;
	for (uint32_t x = 0; x < 0x10000; x += 2 * FPR_ADD_WORDS) {
		for (unsigned int kind = 0; kind < 3; kind++) {
			for (unsigned int i = 0; i < FPR_ADD_WORDS; i++)
				host[i] = (x + 2 * i) | (x + 2 * i + 1) << 16;
			for (unsigned int i = 0; i < FPR_ADD_WORDS_MAX; i++)
				board[i] = kind == 0   ? 0
					   : kind == 1 ? 0x3f803f80
						       : host[i % FPR_ADD_WORDS];
			compare(FPR_XFER_ADD_BF16, host, board);
			compare(FPR_XFER_ADD_BF16_F32, host, board);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_pair_of_corners),
		cmocka_unit_test(random_pairs),
		cmocka_unit_test(every_bf16),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
