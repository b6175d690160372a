/* SPDX-License-Identifier: MIT */
#include <linux/pci_regs.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "command.h"
#include "common/vfu_client.h"

/*
 * Resets, lost memory and faults at any moment while both engines work. After
 * each of them the board is ready again, and a job then runs as if nothing had been.
 */

#define ROUNDS 150
#define ORDER 5
#define LISTS 0x8000 /* in client memory */
#define RINGS 0x10000
#define DATA 0x100000
#define BYTES 300000

static uint64_t random_state = 0x9e3779b97f4a7c15ull;

static uint32_t below(uint32_t n)
{
	random_state = random_state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(random_state >> 33) % n;
}

/* Each ring has 16 KiB. */
static uint32_t ring(unsigned int engine, unsigned int completion)
{
	return RINGS + (2 * engine + completion) * 0x4000;
}

static void enable(struct vfu_client *client, unsigned int engine)
{
	uint32_t base = FPR_REG_ENGINE(engine);

	memset(client->memory + ring(engine, 1), 0, 0x1000);
	reg_write(client, base + FPR_ENG_SQ_LO, (uint32_t)CLIENT_BUS + ring(engine, 0));
	reg_write(client, base + FPR_ENG_CQ_LO, (uint32_t)CLIENT_BUS + ring(engine, 1));
	reg_write(client, base + FPR_ENG_SQ_ORDER, ORDER);
	reg_write(client, base + FPR_ENG_CQ_ORDER, ORDER);
	reg_write(client, base + FPR_ENG_CTRL, FPR_ENG_CTRL_ENABLE);
}

/* Products in the upper half of board memory, transfers in the lower one: nothing is shared. */
static void fill_rings(struct vfu_client *client)
{
	struct fpr_mac_desc mac = {.opcode = FPR_OP_GEMM, .m = 96, .n = 96, .k = 96};

	mac.a = mac.b = (struct fpr_ref){CLIENT_BOARD_BYTES / 2, 2 * 96 * 96, 0, 0};
	mac.c = (struct fpr_ref){CLIENT_BOARD_BYTES / 2 + 65536, 4 * 96 * 96, 0, 0};
	for (unsigned int i = 0; i < 1u << ORDER; i++) {
		const uint32_t at = (i % 2) << 20;
		struct fpr_xfer_desc d = {.opcode = FPR_OP_XFER, .board = at, .to_host = i % 2};
		struct fpr_sg sg = {.address = CLIENT_BUS + DATA + at, .bytes = BYTES};

		d.priority = (fpr_le16)below(3);
		d.host = (struct fpr_ref){CLIENT_BUS + LISTS + 16 * i, BYTES, 1, 0};
		memcpy(client->memory + LISTS + 16 * i, &sg, sizeof(sg));
		memcpy(client->memory + ring(FPR_ENGINE_XFER, 0) + i * sizeof(d), &d, sizeof(d));
		memcpy(client->memory + ring(FPR_ENGINE_MAC, 0) + i * sizeof(mac), &mac,
		       sizeof(mac));
	}
}

static void wait_ready(struct vfu_client *client)
{
	while (!(reg_read(client, FPR_REG_STATUS) & FPR_STATUS_READY))
		usleep(100);
	for (unsigned int engine = 0; engine < FPR_ENGINES; engine++)
		while (!(reg_read(client, FPR_REG_ENGINE(engine) + FPR_ENG_STATUS) &
			 FPR_ENG_STATUS_READY))
			usleep(100);
}

static void command(struct vfu_client *client, const char *text)
{
	char answer[FPR_ANSWER_MAX];

	assert_int_equal(fpr_command(client->device, text, answer, sizeof(answer)), 0);
}

static void remap(struct vfu_client *client)
{
	struct vfu_dma_unmap unmap = {sizeof(unmap), 0, CLIENT_BUS, CLIENT_BYTES};
	struct vfu_dma_map map = {sizeof(map), VFU_MAP_READ | VFU_MAP_WRITE, 0, CLIENT_BUS,
				  CLIENT_BYTES};

	assert_int_equal(client_ask(client, VFU_DMA_UNMAP, &unmap, sizeof(unmap), -1), 0);
	assert_int_equal(client_ask(client, VFU_DMA_MAP, &map, sizeof(map), client->memory_fd), 0);
}

static void disturb(struct vfu_client *client)
{
	static const char *const faults[] = {
		"hang mac",	   "hang xfer 3", "error mac 2",  "corrupt xfer phase 4",
		"drop-interrupts", "fatal",	  "delay-dma 1",  "corrupt mac cookie 2",
		"hang mac 2",	   "stats",	  "heartbeat go", "clear",
	};
	char answer[FPR_ANSWER_MAX];

	switch (below(6)) {
	case 0:
		reg_write(client, FPR_REG_ENGINE(below(2)) + FPR_ENG_CTRL, FPR_ENG_CTRL_RESET);
		break;
	case 1:
		reg_write(client, FPR_REG_CTRL, FPR_CTRL_RESET);
		break;
	case 2:
		assert_int_equal(client_ask(client, VFU_RESET, NULL, 0, -1), 0);
		break;
	case 3:
		remap(client);
		break;
	case 4:
		reg_write(client, FPR_REG_SQ_TAIL(below(2)), 1000);
		break;
	default:
		fpr_command(client->device, faults[below(sizeof(faults) / sizeof(faults[0]))],
			    answer, sizeof(answer));
	}
}

/* Whatever is armed or broken ends here; then one job of each engine has to go well. */
static void all_is_well(struct vfu_client *client)
{
	command(client, "clear");
	wait_ready(client);
	reg_write(client, FPR_REG_CTRL, FPR_CTRL_RESET);
	wait_ready(client);
	client_write(client, VFU_REGION_CONFIG, PCI_COMMAND,
		     PCI_COMMAND_MASTER | PCI_COMMAND_MEMORY, 2);
	for (unsigned int engine = 0; engine < FPR_ENGINES; engine++) {
		struct fpr_completion c;

		enable(client, engine);
		reg_write(client, FPR_REG_SQ_TAIL(engine), 1);
		while (!reg_read(client, FPR_REG_ENGINE(engine) + FPR_ENG_JOBS_LO))
			usleep(100);
		memcpy(&c, client->memory + ring(engine, 1), sizeof(c));
		assert_int_equal(c.status, FPR_OK);
		assert_int_equal(c.phase, 1);
	}
}

static void nothing_wedges_it(void **state)
{
	struct vfu_client *client = client_open(VFU_MSIX);

	(void)state;
	client_ready(client);
	fill_rings(client);
	for (unsigned int round = 0; round < ROUNDS; round++) {
		for (unsigned int engine = 0; engine < FPR_ENGINES; engine++) {
			enable(client, engine);
			reg_write(client, FPR_REG_SQ_TAIL(engine), 1 + below(31));
		}
		for (uint32_t n = below(4); n; n--) {
			if (below(2))
				usleep(below(500));
			disturb(client);
		}
		all_is_well(client);
	}
	assert_int_equal(client_close(client), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_wedges_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
