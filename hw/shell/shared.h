/* SPDX-License-Identifier: MIT */
#ifndef FPR_SHELL_SHARED_H
#define FPR_SHELL_SHARED_H

#include <stdint.h>

#include "hls.h"

/* A counter that on a virtual board grows in other threads; in hardware a register as any. */
#if HLS_TOOL_VITIS || defined(__BAMBU__)
static inline uint64_t fpr_shared_read(const uint64_t counter[1])
{
	return counter[0];
}

static inline void fpr_shared_clear(uint64_t counter[1])
{
	counter[0] = 0;
}
#else
static inline uint64_t fpr_shared_read(const uint64_t counter[1])
{
	return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

static inline void fpr_shared_clear(uint64_t counter[1])
{
	__atomic_store_n(counter, 0, __ATOMIC_RELAXED);
}
#endif

#endif
