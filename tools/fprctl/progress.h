/* SPDX-License-Identifier: MIT */
#ifndef FPR_CTL_PROGRESS_H
#define FPR_CTL_PROGRESS_H

#include <stdint.h>

/*
 * One bar at a time, on standard error while that is a terminal, else nothing. It takes the
 * last line and leaves nothing behind.
 */

/* A bar moves ten times a second. */
#define PROGRESS_STEP_NS 100000000

/* @total: what progress_at() counts up to; 0: no bar. Return: will there be one? */
int progress_start(const char *what, uint64_t total);
void progress_at(uint64_t done);

/* Takes it off the screen; before anything else is printed, too. The next step shows it again. */
void progress_hide(void);
void progress_end(void);

#endif
