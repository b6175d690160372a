/* SPDX-License-Identifier: MIT */
#include <json-c/json.h>
#include <math.h>
#include <stdio.h>

#include "../fprctl/options.h"
#include "fprnet.h"
#include "paper.h"
#include "report.h"

/* The bar, percent, on points that were not fitted. */
#define MEAN_BAR 5.0
#define MAX_BAR 8.0
#define FIFO_MAX_BAR 15.0

/**
 * struct errors - of one mode
 * @sum: of absolute errors, percent
 * @most: the largest
 * @count: points
 */
struct errors {
	double sum, most;
	int count;
};

/**
 * struct validation - what validate_main() gathers
 * @held: errors of the gated networks on points that were not fitted, per mode
 * @json: the report, NULL for text
 * @models: its list of networks
 */
struct validation {
	struct errors held[PAPER_MODES];
	struct json_object *json, *models;
};

static void add_error(struct errors *errors, double percent)
{
	errors->sum += fabs(percent);
	errors->count++;
	/* Written so that a NaN is the most. */
	if (!(fabs(percent) <= errors->most))
		errors->most = fabs(percent);
}

/* ---- a point ----------------------------------------------------------- */

static void show_point(struct validation *v, struct json_object *list,
		       const struct paper_point *point, const double *rate)
{
	struct json_object *object;

	if (!v->json) {
		printf("%6g %s", point->gbps, paper_may_fit(point->gbps) ? "fitted  " : "held out");
		for (int m = 0; m < PAPER_MODES; m++)
			printf("  %7.1f %7.1f %+6.1f", rate[m], point->rate[m],
			       100 * (rate[m] / point->rate[m] - 1));
		printf("   %+5.0f %+5.0f\n", 100 * (rate[2] / rate[0] - 1),
		       100 * (point->rate[2] / point->rate[0] - 1));
		return;
	}
	object = json_object_new_object();
	report_number(object, "gbps", point->gbps);
	json_object_object_add(object, "fitted",
			       json_object_new_boolean(paper_may_fit(point->gbps)));
	for (int m = 0; m < PAPER_MODES; m++) {
		struct json_object *pair = json_object_new_object();

		report_number(pair, "simulated", rate[m]);
		report_number(pair, "paper", point->rate[m]);
		json_object_object_add(object, fpr_sync_mode_name(paper_modes[m]), pair);
	}
	json_object_array_add(list, object);
}

static int do_point(struct validation *v, struct json_object *list, const struct model *model,
		    const struct paper_model *paper, const struct paper_point *point)
{
	double rate[PAPER_MODES];

	for (int m = 0; m < PAPER_MODES; m++) {
		rate[m] = paper_simulate(model, &fitted_constants, paper_step_s(paper->file),
					 point->gbps, paper_modes[m]);
		if (rate[m] < 0)
			return EXIT_FAILED;
		if (paper->gated && !paper_may_fit(point->gbps))
			add_error(v->held + m, 100 * (rate[m] / point->rate[m] - 1));
	}
	show_point(v, list, point, rate);
	if (point->gbps == paper->claim_gbps && !v->json)
		printf("       at %g Gbps P3 gains %.0f %% over fifo; the paper's text says %.0f "
		       "%%\n",
		       point->gbps, 100 * (rate[2] / rate[0] - 1), paper->claim_percent);
	return EXIT_OK;
}

static int do_model(struct validation *v, const struct paper_model *paper)
{
	struct json_object *list = v->json ? json_object_new_array() : NULL;
	struct model model;
	int ret = model_load(paper->file, &model);

	if (ret == EXIT_OK && !v->json)
		printf("%s, %s per second and worker, %d nodes%s\n"
		       "  Gbps              fifo  paper   err %%    slice   paper   err %%"
		       "       p3   paper   err %%   gain paper\n",
		       model.name, model.unit, PAPER_NODES,
		       paper->gated ? "" : " (not under the bar)");
	for (const struct paper_point *p = paper->points; ret == EXIT_OK && p->gbps > 0; p++)
		ret = do_point(v, list, &model, paper, p);
	if (v->json) {
		struct json_object *object = json_object_new_object();

		json_object_object_add(object, "model", json_object_new_string(paper->file));
		json_object_object_add(object, "gated", json_object_new_boolean(paper->gated));
		json_object_object_add(object, "points", list);
		json_object_array_add(v->models, object);
	} else if (ret == EXIT_OK) {
		putchar('\n');
	}
	model_free(&model);
	return ret;
}

/* ---- the bar ----------------------------------------------------------- */

static int mode_passes(const struct errors *errors, int m)
{
	const double mean = errors->sum / errors->count;

	return m ? mean <= MEAN_BAR && errors->most <= MAX_BAR : errors->most <= FIFO_MAX_BAR;
}

static int judge(struct validation *v)
{
	struct json_object *list = v->json ? json_object_new_object() : NULL;
	int ok = 1;

	for (int m = 0; m < PAPER_MODES; m++) {
		const struct errors *e = v->held + m;
		const char *name = fpr_sync_mode_name(paper_modes[m]);
		const int passes = mode_passes(e, m);

		ok &= passes;
		if (v->json) {
			struct json_object *object = json_object_new_object();

			report_number(object, "mean_percent", e->sum / e->count);
			report_number(object, "max_percent", e->most);
			json_object_object_add(object, "ok", json_object_new_boolean(passes));
			json_object_object_add(list, name, object);
			continue;
		}
		printf("%-5s on %d held-out points: mean error %.1f %%, largest %.1f %%; ", name,
		       e->count, e->sum / e->count, e->most);
		if (m)
			printf("bar %g and %g: %s\n", MEAN_BAR, MAX_BAR, passes ? "ok" : "MISSED");
		else
			printf("bar %g: %s\n", FIFO_MAX_BAR, passes ? "ok" : "MISSED");
	}
	if (v->json) {
		json_object_object_add(v->json, "held_out", list);
		json_object_object_add(v->json, "ok", json_object_new_boolean(ok));
	}
	return ok ? EXIT_OK : EXIT_FAILED;
}

int validate_main(int argc, char **argv)
{
	int json = 0;
	const struct option_row rows[] = {OPTION_ROW_JSON(&json), {0}};
	const struct options options = {
		.command = "validate",
		.summary = "Compare with the P3 paper's figure 7; exit 1 when the bar is missed.",
		.rows = rows};
	struct validation v = {0};
	int ret = options_parse(&options, argc, argv);

	if (ret != OPTIONS_PARSED)
		return ret;
	if (json) {
		v.json = report_new("validate");
		v.models = json_object_new_array();
		json_object_object_add(v.json, "models", v.models);
	}
	ret = EXIT_OK;
	for (const struct paper_model *p = paper_models; ret == EXIT_OK && p->file; p++)
		ret = do_model(&v, p);
	if (ret == EXIT_OK) {
		ret = judge(&v);
		if (json)
			puts(json_object_to_json_string_ext(v.json, JSON_C_TO_STRING_PRETTY));
	}
	json_object_put(v.json);
	return ret;
}
