/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "board.h"
#include "fprctl.h"
#include "geometry.h"
#include "options.h"
#include "print.h"
#include "progress.h"
#include "record.h"

/**
 * struct difference - the first thing that came out otherwise
 * @record: number in the trace, from 0
 * @name: of the record
 * @counter: which counter, NULL for an element of C
 * @batch: of the element
 * @row: of the element
 * @column: of the element
 * @expected: bits or count in the trace
 * @got: bits or count now
 */
struct difference {
	uint64_t record;
	char name[FPR_TRACE_NAME_MAX + 1];
	const struct counter *counter;
	uint64_t batch, row, column;
	uint64_t expected, got;
};

/**
 * struct tally - how far the trace was repeated, and how well
 * @records: that ran
 * @counted: of these, those whose counters compare
 * @failed: of these, those that differ
 * @macs: products of two elements that those took which ran
 * @nanoseconds: from their submissions to their ends
 * @cannot_run: -errno of the record behind these when it could not be run
 * @cannot_read: -errno of the trace when what is behind these is no record
 * @first: of the records that differ
 */
struct tally {
	uint64_t records, counted, failed;
	uint64_t macs, nanoseconds;
	int cannot_run, cannot_read;
	struct difference first;
};

static uint64_t element(const void *c, uint64_t index, int out)
{
	uint32_t f32;
	uint16_t bf16;

	if (out == FPR_OUT_BF16) {
		memcpy(&bf16, (const char *)c + index * sizeof(bf16), sizeof(bf16));
		return bf16;
	}
	memcpy(&f32, (const char *)c + index * sizeof(f32), sizeof(f32));
	return f32;
}

/* Return: 1 when an element differs; what lies between rows is not compared. */
static int elements_differ(const struct fpr_trace_record *record, const void *c,
			   struct difference *difference)
{
	const struct fpr_gemm *gemm = &record->gemm;
	const uint64_t ldc = gemm->ldc ? gemm->ldc : gemm->n;
	struct difference *d = difference;

	if (!record->c_bytes)
		return 0;
	for (d->batch = 0; d->batch < (gemm->batch ? gemm->batch : 1); d->batch++) {
		for (d->row = 0; d->row < gemm->m; d->row++) {
			for (d->column = 0; d->column < gemm->n; d->column++) {
				const uint64_t index =
					d->batch * gemm->stride_c + d->row * ldc + d->column;

				d->expected = element(record->c_out, index, gemm->out);
				d->got = element(c, index, gemm->out);
				if (d->expected != d->got)
					return 1;
			}
		}
	}
	return 0;
}

static int counters_differ(const struct fpr_trace_record *record,
			   const struct fpr_gemm_counters *counters, struct difference *difference)
{
	for (size_t i = 0; i < N_COUNTERS; i++) {
		difference->counter = &counter_table[i];
		difference->expected = counter_value(&record->counters, &counter_table[i]);
		difference->got = counter_value(counters, &counter_table[i]);
		if (difference->expected != difference->got)
			return 1;
	}
	return 0;
}

static void compare(const struct fpr_trace_record *record, const struct board *board, const void *c,
		    const struct fpr_gemm_result *result, struct tally *tally)
{
	struct difference difference = {.record = tally->records};
	const int counted = record->has_counters && same_array(&record->geometry, &board->info);
	int differs = elements_differ(record, c, &difference);

	if (!differs && counted)
		differs = counters_differ(record, &result->counters, &difference);
	tally->counted += (uint64_t)counted;
	if (differs && !tally->failed) {
		snprintf(difference.name, sizeof(difference.name), "%s", record->name);
		tally->first = difference;
	}
	tally->failed += (uint64_t)differs;
}

static int run_timed(struct board *board, const struct product *product,
		     struct fpr_gemm_result *result, struct tally *tally)
{
	const struct fpr_gemm *gemm = &product->job.gemm;
	const uint64_t start = now_ns();
	int ret = product_run(board, product, NULL, result);

	if (ret)
		return ret;
	tally->nanoseconds += now_ns() - start;
	tally->macs += (uint64_t)gemm->m * gemm->n * gemm->k * (gemm->batch ? gemm->batch : 1);
	return 0;
}

