/* SPDX-License-Identifier: MIT */
#ifndef FPR_TILE_CHUNKED_H
#define FPR_TILE_CHUNKED_H

/*
 * What the tiles of `chunk` and `value` have in common, which is all but their lanes
 * and the time to load a chunk. Each includes this once, after it has said
 *
 *   FPR_PE_LANES       lanes of a PE
 *   CHUNK_LEAST(n)     cycles that a row spends on a chunk of n products at least
 *   CHUNK_FED(s, n)    the schedule's part of putting one into its slot
 */

#include "tile.h"

#include "bf16.h"
#include "fp32.h"
#include "hls.h"
#include "naf.h"
#include "pe_chunk.h"

/* Values of a chunk that go to one lane. */
#define DEPTH (FPR_CHUNK / FPR_PE_LANES)

/* Cycles after which a row has certainly finished all it holds, and been loaded with it. */
#define CYCLES_MAX (FPR_SLOTS * (DEPTH * FPR_NAF_TERMS + DEPTH + FPR_VALUE_REFILL))

/*
 * A lane's queue holds the row's values that some PE needs, as
 *
 *   bits 0..8 terms to issue, 9..17 their signs (the value's included),
 *   18..22 reach of position 0 + 8, 23 and up place among the lane's values
 *
 * so a lane with an empty word has run out. Reach as for a PE's term; it is at
 * least -8, or not even the term at p = 8 could be kept.
 */
#define ENTRY(terms, signs, reach, place) \
	((terms) | ((signs) << 9) | ((uint32_t)((reach) + 8) << 18) | ((place) << 23))
#define ENTRY_TERMS(e) ((e)&0x1ffu)
#define ENTRY_SIGNS(e) (((e) >> 9) & 0x1ffu)
#define ENTRY_REACH(e, p) ((((e) >> 18) & 0x1fu) + (p)-8u)
#define ENTRY_PLACE(e) ((e) >> 23)

/* The chunks held, filled by the pre-pass. */
static uint32_t queue[FPR_SLOTS][FPR_ROWS][FPR_PE_LANES][DEPTH];
static uint8_t queued[FPR_SLOTS][FPR_ROWS][FPR_PE_LANES];
static uint16_t operand[FPR_SLOTS][DEPTH][FPR_PE_LANES][FPR_COLS];
static int32_t row_exponent[FPR_SLOTS][FPR_ROWS];
static int32_t col_exponent[FPR_SLOTS][FPR_COLS];
static uint8_t least_cycles[FPR_SLOTS];

/* What the issue loop turns over. */
static uint32_t entry[FPR_ROWS][FPR_PE_LANES];
static uint8_t taken[FPR_ROWS][FPR_PE_LANES];
static uint32_t elapsed[FPR_ROWS];
static int32_t sum[FPR_ROWS][FPR_COLS];

/* A value of a panel, which has room for whole chunks; products that do not exist are zeros. */
static uint16_t value_at(const uint16_t x[FPR_PANEL], uint32_t at, uint32_t n)
{
	uint16_t value = x[at];

	return at < n ? value : 0;
}

/* The largest exponent field among a line's effectual values, 0 without any. */
static uint32_t largest_exponent(const uint16_t x[FPR_PANEL], uint32_t first, uint32_t n)
{
	uint32_t most = 0;

	HLS_LOOP(MAXIMUM)
	for (uint32_t d = 0; d < DEPTH; d++) {
		HLS_OPT(PIPELINE II = 1)
		HLS_LOOP(LANE)
		for (uint32_t l = 0; l < FPR_PE_LANES; l++) {
			HLS_OPT(UNROLL)
			uint16_t v = value_at(x, first + d * FPR_PE_LANES + l, n);
			uint32_t field = fpr_bf16_is_effectual(v) ? FPR_BF16_EXP(v) : 0u;

			most = field > most ? field : most;
		}
	}
	return most;
}

/*
 * The operands of one product in every column.
 * @at: the product's place in the panel, below @n when it exists
 * @near: set: the least distance of a column with an effectual operand
 * Return: how many columns have one
 */
