/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doctor.h"
#include "fpr_regs.h"
#include "system.h"

/* ---- is there a board? -------------------------------------------------------- */

struct census {
	unsigned int functions;
	char similar[FPR_NAME_MAX];
};

/* The same chip with another design in it. */
static int count(void *context, const char *address)
{
	struct census *census = context;
	uint64_t vendor = 0, device = 0;

	census->functions++;
	system_number(&vendor, PLACE_SYSFS "vendor", address);
	system_number(&device, PLACE_SYSFS "device", address);
	if (vendor == FPR_PCI_VENDOR && device == FPR_PCI_DEVICE)
		snprintf(census->similar, sizeof(census->similar), "%s", address);
	return 0;
}

#define LOCAL ". The virtual board (--device local) needs none of this"

static void look_board(struct doctor *d, struct finding *f)
{
	struct census census = {0, ""};

	if (d->boards) {
		seen(f, "%zu found", d->boards);
		return;
	}
	if (system_each(count, &census, "/sys/bus/pci/devices") < 0) {
		wrong(f, RESULT_FAILED, "this kernel shows no PCI bus");
		remedy(f, "in a container or guest: pass the board through to it" LOCAL);
	} else if (*census.similar) {
		wrong(f, RESULT_FAILED,
		      "%s is of the board's kind, but its subsystem IDs are not fpr's: another "
		      "design is loaded",
		      census.similar);
		remedy(f,
		       "load fpr's design, then: echo 1 >/sys/bus/pci/devices/%s/remove; echo 1 "
		       ">/sys/bus/pci/rescan" LOCAL,
		       census.similar);
	} else {
		wrong(f, RESULT_FAILED, "none of %u PCI functions is a board (%04x:%04x)",
		      census.functions, FPR_PCI_VENDOR, FPR_PCI_DEVICE);
		remedy(f, "check seat and power; load its design; echo 1 >/sys/bus/pci/rescan, or "
			  "reboot if it was not configured as the machine started" LOCAL);
	}
}

/* ---- the link ------------------------------------------------------------------- */

/* As sysfs has them; 0: unknown. */
struct link {
	double speed, max_speed, port_speed;
	unsigned int width, max_width, port_width;
};

static double read_speed(const char *address, const char *file)
{
	char text[64];

	system_read(text, sizeof(text), PLACE_SYSFS "%s", address, file);
	return strtod(text, NULL);
}

static unsigned int read_width(const char *address, const char *file)
{
	const double width = read_speed(address, file);

	return width > 0 && width < 64 ? (unsigned int)width : 0;
}

static double lesser(double a, double b)
{
	return b > 0 && b < a ? b : a;
}

static void look_link(struct doctor *d, struct finding *f)
{
	const char *address = d->place.address;
	/* The directory above the function's is that of its port. */
	const struct link link = {
		.speed = read_speed(address, "current_link_speed"),
		.max_speed = read_speed(address, "max_link_speed"),
		.port_speed = read_speed(address, "../max_link_speed"),
		.width = read_width(address, "current_link_width"),
		.max_width = read_width(address, "max_link_width"),
		.port_width = read_width(address, "../max_link_width"),
	};
	const double speed = lesser(link.max_speed, link.port_speed);
	const unsigned int width = (unsigned int)lesser(link.max_width, link.port_width);

	if (link.max_speed <= 0 || !link.max_width) {
		wrong(f, RESULT_SKIPPED, "the bus tells nothing of a PCI Express link");
		return;
	}
	seen(f, "%.1f GT/s x%u; board can %.1f GT/s x%u", link.speed, link.width, link.max_speed,
	     link.max_width);
	if (link.speed <= 0 || !link.width) {
		wrong(f, RESULT_FAILED, "the link is down");
		remedy(f,
		       "check seat and power; load the board's design; reset the slot or reboot");
	} else if (link.speed < speed || link.width < width) {
		wrong(f, RESULT_WARNING,
		      "the link is degraded: both ends can %.1f GT/s x%u, it runs at %.1f GT/s x%u",
		      speed, width, link.speed, link.width);
		remedy(f, "reseat the board, try another slot or riser, look for AER errors; then "
			  "reboot, so that the link is trained again");
	} else if (link.speed < link.max_speed || link.width < link.max_width) {
		wrong(f, RESULT_NOTE, "the slot can less than the board");
		remedy(f, "a slot of %.1f GT/s x%u would be faster", link.max_speed,
		       link.max_width);
	}
}

/* ---- BARs ------------------------------------------------------------------------ */

#define RESOURCE_UNSET 0x20000000u
#define RESOURCE_MEMORY 0x200u

struct bar {
	unsigned long long start, end, flags;
};

static int read_bars(const char *address, struct bar *bars, int n)
{
	char text[2048], *rest = text, *line;
	int i = 0;

	if (system_read(text, sizeof(text), PLACE_SYSFS "resource", address) <= 0)
		return -1;
	while (i < n && (line = strsep(&rest, "\n"))) {
		if (sscanf(line, "%llx %llx %llx", &bars[i].start, &bars[i].end, &bars[i].flags) !=
		    3)
			return -1;
		i++;
	}
	return i == n ? 0 : -1;
}

static int is_assigned(const struct bar *bar)
{
	return bar->start && bar->end > bar->start && bar->flags & RESOURCE_MEMORY &&
	       !(bar->flags & RESOURCE_UNSET);
}

static unsigned long long bar_bytes(const struct bar *bar)
{
	return bar->end > bar->start ? bar->end - bar->start + 1 : 0;
}

