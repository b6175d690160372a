/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/cl_fixture.h"

/* Every question to every kind of object: what it gives, and into room of any size. */

typedef cl_int (*ask)(void *object, cl_uint param, size_t size, void *value, size_t *ret);

/* With no room, too little, just enough and more than enough, which stays as it was. */
static size_t check_question(ask question, void *object, cl_uint param)
{
	unsigned char exact[8192], more[8192 + 16];
	size_t size = SIZE_MAX, again = SIZE_MAX;

	assert_success(question(object, param, 0, NULL, &size));
	assert_in_range(size, 0, sizeof(exact));
	assert_success(question(object, param, 0, NULL, NULL));
	assert_success(question(object, param, 12345, NULL, NULL));
	memset(exact, 0x5a, sizeof(exact));
	memset(more, 0x5a, sizeof(more));
	assert_success(question(object, param, size, exact, &again));
	assert_int_equal(again, size);
	assert_success(question(object, param, size + 16, more, NULL));
	assert_memory_equal(exact, more, size);
	for (size_t i = size; i < size + 16; i++)
		assert_int_equal(more[i], 0x5a);
	if (size) {
		memset(exact, 0x5a, sizeof(exact));
		assert_int_equal(question(object, param, size - 1, exact, NULL), CL_INVALID_VALUE);
		assert_int_equal(exact[0], 0x5a);
		assert_int_equal(question(object, param, 0, exact, NULL), CL_INVALID_VALUE);
	}
	return size;
}

/* One more fact: a parameter and the size of its answer; ANY: of a list or text. */
#define ANY SIZE_MAX

struct question {
	cl_uint param;
	size_t size;
};

static void check_all(ask question, void *object, const struct question *questions, size_t n)
{
	unsigned char value[64];
	size_t size;

	for (size_t i = 0; i < n; i++) {
		size = check_question(question, object, questions[i].param);
		if (questions[i].size != ANY && size != questions[i].size)
			fail_msg("question %#x: %zu bytes, expected %zu", questions[i].param, size,
				 questions[i].size);
	}
	assert_int_equal(question(object, 0xdead, sizeof(value), value, &size), CL_INVALID_VALUE);
}

#define CHECK(asker, object, ...)                                                  \
	do {                                                                       \
		static const struct question list_[] = {__VA_ARGS__};              \
                                                                                   \
		check_all(asker, object, list_, sizeof(list_) / sizeof(list_[0])); \
	} while (0)

/* ---- the questions --------------------------------------------------------------- */

static cl_int ask_platform(void *o, cl_uint p, size_t n, void *v, size_t *r)
{
	return clGetPlatformInfo(o, p, n, v, r);
}

static cl_int ask_device(void *o, cl_uint p, size_t n, void *v, size_t *r)
{
	return clGetDeviceInfo(o, p, n, v, r);
}

static cl_int ask_context(void *o, cl_uint p, size_t n, void *v, size_t *r)
{
	return clGetContextInfo(o, p, n, v, r);
}

static cl_int ask_queue(void *o, cl_uint p, size_t n, void *v, size_t *r)
{
	return clGetCommandQueueInfo(o, p, n, v, r);
}

static cl_int ask_mem(void *o, cl_uint p, size_t n, void *v, size_t *r)
{
	return clGetMemObjectInfo(o, p, n, v, r);
}

static cl_int ask_program(void *o, cl_uint p, size_t n, void *v, size_t *r)
{
	return clGetProgramInfo(o, p, n, v, r);
}

static cl_int ask_build(void *o, cl_uint p, size_t n, void *v, size_t *r)
{
	return clGetProgramBuildInfo(o, fpr_device(), p, n, v, r);
}

static cl_int ask_kernel(void *o, cl_uint p, size_t n, void *v, size_t *r)
{
	return clGetKernelInfo(o, p, n, v, r);
}

static cl_int ask_argument(void *o, cl_uint p, size_t n, void *v, size_t *r)
{
	return clGetKernelArgInfo(o, 2, p, n, v, r);
}

static cl_int ask_group(void *o, cl_uint p, size_t n, void *v, size_t *r)
{
	return clGetKernelWorkGroupInfo(o, fpr_device(), p, n, v, r);
}

