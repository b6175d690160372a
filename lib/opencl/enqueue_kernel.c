/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "builtin.h"
#include "engine.h"

/* A built-in kernel is one job: its range is a single work-item, or none. */
static cl_int check_range(cl_uint dims, const size_t *offset, const size_t *global,
			  const size_t *local)
{
	if (dims < 1 || dims > 3)
		return CL_INVALID_WORK_DIMENSION;
	for (cl_uint i = 0; i < dims; i++) {
		if (global && global[i] > 1)
			return CL_INVALID_GLOBAL_WORK_SIZE;
		if (offset && global && global[i] && offset[i] > SIZE_MAX - global[i])
			return CL_INVALID_GLOBAL_OFFSET;
		if (local && local[i] > 1)
			return CL_INVALID_WORK_ITEM_SIZE;
		if (local && !local[i])
			return CL_INVALID_WORK_GROUP_SIZE;
	}
	return CL_SUCCESS;
}

static int is_empty(cl_uint dims, const size_t *global)
{
	for (cl_uint i = 0; i < dims; i++)
		if (!global || !global[i])
			return 1;
	return 0;
}

static int is_for(cl_program program, cl_command_queue queue)
{
	for (cl_uint i = 0; i < program->n_devices; i++)
		if (program->devices[i] == queue->context->boards[queue->board].device)
			return 1;
	return 0;
}

static cl_int check_kernel(cl_command_queue queue, cl_kernel kernel)
{
	if (!fpr_cl_is(queue, KIND_QUEUE))
		return CL_INVALID_COMMAND_QUEUE;
	if (!fpr_cl_is(kernel, KIND_KERNEL))
		return CL_INVALID_KERNEL;
	if (kernel->program->context != queue->context)
		return CL_INVALID_CONTEXT;
	return is_for(kernel->program, queue) ? CL_SUCCESS : CL_INVALID_PROGRAM_EXECUTABLE;
}

/*
 * Return: CL_INVALID_KERNEL_ARGS when one is not set, or is a buffer that the application has
 * released, though commands still use it. The lock is held.
 */
static cl_int take_values(cl_kernel kernel, struct value *values)
{
	for (cl_uint i = 0; i < kernel->builtin->n_arguments; i++) {
		values[i] = kernel->values[i];
		if (!values[i].set)
			return CL_INVALID_KERNEL_ARGS;
		if (kernel->builtin->arguments[i].type <= ARGUMENT_WRITE && values[i].mem &&
		    !fpr_cl_is(values[i].mem, KIND_MEM))
			return CL_INVALID_KERNEL_ARGS;
	}
	return CL_SUCCESS;
}

/*
 * Buffers that go meanwhile go from the kernel's arguments first, which takes the lock. Of an
 * empty range the arguments are only looked at.
 */
static cl_int prepare(cl_event event, cl_kernel kernel, int empty)
{
	struct value values[FPR_CL_GEMM_ARGUMENTS];
	cl_int code;

	fpr_cl_lock(event->context);
	code = take_values(kernel, values);
	if (!code && !empty)
		code = kernel->builtin->prepare(event, values);
	fpr_cl_unlock(event->context);
	return code;
}

static cl_int enqueue(cl_command_queue queue, cl_kernel kernel, cl_command_type type, int empty,
		      const struct request *request)
{
	cl_event event = fpr_cl_event_new(queue->context, queue, type);
	cl_int code;

	if (!event)
		return CL_OUT_OF_HOST_MEMORY;
	code = prepare(event, kernel, empty);
	return code ? fpr_cl_abandon(event, code) : fpr_cl_enqueue(event, request, 0);
}

cl_int CL_API_CALL fpr_clEnqueueNDRangeKernel(cl_command_queue queue, cl_kernel kernel,
					      cl_uint dims, const size_t *offset,
					      const size_t *global, const size_t *local,
					      cl_uint n_waits, const cl_event *waits, cl_event *out)
{
	const struct request request = {n_waits, waits, out, CL_FALSE};
	cl_int code = check_kernel(queue, kernel);

	if (!code)
		code = check_range(dims, offset, global, local);
	if (code)
		return code;
	return enqueue(queue, kernel, CL_COMMAND_NDRANGE_KERNEL, is_empty(dims, global), &request);
}

cl_int CL_API_CALL fpr_clEnqueueTask(cl_command_queue queue, cl_kernel kernel, cl_uint n_waits,
				     const cl_event *waits, cl_event *out)
{
	const struct request request = {n_waits, waits, out, CL_FALSE};
	const cl_int code = check_kernel(queue, kernel);

	return code ? code : enqueue(queue, kernel, CL_COMMAND_TASK, 0, &request);
}

/* The board runs no functions of the host. */
cl_int CL_API_CALL fpr_clEnqueueNativeKernel(cl_command_queue queue,
					     void(CL_CALLBACK *function)(void *), void *args,
					     size_t bytes, cl_uint n_mems, const cl_mem *mems,
					     const void **places, cl_uint n_waits,
					     const cl_event *waits, cl_event *out)
{
	(void)function;
	(void)args;
	(void)bytes;
	(void)n_mems;
	(void)mems;
	(void)places;
	(void)n_waits;
	(void)waits;
	(void)out;
	return fpr_cl_is(queue, KIND_QUEUE) ? CL_INVALID_OPERATION : CL_INVALID_COMMAND_QUEUE;
}
