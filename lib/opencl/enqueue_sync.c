/* SPDX-License-Identifier: MIT */
#include "engine.h"

/* Markers and barriers: commands that do nothing, in their turn. */

static cl_int mark(cl_command_queue queue, cl_command_type type, const struct request *request)
{
	cl_event event;

	if (!fpr_cl_is(queue, KIND_QUEUE))
		return CL_INVALID_COMMAND_QUEUE;
	event = fpr_cl_event_new(queue->context, queue, type);
	if (!event)
		return CL_OUT_OF_HOST_MEMORY;
	event->barrier = type == CL_COMMAND_BARRIER;
	/* Without a list, all that is there is waited for. */
	return fpr_cl_enqueue(event, request, !request->n_waits);
}

cl_int CL_API_CALL fpr_clEnqueueMarkerWithWaitList(cl_command_queue queue, cl_uint n_waits,
						   const cl_event *waits, cl_event *out)
{
	const struct request request = {n_waits, waits, out, CL_FALSE};

	return mark(queue, CL_COMMAND_MARKER, &request);
}

cl_int CL_API_CALL fpr_clEnqueueBarrierWithWaitList(cl_command_queue queue, cl_uint n_waits,
						    const cl_event *waits, cl_event *out)
{
	const struct request request = {n_waits, waits, out, CL_FALSE};

	return mark(queue, CL_COMMAND_BARRIER, &request);
}

/* ---- as in OpenCL 1.1 --------------------------------------------------------- */

cl_int CL_API_CALL fpr_clEnqueueMarker(cl_command_queue queue, cl_event *out)
{
	const struct request request = {0, NULL, out, CL_FALSE};

	if (fpr_cl_is(queue, KIND_QUEUE) && !out)
		return CL_INVALID_VALUE;
	return mark(queue, CL_COMMAND_MARKER, &request);
}

cl_int CL_API_CALL fpr_clEnqueueBarrier(cl_command_queue queue)
{
	const struct request request = {0, NULL, NULL, CL_FALSE};

	return mark(queue, CL_COMMAND_BARRIER, &request);
}

/* What comes later waits for them. */
cl_int CL_API_CALL fpr_clEnqueueWaitForEvents(cl_command_queue queue, cl_uint n,
					      const cl_event *events)
{
	const struct request request = {n, events, NULL, CL_FALSE};
	cl_int code;

	if (!fpr_cl_is(queue, KIND_QUEUE))
		return CL_INVALID_COMMAND_QUEUE;
	if (!n || !events)
		return CL_INVALID_VALUE;
	code = fpr_cl_check_waits(queue->context, n, events);
	if (code)
		return code == CL_INVALID_EVENT_WAIT_LIST ? CL_INVALID_EVENT : code;
	return mark(queue, CL_COMMAND_BARRIER, &request);
}
