/* SPDX-License-Identifier: MIT */
#ifndef FPR_PE_CHUNK_TB_H
#define FPR_PE_CHUNK_TB_H

#include "pe_chunk.h"
#include "tb.h"

/* The bench of a PE of `chunk` or `value`, for who has said what FPR_PE_LANES and PE_TOP are. */

int main(void)
{
	uint16_t term[FPR_PE_LANES], operand[FPR_PE_LANES];
	uint32_t out[4];

	while (tb_calls < TB_CALLS) {
		int64_t sum = (int32_t)(tb_random() & 0xfffffu) - 0x80000;
		int32_t start = (int32_t)sum;
		uint32_t kept = 0, beyond = 0, dropped = 0;

		for (int l = 0; l < FPR_PE_LANES; l++) {
			uint32_t reach = tb_random() % 17;
			uint32_t minus = tb_random() & 1u;
			struct tb_value v = tb_value(20, 12);
			int present = (tb_random() & 7u) != 0;
			int keep = present && v.mag != 0 && v.exp - 8 <= reach;
			double value = ldexp(v.mag, (int)reach - (int)(v.exp - 8));

			term[l] = (uint16_t)(present ? FPR_TERM(reach, minus) : 0);
			operand[l] = (uint16_t)FPR_OPERAND(v.mag, v.sign, v.exp - 8);
			sum += keep ? (int64_t)(minus != v.sign ? -value : value) : 0;
			kept += (uint32_t)keep;
			dropped += (uint32_t)(present && !keep);
			beyond += (uint32_t)(present && !keep && v.mag != 0);
		}
		tb_calls++;
		PE_TOP(start, term, operand, out);
		tb_expect((int32_t)out[0] == sum, "sum");
		tb_expect(out[1] == kept && out[2] == beyond && out[3] == dropped, "counts");
	}
	return tb_done();
}

#endif
