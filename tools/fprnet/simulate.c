/* SPDX-License-Identifier: MIT */
#include <json-c/json.h>
#include <stdio.h>

#include "../fprctl/options.h"
#include "fprnet.h"
#include "lists.h"
#include "paper.h"
#include "plot.h"
#include "report.h"

#define NODES_MAX 10000
#define GBPS_MAX 10000

/**
 * struct request - the command line
 * @model: name or file
 * @bandwidth: list, NULL for the model's range
 * @modes: list, NULL for all
 * @nodes: how many
 * @steps: measured
 * @slice: bytes, 0 for the modes' own
 * @constants: 0 fitted, 1 reference
 * @tune: best tunes itself at each bandwidth
 * @json: print JSON
 * @plot: file, NULL for none
 */
struct request {
	const char *model, *bandwidth, *modes, *plot;
	uint64_t nodes, steps, slice;
	int constants, tune, json;
};

/**
 * struct sweep - what is simulated
 * @request: what for
 * @model: loaded
 * @gbps: bandwidths
 * @mode: enum fpr_sync_mode
 * @modes: how many
 * @constants: what things cost
 * @step_s: computing, 0 for the model's
 * @points: the report's list
 */
struct sweep {
	const struct request *request;
	struct model model;
	struct numbers gbps;
	int mode[FPR_SYNC_MODES], modes;
	const struct constants *constants;
	double step_s;
	struct json_object *points;
};

/* ---- one simulation ---------------------------------------------------- */

static void override_slice(struct fpr_sync_config *config, uint64_t slice)
{
	if (!slice || !config->slice_bytes)
		return;
	config->slice_bytes = (uint32_t)slice;
	config->slice_max_bytes = (uint32_t)slice;
}

static int simulate(const struct sweep *sweep, double gbps, int mode, struct sim_job *job,
		    struct sim_result *result)
{
	int ret;

	*job = (struct sim_job){.model = &sweep->model,
				.constants = sweep->constants,
				.gbps = gbps,
				.step_s = sweep->step_s,
				.warm = 2,
				.steps = (uint32_t)sweep->request->steps};
	fpr_sync_config_init(&job->config, mode, (uint32_t)sweep->request->nodes);
	override_slice(&job->config, sweep->request->slice);
	ret = sweep->request->tune && mode == FPR_SYNC_BEST ? sim_tune(job, 1) : 0;
	if (!ret)
		ret = sim_run(job, result);
	if (ret)
		complain("%s at %g Gbps: %s", fpr_sync_mode_name(mode), gbps, sim_error(ret));
	return ret ? EXIT_FAILED : EXIT_OK;
}

/* ---- a bandwidth ------------------------------------------------------- */

static struct json_object *mode_object(const struct sim_job *job, const struct sim_result *result,
				       double fifo, double bound)
{
	struct json_object *object = json_object_new_object();

	report_number(object, "rate", result->rate);
	report_number(object, "step_seconds", result->step_s);
	if (fifo > 0)
		report_number(object, "ratio_to_fifo", result->rate / fifo);
	report_number(object, "of_bound", bound / result->step_s);
	report_number(object, "link_busy", result->egress);
	report_number(object, "server_busy", result->server);
	report_number(object, "messages", result->messages);
	json_object_object_add(object, "slice_bytes",
			       json_object_new_int64(job->config.slice_bytes));
	json_object_object_add(object, "window_bytes",
			       json_object_new_int64((int64_t)job->config.window_total_bytes));
	return object;
}

static int do_point(struct sweep *sweep, double gbps)
{
	const double bound = sim_bound(&sweep->model, (uint32_t)sweep->request->nodes, gbps,
				       sweep->constants, sweep->step_s);
	struct json_object *point = json_object_new_object(), *modes = json_object_new_object();
	double fifo = 0;

	report_number(point, "gbps", gbps);
	report_number(point, "bound_rate", sweep->model.batch / bound);
	json_object_object_add(point, "modes", modes);
	json_object_array_add(sweep->points, point);
	if (!sweep->request->json)
		printf("%7g %8.1f", gbps, sweep->model.batch / bound);
	for (int i = 0; i < sweep->modes; i++) {
		struct sim_result result;
		struct sim_job job;

		if (simulate(sweep, gbps, sweep->mode[i], &job, &result) != EXIT_OK)
			return EXIT_FAILED;
		if (sweep->mode[i] == FPR_SYNC_FIFO)
			fifo = result.rate;
		json_object_object_add(modes, fpr_sync_mode_name(sweep->mode[i]),
				       mode_object(&job, &result, fifo, bound));
		if (sweep->request->json)
			continue;
		printf("  %8.1f", result.rate);
		printf(fifo > 0 ? " %5.2f" : "     -", result.rate / fifo);
		printf(" %5.1f", 100 * bound / result.step_s);
		fflush(stdout);
	}
	if (!sweep->request->json)
		putchar('\n');
	return EXIT_OK;
}

