/* SPDX-License-Identifier: MIT */
#ifndef FPR_FLOATS_H
#define FPR_FLOATS_H

/* The bit pattern of an fp32 number, and back. */

#include <stdint.h>
#include <string.h>

static inline uint32_t bits_of(float x)
{
	uint32_t bits;

	memcpy(&bits, &x, sizeof(bits));
	return bits;
}

static inline float float_of(uint32_t bits)
{
	float x;

	memcpy(&x, &bits, sizeof(x));
	return x;
}

#endif
