/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "backend.h"

int fpr_queue_create(struct fpr_device *device, uint32_t flags, struct fpr_queue **queue)
{
	struct fpr_queue *q;
	int ret;

	if (!device || flags & ~(FPR_QUEUE_LOW | FPR_QUEUE_HIGH) || !queue ||
	    flags == (FPR_QUEUE_LOW | FPR_QUEUE_HIGH))
		return -EINVAL;
	q = fpr_child_alloc(device, device->backend->queue_size);
	if (!q)
		return -ENOMEM;
	q->flags = flags;
	ret = device->backend->queue_create(q);
	if (ret) {
		fpr_child_free(&q->child);
		return ret;
	}
	*queue = q;
	return 0;
}

int fpr_queue_put(struct fpr_queue *queue)
{
	if (!fpr_child_put(&queue->child))
		return 0;
	queue->child.device->backend->queue_release(queue);
	fpr_child_free(&queue->child);
	return 1;
}

void fpr_queue_destroy(struct fpr_queue *queue)
{
	if (queue)
		fpr_queue_put(queue);
}
