/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/cl_fixture.h"

/* Every argument check of every call: the error that the specification names, and nothing done. */

/* Objects of two contexts, and some that are none. */
struct things {
	struct cl_world *world;
	cl_context other;
	cl_command_queue queue, foreign_queue;
	cl_mem mem, host, foreign, readonly, writeonly, hidden;
	cl_kernel kernel, foreign_kernel;
	cl_program source;
	cl_event event, foreign_event;
	cl_device_id stranger;
	unsigned char bytes[4096];
};

static struct things things;

/* No object of ours, though memory: an invalid handle that may be looked at. */
static uint64_t nothing[64];
#define BAD(type) ((type)(void *)nothing)

#define EXPECT(code, expression)                                                             \
	do {                                                                                 \
		const cl_int got_ = (expression);                                            \
                                                                                             \
		if (got_ != (code))                                                          \
			fail_msg("line %d: %s gave %d, not %d", __LINE__, #expression, got_, \
				 (code));                                                    \
	} while (0)

/* Of a function that returns an object and has the error as its last argument. */
#define EXPECT_NULL(code, function, ...)                                                     \
	do {                                                                                 \
		cl_int error_ = 12345;                                                       \
                                                                                             \
		if (function(__VA_ARGS__, &error_) != NULL || error_ != (code))              \
			fail_msg("line %d: %s gave %d, not %d", __LINE__, #function, error_, \
				 (code));                                                    \
		assert_null(function(__VA_ARGS__, NULL));                                    \
	} while (0)

static int setup(void **state)
{
	struct cl_world *world;
	const char *source = "kernel void f(void) {}";
	cl_program program;

	cl_setup(state);
	world = *state;
	/* The loader looks for a dispatch table in whatever it is given. */
	nothing[0] = *(const uint64_t *)(const void *)world->context;
	things.world = world;
	things.queue = world->queue;
	things.other = clCreateContext(NULL, 1, &world->device, NULL, NULL, NULL);
	things.foreign_queue =
		clCreateCommandQueueWithProperties(things.other, world->device, NULL, NULL);
	things.mem = new_buffer(world, 0, 4096, NULL);
	things.host = new_buffer(world, CL_MEM_ALLOC_HOST_PTR, 4096, NULL);
	things.readonly = new_buffer(world, CL_MEM_READ_ONLY | CL_MEM_HOST_READ_ONLY, 4096, NULL);
	things.writeonly =
		new_buffer(world, CL_MEM_WRITE_ONLY | CL_MEM_HOST_WRITE_ONLY, 4096, NULL);
	things.hidden = new_buffer(world, CL_MEM_HOST_NO_ACCESS, 4096, NULL);
	things.foreign = clCreateBuffer(things.other, 0, 4096, NULL, NULL);
	things.kernel = new_matmul(world, things.mem, things.mem, things.host, 8);
	program = clCreateProgramWithBuiltInKernels(things.other, 1, &world->device, "fpr_matmul",
						    NULL);
	things.foreign_kernel = clCreateKernel(program, "fpr_matmul", NULL);
	clReleaseProgram(program);
	things.source = clCreateProgramWithSource(world->context, 1, &source, NULL, NULL);
	things.event = clCreateUserEvent(world->context, NULL);
	things.foreign_event = clCreateUserEvent(things.other, NULL);
	clSetUserEventStatus(things.event, CL_COMPLETE);
	clSetUserEventStatus(things.foreign_event, CL_COMPLETE);
	assert_non_null(things.foreign_queue);
	assert_non_null(things.foreign_kernel);
	assert_non_null(things.source);
	return 0;
}

static int teardown(void **state)
{
	assert_success(clReleaseEvent(things.event));
	assert_success(clReleaseEvent(things.foreign_event));
	assert_success(clReleaseProgram(things.source));
	assert_success(clReleaseKernel(things.kernel));
	assert_success(clReleaseKernel(things.foreign_kernel));
	assert_success(clReleaseMemObject(things.mem));
	assert_success(clReleaseMemObject(things.host));
	assert_success(clReleaseMemObject(things.readonly));
	assert_success(clReleaseMemObject(things.writeonly));
	assert_success(clReleaseMemObject(things.hidden));
	assert_success(clReleaseMemObject(things.foreign));
	assert_success(clReleaseCommandQueue(things.foreign_queue));
	assert_success(clReleaseContext(things.other));
	return cl_teardown(state);
}

/* ---- platform, device, context ------------------------------------------------------ */

static void platforms_and_devices(void **state)
{
	const struct cl_world *w = things.world;
	cl_device_id device;
	cl_ulong time;
	cl_uint n;

	(void)state;
	EXPECT(CL_INVALID_PLATFORM,
	       clGetPlatformInfo(BAD(cl_platform_id), CL_PLATFORM_NAME, 0, NULL, NULL));
	EXPECT(CL_INVALID_PLATFORM,
	       clGetDeviceIDs(BAD(cl_platform_id), CL_DEVICE_TYPE_ALL, 1, &device, &n));
	EXPECT(CL_INVALID_DEVICE_TYPE, clGetDeviceIDs(w->platform, 0, 1, &device, &n));
	EXPECT(CL_INVALID_DEVICE_TYPE, clGetDeviceIDs(w->platform, 1 << 9, 1, &device, &n));
	EXPECT(CL_INVALID_VALUE, clGetDeviceIDs(w->platform, CL_DEVICE_TYPE_ALL, 0, &device, &n));
	EXPECT(CL_INVALID_VALUE, clGetDeviceIDs(w->platform, CL_DEVICE_TYPE_ALL, 0, NULL, NULL));
	EXPECT(CL_INVALID_DEVICE, clGetDeviceInfo(NULL, CL_DEVICE_NAME, 0, NULL, NULL));
	EXPECT(CL_INVALID_DEVICE,
	       clGetDeviceInfo(BAD(cl_device_id), CL_DEVICE_NAME, 0, NULL, NULL));
	EXPECT(CL_INVALID_DEVICE, clRetainDevice(BAD(cl_device_id)));
	EXPECT(CL_INVALID_DEVICE, clReleaseDevice(NULL));
	assert_success(clRetainDevice(w->device));
	assert_success(clReleaseDevice(w->device));
	EXPECT(CL_INVALID_VALUE, clCreateSubDevices(w->device,
						    (cl_device_partition_property[]){
							    CL_DEVICE_PARTITION_EQUALLY, 1, 0},
						    1, &device, &n));
	EXPECT(CL_INVALID_DEVICE, clGetHostTimer(BAD(cl_device_id), &time));
	EXPECT(CL_INVALID_VALUE, clGetHostTimer(w->device, NULL));
	EXPECT(CL_INVALID_VALUE, clGetDeviceAndHostTimer(w->device, &time, NULL));
	EXPECT(CL_INVALID_VALUE, clGetDeviceAndHostTimer(w->device, NULL, &time));
	EXPECT(CL_INVALID_PLATFORM, clUnloadPlatformCompiler(BAD(cl_platform_id)));
	assert_success(clUnloadPlatformCompiler(w->platform));
	assert_null(clGetExtensionFunctionAddressForPlatform(w->platform, "clNothing"));
}

