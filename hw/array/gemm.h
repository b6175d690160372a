/* SPDX-License-Identifier: MIT */
#ifndef FPR_ARRAY_GEMM_H
#define FPR_ARRAY_GEMM_H

#include <stdint.h>

#include "fpr_gemm.h"

/**
 * fpr_array_gemm() - run one job on the HLS C, cycle by cycle
 * @job: checked already; leading dimensions may be 0 (packed), batch 0 is 1,
 *	the serial side is A or B
 * @a: bfloat16, as the job lays it out; not read when k is 0
 * @b: bfloat16, the same
 * @c: halfwords: bfloat16, or fp32 with the low half first; read when the job
 *	accumulates; may not overlap @a or @b
 * @counters: overwritten, or NULL
 *
 * The array is one piece of hardware with its registers in static storage:
 * calls must come one after another.
 */
void fpr_array_gemm(const struct fpr_gemm *job, const uint16_t a[], const uint16_t b[],
		    uint16_t c[], struct fpr_gemm_counters *counters);

#endif
