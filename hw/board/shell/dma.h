/* SPDX-License-Identifier: MIT */
#ifndef FPR_SHELL_DMA_H
#define FPR_SHELL_DMA_H

#include "shell.h"

/* The bus, with its traffic counted. Any thread, with or without the lock. */

static inline void fpr_dma_count(uint64_t *counter, uint64_t n)
{
	__atomic_fetch_add(counter, n, __ATOMIC_RELAXED);
}

static inline int fpr_dma_read(struct fpr_shell *shell, uint64_t address, void *to, uint64_t bytes)
{
	int ret = shell->config.ops->dma_read(shell->config.ctx, address, to, bytes);

	fpr_dma_count(ret ? &shell->stats.dma_faults : &shell->stats.dma_read_bytes,
		      ret ? 1 : bytes);
	return ret;
}

static inline int fpr_dma_write(struct fpr_shell *shell, uint64_t address, const void *from,
				uint64_t bytes)
{
	int ret = shell->config.ops->dma_write(shell->config.ctx, address, from, bytes);

	fpr_dma_count(ret ? &shell->stats.dma_faults : &shell->stats.dma_write_bytes,
		      ret ? 1 : bytes);
	return ret;
}

static inline void fpr_pause(struct fpr_shell *shell, uint32_t ms, const uint32_t *stop)
{
	if (ms)
		shell->config.ops->pause(shell->config.ctx, ms, stop);
}

/* Where an injected delay acts: before each piece of a job's data. */
static inline void fpr_dma_pause(struct fpr_shell *shell, const uint32_t *stop)
{
	fpr_pause(shell, __atomic_load_n(&shell->delay_ms, __ATOMIC_RELAXED), stop);
}

static inline void fpr_slice_pause(struct fpr_shell *shell, const uint32_t *stop)
{
	fpr_dma_pause(shell, stop);
	fpr_pause(shell, __atomic_load_n(&shell->slice_delay_ms, __ATOMIC_RELAXED), stop);
}

#endif
