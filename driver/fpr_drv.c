// SPDX-License-Identifier: GPL-2.0 OR MIT
#include <linux/compat.h>
#include <linux/dma-mapping.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/nospec.h>
#include <linux/pci.h>
#include <linux/uaccess.h>
#include <drm/drm_accel.h>
#include <drm/drm_drv.h>
#include <drm/drm_gem.h>
#include <drm/drm_ioctl.h>
#include <drm/drm_managed.h>

#include "fpr_coredump.h"
#include "fpr_ctx.h"
#include "fpr_gem.h"
#include "fpr_hw.h"
#include "fpr_irq.h"
#include "fpr_mac.h"
#include "fpr_peer.h"
#include "fpr_pm.h"
#include "fpr_prime.h"
#include "fpr_query.h"
#include "fpr_reset.h"
#include "fpr_ring.h"
#include "fpr_submit.h"
#include "fpr_sysfs.h"
#include "fpr_xfer.h"

uint fpr_timeout_ms = 10000;
module_param_named(timeout_ms, fpr_timeout_ms, uint, 0444);
MODULE_PARM_DESC(timeout_ms, "An engine with work that stands still this long has hung (ms)");

uint fpr_hang_limit = 3;
module_param_named(hang_limit, fpr_hang_limit, uint, 0644);
MODULE_PARM_DESC(hang_limit, "Hangs after which a context may submit no more; 0: never");

uint fpr_slice;
module_param_named(slice, fpr_slice, uint, 0444);
MODULE_PARM_DESC(slice, "Bytes a transfer moves before the next decision; 0: the board's default");

uint fpr_ageing;
module_param_named(ageing, fpr_ageing, uint, 0444);
MODULE_PARM_DESC(ageing, "Slices a transfer waits per step of priority it gains; 0: never");

char *fpr_irq = "auto";
module_param_named(irq, fpr_irq, charp, 0444);
MODULE_PARM_DESC(irq, "Kind of interrupts: auto, msix, msi or intx");

struct workqueue_struct *fpr_release_wq;

static int fpr_open(struct drm_device *drm, struct drm_file *file)
{
	struct fpr_file *ffile = kzalloc(sizeof(*ffile), GFP_KERNEL);

	if (!ffile)
		return -ENOMEM;
	ffile->fdev = to_fpr(drm);
	spin_lock_init(&ffile->lock);
	xa_init_flags(&ffile->contexts, XA_FLAGS_ALLOC1);
	file->driver_priv = ffile;
	return 0;
}

static void fpr_postclose(struct drm_device *drm, struct drm_file *file)
{
	struct fpr_file *ffile = file->driver_priv;

	fpr_ctx_close_all(ffile);
	kfree(ffile);
}

static const struct drm_ioctl_desc fpr_ioctls[] = {
	DRM_IOCTL_DEF_DRV(FPR_QUERY, fpr_ioctl_query, 0),
	DRM_IOCTL_DEF_DRV(FPR_BO_CREATE, fpr_ioctl_bo_create, 0),
	DRM_IOCTL_DEF_DRV(FPR_BO_INFO, fpr_ioctl_bo_info, 0),
	DRM_IOCTL_DEF_DRV(FPR_CTX_CREATE, fpr_ioctl_ctx_create, 0),
	DRM_IOCTL_DEF_DRV(FPR_CTX_DESTROY, fpr_ioctl_ctx_destroy, 0),
	DRM_IOCTL_DEF_DRV(FPR_SUBMIT_MAC, fpr_ioctl_submit_mac, 0),
	DRM_IOCTL_DEF_DRV(FPR_SUBMIT_XFER, fpr_ioctl_submit_xfer, 0),
	DRM_IOCTL_DEF_DRV(FPR_READ_COUNTERS, fpr_ioctl_read_counters, 0),
};

/* The core ignores what an argument has behind the structure that it knows. */
static int fpr_tail_check(unsigned int cmd, unsigned long arg)
{
	u32 nr = DRM_IOCTL_NR(cmd) - DRM_COMMAND_BASE, known;
	int ret;

	if (nr >= ARRAY_SIZE(fpr_ioctls) || !(cmd & IOC_IN))
		return 0;
	known = _IOC_SIZE(fpr_ioctls[array_index_nospec(nr, ARRAY_SIZE(fpr_ioctls))].cmd);
	if (_IOC_SIZE(cmd) <= known)
		return 0;
	ret = check_zeroed_user((const void __user *)arg + known, _IOC_SIZE(cmd) - known);
	return ret < 0 ? ret : ret ? 0 : -EINVAL;
}

