/* SPDX-License-Identifier: MIT */
#ifndef FPR_RECODE_UNIT_H
#define FPR_RECODE_UNIT_H

#include <stdint.h>

/* @digits: set: the mask of non-zero digits of @m, and of those that are -1. */
void recode_top(uint32_t m, uint32_t digits[2]);

#endif
