/* SPDX-License-Identifier: MIT */
#ifndef EXPLORE_AREA_H
#define EXPLORE_AREA_H

/*
 * LUTs of a PE, its share of the row's control and the column's loader included. Synthesis puts its
 * figures into the file `areas`; what is not there is estimated.
 */

#include <stdbool.h>

#include "design.h"

/*
 * The chunk-aligned bit-parallel PE that all are compared with: a set of 8 a
 * cycle. Cut as the others' parts are it has 2130 LUTs (the prototype's had
 * 2830), and its part of the loaders of both operands is 50.
 */
#define AREA_BASELINE 2180

/**
 * struct area - how large a design's PE is
 * @luts: of a PE and its part of control and loader
 * @is_synthesised: out of the file, not an estimate
 */
struct area {
	double luts;
	bool is_synthesised;
};

/**
 * area_read() - the figures that synthesis has found
 * @path: lines of "design LUTs where-from"; # begins a comment
 * @areas: by design, filled in; designs without a line are estimated
 * Return: 0, or the number of the line that is not understood; -1: the file cannot be read
 */
int area_read(const char *path, struct area areas[]);

/* What a design's PE would take, from the parts that the prototypes were made of. */
double area_estimate(const struct design *design);

#endif
