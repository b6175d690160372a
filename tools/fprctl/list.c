/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fprctl.h"
#include "options.h"
#include "places.h"
#include "print.h"

/* Which board on the bus it is, if it is one. */
static const struct place *place_of(const struct fpr_device_info *device,
				    const struct place *places, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(places[i].node, device->name))
			return &places[i];
	return NULL;
}

/* Boards that a driver serves or not: what cannot be opened is here to be missed. */
static void report_places(struct printer *printer, const struct place *places, size_t n)
{
	print_begin_list(printer, "boards");
	for (size_t i = 0; i < n; i++) {
		print_begin_object(printer, NULL);
		print_text(printer, "pci_address", places[i].address);
		print_number(printer, "index", places[i].index);
		print_text(printer, "driver", *places[i].driver ? places[i].driver : "none");
		print_text(printer, "node", *places[i].node ? places[i].node : "none");
		print_end(printer);
	}
	print_end(printer);
}

static void report(int json, const struct fpr_device_info *devices, int n)
{
	struct place places[PLACES_MAX];
	const size_t n_places = places_list(places);
	struct printer p, *printer = &p;

	print_start(printer, json);
	print_begin_list(printer, "devices");
	for (int i = 0; i < n; i++) {
		const struct place *place;

		print_begin_object(printer, NULL);
		print_text(printer, "name", devices[i].name);
		print_text(printer, "model", devices[i].model);
		print_text(printer, "isa", devices[i].isa);
		print_number(printer, "threads", devices[i].threads);
		place = place_of(&devices[i], places, n_places);
		if (place) {
			print_number(printer, "index", place->index);
			print_text(printer, "pci_address", place->address);
		}
		print_end(printer);
	}
	print_end(printer);
	if (n_places)
		report_places(printer, places, n_places);
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
	const struct options options = {
		.command = "list",
		.summary = "Lists the devices that can be opened, and the boards on the bus.",
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
