/* SPDX-License-Identifier: MIT */
#ifndef FPR_BACKEND_H
#define FPR_BACKEND_H

/*
 * The seam between the library and what it drives. Above it: handles, their
 * holds and every check of a caller's arguments. Below it: memory, order and
 * time. A backend sees only valid requests.
 *
 * A backend's objects start with the library's: it states their sizes, the
 * library allocates them zeroed and fills in its part, the backend's hook does
 * the rest. A hook that fails leaves nothing behind; a release hook runs once,
 * when the last hold is gone, in whatever thread dropped it.
 */

#include <pthread.h>

#include "fpr.h"

struct fpr_backend;

/**
 * struct fpr_device - the library's part of an open device
 * @backend: what drives it
 * @lock: guards every hold count of the device and its children, and whatever
 *	the backend puts under it; never held while a hook or a job runs
 * @holds: the caller's, and one of every child
 * @name: as it was opened
 */
struct fpr_device {
	const struct fpr_backend *backend;
	pthread_mutex_t lock;
	unsigned int holds;
	char name[FPR_NAME_MAX];
};

/* What a device's children have in common; @holds is under the device's lock. */
struct fpr_child {
	struct fpr_device *device;
	unsigned int holds;
};

/* @flags: FPR_BUFFER_*, of one created here. */
struct fpr_buffer {
	struct fpr_child child;
	uint64_t size;
	uint32_t flags;
};

/* @flags: FPR_QUEUE_* */
struct fpr_queue {
	struct fpr_child child;
	uint32_t flags;
};

/*
 * Of products @results, of transfers @moved has @jobs entries, written before the fence
 * signals, then constant; the other is NULL.
 */
struct fpr_fence {
	struct fpr_child child;
	size_t jobs;
	struct fpr_gemm_result *results;
	struct fpr_transfer_result *moved;
};

/**
 * struct fpr_submission - one call of fpr_gemm_submit() or fpr_transfer_submit(), checked
 * @next: for the backend
 * @queue: held
 * @fence: held; to signal when all has ended
 * @queued_ns: for the backend
 * @n_jobs: entries in @jobs or @transfers
 * @n_waits: entries in @waits
 * @jobs: their buffers held; NULL for transfers
 * @transfers: their buffers held; NULL for products
 * @waits: held
 */
struct fpr_submission {
	struct fpr_submission *next;
	struct fpr_queue *queue;
	struct fpr_fence *fence;
	uint64_t queued_ns;
	size_t n_jobs, n_waits;
	struct fpr_gemm_job *jobs;
	struct fpr_transfer_job *transfers;
	struct fpr_fence **waits;
};

/**
 * struct fpr_backend - one way to reach a board
 * @device_size: of its struct that starts with struct fpr_device, and so on
 * @list: as fpr_device_list(), for this backend's devices
 * @device_open: -ENODEV when @name is not this backend's
 * @device_release: no child is left
 * @device_info: fills in all but the name
 * @buffer_create: @size and @flags are set, the contents become zeros
 * @buffer_map: as fpr_buffer_map()
 * @buffer_export: as fpr_buffer_export(); NULL: -EOPNOTSUPP
 * @buffer_import: fills in a buffer that stands for a dma-buf, its size included;
 *	NULL: -EOPNOTSUPP
 * @queue_create: as fpr_queue_create()
 * @queue_release: nothing is queued any more; may run in the thread that runs jobs
 * @fence_create: before any work is tied to it
 * @fence_wait: as fpr_fence_wait(), but returns 0 for work that ended in failure
 * @submit: takes the submission over on success. Runs its jobs in order behind
 *	the queue's earlier ones once its waits have signalled, cancels them all
 *	when one of those failed and the rest after a job that fails, fills in the
 *	fence's results, drops the holds on all but the fence, signals the fence and
 *	drops the hold on it.
 * @transfer: the same for transfers, which run in any order once the waits have
 *	signalled, and do not cancel one another
 * @engine_counters: as fpr_counters_engine(), into zeros; likewise
 * @class_counters: fpr_counters_class()
 * @queue_counters: fpr_counters_queue()
 */
