/* SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <string.h>

#include "shell_top.h"

/* What fpr_shell_core.sv calls; vectors come as words of 32 bits, least first. */
void fpr_shell_core_event(const uint32_t *what, const uint32_t *at, const uint32_t *value,
			  const uint32_t *now, const uint32_t *rooms, const uint32_t *tiles,
			  const uint32_t *temperature, const uint32_t *memory,
			  const uint32_t *clock_khz, const uint32_t *build, const uint32_t *entry,
			  uint32_t *answer)
{
	uint64_t entries[FPR_EVENT_WORDS], answers[FPR_ANSWER_WORDS], wide[4];

	memcpy(entries, entry, sizeof(entries));
	memcpy(&wide[0], value, 8);
	memcpy(&wide[1], now, 8);
	memcpy(&wide[2], tiles, 8);
	memcpy(&wide[3], memory, 8);
	fpr_shell_top(*what, *at, wide[0], wide[1], *rooms, wide[2], *temperature, wide[3],
		      *clock_khz, *build, entries, answers);
	memcpy(answer, answers, sizeof(answers));
}
