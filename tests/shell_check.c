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

/*
 * Every way in which a descriptor or a list can be wrong, one change at a time
 * to a good one, sent through the ring. The board answers with the error and
 * with nothing else: no byte of memory changes, and the next job runs.
 */

/* A field to change: where it is, how wide, to what. */
struct change {
	const char *name;
	size_t offset, bytes;
	uint64_t value;
	enum fpr_status status;
};

#define MAC(field, value, status)                                                \
	{                                                                        \
#field " = " #value, offsetof(struct fpr_mac_desc, field),       \
			sizeof(((struct fpr_mac_desc *)0)->field), value, status \
	}
#define XFER(field, value, status)                                                \
	{                                                                         \
#field " = " #value, offsetof(struct fpr_xfer_desc, field),       \
			sizeof(((struct fpr_xfer_desc *)0)->field), value, status \
	}

/* From a 16 x 16 x 16 product with C in fp32 at 0x40000 of 1 MiB. */
static const struct change mac_table[] = {
	MAC(opcode, FPR_OP_XFER, FPR_ERR_OPCODE),
	MAC(opcode, 3, FPR_ERR_OPCODE),
	MAC(opcode, 255, FPR_ERR_OPCODE),
	MAC(opcode, FPR_OP_NOP, FPR_ERR_RESERVED), /* with a job's fields left in it */
	MAC(flags, 4, FPR_ERR_RESERVED),
	MAC(flags, 0x80, FPR_ERR_RESERVED),
	MAC(reserved0, 1, FPR_ERR_RESERVED),
	MAC(reserved1, 1ull << 63, FPR_ERR_RESERVED),
	MAC(reserved2, 1u << 31, FPR_ERR_RESERVED),
	MAC(reserved3, 1, FPR_ERR_RESERVED),
	MAC(reserved4[0], 1, FPR_ERR_RESERVED),
	MAC(reserved4[10], 1ull << 56, FPR_ERR_RESERVED),
	MAC(a.sg_offset, 2, FPR_ERR_RESERVED),
	MAC(b.sg_offset, 2, FPR_ERR_RESERVED),
	MAC(c.sg_offset, 4, FPR_ERR_RESERVED),
	MAC(m, FPR_DIM_MAX + 1, FPR_ERR_SHAPE),
	MAC(n, FPR_DIM_MAX + 1, FPR_ERR_SHAPE),
	MAC(k, 0xffffffff, FPR_ERR_SHAPE),
	MAC(batch, FPR_BATCH_MAX + 1, FPR_ERR_SHAPE),
	MAC(batch, 2, FPR_ERR_SHAPE), /* entries of C over one another */
	MAC(lda, 15, FPR_ERR_SHAPE),
	MAC(ldb, 15, FPR_ERR_SHAPE),
	MAC(ldc, 1, FPR_ERR_SHAPE),
	MAC(ldc, 0x80000000, FPR_ERR_SHAPE),
	MAC(kind, FPR_KINDS, FPR_ERR_SHAPE),
	MAC(serial, FPR_SERIAL_AUTO, FPR_ERR_SHAPE),
	MAC(t, FPR_T_MAX + 1, FPR_ERR_SHAPE),
	MAC(out, 2, FPR_ERR_SHAPE),
	MAC(trans_a, 2, FPR_ERR_SHAPE),
	MAC(trans_b, 2, FPR_ERR_SHAPE),
	MAC(accumulate, 2, FPR_ERR_SHAPE),
	MAC(accumulate, 255, FPR_ERR_SHAPE),
	MAC(m, 17, FPR_ERR_BOUNDS), /* longer than the references say */
	MAC(n, 17, FPR_ERR_BOUNDS),
	MAC(k, 17, FPR_ERR_BOUNDS),
	MAC(lda, 17, FPR_ERR_BOUNDS),
	MAC(ldb, FPR_DIM_MAX, FPR_ERR_BOUNDS),
	MAC(ldc, 17, FPR_ERR_BOUNDS),
	MAC(a.bytes, 511, FPR_ERR_BOUNDS),
	MAC(b.bytes, 0, FPR_ERR_BOUNDS),
	MAC(c.bytes, 1023, FPR_ERR_BOUNDS),
	MAC(c.bytes, HOST_BOARD_BYTES, FPR_ERR_BOUNDS),
	MAC(a.address, HOST_BOARD_BYTES - 510, FPR_ERR_BOUNDS),
	MAC(b.address, HOST_BOARD_BYTES, FPR_ERR_BOUNDS),
	MAC(c.address, UINT64_MAX - 1023, FPR_ERR_BOUNDS),
	MAC(a.address, UINT64_MAX, FPR_ERR_BOUNDS),
	MAC(a.sg_entries, FPR_SG_ENTRIES + 1, FPR_ERR_BOUNDS),
	MAC(b.sg_entries, 0xffffffff, FPR_ERR_BOUNDS),
	MAC(result, 4, FPR_ERR_ALIGN),
	MAC(a.address, 0x10001, FPR_ERR_ALIGN),
	MAC(b.address, 0x20001, FPR_ERR_ALIGN),
	MAC(c.address, 0x40002, FPR_ERR_ALIGN),
	MAC(c.address, 0x10000, FPR_ERR_OVERLAP),
	MAC(c.address, 0x10000 + 508, FPR_ERR_OVERLAP),
	MAC(c.address, 0x10000 - 1020, FPR_ERR_OVERLAP),
	MAC(c.address, 0x20000 + 256, FPR_ERR_OVERLAP),
	MAC(c.address, 0x20000 - 4, FPR_ERR_OVERLAP),
	/* and what is only nearly wrong */
	MAC(c.address, 0x10000 + 512, FPR_OK),
	MAC(c.address, 0x10000 - 1024, FPR_OK),
	MAC(a.address, 0x20000, FPR_OK),
	MAC(a.address, HOST_BOARD_BYTES - 512, FPR_OK),
	MAC(t, FPR_T_MAX, FPR_OK),
	MAC(flags, FPR_MAC_NO_COUNTERS | FPR_MAC_CHAINED, FPR_OK),
	MAC(a.bytes, 513, FPR_OK),
};

