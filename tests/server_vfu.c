/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <linux/pci_regs.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "command.h"
#include "common/vfu_client.h"

/* The board as a vfio-user client meets it, with its threads running. */

static int open_msix(void **state)
{
	*state = client_open(VFU_MSIX);
	return 0;
}

static int open_hls(void **state)
{
	*state = client_open_model(VFU_MSIX, FPR_BOARD_HLS);
	return 0;
}

static int open_msi(void **state)
{
	*state = client_open(VFU_MSI);
	return 0;
}

static int open_intx(void **state)
{
	*state = client_open(VFU_INTX);
	return 0;
}

static int hang_up(void **state)
{
	return client_close(*state);
}

static uint32_t config(struct vfu_client *client, uint32_t offset, uint32_t n)
{
	return (uint32_t)client_read(client, VFU_REGION_CONFIG, offset, n);
}

/* ---- what the device is ------------------------------------------------- */

static void agrees_on_a_version(void **state)
{
	struct vfu_client *client = *state;
	uint16_t version[2] = {0, 7};

	assert_int_equal(client_ask(client, VFU_VERSION, version, sizeof(version), -1), 0);
	memcpy(version, client->body, sizeof(version));
	assert_int_equal(version[0], 0);
	assert_true(version[1] <= 7);
	assert_string_equal((char *)client->body + client->reply.size - 16 - 3, "}}");
	version[0] = 1;
	assert_int_equal(client_ask(client, VFU_VERSION, version, sizeof(version), -1),
			 EPROTONOSUPPORT);
}

static void shows_its_regions(void **state)
{
	struct vfu_client *client = *state;
	static const uint64_t sizes[VFU_REGIONS] = {
		[FPR_BAR_REGS] = FPR_BAR_REGS_BYTES,
		[FPR_BAR_MEMORY] = CLIENT_BOARD_BYTES,
		[FPR_BAR_MSIX] = 0x2000,
		[VFU_REGION_CONFIG] = 4096,
	};
	struct vfu_info info;

	assert_int_equal(client_ask(client, VFU_GET_INFO, NULL, 0, -1), 0);
	memcpy(&info, client->body, sizeof(info));
	assert_int_equal(info.flags, VFU_INFO_RESET | VFU_INFO_PCI);
	assert_int_equal(info.regions, VFU_REGIONS);
	for (uint32_t i = 0; i < VFU_REGIONS; i++) {
		struct vfu_region_info r = {.argsz = sizeof(r), .index = i};

		assert_int_equal(client_ask(client, VFU_GET_REGION_INFO, &r, sizeof(r), -1), 0);
		memcpy(&r, client->body, sizeof(r));
		assert_int_equal(r.size, sizes[i]);
		assert_int_equal(!!(r.flags & VFU_REGION_CAN_MMAP), i == FPR_BAR_MEMORY);
		assert_int_equal(client->got_fd >= 0, i == FPR_BAR_MEMORY);
	}
}

static void board_memory_can_be_mapped(void **state)
{
	struct vfu_client *client = *state;
	struct vfu_region_info r = {.argsz = sizeof(r), .index = FPR_BAR_MEMORY};
	uint8_t *memory;

	assert_int_equal(client_ask(client, VFU_GET_REGION_INFO, &r, sizeof(r), -1), 0);
	memory = mmap(NULL, CLIENT_BOARD_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, client->got_fd,
		      0);
	assert_true(memory != MAP_FAILED);
	memory[12345] = 0xa5;
	assert_int_equal(client_read(client, FPR_BAR_MEMORY, 12345, 1), 0xa5);
	client_write(client, FPR_BAR_MEMORY, CLIENT_BOARD_BYTES - 8, 0x1122334455667788, 8);
	assert_int_equal(memory[CLIENT_BOARD_BYTES - 1], 0x11);
	munmap(memory, CLIENT_BOARD_BYTES);
}

static void has_its_capabilities(void **state)
{
	struct vfu_client *client = *state;
	unsigned int seen = 0;
	uint32_t at = config(client, PCI_CAPABILITY_LIST, 1);

	assert_int_equal(config(client, PCI_VENDOR_ID, 2), FPR_PCI_VENDOR);
	assert_int_equal(config(client, PCI_DEVICE_ID, 2), FPR_PCI_DEVICE);
	assert_int_equal(config(client, PCI_SUBSYSTEM_VENDOR_ID, 2), FPR_PCI_SUBVENDOR);
	assert_int_equal(config(client, PCI_SUBSYSTEM_ID, 2), FPR_PCI_SUBDEVICE);
	assert_int_equal(config(client, PCI_CLASS_REVISION, 4) >> 8, FPR_PCI_CLASS);
	assert_int_equal(config(client, PCI_INTERRUPT_PIN, 1), 0);
	for (; at; at = config(client, at + 1, 1)) {
		uint32_t id = config(client, at, 1);

		seen |= 1u << id;
		if (id == PCI_CAP_ID_EXP)
			assert_true(config(client, at + PCI_EXP_DEVCAP, 4) & PCI_EXP_DEVCAP_FLR);
		if (id == PCI_CAP_ID_MSIX)
			assert_int_equal(config(client, at + PCI_MSIX_FLAGS, 2), FPR_VECTORS - 1);
	}
	assert_int_equal(seen, 1u << PCI_CAP_ID_PM | 1u << PCI_CAP_ID_EXP | 1u << PCI_CAP_ID_MSIX);
	assert_int_equal(config(client, 0x100, 2), PCI_EXT_CAP_ID_ERR);
	at = config(client, 0x100, 4) >> 20;
	assert_int_equal(config(client, at, 2), PCI_EXT_CAP_ID_DSN);
	assert_int_equal(config(client, at, 4) >> 20, 0);
}

