/* SPDX-License-Identifier: MIT */
#include <json-c/json.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../fprctl/options.h"
#include "cluster.h"
#include "files.h"
#include "fprnet.h"
#include "lists.h"
#include "plot.h"
#include "progress.h"
#include "report.h"
#include "sim.h"
#include "stats.h"

#define GBPS_MAX 10000
#define REPEATS_MAX 1000
#define SCALE_MAX 10000
/* The bar: with so many repeats, best loses to no other mode. */
#define BAR_REPEATS 9
#define BAR_MEDIAN 0.98

/* Of a link, with both of its ends on this machine; above this, runs show the processors. */
#define CORE_GBPS 3.0
/* A rank's gradients, parameters and what it has received; a server's values and sums besides. */
#define RANK_MODELS 3
#define SERVER_MODELS 2

/* What Linux lets a connection hold, which is scaled as links are, but for what TCP needs. */
#define BUFFER_BYTES 4194304.0
#define BUFFER_LEAST 65536.0

/*
 * For the prediction beside what is measured: TCP over Ethernet, all but 52 bytes of a frame are
 * payload, and a token bucket counts 14 more; an engine that sleeps up to half a millisecond. The
 * others are the reference's.
 */
static struct constants replay_constants(void)
{
	struct constants constants = reference_constants;

	constants.efficiency = (CLUSTER_MTU - 52.0) / (CLUSTER_MTU + 14);
	constants.latency_us = 500;
	constants.chunk_bytes = 64 << 10;
	return constants;
}

/**
 * struct request - the command line
 * @model: name or file
 * @bandwidth: list
 * @modes: list
 * @scale: time is stretched by this
 * @nodes: how many
 * @repeats: of each mode
 * @warm: steps before measuring
 * @steps: steps measured
 * @tune: best tunes itself before it is measured
 * @json: print JSON
 * @plot: file, NULL for none
 */
struct request {
	const char *model, *bandwidth, *modes, *scale, *plot;
	uint64_t nodes, repeats, warm, steps;
	int tune, json;
};

/**
 * struct replay - what is run
 * @request: what for
 * @model: loaded
 * @gbps: bandwidths, before scaling; 0: not shaped
 * @scale: seconds of a run for each second of the model's
 * @mode: enum fpr_sync_mode
 * @modes: how many
 * @cluster: the machines
 * @rates: measured, samples per second and node before scaling: of each mode, its repeats
 * @count: how many of each mode
 * @link: least part that a link carried of what it must have
 * @points: the report's list
 * @progress: of all runs
 * @lost: best lost to another mode, by the bar
 */
struct replay {
	const struct request *request;
	struct model model;
	struct numbers gbps;
	double scale;
	int mode[FPR_SYNC_MODES], modes;
	struct cluster cluster;
	double *rates[FPR_SYNC_MODES];
	int count[FPR_SYNC_MODES];
	double link;
	struct json_object *points;
	struct progress progress;
	int lost;
};

static volatile sig_atomic_t stopped;

static void stop(int signal)
{
	stopped = signal;
}

/* ---- what ranks say ---------------------------------------------------- */

/* Return: EXIT_OK, or EXIT_FAILED after a complaint */
static int take_links(struct replay *replay, const char *text)
{
	for (int i = 0; i < replay->cluster.nodes; i++) {
		char *end;
		const double part = strtod(text, &end);

		if (end == text || !(part >= 1)) {
			complain("the link of node %d carried %.3f of what it must: ranks do not "
				 "talk over their links",
				 i, part);
			return EXIT_FAILED;
		}
		if (part < replay->link)
			replay->link = part;
		text = end;
	}
	return EXIT_OK;
}

static int take_line(struct replay *replay, const char *line)
{
	int mode = -1, links = 0;
	char name[16] = "";
	double step_s = 0;

	if (sscanf(line, "run %15s %lf%n", name, &step_s, &links) == 2)
		for (int i = 0; i < FPR_SYNC_MODES; i++)
			if (!strcmp(name, fpr_sync_mode_name(i)))
				mode = i;
	if (mode < 0 || !(step_s > 0) || replay->count[mode] == (int)replay->request->repeats) {
		complain("ranks say '%.*s'", (int)strcspn(line, "\n"), line);
		return EXIT_FAILED;
	}
	replay->rates[mode][replay->count[mode]++] = replay->model.batch * replay->scale / step_s;
	progress_next(&replay->progress);
	return take_links(replay, line + links);
}