/*
 * Of the core's own calls, those of a render node. Others take it that the file has
 * the master of a display: DRM_IOCTL_GET_UNIQUE and DRM_IOCTL_GET_MAGIC follow that
 * pointer, which is NULL in a file of an accel node, whoever asks.
 */
static int fpr_ioctl_check(unsigned int cmd, unsigned long arg)
{
	unsigned int flags;

	if (drm_ioctl_flags(DRM_IOCTL_NR(cmd), &flags) && !(flags & DRM_RENDER_ALLOW))
		return -EACCES;
	return fpr_tail_check(cmd, arg);
}

static long fpr_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	return fpr_ioctl_check(cmd, arg) ?: drm_ioctl(filp, cmd, arg);
}

#ifdef CONFIG_COMPAT
static long fpr_compat_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	return fpr_ioctl_check(cmd, (unsigned long)compat_ptr(arg)) ?:
		       drm_compat_ioctl(filp, cmd, arg);
}
#endif

/* As DRM_ACCEL_FOPS, but for the calls above. */
static const struct file_operations fpr_fops = {
	.owner = THIS_MODULE,
	.open = accel_open,
	.release = drm_release,
	.unlocked_ioctl = fpr_ioctl,
#ifdef CONFIG_COMPAT
	.compat_ioctl = fpr_compat_ioctl,
#endif
	.poll = drm_poll,
	.read = drm_read,
	.llseek = noop_llseek,
	.mmap = drm_gem_mmap,
	.fop_flags = FOP_UNSIGNED_OFFSET,
	.show_fdinfo = drm_show_fdinfo,
};

static const struct drm_driver fpr_driver = {
	.driver_features =
		DRIVER_COMPUTE_ACCEL | DRIVER_GEM | DRIVER_SYNCOBJ | DRIVER_SYNCOBJ_TIMELINE,
	.name = DRM_FPR_DRIVER_NAME,
	.desc = "FPRaker accelerator",
	.major = DRM_FPR_MAJOR,
	.minor = DRM_FPR_MINOR,
	.fops = &fpr_fops,
	.ioctls = fpr_ioctls,
	.num_ioctls = ARRAY_SIZE(fpr_ioctls),
	.open = fpr_open,
	.postclose = fpr_postclose,
	.gem_create_object = fpr_gem_create_object,
	.gem_prime_import = fpr_import,
	.show_fdinfo = fpr_fdinfo_show,
};

/* ---- probe ------------------------------------------------------------- */

static int fpr_map(struct fpr_device *fdev)
{
	struct pci_dev *pdev = fdev->pdev;
	int ret;

	ret = pcim_enable_device(pdev);
	if (ret)
		return ret;
	if (!(pci_resource_flags(pdev, FPR_BAR_REGS) & IORESOURCE_MEM) ||
	    pci_resource_len(pdev, FPR_BAR_REGS) < FPR_BAR_REGS_BYTES)
		return -ENODEV;
	fdev->regs = pcim_iomap_region(pdev, FPR_BAR_REGS, DRM_FPR_DRIVER_NAME);
	return PTR_ERR_OR_ZERO(fdev->regs);
}

/* Only a board that has identified itself gets to write to memory. */
static int fpr_map_memory(struct fpr_device *fdev)
{
	struct pci_dev *pdev = fdev->pdev;
	int ret;

	fdev->aperture_phys = pci_resource_start(pdev, FPR_BAR_MEMORY);
	/* Which of the PCI core's ways to ask for a BAR are managed differs by kernel. */
	if (!devm_request_mem_region(&pdev->dev, fdev->aperture_phys,
				     pci_resource_len(pdev, FPR_BAR_MEMORY), DRM_FPR_DRIVER_NAME))
		return -EBUSY;
	fdev->aperture = devm_ioremap_wc(&pdev->dev, fdev->aperture_phys, fdev->caps.memory_bytes);
	if (!fdev->aperture)
		return -ENOMEM;
	ret = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(64));
	if (ret)
		return ret;
	dma_set_max_seg_size(&pdev->dev, UINT_MAX);
	pci_set_master(pdev);
	fpr_peer_init(fdev);
	return 0;
}

