/* SPDX-License-Identifier: MIT */

#include "copy.h"

#include "copy_unit.h"
#include "hls.h"

static struct fpr_copy copy[1];

void copy_top(uint32_t command, const uint64_t piece[3], const uint8_t in[FPR_BEAT],
	      uint8_t out[FPR_BEAT], uint64_t answer[5])
{
	HLS_CONTROL(mode = s_axilite port = return )

	answer[0] = 0;
	answer[1] = copy[0].to;
	if (command == COPY_START)
		fpr_copy_start(copy, piece[0], piece[1], piece[2]);
	else
		answer[0] = fpr_copy_beat(copy, in, out);
	answer[2] = copy[0].from;
	answer[3] = copy[0].reads;
	answer[4] = copy[0].left;
}
