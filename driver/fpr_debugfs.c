// SPDX-License-Identifier: GPL-2.0 OR MIT
#include <linux/debugfs.h>
#include <linux/seq_file.h>
#include <linux/uaccess.h>
#include <drm/drm_debugfs.h>
#include <drm/drm_file.h>

#include "fpr_gem.h"
#include "fpr_hw.h"
#include "fpr_query.h"
#include "fpr_reset.h"
#include "fpr_sysfs.h"

static struct fpr_device *fpr_debugfs_fdev(struct seq_file *m)
{
	struct drm_debugfs_entry *entry = m->private;

	return to_fpr(entry->dev);
}

static int fpr_debugfs_memory(struct seq_file *m, void *unused)
{
	struct fpr_device *fdev = fpr_debugfs_fdev(m);
	struct drm_printer p = drm_seq_file_printer(m);
	struct fpr_bo *bo;

	mutex_lock(&fdev->mm_lock);
	drm_mm_print(&fdev->mm, &p);
	list_for_each_entry(bo, &fdev->bos, link)
		seq_printf(m, "%s %llu bytes%s, %u pieces\n",
			   bo->placement == DRM_FPR_PLACE_BOARD ? "board" : "host", fpr_bo_size(bo),
			   bo->shmem.base.import_attach ? " imported" : "", bo->pieces);
	mutex_unlock(&fdev->mm_lock);
	return 0;
}

static int fpr_debugfs_rings(struct seq_file *m, void *unused)
{
	static const char *const names[] = { "mac", "transfer" };
	struct fpr_device *fdev = fpr_debugfs_fdev(m);
	struct drm_fpr_counters_engine c;
	struct fpr_ring *ring;
	int cookie;
	u32 e;

	if (fdev->asleep || !drm_dev_enter(&fdev->drm, &cookie))
		return -ENODEV;
	for (e = 0; e < FPR_ENGINES; e++) {
		ring = e == FPR_ENGINE_MAC ? &fdev->mac.ring : &fdev->xfer.ring;
		memset(&c, 0, sizeof(c));
		fpr_query_engine(fdev, e, &c);
		seq_printf(m, "%s: entries %u, tail %u, cq_head %u, phase %u, running %d\n",
			   names[e], ring->entries, ring->tail, ring->cq_head, ring->phase,
			   ring->running);
		seq_printf(m, "  jobs %llu, progress %llu, corrupt %u\n", c.jobs, c.progress,
			   ring->corrupt);
		seq_printf(m, "  doorbells %llu, interrupts %llu, completions %llu\n", c.doorbells,
			   c.interrupts, c.completions);
	}
	drm_dev_exit(cookie);
	return 0;
}

static const struct drm_debugfs_info fpr_debugfs_files[] = {
	{ "memory", fpr_debugfs_memory, 0, NULL },
	{ "rings", fpr_debugfs_rings, 0, NULL },
};

static int fpr_debugfs_reset_set(void *data, u64 value)
{
	struct fpr_device *fdev = data;

	if (value != 1)
		return -EINVAL;
	/* However often: it says nothing of the board. */
	WRITE_ONCE(fdev->relapses, 0);
	fpr_reset_request(fdev, "asked for in debugfs");
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(fpr_debugfs_reset, NULL, fpr_debugfs_reset_set, "%llu\n");

/* BAR 0 in pairs of registers, every LO at a multiple of 8: so no HI is another moment's. */
static ssize_t fpr_debugfs_registers_read(struct file *file, char __user *to, size_t bytes,
					  loff_t *pos)
{
	struct fpr_device *fdev = file->private_data;
	ssize_t done = 0;
	int cookie;

	if (*pos < 0 || *pos % sizeof(u64) || bytes < sizeof(u64))
		return -EINVAL;
	if (fdev->asleep || !drm_dev_enter(&fdev->drm, &cookie))
		return -ENODEV;
	while (bytes - done >= sizeof(u64) && *pos < FPR_BAR_REGS_BYTES) {
		const __le64 value = cpu_to_le64(fpr_read64(fdev, *pos));

		if (copy_to_user(to + done, &value, sizeof(value))) {
			done = done ? done : -EFAULT;
			break;
		}
		done += sizeof(value);
		*pos += sizeof(value);
	}
	drm_dev_exit(cookie);
	return done;
}

static const struct file_operations fpr_debugfs_registers = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.read = fpr_debugfs_registers_read,
	.llseek = default_llseek,
};

/**
 * fpr_debugfs_init() - files for people who look into trouble
 * @fdev: the board, its DRM device registered
 *
 * memory: what lies where; rings: indices and counters; registers: BAR 0, in pieces of 8 bytes;
 * reset: write 1 for a full reset.
 */
void fpr_debugfs_init(struct fpr_device *fdev)
{
	debugfs_create_file_unsafe("reset", 0200, fdev->drm.debugfs_root, fdev, &fpr_debugfs_reset);
	debugfs_create_file("registers", 0400, fdev->drm.debugfs_root, fdev,
			    &fpr_debugfs_registers);
	drm_debugfs_add_files(&fdev->drm, fpr_debugfs_files, ARRAY_SIZE(fpr_debugfs_files));
}
