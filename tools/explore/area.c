/* SPDX-License-Identifier: MIT */
#include "area.h"

#include <stdio.h>
#include <string.h>

/* The baseline's name among the figures. */
#define BASELINE "dense_chunk"

/*
 * First cuts (Yosys 0.23, synth_xilinx -family xcup -nodsp; signs handed down
 * the adder tree to the accumulator), not verified:
 *
 *   by weight, window 1: 2, 4, 8 lanes 157, 268, 490 LUTs; 8 of window 2 698, of
 *   window 4 798, with pairs 1312; a memory 64 deep adds 16 a lane
 *   by value, full shift: 2 (64 deep), 4, 8 lanes 203, 344, 658; 4 with digits 1 and 3 424,
 *   with 1, 3, 5, 7 494
 *   chunk-aligned bit-parallel: 1, 2, 8 lanes 272, 557, 2130
 *
 * `set`, and `dense` with its alignment of every set, are the prototypes' PEs.
 */
#define BASELINE_LUTS 2180 /* 2130, and 50 for its part of the loaders of both operands */
#define DENSE_LUTS 3150
#define SET_LUTS 1530

#define ALIGNED_BITS 30 /* by weight: aligned significand 24, sign, distance */
#define VALUE_BITS 14 /* by value: significand 8, sign, distance */
#define SHALLOW 0.8 /* LUTs a bit, up to 32 words; a row of 14 bits is better off: */
#define SHALLOW_14 0.57
#define DEEP 1.7 /* 64 words, as a multiple */
#define DEEPER 4 /* 128 */

#define WEIGHT_LUTS 31 /* comparison with the threshold, and a lane's share of the adder tree */
#define SHIFT_LUTS 70 /* the same with a shifter from 8 bits to 24 */
#define ODD3_LUTS 20 /* an adder that makes 3B, two more bits to shift */
#define ODD7_LUTS 37 /* or 3B, 5B, 7B, and three */
#define WHOLE_LUTS                                                                    \
	290 /* multiplier and shifter, and the prefix that a PE keeps: partly a guess \
	     */

#define FIXED_LUTS 46 /* accumulator that doubles or not */
#define PLAIN_LUTS 30 /* accumulator that need not */
#define SKIP4_LUTS 44 /* ... that shifts by up to 4 */
#define SKIP_ALL_LUTS 150 /* a shifter behind the tree instead */

/*
 * A row's control, and the loaders of its vector and of a column's, of which a PE bears its
 * part. As hw/rtl has them for `chunk` and `value-4`, which agree to some percent; what
 * neither has is a guess.
 */
#define CONTROL_LANE_LUTS 205 /* the values of a lane and its next digit */
#define CONTROL_VALUE_LUTS 73 /* for each value that a row loads in a cycle: recoder */
#define CONTROL_ORDER_LUTS 15 /* a guess: the digits of a lane in the order of their weights */
#define LOADER_LUTS 88 /* of a vector */
#define LOADER_VALUE_LUTS 58 /* for each value that it loads in a cycle: maximum and distance */
#define ALIGNER_LUTS 45 /* a guess: and a shift, in a column */
#define CONTROL_STEER_LUTS 12 /* how full the lanes are */
#define CONTROL_STEAL_LUTS 20

static bool is_aligned(const struct design *design)
{
	return design->order == DESIGN_BY_WEIGHT;
}

/* A lane's memory: what depth does to it. */
static double storage(const struct design *design)
{
	static const uint32_t multiples[WORK_RECODINGS] = {1, 2, 4, 1};
	static const uint32_t wider[WORK_RECODINGS] = {0, 2, 3, 0};
	uint32_t copies = is_aligned(design) ? multiples[design->recoding] : 1;
	uint32_t slots = design->slots ? design->slots : design->run_ahead + 1u;
	uint32_t depth = design_slot_values(design) * slots * copies * design->steal;
	double luts = is_aligned(design) ? (ALIGNED_BITS + wider[design->recoding]) * SHALLOW
					 : VALUE_BITS * SHALLOW_14;

	luts *= depth <= 32 ? 1 : depth <= 64 ? DEEP : depth <= 128 ? DEEPER : 2 * DEEPER;
	/* A memory has one write port: two values a cycle take two, and a selection behind them. */
	return design->load > design->lanes ? 2 * luts + VALUE_BITS : luts;
}

