/* SPDX-License-Identifier: MIT */

/*
 * Two boards, one with memory of the other: `peer reachable` where the kernel lets them, `peer
 * apart` where it does not, `peer vanish` at the end. The first board, A, lends; the second, B,
 * borrows. Their numbers may follow.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xf86drm.h>

#include <linux/dma-buf.h>

#include "guest.h"

#define WAIT_MS 20000
#define SUBDEVICE 0x4650

enum { BYTES = 3 << 20, ODD = 4 + 4096 + 12 };

static int is_board(const struct dirent *entry)
{
	char path[300], id[32];

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%.100s/subsystem_device", entry->d_name);
	return read_text(path, id, sizeof(id)) == 0 && strtol(id, NULL, 16) == SUBDEVICE;
}

/* The PCI function of the n-th board; node numbers change when one is bound again. */
static void slot_of(int n, char *slot, size_t room)
{
	struct dirent **boards;
	int count = scandir("/sys/bus/pci/devices", &boards, is_board, alphasort);

	slot[0] = 0;
	for (int i = 0; i < count; i++) {
		if (i == n)
			snprintf(slot, room, "%.31s", boards[i]->d_name);
		free(boards[i]);
	}
	if (count >= 0)
		free(boards);
}

static int open_slot(const char *slot)
{
	char path[300];
	struct dirent *entry;
	int fd = -1;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/accel", slot);
	for (int i = 0; fd < 0 && i < 100; i++) {
		DIR *dir = opendir(path);

		while (dir && fd < 0 && (entry = readdir(dir))) {
			char node[300];

			snprintf(node, sizeof(node), "/dev/accel/%.200s", entry->d_name);
			if (entry->d_name[0] != '.')
				fd = open(node, O_RDWR | O_CLOEXEC);
		}
		if (dir)
			closedir(dir);
		if (fd < 0)
			sleep_ms(50);
	}
	return fd;
}

/* Numbers of the boards' control sockets, in the order of their PCI functions. */
static int control_a = 1, control_b = 2;

/* A line to a board's server, and its answer. */
static bool say(int board, const char *line, char *answer, size_t room)
{
	char path[40];
	size_t got = 0;
	ssize_t n = 1;
	int fd;

	snprintf(path, sizeof(path), "/dev/vm-control%d", board);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0 || dprintf(fd, "%s\n", line) < 0)
		n = 0;
	while (n > 0 && got < room - 1 && !memchr(answer, '\n', got)) {
		n = read(fd, answer + got, room - 1 - got);
		got += n > 0 ? (size_t)n : 0;
	}
	answer[got] = 0;
	close(fd);
	return n > 0 && strncmp(answer, "error", 5) != 0;
}

static bool tell(int board, const char *line)
{
	char answer[256];

	return say(board, line, answer, sizeof(answer));
}

static long long stat_of(int board, const char *name)
{
	char answer[4096], key[64];
	const char *at;

	snprintf(key, sizeof(key), "\"%s\":", name);
	if (!say(board, "stats", answer, sizeof(answer)))
		return -1;
	at = strstr(answer, key);
	return at ? strtoll(at + strlen(key), NULL, 10) : -1;
}

static uint64_t memory_free(int fd)
{
	struct drm_fpr_query_memory memory = {0};
	struct drm_fpr_query query = {.type = DRM_FPR_QUERY_MEMORY,
				      .size = sizeof(memory),
				      .pointer = (uint64_t)(uintptr_t)&memory};

	CHECK(call(fd, DRM_IOCTL_FPR_QUERY, &query) == 0);
	return memory.free;
}

static void fill(void *to, size_t bytes, uint32_t seed)
{
	for (size_t i = 0; i < bytes / 4; i++)
		((uint32_t *)to)[i] = (uint32_t)i * 2654435761u + seed * 40503u;
}

/* The memory of @bo on @from as a buffer of @to: 0 or -errno. */
static int lend(int from, const struct bo *bo, int to, uint32_t *handle)
{
	int prime = -1, ret;

	if (drmPrimeHandleToFD(from, bo->handle, O_CLOEXEC | O_RDWR, &prime))
		return -errno;
	ret = drmPrimeFDToHandle(to, prime, handle) ? -errno : 0;
	close(prime);
	return ret;
}

