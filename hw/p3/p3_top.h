/* SPDX-License-Identifier: MIT */
#ifndef FPR_P3_TOP_H
#define FPR_P3_TOP_H

#include <stdint.h>

/* What the arbiter of one direction can be asked to do. */
#define FPR_P3_CLEAR 0 /* setting: 1 clears the counters, too */
#define FPR_P3_PUSH 1 /* setting: priority; value: bytes; answer: slot */
#define FPR_P3_SERVE 2 /* setting: ageing; value: most bytes; answer: slot, offset, bytes */
#define FPR_P3_END 3 /* setting: 1 when it failed; answer: 1 when the transfer has ended */

#define FPR_P3_ANSWERS 3

/*
 * The arbiter as a unit: its table in its own registers, scalars and an array
 * outside. FPR_P3_END means the slice served last.
 */
void fpr_p3_top(uint32_t command, uint32_t setting, uint64_t value,
		uint64_t answer[FPR_P3_ANSWERS]);

#endif
