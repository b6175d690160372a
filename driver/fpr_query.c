// SPDX-License-Identifier: GPL-2.0 OR MIT
#include "fpr_ctx.h"
#include "fpr_gem.h"
#include "fpr_hw.h"
#include "fpr_query.h"
#include "fpr_submit.h"

static int fpr_answer(u64 pointer, u32 *size, const void *answer, u32 known)
{
	int ret = 0;

	if (pointer && *size)
		ret = fpr_copy_struct_to_user(u64_to_user_ptr(pointer), *size, answer, known);
	*size = known;
	return ret;
}

static void fpr_query_device(struct fpr_device *fdev, struct drm_fpr_query_device *q)
{
	const struct fpr_caps *caps = &fdev->caps;
	struct pci_dev *pdev = fdev->pdev;

	q->contract = caps->contract;
	q->build = caps->build;
	q->caps = caps->caps;
	q->rows = caps->geometry & 0xff;
	q->cols = caps->geometry >> 8 & 0xff;
	q->lanes = caps->geometry >> 16 & 0xff;
	q->window = caps->geometry >> 24 & 0xf;
	q->run_ahead = caps->geometry >> 28;
	q->kinds = caps->caps & FPR_CAPS_KINDS;
	q->default_kind = (caps->caps & FPR_CAPS_DEFAULT_KIND) >> FPR_CAPS_DEFAULT_KIND_SHIFT;
	q->clock_khz = caps->clock_khz;
	q->slice_bytes = fpr_read(fdev, FPR_REG_SLICE);
	q->memory_bytes = caps->memory_bytes;
	q->bo_align = PAGE_SIZE;
	q->xfer_entries = fdev->xfer.limit;
	q->max_jobs = fpr_submit_most(fdev);
	q->max_syncs = FPR_MAX_SYNCS;
	q->max_priority = U16_MAX;
	q->priorities = fpr_ctx_priorities();
	q->irq = fdev->irq_mode;
	q->vectors = fdev->vectors;
	q->resets = atomic64_read(&fdev->resets);
	q->pci_domain = pci_domain_nr(pdev->bus);
	q->pci_bus = pdev->bus->number;
	q->pci_slot = PCI_SLOT(pdev->devfn);
	q->pci_function = PCI_FUNC(pdev->devfn);
}

static int fpr_query_context(struct fpr_file *file, struct drm_fpr_query *args)
{
	struct drm_fpr_query_context q = {};
	struct fpr_ctx *ctx = fpr_ctx_lookup(file, args->id);

	if (!ctx)
		return -ENOENT;
	q.priority = ctx->priority;
	q.banned = fpr_ctx_banned(ctx);
	q.guilty = atomic_read(&ctx->hangs);
	q.innocent = atomic_read(&ctx->innocent);
	fpr_ctx_put(ctx);
	return fpr_answer(args->pointer, &args->size, &q, sizeof(q));
}

/* Registers may be read: there is a board, and its function is not being reset. */
static int fpr_query_enter(struct fpr_device *fdev, int *cookie)
{
	int ret;

	if (!drm_dev_enter(&fdev->drm, cookie))
		return -ENODEV;
	ret = fpr_aperture_enter(fdev);
	if (ret)
		drm_dev_exit(*cookie);
	return ret;
}

static void fpr_query_exit(struct fpr_device *fdev, int cookie)
{
	fpr_aperture_exit(fdev);
	drm_dev_exit(cookie);
}

/**
 * fpr_ioctl_query() - DRM_IOCTL_FPR_QUERY
 * @drm: the DRM device
 * @data: struct drm_fpr_query
 * @file: the caller
 * Return: 0 or -errno
 */
int fpr_ioctl_query(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_fpr_query_device device = {};
	struct drm_fpr_query_memory memory = {};
	struct fpr_device *fdev = to_fpr(drm);
	struct drm_fpr_query *args = data;
	int ret, cookie;

	if (args->reserved || (args->id && args->type != DRM_FPR_QUERY_CONTEXT))
		return -EINVAL;
	switch (args->type) {
	case DRM_FPR_QUERY_DEVICE:
		ret = fpr_query_enter(fdev, &cookie);
		if (ret)
			return ret;
		fpr_query_device(fdev, &device);
		fpr_query_exit(fdev, cookie);
		return fpr_answer(args->pointer, &args->size, &device, sizeof(device));
	case DRM_FPR_QUERY_MEMORY:
		memory.total = fdev->caps.memory_bytes;
		fpr_mm_state(fdev, &memory.free, &memory.largest);
		return fpr_answer(args->pointer, &args->size, &memory, sizeof(memory));
	case DRM_FPR_QUERY_CONTEXT:
		return fpr_query_context(file->driver_priv, args);
	default:
		return -EINVAL;
	}
}