/* From a copy of 4096 bytes from the host to 0x1000, one entry. */
static const struct change xfer_table[] = {
	XFER(opcode, FPR_OP_GEMM, FPR_ERR_OPCODE),
	XFER(opcode, 200, FPR_ERR_OPCODE),
	XFER(opcode, FPR_OP_NOP, FPR_ERR_RESERVED),
	XFER(reserved0[0], 1, FPR_ERR_RESERVED),
	XFER(reserved0[6], 0x80, FPR_ERR_RESERVED),
	XFER(reserved1, 1ull << 40, FPR_ERR_RESERVED),
	XFER(op, 4, FPR_ERR_SHAPE),
	XFER(op, 255, FPR_ERR_SHAPE),
	XFER(to_host, 2, FPR_ERR_SHAPE),
	XFER(host.bytes, 0, FPR_ERR_SHAPE),
	XFER(host.sg_entries, 0, FPR_ERR_SHAPE),
	XFER(board, HOST_BOARD_BYTES, FPR_ERR_BOUNDS),
	XFER(board, HOST_BOARD_BYTES - 4095, FPR_ERR_BOUNDS),
	XFER(board, UINT64_MAX, FPR_ERR_BOUNDS),
	XFER(host.bytes, HOST_BOARD_BYTES - 4095, FPR_ERR_BOUNDS),
	XFER(host.bytes, UINT64_MAX, FPR_ERR_BOUNDS),
	XFER(host.bytes, 1ull << 63, FPR_ERR_BOUNDS),
	XFER(host.bytes, 4097, FPR_ERR_BOUNDS), /* longer than the list */
	XFER(host.sg_offset, 1, FPR_ERR_BOUNDS),
	XFER(host.sg_offset, 4096, FPR_ERR_BOUNDS),
	XFER(host.sg_offset, 0xffffffff, FPR_ERR_BOUNDS),
	XFER(host.sg_entries, FPR_SG_ENTRIES + 1, FPR_ERR_BOUNDS),
	XFER(host.address, UINT64_MAX - 15, FPR_ERR_BOUNDS),
	XFER(host.address, 0x1000, FPR_ERR_DMA),
	XFER(host.address, HOST_BUS + 8, FPR_ERR_ALIGN),
	XFER(host.address, HOST_BUS + HOST_BYTES, FPR_ERR_DMA),
	XFER(board, HOST_BOARD_BYTES - 4096, FPR_OK),
	XFER(board, 1, FPR_OK),
	XFER(priority, 0xffff, FPR_OK),
	XFER(host.bytes, 1, FPR_OK),
};

