/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "fprnet.h"
#include "lists.h"
#include "model.h"

const char *const model_names[MODELS] = {"resnet50", "inceptionv3", "vgg19", "sockeye"};

#define WORDS_MAX 4
#define LINE_MAX_BYTES 512
#define COUNT_MAX 1000000u
#define ELEMENTS_MAX (1ull << 38)
#define SECONDS_MAX 1e6
#define GBPS_MAX 1e4

/**
 * struct reader - a model file being read
 * @path: as the user calls it
 * @line: number of the current line
 * @words: the current line's
 * @count: of @words
 */
struct reader {
	const char *path;
	uint32_t line;
	char *words[WORDS_MAX];
	int count;
};

/* ---- values ------------------------------------------------------------ */

static int bad(const struct reader *reader, const char *what)
{
	complain("%s:%u: %s", reader->path, reader->line, what);
	return EXIT_USAGE;
}

static int take_count(const struct reader *reader, const char *word, uint64_t max, uint64_t *value)
{
	char *end;

	errno = 0;
	*value = strtoull(word, &end, 10);
	if (*word < '0' || *word > '9' || *end || errno || *value > max)
		return bad(reader, "a number is missing, wrong or too large");
	return EXIT_OK;
}

static int take_real(const struct reader *reader, const char *word, double max, double *value)
{
	char *end;

	*value = strtod(word, &end);
	if (end == word || *end || !(*value > 0 && *value <= max))
		return bad(reader, "a number above 0 is missing, wrong or too large");
	return EXIT_OK;
}

static int take_name(const struct reader *reader, char *name)
{
	if (strlen(reader->words[1]) >= MODEL_NAME_MAX)
		return bad(reader, "the name is too long");
	strcpy(name, reader->words[1]);
	return EXIT_OK;
}

/* Makes room for one more. Arrays grow at powers of two. */
static int make_room(void **array, uint32_t count, size_t size)
{
	void *more;

	if (count & (count - 1) || count >= COUNT_MAX)
		return count >= COUNT_MAX ? -E2BIG : 0;
	more = realloc(*array, (count ? 2 * (size_t)count : 1) * size);
	if (!more)
		return -ENOMEM;
	*array = more;
	return 0;
}

/* ---- lines ------------------------------------------------------------- */

static int take_layer(const struct reader *reader, struct model *model)
{
	struct layer layer = {.first = model->tensor_count};

	if (take_count(reader, reader->words[2], UINT64_MAX / 256, &layer.macs) ||
	    take_count(reader, reader->words[3], UINT64_MAX / 16384, &layer.outputs))
		return EXIT_USAGE;
	if (make_room((void **)&model->layers, model->layer_count, sizeof(layer)))
		return bad(reader, "too many layers");
	model->layers[model->layer_count++] = layer;
	return EXIT_OK;
}

static int take_tensor(const struct reader *reader, struct model *model)
{
	uint64_t elements, list = model->tensor_count;

	if (!model->layer_count)
		return bad(reader, "a tensor before any layer");
	if (take_count(reader, reader->words[2], ELEMENTS_MAX, &elements))
		return EXIT_USAGE;
	if (reader->count == 4 && take_count(reader, reader->words[3], UINT32_MAX, &list))
		return EXIT_USAGE;
	if (!elements)
		return bad(reader, "a tensor without elements");
	if (make_room((void **)&model->tensors, model->tensor_count, sizeof(*model->tensors)))
		return bad(reader, "too many tensors");
	model->tensors[model->tensor_count++] =
		(struct fpr_sync_tensor){.bytes = elements * 4, .list_index = (uint32_t)list};
	model->layers[model->layer_count - 1].tensors++;
	model->bytes += elements * 4;
	return EXIT_OK;
}

static int take_batch(const struct reader *reader, struct model *model)
{
	uint64_t batch;

	if (take_count(reader, reader->words[1], COUNT_MAX, &batch))
		return EXIT_USAGE;
	model->batch = (uint32_t)batch;
	return batch ? EXIT_OK : bad(reader, "a batch of nothing");
}

static int take_name_line(const struct reader *reader, struct model *model)
{
	return take_name(reader, model->name);
}

static int take_unit(const struct reader *reader, struct model *model)
{
	return take_name(reader, model->unit);
}

