/* SPDX-License-Identifier: MIT */
#ifndef EXPLORE_DESIGN_H
#define EXPLORE_DESIGN_H

/*
 * Schedules as data: what the lanes of a row may issue in a cycle, and what a
 * PE that can do so is made of.
 */

#include <stdbool.h>
#include <stdint.h>

#include "work.h"

#define DESIGN_LANES_MAX 16
#define DESIGNS_MAX 256

/* Who works through what. */
enum design_kind {
	DESIGN_ROW, /* digits shared by the PEs of a row */
	DESIGN_DENSE, /* products, a set of 8 a cycle */
	DESIGN_SET, /* the paper's PE, as the contract has it */
	DESIGN_PAIRED, /* the same, and two rows read each parallel value together */
	DESIGN_PRIVATE, /* every PE its own digits */
};

/* The order in which a lane issues its digits. */
enum design_order {
	DESIGN_BY_VALUE, /* value by value: any shift in any cycle */
	DESIGN_BY_WEIGHT, /* most significant first */
};

/* Where a product's parallel value is put when it is loaded. */
enum design_steering {
	DESIGN_FIXED, /* product i in lane i mod lanes */
	DESIGN_BY_LOAD, /* of the lanes in reach with room, the one with the fewest digits so far */
	DESIGN_BY_WEIGHTS, /* ... with the fewest of the same weights */
	DESIGN_IF_LONG, /* so, if the chunk takes longer than loading it that way; else fixed */
};

/**
 * struct design - one schedule and its PE
 * @name: short, without blanks
 * @kind: who works through what
 * @lanes: of a PE
 * @window: digits of one cycle in one group have weights within so many neighbours; 0: any
 * @group: lanes of a group, 0: all
 * @group_window: the same for the groups' most significant digits
 * @order: of a lane's digits
 * @recoding: of the serial values
 * @pair: a lane may issue two digits of one value in a cycle
 * @steering: where products go
 * @reach: lanes of the group within which a product may go to any, 1: its own
 * @stride: distance between them: 1: neighbours, through a multiplexer before each lane's
 *	storage; @load: all lanes that listen to the same bus word, without one
 * @steal: lanes whose digits a lane may issue when it has none, itself included, which means
 *	as many copies of each value; 1: its own
 * @skip: weights that the accumulator can be shifted over in a cycle; 0: any number
 * @run_ahead: chunks by which a row may be ahead of the slowest
 * @slots: chunks that the columns hold; one is loaded anew when all rows are through with it,
 *	so @run_ahead is one less; 0: as the contract has it, where loading is a chunk's least
 *	cycles
 * @load: parallel values that a column loads in a cycle; 0: as many as it takes
 * @refill: cycles from the one in which a slot gets free to the one in which loading it begins,
 *	which the pre-pass takes; 0: an estimate without it
 * @least: cycles that a row spends on a chunk at least, be it that it has no digits
 * @t: out-of-bounds threshold; other than 15 changes bits
 * @by_layer: instead, each layer's product has a threshold of its own (threshold.h)
 * @is_bound: no hardware does that; for comparison
 * @rows: of a tile, 0: 8; the tile is then cut into tiles of so many rows
 * @carry: rows go on into the next tile, which has the same serial vectors, before the others end
 */
struct design {
	const char *name;
	enum design_kind kind;
	uint8_t lanes, window, group, group_window;
	enum design_order order;
	enum work_recoding recoding;
	bool pair;
	enum design_steering steering;
	uint8_t reach, stride, steal, skip, run_ahead, slots, load, refill, least, t;
	bool is_bound, carry, by_layer;
	uint8_t rows;
};

extern const struct design designs[];
extern const unsigned int n_designs;

/* Index of a design by name, or -1. */
int design_find(const char *name);

/* Values that a lane holds of one chunk. */
uint32_t design_slot_values(const struct design *design);

/* The lanes that a product may be put in: number @j of @design->reach. */
uint32_t design_lane(const struct design *design, uint32_t product, uint32_t j);

/* What happened to one digit: @digit is an index into struct work's. */
struct issue {
	uint16_t digit, cycle;
	uint8_t lane;
};

/**
 * struct row_cost - what one row spends on one chunk
 * @cycles: before the floor that loading sets
 * @empty: of them, in which no lane issues
 * @waiting: lane-cycles with a digit outside the window
 * @issues: digits issued
 * @issue: each of them
 */
struct row_cost {
	uint32_t cycles, empty, waiting, issues;
	struct issue issue[WORK_DIGITS_MAX];
};

/* What one row spends on one chunk by a DESIGN_ROW schedule. */
void design_issue(const struct design *design, const struct work *work, struct row_cost *cost);

/* What becomes of DESIGN_IF_LONG for one chunk. */
struct design design_settle(const struct design *design, const struct work work[TILE_SIDE]);

/* Cycles in which @n products are loaded. */
uint32_t design_load(const struct design *design, uint32_t n);

/* Digits of all rows of a tile, of each chunk and recoding, at one T. */
struct tile_work {
	uint32_t chunks;
	int t;
	struct chunk chunk[TILE_CHUNKS];
	struct work work[TILE_CHUNKS][WORK_RECODINGS][TILE_SIDE];
};

void tile_work_fill(struct tile_work *w, const struct tile *tile, int side, int t);

/**
 * struct tile_cost - what one tile costs
 * @cycles: tile time; of tiles with fewer rows, what eight rows take with as many PEs
 * @lanes: all lane-cycles of the rows; where they went:
 * @issued: issued a digit
 * @idle: the lane had run out, another of the row had not
 * @waiting: its digit lay outside the window
 * @empty: the accumulator was shifted over weights that no lane has
 * @floor: the row waited for the least cycles of a chunk, or for loading
 * @rows: the row waited for other rows
 */
struct tile_cost {
	uint64_t cycles, lanes, issued, idle, waiting, empty, floor, rows;
};

/**
 * design_tile() - run a tile by a schedule
 * @design: the schedule
 * @tile: the tile
 * @side: which operand is serial
 * @w: its digits at the schedule's T
 * @cost: filled in; `set` and `dense` set @cost->cycles only
 */
void design_tile(const struct design *design, const struct tile *tile, int side,
		 const struct tile_work *w, struct tile_cost *cost);

/**
 * struct progress - rows, or PEs, that work through chunks, or sets
 * @end: when each is free
 * @done: when all had finished each unit
 * @units: started so far
 * @loaded: when the last unit was loaded
 * @load_stall: cycles in which one of them waited for that alone, summed
 */
struct progress {
	uint64_t end[TILE_SIDE * TILE_SIDE], done[TILE_K / 8 + TILE_CHUNKS];
	uint32_t units;
	uint64_t loaded, load_stall;
};

/**
 * progress_load() - load the next unit as soon as a slot is free
 * @p: zero at first
 * @cycles: that it takes; the first was loaded while the tile before ran
 * @slots: how many there are
 * @refill: cycles between a slot's getting free and its loading
 */
void progress_load(struct progress *p, uint32_t cycles, uint32_t slots, uint32_t refill);

/**
 * progress_step() - all take the next unit, by the contract's run-ahead rule
 * @p: zero at first
 * @cost: of each
 * @n: how many they are
 * @run_ahead: R
 */
void progress_step(struct progress *p, const uint32_t cost[], uint32_t n, uint32_t run_ahead);

/* When the last of all units so far is done. */
uint64_t progress_end(const struct progress *p);

/* Tile times of the kinds whose accumulator sets the pace. */
uint64_t set_cycles(const struct tile *tile, int side, int t);
uint64_t dense_cycles(const struct tile *tile);

#endif