/* A selection of one of @ways for each of @bits. */
static double multiplexer(uint32_t ways, double bits)
{
	static const double per_bit[] = {0, 0, 1, 1.2, 1.2, 2.4, 2.4, 2.4, 2.4};

	return bits * (ways <= 8 ? per_bit[ways] : 5);
}

/* From a lane's memory to its share of the sum. */
static double path(const struct design *design)
{
	static const double odd[WORK_RECODINGS] = {0, ODD3_LUTS, ODD7_LUTS, 0};
	uint32_t window = design->window ? design->window : WORK_WEIGHTS;

	if (is_aligned(design))
		return multiplexer(window, 24 + window - 1) + WEIGHT_LUTS;
	if (design->recoding == WORK_WHOLE)
		return WHOLE_LUTS;
	/* A smaller T drops what lies below, in all that follows. */
	return (SHIFT_LUTS + odd[design->recoding]) * (design->t + 9) / 24;
}

static double lane(const struct design *design)
{
	bool steers = design->reach > 1 && design->stride == 1 && design->load >= design->lanes;
	double steer =
		steers ? multiplexer(design->reach, is_aligned(design) ? ALIGNED_BITS : VALUE_BITS)
		       : 0;

	return storage(design) + steer + path(design) * (design->pair ? 2 : 1);
}

static double control(const struct design *design)
{
	double each = CONTROL_LANE_LUTS + (is_aligned(design) ? CONTROL_ORDER_LUTS : 0) +
		      (design->reach > 1 ? CONTROL_STEER_LUTS : 0) +
		      (design->steal > 1 ? CONTROL_STEAL_LUTS : 0);

	return (each * design->lanes + CONTROL_VALUE_LUTS * design->load) / TILE_SIDE; /* columns */
}

static double loader(const struct design *design)
{
	uint32_t rows = design->rows ? design->rows : TILE_SIDE;

	double vector = LOADER_LUTS + LOADER_VALUE_LUTS * design->load;
	double aligner = is_aligned(design) ? ALIGNER_LUTS * design->load : 0;

	return vector / TILE_SIDE + (vector + aligner) / rows;
}

static double groups(const struct design *design)
{
	uint32_t n = design->group ? design->lanes / design->group : 1;

	return n > 1 ? n * multiplexer(design->group_window, 27) : 0;
}

static double accumulator(const struct design *design)
{
	if (!is_aligned(design))
		return PLAIN_LUTS;
	return FIXED_LUTS + (design->skip == 0 ? SKIP_ALL_LUTS : design->skip > 2 ? SKIP4_LUTS : 0);
}

double area_estimate(const struct design *design)
{
	if (design->kind == DESIGN_DENSE)
		return DENSE_LUTS;
	if (design->kind == DESIGN_SET)
		return SET_LUTS;
	return lane(design) * design->lanes + groups(design) + control(design) + loader(design) +
	       accumulator(design);
}

static void estimate(struct areas *areas)
{
	for (unsigned int i = 0; i < n_designs; i++)
		areas->design[i] = (struct area){area_estimate(&designs[i]), false};
	areas->baseline = (struct area){BASELINE_LUTS, false};
}

/* Return: whether the line is understood, be it that it says nothing of a share. */
static bool read_line(const char *line, struct areas *areas)
{
	const char *luts = strstr(line, " luts=");
	struct area area = {0, true};
	char name[64];

	if (strncmp(line, "share ", strlen("share ")))
		return true;
	if (!luts || sscanf(line, "share %63s", name) != 1 ||
	    sscanf(luts, " luts=%lf", &area.luts) != 1)
		return false;
	if (!strcmp(name, BASELINE))
		areas->baseline = area;
	else if (design_find(name) >= 0)
		areas->design[design_find(name)] = area;
	else
		return false;
	return true;
}

int area_read(const char *path, struct areas *areas)
{
	FILE *file = fopen(path, "r");
	char line[1024];
	int number = 0;

	estimate(areas);
	if (!file)
		return -1;
	while (fgets(line, sizeof(line), file)) {
		number++;
		if (!read_line(line, areas)) {
			fclose(file);
			return number;
		}
	}
	fclose(file);
	return 0;
}
