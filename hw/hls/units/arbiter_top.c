/* SPDX-License-Identifier: MIT */

#include "arbiter_unit.h"
#include "hls.h"
#include "p3_top.h"

void arbiter_top(uint32_t command, uint32_t setting, uint64_t value,
		 uint64_t answer[FPR_P3_ANSWERS])
{
	HLS_CONTROL(mode = s_axilite port = return )

	fpr_p3_top(command, setting, value, answer);
}
