/* SPDX-License-Identifier: MIT */
#include "sg.h"

#include "dma.h"
#include "move.h"
#include "shell.h"

static_assert(FPR_WALK_ENTRY == sizeof(struct fpr_sg), "an entry as the walk counts it");

enum fpr_status fpr_sg_run(struct fpr_shell *shell, struct fpr_walk *walk, uint64_t most,
			   uint64_t *at, uint64_t *bytes)
{
	struct fpr_walk_step step;

	do {
		fpr_walk_step(walk, most, &step);
		if (step.what == FPR_WALK_WANTS &&
		    fpr_dma_read(shell, step.address, walk->fetched, step.bytes))
			return FPR_ERR_DMA;
	} while (step.what == FPR_WALK_PASSED || step.what == FPR_WALK_WANTS);
	*at = step.address;
	*bytes = step.bytes;
	return (enum fpr_status)step.status;
}

enum fpr_status fpr_sg_read(struct fpr_shell *shell, struct fpr_walk *walk, void *to,
			    uint64_t bytes)
{
	uint8_t *p = to;

	while (bytes) {
		uint64_t at, n;
		enum fpr_status status = fpr_sg_run(shell, walk, bytes, &at, &n);

		if (status != FPR_OK)
			return status;
		if (fpr_move_in(shell, at, p, n))
			return FPR_ERR_DMA;
		p += n;
		bytes -= n;
	}
	return FPR_OK;
}

enum fpr_status fpr_sg_write(struct fpr_shell *shell, struct fpr_walk *walk, const void *from,
			     uint64_t bytes)
{
	const uint8_t *p = from;

	while (bytes) {
		uint64_t at, n;
		enum fpr_status status = fpr_sg_run(shell, walk, bytes, &at, &n);

		if (status != FPR_OK)
			return status;
		if (fpr_move_out(shell, at, p, n))
			return FPR_ERR_DMA;
		p += n;
		bytes -= n;
	}
	return FPR_OK;
}
