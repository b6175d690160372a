/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/lib_fixture.h"

/*
 * Board memory for another board. FPR_TEST_PEER names one that the kernel lets reach the
 * device under test, FPR_TEST_APART one that it does not.
 */

static struct fpr_device *named(const char *variable)
{
	struct fpr_device *device;

	if (!getenv(variable))
		skip();
	assert_int_equal(fpr_device_open(getenv(variable), &device), 0);
	return device;
}

static int lent(struct fpr_device *device, uint64_t size, struct memory *memory)
{
	int fd = -1;

	memory->size = size;
	assert_int_equal(fpr_buffer_create(device, size, FPR_BUFFER_BOARD, &memory->buffer), 0);
	assert_int_equal(fpr_buffer_map(memory->buffer, &memory->bytes), 0);
	assert_int_equal(fpr_buffer_export(memory->buffer, &fd), 0);
	return fd;
}

static void operands_may_lie_on_a_peer(void **state)
{
	struct fpr_device *peer = named("FPR_TEST_PEER"), *device = open_device();
	struct fpr_queue *queue = open_queue(device);
	struct square square = new_square(device, 40, 3);
	struct fpr_buffer *borrowed;
	struct fpr_fence *fence;
	struct memory memory;
	int fd = lent(peer, square.a.size, &memory);

	(void)state;
	memcpy(memory.bytes, square.a.bytes, square.a.size);
	assert_int_equal(fpr_buffer_import(device, fd, &borrowed), 0);
	assert_int_equal(close(fd), 0);
	/* The lender lets go first. */
	fpr_buffer_destroy(memory.buffer);
	fpr_device_close(peer);
	square.job.a = borrowed;
	assert_int_equal(fpr_gemm_submit(queue, &square.job, 1, NULL, 0, &fence), 0);
	assert_int_equal(fpr_fence_wait(fence, FPR_WAIT_FOREVER), 0);
	fpr_fence_destroy(fence);
	assert_square(&square);
	fpr_buffer_destroy(borrowed);
	drop_square(&square);
	fpr_queue_destroy(queue);
	fpr_device_close(device);
}

static void who_is_out_of_reach_says_so(void **state)
{
	struct fpr_device *apart = named("FPR_TEST_APART"), *device = open_device();
	struct fpr_buffer *borrowed = NULL;
	struct memory memory;
	int fd = lent(apart, 4096, &memory);

	(void)state;
	assert_int_equal(fpr_buffer_import(device, fd, &borrowed), -EOPNOTSUPP);
	assert_null(borrowed);
	close(fd);
	fpr_buffer_destroy(memory.buffer);
	fpr_device_close(apart);
	fpr_device_close(device);
}

static int run_group(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(operands_may_lie_on_a_peer),
		cmocka_unit_test(who_is_out_of_reach_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
	if (!getenv("FPR_TEST_PEER") && !getenv("FPR_TEST_APART")) {
		printf("no two boards behind the kernel driver\n");
		return 77;
	}
	return on_each_device(run_group);
}