static void fpr_wq_free(struct drm_device *drm, void *wq)
{
	destroy_workqueue(wq);
}

static int fpr_wq_init(struct fpr_device *fdev, struct workqueue_struct **wq, const char *name)
{
	*wq = alloc_ordered_workqueue("%s", WQ_MEM_RECLAIM, name);
	return *wq ? drmm_add_action_or_reset(&fdev->drm, fpr_wq_free, *wq) : -ENOMEM;
}

static void fpr_mm_free(struct drm_device *drm, void *mm)
{
	drm_mm_takedown(mm);
}

/* What outlives the board: it is there until the last file is closed. */
static int fpr_soft_init(struct fpr_device *fdev)
{
	int ret;

	init_rwsem(&fdev->aperture_lock);
	init_waitqueue_head(&fdev->aperture_open);
	INIT_LIST_HEAD(&fdev->bos);
	INIT_LIST_HEAD(&fdev->lent);
	ret = drmm_mutex_init(&fdev->drm, &fdev->mm_lock);
	if (!ret)
		ret = drmm_mutex_init(&fdev->drm, &fdev->lent_lock);
	if (!ret)
		ret = drmm_mutex_init(&fdev->drm, &fdev->reset_lock);
	if (ret)
		return ret;
	fpr_reset_init(fdev);
	drm_mm_init(&fdev->mm, 0, fdev->caps.memory_bytes);
	ret = drmm_add_action_or_reset(&fdev->drm, fpr_mm_free, &fdev->mm);
	if (ret)
		return ret;
	ret = fpr_wq_init(fdev, &fdev->wq, "fpr");
	return ret ?: fpr_wq_init(fdev, &fdev->signal_wq, "fpr-signal");
}

static int fpr_queues_init(struct fpr_device *fdev)
{
	int ret = fpr_mac_init(fdev);

	if (ret)
		return ret;
	ret = fpr_xfer_init(fdev);
	if (ret)
		goto fini_mac;
	ret = fpr_sched_init(fdev);
	if (ret)
		goto fini_xfer;
	return 0;
fini_xfer:
	fpr_xfer_fini(fdev);
fini_mac:
	fpr_mac_fini(fdev);
	return ret;
}

static void fpr_queues_fini(struct fpr_device *fdev)
{
	fpr_xfer_fini(fdev);
	fpr_mac_fini(fdev);
}

static int fpr_start(struct fpr_device *fdev)
{
	int ret = fpr_irq_init(fdev);

	if (ret)
		return ret;
	/* Its first interrupt may ask for a reset already. */
	mutex_lock(&fdev->reset_lock);
	ret = fpr_board_start(fdev);
	mutex_unlock(&fdev->reset_lock);
	if (!ret)
		ret = drm_dev_register(&fdev->drm, 0);
	if (ret)
		goto stop;
	fpr_debugfs_init(fdev);
	fpr_hwmon_init(fdev);
	/* What a reset of the slot takes away and fpr_aer.c restores. */
	pci_save_state(fdev->pdev);
	fpr_watchdog_start(fdev);
	return 0;
stop:
	fpr_irq_fini(fdev);
	cancel_work_sync(&fdev->reset_work);
	fpr_coredump_fini(fdev);
	fpr_hw_reset(fdev);
	pci_clear_master(fdev->pdev);
	return ret;
}

static int fpr_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct fpr_device *fdev;
	int ret;

	fdev = devm_drm_dev_alloc(&pdev->dev, &fpr_driver, struct fpr_device, drm);
	if (IS_ERR(fdev))
		return PTR_ERR(fdev);
	fdev->pdev = pdev;
	spin_lock_init(&fdev->hw_lock);
	pci_set_drvdata(pdev, fdev);
	fpr_aer_init(fdev);
	fpr_coredump_init(fdev);
	ret = fpr_map(fdev);
	if (!ret)
		ret = fpr_hw_identify(fdev);
	if (!ret)
		ret = fpr_soft_init(fdev);
	if (!ret)
		ret = fpr_map_memory(fdev);
	if (!ret)
		ret = fpr_queues_init(fdev);
	if (ret)
		return ret;
	ret = fpr_start(fdev);
	if (ret) {
		fpr_queues_fini(fdev);
		return ret;
	}
	drm_info(&fdev->drm, "contract %u.%u, %llu MiB, %u interrupt vector%s\n",
		 fdev->caps.contract >> 16, fdev->caps.contract & 0xffff,
		 fdev->caps.memory_bytes >> 20, fdev->vectors, fdev->vectors == 1 ? "" : "s");
	return 0;
}

