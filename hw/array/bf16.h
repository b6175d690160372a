/* SPDX-License-Identifier: MIT */
#ifndef FPR_BF16_H
#define FPR_BF16_H

#include <stdint.h>

/*
 * bfloat16 as the array reads it: exponent field 0 is zero (subnormals keep
 * their sign and lose their value), 255 is infinity or NaN, anything else has
 * the 8-bit significand 128 + fraction.
 */

#define FPR_BF16_BIAS 127
#define FPR_BF16_EXP_SPECIAL 255u
#define FPR_BF16_NAN 0x7fc0u

#define FPR_BF16_SIGN(x) (((uint32_t)(x) >> 15) & 1u)
#define FPR_BF16_EXP(x) (((uint32_t)(x) >> 7) & 0xffu)
#define FPR_BF16_FRAC(x) ((uint32_t)(x)&0x7fu)

/* Does it read as zero? */
static inline uint32_t fpr_bf16_is_zero(uint16_t x)
{
	return FPR_BF16_EXP(x) == 0u;
}

static inline uint32_t fpr_bf16_is_inf(uint16_t x)
{
	return FPR_BF16_EXP(x) == FPR_BF16_EXP_SPECIAL && FPR_BF16_FRAC(x) == 0u;
}

static inline uint32_t fpr_bf16_is_nan(uint16_t x)
{
	return FPR_BF16_EXP(x) == FPR_BF16_EXP_SPECIAL && FPR_BF16_FRAC(x) != 0u;
}

/* Finite and not zero: only such values take part in products. */
static inline uint32_t fpr_bf16_is_effectual(uint16_t x)
{
	return FPR_BF16_EXP(x) != 0u && FPR_BF16_EXP(x) != FPR_BF16_EXP_SPECIAL;
}

/* The significand, 128..255, of an effectual value; 0 for any other. */
static inline uint32_t fpr_bf16_significand(uint16_t x)
{
	return fpr_bf16_is_effectual(x) ? 128u + FPR_BF16_FRAC(x) : 0u;
}

#endif
