/* SPDX-License-Identifier: MIT */
/*
 * What the kernel interface costs: null jobs against an empty call and against the
 * board's own round trip, transfers and mappings against memcpy(), all in one run. It
 * prints times, ratios and counts; it judges nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"

static void usage(FILE *to)
{
	fprintf(to, "usage: driver-bench [--json] [--runs N] [--sample SECONDS] [--device NODE] "
		    "[--control DEVICE] [--only calls|jobs|dma|map]\n");
}

struct options {
	struct bench bench;
	const char *control;
	bool json;
};

static bool parse(int argc, char **argv, struct options *o)
{
	for (int i = 1; i < argc; i++) {
		const bool more = i + 1 < argc;

		if (!strcmp(argv[i], "--json"))
			o->json = true;
		else if (!strcmp(argv[i], "--runs") && more)
			o->bench.runs = (unsigned int)strtoul(argv[++i], NULL, 10);
		else if (!strcmp(argv[i], "--sample") && more)
			o->bench.sample = strtod(argv[++i], NULL);
		else if (!strcmp(argv[i], "--device") && more)
			o->bench.node = argv[++i];
		else if (!strcmp(argv[i], "--control") && more)
			o->control = argv[++i];
		else if (!strcmp(argv[i], "--only") && more)
			o->bench.only = argv[++i];
		else
			return false;
	}
	if (o->bench.only && !group_exists(o->bench.only))
		return false;
	return o->bench.runs >= 1 && o->bench.runs <= RUNS_MAX && o->bench.sample > 0;
}

int main(int argc, char **argv)
{
	struct options o = {
		.bench = {.node = "/dev/accel/accel0", .runs = 5, .sample = 0.2},
		.control = "/dev/vm-control1",
	};
	struct bench *bench = &o.bench;

	if (argc == 2 && !strcmp(argv[1], "--help")) {
		usage(stdout);
		return 0;
	}
	if (!parse(argc, argv, &o)) {
		usage(stderr);
		return 2;
	}
	bench->has_side = side_open(o.control);
	user_open(&bench->user, bench->node);
	/* All rows in turn, then again: what disturbs the machine for a while hits them alike. */
	for (bench->run = 0; bench->run < bench->runs; bench->run++)
		for (unsigned int i = 0; i < row_count; i++)
			if (row_wanted(bench, &rows[i]))
				rows[i].seconds[bench->run] = rows[i].run(bench, &rows[i]);
	if (o.json)
		report_json(bench);
	else
		report_text(bench);
	user_close(&bench->user);
	return fflush(stdout) ? 1 : 0;
}
