/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "check.h"
#include "common/fake_host.h"

/* The shell's good paths, on a host in the test's own memory. */

static const struct fpr_xfer_desc xfer_nop = {.opcode = FPR_OP_NOP, .cookie = 3, .fence = 4};
static const struct fpr_mac_desc mac_nop = {.opcode = FPR_OP_NOP, .cookie = 3, .fence = 4};

/* ---- registers ---------------------------------------------------------- */

static void tells_what_it_is(void **state)
{
	struct fake_host *host = *state;

	assert_int_equal(host_read(host, FPR_REG_ID), FPR_ID);
	assert_int_equal(host_read(host, FPR_REG_VERSION) >> 16, FPR_VERSION_MAJOR);
	assert_int_equal(host_read(host, FPR_REG_BUILD), 77);
	assert_int_equal(host_read(host, FPR_REG_CAPS) & FPR_CAPS_KINDS, (1 << FPR_KINDS) - 1);
	assert_int_equal(host_read(host, FPR_REG_GEOMETRY) & 0xff, FPR_ROWS);
	assert_int_equal(host_read(host, FPR_REG_CLOCK_KHZ), 250000);
	assert_int_equal(host_read64(host, FPR_REG_MEMORY_LO), HOST_BOARD_BYTES);
	assert_int_equal(host_read(host, FPR_REG_XFER_ENTRIES), 256);
	assert_int_equal(host_read(host, FPR_REG_SG_ENTRIES), FPR_SG_ENTRIES);
	assert_int_equal(host_read(host, FPR_REG_VECTORS), 3);
	assert_int_equal(host_read(host, FPR_REG_STATUS), FPR_STATUS_READY);
	assert_int_equal((int32_t)host_read(host, FPR_REG_TEMPERATURE), -1500);
	assert_int_equal(host_read(host, FPR_REG_SLICE), FPR_SLICE_DEFAULT);
	assert_int_equal(host_read(host, FPR_REG_IRQ_MASK), 0);
}

static void every_other_register_reads_zero(void **state)
{
	struct fake_host *host = *state;
	unsigned int zeros = 0;

	for (uint32_t at = 0x100; at < FPR_BAR_REGS_BYTES; at += 4) {
		host_write(host, at, 0xffffffff);
		if (at >= FPR_REG_ENGINE(0) && at < FPR_REG_ENGINE(FPR_ENGINES))
			continue;
		zeros++;
		assert_int_equal(host_read(host, at), 0);
	}
	assert_true(zeros > 15000);
	assert_int_equal(host_read(host, 2), 0);
	assert_int_equal(host_read(host, FPR_REG_ID), FPR_ID);
}

static void the_clock_and_the_heart_go_on(void **state)
{
	struct fake_host *host = *state;
	uint64_t time = host_read64(host, FPR_REG_TIME_LO);
	uint32_t beat = host_read(host, FPR_REG_HEARTBEAT);

	host->now += 100000000;
	assert_true(host_read64(host, FPR_REG_TIME_LO) >= time + 100000000);
	assert_true(host_read(host, FPR_REG_HEARTBEAT) > beat);
	/* The high half belongs to the low half that was read, whatever comes between. */
	host->now = host->shell->core->epoch + 0xffffff00;
	assert_true(host_read(host, FPR_REG_TIME_LO) > 0xffffff00u);
	host->now += 0x1000;
	host_read64(host, FPR_REG_MEMORY_LO);
	assert_int_equal(host_read(host, FPR_REG_TIME_HI), 0);
	assert_int_equal(host_read64(host, FPR_REG_TIME_LO) >> 32, 1);
}

static void the_slice_keeps_its_limits(void **state)
{
	struct fake_host *host = *state;
	const uint32_t table[][2] = {
		{0, FPR_SLICE_MIN},
		{4095, FPR_SLICE_MIN},
		{8191, 4096},
		{65536, 65536},
		{FPR_SLICE_MAX, FPR_SLICE_MAX},
		{FPR_SLICE_MAX + 4096, FPR_SLICE_MAX},
		{0xffffffff, FPR_SLICE_MAX},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		host_write(host, FPR_REG_SLICE, table[i][0]);
		assert_int_equal(host_read(host, FPR_REG_SLICE), table[i][1]);
	}
}

