/* SPDX-License-Identifier: MIT */
#ifndef FPR_VECTORS_H
#define FPR_VECTORS_H

#include <stddef.h>
#include <stdint.h>

#include "fpr_gemm.h"
#include "fpr_trace.h"

/*
 * Known answers: small products with the bits and counters that exact arithmetic
 * gives. They were not made by an engine, and a test recomputes them.
 */

/* Which operand values a vector draws. */
enum vector_pattern {
	PATTERN_MIXED, /* exponents within 2^15 */
	PATTERN_WIDE, /* exponents within 2^100 */
	PATTERN_ALL_ONES, /* significand 255: one NAF digit beyond the eighth bit */
	PATTERN_SPARSE, /* every other value zero */
	PATTERN_SPECIAL, /* infinities, NaNs, subnormals and zeros among the others */
};

#define VECTOR_OUTPUTS_MAX 6
#define VECTOR_OPERAND_MAX 2048

/**
 * struct vector - one known answer
 * @name: says what is special
 * @gemm: packed
 * @pattern: of A and B
 * @seed: where the operands' random numbers start; not 0
 * @c: expected bits of C, row by row
 * @counters: expected
 */
struct vector {
	const char *name;
	struct fpr_gemm gemm;
	enum vector_pattern pattern;
	uint32_t seed;
	uint32_t c[VECTOR_OUTPUTS_MAX];
	struct fpr_gemm_counters counters;
};

extern const struct vector vector_table[];
extern const size_t vector_count;

/* The array that the counters are of, whatever the build's. */
extern const struct fpr_trace_geometry vector_geometry;

/**
 * struct vector_operands - a vector's operands
 * @a: m k values
 * @b: k n values
 * @c_f32: C in, when the output is fp32
 * @c_bf16: C in, when it is bfloat16
 */
struct vector_operands {
	uint16_t a[VECTOR_OPERAND_MAX], b[VECTOR_OPERAND_MAX];
	uint32_t c_f32[VECTOR_OUTPUTS_MAX];
	uint16_t c_bf16[VECTOR_OUTPUTS_MAX];
};

void vector_fill(const struct vector *vector, struct vector_operands *operands);

#endif
