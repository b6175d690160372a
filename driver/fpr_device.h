/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef FPR_DEVICE_H
#define FPR_DEVICE_H

/*
 * The driver's objects and which lock guards what.
 *
 * Lock order, outer first: fpr_device.reset_lock, fpr_xfer_queue.lock,
 * fpr_ring.lock, fpr_device.hw_lock. Fences are never signalled under any of the
 * spinlocks: their callbacks may come back for them.
 */

#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/kref.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/rbtree.h>
#include <linux/rwsem.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <drm/drm_mm.h>

#include "fpr_compat.h"
#include "fpr_accel.h"
#include "fpr_desc.h"
#include "fpr_regs.h"

struct fpr_device;
struct fpr_mac_job;
struct fpr_xfer;

/*
 * Limits of one submit call and of one file, so that no user can exhaust the kernel.
 * The matrix jobs of one call are one job of the scheduler's, and share a doorbell.
 */
#define FPR_MAX_JOBS 256
#define FPR_MAX_SYNCS 256
#define FPR_MAX_CONTEXTS 256
/* Table entries per direction kept for what is more urgent than all posted. */
#define FPR_XFER_RESERVE 16
/*
 * Bytes by which a context may be ahead of another that has work: what is urgent may run ahead
 * so far, and no context waits longer for its share.
 */
#define FPR_XFER_LEAD (4u << 20)
/* The least a transfer counts: a decision and a descriptor cost the board as much. */
#define FPR_XFER_LEAST 4096
/* Directions of a transfer, as DRM_FPR_TO_*. */
#define FPR_DIRECTIONS 2

/**
 * struct fpr_caps - what the board said of itself at probe
 * @contract: FPR_REG_VERSION
 * @build: FPR_REG_BUILD
 * @caps: FPR_REG_CAPS
 * @geometry: FPR_REG_GEOMETRY
 * @clock_khz: FPR_REG_CLOCK_KHZ
 * @memory_bytes: FPR_REG_MEMORY
 * @xfer_entries: FPR_REG_XFER_ENTRIES
 * @ring_order: FPR_REG_RING_ORDER
 * @sg_entries: FPR_REG_SG_ENTRIES
 * @vectors: FPR_REG_VECTORS
 */
struct fpr_caps {
	u32 contract, build, caps, geometry, clock_khz;
	u64 memory_bytes;
	u32 xfer_entries, ring_order, sg_entries, vectors;
};

/**
 * struct fpr_fence - a fence of the driver's own
 * @base: the fence
 * @lock: of kernels whose fences have none
 */
struct fpr_fence {
	struct dma_fence base;
	spinlock_t lock; /* of @base */
};

/**
 * struct fpr_ring - an engine's submission and completion rings
 * @fdev: its board
 * @engine: FPR_ENGINE_*
 * @entries: of both rings
 * @order: log2 of @entries
 * @lock: guards what follows
 * @sq: submission ring, shared with the board
 * @sq_dma: its bus address
 * @sq_bytes: its size
 * @cq: completion ring, shared with the board
 * @cq_dma: its bus address
 * @tail: next submission entry to fill
 * @cq_head: next completion to look at
 * @phase: its expected phase bit
 * @running: enabled, and completions are believed
 * @corrupt: completions that made no sense since the last reset
 * @doorbells: rung since bind
 * @interrupts: that found completions, since bind
 * @completions: seen since bind
 * @progress: the engine's own counter when last looked at, plus @completions
 * @moved_at: jiffies when it last changed, or there was nothing to do
 * @unseen: a completion lay here at the last look
 * @unseen_at: @completions then
 */
struct fpr_ring {
	struct fpr_device *fdev;
	u32 engine;
	u32 entries;
	u32 order;
	spinlock_t lock; /* all below */
	void *sq;
	dma_addr_t sq_dma;
	size_t sq_bytes;
	struct fpr_completion *cq;
	dma_addr_t cq_dma;
	u32 tail;
	u32 cq_head;
	u16 phase;
	bool running;
	u32 corrupt;
	u64 doorbells;
	u64 interrupts;
	u64 completions;
	u64 progress;
	unsigned long moved_at;
	bool unseen;
	u64 unseen_at;
};

/**
 * struct fpr_mac_slot - what a submission entry of the array carries
 * @job: the job, NULL when its completion has been taken
 * @item: which of its items
 * @fence: fence value of the descriptor
 */
struct fpr_mac_slot {
	struct fpr_mac_job *job;
	u32 item;
	u64 fence;
};

