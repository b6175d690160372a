/* SPDX-License-Identifier: MIT */

/*
 * A little of everything that goes over the board's edge, for a recording of it (tests/vm/record):
 * replayed on Verilated hardware, each KiB takes its time. So it is small, and moments at which the
 * board rests part its steps. What the numbers are worth, other tests say.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <xf86drm.h>

#include "fpr_regs.h"
#include "guest.h"

#define WAIT_MS 60000
#define BOARD_BYTES 32768
#define HOST_BYTES 65536
#define MOVES 12

struct traffic {
	int fd;
	uint32_t ctx, done;
	struct bo board, host, back; /* back: what comes from the board */
	uint32_t seed;
};

static uint32_t next(struct traffic *t)
{
	t->seed = t->seed * 1664525u + 1013904223u;
	return t->seed >> 8;
}

/* Numbers of a few exponents, with zeros among them: what a layer has. */
static void fill(struct traffic *t, void *to, size_t count)
{
	uint16_t *values = to;

	for (size_t i = 0; i < count; i++) {
		uint32_t r = next(t);

		values[i] = r % 4 ? (uint16_t)((r & 0x8000) | (124 + r % 7) << 7 | (r >> 16 & 0x7e))
				  : 0;
	}
}

static void ended(struct traffic *t)
{
	CHECK(sync_wait(t->fd, t->done, 0, WAIT_MS) == 0);
}

/* ---- transfers ---------------------------------------------------------- */

static struct drm_fpr_xfer move(const struct bo *host, uint64_t at, const struct traffic *t,
				uint64_t to, uint64_t bytes, uint8_t direction)
{
	return (struct drm_fpr_xfer){
		.host = host->handle,
		.host_offset = at,
		.board = t->board.handle,
		.board_offset = to,
		.bytes = bytes,
		.direction = direction,
		.priority = 32768,
	};
}

static void run(struct traffic *t, const struct drm_fpr_xfer *xfers, uint32_t count)
{
	CHECK(submit_xfer(t->fd, t->ctx, xfers, count, 0, t->done) == 0);
	ended(t);
}

static void to_board(struct traffic *t, uint64_t at, uint64_t to, uint64_t bytes)
{
	const struct drm_fpr_xfer x = move(&t->host, at, t, to, bytes, DRM_FPR_TO_BOARD);

	run(t, &x, 1);
}

static void from_board(struct traffic *t, uint64_t at, uint64_t from, uint64_t bytes)
{
	const struct drm_fpr_xfer x = move(&t->back, at, t, from, bytes, DRM_FPR_TO_HOST);

	run(t, &x, 1);
}

static void odd_sizes(struct traffic *t)
{
	static const struct {
		uint32_t host, board, bytes;
	} pieces[] = {{0, 0, 1},       {1, 2, 63},	{63, 1, 65},	   {4095, 64, 2},
		      {4000, 129, 97}, {8191, 4093, 1}, {100, 8191, 4099}, {12345, 777, 5000}};

	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		to_board(t, pieces[i].host, pieces[i].board, pieces[i].bytes);
		from_board(t, pieces[i].host + i, pieces[i].board, pieces[i].bytes);
	}
}

/*
 * Many at once, in both directions and of several urgencies; those of one direction touch other
 * memory than those of the other. The board takes its time, so that they meet in it.
 */
static void together(struct traffic *t)
{
	struct drm_fpr_xfer x[2 * MOVES];

	CHECK(board_command("delay-slice 3") == 0);
	for (uint32_t i = 0; i < MOVES; i++) {
		uint32_t in = 100 + next(t) % 200, out = 37 + next(t) % 700;

		x[2 * i] = move(&t->host, 5 + 1001 * i, t, 12321 + 300 * i, in, DRM_FPR_TO_BOARD);
		x[2 * i].priority = (uint16_t)(next(t) % 8 * 4096);
		x[2 * i + 1] = move(&t->back, 900 * i, t, 16384 + 1024 * i, out, DRM_FPR_TO_HOST);
		x[2 * i + 1].priority = (uint16_t)(next(t) % 8 * 4096);
	}
	/* Longer than slices, and the others overtake it. */
	x[0] = move(&t->host, 20003, t, 0, 12321, DRM_FPR_TO_BOARD);
	x[0].priority = 65535;
	run(t, x, 2 * MOVES);
	CHECK(board_command("delay-slice 0") == 0);
	from_board(t, 0, 0, 16200);
}