static void contexts(void **state)
{
	struct cl_world *w = things.world;
	cl_context_properties twice[] = {CL_CONTEXT_PLATFORM, (cl_context_properties)w->platform,
					 CL_CONTEXT_PLATFORM, (cl_context_properties)w->platform,
					 0};
	cl_context_properties unknown[] = {CL_CONTEXT_PLATFORM, (cl_context_properties)w->platform,
					   0x7777, 1, 0};
	cl_context_properties sync[] = {CL_CONTEXT_PLATFORM, (cl_context_properties)w->platform,
					CL_CONTEXT_INTEROP_USER_SYNC, 2, 0};
	cl_context_properties good[] = {CL_CONTEXT_PLATFORM, (cl_context_properties)w->platform, 0};
	cl_device_id both[2] = {w->device, BAD(cl_device_id)}, same[2] = {w->device, w->device};
	cl_context context;
	cl_uint n = 0;
	cl_int error;

	(void)state;
	EXPECT_NULL(CL_INVALID_PROPERTY, clCreateContext, twice, 1, &w->device, NULL, NULL);
	EXPECT_NULL(CL_INVALID_PROPERTY, clCreateContext, unknown, 1, &w->device, NULL, NULL);
	EXPECT_NULL(CL_INVALID_PROPERTY, clCreateContext, sync, 1, &w->device, NULL, NULL);
	EXPECT_NULL(CL_INVALID_VALUE, clCreateContext, NULL, 1, &w->device, NULL, &n);
	EXPECT_NULL(CL_INVALID_DEVICE, clCreateContext, NULL, 2, both, NULL, NULL);
	EXPECT_NULL(CL_INVALID_VALUE, clCreateContext, NULL, 0, &w->device, NULL, NULL);
	EXPECT_NULL(CL_INVALID_VALUE, clCreateContext, NULL, 1, NULL, NULL, NULL);
	EXPECT_NULL(CL_DEVICE_NOT_FOUND, clCreateContextFromType, good, CL_DEVICE_TYPE_GPU, NULL,
		    NULL);
	EXPECT_NULL(CL_INVALID_DEVICE_TYPE, clCreateContextFromType, good, 1 << 9, NULL, NULL);
	EXPECT_NULL(CL_INVALID_PROPERTY, clCreateContextFromType, unknown, CL_DEVICE_TYPE_ALL, NULL,
		    NULL);
	context = clCreateContext(NULL, 2, same, NULL, NULL, &error);
	assert_success(error);
	assert_success(clGetContextInfo(context, CL_CONTEXT_NUM_DEVICES, 4, &n, NULL));
	assert_int_equal(n, 1);
	assert_success(clReleaseContext(context));
	EXPECT(CL_INVALID_CONTEXT, clRetainContext(BAD(cl_context)));
	EXPECT(CL_INVALID_CONTEXT, clReleaseContext(BAD(cl_context)));
	EXPECT(CL_INVALID_CONTEXT, clRetainContext((cl_context)w->queue));
	EXPECT(CL_INVALID_CONTEXT,
	       clGetContextInfo(BAD(cl_context), CL_CONTEXT_DEVICES, 0, NULL, NULL));
	EXPECT(CL_INVALID_VALUE, clSetContextDestructorCallback(w->context, NULL, NULL));
}

static void queues(void **state)
{
	const struct cl_world *w = things.world;
	const cl_queue_properties unknown[] = {0x7777, 1, 0};
	const cl_queue_properties bits[] = {CL_QUEUE_PROPERTIES, 1 << 9, 0};
	const cl_queue_properties device[] = {
		CL_QUEUE_PROPERTIES, CL_QUEUE_ON_DEVICE | CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE,
		0};
	const cl_queue_properties size[] = {CL_QUEUE_SIZE, 1024, 0};
	const cl_queue_properties priority[] = {CL_QUEUE_PRIORITY_KHR, 3, 0};
	const cl_queue_properties twice[] = {CL_QUEUE_PROPERTIES, 0, CL_QUEUE_PROPERTIES, 0, 0};

	(void)state;
	EXPECT_NULL(CL_INVALID_CONTEXT, clCreateCommandQueueWithProperties, BAD(cl_context),
		    w->device, NULL);
	EXPECT_NULL(CL_INVALID_DEVICE, clCreateCommandQueueWithProperties, w->context,
		    BAD(cl_device_id), NULL);
	EXPECT_NULL(CL_INVALID_VALUE, clCreateCommandQueueWithProperties, w->context, w->device,
		    unknown);
	EXPECT_NULL(CL_INVALID_VALUE, clCreateCommandQueueWithProperties, w->context, w->device,
		    bits);
	EXPECT_NULL(CL_INVALID_QUEUE_PROPERTIES, clCreateCommandQueueWithProperties, w->context,
		    w->device, device);
	EXPECT_NULL(CL_INVALID_VALUE, clCreateCommandQueueWithProperties, w->context, w->device,
		    size);
	EXPECT_NULL(CL_INVALID_VALUE, clCreateCommandQueueWithProperties, w->context, w->device,
		    priority);
	EXPECT_NULL(CL_INVALID_VALUE, clCreateCommandQueueWithProperties, w->context, w->device,
		    twice);
	EXPECT_NULL(CL_INVALID_VALUE, clCreateCommandQueue, w->context, w->device, 1 << 9);
	EXPECT(CL_INVALID_COMMAND_QUEUE, clRetainCommandQueue(BAD(cl_command_queue)));
	EXPECT(CL_INVALID_COMMAND_QUEUE, clReleaseCommandQueue(NULL));
	EXPECT(CL_INVALID_COMMAND_QUEUE, clFlush(BAD(cl_command_queue)));
	EXPECT(CL_INVALID_COMMAND_QUEUE, clFinish((cl_command_queue)w->context));
	assert_success(clFlush(w->queue));
	EXPECT(CL_INVALID_OPERATION,
	       clSetCommandQueueProperty(w->queue, CL_QUEUE_PROFILING_ENABLE, CL_TRUE, NULL));
	EXPECT(CL_INVALID_OPERATION,
	       clSetDefaultDeviceCommandQueue(w->context, w->device, w->queue));
	EXPECT(CL_INVALID_DEVICE,
	       clSetDefaultDeviceCommandQueue(w->context, BAD(cl_device_id), w->queue));
}

/* ---- buffers ------------------------------------------------------------------------- */

static void buffers(void **state)
{
	const struct cl_world *w = things.world;
	const cl_mem_properties property[] = {0x7777, 1, 0}, none[] = {0};
	cl_ulong most = 0;
	cl_mem mem;
	cl_int error;

	(void)state;
	clGetDeviceInfo(w->device, CL_DEVICE_MAX_MEM_ALLOC_SIZE, 8, &most, NULL);
	EXPECT_NULL(CL_INVALID_CONTEXT, clCreateBuffer, BAD(cl_context), 0, 64, NULL);
	EXPECT_NULL(CL_INVALID_VALUE, clCreateBuffer, w->context, 1 << 20, 64, NULL);
	EXPECT_NULL(CL_INVALID_VALUE, clCreateBuffer, w->context,
		    CL_MEM_READ_ONLY | CL_MEM_WRITE_ONLY, 64, NULL);
	EXPECT_NULL(CL_INVALID_VALUE, clCreateBuffer, w->context,
		    CL_MEM_HOST_READ_ONLY | CL_MEM_HOST_NO_ACCESS, 64, NULL);
	EXPECT_NULL(CL_INVALID_VALUE, clCreateBuffer, w->context,
		    CL_MEM_USE_HOST_PTR | CL_MEM_COPY_HOST_PTR, 64, things.bytes);
	EXPECT_NULL(CL_INVALID_VALUE, clCreateBuffer, w->context,
		    CL_MEM_USE_HOST_PTR | CL_MEM_ALLOC_HOST_PTR, 64, things.bytes);
	EXPECT_NULL(CL_INVALID_BUFFER_SIZE, clCreateBuffer, w->context, 0, 0, NULL);
	EXPECT_NULL(CL_INVALID_BUFFER_SIZE, clCreateBuffer, w->context, 0, most + 1, NULL);
	EXPECT_NULL(CL_INVALID_HOST_PTR, clCreateBuffer, w->context, 0, 64, things.bytes);
	EXPECT_NULL(CL_INVALID_HOST_PTR, clCreateBuffer, w->context, CL_MEM_COPY_HOST_PTR, 64,
		    NULL);
	EXPECT_NULL(CL_INVALID_HOST_PTR, clCreateBuffer, w->context, CL_MEM_USE_HOST_PTR, 64, NULL);
	EXPECT_NULL(CL_INVALID_PROPERTY, clCreateBufferWithProperties, w->context, property, 0, 64,
		    NULL);
	mem = clCreateBufferWithProperties(w->context, none, 0, 64, NULL, &error);
	assert_success(error);
	assert_success(clReleaseMemObject(mem));
	EXPECT(CL_INVALID_MEM_OBJECT, clRetainMemObject(BAD(cl_mem)));
	EXPECT(CL_INVALID_MEM_OBJECT, clReleaseMemObject(NULL));
	EXPECT(CL_INVALID_MEM_OBJECT, clGetMemObjectInfo(BAD(cl_mem), CL_MEM_SIZE, 0, NULL, NULL));
	EXPECT(CL_INVALID_VALUE, clSetMemObjectDestructorCallback(things.mem, NULL, NULL));
}

