// SPDX-License-Identifier: GPL-2.0 OR MIT
#include <linux/kobject.h>
#include <linux/sched/mm.h>
#include <drm/drm_file.h>

#include "fpr_coredump.h"
#include "fpr_hw.h"
#include "fpr_irq.h"
#include "fpr_mac.h"
#include "fpr_prime.h"
#include "fpr_reset.h"
#include "fpr_ring.h"
#include "fpr_trace.h"
#include "fpr_xfer.h"

/*
 * What to do when the board does not do its work. Time-outs, requested resets and the
 * watchdog run on one ordered queue, so no two of them meet; reset_lock keeps out
 * suspend, the PCI error handlers and remove.
 *
 * Nothing here may wait for memory: memory may be waiting for a fence that only
 * this code will signal.
 */

/* The contract promises a beat every 100 ms; a virtual board may be short of CPU. */
#define FPR_HEARTBEAT_MS 3000
/* Full resets in a row that bring no heartbeat, until the board is given up. */
#define FPR_FUTILE 3
/* Resets that the board asks for, each so soon after the last and with nothing done between. */
#define FPR_RELAPSES 16
#define FPR_RELAPSE_MS 10000

/* ---- stopping and starting --------------------------------------------- */

static void fpr_mac_quiesce(struct fpr_device *fdev, struct fpr_mac_job *bad)
{
	struct fpr_mac_queue *mac = &fdev->mac;
	struct fpr_mac_job *job;

	/* In this order: no more posting, no more completing, then nothing changes. */
	drm_sched_wqueue_stop(&mac->sched);
	fpr_ring_stop(&mac->ring);
	fpr_irq_sync(fdev);
	drm_sched_stop(&mac->sched, bad ? &bad->base : NULL);
	/* It has dropped the fences of what runs; drm_sched_start() wants them back. */
	list_for_each_entry(job, &mac->posted, link) {
		if (!job->base.s_fence->parent)
			job->base.s_fence->parent = dma_fence_get(&job->hw->base);
	}
}

static void fpr_mac_resume(struct fpr_device *fdev)
{
	drm_sched_start(&fdev->mac.sched, 0);
	fpr_mac_poll(fdev);
}

/**
 * fpr_reset_begin() - stop everything, before a full reset
 * @fdev: the board; the caller holds reset_lock
 */
void fpr_reset_begin(struct fpr_device *fdev)
{
	lockdep_assert_held(&fdev->reset_lock);
	fpr_xfer_freeze(fdev);
	fpr_ring_stop(&fdev->xfer.ring);
	fpr_mac_quiesce(fdev, NULL);
}

/*
 * No reset has stopped the board, so it may still write to memory that is freed once its
 * work has failed. Not after remove: the function may be another driver's by then.
 */
static void fpr_cut_off(struct fpr_device *fdev)
{
	if (!atomic_read(&fdev->unplugged))
		pci_clear_master(fdev->pdev);
}

static void fpr_give_up(struct fpr_device *fdev, int error)
{
	fpr_mac_fail_all(fdev, error);
	fpr_xfer_fail_all(fdev, error);
}

static void fpr_wedge(struct fpr_device *fdev, const char *reason)
{
	drm_err(&fdev->drm, "%s, and resets do not help: unbind and bind the driver to try again\n",
		reason);
	fdev->wedged = true;
	fpr_cut_off(fdev);
	fpr_give_up(fdev, -EIO);
	queue_work(fpr_release_wq, &fdev->lost_work);
}

/**
 * fpr_reset_lost() - the board does not answer any more
 * @fdev: the board; everything is stopped
 * @reason: how it was noticed
 */
void fpr_reset_lost(struct fpr_device *fdev, const char *reason)
{
	if (!fdev->gone)
		drm_err(&fdev->drm, "the board has gone (%s): its work fails with ENODEV\n",
			reason);
	fdev->gone = true;
	fpr_cut_off(fdev);
	fpr_give_up(fdev, -ENODEV);
	/*
	 * Not from here: it waits for ioctls, which may wait for us. And not once
	 * remove has been here: nothing would wait for it any more.
	 */
	if (!atomic_read(&fdev->unplugged))
		queue_work(fpr_release_wq, &fdev->lost_work);
}

/**
 * fpr_reset_unplug() - take the device from its users, once
 * @fdev: the board
 */
void fpr_reset_unplug(struct fpr_device *fdev)
{
	if (!atomic_xchg(&fdev->unplugged, 1))
		drm_dev_unplug(&fdev->drm);
}

