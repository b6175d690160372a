/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <xf86drm.h>

#include "accel.h"
#include "board.h"

static uint32_t handle_of(struct fpr_buffer *buffer)
{
	return buffer ? accel_buffer(buffer)->bo->handle : 0;
}

struct drm_fpr_array accel_array(const void *elements, size_t stride, size_t count)
{
	return (struct drm_fpr_array){
		.stride = (uint32_t)stride,
		.count = (uint32_t)count,
		.array = (uintptr_t)elements,
	};
}

/* Operands without elements have no handle. */
static void translate(const struct fpr_gemm_job *job, const struct accel_slot *slot,
		      struct drm_fpr_mac_job *mac)
{
	struct fpr_gemm_extent extent;

	memset(mac, 0, sizeof(*mac));
	mac->gemm = job->gemm;
	fpr_gemm_extent(&job->gemm, &extent);
	mac->a = extent.a ? handle_of(job->a) : 0;
	mac->b = extent.b ? handle_of(job->b) : 0;
	mac->c = extent.c ? handle_of(job->c) : 0;
	mac->a_offset = extent.a ? job->a_offset : 0;
	mac->b_offset = extent.b ? job->b_offset : 0;
	mac->c_offset = extent.c ? job->c_offset : 0;
	mac->flags = job->flags & FPR_JOB_NO_COUNTERS ? DRM_FPR_MAC_NO_COUNTERS : 0;
	mac->result = slot->handle;
	mac->result_offset = slot->offset;
}

size_t accel_wait_parts(const struct fpr_submission *submission)
{
	size_t n = 0;

	for (size_t i = 0; i < submission->n_waits; i++)
		n += accel_fence(submission->waits[i])->work->n_parts;
	return n;
}

size_t accel_wait_collect(const struct fpr_submission *submission, struct drm_fpr_sync *in)
{
	struct accel_device *device = accel_device(submission->queue->child.device);
	size_t n = 0;

	pthread_mutex_lock(&device->base.lock);
	for (size_t i = 0; i < submission->n_waits; i++) {
		const struct accel_fence *fence = accel_fence(submission->waits[i]);

		for (size_t p = 0; fence->state == ACCEL_LAUNCHED && p < fence->work->n_live; p++)
			in[n++].handle = fence->work->parts[p];
	}
	pthread_mutex_unlock(&device->base.lock);
	return n;
}

/**
 * struct call - one call of the kernel
 * @macs: room for as many jobs as one call takes
 * @in: room for the submission's waits, and at least one more
 * @n_in: entries of @in
 * @out: the fence and the queue
 */
struct call {
	struct drm_fpr_mac_job *macs;
	struct drm_fpr_sync *in;
	size_t n_in;
	struct drm_fpr_sync out[2];
};

static int make_call(const struct fpr_submission *submission, struct call *call, size_t first,
		     size_t n)
{
	const struct accel_work *work = accel_fence(submission->fence)->work;
	struct accel_queue *queue = accel_queue(submission->queue);
	struct drm_fpr_submit_mac args = {
		.ctx = queue->work->ctx,
		.jobs = accel_array(call->macs, sizeof(*call->macs), n),
		.in = accel_array(call->in, sizeof(*call->in), call->n_in),
		.out = accel_array(call->out, sizeof(call->out[0]), 2),
	};

	for (size_t i = 0; i < n; i++) {
		translate(&submission->jobs[first + i], &work->slots[first + i], &call->macs[i]);
		submission->fence->results[first + i].serial = call->macs[i].gemm.serial;
	}
	if (drmIoctl(accel_device(queue->base.child.device)->fd, DRM_IOCTL_FPR_SUBMIT_MAC, &args))
		return -errno;
	return 0;
}

/*
 * More jobs than a call takes go in several. Each waits for the one before, so that a
 * failure cancels what follows.
 */