/* ---- rings -------------------------------------------------------------- */

static void rings_go_round(void **state)
{
	struct fake_host *host = *state;
	struct fpr_completion c;
	struct fpr_mac_desc d = mac_nop;

	host_enable(host, FPR_ENGINE_MAC, 2, 3);
	for (uint32_t i = 0; i < 100; i++) {
		d.fence = 1000 + i;
		d.cookie = ~i;
		host_submit(host, FPR_ENGINE_MAC, &d, true);
		host_run(host);
		assert_true(host_take(host, FPR_ENGINE_MAC, &c, true));
		assert_int_equal(c.fence, 1000 + i);
		assert_int_equal(c.cookie, ~i);
		assert_int_equal(c.status, FPR_OK);
		assert_int_equal(c.sq_head, (i + 1) % 4);
		assert_int_equal(host_read(host, FPR_REG_ENGINE(0) + FPR_ENG_SQ_HEAD), (i + 1) % 4);
		host_expect_none(host, FPR_ENGINE_MAC);
	}
	assert_int_equal(host_read64(host, FPR_REG_ENGINE(0) + FPR_ENG_JOBS_LO), 100);
}

/* No completion is ever written over one that the host has not taken. */
static void a_full_completion_ring_holds_the_engine_back(void **state)
{
	struct fake_host *host = *state;
	struct fpr_completion c;
	uint64_t fence = 0;

	for (unsigned int engine = 0; engine < FPR_ENGINES; engine++) {
		host_enable(host, engine, 4, 2);
		for (uint64_t i = 0; i < 12; i++) {
			struct fpr_mac_desc mac = mac_nop;
			struct fpr_xfer_desc xfer = xfer_nop;

			mac.fence = xfer.fence = i;
			host_submit(host, engine, engine ? (void *)&xfer : (void *)&mac, true);
		}
		host_run(host);
		assert_int_equal(host_read(host, FPR_REG_ENGINE(engine) + FPR_ENG_SQ_HEAD), 3);
		assert_true(host_read(host, FPR_REG_ENGINE(engine) + FPR_ENG_STATUS) &
			    FPR_ENG_STATUS_BUSY);
		for (fence = 0; fence < 12; fence++) {
			assert_true(host_take(host, engine, &c, true));
			assert_int_equal(c.fence, fence);
			host_run(host);
		}
		host_expect_none(host, engine);
		assert_false(host_read(host, FPR_REG_ENGINE(engine) + FPR_ENG_STATUS) &
			     FPR_ENG_STATUS_BUSY);
	}
}

static void one_interrupt_for_a_burst(void **state)
{
	struct fake_host *host = *state;
	struct fpr_completion c;

	host_enable_all(host);
	for (unsigned int i = 0; i < 10; i++)
		host_submit(host, FPR_ENGINE_MAC, &mac_nop, i == 9);
	host_run(host);
	assert_int_equal(host->interrupts[FPR_ENGINE_MAC], 1);
	assert_int_equal(host->interrupts[FPR_ENGINE_XFER], 0);
	assert_int_equal(host->shell->stats.doorbells, 1);
	assert_int_equal(host->shell->stats.rounds, 1);
	assert_true(host->level);
	assert_int_equal(host_read(host, FPR_REG_IRQ_STATUS), 1 << FPR_ENGINE_MAC);
	/* A host that stops short is told again; one that took all is left alone. */
	for (unsigned int i = 0; i < 4; i++)
		assert_true(host_take(host, FPR_ENGINE_MAC, &c, i == 3));
	assert_int_equal(host->interrupts[FPR_ENGINE_MAC], 2);
	for (unsigned int i = 0; i < 6; i++)
		assert_true(host_take(host, FPR_ENGINE_MAC, &c, i == 5));
	assert_int_equal(host->interrupts[FPR_ENGINE_MAC], 2);
	assert_int_equal(host_read(host, FPR_REG_IRQ_STATUS), 0);
	assert_false(host->level);
}

