/* SPDX-License-Identifier: MIT */
#ifndef EXPLORE_TOTAL_H
#define EXPLORE_TOTAL_H

/* What every schedule costs on one network, product by product. */

#include <stdbool.h>

#include "design.h"

/* Who is serial. */
enum side {
	SIDE_A,
	SIDE_B,
	SIDE_SPARSER, /* by layer and product: fewer digits a value, as fprtrain has it */
	SIDE_TILE, /* by tile: fewer digits in all */
	SIDE_BEST, /* by tile: fewer cycles; nobody knows beforehand */
	SIDES
};

extern const char *const side_names[SIDES];

/**
 * struct total - one schedule on one network
 * @cycles: weighted, per product, stage and serial side
 * @stall: lane-cycles, with the sparser side
 */
struct total {
	double cycles[TILE_PRODUCTS][TILE_STAGES][SIDES];
	struct tile_cost stall;
};

/* The T's that layers have, if they have their own: weighted sum, weights, and extremes. */
struct thresholds {
	double sum, weight;
	int least, most;
};

/**
 * struct network - one network on all schedules
 * @name: of its file
 * @is_final: set aside: no schedule was chosen by it
 * @tiles: looked at
 * @weight: cycles of `dense`, per product and stage
 * @kept: terms kept, of all that PEs were shown; sparser side
 * @shown: those terms
 * @threshold: per product, where a design has them by layer
 * @total: of each design
 */
struct network {
	char name[40];
	bool is_final;
	unsigned long tiles;
	double weight[TILE_PRODUCTS][TILE_STAGES];
	double kept, shown;
	struct thresholds threshold[TILE_PRODUCTS];
	struct total *total;
};

/**
 * total_run() - run all tiles of a network
 * @network: filled in; @network->total holds a zeroed entry for each design
 * @path: of its tiles
 * @every: look at one tile in so many
 * @wanted: designs to run, by index
 * Return: 0, -1 with errno when the file cannot be opened, -2 when it is damaged
 */
int total_run(struct network *network, const char *path, unsigned int every, const bool wanted[]);

/* Cycles per 8 products of a design: all of training, or one product (else -1) or stage (else -1).
 */
double total_cycles(const struct network *network, unsigned int design, int product, int stage,
		    enum side side);

#endif
