/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/cl_fixture.h"

/* Commands on buffers, each against the same thing done in plain C. */

#define SIZE 65536

static const cl_mem_flags places[] = {0, CL_MEM_ALLOC_HOST_PTR, CL_MEM_USE_HOST_PTR};

struct pair {
	cl_mem mem;
	unsigned char *model, *host;
};

/* A buffer with noise in it, and a model of what it holds. */
static struct pair new_pair(const struct cl_world *world, unsigned int place, unsigned int seed)
{
	struct pair pair = {NULL, malloc(SIZE), malloc(SIZE)};
	const cl_mem_flags copy = places[place] == CL_MEM_USE_HOST_PTR ? 0 : CL_MEM_COPY_HOST_PTR;

	cl_noise(pair.model, SIZE, seed, 0);
	memcpy(pair.host, pair.model, SIZE);
	pair.mem = new_buffer(world, places[place] | copy, SIZE, pair.host);
	return pair;
}

static void check_pair(const struct cl_world *world, const struct pair *pair)
{
	unsigned char *back = malloc(SIZE);

	assert_success(clEnqueueReadBuffer(world->queue, pair->mem, CL_TRUE, 0, SIZE, back, 0, NULL,
					   NULL));
	assert_memory_equal(back, pair->model, SIZE);
	free(back);
}

static void drop_pair(struct pair *pair)
{
	assert_success(clReleaseMemObject(pair->mem));
	free(pair->model);
	free(pair->host);
}

static uint32_t state_of_noise;

static size_t below(size_t n)
{
	state_of_noise = state_of_noise * 1664525u + 1013904223u;
	return (size_t)(state_of_noise >> 8) % n;
}

/* ---- ranges ---------------------------------------------------------------------- */

static void a_range(const struct cl_world *world, struct pair *x, struct pair *y)
{
	static unsigned char bytes[SIZE];
	const size_t length = 1 + below(below(3) ? SIZE / 2 : 100);
	const size_t from = below(SIZE - length + 1), to = below(SIZE - length + 1);
	const size_t step = (size_t)1 << below(8), pieces = length / step;

	switch (below(4)) {
	case 0:
		cl_noise(bytes, SIZE, (unsigned int)from, 0);
		assert_success(clEnqueueWriteBuffer(world->queue, x->mem, CL_TRUE, to, length,
						    bytes, 0, NULL, NULL));
		memcpy(x->model + to, bytes, length);
		break;
	case 1:
		assert_success(clEnqueueReadBuffer(world->queue, x->mem, CL_TRUE, from, length,
						   bytes, 0, NULL, NULL));
		assert_memory_equal(bytes, x->model + from, length);
		break;
	case 2:
		assert_success(clEnqueueCopyBuffer(world->queue, x->mem, y->mem, from, to, length,
						   0, NULL, NULL));
		memcpy(y->model + to, x->model + from, length);
		break;
	default:
		if (!pieces)
			break;
		cl_noise(bytes, 128, (unsigned int)to, 0);
		assert_success(
			clEnqueueFillBuffer(world->queue, x->mem, bytes, step, to / step * step,
					    (pieces > 1 ? pieces - 1 : 1) * step, 0, NULL, NULL));
		for (size_t i = 0; i < (pieces > 1 ? pieces - 1 : 1); i++)
			memcpy(x->model + to / step * step + i * step, bytes, step);
	}
}

static void ranges(void **state)
{
	const struct cl_world *world = *state;

	for (unsigned int i = 0; i < 9; i++) {
		struct pair x = new_pair(world, i % 3, 1), y = new_pair(world, i / 3, 2);

		for (unsigned int j = 0; j < 60; j++)
			a_range(world, &x, &y);
		check_pair(world, &x);
		check_pair(world, &y);
		drop_pair(&x);
		drop_pair(&y);
	}
}

/* Large enough to go in several pieces where the board moves it. */
static void large_ranges(void **state)
{
	const struct cl_world *world = *state;
	const size_t size = (3u << 20) + 12345;
	unsigned char *bytes = malloc(size), *back = calloc(1, size);
	cl_mem x = new_buffer(world, 0, size, NULL), y = new_buffer(world, 0, size, NULL);

	cl_noise(bytes, size, 5, 0);
	assert_success(
		clEnqueueWriteBuffer(world->queue, x, CL_FALSE, 0, size, bytes, 0, NULL, NULL));
	assert_success(clEnqueueCopyBuffer(world->queue, x, y, 77, 0, size - 77, 0, NULL, NULL));
	assert_success(
		clEnqueueReadBuffer(world->queue, y, CL_TRUE, 0, size - 77, back, 0, NULL, NULL));
	assert_memory_equal(back, bytes + 77, size - 77);
	assert_success(clReleaseMemObject(x));
	assert_success(clReleaseMemObject(y));
	free(bytes);
	free(back);
}

