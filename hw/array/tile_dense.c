/* SPDX-License-Identifier: MIT */

#include "tile.h"

#include "bf16.h"
#include "fp32.h"
#include "hls.h"
#include "pe_dense.h"

static struct fpr_acc acc[FPR_ROWS][FPR_COLS];

/* One set of a line, as a PE takes it. */
static void take(const uint16_t x[FPR_PANEL], uint32_t first, uint32_t n, uint32_t set[FPR_SET])
{
	HLS_LOOP(PRODUCT)
	for (uint32_t i = 0; i < FPR_SET; i++) {
		HLS_OPT(UNROLL)
		uint16_t v = first + i < n ? x[first + i] : 0;

		set[i] = FPR_DENSE(fpr_bf16_significand(v), FPR_BF16_SIGN(v), FPR_BF16_EXP(v));
	}
}

/* All PEs take a set; at the end of a chunk they add to the outputs. */
static void step(struct fpr_tile tile[1], const uint32_t s[FPR_ROWS][FPR_SET],
		 const uint32_t p[FPR_COLS][FPR_SET], uint32_t ends_chunk)
{
	HLS_LOOP(ROW)
	for (uint32_t r = 0; r < FPR_ROWS; r++) {
		HLS_OPT(UNROLL)
		HLS_LOOP(PE)
		for (uint32_t c = 0; c < FPR_COLS; c++) {
			HLS_OPT(UNROLL)
			struct fpr_acc now[1] = {acc[r][c]};

			fpr_pe_dense(now, s[r], p[c]);
			if (ends_chunk != 0u) {
				tile[0].out[r][c] =
					fpr_fp32_add(tile[0].out[r][c], fpr_acc_to_fp32(now));
				now[0].mag = 0;
			}
			acc[r][c] = now[0];
		}
	}
}

/* A set has been worked on: its cycles, and what the lanes did in them. */
static void account(struct fpr_tile tile[1], uint32_t products)
{
	uint64_t useful = (uint64_t)tile[0].rows * tile[0].cols * products;

	HLS_LOOP(LOAD)
	for (uint32_t load = 1; load < FPR_SET_LOADS; load++)
		fpr_schedule_tick(tile[0].schedule);
	HLS_LOOP(DONE)
	for (uint32_t r = 0; r < FPR_ROWS; r++) {
		HLS_OPT(UNROLL)
		fpr_schedule_finish(tile[0].schedule, r);
	}
	fpr_schedule_tick(tile[0].schedule);
	tile[0].count[FPR_COUNT_ISSUED] += 8u * useful;
	tile[0].count[FPR_COUNT_USEFUL] += useful;
	tile[0].count[FPR_COUNT_NO_TERM] += (uint64_t)FPR_TILE_LANES * FPR_SET_LOADS - useful;
}

void fpr_tile_dense(struct fpr_tile tile[1], const uint16_t s[FPR_LINES][FPR_PANEL],
		    const uint16_t p[FPR_LINES][FPR_PANEL], uint32_t n)
{
	uint32_t row[FPR_ROWS][FPR_SET], col[FPR_COLS][FPR_SET];
	HLS_OPT(ARRAY_PARTITION variable = row complete dim = 0)
	HLS_OPT(ARRAY_PARTITION variable = col complete dim = 0)
	HLS_OPT(ARRAY_PARTITION variable = acc complete dim = 0)

	/* One pass is one cycle, or FPR_SET_LOADS with fewer lanes than products in a set. */
	HLS_LOOP(SET)
	for (uint32_t first = 0; first < FPR_PANEL; first += FPR_SET) {
		HLS_OPT(PIPELINE)
		if (first >= n)
			break;
		HLS_LOOP(ROWS)
		for (uint32_t r = 0; r < FPR_ROWS; r++) {
			HLS_OPT(UNROLL)
			take(s[r], first, n, row[r]);
		}
		HLS_LOOP(COLUMNS)
		for (uint32_t c = 0; c < FPR_COLS; c++) {
			HLS_OPT(UNROLL)
			take(p[c], first, n, col[c]);
		}
		step(tile, row, col, (first + FPR_SET) % FPR_CHUNK == 0u || first + FPR_SET >= n);
		fpr_schedule_fed(tile[0].schedule);
		account(tile, n - first > FPR_SET ? FPR_SET : n - first);
	}
}

/* Its rows keep step, so nothing is left; the RTL in its place has a pipeline. */
void fpr_tile_dense_drain(struct fpr_tile tile[1])
{
	(void)tile;
}
