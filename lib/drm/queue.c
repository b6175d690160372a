/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <xf86drm.h>

#include "accel.h"

static uint32_t priority_of(const struct fpr_queue *queue)
{
	if (queue->flags & FPR_QUEUE_HIGH)
		return DRM_FPR_PRIORITY_HIGH;
	return queue->flags & FPR_QUEUE_LOW ? DRM_FPR_PRIORITY_LOW : DRM_FPR_PRIORITY_NORMAL;
}

int accel_queue_create(struct fpr_queue *base)
{
	struct accel_device *device = accel_device(base->child.device);
	struct drm_fpr_ctx_create args = {.priority = priority_of(base)};
	struct accel_queue *queue = accel_queue(base);
	int ret;

	/* Contexts of queues long gone may be what this file has too many of. */
	accel_work_reap(device, 0);
	ret = -pthread_mutex_init(&queue->order, NULL);
	if (ret)
		return ret;
	ret = accel_work_new(device, 1, 1, 0, &queue->work);
	if (ret)
		goto destroy_order;
	if (drmSyncobjCreate(device->fd, 0, &queue->work->timeline)) {
		ret = -errno;
		goto put_work;
	}
	if (drmIoctl(device->fd, DRM_IOCTL_FPR_CTX_CREATE, &args)) {
		ret = errno == ENOSPC ? -ENOMEM : -errno;
		goto put_work;
	}
	queue->work->ctx = args.id;
	return 0;

put_work:
	accel_work_put(device, queue->work, 0);
destroy_order:
	pthread_mutex_destroy(&queue->order);
	return ret;
}

/* The kernel would cancel what has not started. */
void accel_queue_release(struct fpr_queue *base)
{
	accel_work_put(accel_device(base->child.device), accel_queue(base)->work, 1);
	pthread_mutex_destroy(&accel_queue(base)->order);
}
