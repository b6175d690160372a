/* SPDX-License-Identifier: MIT */
#ifndef FPR_COUNTERS_H
#define FPR_COUNTERS_H

#include <stdint.h>

/* The counters of a job as the kernel hands them out, one 64-bit word each. */
enum fpr_counter {
	FPR_COUNT_TOTAL,
	FPR_COUNT_COMPUTE,
	FPR_COUNT_STALL,
	FPR_COUNT_ISSUED,
	FPR_COUNT_ZERO,
	FPR_COUNT_OOB,
	FPR_COUNT_USEFUL,
	FPR_COUNT_NO_TERM,
	FPR_COUNT_SHIFT_RANGE,
	FPR_COUNT_INTER_PE,
	FPR_COUNT_FLOOR,
	FPR_COUNT_INTER_ROW,
	FPR_COUNT_OPERANDS_RAW,
	FPR_COUNT_OPERANDS,
	FPR_COUNT_C_READ,
	FPR_COUNT_C_WRITTEN,
	FPR_COUNTERS
};

/* The same number for pragmas, which do not know enumerations. */
#define FPR_COUNTER_WORDS 16
typedef uint8_t fpr_counter_words_agree[FPR_COUNTERS == FPR_COUNTER_WORDS ? 1 : -1];

#endif
