/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/lib_fixture.h"

/* A step of a chain: one permutation of 8 rows after another; they do not commute. */
#define STEPS 60
#define SIDE 8

static void next_permutation(uint32_t *state, unsigned int p[SIDE])
{
	for (unsigned int i = 0; i < SIDE; i++)
		p[i] = i;
	for (unsigned int i = SIDE - 1; i; i--) {
		const unsigned int j = noise(state) % (i + 1), swap = p[i];

		p[i] = p[j];
		p[j] = swap;
	}
}

struct chain {
	struct fpr_device *device;
	struct memory x, steps;
	unsigned int expected[SIDE];
};

/* x[0] holds 1..8 in its first column; x[i + 1] = P_i x[i] in bfloat16. */
static void new_chain(struct chain *chain, uint32_t seed)
{
	uint16_t *x, *p;
	unsigned int permutation[SIDE], before[SIDE];

	chain->device = open_device();
	chain->x = new_memory(chain->device, 2 * SIDE * SIDE * (STEPS + 1));
	chain->steps = new_memory(chain->device, 2 * SIDE * SIDE * STEPS);
	x = chain->x.bytes;
	p = chain->steps.bytes;
	for (unsigned int i = 0; i < SIDE; i++) {
		chain->expected[i] = i + 1;
		x[i * SIDE] = bf16_of_int((int)i + 1);
	}
	for (unsigned int step = 0; step < STEPS; step++) {
		next_permutation(&seed, permutation);
		memcpy(before, chain->expected, sizeof(before));
		for (unsigned int i = 0; i < SIDE; i++) {
			p[step * SIDE * SIDE + i * SIDE + permutation[i]] = bf16_of_int(1);
			chain->expected[i] = before[permutation[i]];
		}
	}
}

static struct fpr_gemm_job chain_job(const struct chain *chain, unsigned int step)
{
	struct fpr_gemm_job job;

	fpr_gemm_init(&job, SIDE, SIDE, SIDE);
	job.gemm.out = FPR_OUT_BF16;
	job.gemm.kind = (uint8_t)(step % FPR_KINDS);
	job.gemm.t = fpr_kind_default_t((enum fpr_kind)job.gemm.kind);
	job.gemm.serial = FPR_SERIAL_AUTO;
	job.a = chain->steps.buffer;
	job.a_offset = 2ull * SIDE * SIDE * step;
	job.b = job.c = chain->x.buffer;
	job.b_offset = 2ull * SIDE * SIDE * step;
	job.c_offset = job.b_offset + 2ull * SIDE * SIDE;
	return job;
}

static void check_chain(struct chain *chain)
{
	const uint16_t *x = (uint16_t *)chain->x.bytes + SIDE * SIDE * STEPS;

	for (unsigned int i = 0; i < SIDE; i++)
		assert_int_equal(x[i * SIDE], bf16_of_int((int)chain->expected[i]));
	fpr_buffer_destroy(chain->x.buffer);
	fpr_buffer_destroy(chain->steps.buffer);
	fpr_device_close(chain->device);
}

static void one_queue_runs_in_order(void **state)
{
	struct fpr_fence *fence = NULL;
	struct fpr_queue *queue;
	struct chain chain;

	(void)state;
	new_chain(&chain, 1);
	queue = open_queue(chain.device);
	for (unsigned int i = 0; i < STEPS; i++) {
		const struct fpr_gemm_job job = chain_job(&chain, i);

		assert_int_equal(
			fpr_gemm_submit(queue, &job, 1, NULL, 0, i + 1 == STEPS ? &fence : NULL),
			0);
	}
	assert_int_equal(fpr_fence_wait(fence, FPR_WAIT_FOREVER), 0);
	fpr_fence_destroy(fence);
	fpr_queue_destroy(queue);
	check_chain(&chain);
}

