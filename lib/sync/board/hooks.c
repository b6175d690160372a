/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "board.h"

static void *alloc(void *context, uint64_t bytes)
{
	return board_alloc(context, bytes);
}

static void release(void *context, void *host)
{
	board_release(context, host);
}

static int fetch(void *context, enum fpr_group_array array, void *tensor, uint64_t offset,
		 uint64_t bytes, void *host, uint32_t priority, struct fpr_group_job *job)
{
	(void)array;
	return board_move(context, tensor, offset, bytes, host, FPR_TO_HOST, FPR_TRANSFER_COPY,
			  priority, job);
}

static int deliver(void *context, enum fpr_group_array array, void *tensor, uint64_t offset,
		   uint64_t bytes, const void *host, uint32_t priority, struct fpr_group_job *job)
{
	(void)array;
	return board_move(context, tensor, offset, bytes, (void *)(uintptr_t)host, FPR_TO_BOARD,
			  FPR_TRANSFER_COPY, priority, job);
}

const struct fpr_group_memory board_memory = {
	.alloc = alloc,
	.release = release,
	.fetch = fetch,
	.deliver = deliver,
};

/* ---- sums -------------------------------------------------------------- */

static int prepare(void *context, uint64_t bytes)
{
	struct fpr_group_board *board = context;

	fpr_buffer_destroy(board->sums);
	board->sums = NULL;
	return fpr_buffer_create(board->device, bytes, FPR_BUFFER_BOARD, &board->sums);
}

static int add(void *context, uint64_t offset, uint64_t bytes, const void *host, int first,
	       uint32_t priority, struct fpr_group_job *job)
{
	struct fpr_group_board *board = context;
	const struct board_place sums = {.buffer = board->sums};

	return board_move(board, &sums, offset, bytes, (void *)(uintptr_t)host, FPR_TO_BOARD,
			  first ? FPR_TRANSFER_COPY : FPR_TRANSFER_ADD_F32, priority, job);
}

static int read_sum(void *context, uint64_t offset, uint64_t bytes, void *host, uint32_t priority,
		    struct fpr_group_job *job)
{
	struct fpr_group_board *board = context;
	const struct board_place sums = {.buffer = board->sums};

	return board_move(board, &sums, offset, bytes, host, FPR_TO_HOST, FPR_TRANSFER_COPY,
			  priority, job);
}

const struct fpr_group_adder board_adder = {
	.prepare = prepare,
	.add = add,
	.read = read_sum,
};
