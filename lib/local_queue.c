/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>

#include "local.h"

static struct local_queue *to_queue(struct fpr_queue *queue)
{
	return (struct local_queue *)queue;
}

/* ---- the thread of a queue --------------------------------------------- */

static int wait_for_others(const struct fpr_submission *submission)
{
	int ret = 0;

	for (size_t i = 0; i < submission->n_waits; i++) {
		local_fence_wait(submission->waits[i], FPR_WAIT_FOREVER);
		if (fpr_fence_status(submission->waits[i]))
			ret = -ECANCELED;
	}
	return ret;
}

static void run_jobs(struct local_queue *queue, const struct fpr_submission *submission)
{
	struct fpr_gemm_result *results = submission->fence->results;
	int cancel = wait_for_others(submission);

	for (size_t i = 0; i < submission->n_jobs; i++) {
		results[i].queued_ns = submission->queued_ns;
		if (cancel) {
			results[i].status = -ECANCELED;
			results[i].ended_ns = local_now();
		} else {
			local_run(queue, &submission->jobs[i], &results[i]);
		}
		cancel |= results[i].status;
	}
}

/* Return: the next submission, or NULL when the queue is being released. */
static struct fpr_submission *take(struct local_queue *queue)
{
	pthread_mutex_t *lock = &queue->base.child.device->lock;
	struct fpr_submission *submission;

	pthread_mutex_lock(lock);
	while (!queue->first && !queue->stop)
		pthread_cond_wait(&queue->wake, lock);
	submission = queue->first;
	if (submission) {
		queue->first = submission->next;
		if (!queue->first)
			queue->last = &queue->first;
	}
	pthread_mutex_unlock(lock);
	return submission;
}

static void *run_queue(void *arg)
{
	struct local_queue *queue = arg;
	struct fpr_submission *submission;
	int gone = 0;

	while (!gone && (submission = take(queue))) {
		struct fpr_fence *fence = submission->fence;

		run_jobs(queue, submission);
		fpr_submission_free(submission);
		/* Whoever wakes up must be the last holder, also of the queue. */
		gone = fpr_queue_put(&queue->base);
		local_fence_end(fence);
	}
	return NULL;
}

/* ---- queue ------------------------------------------------------------- */

int local_queue_create(struct fpr_queue *base)
{
	struct local_queue *queue = to_queue(base);
	int ret;

	local_reap((struct local_device *)base->child.device);
	queue->last = &queue->first;
	queue->stray = calloc(1, sizeof(*queue->stray));
	if (!queue->stray)
		return -ENOMEM;
	ret = -pthread_cond_init(&queue->wake, NULL);
	if (ret)
		goto free_stray;
	ret = local_thread(&queue->thread, run_queue, queue);
	if (ret)
		goto destroy_wake;
	return 0;

destroy_wake:
	pthread_cond_destroy(&queue->wake);
free_stray:
	free(queue->stray);
	return ret;
}

/*
 * The thread cannot join itself: it leaves that to whoever comes next. When that
 * is the thread, as the last holder of the device, nobody joins it: it may still
 * be in this code when the program believes everything gone. The library is
 * therefore linked to stay in memory whatever dlclose() says (-z nodelete).
 */
static void leave_stray(struct local_queue *queue)
{
	struct local_device *device = (struct local_device *)queue->base.child.device;

	queue->stray->thread = queue->thread;
	pthread_mutex_lock(&device->base.lock);
	queue->stray->next = device->strays;
	device->strays = queue->stray;
	pthread_mutex_unlock(&device->base.lock);
}

static void stop_thread(struct local_queue *queue)
{
	pthread_mutex_t *lock = &queue->base.child.device->lock;

	pthread_mutex_lock(lock);
	queue->stop = 1;
	pthread_cond_signal(&queue->wake);
	pthread_mutex_unlock(lock);
	pthread_join(queue->thread, NULL);
	free(queue->stray);
}

void local_queue_release(struct fpr_queue *base)
{
	struct local_queue *queue = to_queue(base);

	if (pthread_equal(pthread_self(), queue->thread))
		leave_stray(queue);
	else
		stop_thread(queue);
	pthread_cond_destroy(&queue->wake);
}

void local_reap(struct local_device *device)
{
	struct local_stray *stray;

	pthread_mutex_lock(&device->base.lock);
	stray = device->strays;
	device->strays = NULL;
	pthread_mutex_unlock(&device->base.lock);
	while (stray) {
		struct local_stray *next = stray->next;

		if (pthread_equal(pthread_self(), stray->thread))
			pthread_detach(stray->thread);
		else
			pthread_join(stray->thread, NULL);
		free(stray);
		stray = next;
	}
}

int local_submit(struct fpr_submission *submission)
{
	struct local_queue *queue = to_queue(submission->queue);
	pthread_mutex_t *lock = &queue->base.child.device->lock;

	submission->queued_ns = local_now();
	pthread_mutex_lock(lock);
	*queue->last = submission;
	queue->last = &submission->next;
	pthread_cond_signal(&queue->wake);
	pthread_mutex_unlock(lock);
	return 0;
}
