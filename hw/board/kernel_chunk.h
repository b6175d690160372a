/* SPDX-License-Identifier: MIT */
#ifndef FPR_KERNEL_CHUNK_H
#define FPR_KERNEL_CHUNK_H

/*
 * `chunk` and `value`. With d_s = (row's largest exponent) - e_s and d_p alike, a product
 * keeps the NAF digits of M_s at positions >= d_s + d_p + 7 - T. Digit i is
 * bit i+1 of 3M less bit i+1 of M, so the kept digits, shifted down to where
 * the chunk's unit is 1, are Q = (3M << 6 >> s) - (M << 6 >> s) with
 * s = d_s + d_p + 14 - T; swapping the two gives -Q. The product is Q M_p.
 */

#include "fold.h"
#include "kernel_pack.h"

#define ROWS_AT_ONCE 4
#define LIMITS (FPR_T_MAX + 2) /* a kept term meets d_p <= 0..16 */

struct chunk_pack {
	/* serial rows */
	row_t plus[FPR_BLOCK_ROWS]; /* 3M << 6, or M << 6 when negative */
	row_t minus[FPR_BLOCK_ROWS]; /* the other one */
	row_t shift[FPR_BLOCK_ROWS]; /* d_s + 14 - T */
	row_t first[FPR_BLOCK_ROWS]; /* +-M << 7 where d_s = 0 */
	row_t s_whole[FPR_BLOCK_ROWS]; /* +-M << (spread - d_s) */
	row_t naf[FPR_BLOCK_ROWS]; /* << 7 */
	/* parallel columns */
	columns_t m[FPR_BLOCK_COLS / VCOLS]; /* +-M */
	columns_t d[FPR_BLOCK_COLS / VCOLS]; /* d_p */
	columns_t p_whole[FPR_BLOCK_COLS / VCOLS]; /* +-M << (spread - d_p) */
	row_t nearest[FPR_BLOCK_TC]; /* least d_p of a tile's columns */
	row_t stage[3][VCOLS];
	/* per row and column: largest exponent field, and distance to the smallest */
	int32_t s_max[FPR_BLOCK_ROWS], p_max[FPR_BLOCK_COLS];
	int32_t s_spread[FPR_BLOCK_ROWS], p_spread[FPR_BLOCK_COLS];
	/* for the term counters, per k */
	row_t terms_at[LIMITS]; /* terms that d_p <= this keeps and d_p + 1 does not */
	row_t within[LIMITS]; /* columns with d_p <= this */
	row_t terms, columns; /* all terms; columns that are not zero */
};

_Static_assert(sizeof(struct chunk_pack) <= sizeof(((struct fpr_worker *)0)->scratch),
	       "kernel scratch");

/* Largest field of a row; 127 in a row of zeros, to stay in the fold's fast range. */
static int largest(const row_t *x)
{
	vint most = v_zero();
	int max;

#pragma GCC unroll 8
	for (uint32_t i = 0; i < VROW; i++)
		most = v_max16(most, field(v_load(*x + i * VHALVES)));
	max = v_hmax16(most);
	return max ? max : 127;
}

static int spread(const row_t *x, int max)
{
	vint most = v_zero();

#pragma GCC unroll 8
	for (uint32_t i = 0; i < VROW; i++) {
		vint v = v_load(*x + i * VHALVES);
		vint d = v_sub16(v_set16(max), field(v));

		most = v_max16(most, v_if_eq16(v, v_zero(), v_zero(), d));
	}
	return v_hmax16(most);
}

static inline vint distance(vint x, int max)
{
	return v_if_eq16(x, v_zero(), v_set16(FAR), v_sub16(v_set16(max), field(x)));
}

