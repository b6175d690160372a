/* SPDX-License-Identifier: MIT */
#ifndef FPR_SCHEDULE_H
#define FPR_SCHEDULE_H

#include <stdint.h>

#include "fpr_gemm.h"
#include "hls.h"

/*
 * How far the rows of a tile have got, and the memory model's time. A unit is
 * what rows walk through: a set or a chunk. The tile holds the units a row may
 * be at, FPR_SLOTS of them; the next one is fed as soon as its slot is free,
 * which is when every row has finished the unit FPR_RUN_AHEAD + 1 before it.
 * That is the run-ahead rule of the timing contract. Where loading a unit has a
 * time of its own, rows wait for that, too.
 */

#define FPR_SLOTS (FPR_RUN_AHEAD + 1)

/* Steps that can be under way: all units of a step but the last R are done before the next. */
#define FPR_STEPS (FPR_RUN_AHEAD + 2)

/**
 * struct fpr_schedule - clock of one job and progress of its tile
 * @now: cycles the tile has run
 * @mark: @now when the step before the oldest pending one ended
 * @compute: cycles of the tiles that have ended
 * @total: cycles the memory model has charged so far
 * @fed: units fed to the tile
 * @done: units each row has finished
 * @slot: slot of the unit each row is at
 * @feed: slot the next unit goes to
 * @loaded: when the unit in each slot is loaded, 0 where that takes no time
 * @load_end: when the last of them is
 * @step_end: units fed when a pending step's last one is in
 * @step_port: cycles the memory port is busy during a pending step
 * @oldest: index of the oldest pending step
 * @pending: number of pending steps
 */
struct fpr_schedule {
	uint64_t now, mark, compute, total;
	uint64_t loaded[FPR_SLOTS], load_end;
	uint32_t fed, feed;
	uint32_t done[FPR_ROWS], slot[FPR_ROWS];
	uint32_t step_end[FPR_STEPS];
	uint64_t step_port[FPR_STEPS];
	uint32_t oldest, pending;
};

/* A new tile: rows and slots are empty, the job's clock goes on. */
static inline void fpr_schedule_begin(struct fpr_schedule s[1])
{
	s[0].now = 0;
	s[0].mark = 0;
	s[0].fed = 0;
	s[0].feed = 0;
	s[0].load_end = 0;
	HLS_LOOP(SLOT)
	for (uint32_t i = 0; i < FPR_SLOTS; i++) {
		HLS_OPT(UNROLL)
		s[0].loaded[i] = 0;
	}
	HLS_LOOP(ROW)
	for (uint32_t r = 0; r < FPR_ROWS; r++) {
		HLS_OPT(UNROLL)
		s[0].done[r] = 0;
		s[0].slot[r] = 0;
	}
}

/* Notes a step of @units units, in which the port is busy for @port cycles. */
static inline void fpr_schedule_step(struct fpr_schedule s[1], uint32_t units, uint64_t port)
{
	uint32_t at = (s[0].oldest + s[0].pending) % FPR_STEPS;

	s[0].step_end[at] = s[0].fed + units;
	s[0].step_port[at] = port;
	s[0].pending++;
}

/* Units that every row has finished. */
static inline uint32_t fpr_schedule_slowest(const struct fpr_schedule s[1])
{
	uint32_t least = s[0].done[0];

	HLS_LOOP(ROW)
	for (uint32_t r = 1; r < FPR_ROWS; r++) {
		HLS_OPT(UNROLL)
		least = s[0].done[r] < least ? s[0].done[r] : least;
	}
	return least;
}

/* May the next unit be fed? */
static inline uint32_t fpr_schedule_room(const struct fpr_schedule s[1])
{
	return fpr_schedule_slowest(s) + FPR_RUN_AHEAD >= s[0].fed;
}

/* The next unit is in its slot. */
static inline void fpr_schedule_fed(struct fpr_schedule s[1])
{
	s[0].fed++;
	s[0].feed = s[0].feed + 1u == FPR_SLOTS ? 0u : s[0].feed + 1u;
}

/*
 * The next unit is in its slot, and will be loaded after @cycles of loading, which
 * begin when the unit before is loaded and FPR_VALUE_REFILL cycles after the slot got
 * free. That is now, unless it was free from the start. The first unit of a tile
 * was loaded while the tile before ran.
 */
static inline void fpr_schedule_load(struct fpr_schedule s[1], uint32_t cycles)
{
	uint64_t may = s[0].fed < FPR_SLOTS ? 0u : s[0].now + FPR_VALUE_REFILL;
	uint64_t start = s[0].load_end > may ? s[0].load_end : may;

	s[0].load_end = s[0].fed == 0u ? 0u : start + cycles;
	s[0].loaded[s[0].feed] = s[0].load_end;
	fpr_schedule_fed(s);
}

/* Has row @r a unit to work on? */
static inline uint32_t fpr_schedule_ready(const struct fpr_schedule s[1], uint32_t r)
{
	return s[0].done[r] != s[0].fed && s[0].now >= s[0].loaded[s[0].slot[r]];
}

/* Row @r has finished its unit. */
static inline void fpr_schedule_finish(struct fpr_schedule s[1], uint32_t r)
{
	s[0].done[r]++;
	s[0].slot[r] = s[0].slot[r] + 1u == FPR_SLOTS ? 0u : s[0].slot[r] + 1u;
}

/* A cycle has passed; a step that ended with it is charged to the memory model. */
static inline void fpr_schedule_tick(struct fpr_schedule s[1])
{
	uint64_t took, port;

	s[0].now++;
	if (s[0].pending == 0u || fpr_schedule_slowest(s) != s[0].step_end[s[0].oldest])
		return;
	took = s[0].now - s[0].mark;
	port = s[0].step_port[s[0].oldest];
	s[0].total += port > took ? port : took;
	s[0].mark = s[0].now;
	s[0].oldest = s[0].oldest + 1u == FPR_STEPS ? 0u : s[0].oldest + 1u;
	s[0].pending--;
}

#endif
