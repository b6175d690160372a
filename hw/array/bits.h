/* SPDX-License-Identifier: MIT */
#ifndef FPR_BITS_H
#define FPR_BITS_H

#include <stdint.h>

/* Position of the highest set bit, by halving; 0 for 0. */
static inline uint32_t fpr_msb(uint32_t x)
{
	uint32_t at = 0;
	uint32_t step;

	step = (x >> 16) != 0u ? 16u : 0u;
	x >>= step;
	at += step;
	step = (x >> 8) != 0u ? 8u : 0u;
	x >>= step;
	at += step;
	step = (x >> 4) != 0u ? 4u : 0u;
	x >>= step;
	at += step;
	step = (x >> 2) != 0u ? 2u : 0u;
	x >>= step;
	at += step;
	return at + ((x >> 1) & 1u);
}

/* Number of set bits among the lowest 16. */
static inline uint32_t fpr_ones16(uint32_t x)
{
	x = (x & 0x5555u) + ((x >> 1) & 0x5555u);
	x = (x & 0x3333u) + ((x >> 2) & 0x3333u);
	x = (x & 0x0f0fu) + ((x >> 4) & 0x0f0fu);
	return (x & 0xffu) + ((x >> 8) & 0xffu);
}

/* The low @n bits set, n = 0..31. */
static inline uint32_t fpr_low_bits(uint32_t n)
{
	return (1u << (n & 31u)) - 1u;
}

#endif
