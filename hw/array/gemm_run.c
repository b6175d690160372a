/* SPDX-License-Identifier: MIT */

#include "gemm_top.h"

#include "fp32.h"
#include "gemm_load.h"
#include "hls.h"
#include "special.h"
#include "tile.h"

/* Where a job is: one tile of one batch entry, one panel of it. */
struct cursor {
	uint32_t batch, row, col, panel; /* row, col: first line of S and of P */
};

/* What the job looks like from the tile. */
struct plan {
	struct fpr_operand s[1], p[1];
	uint32_t panels;
	uint32_t batch;
	uint32_t swap; /* serial side b: a tile row is a column of C */
	uint32_t ldc;
	uint64_t stride_c;
	uint32_t wide; /* C is fp32: two halfwords an element */
	uint32_t accumulate, kind;
};

/*
 * The scratchpads, two halves each, and the tile's C in and out, so that loading
 * and storing touch nothing the tile is at work on.
 */
static uint16_t s_pad[2][FPR_LINES][FPR_PANEL];
static uint16_t p_pad[2][FPR_LINES][FPR_PANEL];
static uint32_t c_pad[2][FPR_ROWS][FPR_COLS];
static uint32_t result[FPR_ROWS][FPR_COLS];

static struct fpr_tile tile[1];

static struct plan plan_of(const struct fpr_gemm job[1])
{
	uint32_t lda = job[0].trans_a ? job[0].m : job[0].k;
	uint32_t ldb = job[0].trans_b ? job[0].k : job[0].n;
	struct fpr_operand a = {job[0].m,
				job[0].k,
				job[0].lda != 0u ? job[0].lda : lda,
				job[0].stride_a,
				job[0].trans_a != 0,
				0};
	struct fpr_operand b = {job[0].n,
				job[0].k,
				job[0].ldb != 0u ? job[0].ldb : ldb,
				job[0].stride_b,
				job[0].trans_b == 0,
				0};
	uint32_t swap = job[0].serial == FPR_SERIAL_B;
	struct plan plan;

	plan.s[0] = swap ? b : a;
	plan.p[0] = swap ? a : b;
	plan.s[0].height = FPR_ROWS;
	plan.p[0].height = FPR_COLS;
	plan.panels = (job[0].k + FPR_PANEL - 1u) / FPR_PANEL;
	plan.batch = job[0].batch != 0u ? job[0].batch : 1u;
	plan.swap = swap;
	plan.ldc = job[0].ldc != 0u ? job[0].ldc : job[0].n;
	plan.stride_c = job[0].stride_c;
	plan.wide = job[0].out == FPR_OUT_F32;
	plan.accumulate = job[0].accumulate;
	plan.kind = job[0].kind;
	return plan;
}

/* The step after @at, P's panels innermost but for k; false past the last. */
static uint32_t advance(const struct plan plan[1], struct cursor at[1])
{
	at[0].panel++;
	if (at[0].panel < plan[0].panels)
		return 1;
	at[0].panel = 0;
	at[0].col += FPR_COLS;
	if (at[0].col < plan[0].p[0].lines)
		return 1;
	at[0].col = 0;
	at[0].row += FPR_ROWS;
	if (at[0].row < plan[0].s[0].lines)
		return 1;
	at[0].row = 0;
	at[0].batch++;
	return at[0].batch < plan[0].batch;
}

static uint64_t port_cycles(uint64_t bytes)
{
	return (bytes + FPR_MEM_BYTES_PER_CYCLE - 1u) / FPR_MEM_BYTES_PER_CYCLE;
}

/* Element of C that PE (@r, @c) of the tile works on. */
static uint64_t c_place(const struct plan plan[1], const struct cursor at[1], uint32_t r,
			uint32_t c)
{
	uint64_t line = at[0].row + r;
	uint64_t other = at[0].col + c;
	uint64_t m = plan[0].swap != 0u ? other : line;
	uint64_t n = plan[0].swap != 0u ? line : other;

	return at[0].batch * plan[0].stride_c + m * plan[0].ldc + n;
}

