/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR MIT) */
#ifndef FPR_ACCEL_H
#define FPR_ACCEL_H

/*
 * The ioctls of /dev/accel/accelN as served by fpr.ko.
 *
 * User space names memory by buffer object handle and offset only; it never
 * sees a DMA or board address. Every structure has the same layout and alignment
 * for 32-bit and 64-bit programs. Fields called reserved or pad, and unknown bits of
 * flags, must be zero, else -EINVAL. Structures grow at their end only: a
 * missing tail reads as zero, and a tail this kernel does not know must be zero.
 *
 * Synchronisation is explicit: fences travel in DRM syncobjs, binary or
 * timeline. Buffers shared with other drivers as dma-bufs also carry the
 * fences of work on them, which is then waited for, however it ends. Waiting,
 * exporting, importing and closing are the DRM core's ioctls.
 *
 * Common errors: -EINVAL: an argument is wrong and nothing was done; -ENOENT:
 * no object of that handle or id in this file; -EFAULT: memory at a user
 * pointer cannot be reached; -ENOMEM; -EINTR: a signal arrived, nothing was
 * done; -ENODEV: the board has gone.
 */

#ifdef __KERNEL__
#include <drm/drm.h>
#else
#include <drm.h> /* of libdrm */
#endif

#include "fpr_gemm.h"

