/* SPDX-License-Identifier: MIT */

/* The good path of every ioctl. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xf86drm.h>

#include "fpr_regs.h"
#include "guest.h"

#define WAIT_MS 20000
/* Of all transfers. Little: with INTx, QEMU serves a mapping of board memory word by word. */
#define BYTES (32u << 10)

/* Kind and number of interrupts are those that the environment says, such as "msix 3". */
static void interrupts(const struct drm_fpr_query_device *device)
{
	static const char *const kinds[] = {[DRM_FPR_IRQ_INTX] = "intx",
					    [DRM_FPR_IRQ_MSI] = "msi",
					    [DRM_FPR_IRQ_MSIX] = "msix"};
	const char *expected = getenv("FPR_TEST_IRQ");
	char found[32];

	if (!CHECK(device->irq < sizeof(kinds) / sizeof(kinds[0]) && kinds[device->irq]))
		return;
	snprintf(found, sizeof(found), "%s %u", kinds[device->irq], device->vectors);
	printf("good: interrupts: %s\n", found);
	CHECK(!expected || !strcmp(found, expected));
}

static void query(int fd)
{
	struct drm_fpr_query_device device = {0};
	struct drm_fpr_query_memory memory = {0};
	struct drm_fpr_query q = {.type = DRM_FPR_QUERY_DEVICE};
	drmVersionPtr version = drmGetVersion(fd);

	CHECK(version && !strcmp(version->name, DRM_FPR_DRIVER_NAME));
	CHECK(version && version->version_major == DRM_FPR_MAJOR);
	drmFreeVersion(version);
	CHECK(call(fd, DRM_IOCTL_FPR_QUERY, &q) == 0 && q.size == sizeof(device));
	q.pointer = (uintptr_t)&device;
	CHECK(call(fd, DRM_IOCTL_FPR_QUERY, &q) == 0);
	CHECK(device.rows == FPR_ROWS && device.cols == FPR_COLS && device.lanes == FPR_LANES);
	CHECK(device.memory_bytes >= 1 << 20 && device.kinds == (1u << FPR_KINDS) - 1 &&
	      device.max_jobs >= 64);
	q = (struct drm_fpr_query){.type = DRM_FPR_QUERY_MEMORY, .size = sizeof(memory)};
	q.pointer = (uintptr_t)&memory;
	CHECK(call(fd, DRM_IOCTL_FPR_QUERY, &q) == 0);
	CHECK(memory.total == device.memory_bytes && memory.free <= memory.total);
	interrupts(&device);
	printf("board: %llu MiB, %u entries per direction\n",
	       (unsigned long long)device.memory_bytes >> 20, device.xfer_entries);
}

static void buffers(int fd)
{
	for (uint32_t place = DRM_FPR_PLACE_HOST; place <= DRM_FPR_PLACE_BOARD; place++) {
		struct bo bo;
		uint8_t *bytes;
		uint64_t *words, set = 0;

		if (!CHECK(bo_create(fd, place, 100000, &bo) == 0))
			continue;
		CHECK(bo.size == 102400);
		bytes = bo.map;
		words = bo.map;
		for (size_t i = 0; i < bo.size / 8; i++)
			set |= words[i];
		CHECK(set == 0);
		memset(bytes, 0x5a, bo.size);
		CHECK(bytes[0] == 0x5a && bytes[bo.size - 1] == 0x5a);
		bo_free(fd, &bo);
		/* The next to get the same memory sees nothing of it. */
		CHECK(bo_create(fd, place, 102400, &bo) == 0);
		CHECK(((uint8_t *)bo.map)[5] == 0);
		bo_free(fd, &bo);
	}
}

static void null_jobs(int fd, uint32_t ctx)
{
	struct drm_fpr_mac_job jobs[64];
	uint32_t sync = sync_create(fd);

	for (int i = 0; i < 64; i++)
		jobs[i] = nop_job();
	CHECK(submit_mac(fd, ctx, jobs, 1, 0, sync) == 0);
	CHECK(sync_wait(fd, sync, 0, WAIT_MS) == 0);
	CHECK(submit_mac(fd, ctx, jobs, 64, 0, sync) == 0);
	CHECK(sync_wait(fd, sync, 0, WAIT_MS) == 0);
	drmSyncobjDestroy(fd, sync);
}

/* With INTx, QEMU asks the board's process for each word of a mapping: once is enough. */
static void look(const struct bo *bo, uint64_t *to, size_t bytes)
{
	const volatile uint64_t *words = bo->map;

	for (size_t i = 0; i < bytes / 8; i++)
		to[i] = words[i];
}

