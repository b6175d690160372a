/* SPDX-License-Identifier: MIT */
#ifndef FPR_SERVER_RECORD_H
#define FPR_SERVER_RECORD_H

#include <stddef.h>
#include <stdint.h>

/*
 * Writes down, line by line, what crosses the board's edge; README.md has the lines. A line is in
 * the file before what it tells of can have consequences, so causes come before effects. Any
 * thread may call; a recorder of NULL records nothing.
 */

struct fpr_recorder;
struct fpr_shell_config;

/* What a line tells of: its first letter. */
enum fpr_recorded {
	FPR_RECORDED_REG_READ = 'r',
	FPR_RECORDED_REG_WRITE = 'w',
	FPR_RECORDED_MEM_READ = 'R',
	FPR_RECORDED_MEM_WRITE = 'W',
	FPR_RECORDED_DMA_READ = 'i',
	FPR_RECORDED_DMA_WRITE = 'o',
	FPR_RECORDED_DMA_FAULT = 'f',
	FPR_RECORDED_MESSAGE = 'm',
	FPR_RECORDED_LEVEL = 'l',
	FPR_RECORDED_RESET = 'x',
};

/* Begins a file at @path, replacing what is there; 0 or -errno. */
int fpr_recorder_open(const char *path, struct fpr_recorder **recorder);

/* The first line: what board it is. */
void fpr_recorder_begin(struct fpr_recorder *recorder, const struct fpr_shell_config *config);

/* Two numbers, after an @what that takes none, one or two. */
void fpr_recorder_note(struct fpr_recorder *recorder, enum fpr_recorded what, uint64_t first,
		       uint64_t second);

/* @bytes at @address, with their data. */
void fpr_recorder_data(struct fpr_recorder *recorder, enum fpr_recorded what, uint64_t address,
		       const void *data, size_t bytes);

/*
 * What has gone wrong in writing: 0 or -errno. It has been told on standard error, in one line, and
 * nothing is written after it.
 */
int fpr_recorder_error(struct fpr_recorder *recorder);

/* Ends the file; 0 or -errno, also of what went wrong before. */
int fpr_recorder_close(struct fpr_recorder *recorder);

#endif
