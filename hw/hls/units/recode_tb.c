/* SPDX-License-Identifier: MIT */

#include "recode_unit.h"
#include "tb.h"

/* Digits add up to m, no two neighbours are non-zero, and negatives are digits. */
int main(void)
{
	uint32_t digits[2];

	for (uint32_t m = 0; m < 256 && tb_calls < TB_CALLS; m++) {
		int32_t sum = 0;

		tb_calls++;
		recode_top(m, digits);
		for (int p = 0; p <= 8; p++)
			if (digits[0] & (1u << p))
				sum += digits[1] & (1u << p) ? -(1 << p) : 1 << p;
		tb_expect(sum == (int32_t)m, "digits do not add up");
		tb_expect((digits[0] & (digits[0] >> 1)) == 0, "adjacent digits");
		tb_expect((digits[1] & ~digits[0]) == 0, "a sign without a digit");
		tb_expect(digits[0] < 512, "a digit above 2^8");
	}
	return tb_done();
}
