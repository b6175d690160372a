/* SPDX-License-Identifier: MIT */
#ifndef FPR_H
#define FPR_H

/*
 * libfpr: matrix products on an fpr board.
 *
 * Four nouns: a device has buffers and queues; work submitted to a queue
 * gives a fence. All are opaque and counted: what still uses an object keeps
 * it alive, so objects may be destroyed in any order, also while work runs.
 *
 * Every function may be called from any thread. Functions return 0 or a
 * negative errno and print nothing. -EINVAL means that an argument is wrong
 * and nothing was touched; a NULL where a handle is due is -EINVAL.
 */

#include <stddef.h>
#include <stdint.h>

#include "fpr_gemm.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Of the library and of the hardware source it is built with. */
#define FPR_VERSION "0.1.0"

struct fpr_device;
struct fpr_buffer;
struct fpr_queue;
struct fpr_fence;

/* ---- device ------------------------------------------------------------ */

#define FPR_NAME_MAX 64

/**
 * struct fpr_device_info - what a board is and can do
 * @name: as fpr_device_open() takes it
 * @model: what computes: "fast", "hls", or a board's own name
 * @isa: vector extensions of the fast model, "" for others
 * @version: version of the board's hardware source
 * @threads: worker threads of the fast model, else 0
 * @rows: PE rows of a tile
 * @cols: PE columns of a tile
 * @lanes: lanes of a PE
 * @kinds: bit i set when enum fpr_kind i can run
 * @default_kind: what to use when in doubt
 * @memory_bytes: board memory; 0: the host's own, unlimited
 */
struct fpr_device_info {
	char name[FPR_NAME_MAX];
	char model[FPR_NAME_MAX];
	char isa[FPR_NAME_MAX];
	char version[FPR_NAME_MAX];
	uint32_t threads;
	uint32_t rows, cols, lanes;
	uint32_t kinds, default_kind;
	uint64_t memory_bytes;
};

/**
 * fpr_device_list() - the devices that can be opened
 * @list: room for @max entries, or NULL with @max 0 to count
 * @max: entries in @list
 *
 * A name stands for all its options: "local" is there once, with its defaults.
 *
 * Return: the number of devices, which may exceed @max, or -errno
 */
int fpr_device_list(struct fpr_device_info *list, size_t max);

/**
 * fpr_device_open() - open a device by name
 * @name: "local" for the virtual board in this process; options follow a colon:
 *	"local:model=hls", "local:threads=1,isa=portable". "accel0", its path below /dev,
 *	or the PCI address "0000:01:00.0" for a board behind the kernel driver. Shorter
 *	than FPR_NAME_MAX
 * @device: set on success; close with fpr_device_close()
 *
 * Options of "local":
 * - model=fast (default) or hls: the vectorised engine, or the HLS C itself;
 * - threads=N: of the fast model, 1 to the limit told in libfpr(3), one per CPU by
 *   default;
 * - isa=auto (default), portable, avx2 or avx512: of the fast model;
 * - fail=N: the Nth job that starts on the device, counted from 1, fails with
 *   -EIO instead of running, so that programs can try their error paths.
 * Of an option given twice the last counts.
 *
 * Return: 0; -ENODEV: no device of that name; -EINVAL: unknown option or value;
 *	-EOPNOTSUPP: this CPU lacks the ISA asked for; -ENOMEM; -EAGAIN: no more
 *	threads
 */
int fpr_device_open(const char *name, struct fpr_device **device);

/**
 * fpr_device_close() - drop the caller's hold on a device
 * @device: not to be used again by the caller; NULL is allowed
 *
 * Returns at once. What was created on the device stays valid, submitted work
 * runs to its end, and the last of them to go frees the device.
 */
void fpr_device_close(struct fpr_device *device);

/**
 * fpr_device_get_info() - what an open device is and can do
 * @device: the device
 * @info: overwritten; @info->name is the name it was opened by, options included
 * Return: 0, -EINVAL
 */
int fpr_device_get_info(struct fpr_device *device, struct fpr_device_info *info);

/* ---- buffer ------------------------------------------------------------ */

/*
 * In the board's memory, which its jobs reach soonest and the host across the bus.
 * Without it: in host memory, of which the board fetches what a job needs. The local
 * board has but one memory, and takes either.
 */
#define FPR_BUFFER_BOARD (1u << 0)

