/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "builtin.h"
#include "cl_fpr.h"
#include "memory.h"

/* Kernels that compute a product: all of struct fpr_gemm_job as arguments. */

enum {
	GEMM_A,
	GEMM_B,
	GEMM_C,
	GEMM_M,
	GEMM_N,
	GEMM_K,
	GEMM_TRANS_A,
	GEMM_TRANS_B,
	GEMM_ACCUMULATE,
	GEMM_OUT,
	GEMM_KIND,
	GEMM_SERIAL,
	GEMM_T,
	GEMM_BATCH,
	GEMM_LDA,
	GEMM_LDB,
	GEMM_LDC,
	GEMM_STRIDE_A,
	GEMM_STRIDE_B,
	GEMM_STRIDE_C,
	GEMM_A_OFFSET,
	GEMM_B_OFFSET,
	GEMM_C_OFFSET,
	GEMM_FLAGS,
};

const struct argument fpr_cl_gemm_arguments[FPR_CL_GEMM_ARGUMENTS] = {
	[GEMM_A] = {"a", ARGUMENT_READ, "ushort*", 0, 0},
	[GEMM_B] = {"b", ARGUMENT_READ, "ushort*", 0, 0},
	[GEMM_C] = {"c", ARGUMENT_WRITE, "void*", 0, 0},
	[GEMM_M] = {"m", ARGUMENT_UINT, "uint", 0, 0},
	[GEMM_N] = {"n", ARGUMENT_UINT, "uint", 0, 0},
	[GEMM_K] = {"k", ARGUMENT_UINT, "uint", 0, 0},
	[GEMM_TRANS_A] = {"trans_a", ARGUMENT_UINT, "uint", 1, 0},
	[GEMM_TRANS_B] = {"trans_b", ARGUMENT_UINT, "uint", 1, 0},
	[GEMM_ACCUMULATE] = {"accumulate", ARGUMENT_UINT, "uint", 1, 0},
	[GEMM_OUT] = {"out", ARGUMENT_UINT, "uint", 1, FPR_OUT_F32},
	[GEMM_KIND] = {"kind", ARGUMENT_UINT, "uint", 1, FPR_KIND_DEFAULT},
	[GEMM_SERIAL] = {"serial", ARGUMENT_UINT, "uint", 1, FPR_SERIAL_A},
	[GEMM_T] = {"t", ARGUMENT_UINT, "uint", 1, CL_FPR_T_DEFAULT},
	[GEMM_BATCH] = {"batch", ARGUMENT_UINT, "uint", 1, 1},
	[GEMM_LDA] = {"lda", ARGUMENT_UINT, "uint", 1, 0},
	[GEMM_LDB] = {"ldb", ARGUMENT_UINT, "uint", 1, 0},
	[GEMM_LDC] = {"ldc", ARGUMENT_UINT, "uint", 1, 0},
	[GEMM_STRIDE_A] = {"stride_a", ARGUMENT_ULONG, "ulong", 1, 0},
	[GEMM_STRIDE_B] = {"stride_b", ARGUMENT_ULONG, "ulong", 1, 0},
	[GEMM_STRIDE_C] = {"stride_c", ARGUMENT_ULONG, "ulong", 1, 0},
	[GEMM_A_OFFSET] = {"a_offset", ARGUMENT_ULONG, "ulong", 1, 0},
	[GEMM_B_OFFSET] = {"b_offset", ARGUMENT_ULONG, "ulong", 1, 0},
	[GEMM_C_OFFSET] = {"c_offset", ARGUMENT_ULONG, "ulong", 1, 0},
	[GEMM_FLAGS] = {"flags", ARGUMENT_UINT, "uint", 1, 0},
};

/* ---- running -------------------------------------------------------------------- */

static int submit(cl_event event, struct fpr_fence *const *waits, size_t n,
		  struct fpr_fence **fence)
{
	return fpr_gemm_submit(event->queue->queue, &event->work.gemm.job, 1, waits, n, fence);
}

static int collect(cl_event event)
{
	struct fpr_gemm_result *result = &event->work.gemm.result;
	int ret = fpr_fence_result(event->fence, 0, result);

	event->times[2] = result->started_ns;
	event->times[3] = result->ended_ns;
	event->board_ns = result->board_ns;
	return ret ? ret : result->status;
}

/* ---- on a board that is not the context's first ------------------------------------ */