/* The board may be there or not: sysfs, rmmod and a pulled card all come by here. */
static void fpr_remove(struct pci_dev *pdev)
{
	struct fpr_device *fdev = pci_get_drvdata(pdev);

	fpr_aer_fini(fdev);
	fpr_reset_unplug(fdev);
	/* It may have come first, and not be through yet. */
	cancel_work_sync(&fdev->lost_work);
	fpr_watchdog_stop(fdev);
	mutex_lock(&fdev->reset_lock);
	if (fpr_hw_alive(fdev))
		fpr_write(fdev, FPR_REG_IRQ_MASK, 0);
	/* An error on the way to it may have stopped everything, with no recovery yet. */
	if (!fdev->stopped)
		fpr_reset_begin(fdev);
	/* Stops DMA, if there still is a board; then nothing writes to memory any more. */
	if (fpr_hw_alive(fdev))
		fpr_hw_reset(fdev);
	/*
	 * No interrupt message leaves a function that may not write to memory, and
	 * earlier ones have reached the CPUs when this write is answered. free_irq()
	 * does the rest: it waits for handlers, and what is still pending in a CPU
	 * then finds nobody. A handler that runs until then finds stopped rings.
	 */
	pci_clear_master(pdev);
	fpr_reset_abandon(fdev);
	mutex_unlock(&fdev->reset_lock);
	/* A time-out may have been waiting for the lock; it looks at interrupts. */
	flush_workqueue(fdev->wq);
	fpr_irq_fini(fdev);
	/* The last interrupt may have asked for a reset. */
	cancel_work_sync(&fdev->reset_work);
	cancel_work_sync(&fdev->lost_work);
	fpr_coredump_fini(fdev);
	fpr_prime_revoke(fdev);
	fpr_bo_detach_all(fdev);
	fpr_queues_fini(fdev);
}

/* Before kexec or power-off: the next kernel's memory is not ours to write. */
static void fpr_shutdown(struct pci_dev *pdev)
{
	struct fpr_device *fdev = pci_get_drvdata(pdev);

	fpr_watchdog_stop(fdev);
	if (!fdev->asleep && fpr_hw_alive(fdev))
		fpr_hw_reset(fdev);
	pci_clear_master(pdev);
}

static const struct pci_device_id fpr_ids[] = {
	{ PCI_DEVICE_SUB(FPR_PCI_VENDOR, FPR_PCI_DEVICE, FPR_PCI_SUBVENDOR, FPR_PCI_SUBDEVICE) }, {}
};
MODULE_DEVICE_TABLE(pci, fpr_ids);

static struct pci_driver fpr_pci_driver = {
	.name = DRM_FPR_DRIVER_NAME,
	.id_table = fpr_ids,
	.probe = fpr_probe,
	.remove = fpr_remove,
	.shutdown = fpr_shutdown,
	.err_handler = &fpr_aer_handlers,
	.dev_groups = fpr_sysfs_groups,
	.driver.pm = pm_sleep_ptr(&fpr_pm_ops),
};

static int __init fpr_module_init(void)
{
	int ret = fpr_irq_check();

	if (ret)
		return ret;
	fpr_timeout_ms = max(fpr_timeout_ms, 100u);
	fpr_release_wq = alloc_workqueue("fpr-release", WQ_MEM_RECLAIM | WQ_UNBOUND, 0);
	if (!fpr_release_wq)
		return -ENOMEM;
	ret = pci_register_driver(&fpr_pci_driver);
	if (ret)
		destroy_workqueue(fpr_release_wq);
	return ret;
}

static void __exit fpr_module_exit(void)
{
	pci_unregister_driver(&fpr_pci_driver);
	/* Waits for whoever has just dropped the last reference to this module. */
	destroy_workqueue(fpr_release_wq);
}

module_init(fpr_module_init);
module_exit(fpr_module_exit);

MODULE_DESCRIPTION("Driver of the fpr matrix and transfer accelerator");
MODULE_LICENSE("Dual MIT/GPL");
/* Not MODULE_IMPORT_NS: its spelling changed, and the wrong one compiles. */
MODULE_INFO(import_ns, "DMA_BUF");
