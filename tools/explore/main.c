/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"

struct options {
	const char *tiles, *split, *areas;
	unsigned int every;
	bool final;
};

static void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void complain(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("explore: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
}

static int usage(FILE *out)
{
	fputs("usage: explore [OPTIONS] table [SCHEDULE...] | show SCHEDULE... |\n"
	      "                         cycles SCHEDULE... | list\n\n"
	      "  --tiles DIR   what `make workloads` has left (build/workloads)\n"
	      "  --split FILE  which networks are for choosing (tools/explore/split)\n"
	      "  --areas FILE  LUTs found by synthesis (hw/rtl/figures)\n"
	      "  --final       the networks that were set aside; name the schedules\n"
	      "  --every N     one tile of N, to be quick\n",
	      out);
	return out == stdout ? 0 : 2;
}

static const char *value_of(int argc, char **argv, int *i)
{
	return *i + 1 < argc ? argv[++*i] : "";
}

/* Return: index of the command in @argv, or 0 when an option is wrong. */
static int read_options(int argc, char **argv, struct options *options)
{
	int i;

	for (i = 1; i < argc && !strncmp(argv[i], "--", 2); i++) {
		if (!strcmp(argv[i], "--tiles"))
			options->tiles = value_of(argc, argv, &i);
		else if (!strcmp(argv[i], "--split"))
			options->split = value_of(argc, argv, &i);
		else if (!strcmp(argv[i], "--areas"))
			options->areas = value_of(argc, argv, &i);
		else if (!strcmp(argv[i], "--every"))
			options->every = (unsigned int)strtoul(value_of(argc, argv, &i), NULL, 10);
		else if (!strcmp(argv[i], "--final"))
			options->final = true;
		else
			return 0;
	}
	return i < argc && options->every ? i : 0;
}

/* Designs named on the command line, or all. */
static int read_wanted(int argc, char **argv, int first, bool wanted[])
{
	for (unsigned int d = 0; d < n_designs; d++)
		wanted[d] = first == argc;
	for (int i = first; i < argc; i++) {
		int d = design_find(argv[i]);

		if (d < 0) {
			complain("no schedule '%s'; see explore list", argv[i]);
			return -1;
		}
		wanted[d] = true;
	}
	return 0;
}

static int run_network(const struct options *options, const char *name, const bool wanted[],
		       struct half *half)
{
	struct network *network = &half->network[half->n];
	char path[512];
	int err;

	snprintf(path, sizeof(path), "%s/%s.tiles", options->tiles, name);
	snprintf(network->name, sizeof(network->name), "%s", name);
	network->total = calloc(n_designs, sizeof(*network->total));
	err = network->total ? total_run(network, path, options->every, wanted) : -1;
	if (err == -1)
		complain("%s: %s; `make workloads` writes it", path, strerror(errno));
	else if (err)
		complain("%s is damaged; `make workloads` writes it anew", path);
	half->n++;
	return err;
}

static int run_half(const struct options *options, const bool wanted[], struct half *half)
{
	FILE *file = fopen(options->split, "r");
	char line[256], which[16], name[40];
	int err = 0;

	if (!file) {
		complain("%s: %s", options->split, strerror(errno));
		return -1;
	}
	while (!err && fgets(line, sizeof(line), file)) {
		if (line[0] == '#' || sscanf(line, "%15s %39s", which, name) != 2)
			continue;
		if (!strcmp(which, options->final ? "final" : "tune") && half->n < 16)
			err = run_network(options, name, wanted, half);
	}
	fclose(file);
	return err;
}

static void free_half(struct half *half)
{
	for (unsigned int n = 0; n < half->n; n++)
		free(half->network[n].total);
}

static int run_command(const struct options *options, const char *command, bool wanted[],
		       const struct areas *areas)
{
	static struct half half;
	bool run[DESIGNS_MAX];
	int err;

	for (unsigned int d = 0; d < n_designs; d++)
		run[d] = wanted[d] || (!strcmp(command, "show") && designs[d].is_bound);
	err = run_half(options, run, &half);
	if (!err && !strcmp(command, "table"))
		report_table(&half, areas, wanted);
	if (!err && !strcmp(command, "cycles"))
		report_cycles(&half, wanted);
	for (unsigned int d = 0; !err && !strcmp(command, "show") && d < n_designs; d++)
		if (wanted[d])
			report_design(&half, areas, d);
	free_half(&half);
	return err ? 1 : 0;
}

int main(int argc, char **argv)
{
	struct options options = {"build/workloads", "tools/explore/split", "hw/rtl/figures", 1,
				  false};
	struct areas areas;
	bool wanted[DESIGNS_MAX] = {false};
	int at = read_options(argc, argv, &options), line;

	if (argc == 2 && !strcmp(argv[1], "--help"))
		return usage(stdout);
	if (!at)
		return usage(stderr);
	line = area_read(options.areas, &areas);
	if (line) {
		complain("%s: %s", options.areas,
			 line < 0 ? strerror(errno) : "a share is not `share SCHEDULE luts=N`");
		return 1;
	}
	if (!strcmp(argv[at], "list")) {
		report_list(&areas);
		return 0;
	}
	if (strcmp(argv[at], "table") && strcmp(argv[at], "show") && strcmp(argv[at], "cycles"))
		return usage(stderr);
	if ((options.final || strcmp(argv[at], "table")) && at + 1 == argc) {
		complain("name the schedules to run; see explore list");
		return 2;
	}
	return read_wanted(argc, argv, at + 1, wanted)
		       ? 2
		       : run_command(&options, argv[at], wanted, &areas);
}
