/* SPDX-License-Identifier: MIT */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "common/cl_fixture.h"

/* Order, events, callbacks, times. */

static cl_event user_event(const struct cl_world *world)
{
	cl_int error;
	cl_event event = clCreateUserEvent(world->context, &error);

	assert_success(error);
	return event;
}

/* Enqueues a write of one number, which @numbers must keep. */
static cl_event write_number(cl_command_queue queue, cl_mem mem, const cl_uint *number, cl_uint n,
			     const cl_event *waits)
{
	cl_event event;

	assert_success(clEnqueueWriteBuffer(queue, mem, CL_FALSE, 0, sizeof(*number), number, n,
					    waits, &event));
	return event;
}

static cl_uint read_number(cl_command_queue queue, cl_mem mem)
{
	cl_uint number = 0;

	assert_success(clEnqueueReadBuffer(queue, mem, CL_TRUE, 0, sizeof(number), &number, 0, NULL,
					   NULL));
	return number;
}

/* What a product cost, by the driver's own extension. */
static cl_int result_of(const struct cl_world *world, cl_event event,
			struct fpr_gemm_result *result)
{
	clGetEventResultFPR_fn get =
		(clGetEventResultFPR_fn)clGetExtensionFunctionAddressForPlatform(
			world->platform, "clGetEventResultFPR");

	return get(event, result);
}

static void release(cl_event *events, size_t n)
{
	for (size_t i = 0; i < n; i++)
		assert_success(clReleaseEvent(events[i]));
}

/* ---- order --------------------------------------------------------------------- */

/* In order, whatever the memories: board, host and application's by turns. */
static void commands_of_a_queue_run_in_order(void **state)
{
	const struct cl_world *world = *state;
	enum { N = 200, SIZE = 70000 };
	unsigned char *host = malloc(SIZE), *back = malloc(SIZE);
	cl_mem board = new_buffer(world, 0, SIZE, NULL);
	cl_mem shared = new_buffer(world, CL_MEM_ALLOC_HOST_PTR, SIZE, NULL);

	for (unsigned int i = 0; i < N; i++) {
		const cl_uchar pattern = (cl_uchar)i;

		assert_success(clEnqueueFillBuffer(world->queue, shared, &pattern, 1, 0, SIZE, 0,
						   NULL, NULL));
		assert_success(clEnqueueCopyBuffer(world->queue, shared, board, 0, 0, SIZE, 0, NULL,
						   NULL));
		assert_success(clEnqueueFillBuffer(world->queue, shared, &pattern, 1, 0, SIZE / 2,
						   0, NULL, NULL));
		assert_success(clEnqueueReadBuffer(world->queue, board, CL_FALSE, 0, SIZE, back, 0,
						   NULL, NULL));
		if (i % 50)
			continue;
		assert_success(clFinish(world->queue));
		memset(host, (int)i, SIZE);
		assert_memory_equal(host, back, SIZE);
	}
	assert_success(clFinish(world->queue));
	memset(host, N - 1, SIZE);
	assert_memory_equal(host, back, SIZE);
	assert_success(clReleaseMemObject(board));
	assert_success(clReleaseMemObject(shared));
	free(host);
	free(back);
}

/* A chain that was enqueued in one order runs in another: only events say which. */
static void events_order_an_out_of_order_queue(void **state)
{
	const struct cl_world *world = *state;
	enum { N = 64 };
	cl_command_queue queue = new_queue(world, CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE);
	cl_mem mem = new_buffer(world, CL_MEM_ALLOC_HOST_PTR, 4096, NULL);
	cl_event gates[N], writes[N];
	cl_uint numbers[N];

	for (cl_uint i = 0; i < N; i++) {
		gates[i] = user_event(world);
		numbers[i] = i;
		writes[i] = write_number(queue, mem, &numbers[i], 1, &gates[i]);
	}
	/* Opened from the last to the first. */
	for (cl_uint i = N; i-- > 0;) {
		assert_int_not_equal(cl_status_of(writes[i]), CL_COMPLETE);
		assert_success(clSetUserEventStatus(gates[i], CL_COMPLETE));
		assert_success(clWaitForEvents(1, &writes[i]));
		if (i)
			assert_int_equal(cl_status_of(writes[i - 1]), CL_QUEUED);
	}
	assert_success(clFinish(queue));
	assert_int_equal(read_number(queue, mem), 0);
	release(gates, N);
	release(writes, N);
	assert_success(clReleaseMemObject(mem));
	assert_success(clReleaseCommandQueue(queue));
}

