/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>

#include "engine.h"

void fpr_cl_lock(cl_context context)
{
	pthread_mutex_lock(&context->lock);
}

void fpr_cl_mark(cl_event event)
{
	cl_context context = event->context;

	if (event->marked)
		return;
	fpr_cl_hold(event);
	event->marked = 1;
	event->todo = NULL;
	*context->todo_end = event;
	context->todo_end = &event->todo;
}

void fpr_cl_mark_followers(cl_event event)
{
	for (size_t i = 0; i < event->n_followers; i++)
		fpr_cl_mark(event->followers[i]);
}

static cl_event next_marked(cl_context context)
{
	cl_event event = context->todo;

	if (!event)
		return NULL;
	context->todo = event->todo;
	if (!context->todo)
		context->todo_end = &context->todo;
	event->marked = 0;
	return event;
}

/* Its last hold may be dropped when the lock is not held any more. */
static void discard(cl_event event)
{
	event->next = event->context->garbage;
	event->context->garbage = event;
}

/* ---- status -------------------------------------------------------------- */

/* A callback for a state is due when that state, or a later one, is reached. */
static int is_due(const struct callback *callback, cl_int status)
{
	return status <= callback->status;
}

void fpr_cl_set_status(cl_event event, cl_int status)
{
	struct callback **link = &event->callbacks, *callback;

	event->status = status;
	while ((callback = *link)) {
		if (!is_due(callback, status)) {
			link = &callback->next;
			continue;
		}
		*link = callback->next;
		/* An error is told as such; else the state that was waited for. */
		if (status < 0)
			callback->status = status;
		callback->next = NULL;
		fpr_cl_hold(event);
		*event->context->fired_end = callback;
		event->context->fired_end = &callback->next;
	}
}

/* Takes an ended command out of its queue. */
static void leave_queue(cl_event event)
{
	cl_command_queue queue = event->queue;

	*(event->before ? &event->before->after : &queue->first) = event->after;
	*(event->after ? &event->after->before : &queue->last) = event->before;
	event->before = event->after = NULL;
	if (queue->barrier == event) {
		queue->barrier = NULL;
		fpr_cl_drop(event); /* the queue's list still holds it */
	}
	if (!queue->first && !__atomic_load_n(&queue->object.refs, __ATOMIC_ACQUIRE))
		fpr_cl_leave_threads(queue);
}

void fpr_cl_end(cl_event event, cl_int status)
{
	event->stage = STAGE_ENDED;
	event->times[3] = event->times[3] ? event->times[3] : fpr_cl_now();
	for (int i = 2; i > 0; i--)
		if (!event->times[i] || event->times[i] > event->times[i + 1])
			event->times[i] = event->times[i + 1];
	fpr_cl_set_status(event, status);
	fpr_cl_mark_followers(event);
	pthread_cond_broadcast(&event->context->changed);
	if (event->queue)
		leave_queue(event);
	discard(event);
}

/* ---- launching ----------------------------------------------------------- */

/*
 * May the board itself wait for a launched command? A product holds up what is behind it in
 * its queue's stream, so in an out-of-order queue it waits there for nothing but products that are
 * ahead of it anyway.
 */
static int board_can_wait(cl_event event, cl_event other)
{
	if (!event->work.submit || event->host_waits || !other->fence ||
	    other->work.handle != event->work.handle)
		return 0;
	return !event->work.product ||
	       !(event->queue->bits & CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE) ||
	       (other->work.product && other->queue == event->queue);
}

int fpr_cl_waits_ended(cl_event event)
{
	for (size_t i = 0; i < event->n_waits; i++)
		if (event->waits[i].event->stage != STAGE_ENDED)
			return 0;
	return 1;
}

static int has_failed(cl_event event)
{
	for (size_t i = 0; i < event->n_waits; i++)
		if (event->waits[i].carries_failure && event->waits[i].event->status < 0)
			return 1;
	return 0;
}

/* Return: fences the board has to wait for, in @fences, or -EAGAIN: something else is not done. */
static int64_t collect_fences(cl_event event, struct fpr_fence **fences)
{
	int64_t n = 0;

	for (size_t i = 0; i < event->n_waits; i++) {
		cl_event other = event->waits[i].event;

		if (other->stage == STAGE_ENDED)
			continue;
		if (!board_can_wait(event, other))
			return -EAGAIN;
		fences[n++] = other->fence;
	}
	return n;
}