static void product(int fd, uint32_t ctx, uint32_t place)
{
	enum { M = 24, N = 17, K = 70, ALL = 32768 + 4 + M * N * 4 + 4 };
	static uint64_t seen[ALL / 8];
	struct drm_fpr_mac_job job = gemm_job(M, N, K);
	uint32_t sync = sync_create(fd);
	struct drm_fpr_result *record;
	struct bo data, result;

	CHECK(bo_create(fd, place, 65536, &data) == 0);
	CHECK(bo_create(fd, DRM_FPR_PLACE_HOST, 4096, &result) == 0);
	fill_bf16((uint16_t *)data.map, M * K, 1);
	fill_bf16((uint16_t *)data.map + 8192, K * N, 2);
	job.a = job.b = job.c = data.handle;
	job.b_offset = 16384;
	job.c_offset = 32768 + 4;
	job.result = result.handle;
	job.result_offset = 256;
	CHECK(submit_mac(fd, ctx, &job, 1, 0, sync) == 0);
	CHECK(sync_wait(fd, sync, 0, WAIT_MS) == 0);
	record = (struct drm_fpr_result *)((char *)result.map + 256);
	CHECK(record->status == 0 && record->board_status == 0);
	CHECK(record->counters.cycles_total > 0 && record->counters.terms_issued > 0);
	CHECK(record->queued_ns <= record->started_ns && record->started_ns <= record->ended_ns);
	look(&data, seen, ALL);
	CHECK(gemm_matches((uint16_t *)seen, (uint16_t *)seen + 8192,
			   (float *)((char *)seen + 32772), M, N, K));
	bo_free(fd, &data);
	bo_free(fd, &result);
	drmSyncobjDestroy(fd, sync);
}

static struct drm_fpr_xfer copy(const struct bo *host, const struct bo *board, uint64_t offset,
				uint64_t bytes, uint8_t direction)
{
	return (struct drm_fpr_xfer){
		.host = host->handle,
		.board = board->handle,
		.host_offset = offset,
		.board_offset = offset,
		.bytes = bytes,
		.direction = direction,
		.priority = 100,
	};
}

static void transfers(int fd, uint32_t ctx)
{
	enum { PIECES = 16 };
	uint32_t there = sync_create(fd), back = sync_create(fd), each = sync_create(fd);
	struct drm_fpr_xfer out[PIECES], in;
	struct bo from, to, board;
	struct drm_fpr_result *record;

	CHECK(bo_create(fd, DRM_FPR_PLACE_HOST, BYTES, &from) == 0);
	CHECK(bo_create(fd, DRM_FPR_PLACE_HOST, BYTES, &to) == 0);
	CHECK(bo_create(fd, DRM_FPR_PLACE_BOARD, BYTES, &board) == 0);
	for (uint32_t i = 0; i < BYTES / 4; i++)
		((uint32_t *)from.map)[i] = i * 2654435761u;
	for (int i = 0; i < PIECES; i++) {
		out[i] = copy(&from, &board, (uint64_t)i * BYTES / PIECES, BYTES / PIECES,
			      DRM_FPR_TO_BOARD);
		out[i].priority = (uint16_t)(PIECES - i);
	}
	out[3].out = each;
	CHECK(submit_xfer(fd, ctx, out, PIECES, 0, there) == 0);
	/* The way back waits for the way there. */
	in = copy(&to, &board, 0, BYTES - 4096, DRM_FPR_TO_HOST);
	in.result = to.handle;
	in.result_offset = BYTES - 256;
	CHECK(submit_xfer(fd, ctx, &in, 1, there, back) == 0);
	CHECK(sync_wait(fd, back, 0, WAIT_MS) == 0);
	CHECK(sync_wait(fd, there, 0, 0) == 0 && sync_wait(fd, each, 0, 0) == 0);
	CHECK(memcmp(from.map, to.map, BYTES - 4096) == 0);
	CHECK(memcmp(from.map, board.map, BYTES) == 0);
	record = (struct drm_fpr_result *)((char *)to.map + BYTES - 256);
	CHECK(record->status == 0 && record->ended_ns >= record->started_ns);
	bo_free(fd, &from);
	bo_free(fd, &to);
	bo_free(fd, &board);
	drmSyncobjDestroy(fd, there);
	drmSyncobjDestroy(fd, back);
	drmSyncobjDestroy(fd, each);
}

static uint64_t slices_of_first_class(int fd)
{
	struct drm_fpr_counters_class class = {0};
	struct drm_fpr_read_counters read = {.type = DRM_FPR_COUNTERS_CLASS, .size = sizeof(class)};

	read.pointer = (uintptr_t) & class;
	CHECK(call(fd, DRM_IOCTL_FPR_READ_COUNTERS, &read) == 0);
	return class.slices;
}

