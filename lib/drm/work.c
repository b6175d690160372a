/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <xf86drm.h>

#include "accel.h"

#define NS_PER_S 1000000000

/* A chunk of slots: large enough that creating it is rare. */
#define CHUNK_SLOTS 256
#define CHUNK_BYTES (CHUNK_SLOTS * (size_t)DRM_FPR_RESULT_ALIGN)

_Static_assert(sizeof(struct drm_fpr_result) <= DRM_FPR_RESULT_ALIGN, "a slot holds a result");

int64_t accel_deadline(int64_t timeout_ns)
{
	struct timespec t;
	int64_t now;

	if (timeout_ns == FPR_WAIT_FOREVER)
		return INT64_MAX;
	clock_gettime(CLOCK_MONOTONIC, &t);
	now = (int64_t)t.tv_sec * NS_PER_S + t.tv_nsec;
	return timeout_ns < INT64_MAX - now ? now + timeout_ns : INT64_MAX;
}

/* ---- slots, under the pool lock ---------------------------------------- */

static int map_chunk(struct accel_device *device, struct accel_chunk *chunk)
{
	struct drm_fpr_bo_create create = {.size = CHUNK_BYTES, .placement = DRM_FPR_PLACE_HOST};
	struct drm_fpr_bo_info info = {0};
	int ret;

	if (drmIoctl(device->fd, DRM_IOCTL_FPR_BO_CREATE, &create))
		return -errno;
	info.handle = create.handle;
	if (!drmIoctl(device->fd, DRM_IOCTL_FPR_BO_INFO, &info)) {
		chunk->handle = create.handle;
		chunk->bytes = mmap(NULL, CHUNK_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED,
				    device->fd, (off_t)info.mmap_offset);
		if (chunk->bytes != MAP_FAILED)
			return 0;
	}
	ret = -errno;
	accel_handle_close(device, create.handle);
	return ret;
}

static int add_chunk(struct accel_device *device)
{
	const size_t room = device->max_free + CHUNK_SLOTS;
	struct accel_chunk *chunk = calloc(1, sizeof(*chunk));
	struct accel_slot *slots;
	int ret = -ENOMEM;

	if (!chunk)
		return -ENOMEM;
	slots = realloc(device->free_slots, room * sizeof(*slots));
	if (!slots)
		goto free_chunk;
	device->free_slots = slots;
	ret = map_chunk(device, chunk);
	if (ret)
		goto free_chunk;
	device->max_free = room;
	chunk->next = device->chunks;
	device->chunks = chunk;
	for (size_t i = CHUNK_SLOTS; i-- > 0;) {
		struct accel_slot *slot = &slots[device->n_free++];

		slot->handle = chunk->handle;
		slot->offset = i * DRM_FPR_RESULT_ALIGN;
		slot->result = (struct drm_fpr_result *)((char *)chunk->bytes + slot->offset);
	}
	return 0;

free_chunk:
	free(chunk);
	return ret;
}

static int take_slots(struct accel_device *device, struct accel_work *work, size_t n)
{
	while (device->n_free < n) {
		int ret = add_chunk(device);

		if (ret)
			return ret;
	}
	while (work->n_slots < n)
		work->slots[work->n_slots++] = device->free_slots[--device->n_free];
	return 0;
}

void accel_slots_free(struct accel_device *device)
{
	while (device->chunks) {
		struct accel_chunk *chunk = device->chunks;

		device->chunks = chunk->next;
		munmap(chunk->bytes, CHUNK_BYTES);
		accel_handle_close(device, chunk->handle);
		free(chunk);
	}
	free(device->free_slots);
}

int accel_slot_status(const struct accel_slot *slot)
{
	switch (__atomic_load_n(&slot->result->status, __ATOMIC_ACQUIRE)) {
	case 0:
		return 0;
	case -ECANCELED:
		return -ECANCELED;
	case -ENOMEM:
		return -ENOMEM;
	case -ENODEV:
	case DRM_FPR_RESULT_PENDING: /* nobody is left to say what became of it */
		return -ENODEV;
	default: /* a hang's -ETIME would read as `not yet` */
		return -EIO;
	}
}

