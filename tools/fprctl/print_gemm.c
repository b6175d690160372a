/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "print.h"

const char *const kind_names[] = {"chunk", "set", "dense", "value", NULL};
const char *const serial_names[] = {"a", "b", "auto", NULL};
const char *const out_names[] = {"f32", "bf16", NULL};

#define COUNTER(group, name)                                                      \
	{                                                                         \
#group, #name, offsetof(struct fpr_gemm_counters, group##_##name) \
	}

const struct counter counter_table[N_COUNTERS] = {
	COUNTER(cycles, total),	      COUNTER(cycles, compute),	    COUNTER(cycles, memory_stall),
	COUNTER(terms, issued),	      COUNTER(terms, skipped_zero), COUNTER(terms, skipped_oob),
	COUNTER(lanes, useful),	      COUNTER(lanes, no_term),	    COUNTER(lanes, shift_range),
	COUNTER(lanes, inter_pe),     COUNTER(lanes, floor),	    COUNTER(lanes, inter_row),
	COUNTER(bytes, operands_raw), COUNTER(bytes, operands),	    COUNTER(bytes, c_read),
	COUNTER(bytes, c_written),
};

uint64_t counter_value(const struct fpr_gemm_counters *counters, const struct counter *counter)
{
	uint64_t value;

	memcpy(&value, (const char *)counters + counter->offset, sizeof(value));
	return value;
}

void print_counters(struct printer *printer, const struct fpr_gemm_counters *counters)
{
	for (size_t i = 0; i < N_COUNTERS; i++) {
		const struct counter *counter = &counter_table[i];

		if (!i || strcmp(counter->group, counter[-1].group))
			print_begin_object(printer, counter->group);
		print_number(printer, counter->name, counter_value(counters, counter));
		if (i + 1 == N_COUNTERS || strcmp(counter->group, counter[1].group))
			print_end(printer);
	}
}

void print_gemm(struct printer *printer, const struct fpr_gemm *gemm)
{
	print_begin_object(printer, "shape");
	print_number(printer, "m", gemm->m);
	print_number(printer, "n", gemm->n);
	print_number(printer, "k", gemm->k);
	print_number(printer, "batch", gemm->batch ? gemm->batch : 1);
	print_end(printer);
	print_text(printer, "kind", kind_names[gemm->kind]);
	print_text(printer, "serial", serial_names[gemm->serial]);
	print_number(printer, "t", gemm->t);
	print_text(printer, "out", out_names[gemm->out]);
	print_flag(printer, "transpose_a", gemm->trans_a);
	print_flag(printer, "transpose_b", gemm->trans_b);
	print_flag(printer, "accumulate", gemm->accumulate);
}
