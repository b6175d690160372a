/* SPDX-License-Identifier: MIT */

#include "p3_top.h"

#include "hls.h"
#include "p3.h"

static struct fpr_p3_queue queue[1];
static struct fpr_p3_slice slice[1];

void fpr_p3_top(uint32_t command, uint32_t setting, uint64_t value, uint64_t answer[FPR_P3_ANSWERS])
{
	HLS_CONTROL(mode = s_axilite port = return )

	answer[0] = 0;
	answer[1] = 0;
	answer[2] = 0;
	if (command == FPR_P3_CLEAR) {
		fpr_p3_clear(queue, setting);
	} else if (command == FPR_P3_PUSH) {
		answer[0] = fpr_p3_push(queue, setting, value);
	} else if (command == FPR_P3_SERVE) {
		fpr_p3_serve(queue, value, setting, slice);
		answer[0] = slice[0].slot;
		answer[1] = slice[0].offset;
		answer[2] = slice[0].bytes;
	} else if (command == FPR_P3_END) {
		answer[0] = fpr_p3_end(queue, slice, setting);
	}
}
