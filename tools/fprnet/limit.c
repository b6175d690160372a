/* SPDX-License-Identifier: MIT */
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "../fprctl/options.h"
#include "fprnet.h"
#include "lists.h"
#include "worst.h"

/* The bar for best, part of the bound, on the networks that are gated. */
static const struct {
	uint32_t nodes;
	double bar;
} bars[] = {{4, 0.95}, {16, 0.85}};

static const struct {
	const char *file;
	int gated;
} networks[] = {{"resnet50", 1}, {"inceptionv3", 1}, {"vgg19", 1}, {"sockeye", 0}};

static const enum fpr_sync_mode modes[] = {FPR_SYNC_FIFO, FPR_SYNC_SLICE, FPR_SYNC_P3,
					   FPR_SYNC_P3_GLOBAL, FPR_SYNC_BEST};

#define N_MODES (sizeof(modes) / sizeof(modes[0]))

/* Return: EXIT_OK, or EXIT_FAILED: the bar is missed, or the simulation failed */
static int do_mode(const struct model *model, uint32_t nodes, enum fpr_sync_mode mode, double bar,
		   int every, struct json_object *object)
{
	struct fpr_sync_config config;
	struct worst worst;

	fpr_sync_config_init(&config, mode, nodes);
	if (worst_of(model, &config, every, &worst))
		return EXIT_FAILED;
	if (object) {
		struct json_object *o = json_object_new_object();

		json_object_object_add(o, "of_bound", json_object_new_double(worst.of_bound));
		json_object_object_add(o, "gbps", json_object_new_double(worst.gbps));
		json_object_object_add(object, fpr_sync_mode_name(mode), o);
	} else {
		printf("  %6.1f (%2g)", 100 * worst.of_bound, worst.gbps);
		fflush(stdout);
	}
	return mode != FPR_SYNC_BEST || worst.of_bound >= bar ? EXIT_OK : EXIT_FAILED;
}

static int do_network(size_t i, uint32_t nodes, double bar, int every, struct json_object *list)
{
	struct json_object *object = list ? json_object_new_object() : NULL;
	struct model model;
	int ret = model_load(networks[i].file, &model), passes = 1;

	if (ret != EXIT_OK)
		return ret;
	if (list) {
		json_object_object_add(object, "model", json_object_new_string(networks[i].file));
		json_object_object_add(object, "nodes", json_object_new_int64(nodes));
		json_object_object_add(object, "gated", json_object_new_boolean(networks[i].gated));
		json_object_array_add(list, object);
	} else {
		printf("%-12s %3u", model.name, nodes);
	}
	for (size_t m = 0; m < N_MODES; m++)
		passes &= do_mode(&model, nodes, modes[m], bar, every, object) == EXIT_OK;
	if (!list && networks[i].gated)
		printf("   bar %g: %s", 100 * bar, passes ? "ok" : "MISSED");
	if (!list)
		putchar('\n');
	model_free(&model);
	return passes || !networks[i].gated ? EXIT_OK : EXIT_FAILED;
}

int limit_main(int argc, char **argv)
{
	uint64_t every = 1;
	int json = 0;
	const struct option_row rows[] = {
		{"every", 1, "N", "only every N-th Gbps of each network's range; default 1",
		 OPTION_NUMBER, &every, 100, NULL, NULL},
		OPTION_ROW_JSON(&json),
		{0}};
	const struct options options = {
		.command = "limit",
		.summary = "The smallest part of the lower bound over each network's bandwidths, "
			   "at 4 and 16\n"
			   "nodes with the reference constants; exit 1 when best misses its bar.",
		.rows = rows};
	struct json_object *list;
	int ret = options_parse(&options, argc, argv);

	if (ret != OPTIONS_PARSED)
		return ret;
	ret = EXIT_OK;
	list = json ? json_object_new_array() : NULL;
	if (!json) {
		printf("%% of the bound, least over whole Gbps (at which)\n%-12s %3s", "", "N");
		for (size_t m = 0; m < N_MODES; m++)
			printf("  %11s", fpr_sync_mode_name(modes[m]));
		putchar('\n');
	}
	for (size_t b = 0; b < sizeof(bars) / sizeof(bars[0]); b++)
		for (size_t i = 0; i < sizeof(networks) / sizeof(networks[0]); i++)
			if (do_network(i, bars[b].nodes, bars[b].bar, (int)every, list) != EXIT_OK)
				ret = EXIT_FAILED;
	if (json)
		puts(json_object_to_json_string_ext(list, JSON_C_TO_STRING_PRETTY));
	json_object_put(list);
	return ret;
}