static int make_calls(const struct fpr_submission *submission, struct call *call, size_t first,
		      size_t n)
{
	struct accel_device *device = accel_device(submission->queue->child.device);
	struct accel_fence *fence = accel_fence(submission->fence);

	for (size_t done = 0; done < n;) {
		size_t now = n - done < device->facts.max_jobs ? n - done : device->facts.max_jobs;
		int ret = make_call(submission, call, first + done, now);

		if (ret && !done)
			return ret;
		if (ret) {
			accel_fence_fail(submission->fence, first + done, ret);
			return 0;
		}
		done += now;
		fence->launched = first + done;
		fence->work->n_live = 1;
		memset(&call->in[0], 0, sizeof(call->in[0]));
		call->in[0].handle = fence->work->parts[0];
		call->n_in = 1;
	}
	return 0;
}

int accel_launch(struct fpr_submission *submission, size_t first, size_t n, int with_waits)
{
	struct accel_device *device = accel_device(submission->queue->child.device);
	const size_t most = n < device->facts.max_jobs ? n : device->facts.max_jobs;
	struct call call = {
		.macs = calloc(most, sizeof(*call.macs)),
		.in = calloc(accel_wait_parts(submission) + 1, sizeof(*call.in)),
		.out = {{.handle = accel_fence(submission->fence)->work->parts[0]},
			{.handle = accel_queue(submission->queue)->work->parts[0]}},
	};
	int ret = -ENOMEM;

	if (call.macs && call.in) {
		call.n_in = with_waits ? accel_wait_collect(submission, call.in) : 0;
		ret = make_calls(submission, &call, first, n);
	}
	free(call.in);
	free(call.macs);
	return ret;
}

int accel_must_wait(const struct fpr_submission *submission)
{
	const struct accel_device *device = accel_device(submission->queue->child.device);

	if (accel_wait_parts(submission) > device->facts.max_syncs)
		return 1;
	for (size_t i = 0; i < submission->n_waits; i++)
		if (accel_fence(submission->waits[i])->state == ACCEL_DEFERRED)
			return 1;
	return 0;
}

/* Is something to be known or done first that the kernel cannot? The lock is held. */
static int must_defer(const struct fpr_submission *submission)
{
	if (accel_queue(submission->queue)->deferred || accel_must_wait(submission))
		return 1;
	for (size_t i = 0; i < submission->n_jobs; i++)
		if (submission->jobs[i].gemm.serial == FPR_SERIAL_AUTO)
			return 1;
	return 0;
}

int accel_must_cancel(const struct fpr_submission *submission)
{
	for (size_t i = 0; i < submission->n_waits; i++)
		if (accel_fence(submission->waits[i])->state == ACCEL_ENDED &&
		    fpr_fence_status(submission->waits[i]))
			return 1;
	return 0;
}

void accel_submitted(struct fpr_submission *submission, int launched)
{
	struct accel_device *device = accel_device(submission->queue->child.device);
	struct fpr_fence *fence = submission->fence;
	struct fpr_queue *queue = submission->queue;

	if (launched) {
		pthread_mutex_lock(&device->base.lock);
		accel_fence(fence)->state = ACCEL_LAUNCHED;
		pthread_mutex_unlock(&device->base.lock);
	}
	/* From here on the kernel holds what the jobs use. */
	fpr_submission_free(submission);
	fpr_queue_put(queue);
	fpr_fence_put(fence);
}

int accel_submit(struct fpr_submission *submission)
{
	struct accel_device *device = accel_device(submission->queue->child.device);
	int cancel, ret = 0;

	pthread_mutex_lock(&device->base.lock);
	if (must_defer(submission)) {
		accel_queue(submission->queue)->deferred++;
		ret = accel_defer(submission);
		if (ret)
			accel_queue(submission->queue)->deferred--;
		pthread_mutex_unlock(&device->base.lock);
		return ret;
	}
	cancel = accel_must_cancel(submission);
	pthread_mutex_unlock(&device->base.lock);
	if (cancel)
		accel_fence_fail(submission->fence, 0, -ECANCELED);
	else
		ret = accel_launch(submission, 0, submission->n_jobs, 1);
	if (!ret)
		accel_submitted(submission, !cancel);
	return ret;
}
