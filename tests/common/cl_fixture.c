/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cl_fixture.h"

static char wanted[FPR_NAME_MAX];

/*
 * What a thread that nobody joins had in __thread variables of a library, the dynamic linker
 * frees in whichever thread ends next; ThreadSanitizer does not see the lock that it does it under.
 */
const char *__tsan_default_suppressions(void);
const char *__tsan_default_suppressions(void)
{
	return "race:_dl_deallocate_tls";
}

int cl_is_local(void)
{
	return !strncmp(wanted, "local", 5);
}

/* Other drivers of the machine are none of the test's business. */
int on_cl_device(int (*run_group)(void))
{
	const char *names = getenv("FPR_TEST_DEVICES"), *build = getenv("FPR_BUILD");
	char vendors[4096];

	if (!build) {
		puts("FPR_BUILD does not say where the driver is");
		return 77;
	}
	snprintf(vendors, sizeof(vendors), "%s/vendors", build);
	snprintf(wanted, sizeof(wanted), "%.*s", (int)strcspn(names ? names : "local", " "),
		 names ? names : "local");
	setenv("OCL_ICD_VENDORS", vendors, 1);
	if (cl_is_local() && !getenv("FPR_OPENCL_LOCAL"))
		setenv("FPR_OPENCL_LOCAL", wanted, 1);
	printf("device %s\n", wanted);
	return run_group();
}

cl_platform_id fpr_platform(void)
{
	cl_platform_id platform = NULL;
	char name[64];
	cl_uint n = 0;

	assert_success(clGetPlatformIDs(1, &platform, &n));
	assert_int_equal(n, 1);
	assert_success(clGetPlatformInfo(platform, CL_PLATFORM_NAME, sizeof(name), name, NULL));
	assert_string_equal(name, "fpr");
	return platform;
}

/* By the first part of its name: options are no part of the device's. */
cl_device_id fpr_device(void)
{
	cl_device_id devices[16];
	char name[256], want[FPR_NAME_MAX + 8];
	cl_uint n = 0;

	snprintf(want, sizeof(want), "fpr %.*s", (int)strcspn(wanted, ":"), wanted);
	assert_success(clGetDeviceIDs(fpr_platform(), CL_DEVICE_TYPE_ALL, 16, devices, &n));
	for (cl_uint i = 0; i < n; i++) {
		assert_success(
			clGetDeviceInfo(devices[i], CL_DEVICE_NAME, sizeof(name), name, NULL));
		if (!strncmp(name, want, strlen(want)))
			return devices[i];
	}
	fail_msg("no device %s", want);
	return NULL;
}

int cl_setup(void **state)
{
	static const char names[] = "fpr_gemm;fpr_matmul;fpr_copy;fpr_push;fpr_pull;fpr_accumulate";
	struct cl_world *world = calloc(1, sizeof(*world));
	cl_int error;

	assert_non_null(world);
	world->platform = fpr_platform();
	world->device = fpr_device();
	world->context = clCreateContext(NULL, 1, &world->device, NULL, NULL, &error);
	assert_success(error);
	world->queue = new_queue(world, CL_QUEUE_PROFILING_ENABLE);
	world->program =
		clCreateProgramWithBuiltInKernels(world->context, 1, &world->device, names, &error);
	assert_success(error);
	*state = world;
	return 0;
}

int cl_teardown(void **state)
{
	struct cl_world *world = *state;

	assert_success(clFinish(world->queue));
	assert_success(clReleaseProgram(world->program));
	assert_success(clReleaseCommandQueue(world->queue));
	assert_success(clReleaseContext(world->context));
	free(world);
	return 0;
}

cl_command_queue new_queue(const struct cl_world *world, cl_command_queue_properties bits)
{
	const cl_queue_properties list[] = {CL_QUEUE_PROPERTIES, bits, 0};
	cl_command_queue queue;
	cl_int error;

	queue = clCreateCommandQueueWithProperties(world->context, world->device, list, &error);
	assert_success(error);
	assert_non_null(queue);
	return queue;
}

cl_mem new_buffer(const struct cl_world *world, cl_mem_flags flags, size_t size, void *host)
{
	cl_int error;
	cl_mem mem = clCreateBuffer(world->context, flags, size, host, &error);

	assert_success(error);
	assert_non_null(mem);
	return mem;
}

cl_kernel new_kernel(const struct cl_world *world, const char *name)
{
	cl_int error;
	cl_kernel kernel = clCreateKernel(world->program, name, &error);

	assert_success(error);
	assert_non_null(kernel);
	return kernel;
}

void set_mem(cl_kernel kernel, cl_uint index, cl_mem mem)
{
	assert_success(clSetKernelArg(kernel, index, sizeof(mem), &mem));
}

void set_uint(cl_kernel kernel, cl_uint index, cl_uint value)
{
	assert_success(clSetKernelArg(kernel, index, sizeof(value), &value));
}

void set_ulong(cl_kernel kernel, cl_uint index, cl_ulong value)
{
	assert_success(clSetKernelArg(kernel, index, sizeof(value), &value));
}

cl_int run_kernel(cl_command_queue queue, cl_kernel kernel, cl_uint n, const cl_event *waits,
		  cl_event *event)
{
	const size_t one = 1;

	return clEnqueueNDRangeKernel(queue, kernel, 1, NULL, &one, NULL, n, waits, event);
}

cl_kernel new_matmul(const struct cl_world *world, cl_mem a, cl_mem b, cl_mem c, cl_uint n)
{
	cl_kernel kernel = new_kernel(world, "fpr_matmul");

	set_mem(kernel, 0, a);
	set_mem(kernel, 1, b);
	set_mem(kernel, 2, c);
	for (cl_uint i = 3; i < 6; i++)
		set_uint(kernel, i, n);
	return kernel;
}

cl_int cl_status_of(cl_event event)
{
	cl_int status = 1000;

	assert_success(clGetEventInfo(event, CL_EVENT_COMMAND_EXECUTION_STATUS, sizeof(status),
				      &status, NULL));
	return status;
}

void cl_noise(void *bytes, size_t size, unsigned int seed, int bf16)
{
	uint32_t state = seed * 2654435761u + 1;

	for (size_t i = 0; i < size / 2; i++) {
		uint16_t x;

		state = state * 1664525u + 1013904223u;
		x = (uint16_t)(state >> 16);
		if (bf16) /* exponents from 112 to 143 */
			x = (uint16_t)((x & 0x807f) | (112 + (state >> 26 & 31)) << 7);
		memcpy((char *)bytes + 2 * i, &x, sizeof(x));
	}
}
