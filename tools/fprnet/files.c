/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "files.h"

int files_find(const char *name, char *path, size_t size)
{
	/* From build/bin, build/VARIANT/bin, and where it is installed. */
	static const char *const places[] = {"../../tools/fprnet", "../../../tools/fprnet",
					     "../share/fprnet"};
	char program[PATH_MAX];
	const ssize_t length = readlink("/proc/self/exe", program, sizeof(program) - 1);

	if (length < 0)
		return -errno;
	program[length] = 0;
	*strrchr(program, '/') = 0;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if ((size_t)snprintf(path, size, "%s/%s/%s", program, places[i], name) >= size)
			return -ENAMETOOLONG;
		if (!access(path, R_OK))
			return 0;
	}
	return -ENOENT;
}
