/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake_host.h"

/* ---- the shell's surroundings ------------------------------------------- */

static void op_lock(void *ctx)
{
	struct fake_host *host = ctx;

	assert_false(host->locked);
	host->locked = true;
}

static void op_unlock(void *ctx)
{
	struct fake_host *host = ctx;

	assert_true(host->locked);
	host->locked = false;
}

static void op_wake(void *ctx)
{
	struct fake_host *host = ctx;

	assert_true(host->locked);
	host->wakes++;
}

static uint64_t op_now(void *ctx)
{
	return ((struct fake_host *)ctx)->now += 100;
}

static uint8_t *reach(struct fake_host *host, uint64_t address, size_t bytes)
{
	if (host->dma_dead && !--host->dma_dead) {
		host->dma_dead = 1;
		return NULL;
	}
	if (address < HOST_BUS || address - HOST_BUS > HOST_BYTES ||
	    bytes > HOST_BYTES - (address - HOST_BUS))
		return NULL;
	return host->memory + (address - HOST_BUS);
}

static int op_dma_read(void *ctx, uint64_t address, void *to, size_t bytes)
{
	uint8_t *at = reach(ctx, address, bytes);

	if (at)
		memcpy(to, at, bytes);
	return at ? 0 : -EFAULT;
}

static int op_dma_write(void *ctx, uint64_t address, const void *from, size_t bytes)
{
	uint8_t *at = reach(ctx, address, bytes);
	struct fake_host *host = ctx;
	void (*then)(struct fake_host * host) = host->board_writes;

	host->board_writes = NULL;
	if (then)
		then(host);

	if (at)
		memcpy(at, from, bytes);
	return at ? 0 : -EFAULT;
}

static void op_interrupt(void *ctx, unsigned int cause)
{
	struct fake_host *host = ctx;

	assert_true(host->locked);
	assert_true(cause < FPR_VECTORS);
	host->interrupts[cause]++;
}

static void op_level(void *ctx, int asserted)
{
	((struct fake_host *)ctx)->level = asserted;
}

static void interlude(struct fake_host *host)
{
	void (*meanwhile)(struct fake_host * host) = host->meanwhile;

	assert_false(host->locked);
	host->meanwhile = NULL;
	if (meanwhile)
		meanwhile(host);
}

static void op_pause(void *ctx, uint32_t ms, const uint32_t *stop)
{
	struct fake_host *host = ctx;

	(void)stop;
	host->pauses += ms;
	host->now += ms * 1000000ull;
	interlude(host);
}

static void *op_scratch(void *ctx, uint64_t bytes)
{
	struct fake_host *host = ctx;

	free(host->scratch);
	/* Exactly so much, that sanitizers see what goes over it. */
	host->scratch = bytes > host->scratch_max ? NULL : malloc(bytes);
	return host->scratch;
}

static int op_gemm(void *ctx, const struct fpr_gemm *job, const uint16_t *a, const uint16_t *b,
		   void *c, struct fpr_gemm_counters *counters, struct fpr_board_watch *watch)
{
	struct fake_host *host = ctx;

	interlude(host);
	return fpr_board_gemm_watched(host->board, job, a, b, c, counters, watch);
}

static const struct fpr_shell_ops ops = {
	op_lock,      op_unlock, op_wake,  op_now,     op_dma_read, op_dma_write,
	op_interrupt, op_level,	 op_pause, op_scratch, op_gemm,
};

/* ---- life --------------------------------------------------------------- */

