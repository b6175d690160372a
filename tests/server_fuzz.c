/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/fuzz_random.h"
#include "common/vfu_client.h"

/* Random messages, well framed and not. The server answers every one that it should, or hangs up.
 */

#define MESSAGES 6000

static uint64_t random_state;

static uint32_t any(void)
{
	return fuzz_random(&random_state);
}

static uint64_t nasty(void)
{
	static const uint64_t values[] = {
		0,
		1,
		2,
		3,
		4,
		7,
		8,
		9,
		16,
		0x21,
		0x24,
		0x40,
		0xfff,
		0x1000,
		0x8000,
		0x10000,
		1u << 20,
		(1u << 20) + 1,
		CLIENT_BUS,
		CLIENT_BYTES,
		CLIENT_BOARD_BYTES,
		0x7fffffff,
		0x80000000,
		0xffffffff,
		1ull << 63,
		UINT64_MAX - 4095,
		UINT64_MAX,
	};

	return any() % 5 ? values[any() % (sizeof(values) / sizeof(values[0]))]
			 : (uint64_t)any() << 32 | any();
}

union body {
	struct vfu_dma_map map;
	struct vfu_dma_unmap unmap;
	struct vfu_irq_set irqs;
	struct vfu_access access;
	struct vfu_region_info region;
	uint8_t bytes[128];
};

/* A message of the right shape, its fields mostly nasty. Returns its length. */
static uint32_t compose(uint16_t command, union body *body)
{
	memset(body, (int)any(), sizeof(*body));
	switch (command) {
	case VFU_DMA_MAP:
		body->map = (struct vfu_dma_map){32, any() % 4, any() % 2 ? 0 : nasty(),
						 any() % 2 ? CLIENT_BUS : nasty(),
						 any() % 2 ? CLIENT_BYTES : nasty()};
		return sizeof(body->map);
	case VFU_DMA_UNMAP:
		body->unmap =
			(struct vfu_dma_unmap){24, any() % 16 ? 0 : any() % 4, nasty(), nasty()};
		return sizeof(body->unmap);
	case VFU_SET_IRQS:
		body->irqs = (struct vfu_irq_set){20, (uint32_t)nasty(), any() % 6, any() % 5,
						  any() % 8 ? any() % 5 : (uint32_t)nasty()};
		return sizeof(body->irqs) + any() % 20;
	case VFU_REGION_READ:
		body->access = (struct vfu_access){nasty(), any() % 10, any() % 5000};
		if (any() % 3 == 0)
			body->access.count = (uint32_t)nasty() & ~0x1000u;
		return sizeof(body->access);
	case VFU_REGION_WRITE:
		body->access = (struct vfu_access){any() % 3 ? any() % 0x10000 & ~3u : nasty(),
						   any() % 10, any() % 3 ? 4 : any() % 120};
		return sizeof(body->access) + any() % 100;
	default:
		body->region = (struct vfu_region_info){
			32, (uint32_t)nasty(), any() % 12, (uint32_t)nasty(), nasty(), nasty()};
		return any() % sizeof(body->bytes);
	}
}

static uint16_t pick_command(void)
{
	static const uint16_t commands[] = {VFU_VERSION,
					    VFU_DMA_MAP,
					    VFU_DMA_UNMAP,
					    VFU_GET_INFO,
					    VFU_GET_REGION_INFO,
					    VFU_GET_IRQ_INFO,
					    VFU_SET_IRQS,
					    VFU_REGION_READ,
					    VFU_REGION_WRITE,
					    VFU_REGION_WRITE,
					    VFU_RESET,
					    6,
					    16};

	return any() % 10 ? commands[any() % (sizeof(commands) / sizeof(commands[0]))]
			  : (uint16_t)any();
}

/* A reply to a read of a whole region is longer than our client takes. */
static bool answer_fits(uint16_t command, const union body *body, uint32_t n)
{
	return command != VFU_REGION_READ || n < sizeof(body->access) || body->access.count < 8000;
}

