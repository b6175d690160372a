/* SPDX-License-Identifier: MIT */

#include "walk.h"

uint32_t fpr_walk_check(const struct fpr_sg entry[1], uint32_t align)
{
	uint32_t wraps = entry[0].address + entry[0].bytes < entry[0].address;
	uint32_t odd = ((entry[0].address | entry[0].bytes) & (align - 1u)) != 0u;
	uint32_t status = odd ? FPR_ERR_ALIGN : FPR_OK;

	status = entry[0].bytes == 0u || wraps ? FPR_ERR_BOUNDS : status;
	return entry[0].reserved != 0u ? FPR_ERR_RESERVED : status;
}

void fpr_walk_start(struct fpr_walk walk[1], const struct fpr_ref ref[1], uint32_t align)
{
	walk[0].table = ref[0].address;
	walk[0].unfetched = ref[0].sg_entries;
	walk[0].align = align;
	/* The offset is skipped when the first byte is asked for. */
	walk[0].skip = ref[0].sg_offset;
	walk[0].at = 0;
	walk[0].left = 0;
	walk[0].next = 0;
	walk[0].n = 0;
}

void fpr_walk_skip(struct fpr_walk walk[1], uint64_t bytes)
{
	uint64_t sum = walk[0].skip + bytes;

	/* No list is as long as what would wrap. */
	walk[0].skip = sum < bytes ? UINT64_MAX : sum;
}

/* All that was fetched is used up. */
static void want(struct fpr_walk walk[1], struct fpr_walk_step step[1])
{
	uint32_t n = walk[0].unfetched < FPR_WALK_FETCH ? walk[0].unfetched : FPR_WALK_FETCH;

	/* Or the list is shorter than what it should cover. */
	step[0].what = n != 0u ? FPR_WALK_WANTS : FPR_WALK_FAILED;
	step[0].status = n != 0u ? FPR_OK : FPR_ERR_BOUNDS;
	step[0].address = walk[0].table;
	step[0].bytes = n * FPR_WALK_ENTRY;
	walk[0].table += n * FPR_WALK_ENTRY;
	walk[0].unfetched -= n;
	walk[0].next = 0;
	walk[0].n = n;
}

/* The next entry becomes the present one, unless it is bad. */
static uint32_t take(struct fpr_walk walk[1])
{
	const struct fpr_sg entry[1] = {walk[0].fetched[walk[0].next]};
	uint32_t status = fpr_walk_check(entry, walk[0].align);

	if (status == FPR_OK) {
		walk[0].at = entry[0].address;
		walk[0].left = entry[0].bytes;
		walk[0].next++;
	}
	return status;
}

void fpr_walk_step(struct fpr_walk walk[1], uint64_t most, struct fpr_walk_step step[1])
{
	uint32_t status = FPR_OK;
	uint64_t pass, bytes;

	if (walk[0].left == 0u && walk[0].next == walk[0].n) {
		want(walk, step);
		return;
	}
	if (walk[0].left == 0u)
		status = take(walk);
	pass = walk[0].skip < walk[0].left ? walk[0].skip : walk[0].left;
	walk[0].skip -= pass;
	walk[0].at += pass;
	walk[0].left -= pass;
	bytes = walk[0].left < most ? walk[0].left : most;
	step[0].what = bytes != 0u ? FPR_WALK_PIECE : FPR_WALK_PASSED;
	step[0].what = status != FPR_OK ? FPR_WALK_FAILED : step[0].what;
	step[0].status = status;
	step[0].address = walk[0].at;
	step[0].bytes = bytes;
	walk[0].at += bytes;
	walk[0].left -= bytes;
}