/* ---- boxes ------------------------------------------------------------------------ */

struct shape {
	size_t origin[3], row, slice;
};

/* Somewhere inside the buffer; the pitches may be left to the driver. */
static struct shape random_shape(const size_t *region, int *packed)
{
	struct shape shape;
	size_t row, slice;

	*packed = below(4) == 0;
	row = *packed ? region[0] : region[0] + below(20);
	slice = row * (*packed ? region[1] : region[1] + below(4));
	shape = (struct shape){{below(row - region[0] + 1), below(3), below(3)}, row, slice};
	return shape;
}

static unsigned char *at(unsigned char *bytes, const struct shape *shape, size_t y, size_t z)
{
	return bytes + (shape->origin[2] + z) * shape->slice + (shape->origin[1] + y) * shape->row +
	       shape->origin[0];
}

static void move_model(unsigned char *to, const struct shape *to_shape, unsigned char *from,
		       const struct shape *from_shape, const size_t *region)
{
	for (size_t z = 0; z < region[2]; z++)
		for (size_t y = 0; y < region[1]; y++)
			memcpy(at(to, to_shape, y, z), at(from, from_shape, y, z), region[0]);
}

static void a_box(const struct cl_world *world, struct pair *x, struct pair *y)
{
	const size_t region[3] = {1 + below(64), 1 + below(12), 1 + below(8)};
	int packed_a, packed_b;
	const struct shape a = random_shape(region, &packed_a), b = random_shape(region, &packed_b);
	const size_t a_row = packed_a ? 0 : a.row, b_row = packed_b ? 0 : b.row;
	const size_t a_slice = packed_a ? 0 : a.slice, b_slice = packed_b ? 0 : b.slice;
	static unsigned char bytes[SIZE], back[SIZE];

	switch (below(3)) {
	case 0:
		cl_noise(bytes, SIZE, (unsigned int)region[0], 0);
		assert_success(clEnqueueWriteBufferRect(world->queue, x->mem, CL_TRUE, a.origin,
							b.origin, region, a_row, a_slice, b_row,
							b_slice, bytes, 0, NULL, NULL));
		move_model(x->model, &a, bytes, &b, region);
		break;
	case 1:
		memset(bytes, 0x11, SIZE);
		memset(back, 0x11, SIZE);
		assert_success(clEnqueueReadBufferRect(world->queue, x->mem, CL_TRUE, a.origin,
						       b.origin, region, a_row, a_slice, b_row,
						       b_slice, back, 0, NULL, NULL));
		move_model(bytes, &b, x->model, &a, region);
		assert_memory_equal(bytes, back, SIZE);
		break;
	default:
		assert_success(clEnqueueCopyBufferRect(world->queue, x->mem, y->mem, a.origin,
						       b.origin, region, a_row, a_slice, b_row,
						       b_slice, 0, NULL, NULL));
		move_model(y->model, &b, x->model, &a, region);
	}
}

static void boxes(void **state)
{
	const struct cl_world *world = *state;

	for (unsigned int i = 0; i < 9; i++) {
		struct pair x = new_pair(world, i % 3, 3), y = new_pair(world, i / 3, 4);

		for (unsigned int j = 0; j < 60; j++)
			a_box(world, &x, &y);
		check_pair(world, &x);
		check_pair(world, &y);
		drop_pair(&x);
		drop_pair(&y);
	}
}

/*
 * Two boxes of one buffer meet or not: counted byte by byte. What the specification's rule
 * takes for an overlap may be more, never less.
 */
