/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "memory.h"

/*
 * Commands on boxes: region[0] bytes in a row, region[1] rows in a slice, region[2] slices. Rows
 * that follow one another without a gap on both sides are moved as one.
 */

/* ---- boxes -------------------------------------------------------------------- */

/* Return: 0 when a product or sum does not fit. */
static int add_product(size_t *sum, size_t x, size_t y)
{
	size_t product;

	return !__builtin_mul_overflow(x, y, &product) &&
	       !__builtin_add_overflow(*sum, product, sum);
}

/**
 * place() - where a box begins, and its pitches
 * @block: filled in
 * @origin: bytes, rows, slices
 * @region: likewise
 * @row_pitch: 0: packed
 * @slice_pitch: 0: packed
 * Return: CL_SUCCESS or CL_INVALID_VALUE
 */
static cl_int place(struct block *block, const size_t *origin, const size_t *region,
		    size_t row_pitch, size_t slice_pitch)
{
	size_t packed = 0, at = origin[0];

	if (!row_pitch)
		row_pitch = region[0];
	if (row_pitch < region[0] || !add_product(&packed, region[1], row_pitch))
		return CL_INVALID_VALUE;
	if (!slice_pitch)
		slice_pitch = packed;
	if (slice_pitch < packed || slice_pitch % row_pitch)
		return CL_INVALID_VALUE;
	if (!add_product(&at, origin[1], row_pitch) || !add_product(&at, origin[2], slice_pitch))
		return CL_INVALID_VALUE;
	*block = (struct block){at, row_pitch, slice_pitch};
	return CL_SUCCESS;
}

/* From the first byte to the last. Return: 0 when it does not fit. */
static int extent(const struct block *block, const size_t *region, size_t *bytes)
{
	*bytes = region[0];
	return add_product(bytes, region[1] - 1, block->row_pitch) &&
	       add_product(bytes, region[2] - 1, block->slice_pitch);
}

static int fits(cl_mem mem, const struct block *block, const size_t *region)
{
	size_t bytes;

	return extent(block, region, &bytes) && fpr_cl_in_buffer(mem, block->start, bytes);
}

/* Of the application's memory nobody knows the size. */
static int is_box(const size_t *region)
{
	return region && region[0] && region[1] && region[2];
}

/* ---- moving ---------------------------------------------------------------------- */

typedef cl_int (*move_row)(cl_event event, size_t a, size_t b, size_t bytes);

static cl_int run_rows(cl_event event, move_row move)
{
	const struct block *a = &event->work.rect.a, *b = &event->work.rect.b;
	const size_t *region = event->work.rect.region;
	size_t bytes = region[0], rows = region[1], slices = region[2];
	cl_int status = CL_COMPLETE;

	if (a->row_pitch == bytes && b->row_pitch == bytes) {
		bytes *= rows;
		rows = 1;
		if (a->slice_pitch == bytes && b->slice_pitch == bytes) {
			bytes *= slices;
			slices = 1;
		}
	}
	for (size_t z = 0; z < slices && !status; z++)
		for (size_t y = 0; y < rows && !status; y++)
			status = move(event, a->start + z * a->slice_pitch + y * a->row_pitch,
				      b->start + z * b->slice_pitch + y * b->row_pitch, bytes);
	return status;
}

static cl_int read_row(cl_event event, size_t a, size_t b, size_t bytes)
{
	return fpr_cl_read(event, event->work.mems[0], a, (char *)event->work.host.to + b, bytes);
}

static cl_int write_row(cl_event event, size_t a, size_t b, size_t bytes)
{
	return fpr_cl_write(event, event->work.mems[0], a, (const char *)event->work.host.from + b,
			    bytes);
}

static cl_int copy_row(cl_event event, size_t a, size_t b, size_t bytes)
{
	return fpr_cl_copy(event, event->work.mems[0], a, event->work.mems[1], b, bytes,
			   FPR_PRIORITY_DEFAULT);
}

