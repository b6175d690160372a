// SPDX-License-Identifier: GPL-2.0 OR MIT
#include <linux/dma-buf.h>
#include <linux/dma-resv.h>
#include <linux/slab.h>
#include <drm/drm_prime.h>

#include "fpr_compat.h"
#include "fpr_gem.h"
#include "fpr_peer.h"
#include "fpr_prime.h"

/*
 * Host buffers are exported by the DRM core's means. A board buffer has no pages: programs
 * and the kernel map its aperture, and a device attaches when the kernel says that it
 * reaches the board as a peer. Such an attachment is lent: it ends when the driver
 * is unbound or the board has gone, whoever holds it.
 */

/**
 * struct fpr_lent - a device's attachment to a board buffer
 * @link: in fpr_device.lent, under fpr_device.lent_lock
 * @attach: the attachment
 * @revoked: it has been taken back
 */
struct fpr_lent {
	struct list_head link;
	struct dma_buf_attachment *attach;
	bool revoked;
};

static struct fpr_device *fpr_exporter(const struct dma_buf *dma_buf)
{
	struct drm_gem_object *obj = dma_buf->priv;

	return to_fpr(obj->dev);
}

static int fpr_board_attach(struct dma_buf *dma_buf, struct dma_buf_attachment *attach)
{
	struct fpr_device *fdev = fpr_exporter(dma_buf);
	struct fpr_lent *lent;

	if (READ_ONCE(fdev->gone))
		return -ENODEV;
	if (!attach->peer2peer || !dma_buf_attach_revocable(attach) ||
	    !fpr_peer_reachable(fdev, attach->dev))
		return -EOPNOTSUPP;
	lent = kzalloc(sizeof(*lent), GFP_KERNEL);
	if (!lent)
		return -ENOMEM;
	lent->attach = attach;
	attach->priv = lent;
	mutex_lock(&fdev->lent_lock);
	list_add_tail(&lent->link, &fdev->lent);
	mutex_unlock(&fdev->lent_lock);
	return 0;
}

static void fpr_board_detach(struct dma_buf *dma_buf, struct dma_buf_attachment *attach)
{
	struct fpr_device *fdev = fpr_exporter(dma_buf);
	struct fpr_lent *lent = attach->priv;

	mutex_lock(&fdev->lent_lock);
	list_del(&lent->link);
	mutex_unlock(&fdev->lent_lock);
	kfree(lent);
}

/* It never moves. */
static int fpr_board_pin(struct dma_buf_attachment *attach)
{
	return 0;
}

static void fpr_board_unpin(struct dma_buf_attachment *attach)
{
}

static struct sg_table *fpr_board_map(struct dma_buf_attachment *attach,
				      enum dma_data_direction direction)
{
	struct drm_gem_object *obj = attach->dmabuf->priv;
	struct fpr_device *fdev = to_fpr(obj->dev);

	dma_resv_assert_held(obj->resv);
	/* fpr_prime_revoke() takes the lock after it is set: what is mapped now it finds. */
	if (READ_ONCE(fdev->gone))
		return ERR_PTR(-ENODEV);
	return fpr_peer_map(fdev, attach, to_fpr_bo(obj)->node.start, obj->size, direction);
}

static void fpr_board_unmap(struct dma_buf_attachment *attach, struct sg_table *sgt,
			    enum dma_data_direction direction)
{
	fpr_peer_unmap(attach, sgt, direction);
}

static const struct dma_buf_ops fpr_board_dmabuf_ops = {
	.attach = fpr_board_attach,
	.detach = fpr_board_detach,
	.pin = fpr_board_pin,
	.unpin = fpr_board_unpin,
	.map_dma_buf = fpr_board_map,
	.unmap_dma_buf = fpr_board_unmap,
	.release = drm_gem_dmabuf_release,
	.mmap = drm_gem_dmabuf_mmap,
	.vmap = drm_gem_dmabuf_vmap,
	.vunmap = drm_gem_dmabuf_vunmap,
};

/* The core's own, under a name that tells our exports from others'. */
static const struct dma_buf_ops fpr_host_dmabuf_ops = {
	.attach = drm_gem_map_attach,
	.detach = drm_gem_map_detach,
	.map_dma_buf = drm_gem_map_dma_buf,
	.unmap_dma_buf = drm_gem_unmap_dma_buf,
	.release = drm_gem_dmabuf_release,
	.mmap = drm_gem_dmabuf_mmap,
	.vmap = drm_gem_dmabuf_vmap,
	.vunmap = drm_gem_dmabuf_vunmap,
};

/**
 * fpr_prime_export() - a buffer as a dma-buf
 * @obj: the buffer
 * @flags: O_CLOEXEC, O_RDWR
 * Return: the dma-buf, or an error pointer
 */
struct dma_buf *fpr_prime_export(struct drm_gem_object *obj, int flags)
{
	bool board = to_fpr_bo(obj)->placement == DRM_FPR_PLACE_BOARD;
	struct dma_buf_export_info info = {
		.exp_name = DRM_FPR_DRIVER_NAME,
		.owner = obj->dev->driver->fops->owner,
		.ops = board ? &fpr_board_dmabuf_ops : &fpr_host_dmabuf_ops,
		.size = obj->size,
		.flags = flags,
		.priv = obj,
		.resv = obj->resv,
	};

	return drm_gem_dmabuf_export(obj->dev, &info);
}

/**
 * fpr_prime_own() - the buffer that a dma-buf was made of
 * @drm: the DRM device
 * @dma_buf: of any driver
 * Return: the object with a reference, or NULL: it is not of @drm
 */
struct drm_gem_object *fpr_prime_own(struct drm_device *drm, struct dma_buf *dma_buf)
{
	struct drm_gem_object *obj = dma_buf->priv;

	if (dma_buf->ops != &fpr_board_dmabuf_ops && dma_buf->ops != &fpr_host_dmabuf_ops)
		return NULL;
	if (obj->dev != drm)
		return NULL;
	drm_gem_object_get(obj);
	return obj;
}

/* The next dma-buf to take back, with a reference; an attachment has one until detached. */
static struct dma_buf *fpr_prime_next_lent(struct fpr_device *fdev)
{
	struct dma_buf *dma_buf = NULL;
	struct fpr_lent *lent;

	mutex_lock(&fdev->lent_lock);
	list_for_each_entry(lent, &fdev->lent, link) {
		if (lent->revoked)
			continue;
		lent->revoked = true;
		dma_buf = lent->attach->dmabuf;
		get_dma_buf(dma_buf);
		break;
	}
	mutex_unlock(&fdev->lent_lock);
	return dma_buf;
}

/**
 * fpr_prime_revoke() - take back what is lent to other devices
 * @fdev: the board, @gone and with no fence of its own left to signal
 *
 * Waits for what they have under way. From then on they do not touch the aperture,
 * which the next to bind the board may give to somebody else.
 */
void fpr_prime_revoke(struct fpr_device *fdev)
{
	struct dma_buf *dma_buf;

	while ((dma_buf = fpr_prime_next_lent(fdev))) {
		dma_resv_lock(dma_buf->resv, NULL);
		dma_buf_invalidate_mappings(dma_buf);
		dma_resv_wait_timeout(dma_buf->resv, DMA_RESV_USAGE_BOOKKEEP, false,
				      MAX_SCHEDULE_TIMEOUT);
		dma_resv_unlock(dma_buf->resv);
		dma_buf_put(dma_buf);
	}
}
