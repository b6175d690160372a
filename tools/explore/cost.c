/* SPDX-License-Identifier: MIT */
/* A tile: rows side by side, chunk after chunk. */
#include <string.h>

#include "design.h"

void tile_work_fill(struct tile_work *w, const struct tile *tile, int side, int t)
{
	w->chunks = (tile->k + TILE_CHUNK - 1) / TILE_CHUNK;
	w->t = t;
	for (uint32_t c = 0; c < w->chunks; c++) {
		chunk_load(&w->chunk[c], tile, side, c, t);
		for (int recoding = 0; recoding < WORK_RECODINGS; recoding++)
			for (uint32_t r = 0; r < TILE_SIDE; r++)
				work_of_row(&w->work[c][recoding][r], &w->chunk[c], r, 0xff,
					    (enum work_recoding)recoding);
	}
}

void progress_load(struct progress *p, uint32_t cycles, uint32_t slots, uint32_t refill)
{
	uint64_t may = p->units >= slots ? p->done[p->units - slots] + refill : 0;

	if (p->units)
		p->loaded = (p->loaded > may ? p->loaded : may) + cycles;
}

void progress_step(struct progress *p, const uint32_t cost[], uint32_t n, uint32_t run_ahead)
{
	uint32_t unit = p->units++;
	uint64_t may = unit > run_ahead ? p->done[unit - 1 - run_ahead] : 0, last = 0;

	for (uint32_t i = 0; i < n; i++) {
		uint64_t start = p->end[i] > may ? p->end[i] : may;

		p->load_stall += p->loaded > start ? p->loaded - start : 0;
		p->end[i] = (p->loaded > start ? p->loaded : start) + cost[i];
		last = p->end[i] > last ? p->end[i] : last;
	}
	p->done[unit] = last;
}

uint64_t progress_end(const struct progress *p)
{
	return p->units ? p->done[p->units - 1] : 0;
}

/* One row, one chunk -> cycles it holds the row, the contract's floor included. */
static uint32_t run_row(const struct design *design, const struct work *work, uint32_t floor,
			struct tile_cost *cost)
{
	uint32_t width = design->lanes * (design->pair ? 2u : 1u), held;
	struct row_cost row;

	design_issue(design, work, &row);
	held = row.cycles > floor ? row.cycles : floor;
	cost->lanes += (uint64_t)held * width;
	cost->issued += row.issues;
	cost->waiting += row.waiting * (design->pair ? 2u : 1u);
	cost->empty += (uint64_t)row.empty * width;
	cost->floor += (uint64_t)(held - row.cycles) * width;
	return held;
}

/* All chunks of some rows, after what has been. */
static void run_rows(const struct design *design, const struct tile_work *w, uint32_t first,
		     uint32_t rows, struct progress *progress, struct tile_cost *cost)
{
	for (uint32_t c = 0; c < w->chunks; c++) {
		const struct work *work = w->work[c][design->recoding];
		struct design now = design_settle(design, work);
		uint32_t load = design_load(&now, w->chunk[c].n), held[TILE_SIDE];

		if (design->slots)
			progress_load(progress, load, design->slots, design->refill);
		for (uint32_t r = 0; r < rows; r++)
			held[r] = run_row(&now, &work[first + r],
					  design->slots ? design->least : load, cost);
		progress_step(progress, held, rows, design->run_ahead);
	}
}

/* Rows that share columns -> tile time. */
static uint64_t run_some(const struct design *design, const struct tile_work *w, uint32_t first,
			 uint32_t rows, struct tile_cost *sum)
{
	struct progress progress = {{0}, {0}, 0, 0, 0};
	uint32_t width = design->lanes * (design->pair ? 2u : 1u);
	struct tile_cost cost = {0};
	uint64_t before = 0, cycles, busy;

	run_rows(design, w, first, rows, &progress, &cost);
	if (design->carry) {
		before = progress_end(&progress);
		progress.load_stall = 0;
		memset(&cost, 0, sizeof(cost));
		run_rows(design, w, first, rows, &progress, &cost);
	}
	cycles = progress_end(&progress) - before;
	busy = cost.lanes;
	sum->lanes += cycles * rows * width;
	sum->issued += cost.issued;
	sum->waiting += cost.waiting;
	sum->empty += cost.empty;
	sum->idle += busy - cost.issued - cost.waiting - cost.empty - cost.floor;
	sum->floor += cost.floor + progress.load_stall * width;
	sum->rows += cycles * rows * width - busy - progress.load_stall * width;
	return cycles;
}