static cl_int ask_event(void *o, cl_uint p, size_t n, void *v, size_t *r)
{
	return clGetEventInfo(o, p, n, v, r);
}

static cl_int ask_times(void *o, cl_uint p, size_t n, void *v, size_t *r)
{
	return clGetEventProfilingInfo(o, p, n, v, r);
}

static void platform(void **state)
{
	struct cl_world *world = *state;

	CHECK(ask_platform, world->platform, {CL_PLATFORM_PROFILE, ANY}, {CL_PLATFORM_VERSION, ANY},
	      {CL_PLATFORM_NUMERIC_VERSION, 4}, {CL_PLATFORM_NAME, 4}, {CL_PLATFORM_VENDOR, 4},
	      {CL_PLATFORM_EXTENSIONS, ANY}, {CL_PLATFORM_EXTENSIONS_WITH_VERSION, ANY},
	      {CL_PLATFORM_HOST_TIMER_RESOLUTION, 8}, {CL_PLATFORM_ICD_SUFFIX_KHR, 4});
}

/* All that clinfo asks, and the rest of OpenCL 3.0. */
static void device(void **state)
{
	struct cl_world *world = *state;

	CHECK(ask_device, world->device, {CL_DEVICE_TYPE, 8}, {CL_DEVICE_VENDOR_ID, 4},
	      {CL_DEVICE_MAX_COMPUTE_UNITS, 4}, {CL_DEVICE_MAX_WORK_ITEM_DIMENSIONS, 4},
	      {CL_DEVICE_MAX_WORK_GROUP_SIZE, sizeof(size_t)},
	      {CL_DEVICE_MAX_WORK_ITEM_SIZES, 3 * sizeof(size_t)},
	      {CL_DEVICE_PREFERRED_VECTOR_WIDTH_CHAR, 4},
	      {CL_DEVICE_PREFERRED_VECTOR_WIDTH_SHORT, 4},
	      {CL_DEVICE_PREFERRED_VECTOR_WIDTH_INT, 4}, {CL_DEVICE_PREFERRED_VECTOR_WIDTH_LONG, 4},
	      {CL_DEVICE_PREFERRED_VECTOR_WIDTH_FLOAT, 4},
	      {CL_DEVICE_PREFERRED_VECTOR_WIDTH_DOUBLE, 4},
	      {CL_DEVICE_PREFERRED_VECTOR_WIDTH_HALF, 4}, {CL_DEVICE_NATIVE_VECTOR_WIDTH_CHAR, 4},
	      {CL_DEVICE_NATIVE_VECTOR_WIDTH_SHORT, 4}, {CL_DEVICE_NATIVE_VECTOR_WIDTH_INT, 4},
	      {CL_DEVICE_NATIVE_VECTOR_WIDTH_LONG, 4}, {CL_DEVICE_NATIVE_VECTOR_WIDTH_FLOAT, 4},
	      {CL_DEVICE_NATIVE_VECTOR_WIDTH_DOUBLE, 4}, {CL_DEVICE_NATIVE_VECTOR_WIDTH_HALF, 4},
	      {CL_DEVICE_MAX_CLOCK_FREQUENCY, 4}, {CL_DEVICE_ADDRESS_BITS, 4},
	      {CL_DEVICE_MAX_MEM_ALLOC_SIZE, 8}, {CL_DEVICE_IMAGE_SUPPORT, 4},
	      {CL_DEVICE_MAX_READ_IMAGE_ARGS, 4}, {CL_DEVICE_MAX_WRITE_IMAGE_ARGS, 4},
	      {CL_DEVICE_MAX_READ_WRITE_IMAGE_ARGS, 4}, {CL_DEVICE_IL_VERSION, 1},
	      {CL_DEVICE_ILS_WITH_VERSION, 0}, {CL_DEVICE_IMAGE2D_MAX_WIDTH, 8},
	      {CL_DEVICE_IMAGE2D_MAX_HEIGHT, 8}, {CL_DEVICE_IMAGE3D_MAX_WIDTH, 8},
	      {CL_DEVICE_IMAGE3D_MAX_HEIGHT, 8}, {CL_DEVICE_IMAGE3D_MAX_DEPTH, 8},
	      {CL_DEVICE_IMAGE_MAX_BUFFER_SIZE, 8}, {CL_DEVICE_IMAGE_MAX_ARRAY_SIZE, 8},
	      {CL_DEVICE_MAX_SAMPLERS, 4}, {CL_DEVICE_IMAGE_PITCH_ALIGNMENT, 4},
	      {CL_DEVICE_IMAGE_BASE_ADDRESS_ALIGNMENT, 4}, {CL_DEVICE_MAX_PIPE_ARGS, 4},
	      {CL_DEVICE_PIPE_MAX_ACTIVE_RESERVATIONS, 4}, {CL_DEVICE_PIPE_MAX_PACKET_SIZE, 4},
	      {CL_DEVICE_MAX_PARAMETER_SIZE, 8}, {CL_DEVICE_MEM_BASE_ADDR_ALIGN, 4},
	      {CL_DEVICE_MIN_DATA_TYPE_ALIGN_SIZE, 4}, {CL_DEVICE_SINGLE_FP_CONFIG, 8},
	      {CL_DEVICE_DOUBLE_FP_CONFIG, 8}, {CL_DEVICE_HALF_FP_CONFIG, 8},
	      {CL_DEVICE_GLOBAL_MEM_CACHE_TYPE, 4}, {CL_DEVICE_GLOBAL_MEM_CACHELINE_SIZE, 4},
	      {CL_DEVICE_GLOBAL_MEM_CACHE_SIZE, 8}, {CL_DEVICE_GLOBAL_MEM_SIZE, 8},
	      {CL_DEVICE_MAX_CONSTANT_BUFFER_SIZE, 8}, {CL_DEVICE_MAX_CONSTANT_ARGS, 4},
	      {CL_DEVICE_MAX_GLOBAL_VARIABLE_SIZE, 8},
	      {CL_DEVICE_GLOBAL_VARIABLE_PREFERRED_TOTAL_SIZE, 8}, {CL_DEVICE_LOCAL_MEM_TYPE, 4},
	      {CL_DEVICE_LOCAL_MEM_SIZE, 8}, {CL_DEVICE_ERROR_CORRECTION_SUPPORT, 4},
	      {CL_DEVICE_HOST_UNIFIED_MEMORY, 4}, {CL_DEVICE_PROFILING_TIMER_RESOLUTION, 8},
	      {CL_DEVICE_ENDIAN_LITTLE, 4}, {CL_DEVICE_AVAILABLE, 4},
	      {CL_DEVICE_COMPILER_AVAILABLE, 4}, {CL_DEVICE_LINKER_AVAILABLE, 4},
	      {CL_DEVICE_EXECUTION_CAPABILITIES, 8}, {CL_DEVICE_QUEUE_ON_HOST_PROPERTIES, 8},
	      {CL_DEVICE_QUEUE_ON_DEVICE_PROPERTIES, 8},
	      {CL_DEVICE_QUEUE_ON_DEVICE_PREFERRED_SIZE, 4},
	      {CL_DEVICE_QUEUE_ON_DEVICE_MAX_SIZE, 4}, {CL_DEVICE_MAX_ON_DEVICE_QUEUES, 4},
	      {CL_DEVICE_MAX_ON_DEVICE_EVENTS, 4}, {CL_DEVICE_BUILT_IN_KERNELS, ANY},
	      {CL_DEVICE_BUILT_IN_KERNELS_WITH_VERSION, ANY}, {CL_DEVICE_PLATFORM, 8},
	      {CL_DEVICE_NAME, ANY}, {CL_DEVICE_VENDOR, ANY}, {CL_DRIVER_VERSION, ANY},
	      {CL_DEVICE_PROFILE, ANY}, {CL_DEVICE_VERSION, ANY}, {CL_DEVICE_NUMERIC_VERSION, 4},
	      {CL_DEVICE_OPENCL_C_VERSION, ANY}, {CL_DEVICE_OPENCL_C_ALL_VERSIONS, 0},
	      {CL_DEVICE_OPENCL_C_FEATURES, 0}, {CL_DEVICE_EXTENSIONS, ANY},
	      {CL_DEVICE_EXTENSIONS_WITH_VERSION, ANY}, {CL_DEVICE_PRINTF_BUFFER_SIZE, 8},
	      {CL_DEVICE_PREFERRED_INTEROP_USER_SYNC, 4}, {CL_DEVICE_PARENT_DEVICE, 8},
	      {CL_DEVICE_PARTITION_MAX_SUB_DEVICES, 4}, {CL_DEVICE_PARTITION_PROPERTIES, ANY},
	      {CL_DEVICE_PARTITION_AFFINITY_DOMAIN, 8}, {CL_DEVICE_PARTITION_TYPE, ANY},
	      {CL_DEVICE_REFERENCE_COUNT, 4}, {CL_DEVICE_SVM_CAPABILITIES, 8},
	      {CL_DEVICE_PREFERRED_PLATFORM_ATOMIC_ALIGNMENT, 4},
	      {CL_DEVICE_PREFERRED_GLOBAL_ATOMIC_ALIGNMENT, 4},
	      {CL_DEVICE_PREFERRED_LOCAL_ATOMIC_ALIGNMENT, 4}, {CL_DEVICE_MAX_NUM_SUB_GROUPS, 4},
	      {CL_DEVICE_SUB_GROUP_INDEPENDENT_FORWARD_PROGRESS, 4},
	      {CL_DEVICE_ATOMIC_MEMORY_CAPABILITIES, 8}, {CL_DEVICE_ATOMIC_FENCE_CAPABILITIES, 8},
	      {CL_DEVICE_NON_UNIFORM_WORK_GROUP_SUPPORT, 4},
	      {CL_DEVICE_WORK_GROUP_COLLECTIVE_FUNCTIONS_SUPPORT, 4},
	      {CL_DEVICE_GENERIC_ADDRESS_SPACE_SUPPORT, 4},
	      {CL_DEVICE_DEVICE_ENQUEUE_CAPABILITIES, 8}, {CL_DEVICE_PIPE_SUPPORT, 4},
	      {CL_DEVICE_PREFERRED_WORK_GROUP_SIZE_MULTIPLE, 8},
	      {CL_DEVICE_LATEST_CONFORMANCE_VERSION_PASSED, ANY}, {CL_DEVICE_UUID_KHR, 16},
	      {CL_DRIVER_UUID_KHR, 16}, {CL_DEVICE_LUID_VALID_KHR, 4}, {CL_DEVICE_LUID_KHR, 8},
	      {CL_DEVICE_NODE_MASK_KHR, 4});
}

