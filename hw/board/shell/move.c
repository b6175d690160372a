/* SPDX-License-Identifier: MIT */
#include "move.h"

#include "copy_bytes.h"
#include "dma.h"

/* What the bus brings or takes at a time when data goes beat by beat. */
#define BURST 4096

static uint64_t burst(uint64_t left)
{
	return left < BURST ? left : BURST;
}

int fpr_move_in(struct fpr_shell *shell, uint64_t address, uint8_t *to, uint64_t bytes)
{
	uint8_t data[BURST];
	int ret = 0;

	if (!shell->config.beats)
		return fpr_dma_read(shell, address, to, bytes);
	for (uint64_t done = 0; done < bytes && !ret; done += BURST) {
		const uint64_t n = burst(bytes - done);

		ret = fpr_dma_read(shell, address + done, data, n);
		if (!ret)
			fpr_copy_bytes(address + done, data, (uintptr_t)(to + done), to + done, n);
	}
	return ret;
}

int fpr_move_out(struct fpr_shell *shell, uint64_t address, const uint8_t *from, uint64_t bytes)
{
	uint8_t data[BURST];
	int ret = 0;

	if (!shell->config.beats)
		return fpr_dma_write(shell, address, from, bytes);
	for (uint64_t done = 0; done < bytes && !ret; done += BURST) {
		const uint64_t n = burst(bytes - done);

		fpr_copy_bytes((uintptr_t)(from + done), from + done, address + done, data, n);
		ret = fpr_dma_write(shell, address + done, data, n);
	}
	return ret;
}
