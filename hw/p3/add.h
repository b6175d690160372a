/* SPDX-License-Identifier: MIT */
#ifndef FPR_P3_ADD_H
#define FPR_P3_ADD_H

#include <stdint.h>

#include "fpr_desc.h"

/* Accumulates work on blocks: this many words from the host ... */
#define FPR_ADD_WORDS (FPR_XFER_ADD_ALIGN / 4)

/* ... and at most this many of board memory, as bfloat16 widens to fp32. */
#define FPR_ADD_WORDS_MAX (2 * FPR_ADD_WORDS)

/* Bytes of board memory for each byte from the host. */
static inline uint32_t fpr_add_widens(uint32_t op)
{
	return op == FPR_XFER_ADD_BF16_F32 ? 2u : 1u;
}

/**
 * fpr_add_block() - board += host, one block
 * @op: FPR_XFER_ADD_*
 * @host: values from the host; two bfloat16 to a word, the first one in the low half
 * @board: values of board memory, read and written; FPR_ADD_WORDS words, or
 *	FPR_ADD_WORDS_MAX when @op widens
 *
 * The sum is the array's fp32 sum; a bfloat16 result is rounded as its outputs are.
 */
void fpr_add_block(uint32_t op, const uint32_t host[FPR_ADD_WORDS],
		   uint32_t board[FPR_ADD_WORDS_MAX]);

#endif