static void run_shared(const struct design *design, const struct tile_work *w,
		       struct tile_cost *cost)
{
	uint32_t rows = design->rows ? design->rows : TILE_SIDE;
	uint64_t cycles = 0;

	for (uint32_t r = 0; r < TILE_SIDE; r += rows)
		cycles += run_some(design, w, r, rows, cost);
	cost->cycles = (cycles * rows + TILE_SIDE / 2) / TILE_SIDE;
}

/* Two rows in step: a value takes as long as the longer of the two needs. */
static uint32_t paired_cycles(const struct design *design, const struct work row[2])
{
	uint32_t lane[DESIGN_LANES_MAX] = {0}, longest = 0;

	for (uint32_t i = 0; i < row[0].n; i++) {
		uint32_t a = row[0].first[i + 1] - row[0].first[i];
		uint32_t b = row[1].first[i + 1] - row[1].first[i];

		lane[i % design->lanes] += a > b ? a : b;
	}
	for (uint32_t l = 0; l < design->lanes; l++)
		longest = lane[l] > longest ? lane[l] : longest;
	return longest;
}

static void run_paired(const struct design *design, const struct tile_work *w,
		       struct tile_cost *cost)
{
	struct progress progress = {{0}, {0}, 0, 0, 0};
	uint32_t held[TILE_SIDE / 2];

	for (uint32_t c = 0; c < w->chunks; c++) {
		uint32_t floor = design_load(design, w->chunk[c].n);

		for (uint32_t r = 0; r < TILE_SIDE / 2; r++) {
			held[r] = paired_cycles(design, &w->work[c][design->recoding][2 * r]);
			held[r] = held[r] > floor ? held[r] : floor;
		}
		progress_step(&progress, held, TILE_SIDE / 2, design->run_ahead);
	}
	cost->cycles = progress_end(&progress);
}

/* Each PE has its own digits and runs ahead of all others. */
static void run_private(const struct design *design, const struct tile_work *w,
			struct tile_cost *cost)
{
	struct progress progress = {{0}, {0}, 0, 0, 0};
	uint32_t held[TILE_SIDE * TILE_SIDE];
	struct row_cost pe;
	struct work work;

	for (uint32_t c = 0; c < w->chunks; c++) {
		uint32_t floor = design_load(design, w->chunk[c].n);

		for (uint32_t i = 0; i < TILE_SIDE * TILE_SIDE; i++) {
			work_of_row(&work, &w->chunk[c], i / TILE_SIDE, 1u << i % TILE_SIDE,
				    design->recoding);
			design_issue(design, &work, &pe);
			held[i] = pe.cycles > floor ? pe.cycles : floor;
		}
		progress_step(&progress, held, TILE_SIDE * TILE_SIDE, design->run_ahead);
	}
	cost->cycles = progress_end(&progress);
}

void design_tile(const struct design *design, const struct tile *tile, int side,
		 const struct tile_work *w, struct tile_cost *cost)
{
	memset(cost, 0, sizeof(*cost));
	switch (design->kind) {
	case DESIGN_DENSE:
		cost->cycles = dense_cycles(tile);
		break;
	case DESIGN_SET:
		cost->cycles = set_cycles(tile, side, design->t);
		break;
	case DESIGN_ROW:
		run_shared(design, w, cost);
		break;
	case DESIGN_PAIRED:
		run_paired(design, w, cost);
		break;
	case DESIGN_PRIVATE:
		run_private(design, w, cost);
		break;
	}
}