static void causes_are_masked_and_cleared(void **state)
{
	struct fake_host *host = *state;
	struct fpr_completion c;

	host_enable_all(host);
	host_write(host, FPR_REG_IRQ_MASK, 0);
	host_submit(host, FPR_ENGINE_XFER, &xfer_nop, true);
	host_run(host);
	assert_int_equal(host_read(host, FPR_REG_IRQ_STATUS), 1 << FPR_ENGINE_XFER);
	assert_int_equal(host->interrupts[FPR_ENGINE_XFER], 0);
	assert_false(host->level);
	host_write(host, FPR_REG_IRQ_MASK, 0xffffffff);
	assert_int_equal(host_read(host, FPR_REG_IRQ_MASK), 7);
	assert_int_equal(host->interrupts[FPR_ENGINE_XFER], 1);
	assert_true(host->level);
	host_write(host, FPR_REG_IRQ_STATUS, 1 << FPR_ENGINE_MAC);
	assert_true(host->level);
	host_write(host, FPR_REG_IRQ_STATUS, 1 << FPR_ENGINE_XFER);
	assert_false(host->level);
	/* Cleared before draining: what comes after is told. */
	host_submit(host, FPR_ENGINE_XFER, &xfer_nop, true);
	host_run(host);
	assert_int_equal(host->interrupts[FPR_ENGINE_XFER], 2);
	assert_true(host_take(host, FPR_ENGINE_XFER, &c, false));
}

/* ---- products ----------------------------------------------------------- */

static struct fpr_gemm gemm_of(const struct fpr_mac_desc *d)
{
	return (struct fpr_gemm){
		.m = d->m,
		.n = d->n,
		.k = d->k,
		.batch = d->batch,
		.lda = d->lda,
		.ldb = d->ldb,
		.ldc = d->ldc,
		.stride_a = d->stride_a,
		.stride_b = d->stride_b,
		.stride_c = d->stride_c,
		.kind = d->kind,
		.serial = d->serial,
		.t = d->t,
		.out = d->out,
		.trans_a = d->trans_a,
		.trans_b = d->trans_b,
		.accumulate = d->accumulate,
	};
}

static void a_product_in_board_memory(void **state)
{
	struct fake_host *host = *state;
	struct fpr_mac_desc d = host_product(40, 24, 100);
	struct fpr_gemm job = gemm_of(&d);
	struct fpr_gemm_counters want;
	struct fpr_mac_result *result;
	static uint32_t c[40 * 24];

	host_enable_all(host);
	host_noise(host->board_memory, 0x40000, 1);
	d.result = host_alloc(host, sizeof(*result));
	assert_int_equal(fpr_board_gemm(host->board, &job,
					(const void *)(host->board_memory + 0x10000),
					(const void *)(host->board_memory + 0x20000), c, &want),
			 0);
	host_submit(host, FPR_ENGINE_MAC, &d, true);
	host_expect(host, FPR_ENGINE_MAC, 1, FPR_OK);
	assert_memory_equal(host->board_memory + 0x40000, c, sizeof(c));
	result = host_at(host, d.result);
	assert_memory_equal(result->counters, &want, sizeof(want));
	assert_int_equal(host_read64(host, FPR_REG_ENGINE(0) + FPR_ENG_CYCLES_LO),
			 want.cycles_total);
	assert_int_equal(host_read64(host, FPR_REG_ENGINE(0) + FPR_ENG_ISSUED_LO),
			 want.terms_issued);
	assert_int_equal(host_read64(host, FPR_REG_ENGINE(0) + FPR_ENG_PROGRESS_LO), 5 * 3);
	/* Values only: the same bits, and counters that are zero. */
	memset(host->board_memory + 0x40000, 0xee, sizeof(c));
	d.flags = FPR_MAC_NO_COUNTERS;
	host_submit(host, FPR_ENGINE_MAC, &d, true);
	host_expect(host, FPR_ENGINE_MAC, 1, FPR_OK);
	assert_memory_equal(host->board_memory + 0x40000, c, sizeof(c));
	memset(&want, 0, sizeof(want));
	assert_memory_equal(result->counters, &want, sizeof(want));
}

