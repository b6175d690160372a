/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>

#include "board.h"

/* ---- life -------------------------------------------------------------- */

static int start_lanes(struct fpr_group_board *board)
{
	int ret = 0;

	for (unsigned int d = 0; d < 2 && !ret; d++) {
		board->lanes[d].board = board;
		ret = board_lane_start(board->lanes + d);
		if (ret && d)
			board_lane_stop(board->lanes);
	}
	return ret;
}

int fpr_group_board_create(struct fpr_device *device, struct fpr_group_board **made)
{
	struct fpr_group_board *board;
	int ret;

	if (!device || !made)
		return -EINVAL;
	board = calloc(1, sizeof(*board));
	if (!board)
		return -ENOMEM;
	board->device = device;
	ret = -pthread_mutex_init(&board->lock, NULL);
	if (ret)
		goto free_board;
	ret = fpr_queue_create(device, 0, &board->queue);
	if (ret)
		goto destroy_lock;
	ret = start_lanes(board);
	if (ret)
		goto destroy_queue;
	*made = board;
	return 0;

destroy_queue:
	fpr_queue_destroy(board->queue);
destroy_lock:
	pthread_mutex_destroy(&board->lock);
free_board:
	free(board);
	return ret;
}

void fpr_group_board_destroy(struct fpr_group_board *board)
{
	struct board_tensor *next;

	if (!board)
		return;
	for (unsigned int d = 0; d < 2; d++)
		board_lane_stop(board->lanes + d);
	/* What MPI may still use. */
	if (board->regions)
		return;
	for (struct board_tensor *t = board->tensors; t; t = next) {
		next = t->next;
		free(t);
	}
	fpr_buffer_destroy(board->sums);
	fpr_queue_destroy(board->queue);
	pthread_mutex_destroy(&board->lock);
	free(board);
}

int fpr_group_board_sums(struct fpr_group_board *board, struct fpr_group_options *options)
{
	if (!board || !options)
		return -EINVAL;
	options->adder = &board_adder;
	options->adder_context = board;
	return 0;
}

/* ---- tensors ----------------------------------------------------------- */

static int fits(const struct fpr_buffer *buffer, uint64_t offset, uint64_t elements)
{
	const uint64_t size = fpr_buffer_size(buffer);

	return !(offset % sizeof(float)) && offset <= size &&
	       elements <= (size - offset) / sizeof(float);
}

int fpr_group_board_tensor(struct fpr_group_board *board, struct fpr_buffer *gradient,
			   uint64_t gradient_offset, struct fpr_buffer *parameter,
			   uint64_t parameter_offset, uint64_t elements,
			   struct fpr_group_tensor *tensor)
{
	const int serves = !gradient && !parameter;
	struct board_tensor *t;

	if (!board || !tensor || !elements)
		return -EINVAL;
	if (!serves && (!fits(gradient, gradient_offset, elements) ||
			!fits(parameter, parameter_offset, elements)))
		return -EINVAL;
	t = calloc(1, sizeof(*t));
	if (!t)
		return -ENOMEM;
	t->places[FPR_GROUP_GRADIENT].buffer = gradient;
	t->places[FPR_GROUP_GRADIENT].offset = gradient_offset;
	t->places[FPR_GROUP_PARAMETER].buffer = parameter;
	t->places[FPR_GROUP_PARAMETER].offset = parameter_offset;
	pthread_mutex_lock(&board->lock);
	t->next = board->tensors;
	board->tensors = t;
	pthread_mutex_unlock(&board->lock);
	*tensor = (struct fpr_group_tensor){
		.gradient = serves ? NULL : t->places + FPR_GROUP_GRADIENT,
		.parameter = serves ? NULL : t->places + FPR_GROUP_PARAMETER,
		.elements = elements,
		.list_index = FPR_GROUP_NONE,
		.memory = &board_memory,
		.context = board,
	};
	return 0;
}

int fpr_group_board_push(struct fpr_group *group, uint32_t index,
			 const struct fpr_group_tensor *tensor, struct fpr_fence *fence)
{
	struct board_place *gradient;
	int ret;

	if (!tensor || tensor->memory != &board_memory || !tensor->gradient)
		return -EINVAL;
	/* libfprsync starts a tensor's fetches in the call that pushes it. */
	gradient = tensor->gradient;
	gradient->after = fence;
	ret = fpr_group_push(group, index, 0, tensor->elements * sizeof(float));
	gradient->after = NULL;
	return ret;
}
