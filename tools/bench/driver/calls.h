/* SPDX-License-Identifier: MIT */
#ifndef FPR_BENCH_CALLS_H
#define FPR_BENCH_CALLS_H

#include <stdint.h>

#include "fpr_accel.h"

/* The few calls of the kernel interface that are measured. What fails ends the program. */

#define MOST_JOBS 64
#define MOST_IN_FLIGHT 64

/* A buffer object, mapped. */
struct bo {
	uint32_t handle;
	uint64_t bytes;
	void *map;
};

/* An open node with a context and syncobjs to wait for. */
struct user {
	int fd;
	uint32_t ctx;
	uint32_t sync[MOST_IN_FLIGHT];
};

__attribute__((noreturn, format(printf, 1, 2))) void die(const char *format, ...);
double now(void);

void user_open(struct user *user, const char *node);
void user_close(struct user *user);
void bo_create(const struct user *user, uint32_t placement, uint64_t bytes, struct bo *bo);
void bo_destroy(const struct user *user, struct bo *bo);

/* The least that a call of this driver takes: asks for a size. */
void call_empty(const struct user *user);
/* Reads registers, always as many. */
void call_counters(const struct user *user);
/* Queues null jobs that signal @sync together. */
void submit_nops(const struct user *user, uint32_t jobs, uint32_t sync);
void submit_copy(const struct user *user, const struct bo *host, const struct bo *board,
		 uint64_t bytes, uint8_t direction, uint32_t sync);
void wait_for(const struct user *user, uint32_t sync);

#endif
