/* SPDX-License-Identifier: MIT */
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "../fprctl/options.h"
#include "fprnet.h"
#include "report.h"
#include "worst.h"

/* The bar for best, part of the bound, on the networks that are gated. */
static const struct {
	uint32_t nodes;
	double bar;
} bars[] = {{4, 0.95}, {16, 0.85}};

/**
 * struct limits - what limit_main() gathers
 * @every: only every so many-th Gbps
 * @missed: a bar
 * @report: NULL for text
 * @list: of networks in it, likewise
 */
struct limits {
	int every, missed;
	struct json_object *report, *list;
};

static int is_gated(const char *network)
{
	return strcmp(network, "sockeye") != 0;
}

static void show_mode(struct json_object *object, int mode, const struct worst *worst)
{
	struct json_object *o;

	if (!object) {
		printf("  %6.1f (%2g)", 100 * worst->of_bound, worst->gbps);
		fflush(stdout);
		return;
	}
	o = json_object_new_object();
	json_object_object_add(o, "of_bound", json_object_new_double(worst->of_bound));
	json_object_object_add(o, "gbps", json_object_new_double(worst->gbps));
	json_object_object_add(object, fpr_sync_mode_name(mode), o);
}

static int do_modes(struct limits *limits, const struct model *model, const char *network,
		    uint32_t nodes, double bar, struct json_object *object)
{
	struct worst worst;

	for (int mode = 0; mode < FPR_SYNC_MODES; mode++) {
		struct fpr_sync_config config;

		fpr_sync_config_init(&config, mode, nodes);
		if (worst_of(model, &config, WORST_AS_IT_IS, limits->every, &worst))
			return EXIT_FAILED;
		show_mode(object, mode, &worst);
	}
	_Static_assert(FPR_SYNC_BEST + 1 == FPR_SYNC_MODES, "the last mode is best");
	if (is_gated(network)) {
		limits->missed |= worst.of_bound < bar;
		if (!object)
			printf("   bar %g: %s", 100 * bar, worst.of_bound < bar ? "MISSED" : "ok");
	}
	return EXIT_OK;
}

static int do_network(struct limits *limits, const char *network, uint32_t nodes, double bar)
{
	struct json_object *object = NULL;
	struct model model;
	int ret = model_load(network, &model);

	if (ret != EXIT_OK)
		return ret;
	if (limits->list) {
		object = json_object_new_object();
		json_object_object_add(object, "model", json_object_new_string(network));
		json_object_object_add(object, "nodes", json_object_new_int64(nodes));
		json_object_object_add(object, "gated", json_object_new_boolean(is_gated(network)));
		json_object_array_add(limits->list, object);
	} else {
		printf("%-12s %3u", model.name, nodes);
	}
	ret = do_modes(limits, &model, network, nodes, bar, object);
	if (!limits->list)
		putchar('\n');
	model_free(&model);
	return ret;
}

static int run(struct limits *limits)
{
	int ret = EXIT_OK;

	if (!limits->list) {
		printf("%% of the bound, least over whole Gbps (at which)\n%-12s %3s", "", "N");
		for (int mode = 0; mode < FPR_SYNC_MODES; mode++)
			printf("  %11s", fpr_sync_mode_name(mode));
		putchar('\n');
	}
	for (size_t b = 0; b < sizeof(bars) / sizeof(bars[0]); b++)
		for (int i = 0; i < MODELS && ret == EXIT_OK; i++)
			ret = do_network(limits, model_names[i], bars[b].nodes, bars[b].bar);
	if (ret == EXIT_OK && limits->list)
		puts(json_object_to_json_string_ext(limits->report, JSON_C_TO_STRING_PRETTY));
	return ret == EXIT_OK && limits->missed ? EXIT_FAILED : ret;
}

int limit_main(int argc, char **argv)
{
	struct limits limits = {0};
	uint64_t every = 1;
	int json = 0;
	const struct option_row rows[] = {
		{"every", 1, "N", "only every N-th Gbps of each network's range; default 1",
		 OPTION_COUNT, &every, 100, NULL, NULL},
		OPTION_ROW_JSON(&json),
		{0}};
	const struct options options = {
		.command = "limit",
		.summary = "The smallest part of the lower bound over each network's bandwidths, "
			   "at 4 and 16\n"
			   "nodes with the reference constants; exit 1 when best misses its bar.",
		.rows = rows};
	int ret = options_parse(&options, argc, argv);

	if (ret != OPTIONS_PARSED)
		return ret;
	limits.every = (int)every;
	if (json) {
		limits.report = report_new("limit");
		limits.list = json_object_new_array();
		json_object_object_add(limits.report, "networks", limits.list);
	}
	ret = run(&limits);
	json_object_put(limits.report);
	return ret;
}
