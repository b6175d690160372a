/* SPDX-License-Identifier: MIT */
#ifndef FPRNET_FILES_H
#define FPRNET_FILES_H

#include <limits.h>
#include <stddef.h>

#define FILES_PATH_MAX (2 * PATH_MAX)

/**
 * files_find() - where a file that comes with fprnet is
 * @name: below tools/fprnet, or share/fprnet where it is installed
 * @path: filled in
 * @size: of @path
 * Return: 0 or -errno
 */
int files_find(const char *name, char *path, size_t size);

/* The same for a program that this one starts. */
int files_program(const char *name, char *path, size_t size);

#endif
