/* SPDX-License-Identifier: MIT */
#ifndef FPR_CL_CLOCK_H
#define FPR_CL_CLOCK_H

#include <stdint.h>

/*
 * Where the board's clock stands from CLOCK_MONOTONIC. A job ended after it was handed over and
 * before its end was seen, so each one bounds the distance from both sides. All numbers wrap
 * around, as the clocks may be apart in either direction.
 */
struct board_clock {
	int is_set;
	uint64_t least, most;
};

/**
 * fpr_cl_clock_end() - when a job ended
 * @clock: of its board; zeros at first
 * @started: when it was handed to the board, CLOCK_MONOTONIC
 * @seen: when its end was seen, likewise
 * @board: when it ended, on the board's clock
 *
 * Of what is possible, the latest: it errs by the shortest way that any end so far took to be
 * seen. Jobs that end one after another, and are told in that order, stay so.
 *
 * Return: CLOCK_MONOTONIC, from @started to @seen
 */
uint64_t fpr_cl_clock_end(struct board_clock *clock, uint64_t started, uint64_t seen,
			  uint64_t board);

#endif
