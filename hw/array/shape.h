/* SPDX-License-Identifier: MIT */
#ifndef FPR_SHAPE_H
#define FPR_SHAPE_H

#include <stdint.h>

#include "fpr_extent.h"
#include "fpr_gemm.h"

/* Is a job well formed, and how much memory does it touch? Without a division or a wide product. */

/* 1 when fpr_gemm_check() of the board interface says that @job is well formed, else 0. */
uint32_t fpr_shape_fits(const struct fpr_gemm job[1]);

/**
 * fpr_shape_extent() - bytes of the operands
 * @job: passed fpr_shape_fits()
 * @extent: set; an operand without elements has extent 0
 * Return: 1, or 0 when an extent does not fit 63 bits
 */
uint32_t fpr_shape_extent(const struct fpr_gemm job[1], struct fpr_gemm_extent extent[1]);

#endif
