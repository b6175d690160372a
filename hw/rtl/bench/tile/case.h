/* SPDX-License-Identifier: MIT */
#ifndef FPR_RTL_CASE_H
#define FPR_RTL_CASE_H

#include <stdint.h>

#include "fpr_geometry.h"

#ifdef __cplusplus
extern "C" {
#endif

#define CASE_K_MAX 2048

/* One tile: what goes in. */
struct tile_case {
	const char *name;
	uint32_t k, t;
	uint32_t starved; /* 1: operands come late, so the issue stage waits */
	uint16_t s[FPR_ROWS][CASE_K_MAX];
	uint16_t p[FPR_COLS][CASE_K_MAX];
	uint32_t c_in[FPR_ROWS][FPR_COLS]; /* as read: no subnormals, one NaN */
};

/* And what must come out; `dense` has no counters but cycles. */
struct tile_result {
	uint32_t out[FPR_ROWS][FPR_COLS];
	uint64_t cycles, issued, beyond;
	uint64_t no_term, shift_range, inter_pe, floor, inter_row;
};

/* Number of made-up cases; the @i-th one. */
uint32_t case_count(void);
void case_make(uint32_t i, struct tile_case *tile);

/* Tiles cut from a trace; 0 past the last, negative errno when there is no such trace. */
int case_trace_open(const char *path);
int case_trace_next(struct tile_case *tile);

/* What the HLS C makes of a tile of FPR_KIND_*. */
void hls_run(uint32_t kind, const struct tile_case *tile, struct tile_result *want);

#ifdef __cplusplus
}
#endif

#endif
