/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "builtin.h"
#include "engine.h"

static void destroy_kernel(struct object *object)
{
	cl_kernel kernel = (cl_kernel)object;
	cl_context context = kernel->program->context;
	cl_kernel *link = &context->kernels;

	fpr_cl_lock(context);
	while (*link != kernel)
		link = &(*link)->next;
	*link = kernel->next;
	fpr_cl_unlock(context);
	kernel->object.kind = 0;
	fpr_cl_drop(kernel->program);
	free(kernel);
}

static cl_kernel new_kernel(cl_program program, const struct builtin *builtin)
{
	const cl_uint n = builtin->n_arguments;
	cl_kernel kernel = calloc(1, sizeof(*kernel) + n * sizeof(kernel->values[0]));

	if (!kernel)
		return NULL;
	fpr_cl_init(&kernel->object, KIND_KERNEL, destroy_kernel);
	fpr_cl_hold(program);
	kernel->program = program;
	kernel->builtin = builtin;
	for (cl_uint i = 0; i < n; i++) {
		kernel->values[i].set = builtin->arguments[i].optional;
		kernel->values[i].number = builtin->arguments[i].initial;
	}
	fpr_cl_lock(program->context);
	kernel->next = program->context->kernels;
	program->context->kernels = kernel;
	fpr_cl_unlock(program->context);
	return kernel;
}

void fpr_cl_kernels_forget(cl_mem mem)
{
	fpr_cl_lock(mem->context);
	for (cl_kernel kernel = mem->context->kernels; kernel; kernel = kernel->next) {
		const struct builtin *builtin = kernel->builtin;

		for (cl_uint i = 0; i < builtin->n_arguments; i++) {
			if (builtin->arguments[i].type > ARGUMENT_WRITE ||
			    kernel->values[i].mem != mem)
				continue;
			kernel->values[i].mem = NULL;
			kernel->values[i].set = 0;
		}
	}
	fpr_cl_unlock(mem->context);
}

/* ---- making one ---------------------------------------------------------------- */

cl_kernel CL_API_CALL fpr_clCreateKernel(cl_program program, const char *name, cl_int *error)
{
	cl_kernel kernel;

	if (!fpr_cl_is(program, KIND_PROGRAM))
		return fpr_cl_fail(error, CL_INVALID_PROGRAM);
	if (program->source)
		return fpr_cl_fail(error, CL_INVALID_PROGRAM_EXECUTABLE);
	if (!name)
		return fpr_cl_fail(error, CL_INVALID_VALUE);
	for (cl_uint i = 0; i < program->n_kernels; i++) {
		if (strcmp(program->kernels[i]->name, name) != 0)
			continue;
		kernel = new_kernel(program, program->kernels[i]);
		fpr_cl_fail(error, kernel ? CL_SUCCESS : CL_OUT_OF_HOST_MEMORY);
		return kernel;
	}
	return fpr_cl_fail(error, CL_INVALID_KERNEL_NAME);
}

cl_int CL_API_CALL fpr_clCreateKernelsInProgram(cl_program program, cl_uint n, cl_kernel *kernels,
						cl_uint *ret)
{
	if (!fpr_cl_is(program, KIND_PROGRAM))
		return CL_INVALID_PROGRAM;
	if (program->source)
		return CL_INVALID_PROGRAM_EXECUTABLE;
	if (kernels && n < program->n_kernels)
		return CL_INVALID_VALUE;
	for (cl_uint i = 0; kernels && i < program->n_kernels; i++) {
		kernels[i] = new_kernel(program, program->kernels[i]);
		if (kernels[i])
			continue;
		while (i--)
			fpr_cl_drop(kernels[i]);
		return CL_OUT_OF_HOST_MEMORY;
	}
	if (ret)
		*ret = program->n_kernels;
	return CL_SUCCESS;
}

cl_kernel CL_API_CALL fpr_clCloneKernel(cl_kernel kernel, cl_int *error)
{
	cl_kernel clone;

	if (!fpr_cl_is(kernel, KIND_KERNEL))
		return fpr_cl_fail(error, CL_INVALID_KERNEL);
	clone = new_kernel(kernel->program, kernel->builtin);
	if (!clone)
		return fpr_cl_fail(error, CL_OUT_OF_HOST_MEMORY);
	fpr_cl_lock(kernel->program->context);
	memcpy(clone->values, kernel->values,
	       kernel->builtin->n_arguments * sizeof(kernel->values[0]));
	fpr_cl_unlock(kernel->program->context);
	fpr_cl_fail(error, CL_SUCCESS);
	return clone;
}

