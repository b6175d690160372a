/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdbool.h>

#include "board.h"

static bool flags_ok(const struct fpr_gemm *job)
{
	return job->kind < FPR_KINDS && job->serial <= FPR_SERIAL_B && job->t <= FPR_T_MAX &&
	       job->out <= FPR_OUT_BF16 && job->trans_a <= 1 && job->trans_b <= 1 &&
	       job->accumulate <= 1 && !job->reserved && !job->reserved1;
}

static bool size_ok(const struct fpr_gemm *job)
{
	uint64_t outputs = (uint64_t)job->m * job->n;
	uint64_t macs;

	if (job->m > FPR_DIM_MAX || job->n > FPR_DIM_MAX || job->k > FPR_DIM_MAX ||
	    job->batch > FPR_BATCH_MAX)
		return false;
	if (__builtin_mul_overflow(outputs, job->k, &macs) ||
	    __builtin_mul_overflow(macs, job->batch ? job->batch : 1, &macs))
		return false;
	return macs <= FPR_MACS_MAX;
}

static bool ld_ok(uint32_t ld, uint32_t cols)
{
	return !ld || (ld >= cols && ld <= FPR_DIM_MAX);
}

/* Whole entries one after another, or all of them side by side in one row. */
static bool batch_ok(const struct fpr_gemm *job)
{
	uint64_t ldc = job->ldc ? job->ldc : job->n;
	uint64_t side_by_side;

	if (job->batch <= 1 || !job->m || !job->n)
		return true;
	if (job->stride_c >= (job->m - 1) * ldc + job->n)
		return true;
	if (job->stride_c < job->n)
		return false;
	if (__builtin_mul_overflow(job->stride_c, job->batch - 1, &side_by_side))
		return false;
	return side_by_side <= ldc - job->n;
}

int fpr_gemm_check(const struct fpr_gemm *job)
{
	if (!job || !flags_ok(job) || !size_ok(job))
		return -EINVAL;
	if (!ld_ok(job->lda, job->trans_a ? job->m : job->k) ||
	    !ld_ok(job->ldb, job->trans_b ? job->k : job->n) || !ld_ok(job->ldc, job->n))
		return -EINVAL;
	return batch_ok(job) ? 0 : -EINVAL;
}

/* Bytes of @batch matrices of @rows x @cols; false when they do not fit 63 bits. */
static bool span(uint32_t rows, uint32_t cols, uint32_t ld, uint32_t batch, uint64_t stride,
		 uint32_t size, uint64_t *bytes)
{
	uint64_t elements;

	*bytes = 0;
	if (!rows || !cols)
		return true;
	if (__builtin_mul_overflow(stride, batch ? batch - 1 : 0, &elements) ||
	    __builtin_add_overflow(elements, (uint64_t)(rows - 1) * (ld ? ld : cols) + cols,
				   &elements) ||
	    __builtin_mul_overflow(elements, size, bytes))
		return false;
	return *bytes <= INT64_MAX;
}

int fpr_gemm_extent(const struct fpr_gemm *job, struct fpr_gemm_extent *extent)
{
	uint32_t size = job->out == FPR_OUT_F32 ? sizeof(float) : sizeof(uint16_t);
	bool ok;

	ok = span(job->trans_a ? job->k : job->m, job->trans_a ? job->m : job->k, job->lda,
		  job->batch, job->stride_a, sizeof(uint16_t), &extent->a);
	ok &= span(job->trans_b ? job->n : job->k, job->trans_b ? job->k : job->n, job->ldb,
		   job->batch, job->stride_b, sizeof(uint16_t), &extent->b);
	ok &= span(job->m, job->n, job->ldc, job->batch, job->stride_c, size, &extent->c);
	return ok ? 0 : -EINVAL;
}