static void context(void **state)
{
	struct cl_world *world = *state;
	const cl_context_properties list[] = {CL_CONTEXT_PLATFORM,
					      (cl_context_properties)world->platform, 0};
	cl_context_properties got[3];
	cl_device_id device_id;
	cl_int error;
	cl_context other = clCreateContext(list, 1, &world->device, NULL, NULL, &error);

	assert_success(error);
	CHECK(ask_context, world->context, {CL_CONTEXT_REFERENCE_COUNT, 4},
	      {CL_CONTEXT_NUM_DEVICES, 4}, {CL_CONTEXT_DEVICES, 8}, {CL_CONTEXT_PROPERTIES, 0});
	CHECK(ask_context, other, {CL_CONTEXT_PROPERTIES, sizeof(list)});
	assert_success(clGetContextInfo(other, CL_CONTEXT_PROPERTIES, sizeof(got), got, NULL));
	assert_memory_equal(got, list, sizeof(list));
	assert_success(clGetContextInfo(other, CL_CONTEXT_DEVICES, 8, &device_id, NULL));
	assert_ptr_equal(device_id, world->device);
	assert_success(clReleaseContext(other));
}

static void queue(void **state)
{
	struct cl_world *world = *state;
	const cl_queue_properties list[] = {CL_QUEUE_PROPERTIES,
					    CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE,
					    CL_QUEUE_PRIORITY_KHR, CL_QUEUE_PRIORITY_LOW_KHR, 0};
	cl_command_queue_properties bits = 0;
	cl_queue_properties got[5];
	cl_uint priority = 0;
	cl_command_queue plain, other;
	cl_device_id device_id;
	unsigned char value[16];
	cl_int error;

	plain = clCreateCommandQueue(world->context, world->device, 0, &error);
	assert_success(error);
	other = clCreateCommandQueueWithProperties(world->context, world->device, list, &error);
	assert_success(error);
	CHECK(ask_queue, plain, {CL_QUEUE_CONTEXT, 8}, {CL_QUEUE_DEVICE, 8},
	      {CL_QUEUE_REFERENCE_COUNT, 4}, {CL_QUEUE_PROPERTIES, 8},
	      {CL_QUEUE_PROPERTIES_ARRAY, 0}, {CL_QUEUE_DEVICE_DEFAULT, 8},
	      {CL_QUEUE_PRIORITY_KHR, 4});
	assert_int_equal(clGetCommandQueueInfo(plain, CL_QUEUE_SIZE, 16, value, NULL),
			 CL_INVALID_COMMAND_QUEUE);
	CHECK(ask_queue, other, {CL_QUEUE_PROPERTIES_ARRAY, sizeof(list)});
	clGetCommandQueueInfo(other, CL_QUEUE_PROPERTIES_ARRAY, sizeof(got), got, NULL);
	assert_memory_equal(got, list, sizeof(list));
	clGetCommandQueueInfo(other, CL_QUEUE_PROPERTIES, sizeof(bits), &bits, NULL);
	assert_int_equal(bits, CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE);
	clGetCommandQueueInfo(other, CL_QUEUE_PRIORITY_KHR, 4, &priority, NULL);
	assert_int_equal(priority, CL_QUEUE_PRIORITY_LOW_KHR);
	clGetCommandQueueInfo(plain, CL_QUEUE_PRIORITY_KHR, 4, &priority, NULL);
	assert_int_equal(priority, CL_QUEUE_PRIORITY_MED_KHR);
	clGetCommandQueueInfo(plain, CL_QUEUE_DEVICE, 8, &device_id, NULL);
	assert_ptr_equal(device_id, world->device);
	assert_success(clReleaseCommandQueue(plain));
	assert_success(clReleaseCommandQueue(other));
}

