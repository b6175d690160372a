/* SPDX-License-Identifier: MIT */

#include "tile.h"

#include "bf16.h"
#include "fp32.h"
#include "hls.h"
#include "naf.h"
#include "pe_set.h"

/* Every busy PE issues at least one term a cycle: what a row holds takes no longer than this. */
#define CYCLES_MAX (FPR_SLOTS * (FPR_SET * FPR_NAF_TERMS + FPR_SET_FLOOR))

/* The sets held, and whether each ends its chunk. */
static uint32_t serial[FPR_SLOTS][FPR_ROWS][FPR_SET];
static uint32_t parallel[FPR_SLOTS][FPR_COLS][FPR_SET];
static uint8_t ends_chunk[FPR_SLOTS];

/* What the issue loop turns over. */
static struct fpr_pe_set pe[FPR_ROWS][FPR_COLS];
static uint32_t elapsed[FPR_ROWS];

/* One set into its slot: values are recoded on the way in. */
static void feed(struct fpr_tile tile[1], const uint16_t s[FPR_LINES][FPR_PANEL],
		 const uint16_t p[FPR_LINES][FPR_PANEL], uint32_t first, uint32_t n)
{
	uint32_t slot = tile[0].schedule[0].feed;

	HLS_LOOP(PRODUCT)
	for (uint32_t i = 0; i < FPR_SET; i++) {
		HLS_OPT(UNROLL)
		uint32_t here = first + i < n;

		HLS_LOOP(ROW)
		for (uint32_t r = 0; r < FPR_ROWS; r++) {
			HLS_OPT(UNROLL)
			uint16_t v = here ? s[r][first + i] : 0;
			uint32_t mag = fpr_bf16_significand(v);

			serial[slot][r][i] = FPR_SERIAL(fpr_naf_terms(mag), fpr_naf_negative(mag),
							FPR_BF16_EXP(v), FPR_BF16_SIGN(v));
		}
		HLS_LOOP(COLUMN)
		for (uint32_t c = 0; c < FPR_COLS; c++) {
			HLS_OPT(UNROLL)
			uint16_t v = here ? p[c][first + i] : 0;

			parallel[slot][c][i] = FPR_PARALLEL(fpr_bf16_significand(v),
							    FPR_BF16_SIGN(v), FPR_BF16_EXP(v));
		}
	}
	ends_chunk[slot] = (first + FPR_SET) % FPR_CHUNK == 0u || first + FPR_SET >= n;
	fpr_schedule_fed(tile[0].schedule);
}

/* A row takes up its set: the exponent block of each PE. */
static void open_row(struct fpr_tile tile[1], uint32_t r, uint32_t slot)
{
	HLS_LOOP(OPEN)
	for (uint32_t c = 0; c < FPR_COLS; c++) {
		HLS_OPT(UNROLL)
		struct fpr_pe_set now[1] = {pe[r][c]};

		tile[0].count[FPR_COUNT_OOB] +=
			fpr_pe_set_open(now, serial[slot][r], parallel[slot][c], tile[0].t);
		pe[r][c] = now[0];
	}
}

/* One cycle of the PEs of a row. */
static void step_row(struct fpr_tile tile[1], uint32_t r, uint32_t slot)
{
	struct fpr_pe_set_counts did[1];
	uint32_t issued = 0;
	uint32_t outside = 0;
	uint32_t idle = 0;
	uint32_t running = 0;

	HLS_LOOP(PE)
	for (uint32_t c = 0; c < FPR_COLS; c++) {
		HLS_OPT(UNROLL)
		struct fpr_pe_set now[1] = {pe[r][c]};
		uint32_t busy = fpr_pe_set_busy(now);

		if (busy != 0u) {
			fpr_pe_set_step(now, serial[slot][r], parallel[slot][c], did);
			issued += did[0].issued;
			outside += did[0].outside;
			idle += did[0].idle;
			pe[r][c] = now[0];
		}
		running += busy;
	}
	tile[0].count[FPR_COUNT_ISSUED] += issued;
	tile[0].count[FPR_COUNT_USEFUL] += issued;
	tile[0].count[FPR_COUNT_SHIFT_RANGE] += outside;
	tile[0].count[FPR_COUNT_NO_TERM] += idle;
	tile[0].count[running != 0u ? FPR_COUNT_INTER_PE : FPR_COUNT_FLOOR] +=
		(FPR_COLS - running) * FPR_LANES;
}

