/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/fake_host.h"

/*
 * Records: what a host that lost completions, or reset an engine at work, can learn of
 * its descriptors. A host that goes on from there has every sum once.
 */

enum { BYTES = 64 << 10, BOARD = 0x80000, WORDS = BYTES / 4 };

static uint32_t reg(unsigned int engine, uint32_t at)
{
	return FPR_REG_ENGINE(engine) + at;
}

static uint32_t state_of(struct fake_host *host, unsigned int engine, uint32_t cookie)
{
	host_write(host, reg(engine, FPR_ENG_RECORD), cookie);
	return host_read(host, reg(engine, FPR_ENG_RECORD_STATE));
}

static uint64_t fence_of(struct fake_host *host, unsigned int engine, uint32_t cookie)
{
	host_write(host, reg(engine, FPR_ENG_RECORD), cookie);
	return host_read64(host, reg(engine, FPR_ENG_RECORD_FENCE_LO));
}

static uint64_t bytes_of(struct fake_host *host, uint32_t cookie)
{
	host_write(host, reg(FPR_ENGINE_XFER, FPR_ENG_RECORD), cookie);
	return host_read64(host, reg(FPR_ENGINE_XFER, FPR_ENG_RECORD_BYTES_LO));
}

static uint32_t done(enum fpr_status status)
{
	return FPR_RECORD_TAKEN | FPR_RECORD_DONE | (uint32_t)status << FPR_RECORD_STATUS_SHIFT;
}

static void reset(struct fake_host *host, unsigned int engine, bool full)
{
	if (full)
		host_write(host, FPR_REG_CTRL, FPR_CTRL_RESET);
	else
		host_write(host, reg(engine, FPR_ENG_CTRL), FPR_ENG_CTRL_RESET);
}

/* ---- what they say ------------------------------------------------------ */

static void tell_how_each_descriptor_ended(void **state)
{
	struct fake_host *host = *state;
	struct fpr_xfer_desc copy = host_copy(host, HOST_BUS, 0, 8192, 0), bad = copy;
	struct fpr_mac_desc product = host_product(8, 8, 8);
	struct fpr_completion c;

	assert_true(host_read(host, FPR_REG_CAPS) & FPR_CAPS_RECORDS);
	host_enable_all(host);
	copy.cookie = product.cookie = 5;
	copy.fence = product.fence = 0x1234567890abcdef;
	bad.cookie = 4096 + 6;
	bad.fence = 77;
	bad.op = 9;
	host_submit(host, FPR_ENGINE_XFER, &copy, true);
	host_submit(host, FPR_ENGINE_XFER, &bad, true);
	host_submit(host, FPR_ENGINE_MAC, &product, true);
	assert_int_equal(state_of(host, FPR_ENGINE_XFER, 5), 0);
	host_run(host);
	for (unsigned int engine = 0; engine < FPR_ENGINES; engine++) {
		assert_int_equal(fence_of(host, engine, 5), copy.fence);
		assert_int_equal(state_of(host, engine, 5), done(FPR_OK));
		assert_int_equal(state_of(host, engine, 4), 0);
	}
	assert_int_equal(bytes_of(host, 5), 8192);
	assert_int_equal(fence_of(host, FPR_ENGINE_XFER, 6), 77);
	while (host_take(host, FPR_ENGINE_XFER, &c, true) && c.fence != 77)
		;
	assert_int_equal(state_of(host, FPR_ENGINE_XFER, 6), done((enum fpr_status)c.status));
	assert_int_not_equal(c.status, FPR_OK);
}

