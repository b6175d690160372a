/* SPDX-License-Identifier: MIT */

#include "ring.h"

#include "hls.h"
#include "ring_unit.h"

static struct fpr_ring ring[1];

static void fetch(uint64_t bytes, uint64_t answer[2])
{
	answer[0] = fpr_ring_waits(ring);
	answer[1] = answer[0] != 0u ? fpr_ring_next(ring, (uint32_t)bytes) : 0u;
	if (answer[0] != 0u)
		fpr_ring_take(ring);
}

static void post(uint64_t answer[2])
{
	fpr_ring_end(ring);
	answer[0] = fpr_ring_slot(ring);
	answer[1] = ring[0].phase;
	fpr_ring_posted(ring);
}

void ring_top(uint32_t command, const uint64_t value[4], uint64_t answer[2])
{
	HLS_CONTROL(mode = s_axilite port = return )

	answer[0] = 0;
	answer[1] = 0;
	if (command == RING_START)
		answer[0] = fpr_ring_start(ring, value[0], value[1], (uint32_t)value[2],
					   (uint32_t)value[3]);
	else if (command == RING_SUBMITTED)
		answer[0] = fpr_ring_submitted(ring, (uint32_t)value[0]);
	else if (command == RING_CONSUMED)
		answer[0] = fpr_ring_consumed(ring, (uint32_t)value[0]);
	else if (command == RING_FETCH)
		fetch(value[0], answer);
	else
		post(answer);
}
