/* SPDX-License-Identifier: MIT */
/*
 * However a product is cut up or ordered, its bits stay the same: blocks of
 * rows and columns, batches, runs of chunks, operands swapped, products
 * permuted inside what a kind sums exactly.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/stride.h"
#include "common/targets.h"

#define M 43
#define N 37
#define K 210

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

/* Job number i of a property: every kind, both sides, all layouts. */
static struct fpr_gemm property_job(unsigned int i)
{
	const unsigned int options = case_options(i);

	return (struct fpr_gemm){
		.m = M,
		.n = N,
		.k = K,
		.kind = i % FPR_KINDS,
		.t = (uint8_t)(options * 7 % (FPR_T_MAX + 1)),
		.serial = options / 2 % 2,
		.trans_a = options / 3 % 2,
		.trans_b = options / 5 % 2,
		.accumulate = options / 4 % 2,
		.out = options / 7 % 2,
	};
}

static enum case_values property_values(unsigned int i)
{
	static const enum case_values values[] = {CASE_WIDE,   CASE_RARE_SPECIAL, CASE_CANCEL,
						  CASE_NORMAL, CASE_OVERFLOW,	  CASE_SPARSE,
						  CASE_HUGE};

	return values[case_options(i) % (sizeof(values) / sizeof(*values))];
}

#define PROPERTY_JOBS 42

/* Where element (row, k) of op(A), or (column, k) of op(B), is stored in a packed operand. */
static size_t stored(const struct fpr_gemm *job, int is_b, uint32_t row, uint32_t k)
{
	if (is_b)
		return job->trans_b ? (size_t)row * job->k + k : (size_t)k * job->n + row;
	return job->trans_a ? (size_t)k * job->m + row : (size_t)row * job->k + k;
}

typedef void (*property)(const struct target *target, const struct test_case *tc,
			 const struct case_result *want);

/* Runs every job whole on every target, and then as the property has it. */
static void for_all(property holds)
{
	for (size_t t = 0; t < targets.n; t++) {
		const struct target *target = &targets.list[t];

		for (unsigned int i = 0; i < PROPERTY_JOBS; i += test_stride()) {
			struct fpr_gemm job = property_job(i);
			struct case_result want;
			struct test_case tc;

			case_build(&tc, &job, property_values(i), i);
			tc.number = i;
			case_run(&tc, target->gemm, target->context, &want);
			assert_int_equal(want.ret, 0);
			holds(target, &tc, &want);
			case_result_free(&want);
			case_free(&tc);
		}
	}
}

/* One block of C, in place in a copy of the whole. */
static void run_block(const struct target *target, const struct test_case *tc, uint8_t *c,
		      const uint32_t from[2], const uint32_t to[2])
{
	struct fpr_gemm job = tc->job;
	struct fpr_gemm_counters counters;
	size_t size = job.out == FPR_OUT_BF16 ? 2 : 4;

	job.lda = job.trans_a ? M : K;
	job.ldb = job.trans_b ? K : N;
	job.ldc = N;
	job.m = to[0] - from[0];
	job.n = to[1] - from[1];
	assert_int_equal(target->gemm(target->context, &job,
				      tc->a + stored(&tc->job, 0, from[0], 0),
				      tc->b + stored(&tc->job, 1, from[1], 0),
				      c + (from[0] * N + from[1]) * size, &counters),
			 0);
}

static void in_blocks(const struct target *target, const struct test_case *tc,
		      const struct case_result *want)
{
	struct case_random random = {tc->seed};
	struct case_result got = *want;
	uint32_t cut[2][4] = {{0, 0, 0, M}, {0, 0, 0, N}};
	uint8_t c[M * N * 4];

	for (int i = 0; i < 2; i++) {
		cut[i][1] = case_below(&random, cut[i][3]);
		cut[i][2] = cut[i][1] + case_below(&random, cut[i][3] - cut[i][1]);
	}
	memcpy(c, tc->c, tc->c_bytes);
	for (int i = 0; i < 9; i++) {
		uint32_t from[2] = {cut[0][i / 3], cut[1][i % 3]};
		uint32_t to[2] = {cut[0][i / 3 + 1], cut[1][i % 3 + 1]};

		run_block(target, tc, c, from, to);
	}
	got.c = c;
	assert_true(case_same(tc, want, &got, CASE_BITS, target->name));
}

static void blocks_of_c(void **state)
{
	(void)state;
	for_all(in_blocks);
}

/* A permutation of the products that keeps each within its set or chunk. */
static void permute(struct case_random *random, uint32_t unit, uint32_t order[K])
{
	for (uint32_t k = 0; k < K; k++) {
		uint32_t first = k / unit * unit;
		uint32_t other = first + case_below(random, k - first + 1);

		order[k] = order[other];
		order[other] = k;
	}
}

