/* SPDX-License-Identifier: MIT */
#include "side.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>
#include <xf86drm.h>

#include <json-c/json.h>

#include "fpr_accel.h"

#define ENGINES 2

static int control = -1;

bool side_open(const char *path)
{
	control = open(path, O_RDWR | O_CLOEXEC);
	return control >= 0;
}

/* The answer to a command, or NULL. */
static struct json_object *ask(const char *command)
{
	char text[8192];
	size_t n = 0;

	if (control < 0 || dprintf(control, "%s\n", command) < 0)
		return NULL;
	while (!n || text[n - 1] != '\n') {
		ssize_t got = read(control, text + n, sizeof(text) - 1 - n);

		if (got <= 0)
			return NULL;
		n += (size_t)got;
	}
	text[n] = 0;
	return json_tokener_parse(text);
}

static uint64_t number(struct json_object *object, const char *name)
{
	struct json_object *value;

	if (!json_object_object_get_ex(object, name, &value))
		return 0;
	return (uint64_t)json_object_get_int64(value);
}

static void look_at_board(struct side *side)
{
	struct json_object *stats = ask("stats");

	side->writes = number(stats, "register_writes");
	side->reads = number(stats, "register_reads");
	side->rounds = number(stats, "rounds");
	side->round_ns = number(stats, "round_ns");
	json_object_put(stats);
}

static int look_at_driver(int fd, struct side *side)
{
	side->doorbells = side->interrupts = side->completions = 0;
	for (uint32_t engine = 0; engine < ENGINES; engine++) {
		struct drm_fpr_counters_engine counters = {0};
		struct drm_fpr_read_counters read = {
			.type = DRM_FPR_COUNTERS_ENGINE,
			.id = engine,
			.size = sizeof(counters),
			.pointer = (uintptr_t)&counters,
		};

		if (drmIoctl(fd, DRM_IOCTL_FPR_READ_COUNTERS, &read))
			return -errno;
		side->doorbells += counters.doorbells;
		side->interrupts += counters.interrupts;
		side->completions += counters.completions;
	}
	return 0;
}

int side_before(int fd, struct side *side)
{
	int ret = look_at_driver(fd, side);

	look_at_board(side);
	return ret;
}

int side_after(int fd, struct side *side)
{
	look_at_board(side);
	return look_at_driver(fd, side);
}

void side_add(struct side *sum, const struct side *before, const struct side *after)
{
	sum->doorbells += after->doorbells - before->doorbells;
	sum->interrupts += after->interrupts - before->interrupts;
	sum->completions += after->completions - before->completions;
	sum->writes += after->writes - before->writes;
	sum->reads += after->reads - before->reads;
	sum->rounds += after->rounds - before->rounds;
	sum->round_ns += after->round_ns - before->round_ns;
}

double side_memcpy(uint64_t bytes)
{
	struct json_object *answer;
	uint64_t copies, ns;
	char command[64];

	snprintf(command, sizeof(command), "memcpy %" PRIu64, bytes);
	answer = ask(command);
	copies = number(answer, "copies");
	ns = number(answer, "ns");
	json_object_put(answer);
	return copies ? (double)ns / 1e9 / (double)copies : 0;
}