static uint32_t feed_operands(const uint16_t p[FPR_LINES][FPR_PANEL], uint32_t at, uint32_t n,
			      const uint32_t most[FPR_COLS], uint16_t held[FPR_COLS],
			      uint32_t near[1])
{
	uint32_t users = 0;

	near[0] = FPR_DISTANCE_MAX;
	HLS_LOOP(OPERAND)
	for (uint32_t c = 0; c < FPR_COLS; c++) {
		HLS_OPT(UNROLL)
		uint16_t v = value_at(p[c], at, n);
		uint32_t mag = fpr_bf16_significand(v);
		uint32_t below = most[c] - FPR_BF16_EXP(v);
		uint32_t distance =
			mag == 0u || below > FPR_DISTANCE_MAX ? FPR_DISTANCE_MAX : below;

		held[c] = (uint16_t)FPR_OPERAND(mag, FPR_BF16_SIGN(v), distance);
		near[0] = distance < near[0] ? distance : near[0];
		users += mag != 0u;
	}
	return users;
}

/* The columns' half of the pre-pass; @near and @users as above, per product. */
static void feed_columns(const uint16_t p[FPR_LINES][FPR_PANEL], uint32_t first, uint32_t n,
			 uint32_t slot, uint32_t near[FPR_CHUNK], uint32_t users[FPR_CHUNK])
{
	uint32_t most[FPR_COLS];

	HLS_LOOP(COLUMN)
	for (uint32_t c = 0; c < FPR_COLS; c++) {
		HLS_OPT(UNROLL)
		most[c] = largest_exponent(p[c], first, n);
		col_exponent[slot][c] = (int32_t)most[c] - FPR_BF16_BIAS;
	}
	HLS_LOOP(PRODUCTS)
	for (uint32_t d = 0; d < DEPTH; d++) {
		HLS_OPT(PIPELINE II = 1)
		HLS_LOOP(LANE)
		for (uint32_t l = 0; l < FPR_PE_LANES; l++) {
			HLS_OPT(UNROLL)
			uint32_t i = d * FPR_PE_LANES + l;
			uint32_t least[1];

			users[i] = feed_operands(p, first + i, n, most, operand[slot][d][l], least);
			near[i] = least[0];
		}
	}
}

/*
 * A row's half: values that no PE needs a term of are left out of the queues.
 * Return: terms of effectual products that are never issued
 */
static uint32_t feed_row(uint32_t t, const uint16_t x[FPR_PANEL], uint32_t first, uint32_t n,
			 uint32_t slot, uint32_t r, const uint32_t near[FPR_CHUNK],
			 const uint32_t users[FPR_CHUNK])
{
	uint32_t most = largest_exponent(x, first, n);
	uint32_t beyond = 0;

	row_exponent[slot][r] = (int32_t)most - FPR_BF16_BIAS;
	HLS_LOOP(VALUES)
	for (uint32_t d = 0; d < DEPTH; d++) {
		HLS_OPT(PIPELINE II = 1)
		HLS_LOOP(LANE)
		for (uint32_t l = 0; l < FPR_PE_LANES; l++) {
			HLS_OPT(UNROLL)
			uint32_t i = d * FPR_PE_LANES + l;
			uint32_t used = d == 0u ? 0u : queued[slot][r][l];
			uint16_t v = value_at(x, first + i, n);
			uint32_t mag = users[i] != 0u ? fpr_bf16_significand(v) : 0u;
			int32_t reach = (int32_t)t - 7 - (int32_t)(most - FPR_BF16_EXP(v));
			uint32_t terms = fpr_naf_terms(mag);
			uint32_t kept = fpr_naf_prefix(terms, (int32_t)near[i] - reach);
			uint32_t flip = FPR_BF16_SIGN(v) != 0u ? 0x1ffu : 0u;

			beyond += fpr_ones16(terms & ~kept) * users[i];
			if (kept != 0u)
				queue[slot][r][l][used] =
					ENTRY(kept, fpr_naf_negative(mag) ^ flip, reach, d);
			queued[slot][r][l] = (uint8_t)(used + (kept != 0u));
		}
	}
	return beyond;
}