/* The same for an accumulate. */
static const struct change add_table[] = {
	XFER(to_host, 1, FPR_ERR_SHAPE),
	XFER(host.bytes, 4095, FPR_ERR_ALIGN),
	XFER(host.bytes, 4032 + 4, FPR_ERR_ALIGN),
	XFER(host.sg_offset, 32, FPR_ERR_ALIGN),
	XFER(board, 0x1020, FPR_ERR_ALIGN),
	XFER(board, 0x1004, FPR_ERR_ALIGN),
	XFER(op, FPR_XFER_ADD_BF16_F32, FPR_OK),
	XFER(op, FPR_XFER_ADD_BF16, FPR_OK),
	XFER(host.bytes, 4032, FPR_OK),
};

/* An entry of a list, for a copy or an accumulate. */
static const struct {
	struct fpr_sg entry;
	enum fpr_status copy, add;
} entry_table[] = {
	{{HOST_BUS, 4096, 0}, FPR_OK, FPR_OK},
	{{HOST_BUS + 64, 4096, 0}, FPR_OK, FPR_OK},
	{{HOST_BUS + 1, 4096, 0}, FPR_OK, FPR_ERR_ALIGN},
	{{HOST_BUS + 32, 4096, 0}, FPR_OK, FPR_ERR_ALIGN},
	{{HOST_BUS, 4097, 0}, FPR_OK, FPR_ERR_ALIGN},
	{{HOST_BUS, 0xffffffff, 0}, FPR_OK, FPR_ERR_ALIGN},
	{{HOST_BUS, 0, 0}, FPR_ERR_BOUNDS, FPR_ERR_BOUNDS},
	{{HOST_BUS, 4032, 0}, FPR_ERR_BOUNDS, FPR_ERR_BOUNDS},
	{{HOST_BUS, 4096, 1}, FPR_ERR_RESERVED, FPR_ERR_RESERVED},
	{{HOST_BUS, 4096, 0x80000000}, FPR_ERR_RESERVED, FPR_ERR_RESERVED},
	{{UINT64_MAX - 63, 4096, 0}, FPR_ERR_BOUNDS, FPR_ERR_BOUNDS},
	{{0, 4096, 0}, FPR_ERR_DMA, FPR_ERR_DMA},
	{{HOST_BUS + HOST_BYTES, 4096, 0}, FPR_ERR_DMA, FPR_ERR_DMA},
	{{HOST_BUS + HOST_BYTES - 64, 4096, 0}, FPR_ERR_DMA, FPR_ERR_DMA},
	{{HOST_BUS - 64, 4096, 0}, FPR_ERR_DMA, FPR_ERR_DMA},
};

static void change(void *desc, const struct change *c)
{
	memcpy((uint8_t *)desc + c->offset, &c->value, c->bytes);
}

static void submit_and_see(struct fake_host *host, unsigned int engine, const void *desc,
			   enum fpr_status want, const char *name)
{
	static uint8_t before[HOST_BOARD_BYTES];
	struct fpr_completion c;

	memcpy(before, host->board_memory, sizeof(before));
	host_submit(host, engine, desc, true);
	host_run(host);
	if (!host_take(host, engine, &c, true))
		fail_msg("%s: no completion", name);
	if (c.status != want)
		fail_msg("%s: status %u, not %u", name, c.status, want);
	assert_int_equal(c.fence, 1);
	assert_int_equal(c.cookie, 0xc00c1e);
	host_expect_none(host, engine);
	/* What is found out on the way along a list may come after a part has moved. */
	if (want != FPR_OK && want != FPR_ERR_DMA && want != FPR_ERR_BOUNDS)
		assert_memory_equal(host->board_memory, before, sizeof(before));
	assert_int_equal(host_read(host, FPR_REG_ENGINE(engine) + FPR_ENG_STATUS),
			 FPR_ENG_STATUS_READY | FPR_ENG_STATUS_ENABLED);
}

