// SPDX-License-Identifier: GPL-2.0 OR MIT
#include <linux/delay.h>

#include "fpr_gem.h"
#include "fpr_hw.h"
#include "fpr_irq.h"
#include "fpr_mac.h"
#include "fpr_pm.h"
#include "fpr_reset.h"
#include "fpr_ring.h"
#include "fpr_trace.h"
#include "fpr_xfer.h"

/* What is on the board may take this many time-outs to end before sleep is refused. */
#define FPR_DRAIN_TIMEOUTS 2

/*
 * With nothing on the board, keep it so. Only a look under the lock counts: a reset lets work
 * go on, and a PCI error stops what is posted where it is.
 */
static bool fpr_pm_halt(struct fpr_device *fdev)
{
	bool halted = false;

	mutex_lock(&fdev->reset_lock);
	if (!fdev->stopped) {
		drm_sched_wqueue_stop(&fdev->mac.sched);
		fpr_xfer_freeze(fdev);
		fpr_mac_poll(fdev);
		fpr_xfer_poll(fdev);
		halted = list_empty(&fdev->mac.posted) && fpr_xfer_idle(fdev);
	}
	if (halted) {
		fdev->asleep = true;
		fpr_ring_stop(&fdev->mac.ring);
		fpr_ring_stop(&fdev->xfer.ring);
	}
	mutex_unlock(&fdev->reset_lock);
	return halted;
}

/* Post no more, and wait for what has been posted. */
static int fpr_pm_drain(struct fpr_device *fdev)
{
	unsigned long end = jiffies + FPR_DRAIN_TIMEOUTS * msecs_to_jiffies(fpr_timeout_ms);

	while (!fpr_pm_halt(fdev)) {
		if (time_after(jiffies, end))
			return -EBUSY;
		msleep(20);
	}
	return 0;
}

/**
 * fpr_board_start() - bring up a board whose engines hold nothing
 * @fdev: the board
 * Return: 0, -ENODEV, -ETIMEDOUT
 */
int fpr_board_start(struct fpr_device *fdev)
{
	int ret = fpr_hw_reset(fdev);

	if (ret)
		return ret;
	fpr_hw_configure(fdev);
	fpr_mac_repost(fdev, NULL);
	fpr_xfer_repost(fdev, false);
	return 0;
}

/* @rings: as they were, so go on with them; else they have been started anew. */
static void fpr_pm_go(struct fpr_device *fdev, bool rings)
{
	mutex_lock(&fdev->reset_lock);
	/* If a PCI error has come between, its recovery lets work go on. */
	if (!fdev->stopped) {
		if (rings && fdev->asleep) {
			fpr_ring_resume(&fdev->mac.ring);
			fpr_ring_resume(&fdev->xfer.ring);
		}
		fpr_reset_wake(fdev);
		fpr_xfer_thaw(fdev);
		drm_sched_wqueue_start(&fdev->mac.sched);
	}
	mutex_unlock(&fdev->reset_lock);
	fpr_watchdog_start(fdev);
}

static int fpr_pm_suspend(struct device *dev)
{
	struct fpr_device *fdev = pci_get_drvdata(to_pci_dev(dev));
	int ret;

	fpr_watchdog_stop(fdev);
	if (fdev->gone || fdev->wedged)
		return 0;
	ret = fpr_pm_drain(fdev);
	/* Board memory does not survive a sleep. */
	if (!ret)
		ret = fpr_bo_save(fdev);
	if (ret) {
		drm_notice(&fdev->drm, "cannot sleep: %s\n",
			   ret == -EBUSY ? "still at work" : "no memory to keep the board's in");
		fpr_pm_go(fdev, true);
		return ret;
	}
	fpr_write(fdev, FPR_REG_IRQ_MASK, 0);
	fpr_irq_sync(fdev);
	trace_fpr_pm(fdev, "suspend", 0);
	return 0;
}

static int fpr_pm_resume(struct device *dev)
{
	struct fpr_device *fdev = pci_get_drvdata(to_pci_dev(dev));
	int ret = -ENODEV;

	if (!fdev->asleep || fdev->stopped)
		return 0;
	if (!fdev->gone && fpr_read(fdev, FPR_REG_ID) == FPR_ID)
		ret = fpr_hw_reset(fdev);
	/* Before the engines run: transfers that are ready go to the board at once. */
	if (!ret)
		fpr_bo_restore(fdev);
	mutex_lock(&fdev->reset_lock);
	if (!ret)
		ret = fpr_board_start(fdev);
	if (ret)
		fpr_reset_lost(fdev, "it did not wake up");
	mutex_unlock(&fdev->reset_lock);
	trace_fpr_pm(fdev, "resume", ret);
	fpr_pm_go(fdev, false);
	/* The rest of the machine shall wake up all the same. */
	return 0;
}

const struct dev_pm_ops fpr_pm_ops = { SYSTEM_SLEEP_PM_OPS(fpr_pm_suspend, fpr_pm_resume) };
