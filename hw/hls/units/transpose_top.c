/* SPDX-License-Identifier: MIT */

#include "hls.h"
#include "transpose.h"
#include "transpose_unit.h"

void transpose_top(const uint16_t in[FPR_BLOCK * FPR_BLOCK], uint32_t turn,
		   uint16_t out[FPR_BLOCK * FPR_BLOCK])
{
	HLS_CONTROL(mode = s_axilite port = return )
	uint16_t block[FPR_BLOCK][FPR_BLOCK], turned[FPR_BLOCK][FPR_BLOCK];

	HLS_LOOP(LOAD)
	for (uint32_t i = 0; i < FPR_BLOCK * FPR_BLOCK; i++)
		block[i / FPR_BLOCK][i % FPR_BLOCK] = in[i];
	fpr_transpose(block, turn, turned);
	HLS_LOOP(STORE)
	for (uint32_t i = 0; i < FPR_BLOCK * FPR_BLOCK; i++)
		out[i] = turned[i / FPR_BLOCK][i % FPR_BLOCK];
}