static void mem(void **state)
{
	struct cl_world *world = *state;
	const cl_buffer_region region = {128, 256};
	static unsigned char host[512];
	cl_mem buffer, part, got = NULL;
	cl_mem_flags flags = 0;
	size_t number = 0;
	cl_int error;
	void *ptr;

	buffer = new_buffer(world, CL_MEM_USE_HOST_PTR | CL_MEM_HOST_READ_ONLY, 512, host);
	part = clCreateSubBuffer(buffer, CL_MEM_READ_ONLY, CL_BUFFER_CREATE_TYPE_REGION, &region,
				 &error);
	assert_success(error);
	CHECK(ask_mem, part, {CL_MEM_TYPE, 4}, {CL_MEM_FLAGS, 8}, {CL_MEM_SIZE, 8},
	      {CL_MEM_HOST_PTR, 8}, {CL_MEM_MAP_COUNT, 4}, {CL_MEM_REFERENCE_COUNT, 4},
	      {CL_MEM_CONTEXT, 8}, {CL_MEM_ASSOCIATED_MEMOBJECT, 8}, {CL_MEM_OFFSET, 8},
	      {CL_MEM_USES_SVM_POINTER, 4}, {CL_MEM_PROPERTIES, 0});
	clGetMemObjectInfo(part, CL_MEM_FLAGS, 8, &flags, NULL);
	assert_int_equal(flags, CL_MEM_READ_ONLY | CL_MEM_USE_HOST_PTR | CL_MEM_HOST_READ_ONLY);
	clGetMemObjectInfo(part, CL_MEM_ASSOCIATED_MEMOBJECT, 8, &got, NULL);
	assert_ptr_equal(got, buffer);
	clGetMemObjectInfo(part, CL_MEM_OFFSET, 8, &number, NULL);
	assert_int_equal(number, 128);
	clGetMemObjectInfo(part, CL_MEM_SIZE, 8, &number, NULL);
	assert_int_equal(number, 256);
	clGetMemObjectInfo(part, CL_MEM_HOST_PTR, 8, &ptr, NULL);
	assert_ptr_equal(ptr, host + 128);
	clGetMemObjectInfo(buffer, CL_MEM_FLAGS, 8, &flags, NULL);
	assert_int_equal(flags, CL_MEM_READ_WRITE | CL_MEM_USE_HOST_PTR | CL_MEM_HOST_READ_ONLY);
	assert_success(clReleaseMemObject(buffer));
	assert_success(clReleaseMemObject(part));
}

