/* SPDX-License-Identifier: MIT */
#include "area.h"

#include <stdio.h>
#include <string.h>

/*
 * Whole PEs as the prototypes had them, before anything was optimised: `dense`
 * with an alignment per set, `set`, and `chunk` with a full shifter a lane.
 */
#define DENSE_LUTS 3150
#define SET_LUTS 1530
#define CHUNK_LUTS 1350

/*
 * Parts, from first cuts of PEs that issue by weight (Yosys 0.23, synth_xilinx,
 * signs handed down the adder tree to the accumulator), not verified:
 * 2, 4 and 8 lanes of window 1 were 157, 268 and 490 LUTs; 8 of window 2 698, of
 * window 4 798, with pairs 1312; memories 64 deep add 16 a lane.
 */
#define VALUE_BITS 30 /* aligned significand 24, sign, distance */
#define SHALLOW 0.8 /* LUTs a bit, up to 32 words */
#define DEEP 1.34 /* 64 words */
#define DEEPER 2.5 /* 128 */
#define LANE_LUTS 31 /* comparison with the threshold, and a lane's share of the adder tree */
#define PAIR_LUTS 31 /* the same for a second digit, its window apart */
#define FIXED_LUTS 46 /* accumulator that doubles or not */
#define SKIP4_LUTS 44 /* ... that shifts by up to 4 */
#define SKIP_ALL_LUTS 150 /* a shifter behind the tree instead */

/* A row's control, of which a PE bears an eighth: a guess. */
#define CONTROL_LANE_LUTS 40 /* recoder, and the digits of a lane in the order of their weights */
#define CONTROL_STEER_LUTS 12 /* how full the lanes are */
#define CONTROL_STEAL_LUTS 20

/* A lane's memory: what depth does to it. */
static double storage(const struct design *design)
{
	static const uint32_t multiples[WORK_RECODINGS] = {1, 2, 4};
	static const uint32_t wider[WORK_RECODINGS] = {0, 2, 3};
	uint32_t depth = design_slot_values(design) * design->slots * multiples[design->recoding] *
			 design->steal;
	double per_bit = depth <= 32	? SHALLOW
			 : depth <= 64	? DEEP
			 : depth <= 128 ? DEEPER
					: 2 * DEEPER;

	return (VALUE_BITS + wider[design->recoding]) * per_bit;
}

/* A selection of one of @ways for each of @bits. */
static double multiplexer(uint32_t ways, double bits)
{
	static const double per_bit[] = {0, 0, 1, 1.2, 1.2, 2.4, 2.4, 2.4, 2.4};

	return bits * (ways <= 8 ? per_bit[ways] : 5);
}

static double lane(const struct design *design)
{
	uint32_t window = design->window ? design->window : WORK_WEIGHTS;
	double shift = multiplexer(window, 24 + window - 1);
	double steer = design->reach > 1 && design->stride == 1 && design->load >= design->lanes
			       ? multiplexer(design->reach, VALUE_BITS / 2.0)
			       : 0;

	return storage(design) + steer + shift + LANE_LUTS + (design->pair ? shift + PAIR_LUTS : 0);
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

	return n > 1 ? n * multiplexer(design->group_window, 27) : 0;
}

static double accumulator(const struct design *design)
{
	return FIXED_LUTS + (design->skip == 0 ? SKIP_ALL_LUTS : design->skip > 2 ? SKIP4_LUTS : 0);
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
	       accumulator(design);
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
