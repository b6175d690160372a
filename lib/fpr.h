/* SPDX-License-Identifier: MIT */
#ifndef FPR_H
#define FPR_H

/*
 * libfpr: matrix products and transfers on an fpr board.
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
 * @model: what computes: "fast", "hls", "rtl", or a board's own name
 * @isa: vector extensions of the fast model, "" for others
 * @version: version of the board's hardware source
 * @threads: worker threads of the fast model, else 0
 * @rows: PE rows of a tile
 * @cols: PE columns of a tile
 * @lanes: lanes of a PE
 * @kinds: bit i set when enum fpr_kind i can run
 * @default_kind: what to use when in doubt
 * @memory_bytes: board memory; 0: the host's own, unlimited
 * @slice_bytes: what a transfer moves before the next decision
 * @transfer_entries: transfers per direction among which the board itself decides
 * @clock_khz: clock of the array, kHz; a virtual board's is what its cycles are compared
 *	with, as nothing ticks there
 * @reserved0: 0
 * @reserved: 0
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
	uint32_t slice_bytes, transfer_entries;
	uint32_t clock_khz, reserved0;
	uint64_t reserved[3];
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
 * - model=fast (default), hls or rtl: the vectorised engine, the HLS C itself, or its
 *   tiles in SystemVerilog, which libfpr_rtl.so.1 holds;
 * - threads=N: of the fast model, 1 to the limit told in libfpr(3), one per CPU by
 *   default;
 * - isa=auto (default), portable, avx2 or avx512: of the fast model;
 * - slice=N: bytes a transfer moves before the next decision, a multiple of 4096;
 * - ageing=N: slices a transfer waits per step of priority it gains; by default never;
 * - fail=N: the Nth job or transfer that starts on the device, counted from 1, fails
 *   with -EIO instead of running, so that programs can try their error paths.
 * Of an option given twice the last counts.
 *
 * Return: 0; -ENODEV: no device of that name; -EINVAL: unknown option or value;
 *	-EOPNOTSUPP: this CPU lacks the ISA asked for; -ELIBACC: model=rtl, and no
 *	libfpr_rtl.so.1 where the loader looks (make rtl-model builds it); -ELIBBAD:
 *	one of another build; -ENOMEM; -EAGAIN: no more threads
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
 * Without it: in host memory, of which the board fetches what a job needs. Products
 * take operands in either; transfers move bytes between the two. The local board has but
 * one memory, of which the flag makes a part the board's.
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
 * Return: 0, -EINVAL, -EOPNOTSUPP: the local board, or memory of another board that this
 *	one cannot reach; -EBADF: no dma-buf; -ENOMEM; or what its exporter says to being
 *	shared
 */
int fpr_buffer_import(struct fpr_device *device, int fd, struct fpr_buffer **buffer);

/**
 * fpr_buffer_size() - how large a buffer is
 * @buffer: the buffer; NULL is allowed
 * Return: bytes, as given to fpr_buffer_create() or as imported; 0 for NULL
 */
uint64_t fpr_buffer_size(const struct fpr_buffer *buffer);

/* ---- queue ------------------------------------------------------------- */

/*
 * Whose products come first, of queues that have some: a hint, at most one of the two. The local
 * board begins none of a queue while a more urgent one has some that may run; its transfers know no
 * hint. Behind the driver, what the board has already been given, up to 1023 products, is not
 * overtaken; transfers of a HIGH queue go to the board first and are bound to no share of it.
 */
#define FPR_QUEUE_LOW (1u << 0)
#define FPR_QUEUE_HIGH (1u << 1)

