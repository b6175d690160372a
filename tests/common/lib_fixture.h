/* SPDX-License-Identifier: MIT */
#ifndef FPR_LIB_FIXTURE_H
#define FPR_LIB_FIXTURE_H

/* What the library's tests share. Include cmocka.h first. */

#include "fpr.h"

/* Runs a cmocka group on each device that FPR_TEST_DEVICES names, by default both models. */
int on_each_device(int (*run_group)(void));

/* The device that the group now runs on. */
const char *device_name(void);

/* That name with one more option. */
const char *device_with(const char *option, char name[FPR_NAME_MAX]);

/* Is it an in-process board, whose options the test may add to? */
int device_is_local(void);

struct fpr_device *open_device(void);
struct fpr_queue *open_queue(struct fpr_device *device);

/* A buffer and its bytes. */
struct memory {
	struct fpr_buffer *buffer;
	void *bytes;
	uint64_t size;
};

struct memory new_memory(struct fpr_device *device, uint64_t size);

/* Deterministic noise: bfloat16 of moderate size, or any bytes. */
uint32_t noise(uint32_t *state);
void fill_bf16(void *bytes, uint64_t size, uint32_t *state);
void fill_bytes(void *bytes, uint64_t size, uint32_t *state);

/* The bits of a small integer. */
uint16_t bf16_of_int(int value);
uint32_t f32_of_int(int value);

/**
 * struct square - three small square operands of one device, with a job on them
 * @job: packed, C = A B, fp32
 */
struct square {
	struct memory a, b, c;
	struct fpr_gemm_job job;
	uint32_t n;
};

struct square new_square(struct fpr_device *device, uint32_t n, uint32_t seed);
void drop_square(struct square *square);

/* Does C hold what the golden model gives? */
void assert_square(const struct square *square);

#endif