/* Counts over the rows, per k, of the terms that each limit on d_p keeps. */
static void count_terms(struct chunk_pack *c, vint digits, vint shift, uint32_t at)
{
	vint first = v_if_eq16(shift, v_set16(-1), v_srl16(digits, 15), v_zero());
	vint kept = v_srlv16(digits, v_max16(shift, v_zero()));
	vint one = v_set16(1);

	/* At T = 15 and d_s = 0 every digit reaches one alignment further. */
	vint up = v_if_eq16(shift, v_set16(-1), v_add16(kept, kept), kept);

	for (uint32_t limit = 0; limit < LIMITS - 1; limit++) {
		uint16_t *to = &c->terms_at[limit][at];

		v_store(to, v_add16(v_load(to), v_and(up, one)));
		up = v_srl16(up, 1);
	}
	v_store(&c->terms_at[LIMITS - 1][at], v_add16(v_load(&c->terms_at[LIMITS - 1][at]), first));
	v_store(&c->terms[at], v_add16(v_load(&c->terms[at]), v_popcnt16(digits)));
}

static void pack_serial_row(struct fpr_worker *w, struct chunk_pack *c, uint32_t r)
{
	int max = largest(&w->s[r]), far = spread(&w->s[r], max);
	int t = (int)w->t;

	c->s_max[r] = max;
	c->s_spread[r] = far;
	for (uint32_t at = 0; at < FPR_CHUNK; at += VHALVES) {
		vint x = v_load(&w->s[r][at]), m = magnitude(x), d = distance(x, max);
		vint lo = v_sll16(m, 6), hi = v_add16(lo, v_add16(lo, lo));
		vint shift = v_add16(d, v_set16(14 - t));
		vint whole = v_sllv16(m, v_sub16(v_set16(far), d));
		vint digits = v_sll16(naf(m), 7);

		v_store(&c->plus[r][at], v_if_gt16(v_zero(), x, lo, hi));
		v_store(&c->minus[r][at], v_if_gt16(v_zero(), x, hi, lo));
		v_store(&c->shift[r][at], shift);
		v_store(&c->first[r][at],
			v_if_eq16(d, v_zero(), with_sign(x, v_sll16(m, 7)), v_zero()));
		v_store(&c->s_whole[r][at], with_sign(x, whole));
		v_store(&c->naf[r][at], digits);
		if (w->count)
			count_terms(c, digits, shift, at);
	}
}

static void count_columns(struct chunk_pack *c, vint d, uint32_t at)
{
	for (uint32_t limit = 0; limit < LIMITS; limit++) {
		uint16_t *to = &c->within[limit][at];

		v_store(to, v_count_le16(v_load(to), d, v_set16((int)limit)));
	}
	v_store(&c->columns[at], v_count_le16(v_load(&c->columns[at]), d, v_set16(FAR - 1)));
}

static void pack_parallel_row(struct fpr_worker *w, struct chunk_pack *c, uint32_t q)
{
	int max = largest(&w->p[q]), far = spread(&w->p[q], max);
	uint16_t *nearest = c->nearest[q / FPR_COLS];

	c->p_max[q] = max;
	c->p_spread[q] = far;
	for (uint32_t at = 0; at < FPR_CHUNK; at += VHALVES) {
		vint x = v_load(&w->p[q][at]), m = magnitude(x), d = distance(x, max);
		vint whole = v_sllv16(m, v_sub16(v_set16(far), d));

		v_store(&c->stage[0][q % VCOLS][at], with_sign(x, m));
		v_store(&c->stage[1][q % VCOLS][at], d);
		v_store(&c->stage[2][q % VCOLS][at], with_sign(x, whole));
		if (!w->count)
			continue;
		v_store(nearest + at, q % FPR_COLS ? v_min16(v_load(nearest + at), d) : d);
		count_columns(c, d, at);
	}
}

