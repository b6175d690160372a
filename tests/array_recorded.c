/* SPDX-License-Identifier: MIT */
/*
 * Tensors recorded in training: golden model, HLS C and engine agree on bits and
 * counters. Small blocks of each product go through the golden model, for every
 * kind and serial side; each whole product through the HLS C and the engine.
 * FPR_TRACE names a trace to take instead of recording one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/cases.h"
#include "common/stride.h"
#include "common/targets.h"
#include "fpr_trace.h"
#include "golden/golden.h"

#define BLOCK 20 /* rows and columns of a block, no multiple of 8 */
#define BLOCK_K 650 /* its longest sum: two panels, a chunk that is cut */
#define WHOLE_MACS 4e6 /* larger products take the HLS C too long */

static char trace_path[4096];

static uint32_t least(uint32_t x, uint32_t y)
{
	return x < y ? x : y;
}

/* The last block of the product: its edges are those of the tensors. */
static void cut_block(const struct fpr_trace_record *record, struct test_case *tc)
{
	const struct fpr_gemm *whole = &record->gemm;
	struct fpr_gemm *job = &tc->job;
	uint32_t m, n, k;
	uint64_t a, b;

	memset(tc, 0, sizeof(*tc));
	*job = *whole;
	job->m = least(whole->m, BLOCK);
	job->n = least(whole->n, BLOCK);
	job->k = least(whole->k, BLOCK_K);
	job->batch = 1;
	job->accumulate = 0;
	job->ldc = 0;
	job->lda = whole->lda ? whole->lda : whole->trans_a ? whole->m : whole->k;
	job->ldb = whole->ldb ? whole->ldb : whole->trans_b ? whole->k : whole->n;
	m = whole->m - job->m;
	n = whole->n - job->n;
	k = whole->k - job->k;
	a = whole->trans_a ? (uint64_t)k * job->lda + m : (uint64_t)m * job->lda + k;
	b = whole->trans_b ? (uint64_t)n * job->ldb + k : (uint64_t)k * job->ldb + n;
	tc->a = (uint16_t *)(uintptr_t)record->a + a;
	tc->b = (uint16_t *)(uintptr_t)record->b + b;
	tc->c_bytes = (size_t)job->m * job->n * (job->out == FPR_OUT_BF16 ? 2 : 4);
	tc->c = calloc(1, tc->c_bytes);
	assert_non_null(tc->c);
}

static unsigned int compare_block(const struct fpr_trace_record *record,
				  const struct targets *targets)
{
	static unsigned int at;
	struct case_result want;
	struct test_case tc;
	unsigned int differ = 0;

	cut_block(record, &tc);
	for (tc.job.kind = 0; tc.job.kind < FPR_KINDS; tc.job.kind++) {
		for (tc.job.serial = FPR_SERIAL_A; tc.job.serial <= FPR_SERIAL_B; tc.job.serial++) {
			if (at++ % test_stride())
				continue;
			tc.job.t = FPR_KIND_T(tc.job.kind);
			case_run(&tc, case_golden, NULL, &want);
			differ += targets_differ(targets, 0, &tc, &want, CASE_BITS | CASE_COUNTERS);
			case_result_free(&want);
		}
	}
	free(tc.c);
	return differ;
}

static double macs(const struct fpr_gemm *job)
{
	return (double)job->m * job->n * job->k * (job->batch ? job->batch : 1);
}

/* Small enough for the HLS C, and without gaps in C, whose contents mean nothing. */
static int comparable(const struct fpr_trace_record *record)
{
	const struct fpr_gemm *job = &record->gemm;
	uint64_t elements = (uint64_t)job->m * job->n * (job->batch ? job->batch : 1);

	return macs(job) <= WHOLE_MACS &&
	       record->c_bytes == elements * (job->out == FPR_OUT_BF16 ? 2 : 4);
}

/* The trace's own result is one more witness: it was computed in training. */
static unsigned int compare_whole(const struct fpr_trace_record *record,
				  const struct targets *targets)
{
	struct test_case tc = {.job = record->gemm, .c_bytes = record->c_bytes};
	struct case_result want;
	unsigned int differ;

	tc.a = (uint16_t *)(uintptr_t)record->a;
	tc.b = (uint16_t *)(uintptr_t)record->b;
	tc.c = malloc(tc.c_bytes);
	assert_non_null(tc.c);
	for (size_t i = 0; i < tc.c_bytes; i++)
		((uint8_t *)tc.c)[i] = record->c_in ? ((const uint8_t *)record->c_in)[i]
						    : ~((const uint8_t *)record->c_out)[i];
	want.c = (void *)(uintptr_t)record->c_out;
	want.ret = 0;
	want.counters = record->counters;
	differ = targets_differ(targets, 0, &tc, &want,
				record->has_counters ? CASE_BITS | CASE_COUNTERS : CASE_BITS);
	free(tc.c);
	return differ;
}

static void agree_on_recorded_tensors(void **state)
{
	struct fpr_trace_record record;
	struct fpr_trace_reader *reader;
	struct targets targets;
	unsigned int differ = 0, blocks = 0, whole = 0;
	int got;

	(void)state;
	targets_open(&targets);
	assert_int_equal(fpr_trace_open(trace_path, &reader), 0);
	while ((got = fpr_trace_next(reader, &record)) == 1) {
		if (macs(&record.gemm) == 0)
			continue;
		differ += compare_block(&record, &targets);
		blocks++;
		if (comparable(&record)) {
			differ += compare_whole(&record, &targets);
			whole++;
		}
	}
	assert_int_equal(got, 0);
	fpr_trace_close(reader);
	targets_close(&targets);
	printf("%u blocks, %u whole products\n", blocks, whole);
	assert_true(blocks >= 10 && whole >= 3);
	assert_int_equal(differ, 0);
}

/* Exit status 3 of fprtrain: a module that it needs is not installed. */
static int record_training(const char *model)
{
	const char *python = getenv("PYTHON"), *dir = getenv("TMPDIR");
	char command[8192];
	int status;

	snprintf(trace_path, sizeof(trace_path), "%s/recorded-%d.fprt", dir ? dir : "/tmp",
		 (int)getpid());
	snprintf(command, sizeof(command),
		 "%s tools/fprtrain/fprtrain --model %s --batch 2 --steps 3 --eval-images 34 "
		 "--stats-steps none --record '%s' >/dev/null",
		 python ? python : "/usr/bin/python3", model, trace_path);
	status = system(command);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agree_on_recorded_tensors),
	};
	const char *given = getenv("FPR_TRACE");
	int status = 0;

	if (given)
		snprintf(trace_path, sizeof(trace_path), "%s", given);
	else
		status = record_training("cnn");
	if (status == 3) {
		puts("PyTorch is not installed (tools/setup does it)");
		return 77;
	}
	if (status != 0) {
		printf("fprtrain ended with %d\n", status);
		return 1;
	}
	status = cmocka_run_group_tests_name("array_recorded", tests, NULL, NULL);
	if (!given)
		unlink(trace_path);
	return status;
}
