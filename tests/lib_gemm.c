/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/lib_fixture.h"
#include "golden/golden.h"

/* Bytes before and behind each operand, which no job may touch. */
#define MARGIN 64

/* One job's operands, each in a buffer of its own between margins. */
struct bench {
	struct fpr_device *device;
	struct fpr_queue *queue;
	struct memory a, b, c;
	struct fpr_gemm_job job;
};

static uint64_t extent(uint64_t rows, uint64_t row, uint64_t ld, uint64_t batch, uint64_t stride)
{
	return rows && row ? (batch - 1) * stride + (rows - 1) * ld + row : 0;
}

static void setup(struct bench *bench, const struct fpr_gemm *g, uint32_t seed)
{
	const uint64_t batch = g->batch ? g->batch : 1;
	const uint64_t a_rows = g->trans_a ? g->k : g->m, a_row = g->trans_a ? g->m : g->k;
	const uint64_t b_rows = g->trans_b ? g->n : g->k, b_row = g->trans_b ? g->k : g->n;
	const uint64_t element = g->out == FPR_OUT_BF16 ? 2 : 4;
	const uint64_t a = 2 * extent(a_rows, a_row, g->lda ? g->lda : a_row, batch, g->stride_a);
	const uint64_t b = 2 * extent(b_rows, b_row, g->ldb ? g->ldb : b_row, batch, g->stride_b);
	const uint64_t c = element * extent(g->m, g->n, g->ldc ? g->ldc : g->n, batch, g->stride_c);

	bench->device = open_device();
	bench->queue = open_queue(bench->device);
	bench->a = new_memory(bench->device, a + 2 * MARGIN);
	bench->b = new_memory(bench->device, b + 2 * MARGIN);
	bench->c = new_memory(bench->device, c + 2 * MARGIN);
	fill_bf16(bench->a.bytes, bench->a.size, &seed);
	fill_bf16(bench->b.bytes, bench->b.size, &seed);
	fill_bf16(bench->c.bytes, bench->c.size, &seed);
	bench->job = (struct fpr_gemm_job){
		.gemm = *g,
		.a = bench->a.buffer,
		.b = bench->b.buffer,
		.c = bench->c.buffer,
		.a_offset = MARGIN,
		.b_offset = MARGIN,
		.c_offset = MARGIN,
	};
}

static void teardown(struct bench *bench)
{
	fpr_buffer_destroy(bench->a.buffer);
	fpr_buffer_destroy(bench->b.buffer);
	fpr_buffer_destroy(bench->c.buffer);
	fpr_queue_destroy(bench->queue);
	fpr_device_close(bench->device);
}

static struct fpr_gemm_result run(struct bench *bench)
{
	struct fpr_gemm_result result;
	struct fpr_fence *fence = NULL;

	memset(&result, 0xff, sizeof(result));
	assert_int_equal(fpr_gemm_submit(bench->queue, &bench->job, 1, NULL, 0, &fence), 0);
	assert_non_null(fence);
	assert_int_equal(fpr_fence_wait(fence, FPR_WAIT_FOREVER), 0);
	assert_int_equal(fpr_fence_result(fence, 0, &result), 0);
	assert_int_equal(fpr_fence_result(fence, 1, &result), -EINVAL);
	assert_int_equal(result.status, 0);
	assert_true(result.queued_ns && result.queued_ns <= result.started_ns);
	assert_true(result.started_ns <= result.ended_ns && result.board_ns);
	fpr_fence_destroy(fence);
	return result;
}

static void *copy_of(const struct memory *memory)
{
	void *copy = malloc(memory->size);

	assert_non_null(copy);
	memcpy(copy, memory->bytes, memory->size);
	return copy;
}

/* The whole of C's buffer is compared: gaps and margins must stay as they were. */
static void check_against_golden(const struct fpr_gemm *gemm, uint32_t seed)
{
	struct fpr_gemm_counters want;
	struct fpr_gemm_result got;
	struct bench bench;
	void *a, *b, *c;

	setup(&bench, gemm, seed);
	a = copy_of(&bench.a);
	b = copy_of(&bench.b);
	c = copy_of(&bench.c);
	assert_int_equal(golden_gemm(gemm, (uint16_t *)((char *)a + MARGIN),
				     (uint16_t *)((char *)b + MARGIN), (char *)c + MARGIN, &want),
			 0);
	got = run(&bench);
	assert_memory_equal(bench.a.bytes, a, bench.a.size);
	assert_memory_equal(bench.b.bytes, b, bench.b.size);
	assert_memory_equal(bench.c.bytes, c, bench.c.size);
	assert_int_equal(got.serial, gemm->serial);
	assert_memory_equal(&got.counters, &want, sizeof(want));
	free(a);
	free(b);
	free(c);
	teardown(&bench);
}

