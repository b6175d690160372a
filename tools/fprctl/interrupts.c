/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "checks.h"
#include "moves.h"

/*
 * The board notes on its own clock when a transfer ended, the driver on the host's when it
 * was posted and when its end was seen. No transfer ended before it was posted, which bounds
 * how far the clocks are apart, and so from above how long ends took to be seen.
 */

#define BYTES 64
#define QUICK 32
#define FULL 512

/* Milliseconds that counters get to be complete. */
#define SETTLE 20

static int compare(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* One after another, so that each brings an interrupt of its own. */
static int measure(struct board *board, unsigned int n, uint64_t *late)
{
	struct fpr_transfer_result *results = calloc(n, sizeof(*results));
	struct memory host, there;
	uint64_t apart = 0;
	int ret = results ? memory_create(board, BYTES, 0, &host) : -ENOMEM;

	if (!results)
		return ret;
	memset(&there, 0, sizeof(there));
	if (!ret)
		ret = memory_create(board, BYTES, FPR_BUFFER_BOARD, &there);
	for (unsigned int i = 0; i < n && !ret; i++) {
		const struct fpr_transfer_job job = move_job(FPR_TO_BOARD, &host, &there, 0, BYTES);

		ret = moves_run(board, &job, 1, &results[i]);
	}
	/* Differences wrap around, as the clocks may be apart in either direction. */
	for (unsigned int i = 0; i < n && !ret; i++) {
		const uint64_t least = results[i].started_ns - results[i].board_ns;

		if (!i || (int64_t)(least - apart) > 0)
			apart = least;
	}
	for (unsigned int i = 0; i < n; i++)
		late[i] = results[i].ended_ns - results[i].board_ns - apart;
	qsort(late, n, sizeof(*late), compare);
	memory_destroy(&host);
	memory_destroy(&there);
	free(results);
	return ret;
}

/* An interrupt counts itself when its completions have been told of: the last may be late. */
static int settle(struct board *board, unsigned int n, const struct fpr_engine_counters *before,
		  struct fpr_engine_counters *after)
{
	const struct timespec pause = {.tv_nsec = 1000000};
	int ret = fpr_counters_engine(board->device, FPR_COUNTERS_TRANSFER, after);

	for (int i = 0; i < SETTLE && !ret && after->doorbells != before->doorbells &&
			after->interrupts - before->interrupts < n;
	     i++) {
		nanosleep(&pause, NULL);
		ret = fpr_counters_engine(board->device, FPR_COUNTERS_TRANSFER, after);
	}
	return ret;
}

static void judge(const struct board *board, struct verdict *v, int ret, unsigned int n,
		  const struct fpr_engine_counters *before, const struct fpr_engine_counters *after)
{
	static char text[100];

	if (ret) {
		v->result = RESULT_FAILED;
		v->problem = board_failure(board, ret);
	} else if (after->doorbells == before->doorbells) {
		v->result = RESULT_SKIPPED;
		v->problem = "this board is in this process and has no interrupts";
	} else if (after->interrupts - before->interrupts < n) {
		snprintf(text, sizeof(text),
			 "%llu of %u completions came without interrupts, found by the driver's "
			 "watchdog",
			 (unsigned long long)(n - (after->interrupts - before->interrupts)), n);
		v->result = RESULT_FAILED;
		v->problem = text;
		v->remedy = "try the driver's parameter irq=msi or irq=intx";
	}
}

void check_interrupts(struct board *board, int full, struct tally *tally)
{
	struct verdict v = {.name = "interrupt latency"};
	struct fpr_engine_counters before, after;
	const unsigned int n = full ? FULL : QUICK;
	uint64_t late[FULL];
	char text[100];
	int ret = fpr_counters_engine(board->device, FPR_COUNTERS_TRANSFER, &before);

	if (!ret)
		ret = measure(board, n, late);
	if (!ret)
		ret = settle(board, n, &before, &after);
	judge(board, &v, ret, n, &before, &after);
	if (v.result == RESULT_PASSED) {
		snprintf(text, sizeof(text), "at most %.1f us median, %.1f us worst, of %u",
			 (double)late[n / 2] / 1e3, (double)late[n - 1] / 1e3, n);
		v.detail = text;
	}
	verdict_begin(tally, &v);
	if (tally->is_json && v.result == RESULT_PASSED) {
		print_number(&tally->printer, "median_ns", late[n / 2]);
		print_number(&tally->printer, "worst_ns", late[n - 1]);
		print_number(&tally->printer, "interrupts", after.interrupts - before.interrupts);
	}
	verdict_end(tally);
}
