/* SPDX-License-Identifier: MIT */

#include <stddef.h>

#include "fpr_desc.h"
#include "fpr_gemm.h"
#include "fpr_regs.h"
#include "tb.h"
#include "check_unit.h"

/*
 * A good descriptor with one thing changed, then shapes at random whose extents are counted in
 * 128 bits. What a change is worth is written beside it.
 */
#define MEMORY (1u << 20)

struct change {
	uint32_t engine;
	size_t at, bytes;
	uint64_t value;
	uint32_t status;
};

#define MAC(field, value, status)                                                \
	{                                                                        \
		FPR_ENGINE_MAC, offsetof(struct fpr_mac_desc, field),            \
			sizeof(((struct fpr_mac_desc *)0)->field), value, status \
	}
#define XFER(field, value, status)                                                \
	{                                                                         \
		FPR_ENGINE_XFER, offsetof(struct fpr_xfer_desc, field),           \
			sizeof(((struct fpr_xfer_desc *)0)->field), value, status \
	}

static const struct change changes[] = {
	MAC(cookie, 7, FPR_OK),
	XFER(cookie, 7, FPR_OK),
	MAC(opcode, FPR_OP_XFER, FPR_ERR_OPCODE),
	XFER(opcode, FPR_OP_GEMM, FPR_ERR_OPCODE),
	MAC(opcode, FPR_OP_NOP, FPR_ERR_RESERVED),
	XFER(opcode, FPR_OP_NOP, FPR_ERR_RESERVED),
	MAC(reserved4[10], 1, FPR_ERR_RESERVED),
	MAC(reserved2, 1u << 31, FPR_ERR_RESERVED),
	MAC(reserved3, 1, FPR_ERR_RESERVED),
	MAC(flags, 4, FPR_ERR_RESERVED),
	XFER(reserved0[6], 1, FPR_ERR_RESERVED),
	XFER(reserved1, 1, FPR_ERR_RESERVED),
	MAC(k, FPR_DIM_MAX + 1, FPR_ERR_SHAPE),
	MAC(kind, FPR_KINDS, FPR_ERR_SHAPE),
	MAC(t, FPR_T_MAX + 1, FPR_ERR_SHAPE),
	MAC(lda, 15, FPR_ERR_SHAPE),
	MAC(stride_a, 1ull << 63, FPR_OK), /* of a batch of one */
	MAC(batch, 2, FPR_ERR_SHAPE), /* entries of C over one another */
	XFER(op, 4, FPR_ERR_SHAPE),
	XFER(to_host, 2, FPR_ERR_SHAPE),
	XFER(host.bytes, 0, FPR_ERR_SHAPE),
	XFER(host.sg_entries, 0, FPR_ERR_SHAPE),
	MAC(a.bytes, 511, FPR_ERR_BOUNDS),
	MAC(b.address, MEMORY - 510, FPR_ERR_BOUNDS),
	MAC(lda, 1u << 16, FPR_ERR_BOUNDS),
	XFER(board, MEMORY - 4094, FPR_ERR_BOUNDS),
	XFER(host.sg_entries, (1u << 18) + 1, FPR_ERR_BOUNDS),
	MAC(a.address, 1, FPR_ERR_ALIGN),
	MAC(c.address, 0x40002, FPR_ERR_ALIGN),
	MAC(result, 4, FPR_ERR_ALIGN),
	XFER(host.address, 8, FPR_ERR_ALIGN),
	MAC(c.address, 508, FPR_ERR_OVERLAP),
	MAC(flags, FPR_MAC_NO_COUNTERS | FPR_MAC_CHAINED, FPR_OK),
	XFER(priority, 65535, FPR_OK),
	XFER(board, 0xff001, FPR_ERR_BOUNDS),
	XFER(board, 0xfefff, FPR_OK), /* copies may lie anywhere */
};

static uint64_t answer[4];

static void ask(uint32_t engine, const void *desc, size_t bytes)
{
	uint64_t words[FPR_EVENT_WORDS] = {0};

	memcpy(words, desc, bytes);
	tb_calls++;
	check_top(engine, MEMORY, words, answer);
}