cl_int CL_API_CALL fpr_clRetainKernel(cl_kernel kernel)
{
	return fpr_cl_retain(kernel, KIND_KERNEL, CL_INVALID_KERNEL);
}

cl_int CL_API_CALL fpr_clReleaseKernel(cl_kernel kernel)
{
	if (!fpr_cl_is(kernel, KIND_KERNEL))
		return CL_INVALID_KERNEL;
	if (fpr_cl_unref(&kernel->object))
		fpr_cl_drop(kernel);
	return CL_SUCCESS;
}

/* ---- arguments -------------------------------------------------------------------- */

/* A buffer, or none: both a NULL and a pointer to one. */
static cl_int read_mem(cl_kernel kernel, size_t size, const void *from, struct value *value)
{
	cl_mem mem = NULL;

	if (size != sizeof(cl_mem))
		return CL_INVALID_ARG_SIZE;
	if (from)
		memcpy(&mem, from, sizeof(mem));
	if (mem && (!fpr_cl_is(mem, KIND_MEM) || mem->context != kernel->program->context))
		return CL_INVALID_MEM_OBJECT;
	value->number = 0;
	value->mem = mem;
	return CL_SUCCESS;
}

static cl_int read_number(size_t size, const void *from, size_t want, struct value *value)
{
	if (!from)
		return CL_INVALID_ARG_VALUE;
	if (size != want)
		return CL_INVALID_ARG_SIZE;
	value->number = 0;
	if (want == sizeof(cl_uint)) {
		cl_uint number;

		memcpy(&number, from, sizeof(number));
		value->number = number;
	} else {
		memcpy(&value->number, from, sizeof(value->number));
	}
	return CL_SUCCESS;
}

cl_int CL_API_CALL fpr_clSetKernelArg(cl_kernel kernel, cl_uint index, size_t size,
				      const void *from)
{
	struct value value = {.set = 1};
	cl_int code;

	if (!fpr_cl_is(kernel, KIND_KERNEL))
		return CL_INVALID_KERNEL;
	if (index >= kernel->builtin->n_arguments)
		return CL_INVALID_ARG_INDEX;
	switch (kernel->builtin->arguments[index].type) {
	case ARGUMENT_READ:
	case ARGUMENT_WRITE:
		code = read_mem(kernel, size, from, &value);
		break;
	case ARGUMENT_UINT:
		code = read_number(size, from, sizeof(cl_uint), &value);
		break;
	default:
		code = read_number(size, from, sizeof(cl_ulong), &value);
	}
	if (code)
		return code;
	fpr_cl_lock(kernel->program->context);
	kernel->values[index] = value;
	fpr_cl_unlock(kernel->program->context);
	return CL_SUCCESS;
}

cl_int CL_API_CALL fpr_clSetKernelArgSVMPointer(cl_kernel kernel, cl_uint index, const void *value)
{
	(void)index;
	(void)value;
	return fpr_cl_is(kernel, KIND_KERNEL) ? CL_INVALID_OPERATION : CL_INVALID_KERNEL;
}

cl_int CL_API_CALL fpr_clSetKernelExecInfo(cl_kernel kernel, cl_kernel_exec_info param, size_t size,
					   const void *value)
{
	(void)param;
	(void)size;
	(void)value;
	return fpr_cl_is(kernel, KIND_KERNEL) ? CL_INVALID_OPERATION : CL_INVALID_KERNEL;
}

/* ---- questions ---------------------------------------------------------------------- */

cl_int CL_API_CALL fpr_clGetKernelInfo(cl_kernel kernel, cl_kernel_info param, size_t size,
				       void *value, size_t *ret)
{
	const struct answer answer = {size, value, ret};

	if (!fpr_cl_is(kernel, KIND_KERNEL))
		return CL_INVALID_KERNEL;
	switch (param) {
	case CL_KERNEL_FUNCTION_NAME:
		return fpr_cl_give_text(&answer, kernel->builtin->name);
	case CL_KERNEL_NUM_ARGS:
		FPR_CL_GIVE(&answer, cl_uint, kernel->builtin->n_arguments);
	case CL_KERNEL_REFERENCE_COUNT:
		FPR_CL_GIVE(&answer, cl_uint, kernel->object.refs);
	case CL_KERNEL_CONTEXT:
		FPR_CL_GIVE(&answer, cl_context, kernel->program->context);
	case CL_KERNEL_PROGRAM:
		FPR_CL_GIVE(&answer, cl_program, kernel->program);
	case CL_KERNEL_ATTRIBUTES:
		return fpr_cl_give_text(&answer, "");
	default:
		return CL_INVALID_VALUE;
	}
}

