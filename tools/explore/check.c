/* SPDX-License-Identifier: MIT */
/*
 * Proves the explorer on tiles made up to hurt: tile times of the contract's
 * kinds are the HLS C's, and every other schedule issues, once each and within
 * what its lanes can do, exactly the terms that the contract keeps. What is kept
 * is worked out here from the contract's text.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "design.h"
#include "gemm.h"

static unsigned int failures;

static void fail(const char *what, const struct design *design, const struct tile *tile)
{
	if (failures++ < 20)
		printf("%s: %s: %s\n", design->name, tile->layer, what);
}

/* ---- the contract, literally ------------------------------------------------ */

static int exponent(uint16_t x)
{
	return (x >> 7 & 255) - 127;
}

static int is_effectual(uint16_t x)
{
	return (x >> 7 & 255) != 0 && (x >> 7 & 255) != 255;
}

/* Non-adjacent form: digits[p], p = 0..8. */
static void recode(uint16_t x, int digits[9])
{
	int m = 128 + (x & 127);

	for (int p = 0; p < 9; p++) {
		digits[p] = m % 2 ? 2 - m % 4 : 0;
		m = (m - digits[p]) / 2;
	}
}

static int largest(const uint16_t *x, uint32_t n)
{
	int most = -1000;

	for (uint32_t i = 0; i < n; i++)
		if (is_effectual(x[i]) && exponent(x[i]) > most)
			most = exponent(x[i]);
	return most;
}

/* The kept part of a serial significand, and its terms. */
static int kept_part(uint16_t serial, uint16_t parallel, int emax, int t, uint32_t *terms)
{
	int digits[9], sum = 0;

	*terms = 0;
	if (!is_effectual(serial) || !is_effectual(parallel))
		return 0;
	recode(serial, digits);
	for (int p = 8; p >= 0; p--) {
		int k = emax - exponent(serial) - exponent(parallel) + 7 - p;

		if (digits[p] && k <= t) {
			sum += digits[p] << p;
			++*terms;
		}
	}
	return sum;
}

/* ---- one row and chunk ------------------------------------------------------ */

/* A row's issues against what each of its PEs must keep. */
static void check_terms(const struct design *design, const struct tile *tile, int side,
			const struct chunk *chunk, uint32_t number, uint32_t row, uint32_t columns,
			const struct work *work, const struct row_cost *cost)
{
	const uint16_t *s = &tile->x[side][row][number * TILE_CHUNK];

	for (uint32_t c = 0; c < TILE_SIDE; c++) {
		const uint16_t *p = &tile->x[!side][c][number * TILE_CHUNK];
		int emax = largest(s, chunk->n) + largest(p, chunk->n), sum[TILE_CHUNK] = {0};
		uint32_t count[TILE_CHUNK] = {0};

		if (!(columns >> c & 1))
			continue;
		for (uint32_t i = 0; i < cost->issues; i++) {
			const struct digit *d = &work->digit[cost->issue[i].digit];
			int distance = largest(p, chunk->n) - exponent(p[d->product]);

			if (!is_effectual(p[d->product]) || d->weight + distance > design->t)
				continue;
			count[d->product]++;
			sum[d->product] += d->multiple << d->place;
			if (d->multiple == 0) {
				uint32_t terms;

				sum[d->product] += kept_part(s[d->product], p[d->product], emax,
							     design->t, &terms);
			}
		}
		for (uint32_t i = 0; i < chunk->n; i++) {
			uint32_t terms;
			int want = kept_part(s[i], p[i], emax, design->t, &terms);

			if (sum[i] != want)
				fail("a PE's terms are not the contract's", design, tile);
			if (design->recoding == WORK_NAF && count[i] != terms)
				fail("a PE's terms are not as many as the contract's", design,
				     tile);
		}
	}
}

