/* SPDX-License-Identifier: MIT */
#ifndef FPR_FUZZ_RANDOM_H
#define FPR_FUZZ_RANDOM_H

/* Where the fuzz tests' numbers come from: a state that is not 0, the same on every machine. */

#include <stdint.h>

static inline uint32_t fuzz_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return (uint32_t)(*state >> 16);
}

#endif
