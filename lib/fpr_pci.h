/* SPDX-License-Identifier: MIT */
#ifndef FPR_PCI_H
#define FPR_PCI_H

/* Boards on the PCI bus, also those that no driver serves. */

#include "fpr.h"

#ifdef __cplusplus
extern "C" {
#endif

#define FPR_PCI_TEXT_MAX 128

/**
 * struct fpr_pci_info - one board as the bus shows it
 * @address: domain:bus:device.function
 * @name: for fpr_device_open(); "": it cannot be opened, no driver serves it
 * @driver: kernel driver bound to it, or ""
 * @vendor: name of its maker, or the number, as far as the system's list goes
 * @product: the same of the board
 * @vendor_id: of the function; these four are the numbers the driver matches
 * @device_id: of the function
 * @subvendor_id: of the board
 * @subdevice_id: of the board
 * @revision: of the function
 * @numa_node: nearest memory, -1 when unknown
 * @memory_bytes: size of the window to board memory, 0 when it has no address
 */
struct fpr_pci_info {
	char address[FPR_NAME_MAX];
	char name[FPR_NAME_MAX];
	char driver[FPR_NAME_MAX];
	char vendor[FPR_PCI_TEXT_MAX];
	char product[FPR_PCI_TEXT_MAX];
	uint16_t vendor_id, device_id, subvendor_id, subdevice_id;
	uint32_t revision;
	int32_t numa_node;
	uint64_t memory_bytes;
};

/**
 * fpr_pci_list() - the boards of this machine
 * @list: room for @max entries, or NULL with @max 0 to count
 * @max: entries in @list
 *
 * Needs no rights and touches no board.
 *
 * Return: the number of boards, which may exceed @max; 0 also where there is no PCI
 *	bus; -EINVAL
 */
int fpr_pci_list(struct fpr_pci_info *list, size_t max);

#ifdef __cplusplus
}
#endif

#endif
