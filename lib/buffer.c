/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "backend.h"

int fpr_buffer_create(struct fpr_device *device, uint64_t size, uint32_t flags,
		      struct fpr_buffer **buffer)
{
	struct fpr_buffer *buf;
	int ret;

	if (!device || !size || flags & ~FPR_BUFFER_BOARD || !buffer)
		return -EINVAL;
	buf = fpr_child_alloc(device, device->backend->buffer_size);
	if (!buf)
		return -ENOMEM;
	buf->size = size;
	buf->flags = flags;
	ret = device->backend->buffer_create(buf);
	if (ret) {
		fpr_child_free(&buf->child);
		return ret;
	}
	*buffer = buf;
	return 0;
}

void fpr_buffer_put(struct fpr_buffer *buffer)
{
	if (!fpr_child_put(&buffer->child))
		return;
	buffer->child.device->backend->buffer_release(buffer);
	fpr_child_free(&buffer->child);
}

void fpr_buffer_destroy(struct fpr_buffer *buffer)
{
	if (buffer)
		fpr_buffer_put(buffer);
}

int fpr_buffer_map(struct fpr_buffer *buffer, void **ptr)
{
	if (!buffer || !ptr)
		return -EINVAL;
	return buffer->child.device->backend->buffer_map(buffer, ptr);
}

int fpr_buffer_export(struct fpr_buffer *buffer, int *fd)
{
	const struct fpr_backend *backend;

	if (!buffer || !fd)
		return -EINVAL;
	backend = buffer->child.device->backend;
	return backend->buffer_export ? backend->buffer_export(buffer, fd) : -EOPNOTSUPP;
}

int fpr_buffer_import(struct fpr_device *device, int fd, struct fpr_buffer **buffer)
{
	struct fpr_buffer *buf;
	int ret;

	if (!device || fd < 0 || !buffer)
		return -EINVAL;
	if (!device->backend->buffer_import)
		return -EOPNOTSUPP;
	buf = fpr_child_alloc(device, device->backend->buffer_size);
	if (!buf)
		return -ENOMEM;
	ret = device->backend->buffer_import(buf, fd);
	if (ret) {
		fpr_child_free(&buf->child);
		return ret;
	}
	*buffer = buf;
	return 0;
}

uint64_t fpr_buffer_size(const struct fpr_buffer *buffer)
{
	return buffer ? buffer->size : 0;
}

int fpr_buffer_holds(const struct fpr_buffer *buffer, const struct fpr_device *device,
		     uint64_t offset, uint64_t bytes)
{
	return buffer->child.device == device && offset <= buffer->size &&
	       bytes <= buffer->size - offset;
}
