/* SPDX-License-Identifier: MIT */
#include <linux/pci_regs.h>
#include <string.h>

#include "vfu_device.h"

#define PM_AT 0x40
#define PCIE_AT 0x50
#define MSI_AT 0x90
#define MSIX_AT 0xb0
#define AER_AT 0x100
#define SERIAL_AT 0x150

#define DEVCTL_FLR_BYTE 0x80 /* PCI_EXP_DEVCTL_BCR_FLR in the upper byte */

/* Status bits that software clears by writing ones. */
#define STATUS_CLEARS 0xf900
#define DEVSTA_CLEARS 0x0f

/* 8 GT/s, four lanes. */
#define LINK (PCI_EXP_LNKCAP_SLS_8_0GB | 4 << 4)

/* The severities that the specification gives after reset. */
#define AER_SEVERITY 0x00462030

static void put(uint8_t *at, uint64_t value, unsigned int bytes)
{
	for (; bytes; bytes--, value >>= 8)
		*at++ = (uint8_t)value;
}

static void add_capability(struct vfu *v, unsigned int *last, unsigned int at, uint8_t id)
{
	v->space[*last] = (uint8_t)at;
	v->space[at] = id;
	*last = at + PCI_CAP_LIST_NEXT;
}

static void init_identity(struct vfu *v)
{
	const struct vfu_config *config = &v->config;
	uint8_t *s = v->space, *w = v->writable;

	put(s + PCI_VENDOR_ID, config->vendor, 2);
	put(s + PCI_DEVICE_ID, config->device, 2);
	put(w + PCI_COMMAND,
	    PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | PCI_COMMAND_PARITY | PCI_COMMAND_SERR |
		    PCI_COMMAND_INTX_DISABLE,
	    2);
	put(s + PCI_STATUS, PCI_STATUS_CAP_LIST, 2);
	put(v->clears + PCI_STATUS, STATUS_CLEARS, 2);
	s[PCI_REVISION_ID] = config->revision;
	put(s + PCI_CLASS_PROG, config->class_code, 3);
	w[PCI_CACHE_LINE_SIZE] = w[PCI_INTERRUPT_LINE] = 0xff;
	put(s + PCI_SUBSYSTEM_VENDOR_ID, config->subvendor, 2);
	put(s + PCI_SUBSYSTEM_ID, config->subdevice, 2);
	s[PCI_INTERRUPT_PIN] = config->irq_kind == VFU_INTX;
}

static void init_bars(struct vfu *v)
{
	for (unsigned int i = 0; i < VFU_BARS; i++) {
		const struct vfu_bar *bar = &v->config.bar[i];
		unsigned int at = PCI_BASE_ADDRESS_0 + 4 * i;

		if (!bar->size)
			continue;
		v->space[at] = (uint8_t)((bar->is64 ? PCI_BASE_ADDRESS_MEM_TYPE_64 : 0) |
					 (bar->prefetch ? PCI_BASE_ADDRESS_MEM_PREFETCH : 0));
		put(v->writable + at, ~(bar->size - 1), bar->is64 ? 8 : 4);
	}
}

static void init_power(struct vfu *v, unsigned int *last)
{
	add_capability(v, last, PM_AT, PCI_CAP_ID_PM);
	put(v->space + PM_AT + PCI_PM_PMC, 3, 2);
	put(v->space + PM_AT + PCI_PM_CTRL, PCI_PM_CTRL_NO_SOFT_RESET, 2);
	v->writable[PM_AT + PCI_PM_CTRL] = PCI_PM_CTRL_STATE_MASK;
}

static void init_express(struct vfu *v, unsigned int *last)
{
	uint8_t *s = v->space + PCIE_AT, *w = v->writable + PCIE_AT;
	const uint32_t devctl =
		PCI_EXP_DEVCTL_RELAX_EN | PCI_EXP_DEVCTL_NOSNOOP_EN | PCI_EXP_DEVCTL_READRQ_512B;

	v->pcie = PCIE_AT;
	add_capability(v, last, PCIE_AT, PCI_CAP_ID_EXP);
	put(s + PCI_EXP_FLAGS, 2 | PCI_EXP_TYPE_ENDPOINT << 4, 2);
	put(s + PCI_EXP_DEVCAP, PCI_EXP_DEVCAP_RBER | PCI_EXP_DEVCAP_FLR | 1, 4);
	put(s + PCI_EXP_DEVCTL, devctl, 2);
	put(w + PCI_EXP_DEVCTL, 0xffff & ~PCI_EXP_DEVCTL_BCR_FLR, 2);
	v->clears[PCIE_AT + PCI_EXP_DEVSTA] = DEVSTA_CLEARS;
	put(s + PCI_EXP_LNKCAP, LINK, 4);
	put(w + PCI_EXP_LNKCTL, PCI_EXP_LNKCTL_ASPMC | PCI_EXP_LNKCTL_CCC | PCI_EXP_LNKCTL_ES, 2);
	put(s + PCI_EXP_LNKSTA, LINK, 2);
	put(s + PCI_EXP_LNKCAP2,
	    PCI_EXP_LNKCAP2_SLS_2_5GB | PCI_EXP_LNKCAP2_SLS_5_0GB | PCI_EXP_LNKCAP2_SLS_8_0GB, 4);
	put(s + PCI_EXP_LNKCTL2, PCI_EXP_LNKCTL2_TLS_8_0GT, 2);
}

