/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* versionsort() */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "program.h"
#include "system.h"

static const char *root(void)
{
	const char *given = getenv("FPR_SYSROOT");

	return given ? given : "";
}

int system_check(void)
{
	struct stat st;

	if (!*root() || (!stat(root(), &st) && S_ISDIR(st.st_mode)))
		return 0;
	complain("FPR_SYSROOT: %s is no directory; unset it to look at this machine", root());
	return -ENOTDIR;
}

int system_is_elsewhere(void)
{
	return *root() != 0;
}

__attribute__((format(printf, 2, 0))) static void place(char path[SYSTEM_PATH_MAX],
							const char *format, va_list arguments)
{
	int n = snprintf(path, SYSTEM_PATH_MAX, "%s", root());

	if (n >= 0 && n < SYSTEM_PATH_MAX)
		vsnprintf(path + n, (size_t)(SYSTEM_PATH_MAX - n), format, arguments);
}

/* The format and what follows it, as a path. */
#define PLACE(path, format)                     \
	do {                                    \
		va_list arguments;              \
                                                \
		va_start(arguments, format);    \
		place(path, format, arguments); \
		va_end(arguments);              \
	} while (0)

void system_path(char path[SYSTEM_PATH_MAX], const char *format, ...)
{
	PLACE(path, format);
}

int system_exists(const char *format, ...)
{
	char path[SYSTEM_PATH_MAX];

	PLACE(path, format);
	return !access(path, F_OK);
}

/* Attributes of sysfs may come in pieces, and fail while being read. */
static int read_all(int fd, char *text, size_t size)
{
	size_t used = 0;
	ssize_t n = 0;

	while (used + 1 < size) {
		n = read(fd, text + used, size - 1 - used);
		if (n <= 0)
			break;
		used += (size_t)n;
	}
	if (n < 0) {
		text[0] = 0;
		return -errno;
	}
	text[used] = 0;
	return (int)used;
}

int system_read(char *text, size_t size, const char *format, ...)
{
	char path[SYSTEM_PATH_MAX];
	int fd, n;

	PLACE(path, format);
	text[0] = 0;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	n = read_all(fd, text, size);
	close(fd);
	if (n > 0 && text[n - 1] == '\n')
		text[--n] = 0;
	return n;
}

int system_number(uint64_t *number, const char *format, ...)
{
	char path[SYSTEM_PATH_MAX], text[64], *end;
	unsigned long long value;
	int fd, n;

	PLACE(path, format);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = read_all(fd, text, sizeof(text));
	close(fd);
	if (n < 0)
		return n;
	value = strtoull(text, &end, 0);
	if (end == text)
		return -EINVAL;
	*number = value;
	return 0;
}

int system_write(const char *text, const char *format, ...)
{
	char path[SYSTEM_PATH_MAX];
	int fd, ret = 0;

	PLACE(path, format);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		ret = -errno;
	if (close(fd) && !ret)
		ret = -errno;
	return ret;
}

int system_link(char *name, size_t size, const char *format, ...)
{
	char path[SYSTEM_PATH_MAX], target[SYSTEM_PATH_MAX];
	const char *last;
	ssize_t n;

	PLACE(path, format);
	name[0] = 0;
	n = readlink(path, target, sizeof(target) - 1);
	if (n < 0)
		return -errno;
	target[n] = 0;
	last = strrchr(target, '/');
	snprintf(name, size, "%s", last ? last + 1 : target);
	return 0;
}

static int is_named(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

int system_each(int (*call)(void *context, const char *name), void *context, const char *format,
		...)
{
	char path[SYSTEM_PATH_MAX];
	struct dirent **entries;
	int n, ret = 0;

	PLACE(path, format);
	n = scandir(path, &entries, is_named, versionsort);
	if (n < 0)
		return -errno;
	for (int i = 0; i < n; i++) {
		if (!ret)
			ret = call(context, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	return ret;
}
