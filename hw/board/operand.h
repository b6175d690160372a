/* SPDX-License-Identifier: MIT */
#ifndef FPR_OPERAND_H
#define FPR_OPERAND_H

#include <stdbool.h>
#include <stdint.h>

/* Fields of a bfloat16 as the numerics contract reads them. */

#define FPR_BF16_BIAS 127
#define FPR_BF16_SPECIAL 255 /* exponent field of infinities and NaNs */

static inline uint32_t fpr_value_field(uint16_t x)
{
	return (x >> 7) & 255;
}

static inline uint32_t fpr_value_significand(uint16_t x)
{
	return 128 | (x & 127);
}

static inline bool fpr_value_is_zero(uint16_t x)
{
	return fpr_value_field(x) == 0;
}

static inline bool fpr_value_is_special(uint16_t x)
{
	return fpr_value_field(x) == FPR_BF16_SPECIAL;
}

static inline bool fpr_value_is_nan(uint16_t x)
{
	return (x & 0x7fff) > 0x7f80;
}

/*
 * The positions of the non-zero NAF digits of @m, as a mask: digit i is
 * bit i+1 of 3m minus bit i+1 of m, so it is non-zero where the two differ.
 */
static inline uint32_t fpr_naf_mask(uint32_t m)
{
	return ((3 * m) ^ m) >> 1;
}

#endif
