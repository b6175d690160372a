/* SPDX-License-Identifier: MIT */
#ifndef FPR_CHECK_UNIT_H
#define FPR_CHECK_UNIT_H

#include <stdint.h>

#include "shell_top.h"

/* A descriptor of @engine; @answer: enum fpr_status, extents of a job that passed. */
void check_top(uint32_t engine, uint64_t memory, const uint64_t words[FPR_EVENT_WORDS],
	       uint64_t answer[4]);

#endif
