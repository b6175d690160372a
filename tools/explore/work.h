/* SPDX-License-Identifier: MIT */
#ifndef EXPLORE_WORK_H
#define EXPLORE_WORK_H

/*
 * What a row of the array has to issue for one chunk, whatever the order: the
 * digits of its serial values that some PE of the row keeps.
 */

#include <stdint.h>

#include "tiles.h"

#define WORK_DIGITS_MAX (TILE_CHUNK * 5)

/* Weights of digits: -1 is the chunk's largest exponent and p = 8, T is the last one kept. */
#define WORK_WEIGHT_MIN (-1)
#define WORK_WEIGHTS 17

/* How the significands are recoded. */
enum work_recoding {
	WORK_NAF, /* the contract's terms, one by one */
	/*
	 * Terms that no PE of the row drops are an integer, and only that counts: it is
	 * recoded to digits 1 and 3, or 1, 3, 5 and 7, with no two within 3 (4) places.
	 * What some PE drops stays as it was, so sums are the contract's.
	 */
	WORK_ODD3,
	WORK_ODD7,
	WORK_WHOLE, /* one digit for all that is kept of a value: the PE multiplies */
	WORK_RECODINGS
};

/**
 * struct digit - something a lane issues
 * @product: 0..63, its place in the chunk
 * @place: it stands for multiple * 2^place of its significand
 * @multiple: odd, with its sign; 0: WORK_WHOLE
 * @weight: of its place below the row's largest value: exponent distance + 7 - place
 */
struct digit {
	uint8_t product, place;
	int8_t multiple, weight;
};

/**
 * struct work - a row's digits for one chunk
 * @n: products of the chunk
 * @count: digits
 * @digit: product by product, each most significant first
 * @first: of each product's digits; @first[n] is @count
 * @by_weight: all digits in order of weight, products ascending among equals
 * @kept: terms kept, summed over the row's PEs
 */
struct work {
	uint32_t n, count, kept;
	struct digit digit[WORK_DIGITS_MAX];
	uint16_t first[TILE_CHUNK + 1];
	uint16_t by_weight[WORK_DIGITS_MAX];
};

/**
 * struct chunk - the operands of one chunk as the row control sees them
 * @n: products
 * @t: out-of-bounds threshold
 * @serial: significand (0: no effectual value) and distance to the row's largest exponent
 * @parallel: the same of columns
 */
struct chunk {
	uint32_t n;
	int t;
	struct {
		uint8_t mag[TILE_CHUNK];
		uint8_t distance[TILE_CHUNK];
		uint8_t negative[TILE_CHUNK];
	} serial[TILE_SIDE], parallel[TILE_SIDE];
};

/**
 * chunk_load() - decode one chunk of a tile
 * @chunk: filled in
 * @tile: the tile
 * @side: which operand is serial
 * @number: of the chunk
 * @t: out-of-bounds threshold
 */
void chunk_load(struct chunk *chunk, const struct tile *tile, int side, uint32_t number, int t);

/**
 * work_of_row() - what a row issues, its terms shared by columns
 * @work: filled in
 * @chunk: the chunk
 * @row: the row
 * @columns: mask of the columns that see the row's digits; 0xff in all schedules that share
 * @recoding: how
 */
void work_of_row(struct work *work, const struct chunk *chunk, uint32_t row, uint32_t columns,
		 enum work_recoding recoding);

/* Non-zero digits of a serial value, any of them kept or not: what the serial side is chosen by. */
uint32_t work_terms(uint16_t value);

#endif
