/* SPDX-License-Identifier: MIT */
#ifndef FPR_NAF_H
#define FPR_NAF_H

#include <stdint.h>

#include "bits.h"

/*
 * The recoder. The non-adjacent form of M follows from M and 3M alone: the
 * digit at p is the difference of bit p + 1 of the two, so it is not zero where
 * they differ and negative where only M has the bit.
 */

#define FPR_NAF_DIGITS 9u /* positions 0..8: 255 = 2^8 - 2^0 */
#define FPR_NAF_TERMS 5u /* non-zero digits at most */

/**
 * fpr_naf_terms() - where the non-zero digits are
 * @m: significand, 0..255
 * Return: a mask, bit p for the digit of weight 2^p
 */
static inline uint32_t fpr_naf_terms(uint32_t m)
{
	return (m ^ (m + (m << 1))) >> 1;
}

/**
 * fpr_naf_negative() - which of the digits are -1
 * @m: significand, 0..255
 * Return: a mask, a subset of fpr_naf_terms()
 */
static inline uint32_t fpr_naf_negative(uint32_t m)
{
	return (m & ~(m + (m << 1))) >> 1;
}

/* The terms at position @lowest and above; all for a negative @lowest. */
static inline uint32_t fpr_naf_prefix(uint32_t terms, int32_t lowest)
{
	uint32_t from = lowest < 0 ? 0u : (uint32_t)lowest;

	return from >= FPR_NAF_DIGITS ? 0u : terms & ~fpr_low_bits(from);
}

#endif
