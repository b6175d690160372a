/* SPDX-License-Identifier: MIT */
#ifndef FPR_TRACE_H
#define FPR_TRACE_H

/*
 * Traces: matrix products with their operands, results and counters in a file
 * that any board can replay bit for bit. The format is described in
 * fpr-trace(5).
 *
 * A writer or a reader is for one thread at a time; different ones are
 * independent. Functions return 0 or a negative errno and print nothing.
 */

#include <stdint.h>

#include "fpr_gemm.h"

#ifdef __cplusplus
extern "C" {
#endif

struct fpr_trace_writer;
struct fpr_trace_reader;

/* Longest name of a record in bytes, without the terminating NUL. */
#define FPR_TRACE_NAME_MAX 255

/**
 * struct fpr_trace_geometry - the array whose counters a record holds
 * @rows: PE rows of a tile
 * @cols: PE columns of a tile
 * @lanes: lanes of a PE
 * @window: `set`: how far below the base a lane still issues
 * @run_ahead: sets or chunks by which a row may run ahead
 * @set_floor: least cycles of a set
 * @panel: k values of a scratchpad half
 * @mem_bytes_per_cycle: width of the memory port
 *
 * Cycles compare only between equal arrays; bits compare always.
 */
struct fpr_trace_geometry {
	uint32_t rows, cols, lanes;
	uint32_t window, run_ahead, set_floor, panel, mem_bytes_per_cycle;
};

/**
 * struct fpr_trace_record - one product as recorded
 * @name: where it came from, such as "conv1/AxW step 100"; UTF-8, no control
 *	characters, may be empty
 * @gemm: as the board ran it: @gemm.serial is FPR_SERIAL_A or FPR_SERIAL_B
 * @has_counters: 1 when @counters holds what the job cost, else they are 0
 * @geometry: of the array that @counters come from
 * @counters: what the job cost
 * @a: A as stored, bfloat16
 * @b: B as stored, bfloat16
 * @c_in: C before the job; NULL unless @gemm.accumulate
 * @c_out: C after the job
 * @a_bytes: bytes at @a, from the first element to past the last
 * @b_bytes: the same for B
 * @c_bytes: the same for C in and C out
 *
 * Only elements of C are results: what lies between rows (ldc) or batch entries
 * (stride_c) is stored but means nothing. An operand without elements is NULL
 * with 0 bytes. Operands are aligned as malloc() aligns, and little-endian.
 */
struct fpr_trace_record {
	const char *name;
	struct fpr_gemm gemm;
	uint32_t has_counters;
	struct fpr_trace_geometry geometry;
	struct fpr_gemm_counters counters;
	const void *a, *b, *c_in, *c_out;
	uint64_t a_bytes, b_bytes, c_bytes;
};

/**
 * fpr_trace_create() - start a trace file
 * @path: appears only when fpr_trace_finish() succeeds, replacing what was
 *	there; until then a temporary file beside it is written
 * @writer: set on success; give it to fpr_trace_finish() or fpr_trace_abort()
 * Return: 0; -EINVAL, also when @path is there and is not a regular file;
 *	-ENOMEM; or the error of creating the temporary file
 */
int fpr_trace_create(const char *path, struct fpr_trace_writer **writer);

/**
 * fpr_trace_append() - add one product
 * @writer: the writer
 * @name: at most FPR_TRACE_NAME_MAX bytes of UTF-8 without control characters
 * @gemm: the job as it ran; @gemm->serial names the side used, not `auto`
 * @a: A as stored; may be NULL when it has no elements
 * @b: B as stored, likewise
 * @c_in: C before the job when @gemm->accumulate, else ignored
 * @c_out: C after the job
 * @counters: what the job cost on an array of this build's geometry, or NULL
 *	when not known
 *
 * Everything is copied. Sizes follow from @gemm.
 *
 * Return: 0; -EINVAL: nothing was added and the writer is as it was;
 *	-ENOMEM or a write error: the trace is lost, and fpr_trace_finish() will
 *	return this error
 */
int fpr_trace_append(struct fpr_trace_writer *writer, const char *name, const struct fpr_gemm *gemm,
		     const void *a, const void *b, const void *c_in, const void *c_out,
		     const struct fpr_gemm_counters *counters);

/**
 * fpr_trace_finish() - write the end marker and put the file in its place
 * @writer: freed whatever happens; NULL is -EINVAL
 * Return: 0, or the first error of writing; then no file appears and an older
 *	one of the same name is left as it was
 */
int fpr_trace_finish(struct fpr_trace_writer *writer);

/**
 * fpr_trace_abort() - give a trace up
 * @writer: freed; NULL is allowed
 *
 * Removes the temporary file; an older trace of the same name is left as it was.
 */
void fpr_trace_abort(struct fpr_trace_writer *writer);

/**
 * fpr_trace_open() - read a trace file
 * @path: the file; a pipe will do
 * @reader: set on success; fpr_trace_close() gives it back
 * Return: 0; -ENODATA: it ends within the header; -EBADMSG: not a trace;
 *	-EPROTONOSUPPORT: a version this library does not know; -EINVAL; -ENOMEM;
 *	or the error of opening or reading the file
 */
int fpr_trace_open(const char *path, struct fpr_trace_reader **reader);

/**
 * fpr_trace_next() - the next record
 * @reader: the reader
 * @record: filled in; what it points to belongs to the reader and is valid
 *	until the next call on it
 *
 * A file may come from anywhere: sizes are checked before they are believed,
 * and no more memory is used than a small multiple of what was read could hold.
 *
 * Return: 1: a record; 0: the end, and the file is complete; -ENODATA: the file
 *	ends too early; -EBADMSG: damaged; -EINVAL; -ENOMEM; or a read error.
 *	After an error or the end the same value is returned again.
 */
int fpr_trace_next(struct fpr_trace_reader *reader, struct fpr_trace_record *record);

/**
 * fpr_trace_position() - how far a trace was read
 * @reader: the reader
 * Return: bytes of the file up to the end of the last record that fpr_trace_next() gave, or of
 *	all of it once that has returned 0; 0 when @reader is NULL
 */
uint64_t fpr_trace_position(const struct fpr_trace_reader *reader);

/**
 * fpr_trace_close() - end reading
 * @reader: freed, and with it the last record that fpr_trace_next() gave; NULL is
 *	allowed
 */
void fpr_trace_close(struct fpr_trace_reader *reader);

#ifdef __cplusplus
}
#endif

#endif