/* The module's parameters have reached the board. */
static void parameters(uint64_t slices)
{
	const char *directory = "/sys/module/fpr/parameters";
	long long slice = read_number(directory, "slice"),
		  ageing = read_number(directory, "ageing");
	char path[400];
	uint32_t pair[2] = {0};
	int registers;

	CHECK(slices == 16 + (slice > 0 ? (BYTES - 4096) / (uint64_t)slice : 1));
	snprintf(path, sizeof(path), "%s/registers", board_debugfs());
	registers = open(path, O_RDONLY | O_CLOEXEC);
	CHECK(pread(registers, pair, sizeof(pair), FPR_REG_AGEING & ~7) == sizeof(pair));
	CHECK(pair[FPR_REG_AGEING / 4 % 2] == ageing);
	close(registers);
}

static void accumulate(int fd, uint32_t ctx)
{
	uint32_t sync = sync_create(fd);
	struct drm_fpr_xfer x;
	struct bo host, board;

	CHECK(bo_create(fd, DRM_FPR_PLACE_HOST, 4096, &host) == 0);
	CHECK(bo_create(fd, DRM_FPR_PLACE_BOARD, 8192, &board) == 0);
	for (int i = 0; i < 1024; i++) {
		((float *)host.map)[i] = (float)i;
		((float *)board.map)[i] = 1000;
	}
	x = copy(&host, &board, 0, 4096, DRM_FPR_TO_BOARD);
	x.op = DRM_FPR_XFER_ADD_F32;
	CHECK(submit_xfer(fd, ctx, &x, 1, 0, sync) == 0);
	CHECK(sync_wait(fd, sync, 0, WAIT_MS) == 0);
	CHECK(((float *)board.map)[0] == 1000 && ((float *)board.map)[1023] == 2023);
	fill_bf16(host.map, 2048, 3);
	x.op = DRM_FPR_XFER_ADD_BF16_F32;
	CHECK(submit_xfer(fd, ctx, &x, 1, 0, sync) == 0);
	CHECK(sync_wait(fd, sync, 0, WAIT_MS) == 0);
	bo_free(fd, &host);
	bo_free(fd, &board);
	drmSyncobjDestroy(fd, sync);
}

/* A chain over both engines, on a timeline: move in, multiply, move out. */
static void timeline(int fd, uint32_t ctx)
{
	enum { M = 32, N = 32, K = 64 };
	struct drm_fpr_mac_job job = gemm_job(M, N, K);
	struct drm_fpr_sync at[3];
	struct drm_fpr_xfer in, out;
	struct drm_fpr_submit_xfer move = {.ctx = ctx};
	struct drm_fpr_submit_mac multiply = {.ctx = ctx};
	uint32_t line = sync_create(fd);
	struct bo host, board;

	for (uint32_t i = 0; i < 3; i++)
		at[i] = (struct drm_fpr_sync){.handle = line, .point = 10 * (i + 1)};
	CHECK(bo_create(fd, DRM_FPR_PLACE_HOST, 65536, &host) == 0);
	CHECK(bo_create(fd, DRM_FPR_PLACE_BOARD, 65536, &board) == 0);
	fill_bf16(host.map, M * K, 4);
	fill_bf16((uint16_t *)host.map + 8192, K * N, 5);
	in = copy(&host, &board, 0, 32768, DRM_FPR_TO_BOARD);
	out = copy(&host, &board, 32768, 4 * M * N, DRM_FPR_TO_HOST);
	job.a = job.b = job.c = board.handle;
	job.b_offset = 16384;
	job.c_offset = 32768;
	move.xfers = array_of(&in, 1, sizeof(in));
	move.out = array_of(&at[0], 1, sizeof(at[0]));
	CHECK(call(fd, DRM_IOCTL_FPR_SUBMIT_XFER, &move) == 0);
	multiply.jobs = array_of(&job, 1, sizeof(job));
	multiply.in = array_of(&at[0], 1, sizeof(at[0]));
	multiply.out = array_of(&at[1], 1, sizeof(at[0]));
	CHECK(call(fd, DRM_IOCTL_FPR_SUBMIT_MAC, &multiply) == 0);
	move.xfers = array_of(&out, 1, sizeof(out));
	move.in = array_of(&at[1], 1, sizeof(at[0]));
	move.out = array_of(&at[2], 1, sizeof(at[0]));
	CHECK(call(fd, DRM_IOCTL_FPR_SUBMIT_XFER, &move) == 0);
	CHECK(sync_wait(fd, line, 30, WAIT_MS) == 0);
	CHECK(gemm_matches(host.map, (uint16_t *)host.map + 8192,
			   (float *)((char *)host.map + 32768), M, N, K));
	bo_free(fd, &host);
	bo_free(fd, &board);
	drmSyncobjDestroy(fd, line);
}

