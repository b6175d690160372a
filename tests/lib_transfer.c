/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/lib_fixture.h"

/*
 * Transfers between host and board memory, on every device alike. FPR_TEST_BOARD is a
 * command that passes its arguments to the server of a board behind the driver.
 */

static struct memory memory_in(struct fpr_device *device, uint64_t size, uint32_t flags)
{
	struct memory memory = {.size = size};

	assert_int_equal(fpr_buffer_create(device, size, flags, &memory.buffer), 0);
	assert_int_equal(fpr_buffer_map(memory.buffer, &memory.bytes), 0);
	return memory;
}

/* A device with a queue, and both kinds of memory. */
struct bench {
	struct fpr_device *device;
	struct fpr_queue *queue;
	struct memory host, back, board;
};

static struct bench new_bench_of(const char *name, uint64_t size)
{
	struct bench b;

	assert_int_equal(fpr_device_open(name, &b.device), 0);
	b.queue = open_queue(b.device);
	b.host = memory_in(b.device, size, 0);
	b.back = memory_in(b.device, size, 0);
	b.board = memory_in(b.device, size, FPR_BUFFER_BOARD);
	return b;
}

static struct bench new_bench(uint64_t size)
{
	return new_bench_of(device_name(), size);
}

static void drop_bench(struct bench *b)
{
	fpr_buffer_destroy(b->host.buffer);
	fpr_buffer_destroy(b->back.buffer);
	fpr_buffer_destroy(b->board.buffer);
	fpr_queue_destroy(b->queue);
	fpr_device_close(b->device);
}

static struct fpr_transfer_job copy(const struct memory *host, const struct memory *board,
				    enum fpr_direction direction, uint64_t offset, uint64_t bytes)
{
	struct fpr_transfer_job job;

	fpr_transfer_init(&job, direction, host->buffer, board->buffer, bytes);
	assert_int_equal(job.priority, FPR_PRIORITY_DEFAULT);
	job.host_offset = offset;
	job.board_offset = offset;
	return job;
}

static struct fpr_fence *start(struct bench *b, const struct fpr_transfer_job *jobs, size_t n,
			       struct fpr_fence *after)
{
	struct fpr_fence *fence = NULL;

	assert_int_equal(fpr_transfer_submit(b->queue, jobs, n, &after, after ? 1 : 0, &fence), 0);
	assert_non_null(fence);
	return fence;
}

static void finish(struct fpr_fence *fence, int status)
{
	assert_int_equal(fpr_fence_wait(fence, FPR_WAIT_FOREVER), status);
	fpr_fence_destroy(fence);
}

static struct fpr_transfer_result result_of(struct fpr_fence *fence, size_t index)
{
	struct fpr_transfer_result result;

	assert_int_equal(fpr_fence_transfer_result(fence, index, &result), 0);
	return result;
}

/* Any bytes at any place, and nothing beside them. */
static void bytes_go_there_and_back(void **state)
{
	static const uint64_t at[][2] = {
		{0, 1},	       {1, 63},	      {4095, 2},      {4096, 4096},
		{12345, 7777}, {100, 163840}, {163841, 5000}, {0, 1000003},
	};
	struct bench b = new_bench(1000003);
	uint32_t seed = 1;

	(void)state;
	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		const uint64_t from = at[i][0], n = at[i][1];
		struct fpr_transfer_job there = copy(&b.host, &b.board, FPR_TO_BOARD, from, n);
		struct fpr_transfer_job back = copy(&b.back, &b.board, FPR_TO_HOST, from, n);
		struct fpr_fence *first;

		fill_bytes(b.host.bytes, b.host.size, &seed);
		memset(b.board.bytes, 0x11, b.board.size);
		memset(b.back.bytes, 0x22, b.back.size);
		first = start(&b, &there, 1, NULL);
		finish(start(&b, &back, 1, first), 0);
		finish(first, 0);
		for (uint64_t k = 0; k < b.host.size; k++) {
			const int inside = k >= from && k < from + n;
			const uint8_t sent = ((uint8_t *)b.host.bytes)[k];

			if (((uint8_t *)b.board.bytes)[k] != (inside ? sent : 0x11) ||
			    ((uint8_t *)b.back.bytes)[k] != (inside ? sent : 0x22))
				fail_msg("byte %llu", (unsigned long long)k);
		}
	}
	drop_bench(&b);
}