/* What is read-only stays, what is cleared by ones cannot be set by them. */
static void configuration_space_keeps_its_bits(void **state)
{
	struct vfu_client *client = *state;

	client_write(client, VFU_REGION_CONFIG, 0, 0, 8);
	client_write(client, VFU_REGION_CONFIG, PCI_SUBSYSTEM_VENDOR_ID, 0xffffffff, 4);
	assert_int_equal(config(client, PCI_VENDOR_ID, 2), FPR_PCI_VENDOR);
	assert_int_equal(config(client, PCI_SUBSYSTEM_ID, 2), FPR_PCI_SUBDEVICE);
	client_write(client, VFU_REGION_CONFIG, 0x100 + PCI_ERR_UNCOR_STATUS, 0xffffffff, 4);
	assert_int_equal(config(client, 0x100 + PCI_ERR_UNCOR_STATUS, 4), 0);
	client_write(client, VFU_REGION_CONFIG, 0x100 + PCI_ERR_UNCOR_MASK, 0x12345678, 4);
	assert_int_equal(config(client, 0x100 + PCI_ERR_UNCOR_MASK, 4), 0x12345678);
	client_write(client, VFU_REGION_CONFIG, PCI_BASE_ADDRESS_0, 0xffffffff, 4);
	assert_int_equal(config(client, PCI_BASE_ADDRESS_0, 4), ~(FPR_BAR_REGS_BYTES - 1u));
	client_write(client, VFU_REGION_CONFIG, PCI_BASE_ADDRESS_2, ~0ull, 8);
	assert_int_equal(client_read(client, VFU_REGION_CONFIG, PCI_BASE_ADDRESS_2, 8),
			 ~(CLIENT_BOARD_BYTES - 1ull) | 0xc);
}

static void registers_are_32_bits_wide(void **state)
{
	struct vfu_client *client = *state;

	assert_int_equal(reg_read(client, FPR_REG_ID), FPR_ID);
	assert_int_equal(client_read(client, FPR_BAR_REGS, FPR_REG_ID, 8),
			 FPR_ID | (uint64_t)reg_read(client, FPR_REG_VERSION) << 32);
	assert_int_equal(client_read(client, FPR_BAR_REGS, FPR_REG_MEMORY_LO, 8),
			 CLIENT_BOARD_BYTES);
	assert_int_equal(client_read(client, FPR_BAR_REGS, FPR_REG_ID, 2), 0);
	assert_int_equal(client_read(client, FPR_BAR_REGS, FPR_REG_ID + 2, 4), 0);
	client_write(client, FPR_BAR_REGS, FPR_REG_IRQ_MASK, 7, 1);
	assert_int_equal(reg_read(client, FPR_REG_IRQ_MASK), 0);
}

/* ---- jobs --------------------------------------------------------------- */

#define SQ 0x10000
#define CQ 0x20000
#define DATA 0x100000

static void enable(struct vfu_client *client, unsigned int engine)
{
	uint32_t base = FPR_REG_ENGINE(engine);

	memset(client->memory + CQ + engine * 4096, 0, 4096);
	reg_write(client, base + FPR_ENG_SQ_LO, (uint32_t)CLIENT_BUS + SQ + engine * 4096);
	reg_write(client, base + FPR_ENG_CQ_LO, (uint32_t)CLIENT_BUS + CQ + engine * 4096);
	reg_write(client, base + FPR_ENG_SQ_ORDER, 3);
	reg_write(client, base + FPR_ENG_CQ_ORDER, 3);
	reg_write(client, base + FPR_ENG_CTRL, FPR_ENG_CTRL_ENABLE);
	assert_int_equal(reg_read(client, base + FPR_ENG_STATUS),
			 FPR_ENG_STATUS_READY | FPR_ENG_STATUS_ENABLED);
	reg_write(client, FPR_REG_IRQ_MASK, 7);
}

static const struct fpr_completion *completion(struct vfu_client *client, unsigned int engine,
					       unsigned int i)
{
	uint8_t *ring = client->memory + CQ + engine * 4096;

	return (const void *)(ring + i * sizeof(struct fpr_completion));
}

/* The transfer that goes into entry @i, @at bytes into the data on both sides. */
static void put_transfer(struct vfu_client *client, unsigned int i, uint64_t bytes, uint8_t to_host,
			 uint32_t at)
{
	struct fpr_xfer_desc d = {
		.opcode = FPR_OP_XFER, .fence = i, .to_host = to_host, .board = at};
	struct fpr_sg sg = {.address = CLIENT_BUS + DATA + at, .bytes = (uint32_t)bytes};

	d.host = (struct fpr_ref){CLIENT_BUS + 0x30000 + 16 * i, bytes, 1, 0};
	memcpy(client->memory + 0x30000 + 16 * i, &sg, sizeof(sg));
	memcpy(client->memory + SQ + 4096 + i * sizeof(d), &d, sizeof(d));
}

