/* SPDX-License-Identifier: MIT */
#include "calls.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include <xf86drm.h>

/* Work that takes longer does not end at all. */
#define WAIT_S 30

void die(const char *format, ...)
{
	va_list arguments;

	fputs("driver-bench: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	exit(1);
}

double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void call(const struct user *user, unsigned long request, void *argument, const char *what)
{
	if (drmIoctl(user->fd, request, argument))
		die("%s: %s", what, strerror(errno));
}

void user_open(struct user *user, const char *node)
{
	struct drm_fpr_ctx_create create = {.priority = DRM_FPR_PRIORITY_NORMAL};

	user->fd = open(node, O_RDWR | O_CLOEXEC);
	if (user->fd < 0)
		die("%s: %s", node, strerror(errno));
	call(user, DRM_IOCTL_FPR_CTX_CREATE, &create, "no context");
	user->ctx = create.id;
	for (int i = 0; i < MOST_IN_FLIGHT; i++)
		if (drmSyncobjCreate(user->fd, 0, &user->sync[i]))
			die("no syncobj: %s", strerror(errno));
}

void user_close(struct user *user)
{
	close(user->fd);
}

void bo_create(const struct user *user, uint32_t placement, uint64_t bytes, struct bo *bo)
{
	struct drm_fpr_bo_create create = {.size = bytes, .placement = placement};
	struct drm_fpr_bo_info info = {0};

	call(user, DRM_IOCTL_FPR_BO_CREATE, &create, "no buffer");
	info.handle = create.handle;
	call(user, DRM_IOCTL_FPR_BO_INFO, &info, "no buffer");
	*bo = (struct bo){.handle = create.handle, .bytes = create.size};
	bo->map = mmap(NULL, bo->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, user->fd,
		       (off_t)info.mmap_offset);
	if (bo->map == MAP_FAILED)
		die("no mapping: %s", strerror(errno));
	memset(bo->map, 1, bo->bytes);
}

void bo_destroy(const struct user *user, struct bo *bo)
{
	struct drm_gem_close gem = {.handle = bo->handle};

	munmap(bo->map, bo->bytes);
	call(user, DRM_IOCTL_GEM_CLOSE, &gem, "close");
}

void call_empty(const struct user *user)
{
	struct drm_fpr_query query = {.type = DRM_FPR_QUERY_DEVICE};

	call(user, DRM_IOCTL_FPR_QUERY, &query, "query");
}

void call_counters(const struct user *user)
{
	struct drm_fpr_read_counters read = {.type = DRM_FPR_COUNTERS_ENGINE};

	call(user, DRM_IOCTL_FPR_READ_COUNTERS, &read, "counters");
}

static struct drm_fpr_array array_of(const void *elements, uint32_t count, uint32_t stride)
{
	return (struct drm_fpr_array){
		.stride = stride, .count = count, .array = (uintptr_t)elements};
}

void submit_nops(const struct user *user, uint32_t jobs, uint32_t sync)
{
	static const struct drm_fpr_mac_job nops[MOST_JOBS] = {
		[0 ... MOST_JOBS - 1] = {.flags = DRM_FPR_MAC_NOP}};
	const struct drm_fpr_sync out = {.handle = sync};
	struct drm_fpr_submit_mac submit = {
		.ctx = user->ctx,
		.jobs = array_of(nops, jobs, sizeof(nops[0])),
		.out = array_of(&out, 1, sizeof(out)),
	};

	call(user, DRM_IOCTL_FPR_SUBMIT_MAC, &submit, "null job");
}

void submit_copy(const struct user *user, const struct bo *host, const struct bo *board,
		 uint64_t bytes, uint8_t direction, uint32_t sync)
{
	const struct drm_fpr_sync out = {.handle = sync};
	const struct drm_fpr_xfer xfer = {.host = host->handle,
					  .board = board->handle,
					  .bytes = bytes,
					  .direction = direction};
	struct drm_fpr_submit_xfer submit = {
		.ctx = user->ctx,
		.xfers = array_of(&xfer, 1, sizeof(xfer)),
		.out = array_of(&out, 1, sizeof(out)),
	};

	call(user, DRM_IOCTL_FPR_SUBMIT_XFER, &submit, "transfer");
}

void wait_for(const struct user *user, uint32_t sync)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	if (drmSyncobjWait(user->fd, &sync, 1, (int64_t)(t.tv_sec + WAIT_S) * 1000000000, 0, NULL))
		die("work does not end: %s", strerror(errno));
}
