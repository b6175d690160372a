/* SPDX-License-Identifier: MIT */
#include "report.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

struct spread {
	double median, least, most;
};

static int ascending(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static struct spread spread_of(const double *values, unsigned int n)
{
	double sorted[RUNS_MAX];

	memcpy(sorted, values, n * sizeof(*values));
	qsort(sorted, n, sizeof(*sorted), ascending);
	return (struct spread){(sorted[(n - 1) / 2] + sorted[n / 2]) / 2, sorted[0], sorted[n - 1]};
}

/* Of the ratios within each run, so that what slows a whole run cancels. */
static struct spread ratio_of(const double *values, const double *to, unsigned int n)
{
	double ratio[RUNS_MAX];

	for (unsigned int i = 0; i < n; i++)
		ratio[i] = to[i] > 0 ? values[i] / to[i] : 0;
	return spread_of(ratio, n);
}

static const double *const empty = rows[0].seconds, *const one_register = rows[1].seconds;

static uint64_t heads(const struct row *row)
{
	return row->side.writes > row->side.doorbells ? row->side.writes - row->side.doorbells : 0;
}

/* ---- for people --------------------------------------------------------- */

static void print_ratio(struct spread ratio)
{
	if (ratio.median > 0)
		printf("  %8.2f (%.2f-%.2f)", ratio.median, ratio.least, ratio.most);
	else
		printf("  %8s", "-");
}

static void print_call(const struct row *row, unsigned int runs)
{
	const struct spread s = spread_of(row->seconds, runs);

	printf("%-30s %9.2f (%.2f-%.2f)", row->name, s.median * 1e6, s.least * 1e6, s.most * 1e6);
	print_ratio(ratio_of(row->seconds, empty, runs));
	print_ratio(ratio_of(row->seconds, one_register, runs));
	putchar('\n');
}

static void print_jobs(const struct row *row, unsigned int runs)
{
	const struct spread s = spread_of(row->seconds, runs);

	printf("%4u %9u %9u  %9.0f %9.2f", row->jobs, row->in_flight, row->processes, 1 / s.median,
	       s.median * 1e6);
	print_ratio(ratio_of(row->seconds, empty, runs));
	printf("  %8" PRIu64 " %9" PRIu64 " %10" PRIu64 " %8" PRIu64 " %11" PRIu64 " %6" PRIu64
	       "\n",
	       row->calls, row->side.doorbells, row->side.interrupts, heads(row),
	       row->side.completions, row->side.reads);
}

static void print_dma(const struct row *row, unsigned int runs)
{
	const struct spread s = spread_of(row->seconds, runs);
	const double bytes = (double)row->bytes, rounds = (double)row->side.rounds;

	printf("%9" PRIu64 " %-9s %9.1f %8.2f", row->bytes, row->name, s.median * 1e6,
	       bytes / s.median / 1e9);
	print_ratio(ratio_of(row->copy, row->seconds, runs));
	if (rounds > 0)
		printf("  %8.2f", bytes * rounds / (double)row->side.round_ns);
	putchar('\n');
}

static void print_map(const struct row *row, unsigned int runs)
{
	const struct spread s = spread_of(row->seconds, runs);

	printf("%-19s %9.2f", row->name, (double)row->bytes / s.median / 1e9);
	print_ratio(ratio_of(row->copy, row->seconds, runs));
	putchar('\n');
}

static const struct {
	const char *head;
	void (*print)(const struct row *row, unsigned int runs);
} tables[GROUPS] = {
	[GROUP_CALLS] = {"One call                              us (spread)   x empty ioctl"
			 "        x register read",
			 print_call},
	[GROUP_JOBS] =
		{"Null jobs: jobs of a call, calls in flight, processes; counts of all runs\n"
		 "jobs in flight processes     jobs/s    us/job   x empty ioctl           calls"
		 " doorbells interrupts CQ heads completions  reads",
		 print_jobs},
	[GROUP_DMA] = {"Transfers, one at a time, against memcpy() in the board's process\n"
		       "    bytes direction       us     GB/s   of memcpy            board's GB/s",
		       print_dma},
	[GROUP_MAP] = {"A program's memcpy() through a mapping, against private memory\n"
		       "buffer                   GB/s   of memcpy",
		       print_map},
};

void report_text(const struct bench *bench)
{
	printf("%s; %u runs of %g s a row, all rows in turn; medians (least-most)\n", bench->node,
	       bench->runs, bench->sample);
	if (!bench->has_side)
		puts("This board has no control socket: what only it can tell is missing.");
	for (enum group group = 0; group < GROUPS; group++) {
		unsigned int printed = 0;

		for (unsigned int i = 0; i < row_count; i++) {
			if (rows[i].group != group || !row_wanted(bench, &rows[i]))
				continue;
			if (!printed++)
				printf("\n%s\n", tables[group].head);
			tables[group].print(&rows[i], bench->runs);
		}
	}
}

/* ---- for programs ------------------------------------------------------- */

static void add(struct json_object *to, const char *name, uint64_t value)
{
	json_object_object_add(to, name, json_object_new_int64((int64_t)value));
}

static void add_values(struct json_object *to, const char *name, const double *values,
		       unsigned int n)
{
	struct json_object *array = json_object_new_array();

	for (unsigned int i = 0; i < n; i++)
		json_object_array_add(array, json_object_new_double(values[i]));
	json_object_object_add(to, name, array);
}

static struct json_object *json_row(const struct row *row, unsigned int runs)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "group", json_object_new_string(group_names[row->group]));
	json_object_object_add(o, "name", json_object_new_string(row->name));
	add(o, "jobs_per_call", row->jobs);
	add(o, "calls_in_flight", row->in_flight);
	add(o, "processes", row->processes);
	add(o, "bytes", row->bytes);
	add_values(o, "seconds", row->seconds, runs);
	add_values(o, "memcpy_seconds", row->copy, runs);
	add(o, "calls", row->calls);
	add(o, "doorbells", row->side.doorbells);
	add(o, "interrupts", row->side.interrupts);
	add(o, "completions", row->side.completions);
	add(o, "register_writes", row->side.writes);
	add(o, "register_reads", row->side.reads);
	add(o, "rounds", row->side.rounds);
	add(o, "round_ns", row->side.round_ns);
	return o;
}

void report_json(const struct bench *bench)
{
	struct json_object *all = json_object_new_object(), *array = json_object_new_array();

	json_object_object_add(all, "device", json_object_new_string(bench->node));
	add(all, "runs", bench->runs);
	json_object_object_add(all, "sample_seconds", json_object_new_double(bench->sample));
	json_object_object_add(all, "board_tells", json_object_new_boolean(bench->has_side));
	for (unsigned int i = 0; i < row_count; i++)
		if (row_wanted(bench, &rows[i]))
			json_object_array_add(array, json_row(&rows[i], bench->runs));
	json_object_object_add(all, "rows", array);
	puts(json_object_to_json_string_ext(all, JSON_C_TO_STRING_PRETTY));
	json_object_put(all);
}