/* A closed gate holds up what waits for it, not what does not. */
static void nothing_waits_without_a_reason(void **state)
{
	const struct cl_world *world = *state;
	cl_command_queue queue = new_queue(world, CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE);
	cl_mem a = new_buffer(world, 0, 2 * 64 * 64, NULL),
	       b = new_buffer(world, 0, 2 * 64 * 64, NULL);
	cl_mem c = new_buffer(world, 0, 4 * 64 * 64, NULL),
	       d = new_buffer(world, 0, 4 * 64 * 64, NULL);
	cl_kernel first = new_matmul(world, a, b, c, 64), second = new_matmul(world, a, b, d, 64);
	cl_event gate = user_event(world), events[2], barrier, late, marker, marked;

	assert_success(run_kernel(queue, first, 1, &gate, &events[0]));
	assert_success(run_kernel(queue, second, 0, NULL, &events[1]));
	assert_success(clWaitForEvents(1, &events[1]));
	assert_int_equal(cl_status_of(events[0]), CL_QUEUED);
	/* A marker waits for its list only; without one, for everything; a barrier holds up the
	 * rest. */
	assert_success(clEnqueueMarkerWithWaitList(queue, 1, &events[1], &marked));
	assert_success(clWaitForEvents(1, &marked));
	assert_success(clEnqueueMarkerWithWaitList(queue, 0, NULL, &marker));
	assert_success(clEnqueueBarrierWithWaitList(queue, 0, NULL, &barrier));
	assert_success(run_kernel(queue, second, 0, NULL, &late));
	assert_int_equal(cl_status_of(marker), CL_QUEUED);
	assert_int_equal(cl_status_of(barrier), CL_QUEUED);
	assert_int_equal(cl_status_of(late), CL_QUEUED);
	assert_success(clSetUserEventStatus(gate, CL_COMPLETE));
	assert_success(clWaitForEvents(1, &late));
	assert_int_equal(cl_status_of(events[0]), CL_COMPLETE);
	assert_int_equal(cl_status_of(marker), CL_COMPLETE);
	assert_int_equal(cl_status_of(barrier), CL_COMPLETE);
	release((cl_event[]){gate, events[0], events[1], barrier, late, marker, marked}, 7);
	assert_success(clReleaseKernel(first));
	assert_success(clReleaseKernel(second));
	for (unsigned int i = 0; i < 4; i++)
		assert_success(clReleaseMemObject(((cl_mem[]){a, b, c, d})[i]));
	assert_success(clReleaseCommandQueue(queue));
}

/* A barrier with a list holds up what comes later, but waits for nothing else. */
static void barriers_with_lists(void **state)
{
	const struct cl_world *world = *state;
	cl_command_queue queue = new_queue(world, CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE);
	cl_event gates[2] = {user_event(world), user_event(world)}, held, barrier, late;
	cl_mem mem = new_buffer(world, 0, 64, NULL);

	assert_success(clEnqueueMarkerWithWaitList(queue, 1, &gates[0], &held));
	assert_success(clEnqueueBarrierWithWaitList(queue, 1, &gates[1], &barrier));
	assert_success(clEnqueueMigrateMemObjects(queue, 1, &mem, 0, 0, NULL, &late));
	assert_int_equal(cl_status_of(late), CL_QUEUED);
	assert_success(clSetUserEventStatus(gates[1], CL_COMPLETE));
	assert_success(clWaitForEvents(1, &late));
	assert_int_equal(cl_status_of(barrier), CL_COMPLETE);
	assert_int_equal(cl_status_of(held), CL_QUEUED);
	assert_success(clSetUserEventStatus(gates[0], CL_COMPLETE));
	assert_success(clWaitForEvents(1, &held));
	release((cl_event[]){gates[0], gates[1], held, barrier, late}, 5);
	assert_success(clReleaseMemObject(mem));
	assert_success(clReleaseCommandQueue(queue));
}

