/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine.h"
#include "farewell.h"
#include "properties.h"

static void destroy_context(struct object *object)
{
	cl_context context = (cl_context)object;

	fpr_cl_join_strays(context);
	fpr_cl_say_farewell(context, context->farewells);
	fpr_queue_destroy(context->mover);
	for (cl_uint i = 0; i < context->n_devices; i++)
		fpr_device_close(context->boards[i].handle);
	pthread_cond_destroy(&context->changed);
	pthread_mutex_destroy(&context->lock);
	context->object.kind = 0;
	free(context->properties);
	free(context);
}

int fpr_cl_board_of(cl_context context, cl_device_id device)
{
	for (cl_uint i = 0; i < context->n_devices; i++)
		if (context->boards[i].device == device)
			return (int)i;
	return -1;
}

/* ---- making one ---------------------------------------------------------- */

static cl_int check_properties(const cl_context_properties *properties)
{
	int platform = 0, sync = 0;

	for (; properties && *properties; properties += 2) {
		switch (*properties) {
		case CL_CONTEXT_PLATFORM:
			if (!fpr_cl_is((const void *)properties[1], KIND_PLATFORM))
				return CL_INVALID_PLATFORM;
			if (platform++)
				return CL_INVALID_PROPERTY;
			break;
		case CL_CONTEXT_INTEROP_USER_SYNC:
			if (sync++ || (properties[1] != CL_TRUE && properties[1] != CL_FALSE))
				return CL_INVALID_PROPERTY;
			break;
		default:
			return CL_INVALID_PROPERTY;
		}
	}
	return CL_SUCCESS;
}

static cl_int check_devices(cl_uint n, const cl_device_id *devices)
{
	if (!n || !devices)
		return CL_INVALID_VALUE;
	for (cl_uint i = 0; i < n; i++)
		if (!fpr_cl_is(devices[i], KIND_DEVICE))
			return CL_INVALID_DEVICE;
	return CL_SUCCESS;
}

/* A device that is named twice is there once. */
static cl_int open_boards(cl_context context, cl_uint n, const cl_device_id *devices)
{
	for (cl_uint i = 0; i < n; i++) {
		struct board *board = &context->boards[context->n_devices];
		int ret;

		if (fpr_cl_board_of(context, devices[i]) >= 0)
			continue;
		ret = fpr_device_open(devices[i]->info.name, &board->handle);
		if (ret)
			return ret == -ENOMEM ? CL_OUT_OF_HOST_MEMORY : CL_DEVICE_NOT_AVAILABLE;
		board->device = devices[i];
		context->n_devices++;
	}
	/* Buffers lie on the first board; other boards' queues have to reach them. */
	if (context->n_devices > 1 &&
	    fpr_queue_create(context->boards[0].handle, 0, &context->mover))
		return CL_OUT_OF_RESOURCES;
	return CL_SUCCESS;
}

static cl_context new_context(const cl_context_properties *properties, cl_uint n)
{
	cl_context context = calloc(1, sizeof(*context) + n * sizeof(context->boards[0]));

	if (!context)
		return NULL;
	if (!fpr_cl_keep_properties(properties, sizeof(*properties), (void **)&context->properties,
				    &context->n_properties))
		goto free_context;
	if (pthread_mutex_init(&context->lock, NULL))
		goto free_properties;
	if (pthread_cond_init(&context->changed, NULL))
		goto destroy_lock;
	context->todo_end = &context->todo;
	context->fired_end = &context->fired;
	fpr_cl_init(&context->object, KIND_CONTEXT, destroy_context);
	return context;

destroy_lock:
	pthread_mutex_destroy(&context->lock);
free_properties:
	free(context->properties);
free_context:
	free(context);
	return NULL;
}

cl_context CL_API_CALL fpr_clCreateContext(const cl_context_properties *properties, cl_uint n,
					   const cl_device_id *devices,
					   void(CL_CALLBACK *notify)(const char *, const void *,
								     size_t, void *),
					   void *data, cl_int *error)
{
	cl_int code = check_properties(properties);
	cl_context context;

	/* Errors are told by return values alone. */
	if (!code && !notify && data)
		code = CL_INVALID_VALUE;
	if (!code)
		code = check_devices(n, devices);
	if (code)
		return fpr_cl_fail(error, code);
	context = new_context(properties, n);
	if (!context)
		return fpr_cl_fail(error, CL_OUT_OF_HOST_MEMORY);
	code = open_boards(context, n, devices);
	fpr_cl_fail(error, code);
	if (!code)
		return context;
	fpr_cl_drop(context);
	return NULL;
}