static void parts(void **state)
{
	const cl_buffer_region good = {64, 64}, empty = {64, 0}, beyond = {4032, 128},
			       far = {4096, 64}, odd = {32, 64}, huge = {64, SIZE_MAX - 32};
	const cl_buffer_create_type type = CL_BUFFER_CREATE_TYPE_REGION;
	cl_int error;
	cl_mem part = clCreateSubBuffer(things.mem, 0, type, &good, &error);

	(void)state;
	assert_success(error);
	EXPECT_NULL(CL_INVALID_MEM_OBJECT, clCreateSubBuffer, BAD(cl_mem), 0, type, &good);
	EXPECT_NULL(CL_INVALID_MEM_OBJECT, clCreateSubBuffer, part, 0, type, &good);
	EXPECT_NULL(CL_INVALID_VALUE, clCreateSubBuffer, things.mem, 0, 0x7777, &good);
	EXPECT_NULL(CL_INVALID_VALUE, clCreateSubBuffer, things.mem, 0, type, NULL);
	EXPECT_NULL(CL_INVALID_BUFFER_SIZE, clCreateSubBuffer, things.mem, 0, type, &empty);
	EXPECT_NULL(CL_INVALID_VALUE, clCreateSubBuffer, things.mem, 0, type, &beyond);
	EXPECT_NULL(CL_INVALID_VALUE, clCreateSubBuffer, things.mem, 0, type, &far);
	EXPECT_NULL(CL_INVALID_VALUE, clCreateSubBuffer, things.mem, 0, type, &huge);
	EXPECT_NULL(CL_MISALIGNED_SUB_BUFFER_OFFSET, clCreateSubBuffer, things.mem, 0, type, &odd);
	EXPECT_NULL(CL_INVALID_VALUE, clCreateSubBuffer, things.mem, CL_MEM_ALLOC_HOST_PTR, type,
		    &good);
	EXPECT_NULL(CL_INVALID_VALUE, clCreateSubBuffer, things.readonly, CL_MEM_READ_WRITE, type,
		    &good);
	EXPECT_NULL(CL_INVALID_VALUE, clCreateSubBuffer, things.writeonly, CL_MEM_READ_ONLY, type,
		    &good);
	EXPECT_NULL(CL_INVALID_VALUE, clCreateSubBuffer, things.readonly, CL_MEM_HOST_WRITE_ONLY,
		    type, &good);
	EXPECT_NULL(CL_INVALID_VALUE, clCreateSubBuffer, things.hidden, CL_MEM_HOST_READ_ONLY, type,
		    &good);
	assert_success(clReleaseMemObject(part));
}

/* ---- programs and kernels --------------------------------------------------------------- */

static void programs(void **state)
{
	const struct cl_world *w = things.world;
	const unsigned char binary[4] = {1, 2, 3, 4}, *binaries[] = {binary, NULL};
	const size_t length = sizeof(binary), no_length = 0, lengths[] = {4, 4};
	const cl_device_id twice[] = {w->device, w->device};
	cl_int statuses[2];
	const char *source = "kernel void f(void) {}", *null = NULL;
	cl_int status = 0, error;
	cl_program all;
	cl_uint n;

	(void)state;
	EXPECT_NULL(CL_INVALID_CONTEXT, clCreateProgramWithBuiltInKernels, BAD(cl_context), 1,
		    &w->device, "fpr_gemm");
	EXPECT_NULL(CL_INVALID_VALUE, clCreateProgramWithBuiltInKernels, w->context, 0, &w->device,
		    "fpr_gemm");
	EXPECT_NULL(CL_INVALID_VALUE, clCreateProgramWithBuiltInKernels, w->context, 1, NULL,
		    "fpr_gemm");
	EXPECT_NULL(CL_INVALID_VALUE, clCreateProgramWithBuiltInKernels, w->context, 1, &w->device,
		    NULL);
	EXPECT_NULL(CL_INVALID_VALUE, clCreateProgramWithBuiltInKernels, w->context, 1, &w->device,
		    "fpr_gemm;fpr_nothing");
	EXPECT_NULL(CL_INVALID_VALUE, clCreateProgramWithBuiltInKernels, w->context, 1, &w->device,
		    "");
	EXPECT_NULL(CL_INVALID_DEVICE, clCreateProgramWithBuiltInKernels, w->context, 1,
		    &(cl_device_id){BAD(cl_device_id)}, "fpr_gemm");
	EXPECT_NULL(CL_INVALID_CONTEXT, clCreateProgramWithSource, BAD(cl_context), 1, &source,
		    NULL);
	EXPECT_NULL(CL_INVALID_VALUE, clCreateProgramWithSource, w->context, 0, &source, NULL);
	EXPECT_NULL(CL_INVALID_VALUE, clCreateProgramWithSource, w->context, 1, NULL, NULL);
	EXPECT_NULL(CL_INVALID_VALUE, clCreateProgramWithSource, w->context, 1, &null, NULL);
	EXPECT_NULL(CL_INVALID_VALUE, clCreateProgramWithBinary, w->context, 1, &w->device, NULL,
		    binaries, &status);
	EXPECT_NULL(CL_INVALID_VALUE, clCreateProgramWithBinary, w->context, 1, &w->device,
		    &no_length, binaries, &status);
	EXPECT_NULL(CL_INVALID_BINARY, clCreateProgramWithBinary, w->context, 1, &w->device,
		    &length, binaries, &status);
	assert_int_equal(status, CL_INVALID_BINARY);
	EXPECT_NULL(CL_INVALID_VALUE, clCreateProgramWithBinary, w->context, 2, twice, lengths,
		    binaries, statuses);
	assert_true(statuses[0] == CL_INVALID_BINARY && statuses[1] == CL_INVALID_VALUE);
	EXPECT_NULL(CL_INVALID_OPERATION, clCreateProgramWithIL, w->context, binary, 4);
	EXPECT(CL_INVALID_PROGRAM, clBuildProgram(BAD(cl_program), 0, NULL, NULL, NULL, NULL));
	EXPECT(CL_INVALID_VALUE, clBuildProgram(things.source, 1, NULL, NULL, NULL, NULL));
	EXPECT(CL_INVALID_VALUE, clBuildProgram(things.source, 0, NULL, NULL, NULL, &n));
	EXPECT(CL_COMPILER_NOT_AVAILABLE, clBuildProgram(things.source, 0, NULL, "", NULL, NULL));
	EXPECT(CL_COMPILER_NOT_AVAILABLE,
	       clCompileProgram(things.source, 0, NULL, "", 0, NULL, NULL, NULL, NULL));
	EXPECT(CL_INVALID_OPERATION, clBuildProgram(w->program, 0, NULL, "", NULL, NULL));
	EXPECT(CL_INVALID_DEVICE,
	       clBuildProgram(w->program, 1, &(cl_device_id){BAD(cl_device_id)}, "", NULL, NULL));
	all = clLinkProgram(w->context, 0, NULL, "", 1, &things.source, NULL, NULL, &error);
	assert_null(all);
	assert_int_equal(error, CL_LINKER_NOT_AVAILABLE);
	assert_null(clLinkProgram(w->context, 0, NULL, "", 0, NULL, NULL, NULL, &error));
	assert_int_equal(error, CL_INVALID_VALUE);
	EXPECT(CL_INVALID_OPERATION, clSetProgramReleaseCallback(w->program, NULL, NULL));
	EXPECT(CL_INVALID_OPERATION, clSetProgramSpecializationConstant(w->program, 0, 4, &n));
	EXPECT(CL_INVALID_PROGRAM, clRetainProgram(NULL));
	EXPECT(CL_INVALID_PROGRAM, clReleaseProgram(BAD(cl_program)));
	EXPECT(CL_INVALID_DEVICE, clGetProgramBuildInfo(w->program, BAD(cl_device_id),
							CL_PROGRAM_BUILD_STATUS, 0, NULL, NULL));
	EXPECT(CL_INVALID_PROGRAM_EXECUTABLE,
	       clGetProgramInfo(things.source, CL_PROGRAM_NUM_KERNELS, 0, NULL, NULL));
}

