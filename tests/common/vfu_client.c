/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/pci_regs.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "vfu_client.h"

#define PATIENCE_MS 60000

static void *serve(void *data)
{
	struct vfu_client *client = data;

	client->served = vfu_serve(client->device->vfu, client->server_fd);
	return NULL;
}

static struct vfu_client *open_with(enum vfu_irq_kind irq, enum fpr_board_model model,
				    struct fpr_recorder *recorder)
{
	struct fpr_device_options options = {
		.board = {.model = model, .threads = 1},
		.irq = irq,
		.memory = CLIENT_BOARD_BYTES,
		.scratch = 16u << 20,
		.recorder = recorder,
	};
	struct vfu_client *client = calloc(1, sizeof(*client));
	int pair[2];

	assert_non_null(client);
	assert_int_equal(fpr_device_create(&options, &client->device), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	client->fd = pair[0];
	client->server_fd = pair[1];
	client->got_fd = -1;
	client->memory_fd = memfd_create("guest", MFD_CLOEXEC);
	assert_int_equal(ftruncate(client->memory_fd, CLIENT_BYTES), 0);
	client->memory =
		mmap(NULL, CLIENT_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, client->memory_fd, 0);
	assert_true(client->memory != MAP_FAILED);
	assert_int_equal(pthread_create(&client->thread, NULL, serve, client), 0);
	return client;
}

struct vfu_client *client_open(enum vfu_irq_kind irq)
{
	return open_with(irq, FPR_BOARD_FAST, NULL);
}

struct vfu_client *client_open_model(enum vfu_irq_kind irq, enum fpr_board_model model)
{
	return open_with(irq, model, NULL);
}

struct vfu_client *client_open_recorded(enum vfu_irq_kind irq, struct fpr_recorder *recorder)
{
	return open_with(irq, FPR_BOARD_FAST, recorder);
}

int client_close(struct vfu_client *client)
{
	int served;

	shutdown(client->fd, SHUT_RDWR);
	pthread_join(client->thread, NULL);
	served = client->served;
	close(client->fd);
	if (client->got_fd >= 0)
		close(client->got_fd);
	fpr_device_destroy(client->device);
	munmap(client->memory, CLIENT_BYTES);
	free(client->peer);
	close(client->memory_fd);
	free(client);
	return served;
}

/* ---- messages ----------------------------------------------------------- */

void client_raw(struct vfu_client *client, const void *bytes, size_t n)
{
	const uint8_t *p = bytes;

	while (n) {
		ssize_t sent = send(client->fd, p, n, MSG_NOSIGNAL);

		/* The server may have hung up, which is for the test to see. */
		if (sent <= 0)
			return;
		p += sent;
		n -= (size_t)sent;
	}
}

void client_send(struct vfu_client *client, uint16_t command, uint32_t flags, const void *body,
		 uint32_t n, int fd)
{
	struct vfu_header header = {++client->id, command, (uint32_t)sizeof(header) + n, flags, 0};
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct iovec part = {&header, sizeof(header)};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};

	if (fd >= 0) {
		message.msg_control = control.bytes;
		message.msg_controllen = sizeof(control.bytes);
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof(fd));
		memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	}
	if (sendmsg(client->fd, &message, MSG_NOSIGNAL) == sizeof(header) && n)
		client_raw(client, body, n);
}

static bool receive(struct vfu_client *client, void *to, size_t n)
{
	uint8_t *p = to;

	while (n) {
		union {
			struct cmsghdr header;
			char bytes[CMSG_SPACE(sizeof(int))];
		} control;
		struct iovec part = {p, n};
		struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
		struct pollfd wait = {.fd = client->fd, .events = POLLIN};
		struct cmsghdr *c;
		ssize_t got;

		message.msg_control = control.bytes;
		message.msg_controllen = sizeof(control.bytes);
		assert_int_equal(poll(&wait, 1, PATIENCE_MS), 1);
		got = recvmsg(client->fd, &message, MSG_CMSG_CLOEXEC);
		if (got <= 0)
			return false;
		c = CMSG_FIRSTHDR(&message);
		if (c && c->cmsg_type == SCM_RIGHTS)
			memcpy(&client->got_fd, CMSG_DATA(c), sizeof(int));
		p += got;
		n -= (size_t)got;
	}
	return true;
}

/* ---- questions ---------------------------------------------------------- */

static uint8_t *peer_at(struct vfu_client *client, const struct vfu_dma_access *access)
{
	uint64_t offset = access->address - CLIENT_PEER;

	/* The board asks only for what it was told of. */
	assert_true(access->count && access->count <= CLIENT_PEER_MOST);
	assert_true(offset < CLIENT_PEER_BYTES && access->count <= CLIENT_PEER_BYTES - offset);
	return client->peer + offset;
}

void client_answer(struct vfu_client *client)
{
	struct {
		struct vfu_header header;
		struct vfu_dma_access access;
		uint8_t data[CLIENT_PEER_MOST];
	} reply = {.header = client->question};
	uint32_t n = sizeof(reply.header);

	memcpy(&reply.access, client->question_body, sizeof(reply.access));
	reply.header.flags = VFU_REPLY;
	if (client->manners == CLIENT_REFUSES || !client->peer) {
		reply.header.flags |= VFU_ERROR;
		reply.header.error = EFAULT;
	} else if (client->question.command == VFU_DMA_WRITE) {
		memcpy(peer_at(client, &reply.access), client->question_body + sizeof(reply.access),
		       reply.access.count);
	} else {
		memcpy(reply.data, peer_at(client, &reply.access), reply.access.count);
		n += (uint32_t)(sizeof(reply.access) + reply.access.count);
		n -= client->manners == CLIENT_STINTS;
	}
	reply.header.size = n;
	client_raw(client, &reply, n);
}

