/* SPDX-License-Identifier: MIT */
#ifndef FPR_KERNEL_DENSE_H
#define FPR_KERNEL_DENSE_H

/*
 * `dense` in doubles. A product has 16 bits and a set spans at most 24 + 16 bits
 * and the sum's carries, so products, sums and the accumulator are exact until
 * the one rounding. Values here are scaled by 2^14, significands being integers.
 */

#include "fold.h"
#include "kernel_pack.h"

#define DENSE_REACH 24 /* alignments beyond it drop a product */
#define DENSE_ZERO (-8000) /* exponent of a zero operand: far below any product's */
#define DENSE_SCALE 14

/* Added to a double's exponent field: the accumulator's exponent, biased twice. */
#define DENSE_BIAS (2 * 127 - 1023 - DENSE_SCALE)

struct dense_pack {
	double s[FPR_BLOCK_ROWS][FPR_CHUNK];
	int32_t s_e[FPR_BLOCK_ROWS][FPR_CHUNK];
	double p[FPR_BLOCK_COLS / VCOLS][FPR_CHUNK][VCOLS];
	int32_t p_e[FPR_BLOCK_COLS / VCOLS][FPR_CHUNK][VCOLS];
	/* least and largest exponent of each set's values that are not zero */
	int32_t s_low[FPR_BLOCK_ROWS][FPR_CHUNK_SETS], s_high[FPR_BLOCK_ROWS][FPR_CHUNK_SETS];
	int32_t p_low[FPR_BLOCK_COLS / VCOLS][FPR_CHUNK_SETS][VCOLS];
	int32_t p_high[FPR_BLOCK_COLS / VCOLS][FPR_CHUNK_SETS][VCOLS];
};

_Static_assert(sizeof(struct dense_pack) <= sizeof(((struct fpr_worker *)0)->scratch),
	       "kernel scratch");

static inline int32_t dense_exponent(uint16_t x)
{
	return x ? (x >> 7) & 255 : DENSE_ZERO;
}

/* A gathered value times 2^7. */
static inline double dense_value(uint16_t x)
{
	return (double)fpr_f32_from_bits((uint32_t)x << 16) * 0x1p7;
}

static void dense_bounds(const uint16_t *x, int32_t *low, int32_t *high)
{
	*low = -DENSE_ZERO;
	*high = DENSE_ZERO;
	for (uint32_t i = 0; i < FPR_SET; i++) {
		int32_t e = dense_exponent(x[i]);

		*low = x[i] && e < *low ? e : *low;
		*high = e > *high ? e : *high;
	}
}

static void pack_dense_row(const uint16_t *x, struct dense_pack *c, uint32_t r)
{
	for (uint32_t k = 0; k < FPR_CHUNK; k++) {
		c->s[r][k] = dense_value(x[k]);
		c->s_e[r][k] = dense_exponent(x[k]);
	}
	for (uint32_t set = 0; set < FPR_CHUNK_SETS; set++)
		dense_bounds(x + set * FPR_SET, &c->s_low[r][set], &c->s_high[r][set]);
}

static void pack_dense_column(const uint16_t *x, struct dense_pack *c, uint32_t v, uint32_t i)
{
	for (uint32_t k = 0; k < FPR_CHUNK; k++) {
		c->p[v][k][i] = dense_value(x[k]);
		c->p_e[v][k][i] = dense_exponent(x[k]);
	}
	for (uint32_t set = 0; set < FPR_CHUNK_SETS; set++)
		dense_bounds(x + set * FPR_SET, &c->p_low[v][set][i], &c->p_high[v][set][i]);
}

static void pack_dense(const struct fpr_worker *w, struct dense_pack *c)
{
	for (uint32_t r = 0; r < fpr_round_up(w->rows, VROWS); r++)
		pack_dense_row(w->s[r], c, r);
	for (uint32_t q = 0; q < fpr_round_up(w->cols, VCOLS); q++)
		pack_dense_column(w->p[q], c, q / VCOLS, q % VCOLS);
}

/* Toward zero, to the unit of a set whose products dwarf the accumulator; seldom needed. */
static __attribute__((noinline)) struct vdoubles dense_truncate(struct vdoubles acc, vint emax)
{
	double x[VCOLS] __attribute__((aligned(64)));
	int32_t e[VCOLS] __attribute__((aligned(64)));

	v_stored(x, acc);
	v_store(e, emax);
	for (uint32_t i = 0; i < VCOLS; i++) {
		double unit = fpr_exp2_f64(e[i] - DENSE_REACH - 2 * 127);

		if (x[i] != 0)
			x[i] = trunc(x[i] / unit) * unit;
	}
	return v_loadd(x);
}

struct dense_row {
	struct vdoubles acc;
	vint exponent;
};

/* One set of one row and a vector of columns. */
struct dense_operands {
	const double *s;
	const int32_t *s_e;
	const double (*p)[VCOLS];
	const int32_t (*p_e)[VCOLS];
	const int32_t *p_low, *p_high;
	int32_t s_low, s_high;
};

static inline struct dense_operands dense_operands(const struct dense_pack *c, uint32_t r,
						   uint32_t q, uint32_t k)
{
	return (struct dense_operands){
		.s = &c->s[r][k],
		.s_e = &c->s_e[r][k],
		.p = &c->p[q][k],
		.p_e = &c->p_e[q][k],
		.p_low = c->p_low[q][k / FPR_SET],
		.p_high = c->p_high[q][k / FPR_SET],
		.s_low = c->s_low[r][k / FPR_SET],
		.s_high = c->s_high[r][k / FPR_SET],
	};
}