static struct drm_fpr_counters_engine array_counters(int fd)
{
	struct drm_fpr_counters_engine engine = {0};
	struct drm_fpr_read_counters read = {.type = DRM_FPR_COUNTERS_ENGINE,
					     .size = sizeof(engine)};

	read.pointer = (uintptr_t)&engine;
	CHECK(call(fd, DRM_IOCTL_FPR_READ_COUNTERS, &read) == 0);
	return engine;
}

static void counters(int fd, uint32_t ctx, const struct drm_fpr_counters_engine *before)
{
	struct drm_fpr_counters_engine engine = array_counters(fd);
	struct drm_fpr_counters_context context = {0};
	struct drm_fpr_read_counters read;

	engine.jobs -= before->jobs;
	engine.doorbells -= before->doorbells;
	engine.interrupts -= before->interrupts;
	engine.completions -= before->completions;
	CHECK(engine.jobs >= 67 && engine.completions >= engine.jobs && engine.cycles > 0);
	/* 64 jobs of one call share a doorbell. */
	CHECK(engine.doorbells < engine.jobs / 4);
	CHECK(engine.interrupts <= engine.completions);
	read = (struct drm_fpr_read_counters){
		.type = DRM_FPR_COUNTERS_CONTEXT, .id = ctx, .size = sizeof(context)};
	read.pointer = (uintptr_t)&context;
	CHECK(call(fd, DRM_IOCTL_FPR_READ_COUNTERS, &read) == 0);
	CHECK(context.jobs >= 67 && context.failed == 0 && context.xfers >= 19);
	CHECK(context.h2c_bytes >= BYTES && context.c2h_bytes >= BYTES - 4096);
	printf("mac: %llu jobs, %llu doorbells, %llu interrupts\n", (unsigned long long)engine.jobs,
	       (unsigned long long)engine.doorbells, (unsigned long long)engine.interrupts);
}

static void sharing(int fd)
{
	uint32_t again = 0;
	struct bo host, board;
	void *map;
	int prime = -1;

	CHECK(bo_create(fd, DRM_FPR_PLACE_HOST, 8192, &host) == 0);
	CHECK(drmPrimeHandleToFD(fd, host.handle, O_CLOEXEC | O_RDWR, &prime) == 0);
	CHECK(drmPrimeFDToHandle(fd, prime, &again) == 0 && again == host.handle);
	close(prime);
	CHECK(bo_create(fd, DRM_FPR_PLACE_BOARD, 8192, &board) == 0);
	memset(board.map, 7, 8192);
	CHECK(drmPrimeHandleToFD(fd, board.handle, O_CLOEXEC | O_RDWR, &prime) == 0);
	map = mmap(NULL, 8192, PROT_READ, MAP_SHARED, prime, 0);
	CHECK(map != MAP_FAILED && ((char *)map)[8191] == 7);
	if (map != MAP_FAILED)
		munmap(map, 8192);
	close(prime);
	bo_free(fd, &host);
	bo_free(fd, &board);
}

/*
 * A buffer that others know, written by one job of a call and read by the next: it
 * carries the call's fence twice. Nothing ends before all is submitted, so that room
 * for fences has to grow.
 */
static void shared_both_ways(int fd)
{
	enum { CONTEXTS = 12 };
	uint32_t gate = sync_create(fd), done[CONTEXTS], ctx;
	struct drm_fpr_mac_job jobs[2] = {gemm_job(8, 8, 8), gemm_job(8, 8, 8)};
	struct drm_fpr_xfer slow;
	struct bo host, board, other;
	int prime = -1;

	CHECK(bo_create(fd, DRM_FPR_PLACE_HOST, 65536, &host) == 0);
	CHECK(bo_create(fd, DRM_FPR_PLACE_HOST, 4096, &other) == 0);
	CHECK(bo_create(fd, DRM_FPR_PLACE_BOARD, 65536, &board) == 0);
	CHECK(drmPrimeHandleToFD(fd, host.handle, O_CLOEXEC | O_RDWR, &prime) == 0);
	jobs[0].a = jobs[0].b = jobs[1].c = board.handle;
	jobs[0].c = jobs[1].a = jobs[1].b = host.handle;
	jobs[0].c_offset = jobs[1].c_offset = 32768;
	slow = copy(&other, &board, 0, 4096, DRM_FPR_TO_BOARD);
	CHECK(board_command("delay-dma 500") == 0);
	for (int i = 0; i < CONTEXTS; i++) {
		CHECK(ctx_create(fd, DRM_FPR_PRIORITY_NORMAL, &ctx) == 0);
		done[i] = sync_create(fd);
		if (i == 0)
			CHECK(submit_xfer(fd, ctx, &slow, 1, 0, gate) == 0);
		CHECK(submit_mac(fd, ctx, jobs, 2, gate, done[i]) == 0);
	}
	CHECK(board_command("delay-dma 0") == 0);
	for (int i = 0; i < CONTEXTS; i++) {
		CHECK(sync_wait(fd, done[i], 0, WAIT_MS) == 0);
		drmSyncobjDestroy(fd, done[i]);
	}
	close(prime);
	bo_free(fd, &host);
	bo_free(fd, &other);
	bo_free(fd, &board);
	drmSyncobjDestroy(fd, gate);
}

