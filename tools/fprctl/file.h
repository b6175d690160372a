/* SPDX-License-Identifier: MIT */
#ifndef FPR_FILE_H
#define FPR_FILE_H

#include <stdint.h>

/* Raw files of known size. Each complains in one line and returns an exit code. */

/* Is the file there, with exactly this size? */
int file_check(const char *path, uint64_t bytes);

/* Reads a file of exactly this size. */
int file_read(const char *path, void *data, uint64_t bytes);

#endif
