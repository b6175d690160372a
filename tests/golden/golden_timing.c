/* SPDX-License-Identifier: MIT */
#include "golden_model.h"

#include <string.h>

_Static_assert(FPR_SET_FLOOR >= 1, "a set that takes no cycle has no end to observe");

/* One product in one PE: its kept terms' distances, nearest first. */
struct product {
	int distance[GOLDEN_TERMS];
	int kept;
};

/* `value`: cycles between every row's having left a chunk and loading another in its place. */
#define REFILL 4

/*
 * One row of PEs at work on one set or chunk. A lane works through its products
 * in order: `at` is the product it is on, `done` the terms of it that went.
 */
struct row {
	uint32_t finished; /* sets or chunks behind it */
	int running;
	uint32_t n; /* products in the one at hand */
	uint32_t cycle; /* cycles spent on it */
	struct product product[FPR_COLS][FPR_CHUNK];
	uint32_t at[FPR_COLS][FPR_LANES];
	int done[FPR_COLS][FPR_LANES];
};

/*
 * @now: cycles that have passed
 * @behind: sets or chunks that every row has finished
 * @finish: when each of them was
 * @loaded: `value`: chunks that are loaded, the first one before the tile begins
 * @loading: cycles spent on loading the next
 */
struct machine {
	const struct fpr_gemm *job;
	const struct golden_tile *tile;
	struct fpr_gemm_counters *counters;
	uint32_t units;
	uint32_t lanes; /* of a PE */
	uint64_t now;
	uint32_t behind;
	uint64_t *finish;
	uint32_t loaded, loading;
	struct row row[FPR_ROWS];
};

/* The kept terms of one product; an absent row or column has none. */
static void load_product(const struct machine *m, uint32_t r, uint32_t c, uint32_t unit, uint32_t i,
			 struct product *product)
{
	const struct golden_tile *tile = m->tile;
	uint32_t k = unit * golden_unit(m->job->kind) + i;
	const struct golden_value *s, *p;
	int32_t emax;

	product->kept = 0;
	if (tile->row + r >= tile->s->rows || tile->col + c >= tile->p->rows)
		return;
	s = golden_at(tile->s, tile->row + r, k);
	p = golden_at(tile->p, tile->col + c, k);
	emax = tile->align[((size_t)(tile->row + r) * tile->p->rows + tile->col + c) * m->units +
			   unit];
	if (emax == GOLDEN_NO_ALIGNMENT)
		return;
	product->kept = golden_kept(s, p, emax, m->job->t);
	for (int t = 0; t < product->kept; t++)
		product->distance[t] = golden_distance(s, p, emax, t);
}

static void start_unit(struct machine *m, uint32_t r)
{
	struct row *row = &m->row[r];
	uint32_t first = row->finished * golden_unit(m->job->kind);

	row->running = 1;
	row->cycle = 0;
	row->n = golden_unit(m->job->kind);
	if (row->n > m->job->k - first)
		row->n = m->job->k - first;
	memset(row->done, 0, sizeof(row->done));
	for (uint32_t c = 0; c < FPR_COLS; c++) {
		for (uint32_t lane = 0; lane < m->lanes; lane++)
			row->at[c][lane] = lane;
		for (uint32_t i = 0; i < row->n; i++)
			load_product(m, r, c, row->finished, i, &row->product[c][i]);
	}
}

/* A row may start unit j once every row has finished unit j - 1 - run-ahead. */
static int may_start(const struct machine *m, uint32_t r)
{
	uint32_t unit = m->row[r].finished;

	if (m->row[r].running || unit == m->units)
		return 0;
	if (m->job->kind == FPR_KIND_VALUE && unit >= m->loaded)
		return 0;
	for (uint32_t other = 0; other < FPR_ROWS; other++)
		if (m->row[other].finished + FPR_RUN_AHEAD < unit)
			return 0;
	return 1;
}

/* `set`: moves a lane on to its next product with a kept term; 0: there is none. */
static int set_lane_pending(struct row *row, uint32_t c, uint32_t lane)
{
	while (row->at[c][lane] < row->n) {
		if (row->done[c][lane] < row->product[c][row->at[c][lane]].kept)
			return 1;
		row->at[c][lane] += FPR_LANES;
		row->done[c][lane] = 0;
	}
	return 0;
}

