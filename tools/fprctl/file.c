/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "fprctl.h"

static int open_checked(const char *path, uint64_t bytes, int *fd)
{
	struct stat st;

	/* A pipe without a writer must be refused, not waited for. */
	*fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
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