static void one_call_runs_in_order(void **state)
{
	struct fpr_gemm_job jobs[STEPS];
	struct fpr_gemm_result result;
	struct fpr_fence *fence = NULL;
	struct fpr_queue *queue;
	struct chain chain;

	(void)state;
	new_chain(&chain, 2);
	queue = open_queue(chain.device);
	for (unsigned int i = 0; i < STEPS; i++)
		jobs[i] = chain_job(&chain, i);
	assert_int_equal(fpr_gemm_submit(queue, jobs, STEPS, NULL, 0, &fence), 0);
	memset(jobs, 0xff, sizeof(jobs));
	assert_int_equal(fpr_fence_wait(fence, FPR_WAIT_FOREVER), 0);
	for (unsigned int i = 0; i < STEPS; i++) {
		assert_int_equal(fpr_fence_result(fence, i, &result), 0);
		assert_int_equal(result.status, 0);
		/*
		 * P_i and x_i hold eight non-zero values each, but 3, 5, 6 and 7 have two
		 * digits; A's digits are fewer, but only once x_i has been computed.
		 */
		assert_int_equal(result.serial, FPR_SERIAL_A);
	}
	assert_int_equal(fpr_fence_result(fence, STEPS, &result), -EINVAL);
	fpr_fence_destroy(fence);
	fpr_queue_destroy(queue);
	check_chain(&chain);
}

/* Queues take turns, each step waiting for the one before on another queue. */
static void fences_order_queues(void **state)
{
	struct fpr_fence *fences[STEPS];
	struct fpr_queue *queues[3];
	struct chain chain;

	(void)state;
	new_chain(&chain, 3);
	for (unsigned int i = 0; i < 3; i++)
		queues[i] = open_queue(chain.device);
	for (unsigned int i = 0; i < STEPS; i++) {
		const struct fpr_gemm_job job = chain_job(&chain, i);

		assert_int_equal(fpr_gemm_submit(queues[i % 3], &job, 1, i ? &fences[i - 1] : NULL,
						 i ? 1 : 0, &fences[i]),
				 0);
	}
	assert_int_equal(fpr_fence_wait(fences[STEPS - 1], FPR_WAIT_FOREVER), 0);
	for (unsigned int i = 0; i < STEPS; i++) {
		assert_int_equal(fpr_fence_wait(fences[i], 0), 0);
		fpr_fence_destroy(fences[i]);
	}
	for (unsigned int i = 0; i < 3; i++)
		fpr_queue_destroy(queues[i]);
	check_chain(&chain);
}

/* A fence given to a wait may be dropped at once; so may those already signalled be waited on. */
static void waits_hold_their_fences(void **state)
{
	struct fpr_fence *fence = NULL, *before;
	struct fpr_queue *queues[2];
	struct chain chain;

	(void)state;
	new_chain(&chain, 4);
	queues[0] = open_queue(chain.device);
	queues[1] = open_queue(chain.device);
	for (unsigned int i = 0; i < STEPS; i++) {
		const struct fpr_gemm_job job = chain_job(&chain, i);

		before = fence;
		if (i % 7 == 3)
			assert_int_equal(fpr_fence_wait(before, FPR_WAIT_FOREVER), 0);
		assert_int_equal(fpr_gemm_submit(queues[i % 2], &job, 1, before ? &before : NULL,
						 before ? 1 : 0, &fence),
				 0);
		fpr_fence_destroy(before);
	}
	assert_int_equal(fpr_fence_wait(fence, FPR_WAIT_FOREVER), 0);
	fpr_fence_destroy(fence);
	fpr_queue_destroy(queues[0]);
	fpr_queue_destroy(queues[1]);
	check_chain(&chain);
}

/* Work that lasts; whether it is seen unfinished is up to the scheduler, so try again. */
#define ATTEMPTS 50

static void unfinished_work_is_seen(void **state)
{
	struct fpr_device *device = open_device();
	struct fpr_queue *queue = open_queue(device);
	struct square square = new_square(device, 64, 9);
	struct fpr_gemm_job jobs[32];
	int seen_wait = 0, seen_result = 0, seen_timeout = 0;

	(void)state;
	for (size_t i = 0; i < 32; i++)
		jobs[i] = square.job;
	for (int i = 0; i < ATTEMPTS && !(seen_wait && seen_result && seen_timeout); i++) {
		struct fpr_gemm_result result;
		struct fpr_fence *fence = NULL;
		int ret;

		assert_int_equal(fpr_gemm_submit(queue, jobs, 32, NULL, 0, &fence), 0);
		ret = fpr_fence_wait(fence, 0);
		assert_true(ret == 0 || ret == -ETIME);
		seen_wait |= ret == -ETIME;
		ret = fpr_fence_result(fence, 31, &result);
		assert_true(ret == 0 || ret == -EBUSY);
		seen_result |= ret == -EBUSY;
		ret = fpr_fence_wait(fence, 1000);
		assert_true(ret == 0 || ret == -ETIME);
		seen_timeout |= ret == -ETIME;
		assert_int_equal(fpr_fence_wait(fence, INT64_MAX), 0);
		assert_int_equal(fpr_fence_wait(fence, 0), 0);
		assert_int_equal(fpr_fence_wait(fence, 1), 0);
		assert_int_equal(fpr_fence_result(fence, 31, &result), 0);
		fpr_fence_destroy(fence);
	}
	assert_true(seen_wait && seen_result && seen_timeout);
	assert_square(&square);
	drop_square(&square);
	fpr_queue_destroy(queue);
	fpr_device_close(device);
}

