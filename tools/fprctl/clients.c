/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients.h"
#include "program.h"
#include "system.h"

#define FDINFO_MAX 4096

const char *const engine_names[FPR_ENGINES] = {
	[FPR_ENGINE_MAC] = "mac",
	[FPR_ENGINE_XFER] = "transfer",
};

static const char *const region_names[REGIONS] = {"host", "board"};

/* Where in /proc the walk is. */
struct walk {
	struct clients *clients;
	const char *pid;
};

/* The rest of the line behind "KEY:" and blanks, or NULL. */
static const char *value_of(const char *text, const char *key)
{
	const size_t size = strlen(key);

	for (; text; text = strchr(text, '\n')) {
		text += *text == '\n';
		if (!strncmp(text, key, size) && text[size] == ':')
			return text + size + 1 + strspn(text + size + 1, " \t");
	}
	return NULL;
}

static uint64_t number_of(const char *text, const char *key, uint64_t otherwise)
{
	const char *value = value_of(text, key);
	unsigned long long number;
	char *unit;

	if (!value)
		return otherwise;
	number = strtoull(value, &unit, 10);
	unit += strspn(unit, " ");
	if (!strncmp(unit, "KiB", 3))
		return number << 10;
	return strncmp(unit, "MiB", 3) ? number : number << 20;
}

static void take_word(const char *text, const char *key, char *word, size_t size)
{
	const char *value = value_of(text, key);

	snprintf(word, size, "%.*s", value ? (int)strcspn(value, " \t\n") : 0, value ? value : "");
}

static void parse(const char *text, struct client *client)
{
	char key[64];

	take_word(text, "drm-pdev", client->address, sizeof(client->address));
	client->id = number_of(text, "drm-client-id", 0);
	for (int e = 0; e < FPR_ENGINES; e++) {
		snprintf(key, sizeof(key), "drm-engine-%s", engine_names[e]);
		client->busy_ns[e] = number_of(text, key, 0);
		snprintf(key, sizeof(key), "drm-engine-capacity-%s", engine_names[e]);
		client->capacity[e] = number_of(text, key, 1);
	}
	for (int r = 0; r < REGIONS; r++) {
		snprintf(key, sizeof(key), "drm-total-%s", region_names[r]);
		client->bytes[r] = number_of(text, key, 0);
	}
}

static int is_known(const struct clients *clients, const struct client *client)
{
	for (size_t i = 0; i < clients->n; i++)
		if (clients->list[i].id == client->id &&
		    !strcmp(clients->list[i].address, client->address))
			return 1;
	return 0;
}

static int add(struct clients *clients, const struct client *client)
{
	struct client *list;

	if (is_known(clients, client))
		return 0;
	list = realloc(clients->list, (clients->n + 1) * sizeof(*list));
	if (!list)
		return -ENOMEM;
	clients->list = list;
	list[clients->n++] = *client;
	return 0;
}

/* The link says cheaply what most files are not. */
static int take_file(void *context, const char *fd)
{
	struct walk *walk = context;
	struct client client = {.pid = atoi(walk->pid)};
	char text[FDINFO_MAX], name[FPR_NAME_MAX];

	system_link(name, sizeof(name), "/proc/%s/fd/%s", walk->pid, fd);
	if (strncmp(name, "accel", 5))
		return 0;
	system_read(text, sizeof(text), "/proc/%s/fdinfo/%s", walk->pid, fd);
	take_word(text, "drm-driver", name, sizeof(name));
	if (strcmp(name, "fpr") != 0)
		return 0;
	parse(text, &client);
	system_read(client.command, sizeof(client.command), "/proc/%s/comm", walk->pid);
	return add(walk->clients, &client);
}

static int take_process(void *context, const char *pid)
{
	struct walk walk = {context, pid};
	char first[2];
	int ret;

	if (strspn(pid, "0123456789") != strlen(pid))
		return 0;
	ret = system_each(take_file, &walk, "/proc/%s/fd", pid);
	/* The kernel's own threads have no files, but do not tell either. */
	if (ret == -EACCES && system_read(first, sizeof(first), "/proc/%s/cmdline", pid) > 0)
		walk.clients->hidden++;
	return ret == -ENOMEM ? ret : 0;
}

int clients_read(struct clients *clients)
{
	memset(clients, 0, sizeof(*clients));
	clients->when_ns = now_ns();
	return system_each(take_process, clients, "/proc");
}

void clients_free(struct clients *clients)
{
	free(clients->list);
	clients->list = NULL;
	clients->n = 0;
}
