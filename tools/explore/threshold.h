/* SPDX-License-Identifier: MIT */
#ifndef EXPLORE_THRESHOLD_H
#define EXPLORE_THRESHOLD_H

/*
 * A T for every layer and product, by fprtrain's rule (`--width per-layer`): the smallest whose
 * results differ from those of T = 15 by 1/64 of their norm at most. A lower T changes bits.
 */

#include "tiles.h"

#define THRESHOLDS 16

/**
 * struct losses - what a product's results lose, over some of its tiles
 * @norm: the sum of squares of all elements with T = 15
 * @lost: the same of what they lack with each T
 */
struct losses {
	double norm, lost[THRESHOLDS];
};

/**
 * threshold_measure() - one more tile of a product
 * @losses: added to; zero at first
 * @tile: the tile
 * @side: which operand is serial
 *
 * Sums are `chunk`'s, but for the rounding of what chunks add up to.
 */
void threshold_measure(struct losses *losses, const struct tile *tile, int side);

/* The T for a product that loses so much. */
int threshold_choose(const struct losses *losses);

#endif
