/* SPDX-License-Identifier: MIT */

#include "walk.h"

#include "hls.h"
#include "walk_unit.h"

static struct fpr_walk walk[1];

static void start(const uint64_t value[4])
{
	struct fpr_ref ref[1];

	ref[0].address = value[0];
	ref[0].bytes = 0;
	ref[0].sg_entries = (uint32_t)value[1];
	ref[0].sg_offset = (uint32_t)value[2];
	fpr_walk_start(walk, ref, (uint32_t)value[3]);
}

static void entry(const uint64_t value[4])
{
	uint32_t i = (uint32_t)value[0] % FPR_WALK_FETCH;

	walk[0].fetched[i].address = value[1];
	walk[0].fetched[i].bytes = (uint32_t)value[2];
	walk[0].fetched[i].reserved = (uint32_t)value[3];
}

static void step(uint64_t most, uint64_t answer[4])
{
	struct fpr_walk_step next[1];

	fpr_walk_step(walk, most, next);
	answer[0] = next[0].what;
	answer[1] = next[0].status;
	answer[2] = next[0].address;
	answer[3] = next[0].bytes;
}

void walk_top(uint32_t command, const uint64_t value[4], uint64_t answer[4])
{
	HLS_CONTROL(mode = s_axilite port = return )

	if (command == WALK_START)
		start(value);
	else if (command == WALK_ENTRY)
		entry(value);
	else if (command == WALK_SKIP)
		fpr_walk_skip(walk, value[0]);
	else
		step(value[0], answer);
}
