/* SPDX-License-Identifier: MIT */

#include "hls.h"
#include "shell_top.h"
#include "command_unit.h"

#define MEMORY (1u << 20)
#define CLOCK_KHZ 250000u

void command_top(uint32_t what, uint32_t at, uint64_t value, uint64_t now, uint32_t rooms,
		 const uint64_t entry[FPR_EVENT_WORDS], uint64_t answer[FPR_ANSWER_WORDS])
{
	HLS_CONTROL(mode = s_axilite port = return )

	fpr_shell_top(what, at, value, now, rooms, 0, 0, MEMORY, CLOCK_KHZ, 1, entry, answer);
}
