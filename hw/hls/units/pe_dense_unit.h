/* SPDX-License-Identifier: MIT */
#ifndef FPR_PE_DENSE_UNIT_H
#define FPR_PE_DENSE_UNIT_H

#include <stdint.h>

#include "fpr_geometry.h"

/* One set of a `dense` PE; @acc as above. */
void pe_dense_top(const uint32_t s[FPR_SET], const uint32_t p[FPR_SET], uint32_t acc[3]);

#endif