/* Have all PEs of a row issued everything? */
static uint32_t is_dry(uint32_t r)
{
	uint32_t busy = 0;

	HLS_LOOP(DRY)
	for (uint32_t c = 0; c < FPR_COLS; c++) {
		HLS_OPT(UNROLL)
		struct fpr_pe_set now[1] = {pe[r][c]};

		busy |= fpr_pe_set_busy(now);
	}
	return busy == 0u;
}

/* A row has finished its set: round, and at the end of a chunk add to the outputs. */
static void finish(struct fpr_tile tile[1], uint32_t r, uint32_t slot)
{
	HLS_LOOP(CLOSE)
	for (uint32_t c = 0; c < FPR_COLS; c++) {
		HLS_OPT(UNROLL)
		struct fpr_pe_set now[1] = {pe[r][c]};

		fpr_pe_set_close(now);
		if (ends_chunk[slot] != 0u) {
			tile[0].out[r][c] =
				fpr_fp32_add(tile[0].out[r][c], fpr_acc_to_fp32(now[0].acc));
			now[0].acc[0].mag = 0;
		}
		pe[r][c] = now[0];
	}
	elapsed[r] = 0;
	fpr_schedule_finish(tile[0].schedule, r);
}

/* One cycle of one row. */
static void row_cycle(struct fpr_tile tile[1], uint32_t r)
{
	uint32_t slot = tile[0].schedule[0].slot[r];

	if (!fpr_schedule_ready(tile[0].schedule, r)) {
		tile[0].count[FPR_COUNT_INTER_ROW] += FPR_COLS * FPR_LANES;
		return;
	}
	if (elapsed[r] == 0u)
		open_row(tile, r, slot);
	step_row(tile, r, slot);
	elapsed[r]++;
	if (elapsed[r] >= FPR_SET_FLOOR && is_dry(r))
		finish(tile, r, slot);
}

/*
 * The issue loop: one pass is one cycle, all rows step together. Runs until the
 * next set has room, or with @dry until every row has finished.
 */
static void run(struct fpr_tile tile[1], uint32_t dry)
{
	HLS_OPT(ARRAY_PARTITION variable = serial complete dim = 0)
	HLS_OPT(ARRAY_PARTITION variable = parallel complete dim = 0)
	HLS_OPT(ARRAY_PARTITION variable = pe complete dim = 0)
	HLS_OPT(ARRAY_PARTITION variable = elapsed complete dim = 0)
	HLS_LOOP(CYCLE)
	for (uint32_t cycle = 0; cycle < CYCLES_MAX; cycle++) {
		HLS_OPT(PIPELINE II = 1)
		if (dry != 0u ? fpr_schedule_slowest(tile[0].schedule) == tile[0].schedule[0].fed
			      : fpr_schedule_room(tile[0].schedule))
			break;
		HLS_LOOP(ROW)
		for (uint32_t r = 0; r < FPR_ROWS; r++) {
			HLS_OPT(UNROLL)
			row_cycle(tile, r);
		}
		fpr_schedule_tick(tile[0].schedule);
	}
}

void fpr_tile_set(struct fpr_tile tile[1], const uint16_t s[FPR_LINES][FPR_PANEL],
		  const uint16_t p[FPR_LINES][FPR_PANEL], uint32_t n)
{
	HLS_LOOP(SET)
	for (uint32_t first = 0; first < FPR_PANEL; first += FPR_SET) {
		if (first >= n)
			break;
		run(tile, 0);
		feed(tile, s, p, first, n);
	}
}

void fpr_tile_set_drain(struct fpr_tile tile[1])
{
	run(tile, 1);
}
