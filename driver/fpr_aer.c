// SPDX-License-Identifier: GPL-2.0 OR MIT
#include "fpr_gem.h"
#include "fpr_hw.h"
#include "fpr_pm.h"
#include "fpr_reset.h"
#include "fpr_trace.h"

/*
 * Errors on the way to the board, and function-level resets from sysfs. Both stop
 * all work, let the PCI core reset the function, and go on as after a full reset.
 */

/* How many time-outs the PCI core has to bring the board back: it may not say that it cannot. */
#define FPR_AER_TIMEOUTS 10

static void fpr_aer_stop(struct fpr_device *fdev)
{
	fpr_watchdog_stop(fdev);
	mutex_lock(&fdev->reset_lock);
	if (!fdev->asleep) {
		fpr_reset_begin(fdev);
		fdev->stopped = true;
		fdev->asleep = true;
	}
	mutex_unlock(&fdev->reset_lock);
	fpr_aperture_close(fdev);
}

/*
 * The PCI core takes the bus away next, and what moves then would end with an error. Where the link
 * is down already, the board reads all ones and is left alone.
 */
static void fpr_aer_quiesce(struct fpr_device *fdev)
{
	mutex_lock(&fdev->reset_lock);
	if (fdev->stopped && fpr_hw_alive(fdev))
		fpr_hw_reset(fdev);
	mutex_unlock(&fdev->reset_lock);
}

static void fpr_aer_go(struct fpr_device *fdev)
{
	cancel_delayed_work(&fdev->aer_work);
	mutex_lock(&fdev->reset_lock);
	if (fdev->stopped) {
		fpr_reset_wake(fdev);
		fdev->reset_reason = "a PCI error";
		fpr_reset_end(fdev, false);
	}
	mutex_unlock(&fdev->reset_lock);
	fpr_aperture_reopen(fdev);
	if (!fdev->gone)
		fpr_watchdog_start(fdev);
}

static void fpr_aer_overdue(struct work_struct *work)
{
	struct fpr_device *fdev = container_of(work, struct fpr_device, aer_work.work);
	bool late;

	/* Recovery may have come at the last moment. */
	mutex_lock(&fdev->reset_lock);
	late = fdev->stopped;
	fdev->gone |= late;
	mutex_unlock(&fdev->reset_lock);
	if (!late)
		return;
	drm_err(&fdev->drm, "no recovery from a PCI error: its work fails with ENODEV\n");
	fpr_aer_go(fdev);
}

/**
 * fpr_aer_init() - prepare, before anything can go wrong
 * @fdev: the board
 */
void fpr_aer_init(struct fpr_device *fdev)
{
	INIT_DELAYED_WORK(&fdev->aer_work, fpr_aer_overdue);
}

/**
 * fpr_aer_fini() - wait for no recovery any more
 * @fdev: the board, which is being unbound; the caller does not hold reset_lock
 */
void fpr_aer_fini(struct fpr_device *fdev)
{
	cancel_delayed_work_sync(&fdev->aer_work);
	fpr_aperture_reopen(fdev);
}

static pci_ers_result_t fpr_aer_detected(struct pci_dev *pdev, pci_channel_state_t state)
{
	struct fpr_device *fdev = pci_get_drvdata(pdev);

	trace_fpr_pm(fdev, "error_detected", (__force int)state);
	fpr_aer_stop(fdev);
	if (state != pci_channel_io_perm_failure) {
		fpr_aer_quiesce(fdev);
		/* Time-outs wait for the recovery, so not behind them. */
		queue_delayed_work(fdev->signal_wq, &fdev->aer_work,
				   FPR_AER_TIMEOUTS * msecs_to_jiffies(fpr_timeout_ms));
		return PCI_ERS_RESULT_NEED_RESET;
	}
	fdev->gone = true;
	fpr_aer_go(fdev);
	return PCI_ERS_RESULT_DISCONNECT;
}

static pci_ers_result_t fpr_aer_slot_reset(struct pci_dev *pdev)
{
	struct fpr_device *fdev = pci_get_drvdata(pdev);

	trace_fpr_pm(fdev, "slot_reset", 0);
	pci_restore_state(pdev);
	pci_save_state(pdev);
	if (fpr_read(fdev, FPR_REG_ID) == FPR_ID)
		return PCI_ERS_RESULT_RECOVERED;
	fdev->gone = true;
	fpr_aer_go(fdev);
	return PCI_ERS_RESULT_DISCONNECT;
}

static void fpr_aer_resume(struct pci_dev *pdev)
{
	struct fpr_device *fdev = pci_get_drvdata(pdev);

	trace_fpr_pm(fdev, "resume", 0);
	fpr_aer_go(fdev);
}

static void fpr_aer_reset_prepare(struct pci_dev *pdev)
{
	struct fpr_device *fdev = pci_get_drvdata(pdev);

	fpr_aer_stop(fdev);
	fpr_aer_quiesce(fdev);
}

static void fpr_aer_reset_done(struct pci_dev *pdev)
{
	fpr_aer_go(pci_get_drvdata(pdev));
}

const struct pci_error_handlers fpr_aer_handlers = {
	.error_detected = fpr_aer_detected,
	.slot_reset = fpr_aer_slot_reset,
	.resume = fpr_aer_resume,
	.reset_prepare = fpr_aer_reset_prepare,
	.reset_done = fpr_aer_reset_done,
};
