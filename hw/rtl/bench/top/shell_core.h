/* SPDX-License-Identifier: MIT */
#ifndef FPR_RTL_SHELL_CORE_H
#define FPR_RTL_SHELL_CORE_H

#include <stdint.h>

/* What stands behind fpr_shell_core.sv: hw/shell/shell_top.c, or a bench's own. */
void fpr_shell_top(uint32_t what, uint32_t at, uint64_t value, uint64_t now, uint32_t rooms,
		   uint64_t tiles, uint32_t temperature, uint64_t memory, uint32_t clock_khz,
		   uint32_t build, const uint64_t entry[32], uint64_t answer[14]);

/* As the hardware's reset leaves it. */
void fpr_shell_top_reset(void);

#endif
