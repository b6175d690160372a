/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "backend.h"

static const struct fpr_backend *const backends[] = {
	&fpr_backend_local,
	&fpr_backend_accel,
};

#define N_BACKENDS (sizeof(backends) / sizeof(backends[0]))

int fpr_device_list(struct fpr_device_info *list, size_t max)
{
	size_t found = 0;

	if (!list && max)
		return -EINVAL;
	for (size_t i = 0; i < N_BACKENDS; i++) {
		size_t room = found < max ? max - found : 0;
		int ret = backends[i]->list(room ? list + found : NULL, room);

		if (ret < 0)
			return ret;
		found += (size_t)ret;
	}
	return (int)found;
}

static int open_with(const struct fpr_backend *backend, const char *name,
		     struct fpr_device **device)
{
	struct fpr_device *dev = calloc(1, backend->device_size);
	int ret;

	if (!dev)
		return -ENOMEM;
	dev->backend = backend;
	dev->holds = 1;
	memcpy(dev->name, name, strlen(name) + 1);
	ret = -pthread_mutex_init(&dev->lock, NULL);
	if (ret)
		goto free_device;
	ret = backend->device_open(dev, name);
	if (ret)
		goto destroy_lock;
	*device = dev;
	return 0;

destroy_lock:
	pthread_mutex_destroy(&dev->lock);
free_device:
	free(dev);
	return ret;
}

int fpr_device_open(const char *name, struct fpr_device **device)
{
	int ret = -ENODEV;

	if (!name || !device || strlen(name) >= FPR_NAME_MAX)
		return -EINVAL;
	for (size_t i = 0; i < N_BACKENDS && ret == -ENODEV; i++)
		ret = open_with(backends[i], name, device);
	return ret;
}

static void device_put(struct fpr_device *device)
{
	unsigned int left;

	pthread_mutex_lock(&device->lock);
	left = --device->holds;
	pthread_mutex_unlock(&device->lock);
	if (left)
		return;
	device->backend->device_release(device);
	pthread_mutex_destroy(&device->lock);
	free(device);
}

void fpr_device_close(struct fpr_device *device)
{
	if (device)
		device_put(device);
}

int fpr_device_get_info(struct fpr_device *device, struct fpr_device_info *info)
{
	if (!device || !info)
		return -EINVAL;
	memset(info, 0, sizeof(*info));
	memcpy(info->name, device->name, sizeof(info->name));
	device->backend->device_info(device, info);
	return 0;
}

void *fpr_child_alloc(struct fpr_device *device, size_t size)
{
	struct fpr_child *child = calloc(1, size);

	if (!child)
		return NULL;
	child->device = device;
	child->holds = 1;
	pthread_mutex_lock(&device->lock);
	device->holds++;
	pthread_mutex_unlock(&device->lock);
	return child;
}

void fpr_child_free(struct fpr_child *child)
{
	struct fpr_device *device = child->device;

	free(child);
	device_put(device);
}

void fpr_child_get(struct fpr_child *child)
{
	pthread_mutex_lock(&child->device->lock);
	child->holds++;
	pthread_mutex_unlock(&child->device->lock);
}

int fpr_child_put(struct fpr_child *child)
{
	/* Once unlocked, another holder may free the child. */
	struct fpr_device *device = child->device;
	int last;

	pthread_mutex_lock(&device->lock);
	last = !--child->holds;
	pthread_mutex_unlock(&device->lock);
	return last;
}
