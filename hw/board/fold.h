/* SPDX-License-Identifier: MIT */
#ifndef FPR_FOLD_H
#define FPR_FOLD_H

#include <math.h>
#include <stdint.h>
#include <string.h>

/*
 * Rounding as the contract wants it: as if the exponent range were unbounded,
 * and only then to zero or infinity. The callers run in the default
 * floating-point environment (the engine sets it).
 */

#define FPR_NAN_F32 0x7fc00000u

static inline uint32_t fpr_f32_bits(float x)
{
	uint32_t bits;

	memcpy(&bits, &x, sizeof(bits));
	return bits;
}

static inline float fpr_f32_from_bits(uint32_t bits)
{
	float x;

	memcpy(&x, &bits, sizeof(x));
	return x;
}

/* 2^e for a normal double. */
static inline double fpr_exp2_f64(int e)
{
	uint64_t bits = (uint64_t)(e + 1023) << 52;
	double x;

	memcpy(&x, &bits, sizeof(x));
	return x;
}

/* Subnormal to zero, sign kept. */
static inline float fpr_flush(float x)
{
	uint32_t bits = fpr_f32_bits(x);

	return bits & 0x7f800000 ? x : fpr_f32_from_bits(bits & 0x80000000);
}

/* @x has at most 24 significant bits, and a zero is +0. */
static inline float fpr_f64_to_f32(double x)
{
	if (fabs(x) < 0x1p-126)
		return x < 0 ? -0.0f : 0.0f;
	if (fabs(x) >= 0x1p128)
		return x < 0 ? -INFINITY : INFINITY;
	return (float)x;
}

/* @sum 2^@e rounded to fp32; |@e| < 900. The double product is exact. */
static inline float fpr_round_f32(int32_t sum, int e)
{
	return fpr_f64_to_f32((double)(float)sum * fpr_exp2_f64(e));
}

/* A sum of two fp32 below 2^-126 is exact, so flushing afterwards is enough. */
static inline float fpr_add_f32(float a, float b)
{
	return fpr_flush(a + b);
}

static inline uint32_t fpr_f32_out(float x)
{
	return isnan(x) ? FPR_NAN_F32 : fpr_f32_bits(x);
}

/* The last rounding of a bf16 output; the carry runs into the exponent as it should. */
static inline uint16_t fpr_bf16_out(float x)
{
	uint32_t bits = fpr_f32_bits(x);

	if (isnan(x))
		return FPR_NAN_F32 >> 16;
	return (uint16_t)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

#endif