/* Copies of the operands in host memory that this board reaches. */
struct copies {
	struct fpr_buffer *buffers[3];
	unsigned char *bytes[3];
};

static int make_copies(cl_event event, struct copies *copies)
{
	const struct fpr_gemm_job *job = &event->work.gemm.job;
	const uint64_t offsets[3] = {job->a_offset, job->b_offset, job->c_offset};
	int ret = 0;

	for (unsigned int i = 0; i < 3 && !ret; i++) {
		const uint64_t bytes = event->work.gemm.bytes[i];
		cl_mem mem = event->work.mems[i];
		void *ptr;

		if (!bytes)
			continue;
		ret = fpr_buffer_create(event->work.handle, bytes, 0, &copies->buffers[i]);
		if (!ret)
			ret = fpr_buffer_map(copies->buffers[i], &ptr);
		if (ret)
			break;
		copies->bytes[i] = ptr;
		if (fpr_cl_read(event, mem, offsets[i] - mem->offset, ptr, bytes))
			ret = -1;
	}
	return ret;
}

/* Rows only: what lies between them is not the product's. */
static cl_int write_back(cl_event event, const unsigned char *c)
{
	const struct fpr_gemm *gemm = &event->work.gemm.job.gemm;
	const cl_mem mem = event->work.mems[2];
	const size_t element = gemm->out == FPR_OUT_BF16 ? 2 : 4;
	const size_t ld = gemm->ldc ? gemm->ldc : gemm->n;
	const size_t start = event->work.gemm.job.c_offset - mem->offset;
	cl_int status = CL_COMPLETE;

	for (size_t z = 0; z < (gemm->batch ? gemm->batch : 1); z++) {
		for (size_t y = 0; y < gemm->m && !status; y++) {
			const size_t at = element * (z * gemm->stride_c + y * ld);

			status = fpr_cl_write(event, mem, start + at, c + at, element * gemm->n);
		}
	}
	return status;
}

static int run_copies(cl_event event, const struct copies *copies)
{
	struct fpr_gemm_job job = event->work.gemm.job;
	struct fpr_gemm_result *result = &event->work.gemm.result;
	struct fpr_fence *fence;
	int ret;

	job.a = copies->buffers[0];
	job.b = copies->buffers[1];
	job.c = copies->buffers[2];
	job.a_offset = job.b_offset = job.c_offset = 0;
	ret = fpr_gemm_submit(event->queue->queue, &job, 1, NULL, 0, &fence);
	if (ret)
		return ret;
	ret = fpr_fence_wait(fence, FPR_WAIT_FOREVER);
	fpr_fence_result(fence, 0, result);
	fpr_fence_destroy(fence);
	return ret;
}

static cl_int run_elsewhere(cl_event event)
{
	struct copies copies = {{NULL}, {NULL}};
	int ret = make_copies(event, &copies);
	cl_int status;

	if (!ret)
		ret = run_copies(event, &copies);
	status = fpr_cl_error(ret);
	if (!ret && copies.bytes[2])
		status = write_back(event, copies.bytes[2]);
	for (unsigned int i = 0; i < 3; i++)
		fpr_buffer_destroy(copies.buffers[i]);
	return status;
}

/* ---- preparing ------------------------------------------------------------------------ */

/* Arguments that are bytes in the job. */
static int are_bytes(const struct value *values)
{
	for (unsigned int i = GEMM_TRANS_A; i <= GEMM_SERIAL; i++)
		if (values[i].number > UINT8_MAX)
			return 0;
	return values[GEMM_T].number <= UINT8_MAX || values[GEMM_T].number == CL_FPR_T_DEFAULT;
}