static void framed_messages(void **state)
{
	struct vfu_client *client = client_open(VFU_MSIX);
	unsigned int errors = 0, answered = 0;
	int zero = memfd_create("empty", MFD_CLOEXEC);

	(void)state;
	random_state = 0x9e3779b97f4a7c15ull;
	for (unsigned int i = 0; i < MESSAGES; i++) {
		uint16_t command = pick_command();
		union body body;
		uint32_t n = compose(command, &body), flags = any() % 8 ? 0 : VFU_NO_REPLY;
		int fd = any() % 4 ? -1 : any() % 2 ? client->memory_fd : zero;

		if (any() % 20 == 0)
			n = any() % (n + 1);
		if (!answer_fits(command, &body, n))
			continue;
		client_send(client, command, flags, &body, n, fd);
		if (flags)
			continue;
		assert_true(client_receive(client));
		assert_int_equal(client->reply.id, client->id);
		answered++;
		errors += client->reply.error != 0;
	}
	assert_true(answered > MESSAGES / 2);
	assert_true(errors > MESSAGES / 8 && errors < answered);
	close(zero);
	assert_int_equal(client_close(client), 0);
}

/* Headers that lie about their size, replies nobody asked for, halves, noise. */
static void broken_frames(void **state)
{
	static const uint32_t sizes[] = {0, 1, 15, VFU_MESSAGE_MAX + 1, 0x7fffffff, 0xffffffff};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct vfu_client *client = client_open(VFU_MSI);
		struct vfu_header header = {1, VFU_GET_INFO, sizes[i], 0, 0};

		client_raw(client, &header, sizeof(header));
		assert_false(client_receive(client));
		assert_int_equal(client_close(client), -EPROTO);
	}
	for (unsigned int round = 0; round < 30; round++) {
		struct vfu_client *client = client_open(VFU_INTX);
		uint8_t noise[512];

		random_state = 0xd1342543de82ef95ull * (round + 1);
		for (size_t i = 0; i < sizeof(noise); i++)
			noise[i] = (uint8_t)any();
		client_raw(client, noise, any() % sizeof(noise));
		client_close(client);
	}
}

static void a_reply_is_ignored(void **state)
{
	struct vfu_client *client = client_open(VFU_MSIX);

	(void)state;
	client_send(client, VFU_RESET, VFU_REPLY, NULL, 0, -1);
	client_send(client, VFU_REGION_READ, VFU_REPLY | VFU_ERROR, "abc", 3, -1);
	assert_int_equal(reg_read(client, FPR_REG_ID), FPR_ID);
	assert_int_equal(client_close(client), 0);
}

/* A transfer from memory that the board asks for, begun anew. */
static void begin_transfer(struct vfu_client *client, enum client_manners manners)
{
	const uint32_t base = FPR_REG_ENGINE(FPR_ENGINE_XFER);
	struct fpr_xfer_desc d = {.opcode = FPR_OP_XFER};
	struct fpr_sg sg = {.address = CLIENT_PEER, .bytes = 3 * CLIENT_PEER_MOST};

	reg_write(client, base + FPR_ENG_CTRL, FPR_ENG_CTRL_RESET);
	while (!(reg_read(client, base + FPR_ENG_STATUS) & FPR_ENG_STATUS_READY))
		;
	d.host = (struct fpr_ref){CLIENT_BUS, sg.bytes, 1, 0};
	memcpy(client->memory, &sg, sizeof(sg));
	memcpy(client->memory + 4096, &d, sizeof(d));
	reg_write(client, base + FPR_ENG_SQ_LO, (uint32_t)CLIENT_BUS + 4096);
	reg_write(client, base + FPR_ENG_CQ_LO, (uint32_t)CLIENT_BUS + 8192);
	reg_write(client, base + FPR_ENG_SQ_ORDER, 3);
	reg_write(client, base + FPR_ENG_CQ_ORDER, 3);
	reg_write(client, base + FPR_ENG_CTRL, FPR_ENG_CTRL_ENABLE);
	client->manners = manners;
	reg_write(client, FPR_REG_SQ_TAIL(FPR_ENGINE_XFER), 1);
}

