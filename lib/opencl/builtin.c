/* SPDX-License-Identifier: MIT */
#include "builtin.h"

/* fpr-opencl(7) has the same as tables, which a test compares. */

const struct builtin fpr_cl_builtins[FPR_CL_BUILTINS] = {
	{"fpr_gemm", fpr_cl_gemm_arguments, FPR_CL_GEMM_ARGUMENTS, fpr_cl_prepare_gemm},
	{"fpr_matmul", fpr_cl_gemm_arguments, FPR_CL_MATMUL_ARGUMENTS, fpr_cl_prepare_matmul},
	{"fpr_copy", fpr_cl_move_arguments, FPR_CL_MOVE_ARGUMENTS, fpr_cl_prepare_copy},
	{"fpr_push", fpr_cl_move_arguments, FPR_CL_MOVE_ARGUMENTS, fpr_cl_prepare_push},
	{"fpr_pull", fpr_cl_move_arguments, FPR_CL_MOVE_ARGUMENTS, fpr_cl_prepare_pull},
	{"fpr_accumulate", fpr_cl_accumulate_arguments, FPR_CL_ACCUMULATE_ARGUMENTS,
	 fpr_cl_prepare_accumulate},
};