cl_int CL_API_CALL fpr_clGetKernelArgInfo(cl_kernel kernel, cl_uint index, cl_kernel_arg_info param,
					  size_t size, void *value, size_t *ret)
{
	const struct answer answer = {size, value, ret};
	const struct argument *argument;
	int is_buffer;

	if (!fpr_cl_is(kernel, KIND_KERNEL))
		return CL_INVALID_KERNEL;
	if (index >= kernel->builtin->n_arguments)
		return CL_INVALID_ARG_INDEX;
	argument = &kernel->builtin->arguments[index];
	is_buffer = argument->type <= ARGUMENT_WRITE;
	switch (param) {
	case CL_KERNEL_ARG_ADDRESS_QUALIFIER:
		FPR_CL_GIVE(&answer, cl_kernel_arg_address_qualifier,
			    is_buffer ? CL_KERNEL_ARG_ADDRESS_GLOBAL
				      : CL_KERNEL_ARG_ADDRESS_PRIVATE);
	case CL_KERNEL_ARG_ACCESS_QUALIFIER:
		FPR_CL_GIVE(&answer, cl_kernel_arg_access_qualifier, CL_KERNEL_ARG_ACCESS_NONE);
	case CL_KERNEL_ARG_TYPE_NAME:
		return fpr_cl_give_text(&answer, argument->type_name);
	case CL_KERNEL_ARG_TYPE_QUALIFIER:
		FPR_CL_GIVE(&answer, cl_kernel_arg_type_qualifier,
			    argument->type == ARGUMENT_READ ? CL_KERNEL_ARG_TYPE_CONST
							    : CL_KERNEL_ARG_TYPE_NONE);
	case CL_KERNEL_ARG_NAME:
		return fpr_cl_give_text(&answer, argument->name);
	default:
		return CL_INVALID_VALUE;
	}
}

/* NULL stands for the only device there is. */
static int is_for(cl_kernel kernel, cl_device_id device)
{
	const cl_program program = kernel->program;

	if (!device)
		return program->n_devices == 1;
	for (cl_uint i = 0; i < program->n_devices; i++)
		if (program->devices[i] == device)
			return 1;
	return 0;
}

cl_int CL_API_CALL fpr_clGetKernelWorkGroupInfo(cl_kernel kernel, cl_device_id device,
						cl_kernel_work_group_info param, size_t size,
						void *value, size_t *ret)
{
	const struct answer answer = {size, value, ret};
	const size_t one[3] = {1, 1, 1}, none[3] = {0, 0, 0};

	if (!fpr_cl_is(kernel, KIND_KERNEL))
		return CL_INVALID_KERNEL;
	if (!is_for(kernel, device))
		return CL_INVALID_DEVICE;
	switch (param) {
	case CL_KERNEL_GLOBAL_WORK_SIZE:
		return fpr_cl_give(&answer, one, sizeof(one));
	case CL_KERNEL_WORK_GROUP_SIZE:
	case CL_KERNEL_PREFERRED_WORK_GROUP_SIZE_MULTIPLE:
		FPR_CL_GIVE(&answer, size_t, 1);
	case CL_KERNEL_COMPILE_WORK_GROUP_SIZE:
		return fpr_cl_give(&answer, none, sizeof(none));
	case CL_KERNEL_LOCAL_MEM_SIZE:
	case CL_KERNEL_PRIVATE_MEM_SIZE:
		FPR_CL_GIVE(&answer, cl_ulong, 0);
	default:
		return CL_INVALID_VALUE;
	}
}

cl_int CL_API_CALL fpr_clGetKernelSubGroupInfo(cl_kernel kernel, cl_device_id device,
					       cl_kernel_sub_group_info param, size_t in_size,
					       const void *in, size_t size, void *value,
					       size_t *ret)
{
	(void)param;
	(void)in_size;
	(void)in;
	(void)size;
	(void)value;
	(void)ret;
	if (!fpr_cl_is(kernel, KIND_KERNEL))
		return CL_INVALID_KERNEL;
	return is_for(kernel, device) ? CL_INVALID_OPERATION : CL_INVALID_DEVICE;
}

cl_int CL_API_CALL fpr_clGetKernelSubGroupInfoKHR(cl_kernel kernel, cl_device_id device,
						  cl_kernel_sub_group_info param, size_t in_size,
						  const void *in, size_t size, void *value,
						  size_t *ret)
{
	return fpr_clGetKernelSubGroupInfo(kernel, device, param, in_size, in, size, value, ret);
}
