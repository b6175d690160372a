/* SPDX-License-Identifier: MIT */
/*
 * All 65,536 bfloat16 values through every path that one value takes: as an
 * element of A, of B, and of C in both its types, for every kind. Every
 * implementation equals the golden model.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/stride.h"
#include "common/targets.h"
#include "golden/golden.h"

#define ALL 65536u
#define ONE 0x3f80
#define BOTH (CASE_BITS | CASE_COUNTERS)

/* What each value is multiplied by. */
static const uint16_t partners[] = {
	ONE,	0xbf80, /* 1, -1 */
	0x0000, 0x7f7f, /* 0, largest */
	0x0080, 0xff80, /* smallest normal, -Inf */
	0x7fc0, 0xbfab, /* NaN, -171 / 128 */
};
#define PARTNERS (sizeof(partners) / sizeof(*partners))

static struct targets targets;

static int setup(void **state)
{
	(void)state;
	targets_open(&targets);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	targets_close(&targets);
	return 0;
}

static void compare(const struct test_case *tc)
{
	struct case_result want;

	case_run(tc, case_golden, NULL, &want);
	assert_int_equal(targets_differ(&targets, 0, tc, &want, BOTH), 0);
	case_result_free(&want);
}

/*
 * Every value times every partner; a second product of 1 in each output gives
 * the first something to be aligned with.
 */
static void as_operand(int is_b, unsigned int kind, unsigned int serial, uint32_t k, uint8_t t)
{
	struct fpr_gemm job = {
		.m = is_b ? PARTNERS : ALL,
		.n = is_b ? ALL : PARTNERS,
		.k = k,
		.kind = (uint8_t)kind,
		.serial = (uint8_t)serial,
		.t = t,
		.trans_b = 1, /* k along the stored rows of both */
	};
	struct test_case tc;

	case_build(&tc, &job, CASE_ZEROS, 0);
	for (uint32_t x = 0; x < ALL; x++)
		for (uint32_t i = 0; i < k; i++)
			(is_b ? tc.b : tc.a)[x * k + i] = i ? ONE : (uint16_t)x;
	for (uint32_t x = 0; x < PARTNERS; x++)
		for (uint32_t i = 0; i < k; i++)
			(is_b ? tc.a : tc.b)[x * k + i] = i ? ONE : partners[x];
	compare(&tc);
	case_free(&tc);
}

static void element_of_an_operand(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 4 * FPR_KINDS; i += test_stride())
		as_operand(i / FPR_KINDS / 2, i % FPR_KINDS, i / FPR_KINDS % 2, 2, 6 + i % 8);
	for (unsigned int kind = 0; kind < FPR_KINDS; kind += test_stride())
		as_operand(kind % 2, kind, kind / 2, 1, 12);
}

/* Every value as C in, plus one product, or without one when k is 0. */
static void as_c(unsigned int kind, enum fpr_out out, uint32_t k, uint16_t a, uint16_t b)
{
	struct fpr_gemm job = {
		.m = 256,
		.n = ALL / 256,
		.k = k,
		.kind = (uint8_t)kind,
		.t = 12,
		.out = (uint8_t)out,
		.accumulate = 1,
	};
	struct test_case tc;

	case_build(&tc, &job, CASE_ZEROS, 0);
	for (uint32_t i = 0; i < k * job.m; i++)
		tc.a[i] = a;
	for (uint32_t i = 0; i < k * job.n; i++)
		tc.b[i] = b;
	for (uint32_t x = 0; x < ALL; x++) {
		if (out == FPR_OUT_BF16)
			((uint16_t *)tc.c)[x] = (uint16_t)x;
		else
			((uint32_t *)tc.c)[x] = x << 16;
	}
	compare(&tc);
	case_free(&tc);
}

static void element_of_c(void **state)
{
	static const uint16_t products[][2] = {
		{0x0000, ONE}, /* +0 */
		{ONE, 0xbfff}, /* -255 / 128 */
		{0x5f80, 0x5f7f}, /* just below 2^128 */
		{0x2080, 0x9fff}, /* just below -2^-126 in magnitude: -0 */
		{0x2080, 0x2080}, /* 2^-124 */
		{0x7f80, ONE}, /* Inf */
	};

	(void)state;
	for (unsigned int i = 0; i < 2 * FPR_KINDS; i += test_stride())
		as_c(i / 2, i % 2, 0, 0, 0);
	for (unsigned int i = 0; i < 2 * sizeof(products) / sizeof(*products); i += test_stride())
		as_c(i / 2 % FPR_KINDS, i % 2, 1, products[i / 2][0], products[i / 2][1]);
}

/* What x times 1 is: x as the array reads it. */
static uint16_t as_read(uint16_t x)
{
	if ((x & 0x7fff) > 0x7f80)
		return GOLDEN_NAN_BF16;
	/* A zero is not a product, so its sign is lost. */
	return (x & 0x7f80) == 0 ? 0 : x;
}

static void times_one(void **state)
{
	struct fpr_gemm job = {.m = ALL, .n = 1, .k = 1, .t = 15, .out = FPR_OUT_BF16};

	(void)state;
	for (size_t i = 0; i < targets.n * FPR_KINDS; i += test_stride()) {
		const struct target *target = &targets.list[i / FPR_KINDS];
		struct case_result got;
		struct test_case tc;

		job.kind = i % FPR_KINDS;
		case_build(&tc, &job, CASE_ZEROS, 0);
		for (uint32_t x = 0; x < ALL; x++)
			tc.a[x] = (uint16_t)x;
		tc.b[0] = ONE;
		case_run(&tc, target->gemm, target->context, &got);
		assert_int_equal(got.ret, 0);
		for (uint32_t x = 0; x < ALL; x++)
			assert_int_equal(((uint16_t *)got.c)[x], as_read((uint16_t)x));
		case_result_free(&got);
		case_free(&tc);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_one),
		cmocka_unit_test(element_of_an_operand),
		cmocka_unit_test(element_of_c),
	};

	return cmocka_run_group_tests_name("array_every_bf16", tests, setup, teardown);
}
