/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* versionsort() */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "accel.h"

#define SYSFS "/sys/class/accel"
#define NODES "/dev/accel/"

static int is_node(const struct dirent *entry)
{
	return !strncmp(entry->d_name, "accel", 5);
}

int accel_each(int (*call)(void *context, const char *name), void *context)
{
	struct dirent **entries;
	int n, ret = 0;

	n = scandir(SYSFS, &entries, is_node, versionsort);
	if (n < 0)
		return errno == ENOMEM ? -ENOMEM : 0;
	for (int i = 0; i < n; i++) {
		if (!ret)
			ret = call(context, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	return ret;
}

/* Does the device sit at this PCI address? */
static int is_at(const char *node, const char *address)
{
	char link[NAME_MAX + sizeof(SYSFS "//device")], target[PATH_MAX];
	const char *last;
	ssize_t n;

	snprintf(link, sizeof(link), SYSFS "/%s/device", node);
	n = readlink(link, target, sizeof(target) - 1);
	if (n < 0)
		return 0;
	target[n] = 0;
	last = strrchr(target, '/');
	last = last ? last + 1 : target;
	return !strcmp(last, address) || (!strncmp(last, "0000:", 5) && !strcmp(last + 5, address));
}

struct search {
	const char *name;
	char *path;
};

static int match(void *context, const char *node)
{
	const struct search *search = context;

	if (strcmp(node, search->name) && !is_at(node, search->name))
		return 0;
	return snprintf(search->path, ACCEL_PATH_MAX, NODES "%s", node) < ACCEL_PATH_MAX;
}

int accel_find(const char *name, char path[ACCEL_PATH_MAX])
{
	struct search search = {name, path};
	int ret;

	if (!strncmp(name, NODES, strlen(NODES)))
		search.name += strlen(NODES);
	ret = accel_each(match, &search);
	if (ret < 0)
		return ret;
	return ret ? 0 : -ENODEV;
}
