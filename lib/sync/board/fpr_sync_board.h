/* SPDX-License-Identifier: MIT */
#ifndef FPR_SYNC_BOARD_H
#define FPR_SYNC_BOARD_H

/*
 * libfprsync-board: libfprsync's tensors and sums in the memory of an fpr board.
 *
 * Gradients leave the board slice by slice as transfers with their slices' priorities,
 * parameters return likewise, and a server's sums can be the board's accumulates:
 *
 *	fpr_group_board_create(device, &board);
 *	fpr_group_board_sums(board, &options);			(sums on the board, if wanted)
 *	fpr_group_create(MPI_COMM_WORLD, &options, &group);
 *	for each tensor:
 *		fpr_group_board_tensor(board, gradients, at, parameters, at, n, &tensor);
 *		fpr_group_add(group, &tensor, &index);
 *	... as without a board, or with fpr_group_board_push() ...
 *	fpr_group_destroy(group);
 *	fpr_group_board_destroy(board);
 *
 * Results have the bits of host memory. Sums on the board too, as long as no number is
 * subnormal and none a NaN: the board's sums make subnormals zero and know one NaN.
 *
 * Functions return 0 or a negative errno and print nothing; -EINVAL means that an
 * argument is wrong and nothing was touched. They may be called from any thread.
 */

#include "fpr.h"
#include "fpr_sync.h"

#ifdef __cplusplus
extern "C" {
#endif

struct fpr_group_board;

/**
 * fpr_group_board_create() - a board's memory, for one group
 * @device: an open device; may be closed before the board is destroyed
 * @board: set on success; fpr_group_board_destroy() gives it back
 *
 * Transfers have a queue of their own. Two threads wait for their ends, one for each direction.
 *
 * Return: 0, -EINVAL, -ENOMEM, -EAGAIN: no more threads
 */
int fpr_group_board_create(struct fpr_device *device, struct fpr_group_board **board);

/**
 * fpr_group_board_destroy() - give it back
 * @board: not to be used again, after fpr_group_destroy() of the group; NULL is allowed
 *
 * Waits for transfers under way. When the group ended in an error, memory that MPI may still
 * use stays.
 */
void fpr_group_board_destroy(struct fpr_group_board *board);

/**
 * fpr_group_board_sums() - have a server's sums on its board
 * @board: whose memory they are in; room is taken when the group starts
 * @options: @adder and @adder_context are set
 *
 * Ranks may differ in it. Gradients that are not in the board's memory are copied once more.
 *
 * Return: 0 or -EINVAL
 */
int fpr_group_board_sums(struct fpr_group_board *board, struct fpr_group_options *options);

/**
 * fpr_group_board_tensor() - a tensor in board memory, for fpr_group_add()
 * @board: the board; all tensors of a group that are on a board are on the same
 * @gradient: buffer made with FPR_BUFFER_BOARD on the board's device
 * @gradient_offset: bytes from its start, a multiple of 4
 * @parameter: likewise; with FPR_GROUP_SUM it may be @gradient. Both buffers stay until
 *	fpr_group_destroy(), both are NULL on a rank that only serves
 * @parameter_offset: likewise
 * @elements: how many fp32 numbers
 * @tensor: overwritten, with list_index FPR_GROUP_NONE; its handles last as long as @board
 * Return: 0, -EINVAL: it does not fit the buffers; -ENOMEM
 */
int fpr_group_board_tensor(struct fpr_group_board *board, struct fpr_buffer *gradient,
			   uint64_t gradient_offset, struct fpr_buffer *parameter,
			   uint64_t parameter_offset, uint64_t elements,
			   struct fpr_group_tensor *tensor);

/**
 * fpr_group_board_push() - a gradient will be there when a fence has signalled
 * @group: a group in a step
 * @index: of the tensor, all of which is pushed
 * @tensor: as fpr_group_board_tensor() filled it in
 * @fence: of what makes the gradient, on the board's device. Its slices' transfers wait for it;
 *	it may be destroyed on return. NULL: it is there
 *
 * When what makes it fails, the group ends with an error.
 *
 * Return: as fpr_group_push()
 */
int fpr_group_board_push(struct fpr_group *group, uint32_t index,
			 const struct fpr_group_tensor *tensor, struct fpr_fence *fence);

#ifdef __cplusplus
}
#endif

#endif
