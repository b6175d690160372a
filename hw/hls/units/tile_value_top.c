/* SPDX-License-Identifier: MIT */

#include "hls.h"
#include "tile.h"
#include "tile_value_unit.h"

static struct fpr_tile tile[1];
static uint16_t s[FPR_LINES][FPR_PANEL], p[FPR_LINES][FPR_PANEL];

static void load(const uint16_t serial[FPR_ROWS * FPR_CHUNK],
		 const uint16_t parallel[FPR_COLS * FPR_CHUNK])
{
	HLS_LOOP(SERIAL)
	for (uint32_t i = 0; i < FPR_ROWS * FPR_CHUNK; i++)
		s[i / FPR_CHUNK][i % FPR_CHUNK] = serial[i];
	HLS_LOOP(PARALLEL)
	for (uint32_t i = 0; i < FPR_COLS * FPR_CHUNK; i++)
		p[i / FPR_CHUNK][i % FPR_CHUNK] = parallel[i];
}

void tile_value_top(uint32_t t, const uint16_t serial[FPR_ROWS * FPR_CHUNK],
		    const uint16_t parallel[FPR_COLS * FPR_CHUNK],
		    uint32_t out[FPR_ROWS * FPR_COLS], uint32_t cycles[1])
{
	HLS_CONTROL(mode = s_axilite port = return )

	load(serial, parallel);
	tile[0].t = t;
	tile[0].rows = FPR_ROWS;
	tile[0].cols = FPR_COLS;
	HLS_LOOP(CLEAR)
	for (uint32_t i = 0; i < FPR_ROWS * FPR_COLS; i++)
		tile[0].out[i / FPR_COLS][i % FPR_COLS] = 0;
	fpr_schedule_begin(tile[0].schedule);
	fpr_tile_value(tile, s, p, FPR_CHUNK);
	fpr_tile_value_drain(tile);
	HLS_LOOP(STORE)
	for (uint32_t i = 0; i < FPR_ROWS * FPR_COLS; i++)
		out[i] = tile[0].out[i / FPR_COLS][i % FPR_COLS];
	cycles[0] = (uint32_t)tile[0].schedule[0].now;
}
