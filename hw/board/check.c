/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "board.h"
#include "shape.h"

int fpr_gemm_check(const struct fpr_gemm *job)
{
	return job && fpr_shape_fits(job) ? 0 : -EINVAL;
}

int fpr_gemm_extent(const struct fpr_gemm *job, struct fpr_gemm_extent *extent)
{
	return fpr_shape_extent(job, extent) ? 0 : -EINVAL;
}