/*
 * The same job with operands in board memory and in scattered host memory; the
 * host's C starts out as noise, of which only the job's own elements may change.
 */
static void same_from_the_host(struct fake_host *host, struct fpr_mac_desc d, uint32_t piece)
{
	struct fpr_gemm job = gemm_of(&d);
	struct fpr_gemm_extent extent;
	uint64_t used = host->used, a, b, c;
	uint8_t *want;

	assert_int_equal(fpr_gemm_check(&job), 0);
	assert_int_equal(fpr_gemm_extent(&job, &extent), 0);
	a = host_alloc(host, extent.a + 64) + 6;
	b = host_alloc(host, extent.b + 64) + 2;
	c = host_alloc(host, extent.c + 64) + 4;
	host_noise(host_at(host, a), extent.a, 1);
	host_noise(host_at(host, b), extent.b, 2);
	host_noise(host_at(host, c), extent.c + 8, 3);
	want = aligned_alloc(64, (extent.c + 8 + 63) / 64 * 64);
	memcpy(want, host_at(host, c), extent.c + 8);
	assert_int_equal(
		fpr_board_gemm(host->board, &job, host_at(host, a), host_at(host, b), want, NULL),
		0);
	d.a = host_list(host, a, extent.a, piece);
	d.b = host_list(host, b, extent.b, piece + 3);
	d.c = host_list(host, c - 4, extent.c + 4, piece + 1);
	d.c.sg_offset = 4;
	d.c.bytes = extent.c;
	host_submit(host, FPR_ENGINE_MAC, &d, true);
	host_expect(host, FPR_ENGINE_MAC, 1, FPR_OK);
	assert_memory_equal(host_at(host, c), want, extent.c + 8);
	free(want);
	host->used = used;
}

static void products_in_host_memory(void **state)
{
	struct fake_host *host = *state;
	struct fpr_mac_desc d = host_product(17, 9, 70);

	host_enable_all(host);
	same_from_the_host(host, d, 4096);
	same_from_the_host(host, d, 1);
	d.accumulate = 1;
	same_from_the_host(host, d, 100);
	d.out = FPR_OUT_BF16;
	d.ldc = 20;
	same_from_the_host(host, d, 64);
	d.batch = 3;
	d.stride_a = 17 * 70;
	d.stride_c = 17 * 20 + 5;
	same_from_the_host(host, d, 50);
	d.ldc = 100;
	d.stride_c = 30; /* entries side by side */
	same_from_the_host(host, d, 50);
	d.serial = FPR_SERIAL_B;
	d.trans_a = d.trans_b = 1;
	d.lda = 32;
	d.stride_a = 70 * 32;
	same_from_the_host(host, d, 7);
}

/* The same ring, answered by the HLS C itself: the same bits and counters. */
static void either_model_answers(void **state)
{
	struct fake_host *host = *state;
	struct fpr_board_options options = {.model = FPR_BOARD_HLS};
	struct fpr_mac_desc d = host_product(20, 11, 90);
	struct fpr_board *fast = host->board;
	struct fpr_mac_result result[2];
	uint32_t c[2][20 * 11];

	host_enable_all(host);
	host_noise(host->board_memory, 0x40000, 4);
	d.result = host_alloc(host, sizeof(result[0]));
	for (unsigned int i = 0; i < 2; i++) {
		if (i)
			assert_int_equal(fpr_board_open(&options, &host->board), 0);
		memset(host->board_memory + 0x40000, 0xee, sizeof(c[i]));
		host_submit(host, FPR_ENGINE_MAC, &d, true);
		host_expect(host, FPR_ENGINE_MAC, 1, FPR_OK);
		memcpy(c[i], host->board_memory + 0x40000, sizeof(c[i]));
		memcpy(&result[i], host_at(host, d.result), sizeof(result[i]));
	}
	fpr_board_close(host->board);
	host->board = fast;
	assert_memory_equal(c[0], c[1], sizeof(c[0]));
	assert_memory_equal(&result[0], &result[1], sizeof(result[0]));
	assert_true(result[0].counters[0] > 0);
}