/* By how much @emax, at most, exceeds the exponent of an accumulator that is not zero. */
static inline vint dense_lag(const struct dense_row *row, vint emax)
{
	vint lag = v_sub32(emax, row->exponent);

	return v_if_eq32(row->exponent, v_set32(DENSE_BIAS), v_zero(), lag);
}

/* Not zero where the accumulator's last bit, 12 below its first, lies below the set's unit. */
static inline vint dense_truncates(const struct dense_row *row, vint emax)
{
	return v_if_gt32(dense_lag(row, emax), v_set32(DENSE_REACH + DENSE_SCALE - 12), v_set32(1),
			 v_zero());
}

/* No product of these columns can be out of reach, and no accumulator is truncated. */
static inline bool dense_all_in_reach(const struct dense_row *row, const struct dense_operands *o)
{
	vint high = v_add32(v_load(o->p_high), v_set32(o->s_high));
	vint low = v_add32(v_load(o->p_low), v_set32(o->s_low + DENSE_REACH));

	high = v_max32(high, row->exponent);
	return !v_any(v_or(v_if_gt32(high, low, v_set32(1), v_zero()), dense_truncates(row, high)));
}

static inline struct vdoubles dense_whole_sum(const struct dense_row *row,
					      const struct dense_operands *o)
{
	struct vdoubles even = row->acc, odd = v_zerod();

#pragma GCC unroll 8
	for (uint32_t i = 0; i < FPR_SET; i += 2) {
		even = v_fma(even, o->s[i], v_loadd(o->p[i]));
		odd = v_fma(odd, o->s[i + 1], v_loadd(o->p[i + 1]));
	}
	return v_addd(even, odd);
}

/* By value: the caller's rows then stay in registers. */
static __attribute__((noinline)) struct vdoubles dense_sum(struct dense_row row,
							   struct dense_operands o)
{
	vint e[FPR_SET], emax = row.exponent;
	struct vdoubles even = row.acc, odd = v_zerod();

#pragma GCC unroll 8
	for (uint32_t i = 0; i < FPR_SET; i++) {
		e[i] = v_add32(v_load(o.p_e[i]), v_set32(o.s_e[i]));
		emax = v_max32(emax, e[i]);
	}
	if (v_any(dense_truncates(&row, emax)))
		even = dense_truncate(even, emax);
	emax = v_sub32(emax, v_set32(DENSE_REACH));
#pragma GCC unroll 8
	for (uint32_t i = 0; i < FPR_SET; i += 2) {
		even = v_fma_unless_gt(even, o.s[i], v_loadd(o.p[i]), emax, e[i]);
		odd = v_fma_unless_gt(odd, o.s[i + 1], v_loadd(o.p[i + 1]), emax, e[i + 1]);
	}
	return v_addd(even, odd);
}

ALWAYS_INLINE void dense_set(struct dense_row *row, struct dense_operands o)
{
	if (dense_all_in_reach(row, &o))
		row->acc = v_round13(dense_whole_sum(row, &o));
	else
		row->acc = v_round13(dense_sum(*row, o));
	row->exponent = v_add32(v_exponents(row->acc), v_set32(DENSE_BIAS));
}

static void dense_fold(float *out, const struct dense_row *row)
{
	double x[VCOLS] __attribute__((aligned(64)));
	vint none = v_set32(DENSE_BIAS), one = v_set32(1);
	vint bad = v_or(v_if_gt32(v_set32(2 * 127 - 126), row->exponent, one, v_zero()),
			v_if_gt32(row->exponent, v_set32(2 * 127 + 127), one, v_zero()));

	if (!v_any(v_if_eq32(row->exponent, none, v_zero(), bad))) {
		v_storef(out, v_fold_double(v_loadf(out), row->acc, 1.0 / (1 << DENSE_SCALE)));
		return;
	}
	v_stored(x, row->acc);
	for (uint32_t i = 0; i < VCOLS; i++)
		out[i] = fpr_add_f32(out[i], fpr_f64_to_f32(x[i] / (1 << DENSE_SCALE)));
}

static void dense_rows(struct fpr_worker *w, const struct dense_pack *c, uint32_t r, uint32_t q)
{
	struct dense_row row[VROWS];

#pragma GCC unroll 8
	for (uint32_t i = 0; i < VROWS; i++)
		row[i] = (struct dense_row){v_zerod(), v_set32(DENSE_BIAS)};
	for (uint32_t k = 0; k < w->n; k += FPR_SET)
#pragma GCC unroll 8
		for (uint32_t i = 0; i < VROWS; i++)
			dense_set(&row[i], dense_operands(c, r + i, q, k));
#pragma GCC unroll 8
	for (uint32_t i = 0; i < VROWS; i++)
		dense_fold(&w->out[r + i][q * VCOLS], &row[i]);
}

static void dense(struct fpr_worker *w)
{
	struct dense_pack *c = (void *)w->scratch;

	pack_dense(w, c);
	for (uint32_t q = 0; q * VCOLS < w->cols; q++)
		for (uint32_t r = 0; r < w->rows; r += VROWS)
			dense_rows(w, c, r, q);
}

#endif
