/* SPDX-License-Identifier: MIT */
#include "clock.h"

uint64_t fpr_cl_clock_end(struct board_clock *clock, uint64_t started, uint64_t seen,
			  uint64_t board)
{
	const struct board_clock here = {1, started - board, seen - board};

	if ((int64_t)(here.least - clock->least) > 0)
		clock->least = here.least;
	if ((int64_t)(here.most - clock->most) < 0)
		clock->most = here.most;
	/* Nothing fits all: a clock has drifted, or the board's began anew. */
	if (!clock->is_set || (int64_t)(clock->most - clock->least) < 0)
		*clock = here;
	return board + clock->most;
}