/**
 * fpr_reset_abandon() - the driver is being unbound: all work fails, now and later
 * @fdev: the board, stopped by fpr_reset_begin()
 */
void fpr_reset_abandon(struct fpr_device *fdev)
{
	fdev->gone = true;
	fpr_reset_wake(fdev);
	fpr_give_up(fdev, -ENODEV);
	/* What waits for fences still comes by run_job, which then refuses it. */
	drm_sched_start(&fdev->mac.sched, 0);
}

/*
 * The words of drm_dev_wedged_event(), which looks for the primary node of a graphics device
 * and would dereference NULL (up to 7.3 at least).
 */
static void fpr_wedged_event(struct fpr_device *fdev)
{
	char wedged[] = "WEDGED=rebind";
	char *env[2] = { wedged, NULL };

	kobject_uevent_env(&fdev->drm.accel->kdev->kobj, KOBJ_CHANGE, env);
}

static void fpr_lost_work(struct work_struct *work)
{
	struct fpr_device *fdev = container_of(work, struct fpr_device, lost_work);

	if (!fdev->gone) {
		fpr_wedged_event(fdev);
		return;
	}
	fpr_reset_unplug(fdev);
	fpr_prime_revoke(fdev);
}

/**
 * fpr_reset_end() - full reset, and go on
 * @fdev: the board, stopped by fpr_reset_begin()
 * @hung: the transfer engine may be what hung
 */
void fpr_reset_end(struct fpr_device *fdev, bool hung)
{
	bool cookie = dma_fence_begin_signalling();
	int ret = fdev->gone ? -ENODEV : fpr_hw_reset(fdev);

	atomic64_inc(&fdev->resets);
	if (!ret && !fpr_hw_alive(fdev))
		ret = -ENODEV;
	if (ret == -ENODEV) {
		fpr_reset_lost(fdev, "it reads all ones");
	} else if (ret || fdev->wedged || fdev->futile >= FPR_FUTILE ||
		   fdev->relapses >= FPR_RELAPSES) {
		fpr_wedge(fdev, fdev->reset_reason ?: "reset failed");
	} else {
		fpr_hw_configure(fdev);
		fpr_mac_settle(fdev);
		fpr_mac_repost(fdev, NULL);
		fpr_xfer_repost(fdev, hung);
	}
	fpr_mac_resume(fdev);
	dma_fence_end_signalling(cookie);
}

static void fpr_reset_full(struct fpr_device *fdev, const char *reason, bool hung)
{
	fdev->reset_reason = reason;
	fpr_coredump_take(fdev, reason);
	fpr_reset_begin(fdev);
	trace_fpr_reset(fdev, "full", reason);
	fpr_reset_end(fdev, hung);
	if (!fdev->gone && !fdev->wedged)
		drm_notice(&fdev->drm, "full reset: %s\n", reason);
}

/* ---- the array --------------------------------------------------------- */

/* Everything is stopped; returns what to call a full reset for, or NULL. */
static const char *fpr_mac_recover(struct fpr_device *fdev, struct fpr_mac_job *job)
{
	bool cookie = dma_fence_begin_signalling();

	if (fpr_hw_engine_reset(fdev, FPR_ENGINE_MAC)) {
		dma_fence_end_signalling(cookie);
		return "the array hung and does not reset";
	}
	atomic64_inc(&fdev->resets);
	trace_fpr_reset(fdev, "mac", "hung");
	if (fpr_mac_settle(fdev)) {
		/* It did not hang: a completion got lost, and all that came after it. */
		drm_notice(&fdev->drm, "a completion of the array got lost and it was reset\n");
		job = NULL;
	} else {
		atomic_inc(&job->ctx->hangs);
		drm_notice(&fdev->drm, "the array hung on a job of %s and was reset\n",
			   job->ctx->name);
	}
	/* What it is guilty of ends here; what lay behind it runs again. */
	fpr_mac_repost(fdev, job);
	dma_fence_end_signalling(cookie);
	return NULL;
}

/*
 * The scheduler has taken the job off its list, which only drm_sched_stop() repairs. But
 * whoever sends the board to sleep may have stopped it already, and a second time it would
 * wait for jobs that it has itself cut off from their fences. So nothing before the board is awake.
 */
static void fpr_reset_lock_awake(struct fpr_device *fdev)
{
	mutex_lock(&fdev->reset_lock);
	while (fdev->asleep) {
		mutex_unlock(&fdev->reset_lock);
		wait_event_idle(fdev->awake, !READ_ONCE(fdev->asleep));
		mutex_lock(&fdev->reset_lock);
	}
}