static void pack_chunk(struct fpr_worker *w, struct chunk_pack *c)
{
	if (w->count) {
		memset(c->terms_at, 0, sizeof(c->terms_at));
		memset(c->within, 0, sizeof(c->within));
		memset(c->terms, 0, sizeof(c->terms));
		memset(c->columns, 0, sizeof(c->columns));
	}
	for (uint32_t r = 0; r < fpr_round_up(w->rows, FPR_ROWS); r++)
		pack_serial_row(w, c, r);
	for (uint32_t q = 0; q < fpr_round_up(w->cols, (2 * VCOLS)); q++) {
		pack_parallel_row(w, c, q);
		if (q % VCOLS != VCOLS - 1)
			continue;
		to_columns(c->stage[0], &c->m[q / VCOLS]);
		to_columns(c->stage[1], &c->d[q / VCOLS]);
		to_columns(c->stage[2], &c->p_whole[q / VCOLS]);
	}
}

/* ---- values ------------------------------------------------------------- */

/* Sums of ROWS_AT_ONCE rows and two vectors of columns. */
struct sums {
	vint at[ROWS_AT_ONCE][2];
};

static inline vint kept(vint plus, vint minus, vint shift)
{
	return v_sub16(v_srlv16(plus, shift), v_srlv16(minus, shift));
}

static struct sums sums_dropping(const struct chunk_pack *c, uint32_t r, uint32_t q, uint32_t n)
{
	vint a0 = v_zero(), a1 = a0, b0 = a0, b1 = a0, e0 = a0, e1 = a0, f0 = a0, f1 = a0;

	for (uint32_t k = 0; k < n; k += 2) {
		vint m0 = v_load(c->m[q][k / 2]), m1 = v_load(c->m[q + 1][k / 2]);
		vint d0 = v_load(c->d[q][k / 2]), d1 = v_load(c->d[q + 1][k / 2]);
		vint p, m, s;

#define ROW(i, x, y)                                  \
	p = v_pair(&c->plus[r + i][k]);               \
	m = v_pair(&c->minus[r + i][k]);              \
	s = v_pair(&c->shift[r + i][k]);              \
	x = v_dot(x, kept(p, m, v_add16(s, d0)), m0); \
	y = v_dot(y, kept(p, m, v_add16(s, d1)), m1)

		ROW(0, a0, a1);
		ROW(1, b0, b1);
		ROW(2, e0, e1);
		ROW(3, f0, f1);
#undef ROW
	}
	return (struct sums){{{a0, a1}, {b0, b1}, {e0, e1}, {f0, f1}}};
}

/* Nothing can be dropped: plain integer products. */
static struct sums sums_whole(const struct chunk_pack *c, uint32_t r, uint32_t q, uint32_t n)
{
	vint a0 = v_zero(), a1 = a0, b0 = a0, b1 = a0, e0 = a0, e1 = a0, f0 = a0, f1 = a0;

	for (uint32_t k = 0; k < n; k += 2) {
		vint m0 = v_load(c->p_whole[q][k / 2]), m1 = v_load(c->p_whole[q + 1][k / 2]);
		vint s;

#define ROW(i, x, y)                       \
	s = v_pair(&c->s_whole[r + i][k]); \
	x = v_dot(x, s, m0);               \
	y = v_dot(y, s, m1)

		ROW(0, a0, a1);
		ROW(1, b0, b1);
		ROW(2, e0, e1);
		ROW(3, f0, f1);
#undef ROW
	}
	return (struct sums){{{a0, a1}, {b0, b1}, {e0, e1}, {f0, f1}}};
}

/* T = 15 and d_s = d_p = 0: s is -1, where the shifts above gave 0; the product is M_s M_p << 8. */
static void add_firsts(const struct chunk_pack *c, uint32_t r, uint32_t q, uint64_t pairs,
		       struct sums *sums)
{
	for (; pairs; pairs &= pairs - 1) {
		uint32_t k = (uint32_t)__builtin_ctzll(pairs);

#pragma GCC unroll 8
		for (uint32_t v = 0; v < 2; v++) {
			vint m = v_load(c->m[q + v][k]), d = v_load(c->d[q + v][k]);

			m = v_if_eq16(d, v_zero(), v_add16(m, m), v_zero());
#pragma GCC unroll 8
			for (uint32_t i = 0; i < ROWS_AT_ONCE; i++)
				sums->at[i][v] =
					v_dot(sums->at[i][v], v_pair(&c->first[r + i][2 * k]), m);
		}
	}
}

