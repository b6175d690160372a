/* SPDX-License-Identifier: MIT */
#ifndef FPR_P3_ADD_BYTES_H
#define FPR_P3_ADD_BYTES_H

#include <string.h>

#include "add.h"

/**
 * fpr_add_bytes() - board += host, for a board whose memories are this process's
 * @op: FPR_XFER_ADD_*
 * @host: values from the host
 * @board: values of board memory
 * @bytes: of @host, a multiple of FPR_XFER_ADD_ALIGN
 */
static inline void fpr_add_bytes(uint32_t op, const uint8_t *host, uint8_t *board, uint64_t bytes)
{
	const uint32_t widens = fpr_add_widens(op);
	uint32_t from[FPR_ADD_WORDS], to[FPR_ADD_WORDS_MAX];

	for (uint64_t i = 0; i < bytes; i += FPR_XFER_ADD_ALIGN) {
		memcpy(from, host + i, FPR_XFER_ADD_ALIGN);
		memcpy(to, board + i * widens, FPR_XFER_ADD_ALIGN * widens);
		fpr_add_block(op, from, to);
		memcpy(board + i * widens, to, FPR_XFER_ADD_ALIGN * widens);
	}
}

#endif