/* From memory to board, product and back, each in its own queue, by events alone. */
static void queues_meet_by_events(void **state)
{
	const struct cl_world *world = *state;
	enum { N = 32, ROUNDS = 30 };
	cl_command_queue queues[3];
	cl_ushort one[N * N];
	cl_mem host = new_buffer(world, CL_MEM_ALLOC_HOST_PTR, sizeof(one), NULL);
	cl_mem a = new_buffer(world, 0, sizeof(one), NULL),
	       b = new_buffer(world, 0, sizeof(one), NULL);
	cl_mem c = new_buffer(world, 0, 4 * N * N, NULL);
	cl_mem back = new_buffer(world, CL_MEM_ALLOC_HOST_PTR, 4 * N * N, NULL);
	cl_kernel product = new_matmul(world, a, b, c, N), push = new_kernel(world, "fpr_push");
	cl_event last = user_event(world), gate = last;

	for (unsigned int i = 0; i < N * N; i++)
		one[i] = 0x3f80;
	for (unsigned int i = 0; i < 3; i++)
		queues[i] = new_queue(world, i % 2 ? CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE : 0);
	set_mem(push, 0, c);
	set_mem(push, 1, back);
	set_ulong(push, 2, 0);
	set_ulong(push, 3, 0);
	set_ulong(push, 4, 4 * N * N);
	set_uint(push, 5, 7);
	assert_success(
		clEnqueueWriteBuffer(queues[0], host, CL_TRUE, 0, sizeof(one), one, 0, NULL, NULL));
	for (unsigned int i = 0; i < ROUNDS; i++) {
		cl_event copies[2], computed, pushed;

		assert_success(clEnqueueCopyBuffer(queues[0], host, a, 0, 0, sizeof(one), 1, &last,
						   &copies[0]));
		assert_success(clEnqueueCopyBuffer(queues[1], host, b, 0, 0, sizeof(one), 1, &last,
						   &copies[1]));
		assert_success(run_kernel(queues[2], product, 2, copies, &computed));
		assert_success(run_kernel(queues[1], push, 1, &computed, &pushed));
		release(copies, 2);
		assert_success(clReleaseEvent(computed));
		if (last != gate)
			assert_success(clReleaseEvent(last));
		last = pushed;
	}
	assert_success(clSetUserEventStatus(gate, CL_COMPLETE));
	assert_success(clWaitForEvents(1, &last));
	{
		float sums[N * N];

		assert_success(clEnqueueReadBuffer(queues[0], back, CL_TRUE, 0, sizeof(sums), sums,
						   0, NULL, NULL));
		for (unsigned int i = 0; i < N * N; i++)
			assert_true(sums[i] == (float)N);
	}
	release((cl_event[]){gate, last}, 2);
	assert_success(clReleaseKernel(product));
	assert_success(clReleaseKernel(push));
	for (unsigned int i = 0; i < 3; i++)
		assert_success(clReleaseCommandQueue(queues[i]));
	for (unsigned int i = 0; i < 5; i++)
		assert_success(clReleaseMemObject(((cl_mem[]){host, a, b, c, back})[i]));
}

/* ---- failure -------------------------------------------------------------------- */

