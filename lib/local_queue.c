/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>

#include "local.h"

static struct local_queue *to_queue(struct fpr_queue *queue)
{
	return (struct local_queue *)queue;
}

/* ---- whose turn it is; the lock is held ---------------------------------- */

static int urgency(const struct local_queue *queue)
{
	if (queue->base.flags & FPR_QUEUE_HIGH)
		return 2;
	return queue->base.flags & FPR_QUEUE_LOW ? 0 : 1;
}

static int is_ready(const struct fpr_submission *submission)
{
	for (size_t i = 0; i < submission->n_waits; i++)
		if (!((struct local_fence *)submission->waits[i])->done)
			return 0;
	return 1;
}

/* From when it has work that may run, whether its thread has woken up or not. */
static int wants_array(const struct local_queue *queue)
{
	return queue->at_work || (queue->first && is_ready(queue->first));
}

static int must_yield(const struct local_queue *queue)
{
	const struct local_device *device = (struct local_device *)queue->base.child.device;

	if (device->running)
		return 1;
	for (const struct local_queue *q = device->queues; q; q = q->next)
		if (urgency(q) > urgency(queue) && wants_array(q))
			return 1;
	return 0;
}

static int comes_before(const struct local_queue *x, const struct local_queue *y)
{
	if (urgency(x) != urgency(y))
		return urgency(x) > urgency(y);
	return x->in_line < y->in_line;
}

/* The most urgent of those in line, of equals the first; it sees for itself whether it may. */
static void wake_next(struct local_device *device)
{
	struct local_queue *next = NULL;

	for (struct local_queue *q = device->queues; q; q = q->next)
		if (q->in_line && (!next || comes_before(q, next)))
			next = q;
	if (next)
		pthread_cond_signal(&next->wake);
}

void local_array_take(struct local_queue *queue)
{
	struct local_device *device = (struct local_device *)queue->base.child.device;

	queue->in_line = local_now();
	while (must_yield(queue))
		pthread_cond_wait(&queue->wake, &device->base.lock);
	queue->in_line = 0;
	device->running = 1;
}

void local_array_leave(struct local_device *device)
{
	device->running = 0;
	wake_next(device);
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

/* What it waits for has ended. */
static void take(struct local_queue *queue)
{
	pthread_mutex_t *lock = &queue->base.child.device->lock;

	pthread_mutex_lock(lock);
	queue->at_work = 1;
	queue->first = queue->first->next;
	if (!queue->first)
		queue->last = &queue->first;
	pthread_mutex_unlock(lock);
}

static void run_jobs(struct local_queue *queue, const struct fpr_submission *submission)
{
	struct fpr_gemm_result *results = submission->fence->results;
	int cancel = wait_for_others(submission);

	take(queue);
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

/*
 * Between two submissions that may both run the queue stays at work: nobody less urgent comes
 * between them.
 */
static void look_for_work(struct local_queue *queue)
{
	queue->at_work = queue->first && is_ready(queue->first);
	if (!queue->at_work)
		wake_next((struct local_device *)queue->base.child.device);
}

/* Return: the next submission, still the first, or NULL when the queue is being released. */
static struct fpr_submission *next_of(struct local_queue *queue)
{
	pthread_mutex_t *lock = &queue->base.child.device->lock;
	struct fpr_submission *submission;

	pthread_mutex_lock(lock);
	look_for_work(queue);
	while (!queue->first && !queue->stop)
		pthread_cond_wait(&queue->wake, lock);
	submission = queue->first;
	pthread_mutex_unlock(lock);
	return submission;
}

static void *run_queue(void *arg)
{
	struct local_queue *queue = arg;
	struct fpr_submission *submission;
	int gone = 0;

	while (!gone && (submission = next_of(queue))) {
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

static void join_line(struct local_queue *queue)
{
	struct local_device *device = (struct local_device *)queue->base.child.device;

	pthread_mutex_lock(&device->base.lock);
	queue->next = device->queues;
	device->queues = queue;
	pthread_mutex_unlock(&device->base.lock);
}

/* Others may have waited for what it had. */
static void leave_line(struct local_queue *queue)
{
	struct local_device *device = (struct local_device *)queue->base.child.device;
	struct local_queue **link = &device->queues;

	pthread_mutex_lock(&device->base.lock);
	while (*link != queue)
		link = &(*link)->next;
	*link = queue->next;
	wake_next(device);
	pthread_mutex_unlock(&device->base.lock);
}

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
	join_line(queue);
	ret = local_thread(&queue->thread, run_queue, queue);
	if (ret)
		goto leave_line;
	return 0;

leave_line:
	leave_line(queue);
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

	leave_line(queue);
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
