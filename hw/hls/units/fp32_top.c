/* SPDX-License-Identifier: MIT */

#include "fp32.h"
#include "fp32_unit.h"
#include "hls.h"

void fp32_top(uint32_t x, uint32_t y, int32_t unit, uint32_t out[3])
{
	HLS_CONTROL(mode = s_axilite port = return )
	uint32_t sum = fpr_fp32_add(x, y);

	out[0] = sum;
	out[1] = fpr_fp32_to_bf16(sum);
	out[2] = fpr_fp32_from(x >> 31, y, unit);
}
