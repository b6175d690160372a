/* SPDX-License-Identifier: MIT */
#ifndef FPR_CTL_MOVES_H
#define FPR_CTL_MOVES_H

#include "board.h"

/* A buffer and its bytes. */
struct memory {
	struct fpr_buffer *buffer;
	void *bytes;
};

/* @flags: FPR_BUFFER_*. Return: 0 or -errno; memory_destroy() in any case. */
int memory_create(struct board *board, uint64_t size, uint32_t flags, struct memory *memory);
void memory_destroy(struct memory *memory);

/* A copy of @bytes from, and to, @offset in both. */
struct fpr_transfer_job move_job(enum fpr_direction direction, const struct memory *host,
				 const struct memory *board, uint64_t offset, uint64_t bytes);

/* Runs transfers to their end. @results: one for each, or NULL. Return: 0 or -errno. */
int moves_run(struct board *board, const struct fpr_transfer_job *jobs, size_t n,
	      struct fpr_transfer_result *results);

/*
 * What selftest asks of transfers. Each returns what is wrong, or NULL: board memory holds
 * what is written to it, by DMA and through its mapping; sums are right; the order is that of
 * priority and arrival.
 */
const char *check_board_memory(struct board *board, int full);
const char *check_sums(struct board *board, int full);
const char *check_order(struct board *board, int full);

#endif
