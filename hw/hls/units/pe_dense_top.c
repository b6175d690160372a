/* SPDX-License-Identifier: MIT */

#include "hls.h"
#include "pe_dense.h"
#include "pe_dense_unit.h"

void pe_dense_top(const uint32_t s[FPR_SET], const uint32_t p[FPR_SET], uint32_t acc[3])
{
	HLS_CONTROL(mode = s_axilite port = return )
	struct fpr_acc now[1];

	now[0].negative = acc[0];
	now[0].mag = acc[1];
	now[0].exponent = (int32_t)acc[2];
	fpr_pe_dense(now, s, p);
	acc[0] = now[0].negative;
	acc[1] = now[0].mag;
	acc[2] = (uint32_t)now[0].exponent;
}
