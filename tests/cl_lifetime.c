/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/cl_fixture.h"
#include "common/stride.h"

/* References, what goes when, and who is told. Under valgrind, too: nothing is left over. */

static cl_uint refs_of(cl_int (*ask)(void *, cl_uint, size_t, void *, size_t *), void *object,
		       cl_uint param)
{
	cl_uint refs = 0;

	assert_success(ask(object, param, sizeof(refs), &refs, NULL));
	return refs;
}

#define ASK(name, type, function)                                                           \
	static cl_int name(void *object, cl_uint param, size_t n, void *value, size_t *ret) \
	{                                                                                   \
		return function((type)object, param, n, value, ret);                        \
	}

ASK(ask_context, cl_context, clGetContextInfo)
ASK(ask_queue, cl_command_queue, clGetCommandQueueInfo)
ASK(ask_mem, cl_mem, clGetMemObjectInfo)
ASK(ask_program, cl_program, clGetProgramInfo)
ASK(ask_kernel, cl_kernel, clGetKernelInfo)
ASK(ask_event, cl_event, clGetEventInfo)

static void references_are_counted(void **state)
{
	const struct cl_world *w = *state;
	cl_mem mem = new_buffer(w, 0, 4096, NULL);
	cl_kernel kernel = new_matmul(w, mem, mem, mem, 0);
	cl_event event = clCreateUserEvent(w->context, NULL);

#define CHECK(ask, object, param, retain, release)                \
	do {                                                      \
		assert_int_equal(refs_of(ask, object, param), 1); \
		assert_success(retain(object));                   \
		assert_int_equal(refs_of(ask, object, param), 2); \
		assert_success(release(object));                  \
		assert_int_equal(refs_of(ask, object, param), 1); \
	} while (0)
	/* The objects that they are made of do not count: neither arguments nor children. */
	CHECK(ask_context, w->context, CL_CONTEXT_REFERENCE_COUNT, clRetainContext,
	      clReleaseContext);
	CHECK(ask_queue, w->queue, CL_QUEUE_REFERENCE_COUNT, clRetainCommandQueue,
	      clReleaseCommandQueue);
	CHECK(ask_mem, mem, CL_MEM_REFERENCE_COUNT, clRetainMemObject, clReleaseMemObject);
	CHECK(ask_program, w->program, CL_PROGRAM_REFERENCE_COUNT, clRetainProgram,
	      clReleaseProgram);
	CHECK(ask_kernel, kernel, CL_KERNEL_REFERENCE_COUNT, clRetainKernel, clReleaseKernel);
	CHECK(ask_event, event, CL_EVENT_REFERENCE_COUNT, clRetainEvent, clReleaseEvent);
	assert_success(clReleaseEvent(event));
	assert_success(clReleaseKernel(kernel));
	assert_success(clReleaseMemObject(mem));
}

/* ---- farewells ---------------------------------------------------------------------- */

struct farewells {
	int order[8];
	unsigned int n;
};

struct farewell {
	struct farewells *list;
	int number;
};

static void note(struct farewell *farewell)
{
	struct farewells *list = farewell->list;

	list->order[list->n] = farewell->number;
	__atomic_store_n(&list->n, list->n + 1, __ATOMIC_RELEASE);
}

static void CL_CALLBACK mem_goes(cl_mem mem, void *data)
{
	(void)mem;
	note(data);
}

static void CL_CALLBACK context_goes(cl_context context, void *data)
{
	(void)context;
	note(data);
}