#if defined(__cplusplus)
extern "C" {
#endif

#define DRM_FPR_DRIVER_NAME "fpr"

/* Of this interface. 1.0: first. */
#define DRM_FPR_MAJOR 1
#define DRM_FPR_MINOR 0

#define DRM_FPR_QUERY 0x00
#define DRM_FPR_BO_CREATE 0x01
#define DRM_FPR_BO_INFO 0x02
#define DRM_FPR_CTX_CREATE 0x03
#define DRM_FPR_CTX_DESTROY 0x04
#define DRM_FPR_SUBMIT_MAC 0x05
#define DRM_FPR_SUBMIT_XFER 0x06
#define DRM_FPR_READ_COUNTERS 0x07

/**
 * struct drm_fpr_array - an array in user space
 * @stride: bytes from one element to the next: the size of the element's
 *	structure as user space knows it, at least the size of its first version
 * @count: elements
 * @array: user pointer, 8-byte aligned; ignored when @count is 0
 */
struct drm_fpr_array {
	__u32 stride;
	__u32 count;
	__aligned_u64 array;
};

/**
 * struct drm_fpr_sync - a syncobj to wait for, or to signal
 * @handle: syncobj handle
 * @flags: must be 0
 * @point: point of a timeline syncobj; 0: the syncobj is binary
 */
struct drm_fpr_sync {
	__u32 handle;
	__u32 flags;
	__aligned_u64 point;
};

/* ---- query ------------------------------------------------------------- */

/**
 * enum drm_fpr_query_type - what to ask
 * @DRM_FPR_QUERY_DEVICE: struct drm_fpr_query_device
 * @DRM_FPR_QUERY_MEMORY: struct drm_fpr_query_memory
 * @DRM_FPR_QUERY_CONTEXT: struct drm_fpr_query_context of context drm_fpr_query.id
 */
enum drm_fpr_query_type {
	DRM_FPR_QUERY_DEVICE = 0,
	DRM_FPR_QUERY_MEMORY = 1,
	DRM_FPR_QUERY_CONTEXT = 2,
};

/**
 * struct drm_fpr_query - ask for one structure of facts
 * @type: enum drm_fpr_query_type
 * @size: in: bytes at @pointer; out: bytes the kernel knows of this type. The
 *	smaller of the two is written; what @pointer has beyond is zeroed.
 * @pointer: user pointer; 0: only @size is returned
 * @id: context id for DRM_FPR_QUERY_CONTEXT, else 0
 * @reserved: 0
 */
struct drm_fpr_query {
	__u32 type;
	__u32 size;
	__aligned_u64 pointer;
	__u32 id;
	__u32 reserved;
};

/* How the board interrupts. */
#define DRM_FPR_IRQ_INTX 0
#define DRM_FPR_IRQ_MSI 1
#define DRM_FPR_IRQ_MSIX 2

/**
 * struct drm_fpr_query_device - the board and its limits
 * @contract: FPR_REG_VERSION: major << 16 | minor
 * @build: build id of the hardware source
 * @caps: FPR_REG_CAPS
 * @rows: PE rows of a tile
 * @cols: PE columns of a tile
 * @lanes: lanes of a PE
 * @window: issue window of kind `set`
 * @run_ahead: sets or chunks by which rows run ahead
 * @kinds: bit i: enum fpr_kind i can run
 * @default_kind: what to use when in doubt
 * @clock_khz: clock of the array, kHz
 * @slice_bytes: bytes a transfer moves before the next decision
 * @memory_bytes: bytes of board memory
 * @bo_align: board and host buffers are rounded up to this many bytes
 * @xfer_entries: transfers the board holds at once per direction
 * @max_jobs: most jobs, or transfers, of one submit call
 * @max_syncs: most elements of an array of struct drm_fpr_sync
 * @max_priority: largest (least urgent) priority of a transfer
 * @priorities: bit i: this file may create contexts of enum drm_fpr_priority i
 * @irq: DRM_FPR_IRQ_*
 * @vectors: interrupt vectors in use
 * @resets: engine and full resets since the driver was bound
 * @pci_domain: PCI domain
 * @pci_bus: PCI bus
 * @pci_slot: PCI device number
 * @pci_function: PCI function
 */
struct drm_fpr_query_device {
	__u32 contract;
	__u32 build;
	__u32 caps;
	__u32 rows;
	__u32 cols;
	__u32 lanes;
	__u32 window;
	__u32 run_ahead;
	__u32 kinds;
	__u32 default_kind;
	__u32 clock_khz;
	__u32 slice_bytes;
	__aligned_u64 memory_bytes;
	__u32 bo_align;
	__u32 xfer_entries;
	__u32 max_jobs;
	__u32 max_syncs;
	__u32 max_priority;
	__u32 priorities;
	__u32 irq;
	__u32 vectors;
	__aligned_u64 resets;
	__u32 pci_domain;
	__u32 pci_bus;
	__u32 pci_slot;
	__u32 pci_function;
};

/**
 * struct drm_fpr_query_memory - board memory now
 * @total: bytes of board memory
 * @free: bytes not allocated
 * @largest: bytes of the largest buffer that could be created
 */
struct drm_fpr_query_memory {
	__aligned_u64 total;
	__aligned_u64 free;
	__aligned_u64 largest;
};

/**
 * struct drm_fpr_query_context - health of a context
 * @priority: enum drm_fpr_priority
 * @banned: 1: its work hung the board; further submissions fail with -ECANCELED
 * @guilty: resets this context's work caused
 * @innocent: resets that struck this context's work though it was not the cause
 * @reserved: 0
 */
struct drm_fpr_query_context {
	__u32 priority;
	__u32 banned;
	__u32 guilty;
	__u32 innocent;
	__aligned_u64 reserved;
};

/* ---- buffer objects ---------------------------------------------------- */

/**
 * enum drm_fpr_placement - where a buffer object lives
 * @DRM_FPR_PLACE_HOST: host memory that the board reaches by DMA
 * @DRM_FPR_PLACE_BOARD: board memory, mapped through the aperture
 */
enum drm_fpr_placement {
	DRM_FPR_PLACE_HOST = 0,
	DRM_FPR_PLACE_BOARD = 1,
};

/**
 * struct drm_fpr_bo_create - make a buffer object
 * @size: in: bytes, not 0; out: rounded up to drm_fpr_query_device.bo_align
 * @placement: enum drm_fpr_placement
 * @flags: must be 0
 * @handle: out: GEM handle; closed by DRM_IOCTL_GEM_CLOSE
 * @reserved: 0
 *
 * Contents start as zeros. -ENOSPC: board memory is full.
 */
struct drm_fpr_bo_create {
	__aligned_u64 size;
	__u32 placement;
	__u32 flags;
	__u32 handle;
	__u32 reserved;
};

/* The buffer came from another driver as a dma-buf. */
#define DRM_FPR_BO_IMPORTED 0x1

/**
 * struct drm_fpr_bo_info - facts about a buffer object
 * @handle: in: GEM handle, created here or imported
 * @placement: out: enum drm_fpr_placement
 * @size: out: bytes
 * @mmap_offset: out: offset to give to mmap() on the device file
 * @flags: out: DRM_FPR_BO_*; in: 0
 * @reserved: 0
 *
 * A mapping of a board buffer is write-combined; it outlives the board, whose
 * contents then read as zeros.
 */
struct drm_fpr_bo_info {
	__u32 handle;
	__u32 placement;
	__aligned_u64 size;
	__aligned_u64 mmap_offset;
	__u32 flags;
	__u32 reserved;
};

/* ---- contexts ---------------------------------------------------------- */

/**
 * enum drm_fpr_priority - of a context's matrix jobs against other contexts'
 * @DRM_FPR_PRIORITY_LOW: when nothing else waits
 * @DRM_FPR_PRIORITY_NORMAL: the default
 * @DRM_FPR_PRIORITY_HIGH: before others; needs CAP_SYS_NICE
 *
 * A hint: how strictly it is followed is the kernel scheduler's policy. Transfers of a
 * HIGH context do not count towards any share and come before other contexts'; LOW is
 * as NORMAL to them. See struct drm_fpr_submit_xfer.
 */
enum drm_fpr_priority {
	DRM_FPR_PRIORITY_LOW = 0,
	DRM_FPR_PRIORITY_NORMAL = 1,
	DRM_FPR_PRIORITY_HIGH = 2,
};

/**
 * struct drm_fpr_ctx_create - make a context: an ordered stream of matrix jobs
 * @priority: enum drm_fpr_priority
 * @flags: must be 0
 * @id: out: context id of this file, not 0
 * @reserved: 0
 *
 * -EACCES: the priority is not allowed; -ENOSPC: too many contexts in this file.
 */
struct drm_fpr_ctx_create {
	__u32 priority;
	__u32 flags;
	__u32 id;
	__u32 reserved;
};

/**
 * struct drm_fpr_ctx_destroy - end a context
 * @id: context id
 * @reserved: 0
 *
 * Work not yet started fails with -ECANCELED.
 */
struct drm_fpr_ctx_destroy {
	__u32 id;
	__u32 reserved;
};

/* ---- submission -------------------------------------------------------- */

/* drm_fpr_result.status of work that has not ended; the kernel writes it at submit. */
#define DRM_FPR_RESULT_PENDING 1

/* Results lie at multiples of this, so that none crosses a page. */
#define DRM_FPR_RESULT_ALIGN 256

/**
 * struct drm_fpr_result - outcome of one matrix job or transfer, in a host buffer
 * @status: DRM_FPR_RESULT_PENDING, then 0; -EIO: it failed; -EINVAL: the board
 *	refused it; -ENOMEM: the board ran out of working memory; -ETIME: it
 *	hung the board; -ECANCELED: something it waited for or an earlier job of
 *	its submit failed, or it was lost; -ENODEV: the board has gone
 * @board_status: enum fpr_status as the board reported it
 * @board_time: nanoseconds on the board's clock when it ended
 * @queued_ns: CLOCK_MONOTONIC at submit
 * @started_ns: CLOCK_MONOTONIC when it was handed to the board
 * @ended_ns: CLOCK_MONOTONIC when its completion was seen
 * @counters: what a matrix job cost; zeros for others and with
 *	DRM_FPR_MAC_NO_COUNTERS
 * @reserved: zeros
 *
 * @status is written last, before the job's fence signals.
 */
struct drm_fpr_result {
	__s32 status;
	__u32 board_status;
	__aligned_u64 board_time;
	__aligned_u64 queued_ns;
	__aligned_u64 started_ns;
	__aligned_u64 ended_ns;
	struct fpr_gemm_counters counters;
	__aligned_u64 reserved[11];
};

/* Values only: the counters are zeros, and the board may be faster. */
#define DRM_FPR_MAC_NO_COUNTERS 0x1
/* Computes nothing, names no operands, passes through the ring like any other. */
#define DRM_FPR_MAC_NOP 0x2

/**
 * struct drm_fpr_mac_job - one matrix product, C = op(A) op(B) [+ C]
 * @gemm: shape and options; @gemm.serial must be A or B. All zeros with
 *	DRM_FPR_MAC_NOP.
 * @a: handle of the buffer that holds A; 0 when A has no elements
 * @b: handle of the buffer that holds B; 0 when B has no elements
 * @c: handle of the buffer that holds C; 0 when C has no elements
 * @flags: DRM_FPR_MAC_*
 * @a_offset: bytes from the buffer's start to A, a multiple of 2
 * @b_offset: bytes to B, a multiple of 2
 * @c_offset: bytes to C, a multiple of its element size
 * @result: handle of a host buffer created here for struct drm_fpr_result; 0: none
 * @reserved: 0
 * @result_offset: bytes to the result, a multiple of DRM_FPR_RESULT_ALIGN
 *
 * Operands must lie inside their buffers, and C may not overlap A or B, from
 * its first to its last byte over all batch entries.
 */
struct drm_fpr_mac_job {
	struct fpr_gemm gemm;
	__u32 a;
	__u32 b;
	__u32 c;
	__u32 flags;
	__aligned_u64 a_offset;
	__aligned_u64 b_offset;
	__aligned_u64 c_offset;
	__u32 result;
	__u32 reserved;
	__aligned_u64 result_offset;
};

/**
 * struct drm_fpr_submit_mac - queue matrix jobs
 * @ctx: context id
 * @flags: must be 0
 * @jobs: array of struct drm_fpr_mac_job, 1 to drm_fpr_query_device.max_jobs
 *	elements, which run in order behind what the context holds
 * @in: array of struct drm_fpr_sync: what must signal before the first job runs
 * @out: array of struct drm_fpr_sync: signalled when the last job has ended
 *
 * A job that fails cancels those after it in the same call. All or nothing is
 * queued. -ECANCELED: the context is banned.
 */
struct drm_fpr_submit_mac {
	__u32 ctx;
	__u32 flags;
	struct drm_fpr_array jobs;
	struct drm_fpr_array in;
	struct drm_fpr_array out;
};

/**
 * enum drm_fpr_xfer_op - what a transfer does to its destination
 * @DRM_FPR_XFER_COPY: overwrites
 * @DRM_FPR_XFER_ADD_F32: adds host fp32 to board fp32
 * @DRM_FPR_XFER_ADD_BF16: adds host bf16 to board bf16
 * @DRM_FPR_XFER_ADD_BF16_F32: adds host bf16 to board fp32, of twice the bytes
 *
 * Accumulates go to the board only.
 */
enum drm_fpr_xfer_op {
	DRM_FPR_XFER_COPY = 0,
	DRM_FPR_XFER_ADD_F32 = 1,
	DRM_FPR_XFER_ADD_BF16 = 2,
	DRM_FPR_XFER_ADD_BF16_F32 = 3,
};

/* Directions of a transfer. */
#define DRM_FPR_TO_BOARD 0
#define DRM_FPR_TO_HOST 1

/* An accumulate's offsets and length are multiples of this. */
#define DRM_FPR_XFER_ADD_ALIGN 64

/**
 * struct drm_fpr_xfer - move bytes between a host and a board buffer
 * @host: handle of the host buffer
 * @board: handle of the board buffer
 * @host_offset: bytes from the host buffer's start
 * @board_offset: bytes from the board buffer's start
 * @bytes: length in the host buffer, not 0
 * @priority: 0 (most urgent) to drm_fpr_query_device.max_priority
 * @op: enum drm_fpr_xfer_op
 * @direction: DRM_FPR_TO_BOARD or DRM_FPR_TO_HOST
 * @flags: must be 0
 * @result: handle of a host buffer for struct drm_fpr_result; 0: none
 * @out: syncobj signalled when this transfer has ended; 0: none
 * @result_offset: bytes to the result, a multiple of DRM_FPR_RESULT_ALIGN
 * @out_point: point of a timeline syncobj; 0: @out is binary
 */
struct drm_fpr_xfer {
	__u32 host;
	__u32 board;
	__aligned_u64 host_offset;
	__aligned_u64 board_offset;
	__aligned_u64 bytes;
	__u16 priority;
	__u8 op;
	__u8 direction;
	__u32 flags;
	__u32 result;
	__u32 out;
	__aligned_u64 result_offset;
	__aligned_u64 out_point;
};

/**
 * struct drm_fpr_submit_xfer - queue transfers
 * @ctx: context id, for fairness and accounting
 * @flags: must be 0
 * @xfers: array of struct drm_fpr_xfer, 1 to drm_fpr_query_device.max_jobs elements,
 *	which may run and end in any order
 * @in: array of struct drm_fpr_sync: what must signal before any of them starts
 * @out: array of struct drm_fpr_sync: signalled when all of them have ended
 *
 * Once what they wait for has signalled, transfers go to the board in the order of
 * (fair share, priority, arrival), as far as its table takes them, and the board serves the
 * most urgent it has, slice by slice, in each direction. The share is bytes, at least 4096 a
 * transfer: a context that was given 4 MiB more than another which has work waits
 * for it, whatever the priorities; within that lead an urgent transfer is served as the
 * board's next slice, even when bulk fills its table, of which 16 entries are kept
 * for what is more urgent than all the rest. A HIGH context is bound to no share: it can
 * starve others. A share is a context's, not a process's: who makes many gets as many.
 *
 * The same syncobj point may not be signalled twice by one call.
 */
struct drm_fpr_submit_xfer {
	__u32 ctx;
	__u32 flags;
	struct drm_fpr_array xfers;
	struct drm_fpr_array in;
	struct drm_fpr_array out;
};

/* ---- counters ---------------------------------------------------------- */

/**
 * enum drm_fpr_counters_type - whose counters
 * @DRM_FPR_COUNTERS_ENGINE: struct drm_fpr_counters_engine; id: 0 MAC, 1 transfer
 * @DRM_FPR_COUNTERS_CLASS: struct drm_fpr_counters_class; id: priority / 4096
 * @DRM_FPR_COUNTERS_CONTEXT: struct drm_fpr_counters_context; id: context id
 */
enum drm_fpr_counters_type {
	DRM_FPR_COUNTERS_ENGINE = 0,
	DRM_FPR_COUNTERS_CLASS = 1,
	DRM_FPR_COUNTERS_CONTEXT = 2,
};

/**
 * struct drm_fpr_read_counters - read one set of counters
 * @type: enum drm_fpr_counters_type
 * @id: which one
 * @size: as in struct drm_fpr_query
 * @reserved: 0
 * @pointer: as in struct drm_fpr_query
 */
struct drm_fpr_read_counters {
	__u32 type;
	__u32 id;
	__u32 size;
	__u32 reserved;
	__aligned_u64 pointer;
};

/**
 * struct drm_fpr_counters_engine - an engine since its last reset, the driver since bind
 * @jobs: descriptors the board completed
 * @progress: tiles done, or bytes moved
 * @busy_ns: time with work
 * @idle_ns: time without
 * @stall_ns: time waiting for DMA
 * @cycles: MAC: cycles.total of all jobs
 * @terms_issued: MAC
 * @terms_skipped_zero: MAC
 * @terms_skipped_oob: MAC
 * @doorbells: driver: submission doorbells rung
 * @interrupts: driver: interrupts that found completions of this engine
 * @completions: driver: completions seen
 */
struct drm_fpr_counters_engine {
	__aligned_u64 jobs;
	__aligned_u64 progress;
	__aligned_u64 busy_ns;
	__aligned_u64 idle_ns;
	__aligned_u64 stall_ns;
	__aligned_u64 cycles;
	__aligned_u64 terms_issued;
	__aligned_u64 terms_skipped_zero;
	__aligned_u64 terms_skipped_oob;
	__aligned_u64 doorbells;
	__aligned_u64 interrupts;
	__aligned_u64 completions;
};

/**
 * struct drm_fpr_counters_class - transfers of one class of priorities
 * @h2c_bytes: bytes moved to the board
 * @c2h_bytes: bytes moved to the host
 * @slices: slices served
 * @preemptions: times a transfer of the class was set aside for a more urgent one
 */
struct drm_fpr_counters_class {
	__aligned_u64 h2c_bytes;
	__aligned_u64 c2h_bytes;
	__aligned_u64 slices;
	__aligned_u64 preemptions;
};

/**
 * struct drm_fpr_counters_context - what one context has used
 * @jobs: matrix jobs ended
 * @failed: of these and of the transfers, those that ended in error
 * @cycles: cycles.total of its jobs, those without counters included
 * @busy_ns: time its jobs held the array
 * @xfers: transfers ended
 * @h2c_bytes: bytes of its ended transfers to the board
 * @c2h_bytes: bytes of its ended transfers to the host
 */
struct drm_fpr_counters_context {
	__aligned_u64 jobs;
	__aligned_u64 failed;
	__aligned_u64 cycles;
	__aligned_u64 busy_ns;
	__aligned_u64 xfers;
	__aligned_u64 h2c_bytes;
	__aligned_u64 c2h_bytes;
};

#define DRM_FPR_IO(nr, type) DRM_IOWR(DRM_COMMAND_BASE + (nr), type)

#define DRM_IOCTL_FPR_QUERY DRM_FPR_IO(DRM_FPR_QUERY, struct drm_fpr_query)
#define DRM_IOCTL_FPR_BO_CREATE DRM_FPR_IO(DRM_FPR_BO_CREATE, struct drm_fpr_bo_create)
#define DRM_IOCTL_FPR_BO_INFO DRM_FPR_IO(DRM_FPR_BO_INFO, struct drm_fpr_bo_info)
#define DRM_IOCTL_FPR_CTX_CREATE DRM_FPR_IO(DRM_FPR_CTX_CREATE, struct drm_fpr_ctx_create)
#define DRM_IOCTL_FPR_CTX_DESTROY DRM_FPR_IO(DRM_FPR_CTX_DESTROY, struct drm_fpr_ctx_destroy)
#define DRM_IOCTL_FPR_SUBMIT_MAC DRM_FPR_IO(DRM_FPR_SUBMIT_MAC, struct drm_fpr_submit_mac)
#define DRM_IOCTL_FPR_SUBMIT_XFER DRM_FPR_IO(DRM_FPR_SUBMIT_XFER, struct drm_fpr_submit_xfer)
#define DRM_IOCTL_FPR_READ_COUNTERS DRM_FPR_IO(DRM_FPR_READ_COUNTERS, struct drm_fpr_read_counters)

#if defined(__cplusplus)
}
#endif

#endif