static int take_step(const struct reader *reader, struct model *model)
{
	return take_real(reader, reader->words[1], SECONDS_MAX, &model->step_s);
}

static int take_range(const struct reader *reader, struct model *model)
{
	double whole;

	if (take_real(reader, reader->words[1], GBPS_MAX, &model->low_gbps) ||
	    take_real(reader, reader->words[2], GBPS_MAX, &model->high_gbps))
		return EXIT_USAGE;
	whole = floor(model->high_gbps) - ceil(model->low_gbps) + 1;
	if (model->low_gbps > model->high_gbps)
		return bad(reader, "a range upside down");
	return whole >= 1 && whole <= LIST_MAX
		       ? EXIT_OK
		       : bad(reader, "a range of no whole Gbps, or of more than 256");
}

static const struct {
	const char *word;
	int least, most;
	int (*take)(const struct reader *reader, struct model *model);
} lines[] = {
	{"name", 2, 2, take_name_line}, {"unit", 2, 2, take_unit},   {"batch", 2, 2, take_batch},
	{"step", 2, 2, take_step},	{"range", 3, 3, take_range}, {"layer", 4, 4, take_layer},
	{"tensor", 3, 4, take_tensor},
};

static int take_line(struct reader *reader, char *text, struct model *model)
{
	char *rest = text + strcspn(text, "#\n"), *word;

	*rest = 0;
	reader->count = 0;
	for (word = strtok_r(text, " \t\r", &rest); word; word = strtok_r(NULL, " \t\r", &rest)) {
		if (reader->count == WORDS_MAX)
			return bad(reader, "too many words");
		reader->words[reader->count++] = word;
	}
	if (!reader->count)
		return EXIT_OK;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		if (strcmp(lines[i].word, reader->words[0]))
			continue;
		if (reader->count < lines[i].least || reader->count > lines[i].most)
			return bad(reader, "too few or too many words");
		return lines[i].take(reader, model);
	}
	return bad(reader, "no such word");
}

/* ---- files ------------------------------------------------------------- */

static int check(const struct reader *reader, const struct model *model)
{
	uint64_t work = 0;

	for (uint32_t i = 0; i < model->layer_count; i++)
		work |= model->layers[i].macs | model->layers[i].outputs;
	if (model->tensor_count && work && model->step_s > 0)
		return EXIT_OK;
	complain("%s: a model needs a step, tensors and a layer that computes", reader->path);
	return EXIT_USAGE;
}

static int read_lines(FILE *file, struct reader *reader, struct model *model)
{
	char text[LINE_MAX_BYTES];
	int ret = EXIT_OK;

	while (ret == EXIT_OK && fgets(text, sizeof(text), file)) {
		reader->line++;
		if (!strchr(text, '\n') && !feof(file))
			return bad(reader, "the line is too long");
		ret = take_line(reader, text, model);
	}
	if (ret == EXIT_OK && ferror(file)) {
		complain("%s: %s", reader->path, strerror(errno));
		ret = EXIT_USAGE;
	}
	return ret == EXIT_OK ? check(reader, model) : ret;
}

static FILE *open_model(const char *what)
{
	char name[MODEL_NAME_MAX], path[FILES_PATH_MAX];
	FILE *file;

	if (strpbrk(what, "/.")) {
		file = fopen(what, "r");
		if (!file)
			complain("%s: %s", what, strerror(errno));
		return file;
	}
	if (snprintf(name, sizeof(name), "models/%s.model", what) >= (int)sizeof(name) ||
	    files_find(name, path, sizeof(path))) {
		complain("no model '%s'; a file's name has a '/' or '.' in it", what);
		return NULL;
	}
	file = fopen(path, "r");
	if (!file)
		complain("%s: %s", path, strerror(errno));
	return file;
}

int model_load(const char *what, struct model *model)
{
	struct reader reader = {.path = what};
	FILE *file = open_model(what);
	int ret;

	*model = (struct model){.name = "model", .unit = "samples", .batch = 32};
	model->low_gbps = 1;
	model->high_gbps = 10;
	if (!file)
		return EXIT_USAGE;
	ret = read_lines(file, &reader, model);
	fclose(file);
	if (ret != EXIT_OK)
		model_free(model);
	return ret;
}

void model_free(struct model *model)
{
	free(model->layers);
	free(model->tensors);
	*model = (struct model){0};
}
