/* SPDX-License-Identifier: MIT */
#ifndef CL_FPR_H
#define CL_FPR_H

/*
 * What the fpr platform has beyond OpenCL: the numbers that its built-in kernels take, and
 * the extension cl_fpr_event_result. fpr-opencl(7) has the kernels' arguments.
 */

#include <CL/cl.h>

#include "fpr.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Argument `t` of fpr_gemm: the kind's own, fpr_kind_default_t(). */
#define CL_FPR_T_DEFAULT 0xffffffffu

/**
 * clGetEventResultFPR() - what a product cost
 * @event: of kernel fpr_gemm or fpr_matmul, ended
 * @result: overwritten: status, serial side, counters, times
 * Return: CL_SUCCESS; CL_INVALID_EVENT; CL_INVALID_VALUE: @result is NULL;
 *	CL_PROFILING_INFO_NOT_AVAILABLE: not of a product, not yet ended, or never started
 *
 * Found by clGetExtensionFunctionAddressForPlatform(); it works on any queue.
 */
typedef cl_int(CL_API_CALL *clGetEventResultFPR_fn)(cl_event event, struct fpr_gemm_result *result);

#ifdef __cplusplus
}
#endif

#endif
