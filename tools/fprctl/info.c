/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "board.h"
#include "fprctl.h"
#include "options.h"
#include "places.h"
#include "print.h"
#include "system.h"

static void report_engine(struct printer *printer, const char *name,
			  const struct fpr_engine_counters *c)
{
	print_begin_object(printer, name);
	print_number(printer, "jobs", c->jobs);
	print_number(printer, "progress", c->progress);
	print_number(printer, "busy_ns", c->busy_ns);
	print_number(printer, "idle_ns", c->idle_ns);
	print_number(printer, "stall_ns", c->stall_ns);
	print_number(printer, "doorbells", c->doorbells);
	print_number(printer, "interrupts", c->interrupts);
	print_number(printer, "completions", c->completions);
	print_end(printer);
}

/* Those that anything was moved at. */
static void report_classes(struct printer *printer, const struct fpr_class_counters *classes)
{
	print_begin_list(printer, "classes");
	for (unsigned int i = 0; i < FPR_COUNTER_CLASSES; i++) {
		const struct fpr_class_counters *c = &classes[i];

		if (!c->slices)
			continue;
		print_begin_object(printer, NULL);
		print_number(printer, "class", i);
		print_number(printer, "h2c_bytes", c->h2c_bytes);
		print_number(printer, "c2h_bytes", c->c2h_bytes);
		print_number(printer, "slices", c->slices);
		print_number(printer, "preemptions", c->preemptions);
		print_end(printer);
	}
	print_end(printer);
}

/* What a board has done since its reset, for all its users. */
struct totals {
	struct fpr_engine_counters mac, transfer;
	struct fpr_class_counters classes[FPR_COUNTER_CLASSES];
};

static int read_totals(const struct board *board, struct totals *totals)
{
	int ret = fpr_counters_engine(board->device, FPR_COUNTERS_MAC, &totals->mac);

	if (!ret)
		ret = fpr_counters_engine(board->device, FPR_COUNTERS_TRANSFER, &totals->transfer);
	for (unsigned int i = 0; i < FPR_COUNTER_CLASSES && !ret; i++)
		ret = fpr_counters_class(board->device, i, &totals->classes[i]);
	return ret;
}

/* Attributes in sysfs, which are keys as they are. */
static const char *const place_texts[] = {
	"state",	  "contract",	    "build", "current_link_speed", "current_link_width",
	"max_link_speed", "max_link_width", NULL};
static const char *const place_numbers[] = {"resets", "lost_interrupts", "memory_free_bytes", NULL};

static void place_tell_text(struct printer *printer, const struct place *place, const char *file)
{
	char text[64];

	if (place_text(place, file, text, sizeof(text)) > 0)
		print_text(printer, file, text);
}

static void place_tell_number(struct printer *printer, const struct place *place, const char *file)
{
	uint64_t number;

	if (!system_number(&number, PLACE_SYSFS "%s", place->address, file))
		print_number(printer, file, number);
}

/* What the driver and the bus tell of a board; nothing of the local one. */
static void report_place(struct printer *printer, const char *name)
{
	struct place place;
	int64_t millidegrees;

	if (!place_lookup(name, &place))
		return;
	print_begin_object(printer, "board");
	print_number(printer, "index", place.index);
	print_text(printer, "pci_address", place.address);
	print_text(printer, "node", place.node);
	for (const char *const *file = place_texts; *file; file++)
		place_tell_text(printer, &place, *file);
	for (const char *const *file = place_numbers; *file; file++)
		place_tell_number(printer, &place, *file);
	if (!place_temperature(&place, &millidegrees))
		print_signed(printer, "temperature_millicelsius", millidegrees);
	print_end(printer);
}

static void report(int json, const struct fpr_device_info *info, const struct totals *totals)
{
	struct printer p, *printer = &p;

	print_start(printer, json);
	print_text(printer, "name", info->name);
	print_text(printer, "model", info->model);
	print_text(printer, "isa", info->isa);
	print_text(printer, "version", info->version);
	print_number(printer, "threads", info->threads);
	print_number(printer, "rows", info->rows);
	print_number(printer, "cols", info->cols);
	print_number(printer, "lanes", info->lanes);
	print_begin_list(printer, "kinds");
	for (unsigned int i = 0; i < FPR_KINDS; i++)
		if (info->kinds >> i & 1)
			print_text(printer, NULL, kind_names[i]);
	print_end(printer);
	print_text(printer, "default_kind", kind_names[info->default_kind]);
	print_number(printer, "memory_bytes", info->memory_bytes);
	print_number(printer, "slice_bytes", info->slice_bytes);
	print_number(printer, "transfer_entries", info->transfer_entries);
	print_number(printer, "clock_khz", info->clock_khz);
	report_engine(printer, "mac", &totals->mac);
	report_engine(printer, "transfer", &totals->transfer);
	report_classes(printer, totals->classes);
	report_place(printer, info->name);
	print_finish(printer);
}

int info_main(int argc, char **argv)
{
	const char *device = "local";
	struct totals totals;
	struct board board;
	int json = 0;
	const struct option_row rows[] = {OPTION_ROW_DEVICE(&device), OPTION_ROW_JSON(&json), {0}};
	const struct options options = {.command = "info",
					.summary = "Says what a device is, can do and has done.",
					.rows = rows};
	int ret = options_parse(&options, argc, argv);

	if (ret != OPTIONS_PARSED)
		return ret;
	ret = board_open(device, &board);
	if (ret != EXIT_OK)
		return ret;
	ret = read_totals(&board, &totals);
	if (!ret)
		report(json, &board.info, &totals);
	else
		complain("cannot read the counters: %s", board_failure(&board, ret));
	board_close(&board);
	return ret ? EXIT_FAILED : EXIT_OK;
}
