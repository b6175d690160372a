/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xf86drm.h>

#include "accel.h"

void accel_handle_close(const struct accel_device *device, uint32_t handle)
{
	struct drm_gem_close args = {.handle = handle};

	drmIoctl(device->fd, DRM_IOCTL_GEM_CLOSE, &args);
}

static int describe(struct accel_device *device, struct accel_bo *bo)
{
	struct drm_fpr_bo_info args = {.handle = bo->handle};

	if (drmIoctl(device->fd, DRM_IOCTL_FPR_BO_INFO, &args))
		return -errno;
	bo->size = args.size;
	bo->flags = args.flags;
	bo->board = args.placement == DRM_FPR_PLACE_BOARD;
	bo->offset = args.mmap_offset;
	return 0;
}

/* The buffer takes the handle over, also on failure. Under the pool lock. */
static int adopt(struct accel_device *device, struct accel_buffer *buffer, uint32_t handle)
{
	struct accel_bo *bo;
	int ret;

	for (bo = device->bos; bo; bo = bo->next) {
		if (bo->handle == handle) {
			bo->users++;
			buffer->bo = bo;
			return 0;
		}
	}
	bo = calloc(1, sizeof(*bo));
	if (!bo) {
		accel_handle_close(device, handle);
		return -ENOMEM;
	}
	bo->handle = handle;
	bo->users = 1;
	ret = describe(device, bo);
	if (ret) {
		accel_handle_close(device, handle);
		free(bo);
		return ret;
	}
	bo->next = device->bos;
	device->bos = bo;
	buffer->bo = bo;
	return 0;
}

static void drop(struct accel_device *device, struct accel_bo *bo)
{
	struct accel_bo **link = &device->bos;

	if (--bo->users)
		return;
	while (*link != bo)
		link = &(*link)->next;
	*link = bo->next;
	accel_handle_close(device, bo->handle);
	free(bo);
}

int accel_buffer_create(struct fpr_buffer *buffer)
{
	struct accel_device *device = accel_device(buffer->child.device);
	struct drm_fpr_bo_create args = {
		.size = buffer->size,
		.placement =
			buffer->flags & FPR_BUFFER_BOARD ? DRM_FPR_PLACE_BOARD : DRM_FPR_PLACE_HOST,
	};
	int ret;

	accel_work_reap(device, 0);
	if (drmIoctl(device->fd, DRM_IOCTL_FPR_BO_CREATE, &args))
		return errno == EINVAL || errno == EFBIG ? -ENOMEM : -errno;
	pthread_mutex_lock(&device->pool);
	ret = adopt(device, accel_buffer(buffer), args.handle);
	pthread_mutex_unlock(&device->pool);
	return ret;
}

int accel_buffer_map(struct fpr_buffer *base, void **ptr)
{
	struct accel_device *device = accel_device(base->child.device);
	struct accel_buffer *buffer = accel_buffer(base);
	int ret = 0;

	pthread_mutex_lock(&device->pool);
	if (!buffer->bytes) {
		void *bytes = mmap(NULL, buffer->bo->size, PROT_READ | PROT_WRITE, MAP_SHARED,
				   device->fd, (off_t)buffer->bo->offset);

		if (bytes == MAP_FAILED)
			ret = -errno;
		else
			buffer->bytes = bytes;
	}
	*ptr = buffer->bytes;
	pthread_mutex_unlock(&device->pool);
	return ret;
}

void accel_buffer_release(struct fpr_buffer *base)
{
	struct accel_device *device = accel_device(base->child.device);
	struct accel_buffer *buffer = accel_buffer(base);

	pthread_mutex_lock(&device->pool);
	if (buffer->bytes)
		munmap(buffer->bytes, buffer->bo->size);
	drop(device, buffer->bo);
	pthread_mutex_unlock(&device->pool);
}

int accel_buffer_export(struct fpr_buffer *buffer, int *fd)
{
	struct accel_device *device = accel_device(buffer->child.device);

	return drmPrimeHandleToFD(device->fd, accel_buffer(buffer)->bo->handle,
				  DRM_CLOEXEC | DRM_RDWR, fd)
		       ? -errno
		       : 0;
}

/* Under the lock from handle to count: a handle of ours may be given again, or just be closed. */
int accel_buffer_import(struct fpr_buffer *base, int fd)
{
	struct accel_device *device = accel_device(base->child.device);
	uint32_t handle;
	int ret;

	pthread_mutex_lock(&device->pool);
	if (drmPrimeFDToHandle(device->fd, fd, &handle))
		ret = -errno;
	else
		ret = adopt(device, accel_buffer(base), handle);
	if (!ret) {
		base->size = accel_buffer(base)->bo->size;
		base->flags = accel_buffer(base)->bo->board ? FPR_BUFFER_BOARD : 0;
	}
	pthread_mutex_unlock(&device->pool);
	return ret;
}