static uint32_t is_present(const struct plan plan[1], const struct cursor at[1], uint32_t r,
			   uint32_t c)
{
	return at[0].row + r < plan[0].s[0].lines && at[0].col + c < plan[0].p[0].lines;
}

static uint32_t read_c(const uint16_t c[], uint32_t wide, uint64_t at)
{
	if (wide != 0u)
		return fpr_fp32_read((uint32_t)c[2u * at] | ((uint32_t)c[2u * at + 1u] << 16));
	return fpr_fp32_from_bf16(c[at]);
}

static void write_c(uint16_t c[], uint32_t wide, uint64_t at, uint32_t value)
{
	if (wide != 0u) {
		c[2u * at] = (uint16_t)(value & 0xffffu);
		c[2u * at + 1u] = (uint16_t)(value >> 16);
	} else {
		c[at] = fpr_fp32_to_bf16(value);
	}
}

/* C in of a tile, +0 where there is none. Return: bytes read. */
static uint64_t load_c(const struct plan plan[1], const struct cursor at[1], const uint16_t c[],
		       uint32_t half)
{
	uint64_t bytes = 0;

	HLS_LOOP(ROW)
	for (uint32_t r = 0; r < FPR_ROWS; r++) {
		HLS_LOOP(COLUMN)
		for (uint32_t i = 0; i < FPR_COLS; i++) {
			HLS_OPT(PIPELINE II = 2)
			uint32_t here = plan[0].accumulate != 0u && is_present(plan, at, r, i);

			c_pad[half][r][i] =
				here ? read_c(c, plan[0].wide, c_place(plan, at, r, i)) : 0u;
			bytes += here ? 2u + 2u * plan[0].wide : 0u;
		}
	}
	return bytes;
}

/* A finished tile to memory. Return: bytes written. */
static uint64_t store_c(const struct plan plan[1], const struct cursor at[1], uint16_t c[])
{
	uint64_t bytes = 0;

	HLS_LOOP(ROW)
	for (uint32_t r = 0; r < FPR_ROWS; r++) {
		HLS_LOOP(COLUMN)
		for (uint32_t i = 0; i < FPR_COLS; i++) {
			HLS_OPT(PIPELINE II = 2)
			if (is_present(plan, at, r, i)) {
				write_c(c, plan[0].wide, c_place(plan, at, r, i), result[r][i]);
				bytes += 2u + 2u * plan[0].wide;
			}
		}
	}
	return bytes;
}

/* Which halves of the scratchpads the tile reads. */
struct halves {
	uint32_t s, p, c;
};

/*
 * Load: what step @to needs beyond what step @from left in the scratchpads; all
 * of it with @fresh. @half turns to the halves that hold it.
 * Return: cycles of the memory port
 */
static uint64_t load_step(const struct plan plan[1], const struct cursor from[1],
			  const struct cursor to[1], uint32_t fresh, const uint16_t a[],
			  const uint16_t b[], const uint16_t c[], struct halves half[1])
{
	uint32_t moved =
		fresh != 0u || from[0].batch != to[0].batch || from[0].panel != to[0].panel;
	struct fpr_load bytes[1] = {{0, 0}};
	uint64_t c_bytes = 0;

	if (moved || from[0].row != to[0].row) {
		half[0].s ^= 1u;
		fpr_load_panel(plan[0].s, plan[0].swap != 0u ? b : a, to[0].batch, to[0].row,
			       to[0].panel * FPR_PANEL, s_pad[half[0].s], bytes);
	}
	if (moved || from[0].col != to[0].col) {
		half[0].p ^= 1u;
		fpr_load_panel(plan[0].p, plan[0].swap != 0u ? a : b, to[0].batch, to[0].col,
			       to[0].panel * FPR_PANEL, p_pad[half[0].p], bytes);
	}
	if (to[0].panel == 0u) {
		half[0].c ^= 1u;
		c_bytes = load_c(plan, to, c, half[0].c);
	}
	tile[0].count[FPR_COUNT_OPERANDS_RAW] += bytes[0].raw;
	tile[0].count[FPR_COUNT_OPERANDS] += bytes[0].packed;
	tile[0].count[FPR_COUNT_C_READ] += c_bytes;
	return port_cycles(bytes[0].packed + c_bytes);
}

