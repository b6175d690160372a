/* SPDX-License-Identifier: MIT */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/lib_fixture.h"
#include "golden/golden.h"

#define THREADS 4
#define ROUNDS 12
#define SIDE 10

/* What one thread does and finds; cmocka's asserts belong to the main thread. */
struct worker {
	struct fpr_device *device;
	struct fpr_queue *queue;
	uint32_t seed;
	const char *problem;
};

static const char *wait_and_compare(struct fpr_fence *fence, const struct fpr_gemm *gemm,
				    const void *a, const void *b, const void *c)
{
	struct fpr_gemm_counters counters;
	struct fpr_gemm_result result;
	uint32_t want[SIDE * SIDE];

	if (fpr_fence_wait(fence, FPR_WAIT_FOREVER))
		return "wait failed";
	if (fpr_fence_result(fence, 0, &result))
		return "no result";
	if (golden_gemm(gemm, a, b, want, &counters))
		return "golden model failed";
	if (memcmp(want, c, sizeof(want)))
		return "wrong bits";
	return memcmp(&counters, &result.counters, sizeof(counters)) ? "wrong counters" : NULL;
}

static const char *round_trip(struct worker *worker)
{
	struct fpr_buffer *buffers[3] = {NULL, NULL, NULL};
	struct fpr_fence *fence = NULL;
	const char *problem = NULL;
	struct fpr_gemm_job job;
	void *bytes[3];

	for (int i = 0; i < 3 && !problem; i++) {
		if (fpr_buffer_create(worker->device, SIDE * SIDE * 4, 0, &buffers[i]) ||
		    fpr_buffer_map(buffers[i], &bytes[i]))
			problem = "no buffer";
	}
	if (!problem) {
		fpr_gemm_init(&job, SIDE, SIDE, SIDE);
		job.gemm.kind = (uint8_t)((worker->seed >> 16) % FPR_KINDS);
		job.a = buffers[0];
		job.b = buffers[1];
		job.c = buffers[2];
		fill_bf16(bytes[0], SIDE * SIDE * 2, &worker->seed);
		fill_bf16(bytes[1], SIDE * SIDE * 2, &worker->seed);
		if (fpr_gemm_submit(worker->queue, &job, 1, NULL, 0, &fence))
			problem = "submit failed";
	}
	if (!problem)
		problem = wait_and_compare(fence, &job.gemm, bytes[0], bytes[1], bytes[2]);
	fpr_fence_destroy(fence);
	for (int i = 0; i < 3; i++)
		fpr_buffer_destroy(buffers[i]);
	return problem;
}

static void *work(void *arg)
{
	struct worker *worker = arg;
	struct fpr_queue *own = NULL;

	if (!worker->queue) {
		if (fpr_queue_create(worker->device, 0, &own))
			worker->problem = "no queue";
		worker->queue = own;
	}
	for (int i = 0; i < ROUNDS && !worker->problem; i++)
		worker->problem = round_trip(worker);
	fpr_queue_destroy(own);
	return NULL;
}

static void run_workers(struct fpr_device *device, struct fpr_queue *queue)
{
	struct worker workers[THREADS];
	pthread_t threads[THREADS];

	for (uint32_t i = 0; i < THREADS; i++) {
		workers[i] = (struct worker){.device = device, .queue = queue, .seed = i + 1};
		assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < THREADS; i++)
		if (workers[i].problem)
			fail_msg("thread %d: %s", i, workers[i].problem);
}

static void threads_share_a_device(void **state)
{
	struct fpr_device *device = open_device();

	(void)state;
	run_workers(device, NULL);
	fpr_device_close(device);
}

static void threads_share_a_queue(void **state)
{
	struct fpr_device *device = open_device();
	struct fpr_queue *queue = open_queue(device);

	(void)state;
	run_workers(device, queue);
	fpr_queue_destroy(queue);
	fpr_device_close(device);
}

static void *wait_for(void *fence)
{
	return fpr_fence_wait(fence, FPR_WAIT_FOREVER) ? fence : NULL;
}

static void threads_wait_for_one_fence(void **state)
{
	struct fpr_device *device = open_device();
	struct fpr_queue *queue = open_queue(device);
	struct square square = new_square(device, 48, 1);
	struct fpr_fence *fence = NULL;
	pthread_t threads[THREADS];
	void *problem;

	(void)state;
	assert_int_equal(fpr_gemm_submit(queue, &square.job, 1, NULL, 0, &fence), 0);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, wait_for, fence), 0);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], &problem);
		assert_null(problem);
	}
	assert_square(&square);
	fpr_fence_destroy(fence);
	drop_square(&square);
	fpr_queue_destroy(queue);
	fpr_device_close(device);
}

/* Jobs on many queues with fences between them at random give what one queue gives. */
static void a_random_graph_gives_the_same_sums(void **state)
{
	enum { QUEUES = 3, CELLS = 5, JOBS = 90 };
	struct fpr_device *device = open_device();
	struct memory unit = new_memory(device, 2), factor = new_memory(device, 2 * 8);
	struct memory cells[CELLS];
	struct fpr_queue *queues[QUEUES];
	struct fpr_fence *last[CELLS] = {NULL};
	int expected[CELLS] = {0};
	uint32_t seed = 11;

	(void)state;
	((uint16_t *)unit.bytes)[0] = bf16_of_int(1);
	for (int i = 0; i < 8; i++)
		((uint16_t *)factor.bytes)[i] = bf16_of_int(i + 1);
	for (int i = 0; i < QUEUES; i++)
		queues[i] = open_queue(device);
	for (int i = 0; i < CELLS; i++)
		cells[i] = new_memory(device, 4);
	for (int i = 0; i < JOBS; i++) {
		const uint32_t cell = noise(&seed) % CELLS, value = noise(&seed) % 8;
		struct fpr_fence *before = last[cell];
		struct fpr_gemm_job job;

		fpr_gemm_init(&job, 1, 1, 1);
		job.gemm.accumulate = 1;
		job.a = unit.buffer;
		job.b = factor.buffer;
		job.b_offset = 2 * value;
		job.c = cells[cell].buffer;
		expected[cell] += (int)value + 1;
		assert_int_equal(fpr_gemm_submit(queues[noise(&seed) % QUEUES], &job, 1,
						 before ? &before : NULL, before ? 1 : 0,
						 &last[cell]),
				 0);
		fpr_fence_destroy(before);
	}
	for (int i = 0; i < CELLS; i++) {
		assert_int_equal(fpr_fence_wait(last[i], FPR_WAIT_FOREVER), 0);
		assert_int_equal(*(uint32_t *)cells[i].bytes, f32_of_int(expected[i]));
		fpr_fence_destroy(last[i]);
		fpr_buffer_destroy(cells[i].buffer);
	}
	for (int i = 0; i < QUEUES; i++)
		fpr_queue_destroy(queues[i]);
	fpr_buffer_destroy(unit.buffer);
	fpr_buffer_destroy(factor.buffer);
	fpr_device_close(device);
}

static int run_group(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(threads_share_a_device),
		cmocka_unit_test(threads_share_a_queue),
		cmocka_unit_test(threads_wait_for_one_fence),
		cmocka_unit_test(a_random_graph_gives_the_same_sums),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
	return on_each_device(run_group);
}
