/* SPDX-License-Identifier: MIT */
#include "golden_model.h"

#define UNIT_BELOW 22 /* 7 + T, T = 15 */

/* One product, cut toward zero to a multiple of 2^unit. */
static void add_cut(mpz_t sum, const struct golden_value *s, const struct golden_value *p, int unit)
{
	unsigned long drop = (unsigned long)(unit + GOLDEN_FRACTION);
	mpz_t product;

	if (!golden_effectual(s, p))
		return;
	mpz_init_set_si(product, s->sign * p->sign * s->m * p->m);
	mpz_mul_2exp(product, product, (unsigned long)(s->e + p->e - 14 + GOLDEN_FRACTION));
	mpz_tdiv_q_2exp(product, product, drop);
	mpz_mul_2exp(product, product, drop);
	mpz_add(sum, sum, product);
	mpz_clear(product);
}

int golden_dense_chunk(const uint16_t *s, const uint16_t *p, uint32_t n, mpz_t sum)
{
	struct golden_value sv[FPR_CHUNK], pv[FPR_CHUNK];
	int es = 0, ep = 0, some_s = 0, some_p = 0;

	mpz_set_ui(sum, 0);
	for (uint32_t i = 0; i < n; i++) {
		golden_decode(s[i], &sv[i]);
		golden_decode(p[i], &pv[i]);
		if (sv[i].class == GOLDEN_FINITE && (!some_s++ || sv[i].e > es))
			es = sv[i].e;
		if (pv[i].class == GOLDEN_FINITE && (!some_p++ || pv[i].e > ep))
			ep = pv[i].e;
	}
	if (!some_s || !some_p)
		return 0;
	for (uint32_t i = 0; i < n; i++)
		add_cut(sum, &sv[i], &pv[i], es + ep - UNIT_BELOW);
	return es + ep;
}

int32_t golden_dense_chunk_units(const uint16_t *s, const uint16_t *p, uint32_t n)
{
	int32_t units;
	mpz_t sum;
	int emax;

	mpz_init(sum);
	emax = golden_dense_chunk(s, p, n, sum);
	mpz_tdiv_q_2exp(sum, sum, (unsigned long)(emax - UNIT_BELOW + GOLDEN_FRACTION));
	units = (int32_t)mpz_get_si(sum);
	mpz_clear(sum);
	return units;
}