static int set_lane_distance(const struct row *row, uint32_t c, uint32_t lane)
{
	return row->product[c][row->at[c][lane]].distance[row->done[c][lane]];
}

static int set_pe_pending(struct row *row, uint32_t c)
{
	for (uint32_t lane = 0; lane < FPR_LANES; lane++)
		if (set_lane_pending(row, c, lane))
			return 1;
	return 0;
}

static void set_pe_cycle(struct row *row, uint32_t c, struct fpr_gemm_counters *counters)
{
	int base = 0, found = 0;

	for (uint32_t lane = 0; lane < FPR_LANES; lane++) {
		if (!set_lane_pending(row, c, lane))
			continue;
		if (!found || set_lane_distance(row, c, lane) < base)
			base = set_lane_distance(row, c, lane);
		found = 1;
	}
	for (uint32_t lane = 0; lane < FPR_LANES; lane++) {
		if (!set_lane_pending(row, c, lane)) {
			counters->lanes_no_term++;
		} else if (set_lane_distance(row, c, lane) - base > FPR_WINDOW) {
			counters->lanes_shift_range++;
		} else {
			counters->lanes_useful++;
			row->done[c][lane]++;
		}
	}
}

static int set_row_pending(struct row *row)
{
	for (uint32_t c = 0; c < FPR_COLS; c++)
		if (set_pe_pending(row, c))
			return 1;
	return 0;
}

/* Return: is the row through with its set? */
static int set_row_cycle(struct row *row, struct fpr_gemm_counters *counters)
{
	if (!set_row_pending(row)) {
		counters->lanes_floor += FPR_COLS * FPR_LANES;
	} else {
		for (uint32_t c = 0; c < FPR_COLS; c++) {
			if (set_pe_pending(row, c))
				set_pe_cycle(row, c, counters);
			else
				counters->lanes_inter_pe += FPR_LANES;
		}
	}
	row->cycle++;
	return !set_row_pending(row) && row->cycle >= FPR_SET_FLOOR;
}

/* `chunk`, `value`: terms of a serial value that the row must issue: any of its PEs keeps them. */
static int shared_terms(const struct row *row, uint32_t i)
{
	int most = 0;

	for (uint32_t c = 0; c < FPR_COLS; c++)
		if (row->product[c][i].kept > most)
			most = row->product[c][i].kept;
	return most;
}

/* The row's lanes are in step, so column 0's state stands for all. */
static int chunk_lane_pending(struct row *row, uint32_t lane, uint32_t lanes)
{
	while (row->at[0][lane] < row->n) {
		if (row->done[0][lane] < shared_terms(row, row->at[0][lane]))
			return 1;
		row->at[0][lane] += lanes;
		row->done[0][lane] = 0;
	}
	return 0;
}

static int chunk_row_pending(const struct machine *m, struct row *row)
{
	for (uint32_t lane = 0; lane < m->lanes; lane++)
		if (chunk_lane_pending(row, lane, m->lanes))
			return 1;
	return 0;
}

static void chunk_lane_cycle(struct machine *m, struct row *row, uint32_t lane)
{
	if (!chunk_lane_pending(row, lane, m->lanes)) {
		m->counters->lanes_no_term += FPR_COLS;
		return;
	}
	for (uint32_t c = 0; c < FPR_COLS; c++) {
		if (row->done[0][lane] < row->product[c][row->at[0][lane]].kept)
			m->counters->lanes_useful++;
		else
			m->counters->lanes_inter_pe++;
	}
	row->done[0][lane]++;
}

/* A row stays with a chunk for @least cycles, also when it has nothing to issue. */
static int chunk_row_cycle(struct machine *m, struct row *row, uint32_t least)
{
	if (!chunk_row_pending(m, row)) {
		m->counters->lanes_floor += FPR_COLS * m->lanes;
	} else {
		for (uint32_t lane = 0; lane < m->lanes; lane++)
			chunk_lane_cycle(m, row, lane);
	}
	row->cycle++;
	return !chunk_row_pending(m, row) && row->cycle >= least;
}