/* A lane issues its own, once, and no more than it can in a cycle. */
static void check_lanes(const struct design *design, const struct tile *tile,
			const struct work *work, const struct row_cost *cost)
{
	uint8_t gone[WORK_DIGITS_MAX] = {0};
	int lane_of[TILE_CHUNK];
	uint32_t held[DESIGN_LANES_MAX] = {0};

	memset(lane_of, -1, sizeof(lane_of));
	for (uint32_t i = 0; i < cost->issues; i++) {
		const struct issue *at = &cost->issue[i];
		uint32_t product = work->digit[at->digit].product, near = 0, together = 0;

		if (gone[at->digit]++)
			fail("a digit is issued twice", design, tile);
		for (uint32_t j = 0; j < design->reach; j++)
			near |= design_lane(design, product, j) == at->lane;
		for (uint32_t j = 0; j < design->steal; j++)
			near |= (at->lane + j) % design->lanes == product % design->lanes;
		if (!near)
			fail("a digit is issued out of reach", design, tile);
		if (lane_of[product] < 0)
			held[at->lane]++;
		else if (lane_of[product] != at->lane && design->steal == 1)
			fail("a value is in two lanes", design, tile);
		lane_of[product] = at->lane;
		for (uint32_t j = 0; j < cost->issues; j++) {
			const struct issue *other = &cost->issue[j];

			if (other->cycle != at->cycle || other->lane != at->lane)
				continue;
			together++;
			if (work->digit[other->digit].product != product)
				fail("a lane works on two values at once", design, tile);
		}
		if (together > (design->pair ? 2 : 1))
			fail("a lane issues more than it can", design, tile);
	}
	for (uint32_t l = 0; l < design->lanes; l++)
		if (design->steal == 1 && held[l] > design_slot_values(design))
			fail("a lane holds more values than its memory", design, tile);
}

/* Weights of a cycle lie within the window, and the accumulator is never shifted back. */
static void check_weights(const struct design *design, const struct tile *tile,
			  const struct work *work, const struct row_cost *cost)
{
	int last = 0, base = -100;
	uint32_t group = design->group ? design->group : design->lanes;

	if (design->order != DESIGN_BY_WEIGHT)
		return;
	for (uint32_t cycle = 0; cycle < cost->cycles; cycle++) {
		int low[DESIGN_LANES_MAX], high[DESIGN_LANES_MAX], least = 100;

		for (uint32_t l = 0; l < DESIGN_LANES_MAX; l++) {
			low[l] = 100;
			high[l] = -100;
		}
		for (uint32_t i = 0; i < cost->issues; i++) {
			int weight = work->digit[cost->issue[i].digit].weight;
			uint32_t g = cost->issue[i].lane / group;

			if (cost->issue[i].cycle != cycle)
				continue;
			low[g] = weight < low[g] ? weight : low[g];
			high[g] = weight > high[g] ? weight : high[g];
			least = weight < least ? weight : least;
		}
		if (least == 100)
			continue;
		for (uint32_t g = 0; g < design->lanes / group; g++) {
			if (design->window && high[g] - low[g] >= design->window)
				fail("weights beyond the window", design, tile);
			if (low[g] != 100 && group < design->lanes &&
			    low[g] - least >= design->group_window)
				fail("weights of groups beyond the window", design, tile);
		}
		if (least < base)
			fail("weights go back", design, tile);
		if (design->skip && base > -100 &&
		    least - base > design->skip * ((int)cycle - last))
			fail("weights are skipped too fast", design, tile);
		base = least;
		last = (int)cycle;
	}
}

static void check_row(const struct design *design, const struct tile *tile, int side,
		      const struct tile_work *w, uint32_t number, uint32_t row)
{
	const struct chunk *chunk = &w->chunk[number];
	const struct work *work = &w->work[number][design->recoding][row];
	uint32_t last = 0;
	struct row_cost cost;

	design_issue(design, work, &cost);
	for (uint32_t i = 0; i < cost.issues; i++)
		last = cost.issue[i].cycle + 1u > last ? cost.issue[i].cycle + 1u : last;
	if (cost.cycles != last)
		fail("the row does not end with its last digit", design, tile);
	check_terms(design, tile, side, chunk, number, row, 0xff, work, &cost);
	check_lanes(design, tile, work, &cost);
	check_weights(design, tile, work, &cost);
}

/* One row's PEs, each with its own digits. */
static void check_private(const struct design *design, const struct tile *tile, int side,
			  const struct tile_work *w, uint32_t number, uint32_t row)
{
	for (uint32_t c = 0; c < TILE_SIDE; c++) {
		struct row_cost cost;
		struct work work;

		work_of_row(&work, &w->chunk[number], row, 1u << c, design->recoding);
		design_issue(design, &work, &cost);
		check_terms(design, tile, side, &w->chunk[number], number, row, 1u << c, &work,
			    &cost);
	}
}

static void check_schedules(const struct tile *tile, int side, struct tile_work *w)
{
	for (int t = 1; t <= 15; t++) {
		tile_work_fill(w, tile, side, t);
		for (unsigned int d = 0; d < n_designs; d++) {
			uint32_t number = w->chunks - 1 - d % w->chunks, row = d % TILE_SIDE;
			struct design design = designs[d];

			/* Each has its own T; the others take turns, so that all see all of them.
			 */
			if (design.t != t && (d + (unsigned int)t) % 5)
				continue;
			design = design_settle(&design, w->work[number][design.recoding]);
			design.t = (uint8_t)t;
			if (design.kind == DESIGN_ROW)
				check_row(&design, tile, side, w, number, row);
			else if (design.kind == DESIGN_PRIVATE)
				check_private(&design, tile, side, w, number, row);
		}
	}
}

