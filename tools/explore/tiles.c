/* SPDX-License-Identifier: MIT */
#include "tiles.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

const char *const tile_products[TILE_PRODUCTS] = {"AxW", "GxW", "AxG"};

static const char magic[16] = "fpr-tiles 1\n";

/* A tile's header in the file, little-endian; its operands follow, row by row. */
struct header {
	char layer[40], product[4];
	uint32_t stage, rows[2], k, zero;
	double weight;
};
_Static_assert(sizeof(struct header) == 72, "as sampler.py packs it");

FILE *tile_open(const char *path)
{
	FILE *file = fopen(path, "rb");
	char start[sizeof(magic)];

	if (!file)
		return NULL;
	if (fread(start, sizeof(start), 1, file) == 1 && !memcmp(start, magic, sizeof(magic)))
		return file;
	fclose(file);
	errno = EBADMSG;
	return NULL;
}

static bool is_sane(const struct header *h)
{
	return h->stage < TILE_STAGES && h->rows[0] - 1 < TILE_SIDE && h->rows[1] - 1 < TILE_SIDE &&
	       h->k - 1 < TILE_K && h->weight > 0;
}

static uint32_t product_number(const char name[4])
{
	for (uint32_t i = 0; i < TILE_PRODUCTS; i++)
		if (!strncmp(name, tile_products[i], 4))
			return i;
	return TILE_PRODUCTS;
}

int tile_read(FILE *file, struct tile *tile)
{
	struct header h;
	size_t got = fread(&h, 1, sizeof(h), file);

	if (got == 0 && feof(file))
		return 0;
	memset(tile, 0, sizeof(*tile));
	if (got != sizeof(h) || !is_sane(&h))
		return -1;
	memcpy(tile->layer, h.layer, sizeof(tile->layer) - 1);
	tile->product = product_number(h.product);
	tile->stage = h.stage;
	tile->k = h.k;
	tile->weight = h.weight;
	for (int side = 0; side < 2; side++) {
		tile->rows[side] = h.rows[side];
		for (uint32_t r = 0; r < h.rows[side]; r++)
			if (fread(tile->x[side][r], sizeof(uint16_t), h.k, file) != h.k)
				return -1;
	}
	return tile->product < TILE_PRODUCTS ? 1 : -1;
}

static uint32_t next(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

/* What the values of one operand look like. */
struct look {
	uint32_t zeros; /* of 8 */
	uint32_t spread; /* exponents fall off over so many */
	uint32_t fraction; /* mask */
	uint32_t other; /* mask of six values in eight, the same in every chunk */
};

static uint16_t random_value(const struct look *look, uint32_t k, uint32_t *state)
{
	uint32_t fraction = k % 8 < 2 ? look->fraction : look->other;
	uint32_t below = next(state) % look->spread;

	below = next(state) % (below + 1);
	if (next(state) % 8 < look->zeros)
		return (uint16_t)(next(state) & 0x8000u);
	return (uint16_t)((next(state) & 0x8000u) | (130 - below) << 7 | (next(state) & fraction));
}

void tile_random(struct tile *tile, uint32_t seed)
{
	static const uint32_t lengths[] = {1, 9, 64, 130, 200, 512, 600, 1024};
	static const uint32_t fractions[] = {0x7f, 0x7f, 0x70, 0x2a, 0x55};
	uint32_t state = seed * 2654435761u + 1;

	memset(tile, 0, sizeof(*tile));
	snprintf(tile->layer, sizeof(tile->layer), "random %u", seed);
	tile->k = lengths[next(&state) % 8];
	tile->weight = 1;
	for (int side = 0; side < 2; side++) {
		struct look look = {next(&state) % 9, 1 + next(&state) % 24,
				    fractions[next(&state) % 5], 0};

		look.other = next(&state) % 4 ? look.fraction : 0;

		tile->rows[side] = next(&state) % 4 ? TILE_SIDE : 1 + next(&state) % TILE_SIDE;
		for (uint32_t r = 0; r < tile->rows[side]; r++)
			for (uint32_t k = 0; k < tile->k; k++)
				tile->x[side][r][k] = random_value(&look, k, &state);
	}
}
