/* SPDX-License-Identifier: MIT */
#include <linux/capability.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/cl_fixture.h"

/*
 * Priority hints change the order of execution. Everything waits for a user event: a long command,
 * then many of the least urgent queue, then some of more urgent ones. From when they are all there,
 * a less urgent one may not begin before a more urgent one. When each began, and when products
 * ended on the board, is read from the events. Where too few were left to show anything there is
 * another round, behind something longer: nothing depends on how long anything took.
 */

enum { LOW, MED, HIGH, PRIORITIES };

/* What the driver's ring takes, what its table of transfers does, and how many wait behind that. */
enum { RING = 1023, TABLE = 256, LEFT = 64, MIDDLE = 2 * LEFT, URGENT = 32, MOST = RING + LEFT };

#define ROUNDS 4

/* Of what holds the others, times its first length; the driver takes ten seconds for a hang. */
#define LONGEST 16

/* One may be on its way to the board while the others arrive. */
#define ON_ITS_WAY 1

/* ---- the right to a high priority ------------------------------------------------------ */

#define NICE (1u << CAP_SYS_NICE)

static uint32_t rights(void)
{
	struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct caps[2];

	assert_int_equal(syscall(SYS_capget, &header, caps), 0);
	return caps[0].effective;
}

/* Of this thread. */
static void set_rights(uint32_t bits)
{
	struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct caps[2];

	assert_int_equal(syscall(SYS_capget, &header, caps), 0);
	caps[0].effective = bits;
	assert_int_equal(syscall(SYS_capset, &header, caps), 0);
}

/* The local board asks for none. */
static int has_right(void)
{
	return cl_is_local() || rights() & NICE;
}

/* ---- commands that are there together ------------------------------------------------- */

/**
 * struct lot - commands of one queue
 * @queue: out of order: in an in-order queue each waits for the one before
 * @kernel: what they run
 * @n: how many
 * @begins: on CLOCK_MONOTONIC
 * @ends: on the board's clock; 0: the board does not say
 */
struct lot {
	cl_command_queue queue;
	cl_kernel kernel;
	unsigned int n;
	cl_event events[MOST];
	cl_ulong begins[MOST], ends[MOST];
};

static cl_command_queue hinted_queue(const struct cl_world *world, unsigned int priority)
{
	static const cl_uint hints[] = {CL_QUEUE_PRIORITY_LOW_KHR, CL_QUEUE_PRIORITY_MED_KHR,
					CL_QUEUE_PRIORITY_HIGH_KHR};
	const cl_queue_properties list[] = {CL_QUEUE_PROPERTIES,
					    CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE |
						    CL_QUEUE_PROFILING_ENABLE,
					    CL_QUEUE_PRIORITY_KHR, hints[priority], 0};
	cl_command_queue queue;
	cl_uint told = 0;
	cl_int error;

	queue = clCreateCommandQueueWithProperties(world->context, world->device, list, &error);
	assert_success(error);
	assert_success(
		clGetCommandQueueInfo(queue, CL_QUEUE_PRIORITY_KHR, sizeof(told), &told, NULL));
	assert_int_equal(told, hints[priority]);
	return queue;
}

static void enqueue(struct lot *lot, unsigned int n, cl_event gate)
{
	lot->n = n;
	for (unsigned int i = 0; i < n; i++)
		assert_success(run_kernel(lot->queue, lot->kernel, 1, &gate, &lot->events[i]));
}

/* END would do, but for its error, which gets less from event to event. */
static cl_ulong board_end(cl_event event)
{
	clGetEventResultFPR_fn get =
		(clGetEventResultFPR_fn)clGetExtensionFunctionAddressForPlatform(
			fpr_platform(), "clGetEventResultFPR");
	struct fpr_gemm_result result;

	return get(event, &result) == CL_SUCCESS ? result.board_ns : 0;
}

static void finish(struct lot *lot)
{
	assert_success(clWaitForEvents(lot->n, lot->events));
	for (unsigned int i = 0; i < lot->n; i++) {
		assert_success(clGetEventProfilingInfo(lot->events[i], CL_PROFILING_COMMAND_START,
						       sizeof(cl_ulong), &lot->begins[i], NULL));
		lot->ends[i] = board_end(lot->events[i]);
		assert_success(clReleaseEvent(lot->events[i]));
	}
}