/* The pre-pass: one chunk into its slot. */
static void feed(struct fpr_tile tile[1], const uint16_t s[FPR_LINES][FPR_PANEL],
		 const uint16_t p[FPR_LINES][FPR_PANEL], uint32_t first, uint32_t n)
{
	uint32_t slot = tile[0].schedule[0].feed;
	uint32_t products = n - first > FPR_CHUNK ? FPR_CHUNK : n - first;
	uint32_t near[FPR_CHUNK], users[FPR_CHUNK];

	feed_columns(p, first, n, slot, near, users);
	HLS_LOOP(ROW)
	for (uint32_t r = 0; r < FPR_ROWS; r++) {
		HLS_OPT(UNROLL)
		tile[0].count[FPR_COUNT_OOB] +=
			feed_row(tile[0].t, s[r], first, n, slot, r, near, users);
	}
	least_cycles[slot] = (uint8_t)CHUNK_LEAST(products);
	CHUNK_FED(tile[0].schedule, products);
}

/*
 * Every lane of a row gives its next term.
 * Return: lanes that had one
 */
static uint32_t issue(uint32_t r, uint32_t slot, uint16_t term[FPR_PE_LANES],
		      uint32_t place[FPR_PE_LANES])
{
	uint32_t busy = 0;

	HLS_LOOP(LANE)
	for (uint32_t l = 0; l < FPR_PE_LANES; l++) {
		HLS_OPT(UNROLL)
		uint32_t next = elapsed[r] == 0u ? 0u : taken[r][l];
		uint32_t old = elapsed[r] == 0u ? 0u : entry[r][l];
		uint32_t load = ENTRY_TERMS(old) == 0u && next < queued[slot][r][l];
		uint32_t now = load ? queue[slot][r][l][next] : old;
		uint32_t here = ENTRY_TERMS(now) != 0u;
		uint32_t p = fpr_msb(ENTRY_TERMS(now));

		term[l] = (uint16_t)(here ? FPR_TERM(ENTRY_REACH(now, p),
						     (ENTRY_SIGNS(now) >> p) & 1u)
					  : 0u);
		place[l] = here ? ENTRY_PLACE(now) : 0u;
		taken[r][l] = (uint8_t)(next + load);
		entry[r][l] = now & ~(here << p);
		busy += here;
	}
	return busy;
}

/* Has a row nothing left to issue? */
static uint32_t is_dry(uint32_t r, uint32_t slot)
{
	uint32_t left = 0;

	HLS_LOOP(DRY)
	for (uint32_t l = 0; l < FPR_PE_LANES; l++) {
		HLS_OPT(UNROLL)
		left |= ENTRY_TERMS(entry[r][l]);
		left |= taken[r][l] != queued[slot][r][l];
	}
	return left == 0u;
}

/* A row has finished its chunk: every PE adds it to its output. */
static void finish(struct fpr_tile tile[1], uint32_t r, uint32_t slot)
{
	HLS_LOOP(OUT)
	for (uint32_t c = 0; c < FPR_COLS; c++) {
		HLS_OPT(UNROLL)
		int32_t unit =
			row_exponent[slot][r] + col_exponent[slot][c] - 7 - (int32_t)tile[0].t;
		uint32_t negative = sum[r][c] < 0;
		uint32_t mag = (uint32_t)(negative != 0u ? -sum[r][c] : sum[r][c]);

		tile[0].out[r][c] =
			fpr_fp32_add(tile[0].out[r][c], fpr_fp32_from(negative, mag, unit));
		sum[r][c] = 0;
	}
	elapsed[r] = 0;
	fpr_schedule_finish(tile[0].schedule, r);
}

