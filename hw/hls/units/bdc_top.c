/* SPDX-License-Identifier: MIT */

#include "bdc_unit.h"
#include "hls.h"

void bdc_top(const uint16_t values[FPR_BDC_GROUP], uint32_t n, uint8_t packed[FPR_BDC_BYTES],
	     uint16_t back[FPR_BDC_GROUP], uint32_t bytes[1])
{
	HLS_CONTROL(mode = s_axilite port = return )
	bytes[0] = fpr_bdc_encode(values, n, packed);
	fpr_bdc_decode(packed, n, back);
}
