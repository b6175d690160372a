/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>

#include "engine.h"
#include "properties.h"

static void destroy_queue(struct object *object)
{
	cl_command_queue queue = (cl_command_queue)object;

	fpr_queue_destroy(queue->queue);
	pthread_cond_destroy(&queue->wake);
	queue->object.kind = 0;
	free(queue->properties);
	fpr_cl_drop(queue->context);
	free(queue);
}

/* ---- making one ---------------------------------------------------------- */

#define KNOWN_BITS                                                                                 \
	(CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE | CL_QUEUE_PROFILING_ENABLE | CL_QUEUE_ON_DEVICE | \
	 CL_QUEUE_ON_DEVICE_DEFAULT)

static cl_int check_bits(cl_command_queue_properties bits)
{
	if (bits & ~(cl_command_queue_properties)KNOWN_BITS)
		return CL_INVALID_VALUE;
	/* The board enqueues nothing. */
	if (bits & (CL_QUEUE_ON_DEVICE | CL_QUEUE_ON_DEVICE_DEFAULT))
		return CL_INVALID_QUEUE_PROPERTIES;
	return CL_SUCCESS;
}

struct wish {
	cl_command_queue_properties bits;
	cl_uint priority;
};

/* What a list of properties asks for. */
static cl_int parse(const cl_queue_properties *list, struct wish *wish)
{
	int bits = 0, priority = 0;

	for (; list && *list; list += 2) {
		switch (*list) {
		case CL_QUEUE_PROPERTIES:
			if (bits++)
				return CL_INVALID_VALUE;
			wish->bits = list[1];
			break;
		case CL_QUEUE_PRIORITY_KHR:
			if (priority++ || (list[1] != CL_QUEUE_PRIORITY_HIGH_KHR &&
					   list[1] != CL_QUEUE_PRIORITY_MED_KHR &&
					   list[1] != CL_QUEUE_PRIORITY_LOW_KHR))
				return CL_INVALID_VALUE;
			wish->priority = (cl_uint)list[1];
			break;
		default: /* CL_QUEUE_SIZE is of queues on the device */
			return CL_INVALID_VALUE;
		}
	}
	return check_bits(wish->bits);
}

/* A hint: who may not have a high priority gets the normal one. */
static int open_queue(cl_command_queue queue)
{
	struct fpr_device *device = queue->context->boards[queue->board].handle;
	uint32_t flags = 0;
	int ret;

	if (queue->priority == CL_QUEUE_PRIORITY_HIGH_KHR)
		flags = FPR_QUEUE_HIGH;
	else if (queue->priority == CL_QUEUE_PRIORITY_LOW_KHR)
		flags = FPR_QUEUE_LOW;
	ret = fpr_queue_create(device, flags, &queue->queue);
	return ret == -EACCES ? fpr_queue_create(device, 0, &queue->queue) : ret;
}

static cl_command_queue new_queue(cl_context context, cl_uint board, const struct wish *wish,
				  const cl_queue_properties *list, cl_int *error)
{
	cl_command_queue queue = calloc(1, sizeof(*queue));
	int ret;

	if (!queue)
		return fpr_cl_fail(error, CL_OUT_OF_HOST_MEMORY);
	if (!fpr_cl_keep_properties(list, sizeof(*list), (void **)&queue->properties,
				    &queue->n_properties) ||
	    pthread_cond_init(&queue->wake, NULL)) {
		free(queue->properties);
		free(queue);
		return fpr_cl_fail(error, CL_OUT_OF_HOST_MEMORY);
	}
	fpr_cl_init(&queue->object, KIND_QUEUE, destroy_queue);
	fpr_cl_hold(context);
	queue->context = context;
	queue->board = board;
	queue->bits = wish->bits;
	queue->priority = wish->priority;
	queue->pending_end = &queue->pending;
	ret = open_queue(queue);
	fpr_cl_fail(error, fpr_cl_error(ret));
	if (!ret)
		return queue;
	fpr_cl_drop(queue);
	return NULL;
}

cl_command_queue CL_API_CALL fpr_clCreateCommandQueueWithProperties(cl_context context,
								    cl_device_id device,
								    const cl_queue_properties *list,
								    cl_int *error)
{
	struct wish wish = {0, CL_QUEUE_PRIORITY_MED_KHR};
	cl_int code;
	int board;

	if (!fpr_cl_is(context, KIND_CONTEXT))
		return fpr_cl_fail(error, CL_INVALID_CONTEXT);
	board = fpr_cl_is(device, KIND_DEVICE) ? fpr_cl_board_of(context, device) : -1;
	if (board < 0)
		return fpr_cl_fail(error, CL_INVALID_DEVICE);
	code = parse(list, &wish);
	if (code)
		return fpr_cl_fail(error, code);
	fpr_cl_join_strays(context);
	return new_queue(context, (cl_uint)board, &wish, list, error);
}

