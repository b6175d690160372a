/* SPDX-License-Identifier: MIT */
#ifndef FPR_KERNEL_SET_H
#define FPR_KERNEL_SET_H

/*
 * `set`: a vector of columns walks the sets of one row. Kept terms as in
 * `chunk`, with the set's own largest exponent, which the accumulator's joins.
 * The cycles come from playing the PE on bit masks: one 16-bit mask of pending
 * alignments per lane.
 */

#include <string.h>

#include "fold.h"
#include "kernel_pack.h"

#define SET_PAIRS (FPR_SET / 2)

/* Exponents: of a zero operand, below that of every product, of a zero accumulator. */
#define E_ZERO (-8000)
#define E_LEAST (-4000)
#define E_EMPTY (-16000)

/* An accumulator's magnitude has its first bit at 30, or at 31 after a carry. */
#define ACC_TOP 30
#define ACC_DROPPED (ACC_TOP - 12) /* bits below its 13 */

struct set_pack {
	row_t plus[FPR_BLOCK_ROWS]; /* 3M << 6, or M << 6 when negative */
	row_t minus[FPR_BLOCK_ROWS]; /* the other one */
	row_t s_e[FPR_BLOCK_ROWS]; /* exponent field, E_ZERO for zero */
	row_t first[FPR_BLOCK_ROWS]; /* +-M << 7 */
	row_t terms[FPR_BLOCK_ROWS]; /* positions p of the terms, at bits 8 - p */
	columns_t m[FPR_BLOCK_COLS / VCOLS]; /* +-M */
	columns_t p_e[FPR_BLOCK_COLS / VCOLS]; /* exponent field, E_ZERO for zero */
	row_t stage[2][VCOLS];
	row_t term_count, column_count; /* per k: terms of all rows, columns not zero */
};

_Static_assert(sizeof(struct set_pack) <= sizeof(((struct fpr_worker *)0)->scratch),
	       "kernel scratch");

static inline vint exponent_or_zero(vint x)
{
	return v_if_eq16(x, v_zero(), v_set16(E_ZERO), field(x));
}

/* Bit p to bit 8 - p, for p in 0..8. */
static inline vint reverse9(vint x)
{
	vint bit = v_set16(1), out = v_and(x, v_set16(1 << 4));

#pragma GCC unroll 8
	for (int p = 0; p < 4; p++) {
		out = v_or(out, v_sllv16(v_and(x, bit), v_set16(8 - 2 * p)));
		out = v_or(out, v_and(v_srlv16(x, v_set16(8 - 2 * p)), bit));
		bit = v_add16(bit, bit);
	}
	return out;
}

static void pack_set_serial(const struct fpr_worker *w, struct set_pack *c, uint32_t r)
{
	for (uint32_t at = 0; at < FPR_CHUNK; at += VHALVES) {
		vint x = v_load(&w->s[r][at]), m = magnitude(x), digits = naf(m);
		vint lo = v_sll16(m, 6), hi = v_add16(lo, v_add16(lo, lo));

		v_store(&c->plus[r][at], v_if_gt16(v_zero(), x, lo, hi));
		v_store(&c->minus[r][at], v_if_gt16(v_zero(), x, hi, lo));
		v_store(&c->s_e[r][at], exponent_or_zero(x));
		v_store(&c->first[r][at], with_sign(x, v_sll16(m, 7)));
		v_store(&c->terms[r][at], reverse9(digits));
		v_store(&c->term_count[at],
			v_add16(v_load(&c->term_count[at]), v_popcnt16(digits)));
	}
}

static void pack_set_parallel(const struct fpr_worker *w, struct set_pack *c, uint32_t q)
{
	for (uint32_t at = 0; at < FPR_CHUNK; at += VHALVES) {
		vint x = v_load(&w->p[q][at]);

		v_store(&c->stage[0][q % VCOLS][at], with_sign(x, magnitude(x)));
		v_store(&c->stage[1][q % VCOLS][at], exponent_or_zero(x));
		v_store(&c->column_count[at], v_count16(v_load(&c->column_count[at]), x));
	}
}

static void pack_set(const struct fpr_worker *w, struct set_pack *c)
{
	memset(c->term_count, 0, sizeof(c->term_count));
	memset(c->column_count, 0, sizeof(c->column_count));
	for (uint32_t r = 0; r < fpr_round_up(w->rows, VROWS); r++)
		pack_set_serial(w, c, r);
	for (uint32_t q = 0; q < fpr_round_up(w->cols, VCOLS); q++) {
		pack_set_parallel(w, c, q);
		if (q % VCOLS != VCOLS - 1)
			continue;
		to_columns(c->stage[0], &c->m[q / VCOLS]);
		to_columns(c->stage[1], &c->p_e[q / VCOLS]);
	}
}

