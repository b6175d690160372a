/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "memory.h"

/* Commands on ranges of buffers, which may be empty: read, write, copy, fill, migrate. */

/* ---- read and write --------------------------------------------------------- */

static cl_int run_read(cl_event event)
{
	const struct work *work = &event->work;

	return fpr_cl_read(event, work->mems[0], work->map.offset, work->host.to, work->map.bytes);
}

static cl_int run_write(cl_event event)
{
	const struct work *work = &event->work;

	return fpr_cl_write(event, work->mems[0], work->map.offset, work->host.from,
			    work->map.bytes);
}

static cl_int check_range(cl_command_queue queue, cl_mem mem, size_t offset, size_t bytes,
			  const void *host, cl_mem_flags forbidden)
{
	cl_int code;

	if (!fpr_cl_is(queue, KIND_QUEUE))
		return CL_INVALID_COMMAND_QUEUE;
	code = fpr_cl_check_mem(queue, mem);
	if (code)
		return code;
	if (!host || !fpr_cl_in_buffer(mem, offset, bytes))
		return CL_INVALID_VALUE;
	return mem->flags & forbidden ? CL_INVALID_OPERATION : CL_SUCCESS;
}

cl_int CL_API_CALL fpr_clEnqueueReadBuffer(cl_command_queue queue, cl_mem mem, cl_bool blocking,
					   size_t offset, size_t bytes, void *to, cl_uint n_waits,
					   const cl_event *waits, cl_event *out)
{
	const struct request request = {n_waits, waits, out, blocking};
	const cl_int code = check_range(queue, mem, offset, bytes, to,
					CL_MEM_HOST_WRITE_ONLY | CL_MEM_HOST_NO_ACCESS);
	cl_event event;

	if (code)
		return code;
	event = fpr_cl_event_new(queue->context, queue, CL_COMMAND_READ_BUFFER);
	if (!event)
		return CL_OUT_OF_HOST_MEMORY;
	fpr_cl_use(event, 0, mem);
	event->work.run = run_read;
	event->work.map.offset = offset;
	event->work.map.bytes = bytes;
	event->work.host.to = to;
	return fpr_cl_enqueue(event, &request, 0);
}

cl_int CL_API_CALL fpr_clEnqueueWriteBuffer(cl_command_queue queue, cl_mem mem, cl_bool blocking,
					    size_t offset, size_t bytes, const void *from,
					    cl_uint n_waits, const cl_event *waits, cl_event *out)
{
	const struct request request = {n_waits, waits, out, blocking};
	const cl_int code = check_range(queue, mem, offset, bytes, from,
					CL_MEM_HOST_READ_ONLY | CL_MEM_HOST_NO_ACCESS);
	cl_event event;

	if (code)
		return code;
	event = fpr_cl_event_new(queue->context, queue, CL_COMMAND_WRITE_BUFFER);
	if (!event)
		return CL_OUT_OF_HOST_MEMORY;
	fpr_cl_use(event, 0, mem);
	event->work.run = run_write;
	event->work.map.offset = offset;
	event->work.map.bytes = bytes;
	event->work.host.from = from;
	return fpr_cl_enqueue(event, &request, 0);
}

/* ---- copy ---------------------------------------------------------------------- */

cl_int CL_API_CALL fpr_clEnqueueCopyBuffer(cl_command_queue queue, cl_mem from, cl_mem to,
					   size_t from_offset, size_t to_offset, size_t bytes,
					   cl_uint n_waits, const cl_event *waits, cl_event *out)
{
	const struct request request = {n_waits, waits, out, CL_FALSE};
	cl_event event;
	cl_int code;

	if (!fpr_cl_is(queue, KIND_QUEUE))
		return CL_INVALID_COMMAND_QUEUE;
	code = fpr_cl_check_mem(queue, from);
	if (!code)
		code = fpr_cl_check_mem(queue, to);
	if (code)
		return code;
	if (!fpr_cl_in_buffer(from, from_offset, bytes) || !fpr_cl_in_buffer(to, to_offset, bytes))
		return CL_INVALID_VALUE;
	if (fpr_cl_overlap(from, from_offset, bytes, to, to_offset, bytes))
		return CL_MEM_COPY_OVERLAP;
	event = fpr_cl_event_new(queue->context, queue, CL_COMMAND_COPY_BUFFER);
	if (!event)
		return CL_OUT_OF_HOST_MEMORY;
	fpr_cl_work_copy(event, from, from_offset, to, to_offset, bytes, FPR_PRIORITY_DEFAULT);
	return fpr_cl_enqueue(event, &request, 0);
}

