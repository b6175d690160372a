// SPDX-License-Identifier: MIT
#include "Vdense.h"
#include "rtl_tile.h"

// Never freed: a job may still be running when the program ends.
static fpr_rtl_tile<Vdense, FPR_KIND_DENSE> *dense()
{
	static auto *tile = new fpr_rtl_tile<Vdense, FPR_KIND_DENSE>;

	return tile;
}

void fpr_tile_dense(struct fpr_tile *tile, const uint16_t (*s)[FPR_PANEL],
		    const uint16_t (*p)[FPR_PANEL], uint32_t n)
{
	uint64_t useful = (uint64_t)tile->rows * tile->cols * n;
	uint64_t sets = (n + FPR_SET - 1) / FPR_SET;

	dense()->feed(tile, s, p, n);
	// No terms: the tile counts cycles only, the rest follows from its shape.
	tile->count[FPR_COUNT_ISSUED] += 8u * useful;
	tile->count[FPR_COUNT_USEFUL] += useful;
	tile->count[FPR_COUNT_NO_TERM] += FPR_TILE_LANES * sets - useful;
}

void fpr_tile_dense_drain(struct fpr_tile *tile)
{
	dense()->drain(tile);
}
