/* SPDX-License-Identifier: MIT */
/*
 * `set` and `dense`, for reference. What `set` keeps depends on the accumulator's
 * value, so the array's own PE computes it here.
 */
#include <string.h>

#include "bf16.h"
#include "design.h"
#include "pe_set.h"

static uint32_t serial_word(uint16_t x)
{
	uint32_t mag = fpr_bf16_significand(x);

	return FPR_SERIAL(fpr_naf_terms(mag), fpr_naf_negative(mag), FPR_BF16_EXP(x),
			  FPR_BF16_SIGN(x));
}

static uint32_t parallel_word(uint16_t x)
{
	return FPR_PARALLEL(fpr_bf16_significand(x), FPR_BF16_SIGN(x), FPR_BF16_EXP(x));
}

static uint32_t pe_cycles(struct fpr_pe_set *pe, const uint32_t serial[FPR_SET],
			  const uint32_t parallel[FPR_SET], int t)
{
	struct fpr_pe_set_counts counts;
	uint32_t cycles = 0;

	fpr_pe_set_open(pe, serial, parallel, (uint32_t)t);
	while (fpr_pe_set_busy(pe)) {
		fpr_pe_set_step(pe, serial, parallel, &counts);
		cycles++;
	}
	fpr_pe_set_close(pe);
	return cycles;
}

/* The words of one set of every line. */
static void load_set(const struct tile *tile, int side, uint32_t set,
		     uint32_t serial[TILE_SIDE][FPR_SET], uint32_t parallel[TILE_SIDE][FPR_SET])
{
	for (uint32_t r = 0; r < TILE_SIDE; r++) {
		for (uint32_t i = 0; i < FPR_SET; i++) {
			serial[r][i] = serial_word(tile->x[side][r][set * FPR_SET + i]);
			parallel[r][i] = parallel_word(tile->x[!side][r][set * FPR_SET + i]);
		}
	}
}

uint64_t set_cycles(const struct tile *tile, int side, int t)
{
	struct fpr_pe_set pe[TILE_SIDE][TILE_SIDE];
	struct progress progress = {{0}, {0}, 0, 0, 0};
	uint32_t sets = (tile->k + FPR_SET - 1) / FPR_SET;

	for (uint32_t set = 0; set < sets; set++) {
		uint32_t serial[TILE_SIDE][FPR_SET], parallel[TILE_SIDE][FPR_SET];
		uint32_t cost[TILE_SIDE];

		if (set % (TILE_CHUNK / FPR_SET) == 0)
			memset(pe, 0, sizeof(pe));
		load_set(tile, side, set, serial, parallel);
		for (uint32_t r = 0; r < TILE_SIDE; r++) {
			cost[r] = FPR_SET_FLOOR;
			for (uint32_t c = 0; c < TILE_SIDE; c++) {
				uint32_t cycles = pe_cycles(&pe[r][c], serial[r], parallel[c], t);

				cost[r] = cycles > cost[r] ? cycles : cost[r];
			}
		}
		progress_step(&progress, cost, TILE_SIDE, FPR_RUN_AHEAD);
	}
	return progress_end(&progress);
}

uint64_t dense_cycles(const struct tile *tile)
{
	return (tile->k + FPR_SET - 1) / FPR_SET;
}
