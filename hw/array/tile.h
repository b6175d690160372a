/* SPDX-License-Identifier: MIT */
#ifndef FPR_TILE_H
#define FPR_TILE_H

#include <stdint.h>

#include "counters.h"
#include "fpr_geometry.h"
#include "schedule.h"

#if FPR_CHUNK % FPR_LANES != 0 || FPR_LANES > FPR_CHUNK
#error "FPR_LANES must divide FPR_CHUNK"
#endif
#if FPR_PANEL % FPR_CHUNK != 0
#error "FPR_PANEL must be a multiple of FPR_CHUNK"
#endif
#if FPR_ROWS % FPR_BLOCK != 0 && FPR_BLOCK % FPR_ROWS != 0
#error "FPR_ROWS must divide FPR_BLOCK or be a multiple of it"
#endif
#if FPR_COLS % FPR_BLOCK != 0 && FPR_BLOCK % FPR_COLS != 0
#error "FPR_COLS must divide FPR_BLOCK or be a multiple of it"
#endif

/* Vectors a scratchpad half can hold: one size for both operands. */
#define FPR_LINES (FPR_ROWS > FPR_COLS ? FPR_ROWS : FPR_COLS)

#define FPR_PES (FPR_ROWS * FPR_COLS)
#define FPR_TILE_LANES (FPR_PES * FPR_LANES)

/* A set takes this many cycles of `dense`, or of loading with all lanes busy. */
#define FPR_SET_LOADS ((FPR_SET + FPR_LANES - 1) / FPR_LANES)

/**
 * struct fpr_tile - what the kinds of tile have in common
 * @t: out-of-bounds threshold T
 * @rows: rows of the serial operand present, 1..FPR_ROWS
 * @cols: rows of the parallel operand present, 1..FPR_COLS
 * @out: fp32 sums over the chunks so far, C in included
 * @special: FPR_SPECIAL_* seen by each PE
 * @count: the job's counters
 * @schedule: clock and progress
 */
struct fpr_tile {
	uint32_t t, rows, cols;
	uint32_t out[FPR_ROWS][FPR_COLS];
	uint8_t special[FPR_ROWS][FPR_COLS];
	uint64_t count[FPR_COUNTERS];
	struct fpr_schedule schedule[1];
};

/**
 * fpr_tile_specials() - the side path over one panel
 * @tile: its special flags are added to
 * @s: serial panel
 * @p: parallel panel
 * @n: products in the panel, 1..FPR_PANEL
 */
void fpr_tile_specials(struct fpr_tile tile[1], const uint16_t s[FPR_LINES][FPR_PANEL],
		       const uint16_t p[FPR_LINES][FPR_PANEL], uint32_t n);

/*
 * Each kind has two functions: one feeds a panel and runs as far as feeding
 * demands, so rows ahead of others go on into the next panel; the other runs
 * the tile dry. Arguments as above. State lives in registers of the tile, of
 * which there is one: not re-entrant.
 */
void fpr_tile_chunk(struct fpr_tile tile[1], const uint16_t s[FPR_LINES][FPR_PANEL],
		    const uint16_t p[FPR_LINES][FPR_PANEL], uint32_t n);
void fpr_tile_chunk_drain(struct fpr_tile tile[1]);

void fpr_tile_set(struct fpr_tile tile[1], const uint16_t s[FPR_LINES][FPR_PANEL],
		  const uint16_t p[FPR_LINES][FPR_PANEL], uint32_t n);
void fpr_tile_set_drain(struct fpr_tile tile[1]);

void fpr_tile_dense(struct fpr_tile tile[1], const uint16_t s[FPR_LINES][FPR_PANEL],
		    const uint16_t p[FPR_LINES][FPR_PANEL], uint32_t n);
void fpr_tile_dense_drain(struct fpr_tile tile[1]);

void fpr_tile_value(struct fpr_tile tile[1], const uint16_t s[FPR_LINES][FPR_PANEL],
		    const uint16_t p[FPR_LINES][FPR_PANEL], uint32_t n);
void fpr_tile_value_drain(struct fpr_tile tile[1]);

#endif
