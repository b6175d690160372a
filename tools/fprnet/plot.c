/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <json-c/json.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "files.h"
#include "fprnet.h"
#include "plot.h"

/* Where Debian's packages put modules; what comes first in PATH may not have them. */
#define PYTHON "/usr/bin/python3"

static void become_python(int in, const char *script, const char *path, const char *check)
{
	const char *given = getenv("PYTHON"), *python = given && *given ? given : PYTHON;

	if (dup2(in, STDIN_FILENO) < 0)
		_exit(127);
	execlp(python, python, script, path, check, (char *)NULL);
	fprintf(stderr, "fprnet: --plot needs Python, %s: %s\n", python, strerror(errno));
	_exit(127);
}

static int feed(int out, const char *text)
{
	size_t left = strlen(text);

	while (left) {
		ssize_t n = write(out, text, left);

		if (n < 0 && errno == EINTR)
			continue;
		/* The reader has gone and said why. */
		if (n < 0)
			return -errno;
		text += n;
		left -= (size_t)n;
	}
	return 0;
}

static int wait_for(pid_t child)
{
	int status;

	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return EXIT_FAILED;
	if (WIFEXITED(status) && (!WEXITSTATUS(status) || WEXITSTATUS(status) == EXIT_USAGE))
		return WEXITSTATUS(status);
	return EXIT_FAILED;
}

static int run(const char *text, const char *path, const char *check)
{
	char script[FILES_PATH_MAX];
	int ends[2];
	pid_t child;

	if (files_find("plot.py", script, sizeof(script)) || pipe(ends)) {
		complain("--plot: %s", "cannot start: plot.py is not there, or there is no pipe");
		return EXIT_FAILED;
	}
	signal(SIGPIPE, SIG_IGN);
	fflush(NULL);
	child = fork();
	if (!child) {
		close(ends[1]);
		become_python(ends[0], script, path, check);
	}
	close(ends[0]);
	if (child > 0)
		feed(ends[1], text);
	close(ends[1]);
	return child > 0 ? wait_for(child) : EXIT_FAILED;
}

int plot_check(const char *path)
{
	return run("", path, "check");
}

int plot(struct json_object *report, const char *path)
{
	return run(json_object_to_json_string(report), path, NULL);
}
