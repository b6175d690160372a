/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/lib_fixture.h"

/* Room for A and B of 8 x 8 and C of fp32, with an element to spare. */
#define BYTES 264

static struct {
	struct fpr_device *device, *other;
	struct fpr_queue *queue;
	struct memory a, b, c, foreign;
} world;

static int setup(void **state)
{
	uint32_t seed = 5;

	(void)state;
	world.device = open_device();
	world.other = open_device();
	world.queue = open_queue(world.device);
	world.a = new_memory(world.device, BYTES);
	world.b = new_memory(world.device, BYTES);
	world.c = new_memory(world.device, BYTES);
	world.foreign = new_memory(world.other, BYTES);
	fill_bytes(world.a.bytes, BYTES, &seed);
	fill_bytes(world.b.bytes, BYTES, &seed);
	fill_bytes(world.c.bytes, BYTES, &seed);
	fill_bytes(world.foreign.bytes, BYTES, &seed);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fpr_buffer_destroy(world.a.buffer);
	fpr_buffer_destroy(world.b.buffer);
	fpr_buffer_destroy(world.c.buffer);
	fpr_buffer_destroy(world.foreign.buffer);
	fpr_queue_destroy(world.queue);
	fpr_device_close(world.device);
	fpr_device_close(world.other);
	return 0;
}

static struct fpr_gemm_job good_job(void)
{
	struct fpr_gemm_job job;

	fpr_gemm_init(&job, 8, 8, 8);
	job.a = world.a.buffer;
	job.b = world.b.buffer;
	job.c = world.c.buffer;
	return job;
}

static const struct memory *const memories[] = {&world.a, &world.b, &world.c, &world.foreign};

#define N_MEMORIES (sizeof(memories) / sizeof(memories[0]))

/* Runs what was queued so far to its end, so that a job let in by mistake shows. */
static void drain(void)
{
	struct fpr_gemm_job nothing;
	struct fpr_fence *fence = NULL;

	fpr_gemm_init(&nothing, 0, 0, 0);
	assert_int_equal(fpr_gemm_submit(world.queue, &nothing, 1, NULL, 0, &fence), 0);
	assert_int_equal(fpr_fence_wait(fence, FPR_WAIT_FOREVER), 0);
	fpr_fence_destroy(fence);
}

/* A well-formed job goes first: a call is refused whole. */
static int refused(const struct fpr_gemm_job *job)
{
	const struct fpr_gemm_job jobs[] = {good_job(), *job};
	struct fpr_fence *const none = (struct fpr_fence *)&world;
	struct fpr_fence *fence = none;
	uint8_t before[N_MEMORIES][BYTES];
	int ret;

	for (size_t i = 0; i < N_MEMORIES; i++)
		memcpy(before[i], memories[i]->bytes, BYTES);
	ret = fpr_gemm_submit(world.queue, jobs, 2, NULL, 0, &fence);
	if (ret != -EINVAL || fence != none)
		return 0;
	drain();
	for (size_t i = 0; i < N_MEMORIES; i++)
		assert_memory_equal(before[i], memories[i]->bytes, BYTES);
	return 1;
}

