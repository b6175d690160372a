/* SPDX-License-Identifier: MIT */
#ifndef FPR_KERNEL_MEMORY_H
#define FPR_KERNEL_MEMORY_H

#include <immintrin.h>
#include <stdint.h>

#include "engine.h"

/* Exponents of a group of whole rows of 8, one row to a 128-bit register. */
static void group_range(const uint16_t *x, uint64_t step, uint32_t *low, uint32_t *high)
{
	const __m128i zero = _mm_setzero_si128();
	__m128i least = _mm_set1_epi16(-1), most = zero;

	for (uint32_t o = 0; o < FPR_GROUP_ROWS; o++) {
		__m128i row = _mm_loadu_si128((const void *)(x + o * step));
		__m128i field = _mm_srli_epi16(_mm_slli_epi16(row, 1), 8);
		__m128i none = _mm_cmpeq_epi16(field, zero);

		least = _mm_min_epu16(least, _mm_or_si128(field, none));
		most = _mm_max_epu16(most, field);
	}
	*low = (uint32_t)_mm_extract_epi16(_mm_minpos_epu16(least), 0);
	most = _mm_minpos_epu16(_mm_sub_epi16(_mm_set1_epi16(-1), most));
	*high = UINT16_MAX - (uint32_t)_mm_extract_epi16(most, 0);
}

#endif