/* To the board, and to a thread that waits for it; or to a thread alone. Return: 0 or -errno. */
static int hand_over(cl_event event, struct fpr_fence *const *fences, size_t n)
{
	struct fpr_fence *fence = NULL;
	int ret = 0;

	event->times[1] = event->times[1] ? event->times[1] : fpr_cl_now();
	event->board_waits = n > 0;
	if (event->work.submit)
		ret = event->work.submit(event, fences, n, &fence);
	event->fence = fence;
	if (!ret)
		ret = fpr_cl_pend(event);
	return ret;
}

static void launch(cl_event event)
{
	struct fpr_fence **fences = calloc(event->n_waits + 1, sizeof(struct fpr_fence *));
	const int64_t n = fences ? collect_fences(event, fences) : -ENOMEM;
	int ret = (int)n;

	if (n == -EAGAIN)
		goto out;
	if (n >= 0 && has_failed(event)) {
		/* In its turn. */
		if (!n)
			fpr_cl_end(event, CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST);
		goto out;
	}
	if (n >= 0 && !event->work.submit && !event->work.run) {
		event->times[1] = event->times[2] = fpr_cl_now();
		fpr_cl_end(event, CL_COMPLETE);
		goto out;
	}
	if (n >= 0) {
		event->stage = STAGE_LAUNCHED;
		if (event->status == CL_QUEUED)
			fpr_cl_set_status(event, CL_SUBMITTED);
		ret = hand_over(event, fences, (size_t)n);
	}
	if (ret)
		fpr_cl_end(event, fpr_cl_error(ret));
	else
		fpr_cl_mark_followers(event);
out:
	free(fences);
}

void fpr_cl_launch_ready(cl_context context)
{
	cl_event event;

	while ((event = next_marked(context))) {
		if (event->stage == STAGE_WAITING && event->queue)
			launch(event);
		/* Never the last: who has ended is in the garbage, too. */
		fpr_cl_drop(event);
	}
}

/* ---- unlocking ------------------------------------------------------------ */

/*
 * A callback may end other events, whose callbacks come after it and not inside it: however long a
 * chain of them is, the stack is not.
 */
static void call(struct callback *due)
{
	static __thread struct callback **end;
	const int inside = end != NULL;
	struct callback *callback;

	if (inside)
		*end = due;
	else
		end = &due;
	while (*end)
		end = &(*end)->next;
	if (inside)
		return;
	while ((callback = due)) {
		callback->function(callback->event, callback->status, callback->data);
		due = callback->next;
		if (!due)
			end = &due;
		fpr_cl_drop(callback->event);
		free(callback);
	}
	end = NULL;
}

/* What an ended command used is given back before anybody may think that all is done. */
static void retire(cl_event event)
{
	for (unsigned int i = 0; i < 3; i++)
		fpr_cl_drop(event->work.mems[i]);
	for (size_t i = 0; i < event->n_waits; i++)
		fpr_cl_drop(event->waits[i].event);
	for (size_t i = 0; i < event->n_followers; i++)
		fpr_cl_drop(event->followers[i]);
	free(event->waits);
	free(event->followers);
	fpr_fence_destroy(event->fence);
	event->waits = NULL;
	event->followers = NULL;
	event->fence = NULL;
	event->n_waits = event->n_followers = 0;
	event->work.mems[0] = event->work.mems[1] = event->work.mems[2] = NULL;
	fpr_cl_drop(event);
}

void fpr_cl_unlock(cl_context context)
{
	struct callback *fired;
	cl_event garbage, next;

	fpr_cl_launch_ready(context);
	fired = context->fired;
	garbage = context->garbage;
	context->fired = NULL;
	context->fired_end = &context->fired;
	context->garbage = NULL;
	/* The last of these may hold the context; after it nothing may be touched. */
	pthread_mutex_unlock(&context->lock);
	call(fired);
	for (; garbage; garbage = next) {
		next = garbage->next;
		retire(garbage);
	}
}
