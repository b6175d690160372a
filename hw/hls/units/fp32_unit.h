/* SPDX-License-Identifier: MIT */
#ifndef FPR_FP32_UNIT_H
#define FPR_FP32_UNIT_H

#include <stdint.h>

/* @out: set: x + y; that sum as bfloat16; +-@y * 2^@unit, the sign from @x. */
void fp32_top(uint32_t x, uint32_t y, int32_t unit, uint32_t out[3]);

#endif
