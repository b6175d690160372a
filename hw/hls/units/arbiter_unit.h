/* SPDX-License-Identifier: MIT */
#ifndef FPR_ARBITER_UNIT_H
#define FPR_ARBITER_UNIT_H

#include <stdint.h>

#include "p3_top.h"

/* A command to the arbiter, as fpr_p3_top(). */
void arbiter_top(uint32_t command, uint32_t setting, uint64_t value,
		 uint64_t answer[FPR_P3_ANSWERS]);

#endif
