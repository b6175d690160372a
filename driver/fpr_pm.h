/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef FPR_PM_H
#define FPR_PM_H

#include <linux/pm.h>

#include "fpr_device.h"

extern const struct dev_pm_ops fpr_pm_ops;
void fpr_aer_init(struct fpr_device *fdev);
void fpr_aer_fini(struct fpr_device *fdev);
extern const struct pci_error_handlers fpr_aer_handlers;

int fpr_board_start(struct fpr_device *fdev);

#endif
