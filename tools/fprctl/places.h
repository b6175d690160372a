/* SPDX-License-Identifier: MIT */
#ifndef FPR_CTL_PLACES_H
#define FPR_CTL_PLACES_H

#include <stddef.h>

#include "fpr.h"

/* Where boards are: also those that no driver serves, and that libfpr cannot open. */

#define PLACES_MAX 64

/**
 * struct place - a board on the PCI bus
 * @index: counted from 0, in the order of addresses
 * @address: domain:bus:device.function
 * @driver: that serves it, or ""
 * @node: name below /dev/accel, or ""
 */
struct place {
	unsigned int index;
	char address[FPR_NAME_MAX], driver[FPR_NAME_MAX], node[FPR_NAME_MAX];
};

/* Return: how many there are, at most PLACES_MAX; 0 also without a PCI bus. */
size_t places_list(struct place places[PLACES_MAX]);

/* As place_find(), but says nothing. Return: how many have the name. */
size_t place_lookup(const char *name, struct place *place);

/**
 * place_find() - a board by any name
 * @name: an index, a PCI address with or without its domain, accelN or its path; NULL: the
 *	only one there is
 * @place: set
 * Return: EXIT_OK, or EXIT_NO_DEVICE or EXIT_USAGE after a complaint
 */
int place_find(const char *name, struct place *place);

/* Makes an index a name that libfpr knows, kept in @room. Return: as place_find(). */
int place_name(const char **name, char room[FPR_NAME_MAX]);

/* A board's directory in sysfs, in front of the name of a file. */
#define PLACES_SYSFS "/sys/bus/pci/devices"
#define PLACE_SYSFS PLACES_SYSFS "/%s/"

/* An attribute's text. Return: as system_read(). */
int place_text(const struct place *place, const char *attribute, char *text, size_t size);

/* Of its sensor, in thousandths of a degree Celsius. Return: 0 or -errno. */
int place_temperature(const struct place *place, int64_t *millidegrees);

/* Its driver's directory in debugfs, by its name there, in front of the name of a file. */
#define PLACES_DEBUGFS "/sys/kernel/debug/accel"
#define PLACE_DEBUGFS PLACES_DEBUGFS "/%s/"

/* Sets that name. Return: 0, or -errno: no driver, no debugfs, or the user may not. */
int place_debugfs(const struct place *place, char name[FPR_NAME_MAX]);

/* Has it this name? */
int place_is(const struct place *place, const char *name);

#endif
