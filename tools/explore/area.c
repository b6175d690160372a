/* SPDX-License-Identifier: MIT */
#include "area.h"

#include <stdio.h>
#include <string.h>

/*
 * Whole PEs as prototypes had them, before anything was optimised: `dense` with
 * an alignment per set, `set`, and `chunk` with a full shifter a lane.
 */
#define DENSE_LUTS 3150
#define SET_LUTS 1530
#define CHUNK_LUTS 1350

#define VALUE_BITS 30 /* aligned significand 24, sign, distance */
#define BITS_PER_LUT 1.5 /* of LUT RAM 32 deep, one of four LUTs being its write port */
#define GATE_LUTS 8 /* a lane's comparison with the threshold, its enable */
#define ADDER_LUTS 48 /* a lane's share of the adder tree: sign and sum */
#define FIXED_LUTS 100 /* accumulator, and the shift that lets a row skip weights */
#define STEP_LUTS 50 /* without that shift: it only doubles */

/* A row's control, of which a PE bears an eighth; a guess. */
#define CONTROL_LANE_LUTS 40 /* recoder, and the digits of a lane in the order of their weights */
#define CONTROL_STEER_LUTS 12 /* how full the lanes are */
#define CONTROL_STEAL_LUTS 20

/* Words that a lane's memory holds, and what depth does to it. */
static double storage(const struct design *design)
{
	static const uint32_t multiples[WORK_RECODINGS] = {1, 2, 4};
	static const uint32_t wider[WORK_RECODINGS] = {0, 2, 3};
	uint32_t slots = design->slots ? design->slots : design->run_ahead + 1u;
	uint32_t depth =
		design_slot_values(design) * slots * multiples[design->recoding] * design->steal;
	double luts = (VALUE_BITS + wider[design->recoding]) / BITS_PER_LUT;

	return luts * (depth <= 32 ? 1 : depth <= 64 ? 2 : depth <= 128 ? 5 : 10);
}

/* A selection of one of @ways for each of @bits. */
static double multiplexer(uint32_t ways, double bits)
{
	return ways <= 1   ? 0
	       : ways == 2 ? bits / 2
	       : ways <= 4 ? bits
	       : ways <= 8 ? 2 * bits
			   : 5 * bits;
}

static double lane(const struct design *design)
{
	double bits = 24 + (design->window ? design->window : WORK_WEIGHTS) - 1;
	uint32_t window = design->window ? design->window : WORK_WEIGHTS;
	double adder = multiplexer(window, bits) + GATE_LUTS + ADDER_LUTS;
	double steer = design->reach > 1 && design->stride == 1 && design->load == design->lanes
			       ? multiplexer(design->reach, VALUE_BITS)
			       : 0;

	return storage(design) + steer + adder * (design->pair ? 2 : 1);
}

static double control(const struct design *design)
{
	double each = CONTROL_LANE_LUTS + (design->reach > 1 ? CONTROL_STEER_LUTS : 0) +
		      (design->steal > 1 ? CONTROL_STEAL_LUTS : 0);

	return each * design->lanes / TILE_SIDE;
}

static double groups(const struct design *design)
{
	uint32_t n = design->group ? design->lanes / design->group : 1;

	return n > 1 ? n * multiplexer(design->group_window, 28) : 0;
}

double area_estimate(const struct design *design)
{
	if (design->kind == DESIGN_DENSE)
		return DENSE_LUTS;
	if (design->kind == DESIGN_SET)
		return SET_LUTS;
	if (design->order == DESIGN_BY_VALUE)
		return CHUNK_LUTS + control(design);
	return lane(design) * design->lanes + groups(design) + control(design) +
	       (design->skip == 1 ? STEP_LUTS : FIXED_LUTS);
}

int area_read(const char *path, struct area areas[])
{
	FILE *file = fopen(path, "r");
	char line[256], name[64];
	double luts;
	int number = 0;

	for (unsigned int i = 0; i < n_designs; i++)
		areas[i] = (struct area){area_estimate(&designs[i]), false};
	if (!file)
		return -1;
	while (fgets(line, sizeof(line), file)) {
		number++;
		if (line[strspn(line, " \t\n")] == '#' || !line[strspn(line, " \t\n")])
			continue;
		if (sscanf(line, "%63s %lf", name, &luts) != 2 || design_find(name) < 0) {
			fclose(file);
			return number;
		}
		areas[design_find(name)] = (struct area){luts, true};
	}
	fclose(file);
	return 0;
}