/* ---- values ------------------------------------------------------------- */

struct accumulators {
	vint magnitude, sign; /* sign: 0 or -1 */
	vint unit; /* exponent of the magnitude's last bit, biased twice */
	vint exponent; /* of its first bit, in both 16-bit lanes; E_EMPTY for zero */
};

static inline struct accumulators empty_accumulators(void)
{
	return (struct accumulators){v_zero(), v_zero(), v_zero(), v_set16(E_EMPTY)};
}

/* Magnitude bits below @unit are dropped: as the accumulator's exponent is at
 * most the set's, its first bit ends at 7 + T or below. */
static inline vint aligned(const struct accumulators *acc, vint unit)
{
	vint x = v_srlv32(acc->magnitude, v_sub32(unit, acc->unit));

	return v_sub32(v_xor(x, acc->sign), acc->sign);
}

static inline struct accumulators rounded(vint sum, vint unit)
{
	vint x = v_abs32(sum), up = v_sub32(v_lzcnt32(x), v_set32(1));
	vint norm = v_sllv32(x, up), odd = v_and(v_srl32(norm, ACC_DROPPED), v_set32(1));
	struct accumulators acc;
	vint e;

	norm = v_add32(norm, v_add32(odd, v_set32((1 << (ACC_DROPPED - 1)) - 1)));
	acc.magnitude = v_and(norm, v_set32(-(1 << ACC_DROPPED)));
	acc.sign = v_sra32(sum, 31);
	acc.unit = v_sub32(unit, up);
	e = v_add32(v_add32(acc.unit, v_set32(ACC_TOP)), v_srl32(acc.magnitude, 31));
	e = v_or(v_sll32(e, 16), v_srl32(v_sll32(e, 16), 16));
	acc.exponent = v_if_eq32(x, v_zero(), v_set16(E_EMPTY), e);
	return acc;
}

/* One set of one row: alignments of its products and what they add up to. */
struct set_operands {
	const uint16_t *plus, *minus, *s_e, *first, *terms;
	const uint16_t (*m)[VCOLS][2], (*p_e)[VCOLS][2];
};

ALWAYS_INLINE vint largest_product(const struct set_operands *o, vint e[SET_PAIRS])
{
	vint most;

#pragma GCC unroll 8
	for (uint32_t i = 0; i < SET_PAIRS; i++)
		e[i] = v_add16(v_pair(o->s_e + 2 * i), v_load(o->p_e[i]));
	most = v_max16(v_max16(e[0], e[1]), v_max16(e[2], e[3]));
	return v_max16(most, v_swap16(most));
}

ALWAYS_INLINE vint add_kept(const struct set_operands *o, const vint d[SET_PAIRS], int t, vint sum)
{
#pragma GCC unroll 8
	for (uint32_t i = 0; i < SET_PAIRS; i++) {
		vint s = v_add16(d[i], v_set16(14 - t)), m = v_load(o->m[i]);
		vint q = v_sub16(v_srlv16(v_pair(o->plus + 2 * i), s),
				 v_srlv16(v_pair(o->minus + 2 * i), s));

		sum = v_dot(sum, q, m);
		/* T = 15 and d = 0: the shift by -1 gave 0; the product is M_s M_p << 8. */
		if (t == FPR_T_MAX)
			sum = v_dot(sum, v_pair(o->first + 2 * i),
				    v_if_eq16(d[i], v_zero(), v_add16(m, m), v_zero()));
	}
	return sum;
}

/* ---- cycles ------------------------------------------------------------- */

struct set_play {
	vint cycles; /* of each PE, in both 16-bit lanes */
	vint pending; /* lane-cycles with a pending term, in bytes */
	vint issued;
};

/* Non-zero in both halves of a column in which any lane is. */
static inline vint any_lane(const vint x[SET_PAIRS])
{
	vint any = v_or(v_or3(x[0], x[1], x[2]), x[3]);

	return v_or(any, v_swap16(any));
}

/* Each lane issues its first pending term when it lies within @reach. */
ALWAYS_INLINE void issue(vint x[SET_PAIRS], vint reach, struct set_play *play)
{
	play->pending = v_count8(v_count8(play->pending, v_pack8(x[0], x[1])), v_pack8(x[2], x[3]));
#pragma GCC unroll 8
	for (uint32_t i = 0; i < SET_PAIRS; i++)
		x[i] = v_drop_common(x[i], v_sub16(v_zero(), x[i]), reach);
}

/*
 * Alignments -1..15 are one too many for 16 bits. At T = 15 the cycle that
 * issues -1, when there is one, is played apart: bit k is then alignment k.
 */