/*
 * `dense`: the FPR_LANES next products of the set each cycle, all of them with 8
 * lanes; every product of a present output uses a lane.
 */
static int dense_row_cycle(struct machine *m, uint32_t r)
{
	struct row *row = &m->row[r];
	uint32_t first = row->cycle * FPR_LANES;
	uint32_t products = 0, useful = 0;

	while (products < FPR_LANES && first + products < row->n)
		products++;
	for (uint32_t c = 0; c < FPR_COLS; c++)
		if (m->tile->row + r < m->tile->s->rows && m->tile->col + c < m->tile->p->rows)
			useful += products;
	m->counters->lanes_useful += useful;
	m->counters->lanes_no_term += FPR_COLS * FPR_LANES - useful;
	row->cycle++;
	return row->cycle * FPR_LANES >= FPR_SET;
}

static int row_cycle(struct machine *m, uint32_t r)
{
	struct row *row = &m->row[r];

	switch (m->job->kind) {
	case FPR_KIND_CHUNK: /* two values a lane and cycle come in meanwhile */
		return chunk_row_cycle(m, row, (row->n + 2 * m->lanes - 1) / (2 * m->lanes));
	case FPR_KIND_VALUE:
		return chunk_row_cycle(m, row, 1);
	case FPR_KIND_SET:
		return set_row_cycle(row, m->counters);
	default:
		return dense_row_cycle(m, r);
	}
}

/* Sets or chunks that every row has finished. */
static uint32_t finished_by_all(const struct machine *m)
{
	uint32_t least = m->units;

	for (uint32_t r = 0; r < FPR_ROWS; r++)
		if (m->row[r].finished < least)
			least = m->row[r].finished;
	return least;
}

/*
 * `value`: one cycle of loading, in which each lane takes in one value. A tile has
 * room for one chunk and as many more as rows may run ahead; where the room was
 * another chunk's, it is ready REFILL cycles after every row has finished that.
 */
static void load_cycle(struct machine *m)
{
	const uint32_t room = FPR_RUN_AHEAD + 1;
	uint32_t products;

	if (m->loaded == m->units)
		return;
	if (m->loaded >= room &&
	    (m->loaded - room >= m->behind || m->now < m->finish[m->loaded - room] + REFILL))
		return;
	products = m->job->k - m->loaded * FPR_CHUNK;
	m->loading++;
	if (m->loading * m->lanes >= FPR_CHUNK || m->loading * m->lanes >= products) {
		m->loaded++;
		m->loading = 0;
	}
}

static void one_cycle(struct machine *m)
{
	int through[FPR_ROWS] = {0};
	int start[FPR_ROWS];

	for (uint32_t r = 0; r < FPR_ROWS; r++)
		start[r] = may_start(m, r);
	load_cycle(m);
	for (uint32_t r = 0; r < FPR_ROWS; r++) {
		if (start[r])
			start_unit(m, r);
		if (m->row[r].running)
			through[r] = row_cycle(m, r);
		else
			m->counters->lanes_inter_row += FPR_COLS * m->lanes;
	}
	for (uint32_t r = 0; r < FPR_ROWS; r++) {
		if (through[r]) {
			m->row[r].running = 0;
			m->row[r].finished++;
		}
	}
}

void golden_tile_run(const struct fpr_gemm *job, const struct golden_tile *tile, uint64_t *finish,
		     struct fpr_gemm_counters *counters)
{
	struct machine m = {.job = job, .tile = tile, .counters = counters, .finish = finish};

	m.units = golden_units(job->kind, job->k);
	m.lanes = job->kind == FPR_KIND_VALUE ? (FPR_LANES + 1) / 2 : FPR_LANES;
	m.loaded = 1;
	while (m.behind < m.units) {
		one_cycle(&m);
		m.now++;
		while (m.behind < finished_by_all(&m))
			finish[m.behind++] = m.now;
	}
	counters->cycles_compute += m.now;
}