/**
 * fpr_reset_wake() - the board may be used again, or never will be
 * @fdev: the board; the caller holds reset_lock
 */
void fpr_reset_wake(struct fpr_device *fdev)
{
	lockdep_assert_held(&fdev->reset_lock);
	fdev->stopped = false;
	WRITE_ONCE(fdev->asleep, false);
	wake_up_all(&fdev->awake);
}

/**
 * fpr_reset_timed_out() - a matrix job takes too long
 * @fdev: the board
 * @job: the oldest on the array
 *
 * Called by the scheduler, on the ordered queue.
 */
void fpr_reset_timed_out(struct fpr_device *fdev, struct fpr_mac_job *job)
{
	struct fpr_mac_queue *mac = &fdev->mac;
	const char *full = NULL;

	fpr_reset_lock_awake(fdev);
	if (fpr_hw_alive(fdev) && fpr_mac_poll(fdev))
		atomic64_inc(&fdev->lost_irqs);
	fpr_mac_quiesce(fdev, job);
	if (!fpr_hw_alive(fdev)) {
		fpr_xfer_freeze(fdev);
		fpr_ring_stop(&fdev->xfer.ring);
		fpr_reset_lost(fdev, "it reads all ones");
	} else if (!job->posted || dma_fence_is_signaled(&job->hw->base) ||
		   !fpr_ring_stuck(&mac->ring, false, fpr_timeout_ms / 2)) {
		fpr_ring_resume(&mac->ring);
	} else {
		fpr_coredump_take(fdev, "the array hung");
		full = fpr_mac_recover(fdev, job);
	}
	if (full) {
		fpr_xfer_freeze(fdev);
		fpr_ring_stop(&fdev->xfer.ring);
		fdev->reset_reason = full;
		fpr_reset_end(fdev, false);
		drm_notice(&fdev->drm, "full reset: %s\n", full);
	} else {
		fpr_mac_resume(fdev);
	}
	mutex_unlock(&fdev->reset_lock);
}

/* ---- requests and the watchdog ----------------------------------------- */

/* Believed completions, of both engines. */
static u64 fpr_reset_done(struct fpr_device *fdev)
{
	const struct fpr_ring *mac = &fdev->mac.ring, *xfer = &fdev->xfer.ring;

	return READ_ONCE(mac->completions) - READ_ONCE(mac->corrupt) +
	       READ_ONCE(xfer->completions) - READ_ONCE(xfer->corrupt);
}

/* A board whose error comes back with the work that runs again would be reset for ever. */
static void fpr_count_relapses(struct fpr_device *fdev)
{
	unsigned long late = fdev->relapse_at + msecs_to_jiffies(FPR_RELAPSE_MS);
	u64 done = fpr_reset_done(fdev);

	if (done != fdev->done_then || time_after(jiffies, late))
		WRITE_ONCE(fdev->relapses, 0);
	else
		WRITE_ONCE(fdev->relapses, fdev->relapses + 1);
	fdev->done_then = done;
	fdev->relapse_at = jiffies;
}

static void fpr_reset_work(struct work_struct *work)
{
	struct fpr_device *fdev = container_of(work, struct fpr_device, reset_work);

	mutex_lock(&fdev->reset_lock);
	if (!fdev->gone && !fdev->wedged && !fdev->asleep) {
		fpr_count_relapses(fdev);
		fpr_reset_full(fdev, fdev->reset_reason, false);
	}
	mutex_unlock(&fdev->reset_lock);
}

/**
 * fpr_reset_request() - ask for a full reset, from any context
 * @fdev: the board
 * @reason: a literal
 */
void fpr_reset_request(struct fpr_device *fdev, const char *reason)
{
	fdev->reset_reason = reason;
	queue_work(fdev->wq, &fdev->reset_work);
}

static void fpr_xfer_recover(struct fpr_device *fdev)
{
	bool cookie = dma_fence_begin_signalling();

	fpr_coredump_take(fdev, "the transfer engine hung");
	fpr_xfer_freeze(fdev);
	fpr_ring_stop(&fdev->xfer.ring);
	if (fpr_hw_engine_reset(fdev, FPR_ENGINE_XFER)) {
		dma_fence_end_signalling(cookie);
		fpr_reset_full(fdev, "the transfer engine hung and does not reset", true);
		return;
	}
	atomic64_inc(&fdev->resets);
	trace_fpr_reset(fdev, "xfer", "hung");
	drm_notice(&fdev->drm, "the transfer engine hung and was reset\n");
	fpr_xfer_repost(fdev, true);
	dma_fence_end_signalling(cookie);
}

