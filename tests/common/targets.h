/* SPDX-License-Identifier: MIT */
#ifndef FPR_TARGETS_H
#define FPR_TARGETS_H

/*
 * Everything that runs jobs and must agree: the HLS C, and the fast engine with
 * each vector extension that this CPU has, on one thread and on two.
 */

#include "cases.h"

struct fpr_board;

/**
 * struct target - one implementation
 * @name: for messages
 * @gemm: runs a job; so does case_run() with @context
 * @context: for @gemm
 * @board: NULL for the HLS C
 */
struct target {
	char name[32];
	case_gemm gemm;
	void *context;
	struct fpr_board *board;
};

#define TARGETS_MAX 8

/* What to open: the HLS C is always the first. */
struct targets {
	size_t n;
	struct target list[TARGETS_MAX];
};

/* Opens all; prints a line for each extension that this CPU lacks. */
void targets_open(struct targets *targets);
void targets_close(struct targets *targets);

/**
 * targets_differ() - run a case everywhere
 * @targets: compared, @first and after
 * @first: index of the first to compare
 * @tc: the case
 * @want: expected result
 * @what: CASE_BITS, CASE_COUNTERS or both
 * Return: how many differ; each is reported
 */
unsigned int targets_differ(const struct targets *targets, size_t first, const struct test_case *tc,
			    const struct case_result *want, int what);

#endif