/* ---- work -------------------------------------------------------------- */

static int create_parts(struct accel_device *device, struct accel_work *work, size_t n,
			int signalled)
{
	const uint32_t flags = signalled ? DRM_SYNCOBJ_CREATE_SIGNALED : 0;

	work->parts = calloc(n, sizeof(*work->parts));
	if (!work->parts)
		return -ENOMEM;
	for (; work->n_parts < n; work->n_parts++)
		if (drmSyncobjCreate(device->fd, flags, &work->parts[work->n_parts]))
			return -errno;
	work->n_live = signalled ? n : 0;
	return 0;
}

static void destroy_parts(struct accel_device *device, struct accel_work *work)
{
	while (work->n_parts)
		drmSyncobjDestroy(device->fd, work->parts[--work->n_parts]);
	if (work->timeline)
		drmSyncobjDestroy(device->fd, work->timeline);
	free(work->parts);
}

int accel_work_new(struct accel_device *device, int signalled, size_t n_parts, size_t n_slots,
		   struct accel_work **work)
{
	struct accel_work *new;
	int ret;

	if (n_slots > (SIZE_MAX - sizeof(*new)) / sizeof(new->slots[0]))
		return -ENOMEM;
	new = calloc(1, sizeof(*new) + n_slots * sizeof(new->slots[0]));
	if (!new)
		return -ENOMEM;
	ret = create_parts(device, new, n_parts, signalled);
	if (ret)
		goto free_work;
	pthread_mutex_lock(&device->pool);
	ret = take_slots(device, new, n_slots);
	pthread_mutex_unlock(&device->pool);
	if (ret)
		goto free_work;
	*work = new;
	return 0;

free_work:
	destroy_parts(device, new);
	free(new);
	return ret;
}

int accel_work_wait(const struct accel_device *device, const struct accel_work *work,
		    int64_t deadline)
{
	int ret;

	if (!work->n_live)
		return 0;
	/* This call returns -errno itself. */
	ret = drmSyncobjWait(device->fd, work->parts, (unsigned int)work->n_live, deadline,
			     DRM_SYNCOBJ_WAIT_FLAGS_WAIT_ALL, NULL);
	return ret == -ENODEV ? 0 : ret;
}

/* The same, and for the timeline, too. */
static int wait_for_all(const struct accel_device *device, struct accel_work *work,
			int64_t deadline)
{
	int ret = accel_work_wait(device, work, deadline);

	if (ret || !work->point)
		return ret;
	ret = drmSyncobjTimelineWait(device->fd, &work->timeline, &work->point, 1, deadline, 0,
				     NULL);
	return ret == -ENODEV ? 0 : ret;
}

/* Under the pool lock. */
static void free_work(struct accel_device *device, struct accel_work *work)
{
	struct drm_fpr_ctx_destroy args = {.id = work->ctx};

	if (work->ctx)
		drmIoctl(device->fd, DRM_IOCTL_FPR_CTX_DESTROY, &args);
	destroy_parts(device, work);
	while (work->n_slots)
		device->free_slots[device->n_free++] = work->slots[--work->n_slots];
	free(work);
}

void accel_work_put(struct accel_device *device, struct accel_work *work, int busy)
{
	pthread_mutex_lock(&device->pool);
	if (busy && wait_for_all(device, work, 0) == -ETIME) {
		work->next = device->abandoned;
		device->abandoned = work;
	} else {
		free_work(device, work);
	}
	pthread_mutex_unlock(&device->pool);
}

void accel_work_reap(struct accel_device *device, int wait)
{
	struct accel_work **link = &device->abandoned;

	pthread_mutex_lock(&device->pool);
	while (*link) {
		struct accel_work *work = *link;

		if (wait_for_all(device, work, wait ? INT64_MAX : 0) == -ETIME) {
			link = &work->next;
			continue;
		}
		*link = work->next;
		free_work(device, work);
	}
	pthread_mutex_unlock(&device->pool);
}
