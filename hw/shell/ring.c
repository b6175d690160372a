/* SPDX-License-Identifier: MIT */

#include "ring.h"

#define RING_ALIGN 4096u

/* Entries of a ring in use. */
static uint32_t used(uint32_t head, uint32_t tail, uint32_t mask)
{
	return (tail - head) & mask;
}

void fpr_ring_clear(struct fpr_ring ring[1])
{
	ring[0].sq = 0;
	ring[0].cq = 0;
	ring[0].sq_mask = 0;
	ring[0].cq_mask = 0;
	ring[0].sq_head = 0;
	ring[0].sq_tail = 0;
	ring[0].cq_head = 0;
	ring[0].cq_tail = 0;
	ring[0].phase = 0;
	ring[0].taken = 0;
	ring[0].posting = 0;
}

static uint32_t order_fits(uint32_t order)
{
	return order >= 1u && order <= FPR_SHELL_RING_ORDER;
}

uint32_t fpr_ring_start(struct fpr_ring ring[1], uint64_t sq, uint64_t cq, uint32_t sq_order,
			uint32_t cq_order)
{
	if (((sq | cq) & (RING_ALIGN - 1u)) != 0u || order_fits(sq_order) == 0u ||
	    order_fits(cq_order) == 0u)
		return 0;
	fpr_ring_clear(ring);
	ring[0].sq = sq;
	ring[0].cq = cq;
	ring[0].sq_mask = (1u << sq_order) - 1u;
	ring[0].cq_mask = (1u << cq_order) - 1u;
	ring[0].phase = 1;
	return 1;
}

uint32_t fpr_ring_pending(const struct fpr_ring ring[1])
{
	return ring[0].sq_head != ring[0].sq_tail;
}

uint32_t fpr_ring_waits(const struct fpr_ring ring[1])
{
	uint32_t posted = used(ring[0].cq_head, ring[0].cq_tail, ring[0].cq_mask);

	return fpr_ring_pending(ring) != 0u && posted + ring[0].taken < ring[0].cq_mask;
}

uint32_t fpr_ring_idle(const struct fpr_ring ring[1])
{
	return fpr_ring_pending(ring) == 0u && ring[0].taken == 0u;
}

uint64_t fpr_ring_next(const struct fpr_ring ring[1], uint32_t bytes)
{
	return ring[0].sq + (uint64_t)ring[0].sq_head * bytes;
}

void fpr_ring_take(struct fpr_ring ring[1])
{
	ring[0].sq_head = (ring[0].sq_head + 1u) & ring[0].sq_mask;
	ring[0].taken++;
}

void fpr_ring_end(struct fpr_ring ring[1])
{
	ring[0].taken--;
}

uint64_t fpr_ring_slot(const struct fpr_ring ring[1])
{
	return ring[0].cq + (uint64_t)ring[0].cq_tail * sizeof(struct fpr_completion);
}

void fpr_ring_posted(struct fpr_ring ring[1])
{
	ring[0].cq_tail = (ring[0].cq_tail + 1u) & ring[0].cq_mask;
	ring[0].phase ^= ring[0].cq_tail == 0u;
	ring[0].posting = 1;
}

void fpr_ring_arrived(struct fpr_ring ring[1])
{
	ring[0].posting = 0;
}

uint32_t fpr_ring_submitted(struct fpr_ring ring[1], uint32_t tail)
{
	if (tail > ring[0].sq_mask)
		return 0;
	ring[0].sq_tail = tail;
	return 1;
}

uint32_t fpr_ring_consumed(struct fpr_ring ring[1], uint32_t head)
{
	uint32_t posted = used(ring[0].cq_head, ring[0].cq_tail, ring[0].cq_mask);

	if (head > ring[0].cq_mask || used(ring[0].cq_head, head, ring[0].cq_mask) > posted)
		return 0;
	ring[0].cq_head = head;
	return 1;
}

uint32_t fpr_ring_unread(const struct fpr_ring ring[1])
{
	return used(ring[0].cq_head, ring[0].cq_tail, ring[0].cq_mask) > ring[0].posting;
}
