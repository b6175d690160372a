/* SPDX-License-Identifier: MIT */
#include "vec_avx512.h"

#include "kernel_chunk.h"
#include "kernel_dense.h"
#include "kernel_memory.h"
#include "kernel_set.h"

const struct fpr_isa_ops fpr_ops_avx512 = {{chunk, set, dense, chunk}, group_range};