static void the_last_farewell_is_first(void **state)
{
	const struct cl_world *w = *state;
	const cl_buffer_region region = {0, 64};
	struct farewells list = {{0}, 0};
	struct farewell f[5] = {{&list, 1}, {&list, 2}, {&list, 3}, {&list, 4}, {&list, 5}};
	cl_context context = clCreateContext(NULL, 1, &w->device, NULL, NULL, NULL);
	cl_mem mem = clCreateBuffer(context, 0, 128, NULL, NULL);
	cl_mem part = clCreateSubBuffer(mem, 0, CL_BUFFER_CREATE_TYPE_REGION, &region, NULL);

	assert_success(clSetContextDestructorCallback(context, context_goes, &f[0]));
	assert_success(clSetContextDestructorCallback(context, context_goes, &f[1]));
	assert_success(clSetMemObjectDestructorCallback(mem, mem_goes, &f[2]));
	assert_success(clSetMemObjectDestructorCallback(mem, mem_goes, &f[3]));
	assert_success(clSetMemObjectDestructorCallback(part, mem_goes, &f[4]));
	/* What is part of something keeps it. */
	assert_success(clReleaseContext(context));
	assert_success(clReleaseMemObject(mem));
	assert_int_equal(list.n, 0);
	assert_success(clReleaseMemObject(part));
	assert_int_equal(list.n, 5);
	assert_true(list.order[0] == 5 && list.order[1] == 4 && list.order[2] == 3);
	assert_true(list.order[3] == 2 && list.order[4] == 1);
}

/* The host's memory is the application's again when it is told so, not before. */
static void buffers_stay_while_commands_use_them(void **state)
{
	const struct cl_world *w = *state;
	static unsigned char host[4096];
	struct farewells list = {{0}, 0};
	struct farewell f = {&list, 1};
	cl_mem mem = new_buffer(w, CL_MEM_USE_HOST_PTR, sizeof(host), host);
	cl_kernel kernel = new_kernel(w, "fpr_copy");
	cl_mem other = new_buffer(w, 0, 4096, NULL);
	cl_event gate = clCreateUserEvent(w->context, NULL), event;

	assert_success(clSetMemObjectDestructorCallback(mem, mem_goes, &f));
	set_mem(kernel, 0, mem);
	set_mem(kernel, 1, other);
	set_ulong(kernel, 2, 0);
	set_ulong(kernel, 3, 0);
	set_ulong(kernel, 4, 4096);
	assert_success(run_kernel(w->queue, kernel, 1, &gate, &event));
	assert_success(clReleaseMemObject(mem));
	/* The kernel itself may not use it again, though the command still does. */
	assert_int_equal(run_kernel(w->queue, kernel, 0, NULL, NULL), CL_INVALID_KERNEL_ARGS);
	assert_int_equal(clReleaseMemObject(mem), CL_INVALID_MEM_OBJECT);
	assert_int_equal(list.n, 0);
	assert_success(clSetUserEventStatus(gate, CL_COMPLETE));
	assert_success(clWaitForEvents(1, &event));
	/* Who waited finds it done. */
	assert_int_equal(__atomic_load_n(&list.n, __ATOMIC_ACQUIRE), 1);
	assert_success(clReleaseEvent(gate));
	assert_success(clReleaseEvent(event));
	assert_success(clReleaseKernel(kernel));
	assert_success(clReleaseMemObject(other));
}

/* ---- any order ------------------------------------------------------------------------- */

enum { CONTEXT, QUEUE, PROGRAM, KERNEL, A, C, GATE, EVENT, OBJECTS };

static void release(unsigned int which, void *object)
{
	switch (which) {
	case CONTEXT:
		assert_success(clReleaseContext(object));
		break;
	case QUEUE:
		assert_success(clReleaseCommandQueue(object));
		break;
	case PROGRAM:
		assert_success(clReleaseProgram(object));
		break;
	case KERNEL:
		assert_success(clReleaseKernel(object));
		break;
	case GATE:
	case EVENT:
		assert_success(clReleaseEvent(object));
		break;
	default:
		assert_success(clReleaseMemObject(object));
	}
}