static void look_bars(struct doctor *d, struct finding *f)
{
	struct bar bars[FPR_BAR_MSIX + 1];
	const struct bar *regs = &bars[FPR_BAR_REGS], *memory = &bars[FPR_BAR_MEMORY];

	if (read_bars(d->place.address, bars, FPR_BAR_MSIX + 1)) {
		wrong(f, RESULT_SKIPPED, "the bus tells nothing of its BARs");
		return;
	}
	seen(f, "registers %llu KiB, memory %llu MiB", bar_bytes(regs) >> 10,
	     bar_bytes(memory) >> 20);
	if (!is_assigned(regs) || bar_bytes(regs) < FPR_BAR_REGS_BYTES) {
		wrong(f, RESULT_FAILED, "BAR %d (registers) has no address", FPR_BAR_REGS);
		remedy(f,
		       "echo 1 >/sys/bus/pci/devices/%s/remove; echo 1 >/sys/bus/pci/rescan; if "
		       "it stays, boot with pci=realloc",
		       d->place.address);
	} else if (!is_assigned(memory)) {
		wrong(f, RESULT_FAILED,
		      "BAR %d (board memory) has no address: no room was left for it",
		      FPR_BAR_MEMORY);
		remedy(f, "turn on 'Above 4G decoding' in the firmware's set-up, or boot with "
			  "pci=realloc");
	}
}

/* ---- what the function may do ------------------------------------------------------ */

#define CONFIG_COMMAND 4
#define COMMAND_MEMORY 2
#define COMMAND_MASTER 4

static void look_decoding(struct doctor *d, struct finding *f)
{
	char config[64];
	const int n = system_read(config, sizeof(config), PLACE_SYSFS "config", d->place.address);
	int memory, master;

	if (n <= CONFIG_COMMAND) {
		wrong(f, RESULT_SKIPPED, "its configuration space cannot be read");
		return;
	}
	memory = config[CONFIG_COMMAND] & COMMAND_MEMORY;
	master = config[CONFIG_COMMAND] & COMMAND_MASTER;
	if ((unsigned char)config[0] == 0xff && (unsigned char)config[1] == 0xff) {
		wrong(f, RESULT_FAILED,
		      "its configuration space reads all ones: it does not answer");
		remedy(f, "check seat and power; load its design; reset the slot or reboot");
		return;
	}
	seen(f, "memory %s, bus master %s", memory ? "on" : "off", master ? "on" : "off");
	if (strcmp(d->place.driver, "fpr") != 0 || (memory && master))
		return;
	wrong(f, RESULT_FAILED, "%s is off although the driver serves it: %s",
	      memory ? "bus mastering" : "memory decoding",
	      memory ? "the driver gave it up, or someone changed it"
		     : "someone changed it behind the driver");
	remedy(f, "fprctl reset --device %s --level rebind", d->place.address);
}

static void look_iommu(struct doctor *d, struct finding *f)
{
	char group[FPR_NAME_MAX], type[32];

	if (system_link(group, sizeof(group), PLACE_SYSFS "iommu_group", d->place.address)) {
		wrong(f, RESULT_NOTE,
		      "no IOMMU stands between the board and memory: off in the "
		      "firmware or the kernel, or there is none");
		remedy(f, "turn on VT-d or AMD-Vi in the firmware's set-up; on Intel boot with "
			  "intel_iommu=on. The board works without");
		return;
	}
	if (system_read(type, sizeof(type), PLACE_SYSFS "iommu_group/type", d->place.address) <= 0)
		snprintf(type, sizeof(type), "unknown type");
	seen(f, "group %s, %s", group, type);
}

/* ---- errors on the way --------------------------------------------------------------- */

/* Return: -1: not counted */
static long long aer_total(const char *address, const char *kind, const char *total)
{
	char text[2048];
	const char *at;

	if (system_read(text, sizeof(text), PLACE_SYSFS "aer_dev_%s", address, kind) <= 0)
		return -1;
	at = strstr(text, total);
	return at ? strtoll(at + strlen(total), NULL, 10) : -1;
}

static void look_aer(struct doctor *d, struct finding *f)
{
	const char *address = d->place.address;
	const long long correctable = aer_total(address, "correctable", "TOTAL_ERR_COR");
	const long long nonfatal = aer_total(address, "nonfatal", "TOTAL_ERR_NONFATAL");
	const long long fatal = aer_total(address, "fatal", "TOTAL_ERR_FATAL");

	if (correctable < 0) {
		wrong(f, RESULT_SKIPPED,
		      "no AER counters: the board, its port or the kernel has none");
		return;
	}
	seen(f, "%lld correctable, %lld non-fatal, %lld fatal", correctable, nonfatal, fatal);
	if (nonfatal > 0 || fatal > 0)
		wrong(f, RESULT_WARNING, "PCI Express errors that were not corrected");
	else if (correctable > 0)
		wrong(f, RESULT_NOTE, "PCI Express errors, all of them corrected");
	if (f->result != RESULT_PASSED)
		remedy(f, "reseat the board, try another slot or riser; dmesg names the errors");
}

const struct check bus_checks[] = {
	{"PCI link", look_link}, {"BARs", look_bars},	   {"memory and DMA", look_decoding},
	{"IOMMU", look_iommu},	 {"PCI errors", look_aer}, {NULL, NULL},
};

const struct check machine_checks[] = {
	{"board on the bus", look_board},
	{"OpenCL", look_opencl},
	{NULL, NULL},
};
