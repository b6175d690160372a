// SPDX-License-Identifier: GPL-2.0 OR MIT
#include <linux/dma-buf.h>
#include <drm/drm_prime.h>

#include "fpr_gem.h"

/*
 * Host buffers are exported by the DRM core's means. A board buffer can be mapped by
 * programs and by the kernel, but another device cannot reach it: that takes
 * peer-to-peer DMA, which the driver does not offer.
 */

static int fpr_board_attach(struct dma_buf *dma_buf, struct dma_buf_attachment *attach)
{
	return -EOPNOTSUPP;
}

static struct sg_table *fpr_board_map(struct dma_buf_attachment *attach,
				      enum dma_data_direction direction)
{
	return ERR_PTR(-EOPNOTSUPP);
}

static void fpr_board_unmap(struct dma_buf_attachment *attach, struct sg_table *sgt,
			    enum dma_data_direction direction)
{
}

static const struct dma_buf_ops fpr_board_dmabuf_ops = {
	.attach = fpr_board_attach,
	.map_dma_buf = fpr_board_map,
	.unmap_dma_buf = fpr_board_unmap,
	.release = drm_gem_dmabuf_release,
	.mmap = drm_gem_dmabuf_mmap,
	.vmap = drm_gem_dmabuf_vmap,
	.vunmap = drm_gem_dmabuf_vunmap,
};

/**
 * fpr_prime_export_board() - a board buffer as a dma-buf
 * @obj: the buffer
 * @flags: O_CLOEXEC, O_RDWR
 * Return: the dma-buf, or an error pointer
 */
struct dma_buf *fpr_prime_export_board(struct drm_gem_object *obj, int flags)
{
	struct dma_buf_export_info info = {
		.exp_name = DRM_FPR_DRIVER_NAME,
		.owner = obj->dev->driver->fops->owner,
		.ops = &fpr_board_dmabuf_ops,
		.size = obj->size,
		.flags = flags,
		.priv = obj,
		.resv = obj->resv,
	};

	return drm_gem_dmabuf_export(obj->dev, &info);
}

/**
 * fpr_prime_import() - a dma-buf as a buffer
 * @drm: the DRM device
 * @dma_buf: of any driver, this one included
 * Return: the object with a reference, or an error pointer
 */
struct drm_gem_object *fpr_prime_import(struct drm_device *drm, struct dma_buf *dma_buf)
{
	struct drm_gem_object *obj;

	/* The core knows its own exports again; this is the same for ours. */
	if (dma_buf->ops == &fpr_board_dmabuf_ops) {
		obj = dma_buf->priv;
		if (obj->dev == drm) {
			drm_gem_object_get(obj);
			return obj;
		}
	}
	return drm_gem_prime_import(drm, dma_buf);
}
