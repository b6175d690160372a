/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <xf86drm.h>

#include "accel.h"

/* Another driver's accelerator, or an interface that this library does not know. */
static int check_driver(int fd)
{
	drmVersionPtr version = drmGetVersion(fd);
	int ours;

	if (!version)
		return -ENODEV;
	ours = !strcmp(version->name, DRM_FPR_DRIVER_NAME) &&
	       version->version_major == DRM_FPR_MAJOR;
	drmFreeVersion(version);
	return ours ? 0 : -ENODEV;
}

static int query(int fd, struct drm_fpr_query_device *facts)
{
	struct drm_fpr_query args = {
		.type = DRM_FPR_QUERY_DEVICE,
		.size = sizeof(*facts),
		.pointer = (uintptr_t)facts,
	};

	return drmIoctl(fd, DRM_IOCTL_FPR_QUERY, &args) ? -errno : 0;
}

static int open_node(const char *path, struct drm_fpr_query_device *facts)
{
	int fd, ret;

	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ret = check_driver(fd);
	if (!ret)
		ret = query(fd, facts);
	if (ret) {
		close(fd);
		return ret;
	}
	return fd;
}

static int init_locks(struct accel_device *device)
{
	pthread_condattr_t attr;
	int ret;

	ret = -pthread_condattr_init(&attr);
	if (ret)
		return ret;
	ret = -pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	if (!ret)
		ret = -pthread_cond_init(&device->progress, &attr);
	pthread_condattr_destroy(&attr);
	if (ret)
		return ret;
	ret = -pthread_cond_init(&device->deferred, NULL);
	if (ret)
		goto destroy_progress;
	ret = -pthread_mutex_init(&device->pool, NULL);
	if (ret)
		goto destroy_deferred;
	return 0;

destroy_deferred:
	pthread_cond_destroy(&device->deferred);
destroy_progress:
	pthread_cond_destroy(&device->progress);
	return ret;
}

static int accel_open(struct fpr_device *base, const char *name)
{
	struct accel_device *device = accel_device(base);
	char path[ACCEL_PATH_MAX];
	int ret;

	ret = accel_find(name, path);
	if (ret)
		return ret;
	device->fd = open_node(path, &device->facts);
	if (device->fd < 0)
		return device->fd;
	device->last = &device->first;
	ret = init_locks(device);
	if (ret)
		close(device->fd);
	return ret;
}

/* Waits for abandoned work: closing the file would cancel what was promised to run. */
static void finish(struct accel_device *device)
{
	accel_work_reap(device, 1);
	accel_slots_free(device);
	close(device->fd);
	pthread_mutex_destroy(&device->pool);
}

static void *finish_rest(void *rest)
{
	finish(rest);
	free(rest);
	return NULL;
}

/*
 * Closing a device returns at once, and the library then frees it: what its last work
 * needs goes to a thread of its own. Return: 0 when it does.
 */
static int leave_rest(struct accel_device *device)
{
	struct accel_device *rest = calloc(1, sizeof(*rest));
	int ret;

	if (!rest)
		return -ENOMEM;
	rest->fd = device->fd;
	rest->chunks = device->chunks;
	rest->n_free = device->n_free;
	rest->max_free = device->max_free;
	rest->free_slots = device->free_slots;
	rest->abandoned = device->abandoned;
	ret = pthread_mutex_init(&rest->pool, NULL);
	if (!ret) {
		ret = accel_thread(&device->worker, finish_rest, rest);
		if (ret)
			pthread_mutex_destroy(&rest->pool);
	}
	if (ret)
		free(rest);
	else
		pthread_detach(device->worker);
	return ret;
}

static void accel_release(struct fpr_device *base)
{
	struct accel_device *device = accel_device(base);

	accel_worker_stop(device);
	accel_work_reap(device, 0);
	if (device->abandoned && !leave_rest(device))
		pthread_mutex_destroy(&device->pool);
	else
		finish(device);
	pthread_cond_destroy(&device->deferred);
	pthread_cond_destroy(&device->progress);
}

static void describe(const struct drm_fpr_query_device *facts, struct fpr_device_info *info)
{
	snprintf(info->model, sizeof(info->model), "%04x:%02x:%02x.%x", facts->pci_domain,
		 facts->pci_bus, facts->pci_slot, facts->pci_function);
	snprintf(info->version, sizeof(info->version), "%u.%u build %08x", facts->contract >> 16,
		 facts->contract & 0xffff, facts->build);
	info->rows = facts->rows;
	info->cols = facts->cols;
	info->lanes = facts->lanes;
	info->kinds = facts->kinds;
	info->default_kind = facts->default_kind;
	info->memory_bytes = facts->memory_bytes;
	info->slice_bytes = facts->slice_bytes;
	info->transfer_entries = facts->xfer_entries;
	info->clock_khz = facts->clock_khz;
}

static void accel_info(struct fpr_device *base, struct fpr_device_info *info)
{
	describe(&accel_device(base)->facts, info);
}

struct listing {
	struct fpr_device_info *list;
	size_t max;
	int found;
};

/* One that cannot be opened, by lack of rights for instance, is not in the list. */
static int list_one(void *context, const char *name)
{
	struct listing *listing = context;
	struct drm_fpr_query_device facts = {0};
	char path[ACCEL_PATH_MAX];
	int fd;

	if (accel_find(name, path))
		return 0;
	fd = open_node(path, &facts);
	if (fd < 0)
		return 0;
	close(fd);
	if ((size_t)listing->found < listing->max) {
		struct fpr_device_info *info = &listing->list[listing->found];

		memset(info, 0, sizeof(*info));
		snprintf(info->name, sizeof(info->name), "%.*s", FPR_NAME_MAX - 1, name);
		describe(&facts, info);
	}
	listing->found++;
	return 0;
}

static int accel_list(struct fpr_device_info *list, size_t max)
{
	struct listing listing = {list, max, 0};
	int ret = accel_each(list_one, &listing);

	return ret ? ret : listing.found;
}

const struct fpr_backend fpr_backend_accel = {
	.device_size = sizeof(struct accel_device),
	.buffer_size = sizeof(struct accel_buffer),
	.queue_size = sizeof(struct accel_queue),
	.fence_size = sizeof(struct accel_fence),
	.list = accel_list,
	.device_open = accel_open,
	.device_release = accel_release,
	.device_info = accel_info,
	.buffer_create = accel_buffer_create,
	.buffer_map = accel_buffer_map,
	.buffer_export = accel_buffer_export,
	.buffer_import = accel_buffer_import,
	.buffer_release = accel_buffer_release,
	.queue_create = accel_queue_create,
	.queue_release = accel_queue_release,
	.fence_create = accel_fence_create,
	.fence_wait = accel_fence_wait,
	.fence_release = accel_fence_release,
	.submit = accel_submit,
	.transfer = accel_transfer,
	.engine_counters = accel_engine_counters,
	.class_counters = accel_class_counters,
	.queue_counters = accel_queue_counters,
};