static void fpr_watch_heart(struct fpr_device *fdev)
{
	u32 beat = fpr_read(fdev, FPR_REG_HEARTBEAT);

	if (beat != fdev->heartbeat) {
		fdev->heartbeat = beat;
		fdev->heartbeat_at = jiffies;
		fdev->futile = 0;
	} else if (time_after(jiffies, fdev->heartbeat_at + msecs_to_jiffies(FPR_HEARTBEAT_MS))) {
		fdev->futile++;
		fpr_reset_full(fdev, "the heartbeat stopped", false);
	}
}

/* Its interrupt may be lost, too, but has time until the next look. */
static void fpr_watch_errors(struct fpr_device *fdev)
{
	const bool fatal = fpr_read(fdev, FPR_REG_STATUS) & FPR_STATUS_FATAL;
	const bool overlooked = fatal && fdev->fatal_seen;

	fdev->fatal_seen = fatal && !overlooked;
	if (!overlooked)
		return;
	atomic64_inc(&fdev->lost_irqs);
	fpr_reset_request(fdev, FPR_REASON_BOARD);
}

static void fpr_watch_rings(struct fpr_device *fdev)
{
	struct fpr_ring *mac = &fdev->mac.ring, *xfer = &fdev->xfer.ring;

	if (fpr_ring_overlooked(mac) && fpr_mac_poll(fdev))
		atomic64_inc(&fdev->lost_irqs);
	if (fpr_ring_overlooked(xfer) && fpr_xfer_poll(fdev))
		atomic64_inc(&fdev->lost_irqs);
	/* Each job that is posted puts the scheduler's own time-out off, so not only that. */
	if (fpr_ring_stuck(mac, list_empty(&fdev->mac.posted), fpr_timeout_ms))
		drm_sched_fault(&fdev->mac.sched);
	if (fpr_ring_stuck(xfer, fpr_xfer_idle(fdev), fpr_timeout_ms))
		fpr_xfer_recover(fdev);
}

static void fpr_watchdog(struct work_struct *work)
{
	struct fpr_device *fdev = container_of(work, struct fpr_device, watchdog.work);
	bool again = false;

	mutex_lock(&fdev->reset_lock);
	if (!fdev->gone && !fdev->asleep) {
		if (!fpr_hw_alive(fdev)) {
			fpr_reset_begin(fdev);
			fpr_reset_end(fdev, false);
		} else if (!fdev->wedged) {
			fpr_watch_heart(fdev);
			fpr_watch_errors(fdev);
			fpr_watch_rings(fdev);
		}
		again = !fdev->gone;
	}
	mutex_unlock(&fdev->reset_lock);
	if (again)
		fpr_watchdog_start(fdev);
}

/**
 * fpr_watchdog_start() - look after the board from now on
 * @fdev: the board, running
 */
void fpr_watchdog_start(struct fpr_device *fdev)
{
	unsigned int period = clamp(fpr_timeout_ms / 4, 20u, 250u);

	queue_delayed_work(fdev->wq, &fdev->watchdog, msecs_to_jiffies(period));
}

/**
 * fpr_watchdog_stop() - stop looking; waits for a look that is under way
 * @fdev: the board; the caller does not hold reset_lock
 */
void fpr_watchdog_stop(struct fpr_device *fdev)
{
	cancel_delayed_work_sync(&fdev->watchdog);
}

/*
 * Tell lockdep that reclaim may come to wait for reset_lock, through a fence: then it
 * reports an allocation under that lock the first time and not when memory is short. The
 * lock cannot be taken as a part of signalling, which would say as much: drm_sched_stop()
 * waits, under it, for fences that have all but signalled.
 */
static void fpr_reset_prime(struct fpr_device *fdev)
{
	fs_reclaim_acquire(GFP_KERNEL);
	might_lock(&fdev->reset_lock);
	fs_reclaim_release(GFP_KERNEL);
}

/**
 * fpr_reset_init() - prepare, before anything can go wrong
 * @fdev: the board, its locks initialised
 */
void fpr_reset_init(struct fpr_device *fdev)
{
	INIT_WORK(&fdev->reset_work, fpr_reset_work);
	INIT_WORK(&fdev->lost_work, fpr_lost_work);
	INIT_DELAYED_WORK(&fdev->watchdog, fpr_watchdog);
	init_waitqueue_head(&fdev->awake);
	fpr_reset_prime(fdev);
}