static void a_round_trip(struct vfu_client *client, int event)
{
	uint8_t *data = client->memory + DATA;

	enable(client, FPR_ENGINE_XFER);
	for (uint32_t i = 0; i < 100000; i++)
		data[i] = (uint8_t)(i * 7);
	put_transfer(client, 0, 100000, 0, 0);
	reg_write(client, FPR_REG_SQ_TAIL(FPR_ENGINE_XFER), 1);
	wait_event(event);
	assert_int_equal(completion(client, 1, 0)->phase, 1);
	assert_int_equal(completion(client, 1, 0)->status, FPR_OK);
	assert_memory_equal(client->device->memory, data, 100000);
	reg_write(client, FPR_REG_CQ_HEAD(FPR_ENGINE_XFER), 1);
	memset(data, 0, 100000);
	put_transfer(client, 1, 100000, 1, 0);
	reg_write(client, FPR_REG_SQ_TAIL(FPR_ENGINE_XFER), 2);
	wait_event(event);
	assert_int_equal(completion(client, 1, 1)->status, FPR_OK);
	assert_memory_equal(client->device->memory, data, 100000);
	reg_write(client, FPR_REG_CQ_HEAD(FPR_ENGINE_XFER), 2);
	assert_true(event_is_quiet(event));
}

static void messages_by_vector(void **state)
{
	struct vfu_client *client = *state;
	int event[FPR_VECTORS];

	client_ready(client);
	/* With one vector it stands for all causes, with three each has its own. */
	event[0] = client_event(client, VFU_INDEX_MSIX, 0);
	a_round_trip(client, event[0]);
	reg_write(client, FPR_REG_ENGINE(1) + FPR_ENG_CTRL, FPR_ENG_CTRL_RESET);
	event[1] = client_event(client, VFU_INDEX_MSIX, 1);
	event[2] = client_event(client, VFU_INDEX_MSIX, 2);
	a_round_trip(client, event[1]);
	assert_true(event_is_quiet(event[0]));
	reg_write(client, FPR_REG_SQ_TAIL(FPR_ENGINE_XFER), 99);
	wait_event(event[2]);
	for (unsigned int i = 0; i < FPR_VECTORS; i++)
		close(event[i]);
}

/* With --model=hls the transfers are those of the HLS C, too. */
static void transfers_of_either_model(void **state)
{
	struct vfu_client *client = *state;

	assert_true(client->device->shell.config.beats);
	messages_by_vector(state);
}

static void messages_as_the_guest_grants_them(void **state)
{
	struct vfu_client *client = *state;
	uint32_t at = config(client, PCI_CAPABILITY_LIST, 1);
	int event[4];

	while (config(client, at, 1) != PCI_CAP_ID_MSI)
		at = config(client, at + 1, 1);
	client_ready(client);
	for (unsigned int i = 0; i < 4; i++)
		event[i] = client_event(client, VFU_INDEX_MSI, i);
	client_write(client, VFU_REGION_CONFIG, at + PCI_MSI_FLAGS, PCI_MSI_FLAGS_ENABLE, 2);
	a_round_trip(client, event[0]);
	reg_write(client, FPR_REG_ENGINE(1) + FPR_ENG_CTRL, FPR_ENG_CTRL_RESET);
	client_write(client, VFU_REGION_CONFIG, at + PCI_MSI_FLAGS, PCI_MSI_FLAGS_ENABLE | 2 << 4,
		     2);
	a_round_trip(client, event[1]);
	assert_true(event_is_quiet(event[0]));
	for (unsigned int i = 0; i < 4; i++)
		close(event[i]);
}

static void unmask(struct vfu_client *client)
{
	struct vfu_irq_set set = {sizeof(set), VFU_SET_NONE | VFU_SET_UNMASK, VFU_INDEX_INTX, 0, 1};

	assert_int_equal(client_ask(client, VFU_SET_IRQS, &set, sizeof(set), -1), 0);
}

static void a_line_fires_until_it_is_served(void **state)
{
	struct vfu_client *client = *state;
	int event;

	assert_int_equal(config(client, PCI_INTERRUPT_PIN, 1), 1);
	client_ready(client);
	event = client_event(client, VFU_INDEX_INTX, 0);
	enable(client, FPR_ENGINE_XFER);
	put_transfer(client, 0, 5000, 0, 0);
	reg_write(client, FPR_REG_SQ_TAIL(FPR_ENGINE_XFER), 1);
	wait_event(event);
	/* Still asserted, but the client has not unmasked it. */
	reg_write(client, FPR_REG_IRQ_MASK, 7);
	assert_true(event_is_quiet(event));
	unmask(client);
	wait_event(event);
	assert_int_equal(reg_read(client, FPR_REG_IRQ_STATUS), 1 << FPR_ENGINE_XFER);
	reg_write(client, FPR_REG_CQ_HEAD(FPR_ENGINE_XFER), 1);
	unmask(client);
	assert_true(event_is_quiet(event));
	close(event);
}

/* Both engines at once, from end to end of their rings. */
static void engines_side_by_side(void **state)
{
	struct vfu_client *client = *state;
	int event[FPR_VECTORS];

	client_ready(client);
	for (uint32_t i = 0; i < FPR_VECTORS; i++)
		event[i] = client_event(client, VFU_INDEX_MSIX, i);
	enable(client, FPR_ENGINE_MAC);
	enable(client, FPR_ENGINE_XFER);
	for (unsigned int i = 0; i < 7; i++) {
		struct fpr_mac_desc d = {
			.opcode = FPR_OP_GEMM, .fence = i, .m = 64, .n = 64, .k = 64};

		/* Operands in parts of board memory that the transfers leave alone. */
		d.a = (struct fpr_ref){0x400000, 8192, 0, 0};
		d.b = (struct fpr_ref){0x410000, 8192, 0, 0};
		d.c = (struct fpr_ref){0x420000 + i * 16384, 16384, 0, 0};
		d.result = CLIENT_BUS + 0x40000 + 128 * i;
		memcpy(client->memory + SQ + i * sizeof(d), &d, sizeof(d));
		put_transfer(client, i, 1u << 20, i % 2, (i % 2) << 20);
	}
	reg_write(client, FPR_REG_SQ_TAIL(FPR_ENGINE_MAC), 7);
	reg_write(client, FPR_REG_SQ_TAIL(FPR_ENGINE_XFER), 7);
	for (unsigned int engine = 0; engine < FPR_ENGINES; engine++) {
		const uint32_t jobs = FPR_REG_ENGINE(engine) + FPR_ENG_JOBS_LO;

		wait_event(event[engine]);
		while (reg_read(client, jobs) < 7)
			usleep(1000);
		for (unsigned int i = 0; i < 7; i++)
			assert_int_equal(completion(client, engine, i)->status, FPR_OK);
		close(event[engine]);
	}
	close(event[2]);
}