struct fpr_backend {
	size_t device_size, buffer_size, queue_size, fence_size;
	int (*list)(struct fpr_device_info *list, size_t max);
	int (*device_open)(struct fpr_device *device, const char *name);
	void (*device_release)(struct fpr_device *device);
	void (*device_info)(struct fpr_device *device, struct fpr_device_info *info);
	int (*buffer_create)(struct fpr_buffer *buffer);
	int (*buffer_map)(struct fpr_buffer *buffer, void **ptr);
	int (*buffer_export)(struct fpr_buffer *buffer, int *fd);
	int (*buffer_import)(struct fpr_buffer *buffer, int fd);
	void (*buffer_release)(struct fpr_buffer *buffer);
	int (*queue_create)(struct fpr_queue *queue);
	void (*queue_release)(struct fpr_queue *queue);
	int (*fence_create)(struct fpr_fence *fence);
	int (*fence_wait)(struct fpr_fence *fence, int64_t timeout_ns);
	void (*fence_release)(struct fpr_fence *fence);
	int (*submit)(struct fpr_submission *submission);
	int (*transfer)(struct fpr_submission *submission);
	int (*engine_counters)(struct fpr_device *device, enum fpr_counters engine,
			       struct fpr_engine_counters *counters);
	int (*class_counters)(struct fpr_device *device, uint32_t index,
			      struct fpr_class_counters *counters);
	int (*queue_counters)(struct fpr_queue *queue, struct fpr_queue_counters *counters);
};

extern const struct fpr_backend fpr_backend_local;
extern const struct fpr_backend fpr_backend_accel;

/* A hold on a child; the device's lock must not be held. */
void fpr_child_get(struct fpr_child *child);

/* Drops a hold. Return: 1 when it was the last and the caller must release. */
int fpr_child_put(struct fpr_child *child);

/* A zeroed child of @size bytes with one hold on itself and one on @device. */
void *fpr_child_alloc(struct fpr_device *device, size_t size);

/* Frees a released child and drops its hold on the device. */
void fpr_child_free(struct fpr_child *child);

void fpr_buffer_put(struct fpr_buffer *buffer);
void fpr_fence_put(struct fpr_fence *fence);

/* Return: 1 when the hold was the last and the queue is gone. */
int fpr_queue_put(struct fpr_queue *queue);

/* Frees a fence without holds. */
void fpr_fence_release(struct fpr_fence *fence);

/* A fence with two holds, the caller's and the work's. Return: 0 or -errno. */
int fpr_fence_create(struct fpr_device *device, size_t jobs, int transfers,
		     struct fpr_fence **fence);

/* Return: the first failed job's status of a fence that has signalled, or 0. */
int fpr_fence_status(const struct fpr_fence *fence);

/* Does a range of a buffer lie inside it, and does the buffer belong to @device? */
int fpr_buffer_holds(const struct fpr_buffer *buffer, const struct fpr_device *device,
		     uint64_t offset, uint64_t bytes);

/* ---- submissions, for gemm.c and transfer.c ---------------------------- */

/* Are the fences of a call on the queue's device? Return: 0 or -EINVAL. */
int fpr_waits_check(const struct fpr_queue *queue, struct fpr_fence *const *waits, size_t n_waits);

/**
 * fpr_submission_new() - a submission without jobs yet
 * @queue: to be held
 * @waits: to be held
 * @n_waits: entries of @waits
 * @n_jobs: zeroed entries of @jobs or @transfers
 * @transfers: 1: of @transfers
 * Return: the submission, or NULL
 */
struct fpr_submission *fpr_submission_new(struct fpr_queue *queue, struct fpr_fence *const *waits,
					  size_t n_waits, size_t n_jobs, int transfers);

/* Takes a hold on what a job or transfer names. */
void fpr_submission_hold(struct fpr_buffer *buffer);

/**
 * fpr_submission_run() - give it a fence and hand it to the backend
 * @submission: taken over, also on failure
 * @fence: set on success when not NULL
 * Return: 0, or -errno with nothing queued
 */
int fpr_submission_run(struct fpr_submission *submission, struct fpr_fence **fence);

/* Drops the holds on waits and buffers, not those on queue and fence, and frees it. */
void fpr_submission_free(struct fpr_submission *submission);

/**
 * fpr_gemm_run_as() - the job's shape as a board takes it
 * @job: checked, and its operands now final
 * @gemm: filled in; `auto` becomes the side with fewer NAF digits
 * Return: 0, or the error of mapping an operand
 */
int fpr_gemm_run_as(const struct fpr_gemm_job *job, struct fpr_gemm *gemm);

#endif