static void give_back(int fd, uint32_t handle)
{
	struct bo bo = {.handle = handle};

	bo_free(fd, &bo);
}

/* Has it ended, and well? */
static bool ended(int fd, uint32_t sync)
{
	int ret = sync_wait(fd, sync, 0, WAIT_MS);

	if (ret)
		printf("peer: the work ended with %d\n", ret);
	return ret == 0;
}

static int move(int fd, uint32_t ctx, struct drm_fpr_xfer *xfer)
{
	uint32_t sync = sync_create(fd);
	int ret = submit_xfer(fd, ctx, xfer, 1, 0, sync);

	ret = ret ? ret : sync_wait(fd, sync, 0, WAIT_MS);
	drmSyncobjDestroy(fd, sync);
	return ret;
}

/* ---- out of reach --------------------------------------------------------- */

static void refused(int a, int b)
{
	struct bo bo;
	uint32_t handle = 0;
	uint64_t before = memory_free(a);

	CHECK(bo_create(a, DRM_FPR_PLACE_BOARD, BYTES, &bo) == 0);
	CHECK(lend(a, &bo, b, &handle) == -EOPNOTSUPP);
	CHECK(lend(a, &bo, b, &handle) == -EOPNOTSUPP);
	bo_free(a, &bo);
	CHECK(memory_free(a) == before);
}

/* Host memory of one is host memory for the other, wherever they are. */
static void host_buffers(int a, int b)
{
	struct drm_fpr_xfer xfer = {.bytes = BYTES};
	struct bo host, ours;
	uint32_t ctx = 0;

	CHECK(ctx_create(b, DRM_FPR_PRIORITY_NORMAL, &ctx) == 0);
	CHECK(bo_create(a, DRM_FPR_PLACE_HOST, BYTES, &host) == 0);
	CHECK(bo_create(b, DRM_FPR_PLACE_BOARD, BYTES, &ours) == 0);
	fill(host.map, BYTES, 20);
	CHECK(lend(a, &host, b, &xfer.host) == 0);
	xfer.board = ours.handle;
	CHECK(move(b, ctx, &xfer) == 0);
	CHECK(memcmp(host.map, ours.map, BYTES) == 0);
	/* Whoever made it may go first. */
	munmap(host.map, host.size);
	host.map = NULL;
	bo_free(a, &host);
	fill(ours.map, BYTES, 21);
	xfer.direction = DRM_FPR_TO_HOST;
	CHECK(move(b, ctx, &xfer) == 0);
	give_back(b, xfer.host);
	bo_free(b, &ours);
}

/* ---- in reach ------------------------------------------------------------- */

/* Buffers of both boards, and the first board's as the second knows it. */
struct pair {
	int a, b;
	uint32_t ctx_a, ctx_b, borrowed;
	struct bo theirs, ours;
};

static bool pair_open(struct pair *p, int a, int b)
{
	*p = (struct pair){.a = a, .b = b};
	CHECK(ctx_create(a, DRM_FPR_PRIORITY_NORMAL, &p->ctx_a) == 0);
	CHECK(ctx_create(b, DRM_FPR_PRIORITY_NORMAL, &p->ctx_b) == 0);
	CHECK(bo_create(a, DRM_FPR_PLACE_BOARD, BYTES, &p->theirs) == 0);
	CHECK(bo_create(b, DRM_FPR_PLACE_BOARD, BYTES, &p->ours) == 0);
	return CHECK(lend(a, &p->theirs, b, &p->borrowed) == 0);
}

static void pair_close(struct pair *p)
{
	struct drm_fpr_ctx_destroy end_a = {.id = p->ctx_a}, end_b = {.id = p->ctx_b};

	give_back(p->b, p->borrowed);
	bo_free(p->a, &p->theirs);
	bo_free(p->b, &p->ours);
	call(p->a, DRM_IOCTL_FPR_CTX_DESTROY, &end_a);
	call(p->b, DRM_IOCTL_FPR_CTX_DESTROY, &end_b);
}