/* ---- memory that is not there ------------------------------------------- */

static void wait_for_error(struct vfu_client *client, unsigned int engine)
{
	while (!(reg_read(client, FPR_REG_ENGINE(engine) + FPR_ENG_STATUS) & FPR_ENG_STATUS_ERROR))
		usleep(1000);
	reg_write(client, FPR_REG_ENGINE(engine) + FPR_ENG_CTRL, FPR_ENG_CTRL_RESET);
}

static void nothing_without_bus_mastering(void **state)
{
	struct vfu_client *client = *state;

	client_ready(client);
	enable(client, FPR_ENGINE_XFER);
	client_write(client, VFU_REGION_CONFIG, PCI_COMMAND, PCI_COMMAND_MEMORY, 2);
	reg_write(client, FPR_REG_SQ_TAIL(FPR_ENGINE_XFER), 1);
	wait_for_error(client, FPR_ENGINE_XFER);
}

static uint32_t unmap(struct vfu_client *client, uint32_t flags, uint64_t address, uint64_t size)
{
	struct vfu_dma_unmap m = {sizeof(m), flags, address, size};

	return client_ask(client, VFU_DMA_UNMAP, &m, sizeof(m), -1);
}

/* A hole in what is mapped stops a transfer there and leaves all else alone. */
static void nothing_through_a_hole(void **state)
{
	struct vfu_client *client = *state;
	struct vfu_dma_map map = {sizeof(map), VFU_MAP_READ, DATA + 8192, CLIENT_BUS + DATA + 8192,
				  4096};
	int event;

	client_ready(client);
	event = client_event(client, VFU_INDEX_MSIX, 0);
	enable(client, FPR_ENGINE_XFER);
	for (uint32_t i = 0; i < 20000; i++)
		client->memory[DATA + i] = (uint8_t)(i * 11 >> 3);
	assert_int_equal(unmap(client, 0, CLIENT_BUS + DATA + 8192, 4096), 0);
	assert_int_equal(unmap(client, 0, 0x1000, 4096), 0);
	for (unsigned int i = 0; i < 4; i++)
		put_transfer(client, i, i == 1 ? 8192 : 20000, i == 3, 0);
	reg_write(client, FPR_REG_SQ_TAIL(FPR_ENGINE_XFER), 1);
	wait_event(event);
	assert_int_equal(completion(client, 1, 0)->status, FPR_ERR_DMA);
	reg_write(client, FPR_REG_CQ_HEAD(FPR_ENGINE_XFER), 1);
	reg_write(client, FPR_REG_SQ_TAIL(FPR_ENGINE_XFER), 2);
	wait_event(event);
	assert_int_equal(completion(client, 1, 1)->status, FPR_OK);
	reg_write(client, FPR_REG_CQ_HEAD(FPR_ENGINE_XFER), 2);
	/* Filled again, but not to be written. */
	assert_int_equal(client_ask(client, VFU_DMA_MAP, &map, sizeof(map), client->memory_fd), 0);
	assert_int_equal(client_ask(client, VFU_DMA_MAP, &map, sizeof(map), client->memory_fd),
			 EEXIST);
	reg_write(client, FPR_REG_SQ_TAIL(FPR_ENGINE_XFER), 3);
	wait_event(event);
	assert_int_equal(completion(client, 1, 2)->status, FPR_OK);
	/* What lay on both sides of the hole is where it was. */
	assert_memory_equal(client->device->memory, client->memory + DATA, 20000);
	reg_write(client, FPR_REG_CQ_HEAD(FPR_ENGINE_XFER), 3);
	reg_write(client, FPR_REG_SQ_TAIL(FPR_ENGINE_XFER), 4);
	wait_event(event);
	assert_int_equal(completion(client, 1, 3)->status, FPR_ERR_DMA);
	assert_int_equal(unmap(client, VFU_UNMAP_ALL, 0, 0), 0);
	reg_write(client, FPR_REG_SQ_TAIL(FPR_ENGINE_XFER), 5);
	wait_for_error(client, FPR_ENGINE_XFER);
	close(event);
}

static void memory_that_is_not_shared(void **state)
{
	struct vfu_client *client = *state;
	struct vfu_dma_map map = {sizeof(map), 3, 0, CLIENT_BUS, CLIENT_BYTES};

	assert_int_equal(client_ask(client, VFU_DMA_MAP, &map, sizeof(map), -1), 0);
	client_write(client, VFU_REGION_CONFIG, PCI_COMMAND, PCI_COMMAND_MASTER, 2);
	enable(client, FPR_ENGINE_MAC);
	reg_write(client, FPR_REG_SQ_TAIL(FPR_ENGINE_MAC), 1);
	wait_for_error(client, FPR_ENGINE_MAC);
	map.address = UINT64_MAX - 4095;
	map.size = 4096;
	assert_int_equal(client_ask(client, VFU_DMA_MAP, &map, sizeof(map), -1), 0);
	map.size = 4097;
	assert_int_equal(client_ask(client, VFU_DMA_MAP, &map, sizeof(map), -1), EINVAL);
	map.address = 0;
	map.size = CLIENT_BYTES;
	map.offset = 1;
	assert_int_equal(client_ask(client, VFU_DMA_MAP, &map, sizeof(map), client->memory_fd),
			 EINVAL);
	map.offset = UINT64_MAX - 100;
	assert_int_equal(client_ask(client, VFU_DMA_MAP, &map, sizeof(map), client->memory_fd),
			 EINVAL);
}

