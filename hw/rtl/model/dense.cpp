// SPDX-License-Identifier: MIT
#include "Vdense.h"
#include "rtl_tile.h"

using dense = fpr_rtl_tile<Vdense, FPR_KIND_DENSE>;

void fpr_tile_dense(struct fpr_tile *tile, const uint16_t (*s)[FPR_PANEL],
		    const uint16_t (*p)[FPR_PANEL], uint32_t n)
{
	uint64_t useful = (uint64_t)tile->rows * tile->cols * n;
	uint64_t sets = (n + FPR_SET - 1) / FPR_SET;

	dense::only().feed(tile, s, p, n);
	// No terms: the tile counts cycles only, the rest follows from its shape.
	tile->count[FPR_COUNT_ISSUED] += 8u * useful;
	tile->count[FPR_COUNT_USEFUL] += useful;
	tile->count[FPR_COUNT_NO_TERM] += FPR_TILE_LANES * sets - useful;
}

void fpr_tile_dense_drain(struct fpr_tile *tile)
{
	dense::only().drain(tile);
}