static void outlive_resets_until_enabled(void **state)
{
	struct fake_host *host = *state;

	for (int full = 0; full < 2; full++) {
		for (unsigned int engine = 0; engine < FPR_ENGINES; engine++) {
			struct fpr_xfer_desc copy = host_copy(host, HOST_BUS, 0, 4096, 0);
			struct fpr_mac_desc product = host_product(8, 8, 8);

			host_enable(host, engine, 4, 4);
			/* Its completion gets lost, and the record does not. */
			host->shell->faults.engine[engine].corrupt_in = 1;
			host->shell->faults.engine[engine].corrupt = FPR_CORRUPT_PHASE;
			host_submit(host, engine, engine ? (void *)&copy : (void *)&product, true);
			host_run(host);
			host_expect_none(host, engine);
			reset(host, engine, full);
			assert_int_equal(fence_of(host, engine, 0xc00c1e), 1);
			assert_int_equal(state_of(host, engine, 0xc00c1e), done(FPR_OK));
			host_enable(host, engine, 4, 4);
			assert_int_equal(state_of(host, engine, 0xc00c1e), 0);
			assert_int_equal(fence_of(host, engine, 0xc00c1e), 0);
			reset(host, engine, full);
		}
	}
}

static void name_what_was_being_served(void **state)
{
	struct fake_host *host = *state;
	struct fpr_xfer_desc copy;

	host_enable_all(host);
	host->shell->faults.deadly = 1 + 3;
	for (uint16_t i = 0; i < 4; i++) {
		copy = host_copy(host, HOST_BUS, i * 8192, 8192, 0);
		copy.cookie = i;
		copy.fence = i;
		copy.priority = (uint16_t)(5 - i);
		host_submit(host, FPR_ENGINE_XFER, &copy, i == 3);
	}
	host_run(host);
	assert_int_equal(state_of(host, FPR_ENGINE_XFER, 0), FPR_RECORD_TAKEN);
	assert_int_equal(state_of(host, FPR_ENGINE_XFER, 1), FPR_RECORD_TAKEN);
	assert_int_equal(state_of(host, FPR_ENGINE_XFER, 2), FPR_RECORD_TAKEN | FPR_RECORD_SERVED);
	assert_int_equal(state_of(host, FPR_ENGINE_XFER, 3), done(FPR_OK));
	assert_int_equal(bytes_of(host, 2), 0);
}

/* ---- transfers go on where they stopped --------------------------------- */

/* Element @i on the host and on the board: small integers, so that sums are exact. */
static float host_value(uint32_t i)
{
	return (float)(int)(i % 61) - 30;
}

static float board_value(uint32_t i)
{
	return (float)(int)(i % 53) - 26;
}

static void put(void *to, uint32_t i, bool wide, float value)
{
	uint32_t bits;

	memcpy(&bits, &value, sizeof(bits));
	if (wide)
		((uint32_t *)to)[i] = bits;
	else
		((uint16_t *)to)[i] = (uint16_t)(bits >> 16);
}

static float get(const void *from, uint32_t i, bool wide)
{
	uint32_t bits =
		wide ? ((const uint32_t *)from)[i] : (uint32_t)((const uint16_t *)from)[i] << 16;
	float value;

	memcpy(&value, &bits, sizeof(value));
	return value;
}

struct move {
	struct fpr_xfer_desc desc;
	uint8_t *host, *board;
	uint32_t elements, in_host, on_board; /* how many, and their sizes */
};

static void prepare(struct fake_host *host, struct move *move, uint8_t op, uint8_t to_host)
{
	uint64_t bus = host_alloc(host, BYTES);

	move->in_host = op == FPR_XFER_COPY || op == FPR_XFER_ADD_F32 ? 4 : 2;
	move->on_board = op == FPR_XFER_ADD_BF16 ? 2 : 4;
	move->elements = BYTES / move->in_host;
	move->host = host_at(host, bus);
	move->board = host->board_memory + BOARD;
	move->desc = host_copy(host, bus, BOARD, BYTES, to_host);
	move->desc.host = host_list(host, bus, BYTES, 1344); /* 21 beats: no divisor of a page */
	move->desc.op = op;
	for (uint32_t i = 0; i < move->elements; i++) {
		put(move->host, i, move->in_host == 4, host_value(i));
		put(move->board, i, move->on_board == 4, board_value(i));
	}
}