/* The PEs of a row take the terms of this cycle. */
static void add_terms(struct fpr_tile tile[1], uint32_t r, uint32_t slot,
		      const uint16_t term[FPR_PE_LANES], const uint32_t place[FPR_PE_LANES])
{
	struct fpr_pe_chunk_counts did[1] = {{0, 0, 0}};

	HLS_LOOP(PE)
	for (uint32_t c = 0; c < FPR_COLS; c++) {
		HLS_OPT(UNROLL)
		uint16_t mine[FPR_PE_LANES];

		HLS_LOOP(BANK)
		for (uint32_t l = 0; l < FPR_PE_LANES; l++) {
			HLS_OPT(UNROLL)
			mine[l] = operand[slot][place[l]][l][c];
		}
		sum[r][c] = fpr_pe_chunk(sum[r][c], term, mine, did);
	}
	tile[0].count[FPR_COUNT_ISSUED] += did[0].kept;
	tile[0].count[FPR_COUNT_USEFUL] += did[0].kept;
	tile[0].count[FPR_COUNT_OOB] += did[0].beyond;
	tile[0].count[FPR_COUNT_INTER_PE] += did[0].dropped;
}

/* One cycle of one row. */
static void row_cycle(struct fpr_tile tile[1], uint32_t r)
{
	uint32_t slot = tile[0].schedule[0].slot[r];
	uint16_t term[FPR_PE_LANES];
	uint32_t place[FPR_PE_LANES];
	uint32_t busy;

	if (!fpr_schedule_ready(tile[0].schedule, r)) {
		tile[0].count[FPR_COUNT_INTER_ROW] += FPR_COLS * FPR_PE_LANES;
		return;
	}
	busy = issue(r, slot, term, place);
	if (busy == 0u) {
		tile[0].count[FPR_COUNT_FLOOR] += FPR_COLS * FPR_PE_LANES;
	} else {
		tile[0].count[FPR_COUNT_NO_TERM] += (FPR_PE_LANES - busy) * FPR_COLS;
		add_terms(tile, r, slot, term, place);
	}
	elapsed[r]++;
	if (is_dry(r, slot) && elapsed[r] >= least_cycles[slot])
		finish(tile, r, slot);
}

/*
 * The issue loop: one pass is one cycle, all rows step together. Runs until the
 * next chunk has room, or with @dry until every row has finished.
 */
static void run(struct fpr_tile tile[1], uint32_t dry)
{
	HLS_OPT(ARRAY_PARTITION variable = queue complete dim = 2)
	HLS_OPT(ARRAY_PARTITION variable = queue complete dim = 3)
	HLS_OPT(ARRAY_PARTITION variable = queued complete dim = 0)
	HLS_OPT(ARRAY_PARTITION variable = operand complete dim = 3)
	HLS_OPT(ARRAY_PARTITION variable = operand complete dim = 4)
	HLS_OPT(ARRAY_PARTITION variable = row_exponent complete dim = 0)
	HLS_OPT(ARRAY_PARTITION variable = col_exponent complete dim = 0)
	HLS_OPT(ARRAY_PARTITION variable = entry complete dim = 0)
	HLS_OPT(ARRAY_PARTITION variable = taken complete dim = 0)
	HLS_OPT(ARRAY_PARTITION variable = elapsed complete dim = 0)
	HLS_OPT(ARRAY_PARTITION variable = sum complete dim = 0)
	HLS_LOOP(CYCLE)
	for (uint32_t cycle = 0; cycle < CYCLES_MAX; cycle++) {
		HLS_OPT(PIPELINE II = 1)
		if (dry != 0u ? fpr_schedule_slowest(tile[0].schedule) == tile[0].schedule[0].fed
			      : fpr_schedule_room(tile[0].schedule))
			break;
		/* A row's decision uses what was fed before the cycle, so order does not matter. */
		HLS_LOOP(ROW)
		for (uint32_t r = 0; r < FPR_ROWS; r++) {
			HLS_OPT(UNROLL)
			row_cycle(tile, r);
		}
		fpr_schedule_tick(tile[0].schedule);
	}
}

/* A panel, chunk by chunk. */
static void feed_panel(struct fpr_tile tile[1], const uint16_t s[FPR_LINES][FPR_PANEL],
		       const uint16_t p[FPR_LINES][FPR_PANEL], uint32_t n)
{
	HLS_LOOP(CHUNK)
	for (uint32_t first = 0; first < FPR_PANEL; first += FPR_CHUNK) {
		if (first >= n)
			break;
		run(tile, 0);
		feed(tile, s, p, first, n);
	}
}

#endif
