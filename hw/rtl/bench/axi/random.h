/* SPDX-License-Identifier: MIT */
#ifndef FPR_BENCH_RANDOM_H
#define FPR_BENCH_RANDOM_H

/* The benches' random numbers (C++): xorshift64*, the same ones for the same seed. */

#include <cstdint>

static inline uint64_t &random_state()
{
	static uint64_t state = 88172645463325252u;

	return state;
}

static inline void seed_random(uint64_t seed)
{
	random_state() = seed * 2 + 1;
}

static inline uint64_t random64()
{
	uint64_t &state = random_state();

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state * 2685821657736338717u;
}

static inline uint32_t random32()
{
	return (uint32_t)(random64() >> 32);
}

static inline uint32_t below(uint32_t n)
{
	return random32() % n;
}

#endif
