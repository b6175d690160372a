// SPDX-License-Identifier: GPL-2.0 OR MIT
#include <linux/dma-buf.h>
#include <linux/dma-resv.h>
#include <drm/drm_drv.h>
#include <drm/drm_gem_shmem_helper.h>

#include "fpr_compat.h"
#include "fpr_gem.h"
#include "fpr_prime.h"

/*
 * A dma-buf of another driver, or of another board, becomes a host buffer: the board
 * reaches it by bus addresses, whether they lead to memory or to a peer. It is pinned,
 * so its addresses stay; but its exporter may take it back for good.
 */

/**
 * fpr_import_unmap() - give the addresses back
 * @bo: an imported buffer that no work uses; its reservation is locked
 */
void fpr_import_unmap(struct fpr_bo *bo)
{
	struct sg_table *sgt = bo->shmem.sgt;

	bo->shmem.sgt = NULL;
	if (sgt)
		dma_buf_unmap_attachment(bo->shmem.base.import_attach, sgt, DMA_BIDIRECTIONAL);
}

/* The lock keeps out further work, which then finds the buffer revoked. */
static void fpr_import_revoke(struct dma_buf_attachment *attach)
{
	struct fpr_bo *bo = attach->importer_priv;

	if (!bo || bo->revoked)
		return;
	WRITE_ONCE(bo->revoked, true);
	dma_resv_wait_timeout(attach->dmabuf->resv, DMA_RESV_USAGE_BOOKKEEP, false,
			      MAX_SCHEDULE_TIMEOUT);
	fpr_import_unmap(bo);
}

static const struct dma_buf_attach_ops fpr_import_ops = {
	.allow_peer2peer = true,
	.invalidate_mappings = fpr_import_revoke,
};

/* A buffer around @sgt; both belong together from here on. */
static struct drm_gem_object *
fpr_import_wrap(struct drm_device *drm, struct dma_buf_attachment *attach, struct sg_table *sgt)
{
	struct drm_gem_object *obj = drm_gem_shmem_prime_import_sg_table(drm, attach, sgt);

	if (IS_ERR(obj))
		return obj;
	obj->import_attach = attach;
	obj->resv = attach->dmabuf->resv;
	attach->importer_priv = to_fpr_bo(obj);
	return obj;
}

static struct drm_gem_object *fpr_import_map(struct drm_device *drm,
					     struct dma_buf_attachment *attach)
{
	struct drm_gem_object *obj;
	struct sg_table *sgt;
	int ret;

	ret = dma_buf_pin(attach);
	if (ret)
		return ERR_PTR(ret);
	sgt = dma_buf_map_attachment(attach, DMA_BIDIRECTIONAL);
	if (IS_ERR(sgt)) {
		dma_buf_unpin(attach);
		return ERR_CAST(sgt);
	}
	obj = fpr_import_wrap(drm, attach, sgt);
	if (IS_ERR(obj)) {
		dma_buf_unmap_attachment(attach, sgt, DMA_BIDIRECTIONAL);
		dma_buf_unpin(attach);
	}
	return obj;
}

static struct drm_gem_object *fpr_import_foreign(struct drm_device *drm, struct dma_buf *dma_buf)
{
	struct dma_buf_attachment *attach;
	struct drm_gem_object *obj;
	int ret = 0;

	attach = dma_buf_dynamic_attach(dma_buf, drm->dev, &fpr_import_ops, NULL);
	if (IS_ERR(attach))
		return ERR_CAST(attach);
	get_dma_buf(dma_buf);
	dma_resv_lock(dma_buf->resv, NULL);
	obj = fpr_import_map(drm, attach);
	if (!IS_ERR(obj))
		ret = fpr_bo_table(to_fpr_bo(obj));
	dma_resv_unlock(dma_buf->resv);
	if (IS_ERR(obj)) {
		dma_buf_detach(dma_buf, attach);
		dma_buf_put(dma_buf);
		return obj;
	}
	if (ret) {
		drm_gem_object_put(obj);
		return ERR_PTR(ret);
	}
	fpr_bo_link(to_fpr_bo(obj));
	return obj;
}

/**
 * fpr_import_fini() - undo fpr_import(), down to the attachment
 * @bo: an imported buffer that nobody uses any more
 *
 * The core ends the attachment itself, with the buffer.
 */
void fpr_import_fini(struct fpr_bo *bo)
{
	struct dma_buf_attachment *attach = bo->shmem.base.import_attach;

	dma_resv_lock(attach->dmabuf->resv, NULL);
	fpr_import_unmap(bo);
	dma_buf_unpin(attach);
	dma_resv_unlock(attach->dmabuf->resv);
}

/**
 * fpr_import() - a dma-buf as a buffer
 * @drm: the DRM device
 * @dma_buf: of any driver, this one included
 * Return: the object with a reference, or an error pointer: -EOPNOTSUPP when it is another
 *	device's memory and that cannot be reached
 */
struct drm_gem_object *fpr_import(struct drm_device *drm, struct dma_buf *dma_buf)
{
	struct drm_gem_object *obj = fpr_prime_own(drm, dma_buf);
	int cookie;

	if (obj)
		return obj;
	/* A board that is being unbound gets no new mappings. */
	if (!drm_dev_enter(drm, &cookie))
		return ERR_PTR(-ENODEV);
	obj = fpr_import_foreign(drm, dma_buf);
	drm_dev_exit(cookie);
	return obj;
}
