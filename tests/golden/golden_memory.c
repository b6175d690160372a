/* SPDX-License-Identifier: MIT */
#include "golden_model.h"

#include <string.h>

/* Stored rows of a block that make one compression group. */
#define GROUP_ROWS (FPR_BDC_GROUP / FPR_BLOCK)

_Static_assert(GROUP_ROWS *FPR_BLOCK == FPR_BDC_GROUP, "a group is whole rows of a block");

static unsigned int exponent_field(uint16_t x)
{
	return x / 128 % 256;
}

static void put_bits(uint8_t *out, size_t *at, unsigned int value, unsigned int bits)
{
	for (unsigned int i = 0; i < bits; i++, (*at)++)
		if (value >> i & 1)
			out[*at / 8] = (uint8_t)(out[*at / 8] | 1u << *at % 8);
}

static unsigned int get_bits(const uint8_t *in, size_t *at, unsigned int bits)
{
	unsigned int value = 0;

	for (unsigned int i = 0; i < bits; i++, (*at)++)
		value |= (in[*at / 8] >> *at % 8 & 1u) << i;
	return value;
}

size_t golden_bdc_pack(const uint16_t *x, unsigned int n, uint8_t out[GOLDEN_BDC_MAX])
{
	unsigned int base = 0, largest = 0, width = 0;
	size_t at = 0;

	if (n == 0)
		return 0;
	for (unsigned int i = 0; i < n; i++) {
		unsigned int e = exponent_field(x[i]);

		if (e && (!base || e < base))
			base = e;
		if (e > largest)
			largest = e;
	}
	while (largest && (largest - base + 1) >> width)
		width++;
	memset(out, 0, GOLDEN_BDC_MAX);
	put_bits(out, &at, base, 8);
	put_bits(out, &at, width, 4);
	put_bits(out, &at, 0, 4);
	for (unsigned int i = 0; i < n; i++) {
		unsigned int e = exponent_field(x[i]);

		put_bits(out, &at, e ? e - base + 1 : 0, width);
		put_bits(out, &at, x[i] % 128, 7);
		put_bits(out, &at, x[i] / 0x8000, 1);
	}
	return (at + 7) / 8;
}

void golden_bdc_unpack(const uint8_t *in, unsigned int n, uint16_t *x)
{
	unsigned int base, width;
	size_t at = 0;

	base = get_bits(in, &at, 8);
	width = get_bits(in, &at, 4);
	get_bits(in, &at, 4);
	for (unsigned int i = 0; i < n; i++) {
		unsigned int code = get_bits(in, &at, width);
		unsigned int fraction = get_bits(in, &at, 7);
		unsigned int sign = get_bits(in, &at, 1);

		x[i] = (uint16_t)(sign * 0x8000 + (code ? base + code - 1 : 0) * 128 + fraction);
	}
}

static uint32_t stored_rows(const struct golden_matrix *x)
{
	return x->k_down ? x->k : x->rows;
}

static uint32_t stored_cols(const struct golden_matrix *x)
{
	return x->k_down ? x->rows : x->k;
}

static uint16_t stored_at(const struct golden_matrix *x, uint32_t row, uint32_t col)
{
	return x->k_down ? golden_at(x, col, row)->bits : golden_at(x, row, col)->bits;
}

/* One group: GROUP_ROWS stored rows of a block, as far as the matrix goes. */
static void group_bytes(const struct golden_matrix *x, uint32_t row, uint32_t col, uint64_t *raw,
			uint64_t *packed)
{
	uint16_t values[FPR_BDC_GROUP];
	uint8_t out[GOLDEN_BDC_MAX];
	unsigned int n = 0;

	for (uint32_t i = row; i < row + GROUP_ROWS && i < stored_rows(x); i++)
		for (uint32_t j = col; j < col + FPR_BLOCK && j < stored_cols(x); j++)
			values[n++] = stored_at(x, i, j);
	*raw += 2 * n;
	*packed += golden_bdc_pack(values, n, out);
}

/* The groups of one column of blocks, those that hold a value of rows [row, end) of the operand. */
static void blocks_bytes(const struct golden_matrix *x, uint32_t k, uint32_t row, uint32_t end,
			 uint64_t *raw, uint64_t *packed)
{
	for (uint32_t block = row / FPR_BLOCK * FPR_BLOCK; block < end; block += FPR_BLOCK) {
		for (uint32_t half = 0; half < FPR_BLOCK; half += GROUP_ROWS) {
			uint32_t first = block + half;

			if (x->k_down)
				group_bytes(x, k + half, block, raw, packed);
			else if (first < end && first + GROUP_ROWS > row)
				group_bytes(x, first, k, raw, packed);
		}
	}
}

void golden_panel_bytes(const struct golden_matrix *x, uint32_t row, uint32_t rows, uint32_t panel,
			uint64_t *raw, uint64_t *packed)
{
	uint32_t first = panel * FPR_PANEL;

	for (uint32_t k = first; k < first + FPR_PANEL && k < x->k; k += FPR_BLOCK)
		blocks_bytes(x, k, row, row + rows, raw, packed);
}

static uint64_t port_cycles(uint64_t bytes)
{
	return (bytes + FPR_MEM_BYTES_PER_CYCLE - 1) / FPR_MEM_BYTES_PER_CYCLE;
}

uint64_t golden_total_time(const struct golden_step *steps, size_t n)
{
	uint64_t total = 0;

	if (n == 0)
		return 0;
	total += port_cycles(steps[0].load);
	for (size_t s = 0; s < n; s++) {
		uint64_t port = 0;

		if (s + 1 < n)
			port += port_cycles(steps[s + 1].load);
		if (s > 0)
			port += port_cycles(steps[s - 1].store);
		total += port > steps[s].compute ? port : steps[s].compute;
	}
	return total + port_cycles(steps[n - 1].store);
}
