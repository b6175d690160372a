// SPDX-License-Identifier: GPL-2.0 OR MIT
#include "fpr_gem.h"
#include "fpr_sysfs.h"

/**
 * DOC: sysfs
 *
 * In the directory of the PCI function, while the driver is bound:
 *
 * - contract: version of the register contract the board keeps to
 * - build: build id of the hardware source, hexadecimal
 * - memory_bytes, memory_free_bytes: board memory
 * - resets: engine and full resets since the driver was bound
 * - lost_interrupts: completions that only the watchdog found
 * - state: running, suspended, wedged or gone
 */

static struct fpr_device *fpr_of(struct device *dev)
{
	return pci_get_drvdata(to_pci_dev(dev));
}

static ssize_t contract_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	u32 contract = fpr_of(dev)->caps.contract;

	return sysfs_emit(buf, "%u.%u\n", contract >> 16, contract & 0xffff);
}
static DEVICE_ATTR_RO(contract);

static ssize_t build_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%08x\n", fpr_of(dev)->caps.build);
}
static DEVICE_ATTR_RO(build);

static ssize_t memory_bytes_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%llu\n", fpr_of(dev)->caps.memory_bytes);
}
static DEVICE_ATTR_RO(memory_bytes);

static ssize_t memory_free_bytes_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	u64 free, largest;

	fpr_mm_state(fpr_of(dev), &free, &largest);
	return sysfs_emit(buf, "%llu\n", free);
}
static DEVICE_ATTR_RO(memory_free_bytes);

static ssize_t resets_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%lld\n", atomic64_read(&fpr_of(dev)->resets));
}
static DEVICE_ATTR_RO(resets);

static ssize_t lost_interrupts_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%lld\n", atomic64_read(&fpr_of(dev)->lost_irqs));
}
static DEVICE_ATTR_RO(lost_interrupts);

static ssize_t state_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct fpr_device *fdev = fpr_of(dev);
	const char *state = fdev->gone	 ? "gone" :
			    fdev->wedged ? "wedged" :
			    fdev->asleep ? "suspended" :
					   "running";

	return sysfs_emit(buf, "%s\n", state);
}
static DEVICE_ATTR_RO(state);

static struct attribute *fpr_attrs[] = {
	&dev_attr_contract.attr,     &dev_attr_build.attr,
	&dev_attr_memory_bytes.attr, &dev_attr_memory_free_bytes.attr,
	&dev_attr_resets.attr,	     &dev_attr_lost_interrupts.attr,
	&dev_attr_state.attr,	     NULL,
};

static const struct attribute_group fpr_group = {
	.attrs = fpr_attrs,
};

const struct attribute_group *fpr_sysfs_groups[] = {
	&fpr_group,
	NULL,
};
