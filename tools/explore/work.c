/* SPDX-License-Identifier: MIT */
#include "work.h"

#include <string.h>

#include "bf16.h"
#include "naf.h"

static void decode_line(const uint16_t *x, uint32_t n, uint8_t mag[], uint8_t distance[],
			uint8_t negative[])
{
	uint32_t most = 0;

	for (uint32_t i = 0; i < n; i++)
		if (fpr_bf16_is_effectual(x[i]) && FPR_BF16_EXP(x[i]) > most)
			most = FPR_BF16_EXP(x[i]);
	for (uint32_t i = 0; i < n; i++) {
		mag[i] = (uint8_t)fpr_bf16_significand(x[i]);
		distance[i] = (uint8_t)(mag[i] ? most - FPR_BF16_EXP(x[i]) : 0);
		negative[i] = (uint8_t)FPR_BF16_SIGN(x[i]);
	}
}

void chunk_load(struct chunk *chunk, const struct tile *tile, int side, uint32_t number, int t)
{
	uint32_t first = number * TILE_CHUNK;

	chunk->n = tile->k - first < TILE_CHUNK ? tile->k - first : TILE_CHUNK;
	chunk->t = t;
	for (uint32_t r = 0; r < TILE_SIDE; r++) {
		decode_line(&tile->x[side][r][first], chunk->n, chunk->serial[r].mag,
			    chunk->serial[r].distance, chunk->serial[r].negative);
		decode_line(&tile->x[!side][r][first], chunk->n, chunk->parallel[r].mag,
			    chunk->parallel[r].distance, chunk->parallel[r].negative);
	}
}

/* The columns' distances for one product: the least, the largest, how many. */
struct reach {
	int near, far;
	uint32_t users;
};

static struct reach reach_of(const struct chunk *chunk, uint32_t columns, uint32_t i)
{
	struct reach reach = {255, 0, 0};

	for (uint32_t c = 0; c < TILE_SIDE; c++) {
		int distance = chunk->parallel[c].distance[i];

		if (!(columns >> c & 1) || !chunk->parallel[c].mag[i])
			continue;
		reach.near = distance < reach.near ? distance : reach.near;
		reach.far = distance > reach.far ? distance : reach.far;
		reach.users++;
	}
	return reach;
}

/* The places whose weight is at most @most, for a value @distance below the row's largest. */
static int lowest_place(int distance, int most)
{
	return distance + 7 - most;
}

/* The integer that some of a significand's terms add up to. */
static int sum_of(uint32_t terms, uint32_t negative)
{
	return (int)(terms & ~negative) - (int)(terms & negative);
}

static void add(struct work *work, uint32_t product, int place, int multiple, int distance)
{
	work->digit[work->count++] = (struct digit){
		(uint8_t)product, (uint8_t)place, (int8_t)multiple, (int8_t)(distance + 7 - place)};
}

/* Digits 1, 3, ... below 2^(width - 1) of an integer, most significant first. */
static void add_odd(struct work *work, uint32_t product, int value, int width, int distance)
{
	int place[5], multiple[5], count = 0, span = 1 << width;

	for (int p = 0; value; p++, value /= 2) {
		int m = value & (span - 1);

		if (!(value & 1))
			continue;
		m = m >= span / 2 ? m - span : m;
		place[count] = p;
		multiple[count++] = m;
		value -= m;
	}
	while (count--)
		add(work, product, place[count], multiple[count], distance);
}

static void add_terms(struct work *work, uint32_t product, uint32_t terms, uint32_t negative,
		      int distance)
{
	for (int p = FPR_NAF_DIGITS - 1; p >= 0; p--)
		if (terms >> p & 1)
			add(work, product, p, negative >> p & 1 ? -1 : 1, distance);
}

static void add_product(struct work *work, const struct chunk *chunk, uint32_t row, uint32_t i,
			const struct reach *reach, enum work_recoding recoding)
{
	uint32_t mag = chunk->serial[row].mag[i];
	uint32_t terms = fpr_naf_terms(mag), negative = fpr_naf_negative(mag);
	int distance = chunk->serial[row].distance[i];
	uint32_t kept = fpr_naf_prefix(terms, lowest_place(distance, chunk->t - reach->near));
	uint32_t common = fpr_naf_prefix(terms, lowest_place(distance, chunk->t - reach->far));

	if (recoding == WORK_WHOLE) {
		if (kept)
			add(work, i, (int)fpr_msb(kept), 0, distance);
		return;
	}
	if (recoding == WORK_NAF)
		common = 0;
	add_odd(work, i, sum_of(common, negative), recoding == WORK_ODD7 ? 4 : 3, distance);
	add_terms(work, i, kept & ~common, negative, distance);
}

static uint32_t kept_of(const struct chunk *chunk, uint32_t row, uint32_t columns, uint32_t i)
{
	uint32_t terms = fpr_naf_terms(chunk->serial[row].mag[i]), kept = 0;

	for (uint32_t c = 0; c < TILE_SIDE; c++) {
		int most = chunk->t - chunk->parallel[c].distance[i];

		if (columns >> c & 1 && chunk->parallel[c].mag[i])
			kept += fpr_ones16(fpr_naf_prefix(
				terms, lowest_place(chunk->serial[row].distance[i], most)));
	}
	return kept;
}

static void sort_by_weight(struct work *work)
{
	uint16_t at[WORK_WEIGHTS + 1] = {0};

	for (uint32_t d = 0; d < work->count; d++)
		at[work->digit[d].weight - WORK_WEIGHT_MIN + 1]++;
	for (uint32_t w = 1; w < WORK_WEIGHTS; w++)
		at[w] = (uint16_t)(at[w] + at[w - 1]);
	for (uint32_t d = 0; d < work->count; d++)
		work->by_weight[at[work->digit[d].weight - WORK_WEIGHT_MIN]++] = (uint16_t)d;
}

void work_of_row(struct work *work, const struct chunk *chunk, uint32_t row, uint32_t columns,
		 enum work_recoding recoding)
{
	work->n = chunk->n;
	work->count = 0;
	work->kept = 0;
	for (uint32_t i = 0; i < chunk->n; i++) {
		work->first[i] = (uint16_t)work->count;
		if (chunk->serial[row].mag[i]) {
			struct reach reach = reach_of(chunk, columns, i);

			if (reach.users) {
				add_product(work, chunk, row, i, &reach, recoding);
				work->kept += kept_of(chunk, row, columns, i);
			}
		}
	}
	work->first[chunk->n] = (uint16_t)work->count;
	sort_by_weight(work);
}

uint32_t work_terms(uint16_t value)
{
	return fpr_ones16(fpr_naf_terms(fpr_bf16_significand(value)));
}
