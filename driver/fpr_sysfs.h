/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef FPR_SYSFS_H
#define FPR_SYSFS_H

#include <linux/sysfs.h>

#include "fpr_device.h"

extern const struct attribute_group *fpr_sysfs_groups[];

void fpr_fdinfo_show(struct drm_printer *p, struct drm_file *file);

#ifdef CONFIG_DEBUG_FS
void fpr_debugfs_init(struct fpr_device *fdev);
#else
static inline void fpr_debugfs_init(struct fpr_device *fdev)
{
}
#endif

#if IS_ENABLED(CONFIG_HWMON)
void fpr_hwmon_init(struct fpr_device *fdev);
#else
static inline void fpr_hwmon_init(struct fpr_device *fdev)
{
}
#endif

#endif
