/* SPDX-License-Identifier: MIT */
#ifndef FPR_BDC_UNIT_H
#define FPR_BDC_UNIT_H

#include <stdint.h>

#include "bdc.h"

/* A group there and back. @bytes: set: what it took. */
void bdc_top(const uint16_t values[FPR_BDC_GROUP], uint32_t n, uint8_t packed[FPR_BDC_BYTES],
	     uint16_t back[FPR_BDC_GROUP], uint32_t bytes[1]);

#endif