/**
 * struct fpr_mac_queue - jobs on the array
 * @ring: its rings
 * @sched: decides which context's job is posted next
 * @posted: struct fpr_mac_job in ring order; guarded by @ring.lock
 * @slots: one per submission entry; guarded by @ring.lock
 * @results: counters as the board writes them, one per submission entry
 * @results_dma: their bus address
 * @context: fence context
 * @seqno: of the last fence
 * @next_fence: fence value of the next descriptor
 * @last_end: when a job last ended, for accounting
 * @torn: after fpr_mac_settle(): the item the array was at may have written some of C
 */
struct fpr_mac_queue {
	struct fpr_ring ring;
	struct drm_gpu_scheduler sched;
	struct list_head posted;
	struct fpr_mac_slot *slots;
	struct fpr_mac_result *results;
	dma_addr_t results_dma;
	u64 context;
	u64 seqno;
	u64 next_fence;
	u64 last_end;
	bool torn;
};

/**
 * struct fpr_xfer_queue - transfers
 * @ring: its rings
 * @lock: guards what follows
 * @contexts: struct fpr_ctx with ready or posted transfers, per direction
 * @posted: struct fpr_xfer on the board, in order of posting, per direction
 * @posted_count: entries of @posted
 * @limit: entries of the board's table
 * @tags: which transfer a cookie stands for
 * @tag_count: entries of @tags
 * @next_tag: where to look for a free tag
 * @next_fence: fence value of the next descriptor
 * @arrival: counts transfers as they become ready
 * @vtime: virtual time of the context served last, per direction
 * @last_end: when a transfer last ended, per direction, for accounting
 * @trial: a suspect that is on the board alone, to see whether it hangs the engine again
 * @held: entries of @posted that wait for that
 * @frozen: nothing new may be posted
 * @ended: transfers whose fences wait for @work
 * @work: signals them, for callers that may not
 * @batches: struct fpr_xfer_batch waiting for fences
 */
struct fpr_xfer_queue {
	struct fpr_ring ring;
	spinlock_t lock; /* all below */
	struct list_head contexts[FPR_DIRECTIONS];
	struct list_head posted[FPR_DIRECTIONS];
	u32 posted_count[FPR_DIRECTIONS];
	u32 limit;
	struct fpr_xfer **tags;
	u32 tag_count;
	u32 next_tag;
	u64 next_fence;
	u64 arrival;
	u64 vtime[FPR_DIRECTIONS];
	u64 last_end[FPR_DIRECTIONS];
	struct fpr_xfer *trial;
	u32 held;
	bool frozen;
	struct list_head ended;
	struct work_struct work;
	struct list_head batches;
};

/**
 * struct fpr_snapshot - the board's state when it hung
 * @reason: a literal
 * @when_ns: CLOCK_MONOTONIC
 * @status: FPR_REG_STATUS
 * @heartbeat: FPR_REG_HEARTBEAT
 * @engine_status: FPR_ENG_STATUS of each engine
 * @sq_head: FPR_ENG_SQ_HEAD of each engine
 * @tail: next submission entry, as the driver has it
 * @cq_head: next completion, as the driver has it
 * @progress: FPR_ENG_PROGRESS of each engine
 * @jobs: FPR_ENG_JOBS of each engine
 * @has_desc: @desc is there
 * @desc: what the array was at
 */
struct fpr_snapshot {
	const char *reason;
	u64 when_ns;
	u32 status, heartbeat;
	u32 engine_status[FPR_ENGINES], sq_head[FPR_ENGINES], tail[FPR_ENGINES];
	u32 cq_head[FPR_ENGINES];
	u64 progress[FPR_ENGINES], jobs[FPR_ENGINES];
	bool has_desc;
	struct fpr_mac_desc desc;
};