static int read_ranks(struct replay *replay, FILE *output)
{
	char line[2048];
	int ret = EXIT_OK;

	while (ret == EXIT_OK && !stopped && fgets(line, sizeof(line), output))
		ret = take_line(replay, line);
	fclose(output);
	return stopped ? EXIT_FAILED : ret;
}

static int run_ranks(struct replay *replay)
{
	const struct request *r = replay->request;
	const double buffer = BUFFER_BYTES / replay->scale;
	char program[FILES_PATH_MAX], modes[128] = "", step[32], repeats[24], warm[24], steps[24];
	char *const arguments[] = {
		program, (char *)(uintptr_t)r->model,	    modes, step, repeats, warm,
		steps,	 (char[]){(char)('0' + r->tune), 0}};
	FILE *output;
	int ret;

	if (files_program("fprnet-rank", program, sizeof(program))) {
		complain("fprnet-rank is not there: built without MPI (Debian: libopenmpi-dev)");
		return EXIT_DENIED;
	}
	for (int i = 0; i < replay->modes; i++)
		snprintf(modes + strlen(modes), sizeof(modes) - strlen(modes), "%s%s", i ? "," : "",
			 fpr_sync_mode_name(replay->mode[i]));
	snprintf(step, sizeof(step), "%.9g", replay->model.step_s * replay->scale);
	snprintf(repeats, sizeof(repeats), "%llu", (unsigned long long)r->repeats);
	snprintf(warm, sizeof(warm), "%llu", (unsigned long long)r->warm);
	snprintf(steps, sizeof(steps), "%llu", (unsigned long long)r->steps);
	ret = cluster_start(&replay->cluster, arguments,
			    (int)(sizeof(arguments) / sizeof(arguments[0])),
			    (int)fmin(fmax(buffer, BUFFER_LEAST), BUFFER_BYTES), &output);
	if (ret == EXIT_OK)
		ret = read_ranks(replay, output);
	return ret == EXIT_OK ? cluster_wait(&replay->cluster) : ret;
}

/* ---- a bandwidth ------------------------------------------------------- */

/* Samples per second and node, before scaling, that the simulation has for a run. */
static double predicted(const struct replay *replay, double gbps, int mode)
{
	const struct constants constants = replay_constants();
	struct sim_job job = {.model = &replay->model,
			      .constants = &constants,
			      .gbps = gbps > 0 ? gbps / replay->scale : GBPS_MAX,
			      .step_s = replay->model.step_s * replay->scale,
			      .warm = (uint32_t)replay->request->warm,
			      .steps = (uint32_t)replay->request->steps};
	struct sim_result result;

	if (fpr_sync_config_init(&job.config, mode, (uint32_t)replay->request->nodes))
		return NAN;
	if (replay->request->tune && mode == FPR_SYNC_BEST && sim_tune(&job, 1))
		return NAN;
	return sim_run(&job, &result) ? NAN : result.rate * replay->scale;
}

/* Of each repeat's rates, one mode's over another's; they ran one soon after the other. */
static struct interval ratio(const struct replay *replay, int mode, int other)
{
	struct interval interval = {NAN, NAN, NAN};
	const int count = replay->count[mode];
	double *ratios = malloc((size_t)count * sizeof(*ratios));

	for (int i = 0; ratios && i < count; i++)
		ratios[i] = replay->rates[mode][i] / replay->rates[other][i];
	if (ratios)
		interval = stats_interval(ratios, count);
	free(ratios);
	return interval;
}

static void do_mode(struct replay *replay, double gbps, double bound, int mode,
		    struct json_object *modes)
{
	struct json_object *object = json_object_new_object(), *rates = json_object_new_array();
	const int fifo = replay->count[FPR_SYNC_FIFO] ? FPR_SYNC_FIFO : -1;
	const double to_fifo = fifo < 0 ? NAN : ratio(replay, mode, fifo).median;
	const double simulated = predicted(replay, gbps, mode);
	struct interval rate;

