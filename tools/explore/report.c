/* SPDX-License-Identifier: MIT */
#include "report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* The paper's tiles on the area of 8 bit-parallel ones, 36, as a ratio. */
#define PAPER_RATIO 4.5

static double geomean(const struct half *half, unsigned int design, int product, enum side side)
{
	double sum = 0;

	for (unsigned int n = 0; n < half->n; n++)
		sum += log(total_cycles(&half->network[n], design, product, -1, side));
	return exp(sum / half->n);
}

/* Products a LUT does, as a multiple of what the baseline's LUTs do. */
static double density(const struct areas *areas, unsigned int design, double cycles)
{
	return areas->baseline.luts / (areas->design[design].luts * cycles);
}

/* What stands behind a figure that is an estimate. */
static char mark(const struct area *area)
{
	return area->is_synthesised ? ' ' : '~';
}

static struct {
	const struct half *half;
	const struct areas *areas;
} sorting;

static double rank(unsigned int design)
{
	return density(sorting.areas, design, geomean(sorting.half, design, -1, SIDE_SPARSER));
}

static int by_density(const void *a, const void *b)
{
	double x = rank(*(const unsigned int *)a), y = rank(*(const unsigned int *)b);

	return (x < y) - (x > y);
}

static bool changes_bits(const struct design *design)
{
	return design->t != 15 || design->by_layer || design->kind == DESIGN_SET ||
	       design->kind == DESIGN_DENSE;
}

static void print_heading(const struct half *half, const char *title)
{
	printf("\n%s\n%-24s %6s %6s", title, "schedule", "LUTs", "cycles");
	for (int p = 0; p < TILE_PRODUCTS; p++)
		printf(" %5s", tile_products[p]);
	printf(" |");
	for (unsigned int n = 0; n < half->n; n++)
		printf(" %11.11s", half->network[n].name);
	printf(" | %5s %6s %6s | %5s %5s %5s\n", "x36:8", "x/LUT", "tile", "idle", "rows", "load");
}

static void print_stalls(const struct half *half, unsigned int design)
{
	double idle = 0, rows = 0, load = 0, lanes = 0;

	for (unsigned int n = 0; n < half->n; n++) {
		const struct tile_cost *stall = &half->network[n].total[design].stall;

		idle += (double)(stall->idle + stall->waiting + stall->empty);
		rows += (double)stall->rows;
		load += (double)stall->floor;
		lanes += (double)stall->lanes;
	}
	if (lanes > 0)
		printf(" | %4.0f%% %4.0f%% %4.0f%%", 100 * idle / lanes, 100 * rows / lanes,
		       100 * load / lanes);
}

static void print_row(const struct half *half, const struct areas *areas, unsigned int design)
{
	const struct area *area = &areas->design[design];
	double cycles = geomean(half, design, -1, SIDE_SPARSER);

	printf("%-24s", designs[design].name);
	if (designs[design].is_bound)
		printf(" %6s", "-");
	else
		printf(" %5.0f%c", area->luts, mark(area));
	printf(" %6.2f", cycles);
	for (int p = 0; p < TILE_PRODUCTS; p++)
		printf(" %5.2f", geomean(half, design, p, SIDE_SPARSER));
	printf(" |");
	for (unsigned int n = 0; n < half->n; n++)
		printf(" %11.2f", total_cycles(&half->network[n], design, -1, -1, SIDE_SPARSER));
	printf(" | %5.2f", PAPER_RATIO / cycles);
	if (designs[design].is_bound)
		printf(" %6s", "-");
	else
		printf(" %5.2f%c", density(areas, design, cycles), mark(area));
	printf(" %6.2f", geomean(half, design, -1, SIDE_TILE));
	print_stalls(half, design);
	putchar('\n');
}

void report_table(const struct half *half, const struct areas *areas, const bool wanted[])
{
	unsigned int order[DESIGNS_MAX], n = 0;

	for (unsigned int d = 0; d < n_designs; d++)
		if (wanted[d])
			order[n++] = d;
	sorting.half = half;
	sorting.areas = areas;
	printf("baseline: %.0f LUTs%s; ~: the area is an estimate\n", areas->baseline.luts,
	       areas->baseline.is_synthesised ? "" : " (estimate)");
	qsort(order, n, sizeof(order[0]), by_density);
	print_heading(half, "Same bits");
	for (unsigned int i = 0; i < n; i++)
		if (!designs[order[i]].is_bound && !changes_bits(&designs[order[i]]))
			print_row(half, areas, order[i]);
	print_heading(half, "Bounds, same bits: what evening out could reach at most");
	for (unsigned int i = 0; i < n; i++)
		if (designs[order[i]].is_bound)
			print_row(half, areas, order[i]);
	print_heading(half, "Other bits");
	for (unsigned int i = 0; i < n; i++)
		if (changes_bits(&designs[order[i]]))
			print_row(half, areas, order[i]);
}

static double share(uint64_t part, const struct tile_cost *stall)
{
	return stall->lanes ? 100 * (double)part / (double)stall->lanes : 0;
}

