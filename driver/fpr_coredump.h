/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef FPR_COREDUMP_H
#define FPR_COREDUMP_H

#include "fpr_device.h"

#if IS_ENABLED(CONFIG_DEV_COREDUMP)
void fpr_coredump_init(struct fpr_device *fdev);
void fpr_coredump_fini(struct fpr_device *fdev);
void fpr_coredump_take(struct fpr_device *fdev, const char *reason);
#else
static inline void fpr_coredump_init(struct fpr_device *fdev)
{
}

static inline void fpr_coredump_fini(struct fpr_device *fdev)
{
}

static inline void fpr_coredump_take(struct fpr_device *fdev, const char *reason)
{
}
#endif

#endif
