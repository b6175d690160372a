/* SPDX-License-Identifier: MIT */
#ifndef FPR_CTL_SYSTEM_H
#define FPR_CTL_SYSTEM_H

#include <stddef.h>
#include <stdint.h>

/*
 * What the machine says of itself, in /sys, /proc, /dev, /etc, /boot and /lib/modules. With
 * FPR_SYSROOT in the environment all of them are looked for below that directory: of
 * another machine, kept in files, or made up by a test. Paths come as formats.
 */

#define SYSTEM_PATH_MAX 512
#define SYSTEM_PATH __attribute__((format(printf, 1, 2)))
#define SYSTEM_PATH_AT(n) __attribute__((format(printf, n, n + 1)))

/* Return: 0, or -ENOTDIR after a complaint: FPR_SYSROOT names no directory. */
int system_check(void);

/* Return: 1 when these are not this machine's own files. */
int system_is_elsewhere(void);

/* Where a path really is; too long a one is cut, and then does not exist. */
void system_path(char path[SYSTEM_PATH_MAX], const char *format, ...) SYSTEM_PATH_AT(2);

int system_exists(const char *format, ...) SYSTEM_PATH;

/**
 * system_read() - the start of a file
 * @text: set, without the last line's end; "" on failure
 * @size: of @text
 * @format: the path
 * Return: bytes in @text, or -errno
 */
int system_read(char *text, size_t size, const char *format, ...) SYSTEM_PATH_AT(3);

/* A file's number, decimal or with 0x. Return: 0 or -errno, @number then unchanged. */
int system_number(uint64_t *number, const char *format, ...) SYSTEM_PATH_AT(2);

/* Return: 0 or -errno, of opening and of writing. */
int system_write(const char *text, const char *format, ...) SYSTEM_PATH_AT(2);

/* The last part of what a link names; "" on failure. Return: 0 or -errno. */
int system_link(char *name, size_t size, const char *format, ...) SYSTEM_PATH_AT(3);

/**
 * system_each() - what a directory holds, numbers in names in their order
 * @call: given each name, but those with a dot in front, until it returns non-zero
 * @context: for it
 * @format: the path
 * Return: what @call returned last, 0 for an empty directory, or -errno
 */
int system_each(int (*call)(void *context, const char *name), void *context, const char *format,
		...) SYSTEM_PATH_AT(3);

#endif