static unsigned int even_bound(const struct design *design)
{
	static const char *const names[WORK_RECODINGS] = {"chunk-even", "odd3-even", "odd7-even",
							  "whole-even"};

	return (unsigned int)design_find(names[design->recoding]);
}

static void print_products(const struct network *network, unsigned int design)
{
	for (int p = -1; p < TILE_PRODUCTS; p++) {
		double cycles = total_cycles(network, design, p, -1, SIDE_SPARSER);

		printf("%-14s %-4s", p < 0 ? network->name : "", p < 0 ? "all" : tile_products[p]);
		for (int side = 0; side < SIDES; side++)
			printf(" %7.2f", total_cycles(network, design, p, -1, (enum side)side));
		printf(" |");
		for (int stage = 0; stage < TILE_STAGES; stage++)
			printf(" %6.2f", total_cycles(network, design, p, stage, SIDE_SPARSER));
		/* The bounds have 8 lanes. */
		printf(" | %6.2f %6.2f\n", PAPER_RATIO / cycles,
		       8.0 / designs[design].lanes *
			       total_cycles(network, even_bound(&designs[design]), p, -1,
					    SIDE_SPARSER));
	}
}

void report_design(const struct half *half, const struct areas *areas, unsigned int design)
{
	printf("\n%s, %.0f LUTs%s: cycles per 8 products\n%-19s", designs[design].name,
	       areas->design[design].luts,
	       areas->design[design].is_synthesised ? "" : " (estimate)", "");
	for (int side = 0; side < SIDES; side++)
		printf(" %7s", side_names[side]);
	printf(" | %6s %6s %6s | %6s %6s\n", "early", "middle", "late", "x36:8", "even");
	for (unsigned int n = 0; n < half->n; n++)
		print_products(&half->network[n], design);
	printf("%-14s of lane-cycles: issue  idle  window  empty  load  rows | of digits shown to "
	       "a PE "
	       "kept\n",
	       "");
	for (unsigned int n = 0; n < half->n; n++) {
		const struct network *net = &half->network[n];
		const struct tile_cost *stall = &net->total[design].stall;

		printf("%-30s %4.0f%% %4.0f%% %6.0f%% %5.0f%% %4.0f%% %4.0f%% | %4.0f%%\n",
		       net->name, share(stall->issued, stall), share(stall->idle, stall),
		       share(stall->waiting, stall), share(stall->empty, stall),
		       share(stall->floor, stall), share(stall->rows, stall),
		       net->shown > 0 ? 100 * net->kept / net->shown : 0);
	}
}

static void print_cycles(const struct network *network, const bool wanted[], int product)
{
	double weight = 0;

	for (int stage = 0; product >= 0 && stage < TILE_STAGES; stage++)
		weight += network->weight[product][stage];
	/* Not every network has every product. */
	if (product >= 0 && !(weight > 0))
		return;
	printf("cycles %s/%s", network->name, product < 0 ? "all" : tile_products[product]);
	for (unsigned int d = 0; d < n_designs; d++)
		if (wanted[d])
			printf(" %s=%.4f", designs[d].name,
			       total_cycles(network, d, product, -1, SIDE_SPARSER));
	putchar('\n');
}

static void print_lane_cycles(const struct network *network, unsigned int design)
{
	const struct tile_cost *stall = &network->total[design].stall;

	if (!stall->lanes)
		return;
	printf("lanes %s/%s issue=%.1f idle=%.1f window=%.1f empty=%.1f load=%.1f rows=%.1f\n",
	       network->name, designs[design].name, share(stall->issued, stall),
	       share(stall->idle, stall), share(stall->waiting, stall), share(stall->empty, stall),
	       share(stall->floor, stall), share(stall->rows, stall));
}

static void print_thresholds(const struct network *network)
{
	for (int p = 0; p < TILE_PRODUCTS; p++) {
		const struct thresholds *t = &network->threshold[p];

		if (t->weight > 0)
			printf("threshold %s/%s mean=%.1f least=%d most=%d\n", network->name,
			       tile_products[p], t->sum / t->weight, t->least, t->most);
	}
}

void report_cycles(const struct half *half, const bool wanted[])
{
	for (unsigned int d = 0; d < n_designs; d++)
		if (wanted[d])
			printf("schedule %s lanes=%u\n", designs[d].name, designs[d].lanes);
	for (unsigned int n = 0; n < half->n; n++) {
		for (int p = -1; p < TILE_PRODUCTS; p++)
			print_cycles(&half->network[n], wanted, p);
		for (unsigned int d = 0; d < n_designs; d++)
			if (wanted[d])
				print_lane_cycles(&half->network[n], d);
		print_thresholds(&half->network[n]);
	}
}

void report_list(const struct areas *areas)
{
	for (unsigned int d = 0; d < n_designs; d++)
		printf("%-24s %5.0f%c%s%s\n", designs[d].name, areas->design[d].luts,
		       mark(&areas->design[d]), designs[d].is_bound ? " bound" : "",
		       changes_bits(&designs[d]) ? " other bits" : "");
}