/**
 * fpr_buffer_create() - memory that jobs of a device can name
 * @device: the device
 * @size: bytes, not 0; contents start as zeros
 * @flags: FPR_BUFFER_*
 * @buffer: set on success; fpr_buffer_destroy() gives it back
 * Return: 0, -EINVAL, -ENOMEM, -ENOSPC: the board's memory is full
 */
int fpr_buffer_create(struct fpr_device *device, uint64_t size, uint32_t flags,
		      struct fpr_buffer **buffer);

/**
 * fpr_buffer_destroy() - drop the caller's hold on a buffer, and its mapping
 * @buffer: not to be used again by the caller, nor the address that
 *	fpr_buffer_map() gave; NULL is allowed
 *
 * Submitted jobs keep the memory until they have ended.
 */
void fpr_buffer_destroy(struct fpr_buffer *buffer);

/**
 * fpr_buffer_map() - the buffer's bytes in this process
 * @buffer: the buffer
 * @ptr: set; 64-byte aligned; valid until fpr_buffer_destroy(). Mapping again
 *	gives the same address. A job's operands must stay unchanged, and its C
 *	unread, until its fence has signalled.
 * Return: 0, -EINVAL, -ENOMEM
 */
int fpr_buffer_map(struct fpr_buffer *buffer, void **ptr);

/**
 * fpr_buffer_export() - share a buffer with other drivers or processes
 * @buffer: the buffer
 * @fd: set to a dma-buf that keeps the memory, to be closed by the caller
 * Return: 0, -EINVAL, -EOPNOTSUPP: the local board, whose memory is this process's own;
 *	-EMFILE, -ENOMEM
 */
int fpr_buffer_export(struct fpr_buffer *buffer, int *fd);

/**
 * fpr_buffer_import() - a buffer for memory that someone else shares
 * @device: the device whose jobs shall name it
 * @fd: a dma-buf; may be closed on return
 * @buffer: set on success; fpr_buffer_destroy() gives it back. Buffers made from the
 *	same memory overlap, which fpr_gemm_submit() cannot see and the driver refuses.
 * Return: 0, -EINVAL, -EOPNOTSUPP: the local board; -EBADF: no dma-buf; -ENOMEM; or
 *	what its exporter says to being shared
 */
int fpr_buffer_import(struct fpr_device *device, int fd, struct fpr_buffer **buffer);

/**
 * fpr_buffer_size() - how large a buffer is
 * @buffer: the buffer; NULL is allowed
 * Return: bytes, as given to fpr_buffer_create() or as imported; 0 for NULL
 */
uint64_t fpr_buffer_size(const struct fpr_buffer *buffer);

/* ---- queue ------------------------------------------------------------- */

/**
 * fpr_queue_create() - a stream of jobs that run in order
 * @device: the device
 * @flags: must be 0
 * @queue: set on success. Queues of one device are independent of one another
 *	but for the fences they wait on.
 * Return: 0, -EINVAL, -ENOMEM, -EAGAIN: no more threads
 */
int fpr_queue_create(struct fpr_device *device, uint32_t flags, struct fpr_queue **queue);

/**
 * fpr_queue_destroy() - drop the caller's hold on a queue
 * @queue: not to be used again by the caller; NULL is allowed
 *
 * Does not wait: submitted work still runs to its end and its fences signal.
 */
void fpr_queue_destroy(struct fpr_queue *queue);

/* ---- gemm -------------------------------------------------------------- */

/* The job's values only: its counters read 0. Faster on the local board. */
#define FPR_JOB_NO_COUNTERS (1u << 0)

/**
 * struct fpr_gemm_job - one matrix product over buffers
 * @gemm: shape and options; fpr_gemm_init() fills in defaults
 * @a: A, bfloat16
 * @b: B, bfloat16
 * @c: C in and out, fp32 or bfloat16
 * @a_offset: bytes from the start of @a to A's first element, a multiple of 2
 * @b_offset: the same for B
 * @c_offset: the same for C, a multiple of its element size
 * @flags: FPR_JOB_*
 * @reserved: must be 0
 *
 * Operands must lie inside their buffers. The bytes from C's first element to
 * its last, over all batch entries, may not overlap those of A or of B, not even
 * where gaps between rows or entries would keep the elements apart. A and B may
 * overlap. An operand without elements may have a NULL buffer.
 *
 * @gemm.serial may be `auto`: when the job's turn has come, so that earlier jobs
 * may still make its operands, the operand with fewer NAF digits becomes serial (A on a
 * tie). Digits are counted for each batch entry, also when entries share memory.
 */
