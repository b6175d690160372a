/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "board.h"
#include "fprctl.h"
#include "moves.h"
#include "options.h"
#include "print.h"
#include "progress.h"
#include "record.h"

/**
 * struct backward - a product of a step's backward pass
 * @product: with what was recorded
 * @is_gradient: C is a weight's gradient, and leaves the board
 * @there: C, in board memory
 * @here: where it arrives
 * @expected: C as recorded
 * @bytes: of C
 * @computed: fence of the product
 * @arrived: fence of the transfer
 */
struct backward {
	struct product product;
	int is_gradient;
	struct memory there, here;
	void *expected;
	uint64_t bytes;
	struct fpr_fence *computed, *arrived;
};

/**
 * struct step - the backward pass of a trace's first step
 * @products: as they were recorded
 * @n: of them
 * @gradients: of these
 * @bytes: of the gradients
 * @done: products that have ended, in all runs
 * @label: what all their names end with
 */
struct step {
	struct backward *products;
	size_t n, gradients;
	uint64_t bytes, done;
	char label[FPR_TRACE_NAME_MAX + 1];
};

/**
 * struct outcome - how the gradients left
 * @computed_ns: until the last product had ended
 * @first_ns: until the gradient that the next forward pass needs first had arrived
 * @last_ns: until all had
 * @place: that one's among them, in the order of arrival
 * @preemptions: by more urgent transfers, whoever's
 * @classes: of priorities that slices were moved at, whoever's
 * @ok: all arrived as recorded
 */
struct outcome {
	uint64_t computed_ns, first_ns, last_ns, place, preemptions, classes;
	int ok;
};

/* ---- the step ----------------------------------------------------------- */

/* Return: 1 when the name is that of a product of the first step's backward pass. */
static int is_backward(struct step *step, const char *name)
{
	const char *label = strstr(name, " step ");

	if (!strstr(name, "/AxG") && !strstr(name, "/GxW"))
		return 0;
	if (!label)
		label = "";
	if (!step->n)
		memcpy(step->label, label, strlen(label) + 1);
	return !strcmp(step->label, label);
}

static int place_gradient(struct board *board, const struct fpr_trace_record *record,
			  struct backward *b)
{
	int ret = memory_create(board, b->bytes, FPR_BUFFER_BOARD, &b->there);

	if (!ret)
		ret = memory_create(board, b->bytes, 0, &b->here);
	if (ret)
		return ret;
	b->expected = malloc(b->bytes);
	if (!b->expected)
		return -ENOMEM;
	memcpy(b->expected, record->c_out, b->bytes);
	fpr_buffer_destroy(b->product.job.c);
	b->product.job.c = b->there.buffer;
	return 0;
}

static int add_product(struct board *board, const struct fpr_trace_record *record,
		       struct step *step)
{
	struct backward *more = realloc(step->products, (step->n + 1) * sizeof(*more)), *b;
	int ret;

	if (!more)
		return -ENOMEM;
	step->products = more;
	b = more + step->n++;
	memset(b, 0, sizeof(*b));
	b->bytes = record->c_bytes;
	ret = product_of_record(board, record, &b->product);
	if (ret)
		return ret;
	b->product.job.flags = FPR_JOB_NO_COUNTERS;
	/* What adds to a gradient is computed, and the gradient leaves once. */
	if (!strstr(record->name, "/AxG") || record->gemm.accumulate || !b->bytes)
		return 0;
	b->is_gradient = 1;
	step->gradients++;
	step->bytes += b->bytes;
	return place_gradient(board, record, b);
}

/* Return: EXIT_OK, or an exit code after a complaint. */
static int read_step(struct board *board, const char *path, struct step *step)
{
	struct fpr_trace_record record;
	struct fpr_trace_reader *reader;
	int ret = fpr_trace_open(path, &reader), failed = 0;
	uint64_t records = 0;

	if (ret)
		return trace_failed(path, ret, 0);
	progress_start("reading", trace_bytes(path));
	for (; (ret = fpr_trace_next(reader, &record)) == 1; records++) {
		progress_at(fpr_trace_position(reader));
		failed = is_backward(step, record.name) ? add_product(board, &record, step) : 0;
		if (failed)
			break;
	}
	progress_end();
	fpr_trace_close(reader);
	if (failed)
		return record_failed(board, path, records, failed);
	if (ret < 0)
		return trace_failed(path, ret, records);
	if (step->gradients)
		return EXIT_OK;
	complain("%s: no weight's gradient (a product named LAYER/AxG) is in it", path);
	return EXIT_USAGE;
}

