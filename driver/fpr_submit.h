/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef FPR_SUBMIT_H
#define FPR_SUBMIT_H

#include "fpr_device.h"

u32 fpr_submit_most(const struct fpr_device *fdev);
int fpr_ioctl_submit_mac(struct drm_device *drm, void *data, struct drm_file *file);
int fpr_ioctl_submit_xfer(struct drm_device *drm, void *data, struct drm_file *file);

#endif
