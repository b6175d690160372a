/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <time.h>

#include "accel.h"

#define NS_PER_S 1000000000

int accel_fence_create(struct fpr_fence *base)
{
	struct accel_device *device = accel_device(base->child.device);
	struct accel_fence *fence = accel_fence(base);

	/* Transfers of several calls of the kernel end in any order. */
	const size_t parts = base->moved ? (base->jobs - 1) / device->facts.max_jobs + 1 : 1;

	accel_work_reap(device, 0);
	fence->state = ACCEL_ENDED;
	return accel_work_new(device, 0, parts, base->jobs, &fence->work);
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
		if (fence->moved)
			fence->moved[i].status = status;
		else
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

static void collect_transfers(struct accel_fence *fence)
{
	for (size_t i = 0; i < fence->launched; i++) {
		const struct accel_slot *slot = &fence->work->slots[i];
		struct fpr_transfer_result *moved = &fence->base.moved[i];

		moved->status = accel_slot_status(slot);
		moved->queued_ns = slot->result->queued_ns;
		moved->started_ns = slot->result->started_ns;
		moved->ended_ns = slot->result->ended_ns;
		moved->board_ns = slot->result->board_time;
	}
}

static void collect_products(struct accel_fence *fence)
{
	struct fpr_gemm_result *results = fence->base.results;

	for (size_t i = 0; i < fence->launched; i++) {
		const struct accel_slot *slot = &fence->work->slots[i];

		results[i].status = accel_slot_status(slot);
		if (!results[i].status)
			results[i].counters = slot->result->counters;
		else
			results[i].serial = 0;
		results[i].queued_ns = slot->result->queued_ns;
		results[i].started_ns = slot->result->started_ns;
		results[i].ended_ns = slot->result->ended_ns;
		results[i].board_ns = slot->result->board_time;
	}
}

/* The lock is held, and the sync objects have signalled. */
static void collect(struct accel_fence *fence)
{
	if (fence->base.moved)
		collect_transfers(fence);
	else
		collect_products(fence);
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