static void init_msi(struct vfu *v, unsigned int *last)
{
	uint8_t *s = v->space + MSI_AT, *w = v->writable + MSI_AT;
	unsigned int order = 0;

	while (1u << order < v->config.vectors)
		order++;
	v->msi = MSI_AT;
	add_capability(v, last, MSI_AT, PCI_CAP_ID_MSI);
	put(s + PCI_MSI_FLAGS, PCI_MSI_FLAGS_64BIT | order << 1, 2);
	put(w + PCI_MSI_FLAGS, PCI_MSI_FLAGS_ENABLE | PCI_MSI_FLAGS_QSIZE, 2);
	put(w + PCI_MSI_ADDRESS_LO, ~3u, 4);
	put(w + PCI_MSI_ADDRESS_HI, ~0u, 4);
	put(w + PCI_MSI_DATA_64, 0xffff, 2);
}

static void init_msix(struct vfu *v, unsigned int *last)
{
	uint8_t *s = v->space + MSIX_AT;

	v->msix = MSIX_AT;
	add_capability(v, last, MSIX_AT, PCI_CAP_ID_MSIX);
	put(s + PCI_MSIX_FLAGS, v->config.vectors - 1, 2);
	put(v->writable + MSIX_AT + PCI_MSIX_FLAGS, PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL,
	    2);
	put(s + PCI_MSIX_TABLE, v->config.msix_bar, 4);
	put(s + PCI_MSIX_PBA, v->config.pba | v->config.msix_bar, 4);
}

static uint32_t extended(uint32_t id, uint32_t version, uint32_t next)
{
	return id | version << 16 | next << 20;
}

/* Errors are only ever injected by the guest, but what they leave must be writable. */
static void init_aer(struct vfu *v)
{
	uint8_t *s = v->space + AER_AT, *w = v->writable + AER_AT;

	put(s, extended(PCI_EXT_CAP_ID_ERR, 2, v->config.serial ? SERIAL_AT : 0), 4);
	put(v->clears + AER_AT + PCI_ERR_UNCOR_STATUS, ~0u, 4);
	put(w + PCI_ERR_UNCOR_MASK, ~0u, 4);
	put(s + PCI_ERR_UNCOR_SEVER, AER_SEVERITY, 4);
	put(w + PCI_ERR_UNCOR_SEVER, ~0u, 4);
	put(v->clears + AER_AT + PCI_ERR_COR_STATUS, ~0u, 4);
	put(s + PCI_ERR_COR_MASK, PCI_ERR_COR_ADV_NFAT, 4);
	put(w + PCI_ERR_COR_MASK, ~0u, 4);
}

static void init_serial(struct vfu *v)
{
	if (!v->config.serial)
		return;
	put(v->space + SERIAL_AT, extended(PCI_EXT_CAP_ID_DSN, 1, 0), 4);
	put(v->space + SERIAL_AT + 4, v->config.serial, 8);
}

void vfu_space_init(struct vfu *v)
{
	unsigned int last = PCI_CAPABILITY_LIST;

	memset(v->space, 0, sizeof(v->space));
	memset(v->writable, 0, sizeof(v->writable));
	memset(v->clears, 0, sizeof(v->clears));
	init_identity(v);
	init_bars(v);
	init_power(v, &last);
	init_express(v, &last);
	if (v->config.irq_kind == VFU_MSI)
		init_msi(v, &last);
	else if (v->config.irq_kind == VFU_MSIX)
		init_msix(v, &last);
	init_aer(v);
	init_serial(v);
}

/* What other threads go by. */
static void publish(struct vfu *v)
{
	unsigned int order = 0;

	__atomic_store_n(&v->master, v->space[PCI_COMMAND] & PCI_COMMAND_MASTER, __ATOMIC_RELAXED);
	if (v->msi)
		order = (v->space[v->msi + PCI_MSI_FLAGS] & PCI_MSI_FLAGS_QSIZE) >> 4;
	pthread_mutex_lock(&v->irq_lock);
	v->msi_granted = 1u << order;
	pthread_mutex_unlock(&v->irq_lock);
}

/* The addresses that the client keeps in the BARs are its own affair and stay. */
void vfu_reset(struct vfu *v)
{
	uint8_t bars[4 * VFU_BARS];

	if (vfu_vanished(v))
		return;
	vfu_count(&v->stats.resets);
	memcpy(bars, v->space + PCI_BASE_ADDRESS_0, sizeof(bars));
	vfu_space_init(v);
	memcpy(v->space + PCI_BASE_ADDRESS_0, bars, sizeof(bars));
	/* Engines that wait for the client would wait for this thread. */
	vfu_ask_close(v);
	v->config.reset(v->config.priv);
	vfu_ask_open(v);
	vfu_irq_reset(v);
	publish(v);
}

void vfu_space_write(struct vfu *v, uint32_t offset, const uint8_t *from, uint32_t n)
{
	const unsigned int flr = v->pcie + PCI_EXP_DEVCTL + 1;
	bool reset = false;

	if (vfu_vanished(v))
		return;
	for (; n; n--, offset++, from++) {
		reset |= offset == flr && (*from & DEVCTL_FLR_BYTE);
		v->space[offset] &= (uint8_t)~v->writable[offset];
		v->space[offset] |= *from & v->writable[offset];
		v->space[offset] &= (uint8_t) ~(*from & v->clears[offset]);
	}
	publish(v);
	if (reset)
		vfu_reset(v);
}