static void kernels(void **state)
{
	const struct cl_world *w = things.world;
	cl_kernel list[2], gemm = new_kernel(w, "fpr_gemm");
	cl_ulong number = 0;
	cl_uint small = 0;
	cl_mem none = NULL, bad = BAD(cl_mem);

	(void)state;
	EXPECT_NULL(CL_INVALID_PROGRAM, clCreateKernel, BAD(cl_program), "fpr_gemm");
	EXPECT_NULL(CL_INVALID_PROGRAM_EXECUTABLE, clCreateKernel, things.source, "f");
	EXPECT_NULL(CL_INVALID_KERNEL_NAME, clCreateKernel, w->program, "fpr_gem");
	EXPECT_NULL(CL_INVALID_VALUE, clCreateKernel, w->program, NULL);
	EXPECT(CL_INVALID_VALUE, clCreateKernelsInProgram(w->program, 2, list, NULL));
	EXPECT(CL_INVALID_PROGRAM_EXECUTABLE,
	       clCreateKernelsInProgram(things.source, 2, list, NULL));
	EXPECT_NULL(CL_INVALID_KERNEL, clCloneKernel, BAD(cl_kernel));
	EXPECT(CL_INVALID_KERNEL, clRetainKernel(NULL));
	EXPECT(CL_INVALID_KERNEL, clReleaseKernel(BAD(cl_kernel)));
	EXPECT(CL_INVALID_KERNEL, clSetKernelArg(BAD(cl_kernel), 0, 8, &things.mem));
	EXPECT(CL_INVALID_ARG_INDEX, clSetKernelArg(gemm, 24, 8, &number));
	EXPECT(CL_INVALID_ARG_SIZE, clSetKernelArg(gemm, 0, 4, &things.mem));
	EXPECT(CL_INVALID_MEM_OBJECT, clSetKernelArg(gemm, 0, 8, &bad));
	EXPECT(CL_INVALID_MEM_OBJECT, clSetKernelArg(gemm, 0, 8, &things.foreign));
	assert_success(clSetKernelArg(gemm, 0, 8, &none));
	assert_success(clSetKernelArg(gemm, 0, 8, NULL));
	EXPECT(CL_INVALID_ARG_VALUE, clSetKernelArg(gemm, 3, 4, NULL));
	EXPECT(CL_INVALID_ARG_SIZE, clSetKernelArg(gemm, 3, 8, &number));
	EXPECT(CL_INVALID_ARG_SIZE, clSetKernelArg(gemm, 17, 4, &small));
	EXPECT(CL_INVALID_OPERATION, clSetKernelArgSVMPointer(gemm, 0, things.bytes));
	EXPECT(CL_INVALID_OPERATION,
	       clSetKernelExecInfo(gemm, CL_KERNEL_EXEC_INFO_SVM_PTRS, 0, NULL));
	EXPECT(CL_INVALID_ARG_INDEX,
	       clGetKernelArgInfo(gemm, 24, CL_KERNEL_ARG_NAME, 0, NULL, NULL));
	EXPECT(CL_INVALID_DEVICE,
	       clGetKernelWorkGroupInfo(gemm, BAD(cl_device_id), CL_KERNEL_WORK_GROUP_SIZE, 0, NULL,
					NULL));
	EXPECT(CL_INVALID_OPERATION,
	       clGetKernelSubGroupInfo(gemm, w->device, CL_KERNEL_MAX_NUM_SUB_GROUPS, 0, NULL, 0,
				       NULL, NULL));
	assert_success(clReleaseKernel(gemm));
}

static void ranges_of_kernels(void **state)
{
	const size_t one[3] = {1, 1, 1}, two[3] = {1, 2, 1}, zero[3] = {1, 0, 1};
	const size_t far[3] = {SIZE_MAX, 0, 0};
	cl_kernel unset = new_kernel(things.world, "fpr_matmul");
	cl_command_queue q = things.queue;
	cl_kernel k = things.kernel;

	(void)state;
#define ENQUEUE(queue, kernel, dims, offset, global, local) \
	clEnqueueNDRangeKernel(queue, kernel, dims, offset, global, local, 0, NULL, NULL)
	EXPECT(CL_INVALID_COMMAND_QUEUE, ENQUEUE(BAD(cl_command_queue), k, 1, NULL, one, NULL));
	EXPECT(CL_INVALID_KERNEL, ENQUEUE(q, BAD(cl_kernel), 1, NULL, one, NULL));
	EXPECT(CL_INVALID_CONTEXT, ENQUEUE(q, things.foreign_kernel, 1, NULL, one, NULL));
	EXPECT(CL_INVALID_KERNEL_ARGS, ENQUEUE(q, unset, 1, NULL, one, NULL));
	EXPECT(CL_INVALID_WORK_DIMENSION, ENQUEUE(q, k, 0, NULL, one, NULL));
	EXPECT(CL_INVALID_WORK_DIMENSION, ENQUEUE(q, k, 4, NULL, one, NULL));
	EXPECT(CL_INVALID_GLOBAL_WORK_SIZE, ENQUEUE(q, k, 3, NULL, two, NULL));
	EXPECT(CL_INVALID_GLOBAL_OFFSET, ENQUEUE(q, k, 1, far, one, NULL));
	EXPECT(CL_INVALID_WORK_ITEM_SIZE, ENQUEUE(q, k, 3, NULL, one, two));
	EXPECT(CL_INVALID_WORK_GROUP_SIZE, ENQUEUE(q, k, 3, NULL, one, zero));
	EXPECT(CL_SUCCESS, ENQUEUE(q, k, 3, one, one, one));
	EXPECT(CL_SUCCESS, ENQUEUE(q, k, 3, NULL, zero, NULL));
	EXPECT(CL_SUCCESS, ENQUEUE(q, k, 1, NULL, NULL, NULL));
	EXPECT(CL_INVALID_KERNEL_ARGS, ENQUEUE(q, unset, 1, NULL, NULL, NULL));
#undef ENQUEUE
	EXPECT(CL_SUCCESS, clEnqueueTask(q, k, 0, NULL, NULL));
	EXPECT(CL_INVALID_KERNEL_ARGS, clEnqueueTask(q, unset, 0, NULL, NULL));
	EXPECT(CL_INVALID_OPERATION,
	       clEnqueueNativeKernel(q, NULL, NULL, 0, 0, NULL, NULL, 0, NULL, NULL));
	assert_success(clReleaseKernel(unset));
}

