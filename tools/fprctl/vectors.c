/* SPDX-License-Identifier: MIT */
#include "vectors.h"

const struct fpr_trace_geometry vector_geometry = {
	.rows = 8,
	.cols = 8,
	.lanes = 8,
	.window = 3,
	.run_ahead = 1,
	.set_floor = 2,
	.panel = 512,
	.mem_bytes_per_cycle = 128,
};

static uint32_t next_random(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

static uint16_t bf16_of(uint32_t sign, uint32_t exponent, uint32_t fraction)
{
	return (uint16_t)((sign & 1) << 15 | exponent << 7 | (fraction & 127));
}

static uint16_t next_special(uint32_t r, uint16_t otherwise)
{
	switch (r % 61) {
	case 0:
		return bf16_of(r >> 8, 255, 0);
	case 1:
		return r >> 8 & 1 ? bf16_of(0, 255, 64) : otherwise;
	case 2:
		return bf16_of(r >> 8, 0, r >> 9);
	case 3:
		return bf16_of(r >> 8, 0, 0);
	default:
		return otherwise;
	}
}

static uint16_t next_value(enum vector_pattern pattern, uint32_t *state)
{
	const uint32_t r = next_random(state);
	const uint32_t sign = r >> 31, fraction = r >> 24;
	const uint32_t near = 120 + (r >> 8) % 16;

	switch (pattern) {
	case PATTERN_WIDE:
		return bf16_of(sign, 77 + (r >> 8) % 101, fraction);
	case PATTERN_ALL_ONES:
		return bf16_of(sign, 124 + (r >> 8) % 6, 127);
	case PATTERN_SPARSE:
		return r >> 4 & 1 ? bf16_of(sign, near, fraction) : bf16_of(sign, 0, 0);
	case PATTERN_SPECIAL:
		return next_special(r >> 3, bf16_of(sign, near, fraction));
	case PATTERN_MIXED:
		break;
	}
	return bf16_of(sign, near, fraction);
}

void vector_fill(const struct vector *vector, struct vector_operands *operands)
{
	const struct fpr_gemm *gemm = &vector->gemm;
	uint32_t state = vector->seed;

	for (uint32_t i = 0; i < gemm->m * gemm->k; i++)
		operands->a[i] = next_value(vector->pattern, &state);
	for (uint32_t i = 0; i < gemm->k * gemm->n; i++)
		operands->b[i] = next_value(vector->pattern, &state);
	for (uint32_t i = 0; i < gemm->m * gemm->n; i++) {
		operands->c_bf16[i] = next_value(PATTERN_MIXED, &state);
		operands->c_f32[i] = (uint32_t)operands->c_bf16[i] << 16 | (state & 0xffff);
	}
}