static struct drm_fpr_xfer fetch(const struct pair *p)
{
	return (struct drm_fpr_xfer){.bytes = BYTES, .host = p->borrowed, .board = p->ours.handle};
}

static bool same(const struct pair *p)
{
	return memcmp(p->theirs.map, p->ours.map, BYTES) == 0;
}

static void copies(int a, int b)
{
	long long asked = stat_of(control_b, "dma_messages");
	struct drm_fpr_bo_info info = {0};
	struct drm_fpr_xfer xfer;
	struct pair p;

	if (!pair_open(&p, a, b))
		return;
	info.handle = p.borrowed;
	CHECK(call(b, DRM_IOCTL_FPR_BO_INFO, &info) == 0);
	CHECK(info.flags == DRM_FPR_BO_IMPORTED && info.size == BYTES &&
	      info.placement == DRM_FPR_PLACE_HOST);
	fill(p.theirs.map, BYTES, 1);
	xfer = fetch(&p);
	CHECK(move(b, p.ctx_b, &xfer) == 0 && same(&p));
	fill(p.ours.map, BYTES, 2);
	xfer.direction = DRM_FPR_TO_HOST;
	CHECK(move(b, p.ctx_b, &xfer) == 0 && same(&p));
	/* Parts that begin and end anywhere. */
	fill(p.theirs.map, BYTES, 3);
	xfer.direction = DRM_FPR_TO_BOARD;
	xfer.host_offset = ODD;
	xfer.board_offset = 100;
	xfer.bytes = BYTES / 2 + 1;
	CHECK(move(b, p.ctx_b, &xfer) == 0);
	CHECK(memcmp((char *)p.theirs.map + ODD, (char *)p.ours.map + 100, xfer.bytes) == 0);
	/* It did go from board to board. */
	CHECK(stat_of(control_b, "dma_messages") > asked);
	CHECK(stat_of(control_b, "dma_faults") == 0);
	pair_close(&p);
}

/* Each writes into the other's memory, at the same time. */
static void both_ways(int a, int b)
{
	uint32_t sync_a = sync_create(a), sync_b = sync_create(b);
	struct drm_fpr_xfer one, other;
	struct pair p, q;

	if (!pair_open(&p, a, b) || !pair_open(&q, b, a))
		return;
	fill(p.ours.map, BYTES, 4);
	fill(q.ours.map, BYTES, 5);
	one = fetch(&p);
	other = fetch(&q);
	one.direction = other.direction = DRM_FPR_TO_HOST;
	for (int i = 0; i < 3; i++) {
		CHECK(submit_xfer(b, p.ctx_b, &one, 1, 0, sync_b) == 0);
		CHECK(submit_xfer(a, q.ctx_b, &other, 1, 0, sync_a) == 0);
	}
	CHECK(ended(b, sync_b));
	CHECK(ended(a, sync_a));
	CHECK(same(&p) && same(&q));
	pair_close(&p);
	pair_close(&q);
}

/* A product of matrices that are all with the peer. */
static void product(int a, int b)
{
	enum { N = 96, A_AT = 4096, B_AT = 65536, C_AT = 1 << 18 };
	struct drm_fpr_mac_job job = gemm_job(N, N, N);
	uint32_t sync = sync_create(b);
	struct pair p;
	char *bytes;

	if (!pair_open(&p, a, b))
		return;
	bytes = p.theirs.map;
	fill_bf16((uint16_t *)(bytes + A_AT), N * N, 7);
	fill_bf16((uint16_t *)(bytes + B_AT), N * N, 8);
	job.a = job.b = job.c = p.borrowed;
	job.a_offset = A_AT;
	job.b_offset = B_AT;
	job.c_offset = C_AT;
	CHECK(submit_mac(b, p.ctx_b, &job, 1, 0, sync) == 0);
	CHECK(ended(b, sync));
	CHECK(gemm_matches((uint16_t *)(bytes + A_AT), (uint16_t *)(bytes + B_AT),
			   (float *)(bytes + C_AT), N, N, N));
	pair_close(&p);
}