static void free_step(struct step *step)
{
	for (size_t i = 0; i < step->n; i++) {
		struct backward *b = &step->products[i];

		/* A gradient's is the product's C once all went well. */
		if (b->there.buffer != b->product.job.c)
			memory_destroy(&b->there);
		product_destroy(&b->product);
		memory_destroy(&b->here);
		free(b->expected);
	}
	free(step->products);
}

/* ---- running it --------------------------------------------------------- */

static int read_classes(struct board *board, struct fpr_class_counters *classes)
{
	int ret = 0;

	for (uint32_t i = 0; i < FPR_COUNTER_CLASSES && !ret; i++)
		ret = fpr_counters_class(board->device, i, classes + i);
	return ret;
}

static void count_classes(const struct fpr_class_counters *before,
			  const struct fpr_class_counters *after, struct outcome *outcome)
{
	for (uint32_t i = 0; i < FPR_COUNTER_CLASSES; i++) {
		outcome->preemptions += after[i].preemptions - before[i].preemptions;
		outcome->classes += after[i].slices != before[i].slices;
	}
}

/* Each gradient leaves when its product has ended: the fence says so, and nobody waits. */
static int submit(struct board *board, struct step *step, int by_need)
{
	size_t left = step->gradients;
	int ret = 0;

	for (size_t i = 0; i < step->n && !ret; i++) {
		struct backward *b = &step->products[i];
		struct fpr_transfer_job job;

		ret = fpr_gemm_submit(board->queue, &b->product.job, 1, NULL, 0, &b->computed);
		if (ret || !b->is_gradient)
			continue;
		memset(b->here.bytes, 0, b->bytes);
		job = move_job(FPR_TO_HOST, &b->here, &b->there, 0, b->bytes);
		left--;
		/* Over all 16 bits, whose upper ones are the class that counters go by. */
		if (by_need)
			job.priority = (uint16_t)(((uint64_t)left << 16) / step->gradients);
		ret = fpr_transfer_submit(board->queue, &job, 1, &b->computed, 1, &b->arrived);
	}
	return ret;
}

/* Waits for all that was submitted. Return: 0, or what failed first. */
static int finish(struct step *step, uint64_t start, struct outcome *outcome)
{
	int ret = 0, status;

	for (size_t i = 0; i < step->n; i++) {
		status = step->products[i].computed
				 ? fpr_fence_wait(step->products[i].computed, FPR_WAIT_FOREVER)
				 : 0;
		ret = ret ? ret : status;
		progress_at(++step->done);
	}
	outcome->computed_ns = now_ns() - start;
	for (size_t i = 0; i < step->n; i++) {
		status = step->products[i].arrived
				 ? fpr_fence_wait(step->products[i].arrived, FPR_WAIT_FOREVER)
				 : 0;
		ret = ret ? ret : status;
	}
	return ret;
}

static int look(const struct step *step, uint64_t start, struct outcome *outcome)
{
	struct fpr_transfer_result result = {0}, first = {0};
	int ret = 0;

	/* The first layer's is computed last. */
	for (size_t i = 0; i < step->n && !ret; i++)
		if (step->products[i].is_gradient)
			ret = fpr_fence_transfer_result(step->products[i].arrived, 0, &first);
	outcome->ok = 1;
	for (size_t i = 0; i < step->n && !ret; i++) {
		const struct backward *b = &step->products[i];

		if (!b->is_gradient)
			continue;
		ret = fpr_fence_transfer_result(b->arrived, 0, &result);
		outcome->place += result.board_ns <= first.board_ns;
		if (result.ended_ns - start > outcome->last_ns)
			outcome->last_ns = result.ended_ns - start;
		if (memcmp(b->here.bytes, b->expected, b->bytes))
			outcome->ok = 0;
	}
	outcome->first_ns = first.ended_ns - start;
	return ret;
}

