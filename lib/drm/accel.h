/* SPDX-License-Identifier: MIT */
#ifndef FPR_ACCEL_BACKEND_H
#define FPR_ACCEL_BACKEND_H

/* Boards behind a kernel driver: /dev/accel/accelN. */

#include <fpr_accel.h>

#include "backend.h"

/**
 * struct accel_slot - where the kernel writes what became of one job
 * @handle: of a host buffer
 * @offset: into it, bytes
 * @result: the same place in this process
 */
struct accel_slot {
	uint32_t handle;
	uint64_t offset;
	struct drm_fpr_result *result;
};

/**
 * struct accel_work - what the kernel may use until sync objects signal
 * @next: of the device's work that nobody holds any more
 * @ctx: context to destroy then; 0: none
 * @timeline: sync object with a point for each call of transfers of a queue; 0: none
 * @point: the last point, to be waited for, too; 0: none
 * @n_parts: sync objects, one for each call of the kernel
 * @n_live: those that will signal
 * @parts: sync objects
 * @n_slots: entries of @slots
 * @slots: to give back then
 */
struct accel_work {
	struct accel_work *next;
	uint32_t ctx, timeline;
	uint64_t point;
	size_t n_parts, n_live;
	uint32_t *parts;
	size_t n_slots;
	struct accel_slot slots[];
};

/**
 * struct accel_bo - a GEM handle of this file; importing may give one it already has
 * @next: of the device
 * @handle: its name
 * @users: buffers that stand for it
 * @flags: DRM_FPR_BO_*
 * @board: it lies in board memory
 * @size: bytes, as the kernel rounded them
 * @offset: to map it at
 */
struct accel_bo {
	struct accel_bo *next;
	uint32_t handle, users, flags;
	int board;
	uint64_t size, offset;
};

/* A host buffer full of slots. */
struct accel_chunk {
	struct accel_chunk *next;
	uint32_t handle;
	void *bytes;
};

/**
 * struct accel_device - an open board
 * @base: the library's part; its lock guards fences' and queues' states
 * @fd: the device file
 * @facts: constant
 * @pool: guards all from here to @abandoned; taken inside no lock but @base.lock
 * @bos: buffer objects
 * @chunks: memory of slots
 * @n_free: entries of @free_slots
 * @max_free: room in it, enough for all slots there are
 * @free_slots: not in use
 * @abandoned: released while the kernel still worked on it
 * @progress: a deferred fence changed state
 * @deferred: there is something in @first, or @stop
 * @first: submissions for @worker, in the order of their calls
 * @last: its end
 * @worker: runs what has to wait on this side of the kernel; started when first needed
 * @has_worker: it runs
 * @stop: it shall end
 */
struct accel_device {
	struct fpr_device base;
	int fd;
	struct drm_fpr_query_device facts;
	pthread_mutex_t pool;
	struct accel_bo *bos;
	struct accel_chunk *chunks;
	size_t n_free, max_free;
	struct accel_slot *free_slots;
	struct accel_work *abandoned;
	pthread_cond_t progress, deferred;
	struct fpr_submission *first, **last;
	pthread_t worker;
	int has_worker, stop;
};

/* @bytes: once mapped, under the device's pool lock. */
struct accel_buffer {
	struct fpr_buffer base;
	struct accel_bo *bo;
	void *bytes;
};

/**
 * struct accel_queue - a context
 * @base: the library's part
 * @work: its part signals when all products submitted have ended, its timeline's last
 *	point when all transfers have
 * @order: points are taken and given to the kernel in one order
 * @deferred: products that wait for the worker, under the device's lock
 */
struct accel_queue {
	struct fpr_queue base;
	struct accel_work *work;
	pthread_mutex_t order;
	unsigned int deferred;
};

/* Of a fence, under the device's lock. Only the first two change. */
enum accel_state {
	ACCEL_DEFERRED, /* the kernel does not know of its work yet */
	ACCEL_LAUNCHED, /* the sync objects tell when it has ended */
	ACCEL_ENDED, /* its results are final */
};

/**
 * struct accel_fence - one submission's end
 * @base: the library's part
 * @state: enum accel_state
 * @launched: jobs the kernel has taken; the results of the others are final already
 * @work: with a slot for each job
 */
struct accel_fence {
	struct fpr_fence base;
	enum accel_state state;
	size_t launched;
	struct accel_work *work;
};

static inline struct accel_device *accel_device(struct fpr_device *device)
{
	return (struct accel_device *)device;
}

static inline struct accel_buffer *accel_buffer(struct fpr_buffer *buffer)
{
	return (struct accel_buffer *)buffer;
}

static inline struct accel_queue *accel_queue(struct fpr_queue *queue)
{
	return (struct accel_queue *)queue;
}

static inline struct accel_fence *accel_fence(struct fpr_fence *fence)
{
	return (struct accel_fence *)fence;
}

/* ---- names ------------------------------------------------------------- */

/* Longest path of a device file, with its end. */
#define ACCEL_PATH_MAX 64

