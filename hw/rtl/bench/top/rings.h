/* SPDX-License-Identifier: MIT */
#ifndef FPR_TOP_RINGS_H
#define FPR_TOP_RINGS_H

#include <stdint.h>

#include "fpr_desc.h"
#include "fpr_regs.h"

/* The rings as a bystander knows them who sees the host's register writes and what goes to memory.
 */

/**
 * struct ring - an engine's
 * @cq: bus address of the completion ring
 * @cq_order: log2 of its entries
 * @sq_order: the same of the submission ring
 * @enabled: its rings are taken
 * @tail: of the submission ring
 * @under_way: descriptors that have no completion yet
 * @slot: where the next completion goes
 * @phase: that it will have
 * @entry: what is there of it
 */
struct ring {
	uint64_t cq;
	uint32_t cq_order, sq_order;
	int enabled;
	uint32_t tail, under_way;
	uint32_t slot, phase;
	uint8_t entry[sizeof(struct fpr_completion)];
};

struct rings {
	struct ring engine[FPR_ENGINES];
};

/* What a write into a completion ring is. */
enum posted { POSTED_ELSEWHERE, POSTED_PART, POSTED_ENTRY, POSTED_WRONG };

/* The host has written a register. */
void rings_written(struct rings *rings, uint32_t offset, uint32_t value);

/* Whose completion ring @address is in; FPR_ENGINES: no one's. */
unsigned int rings_find(const struct rings *rings, uint64_t address);

/**
 * rings_post() - the board writes host memory
 * @rings: what is known
 * @address: bus address
 * @from: the bytes
 * @bytes: how many
 * @engine: set to whose ring it is
 * @completion: set with POSTED_ENTRY
 * Return: POSTED_ENTRY: with this a completion is whole; POSTED_WRONG: in a ring, but not in the
 *next slot, or with the other phase
 */
enum posted rings_post(struct rings *rings, uint64_t address, const void *from, uint32_t bytes,
		       unsigned int *engine, struct fpr_completion *completion);

/* Is no descriptor under way? */
int rings_rest(const struct rings *rings);

#endif
