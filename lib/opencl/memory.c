/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "memory.h"

/*
 * The local board's memory is the host's: the host moves its bytes itself. That of a board behind
 * the driver is mapped, but slow to read: the board moves it, through a buffer in host memory,
 * except for what is too little to be worth a transfer.
 */
#define BOUNCE_BYTES (1u << 20)
#define LITTLE 4096

int fpr_cl_in_buffer(cl_mem mem, size_t offset, size_t bytes)
{
	return offset <= mem->size && bytes <= mem->size - offset;
}

int fpr_cl_overlap(cl_mem x, size_t x_offset, size_t x_bytes, cl_mem y, size_t y_offset,
		   size_t y_bytes)
{
	if (x->buffer != y->buffer)
		return 0;
	x_offset += x->offset;
	y_offset += y->offset;
	return x_offset < y_offset + y_bytes && y_offset < x_offset + x_bytes;
}

struct fpr_buffer *fpr_cl_memory_of(cl_mem mem, uint64_t *offset)
{
	*offset += mem->offset;
	return mem->buffer;
}

cl_int fpr_cl_check_mem(cl_command_queue queue, cl_mem mem)
{
	if (!fpr_cl_is(mem, KIND_MEM))
		return CL_INVALID_MEM_OBJECT;
	return mem->context == queue->context ? CL_SUCCESS : CL_INVALID_CONTEXT;
}

/* Is it worth a transfer? Buffers lie on the context's first board. */
static int by_transfer(cl_mem mem, size_t bytes)
{
	return mem->on_board && bytes > LITTLE &&
	       mem->context->boards[0].device->info.memory_bytes != 0;
}

/* Of the context's first board. */
static struct fpr_queue *transfer_queue(cl_event event)
{
	return event->queue->board ? event->context->mover : event->queue->queue;
}

static int transfer(cl_event event, const struct fpr_transfer_job *job)
{
	struct fpr_fence *fence;
	int ret = fpr_transfer_submit(transfer_queue(event), job, 1, NULL, 0, &fence);

	if (ret)
		return ret;
	ret = fpr_fence_wait(fence, FPR_WAIT_FOREVER);
	fpr_fence_destroy(fence);
	return ret;
}

/* A buffer in host memory to go through. */
struct bounce {
	struct fpr_buffer *buffer;
	void *bytes;
	size_t size;
};

static int open_bounce(struct bounce *bounce, cl_context context, size_t bytes)
{
	int ret;

	bounce->size = bytes < BOUNCE_BYTES ? bytes : BOUNCE_BYTES;
	ret = fpr_buffer_create(context->boards[0].handle, bounce->size, 0, &bounce->buffer);
	if (ret)
		return ret;
	ret = fpr_buffer_map(bounce->buffer, &bounce->bytes);
	if (ret)
		fpr_buffer_destroy(bounce->buffer);
	return ret;
}

/* From @from to @host, and from there to @to; NULL: not from, or to, a buffer. */
struct route {
	cl_mem from, to;
	size_t from_offset, to_offset;
	const unsigned char *source;
	unsigned char *sink;
	uint16_t priority;
};

static int go_part(cl_event event, struct bounce *bounce, const struct route *route, size_t done,
		   size_t bytes)
{
	struct fpr_transfer_job job;
	int ret = 0;

	if (route->source)
		memcpy(bounce->bytes, route->source + done, bytes);
	fpr_transfer_init(&job, FPR_TO_HOST, bounce->buffer, NULL, bytes);
	job.priority = route->priority;
	if (route->from) {
		job.board_offset = route->from_offset + done;
		job.board = fpr_cl_memory_of(route->from, &job.board_offset);
		ret = transfer(event, &job);
	}
	if (route->to && !ret) {
		job.direction = FPR_TO_BOARD;
		job.board_offset = route->to_offset + done;
		job.board = fpr_cl_memory_of(route->to, &job.board_offset);
		ret = transfer(event, &job);
	}
	if (route->sink && !ret)
		memcpy(route->sink + done, bounce->bytes, bytes);
	return ret;
}