/* It goes along wait lists, also through markers, and not along the order of a queue. */
static void failure_goes_along_wait_lists(void **state)
{
	const struct cl_world *world = *state;
	static const cl_uint numbers[3] = {1, 2, 3};
	cl_mem mem = new_buffer(world, 0, 4096, NULL);
	cl_event gate = user_event(world), events[5];
	cl_uint number = 77;

	events[0] = write_number(world->queue, mem, &numbers[0], 0, NULL);
	events[1] = write_number(world->queue, mem, &numbers[1], 1, &gate);
	events[2] = write_number(world->queue, mem, &numbers[2], 0, NULL);
	assert_success(clEnqueueMarkerWithWaitList(world->queue, 1, &events[1], &events[3]));
	assert_success(clEnqueueBarrierWithWaitList(world->queue, 1, &events[3], &events[4]));
	assert_success(clSetUserEventStatus(gate, -4711));
	assert_int_equal(clSetUserEventStatus(gate, CL_COMPLETE), CL_INVALID_OPERATION);
	assert_int_equal(
		clEnqueueReadBuffer(world->queue, mem, CL_TRUE, 0, 4, &number, 1, &events[3], NULL),
		CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST);
	assert_int_equal(number, 77);
	assert_success(clFinish(world->queue));
	assert_int_equal(cl_status_of(gate), -4711);
	assert_int_equal(cl_status_of(events[0]), CL_COMPLETE);
	assert_int_equal(cl_status_of(events[1]), CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST);
	assert_int_equal(cl_status_of(events[2]), CL_COMPLETE);
	assert_int_equal(cl_status_of(events[3]), CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST);
	assert_int_equal(cl_status_of(events[4]), CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST);
	assert_int_equal(clWaitForEvents(5, events), CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST);
	assert_success(clWaitForEvents(1, events));
	assert_int_equal(read_number(world->queue, mem), 3);
	release(events, 5);
	assert_success(clReleaseEvent(gate));
	assert_success(clReleaseMemObject(mem));
}

/* What has failed long ago still fails what is told to wait for it. */
static void failure_is_remembered(void **state)
{
	const struct cl_world *world = *state;
	cl_event gate = user_event(world), marker;

	assert_success(clSetUserEventStatus(gate, -1));
	assert_success(clEnqueueMarkerWithWaitList(world->queue, 1, &gate, &marker));
	assert_int_equal(clWaitForEvents(1, &marker), CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST);
	release((cl_event[]){gate, marker}, 2);
}

/* ---- callbacks -------------------------------------------------------------------- */

struct calls {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	cl_int got[16];
	unsigned int n;
};

static void CL_CALLBACK note(cl_event event, cl_int status, void *data)
{
	struct calls *calls = data;

	/* What OpenCL allows in a callback. */
	clRetainEvent(event);
	clReleaseEvent(event);
	pthread_mutex_lock(&calls->lock);
	calls->got[calls->n++] = status;
	pthread_cond_broadcast(&calls->changed);
	pthread_mutex_unlock(&calls->lock);
}

static void wait_for_calls(struct calls *calls, unsigned int n)
{
	pthread_mutex_lock(&calls->lock);
	while (calls->n < n)
		pthread_cond_wait(&calls->changed, &calls->lock);
	assert_int_equal(calls->n, n);
	pthread_mutex_unlock(&calls->lock);
}

#define CALLS_INIT                                                          \
	{                                                                   \
		PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, {0}, 0 \
	}

