/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "fpr_regs.h"
#include "fprctl.h"
#include "options.h"
#include "print.h"
#include "registers.h"

static int refuse(const struct place *place, int error)
{
	const char *address = place->address;

	switch (error) {
	case -EACCES:
		complain("registers of %s: reading them takes root", address);
		return EXIT_PERMISSION;
	case -EPERM:
		complain("registers of %s: the kernel is locked down and shows no registers; "
			 "fprctl info and doctor need none",
			 address);
		return EXIT_PERMISSION;
	case -EINVAL:
		complain("registers of %s: the kernel keeps them to the driver that serves it, and "
			 "debugfs is not there to ask that: mount -t debugfs debugfs "
			 "/sys/kernel/debug",
			 address);
		return EXIT_PERMISSION;
	case -ENXIO:
		complain("registers of %s: it answers no memory accesses while no driver serves it",
			 address);
		return EXIT_FAILED;
	default:
		complain("registers of %s: %s", address, strerror(-error));
		return EXIT_FAILED;
	}
}

static uint64_t value_at(const struct registers *registers, const struct register_row *row,
			 uint32_t offset)
{
	return row->is_wide ? registers_read_wide(registers, offset)
			    : registers_read(registers, offset);
}

static void report_one(struct printer *printer, const struct registers *registers,
		       const struct register_row *row, uint32_t i)
{
	const uint32_t offset = row->offset + i * row->stride;
	const uint64_t value = value_at(registers, row, offset);
	char name[40], text[80];

	snprintf(name, sizeof(name), row->count > 1 ? "%s[%u]" : "%s", row->name, i);
	print_begin_object(printer, NULL);
	print_text(printer, "name", name);
	snprintf(text, sizeof(text), "0x%04x", offset);
	print_text(printer, "offset", text);
	snprintf(text, sizeof(text), "0x%0*llx", row->is_wide ? 16 : 8, (unsigned long long)value);
	print_text(printer, "value", text);
	if (row->bits) {
		bits_text(row->bits, (uint32_t)value, text, sizeof(text));
		print_text(printer, "bits", text);
	}
	print_end(printer);
}

/* Registers by name, in a row; of those that are there several times all, or those not 0. */
static void report(const struct place *place, const struct registers *registers, int all, int json)
{
	struct printer p, *printer = &p;

	print_start(printer, json);
	print_text(printer, "pci_address", place->address);
	print_begin_list(printer, "registers");
	for (const struct register_row *row = register_rows; row->name; row++)
		for (uint32_t i = 0; i < row->count; i++)
			if (all || row->count == 1 ||
			    value_at(registers, row, row->offset + i * row->stride))
				report_one(printer, registers, row, i);
	print_end(printer);
	print_finish(printer);
}

int regs_main(int argc, char **argv)
{
	const char *device = NULL;
	struct registers registers;
	struct place place;
	int all = 0, json = 0;
	const struct option_row rows[] = {
		OPTION_ROW_BOARD(&device),
		{.name = "all",
		 .is_word = 1,
		 .type = OPTION_FLAG,
		 .value = &all,
		 .help = "also those of engines and classes that are 0"},
		OPTION_ROW_JSON(&json),
		{0},
	};
	const struct options options = {.command = "regs",
					.summary = "Shows a board's registers; changes none.",
					.rows = rows};
	int ret = options_parse(&options, argc, argv);

	if (ret != OPTIONS_PARSED)
		return ret;
	ret = place_find(device, &place);
	if (ret != EXIT_OK)
		return ret;
	ret = registers_open(&place, &registers);
	if (ret)
		return refuse(&place, ret);
	ret = registers_read(&registers, FPR_REG_ID) == UINT32_MAX;
	if (ret)
		complain("board %s reads all ones: the link is down, or it is gone", place.address);
	else
		report(&place, &registers, all, json);
	registers_close(&registers);
	return ret ? EXIT_FAILED : EXIT_OK;
}
