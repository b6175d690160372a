/* SPDX-License-Identifier: MIT */

/*
 * `value`: half the lanes of `chunk`, each of which takes in one value a cycle. Rows
 * wait until their chunk is loaded; each takes a cycle at least, be it all zeros.
 */
#define FPR_PE_LANES FPR_VALUE_LANES
#define CHUNK_LEAST(n) 1u
#define CHUNK_FED(s, n) fpr_schedule_load(s, ((n) + FPR_VALUE_LANES - 1u) / FPR_VALUE_LANES)

#include "tile_chunked.h"

void fpr_tile_value(struct fpr_tile tile[1], const uint16_t s[FPR_LINES][FPR_PANEL],
		    const uint16_t p[FPR_LINES][FPR_PANEL], uint32_t n)
{
	feed_panel(tile, s, p, n);
}

void fpr_tile_value_drain(struct fpr_tile tile[1])
{
	run(tile, 1);
}
