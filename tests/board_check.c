/* SPDX-License-Identifier: MIT */
/*
 * What a board refuses, and how much memory a job touches: tables of jobs with
 * the answers worked out by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <string.h>

#include <cmocka.h>

#include "board.h"

#define GOOD .m = 3, .n = 5, .k = 7, .t = 15

static const struct {
	const char *what;
	struct fpr_gemm job;
} bad[] = {
	{"kind", {GOOD, .kind = FPR_KINDS}},
	{"serial auto", {GOOD, .serial = FPR_SERIAL_AUTO}},
	{"serial", {GOOD, .serial = 255}},
	{"threshold", {.m = 3, .n = 5, .k = 7, .t = 16}},
	{"threshold of dense", {.m = 3, .n = 5, .k = 7, .t = 16, .kind = FPR_KIND_DENSE}},
	{"output type", {GOOD, .out = 2}},
	{"trans_a", {GOOD, .trans_a = 2}},
	{"trans_b", {GOOD, .trans_b = 2}},
	{"accumulate", {GOOD, .accumulate = 2}},
	{"reserved", {GOOD, .reserved = 1}},
	{"reserved1", {GOOD, .reserved1 = 1}},
	{"m", {.m = FPR_DIM_MAX + 1, .n = 1, .k = 1}},
	{"n", {.m = 1, .n = FPR_DIM_MAX + 1, .k = 1}},
	{"k", {.m = 1, .n = 1, .k = FPR_DIM_MAX + 1}},
	{"k of an empty job", {.m = 0, .n = 1, .k = UINT32_MAX}},
	{"batch", {GOOD, .batch = FPR_BATCH_MAX + 1, .stride_c = 15}},
	{"work wraps 64 bits", {.m = 1u << 24, .n = 1u << 24, .k = 1u << 16}},
	{"too much work", {.m = 1u << 20, .n = 1u << 20, .k = (1u << 16) + 1}},
	{"work of the batch",
	 {.m = 1u << 16,
	  .n = 1u << 16,
	  .k = 1u << 16,
	  .batch = (1u << 8) + 1,
	  .stride_c = 1ull << 32}},
	{"lda", {GOOD, .lda = 6}},
	{"lda transposed", {GOOD, .lda = 2, .trans_a = 1}},
	{"lda too large", {GOOD, .lda = FPR_DIM_MAX + 1}},
	{"ldb", {GOOD, .ldb = 4}},
	{"ldb transposed", {GOOD, .ldb = 6, .trans_b = 1}},
	{"ldb too large", {GOOD, .ldb = FPR_DIM_MAX + 1}},
	{"ldc", {GOOD, .ldc = 4}},
	{"ldc too large", {GOOD, .ldc = FPR_DIM_MAX + 1}},
	{"entries on top of one another", {GOOD, .batch = 2}},
	{"entries overlap by one element", {GOOD, .batch = 2, .stride_c = 14}},
	{"entries overlap with ldc", {GOOD, .batch = 2, .ldc = 6, .stride_c = 16}},
	{"side by side, too close", {GOOD, .batch = 2, .ldc = 20, .stride_c = 4}},
	{"side by side, past the row", {GOOD, .batch = 4, .ldc = 19, .stride_c = 5}},
	{"side by side, wraps",
	 {.m = FPR_DIM_MAX,
	  .n = 1,
	  .k = 1,
	  .ldc = FPR_DIM_MAX,
	  .batch = (1u << 18) + 1,
	  .stride_c = 1ull << 46}},
};

static const struct {
	const char *what;
	struct fpr_gemm job;
	struct fpr_gemm_extent extent;
} good[] = {
	{"packed", {GOOD}, {42, 70, 60}},
	{"bf16 out", {GOOD, .out = FPR_OUT_BF16}, {42, 70, 30}},
	{"transposed", {GOOD, .trans_a = 1, .trans_b = 1}, {42, 70, 60}},
	{"rows apart",
	 {GOOD, .lda = 10, .ldb = 11, .ldc = 12},
	 {2 * (20 + 7), 2 * (66 + 5), 4 * (24 + 5)}},
	{"transposed rows apart",
	 {GOOD, .lda = 10, .ldb = 11, .trans_a = 1, .trans_b = 1},
	 {2 * (60 + 3), 2 * (44 + 7), 60}},
	{"batch",
	 {GOOD, .batch = 3, .stride_a = 100, .stride_b = 1, .stride_c = 15},
	 {2 * (200 + 21), 2 * (2 + 35), 4 * 45}},
	{"shared operands", {GOOD, .batch = 3, .stride_c = 15}, {42, 70, 180}},
	{"batch of 1 needs no stride", {GOOD, .batch = 1}, {42, 70, 60}},
	{"side by side", {GOOD, .batch = 4, .ldc = 20, .stride_c = 5}, {42, 70, 4 * (15 + 40 + 5)}},
	{"k = 0", {.m = 3, .n = 5}, {0, 0, 60}},
	{"m = 0", {.n = 5, .k = 7, .batch = 9}, {0, 70, 0}},
	{"nothing", {.batch = 9}, {0, 0, 0}},
	{"largest dimensions",
	 {.m = FPR_DIM_MAX, .n = 1, .k = FPR_DIM_MAX},
	 {1ull << 49, 1ull << 25, 1ull << 26}},
	{"most work",
	 {.m = 1u << 20, .n = 1u << 20, .k = 1u << 16},
	 {1ull << 37, 1ull << 37, 1ull << 42}},
};

static const struct {
	const char *what;
	struct fpr_gemm job;
} endless[] = {
	{"a wraps", {GOOD, .batch = 3, .stride_a = 1ull << 63, .stride_c = 15}},
	{"a does not fit 63 bits", {GOOD, .batch = 2, .stride_a = 1ull << 62, .stride_c = 15}},
	{"b", {GOOD, .batch = 2, .stride_b = UINT64_MAX, .stride_c = 15}},
	{"c", {GOOD, .batch = 2, .stride_c = 1ull << 61}},
	{"c by its last row", {GOOD, .batch = 2, .stride_c = (1ull << 61) - 15}},
};

static void refuses_bad_jobs(void **state)
{
	(void)state;
	assert_int_equal(fpr_gemm_check(NULL), -EINVAL);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (fpr_gemm_check(&bad[i].job) != -EINVAL)
			fail_msg("accepted: %s", bad[i].what);
}

static void measures_good_jobs(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct fpr_gemm_extent extent = {1, 1, 1};

		if (fpr_gemm_check(&good[i].job) || fpr_gemm_extent(&good[i].job, &extent))
			fail_msg("refused: %s", good[i].what);
		if (extent.a != good[i].extent.a || extent.b != good[i].extent.b ||
		    extent.c != good[i].extent.c)
			fail_msg("%s: %llu %llu %llu", good[i].what, (unsigned long long)extent.a,
				 (unsigned long long)extent.b, (unsigned long long)extent.c);
	}
}

static void refuses_endless_jobs(void **state)
{
	struct fpr_gemm_extent extent;

	(void)state;
	for (size_t i = 0; i < sizeof(endless) / sizeof(endless[0]); i++) {
		if (fpr_gemm_check(&endless[i].job))
			fail_msg("not well formed: %s", endless[i].what);
		if (fpr_gemm_extent(&endless[i].job, &extent) != -EINVAL)
			fail_msg("measured: %s", endless[i].what);
	}
}

/* The longest extent that does fit. */
static void measures_63_bits(void **state)
{
	struct fpr_gemm job = {GOOD, .batch = 2, .stride_c = (1ull << 61) - 16};
	struct fpr_gemm_extent extent;

	(void)state;
	assert_int_equal(fpr_gemm_extent(&job, &extent), 0);
	assert_true(extent.c == (1ull << 63) - 4);
}

