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
#include "golden/golden.h"

/*
 * Several boards in one context, and one whose third job or transfer fails. Where there is a board
 * behind the driver, that and a local one.
 */

#define ONE "local:isa=portable,threads=1"
#define TWO "local:isa=portable,threads=2"
#define FAILING ONE ",fail=3"

static cl_device_id find(const char *name)
{
	cl_device_id devices[8];
	cl_uint n = 0;

	assert_success(clGetDeviceIDs(fpr_platform(), CL_DEVICE_TYPE_CUSTOM, 8, devices, &n));
	assert_true(n >= 3);
	for (cl_uint i = 0; i < n; i++) {
		char got[256], want[256];

		snprintf(want, sizeof(want), "fpr %s (", name);
		clGetDeviceInfo(devices[i], CL_DEVICE_NAME, sizeof(got), got, NULL);
		if (!strncmp(got, want, strlen(want)))
			return devices[i];
	}
	fail_msg("no board %s", name);
	return NULL;
}

/* Rows and entries with gaps, in buffers of any kind, computed on the board that does not have
 * them. */
static void products_on_the_other(cl_device_id first, cl_device_id second)
{
	enum { BYTES = 16384 };
	static const struct fpr_gemm gemm = {
		.m = 6,
		.n = 7,
		.k = 65,
		.batch = 3,
		.lda = 70,
		.ldc = 24,
		.stride_a = 500,
		.stride_b = 0,
		.stride_c = 8,
		.accumulate = 1,
		.t = FPR_T_CHUNK,
	};
	cl_device_id devices[2] = {first, second};
	struct cl_world world = {.device = devices[1]};
	unsigned char host[3][BYTES], back[BYTES];
	struct fpr_gemm_counters counters;
	cl_command_queue queues[2];
	cl_mem mems[3];
	cl_kernel kernel;
	cl_event event;
	cl_int error;

	world.context = clCreateContext(NULL, 2, devices, NULL, NULL, &error);
	assert_success(error);
	world.program =
		clCreateProgramWithBuiltInKernels(world.context, 2, devices, "fpr_gemm", &error);
	assert_success(error);
	for (unsigned int i = 0; i < 2; i++)
		queues[i] =
			clCreateCommandQueueWithProperties(world.context, devices[i], NULL, &error);
	kernel = new_kernel(&world, "fpr_gemm");
	for (unsigned int i = 0; i < 3; i++) {
		cl_noise(host[i], BYTES, i + 5, 1);
		mems[i] = new_buffer(&world,
				     CL_MEM_COPY_HOST_PTR | (i == 1 ? CL_MEM_ALLOC_HOST_PTR : 0),
				     BYTES, host[i]);
		set_mem(kernel, i, mems[i]);
	}
	set_uint(kernel, 3, gemm.m);
	set_uint(kernel, 4, gemm.n);
	set_uint(kernel, 5, gemm.k);
	set_uint(kernel, 8, 1);
	set_uint(kernel, 13, gemm.batch);
	set_uint(kernel, 14, gemm.lda);
	set_uint(kernel, 16, gemm.ldc);
	set_ulong(kernel, 17, gemm.stride_a);
	set_ulong(kernel, 19, gemm.stride_c);
	for (unsigned int i = 0; i < 2; i++) {
		assert_success(run_kernel(queues[i], kernel, 0, NULL, &event));
		/* By the event from one board's queue to the other's. */
		assert_success(clEnqueueReadBuffer(queues[1 - i], mems[2], CL_TRUE, 0, BYTES, back,
						   1, &event, NULL));
		assert_int_equal(golden_gemm(&gemm, (uint16_t *)host[0], (uint16_t *)host[1],
					     host[2], &counters),
				 0);
		assert_memory_equal(back, host[2], BYTES);
		assert_success(clReleaseEvent(event));
	}
	assert_success(clReleaseKernel(kernel));
	assert_success(clReleaseProgram(world.program));
	for (unsigned int i = 0; i < 3; i++)
		assert_success(clReleaseMemObject(mems[i]));
	for (unsigned int i = 0; i < 2; i++)
		assert_success(clReleaseCommandQueue(queues[i]));
	assert_success(clReleaseContext(world.context));
}

static const char *first_name(void)
{
	return cl_is_local() ? TWO : "accel0";
}

