/* SPDX-License-Identifier: MIT */
#include <json-c/json.h>
#include <stdio.h>

#include "../fprctl/options.h"
#include "fprnet.h"
#include "lists.h"
#include "report.h"
#include "worst.h"

static void as_it_is(struct fpr_sync_config *config)
{
	(void)config;
}

static void counter(struct fpr_sync_config *config)
{
	config->placement = FPR_SYNC_PLACE_COUNTER;
}

static void restart(struct fpr_sync_config *config)
{
	config->placement = FPR_SYNC_PLACE_RESTART;
}

static void unordered_pushes(struct fpr_sync_config *config)
{
	config->flags &= ~FPR_SYNC_PRIORITY_PUSH;
}

static void unordered_sums(struct fpr_sync_config *config)
{
	config->flags &= ~FPR_SYNC_PRIORITY_SERVER;
}

static void unordered_replies(struct fpr_sync_config *config)
{
	config->flags &= ~FPR_SYNC_PRIORITY_REPLY;
}

static void unordered(struct fpr_sync_config *config)
{
	unordered_pushes(config);
	unordered_sums(config);
	unordered_replies(config);
}

static void mixed_steps(struct fpr_sync_config *config)
{
	config->flags |= FPR_SYNC_MIX_STEPS;
}

static void pulled(struct fpr_sync_config *config)
{
	config->flags &= ~FPR_SYNC_BROADCAST;
}

static void no_windows(struct fpr_sync_config *config)
{
	config->window_bytes = 0;
	config->window_total_bytes = 0;
}

static void one_message(struct fpr_sync_config *config)
{
	no_windows(config);
	config->window_messages = 1;
}

static void one_message_stalls(struct fpr_sync_config *config)
{
	one_message(config);
	config->flags &= ~FPR_SYNC_SKIP_BLOCKED;
}

static void not_fused(struct fpr_sync_config *config)
{
	config->fuse_bytes = 0;
}

static void slack(struct fpr_sync_config *config)
{
	config->slice_max_bytes = 4 * config->slice_bytes;
}

static void half(struct fpr_sync_config *config)
{
	config->slice_bytes /= 2;
	config->slice_max_bytes /= 2;
}

static void twice(struct fpr_sync_config *config)
{
	config->slice_bytes *= 2;
	config->slice_max_bytes *= 2;
}

static void uncut(struct fpr_sync_config *config)
{
	config->slice_bytes = 0;
}

static const struct {
	const char *name, *help;
	void (*change)(struct fpr_sync_config *config);
	enum worst_tuning tuning;
} rows_of[] = {
	{"best", "everything", as_it_is, WORST_AS_IT_IS},
	{"counter", "placement: one counter, as upstream MXNet", counter, WORST_AS_IT_IS},
	{"restart", "placement: from server 0 per tensor, as P3's code", restart, WORST_AS_IT_IS},
	{"push-order", "pushes in order of appearance, before all replies", unordered_pushes,
	 WORST_AS_IT_IS},
	{"sum-order", "no priority at the server", unordered_sums, WORST_AS_IT_IS},
	{"reply-order", "replies unordered and outside the windows", unordered_replies,
	 WORST_AS_IT_IS},
	{"order", "none of the three orders", unordered, WORST_AS_IT_IS},
	{"broadcast", "notify and pull in place of the immediate reply", pulled, WORST_AS_IT_IS},
	{"windows", "no windows", no_windows, WORST_AS_IT_IS},
	{"window-1", "one message per peer, nothing in all", one_message, WORST_AS_IT_IS},
	{"stall", "the same, and a full peer stalls the others", one_message_stalls,
	 WORST_AS_IT_IS},
	{"fusing", "small tensors alone", not_fused, WORST_AS_IT_IS},
	{"slack", "slices grow with slack to four times the size", slack, WORST_AS_IT_IS},
	{"half", "slices of half the size", half, WORST_AS_IT_IS},
	{"twice", "slices of twice the size", twice, WORST_AS_IT_IS},
	{"slicing", "tensors whole", uncut, WORST_AS_IT_IS},
	{"step-order", "an earlier step's messages do not go first", mixed_steps, WORST_AS_IT_IS},
	{"tuned", "with what the tuner finds", as_it_is, WORST_TUNED},
	{"aside", "the same, and it does not step aside", as_it_is, WORST_TUNED_NO_ASIDE},
};

#define N_ROWS (sizeof(rows_of) / sizeof(rows_of[0]))

