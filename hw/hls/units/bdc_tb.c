/* SPDX-License-Identifier: MIT */

#include "bdc_unit.h"
#include "tb.h"

static uint32_t take(const uint8_t packed[], uint32_t *at, uint32_t bits)
{
	uint32_t value = 0;

	for (uint32_t i = 0; i < bits; i++, (*at)++)
		value |= ((uint32_t)(packed[*at / 8] >> (*at % 8)) & 1u) << i;
	return value;
}

/* Reads a group bit by bit, as the format is described. Return: bytes it takes. */
static uint32_t check_format(const uint8_t packed[], const uint16_t values[], uint32_t n)
{
	uint32_t at = 0;
	uint32_t base = take(packed, &at, 8);
	uint32_t width = take(packed, &at, 4);

	tb_expect(take(packed, &at, 4) == 0, "header ends in zeros");
	for (uint32_t i = 0; i < n; i++) {
		uint32_t code = take(packed, &at, width);
		uint32_t fraction = take(packed, &at, 7);
		uint32_t sign = take(packed, &at, 1);
		uint32_t exponent = code != 0 ? base + code - 1 : 0;

		tb_expect((sign << 15 | exponent << 7 | fraction) == values[i], "packed value");
	}
	return (at + 7) / 8;
}

int main(void)
{
	uint16_t values[FPR_BDC_GROUP], back[FPR_BDC_GROUP];
	uint8_t packed[FPR_BDC_BYTES];
	uint32_t bytes[1];

	while (tb_calls < TB_CALLS / 10 + 1) {
		uint32_t n = tb_random() % (FPR_BDC_GROUP + 1);
		uint32_t spread = 1u << tb_random() % 9;
		uint32_t lowest = tb_random() % (257 - spread);

		for (uint32_t i = 0; i < FPR_BDC_GROUP; i++)
			values[i] = (uint16_t)((tb_random() & 0x807fu) |
					       (lowest + tb_random() % spread) << 7);
		memset(packed, 0xa5, sizeof(packed));
		tb_calls++;
		bdc_top(values, n, packed, back, bytes);
		tb_expect(bytes[0] == (n == 0 ? 0 : check_format(packed, values, n)), "bytes");
		tb_expect(memcmp(values, back, n * sizeof(values[0])) == 0, "not lossless");
		for (uint32_t i = n; i < FPR_BDC_GROUP; i++)
			tb_expect(back[i] == 0, "values past the end");
		for (uint32_t i = bytes[0]; i < FPR_BDC_BYTES; i++)
			tb_expect(packed[i] == 0xa5, "bytes past the end");
	}
	return tb_done();
}
