/* SPDX-License-Identifier: MIT */

#include "hls.h"
#include "pe_set.h"
#include "pe_set_unit.h"

/* Each cycle issues a term or more. */
#define CYCLES_MAX (FPR_SET * FPR_NAF_TERMS)

void pe_set_top(uint32_t t, const uint32_t serial[FPR_SET], const uint32_t parallel[FPR_SET],
		uint32_t acc[3], uint32_t out[5])
{
	HLS_CONTROL(mode = s_axilite port = return )
	struct fpr_pe_set pe[1] = {0};
	struct fpr_pe_set_counts did[1];

	pe[0].acc[0].negative = acc[0];
	pe[0].acc[0].mag = acc[1];
	pe[0].acc[0].exponent = (int32_t)acc[2];
	HLS_LOOP(CLEAR)
	for (uint32_t i = 0; i < 4u; i++)
		out[i] = 0;
	out[4] = fpr_pe_set_open(pe, serial, parallel, t);
	HLS_LOOP(CYCLE)
	for (uint32_t cycle = 0; cycle < CYCLES_MAX; cycle++) {
		HLS_OPT(PIPELINE II = 1)
		if (fpr_pe_set_busy(pe)) {
			fpr_pe_set_step(pe, serial, parallel, did);
			out[0]++;
			out[1] += did[0].issued;
			out[2] += did[0].outside;
			out[3] += did[0].idle;
		}
	}
	fpr_pe_set_close(pe);
	acc[0] = pe[0].acc[0].negative;
	acc[1] = pe[0].acc[0].mag;
	acc[2] = (uint32_t)pe[0].acc[0].exponent;
}
