/* SPDX-License-Identifier: MIT */
#include "golden_model.h"

/* Significand bits of the accumulator of `set` and `dense`. */
#define ACC_BITS 13

/* `dense`: alignment of the accumulator, and the furthest product that enters. */
#define DENSE_UNIT 38
#define DENSE_REACH 24

#define F32_INF 0x7f800000u
#define F32_MINUS_INF 0xff800000u

static uint32_t smaller(uint32_t x, uint32_t y)
{
	return x < y ? x : y;
}

uint32_t golden_unit(unsigned int kind)
{
	return kind == FPR_KIND_CHUNK || kind == FPR_KIND_VALUE ? FPR_CHUNK : FPR_SET;
}

uint32_t golden_units(unsigned int kind, uint32_t k)
{
	return (k + golden_unit(kind) - 1) / golden_unit(kind);
}

int golden_effectual(const struct golden_value *s, const struct golden_value *p)
{
	return s->class == GOLDEN_FINITE && p->class == GOLDEN_FINITE;
}

int golden_distance(const struct golden_value *s, const struct golden_value *p, int emax, int term)
{
	return (emax - (s->e + p->e)) + (7 - s->position[term]);
}

int golden_kept(const struct golden_value *s, const struct golden_value *p, int emax, int t)
{
	int kept = 0;

	if (!golden_effectual(s, p))
		return 0;
	while (kept < s->terms && golden_distance(s, p, emax, kept) <= t)
		kept++;
	return kept;
}

/* Adds what one product keeps, term by term. */
static void add_terms(mpz_t acc, const struct golden_value *s, const struct golden_value *p,
		      int emax, int t, struct fpr_gemm_counters *counters)
{
	int kept = golden_kept(s, p, emax, t);
	mpz_t term;

	if (!golden_effectual(s, p))
		return;
	mpz_init(term);
	for (int i = 0; i < kept; i++) {
		int k = golden_distance(s, p, emax, i);

		mpz_set_si(term, s->sign * p->sign * s->digit[i] * p->m);
		mpz_mul_2exp(term, term, (unsigned long)(emax - 7 - k + GOLDEN_FRACTION));
		mpz_add(acc, acc, term);
	}
	mpz_clear(term);
	counters->terms_issued += (uint64_t)kept;
	counters->terms_skipped_oob += (uint64_t)(s->terms - kept);
}

/* Adds a whole product. */
static void add_product(mpz_t acc, const struct golden_value *s, const struct golden_value *p)
{
	mpz_t product;

	mpz_init_set_si(product, s->sign * p->sign * s->m * p->m);
	mpz_mul_2exp(product, product, (unsigned long)(s->e + p->e - 14 + GOLDEN_FRACTION));
	mpz_add(acc, acc, product);
	mpz_clear(product);
}

/* Largest exponent among the finite non-zero values of a vector. */
static int32_t largest_exponent(const struct golden_value *v, uint32_t n)
{
	int32_t largest = GOLDEN_NO_ALIGNMENT;

	for (uint32_t i = 0; i < n; i++)
		if (v[i].class == GOLDEN_FINITE && v[i].e > largest)
			largest = v[i].e;
	return largest;
}

static int32_t sum_chunk(mpz_t acc, const struct golden_value *s, const struct golden_value *p,
			 uint32_t n, int t, struct fpr_gemm_counters *counters)
{
	int32_t es = largest_exponent(s, n), ep = largest_exponent(p, n);

	if (es == GOLDEN_NO_ALIGNMENT || ep == GOLDEN_NO_ALIGNMENT)
		return GOLDEN_NO_ALIGNMENT;
	for (uint32_t i = 0; i < n; i++)
		add_terms(acc, &s[i], &p[i], es + ep, t, counters);
	return es + ep;
}

/* The set's emax: effectual products, and the accumulator when it is not zero. */
static int32_t set_alignment(const mpz_t acc, const struct golden_value *s,
			     const struct golden_value *p, uint32_t n)
{
	int32_t emax = GOLDEN_NO_ALIGNMENT;
	int32_t acc_e;

	for (uint32_t i = 0; i < n; i++)
		if (golden_effectual(&s[i], &p[i]) && s[i].e + p[i].e > emax)
			emax = s[i].e + p[i].e;
	if (emax == GOLDEN_NO_ALIGNMENT || mpz_sgn(acc) == 0)
		return emax;
	acc_e = (int32_t)mpz_sizeinbase(acc, 2) - 1 - GOLDEN_FRACTION;
	return acc_e > emax ? acc_e : emax;
}

