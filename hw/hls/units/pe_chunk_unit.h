/* SPDX-License-Identifier: MIT */
#ifndef FPR_PE_CHUNK_UNIT_H
#define FPR_PE_CHUNK_UNIT_H

#include <stdint.h>

#include "fpr_geometry.h"

/* One cycle of a `chunk` PE. @out: set: new sum, kept, beyond T, dropped. */
void pe_chunk_top(int32_t sum, const uint16_t term[FPR_LANES], const uint16_t operand[FPR_LANES],
		  uint32_t out[4]);

#endif