/**
 * fpr_queue_create() - a stream of jobs that run in order
 * @device: the device
 * @flags: FPR_QUEUE_*, or 0
 * @queue: set on success. Queues of one device are independent of one another
 *	but for the fences they wait on.
 * Return: 0, -EINVAL, -ENOMEM, -EAGAIN: no more threads; -EACCES: FPR_QUEUE_HIGH needs
 *	CAP_SYS_NICE
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
 * @queued_ns: times as in struct fpr_transfer_result; 0 when it was cancelled before the
 *	driver had it
 * @started_ns: 0: never
 * @ended_ns: likewise
 * @board_ns: likewise
 */
struct fpr_gemm_result {
	int32_t status;
	uint32_t serial;
	struct fpr_gemm_counters counters;
	uint64_t queued_ns, started_ns, ended_ns, board_ns;
};

/**
 * fpr_gemm_init() - a packed job with the defaults
 * @job: overwritten: FPR_KIND_DEFAULT, its default T, serial side a, fp32 out, batch 1
 * @m: rows of C
 * @n: columns of C
 * @k: length of the sums
 */
void fpr_gemm_init(struct fpr_gemm_job *job, uint32_t m, uint32_t n, uint32_t k);

/**
 * fpr_kind_default_t() - the out-of-bounds threshold to use when in doubt
 * @kind: the array kind
 * Return: FPR_T_CHUNK for `chunk` and `value`; FPR_T_SET for `set`, and for
 *	`dense`, which ignores it
 */
uint8_t fpr_kind_default_t(enum fpr_kind kind);

/**
 * fpr_gemm_bytes() - what a product touches, from an operand's first element to its last
 * @gemm: shape and options
 * @a: set to the bytes of A over all batch entries, 0: it has no elements
 * @b: the same for B
 * @c: the same for C
 * Return: 0; -EINVAL: fpr_gemm_submit() would refuse such a product, whatever its buffers
 */
int fpr_gemm_bytes(const struct fpr_gemm *gemm, uint64_t *a, uint64_t *b, uint64_t *c);

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

/* ---- transfer ---------------------------------------------------------- */

/* Priorities of transfers go from 0, the most urgent, to 65535. */
#define FPR_PRIORITY_DEFAULT 32768

/**
 * enum fpr_transfer_op - what a transfer does to its destination
 * @FPR_TRANSFER_COPY: overwrites
 * @FPR_TRANSFER_ADD_F32: adds host fp32 to board fp32
 * @FPR_TRANSFER_ADD_BF16: adds host bfloat16 to board bfloat16
 * @FPR_TRANSFER_ADD_BF16_F32: adds host bfloat16 to board fp32, of twice the bytes
 *
 * Accumulates go to the board only. Sums are the array's: to nearest even,
 * subnormals zero, one NaN.
 */
enum fpr_transfer_op {
	FPR_TRANSFER_COPY = 0,
	FPR_TRANSFER_ADD_F32 = 1,
	FPR_TRANSFER_ADD_BF16 = 2,
	FPR_TRANSFER_ADD_BF16_F32 = 3,
};

/**
 * enum fpr_direction - where a transfer goes
 * @FPR_TO_BOARD: from host to board memory
 * @FPR_TO_HOST: from board to host memory
 */
enum fpr_direction {
	FPR_TO_BOARD = 0,
	FPR_TO_HOST = 1,
};

/* An accumulate's offsets and length are multiples of this. */
#define FPR_TRANSFER_ADD_ALIGN 64

/**
 * struct fpr_transfer_job - bytes to move; fpr_transfer_init() fills in defaults
 * @host: a buffer made without FPR_BUFFER_BOARD
 * @board: one made with it
 * @host_offset: bytes from the start of @host
 * @board_offset: bytes from the start of @board
 * @bytes: length in @host, not 0
 * @priority: 0 is most urgent
 * @op: enum fpr_transfer_op
 * @direction: enum fpr_direction
 * @flags: must be 0
 * @reserved: must be 0
 */
struct fpr_transfer_job {
	struct fpr_buffer *host, *board;
	uint64_t host_offset, board_offset, bytes;
	uint16_t priority;
	uint8_t op, direction;
	uint32_t flags;
	uint64_t reserved[4];
};

