// SPDX-License-Identifier: MIT
#include "Vchunk.h"
#include "rtl_tile.h"

using chunk = fpr_rtl_tile<Vchunk, FPR_KIND_CHUNK>;

void fpr_tile_chunk(struct fpr_tile *tile, const uint16_t (*s)[FPR_PANEL],
		    const uint16_t (*p)[FPR_PANEL], uint32_t n)
{
	chunk::only().feed(tile, s, p, n);
}

void fpr_tile_chunk_drain(struct fpr_tile *tile)
{
	chunk::only().drain(tile);
}
