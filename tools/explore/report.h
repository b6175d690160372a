/* SPDX-License-Identifier: MIT */
#ifndef EXPLORE_REPORT_H
#define EXPLORE_REPORT_H

#include "area.h"
#include "total.h"

/* One half of the networks, after all of them ran. */
struct half {
	struct network network[16];
	unsigned int n;
};

/* All designs in order of what a LUT of theirs does; those of other bits and bounds apart. */
void report_table(const struct half *half, const struct areas *areas, const bool wanted[]);

/* One design, network by network and product by product. */
void report_design(const struct half *half, const struct areas *areas, unsigned int design);

/* The same of several, for programs; lane-cycles in percent. */
void report_cycles(const struct half *half, const bool wanted[]);

/* What there is, and how large. */
void report_list(const struct areas *areas);

#endif
