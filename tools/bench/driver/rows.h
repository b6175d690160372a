/* SPDX-License-Identifier: MIT */
#ifndef FPR_BENCH_ROWS_H
#define FPR_BENCH_ROWS_H

#include "calls.h"
#include "side.h"

#define RUNS_MAX 50

struct bench;

enum group { GROUP_CALLS, GROUP_JOBS, GROUP_DMA, GROUP_MAP, GROUPS };

/**
 * struct row - one thing that is measured
 * @group: which table it is in
 * @name: of the row
 * @run: measures once: the seconds of one operation
 * @jobs: null jobs of a call
 * @in_flight: calls that have not ended
 * @processes: that do so at once
 * @bytes: of a transfer
 * @direction: DRM_FPR_TO_*
 * @placement: enum drm_fpr_placement
 * @seconds: one for each run
 * @copy: seconds that memcpy() takes for as much; for each run
 * @calls: made in all runs
 * @side: what the other side counted in all runs
 */
struct row {
	enum group group;
	const char *name;
	double (*run)(struct bench *bench, struct row *row);
	uint32_t jobs, in_flight, processes;
	uint64_t bytes;
	uint8_t direction, placement;
	double seconds[RUNS_MAX], copy[RUNS_MAX];
	uint64_t calls;
	struct side side;
};

/**
 * struct bench - what all rows use
 * @node: the board's
 * @user: of one process
 * @only: name of the only group that is wanted, or NULL
 * @sample: seconds that one run of a row lasts
 * @run: number of the current run
 * @runs: how many
 * @has_side: the board tells
 */
struct bench {
	const char *node, *only;
	struct user user;
	double sample;
	unsigned int run, runs;
	bool has_side;
};

extern const char *const group_names[GROUPS];
bool group_exists(const char *name);

extern struct row rows[];
extern const unsigned int row_count;
bool row_wanted(const struct bench *bench, const struct row *row);

#endif
