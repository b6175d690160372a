/* SPDX-License-Identifier: MIT */
#ifndef FPR_PE_VALUE_UNIT_H
#define FPR_PE_VALUE_UNIT_H

#include <stdint.h>

#include "fpr_gemm.h"

/* One cycle of a `value` PE. @out: set: new sum, kept, beyond T, dropped. */
void pe_value_top(int32_t sum, const uint16_t term[FPR_VALUE_LANES],
		  const uint16_t operand[FPR_VALUE_LANES], uint32_t out[4]);

#endif
