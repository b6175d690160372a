/* SPDX-License-Identifier: MIT */
/*
 * The bit-parallel PE that `chunk`'s area is compared with (hw/rtl) is at least as
 * exact as `chunk`: on random chunks its outputs are nearer the exact sums.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "golden/golden.h"

#define CHUNKS 2000

/* Errors in units of 2^(emax - 22), the last place of both. */
struct errors {
	double total, largest;
};

static uint16_t draw(uint32_t span)
{
	uint32_t sign = (uint32_t)rand() & 1u, frac = (uint32_t)rand() & 0x7fu;

	return (uint16_t)(sign << 15 | (128u - (uint32_t)rand() % span) << 7 | frac);
}

static void exact_sum(const uint16_t *s, const uint16_t *p, mpz_t sum)
{
	mpz_t product;

	mpz_init(product);
	mpz_set_ui(sum, 0);
	for (int i = 0; i < FPR_CHUNK; i++) {
		int negative = ((s[i] ^ p[i]) & 0x8000) != 0;
		unsigned int e = (s[i] >> 7 & 255u) + (p[i] >> 7 & 255u);

		mpz_set_si(product, (128 + (s[i] & 127)) * (128 + (p[i] & 127)));
		mpz_mul_2exp(product, product, e + GOLDEN_FRACTION - 268u);
		if (negative)
			mpz_neg(product, product);
		mpz_add(sum, sum, product);
	}
	mpz_clear(product);
}

/* The number that fp32 bits stand for; the sums here are normal or 0. */
static void number_of(uint32_t bits, mpz_t v)
{
	mpz_set_ui(v, bits << 1 ? 0x800000u | (bits & 0x7fffffu) : 0u);
	mpz_mul_2exp(v, v, (bits >> 23 & 255u) + GOLDEN_FRACTION - 150u);
	if (bits >> 31)
		mpz_neg(v, v);
}

static void note(struct errors *errors, uint32_t bits, const mpz_t exact, int emax)
{
	double error;
	mpz_t v;

	mpz_init(v);
	number_of(bits, v);
	mpz_sub(v, v, exact);
	mpz_tdiv_q_2exp(v, v, (unsigned long)(emax - 22 + GOLDEN_FRACTION - 20));
	error = mpz_get_d(v) / (1 << 20);
	error = error < 0 ? -error : error;
	errors->total += error;
	errors->largest = error > errors->largest ? error : errors->largest;
	mpz_clear(v);
}

static void compare(uint32_t span)
{
	struct errors chunk = {0, 0}, dense = {0, 0};
	struct fpr_gemm job = {.m = 1, .n = 1, .k = FPR_CHUNK, .kind = FPR_KIND_CHUNK};
	struct fpr_gemm_counters counters;
	uint16_t s[FPR_CHUNK], p[FPR_CHUNK];
	mpz_t exact, sum;

	job.t = FPR_T_CHUNK;
	mpz_inits(exact, sum, NULL);
	for (int i = 0; i < CHUNKS; i++) {
		uint32_t out = 0;
		int emax;

		for (int k = 0; k < FPR_CHUNK; k++) {
			s[k] = draw(span);
			p[k] = draw(span);
		}
		exact_sum(s, p, exact);
		emax = golden_dense_chunk(s, p, FPR_CHUNK, sum);
		note(&dense, golden_round_f32(sum), exact, emax);
		assert_int_equal(golden_gemm(&job, s, p, &out, &counters), 0);
		note(&chunk, out, exact, emax);
	}
	printf("exponents over %u: error in units of 2^(emax-22), mean and largest: chunk %.2f "
	       "%.2f, "
	       "dense_chunk %.2f %.2f\n",
	       span, chunk.total / CHUNKS, chunk.largest, dense.total / CHUNKS, dense.largest);
	assert_true(dense.total <= chunk.total);
	assert_true(dense.largest <= chunk.largest);
	mpz_clears(exact, sum, NULL);
}

static void be_at_least_as_exact(void **state)
{
	(void)state;
	srand(1);
	compare(4);
	compare(8);
	compare(16);
	compare(40);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(be_at_least_as_exact),
	};

	return cmocka_run_group_tests_name("array_dense_chunk", tests, NULL, NULL);
}
