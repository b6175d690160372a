/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>

#include "operand.h"
#include "engine.h"

/*
 * The memory model of hw/array: what moving operands and C costs. Every step's
 * share of the time depends only on its own cycles and on bytes known
 * beforehand, so workers add up their steps in any order.
 */

#define HEADER_BITS 16 /* of a compressed group */
#define FIXED_BITS 8 /* of a value: sign and fraction */

static uint32_t group_bytes(uint32_t low, uint32_t high, uint32_t n)
{
	uint32_t code = high ? high - low + 1 : 0;
	uint32_t width = code ? 32 - (uint32_t)__builtin_clz(code) : 0;

	return (HEADER_BITS + n * (width + FIXED_BITS) + 7) / 8;
}

static uint32_t min32(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* Part of a group, at the edge of a matrix. */
static void edge_range(const uint16_t *x, uint64_t step, uint32_t outer, uint32_t inner,
		       uint32_t *low, uint32_t *high)
{
	*low = UINT16_MAX;
	*high = 0;
	for (uint32_t o = 0; o < outer; o++) {
		for (uint32_t i = 0; i < inner; i++) {
			uint32_t field = fpr_value_field(x[o * step + i]);

			*low = field && field < *low ? field : *low;
			*high = field > *high ? field : *high;
		}
	}
}

/* A group of @outer stored rows, @inner values of each. */
static uint32_t stored_group(const struct fpr_isa_ops *ops, const uint16_t *x, uint64_t step,
			     uint32_t outer, uint32_t inner)
{
	uint32_t low, high;

	if (outer == FPR_GROUP_ROWS && inner == FPR_BLOCK)
		ops->group_range(x, step, &low, &high);
	else
		edge_range(x, step, outer, inner, &low, &high);
	return group_bytes(low, high, outer * inner);
}

/* Compressed bytes of @rows x @n values of which @x is the first. */
static uint32_t panel_bytes(const struct fpr_isa_ops *ops, const struct fpr_view *v,
			    const uint16_t *x, uint32_t rows, uint32_t n)
{
	uint32_t outer = v->k_inner ? rows : n;
	uint32_t inner = v->k_inner ? n : rows;
	uint64_t step = v->k_inner ? v->row_step : v->k_step;
	uint32_t bytes = 0;

	for (uint32_t o = 0; o < outer; o += FPR_GROUP_ROWS)
		for (uint32_t i = 0; i < inner; i += FPR_BLOCK)
			bytes += stored_group(ops, x + o * step + i, step,
					      min32(outer - o, FPR_GROUP_ROWS),
					      min32(inner - i, FPR_BLOCK));
	return bytes;
}

/* Groups of 8 rows whose panels are measured, over all entries. */
uint64_t fpr_traffic_groups(const struct fpr_traffic *traffic, uint32_t batch)
{
	return (traffic->entry_step ? batch : 1) * (uint64_t)traffic->groups;
}

int fpr_traffic_init(struct fpr_traffic *traffic, const struct fpr_view *v, uint32_t batch,
		     uint32_t panels)
{
	uint64_t entry;

	traffic->groups = (v->rows + FPR_BLOCK - 1) / FPR_BLOCK;
	traffic->panels = panels;
	entry = (uint64_t)traffic->groups * panels;
	traffic->entry_step = v->batch_step && batch > 1 ? entry : 0;
	traffic->bytes =
		calloc(fpr_traffic_groups(traffic, batch) * panels, sizeof(*traffic->bytes));
	return traffic->bytes ? 0 : -ENOMEM;
}

void fpr_traffic_fill(struct fpr_traffic *traffic, const struct fpr_isa_ops *ops,
		      const struct fpr_view *v, uint32_t k, uint64_t group)
{
	uint64_t entry = group / traffic->groups;
	uint32_t row = (uint32_t)(group % traffic->groups) * FPR_BLOCK;
	const uint16_t *x = v->x + entry * v->batch_step + row * v->row_step;

	for (uint32_t panel = 0; panel < traffic->panels; panel++) {
		uint32_t first = panel * FPR_PANEL;

		traffic->bytes[group * traffic->panels + panel] = (uint16_t)panel_bytes(
			ops, v, x + first * v->k_step, min32(v->rows - row, FPR_BLOCK),
			min32(k - first, FPR_PANEL));
	}
}

/* A step's place in the order of the model. */
struct step {
	uint64_t entry;
	uint32_t tr, tc, panel;
};

static bool loads_s(const struct fpr_run *run, const struct step *at)
{
	return run->panels > 1 || at->tc == 0;
}

static bool loads_p(const struct fpr_run *run, const struct step *at)
{
	return run->panels > 1 || run->traffic_p.groups > 1 || at->tr == 0;
}

static uint32_t panel_of(const struct fpr_traffic *traffic, uint64_t entry, uint32_t group,
			 uint32_t panel)
{
	return traffic
		->bytes[entry * traffic->entry_step + (uint64_t)group * traffic->panels + panel];
}

static uint32_t operand_bytes(const struct fpr_run *run, const struct step *at)
{
	uint32_t bytes = 0;

	if (loads_s(run, at))
		bytes += panel_of(&run->traffic_s, at->entry, at->tr, at->panel);
	if (loads_p(run, at))
		bytes += panel_of(&run->traffic_p, at->entry, at->tc, at->panel);
	return bytes;
}

static uint32_t out_size(const struct fpr_run *run)
{
	return run->out == FPR_OUT_F32 ? sizeof(float) : sizeof(uint16_t);
}

static uint32_t present(uint32_t rows, uint32_t group)
{
	return min32(rows - group * FPR_BLOCK, FPR_BLOCK);
}

static uint32_t tile_c_bytes(const struct fpr_run *run, const struct step *at)
{
	return present(run->s.rows, at->tr) * present(run->p.rows, at->tc) * out_size(run);
}

static uint32_t port_cycles(uint32_t bytes)
{
	return (bytes + FPR_MEM_BYTES_PER_CYCLE - 1) / FPR_MEM_BYTES_PER_CYCLE;
}

static uint32_t load_cycles(const struct fpr_run *run, const struct step *at)
{
	uint32_t bytes = operand_bytes(run, at);

	if (run->accumulate && at->panel == 0)
		bytes += tile_c_bytes(run, at);
	return port_cycles(bytes);
}

/* False at the end of the job. */
static bool next_tile(const struct fpr_run *run, struct step *at)
{
	at->panel = 0;
	if (++at->tc < run->traffic_p.groups)
		return true;
	at->tc = 0;
	if (++at->tr < run->traffic_s.groups)
		return true;
	at->tr = 0;
	return ++at->entry < run->batch;
}

/* False at the start of the job. */
static bool previous_tile(const struct fpr_run *run, struct step *at)
{
	if (at->tc--)
		return true;
	at->tc = run->traffic_p.groups - 1;
	if (at->tr--)
		return true;
	at->tr = run->traffic_s.groups - 1;
	return at->entry--;
}

static void count_loads(const struct fpr_run *run, struct fpr_tally *tally, const struct step *at)
{
	uint32_t n = min32(run->k - at->panel * FPR_PANEL, FPR_PANEL);
	uint32_t rows = 0;

	if (loads_s(run, at))
		rows += present(run->s.rows, at->tr);
	if (loads_p(run, at))
		rows += present(run->p.rows, at->tc);
	tally->bytes_raw += (uint64_t)rows * n * sizeof(uint16_t);
	tally->bytes += operand_bytes(run, at);
}

void fpr_memory_step(const struct fpr_run *run, struct fpr_tally *tally, uint64_t entry,
		     uint32_t tr, uint32_t tc, uint32_t panel, uint32_t compute)
{
	struct step at = {entry, tr, tc, panel}, other = at;
	uint32_t port = 0;

	count_loads(run, tally, &at);
	if (panel == 0 && previous_tile(run, &other))
		port += port_cycles(tile_c_bytes(run, &other));
	other = at;
	if (++other.panel < run->panels || next_tile(run, &other))
		port += load_cycles(run, &other);
	tally->total += compute > port ? compute : port;
}

uint64_t fpr_memory_ends(const struct fpr_run *run)
{
	const struct step first = {0, 0, 0, 0};
	const struct step last = {run->batch - 1, run->traffic_s.groups - 1,
				  run->traffic_p.groups - 1, run->panels - 1};

	return load_cycles(run, &first) + port_cycles(tile_c_bytes(run, &last));
}

uint64_t fpr_memory_c_bytes(const struct fpr_run *run)
{
	return (uint64_t)run->s.rows * run->p.rows * run->batch * out_size(run);
}
