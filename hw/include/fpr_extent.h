/* SPDX-License-Identifier: MIT */
#ifndef FPR_EXTENT_H
#define FPR_EXTENT_H

#include <stdint.h>

/**
 * struct fpr_gemm_extent - bytes from each operand's first element to past its last
 */
struct fpr_gemm_extent {
	uint64_t a, b, c;
};

#endif
