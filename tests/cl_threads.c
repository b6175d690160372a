/* SPDX-License-Identifier: MIT */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/cl_fixture.h"
#include "golden/golden.h"

/* All calls from several threads at once, on shared objects; a kernel is one thread's own. */

enum { THREADS = 4, ROUNDS = 40, N = 24 };

struct worker {
	const struct cl_world *world;
	cl_command_queue queue;
	cl_mem a, c;
	unsigned char *want;
	unsigned int number;
	cl_int error;
};

/* Of a thread, which must not end the test by itself: the first error stays. */
#define TRY(expression)                            \
	do {                                       \
		const cl_int code_ = (expression); \
                                                   \
		if (code_ && !worker->error)       \
			worker->error = code_;     \
	} while (0)

static void one_round(struct worker *worker, cl_kernel kernel, unsigned int i)
{
	cl_command_queue queue = i % 2 ? worker->queue : worker->world->queue;
	unsigned char back[4 * N * N];
	cl_event events[3], user;
	cl_mem scratch;
	cl_int code;

	user = clCreateUserEvent(worker->world->context, &code);
	TRY(code);
	scratch = clCreateBuffer(worker->world->context, i % 3 ? 0 : CL_MEM_ALLOC_HOST_PTR,
				 sizeof(back), NULL, &code);
	TRY(code);
	TRY(clSetKernelArg(kernel, 2, sizeof(scratch), &scratch));
	TRY(clSetUserEventStatus(user, CL_COMPLETE));
	TRY(run_kernel(queue, kernel, 1, &user, &events[0]));
	TRY(clEnqueueMarkerWithWaitList(worker->queue, 1, &events[0], &events[1]));
	TRY(clEnqueueReadBuffer(queue, scratch, CL_FALSE, 0, sizeof(back), back, 1, &events[1],
				&events[2]));
	TRY(clWaitForEvents(1, &events[2]));
	if (memcmp(back, worker->want, sizeof(back)) != 0 && !worker->error)
		worker->error = -9999;
	for (unsigned int j = 0; j < 3; j++)
		TRY(clReleaseEvent(events[j]));
	TRY(clReleaseEvent(user));
	TRY(clReleaseMemObject(scratch));
}

static void *work(void *arg)
{
	struct worker *worker = arg;
	cl_kernel kernel;
	cl_int code;

	kernel = clCreateKernel(worker->world->program, "fpr_matmul", &code);
	TRY(code);
	TRY(clSetKernelArg(kernel, 0, sizeof(worker->a), &worker->a));
	TRY(clSetKernelArg(kernel, 1, sizeof(worker->a), &worker->a));
	for (cl_uint i = 3; i < 6; i++)
		TRY(clSetKernelArg(kernel, i, 4, &(cl_uint){N}));
	for (unsigned int i = 0; i < ROUNDS && !worker->error; i++)
		one_round(worker, kernel, i + worker->number);
	TRY(clFinish(worker->queue));
	TRY(clReleaseKernel(kernel));
	return NULL;
}

static void threads_share_everything(void **state)
{
	const struct cl_world *world = *state;
	const struct fpr_gemm gemm = {.m = N, .n = N, .k = N, .batch = 1, .t = FPR_T_CHUNK};
	cl_command_queue shared = new_queue(world, CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE);
	unsigned char a[2 * N * N], want[4 * N * N];
	struct fpr_gemm_counters counters;
	struct worker workers[THREADS];
	pthread_t threads[THREADS];
	cl_mem mem;

	cl_noise(a, sizeof(a), 1, 1);
	assert_int_equal(golden_gemm(&gemm, (uint16_t *)a, (uint16_t *)a, want, &counters), 0);
	mem = new_buffer(world, CL_MEM_COPY_HOST_PTR, sizeof(a), a);
	for (unsigned int i = 0; i < THREADS; i++) {
		workers[i] = (struct worker){world, shared, mem, NULL, want, i, 0};
		assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
	}
	for (unsigned int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		assert_success(workers[i].error);
	}
	assert_success(clReleaseMemObject(mem));
	assert_success(clReleaseCommandQueue(shared));
}

/* Whole worlds come and go side by side. */
static void *come_and_go(void *arg)
{
	struct worker *worker = arg;
	cl_device_id device = worker->world->device;
	cl_int code;

	for (unsigned int i = 0; i < 10 && !worker->error; i++) {
		cl_context context = clCreateContext(NULL, 1, &device, NULL, NULL, &code);
		cl_command_queue queue;
		cl_mem mem;

		TRY(code);
		queue = clCreateCommandQueueWithProperties(context, device, NULL, &code);
		TRY(code);
		mem = clCreateBuffer(context, 0, 4096, NULL, &code);
		TRY(code);
		TRY(clEnqueueFillBuffer(queue, mem, "12", 2, 0, 4096, 0, NULL, NULL));
		TRY(clReleaseMemObject(mem));
		TRY(clFinish(queue));
		TRY(clReleaseCommandQueue(queue));
		TRY(clReleaseContext(context));
	}
	return NULL;
}

static void contexts_come_and_go(void **state)
{
	struct worker workers[THREADS];
	pthread_t threads[THREADS];

	for (unsigned int i = 0; i < THREADS; i++) {
		workers[i] = (struct worker){.world = *state, .number = i};
		assert_int_equal(pthread_create(&threads[i], NULL, come_and_go, &workers[i]), 0);
	}
	for (unsigned int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		assert_success(workers[i].error);
	}
}

/* A board that is there is there, also while other threads look for boards. */
static void *look(void *arg)
{
	struct worker *worker = arg;
	cl_device_id devices[16];

	for (unsigned int i = 0; i < 4 * ROUNDS && !worker->error; i++)
		TRY(clGetDeviceIDs(worker->world->platform, CL_DEVICE_TYPE_CUSTOM, 16, devices,
				   NULL));
	__atomic_store_n(&worker->number, 1, __ATOMIC_RELEASE);
	return NULL;
}

static void devices_stay_while_threads_look(void **state)
{
	const struct cl_world *world = *state;
	struct worker workers[THREADS];
	pthread_t threads[THREADS];
	cl_bool available = CL_TRUE;

	for (unsigned int i = 0; i < THREADS; i++) {
		workers[i] = (struct worker){.world = world};
		assert_int_equal(pthread_create(&threads[i], NULL, look, &workers[i]), 0);
	}
	while (available && !__atomic_load_n(&workers[0].number, __ATOMIC_ACQUIRE))
		assert_success(clGetDeviceInfo(world->device, CL_DEVICE_AVAILABLE,
					       sizeof(available), &available, NULL));
	for (unsigned int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		assert_success(workers[i].error);
	}
	assert_true(available);
}

static int run_group(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(threads_share_everything),
		cmocka_unit_test(contexts_come_and_go),
		cmocka_unit_test(devices_stay_while_threads_look),
	};

	return cmocka_run_group_tests(tests, cl_setup, cl_teardown);
}

int main(void)
{
	return on_cl_device(run_group);
}