static void add(struct bench *b, uint8_t op, uint64_t bytes)
{
	struct fpr_transfer_job job = copy(&b->host, &b->board, FPR_TO_BOARD, 0, bytes);

	job.op = op;
	finish(start(b, &job, 1, NULL), 0);
}

/* Sums of small integers are exact in either type. */
static void sums_are_made_on_the_board(void **state)
{
	enum { N = 65536 };
	struct bench b = new_bench(4 * N);
	uint32_t *f32 = b.board.bytes;
	uint16_t *bf16 = b.board.bytes;

	(void)state;
	for (int i = 0; i < N; i++) {
		((uint32_t *)b.host.bytes)[i] = f32_of_int(i % 1000);
		f32[i] = f32_of_int(3);
	}
	add(&b, FPR_TRANSFER_ADD_F32, 4 * N);
	add(&b, FPR_TRANSFER_ADD_F32, 4 * N);
	for (int i = 0; i < N; i++)
		assert_int_equal(f32[i], f32_of_int(3 + 2 * (i % 1000)));
	for (int i = 0; i < N; i++)
		((uint16_t *)b.host.bytes)[i] = bf16_of_int(i % 64);
	add(&b, FPR_TRANSFER_ADD_BF16_F32, 2 * N);
	for (int i = 0; i < N; i++)
		assert_int_equal(f32[i], f32_of_int(3 + 2 * (i % 1000) + i % 64));
	for (int i = 0; i < N; i++)
		bf16[i] = bf16_of_int(1);
	add(&b, FPR_TRANSFER_ADD_BF16, 2 * N);
	for (int i = 0; i < N; i++)
		assert_int_equal(bf16[i], bf16_of_int(1 + i % 64));
	drop_bench(&b);
}

static void wrong_transfers_are_refused(void **state)
{
	struct bench b = new_bench(8192), other = new_bench(8192);
	const struct fpr_transfer_job good = copy(&b.host, &b.board, FPR_TO_BOARD, 0, 8192);
	struct fpr_transfer_job wrong[24];
	struct fpr_fence *fence = (struct fpr_fence *)&fence, *none = NULL;
	size_t n = 0;

	(void)state;
#define WRONG(field, value) (wrong[n] = good, wrong[n].field = (value), n++)
	WRONG(host, NULL);
	WRONG(board, NULL);
	WRONG(host, b.board.buffer);
	WRONG(board, b.host.buffer);
	WRONG(host, other.host.buffer);
	WRONG(board, other.board.buffer);
	WRONG(bytes, 0);
	WRONG(bytes, 8193);
	WRONG(bytes, UINT64_MAX);
	WRONG(host_offset, 1);
	WRONG(board_offset, 1);
	WRONG(host_offset, UINT64_MAX - 8191);
	WRONG(board_offset, UINT64_MAX - 8191);
	WRONG(op, 4);
	WRONG(op, FPR_TRANSFER_ADD_BF16_F32); /* reaches beyond the board's buffer */
	WRONG(direction, 2);
	WRONG(flags, 1);
	WRONG(reserved[0], 1);
	WRONG(reserved[3], 1);
	WRONG(op, FPR_TRANSFER_ADD_F32), wrong[n - 1].direction = FPR_TO_HOST;
	WRONG(op, FPR_TRANSFER_ADD_F32), wrong[n - 1].bytes = 4;
	WRONG(op, FPR_TRANSFER_ADD_BF16), wrong[n - 1].host_offset = 32, wrong[n - 1].bytes = 64;
	WRONG(op, FPR_TRANSFER_ADD_BF16), wrong[n - 1].board_offset = 32, wrong[n - 1].bytes = 64;
#undef WRONG
	for (size_t i = 0; i < n; i++) {
		const struct fpr_transfer_job two[2] = {good, wrong[i]};

		if (fpr_transfer_submit(b.queue, two, 2, NULL, 0, &fence) != -EINVAL)
			fail_msg("transfer %zu", i);
	}
	assert_int_equal(fpr_transfer_submit(NULL, &good, 1, NULL, 0, &fence), -EINVAL);
	assert_int_equal(fpr_transfer_submit(b.queue, NULL, 1, NULL, 0, &fence), -EINVAL);
	assert_int_equal(fpr_transfer_submit(b.queue, &good, 0, NULL, 0, &fence), -EINVAL);
	assert_int_equal(fpr_transfer_submit(b.queue, &good, 1, NULL, 1, &fence), -EINVAL);
	assert_int_equal(fpr_transfer_submit(b.queue, &good, 1, &none, 1, &fence), -EINVAL);
	assert_ptr_equal(fence, &fence);
	drop_bench(&b);
	drop_bench(&other);
}

