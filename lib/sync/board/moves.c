/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "board.h"

/*
 * A fence tells nobody when it signals, so a thread waits for the transfer that ends
 * next by the board's rule, the most urgent one, and looks at the others in between: that one
 * may have to wait for a product.
 */
#define LOOK_NS 250000

/* ---- ends -------------------------------------------------------------- */

static void end_move(struct fpr_group_board *board, struct board_move *move, int status)
{
	if (move->to && !status)
		memcpy(move->to, move->bounce, move->bytes);
	if (move->bounce)
		board_release(board, move->bounce);
	fpr_fence_destroy(move->fence);
	fpr_group_done(move->job, status);
	free(move);
}

static void insert(struct board_move **list, struct board_move *move)
{
	while (*list && (*list)->priority <= move->priority)
		list = &(*list)->next;
	move->next = *list;
	*list = move;
}

/* The oldest first, so that equals stay in the order in which they came. */
static void take_in(struct board_move **list, struct board_move *arrived)
{
	struct board_move *oldest = NULL, *next;

	for (; arrived; arrived = next) {
		next = arrived->next;
		arrived->next = oldest;
		oldest = arrived;
	}
	for (; oldest; oldest = next) {
		next = oldest->next;
		insert(list, oldest);
	}
}

/* Ends what has ended. Return: how many */
static int look(struct fpr_group_board *board, struct board_move **list)
{
	int ended = 0;

	while (*list) {
		struct board_move *move = *list;
		const int status = fpr_fence_wait(move->fence, 0);

		if (status == -ETIME) {
			list = &move->next;
			continue;
		}
		*list = move->next;
		end_move(board, move, status);
		ended++;
	}
	return ended;
}

static void *run_lane(void *argument)
{
	struct board_lane *lane = argument;
	struct board_move *list = NULL, *arrived;
	int stop;

	for (;;) {
		pthread_mutex_lock(&lane->lock);
		while (!list && !lane->arrived && !lane->stop)
			pthread_cond_wait(&lane->wake, &lane->lock);
		arrived = lane->arrived;
		lane->arrived = NULL;
		stop = lane->stop && !list && !arrived;
		pthread_mutex_unlock(&lane->lock);
		if (stop)
			return NULL;
		take_in(&list, arrived);
		if (!look(lane->board, &list))
			fpr_fence_wait(list->fence, LOOK_NS);
	}
}

int board_lane_start(struct board_lane *lane)
{
	sigset_t all, old;
	int ret;

	ret = -pthread_mutex_init(&lane->lock, NULL);
	if (ret)
		return ret;
	ret = -pthread_cond_init(&lane->wake, NULL);
	if (ret)
		goto destroy_lock;
	/* Signals are the application's. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	ret = -pthread_create(&lane->thread, NULL, run_lane, lane);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (ret)
		goto destroy_wake;
	return 0;

destroy_wake:
	pthread_cond_destroy(&lane->wake);
destroy_lock:
	pthread_mutex_destroy(&lane->lock);
	return ret;
}

void board_lane_stop(struct board_lane *lane)
{
	pthread_mutex_lock(&lane->lock);
	lane->stop = 1;
	pthread_cond_signal(&lane->wake);
	pthread_mutex_unlock(&lane->lock);
	pthread_join(lane->thread, NULL);
	pthread_cond_destroy(&lane->wake);
	pthread_mutex_destroy(&lane->lock);
}

/* ---- starts ------------------------------------------------------------ */

/* Accumulates move whole units; what fills up the last is nobody's. */
static uint64_t moved_bytes(uint64_t bytes, uint8_t op)
{
	if (op == FPR_TRANSFER_COPY)
		return bytes;
	return (bytes + FPR_TRANSFER_ADD_ALIGN - 1) & -(uint64_t)FPR_TRANSFER_ADD_ALIGN;
}

/* Has the job's host memory be something that the board reaches. */
static int reach(struct fpr_group_board *board, struct board_move *move,
		 struct fpr_transfer_job *job, void *host)
{
	struct board_region region;

	if (!board_find(board, host, job->bytes, &region)) {
		move->bounce = board_alloc(board, job->bytes);
		if (!move->bounce)
			return -ENOMEM;
		if (job->direction == FPR_TO_BOARD)
			memcpy(move->bounce, host, move->bytes);
		else
			move->to = host;
		host = move->bounce;
		board_find(board, host, job->bytes, &region);
	}
	job->host = region.buffer;
	job->host_offset = (uint64_t)((char *)host - region.base);
	return 0;
}

static int submit(struct fpr_group_board *board, const struct board_place *place,
		  struct board_move *move, const struct fpr_transfer_job *job)
{
	struct board_lane *lane = board->lanes + job->direction;
	const int ret = fpr_transfer_submit(board->queue, job, 1, &place->after,
					    place->after ? 1 : 0, &move->fence);

	if (ret)
		return ret;
	pthread_mutex_lock(&lane->lock);
	move->next = lane->arrived;
	lane->arrived = move;
	pthread_cond_signal(&lane->wake);
	pthread_mutex_unlock(&lane->lock);
	return 0;
}

int board_move(struct fpr_group_board *board, const struct board_place *place, uint64_t offset,
	       uint64_t bytes, void *host, enum fpr_direction direction, uint8_t op,
	       uint32_t priority, struct fpr_group_job *group_job)
{
	struct board_move *move = calloc(1, sizeof(*move));
	struct fpr_transfer_job job;
	int ret;

	if (!move)
		return -ENOMEM;
	move->job = group_job;
	move->bytes = bytes;
	move->priority = priority < UINT16_MAX ? (uint16_t)priority : UINT16_MAX;
	fpr_transfer_init(&job, direction, NULL, place->buffer, moved_bytes(bytes, op));
	job.board_offset = place->offset + offset;
	job.priority = move->priority;
	job.op = op;
	ret = reach(board, move, &job, host);
	if (!ret)
		ret = submit(board, place, move, &job);
	if (!ret)
		return 0;
	if (move->bounce)
		board_release(board, move->bounce);
	free(move);
	return ret;
}
