/* SPDX-License-Identifier: MIT */
/* The HLS C's tile, panel by panel: what the RTL must do. */
#include "case.h"

#include <string.h>

#include "fp32.h"
#include "fpr_gemm.h"
#include "special.h"
#include "tile.h"

static struct fpr_tile tile[1];
static uint16_t s_pad[FPR_LINES][FPR_PANEL], p_pad[FPR_LINES][FPR_PANEL];

static void feed_panel(uint32_t kind, const struct tile_case *from, uint32_t first)
{
	uint32_t n = from->k - first < FPR_PANEL ? from->k - first : FPR_PANEL;

	for (uint32_t r = 0; r < FPR_ROWS; r++)
		memcpy(s_pad[r], &from->s[r][first], n * sizeof(uint16_t));
	for (uint32_t c = 0; c < FPR_COLS; c++)
		memcpy(p_pad[c], &from->p[c][first], n * sizeof(uint16_t));
	fpr_tile_specials(tile, s_pad, p_pad, n);
	if (kind == FPR_KIND_CHUNK)
		fpr_tile_chunk(tile, s_pad, p_pad, n);
	else if (kind == FPR_KIND_VALUE)
		fpr_tile_value(tile, s_pad, p_pad, n);
	else if (kind == FPR_KIND_SET)
		fpr_tile_set(tile, s_pad, p_pad, n);
	else
		fpr_tile_dense(tile, s_pad, p_pad, n);
}

void hls_run(uint32_t kind, const struct tile_case *from, struct tile_result *want)
{
	memset(tile, 0, sizeof(tile));
	tile->t = from->t;
	tile->rows = FPR_ROWS;
	tile->cols = FPR_COLS;
	memcpy(tile->out, from->c_in, sizeof(tile->out));
	fpr_schedule_begin(tile->schedule);
	for (uint32_t first = 0; first < from->k; first += FPR_PANEL)
		feed_panel(kind, from, first);
	if (kind == FPR_KIND_CHUNK)
		fpr_tile_chunk_drain(tile);
	if (kind == FPR_KIND_VALUE)
		fpr_tile_value_drain(tile);
	if (kind == FPR_KIND_SET)
		fpr_tile_set_drain(tile);

	for (uint32_t r = 0; r < FPR_ROWS; r++)
		for (uint32_t c = 0; c < FPR_COLS; c++)
			want->out[r][c] = fpr_special_result(tile->special[r][c], from->c_in[r][c],
							     tile->out[r][c]);
	want->cycles = tile->schedule->now;
	want->issued = tile->count[FPR_COUNT_ISSUED];
	want->beyond = tile->count[FPR_COUNT_OOB];
	want->no_term = tile->count[FPR_COUNT_NO_TERM];
	want->shift_range = tile->count[FPR_COUNT_SHIFT_RANGE];
	want->inter_pe = tile->count[FPR_COUNT_INTER_PE];
	want->floor = tile->count[FPR_COUNT_FLOOR];
	want->inter_row = tile->count[FPR_COUNT_INTER_ROW];
}