static void empty_products_complete(void **state)
{
	struct fake_host *host = *state;
	struct fpr_mac_desc d = host_product(0, 5, 5);

	host_enable_all(host);
	memset(host->board_memory, 0x11, HOST_BOARD_BYTES);
	d.a = d.b = d.c = (struct fpr_ref){0};
	d.k = 0;
	host_submit(host, FPR_ENGINE_MAC, &d, true);
	host_expect(host, FPR_ENGINE_MAC, 1, FPR_OK);
	d.m = 5;
	d.c.bytes = 4 * 25;
	host_submit(host, FPR_ENGINE_MAC, &d, true);
	host_expect(host, FPR_ENGINE_MAC, 1, FPR_OK);
	assert_int_equal(host->board_memory[0], 0);
	assert_int_equal(host->board_memory[99], 0);
	assert_int_equal(host->board_memory[100], 0x11);
}

static void a_chain_breaks_where_a_job_fails(void **state)
{
	struct fake_host *host = *state;
	struct fpr_mac_desc good = host_product(8, 8, 8), bad = good;
	static const uint16_t want[] = {FPR_OK,	       FPR_OK, FPR_ERR_SHAPE, FPR_ERR_CHAIN,
					FPR_ERR_CHAIN, FPR_OK, FPR_OK};
	struct fpr_completion c;

	host_enable_all(host);
	good.flags = bad.flags = FPR_MAC_CHAINED;
	bad.t = FPR_T_MAX + 1;
	host_submit(host, FPR_ENGINE_MAC, &good, false); /* the first has nobody before it */
	host_submit(host, FPR_ENGINE_MAC, &good, false);
	host_submit(host, FPR_ENGINE_MAC, &bad, false);
	host_submit(host, FPR_ENGINE_MAC, &good, false);
	host_submit(host, FPR_ENGINE_MAC, &good, false);
	good.flags = 0;
	host_submit(host, FPR_ENGINE_MAC, &good, false);
	good.flags = FPR_MAC_CHAINED;
	host_submit(host, FPR_ENGINE_MAC, &good, true);
	host_run(host);
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		assert_true(host_take(host, FPR_ENGINE_MAC, &c, true));
		assert_int_equal(c.status, want[i]);
	}
}

/* ---- transfers ---------------------------------------------------------- */

static void copies_both_ways(void **state)
{
	struct fake_host *host = *state;
	const uint32_t pieces[] = {1, 13, 4096, 1u << 20};
	uint64_t n = 200001, from = host_alloc(host, n), to = host_alloc(host, n + 64);
	struct fpr_xfer_desc d;

	host_enable_all(host);
	host_noise(host_at(host, from), n, 5);
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		uint64_t used = host->used;

		memset(host->board_memory, 0, HOST_BOARD_BYTES);
		memset(host_at(host, to), 0, n + 64);
		d = host_copy(host, from, 12345, n - 77, 0);
		d.host = host_list(host, from, n, pieces[i]);
		d.host.sg_offset = 77;
		d.host.bytes = n - 77;
		host_submit(host, FPR_ENGINE_XFER, &d, true);
		host_expect(host, FPR_ENGINE_XFER, 1, FPR_OK);
		assert_memory_equal(host->board_memory + 12345, (uint8_t *)host_at(host, from) + 77,
				    n - 77);
		assert_int_equal(host->board_memory[12344], 0);
		assert_int_equal(host->board_memory[12345 + n - 77], 0);
		d.to_host = 1;
		d.host = host_list(host, to, n - 77, pieces[i]);
		host_submit(host, FPR_ENGINE_XFER, &d, true);
		host_expect(host, FPR_ENGINE_XFER, 1, FPR_OK);
		assert_memory_equal(host_at(host, to), host->board_memory + 12345, n - 77);
		assert_int_equal(*((uint8_t *)host_at(host, to) + n - 77), 0);
		host->used = used;
	}
	assert_int_equal(host_read64(host, FPR_REG_ENGINE(1) + FPR_ENG_PROGRESS_LO), 8 * (n - 77));
	assert_int_equal(host_read64(host, FPR_REG_CLASS(0) + FPR_CLASS_C2H_BYTES_LO),
			 4 * (n - 77));
}