static void take_question(struct vfu_client *client)
{
	client->question = client->reply;
	memcpy(client->question_body, client->body, sizeof(client->question_body));
	client->asked++;
	assert_true(client->reply.command == VFU_DMA_READ ||
		    client->reply.command == VFU_DMA_WRITE);
	if (client->manners != CLIENT_IS_SILENT)
		client_answer(client);
}

static bool receive_one(struct vfu_client *client)
{
	uint32_t n;

	if (client->got_fd >= 0)
		close(client->got_fd);
	client->got_fd = -1;
	if (!receive(client, &client->reply, sizeof(client->reply)))
		return false;
	assert_int_equal(!client->reply.error, !(client->reply.flags & VFU_ERROR));
	n = client->reply.size - (uint32_t)sizeof(client->reply);
	assert_true(n <= sizeof(client->body));
	return receive(client, client->body, n);
}

/* Questions that come before the reply are seen to. */
bool client_receive(struct vfu_client *client)
{
	while (receive_one(client)) {
		if ((client->reply.flags & VFU_TYPE) == VFU_REPLY)
			return true;
		assert_int_equal(client->reply.flags, 0);
		take_question(client);
	}
	return false;
}

uint32_t client_ask(struct vfu_client *client, uint16_t command, const void *body, uint32_t n,
		    int fd)
{
	client_send(client, command, 0, body, n, fd);
	assert_true(client_receive(client));
	assert_int_equal(client->reply.id, client->id);
	assert_int_equal(client->reply.command, command);
	return client->reply.error;
}

uint64_t client_read(struct vfu_client *client, uint32_t region, uint64_t offset, uint32_t n)
{
	struct vfu_access access = {offset, region, n};
	uint64_t value = 0;

	assert_int_equal(client_ask(client, VFU_REGION_READ, &access, sizeof(access), -1), 0);
	assert_int_equal(client->reply.size, sizeof(client->reply) + sizeof(access) + n);
	memcpy(&value, client->body + sizeof(access), n);
	return value;
}

void client_write(struct vfu_client *client, uint32_t region, uint64_t offset, uint64_t value,
		  uint32_t n)
{
	struct {
		struct vfu_access access;
		uint64_t value;
	} body = {{offset, region, n}, value};

	assert_int_equal(
		client_ask(client, VFU_REGION_WRITE, &body, (uint32_t)sizeof(body.access) + n, -1),
		0);
}

uint32_t reg_read(struct vfu_client *client, uint32_t offset)
{
	return (uint32_t)client_read(client, FPR_BAR_REGS, offset, 4);
}

void reg_write(struct vfu_client *client, uint32_t offset, uint32_t value)
{
	client_write(client, FPR_BAR_REGS, offset, value, 4);
}

void client_ready(struct vfu_client *client)
{
	struct vfu_dma_map map = {sizeof(map), VFU_MAP_READ | VFU_MAP_WRITE, 0, CLIENT_BUS,
				  CLIENT_BYTES};
	uint32_t version = 0;

	assert_int_equal(client_ask(client, VFU_VERSION, &version, sizeof(version), -1), 0);
	assert_int_equal(client_ask(client, VFU_DMA_MAP, &map, sizeof(map), client->memory_fd), 0);
	client_write(client, VFU_REGION_CONFIG, PCI_COMMAND,
		     PCI_COMMAND_MASTER | PCI_COMMAND_MEMORY, 2);
}

void client_peer(struct vfu_client *client, uint32_t flags)
{
	struct vfu_dma_map map = {sizeof(map), flags, 0, CLIENT_PEER, CLIENT_PEER_BYTES};
	struct {
		uint16_t number[2];
		char json[64];
	} version = {.json = "{\"capabilities\":{\"max_data_xfer_size\": 4096}}"};

	client->peer = calloc(1, CLIENT_PEER_BYTES);
	assert_non_null(client->peer);
	assert_int_equal(client_ask(client, VFU_VERSION, &version, sizeof(version), -1), 0);
	assert_int_equal(client_ask(client, VFU_DMA_MAP, &map, sizeof(map), -1), 0);
}

/* ---- interrupts --------------------------------------------------------- */

int client_event(struct vfu_client *client, uint32_t index, uint32_t vector)
{
	struct vfu_irq_set set = {sizeof(set), VFU_SET_EVENTFD | VFU_SET_TRIGGER, index, vector, 1};
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	assert_true(fd >= 0);
	assert_int_equal(client_ask(client, VFU_SET_IRQS, &set, sizeof(set), fd), 0);
	return fd;
}

void wait_event(int fd)
{
	struct pollfd wait = {.fd = fd, .events = POLLIN};
	uint64_t n;

	assert_int_equal(poll(&wait, 1, PATIENCE_MS), 1);
	assert_int_equal(read(fd, &n, sizeof(n)), sizeof(n));
}

bool event_is_quiet(int fd)
{
	uint64_t n;

	return read(fd, &n, sizeof(n)) < 0 && errno == EAGAIN;
}
