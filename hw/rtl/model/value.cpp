// SPDX-License-Identifier: MIT
#include "Vvalue.h"
#include "rtl_tile.h"

using value = fpr_rtl_tile<Vvalue, FPR_KIND_VALUE>;

void fpr_tile_value(struct fpr_tile *tile, const uint16_t (*s)[FPR_PANEL],
		    const uint16_t (*p)[FPR_PANEL], uint32_t n)
{
	value::only().feed(tile, s, p, n);
}

void fpr_tile_value_drain(struct fpr_tile *tile)
{
	value::only().drain(tile);
}