/* Of the first @bytes all has happened, of the rest nothing. */
static void expect_moved(const struct move *move, uint64_t bytes)
{
	const bool adds = move->desc.op != FPR_XFER_COPY, back = move->desc.to_host;

	for (uint32_t i = 0; i < move->elements; i++) {
		bool moved = (uint64_t)i * move->in_host < bytes;
		float before = back ? host_value(i) : board_value(i);
		float after = back ? board_value(i) : host_value(i) + (adds ? before : 0);
		float now = back ? get(move->host, i, move->in_host == 4)
				 : get(move->board, i, move->on_board == 4);

		assert_true(now == (moved ? after : before));
	}
}

static void go_on(struct move *move, uint64_t bytes)
{
	const uint64_t widens = move->on_board / move->in_host;

	move->desc.fence++;
	move->desc.host.bytes -= bytes;
	move->desc.host.sg_offset += (uint32_t)bytes;
	move->desc.board += bytes * (move->desc.op == FPR_XFER_COPY ? 1 : widens);
}

static void stop_and_go(struct fake_host *host, uint8_t op, uint8_t to_host, uint32_t seed)
{
	uint64_t total = 0, used = host->used;
	struct move move;

	prepare(host, &move, op, to_host);
	while (total < BYTES) {
		uint64_t again = host->used, bytes, most;

		seed = seed * 1664525u + 1013904223u;
		most = 64 * (1 + (seed >> 16) % 700);
		host_enable(host, FPR_ENGINE_XFER, 4, 4);
		host_write(host, FPR_REG_SLICE, 8192);
		host->shell->hang_after = most;
		host_submit(host, FPR_ENGINE_XFER, &move.desc, true);
		host_run(host);
		reset(host, FPR_ENGINE_XFER, seed >> 31);
		assert_int_equal(fence_of(host, FPR_ENGINE_XFER, 0xc00c1e), move.desc.fence);
		bytes = bytes_of(host, 0xc00c1e);
		assert_int_equal(bytes, most < BYTES - total ? most : BYTES - total);
		total += bytes;
		expect_moved(&move, total);
		go_on(&move, bytes);
		host->used = again;
	}
	host->shell->hang_after = 0;
	host->used = used;
}

static void transfers_go_on_where_they_stopped(void **state)
{
	for (uint32_t seed = 0; seed < 8; seed++) {
		for (uint8_t op = FPR_XFER_COPY; op <= FPR_XFER_ADD_BF16_F32; op++)
			stop_and_go(*state, op, 0, seed);
		stop_and_go(*state, FPR_XFER_COPY, 1, seed);
	}
}

/* ---- products ----------------------------------------------------------- */

enum { M = 24, N = 24, K = 64 };

static void reset_board(struct fake_host *host)
{
	host_write(host, FPR_REG_CTRL, FPR_CTRL_RESET);
}

/* A product that adds to C, which lies in board memory or the host's. */
static struct fpr_mac_desc sum(struct fake_host *host, bool on_board, float **c)
{
	struct fpr_mac_desc d = host_product(M, N, K);
	uint64_t bus = host_alloc(host, d.c.bytes);

	d.accumulate = 1;
	host_noise(host->board_memory + d.a.address, d.a.bytes, 1);
	host_noise(host->board_memory + d.b.address, d.b.bytes, 2);
	*c = on_board ? (float *)(host->board_memory + d.c.address) : host_at(host, bus);
	if (!on_board)
		d.c = host_list(host, bus, d.c.bytes, 640);
	for (uint32_t i = 0; i < M * N; i++)
		(*c)[i] = 1000;
	return d;
}

