/* SPDX-License-Identifier: MIT */

#include "add.h"
#include "add_unit.h"
#include "hls.h"

void add_top(uint32_t op, const uint32_t host[FPR_ADD_WORDS], uint32_t board[FPR_ADD_WORDS_MAX])
{
	HLS_CONTROL(mode = s_axilite port = return )

	fpr_add_block(op, host, board);
}