/* The datapath of hw/p3 itself moves the bytes: what moves at once moves the same way. */
static void copies_beat_by_beat(void **state)
{
	((struct fake_host *)*state)->shell->config.beats = 1;
	copies_both_ways(state);
}

static void products_beat_by_beat(void **state)
{
	((struct fake_host *)*state)->shell->config.beats = 1;
	products_in_host_memory(state);
}

/* Small integers are exact whatever the type, so the sums can be said outright. */
static void accumulates(void **state)
{
	struct fake_host *host = *state;
	const uint64_t n = 3 * 4096 + 128, at = host_alloc(host, n);
	float *f = host_at(host, at), *board = (float *)(void *)(host->board_memory + 64);
	struct fpr_xfer_desc d = host_copy(host, at, 64, n, 0);

	host_enable_all(host);
	host_write(host, FPR_REG_SLICE, 4096);
	d.host = host_list(host, at, n, 192);
	d.op = FPR_XFER_ADD_F32;
	for (uint32_t i = 0; i < n / 4; i++) {
		f[i] = (float)i;
		board[i] = 0.5f;
	}
	board[n / 4] = 7;
	host_submit(host, FPR_ENGINE_XFER, &d, true);
	host_expect(host, FPR_ENGINE_XFER, 1, FPR_OK);
	for (uint32_t i = 0; i < n / 4; i++)
		assert_true(board[i] == (float)i + 0.5f);
	assert_true(board[n / 4] == 7);
	/* The same bytes read as bfloat16: the upper half of 1.0 is 1.0, the lower one 0. */
	for (uint32_t i = 0; i < n / 4; i++)
		f[i] = 1;
	memset(board, 0, 2 * n);
	d.op = FPR_XFER_ADD_BF16_F32;
	host_submit(host, FPR_ENGINE_XFER, &d, true);
	host_expect(host, FPR_ENGINE_XFER, 1, FPR_OK);
	for (uint32_t i = 0; i < n / 2; i++)
		assert_true(board[i] == (float)(i % 2));
	memcpy(board, f, n);
	d.op = FPR_XFER_ADD_BF16;
	host_submit(host, FPR_ENGINE_XFER, &d, true);
	host_expect(host, FPR_ENGINE_XFER, 1, FPR_OK);
	for (uint32_t i = 0; i < n / 4; i++)
		assert_true(board[i] == 2);
}

/* Long transfers of falling urgency, then a short urgent one from the host's interrupt. */
static void arrives(struct fake_host *host)
{
	struct fpr_xfer_desc d = host_copy(host, HOST_BUS, 0, 100, 0);

	d.fence = 99;
	d.priority = 3;
	host_submit(host, FPR_ENGINE_XFER, &d, true);
}

static void the_urgent_go_first(void **state)
{
	struct fake_host *host = *state;
	static const uint64_t want[] = {99, 30, 31, 20, 10};
	struct fpr_completion c;
	uint64_t from = host_alloc(host, 65536);

	host_enable_all(host);
	host_write(host, FPR_REG_SLICE, 4096);
	for (uint64_t i = 0; i < 4; i++) {
		static const uint64_t fences[] = {10, 20, 30, 31};
		static const uint16_t priorities[] = {60000, 5000, 4, 4};
		struct fpr_xfer_desc d = host_copy(host, from, 65536 * i, 65536, 0);

		d.fence = fences[i];
		d.priority = priorities[i];
		host_submit(host, FPR_ENGINE_XFER, &d, i == 3);
	}
	/* A pause is a place in the middle of a slice. */
	host->shell->delay_ms = 1;
	host->meanwhile = arrives;
	host_run(host);
	assert_int_equal(host->pauses, 4 * 16 + 1);
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		assert_true(host_take(host, FPR_ENGINE_XFER, &c, true));
		assert_int_equal(c.fence, want[i]);
		assert_int_equal(c.cookie, 0xc00c1e);
	}
	assert_int_equal(host_read64(host, FPR_REG_CLASS(0) + FPR_CLASS_SLICES_LO), 33);
	assert_int_equal(host_read64(host, FPR_REG_CLASS(0) + FPR_CLASS_PREEMPTIONS_LO), 1);
	assert_int_equal(host_read64(host, FPR_REG_CLASS(14) + FPR_CLASS_H2C_BYTES_LO), 65536);
	assert_true(host_read64(host, FPR_REG_ENGINE(1) + FPR_ENG_STALL_NS_LO) >= 65000000);
	assert_true(host_read64(host, FPR_REG_ENGINE(1) + FPR_ENG_BUSY_NS_LO) >=
		    host_read64(host, FPR_REG_ENGINE(1) + FPR_ENG_STALL_NS_LO));
}

