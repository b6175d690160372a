// SPDX-License-Identifier: MIT
#include "Vset.h"
#include "rtl_tile.h"

using set = fpr_rtl_tile<Vset, FPR_KIND_SET>;

void fpr_tile_set(struct fpr_tile *tile, const uint16_t (*s)[FPR_PANEL],
		  const uint16_t (*p)[FPR_PANEL], uint32_t n)
{
	set::only().feed(tile, s, p, n);
}

void fpr_tile_set_drain(struct fpr_tile *tile)
{
	set::only().drain(tile);
}