static cl_int run_read(cl_event event)
{
	return run_rows(event, read_row);
}

static cl_int run_write(cl_event event)
{
	return run_rows(event, write_row);
}

static cl_int run_copy(cl_event event)
{
	return run_rows(event, copy_row);
}

/* ---- between a buffer and the host ------------------------------------------------- */

/* What read and write have in common. */
struct box {
	const size_t *buffer_origin, *host_origin, *region;
	size_t buffer_row, buffer_slice, host_row, host_slice;
	const void *host;
	cl_mem_flags forbidden;
};

static cl_int check_box(cl_command_queue queue, cl_mem mem, const struct box *box,
			struct block blocks[2])
{
	cl_int code;

	if (!fpr_cl_is(queue, KIND_QUEUE))
		return CL_INVALID_COMMAND_QUEUE;
	code = fpr_cl_check_mem(queue, mem);
	if (code)
		return code;
	if (!box->buffer_origin || !box->host_origin || !is_box(box->region) || !box->host)
		return CL_INVALID_VALUE;
	code = place(&blocks[0], box->buffer_origin, box->region, box->buffer_row,
		     box->buffer_slice);
	if (!code)
		code = place(&blocks[1], box->host_origin, box->region, box->host_row,
			     box->host_slice);
	if (code || !fits(mem, &blocks[0], box->region))
		return CL_INVALID_VALUE;
	return mem->flags & box->forbidden ? CL_INVALID_OPERATION : CL_SUCCESS;
}

static cl_int enqueue_box(cl_command_queue queue, cl_mem mem, const struct box *box,
			  cl_command_type type, const struct request *request)
{
	struct block blocks[2];
	const cl_int code = check_box(queue, mem, box, blocks);
	cl_event event;

	if (code)
		return code;
	event = fpr_cl_event_new(queue->context, queue, type);
	if (!event)
		return CL_OUT_OF_HOST_MEMORY;
	fpr_cl_use(event, 0, mem);
	event->work.run = type == CL_COMMAND_READ_BUFFER_RECT ? run_read : run_write;
	event->work.rect.a = blocks[0];
	event->work.rect.b = blocks[1];
	memcpy(event->work.rect.region, box->region, sizeof(event->work.rect.region));
	event->work.host.from = box->host;
	return fpr_cl_enqueue(event, request, 0);
}

cl_int CL_API_CALL fpr_clEnqueueReadBufferRect(cl_command_queue queue, cl_mem mem, cl_bool blocking,
					       const size_t *buffer_origin,
					       const size_t *host_origin, const size_t *region,
					       size_t buffer_row, size_t buffer_slice,
					       size_t host_row, size_t host_slice, void *to,
					       cl_uint n_waits, const cl_event *waits,
					       cl_event *out)
{
	const struct request request = {n_waits, waits, out, blocking};
	const struct box box = {
		buffer_origin, host_origin,  region,
		buffer_row,    buffer_slice, host_row,
		host_slice,    to,	     CL_MEM_HOST_WRITE_ONLY | CL_MEM_HOST_NO_ACCESS,
	};

	return enqueue_box(queue, mem, &box, CL_COMMAND_READ_BUFFER_RECT, &request);
}

cl_int CL_API_CALL fpr_clEnqueueWriteBufferRect(cl_command_queue queue, cl_mem mem,
						cl_bool blocking, const size_t *buffer_origin,
						const size_t *host_origin, const size_t *region,
						size_t buffer_row, size_t buffer_slice,
						size_t host_row, size_t host_slice,
						const void *from, cl_uint n_waits,
						const cl_event *waits, cl_event *out)
{
	const struct request request = {n_waits, waits, out, blocking};
	const struct box box = {
		buffer_origin, host_origin,  region,
		buffer_row,    buffer_slice, host_row,
		host_slice,    from,	     CL_MEM_HOST_READ_ONLY | CL_MEM_HOST_NO_ACCESS,
	};

	return enqueue_box(queue, mem, &box, CL_COMMAND_WRITE_BUFFER_RECT, &request);
}

