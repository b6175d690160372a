/* SPDX-License-Identifier: MIT */
#include "golden.h"

#define F32_BITS 24
#define BF16_BITS 8
#define SIGN 0x80000000u
#define INF 0x7f800000u

void golden_round_bits(mpz_t v, unsigned int bits)
{
	size_t length = mpz_sizeinbase(v, 2);
	int negative = mpz_sgn(v) < 0;
	mpz_t rest, half;
	int beyond;

	if (mpz_sgn(v) == 0 || length <= bits)
		return;
	mpz_init(rest);
	mpz_init_set_ui(half, 1);
	mpz_mul_2exp(half, half, length - bits - 1);
	mpz_abs(v, v);
	mpz_fdiv_r_2exp(rest, v, length - bits);
	mpz_fdiv_q_2exp(v, v, length - bits);
	beyond = mpz_cmp(rest, half);
	if (beyond > 0 || (beyond == 0 && mpz_odd_p(v)))
		mpz_add_ui(v, v, 1);
	mpz_mul_2exp(v, v, length - bits);
	if (negative)
		mpz_neg(v, v);
	mpz_clear(rest);
	mpz_clear(half);
}

/* Rounds to a type with fp32's exponents; the unused low bits are 0. */
static uint32_t round_float(const mpz_t v, unsigned int bits)
{
	uint32_t sign = mpz_sgn(v) < 0 ? SIGN : 0;
	uint32_t result;
	mpz_t r;
	long e;

	if (mpz_sgn(v) == 0)
		return 0;
	mpz_init_set(r, v);
	golden_round_bits(r, bits);
	mpz_abs(r, r);
	e = (long)mpz_sizeinbase(r, 2) - 1 - GOLDEN_FRACTION;
	if (e < -126) {
		result = sign;
	} else if (e >= 128) {
		result = sign | INF;
	} else {
		/* Exact: r is a multiple of 2^(e - 23). */
		mpz_fdiv_q_2exp(r, r, (unsigned long)(e - (F32_BITS - 1) + GOLDEN_FRACTION));
		result = sign + (uint32_t)(e + 127) * (1u << (F32_BITS - 1)) +
			 ((uint32_t)mpz_get_ui(r) - (1u << (F32_BITS - 1)));
	}
	mpz_clear(r);
	return result;
}

uint32_t golden_round_f32(const mpz_t v)
{
	return round_float(v, F32_BITS);
}

static int is_nan(uint32_t x)
{
	return (x & ~SIGN) > INF;
}

static int is_inf(uint32_t x)
{
	return (x & ~SIGN) == INF;
}

uint32_t golden_read_f32(uint32_t bits)
{
	if (is_nan(bits))
		return GOLDEN_NAN_F32;
	if ((bits & INF) == 0)
		return bits & SIGN;
	return bits;
}

/* The exact number that finite, not subnormal fp32 bits stand for. */
static void number_of(mpz_t v, uint32_t x)
{
	uint32_t field = x / (1u << 23) % 256;

	mpz_set_ui(v, 0);
	if (field == 0)
		return;
	mpz_set_ui(v, (1u << 23) + x % (1u << 23));
	mpz_mul_2exp(v, v, field + GOLDEN_FRACTION - 150);
	if (x & SIGN)
		mpz_neg(v, v);
}

uint32_t golden_add_f32(uint32_t x, uint32_t y)
{
	uint32_t result;
	mpz_t u, v;

	if (is_nan(x) || is_nan(y))
		return GOLDEN_NAN_F32;
	if (is_inf(x) && is_inf(y))
		return x == y ? x : GOLDEN_NAN_F32;
	if (is_inf(x))
		return x;
	if (is_inf(y))
		return y;
	if (x == SIGN && y == SIGN)
		return SIGN;
	mpz_init(u);
	mpz_init(v);
	number_of(u, x);
	number_of(v, y);
	mpz_add(u, u, v);
	result = golden_round_f32(u);
	mpz_clear(u);
	mpz_clear(v);
	return result;
}

uint16_t golden_round_bf16(uint32_t bits)
{
	uint32_t result;
	mpz_t v;

	if (is_nan(bits))
		return GOLDEN_NAN_BF16;
	if (is_inf(bits) || (bits & ~SIGN) == 0)
		return (uint16_t)(bits >> 16);
	mpz_init(v);
	number_of(v, bits);
	result = round_float(v, BF16_BITS);
	mpz_clear(v);
	return (uint16_t)(result >> 16);
}
