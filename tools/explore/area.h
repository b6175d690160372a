/* SPDX-License-Identifier: MIT */
#ifndef EXPLORE_AREA_H
#define EXPLORE_AREA_H

/*
 * LUTs of a PE, its share of the row's control and the column's loader included. What synthesis
 * has found is in hw/rtl/figures; what is not there is estimated.
 */

#include <stdbool.h>

#include "design.h"

/**
 * struct area - how large a PE is
 * @luts: of a PE and its part of control and loader
 * @is_synthesised: found by synthesis, not an estimate
 */
struct area {
	double luts;
	bool is_synthesised;
};

/**
 * struct areas - how large all of them are
 * @design: by index of the design
 * @baseline: the chunk-aligned bit-parallel PE that all are compared with: a set of 8 a cycle
 */
struct areas {
	struct area design[DESIGNS_MAX];
	struct area baseline;
};

/**
 * area_read() - estimates, and the figures that synthesis has found in place of them
 * @path: hw/rtl/figures, whose lines `share NAME luts=...` are read
 * @areas: filled in
 * Return: 0, or the number of the line that is not understood; -1: the file cannot be read
 */
int area_read(const char *path, struct areas *areas);

/* What a design's PE would take, from the parts that the prototypes were made of. */
double area_estimate(const struct design *design);

#endif