static uint32_t at_most(uint32_t x, uint32_t most)
{
	return x < most ? x : most;
}

/* A tile begins: its outputs start from C in. */
static void begin_tile(const struct plan plan[1], const struct cursor at[1], uint32_t half)
{
	tile[0].rows = at_most(plan[0].s[0].lines - at[0].row, FPR_ROWS);
	tile[0].cols = at_most(plan[0].p[0].lines - at[0].col, FPR_COLS);
	HLS_LOOP(ROW)
	for (uint32_t r = 0; r < FPR_ROWS; r++) {
		HLS_LOOP(COLUMN)
		for (uint32_t c = 0; c < FPR_COLS; c++) {
			HLS_OPT(UNROLL)
			tile[0].out[r][c] = c_pad[half][r][c];
			tile[0].special[r][c] = 0;
		}
	}
	fpr_schedule_begin(tile[0].schedule);
}

/* A tile ends: run it dry, then take its outputs. */
static void end_tile(const struct plan plan[1], uint32_t half)
{
	if (plan[0].kind == FPR_KIND_CHUNK)
		fpr_tile_chunk_drain(tile);
	else if (plan[0].kind == FPR_KIND_SET)
		fpr_tile_set_drain(tile);
	else if (plan[0].kind == FPR_KIND_VALUE)
		fpr_tile_value_drain(tile);
	else
		fpr_tile_dense_drain(tile);
	tile[0].schedule[0].compute += tile[0].schedule[0].now;
	HLS_LOOP(ROW)
	for (uint32_t r = 0; r < FPR_ROWS; r++) {
		HLS_LOOP(COLUMN)
		for (uint32_t c = 0; c < FPR_COLS; c++) {
			HLS_OPT(PIPELINE II = 1)
			result[r][c] = fpr_special_result(tile[0].special[r][c], c_pad[half][r][c],
							  tile[0].out[r][c]);
		}
	}
}

/* Compute: one panel of a tile, while the port is busy for @port cycles. */
static void compute_step(const struct plan plan[1], const struct cursor at[1],
			 const struct halves half[1], uint64_t port)
{
	uint32_t n = at_most(plan[0].s[0].k - at[0].panel * FPR_PANEL, FPR_PANEL);
	uint32_t unit = FPR_KIND_UNIT(plan[0].kind);

	if (at[0].panel == 0u)
		begin_tile(plan, at, half[0].c);
	fpr_tile_specials(tile, s_pad[half[0].s], p_pad[half[0].p], n);
	fpr_schedule_step(tile[0].schedule, (n + unit - 1u) / unit, port);
	if (plan[0].kind == FPR_KIND_CHUNK)
		fpr_tile_chunk(tile, s_pad[half[0].s], p_pad[half[0].p], n);
	else if (plan[0].kind == FPR_KIND_SET)
		fpr_tile_set(tile, s_pad[half[0].s], p_pad[half[0].p], n);
	else if (plan[0].kind == FPR_KIND_VALUE)
		fpr_tile_value(tile, s_pad[half[0].s], p_pad[half[0].p], n);
	else
		fpr_tile_dense(tile, s_pad[half[0].s], p_pad[half[0].p], n);
	if (at[0].panel + 1u == plan[0].panels)
		end_tile(plan, half[0].c);
}