/* ---- commands on buffers ------------------------------------------------------------------ */

static void reads_and_writes(void **state)
{
	cl_command_queue q = things.queue;
	unsigned char *b = things.bytes;

	(void)state;
#define READ(queue, mem, offset, size, to) \
	clEnqueueReadBuffer(queue, mem, CL_TRUE, offset, size, to, 0, NULL, NULL)
#define WRITE(queue, mem, offset, size, from) \
	clEnqueueWriteBuffer(queue, mem, CL_TRUE, offset, size, from, 0, NULL, NULL)
	EXPECT(CL_INVALID_COMMAND_QUEUE, READ(BAD(cl_command_queue), things.mem, 0, 64, b));
	EXPECT(CL_INVALID_MEM_OBJECT, READ(q, BAD(cl_mem), 0, 64, b));
	EXPECT(CL_INVALID_CONTEXT, READ(q, things.foreign, 0, 64, b));
	EXPECT(CL_INVALID_CONTEXT, READ(things.foreign_queue, things.mem, 0, 64, b));
	EXPECT(CL_INVALID_VALUE, READ(q, things.mem, 0, 64, NULL));
	EXPECT(CL_SUCCESS, READ(q, things.mem, 4096, 0, b));
	EXPECT(CL_INVALID_VALUE, READ(q, things.mem, 4097, 0, b));
	EXPECT(CL_INVALID_VALUE, READ(q, things.mem, 4096, 1, b));
	EXPECT(CL_INVALID_VALUE, READ(q, things.mem, 1, 4096, b));
	EXPECT(CL_INVALID_VALUE, READ(q, things.mem, SIZE_MAX, 2, b));
	EXPECT(CL_INVALID_OPERATION, READ(q, things.writeonly, 0, 64, b));
	EXPECT(CL_INVALID_OPERATION, READ(q, things.hidden, 0, 64, b));
	EXPECT(CL_SUCCESS, READ(q, things.readonly, 0, 4096, b));
	EXPECT(CL_INVALID_MEM_OBJECT, WRITE(q, NULL, 0, 64, b));
	EXPECT(CL_INVALID_CONTEXT, WRITE(q, things.foreign, 0, 64, b));
	EXPECT(CL_INVALID_VALUE, WRITE(q, things.mem, 4095, 2, b));
	EXPECT(CL_SUCCESS, WRITE(q, things.mem, 0, 0, b));
	EXPECT(CL_INVALID_VALUE, WRITE(q, things.mem, 0, 64, NULL));
	EXPECT(CL_INVALID_OPERATION, WRITE(q, things.readonly, 0, 64, b));
	EXPECT(CL_INVALID_OPERATION, WRITE(q, things.hidden, 0, 64, b));
	EXPECT(CL_SUCCESS, WRITE(q, things.writeonly, 0, 4096, b));
#undef READ
#undef WRITE
}

static void boxes(void **state)
{
	const size_t origin[3] = {0, 0, 0}, region[3] = {16, 4, 2}, empty[3] = {16, 0, 2};
	const size_t far[3] = {0, 0, 60}, huge[3] = {16, SIZE_MAX / 16, 2};
	cl_command_queue q = things.queue;
	unsigned char *b = things.bytes;

	(void)state;
#define READ(mem, origin_, region_, row, slice, host_row, host_slice, to)                        \
	clEnqueueReadBufferRect(q, mem, CL_TRUE, origin_, origin, region_, row, slice, host_row, \
				host_slice, to, 0, NULL, NULL)
	EXPECT(CL_SUCCESS, READ(things.mem, origin, region, 0, 0, 0, 0, b));
	EXPECT(CL_INVALID_MEM_OBJECT, READ(BAD(cl_mem), origin, region, 0, 0, 0, 0, b));
	EXPECT(CL_INVALID_CONTEXT, READ(things.foreign, origin, region, 0, 0, 0, 0, b));
	EXPECT(CL_INVALID_VALUE, READ(things.mem, NULL, region, 0, 0, 0, 0, b));
	EXPECT(CL_INVALID_VALUE, READ(things.mem, origin, NULL, 0, 0, 0, 0, b));
	EXPECT(CL_INVALID_VALUE, READ(things.mem, origin, empty, 0, 0, 0, 0, b));
	EXPECT(CL_INVALID_VALUE, READ(things.mem, origin, huge, 0, 0, 0, 0, b));
	EXPECT(CL_INVALID_VALUE, READ(things.mem, origin, region, 15, 0, 0, 0, b));
	EXPECT(CL_INVALID_VALUE, READ(things.mem, origin, region, 0, 0, 15, 0, b));
	EXPECT(CL_INVALID_VALUE, READ(things.mem, origin, region, 16, 63, 0, 0, b));
	EXPECT(CL_INVALID_VALUE, READ(things.mem, origin, region, 16, 65, 0, 0, b));
	EXPECT(CL_INVALID_VALUE, READ(things.mem, origin, region, 16, 0, 16, 65, b));
	EXPECT(CL_INVALID_VALUE, READ(things.mem, far, region, 16, 1024, 0, 0, b));
	EXPECT(CL_INVALID_VALUE, READ(things.mem, origin, region, 0, 0, 0, 0, NULL));
	EXPECT(CL_INVALID_OPERATION, READ(things.writeonly, origin, region, 0, 0, 0, 0, b));
#undef READ
	EXPECT(CL_INVALID_OPERATION,
	       clEnqueueWriteBufferRect(q, things.readonly, CL_TRUE, origin, origin, region, 0, 0,
					0, 0, b, 0, NULL, NULL));
	EXPECT(CL_INVALID_VALUE, clEnqueueWriteBufferRect(q, things.mem, CL_TRUE, origin, NULL,
							  region, 0, 0, 0, 0, b, 0, NULL, NULL));
	EXPECT(CL_INVALID_COMMAND_QUEUE,
	       clEnqueueWriteBufferRect(NULL, things.mem, CL_TRUE, origin, origin, region, 0, 0, 0,
					0, b, 0, NULL, NULL));
}