cl_command_queue CL_API_CALL fpr_clCreateCommandQueue(cl_context context, cl_device_id device,
						      cl_command_queue_properties bits,
						      cl_int *error)
{
	const cl_queue_properties list[] = {CL_QUEUE_PROPERTIES, bits, 0};
	cl_command_queue queue =
		fpr_clCreateCommandQueueWithProperties(context, device, list, error);

	/* It was made without a list. */
	if (queue) {
		free(queue->properties);
		queue->properties = NULL;
		queue->n_properties = 0;
	}
	return queue;
}

/* ---- the rest ------------------------------------------------------------- */

cl_int CL_API_CALL fpr_clRetainCommandQueue(cl_command_queue queue)
{
	return fpr_cl_retain(queue, KIND_QUEUE, CL_INVALID_COMMAND_QUEUE);
}

/* What was enqueued still runs; then the threads end. */
cl_int CL_API_CALL fpr_clReleaseCommandQueue(cl_command_queue queue)
{
	if (!fpr_cl_is(queue, KIND_QUEUE))
		return CL_INVALID_COMMAND_QUEUE;
	if (fpr_cl_unref(&queue->object)) {
		fpr_cl_stop_threads(queue);
		fpr_cl_drop(queue);
	}
	return CL_SUCCESS;
}

cl_int CL_API_CALL fpr_clGetCommandQueueInfo(cl_command_queue queue, cl_command_queue_info param,
					     size_t size, void *value, size_t *ret)
{
	const struct answer answer = {size, value, ret};

	if (!fpr_cl_is(queue, KIND_QUEUE))
		return CL_INVALID_COMMAND_QUEUE;
	switch (param) {
	case CL_QUEUE_CONTEXT:
		FPR_CL_GIVE(&answer, cl_context, queue->context);
	case CL_QUEUE_DEVICE:
		FPR_CL_GIVE(&answer, cl_device_id, queue->context->boards[queue->board].device);
	case CL_QUEUE_REFERENCE_COUNT:
		FPR_CL_GIVE(&answer, cl_uint, queue->object.refs);
	case CL_QUEUE_PROPERTIES:
		FPR_CL_GIVE(&answer, cl_command_queue_properties, queue->bits);
	case CL_QUEUE_PROPERTIES_ARRAY:
		return fpr_cl_give(&answer, queue->properties,
				   queue->n_properties * sizeof(*queue->properties));
	case CL_QUEUE_PRIORITY_KHR:
		FPR_CL_GIVE(&answer, cl_uint, queue->priority);
	case CL_QUEUE_SIZE: /* of queues on the device */
		return CL_INVALID_COMMAND_QUEUE;
	case CL_QUEUE_DEVICE_DEFAULT:
		FPR_CL_GIVE(&answer, cl_command_queue, NULL);
	default:
		return CL_INVALID_VALUE;
	}
}

/* Gone since OpenCL 1.1. */
cl_int CL_API_CALL fpr_clSetCommandQueueProperty(cl_command_queue queue,
						 cl_command_queue_properties bits, cl_bool enable,
						 cl_command_queue_properties *old)
{
	(void)bits;
	(void)enable;
	(void)old;
	return fpr_cl_is(queue, KIND_QUEUE) ? CL_INVALID_OPERATION : CL_INVALID_COMMAND_QUEUE;
}

cl_int CL_API_CALL fpr_clSetDefaultDeviceCommandQueue(cl_context context, cl_device_id device,
						      cl_command_queue queue)
{
	(void)queue;
	if (!fpr_cl_is(context, KIND_CONTEXT))
		return CL_INVALID_CONTEXT;
	if (!fpr_cl_is(device, KIND_DEVICE) || fpr_cl_board_of(context, device) < 0)
		return CL_INVALID_DEVICE;
	return CL_INVALID_OPERATION;
}

/* Commands are launched when they are enqueued, or when what they wait for lets them. */
cl_int CL_API_CALL fpr_clFlush(cl_command_queue queue)
{
	return fpr_cl_is(queue, KIND_QUEUE) ? CL_SUCCESS : CL_INVALID_COMMAND_QUEUE;
}

cl_int CL_API_CALL fpr_clFinish(cl_command_queue queue)
{
	cl_context context;
	cl_ulong last;

	if (!fpr_cl_is(queue, KIND_QUEUE))
		return CL_INVALID_COMMAND_QUEUE;
	context = queue->context;
	fpr_cl_lock(context);
	/* What was enqueued before; another thread may go on. */
	last = queue->enqueued;
	while (queue->first && queue->first->number <= last)
		pthread_cond_wait(&context->changed, &context->lock);
	fpr_cl_unlock(context);
	return CL_SUCCESS;
}
