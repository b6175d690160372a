/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/lib_fixture.h"

static void contents_start_as_zeros_and_stay(void **state)
{
	static const uint64_t sizes[] = {1, 2, 63, 64, 65, 4096, 1000003};
	struct fpr_device *device = open_device();

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct memory memory = new_memory(device, sizes[i]);
		void *again = NULL;

		assert_int_equal(fpr_buffer_size(memory.buffer), sizes[i]);
		assert_int_equal((uintptr_t)memory.bytes % 64, 0);
		for (uint64_t j = 0; j < sizes[i]; j++)
			assert_int_equal(((uint8_t *)memory.bytes)[j], 0);
		memset(memory.bytes, 0x5a, sizes[i]);
		assert_int_equal(fpr_buffer_map(memory.buffer, &again), 0);
		assert_ptr_equal(again, memory.bytes);
		assert_int_equal(((uint8_t *)again)[sizes[i] - 1], 0x5a);
		fpr_buffer_destroy(memory.buffer);
	}
	fpr_device_close(device);
}

static void arguments_are_checked(void **state)
{
	struct fpr_device *device = open_device();
	struct fpr_buffer *none = (struct fpr_buffer *)&device, *buffer = none;
	struct memory memory = new_memory(device, 16);
	void *ptr = &ptr;

	(void)state;
	assert_int_equal(fpr_buffer_create(NULL, 16, 0, &buffer), -EINVAL);
	assert_int_equal(fpr_buffer_create(device, 0, 0, &buffer), -EINVAL);
	assert_int_equal(fpr_buffer_create(device, 16, 1u << 1, &buffer), -EINVAL);
	assert_int_equal(fpr_buffer_create(device, 16, 1u << 31, &buffer), -EINVAL);
	assert_int_equal(fpr_buffer_create(device, 16, 0, NULL), -EINVAL);
	assert_int_equal(fpr_buffer_create(device, UINT64_MAX, 0, &buffer), -ENOMEM);
	assert_int_equal(fpr_buffer_create(device, 1ull << 63, 0, &buffer), -ENOMEM);
	assert_int_equal(fpr_buffer_create(device, INT64_MAX, 0, &buffer), -ENOMEM);
	assert_ptr_equal(buffer, none);
	assert_int_equal(fpr_buffer_map(NULL, &ptr), -EINVAL);
	assert_ptr_equal(ptr, &ptr);
	assert_int_equal(fpr_buffer_map(memory.buffer, NULL), -EINVAL);
	assert_int_equal(fpr_buffer_size(NULL), 0);
	fpr_buffer_destroy(NULL);
	fpr_buffer_destroy(memory.buffer);
	fpr_device_close(device);
}

static void a_buffer_outlives_its_closed_device(void **state)
{
	struct fpr_device *device = open_device();
	struct memory memory = new_memory(device, 100);
	void *ptr = NULL;

	(void)state;
	fpr_device_close(device);
	memset(memory.bytes, 1, 100);
	assert_int_equal(fpr_buffer_map(memory.buffer, &ptr), 0);
	assert_ptr_equal(ptr, memory.bytes);
	assert_int_equal(fpr_buffer_size(memory.buffer), 100);
	fpr_buffer_destroy(memory.buffer);
}

/* Against a count of each value's digits, by the textbook rule: 3m xor m has the NAF's weight. */
static void count(const uint16_t *x, uint32_t rows, uint32_t cols, uint32_t ld,
		  struct fpr_operand_stats *stats)
{
	memset(stats, 0, sizeof(*stats));
	for (uint32_t i = 0; i < rows; i++) {
		for (uint32_t j = 0; j < cols; j++) {
			const uint16_t value = x[(uint64_t)i * ld + j];
			const unsigned int exponent = value >> 7 & 255, m = 128 + (value & 127);

			stats->values++;
			stats->zeros += exponent == 0;
			stats->specials += exponent == 255;
			if (exponent && exponent != 255)
				stats->terms += (uint64_t)__builtin_popcount((3 * m ^ m) >> 1);
		}
	}
}

static void operands_are_counted(void **state)
{
	struct fpr_device *device = open_device();
	struct memory memory = new_memory(device, 2 * (65536 + 8));
	uint16_t *x = memory.bytes;
	static const uint32_t shapes[][4] = {
		{1, 65536, 0, 0},     {256, 256, 0, 0}, {65536, 1, 0, 0}, {100, 37, 64, 6},
		{1, 1, 0, 2 * 65536}, {0, 5, 0, 0},	{5, 0, 0, 0},	  {3, 8, 8, 16},
	};

	(void)state;
	for (uint32_t i = 0; i < 65536; i++)
		x[i] = (uint16_t)(i * 40503u);
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		const uint32_t *s = shapes[i];
		struct fpr_operand_stats got, want;

		memset(&got, 0xff, sizeof(got));
		assert_int_equal(fpr_operand_count(memory.buffer, s[3], s[0], s[1], s[2], &got), 0);
		count(x + s[3] / 2, s[0], s[1], s[2] ? s[2] : s[1], &want);
		assert_memory_equal(&got, &want, sizeof(got));
	}
	fpr_buffer_destroy(memory.buffer);
	fpr_device_close(device);
}

static void counting_stays_inside_the_buffer(void **state)
{
	struct fpr_device *device = open_device();
	struct memory memory = new_memory(device, 200);
	struct fpr_operand_stats stats, untouched;
	static const struct {
		uint64_t offset;
		uint32_t rows, cols, ld;
	} bad[] = {
		{0, 1, 101, 0},
		{2, 1, 100, 0},
		{1, 1, 1, 0},
		{202, 0, 0, 0},
		{200, 1, 1, 0},
		{0, 10, 10, 11},
		{0, 10, 10, 9},
		{0, 1 << 24, 1 << 24, 0},
		{UINT64_MAX - 1, 1, 1, 0},
		{0, UINT32_MAX, UINT32_MAX, 0},
		{0, 1, 1, UINT32_MAX},
	};

	(void)state;
	memset(&stats, 0x77, sizeof(stats));
	untouched = stats;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(fpr_operand_count(memory.buffer, bad[i].offset, bad[i].rows,
						   bad[i].cols, bad[i].ld, &stats),
				 -EINVAL);
	assert_int_equal(fpr_operand_count(NULL, 0, 1, 1, 0, &stats), -EINVAL);
	assert_memory_equal(&stats, &untouched, sizeof(stats));
	assert_int_equal(fpr_operand_count(memory.buffer, 0, 1, 1, 0, NULL), -EINVAL);
	assert_int_equal(fpr_operand_count(memory.buffer, 0, 10, 10, 10, &stats), 0);
	assert_int_equal(fpr_operand_count(memory.buffer, 200, 0, 0, 0, &stats), 0);
	fpr_buffer_destroy(memory.buffer);
	fpr_device_close(device);
}

static int run_group(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(contents_start_as_zeros_and_stay),
		cmocka_unit_test(arguments_are_checked),
		cmocka_unit_test(a_buffer_outlives_its_closed_device),
		cmocka_unit_test(operands_are_counted),
		cmocka_unit_test(counting_stays_inside_the_buffer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
	return on_each_device(run_group);
}
