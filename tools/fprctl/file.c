/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "fprctl.h"

static int open_checked(const char *path, uint64_t bytes, int *fd)
{
	struct stat st;

	*fd = open(path, O_RDONLY | O_CLOEXEC);
	if (*fd < 0 || fstat(*fd, &st)) {
		complain("%s: %s", path, strerror(errno));
		goto fail;
	}
	if (!S_ISREG(st.st_mode)) {
		complain("%s: not a regular file", path);
		goto fail;
	}
	if ((uint64_t)st.st_size != bytes) {
		complain("%s: expected %llu bytes, has %llu", path, (unsigned long long)bytes,
			 (unsigned long long)st.st_size);
		goto fail;
	}
	return EXIT_OK;

fail:
	if (*fd >= 0)
		close(*fd);
	return EXIT_USAGE;
}

int file_check(const char *path, uint64_t bytes)
{
	int fd, ret = open_checked(path, bytes, &fd);

	if (ret == EXIT_OK)
		close(fd);
	return ret;
}

int file_read(const char *path, void *data, uint64_t bytes)
{
	uint64_t have = 0;
	int fd, ret = open_checked(path, bytes, &fd);

	if (ret != EXIT_OK)
		return ret;
	while (have < bytes) {
		ssize_t n = read(fd, (char *)data + have, bytes - have);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			complain("%s: %s", path, n ? strerror(errno) : "became shorter");
			ret = EXIT_FAILED;
			break;
		}
		have += (uint64_t)n;
	}
	close(fd);
	return ret;
}

/* Return: 0 or -errno. */
static int write_all(int fd, const void *data, uint64_t bytes)
{
	uint64_t done = 0;

	while (done < bytes) {
		ssize_t n = write(fd, (const char *)data + done, bytes - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		done += (uint64_t)n;
	}
	return 0;
}

static int write_special(const char *path, const void *data, uint64_t bytes)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int ret;

	if (fd < 0)
		return -errno;
	ret = write_all(fd, data, bytes);
	if (close(fd) && !ret)
		ret = -errno;
	return ret;
}

/* The process id keeps two runs with one output apart. */
static int write_replacing(const char *path, const void *data, uint64_t bytes)
{
	char temporary[PATH_MAX];
	int fd, ret;

	if (snprintf(temporary, sizeof(temporary), "%s.%ld.tmp", path, (long)getpid()) >=
	    (int)sizeof(temporary))
		return -ENAMETOOLONG;
	fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd < 0)
		return -errno;
	ret = write_all(fd, data, bytes);
	if (!ret && fsync(fd))
		ret = -errno;
	if (close(fd) && !ret)
		ret = -errno;
	if (!ret && rename(temporary, path))
		ret = -errno;
	if (ret)
		unlink(temporary);
	return ret;
}

int file_write(const char *path, const void *data, uint64_t bytes)
{
	char *target = realpath(path, NULL);
	struct stat st;
	int ret;

	if (target && !stat(target, &st) && !S_ISREG(st.st_mode))
		ret = write_special(target, data, bytes);
	else
		ret = write_replacing(target ? target : path, data, bytes);
	free(target);
	if (!ret)
		return EXIT_OK;
	complain("%s: %s", path, strerror(-ret));
	return EXIT_FAILED;
}