static cl_ulong last_of(const cl_ulong *times, unsigned int n)
{
	cl_ulong last = 0;

	for (unsigned int i = 0; i < n; i++)
		if (times[i] > last)
			last = times[i];
	return last;
}

/* Of those that began after @from. */
static unsigned int begun_after(const struct lot *lot, cl_ulong from)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < lot->n; i++)
		n += lot->begins[i] > from;
	return n;
}

/* How many of those came before the last of @first, in beginning or in ending. */
static unsigned int overtaken(const struct lot *lot, const struct lot *first, cl_ulong from)
{
	const cl_ulong begin = last_of(first->begins, first->n),
		       end = last_of(first->ends, first->n);
	unsigned int n = 0;

	for (unsigned int i = 0; i < lot->n; i++)
		n += lot->begins[i] > from && (lot->begins[i] < begin || lot->ends[i] < end);
	return n;
}

/**
 * struct scene - commands of three priorities
 * @world: board and context
 * @gate: they wait for it
 * @lots: by priority
 * @there: when all of them had been handed over
 */
struct scene {
	const struct cl_world *world;
	cl_event gate;
	struct lot lots[PRIORITIES];
	cl_ulong there;
};

static void open_scene(struct scene *scene, const struct cl_world *world)
{
	scene->world = world;
	for (unsigned int i = 0; i < PRIORITIES; i++)
		scene->lots[i].queue = hinted_queue(world, i);
}

static void close_scene(struct scene *scene)
{
	for (unsigned int i = 0; i < PRIORITIES; i++)
		assert_success(clReleaseCommandQueue(scene->lots[i].queue));
}

static void close_gate(struct scene *scene)
{
	cl_int error;

	scene->gate = clCreateUserEvent(scene->world->context, &error);
	assert_success(error);
}

/* FPR_TEST_BOARD, if any, passes a command to the board: what it fetches takes so much longer. */
static void delay_board(cl_uint ms)
{
	char command[512];

	if (cl_is_local() || !getenv("FPR_TEST_BOARD"))
		return;
	snprintf(command, sizeof(command), "%s delay-dma %u >/dev/null", getenv("FPR_TEST_BOARD"),
		 ms);
	assert_int_equal(system(command), 0);
}

/*
 * Hands over all that waits, in the order in which it was enqueued, and sees it through. A delay
 * may hold the first.
 */
static void open_gate(struct scene *scene, cl_uint ms)
{
	delay_board(ms);
	assert_success(clSetUserEventStatus(scene->gate, CL_COMPLETE));
	assert_success(clGetHostTimer(scene->world->device, &scene->there));
	delay_board(0);
	for (unsigned int i = 0; i < PRIORITIES; i++)
		finish(&scene->lots[i]);
	assert_success(clReleaseEvent(scene->gate));
}

/* For more urgent ones to come before. */
static int enough_are_left(const struct scene *scene)
{
	return begun_after(&scene->lots[LOW], scene->there) > LEFT / 2 &&
	       begun_after(&scene->lots[MED], scene->there) > LEFT / 2;
}

/* Rounds of commands that take ever longer, until some that waited can be judged. */
static void run_until_shown(struct scene *scene, void (*run)(struct scene *, cl_uint length))
{
	cl_uint length = 1;

	for (run(scene, 1); !enough_are_left(scene); run(scene, length))
		assert_true((length *= 2) <= LONGEST);
}

/* ---- products ------------------------------------------------------------------------ */

/* The long one fetches an operand from the host's memory, the others have it all on the board. */
static void run_products(struct scene *scene, cl_uint length)
{
	const struct cl_world *world = scene->world;
	const unsigned int n[PRIORITIES] = {cl_is_local() ? LEFT : RING + LEFT, MIDDLE, URGENT};
	const cl_uint rows = 512 * length, cols = 256;
	cl_mem far = new_buffer(world, CL_MEM_ALLOC_HOST_PTR, 2 * rows * cols, NULL);
	cl_mem near = new_buffer(world, 0, 2 * cols * cols, NULL);
	cl_mem out = new_buffer(world, 0, 4 * rows * cols, NULL);
	cl_kernel hold = new_matmul(world, far, near, out, cols);
	cl_kernel small = new_matmul(world, near, near, out, 8);

	close_gate(scene);
	set_uint(hold, 3, rows);
	assert_success(run_kernel(world->queue, hold, 1, &scene->gate, NULL));
	for (unsigned int i = 0; i < PRIORITIES; i++) {
		scene->lots[i].kernel = small;
		enqueue(&scene->lots[i], n[i], scene->gate);
	}
	open_gate(scene, 500 * length);
	assert_success(clReleaseKernel(hold));
	assert_success(clReleaseKernel(small));
	for (unsigned int i = 0; i < 3; i++)
		assert_success(clReleaseMemObject(((cl_mem[]){far, near, out})[i]));
}

