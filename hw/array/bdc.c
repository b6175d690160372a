/* SPDX-License-Identifier: MIT */

#include "bdc.h"

#include "bf16.h"
#include "bits.h"
#include "hls.h"

#define WIDTH_SHIFT 8u
#define PLAIN_BITS 8u /* sign and fraction travel as they are */

/* An exponent field as an offset from the base; 0 stays 0, so that zeros never set the base. */
static uint32_t code_of(uint32_t field, uint32_t base)
{
	return field == 0u ? 0u : field - base + 1u;
}

/* The header of a group: its base and the width of its codes. */
static uint32_t header_of(const uint16_t values[FPR_BDC_GROUP], uint32_t n)
{
	uint32_t lowest = 256;
	uint32_t highest = 0;
	uint32_t base, code;

	HLS_LOOP(RANGE)
	for (uint32_t i = 0; i < FPR_BDC_GROUP; i++) {
		HLS_OPT(UNROLL)
		uint32_t field = i < n ? FPR_BF16_EXP(values[i]) : 0u;

		lowest = field != 0u && field < lowest ? field : lowest;
		highest = field > highest ? field : highest;
	}
	base = highest == 0u ? 0u : lowest;
	code = code_of(highest, base);
	return base | ((code == 0u ? 0u : fpr_msb(code) + 1u) << WIDTH_SHIFT);
}

uint32_t fpr_bdc_encode(const uint16_t values[FPR_BDC_GROUP], uint32_t n,
			uint8_t packed[FPR_BDC_BYTES])
{
	uint32_t header = header_of(values, n);
	uint32_t base = header & 0xffu;
	uint32_t width = header >> WIDTH_SHIFT;
	uint32_t hold = 0;
	uint32_t held = 0;
	uint32_t bytes = 0;

	if (n != 0u) {
		packed[0] = (uint8_t)base;
		packed[1] = (uint8_t)width;
		bytes = FPR_BDC_HEADER_BITS / 8u;
	}
	HLS_LOOP(PACK)
	for (uint32_t i = 0; i < FPR_BDC_GROUP; i++) {
		HLS_OPT(PIPELINE II = 2)
		uint32_t plain = FPR_BF16_FRAC(values[i]) | (FPR_BF16_SIGN(values[i]) << 7);
		uint32_t word = code_of(FPR_BF16_EXP(values[i]), base) | (plain << width);

		hold |= i < n ? word << held : 0u;
		held += i < n ? width + PLAIN_BITS : 0u;
		/* Up to 7 bits are left of before, so at most two bytes fill up. */
		HLS_LOOP(EMIT)
		for (uint32_t b = 0; b < 2u; b++) {
			if (held >= 8u) {
				packed[bytes] = (uint8_t)(hold & 0xffu);
				bytes++;
				hold >>= 8;
				held -= 8u;
			}
		}
	}
	if (held != 0u) {
		packed[bytes] = (uint8_t)hold;
		bytes++;
	}
	return bytes;
}

void fpr_bdc_decode(const uint8_t packed[FPR_BDC_BYTES], uint32_t n, uint16_t values[FPR_BDC_GROUP])
{
	uint32_t base = n == 0u ? 0u : packed[0];
	uint32_t width = n == 0u ? 0u : packed[1] & 0xfu;
	uint32_t at = FPR_BDC_HEADER_BITS / 8u;
	uint32_t hold = 0;
	uint32_t held = 0;

	HLS_LOOP(UNPACK)
	for (uint32_t i = 0; i < FPR_BDC_GROUP; i++) {
		HLS_OPT(PIPELINE II = 2)
		uint32_t need = i < n ? width + PLAIN_BITS : 0u;
		uint32_t code, plain, field;

		HLS_LOOP(TAKE)
		for (uint32_t b = 0; b < 2u; b++) {
			if (held < need) {
				hold |= (uint32_t)packed[at] << held;
				at++;
				held += 8u;
			}
		}
		code = hold & fpr_low_bits(width);
		plain = (hold >> width) & 0xffu;
		field = code == 0u ? 0u : base + code - 1u;
		values[i] = (uint16_t)(i < n ? ((plain >> 7) << 15) | (field << 7) | (plain & 0x7fu)
					     : 0u);
		hold >>= need;
		held -= need;
	}
}
