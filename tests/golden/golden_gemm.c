/* SPDX-License-Identifier: MIT */
#include "golden_model.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What a step works on. */
struct place {
	uint32_t entry, tr, tc, panel;
};

/* A job with every default filled in, and where it keeps its work. */
struct run {
	struct fpr_gemm job;
	const uint16_t *a, *b;
	void *c;
	struct fpr_gemm_counters *counters;
	struct golden_matrix s, p;
	uint32_t units, panels;
	struct place last; /* of the step before, once there is one */
	int32_t *align;
	uint64_t *finish;
	struct golden_step *steps;
	size_t n_steps;
};

static uint32_t pieces(uint32_t n, uint32_t size)
{
	return (n + size - 1) / size;
}

static void fill_defaults(struct fpr_gemm *job)
{
	if (!job->batch)
		job->batch = 1;
	if (!job->lda)
		job->lda = job->trans_a ? job->m : job->k;
	if (!job->ldb)
		job->ldb = job->trans_b ? job->k : job->n;
	if (!job->ldc)
		job->ldc = job->n;
}

/* A transposed A, and a B that is not, have k down their stored columns. */
static void load_matrix(struct golden_matrix *x, const uint16_t *stored, uint64_t ld)
{
	for (uint32_t r = 0; r < x->rows; r++) {
		for (uint32_t k = 0; k < x->k; k++) {
			uint64_t at = x->k_down ? k * ld + r : r * ld + k;

			golden_decode(stored[at], &x->v[(size_t)r * x->k + k]);
		}
	}
}

static void load_operands(struct run *run, uint32_t entry)
{
	const struct fpr_gemm *job = &run->job;
	const uint16_t *a = run->a + entry * job->stride_a;
	const uint16_t *b = run->b + entry * job->stride_b;

	if (job->serial == FPR_SERIAL_A) {
		load_matrix(&run->s, a, job->lda);
		load_matrix(&run->p, b, job->ldb);
	} else {
		load_matrix(&run->s, b, job->ldb);
		load_matrix(&run->p, a, job->lda);
	}
}

static uint32_t read_c(const struct run *run, uint64_t at)
{
	uint32_t wide;
	uint16_t narrow;

	if (!run->job.accumulate)
		return 0;
	if (run->job.out == FPR_OUT_BF16) {
		memcpy(&narrow, (const char *)run->c + at * sizeof(narrow), sizeof(narrow));
		wide = (uint32_t)narrow << 16;
	} else {
		memcpy(&wide, (const char *)run->c + at * sizeof(wide), sizeof(wide));
	}
	return golden_read_f32(wide);
}

static void write_c(const struct run *run, uint64_t at, uint32_t value)
{
	uint16_t narrow = golden_round_bf16(value);

	if (run->job.out == FPR_OUT_BF16)
		memcpy((char *)run->c + at * sizeof(narrow), &narrow, sizeof(narrow));
	else
		memcpy((char *)run->c + at * sizeof(value), &value, sizeof(value));
}

static void compute_values(struct run *run, uint32_t entry)
{
	const struct fpr_gemm *job = &run->job;
	const int swapped = job->serial == FPR_SERIAL_B;

	for (uint32_t r = 0; r < run->s.rows; r++) {
		for (uint32_t q = 0; q < run->p.rows; q++) {
			uint64_t i = swapped ? q : r, j = swapped ? r : q;
			uint64_t at = entry * job->stride_c + i * job->ldc + j;

			write_c(run, at,
				golden_dot(job, run->s.v + (size_t)r * job->k,
					   run->p.v + (size_t)q * job->k, read_c(run, at),
					   run->align + ((size_t)r * run->p.rows + q) * run->units,
					   run->counters));
		}
	}
}

static uint64_t tile_c_bytes(const struct run *run, uint32_t tr, uint32_t tc)
{
	uint64_t rows = run->s.rows - tr * FPR_ROWS, cols = run->p.rows - tc * FPR_COLS;

	rows = rows < FPR_ROWS ? rows : FPR_ROWS;
	cols = cols < FPR_COLS ? cols : FPR_COLS;
	return rows * cols * (run->job.out == FPR_OUT_BF16 ? 2 : 4);
}

/* What the step's operands cost, unless the step before left them in place. */
static uint64_t operand_bytes(struct run *run, struct place now)
{
	const struct place last = run->last;
	int same = run->n_steps > 0 && now.entry == last.entry && now.panel == last.panel;
	uint64_t packed = 0;

	if (!same || now.tr != last.tr)
		golden_panel_bytes(&run->s, now.tr * FPR_ROWS, FPR_ROWS, now.panel,
				   &run->counters->bytes_operands_raw, &packed);
	if (!same || now.tc != last.tc)
		golden_panel_bytes(&run->p, now.tc * FPR_COLS, FPR_COLS, now.panel,
				   &run->counters->bytes_operands_raw, &packed);
	run->counters->bytes_operands += packed;
	run->last = now;
	return packed;
}

