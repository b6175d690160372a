/* SPDX-License-Identifier: MIT */
#ifndef FPR_CL_BUILTIN_H
#define FPR_CL_BUILTIN_H

/* The kernels that a board brings with it. */

#include "objects.h"

enum argument_type {
	ARGUMENT_READ, /* a buffer that is only read */
	ARGUMENT_WRITE, /* one that is written, and perhaps read */
	ARGUMENT_UINT,
	ARGUMENT_ULONG,
};

/**
 * struct argument - one argument of a kernel
 * @name: as clGetKernelArgInfo() tells it
 * @type: enum argument_type
 * @type_name: in OpenCL C
 * @optional: it need not be set
 * @initial: what it is then
 */
struct argument {
	const char *name;
	enum argument_type type;
	const char *type_name;
	int optional;
	cl_ulong initial;
};

/**
 * struct builtin - a kernel
 * @name: of the function
 * @arguments: in their order
 * @n_arguments: how many
 * @prepare: checks the values, which are all set and whose buffers are valid, and fills in
 *	the command's work; may return CL_INVALID_KERNEL_ARGS
 */
struct builtin {
	const char *name;
	const struct argument *arguments;
	cl_uint n_arguments;
	cl_int (*prepare)(cl_event event, const struct value *values);
};

#define FPR_CL_BUILTINS 6
extern const struct builtin fpr_cl_builtins[FPR_CL_BUILTINS];

/* Arguments of fpr_gemm; fpr_matmul has the first six. */
extern const struct argument fpr_cl_gemm_arguments[];
#define FPR_CL_MATMUL_ARGUMENTS 6
#define FPR_CL_GEMM_ARGUMENTS 24

cl_int fpr_cl_prepare_gemm(cl_event event, const struct value *values);
cl_int fpr_cl_prepare_matmul(cl_event event, const struct value *values);

/* Arguments of fpr_copy, fpr_push, fpr_pull; and of fpr_accumulate. */
extern const struct argument fpr_cl_move_arguments[];
#define FPR_CL_MOVE_ARGUMENTS 6
extern const struct argument fpr_cl_accumulate_arguments[];
#define FPR_CL_ACCUMULATE_ARGUMENTS 7

cl_int fpr_cl_prepare_copy(cl_event event, const struct value *values);
cl_int fpr_cl_prepare_push(cl_event event, const struct value *values);
cl_int fpr_cl_prepare_pull(cl_event event, const struct value *values);
cl_int fpr_cl_prepare_accumulate(cl_event event, const struct value *values);

#endif
