/* SPDX-License-Identifier: MIT */
#ifndef FPR_INTEGERS_H
#define FPR_INTEGERS_H

#include "board.h"

/*
 * Products of small integers, which every kind computes exactly: no term lies
 * out of bounds and no sum of a chunk needs rounding, so that plain integer
 * arithmetic knows the bits.
 */

struct integer_shape {
	uint32_t m, n, k, batch;
};

/* Products of a shape: every side, transpose, type and C in. */
#define INTEGER_CHOICES 32

/* @done: products so far, for a bar. Return: what is wrong, or NULL. */
const char *check_integer_shape(struct board *board, const struct integer_shape *shape,
				enum fpr_kind kind, uint64_t *done);

#endif