static void overlapping_boxes(void **state)
{
	const struct cl_world *world = *state;
	enum { ROW = 16, SLICE = 8 * ROW, BYTES = 8 * SLICE };
	cl_mem mem = new_buffer(world, 0, BYTES, NULL);
	unsigned int refused = 0, taken = 0;

	for (unsigned int i = 0; i < 3000; i++) {
		const size_t region[3] = {1 + below(8), 1 + below(4), 1 + below(3)};
		const size_t a[3] = {below(8), below(4), below(5)},
			     b[3] = {below(8), below(4), below(5)};
		unsigned char map[BYTES] = {0};
		int meet = 0;
		cl_int code;

		for (size_t z = 0; z < region[2]; z++)
			for (size_t y = 0; y < region[1]; y++)
				memset(map + (a[2] + z) * SLICE + (a[1] + y) * ROW + a[0], 1,
				       region[0]);
		for (size_t z = 0; z < region[2]; z++)
			for (size_t y = 0; y < region[1]; y++)
				for (size_t x = 0; x < region[0]; x++)
					meet |= map[(b[2] + z) * SLICE + (b[1] + y) * ROW + b[0] +
						    x];
		code = clEnqueueCopyBufferRect(world->queue, mem, mem, a, b, region, ROW, SLICE,
					       ROW, SLICE, 0, NULL, NULL);
		if (meet)
			assert_int_equal(code, CL_MEM_COPY_OVERLAP);
		else
			assert_true(code == CL_SUCCESS || code == CL_MEM_COPY_OVERLAP);
		refused += code != 0 && !meet;
		taken += code == 0;
	}
	/* Here the rule is exact but for boxes that meet nowhere by both gaps at once. */
	assert_true(taken > 1000 && refused < taken / 4);
	assert_success(clFinish(world->queue));
	assert_success(clReleaseMemObject(mem));
}

/* ---- mappings ---------------------------------------------------------------------- */

static void a_mapping(const struct cl_world *world, struct pair *x, cl_map_flags flags)
{
	const size_t length = 1 + below(SIZE / 2), offset = below(SIZE - length + 1);
	unsigned char *bytes;
	cl_int error;

	bytes = clEnqueueMapBuffer(world->queue, x->mem, CL_TRUE, flags, offset, length, 0, NULL,
				   NULL, &error);
	assert_success(error);
	if (flags != CL_MAP_WRITE_INVALIDATE_REGION)
		assert_memory_equal(bytes, x->model + offset, length);
	if (flags != CL_MAP_READ) {
		cl_noise(bytes, length & ~(size_t)1, (unsigned int)offset, 0);
		if (length % 2)
			bytes[length - 1] = 7;
		memcpy(x->model + offset, bytes, length);
	}
	assert_success(clEnqueueUnmapMemObject(world->queue, x->mem, bytes, 0, NULL, NULL));
}

static void mappings(void **state)
{
	static const cl_map_flags flags[] = {CL_MAP_READ, CL_MAP_WRITE, CL_MAP_READ | CL_MAP_WRITE,
					     CL_MAP_WRITE_INVALIDATE_REGION};
	const struct cl_world *world = *state;

	for (unsigned int i = 0; i < 3; i++) {
		struct pair x = new_pair(world, i, 6);

		for (unsigned int j = 0; j < 40; j++)
			a_mapping(world, &x, flags[j % 4]);
		check_pair(world, &x);
		drop_pair(&x);
	}
}

/* The application's own memory is what it sees when mapped; other memory lies at one place. */
static void mapped_addresses(void **state)
{
	const struct cl_world *world = *state;
	const cl_buffer_region region = {1024, 512};

	for (unsigned int i = 0; i < 3; i++) {
		struct pair x = new_pair(world, i, 7);
		unsigned char *whole, *part_bytes;
		cl_uint count = 0;
		cl_mem part;
		cl_int error;

		part = clCreateSubBuffer(x.mem, 0, CL_BUFFER_CREATE_TYPE_REGION, &region, &error);
		assert_success(error);
		whole = clEnqueueMapBuffer(world->queue, x.mem, CL_TRUE, CL_MAP_READ, 0, SIZE, 0,
					   NULL, NULL, &error);
		part_bytes = clEnqueueMapBuffer(world->queue, part, CL_TRUE, CL_MAP_READ, 8, 100, 0,
						NULL, NULL, &error);
		assert_ptr_equal(part_bytes, whole + 1024 + 8);
		if (places[i] == CL_MEM_USE_HOST_PTR)
			assert_ptr_equal(whole, x.host);
		else
			assert_int_equal((uintptr_t)whole % 64, 0);
		/* Twice at one address: each is undone once. */
		assert_ptr_equal(clEnqueueMapBuffer(world->queue, x.mem, CL_TRUE, CL_MAP_WRITE, 0,
						    16, 0, NULL, NULL, &error),
				 whole);
		assert_success(clGetMemObjectInfo(x.mem, CL_MEM_MAP_COUNT, 4, &count, NULL));
		assert_int_equal(count, 2);
		assert_int_equal(
			clEnqueueUnmapMemObject(world->queue, x.mem, part_bytes, 0, NULL, NULL),
			CL_INVALID_VALUE);
		assert_success(clEnqueueUnmapMemObject(world->queue, x.mem, whole, 0, NULL, NULL));
		assert_success(clEnqueueUnmapMemObject(world->queue, x.mem, whole, 0, NULL, NULL));
		assert_int_equal(clEnqueueUnmapMemObject(world->queue, x.mem, whole, 0, NULL, NULL),
				 CL_INVALID_VALUE);
		assert_success(
			clEnqueueUnmapMemObject(world->queue, part, part_bytes, 0, NULL, NULL));
		assert_success(clReleaseMemObject(part));
		assert_success(clFinish(world->queue));
		drop_pair(&x);
	}
}

