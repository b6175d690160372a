/* SPDX-License-Identifier: MIT */
#ifndef FPR_ADD_UNIT_H
#define FPR_ADD_UNIT_H

#include <stdint.h>

#include "add.h"

/* A block of an accumulate, as fpr_add_block(). */
void add_top(uint32_t op, const uint32_t host[FPR_ADD_WORDS], uint32_t board[FPR_ADD_WORDS_MAX]);

#endif
