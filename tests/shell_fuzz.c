/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/fuzz_random.h"
#include "common/fake_host.h"

/*
 * Garbage in every register, ring and list. Whatever comes, the board stops
 * when it has nothing to do, and after a full reset it does a good job again.
 */

#define ROUNDS 60
#define ACCESSES 400

static uint64_t random_state;

static uint32_t any(void)
{
	return fuzz_random(&random_state);
}

/* Numbers that hurt more often than others do. */
static uint64_t nasty(void)
{
	static const uint64_t values[] = {
		0,
		1,
		2,
		3,
		4,
		8,
		15,
		16,
		63,
		64,
		100,
		4095,
		4096,
		0x10000,
		HOST_BOARD_BYTES - 64,
		HOST_BOARD_BYTES,
		HOST_BUS,
		HOST_BUS + 4096,
		HOST_BUS + HOST_BYTES - 16,
		0x7fffffff,
		0x80000000,
		0xffffffff,
		1ull << 32,
		1ull << 63,
		UINT64_MAX - 15,
		UINT64_MAX,
	};

	return any() % 4 ? values[any() % (sizeof(values) / sizeof(values[0]))]
			 : (uint64_t)any() << 32 | any();
}

static void spoil(void *desc, size_t bytes, unsigned int times)
{
	uint8_t *at = desc;

	while (times--) {
		uint64_t value = nasty();
		size_t width = 1u << any() % 4;

		memcpy(at + any() % (bytes / width) * width, &value, width);
	}
}

static void spoil_lists(struct fake_host *host, uint64_t table)
{
	struct fpr_sg *entry = host_at(host, table);

	for (unsigned int i = 0; i < 64; i++) {
		entry[i] = (struct fpr_sg){.address = HOST_BUS + any() % HOST_BYTES,
					   .bytes = any() % 3 ? 4096 : any() % 70000 + 1};
		if (any() % 16 == 0)
			spoil(&entry[i], sizeof(entry[i]), 1);
	}
}

/* A small job, so that what runs is soon over; then a few fields are made nasty. */
static void submit_mac(struct fake_host *host, uint64_t table)
{
	struct fpr_mac_desc d = host_product(any() % 40, any() % 40, any() % 100);

	d.kind = (fpr_u8)(any() % FPR_KINDS);
	if (any() % 2)
		d.a = (struct fpr_ref){table, d.a.bytes, 64, any() % 100 * 2};
	if (any() % 2)
		d.c = (struct fpr_ref){table + 256, d.c.bytes, 48, any() % 100 * 4};
	d.accumulate = any() % 2;
	d.result = any() % 2 ? HOST_BUS + 0x700000 : 0;
	spoil(&d, sizeof(d), any() % 3);
	/* What would take hours belongs to another test. */
	if ((uint64_t)d.m * d.n > 1u << 14 || d.k > 1u << 12 || d.batch > 4)
		d.m = 0;
	host_submit(host, FPR_ENGINE_MAC, &d, any() % 2);
}

static void submit_xfer(struct fake_host *host, uint64_t table)
{
	struct fpr_xfer_desc d = {
		.opcode = FPR_OP_XFER,
		.op = (fpr_u8)(any() % 5),
		.priority = (fpr_le16)any(),
		.host = {table, any() % 200000 + 1, 64, 0},
		.board = any() % HOST_BOARD_BYTES,
		.to_host = any() % 2,
	};

	if (d.op) {
		d.host.bytes &= ~63ull;
		d.board &= ~63ull;
	}
	spoil(&d, sizeof(d), any() % 3);
	host_submit(host, FPR_ENGINE_XFER, &d, any() % 2);
}

static void any_register(struct fake_host *host)
{
	uint32_t at = any() % 4 ? FPR_REG_ENGINE(0) + any() % 0x200 : any() % FPR_BAR_REGS_BYTES;

	at = any() % 8 ? at & ~3u : at;
	if (any() % 2)
		host_read(host, at);
	else
		host_write(host, at, (uint32_t)nasty());
}