static void program(void **state)
{
	struct cl_world *world = *state;
	char names[256];
	size_t n = 0;

	CHECK(ask_program, world->program, {CL_PROGRAM_REFERENCE_COUNT, 4}, {CL_PROGRAM_CONTEXT, 8},
	      {CL_PROGRAM_NUM_DEVICES, 4}, {CL_PROGRAM_DEVICES, 8}, {CL_PROGRAM_SOURCE, 1},
	      {CL_PROGRAM_IL, 0}, {CL_PROGRAM_BINARY_SIZES, 8}, {CL_PROGRAM_NUM_KERNELS, 8},
	      {CL_PROGRAM_KERNEL_NAMES, ANY}, {CL_PROGRAM_SCOPE_GLOBAL_CTORS_PRESENT, 4},
	      {CL_PROGRAM_SCOPE_GLOBAL_DTORS_PRESENT, 4});
	CHECK(ask_build, world->program, {CL_PROGRAM_BUILD_STATUS, 4},
	      {CL_PROGRAM_BUILD_OPTIONS, 1}, {CL_PROGRAM_BUILD_LOG, 1}, {CL_PROGRAM_BINARY_TYPE, 4},
	      {CL_PROGRAM_BUILD_GLOBAL_VARIABLE_TOTAL_SIZE, 8});
	clGetProgramInfo(world->program, CL_PROGRAM_NUM_KERNELS, sizeof(n), &n, NULL);
	assert_int_equal(n, 6);
	clGetProgramInfo(world->program, CL_PROGRAM_KERNEL_NAMES, sizeof(names), names, NULL);
	assert_string_equal(names, "fpr_gemm;fpr_matmul;fpr_copy;fpr_push;fpr_pull;fpr_accumulate");
}

