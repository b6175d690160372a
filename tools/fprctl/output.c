/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fprctl.h"
#include "output.h"

/* ---- signals ----------------------------------------------------------- */

static const int deadly[] = {SIGHUP, SIGINT, SIGTERM, SIGPIPE};

#define N_DEADLY (sizeof(deadly) / sizeof(deadly[0]))

static const char *volatile doomed;

/* SA_RESETHAND has put the default back: raised again, the signal ends the program. */
static void remove_doomed(int number)
{
	if (doomed)
		unlink(doomed);
	raise(number);
}

static void catch_deadly(void)
{
	struct sigaction action = {.sa_handler = remove_doomed, .sa_flags = (int)SA_RESETHAND};
	struct sigaction before;

	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < N_DEADLY; i++)
		if (!sigaction(deadly[i], NULL, &before) && before.sa_handler == SIG_DFL)
			sigaction(deadly[i], &action, NULL);
}

/* ---- opening ----------------------------------------------------------- */

static int failed(const struct output *output, int error)
{
	complain("%s: %s", output->path, strerror(-error));
	return EXIT_FAILED;
}

/* A file that is not there yet has its directory's rights, an older one keeps its own. */
static int keep_rights(int fd, const struct stat *old)
{
	mode_t mode = old->st_mode & (S_IRWXU | S_IRWXG | S_IRWXO);

	/* A group's rights are not for another group. */
	if (fchown(fd, old->st_uid, old->st_gid) && fchown(fd, (uid_t)-1, old->st_gid))
		mode &= ~(mode_t)S_IRWXG;
	return fchmod(fd, mode) ? -errno : 0;
}

static int open_replacing(struct output *output, const char *target, const struct stat *old)
{
	int ret = 0;

	/* The process id keeps two runs with one output apart. */
	if (snprintf(output->temporary, sizeof(output->temporary), "%s.%ld.tmp", target,
		     (long)getpid()) >= (int)sizeof(output->temporary))
		return -ENAMETOOLONG;
	output->target = strdup(target);
	if (!output->target)
		return -ENOMEM;
	catch_deadly();
	output->fd = open(output->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
			  old ? S_IRUSR | S_IWUSR : 0666);
	if (output->fd >= 0) {
		doomed = output->temporary;
		ret = old ? keep_rights(output->fd, old) : 0;
		if (!ret)
			return 0;
		output_discard(output);
		return ret;
	}
	ret = -errno;
	free(output->target);
	output->target = NULL;
	return ret;
}

static int open_direct(struct output *output, int is_stdout)
{
	output->fd = is_stdout ? dup(STDOUT_FILENO) : open(output->path, O_WRONLY | O_CLOEXEC);
	return output->fd < 0 ? -errno : 0;
}

static int is_standard_output(const struct stat *st)
{
	struct stat out;

	return !fstat(STDOUT_FILENO, &out) && out.st_dev == st->st_dev && out.st_ino == st->st_ino;
}

/* Links below /dev/fd and /proc lead to files that no path may name: only stat() follows. */
static int open_existing(struct output *output, const struct stat *st)
{
	const int is_stdout = is_standard_output(st);
	char *target;
	int ret;

	if (is_stdout || !S_ISREG(st->st_mode))
		return open_direct(output, is_stdout);
	target = realpath(output->path, NULL);
	if (!target)
		return -errno;
	ret = open_replacing(output, target, st);
	free(target);
	return ret;
}

int output_open(struct output *output, const char *path)
{
	struct stat st;
	int ret;

	*output = (struct output){.path = path, .fd = -1};
	if (!stat(path, &st))
		ret = open_existing(output, &st);
	else if (errno != ENOENT)
		ret = -errno;
	else if (!lstat(path, &st)) {
		complain("%s: a link to a file that is not there", path);
		return EXIT_USAGE;
	} else {
		ret = open_replacing(output, path, NULL);
	}
	if (!ret)
		return EXIT_OK;
	failed(output, ret);
	return EXIT_USAGE;
}

/* ---- writing ----------------------------------------------------------- */

int output_write(struct output *output, const void *data, uint64_t bytes)
{
	uint64_t done = 0;

	while (done < bytes) {
		ssize_t n = write(output->fd, (const char *)data + done, bytes - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return failed(output, -errno);
		done += (uint64_t)n;
	}
	/* Devices and pipes cannot be told to store. */
	if (output->target && fsync(output->fd))
		return failed(output, -errno);
	return EXIT_OK;
}

static int close_fd(struct output *output)
{
	int ret = close(output->fd) ? -errno : 0;

	output->fd = -1;
	return ret;
}

int output_commit(struct output *output)
{
	int ret = close_fd(output);

	if (!ret && output->target && rename(output->temporary, output->target))
		ret = -errno;
	if (!ret)
		doomed = NULL;
	else
		failed(output, ret);
	output_discard(output);
	return ret ? EXIT_FAILED : EXIT_OK;
}

void output_discard(struct output *output)
{
	if (output->fd >= 0)
		close_fd(output);
	if (doomed)
		unlink(doomed);
	doomed = NULL;
	free(output->target);
	output->target = NULL;
}
