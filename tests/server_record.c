/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/vfu_client.h"
#include "record.h"

/* What a recording says of a board whose client knows what it did. */

#define SQ 0x10000
#define CQ 0x20000
#define LIST 0x30000
#define DATA 0x40000
#define BYTES 5

static char path[] = "/tmp/fpr-record-XXXXXX";

static void enable(struct vfu_client *client)
{
	const uint32_t base = FPR_REG_ENGINE(FPR_ENGINE_XFER);

	reg_write(client, base + FPR_ENG_SQ_LO, (uint32_t)CLIENT_BUS + SQ);
	reg_write(client, base + FPR_ENG_CQ_LO, (uint32_t)CLIENT_BUS + CQ);
	reg_write(client, base + FPR_ENG_SQ_ORDER, 3);
	reg_write(client, base + FPR_ENG_CQ_ORDER, 3);
	reg_write(client, base + FPR_ENG_CTRL, FPR_ENG_CTRL_ENABLE);
	reg_write(client, FPR_REG_IRQ_MASK, 7);
}

/* Entry @i: five bytes of board memory to a place of the host's. */
static void put(struct vfu_client *client, unsigned int i, uint64_t to)
{
	const struct fpr_sg sg = {.address = to, .bytes = BYTES};
	const struct fpr_xfer_desc d = {.opcode = FPR_OP_XFER,
					.fence = i,
					.to_host = 1,
					.host = {CLIENT_BUS + LIST + 16 * i, BYTES, 1, 0}};

	memcpy(client->memory + LIST + 16 * i, &sg, sizeof(sg));
	memcpy(client->memory + SQ + i * sizeof(d), &d, sizeof(d));
}

static void work(struct fpr_recorder *recorder)
{
	struct vfu_client *client = client_open_recorded(VFU_MSIX, recorder);
	struct vfu_region_info region = {.argsz = sizeof(region), .index = FPR_BAR_MEMORY};
	int event;

	client_ready(client);
	event = client_event(client, VFU_INDEX_MSIX, 0);
	client_ask(client, VFU_GET_REGION_INFO, &region, sizeof(region), -1);
	memcpy(&region, client->body, sizeof(region));
	assert_int_equal(region.flags & VFU_REGION_CAN_MMAP, 0);
	assert_true(client->got_fd < 0);
	reg_read(client, FPR_REG_ID);
	client_write(client, FPR_BAR_MEMORY, 0, 0x0807060504030201, 8);
	client_read(client, FPR_BAR_MEMORY, 2, 2);
	enable(client);
	put(client, 0, CLIENT_BUS + DATA);
	reg_write(client, FPR_REG_SQ_TAIL(FPR_ENGINE_XFER), 1);
	wait_event(event);
	reg_write(client, FPR_REG_CQ_HEAD(FPR_ENGINE_XFER), 1);
	put(client, 1, CLIENT_BUS - 4096); /* nowhere */
	reg_write(client, FPR_REG_SQ_TAIL(FPR_ENGINE_XFER), 2);
	wait_event(event);
	client_ask(client, VFU_RESET, NULL, 0, -1);
	close(event);
	client_close(client);
}

static void tells_all_in_order(void **state)
{
	/* Completions hold a time: their data is not looked at. */
	static const char *const lines[] = {
		"fpr-board 1 memory=8388608 clock_khz=",
		"r 0 52504621",
		"W 0 8 0102030405060708",
		"R 2 2 0304",
		"w 1100 40010000",
		"w 1108 40020000",
		"w 1110 3",
		"w 1114 3",
		"w 1118 1",
		"w 64 7",
		"w 8008 1",
		"i 40010000 40 0200",
		"i 40030000 10 00000440000000000500000000000000",
		"o 40040000 5 0102030405",
		"o 40020000 1e 0000000000000000",
		"o 4002001e 2 0100",
		"m 1",
		"w 800c 1",
		"w 8008 2",
		"i 40010040 40 0200",
		"i 40030010 10 00f0ff3f000000000500000000000000",
		"o 3ffff000 5 0102030405",
		"f 3ffff000 5",
		"o 40020020 1e 0100000000000000",
		"o 4002003e 2 0100",
		"m 1",
		"x", /* asked for */
		"x", /* the client has hung up */
	};
	struct fpr_recorder *recorder;
	char line[4096];
	FILE *file;

	(void)state;
	close(mkstemp(path));
	assert_int_equal(fpr_recorder_open(path, &recorder), 0);
	work(recorder);
	assert_int_equal(fpr_recorder_close(recorder), 0);
	file = fopen(path, "r");
	unlink(path);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		assert_non_null(fgets(line, sizeof(line), file));
		if (strncmp(line, lines[i], strlen(lines[i])) != 0)
			fail_msg("'%.60s' and not '%s'", line, lines[i]);
	}
	assert_null(fgets(line, sizeof(line), file));
	fclose(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_all_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