/* Replies that have the number of a question, or nearly; too short, too long, wrong. */
static void answers_of_all_kinds(void **state)
{
	struct vfu_client *client = client_open(VFU_MSIX);
	unsigned int asked = 0, jobs = 0;

	(void)state;
	random_state = 0xbf58476d1ce4e5b9ull;
	client_ready(client);
	client_peer(client, VFU_MAP_READ);
	for (unsigned int i = 0; i < 400; i++) {
		begin_transfer(client, any() % 3 ? CLIENT_IS_SILENT : CLIENT_ANSWERS);
		for (uint32_t n = any() % 10; n; n--) {
			uint8_t body[16 + CLIENT_PEER_MOST] = {0};
			struct vfu_header header = client->question;
			uint32_t size = any() % 3 ? sizeof(body) : any() % sizeof(body);

			header.id = (uint16_t)(header.id + (any() % 4 ? 0 : any() % 3));
			header.command = (uint16_t)(any() % 4 ? header.command : any() % 20);
			header.flags = VFU_REPLY | (any() % 4 ? 0 : VFU_ERROR);
			header.size = (uint32_t)sizeof(header) + size;
			client_raw(client, &header, sizeof(header));
			client_raw(client, body, size);
			jobs += reg_read(client, FPR_REG_ENGINE(1) + FPR_ENG_JOBS_LO);
		}
		asked += client->asked;
		client->asked = 0;
		/* Unless it was taken for answered, it still is to be. */
		client->manners = CLIENT_ANSWERS;
		if (client->question.command)
			client_answer(client);
	}
	assert_true(asked > 400 && jobs > 20);
	begin_transfer(client, CLIENT_IS_SILENT);
	assert_int_equal(client_close(client), 0);
}

/* A length that the message does not have must not make it read beyond. */
static void accesses_stay_inside(void **state)
{
	struct vfu_client *client = client_open(VFU_MSIX);
	const struct vfu_access bad[] = {
		{FPR_BAR_REGS_BYTES - 3, FPR_BAR_REGS, 4},
		{FPR_BAR_REGS_BYTES, FPR_BAR_REGS, 1},
		{UINT64_MAX, FPR_BAR_REGS, 4},
		{0, 1, 4},
		{0, 3, 4},
		{0, 6, 4},
		{4096, VFU_REGION_CONFIG, 1},
		{4092, VFU_REGION_CONFIG, 8},
		{0, 8, 4},
		{0, 9, 4},
		{0, 0xffffffff, 4},
		{0, FPR_BAR_MEMORY, 0xffffffff},
		{0, FPR_BAR_MEMORY, VFU_DATA_MAX + 1},
		{CLIENT_BOARD_BYTES, FPR_BAR_MEMORY, 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(client_ask(client, VFU_REGION_READ, &bad[i], sizeof(bad[i]), -1),
				 EINVAL);
		assert_int_equal(client_ask(client, VFU_REGION_WRITE, &bad[i], sizeof(bad[i]), -1),
				 EINVAL);
	}
	for (uint32_t n = 0; n < 20; n++) {
		struct vfu_access access = {0, FPR_BAR_MEMORY, 5};

		assert_int_equal(client_ask(client, VFU_REGION_WRITE, &access,
					    n < sizeof(access) ? n : sizeof(access), -1),
				 EINVAL);
	}
	assert_int_equal(client_close(client), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(framed_messages),	cmocka_unit_test(broken_frames),
		cmocka_unit_test(a_reply_is_ignored),	cmocka_unit_test(answers_of_all_kinds),
		cmocka_unit_test(accesses_stay_inside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
