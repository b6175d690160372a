/* SPDX-License-Identifier: MIT */

/* `chunk`: loading a chunk, two values a lane and cycle, is no more than its least duration. */
#define FPR_PE_LANES FPR_LANES
#define CHUNK_LEAST(n) (((n) + 2u * FPR_LANES - 1u) / (2u * FPR_LANES))
#define CHUNK_FED(s, n) fpr_schedule_fed(s)

#include "tile_chunked.h"

void fpr_tile_chunk(struct fpr_tile tile[1], const uint16_t s[FPR_LINES][FPR_PANEL],
		    const uint16_t p[FPR_LINES][FPR_PANEL], uint32_t n)
{
	feed_panel(tile, s, p, n);
}

void fpr_tile_chunk_drain(struct fpr_tile tile[1])
{
	run(tile, 1);
}