	for (int i = 0; i < replay->count[mode]; i++)
		json_object_array_add(rates, json_object_new_double(replay->rates[mode][i]));
	rate = stats_interval(replay->rates[mode], replay->count[mode]);
	report_number(object, "rate", rate.median);
	if (fifo >= 0)
		report_number(object, "ratio_to_fifo", to_fifo);
	report_number(object, "of_bound", rate.median / bound);
	report_number(object, "simulated_rate", simulated);
	json_object_object_add(object, "rates", rates);
	json_object_object_add(modes, fpr_sync_mode_name(mode), object);
	if (replay->request->json)
		return;
	printf("%7g  %-9s %8.1f", gbps, fpr_sync_mode_name(mode), rate.median);
	printf(fifo < 0 ? "      -" : "  %5.2f", to_fifo);
	printf("  %5.1f  %8.1f  %+6.1f\n", 100 * rate.median / bound, simulated,
	       100 * (simulated / rate.median - 1));
}

static void do_ratio(struct replay *replay, int other, struct json_object *ratios)
{
	const int judged = replay->request->repeats >= BAR_REPEATS;
	struct json_object *object;
	struct interval best;
	char name[40];
	int ok;

	if (!replay->count[FPR_SYNC_BEST] || !replay->count[other] || other == FPR_SYNC_BEST)
		return;
	best = ratio(replay, FPR_SYNC_BEST, other);
	/* Written so that a NaN is a loss. */
	ok = best.high >= 1 && best.median >= BAR_MEDIAN;
	replay->lost |= judged && !ok;
	snprintf(name, sizeof(name), "best/%s", fpr_sync_mode_name(other));
	object = json_object_new_object();
	report_number(object, "median", best.median);
	report_number(object, "low", best.low);
	report_number(object, "high", best.high);
	if (judged)
		json_object_object_add(object, "ok", json_object_new_boolean(ok));
	json_object_object_add(ratios, name, object);
	if (!replay->request->json)
		printf("         %s %.3f, 95 %% interval %.3f to %.3f%s\n", name, best.median,
		       best.low, best.high,
		       !judged ? ""
		       : ok    ? "; ok"
			       : "; MISSED");
}

/* No step takes less, in seconds before scaling. */
static double least_step(const struct replay *replay, double gbps)
{
	const struct constants constants = replay_constants();

	return sim_bound(&replay->model, (uint32_t)replay->request->nodes,
			 gbps > 0 ? gbps : GBPS_MAX, &constants, 0);
}

static int report_point(struct replay *replay, double gbps)
{
	const double bound = replay->model.batch / least_step(replay, gbps);
	struct json_object *point = json_object_new_object(), *modes = json_object_new_object(),
			   *ratios = json_object_new_object();

	report_number(point, "gbps", gbps);
	report_number(point, "bound_rate", bound);
	report_number(point, "least_carried", replay->link);
	json_object_object_add(point, "modes", modes);
	json_object_object_add(point, "ratios", ratios);
	json_object_array_add(replay->points, point);
	for (int i = 0; i < replay->modes; i++) {
		if (replay->count[replay->mode[i]] != (int)replay->request->repeats) {
			complain("ranks ended before their last run");
			return EXIT_FAILED;
		}
	}
	progress_clear(&replay->progress);
	for (int i = 0; i < replay->modes; i++)
		do_mode(replay, gbps, bound, replay->mode[i], modes);
	for (int mode = 0; mode < FPR_SYNC_MODES; mode++)
		do_ratio(replay, mode, ratios);
	fflush(stdout);
	progress_show(&replay->progress);
	return EXIT_OK;
}

static int do_point(struct replay *replay, double gbps)
{
	int ret = cluster_shape(&replay->cluster, gbps / replay->scale);

	memset(replay->count, 0, sizeof(replay->count));
	replay->link = INFINITY;
	if (ret == EXIT_OK)
		ret = run_ranks(replay);
	if (ret == EXIT_OK)
		ret = report_point(replay, gbps);
	return ret;
}

/* ---- what the machine can do ------------------------------------------- */