/* Threads that take turns as they like may come in any order, in this one too, but not each time.
 */
static void urgent_products_come_first(void **state)
{
	static struct scene scene;
	const struct lot *lots = scene.lots;

	open_scene(&scene, *state);
	for (unsigned int i = 0; i < (cl_is_local() ? ROUNDS : 1); i++) {
		run_until_shown(&scene, run_products);
		assert_in_range(overtaken(&lots[LOW], &lots[MED], scene.there), 0, ON_ITS_WAY);
		assert_in_range(overtaken(&lots[LOW], &lots[HIGH], scene.there), 0, ON_ITS_WAY);
		if (has_right())
			assert_in_range(overtaken(&lots[MED], &lots[HIGH], scene.there), 0,
					ON_ITS_WAY);
	}
	close_scene(&scene);
}

/* Who may not have a high priority has the normal one, and is told of no error. */
static void a_high_priority_without_the_right(void **state)
{
	static struct scene scene;
	const uint32_t had = rights();

	if (cl_is_local())
		skip();
	set_rights(had & ~NICE);
	open_scene(&scene, *state);
	set_rights(had);
	run_until_shown(&scene, run_products);
	assert_in_range(overtaken(&scene.lots[LOW], &scene.lots[HIGH], scene.there), 0, ON_ITS_WAY);
	assert_true(overtaken(&scene.lots[MED], &scene.lots[HIGH], scene.there) > ON_ITS_WAY);
	close_scene(&scene);
}

/* ---- transfers ----------------------------------------------------------------------- */

static void run_transfers(struct scene *scene, cl_uint length)
{
	static const unsigned int n[PRIORITIES] = {TABLE + LEFT, MIDDLE, URGENT};
	const struct cl_world *world = scene->world;
	const size_t bytes = 65536 * (size_t)length;
	cl_mem from = new_buffer(world, 0, bytes, NULL);
	cl_mem to = new_buffer(world, CL_MEM_ALLOC_HOST_PTR, bytes, NULL);
	cl_kernel push = new_kernel(world, "fpr_push");

	set_mem(push, 0, from);
	set_mem(push, 1, to);
	for (cl_uint i = 2; i < 4; i++)
		set_ulong(push, i, 0);
	set_ulong(push, 4, bytes);
	close_gate(scene);
	for (unsigned int i = 0; i < PRIORITIES; i++) {
		scene->lots[i].kernel = push;
		enqueue(&scene->lots[i], n[i], scene->gate);
	}
	open_gate(scene, 500 * length);
	assert_success(clReleaseKernel(push));
	assert_success(clReleaseMemObject(from));
	assert_success(clReleaseMemObject(to));
}

/* Those of a high queue are put on the board next; a low queue's are as a normal one's. */
static void transfers_of_a_high_queue_come_first(void **state)
{
	static struct scene scene;
	const struct lot *lots = scene.lots;

	if (cl_is_local() || !has_right())
		skip();
	open_scene(&scene, *state);
	run_until_shown(&scene, run_transfers);
	assert_in_range(overtaken(&lots[MED], &lots[HIGH], scene.there), 0, ON_ITS_WAY);
	assert_in_range(overtaken(&lots[LOW], &lots[HIGH], scene.there), 0, ON_ITS_WAY);
	assert_true(overtaken(&lots[LOW], &lots[MED], scene.there) > ON_ITS_WAY);
	close_scene(&scene);
}

static int run_group(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(urgent_products_come_first),
		cmocka_unit_test(a_high_priority_without_the_right),
		cmocka_unit_test(transfers_of_a_high_queue_come_first),
	};

	return cmocka_run_group_tests(tests, cl_setup, cl_teardown);
}

int main(void)
{
	return on_cl_device(run_group);
}
