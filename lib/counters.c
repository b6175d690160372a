/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "backend.h"

int fpr_counters_engine(struct fpr_device *device, enum fpr_counters engine,
			struct fpr_engine_counters *counters)
{
	if (!device || !counters || (unsigned int)engine > FPR_COUNTERS_TRANSFER)
		return -EINVAL;
	memset(counters, 0, sizeof(*counters));
	return device->backend->engine_counters(device, engine, counters);
}

int fpr_counters_class(struct fpr_device *device, uint32_t index,
		       struct fpr_class_counters *counters)
{
	if (!device || !counters || index >= FPR_COUNTER_CLASSES)
		return -EINVAL;
	memset(counters, 0, sizeof(*counters));
	return device->backend->class_counters(device, index, counters);
}

int fpr_counters_queue(struct fpr_queue *queue, struct fpr_queue_counters *counters)
{
	if (!queue || !counters)
		return -EINVAL;
	memset(counters, 0, sizeof(*counters));
	return queue->child.device->backend->queue_counters(queue, counters);
}
