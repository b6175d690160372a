/* SPDX-License-Identifier: MIT */
#ifndef FPR_GEMM_TOP_H
#define FPR_GEMM_TOP_H

#include <stdint.h>

#include "counters.h"
#include "fpr_gemm.h"

/* Elements a test bench of the top may use; on a board the ports address all memory. */
#define FPR_TOP_DEPTH 4096

/* Job fields as the top takes them: scalars and arrays only. */
void fpr_gemm_top(uint32_t m, uint32_t n, uint32_t k, uint32_t batch, uint32_t lda, uint32_t ldb,
		  uint32_t ldc, uint64_t stride_a, uint64_t stride_b, uint64_t stride_c,
		  uint32_t kind, uint32_t serial, uint32_t t, uint32_t out, uint32_t trans_a,
		  uint32_t trans_b, uint32_t accumulate, const uint16_t a[FPR_TOP_DEPTH],
		  const uint16_t b[FPR_TOP_DEPTH], uint16_t c[FPR_TOP_DEPTH],
		  uint64_t counters[FPR_COUNTERS]);

/* The kernel behind the top; @job as fpr_array_gemm() takes it. */
void fpr_gemm_run(const struct fpr_gemm job[1], const uint16_t a[], const uint16_t b[],
		  uint16_t c[], uint64_t counters[FPR_COUNTERS]);

#endif
