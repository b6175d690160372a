/* SPDX-License-Identifier: MIT */
#ifndef FPR_KERNEL_PACK_H
#define FPR_KERNEL_PACK_H

/*
 * What the vector kernels have in common; included once by each ISA's file
 * after the vectors themselves.
 */

#include <stdint.h>

#include "engine.h"

/*
 * Small arrays of vectors are registers only when the loops over them are
 * unrolled, hence the pragmas.
 */
#define ALWAYS_INLINE static inline __attribute__((always_inline))

#define VROW (FPR_CHUNK / VHALVES) /* vectors of one row's 64 values */
#define PAIRS (FPR_CHUNK / 2)

/* Rows that `set` and `dense` interleave, as one alone waits for its own rounding. */
#define VROWS 4

/* An alignment that drops everything, yet two of them and 16 still add up in 16 bits. */
#define FAR 0x1000

typedef uint16_t row_t[FPR_CHUNK];

/* [vector of columns][pair of k][column][k of the pair] */
typedef uint16_t columns_t[PAIRS][VCOLS][2];

_Static_assert(FPR_PACK % (2 * VCOLS) == 0, "kernels take two vectors of columns at once");

/* Turns VCOLS rows of k into one vector column. */
static inline void to_columns(row_t *rows, columns_t *out)
{
	const uint32_t(*in)[PAIRS] = (const void *)rows;
	uint32_t(*to)[VCOLS] = (void *)out;

	for (uint32_t k = 0; k < PAIRS; k++)
		for (uint32_t c = 0; c < VCOLS; c++)
			to[k][c] = in[c][k];
}

/* The significand of a gathered value, 0 for zero. */
static inline vint magnitude(vint x)
{
	vint m = v_or(v_and(x, v_set16(127)), v_set16(128));

	return v_if_eq16(x, v_zero(), v_zero(), m);
}

static inline vint field(vint x)
{
	return v_and(v_srl16(x, 7), v_set16(255));
}

/* x with the sign of the gathered value @of */
static inline vint with_sign(vint of, vint x)
{
	return v_if_gt16(v_zero(), of, v_sub16(v_zero(), x), x);
}

/* Non-zero NAF digits by position: where bit i+1 of m and of 3m differ. */
static inline vint naf(vint m)
{
	return v_srl16(v_xor(v_add16(m, v_add16(m, m)), m), 1);
}

/* Adds up 16-bit counts, each below 2^15, times 16-bit counts. */
static inline uint64_t count_product(const row_t *a, const row_t *b)
{
	vint sum = v_zero();

#pragma GCC unroll 8
	for (uint32_t i = 0; i < VROW; i++)
		sum = v_dot(sum, v_load(*a + i * VHALVES), v_load(*b + i * VHALVES));
	return v_sum32(sum);
}

#endif