/* ---- memory that has to be asked for ------------------------------------ */

#define PEER_BYTES 100001

/* A transfer between @at of the peer memory and board memory, as entry @i; its status. */
static uint16_t peer_transfer(struct vfu_client *client, unsigned int i, uint64_t bytes,
			      uint8_t to_host, uint32_t at)
{
	struct fpr_sg sg = {.address = CLIENT_PEER + at, .bytes = (uint32_t)bytes};

	put_transfer(client, i, bytes, to_host, at);
	memcpy(client->memory + 0x30000 + 16 * i, &sg, sizeof(sg));
	reg_write(client, FPR_REG_SQ_TAIL(FPR_ENGINE_XFER), i + 1);
	/* Reading registers is also what lets the client answer. */
	while (reg_read(client, FPR_REG_ENGINE(FPR_ENGINE_XFER) + FPR_ENG_JOBS_LO) <= i)
		usleep(100);
	reg_write(client, FPR_REG_CQ_HEAD(FPR_ENGINE_XFER), i + 1);
	return completion(client, FPR_ENGINE_XFER, i)->status;
}

static void memory_of_a_peer(void **state)
{
	struct vfu_client *client = *state;
	const unsigned int most = PEER_BYTES / CLIENT_PEER_MOST + 64;

	client_ready(client);
	client_peer(client, VFU_MAP_READ | VFU_MAP_WRITE);
	enable(client, FPR_ENGINE_XFER);
	for (uint32_t i = 0; i < CLIENT_PEER_BYTES; i++)
		client->peer[i] = (uint8_t)(i * 13 >> 2);
	assert_int_equal(peer_transfer(client, 0, PEER_BYTES, 0, 77), FPR_OK);
	assert_memory_equal(client->device->memory + 77, client->peer + 77, PEER_BYTES);
	assert_true(client->asked >= PEER_BYTES / CLIENT_PEER_MOST && client->asked < most);
	memset(client->peer, 0, CLIENT_PEER_BYTES);
	assert_int_equal(peer_transfer(client, 1, PEER_BYTES, 1, 77), FPR_OK);
	assert_memory_equal(client->device->memory + 77, client->peer + 77, PEER_BYTES);
	assert_int_equal(client->peer[76] | client->peer[77 + PEER_BYTES], 0);
	/* Beyond the end of what was announced nobody is asked. */
	client->asked = 0;
	assert_int_equal(peer_transfer(client, 2, 8, 0, CLIENT_PEER_BYTES), FPR_ERR_DMA);
	assert_int_equal(client->asked, 0);
}

static void memory_that_may_not_be_written(void **state)
{
	struct vfu_client *client = *state;

	client_ready(client);
	client_peer(client, VFU_MAP_READ);
	enable(client, FPR_ENGINE_XFER);
	assert_int_equal(peer_transfer(client, 0, 5000, 0, 0), FPR_OK);
	client->asked = 0;
	assert_int_equal(peer_transfer(client, 1, 5000, 1, 0), FPR_ERR_DMA);
	assert_int_equal(client->asked, 0);
}

static void a_client_that_refuses(void **state)
{
	struct vfu_client *client = *state;

	client_ready(client);
	client_peer(client, VFU_MAP_READ | VFU_MAP_WRITE);
	enable(client, FPR_ENGINE_XFER);
	client->manners = CLIENT_REFUSES;
	assert_int_equal(peer_transfer(client, 0, 5000, 0, 0), FPR_ERR_DMA);
	assert_int_equal(peer_transfer(client, 1, 5000, 1, 0), FPR_ERR_DMA);
	client->manners = CLIENT_STINTS;
	assert_int_equal(peer_transfer(client, 2, 5000, 0, 0), FPR_ERR_DMA);
	client->manners = CLIENT_ANSWERS;
	assert_int_equal(peer_transfer(client, 3, 5000, 0, 0), FPR_OK);
}

/* The transfer engine at a question that is not answered. */
static void ask_in_vain(struct vfu_client *client, unsigned int i, uint8_t to_host)
{
	struct fpr_sg sg = {.address = CLIENT_PEER, .bytes = 5000};
	unsigned int asked = client->asked;

	client->manners = CLIENT_IS_SILENT;
	put_transfer(client, i, 5000, to_host, 0);
	memcpy(client->memory + 0x30000 + 16 * i, &sg, sizeof(sg));
	reg_write(client, FPR_REG_SQ_TAIL(FPR_ENGINE_XFER), i + 1);
	while (client->asked == asked) {
		reg_read(client, FPR_REG_STATUS);
		usleep(100);
	}
}

