/* SPDX-License-Identifier: MIT */

#include "hls.h"
#include "naf.h"
#include "recode_unit.h"

void recode_top(uint32_t m, uint32_t digits[2])
{
	HLS_CONTROL(mode = s_axilite port = return )
	digits[0] = fpr_naf_terms(m & 0xffu);
	digits[1] = fpr_naf_negative(m & 0xffu);
}
