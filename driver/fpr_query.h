/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef FPR_QUERY_H
#define FPR_QUERY_H

#include "fpr_device.h"

void fpr_query_engine(struct fpr_device *fdev, u32 engine,
		      struct drm_fpr_counters_engine *counters);
int fpr_ioctl_query(struct drm_device *drm, void *data, struct drm_file *file);
int fpr_ioctl_read_counters(struct drm_device *drm, void *data, struct drm_file *file);

#endif
