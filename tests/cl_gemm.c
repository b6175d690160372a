/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/cl_fixture.h"
#include "golden/golden.h"

/* The built-in products, bit for bit and count for count against the golden model. */

#define MARGIN 64 /* bytes before each operand */

/* Of the arguments behind the six that must be set. */
enum { TRANS_A = 6, TRANS_B, ACCUMULATE, OUT, KIND, SERIAL, T, BATCH, LDA, LDB, LDC };
enum { STRIDE_A = 17, STRIDE_B, STRIDE_C, A_OFFSET, B_OFFSET, C_OFFSET, FLAGS };

static void set_job(cl_kernel kernel, const struct fpr_gemm *gemm)
{
	set_uint(kernel, 3, gemm->m);
	set_uint(kernel, 4, gemm->n);
	set_uint(kernel, 5, gemm->k);
	set_uint(kernel, TRANS_A, gemm->trans_a);
	set_uint(kernel, TRANS_B, gemm->trans_b);
	set_uint(kernel, ACCUMULATE, gemm->accumulate);
	set_uint(kernel, OUT, gemm->out);
	set_uint(kernel, KIND, gemm->kind);
	set_uint(kernel, SERIAL, gemm->serial);
	set_uint(kernel, T, gemm->t);
	set_uint(kernel, BATCH, gemm->batch);
	set_uint(kernel, LDA, gemm->lda);
	set_uint(kernel, LDB, gemm->ldb);
	set_uint(kernel, LDC, gemm->ldc);
	set_ulong(kernel, STRIDE_A, gemm->stride_a);
	set_ulong(kernel, STRIDE_B, gemm->stride_b);
	set_ulong(kernel, STRIDE_C, gemm->stride_c);
	set_ulong(kernel, A_OFFSET, MARGIN);
	set_ulong(kernel, B_OFFSET, MARGIN);
	set_ulong(kernel, C_OFFSET, MARGIN);
}

static struct fpr_gemm_result result_of(const struct cl_world *world, cl_event event)
{
	clGetEventResultFPR_fn get =
		(clGetEventResultFPR_fn)clGetExtensionFunctionAddressForPlatform(
			world->platform, "clGetEventResultFPR");
	struct fpr_gemm_result result;

	assert_non_null(get);
	memset(&result, 0xff, sizeof(result));
	assert_success(get(event, &result));
	return result;
}

struct operands {
	size_t bytes[3];
	void *host[3];
	cl_mem mems[3];
};

/* In the memory that @flags ask for. */
static void make_operands(const struct cl_world *world, struct operands *o, cl_mem_flags flags)
{
	for (unsigned int i = 0; i < 3; i++) {
		o->host[i] = malloc(o->bytes[i]);
		assert_non_null(o->host[i]);
		cl_noise(o->host[i], o->bytes[i], i + 1, 1);
		o->mems[i] =
			new_buffer(world, flags | CL_MEM_COPY_HOST_PTR, o->bytes[i], o->host[i]);
	}
}

static void drop_operands(struct operands *o)
{
	for (unsigned int i = 0; i < 3; i++) {
		free(o->host[i]);
		assert_success(clReleaseMemObject(o->mems[i]));
	}
}

/* The whole of each buffer is compared: gaps and margins must stay as they were. */
static void check(const struct cl_world *world, const struct fpr_gemm *gemm, cl_mem_flags flags)
{
	struct operands o = {.bytes = {32768 + MARGIN, 32768 + MARGIN, 4096 + MARGIN}};
	cl_kernel kernel = new_kernel(world, "fpr_gemm");
	struct fpr_gemm_counters want;
	struct fpr_gemm_result got;
	cl_event event;
	void *back;

	make_operands(world, &o, flags);
	for (cl_uint i = 0; i < 3; i++)
		set_mem(kernel, i, o.mems[i]);
	set_job(kernel, gemm);
	assert_success(run_kernel(world->queue, kernel, 0, NULL, &event));
	assert_success(clWaitForEvents(1, &event));
	assert_int_equal(golden_gemm(gemm, (uint16_t *)((char *)o.host[0] + MARGIN),
				     (uint16_t *)((char *)o.host[1] + MARGIN),
				     (char *)o.host[2] + MARGIN, &want),
			 0);
	for (unsigned int i = 0; i < 3; i++) {
		back = malloc(o.bytes[i]);
		assert_success(clEnqueueReadBuffer(world->queue, o.mems[i], CL_TRUE, 0, o.bytes[i],
						   back, 0, NULL, NULL));
		assert_memory_equal(back, o.host[i], o.bytes[i]);
		free(back);
	}
	got = result_of(world, event);
	assert_memory_equal(&got.counters, &want, sizeof(want));
	assert_int_equal(got.serial, gemm->serial);
	assert_int_equal(got.status, 0);
	assert_success(clReleaseEvent(event));
	assert_success(clReleaseKernel(kernel));
	drop_operands(&o);
}

