/* SPDX-License-Identifier: MIT */
#ifndef FPR_LOCAL_H
#define FPR_LOCAL_H

/* The virtual board in this process: its device, and the threads that run its queues. */

#include "backend.h"
#include "board.h"

/**
 * struct local_device - an open virtual board
 * @base: the library's part
 * @board: what computes
 * @model: what it computes with
 * @fail: ordinal of the job that fails with -EIO, 0 for none; constant
 * @started: jobs begun so far, under the device's lock
 * @strays: threads that outlived their queue and end by themselves, to be
 *	joined; under the device's lock
 */
struct local_device {
	struct fpr_device base;
	struct fpr_board *board;
	enum fpr_board_model model;
	uint64_t fail, started;
	struct local_stray *strays;
};

struct local_stray {
	struct local_stray *next;
	pthread_t thread;
};

/**
 * struct local_queue - submissions and the thread that runs them
 * @base: the library's part
 * @thread: runs from creation to release
 * @wake: @first or @stop changed
 * @first: next to run; these three are under the device's lock
 * @last: most recent
 * @stop: the queue is being released and empty
 * @stray: for the thread to leave behind when it is itself the releaser
 */
struct local_queue {
	struct fpr_queue base;
	pthread_t thread;
	pthread_cond_t wake;
	struct fpr_submission *first, **last;
	int stop;
	struct local_stray *stray;
};

/* @done, under the device's lock, goes from 0 to 1 once, with a broadcast on @wake. */
struct local_fence {
	struct fpr_fence base;
	pthread_cond_t wake;
	int done;
};

/* @bytes: the aligned part of @memory. */
struct local_buffer {
	struct fpr_buffer base;
	void *memory, *bytes;
};

/* Runs one job to its end and fills in what became of it. */
void local_run(struct local_device *device, const struct fpr_gemm_job *job,
	       struct fpr_gemm_result *result);

int local_queue_create(struct fpr_queue *queue);
void local_queue_release(struct fpr_queue *queue);
int local_submit(struct fpr_submission *submission);
int local_fence_create(struct fpr_fence *fence);
int local_fence_wait(struct fpr_fence *fence, int64_t timeout_ns);
void local_fence_release(struct fpr_fence *fence);

/* Joins the threads that outlived their queue. */
void local_reap(struct local_device *device);

#endif
