/* SPDX-License-Identifier: MIT */
#ifndef FPR_TRANSPOSE_UNIT_H
#define FPR_TRANSPOSE_UNIT_H

#include <stdint.h>

#include "fpr_geometry.h"

/* A block, row by row; turned when @turn is 1. */
void transpose_top(const uint16_t in[FPR_BLOCK * FPR_BLOCK], uint32_t turn,
		   uint16_t out[FPR_BLOCK * FPR_BLOCK]);

#endif