static cl_int go(cl_event event, const struct route *route, size_t bytes)
{
	struct bounce bounce;
	int ret = open_bounce(&bounce, event->context, bytes);

	if (ret)
		return fpr_cl_error(ret);
	for (size_t done = 0; done < bytes && !ret; done += bounce.size) {
		const size_t left = bytes - done;

		ret = go_part(event, &bounce, route, done, left < bounce.size ? left : bounce.size);
	}
	fpr_buffer_destroy(bounce.buffer);
	return fpr_cl_error(ret);
}

cl_int fpr_cl_read(cl_event event, cl_mem mem, size_t offset, void *to, size_t bytes)
{
	const struct route route = {
		.from = mem,
		.from_offset = offset,
		.sink = to,
		.priority = FPR_PRIORITY_DEFAULT,
	};

	if (by_transfer(mem, bytes))
		return go(event, &route, bytes);
	memcpy(to, mem->bytes + offset, bytes);
	return CL_COMPLETE;
}

cl_int fpr_cl_write(cl_event event, cl_mem mem, size_t offset, const void *from, size_t bytes)
{
	const struct route route = {
		.to = mem,
		.to_offset = offset,
		.source = from,
		.priority = FPR_PRIORITY_DEFAULT,
	};

	if (by_transfer(mem, bytes))
		return go(event, &route, bytes);
	memcpy(mem->bytes + offset, from, bytes);
	/* Writes to the board may still be in this CPU's buffers. */
	__sync_synchronize();
	return CL_COMPLETE;
}

cl_int fpr_cl_copy(cl_event event, cl_mem from, size_t from_offset, cl_mem to, size_t to_offset,
		   size_t bytes, uint16_t priority)
{
	const struct route route = {
		.from = from,
		.from_offset = from_offset,
		.to = to,
		.to_offset = to_offset,
		.priority = priority,
	};

	if (by_transfer(from, bytes) && by_transfer(to, bytes))
		return go(event, &route, bytes);
	if (by_transfer(from, bytes))
		return fpr_cl_read(event, from, from_offset, to->bytes + to_offset, bytes);
	return fpr_cl_write(event, to, to_offset, from->bytes + from_offset, bytes);
}

/* ---- commands -------------------------------------------------------------- */

static int submit_transfer(cl_event event, struct fpr_fence *const *waits, size_t n,
			   struct fpr_fence **fence)
{
	return fpr_transfer_submit(transfer_queue(event), &event->work.transfer, 1, waits, n,
				   fence);
}

static int collect_transfer(cl_event event)
{
	struct fpr_transfer_result result = {0};
	int ret = fpr_fence_transfer_result(event->fence, 0, &result);

	event->times[2] = result.started_ns;
	event->times[3] = result.ended_ns;
	event->board_ns = result.board_ns;
	return ret ? ret : result.status;
}

void fpr_cl_work_transfer(cl_event event, const struct fpr_transfer_job *job)
{
	event->work.submit = submit_transfer;
	event->work.collect = collect_transfer;
	event->work.handle = event->context->boards[0].handle;
	event->work.transfer = *job;
}

static cl_int run_copy(cl_event event)
{
	const struct work *work = &event->work;

	return fpr_cl_copy(event, work->mems[0], work->move.from, work->mems[1], work->move.to,
			   work->move.bytes, work->move.priority);
}

void fpr_cl_work_copy(cl_event event, cl_mem from, size_t from_offset, cl_mem to, size_t to_offset,
		      size_t bytes, uint16_t priority)
{
	struct fpr_transfer_job job;

	fpr_cl_use(event, 0, from);
	fpr_cl_use(event, 1, to);
	if (!bytes)
		return;
	if (from->on_board == to->on_board) {
		event->work.run = run_copy;
		event->work.move.from = from_offset;
		event->work.move.to = to_offset;
		event->work.move.bytes = bytes;
		event->work.move.priority = priority;
		return;
	}
	fpr_transfer_init(&job, from->on_board ? FPR_TO_HOST : FPR_TO_BOARD, NULL, NULL, bytes);
	job.priority = priority;
	job.host_offset = from->on_board ? to_offset : from_offset;
	job.board_offset = from->on_board ? from_offset : to_offset;
	job.host = fpr_cl_memory_of(from->on_board ? to : from, &job.host_offset);
	job.board = fpr_cl_memory_of(from->on_board ? from : to, &job.board_offset);
	fpr_cl_work_transfer(event, &job);
}
