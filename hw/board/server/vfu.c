/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "vfu_device.h"

/* ---- transport ---------------------------------------------------------- */

/* Until @fd can be read; -ECANCELED when the server is to stop. */
static int wait_readable(const struct vfu *v, int fd)
{
	struct pollfd fds[] = {{.fd = fd, .events = POLLIN}, {.fd = v->stop_fd, .events = POLLIN}};

	while (poll(fds, 2, -1) < 0)
		if (errno != EINTR)
			return -errno;
	return fds[1].revents ? -ECANCELED : 0;
}

/* Descriptors that came along; what is too many is closed. */
static void collect(struct msghdr *message, int *fds, unsigned int *n_fds)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
		size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < n; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof(fd), sizeof(fd));
			if (*n_fds < VFU_FDS_MAX)
				fds[(*n_fds)++] = fd;
			else
				close(fd);
		}
	}
}

static int receive(const struct vfu *v, void *to, size_t n, int *fds, unsigned int *n_fds)
{
	uint8_t *p = to;

	while (n) {
		union {
			struct cmsghdr header;
			char bytes[CMSG_SPACE(VFU_FDS_MAX * sizeof(int))];
		} control;
		struct iovec part = {p, n};
		struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
		int err = wait_readable(v, v->fd);
		ssize_t got;

		if (err)
			return err;
		message.msg_control = control.bytes;
		message.msg_controllen = sizeof(control.bytes);
		got = recvmsg(v->fd, &message, MSG_CMSG_CLOEXEC);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got ? -errno : -EPIPE;
		collect(&message, fds, n_fds);
		p += got;
		n -= (size_t)got;
	}
	return 0;
}

static void attach(struct msghdr *message, void *control, size_t room, int fd)
{
	struct cmsghdr *c;

	memset(control, 0, room);
	message->msg_control = control;
	message->msg_controllen = room;
	c = CMSG_FIRSTHDR(message);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
}

static void advance(struct iovec *parts, unsigned int n, size_t sent)
{
	for (unsigned int i = 0; i < n && sent; i++) {
		size_t step = sent < parts[i].iov_len ? sent : parts[i].iov_len;

		parts[i].iov_base = (uint8_t *)parts[i].iov_base + step;
		parts[i].iov_len -= step;
		sent -= step;
	}
}

/* Until the client takes more; -ECANCELED when the server is to stop. */
static int wait_writable(const struct vfu *v)
{
	struct pollfd fds[] = {{.fd = v->fd, .events = POLLOUT},
			       {.fd = v->stop_fd, .events = POLLIN}};

	while (poll(fds, 2, -1) < 0)
		if (errno != EINTR)
			return -errno;
	return fds[1].revents ? -ECANCELED : 0;
}

/* All in one sendmsg: clients do not take a header that comes alone. */
static int send_locked(struct vfu *v, struct vfu_header *header, void *part, size_t n, void *part2,
		       size_t n2, int fd)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec parts[] = {{header, sizeof(*header)}, {part, n}, {part2, n2}};
	struct msghdr message = {.msg_iov = parts, .msg_iovlen = 3};
	size_t left = sizeof(*header) + n + n2;

	header->size = (uint32_t)left;
	if (fd >= 0)
		attach(&message, control.bytes, sizeof(control.bytes), fd);
	while (left) {
		ssize_t sent = sendmsg(v->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
		int err = 0;

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
			err = wait_writable(v);
			if (err)
				return err;
			continue;
		}
		if (sent <= 0)
			return -errno;
		left -= (size_t)sent;
		message.msg_control = NULL;
		message.msg_controllen = 0;
		advance(parts, 3, (size_t)sent);
	}
	return 0;
}

int vfu_send(struct vfu *v, struct vfu_header *header, void *part, size_t n, void *part2, size_t n2,
	     int fd)
{
	int err;

	pthread_mutex_lock(&v->send_lock);
	err = send_locked(v, header, part, n, part2, n2, fd);
	pthread_mutex_unlock(&v->send_lock);
	return err;
}

/* ---- serving ------------------------------------------------------------ */

