/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "operand.h"
#include "engine.h"
#include "fold.h"

/*
 * The kernels in plain C, close to the contract's text: one product at a time.
 */

struct product {
	uint32_t naf; /* positions of the serial significand's terms */
	uint32_t three; /* three times it: with it, the terms' signs */
	uint32_t m;
	int32_t parallel; /* signed with the product's sign */
	int e; /* sum of the exponent fields */
};

static struct product product(uint16_t x, uint16_t y)
{
	struct product p = {.e = 0};

	if (!x || !y)
		return p;
	p.m = fpr_value_significand(x);
	p.three = 3 * p.m;
	p.naf = fpr_naf_mask(p.m);
	p.parallel = (int32_t)fpr_value_significand(y);
	if ((x ^ y) & 0x8000)
		p.parallel = -p.parallel;
	p.e = (int)(fpr_value_field(x) + fpr_value_field(y));
	return p;
}

/* Terms at positions >= 7 - (t - d), the lowest kept one; none when d > t + 1. */
static uint32_t kept_terms(const struct product *p, int d, int t)
{
	int cut = d + 7 - t;

	if (cut > 8)
		return 0;
	return cut > 0 ? p->naf >> cut << cut : p->naf;
}

/* The kept terms' value in units of 2^(emax-7-t). */
static int32_t kept_value(const struct product *p, int d, int t)
{
	int cut = d + 7 - t;
	int32_t q;

	if (cut > 8)
		return 0;
	if (cut < 0)
		return p->parallel * ((int32_t)p->m << -cut);
	q = (int32_t)(p->three >> (cut + 1)) - (int32_t)(p->m >> (cut + 1));
	return p->parallel * q;
}

static uint32_t count(uint32_t mask)
{
	return (uint32_t)__builtin_popcount(mask);
}

/* ---- chunk, value ------------------------------------------------------- */

static int largest_field(const uint16_t *x)
{
	uint32_t most = 0;

	for (uint32_t k = 0; k < FPR_CHUNK; k++)
		most = fpr_value_field(x[k]) > most ? fpr_value_field(x[k]) : most;
	return (int)most;
}

struct chunk_scratch {
	uint8_t s_max[FPR_BLOCK_ROWS], p_max[FPR_BLOCK_COLS];
	uint8_t cost[FPR_CHUNK]; /* of each serial value of a row, for one tile */
};

static void chunk_output(struct fpr_worker *w, struct chunk_scratch *scratch, uint32_t r,
			 uint32_t q)
{
	int emax = scratch->s_max[r] + scratch->p_max[q], t = (int)w->t;
	int32_t sum = 0;

	for (uint32_t k = 0; k < w->n; k++) {
		struct product p = product(w->s[r][k], w->p[q][k]);
		uint32_t kept;

		if (!p.parallel)
			continue;
		sum += kept_value(&p, emax - p.e, t);
		if (!w->count)
			continue;
		kept = count(kept_terms(&p, emax - p.e, t));
		w->tally.issued += kept;
		w->tally.effectual += count(p.naf);
		if (kept > scratch->cost[k])
			scratch->cost[k] = (uint8_t)kept;
	}
	w->out[r][q] =
		fpr_add_f32(w->out[r][q], fpr_round_f32(sum, emax - 2 * FPR_BF16_BIAS - 7 - t));
}

static uint8_t lane_costs(struct fpr_worker *w, const uint8_t *cost)
{
	uint8_t lane[FPR_LANES] = {0}, most = 0;

	for (uint32_t k = 0; k < FPR_CHUNK; k++)
		lane[k % w->lanes] += cost[k];
	for (uint32_t i = 0; i < w->lanes; i++) {
		w->tally.unit_cost += lane[i];
		most = lane[i] > most ? lane[i] : most;
	}
	return most;
}

static void chunk(struct fpr_worker *w)
{
	struct chunk_scratch *scratch = (void *)w->scratch;

	for (uint32_t r = 0; r < w->rows; r++)
		scratch->s_max[r] = (uint8_t)largest_field(w->s[r]);
	for (uint32_t q = 0; q < w->cols; q++)
		scratch->p_max[q] = (uint8_t)largest_field(w->p[q]);
	memset(w->cost[0], 0, sizeof(w->cost[0]));
	for (uint32_t r = 0; r < w->rows; r++) {
		for (uint32_t q = 0; q < w->cols; q++) {
			if (q % FPR_COLS == 0)
				memset(scratch->cost, 0, sizeof(scratch->cost));
			chunk_output(w, scratch, r, q);
			if (q % FPR_COLS == FPR_COLS - 1 || q == w->cols - 1)
				w->cost[0][r / FPR_ROWS][q / FPR_COLS][r % FPR_ROWS] =
					lane_costs(w, scratch->cost);
		}
	}
}

/* ---- set and dense ------------------------------------------------------ */

/* value 2^unit, in the fields' terms (biased twice); 13 significant bits between sets. */
struct accumulator {
	int64_t value;
	int unit;
};

static int top_bit(int64_t x)
{
	return 63 - __builtin_clzll((uint64_t)(x < 0 ? -x : x));
}

static void round_13(struct accumulator *acc)
{
	uint64_t x = (uint64_t)(acc->value < 0 ? -acc->value : acc->value);
	int drop = x ? top_bit((int64_t)x) - 12 : 0;
	bool negative = acc->value < 0;

	if (drop <= 0)
		return;
	x = (x + (1ull << (drop - 1)) - 1 + ((x >> drop) & 1)) >> drop;
	acc->value = negative ? -(int64_t)x : (int64_t)x;
	acc->unit += drop;
}

