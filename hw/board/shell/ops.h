/* SPDX-License-Identifier: MIT */
#ifndef FPR_SHELL_OPS_H
#define FPR_SHELL_OPS_H

#include <stddef.h>
#include <stdint.h>

#include "board.h"

/**
 * struct fpr_shell_ops - what surrounds the shell
 * @lock: one lock around the shell's state; the shell never takes it twice
 * @unlock: the same lock
 * @wake: something changed that an engine or somebody waiting may want to see
 * @now: nanoseconds of a clock that never goes back
 * @dma_read: copy from bus address @address; 0 or negative when any of it is out of reach
 * @dma_write: the same, to it
 * @interrupt: cause @cause (engine number, or FPR_ENGINES for the board) goes from
 *	clear to set; for message interrupts
 * @level: is any enabled cause set? For a line interrupt
 * @pause: let @ms milliseconds pass, less when @stop becomes not 0
 * @scratch: memory for the copies of one MAC job, 64-byte aligned, valid until the
 *	next call; NULL when there is not so much
 * @gemm: fpr_board_gemm_watched()
 *
 * @dma_read, @dma_write and @now are called with and without the lock, @pause,
 * @scratch and @gemm without it, the others with it held.
 */
struct fpr_shell_ops {
	void (*lock)(void *ctx);
	void (*unlock)(void *ctx);
	void (*wake)(void *ctx);
	uint64_t (*now)(void *ctx);
	int (*dma_read)(void *ctx, uint64_t address, void *to, size_t bytes);
	int (*dma_write)(void *ctx, uint64_t address, const void *from, size_t bytes);
	void (*interrupt)(void *ctx, unsigned int cause);
	void (*level)(void *ctx, int asserted);
	void (*pause)(void *ctx, uint32_t ms, const uint32_t *stop);
	void *(*scratch)(void *ctx, uint64_t bytes);
	int (*gemm)(void *ctx, const struct fpr_gemm *job, const uint16_t *a, const uint16_t *b,
		    void *c, struct fpr_gemm_counters *counters, struct fpr_board_watch *watch);
};

#endif