/* Return: 0 or -errno. */
static int replay_record(struct board *board, const struct fpr_trace_record *record,
			 struct tally *tally)
{
	struct fpr_gemm_result result;
	struct product product;
	int ret = product_of_record(board, record, &product);

	if (!ret)
		ret = run_timed(board, &product, &result, tally);
	if (!ret) {
		compare(record, board, product.c, &result, tally);
		tally->records++;
	}
	product_destroy(&product);
	return ret;
}

static int is_complete(const struct tally *tally)
{
	return !tally->cannot_run && !tally->cannot_read;
}

static void replay_all(struct board *board, const char *path, struct tally *tally)
{
	struct fpr_trace_record record;
	struct fpr_trace_reader *reader;
	int ret = fpr_trace_open(path, &reader);

	if (ret) {
		tally->cannot_read = ret;
		return;
	}
	progress_start("replay", trace_bytes(path));
	while (!tally->cannot_run && (ret = fpr_trace_next(reader, &record)) == 1) {
		tally->cannot_run = replay_record(board, &record, tally);
		progress_at(fpr_trace_position(reader));
	}
	progress_end();
	if (ret < 0)
		tally->cannot_read = ret;
	fpr_trace_close(reader);
}

static void print_difference(struct printer *printer, const struct difference *difference)
{
	char text[64];

	print_begin_object(printer, "first_mismatch");
	print_number(printer, "record", difference->record);
	print_text(printer, "name", difference->name);
	if (difference->counter) {
		snprintf(text, sizeof(text), "%s.%s", difference->counter->group,
			 difference->counter->name);
		print_text(printer, "counter", text);
		print_number(printer, "expected", difference->expected);
		print_number(printer, "got", difference->got);
	} else {
		print_number(printer, "batch", difference->batch);
		print_number(printer, "row", difference->row);
		print_number(printer, "column", difference->column);
		snprintf(text, sizeof(text), "0x%llx", (unsigned long long)difference->expected);
		print_text(printer, "expected", text);
		snprintf(text, sizeof(text), "0x%llx", (unsigned long long)difference->got);
		print_text(printer, "got", text);
	}
	print_end(printer);
}

static void report(int json, const struct board *board, const char *path, const struct tally *tally)
{
	struct printer p, *printer = &p;

	print_start(printer, json);
	print_text(printer, "device", board->info.name);
	print_text(printer, "file", path);
	print_number(printer, "records", tally->records);
	print_number(printer, "counters_compared", tally->counted);
	print_number(printer, "macs", tally->macs);
	print_number(printer, "nanoseconds", tally->nanoseconds);
	print_number(printer, "mismatches", tally->failed);
	if (tally->failed)
		print_difference(printer, &tally->first);
	print_flag(printer, "complete", is_complete(tally));
	print_flag(printer, "ok", !tally->failed && is_complete(tally));
	print_finish(printer);
}

/* What was found so far is told also when the trace turns out damaged. */
static int conclude(int json, const struct board *board, const char *path,
		    const struct tally *tally)
{
	int code = EXIT_OK;

	if (tally->records || is_complete(tally)) {
		report(json, board, path, tally);
		code = flush_output();
	}
	if (tally->cannot_run)
		code = record_failed(board, path, tally->records, tally->cannot_run);
	else if (tally->cannot_read)
		code = trace_failed(path, tally->cannot_read, tally->records);
	return tally->failed ? EXIT_FAILED : code;
}

int replay_main(int argc, char **argv)
{
	const char *device = "local", *path = NULL;
	struct tally tally = {0};
	struct board board;
	int json = 0;
	const struct option_row rows[] = {OPTION_ROW_DEVICE(&device), OPTION_ROW_JSON(&json), {0}};
	const struct options options = {
		.command = "replay",
		.summary = "Repeats every product of a trace and compares results bit for bit.",
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
	replay_all(&board, path, &tally);
	ret = conclude(json, &board, path, &tally);
	board_close(&board);
	return ret;
}
