/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/cl_fixture.h"

/* The board goes away under load: every command ends, every call says so, nothing hangs. */

enum { N = 256, BATCH = 24 };

struct load {
	cl_mem a, c, host;
	cl_kernel product, push;
	cl_event events[3];
};

static void open_load(const struct cl_world *world, struct load *load)
{
	load->a = new_buffer(world, 0, 2 * N * N, NULL);
	load->c = new_buffer(world, 0, 4 * N * N, NULL);
	load->host = new_buffer(world, CL_MEM_ALLOC_HOST_PTR, 4 * N * N, NULL);
	load->product = new_matmul(world, load->a, load->a, load->c, N);
	load->push = new_kernel(world, "fpr_push");
	set_mem(load->push, 0, load->c);
	set_mem(load->push, 1, load->host);
	for (cl_uint i = 2; i < 4; i++)
		set_ulong(load->push, i, 0);
	set_ulong(load->push, 4, 4 * N * N);
}

static void close_load(struct load *load)
{
	assert_success(clReleaseKernel(load->product));
	assert_success(clReleaseKernel(load->push));
	assert_success(clReleaseMemObject(load->a));
	assert_success(clReleaseMemObject(load->c));
	assert_success(clReleaseMemObject(load->host));
}

/* A product, a transfer that waits for it, and work of the host behind that; many times over. */
static void enqueue_load(const struct cl_world *world, struct load *load)
{
	for (unsigned int i = 0; i < BATCH; i++) {
		assert_success(run_kernel(world->queue, load->product, 0, NULL, &load->events[0]));
		assert_success(run_kernel(world->queue, load->push, 1, &load->events[0],
					  &load->events[1]));
		assert_success(clEnqueueFillBuffer(world->queue, load->host, "1234", 4, 0, 4096, 1,
						   &load->events[1], &load->events[2]));
		for (unsigned int j = 0; i + 1 < BATCH && j < 3; j++)
			assert_success(clReleaseEvent(load->events[j]));
	}
}

static void check_end(struct load *load)
{
	const cl_int codes[3] = {cl_status_of(load->events[0]), cl_status_of(load->events[1]),
				 cl_status_of(load->events[2])};

	for (unsigned int i = 0; i < 3; i++)
		assert_success(clReleaseEvent(load->events[i]));
	assert_int_equal(codes[0], CL_DEVICE_NOT_AVAILABLE);
	for (unsigned int i = 1; i < 3; i++)
		assert_int_equal(codes[i], CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST);
}

static void the_board_goes(void **state)
{
	const struct cl_world *world = *state;
	struct load load;
	char command[512];
	cl_device_id device;
	cl_bool available = CL_TRUE;
	cl_uint n = 7;

	open_load(world, &load);
	enqueue_load(world, &load);
	snprintf(command, sizeof(command), "%s vanish 8000 >/dev/null", getenv("FPR_TEST_BOARD"));
	assert_int_equal(system(command), 0);
	assert_success(clFinish(world->queue));
	/* Whoever enqueued before it was noticed sees the same as who does so after. */
	for (unsigned int i = 0; cl_status_of(load.events[0]) == CL_COMPLETE && i < 1000; i++) {
		for (unsigned int j = 0; j < 3; j++)
			assert_success(clReleaseEvent(load.events[j]));
		enqueue_load(world, &load);
		assert_success(clFinish(world->queue));
	}
	check_end(&load);
	enqueue_load(world, &load);
	assert_success(clFinish(world->queue));
	check_end(&load);
	/* Gone for those who look, and for those who have it. */
	assert_int_equal(clGetDeviceIDs(world->platform, CL_DEVICE_TYPE_ALL, 1, &device, &n),
			 CL_DEVICE_NOT_FOUND);
	assert_success(clGetDeviceInfo(world->device, CL_DEVICE_AVAILABLE, sizeof(available),
				       &available, NULL));
	assert_int_equal(available, CL_FALSE);
	assert_null(clCreateContext(NULL, 1, &world->device, NULL, NULL, (cl_int *)&n));
	assert_int_equal((cl_int)n, CL_DEVICE_NOT_AVAILABLE);
	close_load(&load);
}

static int run_group(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(the_board_goes)};

	return cmocka_run_group_tests(tests, cl_setup, cl_teardown);
}

int main(void)
{
	if (!getenv("FPR_TEST_BOARD")) {
		puts("no board behind the kernel driver to take away");
		return 77;
	}
	return on_cl_device(run_group);
}
