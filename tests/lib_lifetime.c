/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/lib_fixture.h"
#include "common/stride.h"
#include "golden/golden.h"

/*
 * Destroying in every order while work runs. What goes wrong shows in valgrind
 * and under the sanitizers; here it is the results that must be right.
 */

enum handle { DEVICE, QUEUE, A, B, C, FENCE, HANDLES };

struct world {
	struct fpr_device *device;
	struct fpr_queue *queue;
	struct fpr_fence *fence;
	struct square square;
};

static void start(struct world *world, size_t n_jobs)
{
	struct fpr_gemm_job jobs[4];

	world->device = open_device();
	world->queue = open_queue(world->device);
	world->square = new_square(world->device, 12, 3);
	world->fence = NULL;
	for (size_t i = 0; i < n_jobs; i++)
		jobs[i] = world->square.job;
	assert_int_equal(fpr_gemm_submit(world->queue, jobs, n_jobs, NULL, 0, &world->fence), 0);
}

static void destroy(struct world *world, unsigned int handle)
{
	switch (handle) {
	case DEVICE:
		fpr_device_close(world->device);
		break;
	case QUEUE:
		fpr_queue_destroy(world->queue);
		break;
	case A:
		fpr_buffer_destroy(world->square.a.buffer);
		break;
	case B:
		fpr_buffer_destroy(world->square.b.buffer);
		break;
	case C:
		fpr_buffer_destroy(world->square.c.buffer);
		break;
	case FENCE:
		fpr_fence_destroy(world->fence);
		break;
	}
}

/* The order'th permutation of the handles, by Lehmer's code. */
static void order_of(unsigned int number, unsigned int order[HANDLES])
{
	unsigned int left[HANDLES], n = HANDLES;

	for (unsigned int i = 0; i < HANDLES; i++)
		left[i] = i;
	for (unsigned int i = 0; i < HANDLES; i++) {
		const unsigned int at = number % n;

		number /= n;
		order[i] = left[at];
		memmove(&left[at], &left[at + 1], (n - 1 - at) * sizeof(left[0]));
		n--;
	}
}

#define ORDERS 720

/* The results are looked at between: with the fence and C still there, whatever else is gone. */
static void every_order_after_the_work(void **state)
{
	(void)state;
	for (unsigned int number = 0; number < ORDERS; number += test_stride()) {
		unsigned int order[HANDLES], i = 0;
		struct fpr_gemm_counters counters;
		uint32_t a[72], b[72], c[144];
		struct world world;

		order_of(number, order);
		start(&world, 1);
		memcpy(a, world.square.a.bytes, sizeof(a));
		memcpy(b, world.square.b.bytes, sizeof(b));
		while (order[i] != C && order[i] != FENCE)
			destroy(&world, order[i++]);
		assert_int_equal(fpr_fence_wait(world.fence, FPR_WAIT_FOREVER), 0);
		assert_int_equal(golden_gemm(&world.square.job.gemm, (uint16_t *)a, (uint16_t *)b,
					     c, &counters),
				 0);
		assert_memory_equal(world.square.c.bytes, c, sizeof(c));
		while (i < HANDLES)
			destroy(&world, order[i++]);
	}
}

static void every_order_while_it_runs(void **state)
{
	(void)state;
	for (unsigned int number = 0; number < ORDERS; number += test_stride()) {
		unsigned int order[HANDLES];
		struct fpr_fence *seen = NULL;
		struct world world;

		order_of(number, order);
		start(&world, 4);
		assert_int_equal(
			fpr_gemm_submit(world.queue, &world.square.job, 1, &world.fence, 1, &seen),
			0);
		for (unsigned int i = 0; i < HANDLES; i++)
			destroy(&world, order[i]);
		assert_int_equal(fpr_fence_wait(seen, FPR_WAIT_FOREVER), 0);
		fpr_fence_destroy(seen);
	}
}

/* A queue is destroyed while busy, again and again; its device lives on. */
static void busy_queues_come_and_go(void **state)
{
	struct fpr_device *device = open_device();
	struct square square = new_square(device, 12, 5);
	struct fpr_fence *fence = NULL;

	(void)state;
	for (int i = 0; i < 40; i++) {
		struct fpr_queue *queue = open_queue(device);
		struct fpr_fence *before = fence;

		assert_int_equal(fpr_gemm_submit(queue, &square.job, 1, before ? &before : NULL,
						 before ? 1 : 0, &fence),
				 0);
		fpr_fence_destroy(before);
		fpr_queue_destroy(queue);
	}
	assert_int_equal(fpr_fence_wait(fence, FPR_WAIT_FOREVER), 0);
	assert_square(&square);
	fpr_fence_destroy(fence);
	drop_square(&square);
	fpr_device_close(device);
}

static void an_unused_queue_is_destroyed(void **state)
{
	struct fpr_device *device = open_device();
	struct fpr_queue *first = open_queue(device), *second = open_queue(device);

	(void)state;
	fpr_queue_destroy(first);
	fpr_device_close(device);
	fpr_queue_destroy(second);
}

/* Work without a fence still runs: the queue's next fence proves it. */
static void work_without_a_fence_runs(void **state)
{
	struct fpr_device *device = open_device();
	struct fpr_queue *queue = open_queue(device);
	struct square square = new_square(device, 12, 7);
	struct fpr_gemm_job nothing;
	struct fpr_fence *fence = NULL;

	(void)state;
	fpr_gemm_init(&nothing, 0, 0, 0);
	assert_int_equal(fpr_gemm_submit(queue, &square.job, 1, NULL, 0, NULL), 0);
	assert_int_equal(fpr_gemm_submit(queue, &nothing, 1, NULL, 0, &fence), 0);
	assert_int_equal(fpr_fence_wait(fence, FPR_WAIT_FOREVER), 0);
	assert_square(&square);
	fpr_fence_destroy(fence);
	drop_square(&square);
	fpr_queue_destroy(queue);
	fpr_device_close(device);
}

static int run_group(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_order_after_the_work),
		cmocka_unit_test(every_order_while_it_runs),
		cmocka_unit_test(busy_queues_come_and_go),
		cmocka_unit_test(an_unused_queue_is_destroyed),
		cmocka_unit_test(work_without_a_fence_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
	return on_each_device(run_group);
}