/* Drops magnitude bits below 2^exponent. */
static void truncate_below(mpz_t acc, int exponent)
{
	unsigned long drop = (unsigned long)(exponent + GOLDEN_FRACTION);

	mpz_tdiv_q_2exp(acc, acc, drop);
	mpz_mul_2exp(acc, acc, drop);
}

static int32_t sum_set(mpz_t acc, const struct golden_value *s, const struct golden_value *p,
		       uint32_t n, int t, struct fpr_gemm_counters *counters)
{
	int32_t emax = set_alignment(acc, s, p, n);

	if (emax == GOLDEN_NO_ALIGNMENT)
		return emax;
	truncate_below(acc, emax - 7 - t);
	for (uint32_t i = 0; i < n; i++)
		add_terms(acc, &s[i], &p[i], emax, t, counters);
	golden_round_bits(acc, ACC_BITS);
	return emax;
}

static int32_t sum_dense(mpz_t acc, const struct golden_value *s, const struct golden_value *p,
			 uint32_t n)
{
	int32_t emax = set_alignment(acc, s, p, n);

	if (emax == GOLDEN_NO_ALIGNMENT)
		return emax;
	truncate_below(acc, emax - DENSE_UNIT);
	for (uint32_t i = 0; i < n; i++)
		if (golden_effectual(&s[i], &p[i]) && emax - (s[i].e + p[i].e) <= DENSE_REACH)
			add_product(acc, &s[i], &p[i]);
	golden_round_bits(acc, ACC_BITS);
	return emax;
}

/* One chunk's exact or rounded sum; notes the alignment of its sets or of itself. */
static void sum(mpz_t acc, const struct fpr_gemm *job, const struct golden_value *s,
		const struct golden_value *p, uint32_t n, int32_t *align,
		struct fpr_gemm_counters *counters)
{
	uint32_t unit = golden_unit(job->kind);

	mpz_set_ui(acc, 0);
	for (uint32_t i = 0; i < n; i += unit) {
		uint32_t count = smaller(unit, n - i);

		switch (job->kind) {
		case FPR_KIND_CHUNK:
		case FPR_KIND_VALUE:
			align[i / unit] = sum_chunk(acc, s + i, p + i, count, job->t, counters);
			break;
		case FPR_KIND_SET:
			align[i / unit] = sum_set(acc, s + i, p + i, count, job->t, counters);
			break;
		default:
			align[i / unit] = sum_dense(acc, s + i, p + i, count);
			break;
		}
	}
}

/* What the products give when one is NaN or infinite; +0: none is. */
static uint32_t special(const struct golden_value *s, const struct golden_value *p, uint32_t n)
{
	int plus = 0, minus = 0;

	for (uint32_t i = 0; i < n; i++) {
		if (s[i].class == GOLDEN_NAN || p[i].class == GOLDEN_NAN)
			return GOLDEN_NAN_F32;
		if (s[i].class != GOLDEN_INF && p[i].class != GOLDEN_INF)
			continue;
		if (s[i].class == GOLDEN_ZERO || p[i].class == GOLDEN_ZERO)
			return GOLDEN_NAN_F32;
		if (s[i].sign == p[i].sign)
			plus = 1;
		else
			minus = 1;
	}
	if (plus && minus)
		return GOLDEN_NAN_F32;
	if (plus)
		return F32_INF;
	return minus ? F32_MINUS_INF : 0;
}

uint32_t golden_dot(const struct fpr_gemm *job, const struct golden_value *s,
		    const struct golden_value *p, uint32_t c, int32_t *align,
		    struct fpr_gemm_counters *counters)
{
	uint32_t value = special(s, p, job->k);
	uint32_t out = c;
	mpz_t acc;

	mpz_init(acc);
	for (uint32_t i = 0; i < job->k; i += FPR_CHUNK) {
		sum(acc, job, s + i, p + i, smaller(FPR_CHUNK, job->k - i),
		    align + i / golden_unit(job->kind), counters);
		out = golden_add_f32(out, golden_round_f32(acc));
	}
	mpz_clear(acc);
	return value ? golden_add_f32(c, value) : out;
}
