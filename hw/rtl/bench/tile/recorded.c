/* SPDX-License-Identifier: MIT */
/* Tiles cut from the products of a trace: the last rows, columns and k of each. */
#include "case.h"

#include <string.h>

#include "fpr_trace.h"

static struct fpr_trace_reader *reader;

/* One operand of a product, as lines along k. */
struct view {
	const uint16_t *x;
	uint64_t line, step; /* elements between lines, and between neighbours on one */
	uint32_t lines;
};

static struct view view_a(const struct fpr_trace_record *record)
{
	const struct fpr_gemm *job = &record->gemm;
	uint64_t ld = job->lda ? job->lda : job->trans_a ? job->m : job->k;
	struct view a = {record->a, job->trans_a ? 1 : ld, job->trans_a ? ld : 1, job->m};

	return a;
}

static struct view view_b(const struct fpr_trace_record *record)
{
	const struct fpr_gemm *job = &record->gemm;
	uint64_t ld = job->ldb ? job->ldb : job->trans_b ? job->k : job->n;
	struct view b = {record->b, job->trans_b ? ld : 1, job->trans_b ? 1 : ld, job->n};

	return b;
}

static void cut_line(const struct view *from, uint32_t line, uint32_t first, uint32_t k,
		     uint16_t *to)
{
	memset(to, 0, CASE_K_MAX * sizeof(*to));
	if (line >= from->lines)
		return;
	for (uint32_t i = 0; i < k; i++)
		to[i] = from->x[line * from->line + (first + i) * from->step];
}

int case_trace_open(const char *path)
{
	return fpr_trace_open(path, &reader);
}

int case_trace_next(struct tile_case *tile)
{
	struct fpr_trace_record record;
	struct view s, p;
	uint32_t first, row, col;
	int got;

	do {
		got = fpr_trace_next(reader, &record);
		if (got <= 0)
			return got;
	} while (record.gemm.m == 0 || record.gemm.n == 0 || record.gemm.k == 0);

	s = view_a(&record);
	p = view_b(&record);
	tile->name = "recorded";
	tile->k = record.gemm.k < CASE_K_MAX ? record.gemm.k : CASE_K_MAX;
	tile->t = FPR_T_MAX;
	tile->starved = 0;
	first = record.gemm.k - tile->k;
	row = s.lines > FPR_ROWS ? s.lines - FPR_ROWS : 0;
	col = p.lines > FPR_COLS ? p.lines - FPR_COLS : 0;
	for (uint32_t r = 0; r < FPR_ROWS; r++)
		cut_line(&s, row + r, first, tile->k, tile->s[r]);
	for (uint32_t c = 0; c < FPR_COLS; c++)
		cut_line(&p, col + c, first, tile->k, tile->p[c]);
	memset(tile->c_in, 0, sizeof(tile->c_in));
	return 1;
}