static void results_are_of_their_kind(void **state)
{
	struct bench b = new_bench(8192);
	struct square square = new_square(b.device, 8, 1);
	struct fpr_transfer_job job = copy(&b.host, &b.board, FPR_TO_BOARD, 0, 8192);
	struct fpr_fence *moved = start(&b, &job, 1, NULL), *computed;
	struct fpr_transfer_result transfer;
	struct fpr_gemm_result product;

	(void)state;
	assert_int_equal(fpr_gemm_submit(b.queue, &square.job, 1, &moved, 1, &computed), 0);
	assert_int_equal(fpr_fence_wait(computed, FPR_WAIT_FOREVER), 0);
	assert_int_equal(fpr_fence_result(moved, 0, &product), -EINVAL);
	assert_int_equal(fpr_fence_transfer_result(computed, 0, &transfer), -EINVAL);
	assert_int_equal(fpr_fence_transfer_result(moved, 1, &transfer), -EINVAL);
	assert_int_equal(fpr_fence_transfer_result(moved, 0, NULL), -EINVAL);
	assert_int_equal(fpr_fence_transfer_result(NULL, 0, &transfer), -EINVAL);
	memset(&transfer, 0xff, sizeof(transfer));
	transfer = result_of(moved, 0);
	assert_int_equal(transfer.status, 0);
	assert_true(transfer.queued_ns && transfer.queued_ns <= transfer.started_ns);
	assert_true(transfer.started_ns <= transfer.ended_ns && transfer.board_ns);
	assert_true(!transfer.reserved0 && !transfer.reserved[0] && !transfer.reserved[2]);
	fpr_fence_destroy(moved);
	fpr_fence_destroy(computed);
	drop_square(&square);
	drop_bench(&b);
}

/*
 * What arrives together is served by (priority, arrival) in each direction. No more than
 * the board takes up between two slices.
 */
static void order_is_priority_then_arrival(void **state)
{
	enum { EACH = 24, N = 2 * EACH, BYTES = 65536 };
	struct bench b = new_bench((uint64_t)N * BYTES);
	uint32_t seed = 5;

	(void)state;
	for (int round = 0; round < 8; round++) {
		struct fpr_transfer_job jobs[N];
		struct fpr_transfer_result results[N];
		struct fpr_fence *fence;

		for (int i = 0; i < N; i++) {
			jobs[i] = copy(&b.host, &b.board, i % 2 ? FPR_TO_HOST : FPR_TO_BOARD,
				       (uint64_t)i * BYTES, BYTES);
			jobs[i].priority = (uint16_t)(noise(&seed) % 6 * 13107);
		}
		fence = start(&b, jobs, N, NULL);
		assert_int_equal(fpr_fence_wait(fence, FPR_WAIT_FOREVER), 0);
		for (int i = 0; i < N; i++)
			results[i] = result_of(fence, (size_t)i);
		for (int i = 0; i < N; i++) {
			for (int j = i + 2; j < N; j += 2) {
				const int first = jobs[i].priority <= jobs[j].priority;

				if (first != (results[i].board_ns < results[j].board_ns))
					fail_msg("round %d: %d (%u) and %d (%u)", round, i,
						 jobs[i].priority, j, jobs[j].priority);
			}
		}
		fpr_fence_destroy(fence);
	}
	drop_bench(&b);
}

static struct fpr_class_counters class_of(struct fpr_device *device, uint16_t priority)
{
	struct fpr_class_counters counters;

	assert_int_equal(fpr_counters_class(device, priority / 4096, &counters), 0);
	return counters;
}

/*
 * Sent when the bulk has begun and ended sooner, in either direction. The bulk may be over
 * too soon: try again.
 */
