/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "vfu_device.h"

/*
 * Memory that the client does not share, a peer's for example, is reached by asking the
 * client. Engines ask and wait, the server's thread reads the answers; so nobody
 * may ask who holds what that thread could want.
 */

/* An answer that takes longer will not come: the bus gives up as well. */
#define PATIENCE_S 10

/* Until the client names its limit. */
#define DATA_DEFAULT VFU_DATA_MAX

/* On the stack of the thread that waits. */
struct vfu_question {
	struct vfu_question *next;
	uint16_t id, command;
	void *to;
	size_t n;
	bool answered;
	int error; /* negative */
};

void vfu_ask_init(struct vfu *v)
{
	pthread_condattr_t attr;

	pthread_mutex_init(&v->send_lock, NULL);
	pthread_mutex_init(&v->ask_lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&v->answered, &attr);
	pthread_condattr_destroy(&attr);
}

void vfu_ask_free(struct vfu *v)
{
	pthread_cond_destroy(&v->answered);
	pthread_mutex_destroy(&v->ask_lock);
	pthread_mutex_destroy(&v->send_lock);
}

void vfu_ask_open(struct vfu *v)
{
	pthread_mutex_lock(&v->ask_lock);
	v->may_ask = true;
	if (!v->data_max)
		v->data_max = DATA_DEFAULT;
	pthread_mutex_unlock(&v->ask_lock);
}

static void end(struct vfu_question *q, int error)
{
	q->answered = true;
	q->error = error;
}

void vfu_ask_close(struct vfu *v)
{
	pthread_mutex_lock(&v->ask_lock);
	v->may_ask = false;
	for (struct vfu_question *q = v->asked; q; q = q->next)
		end(q, -ECANCELED);
	v->asked = NULL;
	pthread_cond_broadcast(&v->answered);
	pthread_mutex_unlock(&v->ask_lock);
}

void vfu_ask_limit(struct vfu *v, const char *capabilities)
{
	static const char name[] = "\"max_data_xfer_size\"";
	const char *at = strstr(capabilities, name);
	unsigned long long most = VFU_DATA_MAX;

	if (at) {
		at += sizeof(name) - 1;
		most = strtoull(at + strspn(at, " \t\r\n:"), NULL, 10);
	}
	pthread_mutex_lock(&v->ask_lock);
	v->data_max = !most || most > VFU_DATA_MAX ? VFU_DATA_MAX : (size_t)most;
	pthread_mutex_unlock(&v->ask_lock);
}

/* Takes @q off the list; false when somebody else has. */
static bool forget(struct vfu *v, const struct vfu_question *q)
{
	struct vfu_question **link = &v->asked;

	while (*link && *link != q)
		link = &(*link)->next;
	if (!*link)
		return false;
	*link = q->next;
	return true;
}

static bool begin(struct vfu *v, struct vfu_question *q)
{
	bool may;

	pthread_mutex_lock(&v->ask_lock);
	may = v->may_ask;
	if (may) {
		q->n = q->n < v->data_max ? q->n : v->data_max;
		q->id = v->next_id++;
		q->next = v->asked;
		v->asked = q;
	}
	pthread_mutex_unlock(&v->ask_lock);
	return may;
}

static int await(struct vfu *v, struct vfu_question *q)
{
	struct timespec deadline;

	clock_gettime(CLOCK_MONOTONIC, &deadline);
	deadline.tv_sec += PATIENCE_S;
	pthread_mutex_lock(&v->ask_lock);
	while (!q->answered) {
		if (pthread_cond_timedwait(&v->answered, &v->ask_lock, &deadline) == ETIMEDOUT &&
		    !q->answered) {
			forget(v, q);
			end(q, -ETIMEDOUT);
		}
	}
	pthread_mutex_unlock(&v->ask_lock);
	return q->error;
}

static int ask(struct vfu *v, struct vfu_question *q, uint64_t address, void *data)
{
	struct vfu_dma_access access = {.address = address};
	struct vfu_header header = {.command = q->command};
	int err;

	if (!begin(v, q))
		return -EFAULT;
	vfu_count(&v->stats.asked);
	header.id = q->id;
	access.count = q->n;
	err = vfu_send(v, &header, &access, sizeof(access), data, data ? q->n : 0, -1);
	if (err) {
		pthread_mutex_lock(&v->ask_lock);
		if (forget(v, q))
			end(q, err);
		pthread_mutex_unlock(&v->ask_lock);
	}
	return await(v, q);
}

int vfu_ask_read(struct vfu *v, uint64_t address, void *to, size_t *n)
{
	struct vfu_question q = {.command = VFU_DMA_READ, .to = to, .n = *n};
	int err = ask(v, &q, address, NULL);

	*n = q.n;
	return err;
}

int vfu_ask_write(struct vfu *v, uint64_t address, const void *from, size_t *n)
{
	struct vfu_question q = {.command = VFU_DMA_WRITE, .n = *n};
	int err = ask(v, &q, address, (void *)(uintptr_t)from);

	*n = q.n;
	return err;
}

/* What the client makes of @q; 0 or negative. */
static int take_answer(struct vfu_question *q, const struct vfu_header *header, const uint8_t *body,
		       uint32_t n)
{
	struct vfu_dma_access access;

	if (header->flags & VFU_ERROR)
		return -EFAULT;
	if (q->command == VFU_DMA_WRITE)
		return 0;
	if (n != sizeof(access) + q->n)
		return -EPROTO;
	memcpy(q->to, body + sizeof(access), q->n);
	return 0;
}

/* Late answers and those to nothing find no question. */
void vfu_ask_answered(struct vfu *v, const struct vfu_header *header, const uint8_t *body,
		      uint32_t n)
{
	struct vfu_question *q;

	pthread_mutex_lock(&v->ask_lock);
	for (q = v->asked; q; q = q->next)
		if (q->id == header->id && q->command == header->command)
			break;
	if (q) {
		forget(v, q);
		end(q, take_answer(q, header, body, n));
		pthread_cond_broadcast(&v->answered);
	}
	pthread_mutex_unlock(&v->ask_lock);
}