static void translate(const struct value *values, struct fpr_gemm_job *job)
{
	memset(job, 0, sizeof(*job));
	job->gemm = (struct fpr_gemm){
		.m = (uint32_t)values[GEMM_M].number,
		.n = (uint32_t)values[GEMM_N].number,
		.k = (uint32_t)values[GEMM_K].number,
		.batch = (uint32_t)values[GEMM_BATCH].number,
		.lda = (uint32_t)values[GEMM_LDA].number,
		.ldb = (uint32_t)values[GEMM_LDB].number,
		.ldc = (uint32_t)values[GEMM_LDC].number,
		.stride_a = values[GEMM_STRIDE_A].number,
		.stride_b = values[GEMM_STRIDE_B].number,
		.stride_c = values[GEMM_STRIDE_C].number,
		.kind = (uint8_t)values[GEMM_KIND].number,
		.serial = (uint8_t)values[GEMM_SERIAL].number,
		.t = (uint8_t)values[GEMM_T].number,
		.out = (uint8_t)values[GEMM_OUT].number,
		.trans_a = (uint8_t)values[GEMM_TRANS_A].number,
		.trans_b = (uint8_t)values[GEMM_TRANS_B].number,
		.accumulate = (uint8_t)values[GEMM_ACCUMULATE].number,
	};
	if (values[GEMM_T].number == CL_FPR_T_DEFAULT)
		job->gemm.t = fpr_kind_default_t((enum fpr_kind)job->gemm.kind);
	job->a_offset = values[GEMM_A_OFFSET].number;
	job->b_offset = values[GEMM_B_OFFSET].number;
	job->c_offset = values[GEMM_C_OFFSET].number;
	job->flags = (uint32_t)values[GEMM_FLAGS].number;
}

/* An operand has to lie in its buffer, which may be part of another. */
static int holds(cl_mem mem, uint64_t offset, uint64_t bytes, unsigned int element)
{
	if (!mem)
		return !bytes;
	return offset % element == 0 && offset <= mem->size && bytes <= mem->size - offset;
}

static int operands_are_well(const struct fpr_gemm_job *job, const struct value *values,
			     const uint64_t *bytes)
{
	const cl_mem a = values[GEMM_A].mem, b = values[GEMM_B].mem, c = values[GEMM_C].mem;

	if (!holds(a, job->a_offset, bytes[0], 2) || !holds(b, job->b_offset, bytes[1], 2) ||
	    !holds(c, job->c_offset, bytes[2], job->gemm.out == FPR_OUT_BF16 ? 2 : 4))
		return 0;
	if (!bytes[2])
		return 1;
	return !(bytes[0] &&
		 fpr_cl_overlap(c, job->c_offset, bytes[2], a, job->a_offset, bytes[0])) &&
	       !(bytes[1] &&
		 fpr_cl_overlap(c, job->c_offset, bytes[2], b, job->b_offset, bytes[1]));
}

static void attach(cl_event event, const struct value *values)
{
	struct fpr_gemm_job *job = &event->work.gemm.job;
	struct fpr_buffer **const buffers[3] = {&job->a, &job->b, &job->c};
	uint64_t *const offsets[3] = {&job->a_offset, &job->b_offset, &job->c_offset};

	for (unsigned int i = 0; i < 3; i++) {
		cl_mem mem = values[GEMM_A + i].mem;

		if (!mem)
			continue;
		fpr_cl_use(event, i, mem);
		*buffers[i] = fpr_cl_memory_of(mem, offsets[i]);
	}
}

cl_int fpr_cl_prepare_gemm(cl_event event, const struct value *values)
{
	struct fpr_gemm_job *job = &event->work.gemm.job;
	uint64_t *bytes = event->work.gemm.bytes;
	const struct fpr_device_info *info =
		&event->context->boards[event->queue->board].device->info;

	if (!are_bytes(values))
		return CL_INVALID_KERNEL_ARGS;
	translate(values, job);
	if (fpr_gemm_bytes(&job->gemm, &bytes[0], &bytes[1], &bytes[2]) ||
	    !(info->kinds >> job->gemm.kind & 1) || job->flags & ~FPR_JOB_NO_COUNTERS ||
	    !operands_are_well(job, values, bytes))
		return CL_INVALID_KERNEL_ARGS;
	attach(event, values);
	event->work.product = 1;
	if (event->queue->board) {
		event->work.run = run_elsewhere;
	} else {
		event->work.submit = submit;
		event->work.collect = collect;
	}
	return CL_SUCCESS;
}

cl_int fpr_cl_prepare_matmul(cl_event event, const struct value *values)
{
	struct value all[FPR_CL_GEMM_ARGUMENTS];

	memcpy(all, values, FPR_CL_MATMUL_ARGUMENTS * sizeof(*values));
	for (unsigned int i = FPR_CL_MATMUL_ARGUMENTS; i < FPR_CL_GEMM_ARGUMENTS; i++)
		all[i] = (struct value){.set = 1, .number = fpr_cl_gemm_arguments[i].initial};
	return fpr_cl_prepare_gemm(event, all);
}
