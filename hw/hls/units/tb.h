/* SPDX-License-Identifier: MIT */
#ifndef FPR_TB_H
#define FPR_TB_H

/*
 * What the test benches of the units share. A bench calls its top TB_CALLS times
 * at most, since co-simulation replays every call; its own expectations
 * are worked out in floating point or bit by bit, never with the array's
 * helpers. It prints the number of calls; its exit status is the verdict.
 */

#include <inttypes.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#ifndef TB_CALLS
#define TB_CALLS 200000
#endif

static unsigned int tb_calls, tb_errors;
static uint64_t tb_state = 0x9e3779b97f4a7c15u;

/* Pseudo-random bits, the same on every run. */
static inline uint32_t tb_random(void)
{
	tb_state ^= tb_state << 13;
	tb_state ^= tb_state >> 7;
	tb_state ^= tb_state << 17;
	return (uint32_t)(tb_state >> 32);
}

static inline void tb_expect(int ok, const char *what)
{
	if (!ok && tb_errors++ < 10)
		printf("call %u: %s\n", tb_calls, what);
}

static inline int tb_done(void)
{
	printf("calls %u errors %u\n", tb_calls, tb_errors);
	return tb_errors != 0;
}

/* A value rounded to @bits significant bits, nearest even. */
static inline double tb_round(double x, int bits)
{
	int exponent;
	double fraction = frexp(x, &exponent);

	return ldexp(nearbyint(ldexp(fraction, bits)), exponent - bits);
}

/* A bfloat16 operand of a PE: a significand, a sign and an exponent near @centre. */
struct tb_value {
	uint32_t mag, sign, exp;
};

static inline struct tb_value tb_value(uint32_t centre, uint32_t spread)
{
	struct tb_value v = {tb_random() & 0xffu, tb_random() & 1u,
			     centre + tb_random() % (2u * spread + 1u) - spread};

	v.mag = (tb_random() & 3u) == 0u ? 0u : v.mag | 0x80u;
	return v;
}

/* The value as a number; bfloat16's bias and seven fraction bits. */
static inline double tb_number(struct tb_value v)
{
	double x = ldexp(v.mag, (int)v.exp - 127 - 7);

	return v.sign ? -x : x;
}

/* The digits of the non-adjacent form, one by one from the lowest. */
static inline void tb_recode(uint32_t m, int digit[9])
{
	int32_t left = (int32_t)m;

	for (int p = 0; p <= 8; p++, left /= 2) {
		digit[p] = left % 2 ? 2 - left % 4 : 0;
		left -= digit[p];
	}
}

#endif
