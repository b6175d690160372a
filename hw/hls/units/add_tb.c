/* SPDX-License-Identifier: MIT */

#include "add.h"
#include "add_unit.h"
#include "tb.h"

static float number(uint32_t bits)
{
	float f;

	memcpy(&f, &bits, sizeof(f));
	return f;
}

static uint32_t bits_of(float f)
{
	uint32_t bits;

	memcpy(&bits, &f, sizeof(bits));
	return bits;
}

/*
 * The host's own sum is the board's where neither subnormals nor NaNs come in, which
 * these exponents see to. Halves of bfloat16 are rounded from there.
 */
static uint32_t sum(uint32_t x, uint32_t y)
{
	return bits_of(number(x) + number(y));
}

static uint32_t narrow_sum(uint32_t x, uint32_t y)
{
	const float whole = number(x << 16) + number(y << 16);

	return whole == 0 ? bits_of(whole) >> 16 : bits_of((float)tb_round(whole, 8)) >> 16;
}

/* Exponents near each other, so that significands meet; some zeros. */
static uint32_t value(void)
{
	const uint32_t r = tb_random();

	return r % 16 == 0 ? r & 0x80000000u : (r & 0x807fffffu) | (100 + (r >> 4) % 40) << 23;
}

static uint32_t pair(void)
{
	return (value() >> 16) | (value() & 0xffff0000u);
}

static uint32_t expected(uint32_t op, const uint32_t *host, const uint32_t *board, uint32_t i)
{
	const uint32_t half = host[i / 2] >> (i % 2 ? 16 : 0);

	if (op == FPR_XFER_ADD_F32)
		return i < FPR_ADD_WORDS ? sum(board[i], host[i]) : board[i];
	if (op == FPR_XFER_ADD_BF16_F32)
		return sum(board[i], half << 16);
	if (op != FPR_XFER_ADD_BF16 || i >= FPR_ADD_WORDS)
		return board[i];
	return narrow_sum(board[i] & 0xffffu, host[i] & 0xffffu) |
	       narrow_sum(board[i] >> 16, host[i] >> 16) << 16;
}

int main(void)
{
	uint32_t host[FPR_ADD_WORDS], board[FPR_ADD_WORDS_MAX], before[FPR_ADD_WORDS_MAX];

	while (tb_calls < TB_CALLS && tb_calls < 20000) {
		/* A copy is none of its business: nothing changes. */
		const uint32_t op = tb_calls % 4;

		for (uint32_t i = 0; i < FPR_ADD_WORDS; i++)
			host[i] = op == FPR_XFER_ADD_F32 ? value() : pair();
		for (uint32_t i = 0; i < FPR_ADD_WORDS_MAX; i++)
			board[i] = before[i] = op == FPR_XFER_ADD_BF16 ? pair() : value();
		tb_calls++;
		add_top(op, host, board);
		for (uint32_t i = 0; i < FPR_ADD_WORDS_MAX; i++)
			tb_expect(board[i] == expected(op, host, before, i), "sum");
	}
	return tb_done();
}
