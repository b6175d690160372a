/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <time.h>

#include "accel.h"

#define NS_PER_S 1000000000

int accel_fence_create(struct fpr_fence *base)
{
	struct accel_device *device = accel_device(base->child.device);
	struct accel_fence *fence = accel_fence(base);

	accel_work_reap(device, 0);
	fence->state = ACCEL_ENDED;
	return accel_work_new(device, 0, base->jobs, &fence->work);
}

void accel_fence_release(struct fpr_fence *base)
{
	struct accel_fence *fence = accel_fence(base);

	accel_work_put(accel_device(base->child.device), fence->work,
		       fence->state == ACCEL_LAUNCHED);
}

void accel_fence_fail(struct fpr_fence *fence, size_t first, int status)
{
	for (size_t i = first; i < fence->jobs; i++) {
		fence->results[i].status = status;
		status = -ECANCELED;
	}
}

/* Until the worker has handed the work over. The lock is held. */
static int wait_for_launch(struct accel_fence *fence, int64_t deadline)
{
	struct accel_device *device = accel_device(fence->base.child.device);
	struct timespec until = {
		.tv_sec = deadline / NS_PER_S,
		.tv_nsec = deadline % NS_PER_S,
	};
	int late = 0;

	while (fence->state == ACCEL_DEFERRED && !late)
		late = pthread_cond_timedwait(&device->progress, &device->base.lock, &until) ==
		       ETIMEDOUT;
	return fence->state == ACCEL_DEFERRED ? -ETIME : 0;
}

/* The lock is held, and the sync object has signalled. */
static void collect(struct accel_fence *fence)
{
	struct fpr_gemm_result *results = fence->base.results;

	for (size_t i = 0; i < fence->launched; i++) {
		const struct accel_slot *slot = &fence->work->slots[i];

		results[i].status = accel_slot_status(slot);
		if (!results[i].status)
			results[i].counters = slot->result->counters;
		else
			results[i].serial = 0;
	}
	fence->state = ACCEL_ENDED;
}

int accel_fence_wait(struct fpr_fence *base, int64_t timeout_ns)
{
	struct accel_device *device = accel_device(base->child.device);
	struct accel_fence *fence = accel_fence(base);
	const int64_t deadline = accel_deadline(timeout_ns);
	enum accel_state state;
	int ret;

	pthread_mutex_lock(&device->base.lock);
	ret = wait_for_launch(fence, deadline);
	state = fence->state;
	pthread_mutex_unlock(&device->base.lock);
	if (ret || state == ACCEL_ENDED)
		return ret;
	ret = accel_work_wait(device, fence->work, deadline);
	if (ret)
		return ret;
	pthread_mutex_lock(&device->base.lock);
	if (fence->state == ACCEL_LAUNCHED)
		collect(fence);
	pthread_mutex_unlock(&device->base.lock);
	return 0;
}
