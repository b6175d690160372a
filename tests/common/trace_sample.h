/* SPDX-License-Identifier: MIT */
#ifndef FPR_TRACE_SAMPLE_H
#define FPR_TRACE_SAMPLE_H

#include <stddef.h>
#include <stdint.h>

#include "fpr_trace.h"

#define SAMPLE_RECORDS 6

/* One product with its golden result; operands hold no more than the job's extents. */
struct sample {
	const char *name;
	struct fpr_gemm gemm;
	uint16_t a[256], b[256];
	uint32_t c_in[128], c_out[128];
	struct fpr_gemm_counters counters;
};

/* Fills in the nth sample: shapes with gaps, batches, K = 0, both types. */
void make_sample(unsigned int number, struct sample *sample);

/* Writes all of them. Return: what fpr_trace_finish() or an append said. */
int write_sample_trace(const char *path);

/* A small file's bytes, for the caller to free. */
uint8_t *slurp(const char *path, size_t *size);

#endif