static void copies_and_fills(void **state)
{
	const size_t origin[3] = {0, 0, 0}, down[3] = {0, 2, 0}, below_[3] = {0, 8, 0};
	const size_t region[3] = {16, 4, 1};
	const cl_buffer_region lower = {0, 1024}, upper = {512, 1024};
	cl_command_queue q = things.queue;
	cl_mem m = things.mem, h = things.host;
	cl_mem a = clCreateSubBuffer(m, 0, CL_BUFFER_CREATE_TYPE_REGION, &lower, NULL);
	cl_mem b = clCreateSubBuffer(m, 0, CL_BUFFER_CREATE_TYPE_REGION, &upper, NULL);

	(void)state;
#define COPY(from, to, from_offset, to_offset, size) \
	clEnqueueCopyBuffer(q, from, to, from_offset, to_offset, size, 0, NULL, NULL)
	EXPECT(CL_INVALID_MEM_OBJECT, COPY(BAD(cl_mem), h, 0, 0, 64));
	EXPECT(CL_INVALID_MEM_OBJECT, COPY(m, NULL, 0, 0, 64));
	EXPECT(CL_INVALID_CONTEXT, COPY(m, things.foreign, 0, 0, 64));
	EXPECT(CL_SUCCESS, COPY(m, h, 0, 4096, 0));
	EXPECT(CL_INVALID_VALUE, COPY(m, h, 0, 4097, 0));
	EXPECT(CL_INVALID_VALUE, COPY(m, h, 4095, 0, 2));
	EXPECT(CL_INVALID_VALUE, COPY(m, h, 0, 4095, 2));
	EXPECT(CL_INVALID_VALUE, COPY(m, h, SIZE_MAX, 0, 1));
	EXPECT(CL_MEM_COPY_OVERLAP, COPY(m, m, 0, 63, 64));
	EXPECT(CL_MEM_COPY_OVERLAP, COPY(m, m, 63, 0, 64));
	EXPECT(CL_SUCCESS, COPY(m, m, 64, 0, 64));
	EXPECT(CL_MEM_COPY_OVERLAP, COPY(a, b, 512, 0, 64));
	EXPECT(CL_MEM_COPY_OVERLAP, COPY(m, b, 512, 0, 64));
	EXPECT(CL_SUCCESS, COPY(a, b, 448, 0, 64));
	EXPECT(CL_INVALID_COMMAND_QUEUE, clEnqueueCopyBuffer(NULL, m, h, 0, 0, 64, 0, NULL, NULL));
#undef COPY
#define COPY(from, to, to_origin, row, slice, to_row, to_slice)                             \
	clEnqueueCopyBufferRect(q, from, to, origin, to_origin, region, row, slice, to_row, \
				to_slice, 0, NULL, NULL)
	EXPECT(CL_SUCCESS, COPY(m, h, down, 0, 0, 0, 0));
	EXPECT(CL_MEM_COPY_OVERLAP, COPY(m, m, down, 16, 0, 16, 0));
	EXPECT(CL_INVALID_VALUE, COPY(m, m, down, 16, 0, 32, 0));
	EXPECT(CL_INVALID_VALUE, COPY(m, m, down, 16, 64, 16, 128));
	EXPECT(CL_SUCCESS, COPY(m, m, below_, 16, 256, 16, 256));
	EXPECT(CL_INVALID_CONTEXT, COPY(m, things.foreign, down, 0, 0, 0, 0));
	EXPECT(CL_INVALID_MEM_OBJECT, COPY(NULL, m, down, 0, 0, 0, 0));
#undef COPY
#define FILL(mem, pattern, pattern_size, offset, size) \
	clEnqueueFillBuffer(q, mem, pattern, pattern_size, offset, size, 0, NULL, NULL)
	EXPECT(CL_INVALID_MEM_OBJECT, FILL(BAD(cl_mem), "1234", 4, 0, 64));
	EXPECT(CL_INVALID_CONTEXT, FILL(things.foreign, "1234", 4, 0, 64));
	EXPECT(CL_INVALID_VALUE, FILL(m, NULL, 4, 0, 64));
	EXPECT(CL_INVALID_VALUE, FILL(m, "1234", 0, 0, 64));
	EXPECT(CL_INVALID_VALUE, FILL(m, "1234", 3, 0, 63));
	EXPECT(CL_INVALID_VALUE, FILL(m, things.bytes, 256, 0, 256));
	EXPECT(CL_INVALID_VALUE, FILL(m, "1234", 4, 2, 64));
	EXPECT(CL_INVALID_VALUE, FILL(m, "1234", 4, 4, 63));
	EXPECT(CL_INVALID_VALUE, FILL(m, "1234", 4, 4096, 4));
	EXPECT(CL_SUCCESS, FILL(m, things.bytes, 128, 128, 256));
	EXPECT(CL_SUCCESS, FILL(m, "1234", 4, 4096, 0));
#undef FILL
	EXPECT(CL_INVALID_VALUE, clEnqueueMigrateMemObjects(q, 0, &m, 0, 0, NULL, NULL));
	EXPECT(CL_INVALID_VALUE, clEnqueueMigrateMemObjects(q, 1, NULL, 0, 0, NULL, NULL));
	EXPECT(CL_INVALID_VALUE, clEnqueueMigrateMemObjects(q, 1, &m, 1 << 9, 0, NULL, NULL));
	EXPECT(CL_INVALID_MEM_OBJECT,
	       clEnqueueMigrateMemObjects(q, 1, &(cl_mem){NULL}, 0, 0, NULL, NULL));
	EXPECT(CL_INVALID_CONTEXT,
	       clEnqueueMigrateMemObjects(q, 1, &things.foreign, 0, 0, NULL, NULL));
	assert_success(clFinish(q));
	assert_success(clReleaseMemObject(a));
	assert_success(clReleaseMemObject(b));
}

static void mappings(void **state)
{
	cl_command_queue q = things.queue;
	cl_mem m = things.mem;
	cl_int error;
	void *at;

	(void)state;
#define MAP(queue, mem, flags, offset, size) \
	clEnqueueMapBuffer, queue, mem, CL_TRUE, flags, offset, size, 0, NULL, NULL
#define EXPECT_MAP(code, ...) EXPECT_NULL(code, __VA_ARGS__)
	EXPECT_MAP(CL_INVALID_COMMAND_QUEUE, MAP(BAD(cl_command_queue), m, CL_MAP_READ, 0, 64));
	EXPECT_MAP(CL_INVALID_MEM_OBJECT, MAP(q, BAD(cl_mem), CL_MAP_READ, 0, 64));
	EXPECT_MAP(CL_INVALID_CONTEXT, MAP(q, things.foreign, CL_MAP_READ, 0, 64));
	EXPECT_MAP(CL_INVALID_VALUE, MAP(q, m, CL_MAP_READ, 0, 0));
	EXPECT_MAP(CL_INVALID_VALUE, MAP(q, m, CL_MAP_READ, 4096, 1));
	EXPECT_MAP(CL_INVALID_VALUE, MAP(q, m, 1 << 9, 0, 64));
	EXPECT_MAP(CL_INVALID_VALUE,
		   MAP(q, m, CL_MAP_READ | CL_MAP_WRITE_INVALIDATE_REGION, 0, 64));
	EXPECT_MAP(CL_INVALID_OPERATION, MAP(q, things.readonly, CL_MAP_WRITE, 0, 64));
	EXPECT_MAP(CL_INVALID_OPERATION,
		   MAP(q, things.readonly, CL_MAP_WRITE_INVALIDATE_REGION, 0, 64));
	EXPECT_MAP(CL_INVALID_OPERATION, MAP(q, things.writeonly, CL_MAP_READ, 0, 64));
	EXPECT_MAP(CL_INVALID_OPERATION, MAP(q, things.hidden, CL_MAP_READ, 0, 64));
#undef EXPECT_MAP
#undef MAP
	at = clEnqueueMapBuffer(q, m, CL_TRUE, CL_MAP_READ, 0, 64, 0, NULL, NULL, &error);
	assert_success(error);
	EXPECT(CL_INVALID_COMMAND_QUEUE, clEnqueueUnmapMemObject(NULL, m, at, 0, NULL, NULL));
	EXPECT(CL_INVALID_MEM_OBJECT, clEnqueueUnmapMemObject(q, NULL, at, 0, NULL, NULL));
	EXPECT(CL_INVALID_CONTEXT, clEnqueueUnmapMemObject(q, things.foreign, at, 0, NULL, NULL));
	EXPECT(CL_INVALID_VALUE, clEnqueueUnmapMemObject(q, m, things.bytes, 0, NULL, NULL));
	EXPECT(CL_INVALID_EVENT_WAIT_LIST, clEnqueueUnmapMemObject(q, m, at, 1, NULL, NULL));
	assert_success(clEnqueueUnmapMemObject(q, m, at, 0, NULL, NULL));
}