/* Each body changes one thing of a good job. */
#define BAD_JOBS(X)                                                                              \
	X(job.gemm.kind = FPR_KINDS)                                                             \
	X(job.gemm.kind = 255)                                                                   \
	X(job.gemm.serial = 3)                                                                   \
	X(job.gemm.out = 2)                                                                      \
	X(job.gemm.t = FPR_T_MAX + 1)                                                            \
	X(job.gemm.t = 255)                                                                      \
	X((job.gemm.kind = FPR_KIND_DENSE, job.gemm.t = 16))                                     \
	X((job.gemm.serial = FPR_SERIAL_AUTO, job.gemm.t = 16))                                  \
	X(job.gemm.trans_a = 2)                                                                  \
	X(job.gemm.trans_b = 2)                                                                  \
	X(job.gemm.accumulate = 2)                                                               \
	X(job.gemm.reserved = 1)                                                                 \
	X(job.gemm.reserved1 = 1)                                                                \
	X(job.reserved = 1)                                                                      \
	X(job.flags = 1u << 1)                                                                   \
	X(job.flags = 1u << 31)                                                                  \
	X(job.gemm.m = FPR_DIM_MAX + 1)                                                          \
	X(job.gemm.n = UINT32_MAX)                                                               \
	X(job.gemm.k = UINT32_MAX)                                                               \
	X(job.gemm.batch = FPR_BATCH_MAX + 1)                                                    \
	X((job.gemm.m = FPR_DIM_MAX, job.gemm.n = FPR_DIM_MAX, job.gemm.k = FPR_DIM_MAX))        \
	X((job.gemm.m = FPR_DIM_MAX, job.gemm.k = FPR_DIM_MAX, job.gemm.n = 1))                  \
	X(job.gemm.lda = 7)                                                                      \
	X(job.gemm.ldb = 7)                                                                      \
	X(job.gemm.ldc = 7)                                                                      \
	X(job.gemm.lda = FPR_DIM_MAX + 1)                                                        \
	X((job.gemm.trans_a = 1, job.gemm.m = 7, job.gemm.lda = 6))                              \
	X(job.gemm.lda = 20)                                                                     \
	X(job.gemm.ldb = 20)                                                                     \
	X(job.gemm.ldc = 9)                                                                      \
	X((job.gemm.m = 4, job.gemm.batch = 2, job.gemm.stride_c = 31))                          \
	X((job.gemm.batch = 2, job.gemm.stride_c = 0))                                           \
	X((job.gemm.m = 4, job.gemm.batch = 2, job.gemm.stride_c = 7))                           \
	X((job.gemm.m = 4, job.gemm.batch = 2, job.gemm.stride_c = 35))                          \
	X((job.gemm.m = 4, job.gemm.batch = 2, job.gemm.stride_c = UINT64_MAX))                  \
	X((job.gemm.m = 4, job.gemm.batch = 2, job.gemm.stride_c = 1ull << 62))                  \
	X((job.gemm.m = 4, job.gemm.batch = 2, job.gemm.stride_c = 32,                           \
	   job.gemm.stride_a = UINT64_MAX))                                                      \
	X((job.gemm.m = 4, job.gemm.batch = 2, job.gemm.stride_c = 32,                           \
	   job.gemm.stride_a = UINT64_MAX / 2))                                                  \
	X((job.gemm.m = 4, job.gemm.batch = 2, job.gemm.stride_c = 32,                           \
	   job.gemm.stride_b = 1ull << 63))                                                      \
	X((job.gemm.m = 4, job.gemm.batch = 2, job.gemm.stride_c = 32, job.gemm.stride_b = 100)) \
	X(job.a = NULL)                                                                          \
	X(job.b = NULL)                                                                          \
	X(job.c = NULL)                                                                          \
	X(job.a = world.foreign.buffer)                                                          \
	X(job.b = world.foreign.buffer)                                                          \
	X(job.c = world.foreign.buffer)                                                          \
	X((job.gemm.k = 0, job.a = world.foreign.buffer))                                        \
	X((job.gemm.k = 0, job.b = world.foreign.buffer))                                        \
	X((job.gemm.m = 0, job.c = world.foreign.buffer))                                        \
	X(job.a_offset = 1)                                                                      \
	X(job.b_offset = 1)                                                                      \
	X(job.c_offset = 1)                                                                      \
	X(job.c_offset = 2)                                                                      \
	X((job.gemm.out = FPR_OUT_BF16, job.c_offset = 1))                                       \
	X(job.a_offset = BYTES - 128 + 2)                                                        \
	X(job.b_offset = BYTES - 128 + 2)                                                        \
	X(job.c_offset = BYTES - 256 + 4)                                                        \
	X(job.a_offset = BYTES + 2)                                                              \
	X(job.a_offset = UINT64_MAX - 1)                                                         \
	X(job.b_offset = UINT64_MAX - 127)                                                       \
	X(job.c_offset = UINT64_MAX - 255)                                                       \
	X((job.gemm.k = 0, job.a_offset = BYTES + 2))                                            \
	X((job.gemm.m = 9, job.gemm.k = 7))                                                      \
	X((job.gemm.m = 1, job.gemm.k = 133, job.gemm.n = 1))

