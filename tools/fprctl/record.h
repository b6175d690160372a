/* SPDX-License-Identifier: MIT */
#ifndef FPR_CTL_RECORD_H
#define FPR_CTL_RECORD_H

#include "board.h"
#include "fpr_trace.h"

/**
 * product_of_record() - a record's product with its operands
 * @board: the board
 * @record: a trace's
 * @product: for product_destroy(), whatever this returns
 *
 * C is as it was before, where the product adds to it, else all zeros.
 *
 * Return: 0 or -errno
 */
int product_of_record(struct board *board, const struct fpr_trace_record *record,
		      struct product *product);

/* Of its file, for a bar; 0 where that says nothing. */
uint64_t trace_bytes(const char *path);

/**
 * trace_failed() - complain of a trace that cannot be read
 * @path: its name
 * @error: what fpr_trace_open() or _next() returned
 * @records: read before
 * Return: an exit code
 */
int trace_failed(const char *path, int error, uint64_t records);

/**
 * record_failed() - complain of a record whose product cannot be run
 * @board: that it was to run on
 * @path: the trace's name
 * @record: number in it, from 0
 * @error: why
 * Return: an exit code
 */
int record_failed(const struct board *board, const char *path, uint64_t record, int error);

#endif
