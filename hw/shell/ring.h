/* SPDX-License-Identifier: MIT */
#ifndef FPR_SHELL_RING_H
#define FPR_SHELL_RING_H

#include <stdint.h>

#include "fpr_desc.h"

/* An engine's two rings in host memory, as indices: whoever owns the bus fetches and posts. */

/* Largest ring, log2 of entries. */
#define FPR_SHELL_RING_ORDER 12

/**
 * struct fpr_ring - the rings as taken when the engine was enabled
 * @sq: bus address of the submission ring
 * @cq: bus address of the completion ring
 * @sq_mask: entries - 1
 * @cq_mask: entries - 1
 * @sq_head: next to fetch
 * @sq_tail: next the host writes
 * @cq_head: next the host takes
 * @cq_tail: next to post
 * @phase: of the present turn of the completion ring
 * @taken: fetched and not completed: each has a completion slot, so that posting never waits
 * @posting: the last one posted is on its way: the host may have seen it, or may not yet
 *
 * A full ring has one entry less than its size.
 */
struct fpr_ring {
	uint64_t sq, cq;
	uint32_t sq_mask, cq_mask;
	uint32_t sq_head, sq_tail;
	uint32_t cq_head, cq_tail;
	uint32_t phase;
	uint32_t taken;
	uint32_t posting;
};

/* Nothing in it, and no place for anything. */
void fpr_ring_clear(struct fpr_ring ring[1]);

/**
 * fpr_ring_start() - take the ring registers
 * @ring: set
 * @sq: bus address, a multiple of 4 KiB
 * @cq: the same
 * @sq_order: 1..FPR_SHELL_RING_ORDER
 * @cq_order: the same
 * Return: 1; 0 when one of them is not so, and the ring is as it was
 */
uint32_t fpr_ring_start(struct fpr_ring ring[1], uint64_t sq, uint64_t cq, uint32_t sq_order,
			uint32_t cq_order);

/* Is there a descriptor to fetch? And does a completion slot wait for it, too? */
uint32_t fpr_ring_pending(const struct fpr_ring ring[1]);
uint32_t fpr_ring_waits(const struct fpr_ring ring[1]);

/* Neither posted nor under way. */
uint32_t fpr_ring_idle(const struct fpr_ring ring[1]);

/* Bus address of the next descriptor of @bytes bytes; the descriptor there is taken. */
uint64_t fpr_ring_next(const struct fpr_ring ring[1], uint32_t bytes);
void fpr_ring_take(struct fpr_ring ring[1]);

/* One that was taken has ended. Bus address of its completion; that is on its way there, and is. */
void fpr_ring_end(struct fpr_ring ring[1]);
uint64_t fpr_ring_slot(const struct fpr_ring ring[1]);
void fpr_ring_posted(struct fpr_ring ring[1]);
void fpr_ring_arrived(struct fpr_ring ring[1]);

/* Doorbells. Return: 0 when the host rang a bad one, which leaves the ring as it was. */
uint32_t fpr_ring_submitted(struct fpr_ring ring[1], uint32_t tail);
uint32_t fpr_ring_consumed(struct fpr_ring ring[1], uint32_t head);

/* Are there completions that the host has not taken? One that is on its way is not there. */
uint32_t fpr_ring_unread(const struct fpr_ring ring[1]);

#endif
