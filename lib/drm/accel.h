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
 * struct accel_work - what the kernel may use until a sync object signals
 * @next: of the device's work that nobody holds any more
 * @syncobj: signals when all of it has ended; 0: none
 * @ctx: context to destroy then; 0: none
 * @n_slots: entries of @slots
 * @slots: to give back then
 */
struct accel_work {
	struct accel_work *next;
	uint32_t syncobj, ctx;
	size_t n_slots;
	struct accel_slot slots[];
};

/**
 * struct accel_bo - a GEM handle of this file; importing may give one it already has
 * @next: of the device
 * @handle: its name
 * @users: buffers that stand for it
 * @flags: DRM_FPR_BO_*
 * @size: bytes, as the kernel rounded them
 * @offset: to map it at
 */
struct accel_bo {
	struct accel_bo *next;
	uint32_t handle, users, flags;
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
 * @work: signals when all that was submitted has ended
 * @deferred: submissions that wait for the worker, under the device's lock
 */
struct accel_queue {
	struct fpr_queue base;
	struct accel_work *work;
	unsigned int deferred;
};

/* Of a fence, under the device's lock. Only the first two change. */
enum accel_state {
	ACCEL_DEFERRED, /* the kernel does not know of its work yet */
	ACCEL_LAUNCHED, /* the sync object tells when it has ended */
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
 * accel_work_new() - a sync object and slots
 * @device: where
 * @signalled: how the sync object starts
 * @n_slots: how many
 * @work: set; given up with accel_work_put()
 * Return: 0 or -errno
 */
int accel_work_new(struct accel_device *device, int signalled, size_t n_slots,
		   struct accel_work **work);

/* Frees it now, or, with @busy, when its sync object has signalled. */
void accel_work_put(struct accel_device *device, struct accel_work *work, int busy);

/**
 * accel_work_wait() - wait for the sync object
 * @device: where
 * @work: the work
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
