/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../golden/golden.h"
#include "lib_fixture.h"

static char current[FPR_NAME_MAX];

int on_each_device(int (*run_group)(void))
{
	const char *names = getenv("FPR_TEST_DEVICES");
	char copy[1024], *save = NULL;
	int failed = 0, ran = 0;

	snprintf(copy, sizeof(copy), "%s", names ? names : "local local:model=hls");
	for (char *name = strtok_r(copy, " ", &save); name; name = strtok_r(NULL, " ", &save)) {
		snprintf(current, sizeof(current), "%s", name);
		printf("device %s\n", current);
		failed |= run_group();
		ran = 1;
	}
	return ran ? failed : 1;
}

const char *device_name(void)
{
	return current;
}

const char *device_with(const char *option, char name[FPR_NAME_MAX])
{
	snprintf(name, FPR_NAME_MAX, "%.30s%c%.30s", current, strchr(current, ':') ? ',' : ':',
		 option);
	return name;
}

int device_is_local(void)
{
	return !strncmp(current, "local", 5);
}

struct fpr_device *open_device(void)
{
	struct fpr_device *device = NULL;

	assert_int_equal(fpr_device_open(current, &device), 0);
	assert_non_null(device);
	return device;
}

struct fpr_queue *open_queue(struct fpr_device *device)
{
	struct fpr_queue *queue = NULL;

	assert_int_equal(fpr_queue_create(device, 0, &queue), 0);
	assert_non_null(queue);
	return queue;
}

struct memory new_memory(struct fpr_device *device, uint64_t size)
{
	struct memory memory = {.size = size};

	assert_int_equal(fpr_buffer_create(device, size, 0, &memory.buffer), 0);
	assert_int_equal(fpr_buffer_map(memory.buffer, &memory.bytes), 0);
	return memory;
}

uint32_t noise(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

void fill_bytes(void *bytes, uint64_t size, uint32_t *state)
{
	for (uint64_t i = 0; i < size; i++)
		((uint8_t *)bytes)[i] = (uint8_t)noise(state);
}

void fill_bf16(void *bytes, uint64_t size, uint32_t *state)
{
	for (uint64_t i = 0; i < size / 2; i++) {
		const uint32_t r = noise(state);
		const uint32_t exponent = r % 13 ? 120 + (r >> 4) % 14 : 0;

		((uint16_t *)bytes)[i] =
			(uint16_t)((r >> 23) << 15 | exponent << 7 | (r >> 9 & 127));
	}
}

uint32_t f32_of_int(int value)
{
	const float f = (float)value;
	uint32_t bits;

	memcpy(&bits, &f, sizeof(bits));
	return bits;
}

uint16_t bf16_of_int(int value)
{
	return (uint16_t)(f32_of_int(value) >> 16);
}

struct square new_square(struct fpr_device *device, uint32_t n, uint32_t seed)
{
	struct square square = {
		.a = new_memory(device, 2ull * n * n),
		.b = new_memory(device, 2ull * n * n),
		.c = new_memory(device, 4ull * n * n),
		.n = n,
	};

	fill_bf16(square.a.bytes, square.a.size, &seed);
	fill_bf16(square.b.bytes, square.b.size, &seed);
	fill_bytes(square.c.bytes, square.c.size, &seed);
	fpr_gemm_init(&square.job, n, n, n);
	square.job.a = square.a.buffer;
	square.job.b = square.b.buffer;
	square.job.c = square.c.buffer;
	return square;
}

void drop_square(struct square *square)
{
	fpr_buffer_destroy(square->a.buffer);
	fpr_buffer_destroy(square->b.buffer);
	fpr_buffer_destroy(square->c.buffer);
}

void assert_square(const struct square *square)
{
	struct fpr_gemm_counters counters;
	void *c = malloc(square->c.size);

	assert_non_null(c);
	assert_int_equal(
		golden_gemm(&square->job.gemm, square->a.bytes, square->b.bytes, c, &counters), 0);
	assert_memory_equal(c, square->c.bytes, square->c.size);
	free(c);
}