/* ---- kernels that move --------------------------------------------------------------- */

static void set_move(cl_kernel kernel, cl_mem from, cl_mem to, cl_ulong from_offset,
		     cl_ulong to_offset, cl_ulong bytes)
{
	set_mem(kernel, 0, from);
	set_mem(kernel, 1, to);
	set_ulong(kernel, 2, from_offset);
	set_ulong(kernel, 3, to_offset);
	set_ulong(kernel, 4, bytes);
}

/*
 * What a mapping shows is the memory itself, and no copy: bytes that the board puts there are seen
 * without mapping again. (OpenCL promises no such thing; our manual does.)
 */
static void mappings_are_no_copies(void **state)
{
	static const char *const kernels[] = {"fpr_pull", "fpr_push"}; /* to board, to host */
	const struct cl_world *world = *state;

	for (unsigned int i = 0; i < 2; i++) {
		struct pair to = new_pair(world, i, 10), from = new_pair(world, !i, 11);
		cl_kernel kernel = new_kernel(world, kernels[i]);
		unsigned char *seen;
		cl_int error;

		seen = clEnqueueMapBuffer(world->queue, to.mem, CL_TRUE, CL_MAP_READ, 0, SIZE, 0,
					  NULL, NULL, &error);
		assert_success(error);
		assert_memory_equal(seen, to.model, SIZE);
		assert_memory_not_equal(to.model, from.model, SIZE);
		set_move(kernel, from.mem, to.mem, 0, 0, SIZE);
		assert_success(run_kernel(world->queue, kernel, 0, NULL, NULL));
		assert_success(clFinish(world->queue));
		assert_memory_equal(seen, from.model, SIZE);
		memcpy(to.model, from.model, SIZE);
		assert_success(clEnqueueUnmapMemObject(world->queue, to.mem, seen, 0, NULL, NULL));
		check_pair(world, &to);
		assert_success(clReleaseKernel(kernel));
		drop_pair(&to);
		drop_pair(&from);
	}
}

static void copies_push_and_pull(void **state)
{
	const struct cl_world *world = *state;
	static const char *const names[] = {"fpr_copy", "fpr_push", "fpr_pull"};

	for (unsigned int i = 0; i < 27; i++) {
		struct pair x = new_pair(world, i % 3, 8), y = new_pair(world, i / 3 % 3, 9);
		const int from_board = i % 3 == 0, to_board = i / 3 % 3 == 0;
		const unsigned int which = i / 9;
		const int fits = which == 0 || (which == 1 && from_board && !to_board) ||
				 (which == 2 && !from_board && to_board);
		cl_kernel kernel = new_kernel(world, names[which]);

		set_move(kernel, x.mem, y.mem, 128, 1, 50001);
		set_uint(kernel, 5, i * 1000);
		assert_int_equal(run_kernel(world->queue, kernel, 0, NULL, NULL),
				 fits ? CL_SUCCESS : CL_INVALID_KERNEL_ARGS);
		if (fits)
			memcpy(y.model + 1, x.model + 128, 50001);
		check_pair(world, &x);
		check_pair(world, &y);
		/* Beyond the end, of no length, no priority, onto itself. */
		set_ulong(kernel, 4, SIZE);
		assert_int_equal(run_kernel(world->queue, kernel, 0, NULL, NULL),
				 CL_INVALID_KERNEL_ARGS);
		set_ulong(kernel, 4, 0);
		assert_int_equal(run_kernel(world->queue, kernel, 0, NULL, NULL),
				 CL_INVALID_KERNEL_ARGS);
		set_ulong(kernel, 4, 64);
		set_uint(kernel, 5, 65536);
		assert_int_equal(run_kernel(world->queue, kernel, 0, NULL, NULL),
				 CL_INVALID_KERNEL_ARGS);
		set_uint(kernel, 5, 0);
		set_mem(kernel, 1, x.mem);
		set_ulong(kernel, 3, 129);
		assert_int_equal(run_kernel(world->queue, kernel, 0, NULL, NULL),
				 CL_INVALID_KERNEL_ARGS);
		assert_success(clReleaseKernel(kernel));
		drop_pair(&x);
		drop_pair(&y);
	}
}