int host_setup(void **state)
{
	struct fpr_board_options options = {.threads = 1};
	struct fake_host *host = calloc(1, sizeof(*host));
	struct fpr_shell_config config = {.ops = &ops, .clock_khz = 250000, .build = 77};

	assert_non_null(host);
	host->shell = malloc(sizeof(*host->shell));
	host->memory = calloc(1, HOST_BYTES);
	host->board_memory = aligned_alloc(64, HOST_BOARD_BYTES);
	assert_true(host->shell && host->memory && host->board_memory);
	memset(host->board_memory, 0, HOST_BOARD_BYTES);
	assert_int_equal(fpr_board_open(&options, &host->board), 0);
	host->scratch_max = 64u << 20;
	config.ctx = host;
	config.memory = host->board_memory;
	config.memory_bytes = HOST_BOARD_BYTES;
	config.temperature = -1500;
	fpr_shell_init(host->shell, &config);
	*state = host;
	return 0;
}

int host_teardown(void **state)
{
	struct fake_host *host = *state;

	fpr_board_close(host->board);
	free(host->scratch);
	free(host->board_memory);
	free(host->memory);
	free(host->shell);
	free(host);
	return 0;
}

uint64_t host_alloc(struct fake_host *host, uint64_t bytes)
{
	uint64_t at = host->used;

	host->used += (bytes + 4095) / 4096 * 4096;
	assert_true(host->used <= HOST_BYTES);
	return HOST_BUS + at;
}

void *host_at(struct fake_host *host, uint64_t bus)
{
	return host->memory + (bus - HOST_BUS);
}

/* ---- registers and rings ------------------------------------------------ */

uint32_t host_read(struct fake_host *host, uint32_t offset)
{
	return fpr_shell_read(host->shell, offset);
}

uint64_t host_read64(struct fake_host *host, uint32_t offset)
{
	uint64_t low = host_read(host, offset);

	return low | (uint64_t)host_read(host, offset + 4) << 32;
}

void host_write(struct fake_host *host, uint32_t offset, uint32_t value)
{
	fpr_shell_write(host->shell, offset, value);
}

static uint32_t desc_bytes(unsigned int engine)
{
	return engine == FPR_ENGINE_MAC ? sizeof(struct fpr_mac_desc)
					: sizeof(struct fpr_xfer_desc);
}

void host_enable(struct fake_host *host, unsigned int engine, uint32_t sq_order, uint32_t cq_order)
{
	uint32_t base = FPR_REG_ENGINE(engine);
	uint64_t *ring = host->ring[engine];

	ring[0] = host_alloc(host, (uint64_t)desc_bytes(engine) << sq_order);
	ring[1] = host_alloc(host, sizeof(struct fpr_completion) << cq_order);
	memset(host_at(host, ring[1]), 0, sizeof(struct fpr_completion) << cq_order);
	host->order[engine][0] = sq_order;
	host->order[engine][1] = cq_order;
	host->tail[engine] = host->head[engine] = 0;
	host->phase[engine] = 1;
	host_write(host, base + FPR_ENG_SQ_LO, (uint32_t)ring[0]);
	host_write(host, base + FPR_ENG_SQ_HI, (uint32_t)(ring[0] >> 32));
	host_write(host, base + FPR_ENG_CQ_LO, (uint32_t)ring[1]);
	host_write(host, base + FPR_ENG_CQ_HI, (uint32_t)(ring[1] >> 32));
	host_write(host, base + FPR_ENG_SQ_ORDER, sq_order);
	host_write(host, base + FPR_ENG_CQ_ORDER, cq_order);
	host_write(host, base + FPR_ENG_CTRL, FPR_ENG_CTRL_ENABLE);
	assert_int_equal(host_read(host, base + FPR_ENG_STATUS),
			 FPR_ENG_STATUS_READY | FPR_ENG_STATUS_ENABLED);
}

void host_enable_all(struct fake_host *host)
{
	host_enable(host, FPR_ENGINE_MAC, 4, 4);
	host_enable(host, FPR_ENGINE_XFER, 10, 10);
	host_write(host, FPR_REG_IRQ_MASK, ~0u);
}

void host_submit(struct fake_host *host, unsigned int engine, const void *desc, bool ring)
{
	uint32_t mask = (1u << host->order[engine][0]) - 1;
	uint8_t *at = host_at(host, host->ring[engine][0]);

	memcpy(at + (uint64_t)host->tail[engine] * desc_bytes(engine), desc, desc_bytes(engine));
	host->tail[engine] = (host->tail[engine] + 1) & mask;
	if (ring)
		host_write(host, FPR_REG_SQ_TAIL(engine), host->tail[engine]);
}

