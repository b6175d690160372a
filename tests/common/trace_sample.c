/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../golden/golden.h"
#include "trace_sample.h"

static const struct {
	const char *name;
	struct fpr_gemm gemm;
} table[SAMPLE_RECORDS] = {
	{"conv1/AxW step 100", {.m = 5, .n = 9, .k = 20, .batch = 1, .t = 15}},
	{"strided, \xc3\xbc\xe2\x82\xac\xf0\x9d\x84\x9e",
	 {.m = 3,
	  .n = 4,
	  .k = 5,
	  .batch = 3,
	  .lda = 7,
	  .ldb = 6,
	  .ldc = 5,
	  .stride_a = 30,
	  .stride_b = 0,
	  .stride_c = 20,
	  .t = 12,
	  .kind = FPR_KIND_SET,
	  .accumulate = 1}},
	{"",
	 {.m = 6,
	  .n = 6,
	  .k = 40,
	  .t = 12,
	  .kind = FPR_KIND_DENSE,
	  .out = FPR_OUT_BF16,
	  .accumulate = 1,
	  .trans_a = 1}},
	{"no products", {.m = 4, .n = 4, .k = 0, .t = 15, .accumulate = 1}},
	{"no outputs", {.m = 0, .n = 4, .k = 8, .t = 15}},
	{"serial b", {.m = 9, .n = 2, .k = 24, .t = 4, .serial = FPR_SERIAL_B, .trans_b = 1}},
};

void make_sample(unsigned int number, struct sample *sample)
{
	uint32_t state = number + 1;

	memset(sample, 0, sizeof(*sample));
	sample->name = table[number].name;
	sample->gemm = table[number].gemm;
	for (size_t i = 0; i < 256; i++) {
		state = state * 1664525u + 1013904223u;
		sample->a[i] = (uint16_t)(0x3c00 + (state >> 16 & 0x83ff));
		sample->b[i] = (uint16_t)(0x3d00 + (state >> 8 & 0x83ff));
	}
	for (size_t i = 0; i < 128; i++)
		sample->c_in[i] = sample->gemm.out == FPR_OUT_BF16 ? 0x3f804040u : 0x3f800000u;
	memcpy(sample->c_out, sample->c_in, sizeof(sample->c_out));
	if (golden_gemm(&sample->gemm, sample->a, sample->b, sample->c_out, &sample->counters))
		abort();
}

int write_sample_trace(const char *path)
{
	struct fpr_trace_writer *writer;
	int ret = fpr_trace_create(path, &writer);

	if (ret)
		return ret;
	for (unsigned int i = 0; i < SAMPLE_RECORDS; i++) {
		struct sample s;

		make_sample(i, &s);
		ret = fpr_trace_append(writer, s.name, &s.gemm, s.a, s.b, s.c_in, s.c_out,
				       i == 5 ? NULL : &s.counters);
		if (ret) {
			fpr_trace_abort(writer);
			return ret;
		}
	}
	return fpr_trace_finish(writer);
}

uint8_t *slurp(const char *path, size_t *size)
{
	FILE *file = fopen(path, "rb");
	uint8_t *bytes = malloc(1 << 20);

	if (!file || !bytes)
		abort();
	*size = fread(bytes, 1, 1 << 20, file);
	fclose(file);
	return bytes;
}
