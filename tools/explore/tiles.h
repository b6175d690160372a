/* SPDX-License-Identifier: MIT */
#ifndef EXPLORE_TILES_H
#define EXPLORE_TILES_H

/* Tiles of operands, as `workloads` keeps them and as a generator makes them up. */

#include <stdint.h>
#include <stdio.h>

#define TILE_SIDE 8 /* serial and parallel vectors at most */
#define TILE_K 1024 /* products at most */
#define TILE_CHUNK 64
#define TILE_CHUNKS (TILE_K / TILE_CHUNK)
#define TILE_PRODUCTS 3 /* of a layer: AxW, GxW, AxG */
#define TILE_STAGES 3 /* of training: early, middle, late */

/**
 * struct tile - what one pass of the array multiplies
 * @layer: where it came from
 * @product: index of AxW, GxW, AxG
 * @stage: early, middle, late
 * @rows: vectors present of either operand, 1..TILE_SIDE
 * @k: products, 1..TILE_K
 * @weight: cycles of `dense` that this tile stands for
 * @x: bfloat16, op(A)'s rows and op(B)'s columns; zeros where nothing is
 */
struct tile {
	char layer[40];
	uint32_t product, stage;
	uint32_t rows[2], k;
	double weight;
	uint16_t x[2][TILE_SIDE][TILE_K];
};

/* Names of the products, in the order of struct tile. */
extern const char *const tile_products[TILE_PRODUCTS];

/**
 * tile_open() - start to read a file of tiles
 * @path: the file
 * Return: the file behind its magic number, or NULL with errno set; EBADMSG: not such a file
 */
FILE *tile_open(const char *path);

/**
 * tile_read() - the next tile of a file
 * @file: from tile_open()
 * @tile: filled in
 * Return: 1; 0: the file ends here; -1: it is damaged
 */
int tile_read(FILE *file, struct tile *tile);

/**
 * tile_random() - a tile made to find mistakes rather than to be typical
 * @tile: filled in
 * @seed: the same tile for the same number
 *
 * Zeros, narrow and wide exponents, few and many terms, absent vectors, short chunks.
 */
void tile_random(struct tile *tile, uint32_t seed);

#endif