/* Pairs of k in which one of these rows has its largest exponent. */
static uint64_t first_pairs(const struct chunk_pack *c, uint32_t r)
{
	const uint32_t(*first)[PAIRS] = (const void *)&c->first[r];
	uint64_t pairs = 0;

	for (uint32_t k = 0; k < PAIRS; k++)
		pairs |= (uint64_t)((first[0][k] | first[1][k] | first[2][k] | first[3][k]) != 0)
			 << k;
	return pairs;
}

/* The exponents of a group of rows or columns. */
struct extremes {
	int32_t low, high; /* of the units' exponents when dropping */
	int32_t spread;
};

static struct extremes extremes(const int32_t *max, const int32_t *far, uint32_t n)
{
	struct extremes x = {INT32_MAX, 0, 0};

	for (uint32_t i = 0; i < n; i++) {
		x.low = max[i] < x.low ? max[i] : x.low;
		x.high = max[i] > x.high ? max[i] : x.high;
		x.spread = far[i] > x.spread ? far[i] : x.spread;
	}
	return x;
}

/* Where the sums' units lie. */
struct units {
	bool whole; /* sums of whole products: the unit is finer by both spreads */
	bool fast; /* neither the scaled sums nor their rounding can leave fp32's range */
	int offset; /* to the exponent fields' sum */
};

static struct units units(const struct extremes *s, const struct extremes *p, int t)
{
	const int most_shift = 7; /* of a significand in 16 bits with its sign */
	struct units u;
	int low = s->low + p->low, high = s->high + p->high;

	u.whole = s->spread <= most_shift && p->spread <= most_shift &&
		  s->spread + p->spread <= t - 7;
	u.offset = -2 * 127 - 7 - (u.whole ? 7 : t);
	if (u.whole)
		low -= s->spread + p->spread;
	u.fast = low + u.offset >= -126 && high + u.offset <= 127 - 31;
	return u;
}

static void fold_slowly(struct fpr_worker *w, const struct chunk_pack *c, uint32_t r, uint32_t q,
			struct units u, vint sum)
{
	int32_t sums[VCOLS] __attribute__((aligned(64)));

	v_store(sums, sum);
	for (uint32_t i = 0; i < VCOLS; i++) {
		int e = c->s_max[r] + c->p_max[q + i] + u.offset;
		float *out = &w->out[r][q + i];

		if (u.whole)
			e -= c->s_spread[r] + c->p_spread[q + i];
		*out = fpr_add_f32(*out, fpr_round_f32(sums[i], e));
	}
}

static void fold_sums(struct fpr_worker *w, const struct chunk_pack *c, uint32_t r, uint32_t q,
		      struct units u, const struct sums *sums)
{
	for (uint32_t v = 0; v < 2; v++, q += VCOLS) {
		vint column = v_load(&c->p_max[q]);

		if (u.whole)
			column = v_sub32(column, v_load(&c->p_spread[q]));
#pragma GCC unroll 8
		for (uint32_t i = 0; i < ROWS_AT_ONCE; i++) {
			int row = c->s_max[r + i] - (u.whole ? c->s_spread[r + i] : 0);
			vint scale = v_add32(column, v_set32(row + u.offset + 127));
			float *out = &w->out[r + i][q];

			if (u.fast)
				v_storef(out, v_fold(v_loadf(out), sums->at[i][v], scale));
			else
				fold_slowly(w, c, r + i, q, u, sums->at[i][v]);
		}
	}
}