/*
 * Urgent transfers without end, and one that is not urgent: with ageing it goes when it has waited
 * for its priority's steps, behind what came before it; without, last of all.
 */
static uint64_t place_of_the_patient(struct fake_host *host, uint32_t ageing)
{
	enum { URGENT = 40, PATIENT = 3, SLICES = 4 };
	struct fpr_completion c;
	uint64_t place = 0;
	uint64_t from = host_alloc(host, 16384);

	host_enable_all(host);
	host_write(host, FPR_REG_SLICE, 4096);
	host_write(host, FPR_REG_AGEING, ageing);
	for (uint64_t i = 0; i <= URGENT; i++) {
		struct fpr_xfer_desc d = host_copy(host, from, 16384 * i, SLICES * 4096, 0);

		d.fence = i;
		d.priority = i == 1 ? PATIENT : 0;
		host_submit(host, FPR_ENGINE_XFER, &d, i == URGENT);
	}
	host_run(host);
	for (uint64_t i = 0; i <= URGENT; i++) {
		assert_true(host_take(host, FPR_ENGINE_XFER, &c, true));
		assert_int_equal(c.status, FPR_OK);
		place = c.fence == 1 ? i : place;
	}
	return place;
}

static void the_old_become_urgent(void **state)
{
	/* 3 steps of 8 slices are 6 of the urgent transfers. */
	assert_int_equal(place_of_the_patient(*state, 8), 6);
}

static void without_ageing_they_do_not(void **state)
{
	assert_int_equal(place_of_the_patient(*state, 0), 40);
}

/* One direction full of work leaves the ring to wait, not the other direction's slices. */
static void more_than_the_table_holds(void **state)
{
	struct fake_host *host = *state;
	struct fpr_completion c;
	unsigned int seen = 0;
	struct fpr_xfer_desc d = host_copy(host, HOST_BUS, 0, 5000, 0);

	host_enable_all(host);
	host_write(host, FPR_REG_SLICE, 4096);
	for (uint64_t i = 0; i < 900; i++) {
		d.fence = i;
		d.to_host = i % 5 == 0;
		host_submit(host, FPR_ENGINE_XFER, &d, i == 899);
	}
	host_run(host);
	while (host_take(host, FPR_ENGINE_XFER, &c, true)) {
		assert_int_equal(c.status, FPR_OK);
		seen++;
	}
	assert_int_equal(seen, 900);
	assert_int_equal(host_read64(host, FPR_REG_ENGINE(1) + FPR_ENG_PROGRESS_LO), 900 * 5000);
}

/* ---- resets ------------------------------------------------------------- */

static void reset_mac(struct fake_host *host)
{
	host_write(host, FPR_REG_ENGINE(0) + FPR_ENG_CTRL, FPR_ENG_CTRL_RESET);
	/* Its lane still works: not ready before that has let go. */
	assert_int_equal(host_read(host, FPR_REG_ENGINE(0) + FPR_ENG_STATUS) &
				 (FPR_ENG_STATUS_READY | FPR_ENG_STATUS_ENABLED),
			 0);
	host_write(host, FPR_REG_ENGINE(0) + FPR_ENG_CTRL, FPR_ENG_CTRL_ENABLE);
}

