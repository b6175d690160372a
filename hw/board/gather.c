/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>

#include "operand.h"
#include "engine.h"

static void gather_rows(const struct fpr_view *v, const uint16_t *x, uint32_t rows, uint32_t n,
			uint16_t (*raw)[FPR_CHUNK])
{
	for (uint32_t r = 0; r < rows; r++) {
		memcpy(raw[r], x + r * v->row_step, n * sizeof(**raw));
		memset(raw[r] + n, 0, (FPR_CHUNK - n) * sizeof(**raw));
	}
}

static void gather_columns(const struct fpr_view *v, const uint16_t *x, uint32_t rows, uint32_t n,
			   uint16_t (*raw)[FPR_CHUNK])
{
	for (uint32_t k = 0; k < n; k++)
		for (uint32_t r = 0; r < rows; r++)
			raw[r][k] = x[k * v->k_step + r];
	for (uint32_t r = 0; r < rows; r++)
		memset(raw[r] + n, 0, (FPR_CHUNK - n) * sizeof(**raw));
}

void fpr_gather(const struct fpr_view *v, const uint16_t *x, uint32_t rows, uint32_t n,
		uint16_t (*raw)[FPR_CHUNK], uint8_t *special)
{
	if (v->k_inner)
		gather_rows(v, x, rows, n, raw);
	else
		gather_columns(v, x, rows, n, raw);
	for (uint32_t r = 0; r < rows; r++) {
		uint16_t found = 0;

		for (uint32_t k = 0; k < FPR_CHUNK; k++) {
			uint16_t field = raw[r][k] & 0x7f80;
			uint16_t is_special = field == 0x7f80;

			found |= is_special;
			raw[r][k] = (is_special | (field == 0)) ? 0 : raw[r][k];
		}
		special[r] |= (uint8_t)found;
	}
}

float fpr_special_sum(const struct fpr_run *run, uint64_t entry, uint64_t row, uint64_t col)
{
	const uint16_t *s = run->s.x + entry * run->s.batch_step + row * run->s.row_step;
	const uint16_t *p = run->p.x + entry * run->p.batch_step + col * run->p.row_step;
	bool infinite[2] = {false, false};

	for (uint32_t k = 0; k < run->k; k++) {
		uint16_t x = s[k * run->s.k_step], y = p[k * run->p.k_step];

		if (!fpr_value_is_special(x) && !fpr_value_is_special(y))
			continue;
		if (fpr_value_is_nan(x) || fpr_value_is_nan(y) || fpr_value_is_zero(x) ||
		    fpr_value_is_zero(y))
			return NAN;
		infinite[(x ^ y) >> 15] = true;
	}
	if (infinite[0] && infinite[1])
		return NAN;
	return infinite[0] ? INFINITY : infinite[1] ? -INFINITY : 0;
}