static void add_steps(struct run *run, struct place now)
{
	uint32_t per_panel = FPR_PANEL / golden_unit(run->job.kind);
	uint64_t c_bytes = tile_c_bytes(run, now.tr, now.tc);
	uint64_t before = 0;

	for (uint32_t panel = 0; panel < run->panels; panel++) {
		struct golden_step *step = &run->steps[run->n_steps];
		uint32_t last = (panel + 1) * per_panel;

		now.panel = panel;
		if (last > run->units)
			last = run->units;
		step->compute = run->finish[last - 1] - before;
		before = run->finish[last - 1];
		step->load = operand_bytes(run, now);
		if (panel == 0 && run->job.accumulate)
			step->load += c_bytes;
		step->store = panel + 1 == run->panels ? c_bytes : 0;
		run->n_steps++;
	}
}

static void run_tiles(struct run *run, uint32_t entry)
{
	for (uint32_t tr = 0; tr < pieces(run->s.rows, FPR_ROWS); tr++) {
		for (uint32_t tc = 0; tc < pieces(run->p.rows, FPR_COLS); tc++) {
			struct golden_tile tile = {
				.s = &run->s,
				.p = &run->p,
				.row = tr * FPR_ROWS,
				.col = tc * FPR_COLS,
				.align = run->align,
			};

			golden_tile_run(&run->job, &tile, run->finish, run->counters);
			add_steps(run, (struct place){.entry = entry, .tr = tr, .tc = tc});
		}
	}
}

static int allocate(struct run *run)
{
	const struct fpr_gemm *job = &run->job;
	const int swapped = job->serial == FPR_SERIAL_B;
	size_t tiles;

	run->s.k = run->p.k = job->k;
	run->s.rows = swapped ? job->n : job->m;
	run->p.rows = swapped ? job->m : job->n;
	run->s.k_down = swapped ? !job->trans_b : job->trans_a;
	run->p.k_down = swapped ? job->trans_a : !job->trans_b;
	run->units = golden_units(job->kind, job->k);
	run->panels = pieces(job->k, FPR_PANEL);
	tiles = (size_t)pieces(run->s.rows, FPR_ROWS) * pieces(run->p.rows, FPR_COLS) * job->batch;
	/* One more of each, so that an empty job allocates too. */
	run->s.v = calloc((size_t)run->s.rows * job->k + 1, sizeof(*run->s.v));
	run->p.v = calloc((size_t)run->p.rows * job->k + 1, sizeof(*run->p.v));
	run->align = calloc((size_t)job->m * job->n * run->units + 1, sizeof(*run->align));
	run->finish = calloc((size_t)run->units + 1, sizeof(*run->finish));
	run->steps = calloc(tiles * run->panels + 1, sizeof(*run->steps));
	return run->s.v && run->p.v && run->align && run->finish && run->steps ? 0 : -ENOMEM;
}

static void release(struct run *run)
{
	free(run->s.v);
	free(run->p.v);
	free(run->align);
	free(run->finish);
	free(run->steps);
}

static void finish_counters(struct run *run)
{
	const struct fpr_gemm *job = &run->job;
	struct fpr_gemm_counters *counters = run->counters;
	uint64_t outputs = (uint64_t)job->batch * job->m * job->n;
	uint64_t bytes = outputs * (job->out == FPR_OUT_BF16 ? 2 : 4);

	if (job->kind == FPR_KIND_DENSE)
		counters->terms_issued = 8 * outputs * job->k;
	counters->terms_skipped_zero =
		8 * outputs * job->k - counters->terms_issued - counters->terms_skipped_oob;
	counters->bytes_c_read = job->accumulate ? bytes : 0;
	counters->bytes_c_written = bytes;
	counters->cycles_total = golden_total_time(run->steps, run->n_steps);
	counters->cycles_memory_stall = counters->cycles_total - counters->cycles_compute;
}

int golden_gemm(const struct fpr_gemm *job, const uint16_t *a, const uint16_t *b, void *c,
		struct fpr_gemm_counters *counters)
{
	struct run run = {.job = *job, .a = a, .b = b, .c = c, .counters = counters};
	int ret;

	if (job->kind >= FPR_KINDS || job->serial > FPR_SERIAL_B || job->out > FPR_OUT_BF16 ||
	    (job->t > FPR_T_MAX && job->kind != FPR_KIND_DENSE))
		return -EINVAL;
	memset(counters, 0, sizeof(*counters));
	fill_defaults(&run.job);
	ret = allocate(&run);
	if (!ret && job->m && job->n) {
		for (uint32_t entry = 0; entry < run.job.batch; entry++) {
			load_operands(&run, entry);
			compute_values(&run, entry);
			if (job->k)
				run_tiles(&run, entry);
		}
		finish_counters(&run);
	}
	release(&run);
	return ret;
}