/* ---- fill ------------------------------------------------------------------------ */

static cl_int run_fill(cl_event event)
{
	const size_t bytes = event->work.fill.bytes, step = event->work.fill.pattern_bytes;
	unsigned char *at = event->work.mems[0]->bytes + event->work.fill.offset;

	for (size_t done = 0; done < bytes; done += step)
		memcpy(at + done, event->work.fill.pattern, step);
	__sync_synchronize();
	return CL_COMPLETE;
}

/* A power of two up to what the widest vector takes. */
static int is_pattern(const void *pattern, size_t bytes)
{
	return pattern && bytes && bytes <= 128 && !(bytes & (bytes - 1));
}

cl_int CL_API_CALL fpr_clEnqueueFillBuffer(cl_command_queue queue, cl_mem mem, const void *pattern,
					   size_t pattern_bytes, size_t offset, size_t bytes,
					   cl_uint n_waits, const cl_event *waits, cl_event *out)
{
	const struct request request = {n_waits, waits, out, CL_FALSE};
	cl_event event;
	cl_int code;

	if (!fpr_cl_is(queue, KIND_QUEUE))
		return CL_INVALID_COMMAND_QUEUE;
	code = fpr_cl_check_mem(queue, mem);
	if (code)
		return code;
	if (!is_pattern(pattern, pattern_bytes) || !fpr_cl_in_buffer(mem, offset, bytes) ||
	    offset % pattern_bytes || bytes % pattern_bytes)
		return CL_INVALID_VALUE;
	event = fpr_cl_event_new(queue->context, queue, CL_COMMAND_FILL_BUFFER);
	if (!event)
		return CL_OUT_OF_HOST_MEMORY;
	fpr_cl_use(event, 0, mem);
	event->work.run = run_fill;
	event->work.fill.offset = offset;
	event->work.fill.bytes = bytes;
	event->work.fill.pattern_bytes = pattern_bytes;
	memcpy(event->work.fill.pattern, pattern, pattern_bytes);
	return fpr_cl_enqueue(event, &request, 0);
}

/* ---- migrate ---------------------------------------------------------------------- */

/* Buffers stay where they are: all boards of the context reach them there. */
cl_int CL_API_CALL fpr_clEnqueueMigrateMemObjects(cl_command_queue queue, cl_uint n,
						  const cl_mem *mems, cl_mem_migration_flags flags,
						  cl_uint n_waits, const cl_event *waits,
						  cl_event *out)
{
	const cl_mem_migration_flags known =
		CL_MIGRATE_MEM_OBJECT_HOST | CL_MIGRATE_MEM_OBJECT_CONTENT_UNDEFINED;
	const struct request request = {n_waits, waits, out, CL_FALSE};
	cl_event event;

	if (!fpr_cl_is(queue, KIND_QUEUE))
		return CL_INVALID_COMMAND_QUEUE;
	if (!n || !mems || flags & ~known)
		return CL_INVALID_VALUE;
	for (cl_uint i = 0; i < n; i++) {
		const cl_int code = fpr_cl_check_mem(queue, mems[i]);

		if (code)
			return code;
	}
	event = fpr_cl_event_new(queue->context, queue, CL_COMMAND_MIGRATE_MEM_OBJECTS);
	return event ? fpr_cl_enqueue(event, &request, 0) : CL_OUT_OF_HOST_MEMORY;
}