struct fpr_gemm_job {
	struct fpr_gemm gemm;
	struct fpr_buffer *a, *b, *c;
	uint64_t a_offset, b_offset, c_offset;
	uint32_t flags, reserved;
};

/**
 * struct fpr_gemm_result - what became of one job
 * @status: 0; -ECANCELED: something it waited for, or an earlier job of the same
 *	call, had failed; -ENOMEM or -EIO: the job itself failed. C is then untouched.
 * @serial: the side that was serial: FPR_SERIAL_A or FPR_SERIAL_B
 * @counters: what it cost
 */
struct fpr_gemm_result {
	int32_t status;
	uint32_t serial;
	struct fpr_gemm_counters counters;
};

/**
 * fpr_gemm_init() - a packed job with the defaults
 * @job: overwritten: `chunk`, its default T, serial side a, fp32 out, batch 1
 * @m: rows of C
 * @n: columns of C
 * @k: length of the sums
 */
void fpr_gemm_init(struct fpr_gemm_job *job, uint32_t m, uint32_t n, uint32_t k);

/**
 * fpr_kind_default_t() - the out-of-bounds threshold to use when in doubt
 * @kind: the array kind
 * Return: FPR_T_CHUNK for `chunk`; FPR_T_SET for `set`, and for `dense`, which
 *	ignores it
 */
uint8_t fpr_kind_default_t(enum fpr_kind kind);

/**
 * fpr_gemm_submit() - queue jobs; returns at once
 * @queue: the jobs run one after another behind what the queue already holds. A
 *	job that fails cancels those after it in the same call; other calls only
 *	when they wait for its fence.
 * @jobs: copied; may be reused on return
 * @n_jobs: at least 1
 * @waits: fences, of any queue of the same device, that must signal first; NULL with 0
 * @n_waits: entries in @waits
 * @fence: set when not NULL; signals when all jobs of this call are done;
 *	fpr_fence_destroy() gives it back
 * Return: 0, or -errno with nothing queued: -EINVAL: a job is malformed, an
 *	operand does not fit its buffer, C overlaps A or B, or a handle belongs to
 *	another device; -ENOMEM
 */
int fpr_gemm_submit(struct fpr_queue *queue, const struct fpr_gemm_job *jobs, size_t n_jobs,
		    struct fpr_fence *const *waits, size_t n_waits, struct fpr_fence **fence);

/**
 * fpr_operand_count() - zeros and NAF digits of a matrix in a buffer
 * @buffer: holds bfloat16
 * @offset: bytes, a multiple of 2
 * @rows: stored rows
 * @cols: stored columns
 * @ld: elements between two rows, 0 for packed
 * @stats: overwritten
 * Return: 0, -EINVAL (does not fit the buffer)
 */
int fpr_operand_count(struct fpr_buffer *buffer, uint64_t offset, uint32_t rows, uint32_t cols,
		      uint32_t ld, struct fpr_operand_stats *stats);

/* ---- fence ------------------------------------------------------------- */

#define FPR_WAIT_FOREVER (-1)

/**
 * fpr_fence_wait() - wait for a submission to end
 * @fence: the fence
 * @timeout_ns: nanoseconds from now; 0 asks without waiting; FPR_WAIT_FOREVER
 * Return: 0: ended, all jobs well; -ETIME: not yet; -EINVAL: no fence, or a
 *	timeout below -1; else the first failed job's status
 */
int fpr_fence_wait(struct fpr_fence *fence, int64_t timeout_ns);

/**
 * fpr_fence_result() - one job's outcome and counters
 * @fence: the fence
 * @index: of the job in the call that made the fence
 * @result: filled in
 * Return: 0; -EBUSY: not yet ended; -EINVAL: no such job
 */
int fpr_fence_result(struct fpr_fence *fence, size_t index, struct fpr_gemm_result *result);

/**
 * fpr_fence_destroy() - drop the caller's hold on a fence
 * @fence: not to be used again by the caller; NULL is allowed
 *
 * The work goes on, and submissions that wait for the fence still do.
 */
void fpr_fence_destroy(struct fpr_fence *fence);

#ifdef __cplusplus
}
#endif

#endif