/* Whoever serves the client must not wait for the engine that waits for the client. */
static void questions_do_not_stop_the_rest(void **state)
{
	struct vfu_client *client = *state;

	client_ready(client);
	client_peer(client, VFU_MAP_READ | VFU_MAP_WRITE);
	enable(client, FPR_ENGINE_XFER);
	memset(client->peer, 0x42, CLIENT_PEER_BYTES);
	ask_in_vain(client, 0, 0);
	/* In the middle of it the memory goes; the answer was on its way. */
	client->manners = CLIENT_ANSWERS;
	assert_int_equal(unmap(client, 0, CLIENT_PEER, CLIENT_PEER_BYTES), 0);
	client_answer(client);
	while (!reg_read(client, FPR_REG_ENGINE(FPR_ENGINE_XFER) + FPR_ENG_JOBS_LO))
		usleep(100);
	/* The first part came, the rest is not there any more. */
	assert_int_equal(completion(client, FPR_ENGINE_XFER, 0)->status, FPR_ERR_DMA);
	assert_int_equal(client->device->memory[CLIENT_PEER_MOST - 1], 0x42);
	assert_int_equal(client->device->memory[CLIENT_PEER_MOST], 0);
}

static void resets_end_questions(void **state)
{
	struct vfu_client *client = *state;
	uint32_t at = config(client, PCI_CAPABILITY_LIST, 1);

	while (config(client, at, 1) != PCI_CAP_ID_EXP)
		at = config(client, at + 1, 1);
	client_ready(client);
	client_peer(client, VFU_MAP_READ | VFU_MAP_WRITE);
	for (uint8_t i = 0; i < 4; i++) {
		client_write(client, VFU_REGION_CONFIG, PCI_COMMAND, PCI_COMMAND_MASTER, 2);
		enable(client, FPR_ENGINE_XFER);
		ask_in_vain(client, 0, i % 2);
		if (i < 2)
			client_write(client, VFU_REGION_CONFIG, at + PCI_EXP_DEVCTL,
				     PCI_EXP_DEVCTL_BCR_FLR, 2);
		else
			assert_int_equal(client_ask(client, VFU_RESET, NULL, 0, -1), 0);
		/* It has not waited for an answer: the engine is at rest. */
		assert_int_equal(reg_read(client, FPR_REG_ENGINE(1) + FPR_ENG_STATUS),
				 FPR_ENG_STATUS_READY);
		assert_int_equal(reg_read(client, FPR_REG_STATUS), FPR_STATUS_READY);
		/* Too late, and to nobody. */
		client->manners = CLIENT_REFUSES;
		client_answer(client);
		client->manners = CLIENT_ANSWERS;
		client_write(client, VFU_REGION_CONFIG, PCI_COMMAND, PCI_COMMAND_MASTER, 2);
		enable(client, FPR_ENGINE_XFER);
		assert_int_equal(peer_transfer(client, 0, 5000, i % 2, 0), FPR_OK);
		reg_write(client, FPR_REG_CTRL, FPR_CTRL_RESET);
	}
}

static void hanging_up_on_a_question(void **state)
{
	struct vfu_client *client = *state;

	client_ready(client);
	client_peer(client, VFU_MAP_READ | VFU_MAP_WRITE);
	enable(client, FPR_ENGINE_XFER);
	ask_in_vain(client, 0, 0);
}

/* ---- resets and disappearing -------------------------------------------- */

static void command(struct vfu_client *client, const char *text)
{
	char answer[FPR_ANSWER_MAX];

	assert_int_equal(fpr_command(client->device, text, answer, sizeof(answer)), 0);
	assert_string_equal(answer, "ok");
}

static void resets_stop_everything(void **state)
{
	struct vfu_client *client = *state;
	uint32_t at = config(client, PCI_CAPABILITY_LIST, 1);

	while (config(client, at, 1) != PCI_CAP_ID_EXP)
		at = config(client, at + 1, 1);
	for (unsigned int i = 0; i < 2; i++) {
		if (!i)
			client_ready(client);
		client_write(client, VFU_REGION_CONFIG, PCI_COMMAND, PCI_COMMAND_MASTER, 2);
		client_write(client, VFU_REGION_CONFIG, PCI_BASE_ADDRESS_0, 0xfe800000, 4);
		enable(client, FPR_ENGINE_XFER);
		/* Hours of work: a reset must not wait for it. */
		command(client, "delay-dma 600000");
		put_transfer(client, 0, 100000, 1, 0);
		reg_write(client, FPR_REG_SQ_TAIL(FPR_ENGINE_XFER), 1);
		while (!(reg_read(client, FPR_REG_ENGINE(1) + FPR_ENG_STATUS) &
			 FPR_ENG_STATUS_BUSY))
			usleep(1000);
		if (i)
			client_write(client, VFU_REGION_CONFIG, at + PCI_EXP_DEVCTL,
				     PCI_EXP_DEVCTL_BCR_FLR, 2);
		else
			assert_int_equal(client_ask(client, VFU_RESET, NULL, 0, -1), 0);
		assert_int_equal(config(client, PCI_COMMAND, 2), 0);
		assert_int_equal(config(client, PCI_BASE_ADDRESS_0, 4), 0xfe800000);
		assert_int_equal(config(client, at + PCI_EXP_DEVCTL, 2) & PCI_EXP_DEVCTL_BCR_FLR,
				 0);
		assert_int_equal(reg_read(client, FPR_REG_STATUS), FPR_STATUS_READY);
		assert_int_equal(reg_read(client, FPR_REG_IRQ_MASK), 0);
		assert_int_equal(reg_read(client, FPR_REG_ENGINE(1) + FPR_ENG_STATUS),
				 FPR_ENG_STATUS_READY);
		command(client, "clear");
	}
}

