/* SPDX-License-Identifier: MIT */
#ifndef FPR_SERVER_STATS_H
#define FPR_SERVER_STATS_H

#include <stddef.h>

struct fpr_device;

/* Writes what the board has seen into @text, as one line of JSON that always ends. */
void fpr_stats_json(struct fpr_device *device, char *text, size_t room);

#endif
