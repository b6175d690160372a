// SPDX-License-Identifier: MIT
#include "Vset.h"
#include "rtl_tile.h"

// Never freed: a job may still be running when the program ends.
static fpr_rtl_tile<Vset, FPR_KIND_SET> *set()
{
	static auto *tile = new fpr_rtl_tile<Vset, FPR_KIND_SET>;

	return tile;
}

void fpr_tile_set(struct fpr_tile *tile, const uint16_t (*s)[FPR_PANEL],
		  const uint16_t (*p)[FPR_PANEL], uint32_t n)
{
	set()->feed(tile, s, p, n);
}

void fpr_tile_set_drain(struct fpr_tile *tile)
{
	set()->drain(tile);
}