static void malformed_jobs_touch_nothing(void **state)
{
	(void)state;
#define TRY(change)                                           \
	{                                                     \
		struct fpr_gemm_job job = good_job();         \
                                                              \
		(void)(change);                               \
		if (!refused(&job))                           \
			fail_msg("not refused: %s", #change); \
	}
	BAD_JOBS(TRY)
#undef TRY
}

/* So that the table above fails for the reason it names. */
static void the_limits_themselves_are_allowed(void **state)
{
	struct fpr_gemm_job job = good_job();
	struct fpr_fence *fence = NULL;

	(void)state;
	job.a_offset = BYTES - 128;
	job.b_offset = BYTES - 128;
	job.c_offset = BYTES - 256;
	job.gemm.t = FPR_T_MAX;
	job.gemm.lda = job.gemm.ldb = job.gemm.ldc = 8;
	assert_int_equal(fpr_gemm_submit(world.queue, &job, 1, NULL, 0, &fence), 0);
	assert_int_equal(fpr_fence_wait(fence, FPR_WAIT_FOREVER), 0);
	fpr_fence_destroy(fence);
	job.gemm.k = 0;
	job.a_offset = job.b_offset = BYTES;
	assert_int_equal(fpr_gemm_submit(world.queue, &job, 1, NULL, 0, NULL), 0);
	job = good_job();
	job.gemm.m = 4;
	job.gemm.batch = 2;
	job.gemm.ldc = 8;
	job.gemm.stride_c = 32;
	job.gemm.stride_a = 32;
	assert_int_equal(fpr_gemm_submit(world.queue, &job, 1, NULL, 0, NULL), 0);
	drain();
}

static void bytes_are_told(void **state)
{
	struct fpr_gemm gemm = good_job().gemm;
	uint64_t a = 1, b = 1, c = 1;

	(void)state;
	gemm.m = 3;
	gemm.n = 5;
	gemm.k = 7;
	gemm.lda = 9;
	gemm.trans_b = 1;
	gemm.ldb = 8;
	gemm.batch = 2;
	gemm.stride_a = 100;
	gemm.stride_c = 15;
	gemm.serial = FPR_SERIAL_AUTO;
	assert_int_equal(fpr_gemm_bytes(NULL, &a, &b, &c), -EINVAL);
	assert_int_equal(fpr_gemm_bytes(&gemm, NULL, &b, &c), -EINVAL);
	assert_int_equal(fpr_gemm_bytes(&gemm, &a, NULL, &c), -EINVAL);
	assert_int_equal(fpr_gemm_bytes(&gemm, &a, &b, NULL), -EINVAL);
	assert_true(a == 1 && b == 1 && c == 1);
	assert_int_equal(fpr_gemm_bytes(&gemm, &a, &b, &c), 0);
	assert_int_equal(a, 2 * (100 + 2 * 9 + 7));
	assert_int_equal(b, 2 * (4 * 8 + 7));
	assert_int_equal(c, 4 * 30);
	gemm.m = 0;
	assert_int_equal(fpr_gemm_bytes(&gemm, &a, &b, &c), 0);
	assert_int_equal(a, 0);
	assert_int_equal(c, 0);
	gemm.lda = 6;
	assert_int_equal(fpr_gemm_bytes(&gemm, &a, &b, &c), -EINVAL);
}

static void calls_are_checked(void **state)
{
	struct fpr_gemm_job job = good_job();
	struct fpr_queue *other_queue = open_queue(world.other), *queue = other_queue;
	struct fpr_fence *foreign = NULL, *own = NULL, *fence = NULL;
	struct fpr_gemm_result result;
	struct fpr_gemm_job nothing;

	(void)state;
	fpr_gemm_init(&nothing, 0, 0, 0);
	assert_int_equal(fpr_gemm_submit(other_queue, &nothing, 1, NULL, 0, &foreign), 0);
	assert_int_equal(fpr_gemm_submit(world.queue, &nothing, 1, NULL, 0, &own), 0);
	/* A thread still at work when all handles are gone would look like a leak. */
	assert_int_equal(fpr_fence_wait(foreign, FPR_WAIT_FOREVER), 0);
	assert_int_equal(fpr_fence_wait(own, FPR_WAIT_FOREVER), 0);

	struct fpr_fence *const with_null[] = {own, NULL}, *const with_foreign[] = {own, foreign};

	assert_int_equal(fpr_gemm_submit(NULL, &job, 1, NULL, 0, &fence), -EINVAL);
	assert_int_equal(fpr_gemm_submit(world.queue, NULL, 1, NULL, 0, &fence), -EINVAL);
	assert_int_equal(fpr_gemm_submit(world.queue, &job, 0, NULL, 0, &fence), -EINVAL);
	assert_int_equal(fpr_gemm_submit(world.queue, &job, SIZE_MAX, NULL, 0, &fence), -EINVAL);
	assert_int_equal(fpr_gemm_submit(world.queue, &job, 1, NULL, 1, &fence), -EINVAL);
	assert_int_equal(fpr_gemm_submit(world.queue, &job, 1, with_null, 2, &fence), -EINVAL);
	assert_int_equal(fpr_gemm_submit(world.queue, &job, 1, with_foreign, 2, &fence), -EINVAL);
	assert_int_equal(fpr_gemm_submit(other_queue, &job, 1, NULL, 0, &fence), -EINVAL);
	assert_null(fence);
	assert_int_equal(fpr_queue_create(NULL, 0, &queue), -EINVAL);
	assert_int_equal(fpr_queue_create(world.device, 1u << 2, &queue), -EINVAL);
	assert_int_equal(fpr_queue_create(world.device, FPR_QUEUE_LOW | FPR_QUEUE_HIGH, &queue),
			 -EINVAL);
	assert_int_equal(fpr_queue_create(world.device, 0, NULL), -EINVAL);
	assert_ptr_equal(queue, other_queue);
	assert_int_equal(fpr_fence_wait(NULL, 0), -EINVAL);
	assert_int_equal(fpr_fence_wait(own, -2), -EINVAL);
	assert_int_equal(fpr_fence_wait(own, INT64_MIN), -EINVAL);
	assert_int_equal(fpr_fence_result(NULL, 0, &result), -EINVAL);
	assert_int_equal(fpr_fence_result(own, 0, NULL), -EINVAL);
	assert_int_equal(fpr_fence_result(own, 1, &result), -EINVAL);
	assert_int_equal(fpr_fence_result(own, SIZE_MAX, &result), -EINVAL);
	fpr_queue_destroy(NULL);
	fpr_fence_destroy(NULL);
	fpr_fence_destroy(own);
	fpr_fence_destroy(foreign);
	fpr_queue_destroy(other_queue);
}

/* C of 4 x 4 fp32 (64 bytes) against A or B of 4 x 4 (32 bytes) in one buffer. */
static void c_may_not_overlap_a_or_b(void **state)
{
	static const struct {
		uint64_t c, operand;
		int allowed;
	} table[] = {
		{0, 64, 1},   {0, 62, 0},  {0, 0, 0},	 {0, 32, 0},   {64, 32, 1},
		{64, 34, 0},  {32, 0, 1},  {28, 0, 0},	 {64, 100, 0}, {64, 126, 0},
		{64, 128, 1}, {64, 64, 0}, {100, 68, 1}, {100, 70, 0},
	};

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(table) / sizeof(table[0]); i++) {
		struct fpr_gemm_job job = good_job();
		struct fpr_fence *fence = NULL;

		job.gemm.m = job.gemm.n = job.gemm.k = 4;
		job.c_offset = table[i / 2].c;
		if (i % 2) {
			job.a = world.c.buffer;
			job.a_offset = table[i / 2].operand;
		} else {
			job.b = world.c.buffer;
			job.b_offset = table[i / 2].operand;
		}
		if (!table[i / 2].allowed) {
			if (!refused(&job))
				fail_msg("not refused: row %zu", i / 2);
			continue;
		}
		assert_int_equal(fpr_gemm_submit(world.queue, &job, 1, NULL, 0, &fence), 0);
		assert_int_equal(fpr_fence_wait(fence, FPR_WAIT_FOREVER), 0);
		fpr_fence_destroy(fence);
	}
}