/* Devices of a type, into room for all. */
static cl_uint find(cl_device_type type, cl_device_id *devices)
{
	cl_uint n = 0;

	if (fpr_clGetDeviceIDs(&fpr_cl_platform, type, 0, NULL, &n))
		return 0;
	if (!devices)
		return n;
	return fpr_clGetDeviceIDs(&fpr_cl_platform, type, n, devices, NULL) ? 0 : n;
}

cl_context CL_API_CALL
fpr_clCreateContextFromType(const cl_context_properties *properties, cl_device_type type,
			    void(CL_CALLBACK *notify)(const char *, const void *, size_t, void *),
			    void *data, cl_int *error)
{
	cl_int code = check_properties(properties);
	cl_device_id *devices;
	cl_context context;
	cl_uint n = 0;

	if (!code && !notify && data)
		code = CL_INVALID_VALUE;
	if (!code)
		code = fpr_clGetDeviceIDs(&fpr_cl_platform, type, 0, NULL, &n);
	if (code)
		return fpr_cl_fail(error, code);
	/* Others may come meanwhile. */
	devices = calloc(n + 8, sizeof(*devices));
	if (!devices)
		return fpr_cl_fail(error, CL_OUT_OF_HOST_MEMORY);
	n = find(type, NULL) <= n + 8 ? find(type, devices) : 0;
	context = n ? fpr_clCreateContext(properties, n, devices, notify, data, error)
		    : fpr_cl_fail(error, CL_DEVICE_NOT_FOUND);
	free(devices);
	return context;
}

cl_int CL_API_CALL fpr_clRetainContext(cl_context context)
{
	return fpr_cl_retain(context, KIND_CONTEXT, CL_INVALID_CONTEXT);
}

cl_int CL_API_CALL fpr_clReleaseContext(cl_context context)
{
	if (!fpr_cl_is(context, KIND_CONTEXT))
		return CL_INVALID_CONTEXT;
	if (fpr_cl_unref(&context->object)) {
		fpr_cl_join_strays(context);
		fpr_cl_drop(context);
	}
	return CL_SUCCESS;
}

static cl_int give_devices(cl_context context, const struct answer *answer)
{
	cl_device_id *devices = calloc(context->n_devices, sizeof(*devices));
	cl_int error;

	if (!devices)
		return CL_OUT_OF_HOST_MEMORY;
	for (cl_uint i = 0; i < context->n_devices; i++)
		devices[i] = context->boards[i].device;
	error = fpr_cl_give(answer, devices, context->n_devices * sizeof(*devices));
	free(devices);
	return error;
}

cl_int CL_API_CALL fpr_clGetContextInfo(cl_context context, cl_context_info param, size_t size,
					void *value, size_t *ret)
{
	const struct answer answer = {size, value, ret};

	if (!fpr_cl_is(context, KIND_CONTEXT))
		return CL_INVALID_CONTEXT;
	switch (param) {
	case CL_CONTEXT_REFERENCE_COUNT:
		FPR_CL_GIVE(&answer, cl_uint, context->object.refs);
	case CL_CONTEXT_NUM_DEVICES:
		FPR_CL_GIVE(&answer, cl_uint, context->n_devices);
	case CL_CONTEXT_DEVICES:
		return give_devices(context, &answer);
	case CL_CONTEXT_PROPERTIES:
		return fpr_cl_give(&answer, context->properties,
				   context->n_properties * sizeof(*context->properties));
	default:
		return CL_INVALID_VALUE;
	}
}

cl_int CL_API_CALL fpr_clSetContextDestructorCallback(
	cl_context context, void(CL_CALLBACK *function)(cl_context, void *), void *data)
{
	cl_int error;

	if (!fpr_cl_is(context, KIND_CONTEXT))
		return CL_INVALID_CONTEXT;
	if (!function)
		return CL_INVALID_VALUE;
	fpr_cl_lock(context);
	error = fpr_cl_add_farewell(&context->farewells, (farewell_function)function, data);
	fpr_cl_unlock(context);
	return error;
}
