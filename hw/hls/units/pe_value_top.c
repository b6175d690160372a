/* SPDX-License-Identifier: MIT */

#include "hls.h"
#include "pe_value_unit.h"

#define FPR_PE_LANES FPR_VALUE_LANES
#include "pe_chunk.h"

void pe_value_top(int32_t sum, const uint16_t term[FPR_VALUE_LANES],
		  const uint16_t operand[FPR_VALUE_LANES], uint32_t out[4])
{
	HLS_CONTROL(mode = s_axilite port = return )
	struct fpr_pe_chunk_counts counts[1] = {{0, 0, 0}};

	out[0] = (uint32_t)fpr_pe_chunk(sum, term, operand, counts);
	out[1] = counts[0].kept;
	out[2] = counts[0].beyond;
	out[3] = counts[0].dropped;
}
