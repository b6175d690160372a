/* SPDX-License-Identifier: MIT */
#ifndef FPR_CL_MEMORY_H
#define FPR_CL_MEMORY_H

/* Moving bytes of buffers, and checks of what is asked for. */

#include "engine.h"

/* Does a range, which may be empty, lie in a buffer? */
int fpr_cl_in_buffer(cl_mem mem, size_t offset, size_t bytes);

/* Do two ranges of the same memory meet? */
int fpr_cl_overlap(cl_mem x, size_t x_offset, size_t x_bytes, cl_mem y, size_t y_offset,
		   size_t y_bytes);

/* What a whole buffer lies in, and where. */
struct fpr_buffer *fpr_cl_memory_of(cl_mem mem, uint64_t *offset);

/* Of a queue and a buffer. Return: CL_SUCCESS or what is wrong. */
cl_int fpr_cl_check_mem(cl_command_queue queue, cl_mem mem);

/*
 * Between a buffer and the host's memory, in a thread of a queue; the board moves what is worth it.
 * Return: an OpenCL status.
 */
cl_int fpr_cl_read(cl_event event, cl_mem mem, size_t offset, void *to, size_t bytes);
cl_int fpr_cl_write(cl_event event, cl_mem mem, size_t offset, const void *from, size_t bytes);

/* Between two buffers, which may lie in any memory. */
cl_int fpr_cl_copy(cl_event event, cl_mem from, size_t from_offset, cl_mem to, size_t to_offset,
		   size_t bytes, uint16_t priority);

/*
 * Fills in a command that copies between two buffers: the board's work when they lie in different
 * memories. Priorities are those of transfers.
 */
void fpr_cl_work_copy(cl_event event, cl_mem from, size_t from_offset, cl_mem to, size_t to_offset,
		      size_t bytes, uint16_t priority);

/* Makes a command of a transfer. */
void fpr_cl_work_transfer(cl_event event, const struct fpr_transfer_job *job);

#endif