/* Seconds that all runs take at least; tuning comes on top. */
static double least_seconds(const struct replay *replay)
{
	const struct request *r = replay->request;
	const double steps = (double)(r->repeats * (r->warm + r->steps)) * replay->modes;
	double seconds = 0;

	for (int i = 0; i < replay->gbps.count; i++)
		seconds += steps * replay->scale * least_step(replay, replay->gbps.values[i]);
	return seconds;
}

/* Return: bytes, 0 when nobody says */
static double free_memory(void)
{
	FILE *file = fopen("/proc/meminfo", "re");
	unsigned long long kib = 0;
	char line[128];

	while (file && !kib && fgets(line, sizeof(line), file))
		if (sscanf(line, "MemAvailable: %llu kB", &kib) != 1)
			kib = 0;
	if (file)
		fclose(file);
	return 1024.0 * (double)kib;
}

/* Refuses what has no memory, and warns of links that the processors cannot fill. */
static int fits_machine(const struct replay *replay)
{
	const double nodes = (double)replay->request->nodes, gib = 1 << 30;
	const double needed = (RANK_MODELS * nodes + SERVER_MODELS) * (double)replay->model.bytes;
	const double have = free_memory();
	const long cores = sysconf(_SC_NPROCESSORS_ONLN);
	double gbps = 0;

	if (have > 0 && needed > have) {
		complain(
			"%g ranks need about %.1f GiB, this machine has %.1f GiB: fewer --nodes or "
			"a smaller --model",
			nodes, needed / gib, have / gib);
		return EXIT_DENIED;
	}
	for (int i = 0; i < replay->gbps.count; i++)
		if (replay->gbps.values[i] > gbps)
			gbps = replay->gbps.values[i];
	if (nodes > 1 && gbps / replay->scale * nodes > CORE_GBPS * (double)cores)
		complain(
			"warning: %g links of %.3g Gbps are more than %ld processors are likely to "
			"fill: a larger --scale",
			nodes, gbps / replay->scale, cores);
	return EXIT_OK;
}

/* ---- the command ------------------------------------------------------- */

static struct json_object *report(const struct replay *replay)
{
	struct json_object *object = report_new("replay");

	json_object_object_add(object, "model", json_object_new_string(replay->model.name));
	json_object_object_add(object, "unit", json_object_new_string(replay->model.unit));
	json_object_object_add(object, "nodes",
			       json_object_new_int64((int64_t)replay->request->nodes));
	json_object_object_add(object, "repeats",
			       json_object_new_int64((int64_t)replay->request->repeats));
	report_number(object, "scale", replay->scale);
	json_object_object_add(object, "points", replay->points);
	return object;
}

static int run(struct replay *replay)
{
	const struct request *r = replay->request;
	const double seconds = least_seconds(replay);
	struct json_object *object;
	int ret = r->plot ? plot_check(r->plot) : EXIT_OK;

	if (ret == EXIT_OK)
		ret = fits_machine(replay);
	if (ret == EXIT_OK)
		ret = cluster_open(&replay->cluster, (int)r->nodes);

	replay->points = json_object_new_array();
	if (ret == EXIT_OK && !r->json)
		printf("%s, %llu nodes, %s per second and node; medians of %llu, time stretched by "
		       "%g; takes %s or more\n   Gbps  mode        rate  xfifo  %%bound  simulated "
		       " err %%\n",
		       replay->model.name, (unsigned long long)r->nodes, replay->model.unit,
		       (unsigned long long)r->repeats, replay->scale, duration(seconds));
	fflush(stdout);
	progress_begin(&replay->progress, replay->gbps.count * replay->modes * (int)r->repeats,
		       seconds);
	for (int i = 0; ret == EXIT_OK && i < replay->gbps.count; i++)
		ret = do_point(replay, replay->gbps.values[i]);
	progress_clear(&replay->progress);
	cluster_close(&replay->cluster);
	object = report(replay);
	if (ret == EXIT_OK && r->json)
		puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY));
	if (ret == EXIT_OK && r->plot)
		ret = plot(object, r->plot);
	json_object_put(object);
	return ret == EXIT_OK && replay->lost ? EXIT_FAILED : ret;
}

