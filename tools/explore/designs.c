/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "design.h"

/* Each lane its own values, and no others. */
#define OWN .reach = 1, .stride = 1, .steal = 1

/* What the contract's timing has. */
#define REFERENCE(n, k, w, l, threshold)                                                  \
	{                                                                                 \
		.name = (n), .kind = (k), .lanes = 8, .window = (w), OWN, .run_ahead = 1, \
		.load = (l), .t = (threshold)                                             \
	}

/*
 * Value by value, any shift, loading as the contract has it: today's `chunk` and what it could be.
 * @each: every layer has a T of its own.
 */
#define CHUNK(n, lend, r, each)                                                    \
	{                                                                          \
		.name = (n), .lanes = 8, .reach = 1, .stride = 1, .steal = (lend), \
		.run_ahead = (r), .load = 16, .t = 15, .by_layer = (each)          \
	}

/* By one order or the other, with loading as it can be had. */
#define LOADED(s, l) .run_ahead = (s)-1, .slots = (s), .load = (l), .t = 15

/* Value by value, lanes of any number. */
#define VALUE(n, many, code, two, how, r, step, lend, s, l)                                      \
	{                                                                                        \
		.name = (n), .lanes = (many), .recoding = (code), .pair = (two),                 \
		.steering = (how), .reach = (r), .stride = (step), .steal = (lend), LOADED(s, l) \
	}

/* The same as it was built in hw/rtl. */
#define BUILT(n, many, late, floor, each)                                             \
	{                                                                             \
		.name = (n), .lanes = (many), OWN, LOADED(2, many), .refill = (late), \
		.least = (floor), .by_layer = (each)                                  \
	}

/* Tiles of fewer rows, which wait for fewer others. */
#define ROWS(n, many, code, s, l, height)                                            \
	{                                                                            \
		.name = (n), .lanes = (many), .recoding = (code), OWN, LOADED(s, l), \
		.rows = (height)                                                     \
	}

/* Most significant first; product i in lane i mod lanes. */
#define WEIGHT(n, many, w, jump, s, l)                                                       \
	{                                                                                    \
		.name = (n), .lanes = (many), .window = (w), .order = DESIGN_BY_WEIGHT, OWN, \
		.skip = (jump), LOADED(s, l)                                                 \
	}

/* And rows go on into the next tile. */
#define CARRY(n, many, w, jump, s, l)                                                        \
	{                                                                                    \
		.name = (n), .lanes = (many), .window = (w), .order = DESIGN_BY_WEIGHT, OWN, \
		.skip = (jump), LOADED(s, l), .carry = true                                  \
	}

/* Groups of lanes, each at a weight of its own. */
#define GROUP(n, w, size, apart, s)                                                               \
	{                                                                                         \
		.name = (n), .lanes = 8, .window = (w), .group = (size), .group_window = (apart), \
		.order = DESIGN_BY_WEIGHT, OWN, LOADED(s, 8)                                      \
	}

/* Lanes evened out when a chunk is loaded. */
#define STEER(n, many, w, jump, how, r, step, s, l)                                            \
	{                                                                                      \
		.name = (n), .lanes = (many), .window = (w), .order = DESIGN_BY_WEIGHT,        \
		.steering = (how), .reach = (r), .stride = (step), .steal = 1, .skip = (jump), \
		LOADED(s, l)                                                                   \
	}

/* Lanes evened out when digits are issued. */
#define STEAL(n, w, lend, s, l)                                                                \
	{                                                                                      \
		.name = (n), .lanes = 8, .window = (w), .order = DESIGN_BY_WEIGHT, .reach = 1, \
		.stride = 1, .steal = (lend), LOADED(s, l)                                     \
	}