static void permuted(const struct target *target, const struct test_case *tc,
		     const struct case_result *want)
{
	uint32_t unit = FPR_KIND_UNIT(tc->job.kind);
	struct case_random random = {tc->seed};
	struct case_result got;
	struct test_case other;
	uint32_t order[K];

	permute(&random, unit, order);
	case_build(&other, &tc->job, tc->values, tc->seed);
	for (uint32_t k = 0; k < K; k++) {
		for (uint32_t row = 0; row < M; row++)
			other.a[stored(&tc->job, 0, row, k)] =
				tc->a[stored(&tc->job, 0, row, order[k])];
		for (uint32_t row = 0; row < N; row++)
			other.b[stored(&tc->job, 1, row, k)] =
				tc->b[stored(&tc->job, 1, row, order[k])];
	}
	case_run(&other, target->gemm, target->context, &got);
	assert_true(case_same(tc, want, &got, CASE_BITS, target->name));
	case_result_free(&got);
	case_free(&other);
}

static void order_of_products(void **state)
{
	(void)state;
	for_all(permuted);
}

/* C^T = op(B)^T op(A)^T, with the other side serial: the same tiles, so the same cycles. */
static void swapped(const struct target *target, const struct test_case *tc,
		    const struct case_result *want)
{
	size_t size = tc->job.out == FPR_OUT_BF16 ? 2 : 4;
	struct case_result got = *want;
	struct fpr_gemm job = tc->job;
	uint8_t c[M * N * 4], turned[M * N * 4];

	job.m = N;
	job.n = M;
	job.trans_a = !tc->job.trans_b;
	job.trans_b = !tc->job.trans_a;
	job.serial = tc->job.serial == FPR_SERIAL_A ? FPR_SERIAL_B : FPR_SERIAL_A;
	for (size_t i = 0; i < M * N; i++)
		memcpy(turned + (i % N * M + i / N) * size, (uint8_t *)tc->c + i * size, size);
	assert_int_equal(target->gemm(target->context, &job, tc->b, tc->a, turned, &got.counters),
			 0);
	for (size_t i = 0; i < M * N; i++)
		memcpy(c + i * size, turned + (i % N * M + i / N) * size, size);
	got.c = c;
	assert_true(case_same(tc, want, &got, CASE_BITS | CASE_COUNTERS, target->name));
}

static void operands_swapped(void **state)
{
	(void)state;
	for_all(swapped);
}

/*
 * Whole chunks at a time, each run accumulating on the last. In fp32 only, as
 * bfloat16 would round between; specials are looked for in all products at once.
 */
static void in_runs(const struct target *target, const struct test_case *tc,
		    const struct case_result *want)
{
	struct case_result got = *want;
	uint8_t c[M * N * 4];

	if (tc->job.out == FPR_OUT_BF16 || tc->values == CASE_RARE_SPECIAL)
		return;
	memcpy(c, tc->c, tc->c_bytes);
	for (uint32_t k = 0; k < K; k += 2 * FPR_CHUNK) {
		struct fpr_gemm job = tc->job;

		job.lda = job.trans_a ? M : K;
		job.ldb = job.trans_b ? K : N;
		job.k = K - k < 2 * FPR_CHUNK ? K - k : 2 * FPR_CHUNK;
		job.accumulate = tc->job.accumulate || k > 0;
		assert_int_equal(target->gemm(target->context, &job,
					      tc->a + stored(&tc->job, 0, 0, k),
					      tc->b + stored(&tc->job, 1, 0, k), c, &got.counters),
				 0);
	}
	got.c = c;
	assert_true(case_same(tc, want, &got, CASE_BITS, target->name));
}

static void runs_of_chunks(void **state)
{
	(void)state;
	for_all(in_runs);
}

/* The rows of A as a batch of products that share B; needs A's rows together. */
static void as_batch(const struct target *target, const struct test_case *tc,
		     const struct case_result *want)
{
	struct case_result got = *want;
	struct fpr_gemm job = tc->job;
	uint8_t c[M * N * 4];

	job.batch = M;
	job.m = 1;
	job.lda = job.trans_a ? M : K;
	job.stride_a = job.trans_a ? 1 : K;
	job.stride_c = N;
	memcpy(c, tc->c, tc->c_bytes);
	assert_int_equal(target->gemm(target->context, &job, tc->a, tc->b, c, &got.counters), 0);
	got.c = c;
	assert_true(case_same(tc, want, &got, CASE_BITS, target->name));
}

static void rows_as_batch(void **state)
{
	(void)state;
	for_all(as_batch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_of_c),	    cmocka_unit_test(order_of_products),
		cmocka_unit_test(operands_swapped), cmocka_unit_test(runs_of_chunks),
		cmocka_unit_test(rows_as_batch),
	};

	return cmocka_run_group_tests_name("array_tiling", tests, setup, teardown);
}
