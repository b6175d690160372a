/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "builtin.h"
#include "engine.h"

static void destroy_program(struct object *object)
{
	cl_program program = (cl_program)object;

	program->object.kind = 0;
	free(program->source);
	free(program->kernels);
	free(program->devices);
	fpr_cl_drop(program->context);
	free(program);
}

static cl_program new_program(cl_context context, cl_uint n, const cl_device_id *devices)
{
	cl_program program = calloc(1, sizeof(*program));

	if (!program)
		return NULL;
	fpr_cl_init(&program->object, KIND_PROGRAM, destroy_program);
	fpr_cl_hold(context);
	program->context = context;
	program->devices = calloc(n, sizeof(*program->devices));
	program->n_devices = n;
	if (!program->devices) {
		fpr_cl_drop(program);
		return NULL;
	}
	for (cl_uint i = 0; i < n; i++)
		program->devices[i] = devices ? devices[i] : context->boards[i].device;
	return program;
}

static cl_int check_devices(cl_context context, cl_uint n, const cl_device_id *devices)
{
	if (!n || !devices)
		return CL_INVALID_VALUE;
	for (cl_uint i = 0; i < n; i++)
		if (!fpr_cl_is(devices[i], KIND_DEVICE) || fpr_cl_board_of(context, devices[i]) < 0)
			return CL_INVALID_DEVICE;
	return CL_SUCCESS;
}

/* ---- built-in kernels ---------------------------------------------------------- */

static const struct builtin *find(const char *name, size_t length)
{
	for (unsigned int i = 0; i < FPR_CL_BUILTINS; i++)
		if (strlen(fpr_cl_builtins[i].name) == length &&
		    !strncmp(fpr_cl_builtins[i].name, name, length))
			return &fpr_cl_builtins[i];
	return NULL;
}

/* Names are separated by semicolons. Return: 0 when one is no kernel of ours. */
static int add_kernels(cl_program program, const char *names)
{
	for (const char *name = names;; name++) {
		const size_t length = strcspn(name, ";");
		const struct builtin *builtin = find(name, length);
		int known = 0;

		if (!builtin)
			return 0;
		for (cl_uint i = 0; i < program->n_kernels; i++)
			known |= program->kernels[i] == builtin;
		if (!known)
			program->kernels[program->n_kernels++] = builtin;
		name += length;
		if (!*name)
			return 1;
	}
}

cl_program CL_API_CALL fpr_clCreateProgramWithBuiltInKernels(cl_context context, cl_uint n,
							     const cl_device_id *devices,
							     const char *names, cl_int *error)
{
	cl_program program;
	cl_int code;

	if (!fpr_cl_is(context, KIND_CONTEXT))
		return fpr_cl_fail(error, CL_INVALID_CONTEXT);
	code = check_devices(context, n, devices);
	if (!code && !names)
		code = CL_INVALID_VALUE;
	if (code)
		return fpr_cl_fail(error, code);
	program = new_program(context, n, devices);
	if (program)
		program->kernels = calloc(FPR_CL_BUILTINS, sizeof(struct builtin *));
	if (!program || !program->kernels) {
		fpr_cl_drop(program);
		return fpr_cl_fail(error, CL_OUT_OF_HOST_MEMORY);
	}
	if (!add_kernels(program, names)) {
		fpr_cl_drop(program);
		return fpr_cl_fail(error, CL_INVALID_VALUE);
	}
	fpr_cl_fail(error, CL_SUCCESS);
	return program;
}

/* ---- source, which is kept for a compiler that is not there ------------------------- */

static char *join(cl_uint n, const char **strings, const size_t *lengths)
{
	size_t all = 1, at = 0;
	char *source;

	for (cl_uint i = 0; i < n; i++)
		all += lengths && lengths[i] ? lengths[i] : strlen(strings[i]);
	source = calloc(1, all);
	for (cl_uint i = 0; source && i < n; i++) {
		const size_t length = lengths && lengths[i] ? lengths[i] : strlen(strings[i]);

		memcpy(source + at, strings[i], length);
		at += length;
	}
	return source;
}

cl_program CL_API_CALL fpr_clCreateProgramWithSource(cl_context context, cl_uint n,
						     const char **strings, const size_t *lengths,
						     cl_int *error)
{
	cl_program program;

	if (!fpr_cl_is(context, KIND_CONTEXT))
		return fpr_cl_fail(error, CL_INVALID_CONTEXT);
	for (cl_uint i = 0; strings && i < n; i++)
		if (!strings[i])
			return fpr_cl_fail(error, CL_INVALID_VALUE);
	if (!n || !strings)
		return fpr_cl_fail(error, CL_INVALID_VALUE);
	program = new_program(context, context->n_devices, NULL);
	if (program)
		program->source = join(n, strings, lengths);
	if (!program || !program->source) {
		fpr_cl_drop(program);
		return fpr_cl_fail(error, CL_OUT_OF_HOST_MEMORY);
	}
	fpr_cl_fail(error, CL_SUCCESS);
	return program;
}

