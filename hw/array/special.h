/* SPDX-License-Identifier: MIT */
#ifndef FPR_SPECIAL_H
#define FPR_SPECIAL_H

#include <stdint.h>

#include "bf16.h"
#include "fp32.h"

/*
 * The side path of infinities and NaNs. Each vector is seen as four masks, one
 * bit a product; what the products of two vectors hold is then plain logic on
 * words, and costs the lanes nothing.
 */

/* What the products of one output hold, or'ed over all of k. */
#define FPR_SPECIAL_POSITIVE 1u
#define FPR_SPECIAL_NEGATIVE 2u
#define FPR_SPECIAL_NAN 4u

/* One vector's masks. Products that do not exist read as zeros on both sides. */
struct fpr_special {
	uint64_t zero, inf, nan, sign;
};

/* Notes value @x as product @i. */
static inline void fpr_special_note(struct fpr_special v[1], uint16_t x, uint32_t i)
{
	v[0].zero |= (uint64_t)fpr_bf16_is_zero(x) << (i & 63u);
	v[0].inf |= (uint64_t)fpr_bf16_is_inf(x) << (i & 63u);
	v[0].nan |= (uint64_t)fpr_bf16_is_nan(x) << (i & 63u);
	v[0].sign |= (uint64_t)FPR_BF16_SIGN(x) << (i & 63u);
}

/* Return: FPR_SPECIAL_* of the products of two vectors. */
static inline uint32_t fpr_special_products(const struct fpr_special s[1],
					    const struct fpr_special p[1])
{
	uint64_t nan = s[0].nan | p[0].nan | (s[0].inf & p[0].zero) | (s[0].zero & p[0].inf);
	uint64_t inf = (s[0].inf | p[0].inf) & ~nan;
	uint64_t negative = s[0].sign ^ p[0].sign;

	return ((inf & ~negative) != 0u ? FPR_SPECIAL_POSITIVE : 0u) |
	       ((inf & negative) != 0u ? FPR_SPECIAL_NEGATIVE : 0u) |
	       (nan != 0u ? FPR_SPECIAL_NAN : 0u);
}

/**
 * fpr_special_result() - an output, specials considered
 * @special: FPR_SPECIAL_* of all its products
 * @c_in: C as read, or +0
 * @sum: C plus the finite chunks; ignored when there is a special product
 * Return: fp32 bits
 */
static inline uint32_t fpr_special_result(uint32_t special, uint32_t c_in, uint32_t sum)
{
	uint32_t both = FPR_SPECIAL_POSITIVE | FPR_SPECIAL_NEGATIVE;
	uint32_t nan = (special & FPR_SPECIAL_NAN) != 0u || (special & both) == both;
	uint32_t inf = (special & FPR_SPECIAL_NEGATIVE) != 0u ? FPR_FP32_SIGN | FPR_FP32_INF
							      : FPR_FP32_INF;

	return special == 0u ? sum : fpr_fp32_add(c_in, nan ? FPR_FP32_NAN : inf);
}

#endif