/* A job that would take years, which a reset ends. */
static void a_reset_ends_a_long_job(void **state)
{
	struct vfu_client *client = *state;
	struct fpr_mac_desc d = {.opcode = FPR_OP_GEMM};

	client_ready(client);
	enable(client, FPR_ENGINE_MAC);
	/* The same two vectors a million times: 2^40 products. */
	d.m = d.n = 1;
	d.k = 1u << 20;
	d.batch = 1u << 20;
	d.stride_c = 1;
	d.a = (struct fpr_ref){0, 2u << 20, 0, 0};
	d.b = (struct fpr_ref){2u << 20, 2u << 20, 0, 0};
	d.c = (struct fpr_ref){4u << 20, 4u << 20, 0, 0};
	memset(client->device->memory, 0x3f, 4u << 20);
	memcpy(client->memory + SQ, &d, sizeof(d));
	reg_write(client, FPR_REG_SQ_TAIL(FPR_ENGINE_MAC), 1);
	while (!reg_read(client, FPR_REG_ENGINE(0) + FPR_ENG_PROGRESS_LO))
		usleep(1000);
	reg_write(client, FPR_REG_ENGINE(0) + FPR_ENG_CTRL, FPR_ENG_CTRL_RESET);
	while (!(reg_read(client, FPR_REG_ENGINE(0) + FPR_ENG_STATUS) & FPR_ENG_STATUS_READY))
		usleep(1000);
	assert_int_equal(completion(client, 0, 0)->phase, 0);
}

/* A guest that writes to its operands while they are read gets any result, and nothing worse. */
static void operands_that_change_under_a_job(void **state)
{
	struct vfu_client *client = *state;
	struct vfu_region_info r = {.argsz = sizeof(r), .index = FPR_BAR_MEMORY};
	volatile uint32_t *memory;
	uint32_t seed = 1, jobs = 0;

	client_ready(client);
	assert_int_equal(client_ask(client, VFU_GET_REGION_INFO, &r, sizeof(r), -1), 0);
	memory = mmap(NULL, CLIENT_BOARD_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, client->got_fd,
		      0);
	assert_true(memory != MAP_FAILED);
	for (uint8_t kind = 0; kind < FPR_KINDS; kind++) {
		struct fpr_mac_desc d = {.opcode = FPR_OP_GEMM, .m = 256, .n = 256, .k = 256};

		d.kind = kind;
		d.t = FPR_T_SET;
		d.accumulate = 1;
		d.a = (struct fpr_ref){0, 1u << 17, 0, 0};
		d.b = (struct fpr_ref){1u << 17, 1u << 17, 0, 0};
		d.c = (struct fpr_ref){1u << 18, 1u << 18, 0, 0};
		enable(client, FPR_ENGINE_MAC);
		memcpy(client->memory + SQ, &d, sizeof(d));
		reg_write(client, FPR_REG_SQ_TAIL(FPR_ENGINE_MAC), 1);
		do {
			for (unsigned int i = 0; i < 20000; i++) {
				seed = seed * 1664525u + 1013904223u;
				memory[(seed >> 8) % (1u << 17)] = seed * 2654435761u;
			}
		} while (reg_read(client, FPR_REG_ENGINE(0) + FPR_ENG_JOBS_LO) == jobs);
		jobs++;
		assert_int_equal(completion(client, 0, 0)->status, FPR_OK);
		reg_write(client, FPR_REG_ENGINE(0) + FPR_ENG_CTRL, FPR_ENG_CTRL_RESET);
	}
	munmap((void *)(uintptr_t)memory, CLIENT_BOARD_BYTES);
}

static void vanishes(void **state)
{
	struct vfu_client *client = *state;

	client_ready(client);
	command(client, "vanish");
	assert_int_equal(reg_read(client, FPR_REG_ID), 0xffffffff);
	assert_int_equal(config(client, PCI_VENDOR_ID, 2), 0xffff);
	client_write(client, VFU_REGION_CONFIG, PCI_COMMAND, 0, 2);
	reg_write(client, FPR_REG_CTRL, FPR_CTRL_RESET);
	assert_int_equal(client_ask(client, VFU_RESET, NULL, 0, -1), 0);
	assert_int_equal(reg_read(client, FPR_REG_STATUS), 0xffffffff);
}

static void hanging_up_in_the_middle_of_work(void **state)
{
	struct vfu_client *client = *state;

	client_ready(client);
	enable(client, FPR_ENGINE_XFER);
	command(client, "delay-dma 1000");
	for (unsigned int i = 0; i < 7; i++)
		put_transfer(client, i, 1u << 20, i % 2, (i % 2) << 20);
	reg_write(client, FPR_REG_SQ_TAIL(FPR_ENGINE_XFER), 7);
}

/* ---- commands ----------------------------------------------------------- */

static void commands_are_checked(void **state)
{
	struct vfu_client *client = *state;
	char answer[FPR_ANSWER_MAX], longest[FPR_COMMAND_MAX + 1];
	static const char *const wrong[] = {
		"",
		"   ",
		"hang",
		"hang cpu",
		"hang mac 0",
		"hang mac -1",
		"hang mac 1x",
		"hang mac 99999999999999999999",
		"hang mac 1 2",
		"wedge",
		"wedge all",
		"error mac 1 0",
		"error mac 1 70000",
		"error mac 0",
		"corrupt mac",
		"corrupt mac soul",
		"corrupt xfer fence 0",
		"drop-interrupts",
		"drop-interrupts x",
		"delay-dma",
		"delay-dma -5",
		"delay-slice",
		"heartbeat",
		"heartbeat maybe",
		"misread id",
		"misread soul 1",
		"misread id x",
		"temperature",
		"fatal now",
		"vanish 0",
		"memcpy",
		"memcpy 0",
		"memcpy 268435457",
		"stats now",
		"statistics",
		"hang mac 1 2 3 4 5 6",
		"clear all",
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		if (fpr_command(client->device, wrong[i], answer, sizeof(answer)) != -EINVAL)
			fail_msg("'%s' is taken for a command", wrong[i]);
		assert_memory_equal(answer, "error: ", 7);
	}
	memset(longest, 'x', FPR_COMMAND_MAX);
	longest[FPR_COMMAND_MAX] = 0;
	assert_int_equal(fpr_command(client->device, longest, answer, sizeof(answer)), -EINVAL);
}