static void an_urgent_transfer_overtakes(enum fpr_direction direction)
{
	enum { ATTEMPTS = 1000 };
	struct bench b = new_bench(32 << 20);
	struct fpr_transfer_job bulk = copy(&b.host, &b.board, direction, 0, (32 << 20) - 4096);
	struct fpr_transfer_job urgent =
		copy(&b.back, &b.board, direction, (32 << 20) - 4096, 4096);
	int seen = 0;

	bulk.priority = 40000;
	urgent.priority = 7;
	for (int i = 0; i < ATTEMPTS && !seen; i++) {
		const struct fpr_class_counters before = class_of(b.device, 40000);
		struct fpr_fence *slow = start(&b, &bulk, 1, NULL), *quick;
		uint64_t now;

		while (class_of(b.device, 40000).slices == before.slices)
			sched_yield();
		quick = start(&b, &urgent, 1, NULL);
		assert_int_equal(fpr_fence_wait(quick, FPR_WAIT_FOREVER), 0);
		assert_int_equal(fpr_fence_wait(slow, FPR_WAIT_FOREVER), 0);
		now = class_of(b.device, 40000).preemptions - before.preemptions;
		assert_true(now <= 1);
		seen = result_of(quick, 0).board_ns < result_of(slow, 0).board_ns;
		assert_int_equal(seen, now);
		fpr_fence_destroy(slow);
		fpr_fence_destroy(quick);
	}
	assert_true(seen);
	drop_bench(&b);
}

static void an_urgent_transfer_overtakes_to_the_board(void **state)
{
	(void)state;
	an_urgent_transfer_overtakes(FPR_TO_BOARD);
}

static void an_urgent_transfer_overtakes_to_the_host(void **state)
{
	(void)state;
	an_urgent_transfer_overtakes(FPR_TO_HOST);
}

/*
 * Operands move in, the board multiplies in its own memory, C moves out; each step knows of
 * the others by fences alone. With `auto` the library itself waits between them.
 */
static void chain(struct bench *b, struct square *square, enum fpr_serial serial)
{
	struct memory a = memory_in(b->device, square->a.size, FPR_BUFFER_BOARD);
	struct memory c = memory_in(b->device, square->c.size, FPR_BUFFER_BOARD);
	const struct fpr_transfer_job in[2] = {
		copy(&square->a, &a, FPR_TO_BOARD, 0, square->a.size),
		copy(&square->c, &c, FPR_TO_BOARD, 0, square->c.size),
	};
	const struct fpr_transfer_job out = copy(&square->c, &c, FPR_TO_HOST, 0, square->c.size);
	struct fpr_gemm_job job = square->job;
	struct fpr_fence *there, *done, *back;
	struct fpr_gemm_result result;

	job.a = a.buffer;
	job.c = c.buffer;
	job.gemm.serial = (uint8_t)serial;
	there = start(b, in, 2, NULL);
	assert_int_equal(fpr_gemm_submit(b->queue, &job, 1, &there, 1, &done), 0);
	back = start(b, &out, 1, done);
	assert_int_equal(fpr_fence_wait(back, FPR_WAIT_FOREVER), 0);
	assert_int_equal(fpr_fence_wait(done, 0), 0);
	assert_int_equal(fpr_fence_wait(there, 0), 0);
	assert_int_equal(fpr_fence_result(done, 0, &result), 0);
	square->job.gemm.serial = (uint8_t)result.serial;
	assert_square(square);
	fpr_fence_destroy(there);
	fpr_fence_destroy(done);
	fpr_fence_destroy(back);
	fpr_buffer_destroy(a.buffer);
	fpr_buffer_destroy(c.buffer);
}

static void fences_join_products_and_transfers(void **state)
{
	struct bench b = new_bench(4096);

	(void)state;
	for (uint32_t i = 0; i < 6; i++) {
		struct square square = new_square(b.device, 48, i + 1);

		chain(&b, &square, FPR_SERIAL_A);
		chain(&b, &square, FPR_SERIAL_AUTO);
		drop_square(&square);
	}
	drop_bench(&b);
}

static void tell_the_board(const char *command)
{
	char line[512];

	snprintf(line, sizeof(line), "%s %s >/dev/null", getenv("FPR_TEST_BOARD"), command);
	assert_int_equal(system(line), 0);
}

/*
 * The second transfer to start fails. It cancels a product and a transfer that wait for
 * its fence, and what waits for those, but neither others of its call nor what waits for nothing.
 */