/* No binary is one of ours: there are none. */
cl_program CL_API_CALL fpr_clCreateProgramWithBinary(cl_context context, cl_uint n,
						     const cl_device_id *devices,
						     const size_t *lengths,
						     const unsigned char **binaries, cl_int *status,
						     cl_int *error)
{
	cl_int code;

	if (!fpr_cl_is(context, KIND_CONTEXT))
		return fpr_cl_fail(error, CL_INVALID_CONTEXT);
	code = check_devices(context, n, devices);
	if (!code && (!lengths || !binaries))
		code = CL_INVALID_VALUE;
	if (code)
		return fpr_cl_fail(error, code);
	code = CL_INVALID_BINARY;
	for (cl_uint i = 0; i < n; i++) {
		const int is_there = lengths[i] && binaries[i];

		if (!is_there)
			code = CL_INVALID_VALUE;
		if (status)
			status[i] = is_there ? CL_INVALID_BINARY : CL_INVALID_VALUE;
	}
	return fpr_cl_fail(error, code);
}

cl_program CL_API_CALL fpr_clCreateProgramWithIL(cl_context context, const void *il, size_t length,
						 cl_int *error)
{
	(void)il;
	(void)length;
	return fpr_cl_fail(error, fpr_cl_is(context, KIND_CONTEXT) ? CL_INVALID_OPERATION
								   : CL_INVALID_CONTEXT);
}

/* ---- building -------------------------------------------------------------------------- */

static cl_int check_build(cl_program program, cl_uint n, const cl_device_id *devices,
			  const void *notify, const void *data)
{
	if (!fpr_cl_is(program, KIND_PROGRAM))
		return CL_INVALID_PROGRAM;
	if (!n != !devices || (!notify && data))
		return CL_INVALID_VALUE;
	for (cl_uint i = 0; i < n; i++) {
		int known = 0;

		for (cl_uint j = 0; j < program->n_devices; j++)
			known |= program->devices[j] == devices[i];
		if (!known)
			return CL_INVALID_DEVICE;
	}
	return CL_SUCCESS;
}

/* Built-in kernels are not built. */
cl_int CL_API_CALL fpr_clBuildProgram(cl_program program, cl_uint n, const cl_device_id *devices,
				      const char *options,
				      void(CL_CALLBACK *notify)(cl_program, void *), void *data)
{
	const cl_int code = check_build(program, n, devices, (const void *)notify, data);

	(void)options;
	if (code)
		return code;
	return program->source ? CL_COMPILER_NOT_AVAILABLE : CL_INVALID_OPERATION;
}

cl_int CL_API_CALL fpr_clCompileProgram(cl_program program, cl_uint n, const cl_device_id *devices,
					const char *options, cl_uint n_headers,
					const cl_program *headers, const char **names,
					void(CL_CALLBACK *notify)(cl_program, void *), void *data)
{
	const cl_int code = check_build(program, n, devices, (const void *)notify, data);

	(void)options;
	if (code)
		return code;
	if (!n_headers != !headers || !n_headers != !names)
		return CL_INVALID_VALUE;
	return program->source ? CL_COMPILER_NOT_AVAILABLE : CL_INVALID_OPERATION;
}

cl_program CL_API_CALL fpr_clLinkProgram(cl_context context, cl_uint n, const cl_device_id *devices,
					 const char *options, cl_uint n_programs,
					 const cl_program *programs,
					 void(CL_CALLBACK *notify)(cl_program, void *), void *data,
					 cl_int *error)
{
	(void)options;
	if (!fpr_cl_is(context, KIND_CONTEXT))
		return fpr_cl_fail(error, CL_INVALID_CONTEXT);
	if (!n_programs || !programs || !n != !devices || (!notify && data))
		return fpr_cl_fail(error, CL_INVALID_VALUE);
	for (cl_uint i = 0; i < n_programs; i++)
		if (!fpr_cl_is(programs[i], KIND_PROGRAM))
			return fpr_cl_fail(error, CL_INVALID_PROGRAM);
	if (n && check_devices(context, n, devices))
		return fpr_cl_fail(error, CL_INVALID_DEVICE);
	return fpr_cl_fail(error, CL_LINKER_NOT_AVAILABLE);
}

cl_int CL_API_CALL fpr_clUnloadCompiler(void)
{
	return CL_SUCCESS;
}

cl_int CL_API_CALL fpr_clUnloadPlatformCompiler(cl_platform_id platform)
{
	return fpr_cl_is(platform, KIND_PLATFORM) ? CL_SUCCESS : CL_INVALID_PLATFORM;
}

cl_int CL_API_CALL fpr_clSetProgramReleaseCallback(cl_program program,
						   void(CL_CALLBACK *notify)(cl_program, void *),
						   void *data)
{
	(void)notify;
	(void)data;
	return fpr_cl_is(program, KIND_PROGRAM) ? CL_INVALID_OPERATION : CL_INVALID_PROGRAM;
}

cl_int CL_API_CALL fpr_clSetProgramSpecializationConstant(cl_program program, cl_uint id,
							  size_t size, const void *value)
{
	(void)id;
	(void)size;
	(void)value;
	return fpr_cl_is(program, KIND_PROGRAM) ? CL_INVALID_OPERATION : CL_INVALID_PROGRAM;
}