/**
 * struct fpr_transfer_result - what became of one transfer
 * @status: 0; -ECANCELED: something it waited for had failed, or it was lost in a
 *	reset; -EIO or -ENOMEM: the transfer itself failed. Its destination is then
 *	undefined, unless it never started.
 * @reserved0: 0
 * @queued_ns: CLOCK_MONOTONIC when it was submitted
 * @started_ns: CLOCK_MONOTONIC when it was handed to the board; 0: never
 * @ended_ns: CLOCK_MONOTONIC when its end was seen
 * @board_ns: on the board's own clock when it ended, which orders what ended on one board
 * @reserved: 0
 */
struct fpr_transfer_result {
	int32_t status;
	uint32_t reserved0;
	uint64_t queued_ns, started_ns, ended_ns, board_ns;
	uint64_t reserved[3];
};

/**
 * fpr_transfer_init() - a copy between the starts of two buffers
 * @job: overwritten: FPR_TRANSFER_COPY, FPR_PRIORITY_DEFAULT, offsets 0
 * @direction: enum fpr_direction
 * @host: buffer in host memory
 * @board: buffer in board memory
 * @bytes: length
 */
void fpr_transfer_init(struct fpr_transfer_job *job, enum fpr_direction direction,
		       struct fpr_buffer *host, struct fpr_buffer *board, uint64_t bytes);

/**
 * fpr_transfer_submit() - queue transfers; returns at once
 * @queue: whose share of the board they use. They wait neither for its jobs nor for one
 *	another, and may end in any order: fences order what has to be ordered.
 * @jobs: copied; may be reused on return
 * @n_jobs: at least 1
 * @waits: fences of products or transfers, of any queue of the same device, that must
 *	signal before any of these starts; NULL with 0
 * @n_waits: entries in @waits
 * @fence: set when not NULL; signals when all of them have ended;
 *	fpr_fence_destroy() gives it back
 *
 * Once the fences have signalled, the board moves, in each direction, a slice of the
 * most urgent transfer at a time, the first of equals; the two directions run beside
 * each other. A more urgent arrival waits for one slice at most. Among more transfers
 * than the board holds, a board behind the driver takes next from the context that has
 * moved least. A transfer that fails cancels no other of its call.
 *
 * Return: 0, or -errno with nothing queued: -EINVAL: a transfer is malformed, does not
 *	fit its buffers, a buffer is in the wrong memory, or a handle belongs to another
 *	device; -ENOMEM; -ECANCELED: the driver has banned the queue; -ENODEV
 */
int fpr_transfer_submit(struct fpr_queue *queue, const struct fpr_transfer_job *jobs, size_t n_jobs,
			struct fpr_fence *const *waits, size_t n_waits, struct fpr_fence **fence);

/* ---- counters ---------------------------------------------------------- */

/**
 * enum fpr_counters - which engine's
 * @FPR_COUNTERS_MAC: the array
 * @FPR_COUNTERS_TRANSFER: the transfer engine
 */
enum fpr_counters {
	FPR_COUNTERS_MAC = 0,
	FPR_COUNTERS_TRANSFER = 1,
};

/* Transfers are counted by class: priority / 4096. */
#define FPR_COUNTER_CLASSES 16

/**
 * struct fpr_engine_counters - an engine since the board's last reset or its opening
 * @jobs: jobs or transfers that the board has ended
 * @progress: tiles done, or bytes moved
 * @busy_ns: time with work
 * @idle_ns: time without
 * @stall_ns: time of @busy_ns spent on moving operands (array), or held up by the bus
 * @cycles: array: cycles_total of all jobs; on the local board, of those with counters
 * @terms_issued: array, likewise
 * @terms_skipped_zero: array, likewise
 * @terms_skipped_oob: array, likewise
 * @doorbells: rung by the driver; 0 on the local board, which has none
 * @interrupts: that brought completions to the driver; 0 on the local board
 * @completions: seen by the driver; on the local board as @jobs
 * @reserved: 0
 */
