/* SPDX-License-Identifier: MIT */

#include "fp32_unit.h"
#include "tb.h"

static uint32_t bits_of(double x, int sign)
{
	float f = (float)x;
	uint32_t bits;

	if (fabs(x) < ldexp(1, -126))
		return sign ? 0x80000000u : 0u;
	if (fabs(x) >= ldexp(1, 128))
		return sign ? 0xff800000u : 0x7f800000u;
	memcpy(&bits, &f, sizeof(bits));
	return bits;
}

/* Subnormals read as zero. */
static double number_of(uint32_t bits)
{
	float f;

	if ((bits & 0x7f800000u) == 0)
		bits &= 0x80000000u;
	memcpy(&f, &bits, sizeof(f));
	return f;
}

/* A double may round twice on the way to 24 bits, so the sum is rounded to odd first. */
static double exact_enough(double x, double y)
{
	double sum = x + y;
	double part = sum - x;
	double error = (x - (sum - part)) + (y - part);
	uint64_t bits;

	memcpy(&bits, &sum, sizeof(bits));
	if (error != 0 && isfinite(sum) && (bits & 1) == 0)
		bits = (error > 0) == (sum > 0) ? bits + 1 : bits - 1;
	memcpy(&sum, &bits, sizeof(sum));
	return sum;
}

static uint32_t expected_sum(uint32_t x, uint32_t y)
{
	double a = number_of(x);
	double b = number_of(y);
	double sum = a + b;

	if (isnan(sum))
		return 0x7fc00000u;
	if (isinf(sum) || sum == 0)
		return bits_of(sum, signbit(sum) != 0);
	sum = tb_round(exact_enough(a, b), 24);
	return bits_of(sum, sum < 0);
}

static uint32_t expected_bf16(uint32_t x)
{
	double a = number_of(x);

	return isnan(a) ? 0x7fc0u : bits_of(isinf(a) ? a : tb_round(a, 8), signbit(a) != 0) >> 16;
}

/* One pattern of each interesting sort, and pairs close enough to interact. */
static uint32_t pattern(uint32_t near)
{
	uint32_t r = tb_random();

	switch (tb_random() % 8) {
	case 0:
		return (r & 0x80000000u) | (tb_random() % 3 * 0x7f800000u / 2);
	case 1:
		return 0x7f000000u | r;
	case 2:
		return r & 0x81ffffffu;
	case 3:
		return near ^ (r & 0x80000003u);
	case 4:
		return near + ((r % 56) << 23) - (28u << 23);
	default:
		return r;
	}
}

int main(void)
{
	uint32_t out[3];

	while (tb_calls < TB_CALLS) {
		uint32_t x = pattern(0x3f800000u);
		uint32_t y = pattern(x);
		int32_t unit = (int32_t)(tb_random() % 300) - 160;
		double whole = tb_round(ldexp(y, unit), 24);

		tb_calls++;
		fp32_top(x, y, unit, out);
		tb_expect(out[0] == expected_sum(x, y), "sum");
		tb_expect(out[1] == expected_bf16(expected_sum(x, y)), "bfloat16");
		whole = x >> 31 ? -whole : whole;
		tb_expect(out[2] == bits_of(whole, y != 0 && x >> 31), "rounded integer");
	}
	return tb_done();
}