/* A product that waits for a gate, and everything let go of in some order before it opens. */
static void one_order(const struct cl_world *w, uint32_t seed)
{
	struct cl_world own = *w;
	void *objects[OBJECTS];
	cl_event gate;

	own.context = clCreateContext(NULL, 1, &w->device, NULL, NULL, NULL);
	own.queue = new_queue(&own, seed % 2 ? CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE : 0);
	own.program =
		clCreateProgramWithBuiltInKernels(own.context, 1, &w->device, "fpr_matmul", NULL);
	objects[CONTEXT] = own.context;
	objects[QUEUE] = own.queue;
	objects[PROGRAM] = own.program;
	objects[A] = new_buffer(&own, 0, 2 * 32 * 32, NULL);
	objects[C] = new_buffer(&own, 0, 4 * 32 * 32, NULL);
	objects[KERNEL] = new_matmul(&own, objects[A], objects[A], objects[C], 32);
	objects[GATE] = gate = clCreateUserEvent(own.context, NULL);
	assert_success(
		run_kernel(own.queue, objects[KERNEL], 1, &gate, (cl_event *)&objects[EVENT]));
	assert_success(clRetainEvent(gate));
	for (unsigned int i = OBJECTS; i-- > 0;) {
		const unsigned int j = seed % (i + 1);
		unsigned int which = 0, skip = j;

		seed = seed * 1664525u + 1013904223u;
		while (!objects[which] || skip--)
			which++;
		/* The last is let go of when the command has ended, so that nothing is left at
		 * exit. */
		if (i == 0) {
			assert_success(clSetUserEventStatus(gate, CL_COMPLETE));
			assert_success(clReleaseEvent(gate));
		}
		if (which == EVENT && i == 0)
			assert_success(clWaitForEvents(1, (cl_event *)&objects[EVENT]));
		release(which, objects[which]);
		objects[which] = NULL;
	}
}

static void objects_may_go_in_any_order(void **state)
{
	const uint32_t rounds = 400 / test_stride();

	for (uint32_t i = 0; i < rounds; i++)
		one_order(*state, i * 2654435761u);
}

/* A queue that is let go of while it works finishes what it has. */
static void a_released_queue_finishes(void **state)
{
	const struct cl_world *w = *state;
	cl_mem mem = new_buffer(w, CL_MEM_ALLOC_HOST_PTR, 4096, NULL);
	unsigned char got = 0;

	for (unsigned int i = 0; i < 50; i++) {
		cl_command_queue queue = new_queue(w, 0);
		cl_event event;

		for (unsigned int j = 0; j < 20; j++) {
			const cl_uchar pattern = (cl_uchar)(i + j);

			assert_success(clEnqueueFillBuffer(queue, mem, &pattern, 1, 0, 4096, 0,
							   NULL, j == 19 ? &event : NULL));
		}
		assert_success(clReleaseCommandQueue(queue));
		assert_success(clWaitForEvents(1, &event));
		assert_success(clReleaseEvent(event));
		assert_success(
			clEnqueueReadBuffer(w->queue, mem, CL_TRUE, 4095, 1, &got, 0, NULL, NULL));
		assert_int_equal(got, (unsigned char)(i + 19));
	}
	assert_success(clReleaseMemObject(mem));
}

/* Many commands behind a gate: no depth of anything grows with them. */
static void a_long_chain(void **state)
{
	const unsigned int n = test_stride() > 1 ? 1000 : 20000;
	const struct cl_world *w = *state;
	cl_command_queue queue = new_queue(w, CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE);
	cl_event gate = clCreateUserEvent(w->context, NULL), last = gate, next;

	assert_success(clRetainEvent(gate));
	for (unsigned int i = 0; i < n; i++) {
		assert_success(clEnqueueMarkerWithWaitList(queue, 1, &last, &next));
		assert_success(clReleaseEvent(last));
		last = next;
	}
	assert_success(clSetUserEventStatus(gate, CL_COMPLETE));
	assert_success(clWaitForEvents(1, &last));
	assert_success(clReleaseEvent(last));
	assert_success(clReleaseEvent(gate));
	assert_success(clReleaseCommandQueue(queue));
}

static int run_group(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(references_are_counted),
		cmocka_unit_test(the_last_farewell_is_first),
		cmocka_unit_test(buffers_stay_while_commands_use_them),
		cmocka_unit_test(objects_may_go_in_any_order),
		cmocka_unit_test(a_released_queue_finishes),
		cmocka_unit_test(a_long_chain),
	};

	return cmocka_run_group_tests(tests, cl_setup, cl_teardown);
}

int main(void)
{
	return on_cl_device(run_group);
}