static void every_option_matches_the_golden_model(void **state)
{
	for (unsigned int choice = 0; choice < 128; choice++) {
		const struct fpr_gemm gemm = {
			.m = 5,
			.n = 9,
			.k = 70,
			.batch = 1 + choice % 3,
			.lda = choice >> 2 & 1 ? 90 : 0,
			.ldb = choice >> 3 & 1 ? 80 : 0,
			.ldc = choice % 5 ? 0 : 11,
			.stride_a = choice % 2 ? 4096 : 0,
			.stride_b = 4096,
			.stride_c = 100,
			.kind = (uint8_t)(choice / 32),
			.serial = choice & 1,
			.trans_a = choice >> 1 & 1,
			.trans_b = choice >> 2 & 1,
			.out = choice >> 3 & 1,
			.accumulate = choice >> 4 & 1,
			.t = (uint8_t)(choice * 7 % 16),
		};

		check(*state, &gemm, choice % 2 ? CL_MEM_ALLOC_HOST_PTR : 0);
	}
}

/* Only what must be set is set. */
static void defaults_are_those_of_the_library(void **state)
{
	const struct cl_world *world = *state;
	static const char *const names[] = {"fpr_gemm", "fpr_matmul"};
	struct fpr_gemm gemm = {
		.m = 16, .n = 16, .k = 96, .batch = 1, .kind = FPR_KIND_VALUE, .t = FPR_T_CHUNK};
	struct operands o = {.bytes = {2 * 16 * 96, 2 * 16 * 96, 4 * 16 * 16}};
	unsigned char back[4 * 16 * 16];
	struct fpr_gemm_counters want;

	make_operands(world, &o, 0);
	assert_int_equal(golden_gemm(&gemm, o.host[0], o.host[1], o.host[2], &want), 0);
	for (unsigned int i = 0; i < 2; i++) {
		cl_kernel kernel = new_kernel(world, names[i]);
		struct fpr_gemm_result got;
		cl_event event;

		for (cl_uint j = 0; j < 3; j++)
			set_mem(kernel, j, o.mems[j]);
		set_uint(kernel, 3, 16);
		set_uint(kernel, 4, 16);
		set_uint(kernel, 5, 96);
		assert_success(run_kernel(world->queue, kernel, 0, NULL, &event));
		assert_success(clEnqueueReadBuffer(world->queue, o.mems[2], CL_TRUE, 0,
						   sizeof(back), back, 0, NULL, NULL));
		assert_memory_equal(back, o.host[2], sizeof(back));
		got = result_of(world, event);
		assert_memory_equal(&got.counters, &want, sizeof(want));
		assert_success(clReleaseEvent(event));
		assert_success(clReleaseKernel(kernel));
	}
	drop_operands(&o);
}

/* An operand of one term per value is the serial one, whichever it is. */
static void serial_side_auto(void **state)
{
	const struct cl_world *world = *state;
	struct operands o = {.bytes = {2 * 64 * 64, 2 * 64 * 64, 4 * 64 * 64}};
	const cl_ushort power = 0x4000;

	for (unsigned int side = 0; side < 2; side++) {
		cl_kernel kernel = new_kernel(world, "fpr_gemm");
		cl_event event;

		make_operands(world, &o, 0);
		assert_success(clEnqueueFillBuffer(world->queue, o.mems[side], &power, 2, 0,
						   o.bytes[side], 0, NULL, NULL));
		for (cl_uint j = 0; j < 3; j++) {
			set_mem(kernel, j, o.mems[j]);
			set_uint(kernel, 3 + j, 64);
		}
		set_uint(kernel, SERIAL, FPR_SERIAL_AUTO);
		assert_success(run_kernel(world->queue, kernel, 0, NULL, &event));
		assert_success(clWaitForEvents(1, &event));
		assert_int_equal(result_of(world, event).serial,
				 side ? FPR_SERIAL_B : FPR_SERIAL_A);
		assert_success(clReleaseEvent(event));
		assert_success(clReleaseKernel(kernel));
		drop_operands(&o);
	}
}

/* A product on parts of one buffer, and none where there is nothing to compute. */
static void parts_of_a_buffer(void **state)
{
	const struct cl_world *world = *state;
	const cl_buffer_region regions[3] = {{64, 2 * 64}, {256, 2 * 64}, {512, 4 * 64}};
	struct fpr_gemm gemm = {.m = 8, .n = 8, .k = 8, .batch = 1, .t = FPR_T_CHUNK};
	unsigned char host[1024], back[1024];
	struct fpr_gemm_counters want;
	cl_kernel kernel;
	cl_mem whole, parts[3];
	cl_int error;

	cl_noise(host, sizeof(host), 9, 1);
	whole = new_buffer(world, CL_MEM_COPY_HOST_PTR, sizeof(host), host);
	for (unsigned int i = 0; i < 3; i++) {
		parts[i] = clCreateSubBuffer(whole, 0, CL_BUFFER_CREATE_TYPE_REGION, &regions[i],
					     &error);
		assert_success(error);
	}
	kernel = new_matmul(world, parts[0], parts[1], parts[2], 8);
	assert_success(run_kernel(world->queue, kernel, 0, NULL, NULL));
	assert_success(clEnqueueReadBuffer(world->queue, whole, CL_TRUE, 0, sizeof(back), back, 0,
					   NULL, NULL));
	assert_int_equal(golden_gemm(&gemm, (uint16_t *)(host + 64), (uint16_t *)(host + 256),
				     host + 512, &want),
			 0);
	assert_memory_equal(back, host, sizeof(host));
	/* One row more does not fit the part, though it does the buffer. */
	set_uint(kernel, 3, 9);
	assert_int_equal(run_kernel(world->queue, kernel, 0, NULL, NULL), CL_INVALID_KERNEL_ARGS);
	set_uint(kernel, 3, 0);
	set_mem(kernel, 0, NULL);
	assert_success(run_kernel(world->queue, kernel, 0, NULL, NULL));
	assert_success(clReleaseKernel(kernel));
	for (unsigned int i = 0; i < 3; i++)
		assert_success(clReleaseMemObject(parts[i]));
	assert_success(clReleaseMemObject(whole));
}

