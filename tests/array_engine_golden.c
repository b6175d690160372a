/* SPDX-License-Identifier: MIT */
/*
 * The fast engine, with every vector extension and on one thread and two, gives
 * the golden model's bits and counters, and the HLS C's on jobs too large for
 * the golden model; the bits also when nobody asks for counters.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "board.h"
#include "common/stride.h"
#include "common/targets.h"

#define ENOUGH 20
#define BOTH (CASE_BITS | CASE_COUNTERS)

struct comparison {
	struct targets targets;
	unsigned int differ;
};

static int setup(void **state)
{
	static struct comparison comparison;

	targets_open(&comparison.targets);
	*state = &comparison;
	return 0;
}

static int teardown(void **state)
{
	struct comparison *comparison = *state;

	targets_close(&comparison->targets);
	return 0;
}

/* A board as an implementation that is not asked for counters. */
static int without_counters(void *context, const struct fpr_gemm *job, const uint16_t *a,
			    const uint16_t *b, void *c, struct fpr_gemm_counters *counters)
{
	(void)counters;
	return fpr_board_gemm(context, job, a, b, c, NULL);
}

static unsigned int values_differ(const struct targets *targets, const struct test_case *tc,
				  const struct case_result *want)
{
	unsigned int differ = 0;

	for (size_t i = 1; i < targets->n; i++) {
		const struct target *target = &targets->list[i];
		struct case_result got;

		case_run(tc, without_counters, target->context, &got);
		differ += !case_same(tc, want, &got, CASE_BITS, target->name);
		case_result_free(&got);
	}
	return differ;
}

static void compare(const struct test_case *tc, void *context)
{
	struct comparison *comparison = context;
	struct case_result want;

	if (comparison->differ >= ENOUGH)
		return;
	case_run(tc, case_golden, NULL, &want);
	comparison->differ += targets_differ(&comparison->targets, 1, tc, &want, BOTH);
	comparison->differ += values_differ(&comparison->targets, tc, &want);
	case_result_free(&want);
}

static void equals_golden(void **state)
{
	struct comparison *comparison = *state;

	comparison->differ = 0;
	assert_true(comparison->targets.n > 1);
	assert_true(case_suite(compare, comparison) > 1000);
	assert_int_equal(comparison->differ, 0);
}

static void compare_with_hls(struct comparison *comparison, const struct fpr_gemm *job,
			     enum case_values values, uint64_t seed)
{
	const struct target *hls = &comparison->targets.list[0];
	struct case_result want;
	struct test_case tc;

	case_build(&tc, job, values, seed);
	case_run(&tc, hls->gemm, hls->context, &want);
	comparison->differ += targets_differ(&comparison->targets, 1, &tc, &want, BOTH);
	comparison->differ += values_differ(&comparison->targets, &tc, &want);
	case_result_free(&want);
	case_free(&tc);
}

static void equals_hls_on_larger_jobs(void **state)
{
	struct comparison *comparison = *state;

	comparison->differ = 0;
	for (unsigned int i = 0; i < FPR_KINDS * CASE_VALUES; i += test_stride()) {
		struct fpr_gemm job = {.m = 70, .n = 50, .k = 600, .kind = i % FPR_KINDS};
		const unsigned int options = case_options(i);

		job.t = options % 4 ? FPR_T_SET : (uint8_t)(options % (FPR_T_MAX + 1));
		job.serial = options / 2 % 2;
		job.trans_a = options / 4 % 2;
		job.trans_b = options / 8 % 2;
		job.accumulate = options / 3 % 2;
		job.out = options / 5 % 2;
		compare_with_hls(comparison, &job, i / FPR_KINDS, i);
	}
	assert_int_equal(comparison->differ, 0);
}

/* More rows and columns than the engine works on at a time, whatever its blocks are. */
static void equals_hls_on_long_jobs(void **state)
{
	static const uint32_t shapes[][3] = {
		{601, 19, 70},
		{21, 603, 66},
		{290, 277, 40},
	};
	struct comparison *comparison = *state;

	comparison->differ = 0;
	for (unsigned int i = 0; i < 2 * FPR_KINDS * 3; i += test_stride()) {
		const uint32_t *shape = shapes[i / FPR_KINDS % 3];
		struct fpr_gemm job = {.m = shape[0], .n = shape[1], .k = shape[2]};
		const unsigned int options = case_options(i);

		job.kind = i % FPR_KINDS;
		job.t = FPR_T_SET;
		job.serial = (uint8_t)(i / FPR_KINDS / 3);
		job.trans_a = options / 2 % 2;
		job.trans_b = options / 4 % 2;
		job.accumulate = options % 2;
		compare_with_hls(comparison, &job, options % 4 ? CASE_NORMAL : CASE_RARE_SPECIAL,
				 i);
	}
	assert_int_equal(comparison->differ, 0);
}

static void equals_hls_on_random_jobs(void **state)
{
	struct comparison *comparison = *state;
	struct case_random random = {3};

	comparison->differ = 0;
	for (unsigned int i = 0; i < 100; i += test_stride()) {
		struct fpr_gemm job;

		case_random_job(&random, &job, 3000, 200000);
		compare_with_hls(comparison, &job, case_below(&random, CASE_VALUES), 1000 + i);
	}
	assert_int_equal(comparison->differ, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equals_golden),
		cmocka_unit_test(equals_hls_on_larger_jobs),
		cmocka_unit_test(equals_hls_on_long_jobs),
		cmocka_unit_test(equals_hls_on_random_jobs),
	};

	return cmocka_run_group_tests_name("array_engine_golden", tests, setup, teardown);
}
