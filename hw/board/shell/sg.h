/* SPDX-License-Identifier: MIT */
#ifndef FPR_SHELL_SG_H
#define FPR_SHELL_SG_H

#include <stdint.h>

#include "fpr_desc.h"
#include "walk.h"

/* The bus under a walk along a scatter list, and host memory copied along it. */

struct fpr_shell;

/**
 * fpr_sg_run() - the next contiguous piece
 * @shell: whose bus it is
 * @walk: moved past the piece; of no use after an error
 * @most: longest piece wanted, not 0
 * @at: set to its bus address
 * @bytes: set to its length, 1..@most
 * Return: FPR_OK, FPR_ERR_DMA, or what is wrong with the list
 */
enum fpr_status fpr_sg_run(struct fpr_shell *shell, struct fpr_walk *walk, uint64_t most,
			   uint64_t *at, uint64_t *bytes);

/* Copies from and to host memory along the list; as fpr_sg_run(). */
enum fpr_status fpr_sg_read(struct fpr_shell *shell, struct fpr_walk *walk, void *to,
			    uint64_t bytes);
enum fpr_status fpr_sg_write(struct fpr_shell *shell, struct fpr_walk *walk, const void *from,
			     uint64_t bytes);

#endif
