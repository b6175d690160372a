// SPDX-License-Identifier: GPL-2.0 OR MIT
#include <linux/hwmon.h>

#include "fpr_hw.h"
#include "fpr_sysfs.h"

static umode_t fpr_hwmon_visible(const void *data, enum hwmon_sensor_types type, u32 attr,
				 int channel)
{
	return 0444;
}

static int fpr_hwmon_read(struct device *dev, enum hwmon_sensor_types type, u32 attr, int channel,
			  long *value)
{
	struct fpr_device *fdev = dev_get_drvdata(dev);
	int cookie;

	if (fdev->asleep || !drm_dev_enter(&fdev->drm, &cookie))
		return -ENODEV;
	*value = (s32)fpr_read(fdev, FPR_REG_TEMPERATURE);
	drm_dev_exit(cookie);
	return 0;
}

static const struct hwmon_ops fpr_hwmon_ops = {
	.is_visible = fpr_hwmon_visible,
	.read = fpr_hwmon_read,
};

static const struct hwmon_channel_info *const fpr_hwmon_channels[] = {
	HWMON_CHANNEL_INFO(temp, HWMON_T_INPUT),
	NULL,
};

static const struct hwmon_chip_info fpr_hwmon_chip = {
	.ops = &fpr_hwmon_ops,
	.info = fpr_hwmon_channels,
};

/**
 * fpr_hwmon_init() - show the board's temperature, if it has one
 * @fdev: the board
 *
 * A board without it works as well, so failing is not an error.
 */
void fpr_hwmon_init(struct fpr_device *fdev)
{
	struct device *dev;

	if (!(fdev->caps.caps & FPR_CAPS_THERMAL))
		return;
	dev = devm_hwmon_device_register_with_info(&fdev->pdev->dev, "fpr", fdev, &fpr_hwmon_chip,
						   NULL);
	if (IS_ERR(dev))
		drm_dbg(&fdev->drm, "no hwmon device: %pe\n", dev);
}
