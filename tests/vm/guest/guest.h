/* SPDX-License-Identifier: MIT */
#ifndef FPR_GUEST_H
#define FPR_GUEST_H

/*
 * What the driver's tests share. They run as root in a guest with a board, on
 * the ioctls themselves: the library has tests of its own.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "fpr_accel.h"

/* A buffer object, mapped. */
struct bo {
	uint32_t handle;
	uint64_t size;
	void *map;
};

extern int failures;

/* Print and count a check that does not hold; the test goes on. */
#define CHECK(condition) check_that(!!(condition), #condition, __FILE__, __LINE__)
bool check_that(bool holds, const char *text, const char *file, int line);

/* Print the tally; the program's exit code. */
int report(const char *name);

/* FPR_TEST_NUMBER in the environment says which of several boards. */

/* Open the board's node; waits for it to appear. -errno when there is none. */
int open_board(void);
/* Node of the board under /dev/accel, or NULL. */
const char *board_node(void);
/* Sysfs directory of the board's PCI function. */
const char *board_sysfs(void);
/* Its directory in debugfs. */
const char *board_debugfs(void);
/* Read or write a small file; -errno. */
int read_text(const char *path, char *text, size_t room);
int write_text(const char *path, const char *text);
long long read_number(const char *directory, const char *name);

/* An ioctl: 0 or -errno. */
int call(int fd, unsigned long request, void *argument);

int bo_create(int fd, uint32_t placement, uint64_t size, struct bo *bo);
int bo_map(int fd, struct bo *bo);
void bo_free(int fd, struct bo *bo);
int ctx_create(int fd, uint32_t priority, uint32_t *id);
uint32_t sync_create(int fd);
/* 0, -ETIME, or the fence's error. */
int sync_wait(int fd, uint32_t handle, uint64_t point, int64_t ms);
bool sync_pending(int fd, uint32_t handle);

struct drm_fpr_array array_of(const void *elements, uint32_t count, uint32_t stride);
struct drm_fpr_mac_job nop_job(void);
struct drm_fpr_mac_job gemm_job(uint32_t m, uint32_t n, uint32_t k);
int submit_mac(int fd, uint32_t ctx, const struct drm_fpr_mac_job *jobs, uint32_t count,
	       uint32_t in, uint32_t out);
int submit_xfer(int fd, uint32_t ctx, const struct drm_fpr_xfer *xfers, uint32_t count, uint32_t in,
		uint32_t out);

/* Send a line to the board's control socket: inject a fault. */
int board_command(const char *line);
/* A number of the board's `stats`; -1 when it does not tell. */
long long board_stat(const char *name);

uint16_t bf16(float value);
float from_bf16(uint16_t value);
void fill_bf16(uint16_t *to, size_t count, uint32_t seed);
/* Small integers in fp32 are exact in any order, so plain C is the reference. */
bool gemm_matches(const uint16_t *a, const uint16_t *b, const float *c, uint32_t m, uint32_t n,
		  uint32_t k);
double now(void);
void sleep_ms(unsigned int ms);

#endif
