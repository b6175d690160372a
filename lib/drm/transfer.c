/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <xf86drm.h>

#include "accel.h"

_Static_assert((int)FPR_TRANSFER_ADD_F32 == DRM_FPR_XFER_ADD_F32 &&
		       (int)FPR_TRANSFER_ADD_BF16 == DRM_FPR_XFER_ADD_BF16 &&
		       (int)FPR_TRANSFER_ADD_BF16_F32 == DRM_FPR_XFER_ADD_BF16_F32 &&
		       (int)FPR_TO_HOST == DRM_FPR_TO_HOST &&
		       FPR_TRANSFER_ADD_ALIGN == DRM_FPR_XFER_ADD_ALIGN,
	       "the driver's names for the same");

static void translate(const struct fpr_transfer_job *job, const struct accel_slot *slot,
		      struct drm_fpr_xfer *xfer)
{
	*xfer = (struct drm_fpr_xfer){
		.host = accel_buffer(job->host)->bo->handle,
		.board = accel_buffer(job->board)->bo->handle,
		.host_offset = job->host_offset,
		.board_offset = job->board_offset,
		.bytes = job->bytes,
		.priority = job->priority,
		.op = job->op,
		.direction = job->direction,
		.result = slot->handle,
		.result_offset = slot->offset,
	};
}

/* One call of the kernel, of @n transfers from the first of part @part on. */
static int make_call(const struct fpr_submission *submission, struct drm_fpr_xfer *xfers,
		     struct drm_fpr_array in, size_t part, size_t n)
{
	struct accel_queue *queue = accel_queue(submission->queue);
	const struct accel_device *device = accel_device(queue->base.child.device);
	const struct accel_work *work = accel_fence(submission->fence)->work;
	const size_t first = part * device->facts.max_jobs;
	struct drm_fpr_sync out[2] = {{.handle = work->parts[part]},
				      {.handle = queue->work->timeline}};
	struct drm_fpr_submit_xfer args = {
		.ctx = queue->work->ctx,
		.xfers = accel_array(xfers, sizeof(*xfers), n),
		.in = in,
		.out = accel_array(out, sizeof(out[0]), 2),
	};
	int ret;

	for (size_t i = 0; i < n; i++)
		translate(&submission->transfers[first + i], &work->slots[first + i], &xfers[i]);
	pthread_mutex_lock(&queue->order);
	out[1].point = queue->work->point + 1;
	ret = drmIoctl(device->fd, DRM_IOCTL_FPR_SUBMIT_XFER, &args) ? -errno : 0;
	if (!ret)
		queue->work->point++;
	pthread_mutex_unlock(&queue->order);
	return ret;
}

/* More than a call takes go in several, each with a sync object of its own. */
static int make_calls(const struct fpr_submission *submission, struct drm_fpr_xfer *xfers,
		      struct drm_fpr_array in)
{
	const struct accel_device *device = accel_device(submission->queue->child.device);
	struct accel_fence *fence = accel_fence(submission->fence);
	const size_t n = submission->n_jobs;

	for (size_t part = 0; part < fence->work->n_parts; part++) {
		const size_t left = n - fence->launched;
		const size_t now = left < device->facts.max_jobs ? left : device->facts.max_jobs;
		int ret = make_call(submission, xfers, in, part, now);

		if (ret && !part)
			return ret;
		if (ret) {
			accel_fence_fail(submission->fence, fence->launched, ret);
			return 0;
		}
		fence->launched += now;
		fence->work->n_live++;
	}
	return 0;
}

int accel_launch_transfers(struct fpr_submission *submission, int with_waits)
{
	const struct accel_device *device = accel_device(submission->queue->child.device);
	const size_t n = submission->n_jobs;
	struct drm_fpr_xfer *xfers;
	struct drm_fpr_sync *in;
	size_t n_in = 0;
	int ret = -ENOMEM;

	xfers = calloc(n < device->facts.max_jobs ? n : device->facts.max_jobs, sizeof(*xfers));
	in = calloc(accel_wait_parts(submission) + 1, sizeof(*in));
	if (xfers && in) {
		if (with_waits)
			n_in = accel_wait_collect(submission, in);
		ret = make_calls(submission, xfers, accel_array(in, sizeof(*in), n_in));
	}
	free(in);
	free(xfers);
	return ret;
}

int accel_transfer(struct fpr_submission *submission)
{
	struct accel_device *device = accel_device(submission->queue->child.device);
	int cancel, ret = 0;

	pthread_mutex_lock(&device->base.lock);
	if (accel_must_wait(submission)) {
		ret = accel_defer(submission);
		pthread_mutex_unlock(&device->base.lock);
		return ret;
	}
	cancel = accel_must_cancel(submission);
	pthread_mutex_unlock(&device->base.lock);
	if (cancel)
		accel_fence_fail(submission->fence, 0, -ECANCELED);
	else
		ret = accel_launch_transfers(submission, 1);
	if (!ret)
		accel_submitted(submission, !cancel);
	return ret;
}

/* ---- counters ---------------------------------------------------------- */

static int read_counters(struct fpr_device *device, uint32_t type, uint32_t id, void *counters,
			 uint32_t size)
{
	struct drm_fpr_read_counters args = {
		.type = type,
		.id = id,
		.size = size,
		.pointer = (uintptr_t)counters,
	};

	return drmIoctl(accel_device(device)->fd, DRM_IOCTL_FPR_READ_COUNTERS, &args) ? -errno : 0;
}

int accel_engine_counters(struct fpr_device *device, enum fpr_counters engine,
			  struct fpr_engine_counters *counters)
{
	struct drm_fpr_counters_engine c = {0};
	int ret = read_counters(device, DRM_FPR_COUNTERS_ENGINE, (uint32_t)engine, &c, sizeof(c));

	*counters = (struct fpr_engine_counters){
		.jobs = c.jobs,
		.progress = c.progress,
		.busy_ns = c.busy_ns,
		.idle_ns = c.idle_ns,
		.stall_ns = c.stall_ns,
		.cycles = c.cycles,
		.terms_issued = c.terms_issued,
		.terms_skipped_zero = c.terms_skipped_zero,
		.terms_skipped_oob = c.terms_skipped_oob,
		.doorbells = c.doorbells,
		.interrupts = c.interrupts,
		.completions = c.completions,
	};
	return ret;
}

int accel_class_counters(struct fpr_device *device, uint32_t index,
			 struct fpr_class_counters *counters)
{
	struct drm_fpr_counters_class c = {0};
	int ret = read_counters(device, DRM_FPR_COUNTERS_CLASS, index, &c, sizeof(c));

	*counters = (struct fpr_class_counters){
		.h2c_bytes = c.h2c_bytes,
		.c2h_bytes = c.c2h_bytes,
		.slices = c.slices,
		.preemptions = c.preemptions,
	};
	return ret;
}

int accel_queue_counters(struct fpr_queue *queue, struct fpr_queue_counters *counters)
{
	struct drm_fpr_counters_context c = {0};
	int ret = read_counters(queue->child.device, DRM_FPR_COUNTERS_CONTEXT,
				accel_queue(queue)->work->ctx, &c, sizeof(c));

	*counters = (struct fpr_queue_counters){
		.jobs = c.jobs,
		.failed = c.failed,
		.cycles = c.cycles,
		.busy_ns = c.busy_ns,
		.transfers = c.xfers,
		.h2c_bytes = c.h2c_bytes,
		.c2h_bytes = c.c2h_bytes,
	};
	return ret;
}