static void every_option_matches_the_golden_model(void **state)
{
	(void)state;
	for (unsigned int choice = 0; choice < 128; choice++) {
		const struct fpr_gemm gemm = {
			.m = 5,
			.n = 9,
			.k = 70,
			.batch = 1,
			.kind = (uint8_t)(choice / 32),
			.serial = choice & 1,
			.trans_a = choice >> 1 & 1,
			.trans_b = choice >> 2 & 1,
			.out = choice >> 3 & 1,
			.accumulate = choice >> 4 & 1,
			.t = (uint8_t)(choice * 7 % 16),
		};

		check_against_golden(&gemm, choice + 1);
	}
}

static void layouts_match_the_golden_model(void **state)
{
	static const struct fpr_gemm table[] = {
		{.m = 3,
		 .n = 5,
		 .k = 7,
		 .batch = 4,
		 .lda = 9,
		 .ldb = 8,
		 .ldc = 11,
		 .stride_a = 40,
		 .stride_b = 100,
		 .stride_c = 64,
		 .t = 15},
		{.m = 3, .n = 5, .k = 7, .batch = 4, .stride_b = 35, .stride_c = 15, .t = 15},
		{.m = 3,
		 .n = 5,
		 .k = 7,
		 .batch = 3,
		 .stride_a = 2,
		 .stride_b = 1,
		 .stride_c = 15,
		 .t = 15},
		{.m = 4,
		 .n = 2,
		 .k = 9,
		 .batch = 3,
		 .ldc = 8,
		 .stride_a = 36,
		 .stride_b = 18,
		 .stride_c = 2,
		 .t = 12,
		 .kind = FPR_KIND_SET,
		 .accumulate = 1},
		{.m = 8, .n = 8, .k = 0, .t = 15},
		{.m = 8, .n = 8, .k = 0, .t = 15, .accumulate = 1, .out = FPR_OUT_BF16},
		{.m = 0, .n = 8, .k = 8, .t = 15},
		{.m = 8, .n = 0, .k = 8, .t = 15, .accumulate = 1},
		{.m = 1, .n = 1, .k = 1, .batch = 0, .t = 15},
		{.m = 9, .n = 17, .k = 520, .t = 15, .serial = FPR_SERIAL_B},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		check_against_golden(&table[i], 100 + (uint32_t)i);
}

static void empty_operands_need_no_buffers(void **state)
{
	struct fpr_gemm gemm = {.m = 2, .n = 3, .t = 15};
	struct fpr_gemm_result result;
	struct bench bench;

	(void)state;
	setup(&bench, &gemm, 1);
	bench.job.a = bench.job.b = NULL;
	result = run(&bench);
	assert_int_equal(result.counters.cycles_total, 0);
	assert_int_equal(result.counters.bytes_c_written, 24);
	for (unsigned int i = 0; i < 24; i++)
		assert_int_equal(((uint8_t *)bench.c.bytes)[MARGIN + i], 0);
	bench.job.gemm.m = 0;
	bench.job.c = NULL;
	result = run(&bench);
	assert_int_equal(result.counters.bytes_c_written, 0);
	teardown(&bench);
}

static void values_only_leaves_counters_at_zero(void **state)
{
	const struct fpr_gemm gemm = {.m = 9, .n = 5, .k = 70, .t = 15};
	const struct fpr_gemm_counters zero = {0};
	struct fpr_gemm_result result;
	struct bench bench;
	void *with;

	(void)state;
	setup(&bench, &gemm, 7);
	result = run(&bench);
	assert_true(result.counters.cycles_total > 0);
	with = copy_of(&bench.c);
	memset((char *)bench.c.bytes + MARGIN, 0xff, bench.c.size - 2 * MARGIN);
	bench.job.flags = FPR_JOB_NO_COUNTERS;
	result = run(&bench);
	assert_memory_equal(&result.counters, &zero, sizeof(zero));
	assert_memory_equal(bench.c.bytes, with, bench.c.size);
	free(with);
	teardown(&bench);
}

static uint64_t digits(const uint16_t *x, uint64_t n)
{
	int naf[GOLDEN_DIGITS];
	uint64_t sum = 0;

	for (uint64_t i = 0; i < n; i++) {
		const unsigned int exponent = x[i] >> 7 & 255;

		if (!exponent || exponent == 255)
			continue;
		golden_naf(128 + (x[i] & 127), naf);
		for (unsigned int p = 0; p < GOLDEN_DIGITS; p++)
			sum += naf[p] != 0;
	}
	return sum;
}

static void auto_takes_the_side_with_fewer_digits(void **state)
{
	unsigned int chosen[2] = {0, 0};

	(void)state;
	for (uint32_t seed = 1; seed <= 24; seed++) {
		struct fpr_gemm gemm = {.m = 6,
					.n = 6,
					.k = 20,
					.t = 15,
					.serial = FPR_SERIAL_AUTO,
					.trans_a = seed & 1,
					.trans_b = seed >> 1 & 1};
		struct fpr_gemm_result result;
		struct bench bench;
		const uint16_t *a, *b;
		unsigned int expected;

		setup(&bench, &gemm, seed);
		a = (uint16_t *)((char *)bench.a.bytes + MARGIN);
		b = (uint16_t *)((char *)bench.b.bytes + MARGIN);
		expected = digits(b, 120) < digits(a, 120) ? FPR_SERIAL_B : FPR_SERIAL_A;
		result = run(&bench);
		assert_int_equal(result.serial, expected);
		chosen[expected]++;
		teardown(&bench);
	}
	assert_true(chosen[0] && chosen[1]);
}

/* A 1 x 2 row of ones against columns of threes: one digit per value against two. */
static void auto_counts_each_batch_entry_and_prefers_a(void **state)
{
	static const struct {
		uint32_t m, n, batch;
		uint64_t stride_a;
		uint16_t a, b;
		unsigned int serial;
	} table[] = {
		{1, 1, 1, 2, 0x3f80, 0x3f80, FPR_SERIAL_A}, /* tie */
		{1, 1, 1, 2, 0x4040, 0x3f80, FPR_SERIAL_B}, /* 3 has two digits */
		{1, 1, 1, 2, 0x4040, 0x7f80, FPR_SERIAL_B}, /* a special has none */
		{1, 1, 1, 2, 0x0001, 0x3f80, FPR_SERIAL_A}, /* nor has a subnormal */
		{1, 1, 3, 0, 0x4040, 0x3f80, FPR_SERIAL_B}, /* a shared A counts per entry */
		{2, 1, 1, 2, 0x3f80, 0x3f80, FPR_SERIAL_B}, /* digits, not density */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const struct fpr_gemm gemm = {
			.m = table[i].m,
			.n = table[i].n,
			.k = 2,
			.batch = table[i].batch,
			.stride_a = table[i].stride_a,
			.stride_b = 2,
			.stride_c = 2,
			.t = 15,
			.serial = FPR_SERIAL_AUTO,
		};
		struct bench bench;

		setup(&bench, &gemm, 1);
		for (uint64_t j = 0; j < bench.a.size / 2; j++)
			((uint16_t *)bench.a.bytes)[j] = table[i].a;
		for (uint64_t j = 0; j < bench.b.size / 2; j++)
			((uint16_t *)bench.b.bytes)[j] = table[i].b;
		assert_int_equal(run(&bench).serial, table[i].serial);
		teardown(&bench);
	}
}

static void defaults_are_as_documented(void **state)
{
	struct fpr_gemm_job job, want;

	(void)state;
	memset(&job, 0xff, sizeof(job));
	memset(&want, 0, sizeof(want));
	fpr_gemm_init(&job, 4, 5, 6);
	want.gemm.m = 4;
	want.gemm.n = 5;
	want.gemm.k = 6;
	want.gemm.batch = 1;
	want.gemm.kind = FPR_KIND_VALUE;
	want.gemm.t = 15;
	assert_memory_equal(&job, &want, sizeof(job));
	assert_int_equal(fpr_kind_default_t(FPR_KIND_CHUNK), 15);
	assert_int_equal(fpr_kind_default_t(FPR_KIND_SET), 12);
	assert_int_equal(fpr_kind_default_t(FPR_KIND_DENSE), 12);
	assert_int_equal(fpr_kind_default_t(FPR_KIND_VALUE), 15);
}

static void queues_of_any_priority_compute(void **state)
{
	static const uint32_t flags[] = {0, FPR_QUEUE_LOW, FPR_QUEUE_HIGH};
	struct fpr_device *device = open_device();

	(void)state;
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		struct square square = new_square(device, 8, (uint32_t)i);
		struct fpr_fence *fence = NULL;
		struct fpr_queue *queue = NULL;

		assert_int_equal(fpr_queue_create(device, flags[i], &queue), 0);
		assert_int_equal(fpr_gemm_submit(queue, &square.job, 1, NULL, 0, &fence), 0);
		assert_int_equal(fpr_fence_wait(fence, FPR_WAIT_FOREVER), 0);
		assert_square(&square);
		fpr_fence_destroy(fence);
		fpr_queue_destroy(queue);
		drop_square(&square);
	}
	fpr_device_close(device);
}

static int run_group(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_option_matches_the_golden_model),
		cmocka_unit_test(layouts_match_the_golden_model),
		cmocka_unit_test(empty_operands_need_no_buffers),
		cmocka_unit_test(values_only_leaves_counters_at_zero),
		cmocka_unit_test(auto_takes_the_side_with_fewer_digits),
		cmocka_unit_test(auto_counts_each_batch_entry_and_prefers_a),
		cmocka_unit_test(defaults_are_as_documented),
		cmocka_unit_test(queues_of_any_priority_compute),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
	return on_each_device(run_group);
}