static void boards_check_too(void **state)
{
	static const enum fpr_board_model models[] = {FPR_BOARD_FAST, FPR_BOARD_HLS};

	(void)state;
	for (size_t m = 0; m < 2; m++) {
		struct fpr_board_options options = {.model = models[m], .threads = 1};
		uint16_t a[21] = {0}, b[35] = {0};
		struct fpr_gemm_counters counters;
		struct fpr_board *board;
		uint32_t c[15];

		assert_int_equal(fpr_board_open(&options, &board), 0);
		memset(c, 0x5a, sizeof(c));
		memset(&counters, 0x5a, sizeof(counters));
		for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
			assert_int_equal(fpr_board_gemm(board, &bad[i].job, a, b, c, &counters),
					 -EINVAL);
		for (size_t i = 0; i < sizeof(endless) / sizeof(endless[0]); i++)
			assert_int_equal(fpr_board_gemm(board, &endless[i].job, a, b, c, NULL),
					 -EINVAL);
		for (size_t i = 0; i < 15; i++)
			assert_int_equal(c[i], 0x5a5a5a5a);
		fpr_board_close(board);
	}
}

static void open_checks_options(void **state)
{
	struct fpr_board *board = NULL;

	(void)state;
	assert_int_equal(fpr_board_open(NULL, NULL), -EINVAL);
	assert_int_equal(fpr_board_open(&(struct fpr_board_options){.model = 3}, &board), -EINVAL);
	assert_int_equal(fpr_board_open(&(struct fpr_board_options){.isa = 4}, &board), -EINVAL);
	assert_int_equal(fpr_board_open(&(struct fpr_board_options){.threads = 1u << 30}, &board),
			 -EINVAL);
	assert_null(board);
	fpr_board_close(NULL);
	assert_int_equal(fpr_board_open(NULL, &board), 0);
	assert_true(fpr_board_threads(board) >= 1);
	assert_int_not_equal(fpr_board_isa(board), FPR_ISA_AUTO);
	fpr_board_close(board);
	assert_string_equal(fpr_isa_name(FPR_ISA_PORTABLE), "portable");
	assert_string_equal(fpr_isa_name(FPR_ISA_AVX2), "avx2");
	assert_string_equal(fpr_isa_name(FPR_ISA_AVX512), "avx512");
}

/* Counted by hand: 1 has one digit, 1.5 = 2 - 0.5 two, 255/128 two, 171/128 five. */
static void stats_count_digits(void **state)
{
	static const uint16_t x[2][6] = {
		{0x3f80, 0x3fc0, 0xbfff, 0x3fab, 0x0000, 0x7fff},
		{0x8000, 0x007f, 0x7f80, 0xff80, 0xbf80, 0x7fff},
	};
	struct fpr_operand_stats stats = {1, 1, 1, 1};

	(void)state;
	fpr_operand_stats(x[0], 2, 5, 6, &stats);
	assert_int_equal(stats.values, 1 + 10);
	assert_int_equal(stats.zeros, 1 + 3);
	assert_int_equal(stats.specials, 1 + 2);
	assert_int_equal(stats.terms, 1 + 1 + 2 + 2 + 5 + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses_bad_jobs),	cmocka_unit_test(measures_good_jobs),
		cmocka_unit_test(refuses_endless_jobs), cmocka_unit_test(measures_63_bits),
		cmocka_unit_test(boards_check_too),	cmocka_unit_test(open_checks_options),
		cmocka_unit_test(stats_count_digits),
	};

	return cmocka_run_group_tests_name("board_check", tests, NULL, NULL);
}
