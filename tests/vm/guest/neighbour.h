/* SPDX-License-Identifier: MIT */
#ifndef FPR_NEIGHBOUR_H
#define FPR_NEIGHBOUR_H

/*
 * Another program at work while the board misbehaves: matrix jobs that add to their C,
 * in board memory and on the host, accumulates of every kind, copies both ways, round after round,
 * every result compared with plain C's. Nothing of it may ever fail.
 */

#include <stdbool.h>
#include <sys/types.h>

struct neighbour_state;

struct neighbour {
	pid_t child;
	struct neighbour_state *state; /* shared with it */
};

/* Start one; it works at once. */
void neighbour_start(struct neighbour *neighbour);

/* Let it end its round and then wait; let it go on. */
void neighbour_hold(struct neighbour *neighbour);
void neighbour_go(struct neighbour *neighbour);

/* Waits for it to end two more rounds; has nothing ever failed? */
bool neighbour_fine(struct neighbour *neighbour);

/* End it; false when something failed. */
bool neighbour_end(struct neighbour *neighbour);

#endif