/**
 * struct fpr_device - one board
 * @drm: the DRM device
 * @pdev: the PCI function; drvdata points back
 * @regs: BAR0
 * @aperture: BAR2, for the kernel's own use
 * @aperture_phys: its bus address, for user mappings
 * @aperture_lock: held for reading while @aperture is used or a page of it is mapped, and
 *	while a call reads registers
 * @aperture_closed: the function is being reset, what is written there gets lost
 * @aperture_open: woken when it is no longer so
 * @caps: fixed since probe
 * @hw_lock: makes LO/HI register pairs one access
 * @irq_mode: DRM_FPR_IRQ_*
 * @vectors: interrupt vectors in use
 * @irqs: their Linux interrupt numbers
 * @mac: jobs
 * @xfer: transfers
 * @mm_lock: guards @mm and @bos
 * @mm: board memory
 * @bos: every struct fpr_bo
 * @lent_lock: guards @lent
 * @lent: struct fpr_lent, attachments of other devices to board buffers
 * @provider: the aperture, for the kernel's peer-to-peer DMA; NULL: not offered
 * @wq: ordered: time-outs, resets and the watchdog never run side by side
 * @signal_wq: ordered: what signals fences from a work item; nothing on it waits for memory,
 *	which fpr_release_wq does
 * @reset_lock: taken by whoever resets, suspends or removes; never on a path
 *	that allocates
 * @reset_work: full reset asked for by an interrupt or an error handler
 * @reset_reason: why
 * @watchdog: looks for lost interrupts, hangs and a board that has gone
 * @heartbeat: last value seen
 * @heartbeat_at: jiffies when it last changed
 * @fatal_seen: the watchdog's last look found an error of the board's
 * @futile: full resets in a row that brought no heartbeat back
 * @relapses: full resets in a row that the board asked for soon after the last, nothing done
 * @relapse_at: jiffies of the last that it asked for
 * @done_then: completions believed by then
 * @gone: the board does not answer any more; set once
 * @unplugged: the DRM device has been told so
 * @lost_work: tells it, or user space that the board is wedged
 * @wedged: no reset helped; all work fails until the driver is bound anew
 * @asleep: suspended: registers may not be touched
 * @stopped: by fpr_aer.c, with @asleep; the scheduler is stopped, too, and may not be once more
 * @awake: woken when @asleep is no longer so
 * @aer_work: gives up when the PCI core does not come back
 * @resets: engine and full resets
 * @lost_irqs: completions and errors that only the watchdog or a time-out found
 * @snapshot: for the core dump
 * @dump_work: hands the snapshot to devcoredump
 * @dumping: the snapshot is taken and not yet handed over
 */
struct fpr_device {
	struct drm_device drm;
	struct pci_dev *pdev;
	void __iomem *regs;
	void __iomem *aperture;
	phys_addr_t aperture_phys;
	struct rw_semaphore aperture_lock; /* @aperture_closed */
	bool aperture_closed;
	wait_queue_head_t aperture_open;
	struct fpr_caps caps;
	spinlock_t hw_lock; /* register pairs */
	u32 irq_mode;
	u32 vectors;
	unsigned int irqs[FPR_VECTORS];
	struct fpr_mac_queue mac;
	struct fpr_xfer_queue xfer;
	struct mutex mm_lock; /* @mm and @bos */
	struct drm_mm mm;
	struct list_head bos;
	struct mutex lent_lock; /* @lent */
	struct list_head lent;
	struct p2pdma_provider *provider;
	struct workqueue_struct *wq;
	struct workqueue_struct *signal_wq;
	struct mutex reset_lock; /* recovery, power, remove */
	struct work_struct reset_work;
	const char *reset_reason;
	struct delayed_work watchdog;
	u32 heartbeat;
	unsigned long heartbeat_at;
	bool fatal_seen;
	u32 futile;
	u32 relapses;
	unsigned long relapse_at;
	u64 done_then;
	bool gone;
	atomic_t unplugged;
	struct work_struct lost_work;
	bool wedged;
	bool asleep;
	bool stopped;
	wait_queue_head_t awake;
	struct delayed_work aer_work;
	atomic64_t resets;
	atomic64_t lost_irqs;
	struct fpr_snapshot snapshot;
	struct work_struct dump_work;
	atomic_t dumping;
};

/**
 * struct fpr_file - one open file
 * @fdev: its board
 * @contexts: struct fpr_ctx by id; the array's own lock
 * @lock: guards the totals below
 * @engine_ns: time contexts that are closed by now held each engine
 */
struct fpr_file {
	struct fpr_device *fdev;
	struct xarray contexts;
	spinlock_t lock; /* @engine_ns */
	u64 engine_ns[FPR_ENGINES];
};

/**
 * to_fpr() - the board of a DRM device
 * @drm: the DRM device
 * Return: the board
 */
static inline struct fpr_device *to_fpr(struct drm_device *drm)
{
	return container_of(drm, struct fpr_device, drm);
}

/* Module parameters; fpr_drv.c describes them. */
extern uint fpr_timeout_ms;
extern uint fpr_hang_limit;
extern uint fpr_slice;
extern uint fpr_ageing;
extern char *fpr_irq;
extern struct workqueue_struct *fpr_release_wq;

#endif
