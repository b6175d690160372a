/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fpr_regs.h"
#include "fprctl.h"
#include "places.h"
#include "system.h"

#define NODES "/dev/accel/"

struct search {
	struct place *places;
	size_t n;
};

static uint64_t id(const char *address, const char *which)
{
	uint64_t value = 0;

	system_number(&value, PLACE_SYSFS "%s", address, which);
	return value;
}

static int is_board(const char *address)
{
	return id(address, "vendor") == FPR_PCI_VENDOR && id(address, "device") == FPR_PCI_DEVICE &&
	       id(address, "subsystem_vendor") == FPR_PCI_SUBVENDOR &&
	       id(address, "subsystem_device") == FPR_PCI_SUBDEVICE;
}

static int take_node(void *node, const char *name)
{
	if (strncmp(name, "accel", 5))
		return 0;
	snprintf(node, FPR_NAME_MAX, "%s", name);
	return 1;
}

static int take(void *context, const char *address)
{
	struct search *search = context;
	struct place *place = &search->places[search->n];

	if (!is_board(address))
		return 0;
	memset(place, 0, sizeof(*place));
	place->index = (unsigned int)search->n;
	snprintf(place->address, sizeof(place->address), "%s", address);
	system_link(place->driver, sizeof(place->driver), PLACE_SYSFS "driver", address);
	system_each(take_node, place->node, PLACE_SYSFS "accel", address);
	return ++search->n == PLACES_MAX;
}

size_t places_list(struct place places[PLACES_MAX])
{
	struct search search = {places, 0};

	system_each(take, &search, PLACES_SYSFS);
	return search.n;
}

/* Digits alone. */
static int is_index(const char *name)
{
	return *name && strspn(name, "0123456789") == strlen(name);
}

int place_is(const struct place *place, const char *name)
{
	if (is_index(name))
		return strtoul(name, NULL, 10) == place->index;
	if (!strncmp(name, NODES, strlen(NODES)))
		name += strlen(NODES);
	return !strcmp(name, place->address) || (*place->node && !strcmp(name, place->node)) ||
	       (!strncmp(place->address, "0000:", 5) && !strcmp(name, place->address + 5));
}

int place_text(const struct place *place, const char *attribute, char *text, size_t size)
{
	return system_read(text, size, PLACE_SYSFS "%s", place->address, attribute);
}

struct sensor {
	const struct place *place;
	int64_t millidegrees;
};

static int take_sensor(void *context, const char *name)
{
	struct sensor *sensor = context;
	char text[32], *end;

	if (system_read(text, sizeof(text), PLACE_SYSFS "hwmon/%s/temp1_input",
			sensor->place->address, name) <= 0)
		return 0;
	sensor->millidegrees = strtoll(text, &end, 10);
	return end != text;
}

int place_temperature(const struct place *place, int64_t *millidegrees)
{
	struct sensor sensor = {place, 0};
	const int found = system_each(take_sensor, &sensor, PLACE_SYSFS "hwmon", place->address);

	if (found != 1)
		return found < 0 ? found : -ENOENT;
	*millidegrees = sensor.millidegrees;
	return 0;
}

struct directory {
	const struct place *place;
	char *name;
};

/* Called by the board's address, or by a number. */
static int take_directory(void *context, const char *name)
{
	struct directory *directory = context;
	const char *address = directory->place->address;
	char text[200];

	if (strcmp(name, address) != 0 &&
	    (system_read(text, sizeof(text), PLACE_DEBUGFS "name", name) <= 0 ||
	     !strstr(text, address)))
		return 0;
	snprintf(directory->name, FPR_NAME_MAX, "%s", name);
	return system_exists(PLACE_DEBUGFS "reset", name);
}

int place_debugfs(const struct place *place, char name[FPR_NAME_MAX])
{
	struct directory directory = {place, name};
	const int found = system_each(take_directory, &directory, PLACES_DEBUGFS);

	return found == 1 ? 0 : found < 0 ? found : -ENOENT;
}

/* @n: boards on the bus */
static int not_found(const char *name, size_t n)
{
	if (name && !strncmp(name, "local", strlen("local")))
		complain("'%s' is the virtual board in this process, which has no place on the bus "
			 "and no driver; fprctl selftest says whether it works",
			 name);
	else if (!n)
		complain("no board on the PCI bus; fprctl doctor says more");
	else if (!name)
		complain("there are %zu boards: --device says which; fprctl list shows them", n);
	else
		complain("no such board '%s'; fprctl list shows those there are", name);
	return name || !n ? EXIT_NO_DEVICE : EXIT_USAGE;
}

size_t place_lookup(const char *name, struct place *place)
{
	struct place places[PLACES_MAX];
	const size_t n = places_list(places);
	size_t found = 0;

	for (size_t i = 0; i < n; i++) {
		if (name && !place_is(&places[i], name))
			continue;
		*place = places[i];
		found++;
	}
	return found;
}

int place_find(const char *name, struct place *place)
{
	struct place places[PLACES_MAX];

	return place_lookup(name, place) == 1 ? EXIT_OK : not_found(name, places_list(places));
}

int place_name(const char **name, char room[FPR_NAME_MAX])
{
	struct place place;
	int ret;

	if (!is_index(*name))
		return EXIT_OK;
	ret = place_find(*name, &place);
	if (ret == EXIT_OK)
		*name = strcpy(room, *place.node ? place.node : place.address);
	return ret;
}