static void chunk_values(struct fpr_worker *w, const struct chunk_pack *c)
{
	struct extremes rows[FPR_BLOCK_ROWS / ROWS_AT_ONCE];
	uint64_t firsts[FPR_BLOCK_ROWS / ROWS_AT_ONCE] = {0};

	for (uint32_t r = 0; r < w->rows; r += ROWS_AT_ONCE) {
		rows[r / ROWS_AT_ONCE] = extremes(&c->s_max[r], &c->s_spread[r], ROWS_AT_ONCE);
		if (w->t == FPR_T_MAX)
			firsts[r / ROWS_AT_ONCE] = first_pairs(c, r);
	}
	for (uint32_t q = 0; q < w->cols; q += 2 * VCOLS) {
		struct extremes cols = extremes(&c->p_max[q], &c->p_spread[q], 2 * VCOLS);

		for (uint32_t r = 0; r < w->rows; r += ROWS_AT_ONCE) {
			struct units u = units(&rows[r / ROWS_AT_ONCE], &cols, (int)w->t);
			struct sums sums;

			if (u.whole) {
				sums = sums_whole(c, r, q / VCOLS, w->n);
			} else {
				sums = sums_dropping(c, r, q / VCOLS, w->n);
				add_firsts(c, r, q / VCOLS, firsts[r / ROWS_AT_ONCE], &sums);
			}
			fold_sums(w, c, r, q, u, &sums);
		}
	}
}

/* ---- cycles ------------------------------------------------------------- */

/*
 * More terms are kept the smaller d_p is, so the PE of a row that keeps most
 * terms of a serial value is the one with the least d_p.
 */
static __m128i lane_costs(const struct chunk_pack *c, uint32_t r, uint32_t tc)
{
	vint sum = v_zero();

#pragma GCC unroll 8
	for (uint32_t at = 0; at < FPR_CHUNK; at += VHALVES) {
		vint s = v_add16(v_load(&c->shift[r][at]), v_load(&c->nearest[tc][at]));

		s = v_srlv16(v_load(&c->naf[r][at]), v_max16(s, v_zero()));
		sum = v_add16(sum, v_popcnt16(s));
	}
	return v_fold8(sum);
}

/* One tile; returns the sum of its lanes' cycles. With @halved a lane does two of the eight's. */
static inline uint64_t tile_costs(const struct chunk_pack *c, uint32_t tr, uint32_t tc, bool halved,
				  uint8_t *cost)
{
	const __m128i most = _mm_set1_epi16(255), one = _mm_set1_epi16(1);
	__m128i sum = _mm_setzero_si128();

	for (uint32_t i = 0; i < FPR_ROWS; i++) {
		__m128i lanes = lane_costs(c, tr * FPR_ROWS + i, tc), least;

		sum = _mm_add_epi32(sum, _mm_madd_epi16(lanes, one));
		if (halved)
			lanes = _mm_add_epi16(lanes, _mm_bsrli_si128(lanes, 8));
		least = _mm_minpos_epu16(_mm_sub_epi16(most, lanes));
		cost[i] = (uint8_t)(255 - _mm_extract_epi16(least, 0));
	}
	sum = _mm_hadd_epi32(sum, sum);
	sum = _mm_hadd_epi32(sum, sum);
	return (uint32_t)_mm_cvtsi128_si32(sum);
}

static void chunk_costs(struct fpr_worker *w, const struct chunk_pack *c)
{
	const bool halved = w->lanes == FPR_VALUE_LANES;

	for (uint32_t tr = 0; tr * FPR_ROWS < w->rows; tr++)
		for (uint32_t tc = 0; tc * FPR_COLS < w->cols; tc++)
			w->tally.unit_cost += tile_costs(c, tr, tc, halved, w->cost[0][tr][tc]);
}

static void chunk(struct fpr_worker *w)
{
	struct chunk_pack *c = (void *)w->scratch;

	pack_chunk(w, c);
	chunk_values(w, c);
	if (!w->count)
		return;
	chunk_costs(w, c);
	for (uint32_t limit = 0; limit < LIMITS; limit++)
		w->tally.issued += count_product(&c->terms_at[limit], &c->within[limit]);
	w->tally.effectual += count_product(&c->terms, &c->columns);
}

#endif