/* 16 x 16 x 16, C in fp32. */
static const struct fpr_mac_desc good_mac = {
	.opcode = FPR_OP_GEMM,
	.fence = 1,
	.a = {.address = 0, .bytes = 512},
	.b = {.address = 512, .bytes = 512},
	.c = {.address = 0x40000, .bytes = 1024},
	.m = 16,
	.n = 16,
	.k = 16,
	.out = FPR_OUT_F32,
	.t = FPR_T_MAX,
};

static const struct fpr_xfer_desc good_xfer = {
	.opcode = FPR_OP_XFER,
	.host = {.address = 0x1000, .bytes = 4096, .sg_entries = 2},
	.board = 64,
};

static void change(const struct change *change)
{
	struct fpr_mac_desc mac = good_mac;
	struct fpr_xfer_desc xfer = good_xfer;
	const int is_mac = change->engine == FPR_ENGINE_MAC;
	void *desc = is_mac ? (void *)&mac : (void *)&xfer;

	memcpy((char *)desc + change->at, &change->value, change->bytes);
	ask(change->engine, desc, is_mac ? sizeof(mac) : sizeof(xfer));
	if (answer[0] != change->status)
		printf("change at byte %zu: status %u, not %u\n", change->at, (unsigned)answer[0],
		       change->status);
	tb_expect(answer[0] == change->status, "a change");
}

static unsigned __int128 bytes_of(uint64_t rows, uint64_t columns, uint64_t ld, uint64_t batch,
				  uint64_t stride, uint32_t size)
{
	if (!rows || !columns)
		return 0;
	return ((unsigned __int128)stride * (batch ? batch - 1 : 0) +
		(unsigned __int128)(rows - 1) * (ld ? ld : columns) + columns) *
	       size;
}

static void random_shape(void)
{
	const unsigned __int128 most = (unsigned __int128)1 << 63;
	struct fpr_mac_desc d = good_mac;
	unsigned __int128 a, b, c;
	uint32_t status = FPR_OK;

	d.m = tb_random() % 40;
	d.n = tb_random() % 40;
	d.k = tb_random() % 40;
	d.lda = tb_random() % 2 ? 40 : 0;
	d.batch = tb_random() % 4;
	d.stride_a = tb_random() % 4 ? tb_random() % 2000 : (uint64_t)tb_random() << 31;
	d.stride_b = tb_random() % 4 ? tb_random() % 2000 : (uint64_t)tb_random() << 32;
	d.stride_c = 1600;
	d.trans_a = tb_random() % 2;
	d.out = tb_random() % 2;
	d.a.bytes = d.b.bytes = d.c.bytes = MEMORY;
	d.b.address = d.a.address = 0;
	d.c.address = 0;
	a = bytes_of(d.trans_a ? d.k : d.m, d.trans_a ? d.m : d.k, d.lda, d.batch, d.stride_a, 2);
	b = bytes_of(d.k, d.n, 0, d.batch, d.stride_b, 2);
	c = bytes_of(d.m, d.n, 0, d.batch, d.stride_c, d.out == FPR_OUT_F32 ? 4 : 2);
	if (a >= most || b >= most || c >= most)
		status = FPR_ERR_SHAPE;
	else if (a > MEMORY || b > MEMORY || c > MEMORY)
		status = FPR_ERR_BOUNDS;
	else if (c && (a || b))
		status = FPR_ERR_OVERLAP;
	/* Somewhere else, so that it may pass. */
	if (status == FPR_ERR_OVERLAP && tb_random() % 2 && a <= MEMORY / 2 && b <= MEMORY / 2 &&
	    c <= MEMORY / 2) {
		d.c.address = MEMORY / 2;
		d.c.bytes = MEMORY / 2;
		status = FPR_OK;
	}
	ask(FPR_ENGINE_MAC, &d, sizeof(d));
	tb_expect(answer[0] == status, "a shape");
	if (status == FPR_OK)
		tb_expect(answer[1] == (uint64_t)a && answer[2] == (uint64_t)b &&
				  answer[3] == (uint64_t)c,
			  "its extents");
}

int main(void)
{
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]) && tb_calls < TB_CALLS; i++)
		change(&changes[i]);
	while (tb_calls < TB_CALLS && tb_calls < 50000)
		random_shape();
	return tb_done();
}
