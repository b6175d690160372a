/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "integers.h"
#include "progress.h"

/* 64 products of at most 7 x 7 stay below the 2^12 that 13 bits hold exactly. */
#define LIMIT 7

static int next_integer(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return (int)((*state >> 16) % (2 * LIMIT + 1)) - LIMIT;
}

static uint32_t f32_bits(int32_t value)
{
	const float f = (float)value;
	uint32_t bits;

	memcpy(&bits, &f, sizeof(bits));
	return bits;
}

static uint16_t bf16_bits(int32_t value)
{
	const uint32_t bits = f32_bits(value);

	return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

/* One configuration: operands as integers, stored as the job wants them. */
struct trial {
	const struct fpr_gemm *gemm;
	int8_t *a, *b;
	int16_t *c;
};

static void store_operands(const struct trial *trial, const struct product *product)
{
	const struct fpr_gemm *g = trial->gemm;
	uint16_t *a = product->a, *b = product->b;

	for (uint32_t z = 0; z < g->batch; z++) {
		for (uint32_t i = 0; i < g->m; i++)
			for (uint32_t j = 0; j < g->k; j++)
				a[z * g->stride_a + (g->trans_a ? j * g->m + i : i * g->k + j)] =
					bf16_bits(trial->a[(z * g->m + i) * g->k + j]);
		for (uint32_t i = 0; i < g->k; i++)
			for (uint32_t j = 0; j < g->n; j++)
				b[z * g->stride_b + (g->trans_b ? j * g->k + i : i * g->n + j)] =
					bf16_bits(trial->b[(z * g->k + i) * g->n + j]);
	}
	for (uint32_t i = 0; i < g->batch * g->m * g->n; i++) {
		if (g->out == FPR_OUT_BF16)
			((uint16_t *)product->c)[i] = bf16_bits(trial->c[i]);
		else
			((uint32_t *)product->c)[i] = f32_bits(trial->c[i]);
	}
}

static int32_t exact(const struct trial *trial, uint32_t z, uint32_t i, uint32_t j)
{
	const struct fpr_gemm *g = trial->gemm;
	int32_t sum = g->accumulate ? trial->c[(z * g->m + i) * g->n + j] : 0;

	for (uint32_t k = 0; k < g->k; k++)
		sum += trial->a[(z * g->m + i) * g->k + k] * trial->b[(z * g->k + k) * g->n + j];
	return sum;
}

static const char *compare_bits(const struct trial *trial, const void *c)
{
	const struct fpr_gemm *g = trial->gemm;

	for (uint32_t z = 0; z < g->batch; z++) {
		for (uint32_t i = 0; i < g->m; i++) {
			for (uint32_t j = 0; j < g->n; j++) {
				const uint32_t at = (z * g->m + i) * g->n + j;
				const int32_t sum = exact(trial, z, i, j);

				if (g->out == FPR_OUT_BF16
					    ? ((const uint16_t *)c)[at] != bf16_bits(sum)
					    : ((const uint32_t *)c)[at] != f32_bits(sum))
					return "wrong bits";
			}
		}
	}
	return NULL;
}

/* What the counters' documentation says must add up. */
static const char *check_sums(const struct fpr_gemm *g, const struct fpr_device_info *info,
			      const struct fpr_gemm_counters *c)
{
	const uint64_t lanes = c->lanes_useful + c->lanes_no_term + c->lanes_shift_range +
			       c->lanes_inter_pe + c->lanes_floor + c->lanes_inter_row;
	const uint64_t terms = c->terms_issued + c->terms_skipped_zero + c->terms_skipped_oob;

	if (c->cycles_total != c->cycles_compute + c->cycles_memory_stall)
		return "cycles do not add up";
	if (lanes !=
	    c->cycles_compute * info->rows * info->cols * FPR_KIND_LANES(g->kind, info->lanes))
		return "lane-cycles do not add up";
	if (terms != 8ull * g->m * g->n * g->k * g->batch)
		return "terms do not add up";
	return NULL;
}

static const char *run_trial(struct board *board, const struct trial *trial)
{
	const struct fpr_gemm *g = trial->gemm;
	const uint64_t operand = sizeof(uint16_t) * g->batch * g->k;
	const uint64_t element = g->out == FPR_OUT_BF16 ? sizeof(uint16_t) : sizeof(uint32_t);
	struct fpr_gemm_result result;
	struct product product;
	const char *problem;
	int ret = product_create(board, g, operand * g->m, operand * g->n,
				 element * g->batch * g->m * g->n, &product);

	if (!ret) {
		store_operands(trial, &product);
		ret = product_run(board, &product, NULL, &result);
	}
	problem = ret ? board_failure(board, ret) : compare_bits(trial, product.c);
	if (!problem)
		problem = check_sums(g, &board->info, &result.counters);
	product_destroy(&product);
	return problem;
}

/* Each bit of @choice is one of the job's options. */
static struct fpr_gemm configure(const struct integer_shape *shape, enum fpr_kind kind,
				 unsigned int choice)
{
	return (struct fpr_gemm){
		.m = shape->m,
		.n = shape->n,
		.k = shape->k,
		.batch = shape->batch,
		.stride_a = (uint64_t)shape->m * shape->k,
		.stride_b = (uint64_t)shape->k * shape->n,
		.stride_c = (uint64_t)shape->m * shape->n,
		.kind = (uint8_t)kind,
		.t = fpr_kind_default_t(kind),
		.serial = choice & 1 ? FPR_SERIAL_B : FPR_SERIAL_A,
		.trans_a = choice >> 1 & 1,
		.trans_b = choice >> 2 & 1,
		.out = choice >> 3 & 1 ? FPR_OUT_BF16 : FPR_OUT_F32,
		.accumulate = choice >> 4 & 1,
	};
}

static void fill(struct trial *trial, const struct integer_shape *shape)
{
	uint32_t state = 1;

	for (uint32_t i = 0; i < shape->batch * shape->m * shape->k; i++)
		trial->a[i] = (int8_t)next_integer(&state);
	for (uint32_t i = 0; i < shape->batch * shape->k * shape->n; i++)
		trial->b[i] = (int8_t)next_integer(&state);
	for (uint32_t i = 0; i < shape->batch * shape->m * shape->n; i++)
		trial->c[i] = (int16_t)next_integer(&state);
}

const char *check_integer_shape(struct board *board, const struct integer_shape *shape,
				enum fpr_kind kind, uint64_t *done)
{
	const char *problem = NULL;
	struct trial trial = {
		.a = malloc((size_t)shape->batch * shape->m * shape->k),
		.b = malloc((size_t)shape->batch * shape->k * shape->n),
		.c = malloc(sizeof(*trial.c) * shape->batch * shape->m * shape->n),
	};

	if (trial.a && trial.b && trial.c)
		fill(&trial, shape);
	else
		problem = "out of memory";
	for (unsigned int choice = 0; choice < INTEGER_CHOICES && !problem; choice++) {
		const struct fpr_gemm gemm = configure(shape, kind, choice);

		trial.gemm = &gemm;
		problem = run_trial(board, &trial);
		progress_at(++*done);
	}
	free(trial.a);
	free(trial.b);
	free(trial.c);
	return problem;
}