/* ---- between two buffers -------------------------------------------------------------- */

/* Do pieces of @size that come again every @pitch, from @x and from @y on, lie beside each other?
 */
static int interleave(size_t x, size_t y, size_t size, size_t pitch)
{
	x %= pitch;
	y %= pitch;
	if (x > y) {
		const size_t swap = x;

		x = y;
		y = swap;
	}
	return y >= x + size && y + size <= x + pitch;
}

/* Do two boxes of equal pitches in one buffer overlap? As the specification's appendix decides. */
static int boxes_meet(cl_mem from, cl_mem to, const struct block *a, const struct block *b,
		      const size_t *region)
{
	const size_t x = from->offset + a->start, y = to->offset + b->start;
	const size_t slice = (region[1] - 1) * a->row_pitch + region[0];
	size_t bytes;

	return extent(a, region, &bytes) && x < y + bytes && y < x + bytes &&
	       !interleave(x, y, region[0], a->row_pitch) &&
	       !interleave(x, y, slice, a->slice_pitch);
}

static cl_int check_copy(cl_mem from, cl_mem to, const struct block *a, const struct block *b,
			 const size_t *region, int same_pitch)
{
	if (!fits(from, a, region) || !fits(to, b, region))
		return CL_INVALID_VALUE;
	if (from->buffer != to->buffer)
		return CL_SUCCESS;
	/* In one buffer the pitches have to be the same. */
	if (from == to && !same_pitch)
		return CL_INVALID_VALUE;
	if (!same_pitch) {
		size_t x, y;

		/* Two parts of one buffer, in rows of their own. */
		return extent(a, region, &x) && extent(b, region, &y) &&
				       fpr_cl_overlap(from, a->start, x, to, b->start, y)
			       ? CL_MEM_COPY_OVERLAP
			       : CL_SUCCESS;
	}
	return boxes_meet(from, to, a, b, region) ? CL_MEM_COPY_OVERLAP : CL_SUCCESS;
}

cl_int CL_API_CALL fpr_clEnqueueCopyBufferRect(cl_command_queue queue, cl_mem from, cl_mem to,
					       const size_t *from_origin, const size_t *to_origin,
					       const size_t *region, size_t from_row,
					       size_t from_slice, size_t to_row, size_t to_slice,
					       cl_uint n_waits, const cl_event *waits,
					       cl_event *out)
{
	const struct request request = {n_waits, waits, out, CL_FALSE};
	struct block a, b;
	cl_event event;
	cl_int code;

	if (!fpr_cl_is(queue, KIND_QUEUE))
		return CL_INVALID_COMMAND_QUEUE;
	code = fpr_cl_check_mem(queue, from);
	if (!code)
		code = fpr_cl_check_mem(queue, to);
	if (code)
		return code;
	if (!from_origin || !to_origin || !is_box(region) ||
	    place(&a, from_origin, region, from_row, from_slice) ||
	    place(&b, to_origin, region, to_row, to_slice))
		return CL_INVALID_VALUE;
	code = check_copy(from, to, &a, &b, region,
			  a.row_pitch == b.row_pitch && a.slice_pitch == b.slice_pitch);
	if (code)
		return code;
	event = fpr_cl_event_new(queue->context, queue, CL_COMMAND_COPY_BUFFER_RECT);
	if (!event)
		return CL_OUT_OF_HOST_MEMORY;
	fpr_cl_use(event, 0, from);
	fpr_cl_use(event, 1, to);
	event->work.run = run_copy;
	event->work.rect.a = a;
	event->work.rect.b = b;
	memcpy(event->work.rect.region, region, sizeof(event->work.rect.region));
	return fpr_cl_enqueue(event, &request, 0);
}