static void callbacks_come_for_every_state(void **state)
{
	const struct cl_world *world = *state;
	struct calls calls = CALLS_INIT, late = CALLS_INIT, failed = CALLS_INIT;
	static const cl_int states[3] = {CL_SUBMITTED, CL_RUNNING, CL_COMPLETE};
	static const cl_uint number = 5;
	cl_mem mem = new_buffer(world, 0, 64, NULL);
	cl_event gates[2] = {user_event(world), user_event(world)}, event, bad;
	unsigned int seen[3] = {0, 0, 0};

	event = write_number(world->queue, mem, &number, 1, &gates[0]);
	for (unsigned int i = 0; i < 3; i++)
		assert_success(clSetEventCallback(event, states[i], note, &calls));
	assert_int_equal(calls.n, 0);
	assert_success(clSetUserEventStatus(gates[0], CL_COMPLETE));
	wait_for_calls(&calls, 3);
	for (unsigned int i = 0; i < 3; i++)
		seen[calls.got[i]]++;
	assert_true(seen[0] == 1 && seen[1] == 1 && seen[2] == 1);
	/* After the fact. */
	assert_success(clWaitForEvents(1, &event));
	assert_success(clSetEventCallback(event, CL_RUNNING, note, &late));
	wait_for_calls(&late, 1);
	assert_int_equal(late.got[0], CL_RUNNING);
	/* A command that fails without having begun tells that to all. */
	bad = write_number(world->queue, mem, &number, 1, &gates[1]);
	for (unsigned int i = 0; i < 3; i++)
		assert_success(clSetEventCallback(bad, states[i], note, &failed));
	assert_success(clSetUserEventStatus(gates[1], -3));
	wait_for_calls(&failed, 3);
	for (unsigned int i = 0; i < 3; i++)
		assert_int_equal(failed.got[i], CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST);
	release((cl_event[]){gates[0], gates[1], event, bad}, 4);
	assert_success(clReleaseMemObject(mem));
}

/* More than any stack has room for. */
#define LINKS 200000

struct chain {
	const struct cl_world *world;
	struct calls calls;
	cl_event gate;
	unsigned int links;
};

/* Opens the gate from a callback, and enqueues something more. */
static void CL_CALLBACK open_gate(cl_event event, cl_int status, void *data)
{
	struct chain *chain = data;

	clEnqueueMarkerWithWaitList(chain->world->queue, 0, NULL, NULL);
	clSetUserEventStatus(chain->gate, CL_COMPLETE);
	note(event, status, &chain->calls);
}

static void callbacks_may_call_back(void **state)
{
	struct chain chain = {*state, CALLS_INIT, user_event(*state), 0};
	cl_command_queue queue = new_queue(*state, CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE);
	cl_mem mem = new_buffer(*state, 0, 64, NULL);
	cl_event first, second;

	assert_success(clEnqueueMarkerWithWaitList(queue, 1, &chain.gate, &second));
	assert_success(clEnqueueMigrateMemObjects(queue, 1, &mem, 0, 0, NULL, &first));
	assert_success(clSetEventCallback(first, CL_COMPLETE, open_gate, &chain));
	assert_success(clWaitForEvents(1, &second));
	wait_for_calls(&chain.calls, 1);
	release((cl_event[]){chain.gate, first, second}, 3);
	assert_success(clReleaseMemObject(mem));
	assert_success(clReleaseCommandQueue(queue));
}

/* A marker for each that has ended, as a program does that lives from callbacks. */
static void CL_CALLBACK go_on(cl_event event, cl_int status, void *data)
{
	struct chain *chain = data;
	cl_event next;

	if (++chain->links == LINKS) {
		note(event, status, &chain->calls);
		return;
	}
	if (!clEnqueueMarkerWithWaitList(chain->world->queue, 0, NULL, &next)) {
		clSetEventCallback(next, CL_COMPLETE, go_on, chain);
		clReleaseEvent(next);
	}
}

static void callbacks_do_not_nest(void **state)
{
	struct chain chain = {*state, CALLS_INIT, user_event(*state), 0};

	assert_success(clSetEventCallback(chain.gate, CL_COMPLETE, go_on, &chain));
	assert_success(clSetUserEventStatus(chain.gate, CL_COMPLETE));
	wait_for_calls(&chain.calls, 1);
	release(&chain.gate, 1);
}

struct want {
	pthread_mutex_t lock;
	struct calls begun, ended;
};