/* Odd multiples of the parallel value stored beside it. */
#define ODD(n, many, w, code, r, s, l)                                                     \
	{                                                                                  \
		.name = (n), .lanes = (many), .window = (w), .order = DESIGN_BY_WEIGHT,    \
		.recoding = (code), .steering = DESIGN_BY_LOAD, .reach = (r), .stride = 1, \
		.steal = 1, LOADED(s, l)                                                   \
	}

/* Two digits of a value in a cycle. */
#define PAIR(n, many, w, code, r, s, l)                                                     \
	{                                                                                   \
		.name = (n), .lanes = (many), .window = (w), .order = DESIGN_BY_WEIGHT,     \
		.recoding = (code), .pair = true, .steering = DESIGN_BY_LOAD, .reach = (r), \
		.stride = 1, .steal = 1, LOADED(s, l)                                       \
	}

/* What no hardware does. */
#define BOUND(n, k, w, by, code, two, lend)                                                  \
	{                                                                                    \
		.name = (n), .kind = (k), .lanes = 8, .window = (w), .order = (by),          \
		.recoding = (code), .pair = (two), .reach = 1, .stride = 1, .steal = (lend), \
		.run_ahead = 4, .t = 15, .is_bound = true                                    \
	}

/* Other bits. */
#define OTHER_T(n, code, threshold)                                                           \
	{                                                                                     \
		.name = (n), .lanes = 4, .recoding = (code), OWN, .run_ahead = 1, .slots = 2, \
		.load = 4, .t = (threshold)                                                   \
	}

