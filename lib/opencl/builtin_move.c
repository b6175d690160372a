/* SPDX-License-Identifier: MIT */
#include "builtin.h"
#include "memory.h"

/* Kernels that move bytes, at the priorities of the transfer engine. */

enum {
	MOVE_FROM,
	MOVE_TO,
	MOVE_FROM_OFFSET,
	MOVE_TO_OFFSET,
	MOVE_BYTES,
	MOVE_PRIORITY,
	MOVE_TYPE,
};

#define ENDS                                                                           \
	{"from", ARGUMENT_READ, "void*", 0, 0}, {"to", ARGUMENT_WRITE, "void*", 0, 0}, \
		{"from_offset", ARGUMENT_ULONG, "ulong", 0, 0},                        \
		{"to_offset", ARGUMENT_ULONG, "ulong", 0, 0},                          \
		{"bytes", ARGUMENT_ULONG, "ulong", 0, 0},                              \
	{                                                                              \
		"priority", ARGUMENT_UINT, "uint", 1, FPR_PRIORITY_DEFAULT             \
	}

const struct argument fpr_cl_move_arguments[FPR_CL_MOVE_ARGUMENTS] = {ENDS};
const struct argument fpr_cl_accumulate_arguments[FPR_CL_ACCUMULATE_ARGUMENTS] = {
	ENDS, {"type", ARGUMENT_UINT, "uint", 1, FPR_TRANSFER_ADD_F32}};

static cl_int check(const struct value *values, size_t to_bytes)
{
	const cl_mem from = values[MOVE_FROM].mem, to = values[MOVE_TO].mem;
	const size_t from_offset = values[MOVE_FROM_OFFSET].number;
	const size_t to_offset = values[MOVE_TO_OFFSET].number;

	if (!from || !to || !to_bytes || values[MOVE_PRIORITY].number > UINT16_MAX)
		return CL_INVALID_KERNEL_ARGS;
	if (!fpr_cl_in_buffer(from, from_offset, values[MOVE_BYTES].number) ||
	    !fpr_cl_in_buffer(to, to_offset, to_bytes))
		return CL_INVALID_KERNEL_ARGS;
	return CL_SUCCESS;
}

cl_int fpr_cl_prepare_copy(cl_event event, const struct value *values)
{
	const cl_mem from = values[MOVE_FROM].mem, to = values[MOVE_TO].mem;
	const size_t from_offset = values[MOVE_FROM_OFFSET].number;
	const size_t to_offset = values[MOVE_TO_OFFSET].number;
	const size_t bytes = values[MOVE_BYTES].number;

	if (check(values, bytes) || fpr_cl_overlap(from, from_offset, bytes, to, to_offset, bytes))
		return CL_INVALID_KERNEL_ARGS;
	fpr_cl_work_copy(event, from, from_offset, to, to_offset, bytes,
			 (uint16_t)values[MOVE_PRIORITY].number);
	return CL_SUCCESS;
}

cl_int fpr_cl_prepare_push(cl_event event, const struct value *values)
{
	const cl_mem from = values[MOVE_FROM].mem, to = values[MOVE_TO].mem;

	if (!from || !to || !from->on_board || to->on_board)
		return CL_INVALID_KERNEL_ARGS;
	return fpr_cl_prepare_copy(event, values);
}

cl_int fpr_cl_prepare_pull(cl_event event, const struct value *values)
{
	const cl_mem from = values[MOVE_FROM].mem, to = values[MOVE_TO].mem;

	if (!from || !to || from->on_board || !to->on_board)
		return CL_INVALID_KERNEL_ARGS;
	return fpr_cl_prepare_copy(event, values);
}

cl_int fpr_cl_prepare_accumulate(cl_event event, const struct value *values)
{
	const cl_mem from = values[MOVE_FROM].mem, to = values[MOVE_TO].mem;
	const cl_ulong bytes = values[MOVE_BYTES].number, type = values[MOVE_TYPE].number;
	const cl_ulong to_bytes = type == FPR_TRANSFER_ADD_BF16_F32 ? 2 * bytes : bytes;
	struct fpr_transfer_job job;

	if (bytes > UINT64_MAX / 2 || check(values, to_bytes) || from->on_board || !to->on_board ||
	    type < FPR_TRANSFER_ADD_F32 || type > FPR_TRANSFER_ADD_BF16_F32)
		return CL_INVALID_KERNEL_ARGS;
	fpr_transfer_init(&job, FPR_TO_BOARD, NULL, NULL, bytes);
	job.op = (uint8_t)type;
	job.priority = (uint16_t)values[MOVE_PRIORITY].number;
	job.host_offset = values[MOVE_FROM_OFFSET].number;
	job.board_offset = values[MOVE_TO_OFFSET].number;
	job.host = fpr_cl_memory_of(from, &job.host_offset);
	job.board = fpr_cl_memory_of(to, &job.board_offset);
	if ((job.host_offset | job.board_offset | bytes) % FPR_TRANSFER_ADD_ALIGN)
		return CL_INVALID_KERNEL_ARGS;
	fpr_cl_use(event, 0, from);
	fpr_cl_use(event, 1, to);
	fpr_cl_work_transfer(event, &job);
	return CL_SUCCESS;
}