/* What the lender does to the buffer, the borrower waits for, and the other way round. */
static void fences(int a, int b)
{
	struct drm_fpr_xfer slow = {.bytes = BYTES}, xfer;
	uint32_t sync = sync_create(a), sync_b = sync_create(b);
	struct bo host;
	struct pair p;

	if (!pair_open(&p, a, b))
		return;
	CHECK(bo_create(a, DRM_FPR_PLACE_HOST, BYTES, &host) == 0);
	fill(host.map, BYTES, 9);
	slow.host = host.handle;
	slow.board = p.theirs.handle;
	xfer = fetch(&p);
	CHECK(tell(control_a, "delay-dma 100"));
	CHECK(submit_xfer(a, p.ctx_a, &slow, 1, 0, sync) == 0);
	CHECK(submit_xfer(b, p.ctx_b, &xfer, 1, 0, sync_b) == 0);
	CHECK(sync_pending(b, sync_b));
	CHECK(ended(b, sync_b));
	CHECK(!sync_pending(a, sync));
	CHECK(memcmp(p.ours.map, host.map, BYTES) == 0);
	CHECK(tell(control_a, "delay-dma 0") && tell(control_b, "delay-dma 100"));
	/* Read slowly by B, and meanwhile to be overwritten by A. */
	fill(p.ours.map, BYTES, 0);
	fill(host.map, BYTES, 10);
	CHECK(submit_xfer(b, p.ctx_b, &xfer, 1, 0, sync_b) == 0);
	CHECK(submit_xfer(a, p.ctx_a, &slow, 1, 0, sync) == 0);
	CHECK(ended(a, sync));
	CHECK(!sync_pending(b, sync_b));
	CHECK(memcmp(p.theirs.map, host.map, BYTES) == 0);
	fill(host.map, BYTES, 9);
	CHECK(memcmp(p.ours.map, host.map, BYTES) == 0);
	CHECK(tell(control_b, "delay-dma 0"));
	bo_free(a, &host);
	pair_close(&p);
}

/* One memory, however one comes by it; and it is there until the last has let go. */
static void identity(int a, int b)
{
	uint64_t before = memory_free(a);
	struct bo again = {0}, twice = {0};
	uint32_t back = 0;
	int prime = -1;
	struct pair p;

	if (!pair_open(&p, a, b))
		return;
	again.handle = p.borrowed;
	CHECK(bo_map(b, &again) == 0);
	fill(again.map, BYTES, 11);
	CHECK(memcmp(again.map, p.theirs.map, BYTES) == 0);
	CHECK(lend(a, &p.theirs, b, &twice.handle) == 0 && twice.handle == p.borrowed);
	/* The borrower lends on what it borrowed: to its owner that is its own. */
	CHECK(drmPrimeHandleToFD(b, p.borrowed, O_CLOEXEC | O_RDWR, &prime) == 0);
	CHECK(drmPrimeFDToHandle(a, prime, &back) == 0 && back == p.theirs.handle);
	close(prime);
	bo_free(a, &p.theirs);
	p.theirs = (struct bo){0};
	CHECK(memory_free(a) == before - BYTES);
	CHECK(((uint32_t *)again.map)[1] == 2654435761u + 11 * 40503u);
	munmap(again.map, BYTES);
	give_back(b, p.borrowed);
	p.borrowed = 0;
	CHECK(memory_free(a) == before);
	pair_close(&p);
}

/* ---- the lender goes ------------------------------------------------------ */

static bool all_zeros(const void *at, size_t bytes)
{
	const uint32_t *words = at;
	uint32_t any = 0;

	for (size_t i = 0; i < bytes / 4; i++)
		any |= words[i];
	return !any;
}