static void failure_cancels_what_waits_for_it(void **state)
{
	char name[FPR_NAME_MAX];
	struct bench b = new_bench_of(
		device_is_local() ? device_with("fail=2", name) : device_name(), 12288);
	struct square square = new_square(b.device, 9, 1);
	struct fpr_transfer_job jobs[3], job = copy(&b.back, &b.board, FPR_TO_HOST, 0, 12288);
	struct fpr_fence *failed, *product, *second, *third, *later;
	struct fpr_queue_counters used;
	struct fpr_gemm_result result;
	uint8_t before[4 * 9 * 9];

	(void)state;
	if (!device_is_local())
		tell_the_board("error xfer 2");
	for (int i = 0; i < 3; i++) {
		jobs[i] = copy(&b.host, &b.board, FPR_TO_BOARD, 4096 * (uint64_t)i, 4096);
		jobs[i].priority = (uint16_t)(10 * i);
	}
	memset(b.host.bytes, 0x5a, b.host.size);
	memcpy(before, square.c.bytes, sizeof(before));
	failed = start(&b, jobs, 3, NULL);
	assert_int_equal(fpr_gemm_submit(b.queue, &square.job, 1, &failed, 1, &product), 0);
	second = start(&b, &job, 1, failed);
	third = start(&b, &job, 1, product);
	assert_int_equal(fpr_fence_wait(failed, FPR_WAIT_FOREVER), -EIO);
	later = start(&b, &job, 1, NULL);
	finish(start(&b, &job, 1, failed), -ECANCELED);
	assert_int_equal(result_of(failed, 0).status, 0);
	assert_int_equal(result_of(failed, 1).status, -EIO);
	assert_int_equal(result_of(failed, 2).status, 0);
	assert_int_equal(fpr_fence_wait(third, FPR_WAIT_FOREVER), -ECANCELED);
	assert_int_equal(fpr_fence_result(product, 0, &result), 0);
	assert_int_equal(result.status, -ECANCELED);
	assert_memory_equal(before, square.c.bytes, sizeof(before));
	finish(second, -ECANCELED);
	finish(later, 0);
	assert_int_equal(((uint8_t *)b.back.bytes)[0], 0x5a);
	assert_int_equal(((uint8_t *)b.back.bytes)[4096], 0);
	assert_int_equal(((uint8_t *)b.back.bytes)[12287], 0x5a);
	assert_int_equal(fpr_counters_queue(b.queue, &used), 0);
	assert_true(used.failed >= 1 && used.h2c_bytes == 8192);
	fpr_fence_destroy(failed);
	fpr_fence_destroy(product);
	fpr_fence_destroy(third);
	drop_square(&square);
	drop_bench(&b);
}

/* More than one call of the kernel, and the board's table, take: nothing is lost or mixed up. */
static void many_transfers_all_arrive(void **state)
{
	enum { N = 700, BYTES = 1536 };
	struct bench b = new_bench((uint64_t)N * BYTES);
	struct fpr_transfer_job *there = calloc(N, sizeof(*there)),
				*back = calloc(N, sizeof(*back));
	struct fpr_fence *first, *second;
	uint32_t seed = 9;

	(void)state;
	assert_true(there && back);
	fill_bytes(b.host.bytes, b.host.size, &seed);
	for (uint64_t i = 0; i < N; i++) {
		there[i] = copy(&b.host, &b.board, FPR_TO_BOARD, i * BYTES, BYTES);
		back[i] = copy(&b.back, &b.board, FPR_TO_HOST, (N - 1 - i) * BYTES, BYTES);
		there[i].priority = (uint16_t)noise(&seed);
		back[i].priority = (uint16_t)noise(&seed);
	}
	first = start(&b, there, N, NULL);
	second = start(&b, back, N, first);
	free(there);
	free(back);
	assert_int_equal(fpr_fence_wait(second, FPR_WAIT_FOREVER), 0);
	assert_memory_equal(b.host.bytes, b.back.bytes, b.host.size);
	for (size_t i = 0; i < N; i++)
		assert_int_equal(result_of(second, i).status, 0);
	fpr_fence_destroy(first);
	fpr_fence_destroy(second);
	drop_bench(&b);
}

static void add_up(struct fpr_device *device, struct fpr_class_counters sum[16])
{
	for (uint32_t i = 0; i < FPR_COUNTER_CLASSES; i++)
		assert_int_equal(fpr_counters_class(device, i, &sum[i]), 0);
}