static void accumulates(struct traffic *t)
{
	static const struct {
		uint8_t op;
		uint32_t bytes, board_bytes;
	} ops[] = {{DRM_FPR_XFER_ADD_F32, 4096 + 192, 4096 + 192},
		   {DRM_FPR_XFER_ADD_BF16, 1024, 1024},
		   {DRM_FPR_XFER_ADD_BF16_F32, 64, 128},
		   {DRM_FPR_XFER_ADD_BF16_F32, 1600, 3200}};
	struct drm_fpr_xfer x;

	fill(t, t->host.map, 12288);
	to_board(t, 0, 0, 8192);
	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
		x = move(&t->host, 8192 - 64 * i, t, 64 * i, ops[i].bytes, DRM_FPR_TO_BOARD);
		x.op = ops[i].op;
		run(t, &x, 1);
		from_board(t, 64, 64 * i, ops[i].board_bytes);
	}
}

/* ---- products ----------------------------------------------------------- */

struct product {
	uint32_t m, n, k, batch;
	uint8_t out, accumulate, trans_a, trans_b, serial, t;
	/* which operands are in host memory */
	uint8_t a, b, c;
	uint8_t result;
};

static const struct product products[] = {
	/* all in board memory */
	{.m = 1, .n = 1, .k = 1, .result = 1},
	{.m = 8, .n = 8, .k = 64, .out = FPR_OUT_F32, .result = 1},
	{.m = 9, .n = 17, .k = 70, .out = FPR_OUT_BF16, .serial = FPR_SERIAL_B},
	{.m = 16, .n = 8, .k = 33, .accumulate = 1, .trans_a = 1},
	/* all in host memory */
	{.m = 8, .n = 16, .k = 96, .a = 1, .b = 1, .c = 1, .result = 1},
	{.m = 13, .n = 5, .k = 40, .out = FPR_OUT_BF16, .trans_b = 1, .a = 1, .b = 1, .c = 1},
	{.m = 5, .n = 7, .k = 20, .accumulate = 1, .trans_a = 1, .a = 1, .b = 1, .c = 1},
	{.m = 6, .n = 3, .k = 16, .accumulate = 1, .out = FPR_OUT_BF16, .a = 1, .b = 1, .c = 1},
	{.m = 4, .n = 6, .k = 32, .batch = 3, .trans_b = 1, .a = 1, .b = 1, .c = 1, .result = 1},
	/* here and there */
	{.m = 24, .n = 11, .k = 50, .a = 1, .t = 5},
	{.m = 10, .n = 9, .k = 48, .batch = 2, .b = 1, .c = 1},
	{.m = 7, .n = 12, .k = 24, .accumulate = 1, .a = 1, .b = 1},
	{.m = 3, .n = 4, .k = 0, .c = 1},
	{.m = 32, .n = 32, .k = 96, .trans_b = 1, .b = 1, .result = 1},
};

#define PRODUCTS (sizeof(products) / sizeof(products[0]))

/* Operands begin at these places of whichever memory they are in; C's rows have a gap. */
enum { A_AT = 2, B_AT = 8192 + 6, C_AT = 20480 + 4 };

static struct drm_fpr_mac_job job_of(const struct traffic *t, const struct product *p)
{
	struct drm_fpr_mac_job job = gemm_job(p->m, p->n, p->k);
	uint32_t ldc = p->n + 3;

	job.gemm.kind = FPR_KIND_VALUE;
	job.gemm.t = p->t ? p->t : FPR_KIND_T(FPR_KIND_VALUE);
	job.gemm.batch = p->batch ? p->batch : 1;
	job.gemm.out = p->out;
	job.gemm.accumulate = p->accumulate;
	job.gemm.trans_a = p->trans_a;
	job.gemm.trans_b = p->trans_b;
	job.gemm.serial = p->serial;
	job.gemm.ldc = ldc;
	job.gemm.stride_a = p->batch ? p->m * p->k + 1 : 0;
	job.gemm.stride_b = p->batch ? p->k * p->n : 0;
	job.gemm.stride_c = p->batch ? p->m * ldc : 0;
	job.a = p->a ? t->host.handle : t->board.handle;
	job.b = p->b ? t->host.handle : t->board.handle;
	job.c = p->c ? t->back.handle : t->board.handle;
	job.a_offset = A_AT;
	job.b_offset = B_AT;
	job.c_offset = C_AT;
	if (p->result) {
		job.result = t->back.handle;
		job.result_offset = HOST_BYTES - 512;
	}
	return job;
}

static void product(struct traffic *t, const struct product *p)
{
	struct drm_fpr_mac_job job = job_of(t, p);
	const uint64_t c_bytes = (uint64_t)(job.gemm.batch * p->m) * job.gemm.ldc * 4;

	fill(t, (char *)t->host.map + A_AT, job.gemm.batch * (p->m * p->k + 1));
	fill(t, (char *)t->host.map + B_AT, job.gemm.batch * p->k * p->n);
	if (p->accumulate)
		fill(t, (char *)t->back.map + C_AT, c_bytes / 2);
	if (!p->a && p->k)
		to_board(t, A_AT, A_AT, 2 * job.gemm.batch * (p->m * p->k + 1));
	if (!p->b && p->k)
		to_board(t, B_AT, B_AT, 2 * job.gemm.batch * p->k * p->n);
	CHECK(submit_mac(t->fd, t->ctx, &job, 1, 0, t->done) == 0);
	ended(t);
	if (!p->c)
		from_board(t, 0, C_AT, c_bytes);
}

