/* SPDX-License-Identifier: MIT */
#ifndef FPR_CTL_UNPACK_H
#define FPR_CTL_UNPACK_H

#include <stddef.h>

/**
 * unpack_file() - all of a file, unpacked when it is .gz, .xz or .zst
 * @path: where it is, below FPR_SYSROOT; xz and zstd unpack the latter two
 * @bytes: set on success
 * Return: what is in it and a NUL, for free(); NULL when it is empty, too large to be meant,
 *	or cannot be read or unpacked
 */
char *unpack_file(const char *path, size_t *bytes);

#endif
