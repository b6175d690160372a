/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine.h"
#include "fold.h"
#include "pool.h"

/* Where a block of outputs lies. */
struct place {
	uint64_t entry;
	uint32_t row, col; /* of S and of P */
};

static uint32_t min32(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* ---- outputs ------------------------------------------------------------ */

static float c_load(const struct fpr_run *run, uint64_t at)
{
	if (run->out == FPR_OUT_F32)
		return fpr_flush(((const float *)run->c)[at]);
	return fpr_flush(fpr_f32_from_bits((uint32_t)((const uint16_t *)run->c)[at] << 16));
}

static void c_store(const struct fpr_run *run, uint64_t at, float x)
{
	if (run->out == FPR_OUT_F32)
		((uint32_t *)run->c)[at] = fpr_f32_out(x);
	else
		((uint16_t *)run->c)[at] = fpr_bf16_out(x);
}

static uint64_t c_index(const struct fpr_run *run, const struct place *at)
{
	return at->entry * run->c_batch + at->row * run->c_row + at->col * run->c_col;
}

static void load_outputs(const struct fpr_run *run, struct fpr_worker *w, const struct place *at)
{
	uint64_t first = c_index(run, at);

	memset(w->out, 0, fpr_round_up(w->rows, FPR_ROWS) * sizeof(w->out[0]));
	if (!run->accumulate)
		return;
	for (uint32_t r = 0; r < w->rows; r++)
		for (uint32_t q = 0; q < w->cols; q++)
			w->out[r][q] = c_load(run, first + r * run->c_row + q * run->c_col);
}

/* Whole rows without specials, the common case, in pieces a compiler vectorises. */
static uint32_t store_plain(const struct fpr_run *run, const float *out, uint64_t at, uint32_t n)
{
	const uint32_t piece = 16;
	uint32_t q = 0;

	if (run->out != FPR_OUT_F32 || run->c_col != 1)
		return 0;
	for (; q + piece <= n; q += piece) {
		uint32_t *to = (uint32_t *)run->c + at + q;

		for (uint32_t i = 0; i < piece; i++)
			to[i] = fpr_f32_out(out[q + i]);
	}
	return q;
}

static float with_specials(const struct fpr_run *run, const struct place *at, uint32_t r,
			   uint32_t q, float finite)
{
	float special = fpr_special_sum(run, at->entry, at->row + r, at->col + q);

	if (special == 0)
		return finite;
	if (!run->accumulate)
		return special;
	return c_load(run, c_index(run, at) + r * run->c_row + q * run->c_col) + special;
}

/* C in is still in place here: nothing of this block was stored before. */
static void store_outputs(const struct fpr_run *run, struct fpr_worker *w, const struct place *at)
{
	bool special_column = memchr(w->p_special, 1, w->cols);

	for (uint32_t r = 0; r < w->rows; r++) {
		uint64_t first = c_index(run, at) + r * run->c_row;
		uint32_t q = 0;

		if (!w->s_special[r] && !special_column)
			q = store_plain(run, w->out[r], first, w->cols);
		for (; q < w->cols; q++) {
			float x = w->out[r][q];

			if (w->s_special[r] | w->p_special[q])
				x = with_specials(run, at, r, q, x);
			c_store(run, first + q * run->c_col, x);
		}
	}
}

/* ---- time --------------------------------------------------------------- */

static uint32_t max_end(const struct fpr_tile_time *time)
{
	uint32_t end = 0;

	for (uint32_t r = 0; r < FPR_ROWS; r++)
		end = time->end[r] > end ? time->end[r] : end;
	return end;
}

/*
 * `value`: a tile's next chunk is loaded, the first one ahead of it. Return: when it is there,
 * which is after rows may begin it anyway.
 */
static uint32_t load(struct fpr_tile_time *time, uint32_t cycles)
{
	uint32_t free = time->done[FPR_RUN_AHEAD] + FPR_VALUE_REFILL;

	if (time->chunks > FPR_RUN_AHEAD && free > time->loaded)
		time->loaded = free;
	if (time->chunks++)
		time->loaded += cycles;
	return time->loaded;
}

/* All rows of a tile take the next set or chunk, from @ready on. */
static void advance_tile(struct fpr_tile_time *time, uint32_t ready, const uint8_t *cost,
			 uint32_t floor, struct fpr_tally *tally)
{
	uint32_t last = 0, most = 0, cycles = 0;

	for (uint32_t r = 0; r < FPR_ROWS; r++) {
		uint32_t c = cost[r] > floor ? cost[r] : floor;
		uint32_t start = time->end[r] > ready ? time->end[r] : ready;

		time->end[r] = start + c;
		last = time->end[r] > last ? time->end[r] : last;
		most += cost[r];
		cycles += c;
	}
	for (uint32_t i = FPR_RUN_AHEAD; i > 0; i--)
		time->done[i] = time->done[i - 1];
	time->done[0] = last;
	tally->row_max += most;
	tally->row_cost += cycles;
}

static void advance_block(struct fpr_worker *w, uint32_t part, uint32_t floor)
{
	for (uint32_t tr = 0; tr * FPR_ROWS < w->rows; tr++) {
		for (uint32_t tc = 0; tc * FPR_COLS < w->cols; tc++) {
			struct fpr_tile_time *time = &w->time[tr][tc];

			advance_tile(time, time->done[FPR_RUN_AHEAD], w->cost[part][tr][tc], floor,
				     &w->tally);
		}
	}
}

static void advance_value(struct fpr_worker *w)
{
	uint32_t cycles = (w->n + FPR_VALUE_LANES - 1) / FPR_VALUE_LANES;

	for (uint32_t tr = 0; tr * FPR_ROWS < w->rows; tr++) {
		for (uint32_t tc = 0; tc * FPR_COLS < w->cols; tc++) {
			struct fpr_tile_time *time = &w->time[tr][tc];

			advance_tile(time, load(time, cycles), w->cost[0][tr][tc], 1, &w->tally);
		}
	}
}

static void advance_dense(struct fpr_worker *w, uint32_t cycles)
{
	for (uint32_t tr = 0; tr * FPR_ROWS < w->rows; tr++)
		for (uint32_t tc = 0; tc * FPR_COLS < w->cols; tc++)
			w->time[tr][tc].end[0] += cycles;
}

static void chunk_time(const struct fpr_run *run, struct fpr_worker *w)
{
	const uint32_t wide = 2 * FPR_LANES; /* values a row's operand load takes in per cycle */
	uint32_t sets = (w->n + FPR_SET - 1) / FPR_SET;

	if (run->kind == FPR_KIND_CHUNK)
		advance_block(w, 0, (w->n + wide - 1) / wide);
	else if (run->kind == FPR_KIND_VALUE)
		advance_value(w);
	else if (run->kind == FPR_KIND_DENSE)
		advance_dense(w, sets);
	else
		for (uint32_t set = 0; set < sets; set++)
			advance_block(w, set, FPR_SET_FLOOR);
}

static void panel_end(const struct fpr_run *run, struct fpr_worker *w, const struct place *at,
		      uint32_t panel)
{
	for (uint32_t tr = 0; tr * FPR_ROWS < w->rows; tr++) {
		for (uint32_t tc = 0; tc * FPR_COLS < w->cols; tc++) {
			struct fpr_tile_time *time = &w->time[tr][tc];
			uint32_t end = max_end(time);

			w->tally.compute += end - time->panel_start;
			fpr_memory_step(run, &w->tally, at->entry, at->row / FPR_ROWS + tr,
					at->col / FPR_COLS + tc, panel, end - time->panel_start);
			time->panel_start = end;
		}
	}
}

/* ---- blocks ------------------------------------------------------------- */

static void gather(const struct fpr_run *run, struct fpr_worker *w, const struct place *at,
		   uint32_t k)
{
	const struct fpr_view *s = &run->s, *p = &run->p;
	const uint16_t *x = s->x + at->entry * s->batch_step + at->row * s->row_step;
	const uint16_t *y = p->x + at->entry * p->batch_step + at->col * p->row_step;

	w->n = min32(run->k - k, FPR_CHUNK);
	fpr_gather(s, x + k * s->k_step, w->rows, w->n, w->s, w->s_special);
	fpr_gather(p, y + k * p->k_step, w->cols, w->n, w->p, w->p_special);
}

static void start_block(const struct fpr_run *run, struct fpr_worker *w, const struct place *at)
{
	uint32_t rows, cols;

	w->rows = min32(run->s.rows - at->row, run->block_rows);
	w->cols = min32(run->p.rows - at->col, run->block_cols);
	rows = fpr_round_up(w->rows, FPR_PACK) - w->rows;
	cols = fpr_round_up(w->cols, FPR_PACK) - w->cols;
	memset(w->s[w->rows], 0, rows * sizeof(w->s[0]));
	memset(w->p[w->cols], 0, cols * sizeof(w->p[0]));
	memset(w->s_special, 0, sizeof(w->s_special));
	memset(w->p_special, 0, sizeof(w->p_special));
	memset(w->time, 0, sizeof(w->time));
	load_outputs(run, w, at);
}

static bool told_to_stop(const struct fpr_run *run)
{
	return run->watch && __atomic_load_n(&run->watch->stop, __ATOMIC_RELAXED);
}

static void do_block(const struct fpr_run *run, struct fpr_worker *w, uint64_t number)
{
	struct place at;

	at.col = (uint32_t)(number % run->col_blocks) * run->block_cols;
	number /= run->col_blocks;
	at.row = (uint32_t)(number % run->row_blocks) * run->block_rows;
	at.entry = number / run->row_blocks;
	start_block(run, w, &at);
	for (uint32_t k = 0; k < run->k && !told_to_stop(run); k += FPR_CHUNK) {
		gather(run, w, &at, k);
		run->ops->kernel[run->kind](w);
		if (!run->count)
			continue;
		chunk_time(run, w);
		if (k + w->n == run->k || (k + FPR_CHUNK) % FPR_PANEL == 0)
			panel_end(run, w, &at, k / FPR_PANEL);
	}
	store_outputs(run, w, &at);
}

struct task {
	struct fpr_run *run;
	struct fpr_worker *const *workers;
};

static void count_tiles(const struct fpr_run *run, const struct fpr_worker *w)
{
	uint64_t rows = (w->rows + FPR_ROWS - 1) / FPR_ROWS;
	uint64_t cols = (w->cols + FPR_COLS - 1) / FPR_COLS;

	if (run->watch)
		__atomic_fetch_add(&run->watch->tiles, rows * cols, __ATOMIC_RELAXED);
}

static void block_task(void *arg, unsigned int thread)
{
	const struct task *task = arg;
	struct fpr_run *run = task->run;
	struct fpr_worker *w = task->workers[thread];
	uint64_t number;

	memset(&w->tally, 0, sizeof(w->tally));
	w->t = run->t;
	w->lanes = FPR_KIND_LANES(run->kind, FPR_LANES);
	w->count = run->count;
	while (!told_to_stop(run) && (number = atomic_fetch_add(&run->next, 1)) < run->blocks) {
		do_block(run, w, number);
		count_tiles(run, w);
	}
}

static void traffic_task(void *arg, unsigned int thread)
{
	struct fpr_run *run = ((const struct task *)arg)->run;
	uint64_t s = fpr_traffic_groups(&run->traffic_s, run->batch);
	uint64_t p = fpr_traffic_groups(&run->traffic_p, run->batch);
	uint64_t group;

	(void)thread;
	while (!told_to_stop(run) && (group = atomic_fetch_add(&run->next, 1)) < s + p) {
		if (group < s)
			fpr_traffic_fill(&run->traffic_s, run->ops, &run->s, run->k, group);
		else
			fpr_traffic_fill(&run->traffic_p, run->ops, &run->p, run->k, group - s);
	}
}

/* ---- counters ----------------------------------------------------------- */

static void add_tally(struct fpr_tally *sum, const struct fpr_tally *t)
{
	sum->issued += t->issued;
	sum->effectual += t->effectual;
	sum->pending += t->pending;
	sum->unit_cost += t->unit_cost;
	sum->row_max += t->row_max;
	sum->row_cost += t->row_cost;
	sum->compute += t->compute;
	sum->total += t->total;
	sum->bytes_raw += t->bytes_raw;
	sum->bytes += t->bytes;
}

/* See the table of lane-cycles in hw/array. */
static void lane_counters(const struct fpr_run *run, const struct fpr_tally *t, uint64_t macs,
			  struct fpr_gemm_counters *c)
{
	const uint64_t lanes = FPR_COLS * FPR_KIND_LANES(run->kind, FPR_LANES); /* of a row */

	c->lanes_useful = run->kind == FPR_KIND_DENSE ? macs : t->issued;
	if (run->kind == FPR_KIND_DENSE) {
		c->lanes_no_term = t->compute * FPR_ROWS * lanes - macs;
		return;
	}
	if (FPR_KIND_IS_CHUNKED(run->kind)) {
		c->lanes_no_term = lanes * t->row_max - FPR_COLS * t->unit_cost;
		c->lanes_inter_pe = FPR_COLS * t->unit_cost - t->issued;
	} else {
		c->lanes_no_term = FPR_LANES * t->unit_cost - t->pending;
		c->lanes_shift_range = t->pending - t->issued;
		c->lanes_inter_pe = FPR_LANES * (FPR_COLS * t->row_max - t->unit_cost);
	}
	c->lanes_floor = lanes * (t->row_cost - t->row_max);
	c->lanes_inter_row = lanes * (FPR_ROWS * t->compute - t->row_cost);
}

static void fill_counters(const struct fpr_run *run, const struct fpr_tally *t,
			  struct fpr_gemm_counters *c)
{
	uint64_t macs = (uint64_t)run->s.rows * run->p.rows * run->k * run->batch;

	*c = (struct fpr_gemm_counters){0};
	c->bytes_c_written = fpr_memory_c_bytes(run);
	c->bytes_c_read = run->accumulate ? c->bytes_c_written : 0;
	if (!macs)
		return;
	c->cycles_compute = t->compute;
	c->cycles_total = t->total + fpr_memory_ends(run);
	c->cycles_memory_stall = c->cycles_total - c->cycles_compute;
	c->terms_issued = run->kind == FPR_KIND_DENSE ? 8 * macs : t->issued;
	if (run->kind != FPR_KIND_DENSE)
		c->terms_skipped_oob = t->effectual - t->issued;
	c->terms_skipped_zero = 8 * macs - c->terms_issued - c->terms_skipped_oob;
	c->bytes_operands_raw = t->bytes_raw;
	c->bytes_operands = t->bytes;
	lane_counters(run, t, macs, c);
}

/* ---- jobs --------------------------------------------------------------- */

static struct fpr_view view(const uint16_t *x, uint32_t rows, bool k_inner, uint64_t ld,
			    uint64_t batch_step)
{
	struct fpr_view v = {.x = x, .batch_step = batch_step, .rows = rows};

	v.k_inner = k_inner;
	v.row_step = k_inner ? ld : 1;
	v.k_step = k_inner ? 1 : ld;
	return v;
}

static void set_operands(struct fpr_run *run, const struct fpr_gemm *job, const uint16_t *a,
			 const uint16_t *b)
{
	uint64_t lda = job->lda ? job->lda : job->trans_a ? job->m : job->k;
	uint64_t ldb = job->ldb ? job->ldb : job->trans_b ? job->k : job->n;
	uint64_t ldc = job->ldc ? job->ldc : job->n;
	bool serial_a = job->serial == FPR_SERIAL_A;
	struct fpr_view va = view(a, job->m, !job->trans_a, lda, job->stride_a);
	struct fpr_view vb = view(b, job->n, job->trans_b, ldb, job->stride_b);

	run->s = serial_a ? va : vb;
	run->p = serial_a ? vb : va;
	run->c_row = serial_a ? ldc : 1;
	run->c_col = serial_a ? 1 : ldc;
	run->c_batch = job->stride_c;
}

/* Enough blocks for every thread, as long as packing them stays cheap. */
static void cut_blocks(struct fpr_run *run, unsigned int threads)
{
	const uint32_t least = 64;

	run->block_rows = FPR_BLOCK_ROWS;
	run->block_cols = FPR_BLOCK_COLS;
	for (;;) {
		run->row_blocks = (run->s.rows + run->block_rows - 1) / run->block_rows;
		run->col_blocks = (run->p.rows + run->block_cols - 1) / run->block_cols;
		run->blocks = (uint64_t)run->row_blocks * run->col_blocks * run->batch;
		if (threads == 1 || run->blocks >= 4 * threads ||
		    (run->block_rows <= least && run->block_cols <= least))
			return;
		if (run->block_rows >= run->block_cols)
			run->block_rows /= 2;
		else
			run->block_cols /= 2;
	}
}

static int measure_traffic(struct fpr_run *run, struct fpr_pool *pool)
{
	struct task task = {.run = run};
	int err;

	err = fpr_traffic_init(&run->traffic_s, &run->s, run->batch, run->panels);
	if (!err)
		err = fpr_traffic_init(&run->traffic_p, &run->p, run->batch, run->panels);
	if (!err)
		fpr_pool_run(pool, traffic_task, &task);
	atomic_store(&run->next, 0);
	return err;
}

int fpr_engine_gemm(struct fpr_pool *pool, struct fpr_worker *const *workers,
		    unsigned int n_workers, const struct fpr_isa_ops *ops,
		    const struct fpr_gemm *job, const uint16_t *a, const uint16_t *b, void *c,
		    struct fpr_gemm_counters *counters, struct fpr_board_watch *watch)
{
	struct fpr_run run = {.kind = job->kind, .t = job->t, .out = job->out, .k = job->k};
	struct task task = {.run = &run, .workers = workers};
	struct fpr_tally sum = {0};
	int err = 0;

	run.ops = ops;
	run.watch = watch;
	run.batch = job->batch ? job->batch : 1;
	run.panels = (job->k + FPR_PANEL - 1) / FPR_PANEL;
	run.accumulate = job->accumulate;
	run.count = counters && job->m && job->n && job->k;
	run.c = c;
	set_operands(&run, job, a, b);
	cut_blocks(&run, n_workers);
	if (run.count)
		err = measure_traffic(&run, pool);
	if (!err) {
		fpr_pool_run(pool, block_task, &task);
		for (unsigned int i = 0; i < n_workers; i++)
			add_tally(&sum, &workers[i]->tally);
		if (counters)
			fill_counters(&run, &sum, counters);
		err = told_to_stop(&run) ? -ECANCELED : 0;
	}
	free(run.traffic_s.bytes);
	free(run.traffic_p.bytes);
	return err;
}