static void every_field_of_a_product(void **state)
{
	struct fake_host *host = *state;
	const struct fpr_mac_desc good = host_product(16, 16, 16);

	host_enable_all(host);
	host_noise(host->board_memory, HOST_BOARD_BYTES, 1);
	for (size_t i = 0; i < sizeof(mac_table) / sizeof(mac_table[0]); i++) {
		struct fpr_mac_desc d = good;

		change(&d, &mac_table[i]);
		submit_and_see(host, FPR_ENGINE_MAC, &d, mac_table[i].status, mac_table[i].name);
		submit_and_see(host, FPR_ENGINE_MAC, &good, FPR_OK, mac_table[i].name);
	}
}

/* Nothing but the opcode, the cookie and the fence may be set, so each byte is tried. */
static void every_byte_of_a_nop(void **state)
{
	struct fake_host *host = *state;
	unsigned int tried = 0;

	host_enable_all(host);
	for (size_t i = 1; i < sizeof(struct fpr_mac_desc); i++) {
		struct fpr_mac_desc d = {.cookie = 0xc00c1e, .fence = 1};

		if (i >= offsetof(struct fpr_mac_desc, cookie) &&
		    i < offsetof(struct fpr_mac_desc, result))
			continue;
		((uint8_t *)&d)[i] = 0x40;
		submit_and_see(host, FPR_ENGINE_MAC, &d, FPR_ERR_RESERVED, "byte of a NOP");
		tried++;
	}
	for (size_t i = 1; i < sizeof(struct fpr_xfer_desc); i++) {
		struct fpr_xfer_desc d = {.cookie = 0xc00c1e, .fence = 1};

		if (i >= offsetof(struct fpr_xfer_desc, cookie) &&
		    i < offsetof(struct fpr_xfer_desc, host))
			continue;
		((uint8_t *)&d)[i] = 0x40;
		submit_and_see(host, FPR_ENGINE_XFER, &d, FPR_ERR_RESERVED, "byte of a NOP");
		tried++;
	}
	assert_int_equal(tried, 256 - 13 + 64 - 13);
}

static void each(struct fake_host *host, const struct fpr_xfer_desc *good,
		 const struct change *table, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct fpr_xfer_desc d = *good;

		change(&d, &table[i]);
		submit_and_see(host, FPR_ENGINE_XFER, &d, table[i].status, table[i].name);
		submit_and_see(host, FPR_ENGINE_XFER, good, FPR_OK, table[i].name);
	}
}

static void every_field_of_a_transfer(void **state)
{
	struct fake_host *host = *state;
	struct fpr_xfer_desc good = host_copy(host, host_alloc(host, 4096), 0x1000, 4096, 0);

	host_enable_all(host);
	each(host, &good, xfer_table, sizeof(xfer_table) / sizeof(xfer_table[0]));
	good.to_host = 1;
	each(host, &good, xfer_table, sizeof(xfer_table) / sizeof(xfer_table[0]));
	good.to_host = 0;
	good.op = FPR_XFER_ADD_F32;
	each(host, &good, add_table, sizeof(add_table) / sizeof(add_table[0]));
}

static void every_kind_of_list_entry(void **state)
{
	struct fake_host *host = *state;
	struct fpr_xfer_desc d = host_copy(host, host_alloc(host, 8192), 0x1000, 4096, 0);
	struct fpr_sg *entry = host_at(host, d.host.address);
	struct fpr_mac_desc mac = host_product(16, 16, 16);

	host_enable_all(host);
	for (size_t i = 0; i < sizeof(entry_table) / sizeof(entry_table[0]); i++) {
		*entry = entry_table[i].entry;
		d.op = FPR_XFER_COPY;
		submit_and_see(host, FPR_ENGINE_XFER, &d, entry_table[i].copy, "copy");
		d.op = FPR_XFER_ADD_F32;
		submit_and_see(host, FPR_ENGINE_XFER, &d, entry_table[i].add, "add");
		/* 512 bytes of A, so a short entry is long enough. */
		mac.a = d.host;
		submit_and_see(host, FPR_ENGINE_MAC, &mac,
			       entry_table[i].entry.bytes == 4032 ||
					       entry_table[i].entry.address ==
						       HOST_BUS + HOST_BYTES - 64 * 8
				       ? FPR_OK
				       : entry_table[i].copy,
			       "product");
	}
}