/* ---- the rest ---------------------------------------------------------------------------- */

cl_int CL_API_CALL fpr_clRetainProgram(cl_program program)
{
	return fpr_cl_retain(program, KIND_PROGRAM, CL_INVALID_PROGRAM);
}

cl_int CL_API_CALL fpr_clReleaseProgram(cl_program program)
{
	if (!fpr_cl_is(program, KIND_PROGRAM))
		return CL_INVALID_PROGRAM;
	if (fpr_cl_unref(&program->object))
		fpr_cl_drop(program);
	return CL_SUCCESS;
}

static cl_int give_names(cl_program program, const struct answer *answer)
{
	char names[512] = "";

	if (program->source)
		return CL_INVALID_PROGRAM_EXECUTABLE;
	for (cl_uint i = 0; i < program->n_kernels; i++) {
		if (i)
			strcat(names, ";");
		strcat(names, program->kernels[i]->name);
	}
	return fpr_cl_give_text(answer, names);
}

/* One size of 0 for each device, and pointers that nothing is written through. */
static cl_int give_binary_sizes(cl_program program, const struct answer *answer)
{
	size_t *sizes = calloc(program->n_devices, sizeof(*sizes));
	cl_int code;

	if (!sizes)
		return CL_OUT_OF_HOST_MEMORY;
	code = fpr_cl_give(answer, sizes, program->n_devices * sizeof(*sizes));
	free(sizes);
	return code;
}

static cl_int give_binaries(cl_program program, const struct answer *answer)
{
	const size_t bytes = program->n_devices * sizeof(unsigned char *);

	if (answer->value && answer->size < bytes)
		return CL_INVALID_VALUE;
	if (answer->ret)
		*answer->ret = bytes;
	return CL_SUCCESS;
}

cl_int CL_API_CALL fpr_clGetProgramInfo(cl_program program, cl_program_info param, size_t size,
					void *value, size_t *ret)
{
	const struct answer answer = {size, value, ret};

	if (!fpr_cl_is(program, KIND_PROGRAM))
		return CL_INVALID_PROGRAM;
	switch (param) {
	case CL_PROGRAM_REFERENCE_COUNT:
		FPR_CL_GIVE(&answer, cl_uint, program->object.refs);
	case CL_PROGRAM_CONTEXT:
		FPR_CL_GIVE(&answer, cl_context, program->context);
	case CL_PROGRAM_NUM_DEVICES:
		FPR_CL_GIVE(&answer, cl_uint, program->n_devices);
	case CL_PROGRAM_DEVICES:
		return fpr_cl_give(&answer, program->devices,
				   program->n_devices * sizeof(*program->devices));
	case CL_PROGRAM_SOURCE:
		return fpr_cl_give_text(&answer, program->source ? program->source : "");
	case CL_PROGRAM_IL:
		return fpr_cl_give(&answer, NULL, 0);
	case CL_PROGRAM_BINARY_SIZES:
		return give_binary_sizes(program, &answer);
	case CL_PROGRAM_BINARIES:
		return give_binaries(program, &answer);
	case CL_PROGRAM_NUM_KERNELS:
		if (program->source)
			return CL_INVALID_PROGRAM_EXECUTABLE;
		FPR_CL_GIVE(&answer, size_t, program->n_kernels);
	case CL_PROGRAM_KERNEL_NAMES:
		return give_names(program, &answer);
	case CL_PROGRAM_SCOPE_GLOBAL_CTORS_PRESENT:
	case CL_PROGRAM_SCOPE_GLOBAL_DTORS_PRESENT:
		FPR_CL_GIVE(&answer, cl_bool, CL_FALSE);
	default:
		return CL_INVALID_VALUE;
	}
}

cl_int CL_API_CALL fpr_clGetProgramBuildInfo(cl_program program, cl_device_id device,
					     cl_program_build_info param, size_t size, void *value,
					     size_t *ret)
{
	const struct answer answer = {size, value, ret};

	if (!fpr_cl_is(program, KIND_PROGRAM))
		return CL_INVALID_PROGRAM;
	if (!fpr_cl_is(device, KIND_DEVICE) || check_build(program, 1, &device, NULL, NULL))
		return CL_INVALID_DEVICE;
	switch (param) {
	case CL_PROGRAM_BUILD_STATUS:
		FPR_CL_GIVE(&answer, cl_build_status,
			    program->source ? CL_BUILD_NONE : CL_BUILD_SUCCESS);
	case CL_PROGRAM_BUILD_OPTIONS:
	case CL_PROGRAM_BUILD_LOG:
		return fpr_cl_give_text(&answer, "");
	case CL_PROGRAM_BINARY_TYPE:
		FPR_CL_GIVE(&answer, cl_program_binary_type,
			    program->source ? CL_PROGRAM_BINARY_TYPE_NONE
					    : CL_PROGRAM_BINARY_TYPE_EXECUTABLE);
	case CL_PROGRAM_BUILD_GLOBAL_VARIABLE_TOTAL_SIZE:
		FPR_CL_GIVE(&answer, size_t, 0);
	default:
		return CL_INVALID_VALUE;
	}
}