/**
 * accel_find() - the device file of a board
 * @name: "accel0", its path, or a PCI address with or without the domain
 * @path: set
 * Return: 0, or -ENODEV: no accel device of that name
 */
int accel_find(const char *name, char path[ACCEL_PATH_MAX]);

/**
 * accel_each() - the names of the machine's accel devices of any driver, in order
 * @call: returns non-zero to stop
 * @context: for @call
 * Return: what the last call returned, 0 when there is none, or -errno
 */
int accel_each(int (*call)(void *context, const char *name), void *context);

/* ---- memory ------------------------------------------------------------ */

/* Closes a GEM handle. */
void accel_handle_close(const struct accel_device *device, uint32_t handle);

int accel_buffer_create(struct fpr_buffer *buffer);
int accel_buffer_map(struct fpr_buffer *buffer, void **ptr);
void accel_buffer_release(struct fpr_buffer *buffer);
int accel_buffer_export(struct fpr_buffer *buffer, int *fd);
int accel_buffer_import(struct fpr_buffer *buffer, int fd);

/* ---- work -------------------------------------------------------------- */

/**
 * accel_work_new() - sync objects and slots
 * @device: where
 * @signalled: how the sync objects start; those that do are live
 * @n_parts: how many, at least one
 * @n_slots: how many
 * @work: set; given up with accel_work_put()
 * Return: 0 or -errno
 */
int accel_work_new(struct accel_device *device, int signalled, size_t n_parts, size_t n_slots,
		   struct accel_work **work);

/* Frees it now, or, with @busy, when its sync objects have signalled. */
void accel_work_put(struct accel_device *device, struct accel_work *work, int busy);

/**
 * accel_work_wait() - wait for the live sync objects
 * @device: where
 * @work: the work; its timeline is not waited for
 * @deadline: on the monotonic clock, nanoseconds; INT64_MAX: never
 * Return: 0: signalled, or the board has gone; -ETIME; another -errno
 */
int accel_work_wait(const struct accel_device *device, const struct accel_work *work,
		    int64_t deadline);

/* Frees what has ended of the abandoned; all of it with @wait. */
void accel_work_reap(struct accel_device *device, int wait);

/* Frees the memory of slots, none of which is in use. */
void accel_slots_free(struct accel_device *device);

/* Nanoseconds on the monotonic clock, @timeout_ns from now. */
int64_t accel_deadline(int64_t timeout_ns);

/* ---- fences, queues, submissions --------------------------------------- */

int accel_fence_create(struct fpr_fence *fence);
int accel_fence_wait(struct fpr_fence *fence, int64_t timeout_ns);
void accel_fence_release(struct fpr_fence *fence);

/* Makes results final, from job @first on: @status, then cancelled. */
void accel_fence_fail(struct fpr_fence *fence, size_t first, int status);

/* The status in a slot as the library reports it. */
int accel_slot_status(const struct accel_slot *slot);

int accel_queue_create(struct fpr_queue *queue);
void accel_queue_release(struct fpr_queue *queue);
int accel_submit(struct fpr_submission *submission);

/* The submission went to the kernel, or failed: gives up what the library held for it. */
void accel_submitted(struct fpr_submission *submission, int launched);

/* Has one of the waits failed, as far as is known? The lock is held. */
int accel_must_cancel(const struct fpr_submission *submission);

/* Sync objects that the submission's waits have, at most. */
size_t accel_wait_parts(const struct fpr_submission *submission);

/* Those that the kernel still has to wait for, into room for all. Return: how many. */
size_t accel_wait_collect(const struct fpr_submission *submission, struct drm_fpr_sync *in);

/* Is a wait, or their number, nothing that the kernel could take now? The lock is held. */
int accel_must_wait(const struct fpr_submission *submission);

struct drm_fpr_array accel_array(const void *elements, size_t stride, size_t count);

int accel_transfer(struct fpr_submission *submission);

/* As accel_launch(), for all transfers of a submission. */
int accel_launch_transfers(struct fpr_submission *submission, int with_waits);

int accel_engine_counters(struct fpr_device *device, enum fpr_counters engine,
			  struct fpr_engine_counters *counters);
int accel_class_counters(struct fpr_device *device, uint32_t index,
			 struct fpr_class_counters *counters);
int accel_queue_counters(struct fpr_queue *queue, struct fpr_queue_counters *counters);

/**
 * accel_launch() - hand jobs to the kernel
 * @submission: whose
 * @first: the first job
 * @n: jobs, at least one
 * @with_waits: they wait for the submission's fences
 * Return: 0, and the fence's sync object will signal; or -errno with nothing queued
 */
int accel_launch(struct fpr_submission *submission, size_t first, size_t n, int with_waits);

/* Starts a thread that the application's signals do not reach. Return: 0 or -errno. */
int accel_thread(pthread_t *thread, void *(*run_thread)(void *arg), void *arg);

/* Queues a submission for the worker; the device's lock is held. Return: 0 or -errno. */
int accel_defer(struct fpr_submission *submission);

/* Ends the worker, which may be the caller. */
void accel_worker_stop(struct accel_device *device);

#endif