struct fpr_engine_counters {
	uint64_t jobs, progress;
	uint64_t busy_ns, idle_ns, stall_ns;
	uint64_t cycles, terms_issued, terms_skipped_zero, terms_skipped_oob;
	uint64_t doorbells, interrupts, completions;
	uint64_t reserved[4];
};

/**
 * struct fpr_class_counters - transfers of one class of priorities
 * @h2c_bytes: bytes moved to the board
 * @c2h_bytes: bytes moved to the host
 * @slices: slices served
 * @preemptions: times a transfer of the class was set aside for a more urgent one
 * @reserved: 0
 */
struct fpr_class_counters {
	uint64_t h2c_bytes, c2h_bytes, slices, preemptions;
	uint64_t reserved[4];
};

/**
 * struct fpr_queue_counters - what one queue has used
 * @jobs: products ended
 * @failed: of these and of the transfers, those that ended in error
 * @cycles: cycles_total of its products; on the local board, of those with counters
 * @busy_ns: time its products held the array
 * @transfers: transfers ended
 * @h2c_bytes: bytes of its ended transfers to the board
 * @c2h_bytes: bytes of its ended transfers to the host
 * @reserved: 0
 */
struct fpr_queue_counters {
	uint64_t jobs, failed, cycles, busy_ns;
	uint64_t transfers, h2c_bytes, c2h_bytes;
	uint64_t reserved[5];
};

/**
 * fpr_counters_engine() - what an engine has done, for all its users
 * @device: the device
 * @engine: enum fpr_counters
 * @counters: overwritten
 * Return: 0, -EINVAL, -ENODEV
 */
int fpr_counters_engine(struct fpr_device *device, enum fpr_counters engine,
			struct fpr_engine_counters *counters);

/**
 * fpr_counters_class() - what was moved at a class of priorities, for all users
 * @device: the device
 * @index: 0 to FPR_COUNTER_CLASSES - 1
 * @counters: overwritten
 * Return: 0, -EINVAL, -ENODEV
 */
int fpr_counters_class(struct fpr_device *device, uint32_t index,
		       struct fpr_class_counters *counters);

/**
 * fpr_counters_queue() - what a queue has used
 * @queue: the queue
 * @counters: overwritten
 * Return: 0, -EINVAL, -ENODEV
 */
int fpr_counters_queue(struct fpr_queue *queue, struct fpr_queue_counters *counters);

/* ---- fence ------------------------------------------------------------- */

#define FPR_WAIT_FOREVER (-1)

/**
 * fpr_fence_wait() - wait for a submission to end
 * @fence: the fence
 * @timeout_ns: nanoseconds from now; 0 asks without waiting; FPR_WAIT_FOREVER
 * Return: 0: ended, all jobs or transfers well; -ETIME: not yet; -EINVAL: no fence, or a
 *	timeout below -1; else the first failed job's status
 */
int fpr_fence_wait(struct fpr_fence *fence, int64_t timeout_ns);

/**
 * fpr_fence_result() - one job's outcome and counters
 * @fence: the fence
 * @index: of the job in the call that made the fence
 * @result: filled in
 * Return: 0; -EBUSY: not yet ended; -EINVAL: no such job, or it was a transfer
 */
int fpr_fence_result(struct fpr_fence *fence, size_t index, struct fpr_gemm_result *result);

/**
 * fpr_fence_transfer_result() - one transfer's outcome and times
 * @fence: the fence
 * @index: of the transfer in the call that made the fence
 * @result: filled in
 * Return: 0; -EBUSY: the call has not yet ended; -EINVAL: no such transfer
 */
int fpr_fence_transfer_result(struct fpr_fence *fence, size_t index,
			      struct fpr_transfer_result *result);

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