void host_run(struct fake_host *host)
{
	unsigned int steps = 0;
	int did;

	do {
		did = 0;
		for (int lane = 0; lane < FPR_LANES_ALL; lane++)
			did |= fpr_shell_step(host->shell, (enum fpr_lane)lane);
		assert_true(steps++ < 100000);
	} while (did);
	assert_false(host->locked);
}

bool host_take(struct fake_host *host, unsigned int engine, struct fpr_completion *c, bool ack)
{
	uint32_t mask = (1u << host->order[engine][1]) - 1;
	const struct fpr_completion *ring = host_at(host, host->ring[engine][1]);

	*c = ring[host->head[engine]];
	if ((c->phase & 1) != host->phase[engine])
		return false;
	host->head[engine] = (host->head[engine] + 1) & mask;
	host->phase[engine] ^= !host->head[engine];
	if (ack)
		host_write(host, FPR_REG_CQ_HEAD(engine), host->head[engine]);
	return true;
}

void host_expect_none(struct fake_host *host, unsigned int engine)
{
	struct fpr_completion c;

	assert_false(host_take(host, engine, &c, true));
}

void host_expect(struct fake_host *host, unsigned int engine, uint64_t fence,
		 enum fpr_status status)
{
	struct fpr_completion c;

	host_run(host);
	assert_true(host_take(host, engine, &c, true));
	assert_int_equal(c.fence, fence);
	assert_int_equal(c.status, status);
	host_expect_none(host, engine);
}

/* ---- descriptors -------------------------------------------------------- */

struct fpr_ref host_list(struct fake_host *host, uint64_t bus, uint64_t bytes, uint32_t piece)
{
	uint32_t n = (uint32_t)((bytes + piece - 1) / piece);
	uint64_t table = host_alloc(host, n * sizeof(struct fpr_sg));
	struct fpr_sg *entry = host_at(host, table);

	for (uint32_t i = 0; i < n; i++) {
		uint64_t left = bytes - (uint64_t)i * piece;

		entry[i] = (struct fpr_sg){.address = bus + (uint64_t)i * piece,
					   .bytes = left < piece ? (uint32_t)left : piece};
	}
	return (struct fpr_ref){.address = table, .bytes = bytes, .sg_entries = n};
}

struct fpr_xfer_desc host_copy(struct fake_host *host, uint64_t bus, uint64_t board, uint64_t bytes,
			       uint8_t to_host)
{
	return (struct fpr_xfer_desc){
		.opcode = FPR_OP_XFER,
		.cookie = 0xc00c1e,
		.fence = 1,
		.host = host_list(host, bus, bytes, 4096),
		.board = board,
		.to_host = to_host,
	};
}

struct fpr_mac_desc host_product(uint32_t m, uint32_t n, uint32_t k)
{
	struct fpr_mac_desc d = {
		.opcode = FPR_OP_GEMM,
		.cookie = 0xc00c1e,
		.fence = 1,
		.m = m,
		.n = n,
		.k = k,
		.t = FPR_T_CHUNK,
	};

	d.a = (struct fpr_ref){.address = 0x10000, .bytes = 2ull * m * k};
	d.b = (struct fpr_ref){.address = 0x20000, .bytes = 2ull * k * n};
	d.c = (struct fpr_ref){.address = 0x40000, .bytes = 4ull * m * n};
	return d;
}

void host_noise(void *to, uint64_t bytes, uint32_t seed)
{
	uint16_t *x = to;

	for (uint64_t i = 0; i < bytes / 2; i++) {
		seed = seed * 1664525u + 1013904223u;
		x[i] = (uint16_t)(((seed >> 9) & 0x80ff) | 0x3f00);
	}
}
