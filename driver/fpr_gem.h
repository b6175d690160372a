/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef FPR_GEM_H
#define FPR_GEM_H

#include <drm/drm_gem_shmem_helper.h>

#include "fpr_device.h"

/**
 * struct fpr_bo - a buffer object, in host or in board memory
 * @shmem: the GEM object; first, as the shmem helpers allocate through us. Only
 *	@shmem.base is in use for a board buffer.
 * @placement: enum drm_fpr_placement
 * @link: in fpr_device.bos, under fpr_device.mm_lock
 * @node: place in board memory
 * @saved: contents while the board sleeps
 * @dummy: what its mappings show when the board has gone; NULL until first used
 * @revoked: imported: its exporter has taken it back, for good; set with the reservation
 *	locked
 * @table: host: scatter list as the board reads it; NULL until first used. Like
 *	what follows guarded by fpr_device.mm_lock until set, and constant then.
 * @table_dma: its bus address
 * @starts: offset in the buffer of each piece
 * @pieces: entries of both
 */
struct fpr_bo {
	struct drm_gem_shmem_object shmem;
	u32 placement;
	struct list_head link;
	struct drm_mm_node node;
	void *saved;
	struct page *dummy;
	bool revoked;
	struct fpr_sg *table;
	dma_addr_t table_dma;
	u64 *starts;
	u32 pieces;
};

/**
 * fpr_place() - find a place in board memory
 * @mm: what is taken; the caller holds its lock
 * @node: zeroed; the place
 * @size: bytes, a multiple of PAGE_SIZE
 * Return: 0 or -ENOSPC
 */
static inline int fpr_place(struct drm_mm *mm, struct drm_mm_node *node, u64 size)
{
	return drm_mm_insert_node_generic(mm, node, size, PAGE_SIZE, 0, DRM_MM_INSERT_BEST);
}

/**
 * to_fpr_bo() - the driver's side of a GEM object
 * @obj: the GEM object
 * Return: the buffer
 */
static inline struct fpr_bo *to_fpr_bo(struct drm_gem_object *obj)
{
	return container_of(to_drm_gem_shmem_obj(obj), struct fpr_bo, shmem);
}

/**
 * fpr_bo_size() - bytes of a buffer
 * @bo: the buffer
 * Return: its size
 */
static inline u64 fpr_bo_size(const struct fpr_bo *bo)
{
	return bo->shmem.base.size;
}

struct drm_gem_object *fpr_gem_create_object(struct drm_device *drm, size_t size);
struct fpr_bo *fpr_bo_lookup(struct drm_file *file, u32 handle);
void fpr_bo_put(struct fpr_bo *bo);
void fpr_bo_link(struct fpr_bo *bo);
int fpr_bo_table(struct fpr_bo *bo);
int fpr_bo_prepare(struct fpr_bo *bo);
int fpr_aperture_enter(struct fpr_device *fdev);
void fpr_aperture_exit(struct fpr_device *fdev);
void fpr_aperture_close(struct fpr_device *fdev);
void fpr_aperture_reopen(struct fpr_device *fdev);
int fpr_bo_ref(struct fpr_bo *bo, u64 offset, u64 bytes, struct fpr_ref *ref);
int fpr_bo_save(struct fpr_device *fdev);
void fpr_bo_restore(struct fpr_device *fdev);
void fpr_bo_detach_all(struct fpr_device *fdev);
void fpr_mm_state(struct fpr_device *fdev, u64 *free, u64 *largest);

int fpr_ioctl_bo_create(struct drm_device *drm, void *data, struct drm_file *file);
int fpr_ioctl_bo_info(struct drm_device *drm, void *data, struct drm_file *file);

#endif
