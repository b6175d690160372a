// SPDX-License-Identifier: GPL-2.0 OR MIT
#include <linux/highmem.h>
#include <linux/timekeeping.h>

#include "fpr_range.h"
#include "fpr_result.h"

static_assert(sizeof(struct drm_fpr_result) == DRM_FPR_RESULT_ALIGN);
static_assert(sizeof(struct fpr_gemm_counters) == sizeof(struct fpr_mac_result));

/**
 * fpr_result_init() - look up where an outcome goes
 * @result: filled in; holds a reference on the buffer
 * @file: the caller
 * @handle: of a host buffer, 0 for none
 * @offset: in it
 * Return: 0, -ENOENT, -EINVAL
 */
int fpr_result_init(struct fpr_result *result, struct drm_file *file, u32 handle, u64 offset)
{
	struct fpr_bo *bo;

	result->queued_ns = ktime_get_ns();
	if (!handle)
		return offset ? -EINVAL : 0;
	if (!IS_ALIGNED(offset, DRM_FPR_RESULT_ALIGN))
		return -EINVAL;
	bo = fpr_bo_lookup(file, handle);
	if (!bo)
		return -ENOENT;
	/* The kernel writes here itself, so the pages must be its own. */
	if (bo->placement != DRM_FPR_PLACE_HOST || bo->shmem.base.import_attach ||
	    !fpr_range_fits(offset, sizeof(struct drm_fpr_result), fpr_bo_size(bo))) {
		fpr_bo_put(bo);
		return -EINVAL;
	}
	result->bo = bo;
	result->offset = offset;
	return 0;
}

static struct drm_fpr_result *fpr_result_map(struct fpr_result *result)
{
	struct page *page = result->bo->shmem.pages[result->offset >> PAGE_SHIFT];

	return kmap_local_page(page) + offset_in_page(result->offset);
}

/**
 * fpr_result_pend() - mark the outcome as not there yet
 * @result: of work that is being submitted
 */
void fpr_result_pend(struct fpr_result *result)
{
	struct drm_fpr_result *record;

	if (!result->bo)
		return;
	record = fpr_result_map(result);
	memset(record, 0, sizeof(*record));
	record->status = DRM_FPR_RESULT_PENDING;
	record->queued_ns = result->queued_ns;
	kunmap_local(record);
}

/**
 * fpr_result_write() - write the outcome, from any context
 * @result: where to
 * @status: 0 or -errno
 * @completion: what the board said, or NULL
 * @counters: what the board counted, or NULL
 */
void fpr_result_write(struct fpr_result *result, int status,
		      const struct fpr_completion *completion,
		      const struct fpr_mac_result *counters)
{
	struct drm_fpr_result *record;
	u64 *words;
	int i;

	if (!result->bo)
		return;
	record = fpr_result_map(result);
	record->started_ns = result->started_ns;
	record->ended_ns = ktime_get_ns();
	if (completion) {
		record->board_status = le16_to_cpu(completion->status);
		record->board_time = le64_to_cpu(completion->time);
	}
	words = (u64 *)&record->counters;
	for (i = 0; counters && i < FPR_MAC_COUNTERS; i++)
		words[i] = le64_to_cpu(counters->counters[i]);
	/* Who polls the status finds the rest behind it. */
	smp_wmb();
	WRITE_ONCE(record->status, status);
	kunmap_local(record);
}
