/* SPDX-License-Identifier: MIT */
#ifndef FPR_OUTPUT_H
#define FPR_OUTPUT_H

#include <limits.h>
#include <stdint.h>

/**
 * struct output - a file that appears only when it is complete
 * @path: as the user calls it
 * @target: the file behind links, to be replaced; NULL when written directly
 * @temporary: what is written beside @target until then
 * @fd: open for writing
 *
 * There is one at a time: a signal that ends the program removes its temporary
 * file.
 */
struct output {
	const char *path;
	char *target;
	char temporary[PATH_MAX];
	int fd;
};

/**
 * output_open() - make sure that a file can be written, and change nothing yet
 * @output: filled in; for output_commit() or output_discard()
 * @path: a file, to be replaced in one step with its owner's rights kept, or a
 *	device or pipe, or standard output by any name, which is written directly
 * Return: EXIT_OK, or EXIT_USAGE after a complaint
 */
int output_open(struct output *output, const char *path);

/* Writes all of it, to storage. Return: EXIT_OK, or EXIT_FAILED after a complaint. */
int output_write(struct output *output, const void *data, uint64_t bytes);

/* Puts the file in its place. Return: EXIT_OK, or EXIT_FAILED after a complaint. */
int output_commit(struct output *output);

/* Leaves what was there as it was. */
void output_discard(struct output *output);

#endif
