/* SPDX-License-Identifier: MIT */
#ifndef FPR_FP32_H
#define FPR_FP32_H

#include <stdint.h>

#include "bf16.h"
#include "bits.h"

/*
 * fp32 as bit patterns, in integer arithmetic: rounding to nearest even as if
 * the exponent were unbounded, then below 2^-126 to zero and from 2^128 to
 * infinity, both with the sign. Every NaN that leaves is the canonical one.
 */

#define FPR_FP32_SIGN 0x80000000u
#define FPR_FP32_INF 0x7f800000u
#define FPR_FP32_NAN 0x7fc00000u
#define FPR_FP32_BITS 24 /* significand bits */
#define FPR_FP32_EXP_MIN (-126)
#define FPR_FP32_EXP_MAX 127
#define FPR_FP32_BIAS 127

/* Magnitude bits of @x, infinity and NaN included. */
#define FPR_FP32_ABS(x) ((x)&0x7fffffffu)
#define FPR_FP32_EXP(x) (((x) >> 23) & 0xffu)

/**
 * fpr_round() - round a magnitude to nearest even
 * @mag: the magnitude, in units of 2^@unit
 * @unit: exponent of @mag's lowest bit
 * @bits: significand bits to keep, 1..24
 * @exponent: set to floor(log2) of the rounded value; of no meaning for 0
 * Return: the rounded significand, its highest bit at @bits - 1; 0 for 0
 */
static inline uint32_t fpr_round(uint32_t mag, int32_t unit, uint32_t bits, int32_t exponent[1])
{
	uint32_t msb = fpr_msb(mag);
	uint32_t left = mag << (31u - msb);
	uint32_t kept = left >> (32u - bits);
	uint32_t rest = left << bits;
	uint32_t up = rest > FPR_FP32_SIGN || (rest == FPR_FP32_SIGN && (kept & 1u) != 0u);
	uint32_t carry = (kept + up) >> bits;

	exponent[0] = unit + (int32_t)(msb + carry);
	return (kept + up) >> carry;
}

/**
 * fpr_fp32_from() - round an integer times a power of two to fp32
 * @negative: its sign, 1 or 0
 * @mag: its magnitude, in units of 2^@unit
 * @unit: exponent of @mag's lowest bit
 * Return: fp32 bits; +0 when @mag is 0, whatever the sign
 */
static inline uint32_t fpr_fp32_from(uint32_t negative, uint32_t mag, int32_t unit)
{
	int32_t exponent[1];
	uint32_t significand = fpr_round(mag, unit, FPR_FP32_BITS, exponent);
	uint32_t sign = negative != 0u ? FPR_FP32_SIGN : 0u;
	uint32_t biased = (uint32_t)(exponent[0] + FPR_FP32_BIAS) & 0xffu;
	uint32_t bits = sign | (biased << 23) | (significand & 0x7fffffu);

	bits = exponent[0] < FPR_FP32_EXP_MIN ? sign : bits;
	bits = exponent[0] > FPR_FP32_EXP_MAX ? sign | FPR_FP32_INF : bits;
	return mag == 0u ? 0u : bits;
}

/* As the array reads fp32: subnormals as zero, NaN as the canonical one. */
static inline uint32_t fpr_fp32_read(uint32_t x)
{
	x = FPR_FP32_EXP(x) == 0u ? x & FPR_FP32_SIGN : x;
	return FPR_FP32_ABS(x) > FPR_FP32_INF ? FPR_FP32_NAN : x;
}

/* The significand with its hidden bit; 0 for what reads as zero. */
static inline uint32_t fpr_fp32_significand(uint32_t x)
{
	return FPR_FP32_EXP(x) == 0u ? 0u : 0x800000u | (x & 0x7fffffu);
}

/* The sum of two finite values. */
static inline uint32_t fpr_fp32_add_finite(uint32_t x, uint32_t y)
{
	uint32_t swap = FPR_FP32_ABS(y) > FPR_FP32_ABS(x);
	uint32_t big = swap ? y : x;
	uint32_t small = swap ? x : y;
	/* Six bits below the larger one's last: two to round, a sticky one, and spare. */
	uint32_t big_mag = fpr_fp32_significand(big) << 6;
	uint32_t small_mag = fpr_fp32_significand(small) << 6;
	uint32_t distance = FPR_FP32_EXP(big) - FPR_FP32_EXP(small);
	uint32_t shift = distance > 31u ? 31u : distance;
	uint32_t sticky = (small_mag & fpr_low_bits(shift)) != 0u;
	uint32_t aligned = (small_mag >> shift) | sticky;
	uint32_t differ = ((x ^ y) & FPR_FP32_SIGN) != 0u;
	uint32_t mag = differ ? big_mag - aligned : big_mag + aligned;
	int32_t unit = (int32_t)FPR_FP32_EXP(big) - FPR_FP32_BIAS - 23 - 6;
	uint32_t zero = x & y & FPR_FP32_SIGN;

	return mag == 0u ? zero : fpr_fp32_from(big >> 31, mag, unit);
}

/**
 * fpr_fp32_add() - the IEEE sum, rounded as above
 * @x: fp32 bits
 * @y: fp32 bits
 * Return: fp32 bits. NaN stays NaN and +Inf + -Inf gives it; -0 + -0 is -0, every
 *	other exact zero +0. Subnormal operands count as zeros of their sign.
 */
static inline uint32_t fpr_fp32_add(uint32_t x, uint32_t y)
{
	uint32_t inf_x = FPR_FP32_ABS(x) == FPR_FP32_INF;
	uint32_t inf_y = FPR_FP32_ABS(y) == FPR_FP32_INF;
	uint32_t nan = FPR_FP32_ABS(x) > FPR_FP32_INF || FPR_FP32_ABS(y) > FPR_FP32_INF ||
		       (inf_x && inf_y && x != y);
	uint32_t sum = fpr_fp32_add_finite(fpr_fp32_read(x), fpr_fp32_read(y));

	sum = inf_y ? y : sum;
	sum = inf_x ? x : sum;
	return nan ? FPR_FP32_NAN : sum;
}

/**
 * fpr_fp32_to_bf16() - round a result to bfloat16, nearest even
 * @x: fp32 bits, not subnormal
 * Return: bfloat16 bits; too large a magnitude gives infinity
 */
static inline uint16_t fpr_fp32_to_bf16(uint32_t x)
{
	/* The carry runs on into the exponent, and from the largest one into infinity. */
	uint32_t rounded = (x + 0x7fffu + ((x >> 16) & 1u)) >> 16;

	return (uint16_t)(FPR_FP32_ABS(x) > FPR_FP32_INF ? FPR_BF16_NAN : rounded);
}

/* Widens a bfloat16 C, exactly but for subnormals and NaN, which read as in fp32. */
static inline uint32_t fpr_fp32_from_bf16(uint16_t x)
{
	return fpr_fp32_read((uint32_t)x << 16);
}

#endif
