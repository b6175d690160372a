/* SPDX-License-Identifier: MIT */
#ifndef FPR_SHELL_SG_H
#define FPR_SHELL_SG_H

#include <stdint.h>

#include "fpr_desc.h"

struct fpr_shell;

/* Entries fetched at a time. */
#define FPR_SG_FETCH 16

/**
 * struct fpr_sg_walk - a place in a scatter list
 * @table: bus address of the next entry to fetch
 * @unfetched: entries behind it
 * @align: what each entry must be aligned to
 * @skip: bytes to pass over before the next byte
 * @at: bus address of the byte after the last piece
 * @left: bytes left of the present entry
 * @fetched: entries fetched ahead
 * @next: the next of those
 * @n: how many there are
 *
 * Entries are fetched as the walk gets there: a list of any length takes this
 * much room, and a list that the host changes meanwhile is checked as read.
 */
struct fpr_sg_walk {
	uint64_t table;
	uint32_t unfetched;
	uint32_t align;
	uint64_t skip;
	uint64_t at;
	uint64_t left;
	uint32_t next, n;
	struct fpr_sg fetched[FPR_SG_FETCH];
};

/**
 * fpr_sg_start() - stand at the first byte of what a reference names
 * @walk: set; nothing is fetched yet
 * @ref: checked, with a list
 * @align: what each entry must be aligned to; a power of two
 */
void fpr_sg_start(struct fpr_sg_walk *walk, const struct fpr_ref *ref, uint32_t align);

/**
 * fpr_sg_run() - the next contiguous piece
 * @shell: whose bus it is
 * @walk: moved past the piece
 * @most: longest piece wanted, not 0
 * @at: set to its bus address
 * @bytes: set to its length, 1..@most
 * Return: FPR_OK, FPR_ERR_DMA, or what is wrong with the list
 */
enum fpr_status fpr_sg_run(struct fpr_shell *shell, struct fpr_sg_walk *walk, uint64_t most,
			   uint64_t *at, uint64_t *bytes);

/* Passes over @bytes; whether the list has them shows with the next piece. */
void fpr_sg_skip(struct fpr_sg_walk *walk, uint64_t bytes);

/* Copies from and to host memory along the list; as fpr_sg_run(). */
enum fpr_status fpr_sg_read(struct fpr_shell *shell, struct fpr_sg_walk *walk, void *to,
			    uint64_t bytes);
enum fpr_status fpr_sg_write(struct fpr_shell *shell, struct fpr_sg_walk *walk, const void *from,
			     uint64_t bytes);

#endif
