/* SPDX-License-Identifier: MIT */

#include "gemm_top.h"
#include "hls.h"

void fpr_gemm_top(uint32_t m, uint32_t n, uint32_t k, uint32_t batch, uint32_t lda, uint32_t ldb,
		  uint32_t ldc, uint64_t stride_a, uint64_t stride_b, uint64_t stride_c,
		  uint32_t kind, uint32_t serial, uint32_t t, uint32_t out, uint32_t trans_a,
		  uint32_t trans_b, uint32_t accumulate, const uint16_t a[FPR_TOP_DEPTH],
		  const uint16_t b[FPR_TOP_DEPTH], uint16_t c[FPR_TOP_DEPTH],
		  uint64_t counters[FPR_COUNTERS])
{
	HLS_IFACE(mode = m_axi port = a offset = HLS_OFFSET bundle = gmem_a depth = FPR_TOP_DEPTH)
	HLS_IFACE(mode = m_axi port = b offset = HLS_OFFSET bundle = gmem_b depth = FPR_TOP_DEPTH)
	HLS_IFACE(mode = m_axi port = c offset = HLS_OFFSET bundle = gmem_c depth = FPR_TOP_DEPTH)
	HLS_WORDS(mode = m_axi port = counters offset = HLS_OFFSET bundle = gmem_c depth =
			  FPR_COUNTER_WORDS)
	HLS_CONTROL(mode = s_axilite port = return )
	struct fpr_gemm job[1] = {{0}};

	job[0].m = m;
	job[0].n = n;
	job[0].k = k;
	job[0].batch = batch;
	job[0].lda = lda;
	job[0].ldb = ldb;
	job[0].ldc = ldc;
	job[0].stride_a = stride_a;
	job[0].stride_b = stride_b;
	job[0].stride_c = stride_c;
	job[0].kind = (uint8_t)kind;
	job[0].serial = (uint8_t)serial;
	job[0].t = (uint8_t)t;
	job[0].out = (uint8_t)out;
	job[0].trans_a = (uint8_t)trans_a;
	job[0].trans_b = (uint8_t)trans_b;
	job[0].accumulate = (uint8_t)accumulate;
	fpr_gemm_run(job, a, b, c, counters);
}
