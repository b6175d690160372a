/* SPDX-License-Identifier: MIT */

#include <stddef.h>

#include "gemm.h"
#include "gemm_top.h"

void fpr_array_gemm(const struct fpr_gemm *job, const uint16_t a[], const uint16_t b[],
		    uint16_t c[], struct fpr_gemm_counters *counters)
{
	uint64_t count[FPR_COUNTERS];

	fpr_gemm_top(job->m, job->n, job->k, job->batch, job->lda, job->ldb, job->ldc,
		     job->stride_a, job->stride_b, job->stride_c, job->kind, job->serial, job->t,
		     job->out, job->trans_a, job->trans_b, job->accumulate, a, b, c, count);
	if (counters == NULL)
		return;
	counters->cycles_total = count[FPR_COUNT_TOTAL];
	counters->cycles_compute = count[FPR_COUNT_COMPUTE];
	counters->cycles_memory_stall = count[FPR_COUNT_STALL];
	counters->terms_issued = count[FPR_COUNT_ISSUED];
	counters->terms_skipped_zero = count[FPR_COUNT_ZERO];
	counters->terms_skipped_oob = count[FPR_COUNT_OOB];
	counters->lanes_useful = count[FPR_COUNT_USEFUL];
	counters->lanes_no_term = count[FPR_COUNT_NO_TERM];
	counters->lanes_shift_range = count[FPR_COUNT_SHIFT_RANGE];
	counters->lanes_inter_pe = count[FPR_COUNT_INTER_PE];
	counters->lanes_floor = count[FPR_COUNT_FLOOR];
	counters->lanes_inter_row = count[FPR_COUNT_INTER_ROW];
	counters->bytes_operands_raw = count[FPR_COUNT_OPERANDS_RAW];
	counters->bytes_operands = count[FPR_COUNT_OPERANDS];
	counters->bytes_c_read = count[FPR_COUNT_C_READ];
	counters->bytes_c_written = count[FPR_COUNT_C_WRITTEN];
}
