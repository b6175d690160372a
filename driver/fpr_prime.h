/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef FPR_PRIME_H
#define FPR_PRIME_H

#include "fpr_gem.h"

struct dma_buf *fpr_prime_export(struct drm_gem_object *obj, int flags);
struct drm_gem_object *fpr_prime_own(struct drm_device *drm, struct dma_buf *dma_buf);
void fpr_prime_revoke(struct fpr_device *fdev);

struct drm_gem_object *fpr_import(struct drm_device *drm, struct dma_buf *dma_buf);
void fpr_import_unmap(struct fpr_bo *bo);
void fpr_import_fini(struct fpr_bo *bo);

#endif