/* The device's own list is what a program of all of them is made from. */
static void kernels_are_listed(void **state)
{
	struct cl_world *world = *state;
	char names[512], versions[8192];
	const cl_name_version *list = (const cl_name_version *)versions;
	cl_kernel kernels[16];
	cl_program all;
	size_t bytes = 0, at = 0;
	cl_uint n = 0;
	cl_int error;

	clGetDeviceInfo(world->device, CL_DEVICE_BUILT_IN_KERNELS, sizeof(names), names, NULL);
	all = clCreateProgramWithBuiltInKernels(world->context, 1, &world->device, names, &error);
	assert_success(error);
	assert_success(clCreateKernelsInProgram(all, 16, kernels, &n));
	clGetDeviceInfo(world->device, CL_DEVICE_BUILT_IN_KERNELS_WITH_VERSION, sizeof(versions),
			versions, &bytes);
	assert_int_equal(bytes, n * sizeof(*list));
	for (cl_uint i = 0; i < n; i++) {
		char name[64];

		clGetKernelInfo(kernels[i], CL_KERNEL_FUNCTION_NAME, sizeof(name), name, NULL);
		assert_string_equal(name, list[i].name);
		assert_int_equal(strncmp(names + at, name, strlen(name)), 0);
		at += strlen(name) + 1;
		assert_success(clReleaseKernel(kernels[i]));
	}
	assert_success(clReleaseProgram(all));
}