static void products_on_the_other_board(void **state)
{
	(void)state;
	products_on_the_other(find(ONE), find(first_name()));
	products_on_the_other(find(first_name()), find(ONE));
}

/* Transfers of a queue whose board is not the one that has the buffers. */
static void transfers_on_the_other_board(void **state)
{
	cl_device_id devices[2] = {find(first_name()), find(ONE)};
	struct cl_world world = {.device = devices[1]};
	unsigned char bytes[8192], back[8192];
	cl_command_queue queue;
	cl_mem x, y;
	cl_int error;

	(void)state;
	world.context = clCreateContext(NULL, 2, devices, NULL, NULL, &error);
	queue = new_queue(&world, CL_QUEUE_PROFILING_ENABLE);
	cl_noise(bytes, sizeof(bytes), 3, 0);
	x = new_buffer(&world, CL_MEM_COPY_HOST_PTR, sizeof(bytes), bytes);
	y = new_buffer(&world, CL_MEM_ALLOC_HOST_PTR, sizeof(bytes), NULL);
	assert_success(clEnqueueCopyBuffer(queue, x, y, 0, 0, sizeof(bytes), 0, NULL, NULL));
	assert_success(
		clEnqueueReadBuffer(queue, y, CL_TRUE, 0, sizeof(bytes), back, 0, NULL, NULL));
	assert_memory_equal(bytes, back, sizeof(bytes));
	assert_success(clReleaseMemObject(x));
	assert_success(clReleaseMemObject(y));
	assert_success(clReleaseCommandQueue(queue));
	assert_success(clReleaseContext(world.context));
}

static void context_of_all(void **state)
{
	cl_device_id devices[8];
	cl_context context;
	size_t bytes = 0;
	cl_int error;

	(void)state;
	context = clCreateContextFromType(
		(cl_context_properties[]){CL_CONTEXT_PLATFORM,
					  (cl_context_properties)fpr_platform(), 0},
		CL_DEVICE_TYPE_ALL, NULL, NULL, &error);
	assert_success(error);
	assert_success(
		clGetContextInfo(context, CL_CONTEXT_DEVICES, sizeof(devices), devices, &bytes));
	assert_true(bytes >= 3 * sizeof(cl_device_id));
	assert_success(clReleaseContext(context));
}

enum { WELL = 0, FAILED = 2, BEHIND = 3, DEPENDS = 4, HOST = 5, LAST = 6, COMMANDS };

/* The command whose event each waits for; itself: none. */
static const unsigned int waits_for[COMMANDS] = {WELL, WELL, 1, BEHIND, FAILED, DEPENDS, BEHIND};

/* One has failed by itself, and with it all that waits for its event, and nothing else. */
static void check_statuses(const cl_event *events, int in_order)
{
	unsigned int failed = 0;

	for (unsigned int i = 0; i < COMMANDS; i++) {
		const cl_int status = cl_status_of(events[i]);

		if (waits_for[i] != i && cl_status_of(events[waits_for[i]]) < 0)
			assert_int_equal(status, CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST);
		else
			assert_true(status == CL_COMPLETE || status == CL_OUT_OF_RESOURCES);
		failed += status == CL_OUT_OF_RESOURCES;
		if (in_order && i == FAILED)
			assert_int_equal(status, CL_OUT_OF_RESOURCES);
	}
	assert_int_equal(failed, 1);
}

/*
 * The third fails. What waits for its event fails with it, on the board and on the host; what
 * is only behind it in the queue runs, though it had been handed to the board to wait there.
 */
