/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <signal.h>

#include "accel.h"

/*
 * Some submissions cannot go to the kernel at once: serial side `auto` is chosen
 * when the operands are final, and a call has room for so many fences only. One
 * thread per device waits in their stead. It takes them in the order of their
 * calls, so that whatever one waits for has been launched before.
 */

/* Of the worker: it has itself given the last hold on its device back. */
static _Thread_local int orphaned;

/* Does job @end read what one from @first on writes? */
static int depends(const struct fpr_submission *submission, size_t first, size_t end)
{
	const struct fpr_gemm_job *job = &submission->jobs[end];

	for (size_t i = first; i < end; i++) {
		struct fpr_buffer *c = submission->jobs[i].c;
		const struct accel_bo *bo = c ? accel_buffer(c)->bo : NULL;

		if (bo && ((job->a && accel_buffer(job->a)->bo == bo) ||
			   (job->b && accel_buffer(job->b)->bo == bo)))
			return 1;
	}
	return 0;
}

/*
 * Chooses serial sides from job @first on, as far as that can be said without running
 * what comes before. Return: the end of that run, or -errno.
 */
static int64_t resolve(struct fpr_submission *submission, size_t first)
{
	size_t end;

	for (end = first; end < submission->n_jobs; end++) {
		struct fpr_gemm_job *job = &submission->jobs[end];
		struct fpr_gemm gemm;
		int ret;

		if (job->gemm.serial != FPR_SERIAL_AUTO)
			continue;
		if (depends(submission, first, end))
			break;
		ret = fpr_gemm_run_as(job, &gemm);
		if (ret)
			return ret;
		job->gemm = gemm;
	}
	return (int64_t)end;
}

static int wait_for_others(const struct fpr_submission *submission)
{
	int ret = 0;

	for (size_t i = 0; i < submission->n_waits; i++)
		if (fpr_fence_wait(submission->waits[i], FPR_WAIT_FOREVER))
			ret = -ECANCELED;
	return ret;
}

/* Return: 0 when all of the jobs have ended well. */
static int wait_for_run(struct fpr_submission *submission, size_t first, size_t end)
{
	const struct accel_work *work = accel_fence(submission->fence)->work;
	int ret = accel_work_wait(accel_device(submission->queue->child.device), work, INT64_MAX);

	for (size_t i = first; i < end && !ret; i++)
		ret = accel_slot_status(&work->slots[i]);
	return ret;
}

/*
 * What transfers wait for has been launched by now, and the kernel waits for it, unless it
 * is too much for one call. Return: 1 when the kernel has some, whose fence will signal.
 */
static int run_transfers(struct fpr_submission *submission)
{
	const struct accel_device *device = accel_device(submission->queue->child.device);
	const int here = accel_wait_parts(submission) > device->facts.max_syncs;
	int status = here ? wait_for_others(submission) : 0;

	if (!status) {
		pthread_mutex_lock(&submission->queue->child.device->lock);
		status = accel_must_cancel(submission) ? -ECANCELED : 0;
		pthread_mutex_unlock(&submission->queue->child.device->lock);
	}
	if (!status)
		status = accel_launch_transfers(submission, !here);
	if (status)
		accel_fence_fail(submission->fence, 0, status);
	return !status;
}

/* Return: 1 when the kernel has jobs of it, whose fence will signal. */
static int run_jobs(struct fpr_submission *submission)
{
	struct accel_device *device = accel_device(submission->queue->child.device);
	size_t first = 0;
	int status = wait_for_others(submission);

	if (!status)
		status = accel_work_wait(device, accel_queue(submission->queue)->work, INT64_MAX);
	while (!status && first < submission->n_jobs) {
		int64_t end = resolve(submission, first);

		status = end < 0 ? (int)end
				 : accel_launch(submission, first, (size_t)end - first, 0);
		if (status)
			break;
		if ((size_t)end < submission->n_jobs &&
		    wait_for_run(submission, first, (size_t)end))
			status = -ECANCELED;
		first = (size_t)end;
	}
	if (status)
		accel_fence_fail(submission->fence, first, status);
	return first > 0;
}

/* Whoever wakes up must find all else given back. */
static void end(struct fpr_submission *submission, int launched)
{
	struct fpr_fence *fence = submission->fence;
	struct fpr_queue *queue = submission->queue;
	struct accel_device *device = accel_device(queue->child.device);
	int last;

	if (submission->jobs) {
		pthread_mutex_lock(&device->base.lock);
		accel_queue(queue)->deferred--;
		pthread_mutex_unlock(&device->base.lock);
	}
	fpr_submission_free(submission);
	fpr_queue_put(queue);
	pthread_mutex_lock(&device->base.lock);
	accel_fence(fence)->state = launched ? ACCEL_LAUNCHED : ACCEL_ENDED;
	pthread_cond_broadcast(&device->progress);
	last = !--fence->child.holds;
	pthread_mutex_unlock(&device->base.lock);
	if (last)
		fpr_fence_release(fence);
}

static struct fpr_submission *take(struct accel_device *device)
{
	struct fpr_submission *submission;

	pthread_mutex_lock(&device->base.lock);
	while (!device->first && !device->stop)
		pthread_cond_wait(&device->deferred, &device->base.lock);
	submission = device->first;
	if (submission) {
		device->first = submission->next;
		if (!device->first)
			device->last = &device->first;
	}
	pthread_mutex_unlock(&device->base.lock);
	return submission;
}

static void *work(void *arg)
{
	struct accel_device *device = arg;
	struct fpr_submission *submission;

	while (!orphaned && (submission = take(device)))
		end(submission,
		    submission->jobs ? run_jobs(submission) : run_transfers(submission));
	return NULL;
}

int accel_thread(pthread_t *thread, void *(*run_thread)(void *arg), void *arg)
{
	sigset_t all, before;
	int ret;

	/* The application's signals are not for it. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	ret = -pthread_create(thread, NULL, run_thread, arg);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return ret;
}

int accel_defer(struct fpr_submission *submission)
{
	struct accel_device *device = accel_device(submission->queue->child.device);
	int ret;

	if (!device->has_worker) {
		ret = accel_thread(&device->worker, work, device);
		if (ret)
			return ret == -EAGAIN ? -ENOMEM : ret;
		device->has_worker = 1;
	}
	accel_fence(submission->fence)->state = ACCEL_DEFERRED;
	*device->last = submission;
	device->last = &submission->next;
	pthread_cond_signal(&device->deferred);
	return 0;
}

void accel_worker_stop(struct accel_device *device)
{
	if (!device->has_worker)
		return;
	if (pthread_equal(pthread_self(), device->worker)) {
		orphaned = 1;
		pthread_detach(device->worker);
		return;
	}
	pthread_mutex_lock(&device->base.lock);
	device->stop = 1;
	pthread_cond_signal(&device->deferred);
	pthread_mutex_unlock(&device->base.lock);
	pthread_join(device->worker, NULL);
}