/* What is counted is what was moved: by class, by engine, by queue. */
static void everything_is_counted(void **state)
{
	enum { N = 6 };
	static const uint16_t priorities[N] = {0, 4095, 4096, 30000, 65535, 65535};
	struct bench b = new_bench(2 << 20);
	struct fpr_queue *other = open_queue(b.device);
	struct fpr_class_counters before[16], after[16];
	struct fpr_engine_counters was, is, array;
	struct fpr_queue_counters used, idle;
	struct fpr_transfer_job jobs[N];
	uint64_t bytes[16][2] = {{0}}, slices[16] = {0}, sum[2] = {0};
	struct fpr_device_info info;

	(void)state;
	assert_int_equal(fpr_device_get_info(b.device, &info), 0);
	assert_true(info.slice_bytes >= 4096 && info.transfer_entries >= 64);
	add_up(b.device, before);
	assert_int_equal(fpr_counters_engine(b.device, FPR_COUNTERS_TRANSFER, &was), 0);
	for (size_t i = 0; i < N; i++) {
		const uint64_t n = 1000 + 200000 * i;

		/* The directions run side by side: they may not meet. */
		jobs[i] = copy(&b.host, &b.board, i % 2 ? FPR_TO_HOST : FPR_TO_BOARD,
			       i % 2 ? 1 << 20 : 0, n);
		jobs[i].priority = priorities[i];
		bytes[priorities[i] / 4096][i % 2] += n;
		sum[i % 2] += n;
		slices[priorities[i] / 4096] += (n + info.slice_bytes - 1) / info.slice_bytes;
	}
	finish(start(&b, jobs, N, NULL), 0);
	add_up(b.device, after);
	for (size_t i = 0; i < 16; i++) {
		assert_int_equal(after[i].h2c_bytes - before[i].h2c_bytes, bytes[i][0]);
		assert_int_equal(after[i].c2h_bytes - before[i].c2h_bytes, bytes[i][1]);
		assert_int_equal(after[i].slices - before[i].slices, slices[i]);
		assert_int_equal(after[i].preemptions, before[i].preemptions);
	}
	assert_int_equal(fpr_counters_engine(b.device, FPR_COUNTERS_TRANSFER, &is), 0);
	assert_int_equal(is.jobs - was.jobs, N);
	assert_int_equal(is.completions - was.completions, N);
	assert_int_equal(is.progress - was.progress, sum[0] + sum[1]);
	assert_true(is.busy_ns > was.busy_ns && is.idle_ns >= was.idle_ns);
	assert_int_equal(is.doorbells - was.doorbells, device_is_local() ? 0 : 1);
	assert_true(is.interrupts - was.interrupts <= N);
	assert_int_equal(fpr_counters_queue(b.queue, &used), 0);
	assert_int_equal(fpr_counters_queue(other, &idle), 0);
	assert_int_equal(used.transfers, N);
	assert_int_equal(used.h2c_bytes, sum[0]);
	assert_int_equal(used.c2h_bytes, sum[1]);
	assert_int_equal(used.failed + used.jobs + used.cycles, 0);
	assert_int_equal(idle.transfers + idle.h2c_bytes + idle.c2h_bytes, 0);
	assert_int_equal(fpr_counters_engine(b.device, FPR_COUNTERS_MAC, &array), 0);
	assert_int_equal(fpr_counters_engine(b.device, (enum fpr_counters)2, &is), -EINVAL);
	assert_int_equal(fpr_counters_engine(NULL, FPR_COUNTERS_MAC, &is), -EINVAL);
	assert_int_equal(fpr_counters_engine(b.device, FPR_COUNTERS_MAC, NULL), -EINVAL);
	assert_int_equal(fpr_counters_class(b.device, 16, &after[0]), -EINVAL);
	assert_int_equal(fpr_counters_class(b.device, 0, NULL), -EINVAL);
	assert_int_equal(fpr_counters_queue(NULL, &used), -EINVAL);
	fpr_queue_destroy(other);
	drop_bench(&b);
}