static int prepare(struct replay *replay)
{
	const struct request *r = replay->request;
	struct numbers scale;
	int ret = modes_parse(r->modes, replay->mode, &replay->modes);

	if (ret == EXIT_OK)
		ret = numbers_parse("bandwidth", r->bandwidth, 0, GBPS_MAX, &replay->gbps);
	if (ret == EXIT_OK)
		ret = numbers_parse("scale", r->scale, 0.001, SCALE_MAX, &scale);
	if (ret == EXIT_OK && scale.count != 1) {
		complain("--scale: one number, not '%s'", r->scale);
		ret = EXIT_USAGE;
	}
	if (ret == EXIT_OK)
		ret = model_load(r->model, &replay->model);
	if (ret == EXIT_OK)
		replay->scale = scale.values[0];
	for (int i = 0; ret == EXIT_OK && i < FPR_SYNC_MODES; i++) {
		replay->rates[i] = calloc(r->repeats, sizeof(double));
		if (!replay->rates[i])
			ret = EXIT_FAILED;
	}
	return ret;
}

/* What a signal would have done, once everything is put away. */
static void end_as_told(void)
{
	if (!stopped)
		return;
	signal(stopped, SIG_DFL);
	raise(stopped);
}

int replay_main(int argc, char **argv)
{
	struct request r = {.model = "resnet50",
			    .bandwidth = "4",
			    .modes = "fifo,p3,best",
			    .scale = "16",
			    .nodes = 4,
			    .repeats = 3,
			    .warm = 1,
			    .steps = 2};
	const struct option_row rows[] = {
		{"model", 1, "MODEL", "resnet50 (default), inceptionv3, vgg19, sockeye, or a file",
		 OPTION_TEXT, &r.model, 0, NULL, NULL},
		{"nodes", 1, "N", "ranks, each worker and server; default 4", OPTION_COUNT,
		 &r.nodes, CLUSTER_NODES_MAX, NULL, NULL},
		{"bandwidth", 1, "LIST", "Gbps of each link, 0: as fast as can be; default 4",
		 OPTION_TEXT, &r.bandwidth, 0, NULL, NULL},
		{"mode", 1, "LIST", "of fifo, slice, p3, p3-global, best; default fifo,p3,best",
		 OPTION_TEXT, &r.modes, 0, NULL, NULL},
		{"scale", 1, "X",
		 "computing takes X times as long, links are X times slower; "
		 "default 16",
		 OPTION_TEXT, &r.scale, 0, NULL, NULL},
		{"repeats", 1, "N", "of each mode, in turns; default 3", OPTION_COUNT, &r.repeats,
		 REPEATS_MAX, NULL, NULL},
		{"warm", 1, "N", "steps of a run before measuring; default 1", OPTION_COUNT,
		 &r.warm, 10000, NULL, NULL},
		{"steps", 1, "N", "steps of a run to measure; default 2", OPTION_COUNT, &r.steps,
		 10000, NULL, NULL},
		{"tune", 1, NULL, "best tunes itself before it is measured", OPTION_FLAG, &r.tune,
		 0, NULL, NULL},
		OPTION_ROW_JSON(&r.json),
		{"plot", 1, "FILE", "draw throughput against bandwidth (.png, .svg, .pdf)",
		 OPTION_TEXT, &r.plot, 0, NULL, NULL},
		{0}};
	const struct options options = {
		.command = "replay",
		.summary = "Run real ranks over links of this machine, with waiting for computing.",
		.rows = rows};
	const struct sigaction interrupt = {.sa_handler = stop};
	struct replay replay = {.request = &r};
	int ret = options_parse(&options, argc, argv);

	if (ret != OPTIONS_PARSED)
		return ret;
	sigaction(SIGINT, &interrupt, NULL);
	sigaction(SIGTERM, &interrupt, NULL);
	signal(SIGPIPE, SIG_IGN);
	ret = prepare(&replay);
	if (ret == EXIT_OK)
		ret = run(&replay);
	for (int i = 0; i < FPR_SYNC_MODES; i++)
		free(replay.rates[i]);
	model_free(&replay.model);
	end_as_told();
	return ret;
}
