/* SPDX-License-Identifier: MIT */
#ifndef FPR_LOCAL_H
#define FPR_LOCAL_H

/* The virtual board in this process: its device, and the threads that run its queues. */

#include "backend.h"
#include "board.h"

struct local_call;
struct local_move;

/**
 * struct local_lane - a direction of transfers and the thread that moves its slices
 * @device: whose
 * @thread: started with the first transfer
 * @wake: there may be a slice to move, or @stop
 * @ready: transfers that have not been posted, a heap by (priority, arrival)
 * @posted: those that the mover has
 * @n_posted: entries of @posted
 * @direction: enum fpr_direction
 * @stop: the device is being released
 * @orphan: it released the device itself, and frees this
 */
struct local_lane {
	struct local_device *device;
	pthread_t thread;
	pthread_cond_t wake;
	struct local_move *ready;
	struct local_move *posted[FPR_MOVER_ENTRIES];
	unsigned int n_posted;
	enum fpr_direction direction;
	int stop, orphan;
};

/* Time with work: @users of it now, since @since if any. */
struct local_busy {
	unsigned int users;
	uint64_t since, ns;
};

/**
 * struct local_device - an open virtual board
 * @base: the library's part; its lock guards all but the constants
 * @board: what computes
 * @model: what it computes with
 * @mover: what decides on transfers and moves them
 * @lane: by direction; NULL before the first transfer
 * @slice: of the mover
 * @opened_ns: when it was opened
 * @arrivals: transfers that became ready so far
 * @watch: tiles computed so far
 * @engine: what fpr_counters_engine() tells, but for times
 * @busy: of each engine
 * @queues: that exist
 * @running: one of them has the array
 * @fail: ordinal of the job that fails with -EIO, 0 for none; constant
 * @started: jobs and transfers begun so far
 * @ended: calls of transfers, to be ended by the first lane
 * @strays: threads that outlived their queue and end by themselves, to be joined
 */
struct local_device {
	struct fpr_device base;
	struct fpr_board *board;
	enum fpr_board_model model;
	struct fpr_mover *mover;
	struct local_lane *lane[2];
	uint32_t slice;
	uint64_t opened_ns, arrivals;
	struct fpr_board_watch watch;
	struct fpr_engine_counters engine[2];
	struct local_busy busy[2];
	struct local_queue *queues;
	int running;
	uint64_t fail, started;
	struct local_call *ended;
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
 * @wake: @first or @stop changed, or it may be its turn
 * @next: of the device's; this and what follows is under the device's lock
 * @first: next to run, or what its thread waits with
 * @last: most recent
 * @at_work: its thread has a product to run, or has just run one
 * @in_line: since when its thread waits for the array; 0: it does not
 * @stop: the queue is being released and empty
 * @stray: for the thread to leave behind when it is itself the releaser
 * @counters: what fpr_counters_queue() tells
 */
struct local_queue {
	struct fpr_queue base;
	pthread_t thread;
	pthread_cond_t wake;
	struct local_queue *next;
	struct fpr_submission *first, **last;
	uint64_t in_line;
	int at_work, stop;
	struct local_stray *stray;
	struct fpr_queue_counters counters;
};

/* A call of transfers that waits for a fence. */
struct local_waiter {
	struct local_waiter *next;
	struct local_call *call;
};

/*
 * @done, under the device's lock, goes from 0 to 1 once, with a broadcast on @wake, and
 * then the @waiters are told.
 */
struct local_fence {
	struct fpr_fence base;
	pthread_cond_t wake;
	struct local_waiter *waiters;
	int done;
};

/* @bytes: the aligned part of @memory. */
struct local_buffer {
	struct fpr_buffer base;
	void *memory, *bytes;
};

/* Runs one job to its end and fills in what became of it. */
void local_run(struct local_queue *queue, const struct fpr_gemm_job *job,
	       struct fpr_gemm_result *result);

/*
 * The array computes one product at a time: that of the most urgent queue that has one. Waits
 * for that, and lets the next one in; the lock is held.
 */
void local_array_take(struct local_queue *queue);
void local_array_leave(struct local_device *device);

/* Nanoseconds on the monotonic clock. */
uint64_t local_now(void);

/* One more, or one less, uses an engine; the lock is held. */
void local_busy(struct local_device *device, enum fpr_counters engine, int by);

/* Is the job or transfer that starts now the one that must fail? The lock is held. */
int local_must_fail(struct local_device *device);

int local_queue_create(struct fpr_queue *queue);
void local_queue_release(struct fpr_queue *queue);
int local_submit(struct fpr_submission *submission);

int local_fence_create(struct fpr_fence *fence);
int local_fence_wait(struct fpr_fence *fence, int64_t timeout_ns);
void local_fence_release(struct fpr_fence *fence);

/*
 * Signals a fence whose results are final and drops the work's hold on it, as the last
 * thing: nothing of the device may be touched after.
 */
void local_fence_end(struct fpr_fence *fence);

int local_transfer(struct fpr_submission *submission);

/* A fence that calls may wait for has ended; the lock is held. */
void local_transfer_waited(struct local_fence *fence);

/* Starts, and ends, the threads that move slices. */
int local_lanes_start(struct local_device *device);
void local_lanes_stop(struct local_device *device);

/* Starts a thread that the application's signals do not reach. Return: 0 or -errno. */
int local_thread(pthread_t *thread, void *(*run)(void *arg), void *arg);

/* Joins the threads that outlived their queue. */
void local_reap(struct local_device *device);

#endif