static void the_board_fails(cl_device_id device, cl_command_queue_properties bits)
{
	enum { N = 16 };
	struct cl_world world = {.device = device};
	cl_ushort ones[N * N];
	float sums[N * N] = {0};
	cl_event events[COMMANDS];
	cl_kernel kernel, other;
	cl_mem a, c, d, h, back;
	cl_int error;

	for (unsigned int i = 0; i < N * N; i++)
		ones[i] = 0x3f80;
	world.context = clCreateContext(NULL, 1, &world.device, NULL, NULL, &error);
	assert_success(error);
	world.program = clCreateProgramWithBuiltInKernels(world.context, 1, &world.device,
							  "fpr_matmul", &error);
	world.queue = new_queue(&world, bits);
	a = new_buffer(&world, CL_MEM_COPY_HOST_PTR, sizeof(ones), ones);
	c = new_buffer(&world, 0, sizeof(sums), NULL);
	d = new_buffer(&world, 0, sizeof(sums), NULL);
	h = new_buffer(&world, CL_MEM_ALLOC_HOST_PTR, 64, NULL);
	back = new_buffer(&world, CL_MEM_ALLOC_HOST_PTR, sizeof(sums), NULL);
	kernel = new_matmul(&world, a, a, c, N);
	other = new_matmul(&world, a, a, d, N);
	for (unsigned int i = WELL; i <= FAILED; i++)
		assert_success(run_kernel(world.queue, kernel, i ? 1 : 0, i ? &events[i - 1] : NULL,
					  &events[i]));
	/* Order only, which an out-of-order queue does not have: so it has a buffer of its own. */
	assert_success(run_kernel(world.queue, other, 0, NULL, &events[BEHIND]));
	assert_success(run_kernel(world.queue, kernel, 1, &events[FAILED], &events[DEPENDS]));
	assert_success(clEnqueueFillBuffer(world.queue, h, "1234", 4, 0, 64, 1, &events[DEPENDS],
					   &events[HOST]));
	assert_success(clEnqueueCopyBuffer(world.queue, d, back, 0, 0, sizeof(sums), 1,
					   &events[BEHIND], &events[LAST]));
	assert_success(clFinish(world.queue));
	check_statuses(events, bits == 0);
	if (!bits) {
		assert_success(clEnqueueReadBuffer(world.queue, back, CL_TRUE, 0, sizeof(sums),
						   sums, 0, NULL, NULL));
		for (unsigned int i = 0; i < N * N; i++)
			assert_true(sums[i] == (float)N);
	}
	for (unsigned int i = 0; i < COMMANDS; i++)
		assert_success(clReleaseEvent(events[i]));
	assert_success(clReleaseKernel(kernel));
	assert_success(clReleaseKernel(other));
	assert_success(clReleaseProgram(world.program));
	assert_success(clReleaseMemObject(a));
	assert_success(clReleaseMemObject(c));
	assert_success(clReleaseMemObject(d));
	assert_success(clReleaseMemObject(h));
	assert_success(clReleaseMemObject(back));
	assert_success(clReleaseCommandQueue(world.queue));
	assert_success(clReleaseContext(world.context));
}

static void the_board_fails_in_order(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 20; i++)
		the_board_fails(find(FAILING), 0);
}

/* Whichever of the commands is the third to begin, what waits for it fails with it. */
static void the_board_fails_out_of_order(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 20; i++)
		the_board_fails(find(FAILING), CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE);
}

/* The same where the kernel chains the commands: the board's server fails its third product. */
static void the_board_behind_the_driver_fails(void **state)
{
	char command[512];

	(void)state;
	if (cl_is_local() || !getenv("FPR_TEST_BOARD"))
		skip();
	for (unsigned int i = 0; i < 4; i++) {
		snprintf(command, sizeof(command), "%s error mac 3 >/dev/null",
			 getenv("FPR_TEST_BOARD"));
		assert_int_equal(system(command), 0);
		the_board_fails(find(first_name()),
				i % 2 ? CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE : 0);
	}
}

/* Who meets a board again knows it by that. */
static void no_two_have_the_same_uuid(void **state)
{
	cl_uchar uuids[8][CL_UUID_SIZE_KHR];
	cl_device_id devices[8];
	cl_uint n = 0;

	(void)state;
	assert_success(clGetDeviceIDs(fpr_platform(), CL_DEVICE_TYPE_CUSTOM, 8, devices, &n));
	for (cl_uint i = 0; i < n; i++) {
		assert_success(clGetDeviceInfo(devices[i], CL_DEVICE_UUID_KHR, sizeof(uuids[i]),
					       uuids[i], NULL));
		for (cl_uint j = 0; j < i; j++)
			assert_memory_not_equal(uuids[i], uuids[j], sizeof(uuids[i]));
	}
}

static int run_group(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_two_have_the_same_uuid),
		cmocka_unit_test(products_on_the_other_board),
		cmocka_unit_test(transfers_on_the_other_board),
		cmocka_unit_test(context_of_all),
		cmocka_unit_test(the_board_fails_in_order),
		cmocka_unit_test(the_board_fails_out_of_order),
		cmocka_unit_test(the_board_behind_the_driver_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
	setenv("FPR_OPENCL_LOCAL", ONE " " TWO " " FAILING, 1);
	return on_cl_device(run_group);
}
