/* SPDX-License-Identifier: MIT */
#include "board.h"
#include "fprctl.h"
#include "options.h"
#include "print.h"

static void report(int json, const struct fpr_device_info *info)
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
	print_finish(printer);
}

int info_main(int argc, char **argv)
{
	const char *device = "local";
	struct board board;
	int json = 0;
	const struct option_row rows[] = {OPTION_ROW_DEVICE(&device), OPTION_ROW_JSON(&json), {0}};
	const struct options options = {
		.command = "info", .summary = "Says what a device is and can do.", .rows = rows};
	int ret = options_parse(&options, argc, argv);

	if (ret != OPTIONS_PARSED)
		return ret;
	ret = board_open(device, &board);
	if (ret != EXIT_OK)
		return ret;
	report(json, &board.info);
	board_close(&board);
	return EXIT_OK;
}
