/* SPDX-License-Identifier: MIT */
/*
 * The fast engine's vector extensions and thread counts agree with one another
 * in every bit and counter, also on jobs too large for the golden model: several
 * blocks of outputs, several panels, edges everywhere.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <errno.h>
#include <fenv.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "board.h"
#include "common/cases.h"
#include "common/stride.h"

#define THREADS 2

struct engines {
	struct fpr_board *board[FPR_ISA_AVX512 + 1][THREADS + 1];
	struct fpr_board *reference;
};

static int setup(void **state)
{
	static struct engines engines;

	for (enum fpr_board_isa isa = FPR_ISA_PORTABLE; isa <= FPR_ISA_AVX512; isa++) {
		for (unsigned int threads = 1; threads <= THREADS; threads++) {
			struct fpr_board_options options = {.isa = isa, .threads = threads};
			int ret = fpr_board_open(&options, &engines.board[isa][threads]);

			if (ret && ret != -EOPNOTSUPP)
				return -1;
		}
	}
	engines.reference = engines.board[FPR_ISA_PORTABLE][1];
	*state = &engines;
	return 0;
}

static int teardown(void **state)
{
	struct engines *engines = *state;

	for (enum fpr_board_isa isa = FPR_ISA_PORTABLE; isa <= FPR_ISA_AVX512; isa++)
		for (unsigned int threads = 1; threads <= THREADS; threads++)
			fpr_board_close(engines->board[isa][threads]);
	return 0;
}

static int board_gemm(void *context, const struct fpr_gemm *job, const uint16_t *a,
		      const uint16_t *b, void *c, struct fpr_gemm_counters *counters)
{
	return fpr_board_gemm(context, job, a, b, c, counters);
}

static int values_only(void *context, const struct fpr_gemm *job, const uint16_t *a,
		       const uint16_t *b, void *c, struct fpr_gemm_counters *counters)
{
	(void)counters;
	return fpr_board_gemm(context, job, a, b, c, NULL);
}

static void check(struct fpr_board *board, const struct test_case *tc,
		  const struct case_result *want, const char *who)
{
	struct case_result got;

	case_run(tc, board_gemm, board, &got);
	assert_true(case_same(tc, want, &got, CASE_BITS | CASE_COUNTERS, who));
	case_result_free(&got);
	case_run(tc, values_only, board, &got);
	assert_true(case_same(tc, want, &got, CASE_BITS, who));
	case_result_free(&got);
}

static void all_agree(struct engines *engines, const struct fpr_gemm *job, enum case_values values,
		      uint64_t seed)
{
	struct case_result want;
	struct test_case tc;

	case_build(&tc, job, values, seed);
	case_run(&tc, board_gemm, engines->reference, &want);
	for (enum fpr_board_isa isa = FPR_ISA_PORTABLE; isa <= FPR_ISA_AVX512; isa++)
		for (unsigned int threads = 1; threads <= THREADS; threads++)
			if (engines->board[isa][threads] &&
			    engines->board[isa][threads] != engines->reference)
				check(engines->board[isa][threads], &tc, &want, fpr_isa_name(isa));
	case_result_free(&want);
	case_free(&tc);
}

static void agree_on_random_jobs(void **state)
{
	struct case_random random = {11};

	for (unsigned int i = 0; i < 500; i += test_stride()) {
		struct fpr_gemm job;

		case_random_job(&random, &job, 3000, 100000);
		all_agree(*state, &job, case_below(&random, CASE_VALUES), i);
	}
}

/* Every threshold, with values that reach every alignment. */
static void agree_on_thresholds(void **state)
{
	static const enum case_values values[] = {CASE_NORMAL,	   CASE_NARROW,	  CASE_WIDE,
						  CASE_MANY_TERMS, CASE_ALL_ONES, CASE_LADDER};

	for (unsigned int t = 0; t <= FPR_T_MAX; t += test_stride()) {
		for (uint8_t kind = 0; kind < FPR_KINDS; kind++) {
			if (kind == FPR_KIND_DENSE)
				continue;
			for (size_t v = 0; v < sizeof(values) / sizeof(values[0]); v++) {
				struct fpr_gemm job = {
					.m = 21, .n = 37, .k = 150, .kind = kind, .t = (uint8_t)t};

				all_agree(*state, &job, values[v], t);
			}
		}
	}
}

/* More than one block of outputs in both directions, and more than one panel. */
static void agree_on_several_blocks(void **state)
{
	static const uint32_t shapes[][3] = {
		{257, 70, 65}, {30, 523, 64}, {259, 261, 20}, {9, 9, 1100}, {40, 40, 520},
	};

	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		for (uint8_t kind = 0; kind < FPR_KINDS; kind++) {
			struct fpr_gemm job = {
				.m = shapes[i][0],
				.n = shapes[i][1],
				.k = shapes[i][2],
				.kind = kind,
				.t = 15 - kind,
				.serial = i % 2,
				.accumulate = kind % 2,
				.trans_a = (i + kind) % 2,
				.trans_b = i / 2 % 2,
				.out = kind == 1,
			};

			all_agree(*state, &job, CASE_WIDE, i);
			all_agree(*state, &job, CASE_RARE_SPECIAL, i);
		}
	}
}

/* Results do not depend on the caller's rounding mode, which comes back as it was. */
static void ignores_rounding_mode(void **state)
{
	struct engines *engines = *state;
	struct fpr_gemm job = {.m = 17, .n = 19, .k = 200, .t = 15};
	struct case_result want;
	struct test_case tc;

	case_build(&tc, &job, CASE_NORMAL, 5);
	case_run(&tc, board_gemm, engines->reference, &want);
	fesetround(FE_UPWARD);
	for (enum fpr_board_isa isa = FPR_ISA_PORTABLE; isa <= FPR_ISA_AVX512; isa++)
		for (unsigned int threads = 1; threads <= THREADS; threads++)
			if (engines->board[isa][threads])
				check(engines->board[isa][threads], &tc, &want, fpr_isa_name(isa));
	assert_int_equal(fegetround(), FE_UPWARD);
	fesetround(FE_TONEAREST);
	case_result_free(&want);
	case_free(&tc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agree_on_random_jobs),
		cmocka_unit_test(agree_on_thresholds),
		cmocka_unit_test(agree_on_several_blocks),
		cmocka_unit_test(ignores_rounding_mode),
	};

	return cmocka_run_group_tests_name("board_isa", tests, setup, teardown);
}
