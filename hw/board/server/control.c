/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "control.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "command.h"
#include "device.h"
#include "exit.h"

#define CLIENTS 8

/* Who is connected, with what of a line has come so far. */
struct client {
	int fd;
	size_t n;
	bool overlong;
	char line[FPR_COMMAND_MAX];
};

struct fpr_control {
	struct fpr_device *device;
	struct sockaddr_un address;
	int listen_fd, stop_fd;
	pthread_t thread;
	struct client client[CLIENTS];
};

/* ---- clients ------------------------------------------------------------ */

static void hang_up(struct client *client)
{
	close(client->fd);
	client->fd = -1;
}

static void answer(struct fpr_control *control, struct client *client)
{
	char text[FPR_ANSWER_MAX];
	size_t n;

	if (client->overlong)
		snprintf(text, sizeof(text), "error: too long");
	else if (!client->n)
		return;
	else
		fpr_command(control->device, client->line, text, sizeof(text) - 1);
	n = strlen(text);
	text[n] = '\n';
	/* A client that does not read its answers is not waited for. */
	if (send(client->fd, text, n + 1, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)n + 1)
		hang_up(client);
}

static void take_byte(struct fpr_control *control, struct client *client, char byte)
{
	if (byte == '\n') {
		client->line[client->n] = 0;
		answer(control, client);
		client->n = 0;
		client->overlong = false;
	} else if (client->n + 1 < sizeof(client->line)) {
		/* A zero would end the line early. */
		client->line[client->n++] = byte ? byte : '?';
	} else {
		client->overlong = true;
	}
}

static void hear(struct fpr_control *control, struct client *client)
{
	char bytes[FPR_COMMAND_MAX];
	ssize_t n = recv(client->fd, bytes, sizeof(bytes), MSG_DONTWAIT);

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0)
		hang_up(client);
	for (ssize_t i = 0; i < n && client->fd >= 0; i++)
		take_byte(control, client, bytes[i]);
}

static void welcome(struct fpr_control *control)
{
	int fd = accept4(control->listen_fd, NULL, NULL, SOCK_CLOEXEC);

	for (unsigned int i = 0; i < CLIENTS && fd >= 0; i++) {
		if (control->client[i].fd >= 0)
			continue;
		control->client[i] = (struct client){.fd = fd};
		return;
	}
	if (fd >= 0)
		close(fd);
}

/* ---- the thread --------------------------------------------------------- */

/* Milliseconds until the board is to disappear; -1: never. Disappears when it is time. */
static int time_left(struct fpr_device *device)
{
	uint64_t at, now = fpr_device_now();

	pthread_mutex_lock(&device->lock);
	at = device->exit_at;
	pthread_mutex_unlock(&device->lock);
	if (at && at <= now)
		_exit(EXIT_GONE);
	return at ? (int)((at - now) / 1000000u) + 1 : -1;
}

static void *control_main(void *data)
{
	struct fpr_control *control = data;
	struct pollfd fds[CLIENTS + 2];

	for (;;) {
		fds[0] = (struct pollfd){.fd = control->stop_fd, .events = POLLIN};
		fds[1] = (struct pollfd){.fd = control->listen_fd, .events = POLLIN};
		for (unsigned int i = 0; i < CLIENTS; i++)
			fds[i + 2] = (struct pollfd){.fd = control->client[i].fd, .events = POLLIN};
		if (poll(fds, CLIENTS + 2, time_left(control->device)) < 0)
			continue;
		if (fds[0].revents)
			return NULL;
		for (unsigned int i = 0; i < CLIENTS; i++)
			if (fds[i + 2].revents)
				hear(control, &control->client[i]);
		if (fds[1].revents)
			welcome(control);
	}
}

/* ---- life --------------------------------------------------------------- */

static int set_address(struct sockaddr_un *address, const char *path)
{
	if (strlen(path) >= sizeof(address->sun_path))
		return -ENAMETOOLONG;
	memset(address, 0, sizeof(*address));
	address->sun_family = AF_UNIX;
	strcpy(address->sun_path, path);
	return 0;
}

static int listen_at(struct fpr_control *control, const char *path)
{
	int err = set_address(&control->address, path);

	if (err)
		return err;
	unlink(path);
	control->listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (control->listen_fd < 0 ||
	    bind(control->listen_fd, (const struct sockaddr *)&control->address,
		 sizeof(control->address)) ||
	    listen(control->listen_fd, CLIENTS))
		return -errno;
	return 0;
}

static void release(struct fpr_control *control)
{
	for (unsigned int i = 0; i < CLIENTS; i++)
		if (control->client[i].fd >= 0)
			hang_up(&control->client[i]);
	if (control->listen_fd >= 0) {
		close(control->listen_fd);
		unlink(control->address.sun_path);
	}
	if (control->stop_fd >= 0)
		close(control->stop_fd);
	free(control);
}

static int start_thread(struct fpr_control *control)
{
	sigset_t all, old;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	err = pthread_create(&control->thread, NULL, control_main, control);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return -err;
}

int fpr_control_start(struct fpr_device *device, const char *path, struct fpr_control **out)
{
	struct fpr_control *control = calloc(1, sizeof(*control));
	int err = 0;

	if (!control)
		return -ENOMEM;
	control->device = device;
	control->listen_fd = -1;
	for (unsigned int i = 0; i < CLIENTS; i++)
		control->client[i].fd = -1;
	control->stop_fd = eventfd(0, EFD_CLOEXEC);
	if (control->stop_fd < 0)
		err = -errno;
	if (!err && path)
		err = listen_at(control, path);
	if (!err)
		err = start_thread(control);
	if (err)
		release(control);
	else
		*out = control;
	return err;
}

void fpr_control_stop(struct fpr_control *control)
{
	const uint64_t one = 1;

	if (!control)
		return;
	while (write(control->stop_fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
	pthread_join(control->thread, NULL);
	release(control);
}

/* ---- the other side ----------------------------------------------------- */

static int exchange(int fd, const char *command)
{
	char text[FPR_ANSWER_MAX];
	size_t n = 0;
	ssize_t got = 1;

	if (dprintf(fd, "%s\n", command) < 0)
		return -errno;
	while (n + 1 < sizeof(text) && !memchr(text, '\n', n)) {
		got = read(fd, text + n, sizeof(text) - 1 - n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got ? -errno : -EPIPE;
		n += (size_t)got;
	}
	text[n] = 0;
	fputs(text, stdout);
	return strncmp(text, "error", 5) ? 0 : -EINVAL;
}

int fpr_control_send(const char *path, const char *command)
{
	struct sockaddr_un address;
	int err = set_address(&address, path);
	int fd;

	if (err)
		return err;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)))
		err = -errno;
	else
		err = exchange(fd, command);
	close(fd);
	return err;
}
