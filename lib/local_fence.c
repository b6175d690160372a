/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <time.h>

#include "local.h"

#define NS_PER_S 1000000000

static struct local_fence *to_fence(struct fpr_fence *fence)
{
	return (struct local_fence *)fence;
}

uint64_t local_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

int local_fence_create(struct fpr_fence *fence)
{
	pthread_condattr_t attr;
	int ret;

	ret = -pthread_condattr_init(&attr);
	if (ret)
		return ret;
	ret = -pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	if (!ret)
		ret = -pthread_cond_init(&to_fence(fence)->wake, &attr);
	pthread_condattr_destroy(&attr);
	return ret;
}

void local_fence_release(struct fpr_fence *fence)
{
	pthread_cond_destroy(&to_fence(fence)->wake);
}

static struct timespec deadline_after(int64_t ns)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += ns / NS_PER_S;
	t.tv_nsec += ns % NS_PER_S;
	if (t.tv_nsec >= NS_PER_S) {
		t.tv_nsec -= NS_PER_S;
		t.tv_sec++;
	}
	return t;
}

int local_fence_wait(struct fpr_fence *fence, int64_t timeout_ns)
{
	struct local_fence *local = to_fence(fence);
	pthread_mutex_t *lock = &fence->child.device->lock;
	struct timespec deadline = {0};
	int ret = 0;

	if (timeout_ns > 0)
		deadline = deadline_after(timeout_ns);
	pthread_mutex_lock(lock);
	while (!local->done && !ret) {
		if (timeout_ns == FPR_WAIT_FOREVER)
			pthread_cond_wait(&local->wake, lock);
		else if (!timeout_ns)
			ret = -ETIME;
		else if (pthread_cond_timedwait(&local->wake, lock, &deadline) == ETIMEDOUT)
			ret = local->done ? 0 : -ETIME;
	}
	pthread_mutex_unlock(lock);
	return ret;
}

/*
 * Signalling and dropping are one step: who wakes up and drops its own hold is then
 * the last holder, and everything is freed before it goes on.
 */
void local_fence_end(struct fpr_fence *fence)
{
	pthread_mutex_t *lock = &fence->child.device->lock;
	int last;

	pthread_mutex_lock(lock);
	to_fence(fence)->done = 1;
	pthread_cond_broadcast(&to_fence(fence)->wake);
	local_transfer_waited(to_fence(fence));
	last = !--fence->child.holds;
	pthread_mutex_unlock(lock);
	if (last)
		fpr_fence_release(fence);
}
