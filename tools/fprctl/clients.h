/* SPDX-License-Identifier: MIT */
#ifndef FPR_CTL_CLIENTS_H
#define FPR_CTL_CLIENTS_H

#include <stddef.h>

#include "fpr_regs.h"
#include "places.h"

/* Who has a board open, out of /proc/PID/fdinfo. */

enum region { REGION_HOST, REGION_BOARD, REGIONS };

/**
 * struct client - an open file of a board
 * @pid: a process that has it; files that went to several count once
 * @command: its name
 * @address: PCI address of the board
 * @id: of the file, for as long as it is open
 * @busy_ns: time per engine, FPR_ENGINE_*, since it was opened
 * @capacity: what an engine does at once
 * @bytes: buffers by region
 */
struct client {
	int pid;
	char command[FPR_NAME_MAX], address[FPR_NAME_MAX];
	uint64_t id, busy_ns[FPR_ENGINES], capacity[FPR_ENGINES], bytes[REGIONS];
};

/**
 * struct clients - all there are
 * @list: of them
 * @n: entries in @list
 * @hidden: processes that this user may not look into
 * @when_ns: when it was
 */
struct clients {
	struct client *list;
	size_t n;
	unsigned int hidden;
	uint64_t when_ns;
};

/* Return: 0 or -errno; clients_free() in any case. */
int clients_read(struct clients *clients);
void clients_free(struct clients *clients);

extern const char *const engine_names[FPR_ENGINES];

#endif
