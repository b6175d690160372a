/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef FPR_XFER_H
#define FPR_XFER_H

#include "fpr_ctx.h"
#include "fpr_fence.h"
#include "fpr_result.h"

struct fpr_xfer_batch;

/**
 * struct fpr_xfer - one transfer
 * @batch: the call it came by
 * @node: in fpr_ctx.ready while ready
 * @link: in fpr_xfer_queue.posted or .ended
 * @desc: as it goes to the ring, but for cookie and fence
 * @direction: DRM_FPR_TO_*
 * @priority: 0 is most urgent
 * @bytes: length in host memory
 * @host_offset: where in @host it begins
 * @done: bytes that took effect before a reset; @desc names the rest
 * @arrival: when it became ready; breaks ties
 * @tag: its cookie while posted
 * @fence_value: its fence value while posted
 * @served: it was being moved when the engine stopped
 * @suspect: it was being served when the engine hung
 * @held: it is among the posted, but the board does not have it
 * @host: host buffer
 * @board: board buffer
 * @result: where its outcome goes
 * @fence: signals when it has ended; in a fence context of its own, as transfers
 *	end in any order
 * @error: of the transfer
 */
struct fpr_xfer {
	struct fpr_xfer_batch *batch;
	struct rb_node node;
	struct list_head link;
	struct fpr_xfer_desc desc;
	u8 direction;
	u16 priority;
	u64 bytes;
	u64 host_offset;
	u64 done;
	u64 arrival;
	u32 tag;
	u64 fence_value;
	bool served;
	bool suspect;
	bool held;
	struct fpr_bo *host;
	struct fpr_bo *board;
	struct fpr_result result;
	struct fpr_fence *fence;
	int error;
};

/**
 * struct fpr_xfer_wait - one fence that a batch waits for
 * @cb: on @fence
 * @fence: a reference
 * @batch: who waits
 * @asked: the caller named it; else a shared buffer carried it, and its failure is not ours
 */
struct fpr_xfer_wait {
	struct dma_fence_cb cb;
	struct dma_fence *fence;
	struct fpr_xfer_batch *batch;
	bool asked;
};

/**
 * struct fpr_xfer_batch - the transfers of one submit call
 * @ref: one per transfer that has not ended, one per fence waited for, one to submit
 * @fdev: its board; holds a reference on the DRM device
 * @ctx: its context; holds a reference
 * @link: in fpr_xfer_queue.batches while it waits
 * @pending: fences that have not signalled, and 1 while submitting
 * @error: of a fence waited for, or of being cancelled
 * @release: frees the batch
 * @waits: fences waited for
 * @wait_count: entries of @waits
 * @count: entries of @xfers
 * @xfers: the transfers
 */
struct fpr_xfer_batch {
	struct kref ref;
	struct fpr_device *fdev;
	struct fpr_ctx *ctx;
	struct list_head link;
	atomic_t pending;
	int error;
	struct work_struct release;
	struct fpr_xfer_wait *waits;
	u32 wait_count;
	u32 count;
	struct fpr_xfer xfers[] __counted_by(count);
};

int fpr_xfer_init(struct fpr_device *fdev);
void fpr_xfer_fini(struct fpr_device *fdev);
struct fpr_xfer_batch *fpr_xfer_batch_alloc(struct fpr_device *fdev, struct fpr_ctx *ctx,
					    u32 count);
void fpr_xfer_batch_put(struct fpr_xfer_batch *batch);
void fpr_xfer_submit(struct fpr_xfer_batch *batch);
void fpr_xfer_cancel(struct fpr_ctx *ctx);
bool fpr_xfer_poll(struct fpr_device *fdev);
void fpr_xfer_freeze(struct fpr_device *fdev);
void fpr_xfer_thaw(struct fpr_device *fdev);
void fpr_xfer_repost(struct fpr_device *fdev, bool hung);
void fpr_xfer_fail_all(struct fpr_device *fdev, int error);
bool fpr_xfer_idle(struct fpr_device *fdev);

#endif
