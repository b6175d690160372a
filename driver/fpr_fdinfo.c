// SPDX-License-Identifier: GPL-2.0 OR MIT
#include <linux/sizes.h>
#include <drm/drm_file.h>

#include "fpr_ctx.h"
#include "fpr_gem.h"
#include "fpr_sysfs.h"

struct fpr_usage {
	u64 total, shared, resident;
};

static void fpr_fdinfo_memory(struct drm_file *file, struct fpr_usage *usage)
{
	struct drm_gem_object *obj;
	struct fpr_usage *region;
	int id;

	spin_lock(&file->table_lock);
	idr_for_each_entry(&file->object_idr, obj, id) {
		region = &usage[to_fpr_bo(obj)->placement];
		region->total += obj->size;
		/* Every buffer is pinned from birth. */
		region->resident += obj->size;
		if (obj->handle_count > 1 || obj->dma_buf)
			region->shared += obj->size;
	}
	spin_unlock(&file->table_lock);
}

static void fpr_fdinfo_engines(struct fpr_file *file, u64 *ns)
{
	struct fpr_ctx *ctx;
	unsigned long id;
	u32 e;

	spin_lock(&file->lock);
	memcpy(ns, file->engine_ns, sizeof(file->engine_ns));
	spin_unlock(&file->lock);
	xa_lock(&file->contexts);
	xa_for_each(&file->contexts, id, ctx) {
		for (e = 0; e < FPR_ENGINES; e++)
			ns[e] += READ_ONCE(ctx->engine_ns[e]);
	}
	xa_unlock(&file->contexts);
}

/**
 * fpr_fdinfo_show() - what a file uses, in the keys of drm-usage-stats
 * @p: where to
 * @file: the file
 */
void fpr_fdinfo_show(struct drm_printer *p, struct drm_file *file)
{
	static const char *const regions[] = {
		[DRM_FPR_PLACE_HOST] = "host",
		[DRM_FPR_PLACE_BOARD] = "board",
	};
	struct fpr_usage usage[ARRAY_SIZE(regions)] = {};
	u64 ns[FPR_ENGINES];
	u32 i;

	fpr_fdinfo_engines(file->driver_priv, ns);
	drm_printf(p, "drm-engine-mac:\t%llu ns\n", ns[FPR_ENGINE_MAC]);
	drm_printf(p, "drm-engine-transfer:\t%llu ns\n", ns[FPR_ENGINE_XFER]);
	/* Both directions at once. */
	drm_printf(p, "drm-engine-capacity-transfer:\t%u\n", FPR_DIRECTIONS);
	fpr_fdinfo_memory(file, usage);
	for (i = 0; i < ARRAY_SIZE(regions); i++) {
		drm_fdinfo_print_size(p, "drm", "total", regions[i], usage[i].total);
		drm_fdinfo_print_size(p, "drm", "shared", regions[i], usage[i].shared);
		drm_fdinfo_print_size(p, "drm", "resident", regions[i], usage[i].resident);
	}
}
