/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "vfu_device.h"

/* What a handler makes of a request: a positive errno, or the parts of the reply. */
struct reply {
	int error;
	void *part, *part2;
	size_t n, n2;
	int fd; /* sent along; not closed */
	union {
		char version[256];
		struct vfu_info info;
		struct vfu_region_info region;
		struct vfu_irq_info irq;
		struct vfu_access access;
	} u;
};

struct request {
	uint8_t *body;
	uint32_t n;
	int *fds;
	unsigned int n_fds;
};

static void answer_with(struct reply *reply, void *part, size_t n)
{
	reply->part = part;
	reply->n = n;
}

/* Copies the fixed part of a request, which need not be aligned. */
static bool take(const struct request *request, struct reply *reply, void *to, size_t n)
{
	if (request->n < n) {
		reply->error = EINVAL;
		return false;
	}
	memcpy(to, request->body, n);
	return true;
}

static void version(struct vfu *v, const struct request *request, struct reply *reply)
{
	uint16_t number[2];
	int n;

	if (!take(request, reply, number, sizeof(number)))
		return;
	if (number[0] != 0) {
		reply->error = EPROTONOSUPPORT;
		return;
	}
	if (request->n > sizeof(number)) {
		request->body[request->n - 1] = 0;
		vfu_ask_limit(v, (const char *)request->body + sizeof(number));
	}
	number[1] = number[1] > 1 ? 1 : number[1];
	memcpy(reply->u.version, number, sizeof(number));
	n = snprintf(reply->u.version + sizeof(number), sizeof(reply->u.version) - sizeof(number),
		     "{\"capabilities\":{\"max_msg_fds\":%u,\"max_data_xfer_size\":%u,"
		     "\"max_dma_maps\":65535,\"pgsizes\":4096}}",
		     VFU_FDS_MAX, VFU_DATA_MAX);
	answer_with(reply, reply->u.version, sizeof(number) + (size_t)n + 1);
}

static void dma_map(struct vfu *v, const struct request *request, struct reply *reply)
{
	struct vfu_dma_map m;

	if (take(request, reply, &m, sizeof(m)))
		reply->error = vfu_map_add(v, &m, request->n_fds ? request->fds[0] : -1);
}

static void dma_unmap(struct vfu *v, const struct request *request, struct reply *reply)
{
	struct vfu_dma_unmap m;

	if (!take(request, reply, &m, sizeof(m)))
		return;
	reply->error = vfu_map_remove(v, &m);
	answer_with(reply, request->body, sizeof(m));
}

static void get_info(struct vfu *v, const struct request *request, struct reply *reply)
{
	(void)v;
	(void)request;
	reply->u.info = (struct vfu_info){sizeof(reply->u.info), VFU_INFO_RESET | VFU_INFO_PCI,
					  VFU_REGIONS, VFU_INDICES_SHOWN};
	answer_with(reply, &reply->u.info, sizeof(reply->u.info));
}

static const struct vfu_bar *bar_of(const struct vfu *v, uint32_t region)
{
	return region < VFU_BARS && v->config.bar[region].size ? &v->config.bar[region] : NULL;
}

static void get_region_info(struct vfu *v, const struct request *request, struct reply *reply)
{
	struct vfu_region_info *r = &reply->u.region;
	const struct vfu_bar *bar;

	if (!take(request, reply, r, sizeof(*r)))
		return;
	if (r->index >= VFU_REGIONS) {
		reply->error = EINVAL;
		return;
	}
	*r = (struct vfu_region_info){.argsz = sizeof(*r), .index = r->index};
	bar = bar_of(v, r->index);
	if (bar || r->index == VFU_REGION_CONFIG) {
		r->size = bar ? bar->size : VFU_CONFIG_BYTES;
		r->flags = VFU_REGION_CAN_READ | VFU_REGION_CAN_WRITE;
	}
	if (bar && bar->fd >= 0) {
		r->flags |= VFU_REGION_CAN_MMAP;
		reply->fd = bar->fd;
	}
	answer_with(reply, r, sizeof(*r));
}

static void get_irq_info(struct vfu *v, const struct request *request, struct reply *reply)
{
	static const uint32_t flags[VFU_INDICES] = {
		VFU_IRQ_EVENTFD | VFU_IRQ_MASKABLE | VFU_IRQ_AUTOMASKED,
		VFU_IRQ_EVENTFD | VFU_IRQ_NORESIZE,
		VFU_IRQ_EVENTFD,
	};
	struct vfu_irq_info *q = &reply->u.irq;

	if (!take(request, reply, q, sizeof(*q)))
		return;
	if (q->index >= VFU_INDICES) {
		reply->error = EINVAL;
		return;
	}
	*q = (struct vfu_irq_info){sizeof(*q), flags[q->index], q->index,
				   vfu_irq_count(v, q->index)};
	answer_with(reply, q, sizeof(*q));
}