/* ---- whole tiles ------------------------------------------------------------ */

/* The tile as a job of the HLS C. */
static struct fpr_gemm_counters hls(const struct tile *tile, int side, uint8_t kind, int t)
{
	static uint16_t operand[2][TILE_SIDE * TILE_K], c[TILE_SIDE * TILE_SIDE * 2];
	struct fpr_gemm job = {.m = tile->rows[0],
			       .n = tile->rows[1],
			       .k = tile->k,
			       .kind = kind,
			       .serial = (uint8_t)side,
			       .t = (uint8_t)t,
			       .trans_b = 1};
	struct fpr_gemm_counters counters;

	for (int i = 0; i < 2; i++)
		for (uint32_t r = 0; r < tile->rows[i]; r++)
			memcpy(&operand[i][r * tile->k], tile->x[i][r], tile->k * sizeof(uint16_t));
	fpr_array_gemm(&job, operand[0], operand[1], c, &counters);
	return counters;
}

/* Lane-cycles of a row are those of its PEs. */
static void check_where(const struct design *design, const struct tile *tile,
			const struct tile_cost *cost, const struct fpr_gemm_counters *want)
{
	if (TILE_SIDE * cost->idle != want->lanes_no_term ||
	    TILE_SIDE * cost->issued != want->lanes_useful + want->lanes_inter_pe ||
	    TILE_SIDE * (cost->floor + cost->rows) != want->lanes_floor + want->lanes_inter_row)
		fail("the HLS C's lane-cycles go elsewhere", design, tile);
}

static void check_kind(const struct tile *tile, int side, const char *name, uint8_t kind, int t,
		       struct tile_work *w)
{
	struct design design = designs[design_find(name)];
	struct fpr_gemm_counters want = hls(tile, side, kind, t);
	struct tile_cost cost;
	uint64_t kept = 0;

	design.t = (uint8_t)t;
	tile_work_fill(w, tile, side, t);
	design_tile(&design, tile, side, w, &cost);
	if (cost.cycles != want.cycles_compute)
		fail("the HLS C takes another number of cycles", &design, tile);
	for (uint32_t c = 0; c < w->chunks; c++)
		for (uint32_t r = 0; r < TILE_SIDE; r++)
			kept += w->work[c][WORK_NAF][r].kept;
	if (!FPR_KIND_IS_CHUNKED(kind))
		return;
	if (kept != want.terms_issued)
		fail("the HLS C keeps another number of terms", &design, tile);
	check_where(&design, tile, &cost, &want);
}

static void check_bounds(const struct tile *tile, int side, struct tile_work *w)
{
	static const char *const pairs[][2] = {
		{"chunk-private", "chunk-r4"}, {"chunk-even", "chunk-r4"},
		{"window4-even", "window4"},   {"weight-even", "weight"},
		{"chunk-r4", "chunk"},	       {"chunk", "chunk-paired"}};

	tile_work_fill(w, tile, side, 15);
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		const struct design *less = &designs[design_find(pairs[i][0])];
		const struct design *more = &designs[design_find(pairs[i][1])];
		struct tile_cost a, b;

		design_tile(less, tile, side, w, &a);
		design_tile(more, tile, side, w, &b);
		if (a.cycles > b.cycles)
			fail("slower than what it bounds", less, tile);
		if (b.issued + b.idle + b.waiting + b.empty + b.floor + b.rows != b.lanes)
			fail("lane-cycles do not add up", more, tile);
	}
}

int main(int argc, char **argv)
{
	uint32_t tiles = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 60;
	struct tile_work *w = malloc(sizeof(*w));
	static struct tile tile;

	if (!w)
		return 1;
	for (uint32_t seed = 0; seed < tiles; seed++) {
		int side = seed % 2;

		tile_random(&tile, seed);
		check_kind(&tile, side, "chunk", FPR_KIND_CHUNK, 15 - (int)seed / 2 % 12, w);
		check_kind(&tile, side, "chunk", FPR_KIND_CHUNK, 15, w);
		check_kind(&tile, side, "value-4", FPR_KIND_VALUE, 15 - (int)seed / 2 % 12, w);
		check_kind(&tile, side, "value-4", FPR_KIND_VALUE, 15, w);
		check_kind(&tile, side, "set", FPR_KIND_SET, 12, w);
		check_kind(&tile, side, "dense", FPR_KIND_DENSE, 15, w);
		check_bounds(&tile, side, w);
		check_schedules(&tile, side, w);
	}
	free(w);
	printf("%u tiles, %u failures\n", tiles, failures);
	return failures != 0;
}
