/* SPDX-License-Identifier: MIT */
#ifndef FPR_BENCH_SIDE_H
#define FPR_BENCH_SIDE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The other side of a measurement: what the board and the driver have counted. The
 * virtual board tells through its control socket; of another one these are zeros.
 */

/**
 * struct side - counts, of which differences are taken
 * @doorbells: driver: submission doorbells of both engines
 * @interrupts: driver: interrupts that found completions
 * @completions: driver: completions seen
 * @writes: board: register writes
 * @reads: board: register reads
 * @rounds: board: times that an engine without work got some and ended it
 * @round_ns: board: time that these took
 */
struct side {
	uint64_t doorbells, interrupts, completions;
	uint64_t writes, reads;
	uint64_t rounds, round_ns;
};

/* Connects to the control socket's device; false: there is none. */
bool side_open(const char *path);

/* Counts before and after some work, without the register reads that counting needs. */
int side_before(int fd, struct side *side);
int side_after(int fd, struct side *side);

/* Adds what came between to @sum. */
void side_add(struct side *sum, const struct side *before, const struct side *after);

/* Seconds that a copy takes in the board's process; 0: it has not told. */
double side_memcpy(uint64_t bytes);

#endif
