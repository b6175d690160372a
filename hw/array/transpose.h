/* SPDX-License-Identifier: MIT */
#ifndef FPR_TRANSPOSE_H
#define FPR_TRANSPOSE_H

#include <stdint.h>

#include "fpr_geometry.h"
#include "hls.h"

/**
 * fpr_transpose() - the block transposer between memory and scratchpads
 * @in: 8 x 8 values as stored
 * @turn: 1: rows become columns; 0: the block passes as it is
 * @out: the block in the order of use
 */
static inline void fpr_transpose(const uint16_t in[FPR_BLOCK][FPR_BLOCK], uint32_t turn,
				 uint16_t out[FPR_BLOCK][FPR_BLOCK])
{
	HLS_LOOP(ROW)
	for (uint32_t r = 0; r < FPR_BLOCK; r++) {
		HLS_OPT(PIPELINE II = 1)
		HLS_LOOP(COLUMN)
		for (uint32_t c = 0; c < FPR_BLOCK; c++) {
			HLS_OPT(UNROLL)
			out[r][c] = turn != 0u ? in[c][r] : in[r][c];
		}
	}
}

#endif
