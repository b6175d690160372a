/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <pci/pci.h>

#include "accel.h"
#include "fpr_pci.h"
#include "fpr_regs.h"

/*
 * The PCI library ends the process on error unless its callback does not return, and
 * gives that no context: each thread leaves its way out here.
 */
static _Thread_local jmp_buf way_out;

static PCI_NONRET void give_up(char *format, ...)
{
	(void)format;
	longjmp(way_out, 1);
}

static void say_nothing(char *format, ...)
{
	(void)format;
}

static int is_board(const struct pci_dev *dev)
{
	return dev->vendor_id == FPR_PCI_VENDOR && dev->device_id == FPR_PCI_DEVICE &&
	       dev->subsys_vendor_id == FPR_PCI_SUBVENDOR && dev->subsys_id == FPR_PCI_SUBDEVICE;
}

/* "/dev/accel/accel0" is known by its last part. */
static void find_name(struct fpr_pci_info *info)
{
	char path[ACCEL_PATH_MAX];

	if (!accel_find(info->address, path))
		snprintf(info->name, sizeof(info->name), "%s", strrchr(path, '/') + 1);
}

static void describe(struct pci_access *access, struct pci_dev *dev, struct fpr_pci_info *info)
{
	const char *driver = pci_get_string_property(dev, PCI_FILL_DRIVER);

	memset(info, 0, sizeof(*info));
	snprintf(info->address, sizeof(info->address), "%04x:%02x:%02x.%x",
		 (unsigned int)dev->domain, dev->bus, dev->dev, dev->func);
	find_name(info);
	if (driver)
		snprintf(info->driver, sizeof(info->driver), "%s", driver);
	pci_lookup_name(access, info->vendor, sizeof(info->vendor), PCI_LOOKUP_VENDOR,
			dev->vendor_id);
	pci_lookup_name(access, info->product, sizeof(info->product), PCI_LOOKUP_DEVICE,
			dev->vendor_id, dev->device_id);
	info->vendor_id = dev->vendor_id;
	info->device_id = dev->device_id;
	info->subvendor_id = dev->subsys_vendor_id;
	info->subdevice_id = dev->subsys_id;
	info->revision = dev->rev_id;
	info->numa_node = dev->numa_node;
	info->memory_bytes = dev->size[FPR_BAR_MEMORY];
}

static int scan(struct pci_access *access, struct fpr_pci_info *list, size_t max)
{
	int found = 0;

	pci_init(access);
	pci_scan_bus(access);
	for (struct pci_dev *dev = access->devices; dev; dev = dev->next) {
		pci_fill_info(dev, PCI_FILL_IDENT | PCI_FILL_BASES | PCI_FILL_SIZES |
					   PCI_FILL_CLASS_EXT | PCI_FILL_SUBSYS |
					   PCI_FILL_NUMA_NODE | PCI_FILL_DRIVER);
		if (!is_board(dev))
			continue;
		if ((size_t)found < max)
			describe(access, dev, &list[found]);
		found++;
	}
	return found;
}

int fpr_pci_list(struct fpr_pci_info *list, size_t max)
{
	struct pci_access *access;
	int ret;

	if (!list && max)
		return -EINVAL;
	access = pci_alloc();
	access->error = give_up;
	access->warning = say_nothing;
	access->debug = say_nothing;
	if (setjmp(way_out))
		ret = 0;
	else
		ret = scan(access, list, max);
	pci_cleanup(access);
	return ret;
}