ALWAYS_INLINE void issue_minus_one(const struct set_operands *o, const vint d[SET_PAIRS],
				   vint x[SET_PAIRS], struct set_play *play)
{
	const vint reach = v_set16((1 << FPR_WINDOW) - 1), one = v_set16(1);
	vint ahead[SET_PAIRS], run;

#pragma GCC unroll 8
	for (uint32_t i = 0; i < SET_PAIRS; i++) {
		vint terms = v_pair(o->terms + 2 * i);

		ahead[i] = v_if_eq16(d[i], v_zero(), v_and(terms, one), v_zero());
		x[i] = v_if_eq16(d[i], v_zero(), v_srl16(terms, 1),
				 v_sllv16(terms, v_sub16(d[i], one)));
		play->issued =
			v_add16(play->issued, v_add16(v_popcnt16(x[i]), v_popcnt16(ahead[i])));
	}
	run = v_if_gt16(any_lane(ahead), v_zero(), v_set16(-1), v_zero());
	play->cycles = v_sub16(play->cycles, run);
#pragma GCC unroll 8
	for (uint32_t i = 0; i < SET_PAIRS; i++) {
		vint first = v_and(x[i], v_sub16(v_zero(), x[i]));
		vint busy = v_and(run, v_or(x[i], ahead[i]));

		play->pending = v_count8(play->pending, v_pack8(busy, v_zero()));
		first = v_and(first, v_and(run, reach));
		x[i] = v_xor(x[i], v_if_gt16(ahead[i], v_zero(), v_zero(), first));
	}
}

ALWAYS_INLINE void start_play(const struct set_operands *o, const vint d[SET_PAIRS], int t,
			      vint x[SET_PAIRS], struct set_play *play)
{
	if (t == FPR_T_MAX) {
		issue_minus_one(o, d, x, play);
		return;
	}
#pragma GCC unroll 8
	for (uint32_t i = 0; i < SET_PAIRS; i++) {
		x[i] = v_and(v_sllv16(v_pair(o->terms + 2 * i), d[i]), v_set16((2 << (t + 1)) - 1));
		play->issued = v_add16(play->issued, v_popcnt16(x[i]));
	}
}

ALWAYS_INLINE void play_cycle(vint x[SET_PAIRS], vint any, struct set_play *play)
{
	vint base = v_and(any, v_sub16(v_zero(), any));

	play->cycles = v_count16(play->cycles, any);
	issue(x, v_sub16(v_sll16(base, FPR_WINDOW + 1), base), play);
}

/* ---- rows --------------------------------------------------------------- */

static void fold_accumulators(struct fpr_worker *w, uint32_t r, uint32_t q,
			      const struct accumulators *acc)
{
	vint sum = v_srl32(acc->magnitude, ACC_DROPPED - 1);
	vint e = v_add32(acc->unit, v_set32(ACC_DROPPED - 1 - 2 * 127));
	int32_t sums[VCOLS] __attribute__((aligned(64))), es[VCOLS] __attribute__((aligned(64)));
	float *out = &w->out[r][q];

	sum = v_sub32(v_xor(sum, acc->sign), acc->sign);
	e = v_if_eq32(sum, v_zero(), v_zero(), e);
	if (!v_any(v_or(v_if_gt32(v_set32(-126), e, v_set32(1), v_zero()),
			v_if_gt32(e, v_set32(127 - 31), v_set32(1), v_zero())))) {
		v_storef(out, v_fold(v_loadf(out), sum, v_add32(e, v_set32(127))));
		return;
	}
	v_store(sums, sum);
	v_store(es, e);
	for (uint32_t i = 0; i < VCOLS; i++)
		out[i] = fpr_add_f32(out[i], fpr_round_f32(sums[i], es[i]));
}

static inline struct set_operands set_operands(const struct set_pack *c, uint32_t r, uint32_t q,
					       uint32_t k)
{
	return (struct set_operands){
		.plus = &c->plus[r][k],
		.minus = &c->minus[r][k],
		.s_e = &c->s_e[r][k],
		.first = &c->first[r][k],
		.terms = &c->terms[r][k],
		.m = &c->m[q][k / 2],
		.p_e = &c->p_e[q][k / 2],
	};
}

static inline struct accumulators choose(vint any, const struct accumulators *yes,
					 const struct accumulators *no)
{
	return (struct accumulators){
		.magnitude = v_if_eq32(any, v_zero(), no->magnitude, yes->magnitude),
		.sign = v_if_eq32(any, v_zero(), no->sign, yes->sign),
		.unit = v_if_eq32(any, v_zero(), no->unit, yes->unit),
		.exponent = v_if_eq32(any, v_zero(), no->exponent, yes->exponent),
	};
}

