/* SPDX-License-Identifier: MIT */
#ifndef FPR_VFU_WIRE_H
#define FPR_VFU_WIRE_H

#include <assert.h>
#include <stdint.h>

/* vfio-user on the wire: host byte order, no padding. */

struct vfu_header {
	uint16_t id, command;
	uint32_t size, flags, error;
};

#define VFU_REPLY 0x01
#define VFU_TYPE 0x0f
#define VFU_NO_REPLY 0x10
#define VFU_ERROR 0x20

enum vfu_command {
	VFU_VERSION = 1,
	VFU_DMA_MAP = 2,
	VFU_DMA_UNMAP = 3,
	VFU_GET_INFO = 4,
	VFU_GET_REGION_INFO = 5,
	VFU_GET_IRQ_INFO = 7,
	VFU_SET_IRQS = 8,
	VFU_REGION_READ = 9,
	VFU_REGION_WRITE = 10,
	/* From us to the client. */
	VFU_DMA_READ = 11,
	VFU_DMA_WRITE = 12,
	VFU_RESET = 13,
};

struct vfu_dma_map {
	uint32_t argsz, flags;
	uint64_t offset, address, size;
};

#define VFU_MAP_READ 1
#define VFU_MAP_WRITE 2

struct vfu_dma_unmap {
	uint32_t argsz, flags;
	uint64_t address, size;
};

#define VFU_UNMAP_ALL 2

/* Data follows: of a write in the request, of a read in the reply. */
struct vfu_dma_access {
	uint64_t address, count;
};

struct vfu_info {
	uint32_t argsz, flags, regions, irqs;
};

#define VFU_INFO_RESET 1
#define VFU_INFO_PCI 2

struct vfu_region_info {
	uint32_t argsz, flags, index, cap_offset;
	uint64_t size, offset;
};

#define VFU_REGION_CAN_READ 1
#define VFU_REGION_CAN_WRITE 2
#define VFU_REGION_CAN_MMAP 4

struct vfu_irq_info {
	uint32_t argsz, flags, index, count;
};

#define VFU_IRQ_EVENTFD 1
#define VFU_IRQ_MASKABLE 2
#define VFU_IRQ_AUTOMASKED 4
#define VFU_IRQ_NORESIZE 8

struct vfu_irq_set {
	uint32_t argsz, flags, index, start, count;
};

#define VFU_SET_NONE 1
#define VFU_SET_BOOL 2
#define VFU_SET_EVENTFD 4
#define VFU_SET_MASK 8
#define VFU_SET_UNMASK 16
#define VFU_SET_TRIGGER 32
#define VFU_SET_ACTION (VFU_SET_MASK | VFU_SET_UNMASK | VFU_SET_TRIGGER)

struct vfu_access {
	uint64_t offset;
	uint32_t region, count;
};

/* Regions after the BARs. */
#define VFU_REGION_CONFIG 7
#define VFU_REGIONS 9

/* Interrupt indices; the device has no error or request interrupt. */
enum { VFU_INDEX_INTX, VFU_INDEX_MSI, VFU_INDEX_MSIX, VFU_INDICES, VFU_INDICES_SHOWN = 5 };

#define VFU_FDS_MAX 16
#define VFU_DATA_MAX (1u << 20)
#define VFU_MESSAGE_MAX (VFU_DATA_MAX + 4096)

static_assert(sizeof(struct vfu_header) == 16, "wire layout");
static_assert(sizeof(struct vfu_dma_map) == 32, "wire layout");
static_assert(sizeof(struct vfu_dma_unmap) == 24, "wire layout");
static_assert(sizeof(struct vfu_dma_access) == 16, "wire layout");
static_assert(sizeof(struct vfu_region_info) == 32, "wire layout");
static_assert(sizeof(struct vfu_irq_set) == 20, "wire layout");
static_assert(sizeof(struct vfu_access) == 16, "wire layout");

#endif