/* Gaps do not help: from first to last byte is what counts, over the whole batch. */
static void overlap_is_judged_by_the_whole_extent(void **state)
{
	struct fpr_gemm_job job = good_job();

	(void)state;
	job.gemm.m = 2;
	job.gemm.n = 2;
	job.gemm.k = 2;
	job.gemm.ldc = 16;
	job.a = world.c.buffer;
	job.a_offset = 32;
	assert_true(refused(&job));
	job.gemm.ldc = 0;
	assert_int_equal(fpr_gemm_submit(world.queue, &job, 1, NULL, 0, NULL), 0);
	drain();
	job.gemm.batch = 2;
	job.gemm.stride_c = 32;
	assert_true(refused(&job));
	job.a = world.a.buffer;
	job.a_offset = 0;
	assert_int_equal(fpr_gemm_submit(world.queue, &job, 1, NULL, 0, NULL), 0);
	drain();
}

static void a_and_b_may_overlap(void **state)
{
	struct fpr_gemm_job job = good_job();
	struct fpr_fence *fence = NULL;

	(void)state;
	job.b = job.a;
	job.b_offset = 6;
	assert_int_equal(fpr_gemm_submit(world.queue, &job, 1, NULL, 0, &fence), 0);
	assert_int_equal(fpr_fence_wait(fence, FPR_WAIT_FOREVER), 0);
	fpr_fence_destroy(fence);
	/* Nothing read, nothing written: no overlap, whatever the offsets. */
	job = good_job();
	job.a = job.b = job.c;
	job.gemm.k = 0;
	assert_int_equal(fpr_gemm_submit(world.queue, &job, 1, NULL, 0, NULL), 0);
	drain();
}

static int run_group(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(malformed_jobs_touch_nothing),
		cmocka_unit_test(the_limits_themselves_are_allowed),
		cmocka_unit_test(bytes_are_told),
		cmocka_unit_test(calls_are_checked),
		cmocka_unit_test(c_may_not_overlap_a_or_b),
		cmocka_unit_test(overlap_is_judged_by_the_whole_extent),
		cmocka_unit_test(a_and_b_may_overlap),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

int main(void)
{
	return on_each_device(run_group);
}
