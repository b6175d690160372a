/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef FPR_IRQ_H
#define FPR_IRQ_H

#include "fpr_device.h"

int fpr_irq_check(void);
int fpr_irq_init(struct fpr_device *fdev);
void fpr_irq_fini(struct fpr_device *fdev);
void fpr_irq_sync(struct fpr_device *fdev);

#endif
