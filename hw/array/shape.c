/* SPDX-License-Identifier: MIT */

#include "shape.h"

#define LOW 0xffffffffu

/* @x * @y to @product. Return: 1 when it fits 64 bits */
static uint32_t multiply(uint64_t x, uint32_t y, uint64_t product[1])
{
	uint64_t low = (x & LOW) * y;
	uint64_t high = (x >> 32) * y + (low >> 32);

	product[0] = (high << 32) | (low & LOW);
	return high >> 32 == 0u;
}

static uint32_t or_one(uint32_t x)
{
	return x != 0u ? x : 1u;
}

static uint32_t flags_fit(const struct fpr_gemm job[1])
{
	return job[0].kind < FPR_KINDS && job[0].serial <= FPR_SERIAL_B && job[0].t <= FPR_T_MAX &&
	       job[0].out <= FPR_OUT_BF16 && job[0].trans_a <= 1u && job[0].trans_b <= 1u &&
	       job[0].accumulate <= 1u && job[0].reserved == 0u && job[0].reserved1 == 0u;
}

static uint32_t sizes_fit(const struct fpr_gemm job[1])
{
	uint64_t macs[1];

	if (job[0].m > FPR_DIM_MAX || job[0].n > FPR_DIM_MAX || job[0].k > FPR_DIM_MAX ||
	    job[0].batch > FPR_BATCH_MAX)
		return 0;
	return multiply((uint64_t)job[0].m * job[0].n, job[0].k, macs) != 0u &&
	       multiply(macs[0], or_one(job[0].batch), macs) != 0u && macs[0] <= FPR_MACS_MAX;
}

static uint32_t ld_fits(uint32_t ld, uint32_t columns)
{
	return ld == 0u || (ld >= columns && ld <= FPR_DIM_MAX);
}

/* Whole entries one after another, or all of them side by side in one row. */
static uint32_t batch_fits(const struct fpr_gemm job[1])
{
	uint64_t ldc = job[0].ldc != 0u ? job[0].ldc : job[0].n;
	uint64_t side_by_side[1];

	if (job[0].batch <= 1u || job[0].m == 0u || job[0].n == 0u)
		return 1;
	if (job[0].stride_c >= (job[0].m - 1u) * ldc + job[0].n)
		return 1;
	if (job[0].stride_c < job[0].n)
		return 0;
	return multiply(job[0].stride_c, job[0].batch - 1u, side_by_side) != 0u &&
	       side_by_side[0] <= ldc - job[0].n;
}

uint32_t fpr_shape_fits(const struct fpr_gemm job[1])
{
	return flags_fit(job) != 0u && sizes_fit(job) != 0u &&
	       ld_fits(job[0].lda, job[0].trans_a != 0u ? job[0].m : job[0].k) != 0u &&
	       ld_fits(job[0].ldb, job[0].trans_b != 0u ? job[0].k : job[0].n) != 0u &&
	       ld_fits(job[0].ldc, job[0].n) != 0u && batch_fits(job) != 0u;
}

/* Bytes of @batch matrices of @rows x @columns. Return: 1 when they fit 63 bits */
static uint32_t span(uint32_t rows, uint32_t columns, uint32_t ld, uint32_t batch, uint64_t stride,
		     uint32_t size, uint64_t bytes[1])
{
	uint64_t row = ld != 0u ? ld : columns;
	uint64_t last = (rows - 1u) * row + columns; /* below 2^49 */
	uint64_t elements[1];
	uint32_t fits;

	bytes[0] = 0;
	if (rows == 0u || columns == 0u)
		return 1;
	fits = multiply(stride, or_one(batch) - 1u, elements);
	elements[0] += last;
	fits = fits != 0u && elements[0] >= last;
	fits = multiply(elements[0], size, bytes) != 0u && fits != 0u;
	return fits != 0u && bytes[0] >> 63 == 0u;
}

uint32_t fpr_shape_extent(const struct fpr_gemm job[1], struct fpr_gemm_extent extent[1])
{
	uint32_t m = job[0].m, n = job[0].n, k = job[0].k;
	uint64_t a[1], b[1], c[1];
	uint32_t fits = span(job[0].trans_a != 0u ? k : m, job[0].trans_a != 0u ? m : k, job[0].lda,
			     job[0].batch, job[0].stride_a, 2, a);

	fits &= span(job[0].trans_b != 0u ? n : k, job[0].trans_b != 0u ? k : n, job[0].ldb,
		     job[0].batch, job[0].stride_b, 2, b);
	fits &= span(m, n, job[0].ldc, job[0].batch, job[0].stride_c,
		     job[0].out == FPR_OUT_F32 ? 4 : 2, c);
	extent[0].a = a[0];
	extent[0].b = b[0];
	extent[0].c = c[0];
	return fits;
}