static int status_of(struct fpr_fence *fence, size_t index)
{
	struct fpr_gemm_result result;

	assert_int_equal(fpr_fence_result(fence, index, &result), 0);
	return result.status;
}

/*
 * The second job that starts fails. It cancels the third, of the same call, and
 * what waits for the fence, and what waits for that; not what only comes later.
 */
static void failure_cancels_what_depends_on_it(void **state)
{
	struct fpr_fence *failed, *dependent, *second, *later, *waits[2];
	struct fpr_queue *queue, *other;
	struct square squares[6];
	struct fpr_gemm_job jobs[3];
	struct fpr_device *device;
	char name[FPR_NAME_MAX];
	uint8_t before[6][4 * 9 * 9];
	static const int runs[6] = {1, 0, 0, 0, 0, 1};

	(void)state;
	if (!device_is_local())
		skip();
	assert_int_equal(fpr_device_open(device_with("fail=2", name), &device), 0);
	queue = open_queue(device);
	other = open_queue(device);
	for (uint32_t i = 0; i < 6; i++) {
		squares[i] = new_square(device, 9, i + 1);
		memcpy(before[i], squares[i].c.bytes, sizeof(before[i]));
	}
	for (int i = 0; i < 3; i++)
		jobs[i] = squares[i].job;
	assert_int_equal(fpr_gemm_submit(queue, jobs, 3, NULL, 0, &failed), 0);
	assert_int_equal(fpr_fence_wait(failed, FPR_WAIT_FOREVER), -EIO);
	waits[0] = failed;
	assert_int_equal(fpr_gemm_submit(other, &squares[3].job, 1, waits, 1, &dependent), 0);
	assert_int_equal(fpr_gemm_submit(queue, &squares[5].job, 1, NULL, 0, &later), 0);
	waits[0] = later;
	waits[1] = dependent;
	assert_int_equal(fpr_gemm_submit(queue, &squares[4].job, 1, waits, 2, &second), 0);
	assert_int_equal(fpr_fence_wait(second, FPR_WAIT_FOREVER), -ECANCELED);
	assert_int_equal(fpr_fence_wait(dependent, FPR_WAIT_FOREVER), -ECANCELED);
	assert_int_equal(fpr_fence_wait(later, FPR_WAIT_FOREVER), 0);
	assert_int_equal(status_of(failed, 0), 0);
	assert_int_equal(status_of(failed, 1), -EIO);
	assert_int_equal(status_of(failed, 2), -ECANCELED);
	for (uint32_t i = 0; i < 6; i++) {
		if (runs[i])
			assert_square(&squares[i]);
		else
			assert_memory_equal(before[i], squares[i].c.bytes, sizeof(before[i]));
		drop_square(&squares[i]);
	}
	fpr_fence_destroy(failed);
	fpr_fence_destroy(dependent);
	fpr_fence_destroy(second);
	fpr_fence_destroy(later);
	fpr_queue_destroy(queue);
	fpr_queue_destroy(other);
	fpr_device_close(device);
}

static int run_group(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_queue_runs_in_order),
		cmocka_unit_test(one_call_runs_in_order),
		cmocka_unit_test(fences_order_queues),
		cmocka_unit_test(waits_hold_their_fences),
		cmocka_unit_test(unfinished_work_is_seen),
		cmocka_unit_test(failure_cancels_what_depends_on_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
	return on_each_device(run_group);
}
