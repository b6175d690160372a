/* SPDX-License-Identifier: MIT */
#ifndef FPR_ACC_H
#define FPR_ACC_H

#include <stdint.h>

#include "fp32.h"

/*
 * The short accumulator of `set` and `dense`: sign, 13 significand bits,
 * unbounded exponent. A value is mag * 2^(exponent - 12), mag in
 * 4096..8191, or 0 with mag 0.
 */

#define FPR_ACC_BITS 13u

struct fpr_acc {
	uint32_t negative;
	uint32_t mag;
	int32_t exponent; /* floor(log2) of the magnitude; of no meaning for 0 */
};

/* Larger than the exponent of any value: stands for "no exponent" when negated. */
#define FPR_ACC_FAR 1023

/* The exponent that counts in an alignment; below all others for zero. */
static inline int32_t fpr_acc_exponent(const struct fpr_acc acc[1])
{
	return acc[0].mag == 0u ? -FPR_ACC_FAR : acc[0].exponent;
}

/**
 * fpr_acc_align() - the accumulator as an integer
 * @acc: the accumulator; its exponent at most @unit + 38
 * @unit: exponent of the integer's unit
 * Return: its signed value in units of 2^@unit, lower magnitude bits dropped
 */
static inline int64_t fpr_acc_align(const struct fpr_acc acc[1], int32_t unit)
{
	int32_t shift = acc[0].exponent - (int32_t)(FPR_ACC_BITS - 1u) - unit;
	uint32_t left = shift > 0 ? (uint32_t)shift & 31u : 0u;
	uint32_t right = shift < 0 ? (uint32_t)-shift : 0u;
	uint64_t mag = right > 31u ? 0u : ((uint64_t)acc[0].mag << left) >> right;

	return acc[0].negative != 0u ? -(int64_t)mag : (int64_t)mag;
}

/**
 * fpr_acc_round() - round an exact sum into the accumulator
 * @sum: below 2^45 in magnitude, in units of 2^@unit
 * @unit: exponent of the unit
 * @acc: set
 */
static inline void fpr_acc_round(int64_t sum, int32_t unit, struct fpr_acc acc[1])
{
	uint32_t negative = sum < 0;
	uint64_t mag = negative != 0u ? (uint64_t)-sum : (uint64_t)sum;
	/* A wide sum keeps 18 bits or more in its upper part; the rest is only sticky. */
	uint32_t wide = (mag >> 31) != 0u;
	uint32_t sticky = wide != 0u && (mag & 0x3fffu) != 0u;
	uint32_t part = wide != 0u ? (uint32_t)(mag >> 14) | sticky : (uint32_t)mag;
	int32_t part_unit = wide != 0u ? unit + 14 : unit;
	int32_t exponent[1];

	acc[0].negative = negative;
	acc[0].mag = fpr_round(part, part_unit, FPR_ACC_BITS, exponent);
	acc[0].exponent = exponent[0];
}

/* The accumulator as fp32, as a chunk ends. */
static inline uint32_t fpr_acc_to_fp32(const struct fpr_acc acc[1])
{
	return fpr_fp32_from(acc[0].negative, acc[0].mag,
			     acc[0].exponent - (int32_t)(FPR_ACC_BITS - 1u));
}

#endif
