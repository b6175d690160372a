// SPDX-License-Identifier: GPL-2.0 OR MIT
#include <linux/dma-fence-array.h>
#include <linux/dma-fence-chain.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "fpr_fence.h"

static const char *fpr_fence_driver_name(struct dma_fence *fence)
{
	return DRM_FPR_DRIVER_NAME;
}

/* A literal: the fence may outlive its board. */
static const char *fpr_fence_timeline_name(struct dma_fence *fence)
{
	return "board";
}

static void __maybe_unused fpr_fence_release(struct dma_fence *fence)
{
	dma_fence_free(fence);
	module_put(THIS_MODULE);
}

/* Where fences detach from their ops, a release function would prevent it. */
static const struct dma_fence_ops fpr_fence_ops = {
	.get_driver_name = fpr_fence_driver_name,
	.get_timeline_name = fpr_fence_timeline_name,
#if FPR_FENCE_PINS_MODULE
	.release = fpr_fence_release,
#endif
};

/**
 * fpr_fence_alloc() - memory for a fence, while it may still be waited for
 * Return: a fence for fpr_fence_init() or fpr_fence_abandon(), or NULL
 */
struct fpr_fence *fpr_fence_alloc(void)
{
	return kzalloc(sizeof(struct fpr_fence), GFP_KERNEL);
}

/**
 * fpr_fence_init() - make it a fence, with one reference
 * @fence: from fpr_fence_alloc()
 * @context: fence context
 * @seqno: in that context
 */
void fpr_fence_init(struct fpr_fence *fence, u64 context, u64 seqno)
{
	spin_lock_init(&fence->lock);
	if (FPR_FENCE_PINS_MODULE)
		__module_get(THIS_MODULE);
	fpr_compat_fence_init(&fence->base, &fpr_fence_ops, &fence->lock, context, seqno);
}

/**
 * fpr_fence_abandon() - free what never became a fence
 * @fence: from fpr_fence_alloc(), or NULL
 */
void fpr_fence_abandon(struct fpr_fence *fence)
{
	kfree(fence);
}

/**
 * fpr_fence_failed() - did what a fence stands for go wrong?
 * @fence: a fence that has signalled, of any driver
 * Return: true when it signalled an error
 */
bool fpr_fence_failed(struct dma_fence *fence)
{
	/* A link of a timeline does not repeat the error of what it links. */
	struct dma_fence *one = dma_fence_chain_contained(fence);
	struct dma_fence_array *array = to_dma_fence_array(one);
	u32 i;

	/* Nor does an array whose fences had all signalled before anybody waited for it. */
	for (i = 0; array && i < array->num_fences; i++) {
		if (array->fences[i]->error < 0)
			return true;
	}
	return one->error < 0;
}

/**
 * fpr_fence_end() - signal, and drop the caller's reference
 * @fence: the fence
 * @error: 0 or -errno
 */
void fpr_fence_end(struct fpr_fence *fence, int error)
{
	bool cookie = dma_fence_begin_signalling();

	if (error)
		dma_fence_set_error(&fence->base, error);
	dma_fence_signal(&fence->base);
	dma_fence_end_signalling(cookie);
	dma_fence_put(&fence->base);
}