/**
 * fpr_query_engine() - an engine's counters
 * @fdev: the board, which answers
 * @engine: FPR_ENGINE_*
 * @counters: filled in
 */
void fpr_query_engine(struct fpr_device *fdev, u32 engine, struct drm_fpr_counters_engine *counters)
{
	struct fpr_ring *ring = engine == FPR_ENGINE_MAC ? &fdev->mac.ring : &fdev->xfer.ring;
	u32 base = FPR_REG_ENGINE(engine);

	counters->jobs = fpr_read64(fdev, base + FPR_ENG_JOBS_LO);
	counters->progress = fpr_read64(fdev, base + FPR_ENG_PROGRESS_LO);
	counters->busy_ns = fpr_read64(fdev, base + FPR_ENG_BUSY_NS_LO);
	counters->idle_ns = fpr_read64(fdev, base + FPR_ENG_IDLE_NS_LO);
	counters->stall_ns = fpr_read64(fdev, base + FPR_ENG_STALL_NS_LO);
	if (engine == FPR_ENGINE_MAC) {
		counters->cycles = fpr_read64(fdev, base + FPR_ENG_CYCLES_LO);
		counters->terms_issued = fpr_read64(fdev, base + FPR_ENG_ISSUED_LO);
		counters->terms_skipped_zero = fpr_read64(fdev, base + FPR_ENG_SKIPPED_ZERO_LO);
		counters->terms_skipped_oob = fpr_read64(fdev, base + FPR_ENG_SKIPPED_OOB_LO);
	}
	counters->doorbells = READ_ONCE(ring->doorbells);
	counters->interrupts = READ_ONCE(ring->interrupts);
	counters->completions = READ_ONCE(ring->completions);
}

static void fpr_query_class(struct fpr_device *fdev, u32 class, struct drm_fpr_counters_class *c)
{
	u32 base = FPR_REG_CLASS(class);

	c->h2c_bytes = fpr_read64(fdev, base + FPR_CLASS_H2C_BYTES_LO);
	c->c2h_bytes = fpr_read64(fdev, base + FPR_CLASS_C2H_BYTES_LO);
	c->slices = fpr_read64(fdev, base + FPR_CLASS_SLICES_LO);
	c->preemptions = fpr_read64(fdev, base + FPR_CLASS_PREEMPTIONS_LO);
}

static int fpr_counters_context(struct fpr_file *file, struct drm_fpr_read_counters *args)
{
	struct drm_fpr_counters_context counters;
	struct fpr_ctx *ctx = fpr_ctx_lookup(file, args->id);

	if (!ctx)
		return -ENOENT;
	spin_lock_irq(&ctx->stat_lock);
	counters = ctx->stat;
	spin_unlock_irq(&ctx->stat_lock);
	fpr_ctx_put(ctx);
	return fpr_answer(args->pointer, &args->size, &counters, sizeof(counters));
}

/**
 * fpr_ioctl_read_counters() - DRM_IOCTL_FPR_READ_COUNTERS
 * @drm: the DRM device
 * @data: struct drm_fpr_read_counters
 * @file: the caller
 * Return: 0 or -errno
 */
int fpr_ioctl_read_counters(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_fpr_counters_engine engine = {};
	struct drm_fpr_counters_class class = {};
	struct drm_fpr_read_counters *args = data;
	struct fpr_device *fdev = to_fpr(drm);
	int ret, cookie;

	if (args->reserved)
		return -EINVAL;
	if (args->type == DRM_FPR_COUNTERS_CONTEXT)
		return fpr_counters_context(file->driver_priv, args);
	if (args->type > DRM_FPR_COUNTERS_CONTEXT)
		return -EINVAL;
	if (args->id >= (args->type == DRM_FPR_COUNTERS_ENGINE ? FPR_ENGINES : FPR_CLASSES))
		return -ENOENT;
	ret = fpr_query_enter(fdev, &cookie);
	if (ret)
		return ret;
	if (args->type == DRM_FPR_COUNTERS_ENGINE)
		fpr_query_engine(fdev, args->id, &engine);
	else
		fpr_query_class(fdev, args->id, &class);
	fpr_query_exit(fdev, cookie);
	if (args->type == DRM_FPR_COUNTERS_ENGINE)
		return fpr_answer(args->pointer, &args->size, &engine, sizeof(engine));
	return fpr_answer(args->pointer, &args->size, &class, sizeof(class));
}
