/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* pipe2(), environ */
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#include "system.h"
#include "unpack.h"

#define BYTES_MAX (64u << 20)

static char *const xz[] = {(char[]){"xz"}, (char[]){"-dc"}, NULL};
static char *const zstd[] = {(char[]){"zstd"}, (char[]){"-dc"}, NULL};

/* What unpacks it; NULL: zlib reads it, packed or not. */
static char *const *unpacker_of(const char *path)
{
	const char *ending = strrchr(path, '.');

	if (ending && !strcmp(ending, ".xz"))
		return xz;
	return ending && !strcmp(ending, ".zst") ? zstd : NULL;
}

/* Return: 0 or -1. No shell is needed, and no file name reaches the program. */
static int start(char *const *words, int from, int to, pid_t *child)
{
	posix_spawn_file_actions_t files;
	int ret = posix_spawn_file_actions_init(&files);

	if (ret)
		return -1;
	ret = posix_spawn_file_actions_adddup2(&files, from, STDIN_FILENO);
	if (!ret)
		ret = posix_spawn_file_actions_adddup2(&files, to, STDOUT_FILENO);
	if (!ret)
		ret = posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY,
						       0);
	if (!ret)
		ret = posix_spawnp(child, words[0], &files, NULL, words, environ);
	posix_spawn_file_actions_destroy(&files);
	return ret ? -1 : 0;
}

/* Takes a file. Return: what is in it comes from there, or -1. */
static int unpack(char *const *words, int file, pid_t *child)
{
	int ends[2], ret;

	if (pipe2(ends, O_CLOEXEC)) {
		close(file);
		return -1;
	}
	ret = start(words, file, ends[1], child);
	close(file);
	close(ends[1]);
	if (!ret)
		return ends[0];
	close(ends[0]);
	return -1;
}

static char *read_all(gzFile file, size_t *bytes)
{
	char *text = NULL, *more;
	size_t used = 0;
	int n;

	for (size_t room = 1u << 16; room <= BYTES_MAX; room *= 2) {
		more = realloc(text, room + 1);
		if (!more)
			break;
		text = more;
		n = gzread(file, text + used, (unsigned int)(room - used));
		if (n < 0)
			break;
		used += (size_t)n;
		if (used == room)
			continue;
		if (!used)
			break;
		text[used] = 0;
		*bytes = used;
		return text;
	}
	free(text);
	return NULL;
}

char *unpack_file(const char *path, size_t *bytes)
{
	char *const *words = unpacker_of(path);
	char real[SYSTEM_PATH_MAX], *text;
	int fd, status = 0;
	pid_t child = 0;
	gzFile file;

	system_path(real, "%s", path);
	fd = open(real, O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && words)
		fd = unpack(words, fd, &child);
	if (fd < 0)
		return NULL;
	file = gzdopen(fd, "rb");
	text = file ? read_all(file, bytes) : NULL;
	if ((file ? gzclose(file) : close(fd)) != 0)
		status = 1;
	if (child && waitpid(child, &status, 0) != child)
		status = 1;
	if (!status)
		return text;
	free(text);
	return NULL;
}