static void commands_do_what_they_say(void **state)
{
	struct vfu_client *client = *state;
	struct fpr_shell_faults *faults = &client->device->shell.faults;
	char answer[FPR_ANSWER_MAX];
	unsigned int ns = 0;

	command(client, "hang mac 3");
	assert_int_equal(faults->engine[FPR_ENGINE_MAC].hang_in, 3);
	command(client, "error:xfer:2:5");
	assert_int_equal(faults->engine[FPR_ENGINE_XFER].error_in, 2);
	assert_int_equal(faults->engine[FPR_ENGINE_XFER].error, 5);
	command(client, " corrupt,xfer,phase ");
	assert_int_equal(faults->engine[FPR_ENGINE_XFER].corrupt_in, 1);
	assert_int_equal(faults->engine[FPR_ENGINE_XFER].corrupt, FPR_CORRUPT_PHASE);
	command(client, "drop-interrupts 4");
	assert_int_equal(faults->drop_interrupts, 4);
	command(client, "delay-dma 5");
	assert_int_equal(client->device->shell.delay_ms, 5);
	command(client, "delay-slice 6");
	assert_int_equal(client->device->shell.slice_delay_ms, 6);
	assert_int_equal(client->device->shell.delay_ms, 5);
	command(client, "misread version 131072");
	assert_int_equal(reg_read(client, FPR_REG_VERSION), 2 << 16);
	assert_int_equal(reg_read(client, FPR_REG_ID), FPR_ID);
	command(client, "misread id -1");
	assert_int_equal(reg_read(client, FPR_REG_ID), UINT32_MAX);
	assert_int_equal(reg_read(client, FPR_REG_VERSION) >> 16, FPR_VERSION_MAJOR);
	command(client, "temperature -40000");
	assert_int_equal((int32_t)reg_read(client, FPR_REG_TEMPERATURE), -40000);
	command(client, "wedge mac");
	reg_write(client, FPR_REG_ENGINE(0) + FPR_ENG_CTRL, FPR_ENG_CTRL_RESET);
	assert_int_equal(reg_read(client, FPR_REG_ENGINE(0) + FPR_ENG_STATUS), 0);
	command(client, "clear");
	assert_int_equal(reg_read(client, FPR_REG_ENGINE(0) + FPR_ENG_STATUS),
			 FPR_ENG_STATUS_READY);
	assert_int_equal(faults->engine[FPR_ENGINE_MAC].hang_in, 0);
	assert_int_equal(reg_read(client, FPR_REG_ID), FPR_ID);
	command(client, "fatal");
	assert_int_equal(reg_read(client, FPR_REG_STATUS), FPR_STATUS_READY | FPR_STATUS_FATAL);
	assert_int_equal(fpr_command(client->device, "memcpy 8388608", answer, sizeof(answer)), 0);
	assert_int_equal(sscanf(answer, "{\"bytes\":8388608,\"copies\":2,\"ns\":%u}", &ns), 1);
	assert_true(ns > 0);
	assert_int_equal(fpr_command(client->device, "stats", answer, sizeof(answer)), 0);
	assert_non_null(strstr(answer, "\"register_writes\":1,"));
	assert_non_null(strstr(answer, "\"engine_resets\":1,"));
	assert_non_null(strstr(answer, "\"mac\":{\"jobs\":0,"));
	assert_int_equal(answer[0], '{');
	assert_string_equal(answer + strlen(answer) - 1, "}");
}

#define test(f, open) cmocka_unit_test_setup_teardown(f, open, hang_up)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(agrees_on_a_version, open_msix),
		test(shows_its_regions, open_msix),
		test(board_memory_can_be_mapped, open_msix),
		test(has_its_capabilities, open_msix),
		test(configuration_space_keeps_its_bits, open_msix),
		test(registers_are_32_bits_wide, open_msix),
		test(messages_by_vector, open_msix),
		test(transfers_of_either_model, open_hls),
		test(messages_as_the_guest_grants_them, open_msi),
		test(a_line_fires_until_it_is_served, open_intx),
		test(engines_side_by_side, open_msix),
		test(nothing_without_bus_mastering, open_msix),
		test(nothing_through_a_hole, open_msix),
		test(memory_that_is_not_shared, open_msix),
		test(memory_of_a_peer, open_msix),
		test(memory_that_may_not_be_written, open_msix),
		test(a_client_that_refuses, open_msix),
		test(questions_do_not_stop_the_rest, open_msix),
		test(resets_end_questions, open_msix),
		test(hanging_up_on_a_question, open_msix),
		test(resets_stop_everything, open_msix),
		test(a_reset_ends_a_long_job, open_msix),
		test(operands_that_change_under_a_job, open_msix),
		test(vanishes, open_msix),
		test(hanging_up_in_the_middle_of_work, open_msix),
		test(commands_are_checked, open_msix),
		test(commands_do_what_they_say, open_msix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