/* Lists of every length around what is fetched at a time, all a byte too short. */
static void every_list_that_is_too_short(void **state)
{
	struct fake_host *host = *state;
	uint64_t at = host_alloc(host, 4096), used = host->used;

	host_enable_all(host);
	used = host->used;
	for (uint32_t n = 1; n <= 3 * FPR_WALK_FETCH; n++) {
		struct fpr_xfer_desc d = {.opcode = FPR_OP_XFER, .cookie = 0xc00c1e, .fence = 1};

		host->used = used;
		d.host = host_list(host, at, 8ull * n, 8);
		submit_and_see(host, FPR_ENGINE_XFER, &d, FPR_OK, "long enough");
		/* What follows in memory would do, were it looked at. */
		host_list(host, at, 4096, 8);
		d.host.bytes++;
		submit_and_see(host, FPR_ENGINE_XFER, &d, FPR_ERR_BOUNDS, "too short");
	}
}

/* A board adds to twice as many bytes as the host sends, and they must be there too. */
static void a_widening_add_is_bounded_by_what_it_writes(void **state)
{
	struct fake_host *host = *state;
	struct fpr_xfer_desc d =
		host_copy(host, host_alloc(host, 4096), HOST_BOARD_BYTES - 8192, 4096, 0);

	host_enable_all(host);
	d.op = FPR_XFER_ADD_BF16_F32;
	submit_and_see(host, FPR_ENGINE_XFER, &d, FPR_OK, "last");
	d.board += 64;
	submit_and_see(host, FPR_ENGINE_XFER, &d, FPR_ERR_BOUNDS, "past the end");
	d.op = FPR_XFER_ADD_BF16;
	submit_and_see(host, FPR_ENGINE_XFER, &d, FPR_OK, "as long as it is");
}

/* More operands than there is room to copy, or a list too long for any room. */
static void too_much_for_the_board(void **state)
{
	struct fake_host *host = *state;
	struct fpr_mac_desc d = host_product(16, 16, 16);

	host_enable_all(host);
	d.a = host_list(host, host_alloc(host, 4096), 4096, 4096);
	host->scratch_max = 511;
	submit_and_see(host, FPR_ENGINE_MAC, &d, FPR_ERR_MEMORY, "no room");
	host->scratch_max = 512;
	submit_and_see(host, FPR_ENGINE_MAC, &d, FPR_OK, "room");
	d.lda = FPR_DIM_MAX;
	d.a.bytes = UINT64_MAX;
	submit_and_see(host, FPR_ENGINE_MAC, &d, FPR_ERR_MEMORY, "no room");
	host->scratch_max = UINT64_MAX;
	d.m = 1;
	d.batch = 2;
	d.stride_c = 16;
	d.stride_a = UINT64_MAX / 8;
	submit_and_see(host, FPR_ENGINE_MAC, &d, FPR_ERR_MEMORY, "no such address space");
}

static void a_result_that_cannot_be_written(void **state)
{
	struct fake_host *host = *state;
	struct fpr_mac_desc d = host_product(16, 16, 16);

	host_enable_all(host);
	d.result = 0x1000;
	submit_and_see(host, FPR_ENGINE_MAC, &d, FPR_ERR_DMA, "result");
	d.result = HOST_BUS + HOST_BYTES - 120;
	submit_and_see(host, FPR_ENGINE_MAC, &d, FPR_ERR_DMA, "result");
}

/* ---- rings that are wrong ----------------------------------------------- */

static uint32_t status_of(struct fake_host *host, unsigned int engine)
{
	return host_read(host, FPR_REG_ENGINE(engine) + FPR_ENG_STATUS);
}

