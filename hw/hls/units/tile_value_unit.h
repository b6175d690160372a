/* SPDX-License-Identifier: MIT */
#ifndef FPR_TILE_VALUE_UNIT_H
#define FPR_TILE_VALUE_UNIT_H

#include <stdint.h>

#include "fpr_geometry.h"

/*
 * A tile of `value` with one chunk, row by row and column by column.
 * @out: set: fp32 sums
 * @cycles: set: what the tile would take
 */
void tile_value_top(uint32_t t, const uint16_t serial[FPR_ROWS * FPR_CHUNK],
		    const uint16_t parallel[FPR_COLS * FPR_CHUNK],
		    uint32_t out[FPR_ROWS * FPR_COLS], uint32_t cycles[1]);

#endif
