/* SPDX-License-Identifier: MIT */

#include "tb.h"
#include "transpose_unit.h"

int main(void)
{
	uint16_t in[FPR_BLOCK * FPR_BLOCK], out[FPR_BLOCK * FPR_BLOCK];

	while (tb_calls < 32 && tb_calls < TB_CALLS) {
		uint32_t turn = tb_calls & 1u;

		for (uint32_t i = 0; i < FPR_BLOCK * FPR_BLOCK; i++)
			in[i] = (uint16_t)tb_random();
		tb_calls++;
		transpose_top(in, turn, out);
		for (uint32_t r = 0; r < FPR_BLOCK; r++)
			for (uint32_t c = 0; c < FPR_BLOCK; c++)
				tb_expect(out[r * FPR_BLOCK + c] ==
						  in[turn ? c * FPR_BLOCK + r : r * FPR_BLOCK + c],
					  "out of place");
	}
	return tb_done();
}
