/* SPDX-License-Identifier: MIT */
/* The HLS C gives the golden model's bits and every one of its counters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/cases.h"

/* Cases that differ are printed; after this many there is nothing to learn. */
#define ENOUGH 20

static void compare(const struct test_case *tc, void *context)
{
	unsigned int *differ = context;
	struct case_result want, got;

	if (*differ >= ENOUGH)
		return;
	case_run(tc, case_golden, NULL, &want);
	case_run(tc, case_hls, NULL, &got);
	*differ += !case_same(tc, &want, &got, CASE_BITS | CASE_COUNTERS, "HLS C");
	case_result_free(&want);
	case_result_free(&got);
}

static void equals_golden(void **state)
{
	unsigned int differ = 0;
	unsigned int cases = case_suite(compare, &differ);

	(void)state;
	assert_true(cases > 1000);
	assert_int_equal(differ, 0);
}

/* Is a result that is wrong in one bit or one counter told from a right one? */
static void perturb(const struct test_case *tc, void *context)
{
	unsigned int *missed = context;
	uint64_t counters[sizeof(struct fpr_gemm_counters) / sizeof(uint64_t)];
	struct case_result want, got;
	const int what = CASE_BITS | CASE_COUNTERS;

	if (tc->number % 100)
		return;
	case_run(tc, case_hls, NULL, &want);
	case_run(tc, case_hls, NULL, &got);
	*missed += !case_same(tc, &want, &got, what, NULL);
	for (size_t i = 0; i < tc->c_bytes; i++) {
		uint8_t *byte = (uint8_t *)got.c + i;

		*byte ^= 1u << i % 8;
		*missed += case_same(tc, &want, &got, what, NULL);
		*byte ^= 1u << i % 8;
	}
	memcpy(counters, &got.counters, sizeof(counters));
	for (size_t i = 0; i < sizeof(counters) / sizeof(*counters); i++) {
		counters[i]++;
		memcpy(&got.counters, counters, sizeof(counters));
		*missed += case_same(tc, &want, &got, what, NULL);
		counters[i]--;
	}
	case_result_free(&want);
	case_result_free(&got);
}

static void differences_are_seen(void **state)
{
	unsigned int missed = 0;

	(void)state;
	case_suite(perturb, &missed);
	assert_int_equal(missed, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(differences_are_seen),
		cmocka_unit_test(equals_golden),
	};

	return cmocka_run_group_tests_name("array_hls_golden", tests, NULL, NULL);
}