static int serve_one(struct vfu *v)
{
	struct vfu_header header;
	int fds[VFU_FDS_MAX];
	unsigned int n_fds = 0;
	uint32_t n = 0;
	int err;

	err = receive(v, &header, sizeof(header), fds, &n_fds);
	if (!err && (header.size < sizeof(header) || header.size > VFU_MESSAGE_MAX))
		err = -EPROTO;
	if (!err) {
		n = header.size - (uint32_t)sizeof(header);
		err = receive(v, v->message, n, fds, &n_fds);
	}
	if (!err && !(header.flags & VFU_TYPE))
		err = vfu_answer(v, &header, v->message, n, fds, n_fds);
	else if (!err && (header.flags & VFU_TYPE) == VFU_REPLY)
		vfu_ask_answered(v, &header, v->message, n);
	for (unsigned int i = 0; i < n_fds; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	return err;
}

int vfu_serve(struct vfu *v, int fd)
{
	int err;

	pthread_mutex_lock(&v->send_lock);
	v->fd = fd;
	pthread_mutex_unlock(&v->send_lock);
	vfu_ask_limit(v, "");
	vfu_ask_open(v);
	do {
		err = serve_one(v);
	} while (!err);
	/* Nobody is there any more whose memory the device might touch. */
	vfu_ask_close(v);
	/* Ends a message that the client does not take any more. */
	shutdown(fd, SHUT_RDWR);
	vfu_reset(v);
	vfu_ask_close(v);
	vfu_map_clear(v);
	vfu_irq_clear(v);
	pthread_mutex_lock(&v->send_lock);
	close(fd);
	v->fd = -1;
	pthread_mutex_unlock(&v->send_lock);
	return err == -EPIPE || err == -ECONNRESET ? 0 : err;
}

int vfu_listen(struct vfu *v, const char *path)
{
	if (strlen(path) >= sizeof(v->address.sun_path))
		return -ENAMETOOLONG;
	v->address.sun_family = AF_UNIX;
	strcpy(v->address.sun_path, path);
	unlink(path);
	v->listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (v->listen_fd < 0)
		return -errno;
	if (bind(v->listen_fd, (const struct sockaddr *)&v->address, sizeof(v->address)) ||
	    listen(v->listen_fd, 1))
		return -errno;
	return 0;
}

int vfu_accept(struct vfu *v)
{
	int err = wait_readable(v, v->listen_fd);
	int fd;

	if (err)
		return err;
	fd = accept4(v->listen_fd, NULL, NULL, SOCK_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

void vfu_stop(struct vfu *v)
{
	const uint64_t one = 1;
	int saved = errno;

	if (write(v->stop_fd, &one, sizeof(one)) < 0)
		errno = saved;
}

void vfu_vanish(struct vfu *v)
{
	__atomic_store_n(&v->vanished, 1, __ATOMIC_RELAXED);
	__atomic_store_n(&v->master, 0, __ATOMIC_RELAXED);
}

void vfu_stats(struct vfu *v, struct vfu_stats *stats)
{
	const uint64_t *from = (const uint64_t *)&v->stats;
	uint64_t *to = (uint64_t *)stats;

	for (size_t i = 0; i < sizeof(*stats) / sizeof(*to); i++)
		to[i] = __atomic_load_n(&from[i], __ATOMIC_RELAXED);
}

/* ---- life --------------------------------------------------------------- */

struct vfu *vfu_new(const struct vfu_config *config)
{
	struct vfu *v = calloc(1, sizeof(*v));

	if (!v)
		return NULL;
	v->config = *config;
	v->fd = -1;
	v->listen_fd = -1;
	pthread_rwlock_init(&v->dma_lock, NULL);
	pthread_mutex_init(&v->irq_lock, NULL);
	vfu_ask_init(v);
	v->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	v->message = malloc(VFU_MESSAGE_MAX);
	v->msi_granted = 1;
	if (vfu_irq_init(v) || v->stop_fd < 0 || !v->message) {
		vfu_free(v);
		return NULL;
	}
	vfu_space_init(v);
	return v;
}

void vfu_free(struct vfu *v)
{
	if (!v)
		return;
	if (v->listen_fd >= 0) {
		close(v->listen_fd);
		unlink(v->address.sun_path);
	}
	if (v->stop_fd >= 0)
		close(v->stop_fd);
	for (unsigned int i = 0; i < VFU_INDICES; i++)
		free(v->event[i]);
	free(v->map);
	free(v->message);
	pthread_rwlock_destroy(&v->dma_lock);
	pthread_mutex_destroy(&v->irq_lock);
	vfu_ask_free(v);
	free(v);
}
