/* SPDX-License-Identifier: MIT */
#include "threshold.h"

#include <math.h>
#include <string.h>

#include "bf16.h"
#include "naf.h"

/* fprtrain's WIDTH_BOUND. */
#define BOUND (1.0 / 64)

/* How far below the largest product a term is: -1 (p = 8) to T. */
#define DEPTHS (THRESHOLDS + 1)

/* Return: the largest exponent field of a vector's chunk, 0 without any. */
static uint32_t largest(const uint16_t *x, uint32_t n)
{
	uint32_t most = 0;

	for (uint32_t i = 0; i < n; i++)
		if (fpr_bf16_is_effectual(x[i]) && FPR_BF16_EXP(x[i]) > most)
			most = FPR_BF16_EXP(x[i]);
	return most;
}

/* One product's terms, in units of its own depth. */
static void add_terms(uint16_t s, uint16_t p, uint32_t distance, int32_t sum[DEPTHS])
{
	uint32_t mag = fpr_bf16_significand(s);
	uint32_t terms = fpr_naf_terms(mag), negative = fpr_naf_negative(mag);
	int32_t value = (int32_t)fpr_bf16_significand(p);

	if (FPR_BF16_SIGN(s) != FPR_BF16_SIGN(p))
		value = -value;
	for (uint32_t place = FPR_NAF_DIGITS; place-- > 0;) {
		uint32_t depth = distance + FPR_NAF_DIGITS - 1 - place;

		if (depth >= DEPTHS)
			break;
		if (terms >> place & 1)
			sum[depth] += negative >> place & 1 ? -value : value;
	}
}

/* What the terms of each depth add to one element of the result. */
static void add_chunk(const uint16_t *s, const uint16_t *p, uint32_t n, double part[DEPTHS])
{
	uint32_t s_most = largest(s, n), p_most = largest(p, n);
	int32_t sum[DEPTHS] = {0};

	for (uint32_t i = 0; i < n; i++)
		if (fpr_bf16_is_effectual(s[i]) && fpr_bf16_is_effectual(p[i]))
			add_terms(s[i], p[i],
				  s_most - FPR_BF16_EXP(s[i]) + p_most - FPR_BF16_EXP(p[i]), sum);
	for (int depth = 0; depth < DEPTHS; depth++)
		part[depth] += ldexp(sum[depth], (int)(s_most + p_most) - 254 - 14 + 8 - depth);
}

static void add_element(struct losses *losses, const uint16_t *s, const uint16_t *p, uint32_t k)
{
	double part[DEPTHS] = {0}, lacks = 0;

	for (uint32_t first = 0; first < k; first += TILE_CHUNK)
		add_chunk(s + first, p + first, k - first < TILE_CHUNK ? k - first : TILE_CHUNK,
			  part);
	for (int t = THRESHOLDS - 1; t >= 0; t--) {
		losses->lost[t] += lacks * lacks;
		lacks += part[t + 1];
	}
	lacks += part[0];
	losses->norm += lacks * lacks;
}

void threshold_measure(struct losses *losses, const struct tile *tile, int side)
{
	for (uint32_t r = 0; r < tile->rows[side]; r++)
		for (uint32_t c = 0; c < tile->rows[!side]; c++)
			add_element(losses, tile->x[side][r], tile->x[!side][c], tile->k);
}

int threshold_choose(const struct losses *losses)
{
	int t = THRESHOLDS - 1;

	while (t > 0 && losses->lost[t - 1] <= BOUND * BOUND * losses->norm)
		t--;
	return t;
}