/* ---- events --------------------------------------------------------------------------------- */

static void wait_lists(void **state)
{
	const cl_event bad[2] = {things.event, BAD(cl_event)};
	const cl_event foreign[2] = {things.event, things.foreign_event};
	const size_t one = 1;
	cl_command_queue q = things.queue;
	cl_mem m = things.mem, h = things.host;
	unsigned char *b = things.bytes;
	const size_t o[3] = {0, 0, 0}, r[3] = {8, 1, 1};
	cl_int error;

	(void)state;
#define ALL(code, n, list)                                                                      \
	do {                                                                                    \
		EXPECT(code, clEnqueueReadBuffer(q, m, CL_TRUE, 0, 8, b, n, list, NULL));       \
		EXPECT(code, clEnqueueWriteBuffer(q, m, CL_TRUE, 0, 8, b, n, list, NULL));      \
		EXPECT(code, clEnqueueReadBufferRect(q, m, CL_TRUE, o, o, r, 0, 0, 0, 0, b, n,  \
						     list, NULL));                              \
		EXPECT(code, clEnqueueWriteBufferRect(q, m, CL_TRUE, o, o, r, 0, 0, 0, 0, b, n, \
						      list, NULL));                             \
		EXPECT(code, clEnqueueCopyBuffer(q, m, h, 0, 0, 8, n, list, NULL));             \
		EXPECT(code,                                                                    \
		       clEnqueueCopyBufferRect(q, m, h, o, o, r, 0, 0, 0, 0, n, list, NULL));   \
		EXPECT(code, clEnqueueFillBuffer(q, m, "1", 1, 0, 8, n, list, NULL));           \
		EXPECT(code, clEnqueueMigrateMemObjects(q, 1, &m, 0, n, list, NULL));           \
		EXPECT(code, clEnqueueNDRangeKernel(q, things.kernel, 1, NULL, &one, NULL, n,   \
						    list, NULL));                               \
		EXPECT(code, clEnqueueTask(q, things.kernel, n, list, NULL));                   \
		EXPECT(code, clEnqueueMarkerWithWaitList(q, n, list, NULL));                    \
		EXPECT(code, clEnqueueBarrierWithWaitList(q, n, list, NULL));                   \
		assert_null(clEnqueueMapBuffer(q, m, CL_TRUE, CL_MAP_READ, 0, 8, n, list, NULL, \
					       &error));                                        \
		assert_int_equal(error, code);                                                  \
	} while (0)
	ALL(CL_INVALID_EVENT_WAIT_LIST, 1, NULL);
	ALL(CL_INVALID_EVENT_WAIT_LIST, 0, bad);
	ALL(CL_INVALID_EVENT_WAIT_LIST, 2, bad);
	ALL(CL_INVALID_CONTEXT, 2, foreign);
#undef ALL
	EXPECT(CL_INVALID_VALUE, clEnqueueWaitForEvents(q, 0, bad));
	EXPECT(CL_INVALID_VALUE, clEnqueueWaitForEvents(q, 1, NULL));
	EXPECT(CL_INVALID_EVENT, clEnqueueWaitForEvents(q, 2, bad));
	EXPECT(CL_INVALID_CONTEXT, clEnqueueWaitForEvents(q, 2, foreign));
	EXPECT(CL_INVALID_VALUE, clEnqueueMarker(q, NULL));
	EXPECT(CL_INVALID_COMMAND_QUEUE, clEnqueueBarrier(BAD(cl_command_queue)));
	assert_success(clEnqueueBarrier(q));
	assert_success(clEnqueueWaitForEvents(q, 1, bad));
}

static void CL_CALLBACK ignore(cl_event event, cl_int status, void *data)
{
	(void)event;
	(void)status;
	(void)data;
}

static void events(void **state)
{
	const struct cl_world *w = things.world;
	const cl_event bad[2] = {things.event, BAD(cl_event)};
	const cl_event foreign[2] = {things.event, things.foreign_event};
	cl_event marker, user;

	(void)state;
	assert_success(clEnqueueMarkerWithWaitList(w->queue, 0, NULL, &marker));
	user = clCreateUserEvent(w->context, NULL);
	EXPECT_NULL(CL_INVALID_CONTEXT, clCreateUserEvent, BAD(cl_context));
	EXPECT(CL_INVALID_EVENT, clSetUserEventStatus(BAD(cl_event), CL_COMPLETE));
	EXPECT(CL_INVALID_EVENT, clSetUserEventStatus(marker, CL_COMPLETE));
	EXPECT(CL_INVALID_VALUE, clSetUserEventStatus(user, CL_RUNNING));
	assert_success(clSetUserEventStatus(user, CL_COMPLETE));
	EXPECT(CL_INVALID_OPERATION, clSetUserEventStatus(user, CL_COMPLETE));
	EXPECT(CL_INVALID_VALUE, clWaitForEvents(0, bad));
	EXPECT(CL_INVALID_VALUE, clWaitForEvents(1, NULL));
	EXPECT(CL_INVALID_EVENT, clWaitForEvents(2, bad));
	EXPECT(CL_INVALID_CONTEXT, clWaitForEvents(2, foreign));
	EXPECT(CL_INVALID_EVENT, clRetainEvent(BAD(cl_event)));
	EXPECT(CL_INVALID_EVENT, clReleaseEvent(NULL));
	EXPECT(CL_INVALID_EVENT, clSetEventCallback(BAD(cl_event), CL_COMPLETE, ignore, NULL));
	EXPECT(CL_INVALID_VALUE, clSetEventCallback(user, CL_COMPLETE, NULL, NULL));
	EXPECT(CL_INVALID_VALUE, clSetEventCallback(user, CL_QUEUED, ignore, NULL));
	EXPECT(CL_INVALID_VALUE, clSetEventCallback(user, -1, ignore, NULL));
	EXPECT(CL_INVALID_EVENT,
	       clGetEventProfilingInfo(BAD(cl_event), CL_PROFILING_COMMAND_END, 0, NULL, NULL));
	assert_success(clReleaseEvent(marker));
	assert_success(clReleaseEvent(user));
}

/* ---- what a board cannot offer -----------------------------------------------------------------
 */

