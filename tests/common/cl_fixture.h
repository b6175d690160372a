/* SPDX-License-Identifier: MIT */
#ifndef FPR_CL_FIXTURE_H
#define FPR_CL_FIXTURE_H

/* What the OpenCL tests share. They know the loader and CL's headers only. Include cmocka.h first.
 */

#define CL_TARGET_OPENCL_VERSION 300
#define CL_USE_DEPRECATED_OPENCL_1_0_APIS
#define CL_USE_DEPRECATED_OPENCL_1_1_APIS
#define CL_USE_DEPRECATED_OPENCL_1_2_APIS
#define CL_USE_DEPRECATED_OPENCL_2_0_APIS
#define CL_USE_DEPRECATED_OPENCL_2_1_APIS
#define CL_USE_DEPRECATED_OPENCL_2_2_APIS
#include <CL/cl.h>
#include <CL/cl_ext.h>
#include <CL/cl_icd.h>

#include "opencl/cl_fpr.h"

/* Runs a cmocka group on the first board of FPR_TEST_DEVICES, by default the local one; 77: no
 * driver. */
int on_cl_device(int (*run_group)(void));

/* Is it in this process? */
int cl_is_local(void);

/* A context of the board, a queue, and all built-in kernels. */
struct cl_world {
	cl_platform_id platform;
	cl_device_id device;
	cl_context context;
	cl_command_queue queue;
	cl_program program;
};

/* For cmocka: *state is a world with an in-order queue with profiling. */
int cl_setup(void **state);
int cl_teardown(void **state);

cl_platform_id fpr_platform(void);
cl_device_id fpr_device(void);

cl_command_queue new_queue(const struct cl_world *world, cl_command_queue_properties bits);
cl_mem new_buffer(const struct cl_world *world, cl_mem_flags flags, size_t size, void *host);
cl_kernel new_kernel(const struct cl_world *world, const char *name);

/* Sets an argument; the test fails when that does not succeed. */
void set_mem(cl_kernel kernel, cl_uint index, cl_mem mem);
void set_uint(cl_kernel kernel, cl_uint index, cl_uint value);
void set_ulong(cl_kernel kernel, cl_uint index, cl_ulong value);

/* Enqueues a kernel's one work-item. */
cl_int run_kernel(cl_command_queue queue, cl_kernel kernel, cl_uint n, const cl_event *waits,
		  cl_event *event);

/* fpr_matmul of packed matrices. */
cl_kernel new_matmul(const struct cl_world *world, cl_mem a, cl_mem b, cl_mem c, cl_uint n);

cl_int cl_status_of(cl_event event);

/* Deterministic noise; unremarkable bfloat16 when @bf16. */
void cl_noise(void *bytes, size_t size, unsigned int seed, int bf16);

#define assert_success(expression) assert_int_equal(expression, CL_SUCCESS)

#endif
