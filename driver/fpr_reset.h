/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef FPR_RESET_H
#define FPR_RESET_H

#include "fpr_device.h"

#define FPR_REASON_BOARD "the board reports an error"

void fpr_reset_init(struct fpr_device *fdev);
void fpr_reset_request(struct fpr_device *fdev, const char *reason);
void fpr_reset_timed_out(struct fpr_device *fdev, struct fpr_mac_job *job);
void fpr_reset_begin(struct fpr_device *fdev);
void fpr_reset_end(struct fpr_device *fdev, bool hung);
void fpr_reset_abandon(struct fpr_device *fdev);
void fpr_reset_unplug(struct fpr_device *fdev);
void fpr_reset_wake(struct fpr_device *fdev);
void fpr_reset_lost(struct fpr_device *fdev, const char *reason);
void fpr_watchdog_start(struct fpr_device *fdev);
void fpr_watchdog_stop(struct fpr_device *fdev);

#endif