static void unsupported(void **state)
{
	const struct cl_world *w = things.world;
	cl_image_format format = {CL_RGBA, CL_UNORM_INT8};
	const cl_image_desc desc = {
		.image_type = CL_MEM_OBJECT_IMAGE2D, .image_width = 4, .image_height = 4};
	const size_t o[3] = {0, 0, 0}, r[3] = {1, 1, 1};
	cl_context c = w->context;
	cl_command_queue q = w->queue;
	cl_mem m = things.mem;
	cl_uint n = 5;
	size_t pitch;

	(void)state;
	EXPECT_NULL(CL_INVALID_OPERATION, clCreateImage, c, 0, &format, &desc, NULL);
	EXPECT_NULL(CL_INVALID_CONTEXT, clCreateImage, BAD(cl_context), 0, &format, &desc, NULL);
	EXPECT_NULL(CL_INVALID_OPERATION, clCreateImageWithProperties, c, NULL, 0, &format, &desc,
		    NULL);
	EXPECT_NULL(CL_INVALID_OPERATION, clCreateImage2D, c, 0, &format, 4, 4, 0, NULL);
	EXPECT_NULL(CL_INVALID_OPERATION, clCreateImage3D, c, 0, &format, 4, 4, 4, 0, 0, NULL);
	EXPECT_NULL(CL_INVALID_OPERATION, clCreateSampler, c, CL_TRUE, CL_ADDRESS_NONE,
		    CL_FILTER_NEAREST);
	EXPECT_NULL(CL_INVALID_OPERATION, clCreateSamplerWithProperties, c, NULL);
	EXPECT_NULL(CL_INVALID_OPERATION, clCreatePipe, c, 0, 16, 16, NULL);
	EXPECT(CL_SUCCESS, clGetSupportedImageFormats(c, 0, CL_MEM_OBJECT_IMAGE2D, 0, NULL, &n));
	assert_int_equal(n, 0);
	EXPECT(CL_INVALID_CONTEXT,
	       clGetSupportedImageFormats(BAD(cl_context), 0, CL_MEM_OBJECT_IMAGE2D, 0, NULL, &n));
	EXPECT(CL_INVALID_VALUE,
	       clGetSupportedImageFormats(c, 0, CL_MEM_OBJECT_BUFFER, 0, NULL, &n));
	EXPECT(CL_INVALID_VALUE, clGetSupportedImageFormats(c, 0, CL_MEM_OBJECT_PIPE, 0, NULL, &n));
	EXPECT(CL_INVALID_VALUE,
	       clGetSupportedImageFormats(c, 1 << 20, CL_MEM_OBJECT_IMAGE2D, 0, NULL, &n));
	EXPECT(CL_INVALID_VALUE,
	       clGetSupportedImageFormats(c, 0, CL_MEM_OBJECT_IMAGE1D, 0, &format, &n));
	EXPECT(CL_INVALID_MEM_OBJECT, clGetImageInfo(m, CL_IMAGE_WIDTH, 0, NULL, NULL));
	EXPECT(CL_INVALID_MEM_OBJECT, clGetPipeInfo(m, CL_PIPE_PACKET_SIZE, 0, NULL, NULL));
	EXPECT(CL_INVALID_OPERATION,
	       clEnqueueReadImage(q, m, CL_TRUE, o, r, 0, 0, things.bytes, 0, NULL, NULL));
	EXPECT(CL_INVALID_OPERATION,
	       clEnqueueWriteImage(q, m, CL_TRUE, o, r, 0, 0, things.bytes, 0, NULL, NULL));
	EXPECT(CL_INVALID_OPERATION, clEnqueueCopyImage(q, m, m, o, o, r, 0, NULL, NULL));
	EXPECT(CL_INVALID_OPERATION, clEnqueueCopyImageToBuffer(q, m, m, o, r, 0, 0, NULL, NULL));
	EXPECT(CL_INVALID_OPERATION, clEnqueueCopyBufferToImage(q, m, m, 0, o, r, 0, NULL, NULL));
	EXPECT(CL_INVALID_OPERATION, clEnqueueFillImage(q, m, things.bytes, o, r, 0, NULL, NULL));
	EXPECT_NULL(CL_INVALID_OPERATION, clEnqueueMapImage, q, m, CL_TRUE, CL_MAP_READ, o, r,
		    &pitch, &pitch, 0, NULL, NULL);
	assert_null(clSVMAlloc(c, CL_MEM_READ_WRITE, 64, 0));
	clSVMFree(c, NULL);
	EXPECT(CL_INVALID_OPERATION,
	       clEnqueueSVMMemcpy(q, CL_TRUE, things.bytes, things.bytes + 64, 64, 0, NULL, NULL));
	EXPECT(CL_INVALID_OPERATION,
	       clEnqueueSVMMemFill(q, things.bytes, "1", 1, 64, 0, NULL, NULL));
	EXPECT(CL_INVALID_OPERATION,
	       clEnqueueSVMMap(q, CL_TRUE, CL_MAP_READ, things.bytes, 64, 0, NULL, NULL));
	EXPECT(CL_INVALID_OPERATION, clEnqueueSVMUnmap(q, things.bytes, 0, NULL, NULL));
	EXPECT(CL_INVALID_OPERATION, clEnqueueSVMFree(q, 0, NULL, NULL, NULL, 0, NULL, NULL));
	EXPECT(CL_INVALID_OPERATION, clEnqueueSVMMigrateMem(q, 1, (const void *[]){things.bytes},
							    NULL, 0, 0, NULL, NULL));
	EXPECT(CL_INVALID_COMMAND_QUEUE,
	       clEnqueueSVMUnmap(BAD(cl_command_queue), things.bytes, 0, NULL, NULL));
}

/* Which are of contexts that share OpenGL's objects, as no context of a board does. */
static void graphics(void **state)
{
	cl_context c = things.world->context;
	cl_command_queue q = things.queue;
	cl_mem m = things.mem;

	(void)state;
	EXPECT_NULL(CL_INVALID_CONTEXT, clCreateFromGLBuffer, c, 0, 1);
	EXPECT_NULL(CL_INVALID_CONTEXT, clCreateFromGLTexture, c, 0, 0, 0, 1);
	EXPECT_NULL(CL_INVALID_CONTEXT, clCreateFromGLTexture2D, c, 0, 0, 0, 1);
	EXPECT_NULL(CL_INVALID_CONTEXT, clCreateFromGLTexture3D, c, 0, 0, 0, 1);
	EXPECT_NULL(CL_INVALID_CONTEXT, clCreateFromGLRenderbuffer, c, 0, 1);
	EXPECT(CL_INVALID_GL_OBJECT, clGetGLObjectInfo(m, NULL, NULL));
	EXPECT(CL_INVALID_MEM_OBJECT, clGetGLObjectInfo(BAD(cl_mem), NULL, NULL));
	EXPECT(CL_INVALID_GL_OBJECT, clGetGLTextureInfo(m, CL_GL_TEXTURE_TARGET, 0, NULL, NULL));
	EXPECT(CL_INVALID_CONTEXT, clEnqueueAcquireGLObjects(q, 1, &m, 0, NULL, NULL));
	EXPECT(CL_INVALID_CONTEXT, clEnqueueReleaseGLObjects(q, 1, &m, 0, NULL, NULL));
	EXPECT(CL_INVALID_COMMAND_QUEUE,
	       clEnqueueReleaseGLObjects(BAD(cl_command_queue), 1, &m, 0, NULL, NULL));
}

/* Every entry of the dispatch table has a function; without one, a loader ends the program. */
static void no_entry_is_empty(void **state)
{
	void *const *table = *(void **const *)(void *)things.world->context;

	(void)state;
	for (size_t i = 0; i < sizeof(cl_icd_dispatch) / sizeof(void *); i++)
		assert_non_null(table[i]);
}

static int run_group(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(platforms_and_devices),
		cmocka_unit_test(contexts),
		cmocka_unit_test(queues),
		cmocka_unit_test(buffers),
		cmocka_unit_test(parts),
		cmocka_unit_test(programs),
		cmocka_unit_test(kernels),
		cmocka_unit_test(ranges_of_kernels),
		cmocka_unit_test(reads_and_writes),
		cmocka_unit_test(boxes),
		cmocka_unit_test(copies_and_fills),
		cmocka_unit_test(mappings),
		cmocka_unit_test(wait_lists),
		cmocka_unit_test(events),
		cmocka_unit_test(unsupported),
		cmocka_unit_test(graphics),
		cmocka_unit_test(no_entry_is_empty),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

int main(void)
{
	return on_cl_device(run_group);
}