static void set_irqs(struct vfu *v, const struct request *request, struct reply *reply)
{
	struct vfu_irq_set m;

	if (take(request, reply, &m, sizeof(m)))
		reply->error = vfu_irq_set(v, &m, request->body + sizeof(m), request->n - sizeof(m),
					   request->fds, request->n_fds);
}

/* An access to a region; false when it lies outside. */
static bool access_of(const struct vfu *v, const struct request *request, struct reply *reply,
		      bool write)
{
	struct vfu_access *m = &reply->u.access;
	const struct vfu_bar *bar;
	uint64_t size;

	if (!take(request, reply, m, sizeof(*m)))
		return false;
	bar = bar_of(v, m->region);
	size = m->region == VFU_REGION_CONFIG ? VFU_CONFIG_BYTES : bar ? bar->size : 0;
	if (m->count <= VFU_DATA_MAX && m->offset <= size && m->count <= size - m->offset &&
	    (!write || m->count <= request->n - sizeof(*m)))
		return true;
	reply->error = EINVAL;
	return false;
}

static void region_read(struct vfu *v, const struct request *request, struct reply *reply)
{
	struct vfu_access *m = &reply->u.access;
	uint8_t *data = request->body + sizeof(*m);

	if (!access_of(v, request, reply, false))
		return;
	vfu_count(m->region == VFU_REGION_CONFIG ? &v->stats.config_accesses : &v->stats.reads);
	if (vfu_vanished(v))
		memset(data, 0xff, m->count);
	else if (m->region == VFU_REGION_CONFIG)
		memcpy(data, v->space + m->offset, m->count);
	else
		v->config.read(v->config.priv, m->region, m->offset, data, m->count);
	answer_with(reply, m, sizeof(*m));
	reply->part2 = data;
	reply->n2 = m->count;
}

static void region_write(struct vfu *v, const struct request *request, struct reply *reply)
{
	struct vfu_access *m = &reply->u.access;
	const uint8_t *data = request->body + sizeof(*m);

	if (!access_of(v, request, reply, true))
		return;
	vfu_count(m->region == VFU_REGION_CONFIG ? &v->stats.config_accesses : &v->stats.writes);
	if (m->region == VFU_REGION_CONFIG)
		vfu_space_write(v, (uint32_t)m->offset, data, m->count);
	else if (!vfu_vanished(v))
		v->config.write(v->config.priv, m->region, m->offset, data, m->count);
	answer_with(reply, m, sizeof(*m));
}

static void reset(struct vfu *v, const struct request *request, struct reply *reply)
{
	(void)request;
	(void)reply;
	vfu_reset(v);
}

static void (*const handlers[])(struct vfu *v, const struct request *request,
				struct reply *reply) = {
	[VFU_VERSION] = version,
	[VFU_DMA_MAP] = dma_map,
	[VFU_DMA_UNMAP] = dma_unmap,
	[VFU_GET_INFO] = get_info,
	[VFU_GET_REGION_INFO] = get_region_info,
	[VFU_GET_IRQ_INFO] = get_irq_info,
	[VFU_SET_IRQS] = set_irqs,
	[VFU_REGION_READ] = region_read,
	[VFU_REGION_WRITE] = region_write,
	[VFU_RESET] = reset,
};

int vfu_answer(struct vfu *v, const struct vfu_header *header, uint8_t *body, uint32_t n, int *fds,
	       unsigned int n_fds)
{
	const struct request request = {body, n, fds, n_fds};
	struct vfu_header out = {.id = header->id, .command = header->command, .flags = VFU_REPLY};
	struct reply reply = {.fd = -1};

	vfu_count(&v->stats.messages);
	if (header->command < sizeof(handlers) / sizeof(handlers[0]) && handlers[header->command])
		handlers[header->command](v, &request, &reply);
	else
		reply.error = ENOTSUP;
	if (header->flags & VFU_NO_REPLY) {
		vfu_count(&v->stats.posted_writes);
		return 0;
	}
	if (!reply.error)
		return vfu_send(v, &out, reply.part, reply.n, reply.part2, reply.n2, reply.fd);
	/* The reply to what went wrong is a bare header. */
	out.flags |= VFU_ERROR;
	out.error = (uint32_t)reply.error;
	return vfu_send(v, &out, NULL, 0, NULL, 0, -1);
}