static void an_engine_reset_drops_its_work(void **state)
{
	struct fake_host *host = *state;
	struct fpr_mac_desc d = host_product(64, 64, 64);

	host_enable_all(host);
	host_submit(host, FPR_ENGINE_MAC, &d, false);
	host_submit(host, FPR_ENGINE_MAC, &d, true);
	host->meanwhile = reset_mac;
	host_run(host);
	host_expect_none(host, FPR_ENGINE_MAC);
	assert_int_equal(host_read(host, FPR_REG_ENGINE(0) + FPR_ENG_STATUS), FPR_ENG_STATUS_READY);
	assert_int_equal(host_read(host, FPR_REG_ENGINE(0) + FPR_ENG_CTRL), 0);
	assert_true(host_read(host, FPR_REG_ENGINE(1) + FPR_ENG_STATUS) & FPR_ENG_STATUS_ENABLED);
	host_enable(host, FPR_ENGINE_MAC, 3, 3);
	host_submit(host, FPR_ENGINE_MAC, &d, true);
	host_expect(host, FPR_ENGINE_MAC, 1, FPR_OK);
}

static void reset_all(struct fake_host *host)
{
	host_write(host, FPR_REG_CTRL, FPR_CTRL_RESET);
	assert_int_equal(host_read(host, FPR_REG_STATUS), 0);
	host_write(host, FPR_REG_IRQ_MASK, 7);
}

static void a_full_reset_restores_everything(void **state)
{
	struct fake_host *host = *state;
	struct fpr_xfer_desc d = host_copy(host, HOST_BUS, 0, 10000, 0);

	host_enable_all(host);
	host_write(host, FPR_REG_SLICE, 4096);
	host_write(host, FPR_REG_AGEING, 5);
	host->board_memory[500000] = 9;
	host->shell->delay_ms = 1;
	host->meanwhile = reset_all;
	host_submit(host, FPR_ENGINE_XFER, &d, true);
	host_run(host);
	assert_int_equal(host_read(host, FPR_REG_STATUS), FPR_STATUS_READY);
	assert_int_equal(host_read(host, FPR_REG_IRQ_MASK), 0);
	assert_int_equal(host_read(host, FPR_REG_IRQ_STATUS), 0);
	assert_int_equal(host_read(host, FPR_REG_SLICE), FPR_SLICE_DEFAULT);
	assert_int_equal(host_read(host, FPR_REG_AGEING), 0);
	assert_int_equal(host_read(host, FPR_REG_ENGINE(1) + FPR_ENG_SQ_LO), 0);
	assert_int_equal(host_read64(host, FPR_REG_ENGINE(1) + FPR_ENG_PROGRESS_LO), 0);
	assert_true(host_read64(host, FPR_REG_TIME_LO) < 1000000);
	assert_int_equal(host->board_memory[500000], 9);
	assert_false(host->level);
	host_expect_none(host, FPR_ENGINE_XFER);
	host->shell->delay_ms = 0;
	host_enable_all(host);
	host_submit(host, FPR_ENGINE_XFER, &d, true);
	host_expect(host, FPR_ENGINE_XFER, 1, FPR_OK);
}

#define test(f) cmocka_unit_test_setup_teardown(f, host_setup, host_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(tells_what_it_is),
		test(every_other_register_reads_zero),
		test(the_clock_and_the_heart_go_on),
		test(the_slice_keeps_its_limits),
		test(rings_go_round),
		test(a_full_completion_ring_holds_the_engine_back),
		test(one_interrupt_for_a_burst),
		test(causes_are_masked_and_cleared),
		test(a_product_in_board_memory),
		test(products_in_host_memory),
		test(either_model_answers),
		test(empty_products_complete),
		test(a_chain_breaks_where_a_job_fails),
		test(copies_both_ways),
		test(copies_beat_by_beat),
		test(products_beat_by_beat),
		test(accumulates),
		test(the_urgent_go_first),
		test(the_old_become_urgent),
		test(without_ageing_they_do_not),
		test(more_than_the_table_holds),
		test(an_engine_reset_drops_its_work),
		test(a_full_reset_restores_everything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