static void kernel(void **state)
{
	struct cl_world *world = *state;
	cl_kernel gemm = new_kernel(world, "fpr_gemm");
	cl_kernel_arg_address_qualifier address = 0;
	cl_kernel_arg_type_qualifier type = 0;
	size_t sizes[3];
	cl_uint n = 0;
	char name[64];

	CHECK(ask_kernel, gemm, {CL_KERNEL_FUNCTION_NAME, 9}, {CL_KERNEL_NUM_ARGS, 4},
	      {CL_KERNEL_REFERENCE_COUNT, 4}, {CL_KERNEL_CONTEXT, 8}, {CL_KERNEL_PROGRAM, 8},
	      {CL_KERNEL_ATTRIBUTES, 1});
	CHECK(ask_argument, gemm, {CL_KERNEL_ARG_ADDRESS_QUALIFIER, 4},
	      {CL_KERNEL_ARG_ACCESS_QUALIFIER, 4}, {CL_KERNEL_ARG_TYPE_NAME, 6},
	      {CL_KERNEL_ARG_TYPE_QUALIFIER, 8}, {CL_KERNEL_ARG_NAME, 2});
	CHECK(ask_group, gemm, {CL_KERNEL_GLOBAL_WORK_SIZE, 24}, {CL_KERNEL_WORK_GROUP_SIZE, 8},
	      {CL_KERNEL_COMPILE_WORK_GROUP_SIZE, 24}, {CL_KERNEL_LOCAL_MEM_SIZE, 8},
	      {CL_KERNEL_PREFERRED_WORK_GROUP_SIZE_MULTIPLE, 8}, {CL_KERNEL_PRIVATE_MEM_SIZE, 8});
	clGetKernelInfo(gemm, CL_KERNEL_NUM_ARGS, 4, &n, NULL);
	assert_int_equal(n, 24);
	clGetKernelArgInfo(gemm, 0, CL_KERNEL_ARG_TYPE_QUALIFIER, 8, &type, NULL);
	assert_int_equal(type, CL_KERNEL_ARG_TYPE_CONST);
	clGetKernelArgInfo(gemm, 2, CL_KERNEL_ARG_TYPE_QUALIFIER, 8, &type, NULL);
	assert_int_equal(type, CL_KERNEL_ARG_TYPE_NONE);
	clGetKernelArgInfo(gemm, 2, CL_KERNEL_ARG_ADDRESS_QUALIFIER, 4, &address, NULL);
	assert_int_equal(address, CL_KERNEL_ARG_ADDRESS_GLOBAL);
	clGetKernelArgInfo(gemm, 12, CL_KERNEL_ARG_ADDRESS_QUALIFIER, 4, &address, NULL);
	assert_int_equal(address, CL_KERNEL_ARG_ADDRESS_PRIVATE);
	clGetKernelArgInfo(gemm, 12, CL_KERNEL_ARG_NAME, sizeof(name), name, NULL);
	assert_string_equal(name, "t");
	clGetKernelWorkGroupInfo(gemm, NULL, CL_KERNEL_GLOBAL_WORK_SIZE, 24, sizes, NULL);
	assert_true(sizes[0] == 1 && sizes[1] == 1 && sizes[2] == 1);
	assert_success(clReleaseKernel(gemm));
}

static void event(void **state)
{
	struct cl_world *world = *state;
	cl_command_queue queue_of = NULL;
	cl_command_type type = 0;
	cl_event marker;

	assert_success(clEnqueueMarkerWithWaitList(world->queue, 0, NULL, &marker));
	assert_success(clWaitForEvents(1, &marker));
	CHECK(ask_event, marker, {CL_EVENT_COMMAND_QUEUE, 8}, {CL_EVENT_CONTEXT, 8},
	      {CL_EVENT_COMMAND_TYPE, 4}, {CL_EVENT_COMMAND_EXECUTION_STATUS, 4},
	      {CL_EVENT_REFERENCE_COUNT, 4});
	CHECK(ask_times, marker, {CL_PROFILING_COMMAND_QUEUED, 8}, {CL_PROFILING_COMMAND_SUBMIT, 8},
	      {CL_PROFILING_COMMAND_START, 8}, {CL_PROFILING_COMMAND_END, 8},
	      {CL_PROFILING_COMMAND_COMPLETE, 8});
	clGetEventInfo(marker, CL_EVENT_COMMAND_QUEUE, 8, &queue_of, NULL);
	assert_ptr_equal(queue_of, world->queue);
	clGetEventInfo(marker, CL_EVENT_COMMAND_TYPE, 4, &type, NULL);
	assert_int_equal(type, CL_COMMAND_MARKER);
	assert_success(clReleaseEvent(marker));
}

