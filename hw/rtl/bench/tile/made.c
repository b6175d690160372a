/* SPDX-License-Identifier: MIT */
/* Tiles made up: random ones of every kind of density and range, and those meant to hurt. */
#include "case.h"

#include <string.h>

#include "fp32.h"

static uint64_t state;

/* xorshift64*: the same tiles on every machine. */
static uint32_t any(void)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (uint32_t)((state * 0x2545f4914f6cdd1dull) >> 32);
}

static uint32_t below(uint32_t n)
{
	return any() % n;
}

/* How the values of a tile are drawn. */
struct recipe {
	const char *name;
	uint32_t k_min, k_max;
	uint32_t exp_low, exp_span; /* exponent fields from .. to .. + span - 1 */
	uint32_t zeros; /* of 256 values */
	uint32_t specials; /* of 65536 */
	uint32_t frac_or; /* set in every fraction: 127 makes all significands 255 */
	uint32_t idle_rows; /* of 8 rows, those that are all zeros */
	uint32_t idle_cols;
	uint32_t starved;
	uint32_t cancels; /* neighbouring products annul one another */
};

static const struct recipe recipes[] = {
	/* name, k, exponents, zeros, specials, frac, idle rows, cols, starved, cancels */
	{"near", 1, 200, 120, 10, 0, 0, 0, 0, 0, 0, 0},
	{"wide", 1, 200, 100, 50, 40, 0, 0, 0, 0, 0, 0},
	{"whole range", 1, 200, 1, 254, 10, 0, 0, 0, 0, 0, 0},
	{"sparse", 64, 700, 115, 20, 200, 0, 0, 0, 0, 0, 0},
	{"nearly empty", 600, 1500, 120, 8, 254, 0, 0, 0, 0, 0, 0},
	{"all zero", 1, 1500, 120, 8, 256, 0, 0, 0, 0, 0, 0},
	{"longest terms", 1, 300, 127, 1, 0, 0, 127, 0, 0, 0, 0},
	{"largest", 1, 300, 250, 5, 0, 0, 64, 0, 0, 0, 0},
	{"smallest", 1, 300, 1, 6, 0, 0, 0, 0, 0, 0, 0},
	{"products near 2^-126", 1, 200, 52, 24, 20, 0, 0, 0, 0, 0, 0},
	{"specials", 1, 60, 110, 40, 128, 400, 0, 0, 0, 0, 0},
	{"a special", 1, 300, 110, 40, 100, 40, 0, 0, 0, 0, 0},
	{"idle rows", 100, 900, 118, 14, 90, 0, 0, 6, 0, 0, 0},
	{"one busy row", 100, 900, 118, 14, 10, 0, 0, 7, 0, 0, 0},
	{"idle columns", 100, 900, 118, 14, 90, 0, 0, 0, 6, 0, 0},
	{"starved", 1, 900, 118, 14, 128, 0, 0, 3, 0, 1, 0},
	{"cancelling", 2, 300, 100, 50, 20, 0, 0, 0, 0, 0, 1},
	{"sets of 5 terms", 1, 300, 120, 6, 100, 0, 85, 0, 0, 0, 0},
	{"long", CASE_K_MAX - 148, CASE_K_MAX, 110, 25, 120, 0, 0, 2, 0, 0, 0},
};

#define RECIPES (sizeof(recipes) / sizeof(recipes[0]))
#define ROUNDS 16 /* of each, one for every T */

uint32_t case_count(void)
{
	return RECIPES * ROUNDS;
}

static uint16_t draw(const struct recipe *recipe)
{
	uint32_t sign = below(2) << 15;
	uint32_t field = recipe->exp_low + below(recipe->exp_span);
	uint32_t frac = below(128) | recipe->frac_or;

	if (below(65536) < recipe->specials)
		return (uint16_t)(sign | 0x7f80u | (below(2) ? frac : 0u));
	if (below(256) < recipe->zeros)
		return (uint16_t)(sign | (below(4) == 0u ? frac : 0u)); /* subnormals, too */
	return (uint16_t)(sign | field << 7 | frac);
}

static void draw_line(const struct recipe *recipe, uint32_t k, uint32_t idle, uint16_t *line)
{
	memset(line, 0, CASE_K_MAX * sizeof(*line));
	for (uint32_t i = 0; i < k && !idle; i++)
		line[i] = draw(recipe);
}

/* C in as it is read: any finite value near the sums, sometimes a special one. */
static uint32_t draw_c(const struct recipe *recipe)
{
	uint32_t field = 2u * recipe->exp_low + below(2u * recipe->exp_span);
	uint32_t what = below(16);

	field = field > 127u ? field - 127u : 0u;
	if (what == 0u)
		return fpr_fp32_read(any());
	if (what == 1u)
		return below(2) ? 0u : FPR_FP32_SIGN;
	if (what == 2u)
		return FPR_FP32_INF | (below(2) << 31);
	return fpr_fp32_read(below(2) << 31 | (field & 0xffu) << 23 | (any() & 0x7fffffu));
}

static void cancel(struct tile_case *tile)
{
	for (uint32_t i = 0; i + 1 < tile->k; i += 2) {
		for (uint32_t r = 0; r < FPR_ROWS; r++)
			tile->s[r][i + 1] = tile->s[r][i];
		for (uint32_t c = 0; c < FPR_COLS; c++)
			tile->p[c][i + 1] = tile->p[c][i] ^ 0x8000u;
	}
}

void case_make(uint32_t i, struct tile_case *tile)
{
	const struct recipe *recipe = &recipes[i / ROUNDS];
	uint32_t accumulate = i & 1u;

	state = 0x9e3779b97f4a7c15ull * (i + 1u);
	tile->name = recipe->name;
	tile->t = i % ROUNDS;
	tile->k = recipe->k_min + below(recipe->k_max - recipe->k_min + 1u);
	tile->k = tile->k < CASE_K_MAX ? tile->k : CASE_K_MAX;
	tile->starved = recipe->starved;
	for (uint32_t r = 0; r < FPR_ROWS; r++)
		draw_line(recipe, tile->k, below(8) < recipe->idle_rows, tile->s[r]);
	for (uint32_t c = 0; c < FPR_COLS; c++)
		draw_line(recipe, tile->k, below(8) < recipe->idle_cols, tile->p[c]);
	for (uint32_t r = 0; r < FPR_ROWS; r++)
		for (uint32_t c = 0; c < FPR_COLS; c++)
			tile->c_in[r][c] = accumulate ? draw_c(recipe) : 0u;
	if (recipe->cancels)
		cancel(tile);
}