static void sums_are_whole_or_untouched(void **state)
{
	struct fake_host *host = *state;

	for (int on_board = 0; on_board < 2; on_board++) {
		struct fpr_mac_desc d;
		float right[M * N], *c;

		d = sum(host, on_board, &c);
		host_enable(host, FPR_ENGINE_MAC, 4, 4);
		host_submit(host, FPR_ENGINE_MAC, &d, true);
		host_expect(host, FPR_ENGINE_MAC, 1, FPR_OK);
		memcpy(right, c, sizeof(right));
		assert_true(right[0] != 1000);
		reset_board(host);
		/* In the middle of the product. */
		d = sum(host, on_board, &c);
		host_enable(host, FPR_ENGINE_MAC, 4, 4);
		host->meanwhile = reset_board;
		host_submit(host, FPR_ENGINE_MAC, &d, true);
		host_run(host);
		assert_int_equal(state_of(host, FPR_ENGINE_MAC, d.cookie), FPR_RECORD_TAKEN);
		for (uint32_t i = 0; i < M * N; i++)
			assert_true(c[i] == 1000);
		/* So it may run again. */
		host_enable(host, FPR_ENGINE_MAC, 4, 4);
		host_submit(host, FPR_ENGINE_MAC, &d, true);
		host_expect(host, FPR_ENGINE_MAC, 1, FPR_OK);
		assert_memory_equal(c, right, sizeof(right));
		reset_board(host);
	}
}

/* Without room to work out C apart, a reset tears it, and the record says so. */
static void a_sum_without_room_is_torn(void **state)
{
	struct fake_host *host = *state;
	struct fpr_mac_desc d;
	float *c;

	host->scratch_max = 0;
	d = sum(host, true, &c);
	host_enable(host, FPR_ENGINE_MAC, 4, 4);
	host_submit(host, FPR_ENGINE_MAC, &d, true);
	host_expect(host, FPR_ENGINE_MAC, 1, FPR_OK);
	host->meanwhile = reset_board;
	host_submit(host, FPR_ENGINE_MAC, &d, true);
	host_run(host);
	assert_int_equal(state_of(host, FPR_ENGINE_MAC, d.cookie),
			 FPR_RECORD_TAKEN | FPR_RECORD_TORN);
}

/* C in rows apart, entries interleaved: nothing between the rows is written. */
static void sums_leave_gaps_alone(void **state)
{
	struct fake_host *host = *state;
	struct fpr_mac_desc d;
	float *c;

	d = sum(host, true, &c);
	d.n = 8;
	d.batch = 2;
	d.ldb = N;
	d.ldc = 40;
	d.stride_c = 16;
	d.c.bytes = 4 * (40 * (M - 1) + 16 + 8);
	for (uint32_t i = 0; i < 40 * M; i++)
		c[i] = 1000;
	host_enable(host, FPR_ENGINE_MAC, 4, 4);
	host_submit(host, FPR_ENGINE_MAC, &d, true);
	host_expect(host, FPR_ENGINE_MAC, 1, FPR_OK);
	for (uint32_t i = 0; i < 40 * M; i++)
		assert_int_equal(c[i] != 1000, i % 40 < 8 || (i % 40 >= 16 && i % 40 < 24));
}

/* A full reset while C is being written waits for it, and the record says that it ended. */
static void a_reset_waits_for_what_is_being_written(void **state)
{
	struct fake_host *host = *state;
	struct fpr_mac_desc d;
	float *c;

	d = sum(host, false, &c);
	host_enable(host, FPR_ENGINE_MAC, 4, 4);
	host->board_writes = reset_board;
	host_submit(host, FPR_ENGINE_MAC, &d, true);
	host_run(host);
	host_expect_none(host, FPR_ENGINE_MAC);
	assert_int_equal(state_of(host, FPR_ENGINE_MAC, d.cookie), done(FPR_OK));
	for (uint32_t i = 0; i < M * N; i++)
		assert_true(c[i] != 1000);
}

#define test(f) cmocka_unit_test_setup_teardown(f, host_setup, host_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(tell_how_each_descriptor_ended), test(outlive_resets_until_enabled),
		test(name_what_was_being_served),     test(transfers_go_on_where_they_stopped),
		test(sums_are_whole_or_untouched),    test(a_sum_without_room_is_torn),
		test(sums_leave_gaps_alone),	      test(a_reset_waits_for_what_is_being_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
