/* SPDX-License-Identifier: MIT */
#ifndef FPRNET_PROGRESS_H
#define FPRNET_PROGRESS_H

#include <stdint.h>

/**
 * struct progress - how far a long measurement is, told on standard error where that is a terminal
 * @shown: it is one
 * @done: runs
 * @all: runs
 * @began_ns: when
 * @least_s: how long all take at least
 */
struct progress {
	int shown, done, all;
	uint64_t began_ns;
	double least_s;
};

void progress_begin(struct progress *progress, int all, double least_s);
void progress_next(struct progress *progress);
void progress_show(const struct progress *progress);
/* Clears the line; before a table's lines, and at the end. */
void progress_clear(const struct progress *progress);

/* "40 s", "5 min"; in memory of its own until the next call. */
const char *duration(double seconds);

#endif
