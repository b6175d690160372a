/* SPDX-License-Identifier: MIT */
#ifndef FPR_PE_SET_UNIT_H
#define FPR_PE_SET_UNIT_H

#include <stdint.h>

#include "fpr_geometry.h"

/*
 * One set of a `set` PE, as the tile runs it when nothing else is in the way.
 * @acc: sign, significand and exponent of the accumulator, updated
 * @out: set: cycles without the floor, issued, outside the window, idle, beyond T
 */
void pe_set_top(uint32_t t, const uint32_t serial[FPR_SET], const uint32_t parallel[FPR_SET],
		uint32_t acc[3], uint32_t out[5]);

#endif
