// SPDX-License-Identifier: MIT
#include "Vchunk.h"
#include "rtl_tile.h"

// Never freed: a job may still be running when the program ends.
static fpr_rtl_tile<Vchunk, FPR_KIND_CHUNK> *chunk()
{
	static auto *tile = new fpr_rtl_tile<Vchunk, FPR_KIND_CHUNK>;

	return tile;
}

void fpr_tile_chunk(struct fpr_tile *tile, const uint16_t (*s)[FPR_PANEL],
		    const uint16_t (*p)[FPR_PANEL], uint32_t n)
{
	chunk()->feed(tile, s, p, n);
}

void fpr_tile_chunk_drain(struct fpr_tile *tile)
{
	chunk()->drain(tile);
}