static void products_are_counted(void **state)
{
	struct bench b = new_bench(4096);
	struct square square = new_square(b.device, 24, 2);
	struct fpr_engine_counters was, is;
	struct fpr_queue_counters used;
	struct fpr_gemm_result result;
	struct fpr_fence *fence;

	(void)state;
	assert_int_equal(fpr_counters_engine(b.device, FPR_COUNTERS_MAC, &was), 0);
	assert_int_equal(fpr_gemm_submit(b.queue, &square.job, 1, NULL, 0, &fence), 0);
	assert_int_equal(fpr_fence_wait(fence, FPR_WAIT_FOREVER), 0);
	assert_int_equal(fpr_fence_result(fence, 0, &result), 0);
	assert_int_equal(fpr_counters_engine(b.device, FPR_COUNTERS_MAC, &is), 0);
	assert_int_equal(is.jobs - was.jobs, 1);
	assert_int_equal(is.progress - was.progress, 9); /* tiles of 8 x 8 */
	assert_int_equal(is.cycles - was.cycles, result.counters.cycles_total);
	assert_int_equal(is.terms_issued - was.terms_issued, result.counters.terms_issued);
	assert_int_equal(fpr_counters_queue(b.queue, &used), 0);
	assert_int_equal(used.jobs, 1);
	assert_int_equal(used.cycles, result.counters.cycles_total);
	assert_true(used.busy_ns > 0 && used.failed == 0);
	fpr_fence_destroy(fence);
	drop_square(&square);
	drop_bench(&b);
}

/* Nobody holds anything any more while bytes still move; they arrive all the same. */
static void work_outlives_its_handles(void **state)
{
	enum { N = 40, BYTES = 100000 };
	struct bench b, watch = new_bench((uint64_t)N * BYTES);

	(void)state;
	for (int round = 0; round < 10; round++) {
		struct square square;
		struct fpr_transfer_job jobs[N];
		struct fpr_fence *fence = NULL, *computed;

		b = new_bench((uint64_t)N * BYTES);
		square = new_square(b.device, 16, 3);
		for (uint64_t i = 0; i < N; i++) {
			jobs[i] = copy(&b.host, &b.board, i % 2 ? FPR_TO_HOST : FPR_TO_BOARD,
				       i * BYTES, BYTES);
			jobs[i].priority = (uint16_t)(N - i);
		}
		fence = start(&b, jobs, N, NULL);
		assert_int_equal(fpr_gemm_submit(b.queue, &square.job, 1, &fence, 1, &computed), 0);
		assert_int_equal(fpr_transfer_submit(b.queue, jobs, N, &computed, 1, NULL), 0);
		if (round % 2)
			fpr_fence_wait(fence, FPR_WAIT_FOREVER);
		fpr_fence_destroy(fence);
		fpr_fence_destroy(computed);
		drop_square(&square);
		drop_bench(&b);
	}
	drop_bench(&watch);
}

/* Calls that wait for each other's failures across queues, with every handle gone. */
static void cancelled_work_goes_with_its_handles(void **state)
{
	char name[FPR_NAME_MAX];

	(void)state;
	if (!device_is_local())
		skip();
	for (int round = 0; round < 20; round++) {
		struct bench b = new_bench_of(device_with("fail=1", name), 65536);
		struct fpr_queue *other = open_queue(b.device);
		struct square square = new_square(b.device, 32, 4);
		struct fpr_transfer_job job = copy(&b.host, &b.board, FPR_TO_BOARD, 0, 65536);
		struct fpr_fence *one, *two;

		assert_int_equal(fpr_gemm_submit(b.queue, &square.job, 1, NULL, 0, &one), 0);
		assert_int_equal(fpr_gemm_submit(other, &square.job, 1, &one, 1, &two), 0);
		assert_int_equal(fpr_transfer_submit(other, &job, 1, &one, 1, NULL), 0);
		assert_int_equal(fpr_transfer_submit(b.queue, &job, 1, &two, 1, NULL), 0);
		fpr_fence_destroy(one);
		fpr_fence_destroy(two);
		fpr_queue_destroy(other);
		drop_square(&square);
		drop_bench(&b);
	}
}

static int run_group(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_go_there_and_back),
		cmocka_unit_test(sums_are_made_on_the_board),
		cmocka_unit_test(wrong_transfers_are_refused),
		cmocka_unit_test(results_are_of_their_kind),
		cmocka_unit_test(order_is_priority_then_arrival),
		cmocka_unit_test(an_urgent_transfer_overtakes_to_the_board),
		cmocka_unit_test(an_urgent_transfer_overtakes_to_the_host),
		cmocka_unit_test(fences_join_products_and_transfers),
		cmocka_unit_test(failure_cancels_what_waits_for_it),
		cmocka_unit_test(many_transfers_all_arrive),
		cmocka_unit_test(everything_is_counted),
		cmocka_unit_test(products_are_counted),
		cmocka_unit_test(work_outlives_its_handles),
		cmocka_unit_test(cancelled_work_goes_with_its_handles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
	return on_each_device(run_group);
}