/* Products in one call, a chain, and transfers beside them. */
static void beside(struct traffic *t)
{
	uint32_t moved = sync_create(t->fd);
	struct drm_fpr_mac_job jobs[4];
	struct drm_fpr_xfer x[2];

	for (uint32_t i = 0; i < 4; i++) {
		jobs[i] = job_of(t, &products[i == 3 ? 4 : 1]);
		jobs[i].c_offset += 1024 * i;
		jobs[i].result = 0;
		jobs[i].result_offset = 0;
	}
	x[0] = move(&t->host, 40000, t, 2000, 5001, DRM_FPR_TO_BOARD);
	x[1] = move(&t->back, 40000, t, 17001, 3001, DRM_FPR_TO_HOST);
	/* From another place than x writes. */
	for (uint32_t i = 0; i < 3; i++)
		jobs[i].a_offset = jobs[i].b_offset;
	CHECK(submit_mac(t->fd, t->ctx, jobs, 4, 0, t->done) == 0);
	CHECK(submit_xfer(t->fd, t->ctx, x, 2, 0, moved) == 0);
	ended(t);
	CHECK(sync_wait(t->fd, moved, 0, WAIT_MS) == 0);
	from_board(t, 0, C_AT, 4096);
	drmSyncobjDestroy(t->fd, moved);
}

static void nothing(struct traffic *t)
{
	struct drm_fpr_mac_job jobs[5];

	for (int i = 0; i < 5; i++)
		jobs[i] = nop_job();
	CHECK(submit_mac(t->fd, t->ctx, jobs, 5, 0, t->done) == 0);
	ended(t);
}

/* ---- registers ---------------------------------------------------------- */

static void counters(struct traffic *t)
{
	struct drm_fpr_counters_engine engine = {0};
	struct drm_fpr_counters_class class = {0};
	struct drm_fpr_read_counters read = {.size = sizeof(engine)};

	read.type = DRM_FPR_COUNTERS_ENGINE;
	for (read.id = 0; read.id < FPR_ENGINES; read.id++) {
		read.pointer = (uintptr_t)&engine;
		CHECK(call(t->fd, DRM_IOCTL_FPR_READ_COUNTERS, &read) == 0);
	}
	read.type = DRM_FPR_COUNTERS_CLASS;
	read.size = sizeof(class);
	for (read.id = 0; read.id < FPR_CLASSES; read.id++) {
		read.pointer = (uintptr_t) & class;
		CHECK(call(t->fd, DRM_IOCTL_FPR_READ_COUNTERS, &read) == 0);
	}
}

static void reset(void)
{
	long long before = read_number(board_sysfs(), "resets");
	char path[400];

	snprintf(path, sizeof(path), "%s/reset", board_debugfs());
	CHECK(write_text(path, "1") == 0);
	for (int i = 0; i < 200 && read_number(board_sysfs(), "resets") == before; i++)
		sleep_ms(50);
	CHECK(read_number(board_sysfs(), "resets") == before + 1);
}

/* ---- the whole ---------------------------------------------------------- */

static void start(struct traffic *t)
{
	t->fd = open_board();
	CHECK(t->fd >= 0);
	CHECK(ctx_create(t->fd, 0, &t->ctx) == 0);
	t->done = sync_create(t->fd);
	CHECK(bo_create(t->fd, DRM_FPR_PLACE_BOARD, BOARD_BYTES, &t->board) == 0);
	CHECK(bo_create(t->fd, DRM_FPR_PLACE_HOST, HOST_BYTES, &t->host) == 0);
	CHECK(bo_create(t->fd, DRM_FPR_PLACE_HOST, HOST_BYTES, &t->back) == 0);
	fill(t, t->host.map, HOST_BYTES / 2);
}

int main(void)
{
	struct traffic t = {.seed = 1};
	volatile uint32_t *words;

	start(&t);
	words = t.board.map;
	words[5] = 0x12345678;
	CHECK(words[5] == 0x12345678 && words[6] == 0);
	odd_sizes(&t);
	for (size_t i = 0; i < PRODUCTS; i++)
		product(&t, &products[i]);
	nothing(&t);
	beside(&t);
	accumulates(&t);
	together(&t);
	counters(&t);
	reset();
	product(&t, &products[4]);
	from_board(&t, 77, 33, 3000);
	close(t.fd);
	return report("traffic");
}
