/* SPDX-License-Identifier: MIT */
/* What tools/explore makes of a tile: cycles, and where lane-cycles go. */
#include "case.h"

#include <stdlib.h>
#include <string.h>

#include "design.h"

_Static_assert(FPR_ROWS <= TILE_SIDE && FPR_COLS <= TILE_SIDE, "a tile of the explorer holds it");

void explored_run(const char *name, const struct tile_case *from, struct tile_result *want)
{
	static struct tile tile;
	static struct tile_work work;
	const struct design *design = &designs[design_find(name)];
	uint64_t absent;
	struct tile_cost cost;

	memset(&tile, 0, sizeof(tile));
	tile.rows[0] = FPR_ROWS;
	tile.rows[1] = FPR_COLS;
	tile.k = from->k;
	for (uint32_t r = 0; r < FPR_ROWS; r++)
		memcpy(tile.x[0][r], from->s[r], from->k * sizeof(uint16_t));
	for (uint32_t c = 0; c < FPR_COLS; c++)
		memcpy(tile.x[1][c], from->p[c], from->k * sizeof(uint16_t));
	tile_work_fill(&work, &tile, 0, (int)from->t);
	design_tile(design, &tile, 0, &work, &cost);
	absent = (TILE_SIDE - FPR_ROWS) * cost.cycles * design->lanes;

	want->cycles = cost.cycles;
	want->no_term = cost.idle * FPR_COLS;
	want->inter_pe = cost.issued * FPR_COLS - want->issued;
	want->floor = 0;
	for (uint32_t c = 0; c < work.chunks; c++)
		for (uint32_t r = 0; r < FPR_ROWS; r++)
			if (work.work[c][WORK_NAF][r].count == 0)
				want->floor += design->lanes * FPR_COLS;
	want->inter_row = (cost.floor + cost.rows - absent) * FPR_COLS - want->floor;
}