static void CL_CALLBACK want_lock(cl_event event, cl_int status, void *data)
{
	struct want *want = data;

	note(event, status, &want->begun);
	pthread_mutex_lock(&want->lock);
	pthread_mutex_unlock(&want->lock);
	note(event, status, &want->ended);
}

/* Who releases all of a world may hold a lock that a callback waits for. */
static void releases_do_not_wait_for_callbacks(void **state)
{
	static struct want want = {PTHREAD_MUTEX_INITIALIZER, CALLS_INIT, CALLS_INIT};
	struct cl_world world = *(struct cl_world *)*state;
	cl_event gate, event;
	cl_mem mem;
	cl_int error;

	world.context = clCreateContext(NULL, 1, &world.device, NULL, NULL, &error);
	assert_success(error);
	world.queue = new_queue(&world, 0);
	mem = new_buffer(&world, 0, 64, NULL);
	gate = user_event(&world);
	assert_success(clEnqueueFillBuffer(world.queue, mem, "1", 1, 0, 64, 1, &gate, &event));
	assert_success(clSetEventCallback(event, CL_COMPLETE, want_lock, &want));
	pthread_mutex_lock(&want.lock);
	assert_success(clSetUserEventStatus(gate, CL_COMPLETE));
	wait_for_calls(&want.begun, 1);
	assert_success(clFinish(world.queue));
	release((cl_event[]){gate, event}, 2);
	assert_success(clReleaseMemObject(mem));
	assert_success(clReleaseCommandQueue(world.queue));
	assert_success(clReleaseContext(world.context));
	assert_int_equal(want.ended.n, 0);
	pthread_mutex_unlock(&want.lock);
	wait_for_calls(&want.ended, 1);
}

/* ---- times ------------------------------------------------------------------------- */

static void times_of(cl_event event, cl_ulong times[4])
{
	for (cl_uint i = 0; i < 4; i++)
		assert_success(clGetEventProfilingInfo(event, CL_PROFILING_COMMAND_QUEUED + i,
						       sizeof(times[i]), &times[i], NULL));
}

static void times_are_in_order(void **state)
{
	const struct cl_world *world = *state;
	enum { N = 128 };
	cl_mem a = new_buffer(world, 0, 2 * N * N, NULL), b = new_buffer(world, 0, 2 * N * N, NULL);
	cl_mem c = new_buffer(world, 0, 4 * N * N, NULL);
	cl_mem host = new_buffer(world, CL_MEM_ALLOC_HOST_PTR, 4 * N * N, NULL);
	cl_kernel kernel = new_matmul(world, a, b, c, N);
	cl_ulong times[4], before = 0, after, end = 0;
	cl_event events[4], user = user_event(world), unasked;
	cl_command_queue plain = new_queue(world, 0);

	assert_success(clGetHostTimer(world->device, &before));
	assert_success(run_kernel(world->queue, kernel, 0, NULL, &events[0]));
	assert_success(
		clEnqueueCopyBuffer(world->queue, c, host, 0, 0, 4 * N * N, 0, NULL, &events[1]));
	assert_success(clEnqueueMarkerWithWaitList(world->queue, 0, NULL, &events[2]));
	assert_success(clEnqueueMarkerWithWaitList(world->queue, 1, &user, &events[3]));
	assert_success(clWaitForEvents(3, events));
	assert_success(clGetHostTimer(world->device, &after));
	for (unsigned int i = 0; i < 3; i++) {
		times_of(events[i], times);
		assert_true(before <= times[0] && times[0] <= times[1] && times[1] <= times[2]);
		assert_true(times[2] <= times[3] && times[3] <= after);
		/* One after another. */
		assert_true(end <= times[3]);
		end = times[3];
	}
	assert_int_equal(
		clGetEventProfilingInfo(events[3], CL_PROFILING_COMMAND_END, 8, times, NULL),
		CL_PROFILING_INFO_NOT_AVAILABLE);
	assert_success(clSetUserEventStatus(user, CL_COMPLETE));
	assert_success(clFinish(world->queue));
	assert_int_equal(clGetEventProfilingInfo(user, CL_PROFILING_COMMAND_END, 8, times, NULL),
			 CL_PROFILING_INFO_NOT_AVAILABLE);
	assert_success(clEnqueueMarkerWithWaitList(plain, 0, NULL, &unasked));
	assert_success(clFinish(plain));
	assert_int_equal(clGetEventProfilingInfo(unasked, CL_PROFILING_COMMAND_END, 8, times, NULL),
			 CL_PROFILING_INFO_NOT_AVAILABLE);
	release(events, 4);
	release((cl_event[]){user, unasked}, 2);
	assert_success(clReleaseCommandQueue(plain));
	assert_success(clReleaseKernel(kernel));
	for (unsigned int i = 0; i < 4; i++)
		assert_success(clReleaseMemObject(((cl_mem[]){a, b, c, host})[i]));
}

