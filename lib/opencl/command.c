/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <time.h>

#include "engine.h"

cl_ulong fpr_cl_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (cl_ulong)t.tv_sec * 1000000000 + (cl_ulong)t.tv_nsec;
}

/* A command that was abandoned, or an event nobody knows any more. */
static void destroy_event(struct object *object)
{
	cl_event event = (cl_event)object;
	struct callback *callback;

	while ((callback = event->callbacks)) {
		event->callbacks = callback->next;
		free(callback);
	}
	for (unsigned int i = 0; i < 3; i++)
		fpr_cl_drop(event->work.mems[i]);
	free(event->waits);
	free(event->followers);
	event->object.kind = 0;
	fpr_cl_drop(event->queue);
	fpr_cl_drop(event->context);
	free(event);
}

cl_event fpr_cl_event_new(cl_context context, cl_command_queue queue, cl_command_type type)
{
	cl_event event = calloc(1, sizeof(*event));

	if (!event)
		return NULL;
	fpr_cl_init(&event->object, KIND_EVENT, destroy_event);
	event->context = context;
	event->queue = queue;
	event->type = type;
	event->status = queue ? CL_QUEUED : CL_SUBMITTED;
	fpr_cl_hold(context);
	if (queue) {
		fpr_cl_hold(queue);
		event->work.handle = context->boards[queue->board].handle;
	}
	return event;
}

void fpr_cl_use(cl_event event, unsigned int index, cl_mem mem)
{
	fpr_cl_hold(mem);
	event->work.mems[index] = mem;
}

cl_int fpr_cl_abandon(cl_event event, cl_int error)
{
	fpr_cl_drop(event);
	return error;
}

cl_int fpr_cl_check_waits(cl_context context, cl_uint n, const cl_event *waits)
{
	if (!n != !waits)
		return CL_INVALID_EVENT_WAIT_LIST;
	for (cl_uint i = 0; i < n; i++)
		if (!fpr_cl_is(waits[i], KIND_EVENT))
			return CL_INVALID_EVENT_WAIT_LIST;
	for (cl_uint i = 0; i < n; i++)
		if (waits[i]->context != context)
			return CL_INVALID_CONTEXT;
	return CL_SUCCESS;
}

/* ---- edges of the graph, under the lock ----------------------------------- */

/* Makes room for one more follower. */
static int reserve(cl_event event)
{
	const size_t room = event->max_followers ? 2 * event->max_followers : 4;
	cl_event *followers;

	if (event->n_followers < event->max_followers)
		return 1;
	followers = realloc(event->followers, room * sizeof(*followers));
	if (!followers)
		return 0;
	event->followers = followers;
	event->max_followers = room;
	return 1;
}

/* An event that has ended well, or whose failure does not matter, is not waited for. */
static int wait_for(cl_event event, cl_event other, int carries_failure)
{
	if (other->stage == STAGE_ENDED && (other->status >= 0 || !carries_failure))
		return 1;
	if (other->stage != STAGE_ENDED) {
		if (!reserve(other))
			return 0;
		fpr_cl_hold(event);
		other->followers[other->n_followers++] = event;
	}
	fpr_cl_hold(other);
	event->waits[event->n_waits++] = (struct wait){other, carries_failure};
	return 1;
}

static size_t count_unended(cl_command_queue queue)
{
	size_t n = 0;

	for (cl_event event = queue->first; event; event = event->after)
		n++;
	return n;
}

/* By the order of the queue. */
static int wait_for_order(cl_event event, int all)
{
	cl_command_queue queue = event->queue;
	int well = 1;

	if (!(queue->bits & CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE))
		return !queue->last || wait_for(event, queue->last, 0);
	if (!all)
		return !queue->barrier || wait_for(event, queue->barrier, 0);
	for (cl_event other = queue->first; other && well; other = other->after)
		well = wait_for(event, other, 0);
	return well;
}

/* On failure the event stays a follower of some, which is harmless once it has ended. */
static int add_waits(cl_event event, const struct request *request, int all)
{
	const size_t most = request->n_waits + (all ? count_unended(event->queue) : 1);

	event->waits = calloc(most ? most : 1, sizeof(*event->waits));
	if (!event->waits || !wait_for_order(event, all))
		return 0;
	for (cl_uint i = 0; i < request->n_waits; i++)
		if (!wait_for(event, request->waits[i], 1))
			return 0;
	return 1;
}

static void join_queue(cl_event event)
{
	cl_command_queue queue = event->queue;

	event->number = ++queue->enqueued;
	event->before = queue->last;
	*(queue->last ? &queue->last->after : &queue->first) = event;
	queue->last = event;
	fpr_cl_hold(event);
	if (!event->barrier)
		return;
	if (queue->barrier)
		fpr_cl_drop(queue->barrier); /* not the last: it has not ended */
	queue->barrier = event;
	fpr_cl_hold(event);
}

/* ---- enqueueing ------------------------------------------------------------ */

/* Return: CL_SUCCESS; or an error, and the event has ended. */
static cl_int put(cl_event event, const struct request *request, int all)
{
	cl_context context = event->context;
	cl_int error = CL_SUCCESS;

	fpr_cl_lock(context);
	event->times[0] = fpr_cl_now();
	if (add_waits(event, request, all)) {
		join_queue(event);
		fpr_cl_mark(event);
	} else {
		error = CL_OUT_OF_HOST_MEMORY;
		join_queue(event);
		fpr_cl_end(event, error);
	}
	fpr_cl_unlock(context);
	return error;
}

cl_int fpr_cl_enqueue(cl_event event, const struct request *request, int all)
{
	cl_int error = fpr_cl_check_waits(event->context, request->n_waits, request->waits);

	if (!error)
		error = put(event, request, all);
	if (!error && request->blocking) {
		const cl_int status = fpr_cl_wait(event);

		error = status < 0 ? status : CL_SUCCESS;
	}
	if (!error && request->event)
		*request->event = event;
	else
		fpr_cl_drop(event);
	return error;
}

cl_int fpr_cl_wait(cl_event event)
{
	cl_context context = event->context;
	cl_int status;

	fpr_cl_lock(context);
	while (event->stage != STAGE_ENDED)
		pthread_cond_wait(&context->changed, &context->lock);
	status = event->status;
	fpr_cl_unlock(context);
	return status;
}