static int do_cell(const struct model *model, uint32_t nodes, size_t row, int every,
		   struct json_object *object)
{
	struct fpr_sync_config config;
	struct worst worst;

	fpr_sync_config_init(&config, FPR_SYNC_BEST, nodes);
	rows_of[row].change(&config);
	if (worst_of(model, &config, rows_of[row].tuning, every, &worst))
		return EXIT_FAILED;
	if (object) {
		struct json_object *o = json_object_new_object();

		json_object_object_add(o, "least", json_object_new_double(worst.of_bound));
		json_object_object_add(o, "gbps", json_object_new_double(worst.gbps));
		json_object_object_add(o, "mean", json_object_new_double(worst.mean));
		json_object_object_add(object, model->name, o);
	} else {
		printf("  %5.1f %5.1f", 100 * worst.of_bound, 100 * worst.mean);
		fflush(stdout);
	}
	return EXIT_OK;
}

static int do_row(const struct model *models, uint32_t nodes, size_t row, int every,
		  struct json_object *list)
{
	struct json_object *object = list ? json_object_new_object() : NULL;
	int ret = EXIT_OK;

	if (list) {
		json_object_object_add(object, "without",
				       json_object_new_string(rows_of[row].name));
		json_object_object_add(object, "nodes", json_object_new_int64(nodes));
		json_object_array_add(list, object);
	} else {
		printf("%-12s", rows_of[row].name);
	}
	for (int i = 0; ret == EXIT_OK && i < MODELS; i++)
		ret = do_cell(models + i, nodes, row, every, object);
	if (!list)
		printf("  %s\n", rows_of[row].help);
	return ret;
}

static void show_head(uint32_t nodes)
{
	printf("%u nodes: best without one mechanism, %% of the bound, least and mean\n%-12s",
	       nodes, "");
	for (int i = 0; i < MODELS; i++)
		printf("  %11s", model_names[i]);
	putchar('\n');
}

static int run(const struct model *models, const struct numbers *nodes, int every,
	       struct json_object *list)
{
	int ret = EXIT_OK;

	for (int n = 0; ret == EXIT_OK && n < nodes->count; n++) {
		if (!list)
			show_head((uint32_t)nodes->values[n]);
		for (size_t row = 0; ret == EXIT_OK && row < N_ROWS; row++)
			ret = do_row(models, (uint32_t)nodes->values[n], row, every, list);
	}
	return ret;
}

static int check(const char *node_list, struct numbers *nodes)
{
	const int ret = numbers_parse("nodes", node_list, 2, 1000, nodes);

	if (ret != EXIT_OK)
		return ret;
	for (int i = 0; i < nodes->count; i++) {
		if (nodes->values[i] != (uint32_t)nodes->values[i]) {
			complain("--nodes: %g is not a whole number", nodes->values[i]);
			return EXIT_USAGE;
		}
	}
	return EXIT_OK;
}

int ablate_main(int argc, char **argv)
{
	const char *node_list = "4,16";
	uint64_t every = 1;
	int json = 0;
	const struct option_row rows[] = {
		{"nodes", 1, "LIST", "numbers of nodes; default 4,16", OPTION_TEXT, &node_list, 0,
		 NULL, NULL},
		{"every", 1, "N", "only every N-th Gbps of each network's range; default 1",
		 OPTION_COUNT, &every, 100, NULL, NULL},
		OPTION_ROW_JSON(&json),
		{0}};
	const struct options options = {
		.command = "ablate",
		.summary =
			"Mode best without each of its mechanisms, with the reference constants.",
		.rows = rows};
	struct model models[MODELS];
	struct json_object *object = NULL, *list = NULL;
	struct numbers nodes;
	int loaded = 0, ret = options_parse(&options, argc, argv);

	if (ret != OPTIONS_PARSED)
		return ret;
	ret = check(node_list, &nodes);
	while (ret == EXIT_OK && loaded < MODELS) {
		ret = model_load(model_names[loaded], models + loaded);
		loaded += ret == EXIT_OK;
	}
	if (json) {
		object = report_new("ablate");
		list = json_object_new_array();
		json_object_object_add(object, "rows", list);
	}
	if (ret == EXIT_OK)
		ret = run(models, &nodes, (int)every, list);
	if (json && ret == EXIT_OK)
		puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY));
	json_object_put(object);
	while (loaded)
		model_free(models + --loaded);
	return ret;
}