/* What a client relies on when it chooses a device. */
static void facts_fit_together(void **state)
{
	struct cl_world *world = *state;
	cl_device_type type = 0;
	cl_ulong memory = 0, most = 0;
	cl_bool flag = CL_TRUE;
	cl_device_id got[2] = {NULL, NULL};
	char text[512];
	cl_uint n = 7;

	clGetDeviceInfo(world->device, CL_DEVICE_TYPE, sizeof(type), &type, NULL);
	assert_int_equal(type, CL_DEVICE_TYPE_CUSTOM);
	clGetDeviceInfo(world->device, CL_DEVICE_GLOBAL_MEM_SIZE, 8, &memory, NULL);
	clGetDeviceInfo(world->device, CL_DEVICE_MAX_MEM_ALLOC_SIZE, 8, &most, NULL);
	assert_true(memory >= 1 << 20 && most <= memory && most >= memory / 4);
	clGetDeviceInfo(world->device, CL_DEVICE_COMPILER_AVAILABLE, 4, &flag, NULL);
	assert_int_equal(flag, CL_FALSE);
	clGetDeviceInfo(world->device, CL_DEVICE_AVAILABLE, 4, &flag, NULL);
	assert_int_equal(flag, CL_TRUE);
	clGetDeviceInfo(world->device, CL_DEVICE_VERSION, sizeof(text), text, NULL);
	assert_int_equal(strncmp(text, "OpenCL 3.0 ", 11), 0);
	clGetDeviceInfo(world->device, CL_DEVICE_EXTENSIONS, sizeof(text), text, NULL);
	assert_int_equal(strstr(text, "cl_khr_pci_bus_info") != NULL, !cl_is_local());
	assert_success(clGetDeviceIDs(world->platform, CL_DEVICE_TYPE_CUSTOM, 2, got, &n));
	assert_int_equal(n, 1);
	assert_ptr_equal(got[0], world->device);
	assert_success(clGetDeviceIDs(world->platform, CL_DEVICE_TYPE_DEFAULT, 2, got, &n));
	assert_int_equal(n, 1);
	assert_int_equal(clGetDeviceIDs(world->platform, CL_DEVICE_TYPE_GPU, 2, got, &n),
			 CL_DEVICE_NOT_FOUND);
	assert_int_equal(n, 0);
}

static void pci_address(void **state)
{
	struct cl_world *world = *state;
	cl_device_pci_bus_info_khr pci = {~0u, ~0u, ~0u, ~0u};
	const cl_int code =
		clGetDeviceInfo(world->device, CL_DEVICE_PCI_BUS_INFO_KHR, sizeof(pci), &pci, NULL);

	assert_int_equal(code, cl_is_local() ? CL_INVALID_VALUE : CL_SUCCESS);
	if (!cl_is_local())
		assert_true(pci.pci_device < 32 && pci.pci_function < 8 && pci.pci_bus < 256);
}

static void timers(void **state)
{
	struct cl_world *world = *state;
	cl_ulong device_time = 0, host_time = 0, later = 0;

	assert_success(clGetDeviceAndHostTimer(world->device, &device_time, &host_time));
	assert_success(clGetHostTimer(world->device, &later));
	assert_true(device_time && later >= host_time);
}

static int run_group(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(platform),
		cmocka_unit_test(device),
		cmocka_unit_test(context),
		cmocka_unit_test(queue),
		cmocka_unit_test(mem),
		cmocka_unit_test(program),
		cmocka_unit_test(kernels_are_listed),
		cmocka_unit_test(kernel),
		cmocka_unit_test(event),
		cmocka_unit_test(facts_fit_together),
		cmocka_unit_test(pci_address),
		cmocka_unit_test(timers),
	};

	return cmocka_run_group_tests(tests, cl_setup, cl_teardown);
}

int main(void)
{
	return on_cl_device(run_group);
}