static double transfer_ns(int fd)
{
	char path[64], text[4096];
	const char *line;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	if (read_text(path, text, sizeof(text)))
		return -1;
	line = strstr(text, "drm-engine-transfer:\t");
	return line ? strtod(line + strlen("drm-engine-transfer:\t"), NULL) : -1;
}

/* However many are on the board at once, each direction works for no longer than there is time. */
static void transfers_share(int fd)
{
	struct drm_fpr_xfer xfers[128];
	struct bo host, board;
	uint32_t ctx = 0, sync = sync_create(fd);
	double start, before, busy;

	CHECK(ctx_create(fd, DRM_FPR_PRIORITY_NORMAL, &ctx) == 0);
	CHECK(bo_create(fd, DRM_FPR_PLACE_HOST, 65536, &host) == 0);
	CHECK(bo_create(fd, DRM_FPR_PLACE_BOARD, 65536, &board) == 0);
	memset(xfers, 0, sizeof(xfers));
	for (int i = 0; i < 128; i++)
		xfers[i] = (struct drm_fpr_xfer){.host = host.handle,
						 .board = board.handle,
						 .bytes = 65536,
						 .direction = i % 2 ? DRM_FPR_TO_HOST : 0};
	start = now();
	before = transfer_ns(fd);
	CHECK(submit_xfer(fd, ctx, xfers, 128, 0, sync) == 0);
	CHECK(sync_wait(fd, sync, 0, WAIT_MS) == 0);
	busy = transfer_ns(fd) - before;
	CHECK(before >= 0 && busy > 0 && busy <= 2e9 * (now() - start));
	bo_free(fd, &host);
	bo_free(fd, &board);
	drmSyncobjDestroy(fd, sync);
}

static void visible(int fd)
{
	char path[64], text[4096];

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	CHECK(read_text(path, text, sizeof(text)) == 0);
	CHECK(strstr(text, "drm-driver:\tfpr") && strstr(text, "drm-engine-mac:") &&
	      strstr(text, "drm-total-board:"));
	CHECK(strstr(text, "drm-engine-capacity-transfer:\t2\n"));
	transfers_share(fd);
	CHECK(read_number(board_sysfs(), "resets") == 0);
	CHECK(read_number(board_sysfs(), "lost_interrupts") == 0);
	CHECK(read_number(board_sysfs(), "memory_bytes") > 0);
}

int main(void)
{
	uint32_t ctx = 0, high = 0;
	struct drm_fpr_counters_engine before;
	struct drm_fpr_ctx_destroy destroy = {0};
	uint64_t slices;
	int fd = open_board();

	if (!CHECK(fd >= 0))
		return report("good");
	before = array_counters(fd);
	query(fd);
	buffers(fd);
	CHECK(ctx_create(fd, DRM_FPR_PRIORITY_NORMAL, &ctx) == 0 && ctx != 0);
	CHECK(ctx_create(fd, DRM_FPR_PRIORITY_HIGH, &high) == 0);
	null_jobs(fd, ctx);
	product(fd, ctx, DRM_FPR_PLACE_BOARD);
	product(fd, ctx, DRM_FPR_PLACE_HOST);
	product(fd, high, DRM_FPR_PLACE_BOARD);
	slices = slices_of_first_class(fd);
	transfers(fd, ctx);
	parameters(slices_of_first_class(fd) - slices);
	accumulate(fd, ctx);
	timeline(fd, ctx);
	counters(fd, ctx, &before);
	sharing(fd);
	shared_both_ways(fd);
	visible(fd);
	destroy.id = high;
	CHECK(call(fd, DRM_IOCTL_FPR_CTX_DESTROY, &destroy) == 0);
	close(fd);
	return report("good");
}
