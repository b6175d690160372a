/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "memory.h"

/*
 * A buffer is mapped all the time: a map command waits for its turn and copies nothing.
 * Only memory that the application brought (CL_MEM_USE_HOST_PTR) is a copy, made and written back
 * here.
 */

static const cl_map_flags writes = CL_MAP_WRITE | CL_MAP_WRITE_INVALIDATE_REGION;

static cl_int run_map(cl_event event)
{
	const cl_mem mem = event->work.mems[0];
	const size_t offset = event->work.map.offset;

	if (mem->host && !(event->work.map.flags & CL_MAP_WRITE_INVALIDATE_REGION))
		memcpy((char *)mem->host + offset, mem->bytes + offset, event->work.map.bytes);
	return CL_COMPLETE;
}

static cl_int run_unmap(cl_event event)
{
	const cl_mem mem = event->work.mems[0];
	const size_t offset = event->work.map.offset;

	if (mem->host && event->work.map.flags & writes)
		memcpy(mem->bytes + offset, (char *)mem->host + offset, event->work.map.bytes);
	__sync_synchronize();
	return CL_COMPLETE;
}

/* ---- mappings, under the lock ---------------------------------------------------- */

static struct mapping *add_mapping(cl_mem mem, cl_map_flags flags, size_t offset, size_t bytes)
{
	struct mapping *mapping = malloc(sizeof(*mapping));
	char *base = mem->host ? mem->host : (char *)mem->bytes;

	if (!mapping)
		return NULL;
	*mapping = (struct mapping){NULL, base + offset, offset, bytes, flags};
	fpr_cl_lock(mem->context);
	mapping->next = mem->mappings;
	mem->mappings = mapping;
	mem->n_mappings++;
	fpr_cl_unlock(mem->context);
	return mapping;
}

/* The youngest of those at an address. Return: 0 when there is none. */
static int take_mapping(cl_mem mem, const void *at, struct mapping *taken)
{
	struct mapping **link = &mem->mappings, *mapping;

	fpr_cl_lock(mem->context);
	while (*link && (*link)->at != at)
		link = &(*link)->next;
	mapping = *link;
	if (mapping) {
		*link = mapping->next;
		mem->n_mappings--;
		*taken = *mapping;
	}
	fpr_cl_unlock(mem->context);
	free(mapping);
	return mapping != NULL;
}

/* ---- map ------------------------------------------------------------------------------ */

static cl_int check_map(cl_command_queue queue, cl_mem mem, cl_map_flags flags, size_t offset,
			size_t bytes)
{
	cl_int code;

	if (!fpr_cl_is(queue, KIND_QUEUE))
		return CL_INVALID_COMMAND_QUEUE;
	code = fpr_cl_check_mem(queue, mem);
	if (code)
		return code;
	if (!bytes || !fpr_cl_in_buffer(mem, offset, bytes) || flags & ~(CL_MAP_READ | writes))
		return CL_INVALID_VALUE;
	if (flags & CL_MAP_WRITE_INVALIDATE_REGION && flags & (CL_MAP_READ | CL_MAP_WRITE))
		return CL_INVALID_VALUE;
	if ((flags & CL_MAP_READ &&
	     mem->flags & (CL_MEM_HOST_WRITE_ONLY | CL_MEM_HOST_NO_ACCESS)) ||
	    (flags & writes && mem->flags & (CL_MEM_HOST_READ_ONLY | CL_MEM_HOST_NO_ACCESS)))
		return CL_INVALID_OPERATION;
	return CL_SUCCESS;
}

void *CL_API_CALL fpr_clEnqueueMapBuffer(cl_command_queue queue, cl_mem mem, cl_bool blocking,
					 cl_map_flags flags, size_t offset, size_t bytes,
					 cl_uint n_waits, const cl_event *waits, cl_event *out,
					 cl_int *error)
{
	const struct request request = {n_waits, waits, out, blocking};
	cl_int code = check_map(queue, mem, flags, offset, bytes);
	struct mapping *mapping, undone;
	cl_event event;
	void *at;

	if (code)
		return fpr_cl_fail(error, code);
	event = fpr_cl_event_new(queue->context, queue, CL_COMMAND_MAP_BUFFER);
	mapping = event ? add_mapping(mem, flags, offset, bytes) : NULL;
	if (!mapping) {
		fpr_cl_drop(event);
		return fpr_cl_fail(error, CL_OUT_OF_HOST_MEMORY);
	}
	at = mapping->at;
	fpr_cl_use(event, 0, mem);
	event->work.run = run_map;
	event->work.map.offset = offset;
	event->work.map.bytes = bytes;
	event->work.map.flags = flags;
	code = fpr_cl_enqueue(event, &request, 0);
	if (code)
		take_mapping(mem, at, &undone);
	fpr_cl_fail(error, code);
	return code ? NULL : at;
}

/* ---- unmap ------------------------------------------------------------------------------ */

cl_int CL_API_CALL fpr_clEnqueueUnmapMemObject(cl_command_queue queue, cl_mem mem, void *at,
					       cl_uint n_waits, const cl_event *waits,
					       cl_event *out)
{
	const struct request request = {n_waits, waits, out, CL_FALSE};
	struct mapping mapping;
	cl_event event;
	cl_int code;

	if (!fpr_cl_is(queue, KIND_QUEUE))
		return CL_INVALID_COMMAND_QUEUE;
	code = fpr_cl_check_mem(queue, mem);
	if (!code)
		code = fpr_cl_check_waits(queue->context, n_waits, waits);
	if (code)
		return code;
	event = fpr_cl_event_new(queue->context, queue, CL_COMMAND_UNMAP_MEM_OBJECT);
	if (!event)
		return CL_OUT_OF_HOST_MEMORY;
	if (!take_mapping(mem, at, &mapping))
		return fpr_cl_abandon(event, CL_INVALID_VALUE);
	fpr_cl_use(event, 0, mem);
	event->work.run = run_unmap;
	event->work.map.offset = mapping.offset;
	event->work.map.bytes = mapping.bytes;
	event->work.map.flags = mapping.flags;
	return fpr_cl_enqueue(event, &request, 0);
}
