/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "files.h"

static int own_folder(char *folder, size_t size)
{
	const ssize_t length = readlink("/proc/self/exe", folder, size - 1);

	if (length < 0)
		return -errno;
	folder[length] = 0;
	*strrchr(folder, '/') = 0;
	return 0;
}

static int is_there(const char *folder, const char *place, const char *name, char *path,
		    size_t size)
{
	if ((size_t)snprintf(path, size, "%s/%s/%s", folder, place, name) >= size)
		return -ENAMETOOLONG;
	return access(path, R_OK) ? -ENOENT : 0;
}

static int search(const char *const *places, const char *name, char *path, size_t size)
{
	char folder[PATH_MAX];
	int ret = own_folder(folder, sizeof(folder));

	if (ret)
		return ret;
	ret = -ENOENT;
	for (; ret == -ENOENT && *places; places++)
		ret = is_there(folder, *places, name, path, size);
	return ret;
}

int files_program(const char *name, char *path, size_t size)
{
	/* In build/bin, and where it is installed. */
	static const char *const places[] = {".", "../libexec/fpr", NULL};

	return search(places, name, path, size);
}

int files_find(const char *name, char *path, size_t size)
{
	/* Where it is installed, from build/bin and from build/VARIANT/bin. */
	static const char *const places[] = {"../share/fprnet", "../../tools/fprnet",
					     "../../../tools/fprnet", NULL};

	return search(places, name, path, size);
}