/* Each of them is refused when it is enqueued. */
static void bad_jobs_are_refused(void **state)
{
	const struct cl_world *world = *state;
	static const struct {
		cl_uint index;
		cl_ulong value;
	} bad[] = {{KIND, 4},	     {KIND, 256},   {SERIAL, 3},
		   {T, 16},	     {T, 255},	    {T, 256},
		   {OUT, 2},	     {TRANS_A, 2},  {TRANS_B, 9},
		   {ACCUMULATE, 2},  {3, 17},	    {5, 1 << 25},
		   {BATCH, 1 << 21}, {LDA, 15},	    {LDC, 1},
		   {A_OFFSET, 1},    {C_OFFSET, 2}, {B_OFFSET, 64},
		   {STRIDE_C, 1},    {FLAGS, 2},    {A_OFFSET, UINT64_MAX - 1}};
	struct operands o = {.bytes = {2 * 16 * 16, 2 * 16 * 16, 4 * 16 * 16}};
	cl_kernel kernel;

	make_operands(world, &o, 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		kernel = new_kernel(world, "fpr_gemm");
		for (cl_uint j = 0; j < 3; j++) {
			set_mem(kernel, j, o.mems[j]);
			set_uint(kernel, 3 + j, 16);
		}
		if (bad[i].index == STRIDE_C)
			set_uint(kernel, BATCH, 2);
		if (bad[i].index >= STRIDE_A && bad[i].index <= C_OFFSET)
			set_ulong(kernel, bad[i].index, bad[i].value);
		else
			set_uint(kernel, bad[i].index, (cl_uint)bad[i].value);
		if (run_kernel(world->queue, kernel, 0, NULL, NULL) != CL_INVALID_KERNEL_ARGS)
			fail_msg("bad job %zu was taken", i);
		assert_success(clReleaseKernel(kernel));
	}
	kernel = new_matmul(world, o.mems[0], o.mems[1], o.mems[0], 8);
	assert_int_equal(run_kernel(world->queue, kernel, 0, NULL, NULL), CL_INVALID_KERNEL_ARGS);
	assert_success(clReleaseKernel(kernel));
	drop_operands(&o);
}

/* Unset arguments, and a clone's, which are its own. */
static void arguments_are_kept(void **state)
{
	const struct cl_world *world = *state;
	struct operands o = {.bytes = {2 * 16 * 16, 2 * 16 * 16, 4 * 16 * 16}};
	cl_kernel kernel = new_kernel(world, "fpr_matmul"), clone;
	cl_int error;

	make_operands(world, &o, 0);
	for (cl_uint i = 0; i < 6; i++) {
		assert_int_equal(run_kernel(world->queue, kernel, 0, NULL, NULL),
				 CL_INVALID_KERNEL_ARGS);
		if (i < 3)
			set_mem(kernel, i, o.mems[i]);
		else
			set_uint(kernel, i, 16);
	}
	clone = clCloneKernel(kernel, &error);
	assert_success(error);
	set_uint(clone, 3, 17);
	assert_success(run_kernel(world->queue, kernel, 0, NULL, NULL));
	assert_int_equal(run_kernel(world->queue, clone, 0, NULL, NULL), CL_INVALID_KERNEL_ARGS);
	assert_success(clFinish(world->queue));
	/* A buffer that has gone is no argument any more. */
	assert_success(clReleaseMemObject(o.mems[1]));
	assert_int_equal(run_kernel(world->queue, kernel, 0, NULL, NULL), CL_INVALID_KERNEL_ARGS);
	o.mems[1] = new_buffer(world, 0, o.bytes[1], NULL);
	assert_success(clReleaseKernel(clone));
	assert_success(clReleaseKernel(kernel));
	drop_operands(&o);
}

static int run_group(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_option_matches_the_golden_model),
		cmocka_unit_test(defaults_are_those_of_the_library),
		cmocka_unit_test(serial_side_auto),
		cmocka_unit_test(parts_of_a_buffer),
		cmocka_unit_test(bad_jobs_are_refused),
		cmocka_unit_test(arguments_are_kept),
	};

	return cmocka_run_group_tests(tests, cl_setup, cl_teardown);
}

int main(void)
{
	return on_cl_device(run_group);
}