static void drain(struct fake_host *host, unsigned int engine)
{
	struct fpr_completion c;

	for (unsigned int i = 0; i < 1000 && host_take(host, engine, &c, any() % 4 == 0); i++)
		assert_true(c.status <= FPR_ERR_CHAIN);
}

static void one_access(struct fake_host *host, uint64_t table)
{
	switch (any() % 8) {
	case 0:
	case 1:
		submit_mac(host, table);
		break;
	case 2:
	case 3:
		submit_xfer(host, table);
		break;
	case 4:
		spoil_lists(host, table);
		break;
	case 5:
		if (any() % 8 == 0)
			any_register(host);
		else
			host_write(host, FPR_REG_DOORBELL + any() % 8 * 4, any() % 20);
		break;
	default:
		host_run(host);
		drain(host, FPR_ENGINE_MAC);
		drain(host, FPR_ENGINE_XFER);
	}
}

static void still_works(struct fake_host *host)
{
	struct fpr_mac_desc mac = host_product(8, 8, 8);
	struct fpr_xfer_desc xfer;

	host->used = 0;
	host_write(host, FPR_REG_CTRL, FPR_CTRL_RESET);
	assert_int_equal(host_read(host, FPR_REG_STATUS), FPR_STATUS_READY);
	host_enable_all(host);
	xfer = host_copy(host, host_alloc(host, 4096), 0, 4096, 0);
	host_submit(host, FPR_ENGINE_MAC, &mac, true);
	host_expect(host, FPR_ENGINE_MAC, 1, FPR_OK);
	host_submit(host, FPR_ENGINE_XFER, &xfer, true);
	host_expect(host, FPR_ENGINE_XFER, 1, FPR_OK);
}

static void garbage_wedges_nothing(void **state)
{
	struct fake_host *host = *state;
	uint64_t jobs = 0;

	for (unsigned int round = 0; round < ROUNDS; round++) {
		uint64_t table;

		random_state = 0x9e3779b97f4a7c15ull * (round + 1);
		host->used = 0;
		host_write(host, FPR_REG_CTRL, FPR_CTRL_RESET);
		table = host_alloc(host, 64 * sizeof(struct fpr_sg));
		host_enable_all(host);
		spoil_lists(host, table);
		host->shell->config.beats = round % 2;
		for (unsigned int i = 0; i < ACCESSES; i++)
			one_access(host, table);
		host_run(host);
		still_works(host);
		jobs = host->shell->stats.completions;
	}
	assert_true(jobs > 1000);
	assert_true(host->shell->stats.errors > 100);
	assert_true(host->shell->stats.errors < jobs);
}

/* Rings that are noise from end to end. */
static void rings_of_noise(void **state)
{
	struct fake_host *host = *state;

	for (unsigned int round = 0; round < 200; round++) {
		random_state = 0xd1342543de82ef95ull * (round + 1);
		host->used = 0;
		host_write(host, FPR_REG_CTRL, FPR_CTRL_RESET);
		host_enable_all(host);
		for (unsigned int engine = 0; engine < FPR_ENGINES; engine++) {
			uint32_t *ring = host_at(host, host->ring[engine][0]);
			uint32_t n = engine ? 1024 * 64 / 4 : 16 * 256 / 4;

			for (uint32_t i = 0; i < n; i++)
				ring[i] = any() % 3 ? any() : (uint32_t)nasty();
			for (uint32_t i = 0; i < n; i += engine ? 16 : 64)
				ring[i] = (ring[i] & 0xffffff00) | any() % 3;
			host_write(host, FPR_REG_SQ_TAIL(engine), engine ? 1000 : 15);
		}
		host_run(host);
	}
	assert_true(host->shell->stats.errors > 100000);
	still_works(host);
}

#define test(f) cmocka_unit_test_setup_teardown(f, host_setup, host_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(garbage_wedges_nothing),
		test(rings_of_noise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