/* ---- the sweep --------------------------------------------------------- */

static void show_head(const struct sweep *sweep)
{
	printf("%s, %llu nodes, %s per second and node; x fifo; %% of the bound\n   Gbps    bound",
	       sweep->model.name, (unsigned long long)sweep->request->nodes, sweep->model.unit);
	for (int i = 0; i < sweep->modes; i++)
		printf("  %8s     x     %%", fpr_sync_mode_name(sweep->mode[i]));
	putchar('\n');
}

static struct json_object *report(const struct sweep *sweep)
{
	struct json_object *object = report_new("simulate");

	json_object_object_add(object, "model", json_object_new_string(sweep->model.name));
	json_object_object_add(object, "unit", json_object_new_string(sweep->model.unit));
	json_object_object_add(object, "nodes",
			       json_object_new_int64((int64_t)sweep->request->nodes));
	json_object_object_add(
		object, "constants",
		json_object_new_string(sweep->request->constants ? "reference" : "fitted"));
	json_object_object_add(object, "points", sweep->points);
	return object;
}

static int run(struct sweep *sweep)
{
	const char *path = sweep->request->plot;
	struct json_object *object;
	int ret = path ? plot_check(path) : EXIT_OK;

	if (ret != EXIT_OK)
		return ret;
	sweep->points = json_object_new_array();
	if (!sweep->request->json)
		show_head(sweep);
	for (int i = 0; ret == EXIT_OK && i < sweep->gbps.count; i++)
		ret = do_point(sweep, sweep->gbps.values[i]);
	object = report(sweep);
	if (ret == EXIT_OK && sweep->request->json)
		puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY));
	if (ret == EXIT_OK && path)
		ret = plot(object, path);
	json_object_put(object);
	return ret;
}

static int prepare(struct sweep *sweep)
{
	const struct request *request = sweep->request;
	int ret = modes_parse(request->modes, sweep->mode, &sweep->modes);

	if (ret == EXIT_OK && request->bandwidth)
		ret = numbers_parse("bandwidth", request->bandwidth, 0.001, GBPS_MAX, &sweep->gbps);
	if (ret == EXIT_OK)
		ret = model_load(request->model, &sweep->model);
	if (ret == EXIT_OK && !request->bandwidth)
		numbers_whole(sweep->model.low_gbps, sweep->model.high_gbps, &sweep->gbps);
	sweep->constants = request->constants ? &reference_constants : &fitted_constants;
	sweep->step_s = request->constants ? 0 : paper_step_s(request->model);
	return ret;
}

int simulate_main(int argc, char **argv)
{
	static const char *const constants[] = {"fitted", "reference", NULL};
	struct request r = {.model = "resnet50", .nodes = 4, .steps = 3};
	const struct option_row rows[] = {
		{"model", 1, "MODEL", "resnet50 (default), inceptionv3, vgg19, sockeye, or a file",
		 OPTION_TEXT, &r.model, 0, NULL, NULL},
		{"nodes", 1, "N", "workers, each a server too; default 4", OPTION_COUNT, &r.nodes,
		 NODES_MAX, NULL, NULL},
		{"bandwidth", 1, "LIST", "Gbps of each link: 1,2,4 or 1:10 or 1:10:0.5",
		 OPTION_TEXT, &r.bandwidth, 0, NULL, NULL},
		{"mode", 1, "LIST", "of fifo, slice, p3, p3-global, best; default all", OPTION_TEXT,
		 &r.modes, 0, NULL, NULL},
		{"slice", 1, "BYTES", "slice size of the modes that cut", OPTION_NUMBER, &r.slice,
		 FPR_SYNC_SLICE_MAX, NULL, NULL},
		{"constants", 1, "SET", "costs", OPTION_CHOICE, &r.constants, 0, constants, NULL},
		{"tune", 1, NULL, "best tunes itself at each bandwidth", OPTION_FLAG, &r.tune, 0,
		 NULL, NULL},
		{"steps", 1, "N", "steps to measure after 2 others; default 3", OPTION_COUNT,
		 &r.steps, 10000, NULL, NULL},
		OPTION_ROW_JSON(&r.json),
		{"plot", 1, "FILE", "draw throughput against bandwidth (.png, .svg, .pdf)",
		 OPTION_TEXT, &r.plot, 0, NULL, NULL},
		{0}};
	const struct options options = {.command = "simulate",
					.summary = "Simulate training at each bandwidth.",
					.rows = rows};
	struct sweep sweep = {.request = &r};
	int ret = options_parse(&options, argc, argv);

	if (ret != OPTIONS_PARSED)
		return ret;
	ret = prepare(&sweep);
	if (ret == EXIT_OK)
		ret = run(&sweep);
	model_free(&sweep.model);
	return ret;
}