/*
 * A product's start is when it was handed over, its end what the board's clock said, whatever the
 * interrupt took: two ends are as far apart as on that clock, unless the driver has just learnt
 * something about it.
 */
static void board_times(void **state)
{
	const struct cl_world *world = *state;
	enum { N = 32 };
	cl_mem a = new_buffer(world, 0, 2 * 64 * 64, NULL),
	       c = new_buffer(world, 0, 4 * 64 * 64, NULL);
	cl_kernel kernel = new_matmul(world, a, a, c, 64);
	struct fpr_gemm_result result, last = {0};
	cl_ulong times[4], end = 0;
	cl_event event, marker;
	unsigned int alike = 0;

	for (unsigned int i = 0; i < N; i++) {
		assert_success(run_kernel(world->queue, kernel, 0, NULL, &event));
		assert_success(clWaitForEvents(1, &event));
		assert_success(result_of(world, event, &result));
		times_of(event, times);
		assert_int_equal(times[2], result.started_ns);
		assert_true(times[2] <= times[3] && times[3] <= result.ended_ns);
		assert_true(end < times[3] && last.board_ns < result.board_ns);
		alike += i && times[3] - end == result.board_ns - last.board_ns;
		end = times[3];
		last = result;
		assert_success(clReleaseEvent(event));
	}
	assert_true(alike > N / 2);
	assert_success(clEnqueueMarkerWithWaitList(world->queue, 0, NULL, &marker));
	assert_success(clWaitForEvents(1, &marker));
	assert_int_equal(result_of(world, marker, &result), CL_PROFILING_INFO_NOT_AVAILABLE);
	assert_int_equal(result_of(world, NULL, &result), CL_INVALID_EVENT);
	assert_int_equal(result_of(world, marker, NULL), CL_INVALID_VALUE);
	assert_success(clReleaseEvent(marker));
	assert_success(clReleaseKernel(kernel));
	assert_success(clReleaseMemObject(a));
	assert_success(clReleaseMemObject(c));
}

static int run_group(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands_of_a_queue_run_in_order),
		cmocka_unit_test(events_order_an_out_of_order_queue),
		cmocka_unit_test(nothing_waits_without_a_reason),
		cmocka_unit_test(barriers_with_lists),
		cmocka_unit_test(queues_meet_by_events),
		cmocka_unit_test(failure_goes_along_wait_lists),
		cmocka_unit_test(failure_is_remembered),
		cmocka_unit_test(callbacks_come_for_every_state),
		cmocka_unit_test(callbacks_may_call_back),
		cmocka_unit_test(callbacks_do_not_nest),
		cmocka_unit_test(releases_do_not_wait_for_callbacks),
		cmocka_unit_test(times_are_in_order),
		cmocka_unit_test(board_times),
	};

	return cmocka_run_group_tests(tests, cl_setup, cl_teardown);
}

int main(void)
{
	return on_cl_device(run_group);
}
