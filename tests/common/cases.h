/* SPDX-License-Identifier: MIT */
#ifndef FPR_CASES_H
#define FPR_CASES_H

/*
 * Jobs to compare implementations on: shapes, options and values that are
 * random, extreme or worked out to hurt, all reproducible from a number.
 */

#include <stddef.h>
#include <stdint.h>

#include "fpr_gemm.h"

/* What the operands' values look like. */
enum case_values {
	CASE_NORMAL, /* as in training: exponents fall off geometrically */
	CASE_NARROW, /* exponents within 2 of one another: nothing is dropped */
	CASE_WIDE, /* within 25 */
	CASE_HUGE, /* every exponent */
	CASE_CANCEL, /* neighbouring products cancel, or nearly */
	CASE_ALL_ONES, /* every significand is 255 = 2^8 - 2^0 */
	CASE_MANY_TERMS, /* significands of five terms */
	CASE_POWERS, /* significands of one term */
	CASE_SPECIALS, /* infinities, NaNs and zeros in most outputs */
	CASE_RARE_SPECIAL, /* in a few outputs */
	CASE_INFINITIES, /* infinities only, of one sign or both */
	CASE_SUBNORMALS,
	CASE_SPARSE, /* four in five are zeros of either sign */
	CASE_ZERO_ROWS, /* whole rows, chunks and sets of zeros */
	CASE_ZEROS, /* nothing else */
	CASE_OVERFLOW, /* sums about 2^128 */
	CASE_UNDERFLOW, /* sums about 2^-126 */
	CASE_NEAR_TOP, /* modest sums that carry C beyond 2^128 */
	CASE_NEAR_BOTTOM, /* cancelling sums that, with C, lie about 2^-126 */
	CASE_LADDER, /* every distance from the largest exponent, in every set */
	CASE_DECAY, /* the accumulator's exponent sets the alignment */
	CASE_GROWTH, /* each set dwarfs the accumulator */
	CASE_TIES, /* sums half-way between two results */
	CASE_RAW, /* 16 random bits */
	CASE_VALUES
};

/* A small generator, so that a case is the same on every machine. */
struct case_random {
	uint64_t state;
};

uint64_t case_random(struct case_random *random);

/* Return: a number below @n, which is not 0. */
uint32_t case_below(struct case_random *random, uint32_t n);

/**
 * struct test_case - a job and its memory
 * @job: what to run
 * @values: what the operands look like
 * @seed: what the random parts came from
 * @number: in its suite
 * @a: A, exactly as long as the job's extent, so that sanitizers see overruns
 * @b: B
 * @c: C in; results go elsewhere
 * @c_bytes: length of @c
 */
struct test_case {
	struct fpr_gemm job;
	enum case_values values;
	uint64_t seed;
	unsigned int number;
	uint16_t *a, *b;
	void *c;
	size_t c_bytes;
};

/* Fills @tc but for its number; ends the program when memory is short. */
void case_build(struct test_case *tc, const struct fpr_gemm *job, enum case_values values,
		uint64_t seed);
void case_free(struct test_case *tc);

/* Prints all that is needed to see the case again. */
void case_print(const struct test_case *tc);

/* An implementation under test. */
typedef int (*case_gemm)(void *context, const struct fpr_gemm *job, const uint16_t *a,
			 const uint16_t *b, void *c, struct fpr_gemm_counters *counters);

/* What one implementation made of a case; case_result_free() gives it back. */
struct case_result {
	void *c;
	int ret;
	struct fpr_gemm_counters counters;
};

void case_run(const struct test_case *tc, case_gemm gemm, void *context,
	      struct case_result *result);
void case_result_free(struct case_result *result);

enum case_compare { CASE_BITS = 1, CASE_COUNTERS = 2 };

/**
 * case_same() - compare two results, all of C's memory and every counter
 * @tc: the case
 * @want: the expected result
 * @got: the result in question
 * @what: CASE_BITS, CASE_COUNTERS or both
 * @who: who made @got; NULL: do not print the first differences
 * Return: 1 when they are the same
 */
int case_same(const struct test_case *tc, const struct case_result *want,
	      const struct case_result *got, int what, const char *who);

/* The golden model as an implementation; @context is not used. */
int case_golden(void *context, const struct fpr_gemm *job, const uint16_t *a, const uint16_t *b,
		void *c, struct fpr_gemm_counters *counters);

/* The HLS C as an implementation; one call at a time. */
int case_hls(void *context, const struct fpr_gemm *job, const uint16_t *a, const uint16_t *b,
	     void *c, struct fpr_gemm_counters *counters);

/*
 * Options of job @i of a list whose kinds are i % FPR_KINDS: a number whose bits each kind sees
 * both ways.
 */
static inline unsigned int case_options(unsigned int i)
{
	return i / FPR_KINDS * 3 + i % FPR_KINDS;
}

/* Called with each case of a suite. */
typedef void (*case_visit)(const struct test_case *tc, void *context);

/**
 * case_suite() - every kind of case, each small enough for the golden model
 * @visit: called for each
 * @context: handed on
 * Return: number of cases. FPR_CASE=<number> in the environment picks one.
 */
unsigned int case_suite(case_visit visit, void *context);

/* Fills in random options and a random shape of at most @most outputs and products. */
void case_random_job(struct case_random *random, struct fpr_gemm *job, uint32_t most_outputs,
		     uint32_t most_products);

#endif
