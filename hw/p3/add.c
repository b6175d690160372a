/* SPDX-License-Identifier: MIT */

#include "add.h"

#include "fp32.h"
#include "hls.h"

static uint16_t add_bf16(uint32_t x, uint32_t y)
{
	uint32_t sum =
		fpr_fp32_add(fpr_fp32_from_bf16((uint16_t)x), fpr_fp32_from_bf16((uint16_t)y));

	return fpr_fp32_to_bf16(sum);
}

static void add_f32_words(const uint32_t host[FPR_ADD_WORDS], uint32_t board[FPR_ADD_WORDS_MAX])
{
	HLS_LOOP(F32)
	for (uint32_t i = 0; i < FPR_ADD_WORDS; i++) {
		HLS_OPT(UNROLL)
		board[i] = fpr_fp32_add(board[i], host[i]);
	}
}

static void add_bf16_words(const uint32_t host[FPR_ADD_WORDS], uint32_t board[FPR_ADD_WORDS_MAX])
{
	HLS_LOOP(BF16)
	for (uint32_t i = 0; i < FPR_ADD_WORDS; i++) {
		HLS_OPT(UNROLL)
		uint32_t low = add_bf16(board[i] & 0xffffu, host[i] & 0xffffu);
		uint32_t high = add_bf16(board[i] >> 16, host[i] >> 16);

		board[i] = low | (high << 16);
	}
}

static void add_bf16_to_f32(const uint32_t host[FPR_ADD_WORDS], uint32_t board[FPR_ADD_WORDS_MAX])
{
	HLS_LOOP(WIDEN)
	for (uint32_t i = 0; i < FPR_ADD_WORDS; i++) {
		HLS_OPT(UNROLL)
		uint32_t low = host[i] << 16;
		uint32_t high = host[i] & 0xffff0000u;

		board[2 * i] = fpr_fp32_add(board[2 * i], low);
		board[2 * i + 1] = fpr_fp32_add(board[2 * i + 1], high);
	}
}

void fpr_add_block(uint32_t op, const uint32_t host[FPR_ADD_WORDS],
		   uint32_t board[FPR_ADD_WORDS_MAX])
{
	if (op == FPR_XFER_ADD_F32)
		add_f32_words(host, board);
	else if (op == FPR_XFER_ADD_BF16)
		add_bf16_words(host, board);
	else if (op == FPR_XFER_ADD_BF16_F32)
		add_bf16_to_f32(host, board);
}