/* A row's walk through the sets of a chunk. */
struct set_row {
	struct accumulators acc;
	struct set_play play;
	vint d[SET_PAIRS], x[SET_PAIRS];
	vint pending, cycles; /* sums over the sets */
};

ALWAYS_INLINE void set_step(struct set_row *row, const struct set_operands *o, int t)
{
	vint most = largest_product(o, row->d), unit, any;
	struct accumulators next;

	any = v_if_gt16(most, v_set16(E_LEAST), v_set16(-1), v_zero());
	most = v_max16(most, v_max16(row->acc.exponent, v_set16(E_LEAST)));
	unit = v_sub32(v_sra32(most, 16), v_set32(7 + t));
#pragma GCC unroll 8
	for (uint32_t i = 0; i < SET_PAIRS; i++)
		row->d[i] = v_sub16(most, row->d[i]);
	next = rounded(add_kept(o, row->d, t, aligned(&row->acc, unit)), unit);
	row->acc = choose(any, &next, &row->acc);
}

/* The rows' loops are one, as each alone is a chain of dependent steps. */
ALWAYS_INLINE void play_rows(struct set_row row[VROWS])
{
	for (;;) {
		vint any[VROWS], all = v_zero();

#pragma GCC unroll 8
		for (uint32_t i = 0; i < VROWS; i++) {
			any[i] = any_lane(row[i].x);
			all = v_or(all, any[i]);
		}
		if (!v_any(all))
			return;
#pragma GCC unroll 8
		for (uint32_t i = 0; i < VROWS; i++)
			play_cycle(row[i].x, any[i], &row[i].play);
	}
}

ALWAYS_INLINE void set_rows(struct fpr_worker *w, const struct set_pack *c, uint32_t r, uint32_t q,
			    int t, bool count)
{
	struct set_row row[VROWS];

#pragma GCC unroll 8
	for (uint32_t i = 0; i < VROWS; i++) {
		row[i].acc = empty_accumulators();
		row[i].play.issued = row[i].pending = row[i].cycles = v_zero();
	}
	for (uint32_t k = 0; k < w->n; k += FPR_SET) {
#pragma GCC unroll 8
		for (uint32_t i = 0; i < VROWS; i++) {
			struct set_operands o = set_operands(c, r + i, q, k);

			set_step(&row[i], &o, t);
			row[i].play.cycles = row[i].play.pending = v_zero();
			if (count)
				start_play(&o, row[i].d, t, row[i].x, &row[i].play);
		}
		if (!count)
			continue;
		play_rows(row);
#pragma GCC unroll 8
		for (uint32_t i = 0; i < VROWS; i++) {
			uint32_t at = r + i;

			row[i].pending = v_add_sum8(row[i].pending, row[i].play.pending);
			row[i].cycles = v_add16(row[i].cycles, row[i].play.cycles);
			v_tile_max(row[i].play.cycles,
				   &w->cost[k / FPR_SET][at / FPR_ROWS][q * VCOLS / FPR_COLS]
					   [at % FPR_ROWS],
				   FPR_ROWS);
		}
	}
#pragma GCC unroll 8
	for (uint32_t i = 0; i < VROWS; i++) {
		fold_accumulators(w, r + i, q * VCOLS, &row[i].acc);
		if (!count)
			continue;
		w->tally.pending += v_sum32(row[i].pending);
		w->tally.issued += v_sum32(v_dot(v_zero(), row[i].play.issued, v_set16(1)));
		w->tally.unit_cost += v_sum32(v_srl32(row[i].cycles, 16));
	}
}

ALWAYS_INLINE void set_block(struct fpr_worker *w, const struct set_pack *c, int t, bool count)
{
	for (uint32_t q = 0; q * VCOLS < w->cols; q++)
		for (uint32_t r = 0; r < w->rows; r += VROWS)
			set_rows(w, c, r, q, t, count);
}

static void set(struct fpr_worker *w)
{
	struct set_pack *c = (void *)w->scratch;
	int t = (int)w->t;

	pack_set(w, c);
	if (!w->count) {
		if (t == FPR_T_MAX)
			set_block(w, c, FPR_T_MAX, false);
		else
			set_block(w, c, t, false);
		return;
	}
	if (w->rows % FPR_ROWS)
		memset(w->cost, 0, sizeof(w->cost));
	if (t == FPR_T_MAX)
		set_block(w, c, FPR_T_MAX, true);
	else
		set_block(w, c, t, true);
	w->tally.effectual += count_product(&c->term_count, &c->column_count);
}

#endif