static float widen(cl_ushort bf16)
{
	const uint32_t bits = (uint32_t)bf16 << 16;
	float x;

	memcpy(&x, &bits, sizeof(x));
	return x;
}

/* Small integers, whose sums are exact in every type. */
static void accumulates(void **state)
{
	const struct cl_world *world = *state;
	enum { N = 256 };
	cl_mem host = new_buffer(world, CL_MEM_ALLOC_HOST_PTR, 4 * N, NULL);
	cl_mem board = new_buffer(world, 0, 8 * N, NULL);
	cl_kernel kernel = new_kernel(world, "fpr_accumulate");
	float f32[N], sums[N];
	cl_ushort bf16[N], bsums[N];

	for (unsigned int i = 0; i < N; i++) {
		uint32_t bits;

		f32[i] = (float)(i % 64);
		memcpy(&bits, &f32[i], sizeof(bits));
		bf16[i] = (cl_ushort)(bits >> 16);
	}
	set_move(kernel, host, board, 0, 64, sizeof(f32));
	clEnqueueWriteBuffer(world->queue, host, CL_TRUE, 0, sizeof(f32), f32, 0, NULL, NULL);
	for (unsigned int i = 0; i < 3; i++) /* fp32 is the default */
		assert_success(run_kernel(world->queue, kernel, 0, NULL, NULL));
	clEnqueueReadBuffer(world->queue, board, CL_TRUE, 64, sizeof(sums), sums, 0, NULL, NULL);
	for (unsigned int i = 0; i < N; i++)
		assert_true(sums[i] == 3 * f32[i]);
	clEnqueueWriteBuffer(world->queue, host, CL_TRUE, 0, sizeof(bf16), bf16, 0, NULL, NULL);
	set_ulong(kernel, 4, sizeof(bf16));
	set_uint(kernel, 6, FPR_TRANSFER_ADD_BF16_F32);
	assert_success(run_kernel(world->queue, kernel, 0, NULL, NULL));
	clEnqueueReadBuffer(world->queue, board, CL_TRUE, 64, sizeof(sums), sums, 0, NULL, NULL);
	for (unsigned int i = 0; i < N; i++)
		assert_true(sums[i] == 4 * f32[i]);
	clEnqueueWriteBuffer(world->queue, board, CL_TRUE, 64, sizeof(bf16), bf16, 0, NULL, NULL);
	set_uint(kernel, 6, FPR_TRANSFER_ADD_BF16);
	assert_success(run_kernel(world->queue, kernel, 0, NULL, NULL));
	clEnqueueReadBuffer(world->queue, board, CL_TRUE, 64, sizeof(bsums), bsums, 0, NULL, NULL);
	for (unsigned int i = 0; i < N; i++)
		assert_true(widen(bsums[i]) == 2 * f32[i]);
	/* Unaligned, of no type, not to the board. */
	set_ulong(kernel, 3, 32);
	assert_int_equal(run_kernel(world->queue, kernel, 0, NULL, NULL), CL_INVALID_KERNEL_ARGS);
	set_ulong(kernel, 3, 64);
	set_uint(kernel, 6, 0);
	assert_int_equal(run_kernel(world->queue, kernel, 0, NULL, NULL), CL_INVALID_KERNEL_ARGS);
	set_uint(kernel, 6, 4);
	assert_int_equal(run_kernel(world->queue, kernel, 0, NULL, NULL), CL_INVALID_KERNEL_ARGS);
	set_uint(kernel, 6, 1);
	set_mem(kernel, 1, host);
	assert_int_equal(run_kernel(world->queue, kernel, 0, NULL, NULL), CL_INVALID_KERNEL_ARGS);
	assert_success(clReleaseKernel(kernel));
	assert_success(clReleaseMemObject(host));
	assert_success(clReleaseMemObject(board));
}

/* ---- priorities ---------------------------------------------------------------------- */

enum { MOVES = 24, LITTLE = 4096, MOST = 64 << 20, TRIES = 10 };

