/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "engine.h"

cl_event CL_API_CALL fpr_clCreateUserEvent(cl_context context, cl_int *error)
{
	cl_event event;

	if (!fpr_cl_is(context, KIND_CONTEXT))
		return fpr_cl_fail(error, CL_INVALID_CONTEXT);
	event = fpr_cl_event_new(context, NULL, CL_COMMAND_USER);
	fpr_cl_fail(error, event ? CL_SUCCESS : CL_OUT_OF_HOST_MEMORY);
	return event;
}

cl_int CL_API_CALL fpr_clSetUserEventStatus(cl_event event, cl_int status)
{
	cl_int error = CL_INVALID_OPERATION;
	cl_context context;

	if (!fpr_cl_is(event, KIND_EVENT) || event->queue)
		return CL_INVALID_EVENT;
	if (status > CL_COMPLETE)
		return CL_INVALID_VALUE;
	context = event->context;
	fpr_cl_lock(context);
	/* Once only. */
	if (event->stage != STAGE_ENDED) {
		fpr_cl_hold(event);
		fpr_cl_end(event, status);
		error = CL_SUCCESS;
	}
	fpr_cl_unlock(context);
	return error;
}

cl_int CL_API_CALL fpr_clWaitForEvents(cl_uint n, const cl_event *events)
{
	cl_int error = CL_SUCCESS;

	if (!n || !events)
		return CL_INVALID_VALUE;
	for (cl_uint i = 0; i < n; i++)
		if (!fpr_cl_is(events[i], KIND_EVENT))
			return CL_INVALID_EVENT;
	for (cl_uint i = 0; i < n; i++)
		if (events[i]->context != events[0]->context)
			return CL_INVALID_CONTEXT;
	for (cl_uint i = 0; i < n; i++)
		if (fpr_cl_wait(events[i]) < 0)
			error = CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST;
	return error;
}

static cl_int status_of(cl_event event)
{
	cl_int status;

	fpr_cl_lock(event->context);
	status = event->status;
	fpr_cl_unlock(event->context);
	return status;
}

cl_int CL_API_CALL fpr_clGetEventInfo(cl_event event, cl_event_info param, size_t size, void *value,
				      size_t *ret)
{
	const struct answer answer = {size, value, ret};

	if (!fpr_cl_is(event, KIND_EVENT))
		return CL_INVALID_EVENT;
	switch (param) {
	case CL_EVENT_COMMAND_QUEUE:
		FPR_CL_GIVE(&answer, cl_command_queue, event->queue);
	case CL_EVENT_CONTEXT:
		FPR_CL_GIVE(&answer, cl_context, event->context);
	case CL_EVENT_COMMAND_TYPE:
		FPR_CL_GIVE(&answer, cl_command_type, event->type);
	case CL_EVENT_COMMAND_EXECUTION_STATUS:
		FPR_CL_GIVE(&answer, cl_int, status_of(event));
	case CL_EVENT_REFERENCE_COUNT:
		FPR_CL_GIVE(&answer, cl_uint, event->object.refs);
	default:
		return CL_INVALID_VALUE;
	}
}

cl_int CL_API_CALL fpr_clRetainEvent(cl_event event)
{
	return fpr_cl_retain(event, KIND_EVENT, CL_INVALID_EVENT);
}

cl_int CL_API_CALL fpr_clReleaseEvent(cl_event event)
{
	if (!fpr_cl_is(event, KIND_EVENT))
		return CL_INVALID_EVENT;
	if (fpr_cl_unref(&event->object))
		fpr_cl_drop(event);
	return CL_SUCCESS;
}

cl_int CL_API_CALL fpr_clSetEventCallback(cl_event event, cl_int type,
					  void(CL_CALLBACK *function)(cl_event, cl_int, void *),
					  void *data)
{
	struct callback *callback;

	if (!fpr_cl_is(event, KIND_EVENT))
		return CL_INVALID_EVENT;
	if (!function || (type != CL_SUBMITTED && type != CL_RUNNING && type != CL_COMPLETE))
		return CL_INVALID_VALUE;
	callback = calloc(1, sizeof(*callback));
	if (!callback)
		return CL_OUT_OF_HOST_MEMORY;
	*callback = (struct callback){NULL, function, data, event, type};
	fpr_cl_lock(event->context);
	callback->next = event->callbacks;
	event->callbacks = callback;
	/* It may be due at once. */
	fpr_cl_set_status(event, event->status);
	fpr_cl_unlock(event->context);
	return CL_SUCCESS;
}

/* Which of the times a question is about; -1: none. */
static int time_of(cl_profiling_info param)
{
	switch (param) {
	case CL_PROFILING_COMMAND_QUEUED:
		return 0;
	case CL_PROFILING_COMMAND_SUBMIT:
		return 1;
	case CL_PROFILING_COMMAND_START:
		return 2;
	case CL_PROFILING_COMMAND_END:
	case CL_PROFILING_COMMAND_COMPLETE: /* no command has children */
		return 3;
	default:
		return -1;
	}
}

cl_int CL_API_CALL fpr_clGetEventProfilingInfo(cl_event event, cl_profiling_info param, size_t size,
					       void *value, size_t *ret)
{
	const struct answer answer = {size, value, ret};
	const int time = time_of(param);

	if (!fpr_cl_is(event, KIND_EVENT))
		return CL_INVALID_EVENT;
	if (!event->queue || !(event->queue->bits & CL_QUEUE_PROFILING_ENABLE) ||
	    status_of(event) != CL_COMPLETE)
		return CL_PROFILING_INFO_NOT_AVAILABLE;
	if (time < 0)
		return CL_INVALID_VALUE;
	FPR_CL_GIVE(&answer, cl_ulong, event->times[time]);
}

cl_int CL_API_CALL fpr_clGetEventResult(cl_event event, struct fpr_gemm_result *result)
{
	if (!fpr_cl_is(event, KIND_EVENT))
		return CL_INVALID_EVENT;
	if (!result)
		return CL_INVALID_VALUE;
	if (!event->work.product || status_of(event) > CL_COMPLETE ||
	    !event->work.gemm.result.started_ns)
		return CL_PROFILING_INFO_NOT_AVAILABLE;
	*result = event->work.gemm.result;
	return CL_SUCCESS;
}