/* All steps of a job that has some. */
static void run_steps(const struct plan plan[1], const uint16_t a[], const uint16_t b[],
		      uint16_t c[])
{
	struct cursor next[1] = {{0, 0, 0, 0}};
	struct cursor now[1] = {{0, 0, 0, 0}};
	struct cursor ended[1] = {{0, 0, 0, 0}};
	struct halves half[1] = {{0, 0, 0}};
	uint32_t more = 1;
	uint32_t store = 0;
	uint64_t last;
	HLS_OPT(ARRAY_PARTITION variable = s_pad complete dim = 2)
	HLS_OPT(ARRAY_PARTITION variable = s_pad cyclic factor = FPR_BLOCK dim = 3)
	HLS_OPT(ARRAY_PARTITION variable = p_pad complete dim = 2)
	HLS_OPT(ARRAY_PARTITION variable = p_pad cyclic factor = FPR_BLOCK dim = 3)

	tile[0].schedule[0].total = load_step(plan, now, next, 1, a, b, c, half);
	HLS_LOOP(STEP)
	while (more != 0u) {
		HLS_OPT(LOOP_TRIPCOUNT min = 1 max = 4096)
		struct halves used[1] = {half[0]};
		uint64_t port = 0;
		uint64_t written = 0;

		now[0] = next[0];
		more = advance(plan, next);
		if (more != 0u)
			port = load_step(plan, now, next, 0, a, b, c, half);
		if (store != 0u)
			written = store_c(plan, ended, c);
		tile[0].count[FPR_COUNT_C_WRITTEN] += written;
		compute_step(plan, now, used, port + port_cycles(written));
		store = now[0].panel + 1u == plan[0].panels;
		ended[0] = now[0];
	}
	last = store_c(plan, ended, c);
	tile[0].count[FPR_COUNT_C_WRITTEN] += last;
	tile[0].schedule[0].total += port_cycles(last);
}

/* A job without products: C as read, or +0; it takes no steps. */
static void copy_c(const struct plan plan[1], const struct fpr_gemm job[1], uint16_t c[])
{
	uint64_t bytes = (uint64_t)job[0].m * job[0].n * plan[0].batch * (2u + 2u * plan[0].wide);

	HLS_LOOP(BATCH)
	for (uint32_t e = 0; e < plan[0].batch; e++) {
		HLS_LOOP(ROW)
		for (uint32_t i = 0; i < job[0].m; i++) {
			HLS_LOOP(COLUMN)
			for (uint32_t j = 0; j < job[0].n; j++) {
				HLS_OPT(PIPELINE II = 2)
				uint64_t at = e * plan[0].stride_c + (uint64_t)i * plan[0].ldc + j;
				uint32_t value =
					plan[0].accumulate ? read_c(c, plan[0].wide, at) : 0u;

				write_c(c, plan[0].wide, at, value);
			}
		}
	}
	tile[0].count[FPR_COUNT_C_READ] = plan[0].accumulate ? bytes : 0u;
	tile[0].count[FPR_COUNT_C_WRITTEN] = bytes;
}

/* Counters that follow from others. */
static void settle(const struct fpr_gemm job[1], uint32_t batch)
{
	uint64_t products = (uint64_t)job[0].m * job[0].n * job[0].k * batch;

	tile[0].count[FPR_COUNT_TOTAL] = tile[0].schedule[0].total;
	tile[0].count[FPR_COUNT_COMPUTE] = tile[0].schedule[0].compute;
	tile[0].count[FPR_COUNT_STALL] =
		tile[0].count[FPR_COUNT_TOTAL] - tile[0].count[FPR_COUNT_COMPUTE];
	tile[0].count[FPR_COUNT_ZERO] =
		8u * products - tile[0].count[FPR_COUNT_ISSUED] - tile[0].count[FPR_COUNT_OOB];
}

void fpr_gemm_run(const struct fpr_gemm job[1], const uint16_t a[], const uint16_t b[],
		  uint16_t c[], uint64_t counters[FPR_COUNTERS])
{
	struct plan plan[1] = {plan_of(job)};

	HLS_LOOP(CLEAR)
	for (uint32_t i = 0; i < FPR_COUNTERS; i++)
		tile[0].count[i] = 0;
	tile[0].t = job[0].t;
	tile[0].schedule[0].total = 0;
	tile[0].schedule[0].compute = 0;
	if (job[0].m != 0u && job[0].n != 0u) {
		if (job[0].k != 0u)
			run_steps(plan, a, b, c);
		else
			copy_c(plan, job, c);
		settle(job, plan[0].batch);
	}
	HLS_LOOP(COUNTER)
	for (uint32_t i = 0; i < FPR_COUNTERS; i++)
		counters[i] = tile[0].count[i];
}