const struct design designs[] = {
	REFERENCE("dense", DESIGN_DENSE, 0, 0, 15),
	REFERENCE("set", DESIGN_SET, 3, 0, 12),

	CHUNK("chunk", 1, 1, false),
	CHUNK("chunk-r0", 1, 0, false),
	CHUNK("chunk-r2", 1, 2, false),
	CHUNK("chunk-r4", 1, 4, false),
	CHUNK("chunk-steal2", 2, 1, false),
	CHUNK("chunk-steal4", 4, 1, false),
	CHUNK("chunk-steal8", 8, 1, false),
	REFERENCE("chunk-paired", DESIGN_PAIRED, 0, 16, 15),

	VALUE("value-16", 16, WORK_NAF, false, DESIGN_FIXED, 1, 1, 1, 8, 16),
	VALUE("value", 8, WORK_NAF, false, DESIGN_FIXED, 1, 1, 1, 4, 8),
	VALUE("value-slots2", 8, WORK_NAF, false, DESIGN_FIXED, 1, 1, 1, 2, 8),
	BUILT("value-4", 4, 4, 1, false),
	ROWS("value-4-rows4", 4, WORK_NAF, 2, 4, 4),
	ROWS("value-4-rows2", 4, WORK_NAF, 2, 4, 2),
	ROWS("value-4-rows1", 4, WORK_NAF, 2, 4, 1),
	ROWS("value-rows4", 8, WORK_NAF, 4, 8, 4),
	ROWS("value-2-rows4", 2, WORK_NAF, 2, 2, 4),
	ROWS("value-4-odd3-rows4", 4, WORK_ODD3, 2, 4, 4),
	ROWS("value-4-odd3-rows2", 4, WORK_ODD3, 2, 4, 2),
	ROWS("value-4-odd7-rows4", 4, WORK_ODD7, 2, 4, 4),
	VALUE("value-4-slots4", 4, WORK_NAF, false, DESIGN_FIXED, 1, 1, 1, 4, 4),
	VALUE("value-2", 2, WORK_NAF, false, DESIGN_FIXED, 1, 1, 1, 2, 2),
	VALUE("value-1", 1, WORK_NAF, false, DESIGN_FIXED, 1, 1, 1, 2, 1),
	VALUE("value-steer2", 8, WORK_NAF, false, DESIGN_BY_LOAD, 2, 1, 1, 4, 8),
	VALUE("value-steer4", 8, WORK_NAF, false, DESIGN_BY_LOAD, 4, 1, 1, 4, 8),
	VALUE("value-steer8", 8, WORK_NAF, false, DESIGN_BY_LOAD, 8, 1, 1, 4, 8),
	VALUE("value-bus4", 8, WORK_NAF, false, DESIGN_BY_LOAD, 2, 4, 1, 4, 4),
	VALUE("value-auto4", 8, WORK_NAF, false, DESIGN_IF_LONG, 2, 4, 1, 4, 4),
	VALUE("value-auto2", 8, WORK_NAF, false, DESIGN_IF_LONG, 4, 2, 1, 4, 2),
	VALUE("value-steal2", 8, WORK_NAF, false, DESIGN_FIXED, 1, 1, 2, 4, 8),
	VALUE("value-steal2-load16", 8, WORK_NAF, false, DESIGN_FIXED, 1, 1, 2, 4, 16),
	VALUE("value-4-steer2", 4, WORK_NAF, false, DESIGN_BY_LOAD, 2, 1, 1, 2, 4),
	VALUE("value-4-steer4", 4, WORK_NAF, false, DESIGN_BY_LOAD, 4, 1, 1, 2, 4),
	VALUE("value-4-bus2", 4, WORK_NAF, false, DESIGN_BY_LOAD, 2, 2, 1, 2, 2),
	VALUE("value-4-auto2", 4, WORK_NAF, false, DESIGN_IF_LONG, 2, 2, 1, 2, 2),
	VALUE("value-4-auto2-slots4", 4, WORK_NAF, false, DESIGN_IF_LONG, 2, 2, 1, 4, 2),
	VALUE("value-4-steal2", 4, WORK_NAF, false, DESIGN_FIXED, 1, 1, 2, 2, 4),
	VALUE("value-2-auto1", 2, WORK_NAF, false, DESIGN_IF_LONG, 2, 1, 1, 2, 1),
	VALUE("value-odd3", 8, WORK_ODD3, false, DESIGN_FIXED, 1, 1, 1, 4, 8),
	VALUE("value-odd7", 8, WORK_ODD7, false, DESIGN_FIXED, 1, 1, 1, 4, 8),
	VALUE("value-odd3-auto4", 8, WORK_ODD3, false, DESIGN_IF_LONG, 2, 4, 1, 4, 4),
	VALUE("value-odd3-steer4", 8, WORK_ODD3, false, DESIGN_BY_LOAD, 4, 1, 1, 4, 8),
	VALUE("value-4-odd3", 4, WORK_ODD3, false, DESIGN_FIXED, 1, 1, 1, 2, 4),
	VALUE("value-4-odd3-auto2", 4, WORK_ODD3, false, DESIGN_IF_LONG, 2, 2, 1, 2, 2),
	VALUE("value-4-odd7", 4, WORK_ODD7, false, DESIGN_FIXED, 1, 1, 1, 2, 4),
	VALUE("value-4-odd7-auto2", 4, WORK_ODD7, false, DESIGN_IF_LONG, 2, 2, 1, 2, 2),
	VALUE("value-4-odd7-steer4", 4, WORK_ODD7, false, DESIGN_BY_LOAD, 4, 1, 1, 2, 4),
	VALUE("value-pair", 8, WORK_NAF, true, DESIGN_FIXED, 1, 1, 1, 4, 8),
	VALUE("value-4-pair", 4, WORK_NAF, true, DESIGN_FIXED, 1, 1, 1, 2, 4),
	VALUE("value-odd7-steer4", 8, WORK_ODD7, false, DESIGN_BY_LOAD, 4, 1, 1, 4, 8),
	VALUE("value-pair-steer4", 8, WORK_NAF, true, DESIGN_BY_LOAD, 4, 1, 1, 4, 8),
	VALUE("value-odd7-pair", 8, WORK_ODD7, true, DESIGN_FIXED, 1, 1, 1, 4, 8),
	VALUE("value-odd7-pair-steer4", 8, WORK_ODD7, true, DESIGN_BY_LOAD, 4, 1, 1, 4, 8),
	VALUE("value-4-odd3-pair", 4, WORK_ODD3, true, DESIGN_FIXED, 1, 1, 1, 2, 4),

	WEIGHT("weight", 8, 1, 0, 4, 8),
	WEIGHT("weight-skip1", 8, 1, 1, 4, 8),
	WEIGHT("weight-skip2", 8, 1, 2, 4, 8),
	WEIGHT("weight-slots2", 8, 1, 1, 2, 8),
	WEIGHT("weight-slots3", 8, 1, 1, 3, 8),
	WEIGHT("weight-slots5", 8, 1, 1, 5, 8),
	WEIGHT("weight-1", 1, 1, 1, 2, 1),
	WEIGHT("weight-2", 2, 1, 1, 2, 2),
	WEIGHT("weight-4", 4, 1, 1, 2, 4),
	WEIGHT("weight-4-skip2", 4, 1, 2, 2, 4),
	WEIGHT("weight-4-slots3", 4, 1, 1, 3, 4),
	WEIGHT("weight-4-slots4", 4, 1, 1, 4, 4),
	CARRY("weight-4-carry", 4, 1, 1, 2, 4),
	WEIGHT("weight-16", 16, 1, 1, 8, 16),

	STEAL("weight-steal2", 1, 2, 2, 8),
	STEAL("weight-steal4", 1, 4, 2, 8),
	STEER("weight-steer2", 8, 1, 1, DESIGN_BY_WEIGHTS, 2, 1, 4, 8),
	STEER("weight-steer4", 8, 1, 1, DESIGN_BY_WEIGHTS, 4, 1, 4, 8),
	STEER("weight-bus4", 8, 1, 1, DESIGN_BY_WEIGHTS, 2, 4, 4, 4),
	STEER("weight-bus4-load", 8, 1, 1, DESIGN_BY_LOAD, 2, 4, 4, 4),
	STEER("weight-bus2", 8, 1, 1, DESIGN_BY_WEIGHTS, 4, 2, 4, 2),
	STEER("weight-4-steer2", 4, 1, 1, DESIGN_BY_WEIGHTS, 2, 1, 2, 4),
	STEER("weight-4-steer4", 4, 1, 1, DESIGN_BY_WEIGHTS, 4, 1, 2, 4),
	STEER("weight-4-bus2", 4, 1, 1, DESIGN_BY_WEIGHTS, 2, 2, 2, 2),
	STEER("weight-4-auto2", 4, 1, 1, DESIGN_IF_LONG, 2, 2, 2, 2),
	STEER("weight-4-auto1", 4, 1, 1, DESIGN_IF_LONG, 4, 1, 2, 1),
	STEER("weight-auto4", 8, 1, 1, DESIGN_IF_LONG, 2, 4, 4, 4),
	STEER("weight-auto2", 8, 1, 1, DESIGN_IF_LONG, 4, 2, 4, 2),
	STEER("weight-4-bus2-slots4", 4, 1, 1, DESIGN_BY_WEIGHTS, 2, 2, 4, 2),
	STEER("weight-4-bus1", 4, 1, 1, DESIGN_BY_WEIGHTS, 4, 1, 2, 1),
	STEER("weight-2-bus1", 2, 1, 1, DESIGN_BY_WEIGHTS, 2, 1, 2, 1),
	STEER("weight-16-bus8", 16, 1, 1, DESIGN_BY_WEIGHTS, 2, 8, 8, 8),
	STEER("weight-16-bus4", 16, 1, 1, DESIGN_BY_WEIGHTS, 4, 4, 8, 4),

	WEIGHT("window2", 8, 2, 0, 4, 8),
	WEIGHT("window2-skip1", 8, 2, 1, 4, 8),
	WEIGHT("window2-skip2", 8, 2, 2, 4, 8),
	WEIGHT("window2-slots2", 8, 2, 2, 2, 8),
	WEIGHT("window3-skip2", 8, 3, 2, 4, 8),
	WEIGHT("window4", 8, 4, 0, 4, 8),
	WEIGHT("window4-skip1", 8, 4, 1, 4, 8),
	WEIGHT("window4-skip2", 8, 4, 2, 4, 8),
	WEIGHT("window4-skip4", 8, 4, 4, 4, 8),
	WEIGHT("window4-slots2", 8, 4, 2, 2, 8),
	CARRY("window4-carry", 8, 4, 4, 4, 8),
	WEIGHT("window6", 8, 6, 4, 4, 8),
	WEIGHT("window8", 8, 8, 4, 4, 8),
	WEIGHT("window2-2", 2, 2, 2, 2, 2),
	WEIGHT("window2-4", 4, 2, 2, 2, 4),
	WEIGHT("window4-4", 4, 4, 2, 2, 4),
	WEIGHT("window2-16", 16, 2, 2, 8, 16),
	WEIGHT("window4-16", 16, 4, 4, 8, 16),

	GROUP("group4-2", 1, 4, 2, 4),
	GROUP("group4-4", 1, 4, 4, 4),
	GROUP("group4-8", 1, 4, 8, 4),
	GROUP("group2-2", 1, 2, 2, 4),
	GROUP("group2-4", 1, 2, 4, 4),
	GROUP("window2-group4-4", 2, 4, 4, 4),

	STEAL("window4-steal2", 4, 2, 2, 8),
	STEER("window2-steer2", 8, 2, 2, DESIGN_BY_LOAD, 2, 1, 4, 8),
	STEER("window2-steer2w", 8, 2, 2, DESIGN_BY_WEIGHTS, 2, 1, 4, 8),
	STEER("window2-steer4w", 8, 2, 2, DESIGN_BY_WEIGHTS, 4, 1, 4, 8),
	STEER("window2-bus4", 8, 2, 2, DESIGN_BY_LOAD, 2, 4, 4, 4),
	STEER("window2-bus4w", 8, 2, 2, DESIGN_BY_WEIGHTS, 2, 4, 4, 4),
	STEER("window4-steer2", 8, 4, 4, DESIGN_BY_LOAD, 2, 1, 4, 8),
	STEER("window4-steer4", 8, 4, 4, DESIGN_BY_LOAD, 4, 1, 4, 8),
	STEER("window4-bus4", 8, 4, 4, DESIGN_BY_LOAD, 2, 4, 4, 4),
	STEER("window4-bus4w", 8, 4, 4, DESIGN_BY_WEIGHTS, 2, 4, 4, 4),
	STEER("window2-4-bus2", 4, 2, 2, DESIGN_BY_WEIGHTS, 2, 2, 2, 2),
	STEER("window2-4-auto2", 4, 2, 2, DESIGN_IF_LONG, 2, 2, 2, 2),
	STEER("window2-auto4", 8, 2, 2, DESIGN_IF_LONG, 2, 4, 4, 4),
	STEER("window4-auto4", 8, 4, 4, DESIGN_IF_LONG, 2, 4, 4, 4),
	STEER("window4-16-bus8", 16, 4, 4, DESIGN_BY_LOAD, 2, 8, 8, 8),
	STEER("window4-16-bus4", 16, 4, 4, DESIGN_BY_LOAD, 4, 4, 8, 4),

	ODD("weight-odd3", 8, 1, WORK_ODD3, 1, 2, 8),
	ODD("window2-odd3", 8, 2, WORK_ODD3, 1, 2, 8),
	ODD("window2-odd3-slots4", 8, 2, WORK_ODD3, 1, 4, 8),
	ODD("window4-odd3", 8, 4, WORK_ODD3, 1, 2, 8),
	ODD("window4-odd3-steer2", 8, 4, WORK_ODD3, 2, 2, 8),
	ODD("weight-4-odd3", 4, 1, WORK_ODD3, 1, 2, 4),
	ODD("window2-16-odd3", 16, 2, WORK_ODD3, 1, 4, 16),
	ODD("window4-odd7", 8, 4, WORK_ODD7, 1, 2, 8),

	PAIR("window4-pair", 8, 4, WORK_NAF, 1, 4, 8),
	PAIR("window4-pair-steer2", 8, 4, WORK_NAF, 2, 4, 8),
	PAIR("window8-pair", 8, 8, WORK_NAF, 1, 4, 8),
	PAIR("window4-4-pair", 4, 4, WORK_NAF, 1, 2, 4),
	PAIR("window4-odd3-pair", 8, 4, WORK_ODD3, 1, 2, 8),

	VALUE("whole", 8, WORK_WHOLE, false, DESIGN_FIXED, 1, 1, 1, 4, 8),
	VALUE("whole-load16", 8, WORK_WHOLE, false, DESIGN_FIXED, 1, 1, 1, 4, 16),
	VALUE("whole-steer2", 8, WORK_WHOLE, false, DESIGN_BY_LOAD, 2, 1, 1, 4, 16),
	VALUE("whole-steer4", 8, WORK_WHOLE, false, DESIGN_BY_LOAD, 4, 1, 1, 4, 16),
	VALUE("whole-steer8", 8, WORK_WHOLE, false, DESIGN_BY_LOAD, 8, 1, 1, 4, 16),
	VALUE("whole-4-steer4", 4, WORK_WHOLE, false, DESIGN_BY_LOAD, 4, 1, 1, 2, 8),
	VALUE("whole-4", 4, WORK_WHOLE, false, DESIGN_FIXED, 1, 1, 1, 2, 8),

	BOUND("chunk-private", DESIGN_PRIVATE, 0, DESIGN_BY_VALUE, WORK_NAF, false, 1),
	BOUND("chunk-even", DESIGN_ROW, 0, DESIGN_BY_WEIGHT, WORK_NAF, false, 8),
	BOUND("weight-even", DESIGN_ROW, 1, DESIGN_BY_WEIGHT, WORK_NAF, false, 8),
	BOUND("window2-even", DESIGN_ROW, 2, DESIGN_BY_WEIGHT, WORK_NAF, false, 8),
	BOUND("window4-even", DESIGN_ROW, 4, DESIGN_BY_WEIGHT, WORK_NAF, false, 8),
	BOUND("odd3-even", DESIGN_ROW, 0, DESIGN_BY_WEIGHT, WORK_ODD3, false, 8),
	BOUND("odd7-even", DESIGN_ROW, 0, DESIGN_BY_WEIGHT, WORK_ODD7, false, 8),
	BOUND("whole-even", DESIGN_ROW, 0, DESIGN_BY_WEIGHT, WORK_WHOLE, false, 8),
	BOUND("pair-even", DESIGN_ROW, 0, DESIGN_BY_WEIGHT, WORK_NAF, true, 8),

	OTHER_T("value-4-t12", WORK_NAF, 12),
	OTHER_T("value-4-t10", WORK_NAF, 10),
	OTHER_T("value-4-t8", WORK_NAF, 8),
	OTHER_T("value-4-t6", WORK_NAF, 6),
	OTHER_T("value-4-odd3-t12", WORK_ODD3, 12),
	OTHER_T("value-4-odd3-t8", WORK_ODD3, 8),
	CHUNK("chunk-by-layer", 1, 1, true),
	BUILT("value-4-by-layer", 4, 4, 1, true),
};

const unsigned int n_designs = sizeof(designs) / sizeof(designs[0]);
_Static_assert(sizeof(designs) / sizeof(designs[0]) <= DESIGNS_MAX, "tables have room for all");

int design_find(const char *name)
{
	for (unsigned int i = 0; i < n_designs; i++)
		if (!strcmp(designs[i].name, name))
			return (int)i;
	return -1;
}