static void bad_ring_registers(void **state)
{
	struct fake_host *host = *state;
	static const struct {
		uint32_t at, value;
	} table[] = {
		{FPR_ENG_SQ_LO, 0x800},	      {FPR_ENG_CQ_LO, 0x1},
		{FPR_ENG_SQ_ORDER, 0},	      {FPR_ENG_CQ_ORDER, 0},
		{FPR_ENG_SQ_ORDER, 13},	      {FPR_ENG_CQ_ORDER, 13},
		{FPR_ENG_SQ_ORDER, 32},	      {FPR_ENG_CQ_ORDER, 0x80000001},
		{FPR_ENG_SQ_ORDER, 1u << 31},
	};

	host_write(host, FPR_REG_IRQ_MASK, 7);
	for (unsigned int engine = 0; engine < FPR_ENGINES; engine++) {
		uint32_t base = FPR_REG_ENGINE(engine);

		for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
			host_enable(host, engine, 4, 4);
			host_write(host, base + FPR_ENG_CTRL, FPR_ENG_CTRL_RESET);
			host_write(host, base + table[i].at, table[i].value);
			host->interrupts[FPR_ENGINES] = 0;
			host_write(host, base + FPR_ENG_CTRL, FPR_ENG_CTRL_ENABLE);
			assert_int_equal(status_of(host, engine),
					 FPR_ENG_STATUS_READY | FPR_ENG_STATUS_ERROR);
			assert_int_equal(host->interrupts[FPR_ENGINES], 1);
			host_write(host, FPR_REG_IRQ_STATUS, 7);
			host_write(host, FPR_REG_SQ_TAIL(engine), 1);
			host_run(host);
			host_write(host, base + FPR_ENG_CTRL, FPR_ENG_CTRL_RESET);
			assert_int_equal(status_of(host, engine), FPR_ENG_STATUS_READY);
		}
	}
}

static void bad_doorbells(void **state)
{
	struct fake_host *host = *state;

	for (unsigned int engine = 0; engine < FPR_ENGINES; engine++) {
		const uint32_t bad[][2] = {
			{FPR_REG_SQ_TAIL(engine), 16},
			{FPR_REG_SQ_TAIL(engine), 0xffffffff},
			{FPR_REG_CQ_HEAD(engine), 16},
			{FPR_REG_CQ_HEAD(engine), 1}, /* nothing was posted */
			{FPR_REG_CQ_HEAD(engine), 15},
		};

		for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
			host_write(host, bad[i][0], bad[i][1]);
			assert_int_equal(status_of(host, engine), FPR_ENG_STATUS_READY);
			host_enable(host, engine, 4, 4);
			host_write(host, bad[i][0], bad[i][1]);
			assert_true(status_of(host, engine) & FPR_ENG_STATUS_ERROR);
			host_run(host);
			host_write(host, FPR_REG_ENGINE(engine) + FPR_ENG_CTRL, 0);
			assert_int_equal(status_of(host, engine), FPR_ENG_STATUS_READY);
		}
	}
}

/* A bus that fails at each access in turn; every time a reset brings the engine back. */
static void the_bus_fails_anywhere(void **state)
{
	struct fake_host *host = *state;
	struct fpr_xfer_desc xfer = host_copy(host, host_alloc(host, 65536), 0, 65536, 0);
	struct fpr_mac_desc mac = host_product(16, 16, 16);
	unsigned int errors = 0, failures = 0;
	uint64_t used = host->used;

	mac.a = mac.b = host_list(host, HOST_BUS, 512, 100);
	mac.c = host_list(host, HOST_BUS + 65536, 1024, 100);
	mac.result = HOST_BUS + 131072;
	for (uint64_t n = 1; n < 60; n++) {
		for (unsigned int engine = 0; engine < FPR_ENGINES; engine++) {
			struct fpr_completion c;

			host->used = used + 65536 * 4;
			host_enable(host, engine, 4, 4);
			host->dma_dead = n;
			host_submit(host, engine, engine ? (void *)&xfer : (void *)&mac, true);
			host_run(host);
			host->dma_dead = 0;
			if (status_of(host, engine) & FPR_ENG_STATUS_ERROR)
				errors++;
			else if (host_take(host, engine, &c, true))
				failures += c.status == FPR_ERR_DMA;
			host_write(host, FPR_REG_ENGINE(engine) + FPR_ENG_CTRL, FPR_ENG_CTRL_RESET);
			assert_int_equal(status_of(host, engine), FPR_ENG_STATUS_READY);
		}
	}
	assert_true(errors > 10);
	assert_int_equal(failures, 0); /* a bus that stays dead takes no completion either */
}

#define test(f) cmocka_unit_test_setup_teardown(f, host_setup, host_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(every_field_of_a_product),
		test(every_byte_of_a_nop),
		test(every_field_of_a_transfer),
		test(every_kind_of_list_entry),
		test(every_list_that_is_too_short),
		test(a_widening_add_is_bounded_by_what_it_writes),
		test(too_much_for_the_board),
		test(a_result_that_cannot_be_written),
		test(bad_ring_registers),
		test(bad_doorbells),
		test(the_bus_fails_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