/* Drops magnitude bits below @unit. */
static void align(struct accumulator *acc, int unit)
{
	int drop = unit - acc->unit;

	if (!acc->value)
		drop = 0;
	else if (drop > 62)
		acc->value = 0;
	else if (drop > 0)
		acc->value = acc->value < 0 ? -(-acc->value >> drop) : acc->value >> drop;
	else
		acc->value = acc->value * (1ll << -drop);
	acc->unit = unit;
}

/* The largest exponent, in the fields' terms (biased twice); INT32_MIN when none. */
static int set_emax(const struct product *p, const struct accumulator *acc)
{
	int emax = INT32_MIN;

	for (uint32_t i = 0; i < FPR_SET; i++)
		if (p[i].parallel && p[i].e > emax)
			emax = p[i].e;
	if (emax != INT32_MIN && acc->value && top_bit(acc->value) + acc->unit > emax)
		emax = top_bit(acc->value) + acc->unit;
	return emax;
}

/* The cycles a PE takes for its lanes' pending terms: bit k+1 for alignment k. */
static uint32_t set_cycles(uint32_t *pending, uint64_t *pending_cycles)
{
	const uint32_t window = (2u << FPR_WINDOW) - 1;
	uint32_t cycles = 0;

	for (;;) {
		uint32_t any = 0, reach;

		for (uint32_t i = 0; i < FPR_SET; i++)
			any |= pending[i];
		if (!any)
			return cycles;
		reach = (any & -any) * window;
		for (uint32_t i = 0; i < FPR_SET; i++) {
			*pending_cycles += pending[i] != 0;
			pending[i] &= ~(pending[i] & -pending[i] & reach);
		}
		cycles++;
	}
}

static uint32_t reverse(uint32_t naf)
{
	uint32_t out = 0;

	for (int p = 0; p <= 8; p++)
		out |= ((naf >> p) & 1) << (8 - p);
	return out;
}

/* Counts the terms of a set and plays its cycles. */
static uint32_t set_counts(struct fpr_worker *w, const struct product *p, int emax)
{
	uint32_t pending[FPR_SET] = {0};

	for (uint32_t i = 0; i < FPR_SET; i++) {
		int d = emax - p[i].e;
		uint32_t kept = p[i].parallel ? kept_terms(&p[i], d, (int)w->t) : 0;

		if (kept)
			pending[i] = reverse(kept) << d;
		w->tally.issued += count(kept);
		w->tally.effectual += count(p[i].naf);
	}
	return set_cycles(pending, &w->tally.pending);
}

static uint32_t set_step(struct fpr_worker *w, const struct product *p, struct accumulator *acc)
{
	int emax = set_emax(p, acc), t = (int)w->t;

	if (emax == INT32_MIN)
		return 0;
	align(acc, emax - 7 - t);
	for (uint32_t i = 0; i < FPR_SET; i++)
		if (p[i].parallel)
			acc->value += kept_value(&p[i], emax - p[i].e, t);
	round_13(acc);
	return w->count ? set_counts(w, p, emax) : 0;
}

static uint32_t dense_step(struct fpr_worker *w, const struct product *p, struct accumulator *acc)
{
	const int reach = 24; /* alignment beyond which a product is dropped */
	int emax = set_emax(p, acc);

	(void)w;
	if (emax == INT32_MIN)
		return 0;
	align(acc, emax - 14 - reach);
	for (uint32_t i = 0; i < FPR_SET; i++)
		if (p[i].parallel && emax - p[i].e <= reach)
			acc->value += (int64_t)p[i].m * p[i].parallel *
				      (1ll << (reach - (emax - p[i].e)));
	round_13(acc);
	return 0;
}

typedef uint32_t step_fn(struct fpr_worker *w, const struct product *p, struct accumulator *acc);

static void sets_output(struct fpr_worker *w, step_fn *step, uint32_t r, uint32_t q)
{
	struct accumulator acc = {0, 0};

	for (uint32_t set = 0; set * FPR_SET < w->n; set++) {
		uint8_t *row = &w->cost[set][r / FPR_ROWS][q / FPR_COLS][r % FPR_ROWS];
		struct product p[FPR_SET];
		uint32_t cycles;

		for (uint32_t i = 0; i < FPR_SET; i++)
			p[i] = product(w->s[r][set * FPR_SET + i], w->p[q][set * FPR_SET + i]);
		cycles = step(w, p, &acc);
		w->tally.unit_cost += cycles;
		if (cycles > *row)
			*row = (uint8_t)cycles;
	}
	w->out[r][q] = fpr_add_f32(w->out[r][q],
				   fpr_round_f32((int32_t)acc.value, acc.unit - 2 * FPR_BF16_BIAS));
}

static void sets(struct fpr_worker *w, step_fn *step)
{
	memset(w->cost, 0, sizeof(w->cost));
	for (uint32_t r = 0; r < w->rows; r++)
		for (uint32_t q = 0; q < w->cols; q++)
			sets_output(w, step, r, q);
}

static void set(struct fpr_worker *w)
{
	sets(w, set_step);
}

static void dense(struct fpr_worker *w)
{
	sets(w, dense_step);
}

static void group_range(const uint16_t *x, uint64_t step, uint32_t *low, uint32_t *high)
{
	*low = UINT16_MAX;
	*high = 0;
	for (uint32_t o = 0; o < FPR_GROUP_ROWS; o++) {
		for (uint32_t i = 0; i < FPR_BLOCK; i++) {
			uint32_t field = fpr_value_field(x[o * step + i]);

			*low = field && field < *low ? field : *low;
			*high = field > *high ? field : *high;
		}
	}
}

const struct fpr_isa_ops fpr_ops_portable = {{chunk, set, dense, chunk}, group_range};