static cl_ulong time_of(cl_event event, cl_profiling_info which)
{
	cl_ulong time = 0;

	assert_success(clGetEventProfilingInfo(event, which, sizeof(time), &time, NULL));
	return time;
}

/*
 * A long transfer and many short ones after it, all behind one gate. @priority: of the short ones.
 * Return: all but the last of them had been submitted before the long one ended, so that the
 * board had to choose among them; @ends: when each had ended.
 */
static int move_all(const struct cl_world *world, cl_kernel kernel, cl_mem from, cl_mem to,
		    cl_ulong length, const cl_uint *priority, cl_ulong *ends)
{
	cl_command_queue queue = new_queue(world, CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE |
							  CL_QUEUE_PROFILING_ENABLE);
	cl_event gate, hold, events[MOVES];
	cl_int error;
	int in_time;

	gate = clCreateUserEvent(world->context, &error);
	assert_success(error);
	set_move(kernel, from, to, 0, 0, length);
	set_uint(kernel, 5, 0);
	assert_success(run_kernel(queue, kernel, 1, &gate, &hold));
	for (unsigned int i = 0; i < MOVES; i++) {
		set_move(kernel, from, to, i * LITTLE, i * LITTLE, LITTLE);
		set_uint(kernel, 5, priority[i]);
		assert_success(run_kernel(queue, kernel, 1, &gate, &events[i]));
	}
	assert_success(clSetUserEventStatus(gate, CL_COMPLETE));
	assert_success(clFinish(queue));
	in_time = time_of(events[MOVES - 1], CL_PROFILING_COMMAND_SUBMIT) <
		  time_of(hold, CL_PROFILING_COMMAND_END);
	for (unsigned int i = 0; i < MOVES; i++) {
		ends[i] = time_of(events[i], CL_PROFILING_COMMAND_END);
		assert_success(clReleaseEvent(events[i]));
	}
	assert_success(clReleaseEvent(hold));
	assert_success(clReleaseEvent(gate));
	assert_success(clReleaseCommandQueue(queue));
	return in_time;
}

static int in_order(const cl_uint *priority, const cl_ulong *ends)
{
	for (unsigned int j = 0; j < MOVES - 1; j++)
		for (unsigned int k = 0; k < MOVES - 1; k++)
			if (priority[j] < priority[k] && ends[j] > ends[k])
				return 0;
	return 1;
}

/*
 * Of all that is pending, what is more urgent ends first, whichever kernel it comes from. On a busy
 * machine a driver's thread may take what was submitted to the board too late; then the long
 * transfer is to be longer.
 */
static void the_most_urgent_first(void **state)
{
	static const char *const names[] = {"fpr_push", "fpr_pull", "fpr_accumulate"};
	const struct cl_world *world = *state;
	cl_mem board = new_buffer(world, 0, MOST, NULL);
	cl_mem host = new_buffer(world, CL_MEM_ALLOC_HOST_PTR, MOST, NULL);
	cl_uint priority[MOVES];
	cl_ulong ends[MOVES];

	/* Neither as they come nor the other way round; the last one is only a sign. */
	for (cl_uint i = 0; i < MOVES; i++)
		priority[i] = i < MOVES - 1 ? 1 + i * 7 % (MOVES - 1) * 2500 : 65535;
	for (unsigned int i = 0; i < 3; i++) {
		cl_kernel kernel = new_kernel(world, names[i]);
		cl_ulong length = 8 << 20;
		unsigned int tries = 0;

		while (!move_all(world, kernel, i ? host : board, i ? board : host, length,
				 priority, ends) ||
		       !in_order(priority, ends)) {
			length = length < MOST ? 2 * length : MOST;
			assert_true(++tries < TRIES);
		}
		assert_success(clReleaseKernel(kernel));
	}
	assert_success(clReleaseMemObject(board));
	assert_success(clReleaseMemObject(host));
}

static int run_group(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranges),
		cmocka_unit_test(large_ranges),
		cmocka_unit_test(boxes),
		cmocka_unit_test(overlapping_boxes),
		cmocka_unit_test(mappings),
		cmocka_unit_test(mapped_addresses),
		cmocka_unit_test(mappings_are_no_copies),
		cmocka_unit_test(copies_push_and_pull),
		cmocka_unit_test(accumulates),
		cmocka_unit_test(the_most_urgent_first),
	};

	return cmocka_run_group_tests(tests, cl_setup, cl_teardown);
}

int main(void)
{
	return on_cl_device(run_group);
}
