/* SPDX-License-Identifier: MIT */
#ifndef FPR_COMMAND_UNIT_H
#define FPR_COMMAND_UNIT_H

#include <stdint.h>

#include "shell_top.h"

/* The command processor, as fpr_shell_top(). */
void command_top(uint32_t what, uint32_t at, uint64_t value, uint64_t now, uint32_t rooms,
		 const uint64_t entry[FPR_EVENT_WORDS], uint64_t answer[FPR_ANSWER_WORDS]);

#endif
