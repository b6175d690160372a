/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#include "engine.h"

/*
 * A thread waits for what the board has, or does what is done on the host. In an in-order
 * queue one is enough; in an out-of-order queue some commands end while another is waited for.
 */
#define MAX_THREADS 8

static cl_event take(cl_command_queue queue)
{
	cl_event event;

	queue->n_idle++;
	while (!queue->pending && !queue->stop)
		pthread_cond_wait(&queue->wake, &queue->context->lock);
	queue->n_idle--;
	event = queue->pending;
	if (event) {
		queue->pending = event->next;
		if (!queue->pending)
			queue->pending_end = &queue->pending;
		queue->n_pending--;
	}
	return event;
}

/* Waits for the board. Return: 0 or -errno. */
static int await(cl_event event)
{
	int ret = fpr_fence_wait(event->fence, FPR_WAIT_FOREVER);

	return event->work.collect ? event->work.collect(event) : ret;
}

/*
 * The board cancels what waits for something that failed. Whether that was only ahead of the
 * command in its queue, which is no reason not to run, is known when all of it has ended. Return:
 * 1: it will be launched again.
 */
static int try_again(cl_event event, int ret)
{
	if (ret != -ECANCELED || !event->board_waits)
		return 0;
	fpr_fence_destroy(event->fence);
	event->fence = NULL;
	event->host_waits = 1;
	event->board_waits = 0;
	event->times[2] = event->times[3] = 0;
	event->stage = STAGE_WAITING;
	fpr_cl_mark(event);
	return 1;
}

/* Who sees that the command has ended shall find the buffers free. */
static void release_mems(cl_event event)
{
	for (unsigned int i = 0; i < 3; i++) {
		cl_mem mem = event->work.mems[i];

		event->work.mems[i] = NULL;
		fpr_cl_drop(mem);
	}
}

/* The board knows best when it was done. The lock is held. */
static void ask_board_clock(cl_event event)
{
	cl_context context = event->context;
	cl_uint i = 0;

	if (!event->board_ns)
		return;
	while (context->boards[i].handle != event->work.handle)
		i++;
	event->times[3] = fpr_cl_clock_end(&context->boards[i].clock, event->times[2],
					   event->times[3], event->board_ns);
}

static void see_through(struct thread *self, cl_event event)
{
	cl_context context = event->context;
	const int for_board = event->fence != NULL;
	cl_int status;
	int ret = 0;

	if (fpr_cl_waits_ended(event) && event->status > CL_RUNNING)
		fpr_cl_set_status(event, CL_RUNNING);
	fpr_cl_unlock(context);
	if (for_board) {
		ret = await(event);
		status = fpr_cl_error(ret);
	} else {
		event->times[2] = fpr_cl_now();
		status = event->work.run(event);
		event->times[3] = fpr_cl_now();
	}
	/* Only this thread changes @board_waits of a launched command. */
	if (ret != -ECANCELED || !event->board_waits)
		release_mems(event);
	fpr_cl_lock(context);
	if (!for_board || !try_again(event, ret)) {
		if (event->status > CL_RUNNING)
			fpr_cl_set_status(event, CL_RUNNING);
		if (!ret)
			ask_board_clock(event);
		fpr_cl_end(event, status);
	}
	fpr_cl_launch_ready(context);
	self->calls = context->fired != NULL;
	fpr_cl_unlock(context);
}

static void *run_thread(void *arg)
{
	struct thread *self = arg;
	cl_command_queue queue = self->queue;
	cl_event event;

	fpr_cl_lock(queue->context);
	while ((event = take(queue))) {
		see_through(self, event);
		fpr_cl_lock(queue->context);
		self->calls = 0;
	}
	fpr_cl_unlock(queue->context);
	fpr_cl_drop(queue);
	if (self->detached)
		free(self);
	return NULL;
}

/* The application's signals are not for it. */
static int start(cl_command_queue queue)
{
	struct thread *thread = calloc(1, sizeof(*thread));
	sigset_t all, old;
	int ret;

	if (!thread)
		return -ENOMEM;
	fpr_cl_hold(queue);
	thread->queue = queue;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	ret = -pthread_create(&thread->id, NULL, run_thread, thread);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (ret) {
		fpr_cl_drop(queue);
		free(thread);
		return ret;
	}
	thread->next = queue->threads;
	queue->threads = thread;
	queue->n_threads++;
	return 0;
}

int fpr_cl_pend(cl_event event)
{
	cl_command_queue queue = event->queue;
	const unsigned int most =
		queue->bits & CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE ? MAX_THREADS : 1;
	int ret = 0;

	if (queue->n_pending >= queue->n_idle && queue->n_threads < most)
		ret = start(queue);
	if (ret && !queue->n_threads)
		return ret;
	event->next = NULL;
	*queue->pending_end = event;
	queue->pending_end = &event->next;
	queue->n_pending++;
	pthread_cond_signal(&queue->wake);
	return 0;
}

static void detach(struct thread *thread)
{
	thread->detached = 1;
	pthread_detach(thread->id);
}

/*
 * A callback may wait for who is here, such as for a lock of the application's: threads that are in
 * one end later, by themselves. The lock is held. Return: the others.
 */
static struct thread *leave_callers(struct thread *thread)
{
	struct thread *others = NULL, *next;

	for (; thread; thread = next) {
		next = thread->next;
		if (thread->calls) {
			detach(thread);
			continue;
		}
		thread->next = others;
		others = thread;
	}
	return others;
}

static void join(struct thread *thread)
{
	struct thread *next;

	for (; thread; thread = next) {
		next = thread->next;
		if (pthread_equal(pthread_self(), thread->id)) {
			detach(thread);
			continue;
		}
		pthread_join(thread->id, NULL);
		free(thread);
	}
}

void fpr_cl_stop_threads(cl_command_queue queue)
{
	struct thread *threads = NULL;

	fpr_cl_lock(queue->context);
	if (!queue->first) {
		threads = leave_callers(queue->threads);
		queue->threads = NULL;
		queue->stop = 1;
		pthread_cond_broadcast(&queue->wake);
	}
	fpr_cl_unlock(queue->context);
	join(threads);
}

void fpr_cl_leave_threads(cl_command_queue queue)
{
	struct thread **end = &queue->threads;

	queue->stop = 1;
	pthread_cond_broadcast(&queue->wake);
	while (*end)
		end = &(*end)->next;
	*end = queue->context->strays;
	queue->context->strays = queue->threads;
	queue->threads = NULL;
}

void fpr_cl_join_strays(cl_context context)
{
	struct thread *strays;

	fpr_cl_lock(context);
	strays = leave_callers(context->strays);
	context->strays = NULL;
	fpr_cl_unlock(context);
	join(strays);
}
