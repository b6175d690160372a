/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fprctl.h"
#include "options.h"
#include "print.h"

static void report(int json, const struct fpr_device_info *devices, int n)
{
	struct printer p, *printer = &p;

	print_start(printer, json);
	print_begin_list(printer, "devices");
	for (int i = 0; i < n; i++) {
		print_begin_object(printer, NULL);
		print_text(printer, "name", devices[i].name);
		print_text(printer, "model", devices[i].model);
		print_text(printer, "isa", devices[i].isa);
		print_number(printer, "threads", devices[i].threads);
		print_end(printer);
	}
	print_end(printer);
	print_finish(printer);
}

/* Fetches into a list of @room entries. Return: entries there, or -errno. */
static int fetch(struct fpr_device_info *devices, int room)
{
	int n = fpr_device_list(devices, (size_t)room);

	return n > room ? room : n;
}

int list_main(int argc, char **argv)
{
	struct fpr_device_info *devices;
	int json = 0, n;
	const struct option_row rows[] = {OPTION_ROW_JSON(&json), {0}};
	const struct options options = {.command = "list",
					.summary = "Lists the devices that can be opened.",
					.rows = rows};
	int ret = options_parse(&options, argc, argv);

	if (ret != OPTIONS_PARSED)
		return ret;
	n = fpr_device_list(NULL, 0);
	devices = calloc(n > 0 ? (size_t)n : 1, sizeof(*devices));
	if (n > 0 && devices)
		n = fetch(devices, n);
	if (n >= 0 && !devices)
		n = -ENOMEM;
	if (n < 0)
		complain("cannot list devices: %s", strerror(-n));
	else
		report(json, devices, n);
	free(devices);
	return n < 0 ? EXIT_FAILED : EXIT_OK;
}
