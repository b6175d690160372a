/* SPDX-License-Identifier: MIT */
#ifndef FPR_SYNC_BOARD_BOARD_H
#define FPR_SYNC_BOARD_BOARD_H

#include <pthread.h>

#include "fpr_sync_board.h"

/**
 * struct board_place - an array of a tensor; a handle of libfprsync
 * @buffer: in board memory
 * @offset: bytes from its start
 * @after: what a fetch waits for, or NULL
 */
struct board_place {
	struct fpr_buffer *buffer;
	uint64_t offset;
	struct fpr_fence *after;
};

/**
 * struct board_tensor - the handles of a tensor
 * @next: of all
 * @places: by enum fpr_group_array
 */
struct board_tensor {
	struct board_tensor *next;
	struct board_place places[2];
};

/**
 * struct board_region - host memory that the board reaches
 * @base: first byte
 * @bytes: how many
 * @buffer: whose
 */
struct board_region {
	char *base;
	uint64_t bytes;
	struct fpr_buffer *buffer;
};

/**
 * struct board_move - a transfer under way
 * @next: less urgent, or came later
 * @fence: of it
 * @job: whose end it is
 * @priority: of it
 * @bounce: memory that it goes through, or NULL
 * @to: where @bounce is copied when it ended, or NULL
 * @bytes: how many of it
 */
struct board_move {
	struct board_move *next;
	struct fpr_fence *fence;
	struct fpr_group_job *job;
	uint16_t priority;
	void *bounce, *to;
	uint64_t bytes;
};

/**
 * struct board_lane - transfers of one direction, and the thread that waits for their ends
 * @board: of it
 * @thread: started
 * @lock: of what follows
 * @wake: something has come, or @stop
 * @arrived: moves that the thread has not seen, newest first
 * @stop: the thread shall end when nothing is under way
 */
struct board_lane {
	struct fpr_group_board *board;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct board_move *arrived;
	int stop;
};

/**
 * struct fpr_group_board - a board's memory
 * @device: held by @queue
 * @queue: of all transfers
 * @lanes: by enum fpr_direction
 * @lock: of what follows
 * @regions: tree of struct board_region, by address
 * @tensors: handles
 * @sums: in board memory, or NULL
 */
struct fpr_group_board {
	struct fpr_device *device;
	struct fpr_queue *queue;
	struct board_lane lanes[2];
	pthread_mutex_t lock;
	void *regions;
	struct board_tensor *tensors;
	struct fpr_buffer *sums;
};

/* ---- regions.c --------------------------------------------------------- */

/* Return: host memory that the board reaches, 64-byte aligned, or NULL */
void *board_alloc(struct fpr_group_board *board, uint64_t bytes);
void board_release(struct fpr_group_board *board, void *host);
/* Return: 1: @bytes from @host on are such memory, and @region says of what; 0 */
int board_find(struct fpr_group_board *board, const void *host, uint64_t bytes,
	       struct board_region *region);
/* Gives back what was not released. */
void board_release_all(struct fpr_group_board *board);

/* ---- moves.c ----------------------------------------------------------- */

int board_lane_start(struct board_lane *lane);
/* Waits until all has ended. */
void board_lane_stop(struct board_lane *lane);

/**
 * board_move() - start a transfer
 * @board: the board
 * @place: in board memory; its fence is waited for
 * @offset: bytes from the start of @place
 * @bytes: how many
 * @host: host memory, which goes through a bounce where the board does not reach it
 * @direction: enum fpr_direction
 * @op: enum fpr_transfer_op
 * @priority: 0 most urgent, of any size
 * @job: told when it ended
 * Return: 0 or -errno
 */
int board_move(struct fpr_group_board *board, const struct board_place *place, uint64_t offset,
	       uint64_t bytes, void *host, enum fpr_direction direction, uint8_t op,
	       uint32_t priority, struct fpr_group_job *job);

/* ---- hooks.c ----------------------------------------------------------- */

extern const struct fpr_group_memory board_memory;
extern const struct fpr_group_adder board_adder;

#endif