/* Nothing of the board that was leads to what is on it now. */
static void stale(struct pair *p, const void *mapped, int prime)
{
	struct drm_fpr_xfer xfer = fetch(p);
	uint32_t handle = 0;

	CHECK(all_zeros(mapped, BYTES) && all_zeros(p->theirs.map, BYTES));
	CHECK(move(p->b, p->ctx_b, &xfer) == -ENODEV);
	xfer.direction = DRM_FPR_TO_HOST;
	CHECK(move(p->b, p->ctx_b, &xfer) == -ENODEV);
	CHECK(drmPrimeFDToHandle(p->b, prime, &handle) == 0 && handle == p->borrowed);
	CHECK(call(p->a, DRM_IOCTL_FPR_CTX_DESTROY, &(struct drm_fpr_ctx_destroy){0}) == -ENODEV);
}

/* Unbound under a transfer, bound again, and its memory given to somebody else. */
static int unbound(const char *slot, int a, int b)
{
	struct bo mapped = {0}, next;
	uint32_t sync = sync_create(b);
	struct drm_fpr_xfer xfer;
	struct pair p;
	int prime = -1;

	if (!pair_open(&p, a, b))
		return a;
	mapped.handle = p.borrowed;
	CHECK(bo_map(b, &mapped) == 0);
	CHECK(drmPrimeHandleToFD(a, p.theirs.handle, O_CLOEXEC | O_RDWR, &prime) == 0);
	fill(p.theirs.map, BYTES, 12);
	fill(p.ours.map, BYTES, 13);
	xfer = fetch(&p);
	CHECK(tell(control_b, "delay-dma 100"));
	CHECK(submit_xfer(b, p.ctx_b, &xfer, 1, 0, sync) == 0);
	CHECK(sync_pending(b, sync));
	CHECK(write_text("/sys/bus/pci/drivers/fpr/unbind", slot) == 0);
	/* That waited for who was using the memory. */
	CHECK(!sync_pending(b, sync));
	CHECK(ended(b, sync));
	CHECK(tell(control_b, "delay-dma 0"));
	stale(&p, mapped.map, prime);
	CHECK(write_text("/sys/bus/pci/drivers/fpr/bind", slot) == 0);
	a = open_slot(slot);
	CHECK(bo_create(a, DRM_FPR_PLACE_BOARD, BYTES, &next) == 0);
	fill(next.map, BYTES, 14);
	stale(&p, mapped.map, prime);
	/* B has come to no harm. */
	munmap(mapped.map, BYTES);
	close(prime);
	close(p.a);
	give_back(b, p.borrowed);
	CHECK(lend(a, &next, b, &p.borrowed) == 0);
	xfer = fetch(&p);
	CHECK(move(b, p.ctx_b, &xfer) == 0);
	CHECK(memcmp(next.map, p.ours.map, BYTES) == 0);
	give_back(b, p.borrowed);
	bo_free(b, &p.ours);
	bo_free(a, &next);
	return a;
}

/* The lender reads all ones: it is found out, and the borrower told. */
static void vanished(int a, int b)
{
	struct drm_fpr_xfer xfer;
	struct pair p;
	int ret = 0;

	if (!pair_open(&p, a, b))
		return;
	xfer = fetch(&p);
	CHECK(move(b, p.ctx_b, &xfer) == 0);
	CHECK(tell(control_a, "vanish"));
	for (int i = 0; i < 400 && ret != -ENODEV; i++) {
		ret = move(b, p.ctx_b, &xfer);
		sleep_ms(50);
	}
	CHECK(ret == -ENODEV);
	pair_close(&p);
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	char lender[32], borrower[32];
	int a, b;

	if (argc > 3) {
		control_a = atoi(argv[2]);
		control_b = atoi(argv[3]);
	}
	slot_of(control_a - 1, lender, sizeof(lender));
	slot_of(control_b - 1, borrower, sizeof(borrower));
	a = open_slot(lender);
	b = open_slot(borrower);
	if (!CHECK(a >= 0) || !CHECK(b >= 0))
		return report("peer");
	host_buffers(a, b);
	if (!strcmp(what, "reachable")) {
		copies(a, b);
		both_ways(a, b);
		product(a, b);
		fences(a, b);
		identity(a, b);
		a = unbound(lender, a, b);
		copies(a, b);
	} else if (!strcmp(what, "vanish")) {
		vanished(a, b);
	} else {
		refused(a, b);
		refused(b, a);
	}
	return report("peer");
}