static int run(struct board *board, struct step *step, int by_need, struct outcome *outcome)
{
	const uint64_t start = now_ns();
	struct fpr_class_counters before[FPR_COUNTER_CLASSES], after[FPR_COUNTER_CLASSES];
	int ret = read_classes(board, before), failed;

	if (ret)
		return ret;
	memset(outcome, 0, sizeof(*outcome));
	ret = submit(board, step, by_need);
	failed = finish(step, start, outcome);
	if (!ret)
		ret = failed ? failed : look(step, start, outcome);
	if (!ret)
		ret = read_classes(board, after);
	if (!ret)
		count_classes(before, after, outcome);
	for (size_t i = 0; i < step->n; i++) {
		fpr_fence_destroy(step->products[i].computed);
		fpr_fence_destroy(step->products[i].arrived);
		step->products[i].computed = step->products[i].arrived = NULL;
	}
	return ret;
}

/* ---- the command -------------------------------------------------------- */

static void print_outcome(struct printer *printer, const char *key, const struct outcome *outcome)
{
	print_begin_object(printer, key);
	print_number(printer, "computed_ns", outcome->computed_ns);
	print_number(printer, "first_layer_ns", outcome->first_ns);
	print_number(printer, "first_layer_place", outcome->place);
	print_number(printer, "last_ns", outcome->last_ns);
	print_number(printer, "preemptions", outcome->preemptions);
	print_number(printer, "classes", outcome->classes);
	print_end(printer);
}

static void report(int json, const struct board *board, const char *path, const struct step *step,
		   const struct outcome outcomes[2])
{
	struct printer p, *printer = &p;

	print_start(printer, json);
	print_text(printer, "device", board->info.name);
	print_text(printer, "file", path);
	print_number(printer, "products", step->n);
	print_number(printer, "gradients", step->gradients);
	print_number(printer, "bytes", step->bytes);
	print_number(printer, "slice_bytes", board->info.slice_bytes);
	print_outcome(printer, "fifo", &outcomes[0]);
	print_outcome(printer, "p3", &outcomes[1]);
	print_flag(printer, "ok", outcomes[0].ok && outcomes[1].ok);
	print_finish(printer);
}

static int compare(int json, struct board *board, const char *path, struct step *step)
{
	struct outcome outcomes[2];
	int ret = 0;

	progress_start("gradients", 3 * step->n);
	/* Once before, so that all memory has been touched. */
	ret = run(board, step, 0, &outcomes[0]);
	for (int by_need = 0; by_need < 2 && !ret; by_need++)
		ret = run(board, step, by_need, &outcomes[by_need]);
	progress_end();
	if (ret) {
		complain("gradients: %s", board_failure(board, ret));
		return EXIT_FAILED;
	}
	report(json, board, path, step, outcomes);
	ret = flush_output();
	return ret == EXIT_OK && !(outcomes[0].ok && outcomes[1].ok) ? EXIT_FAILED : ret;
}

int gradients_main(int argc, char **argv)
{
	const char *device = "local", *path = NULL;
	struct step step = {0};
	struct board board;
	int json = 0;
	const struct option_row rows[] = {OPTION_ROW_DEVICE(&device), OPTION_ROW_JSON(&json), {0}};
	const struct options options = {
		.command = "gradients",
		.summary = "Has a recorded step's gradients leave the board, in order and by "
			   "priority.",
		.rows = rows,
		.operand = "FILE",
		.operand_value = &path,
	};
	int ret = options_parse(&options, argc, argv);

	if (ret != OPTIONS_PARSED)
		return ret;
	ret = board_open(device, &board);
	if (ret != EXIT_OK)
		return ret;
	ret = read_step(&board, path, &step);
	if (ret == EXIT_OK)
		ret = compare(json, &board, path, &step);
	free_step(&step);
	board_close(&board);
	return ret;
}
