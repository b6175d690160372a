/* SPDX-License-Identifier: MIT */
#include "vec_avx2.h"

#include "kernel_chunk.h"
#include "kernel_dense.h"
#include "kernel_memory.h"
#include "kernel_set.h"

const struct fpr_isa_ops fpr_ops_avx2 = {{chunk, set, dense, chunk}, group_range};
