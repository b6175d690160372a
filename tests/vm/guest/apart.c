/* SPDX-License-Identifier: MIT */

/*
 * Two processes: neither reaches the other's objects, and neither's end, however
 * sudden, disturbs the other. Run as root; one part gives that up.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xf86drm.h>

#include "guest.h"

#define WAIT_MS 20000

static void handles(int mine, int other)
{
	struct drm_fpr_bo_info info = {0};
	struct drm_fpr_xfer xfer = {.bytes = 4096};
	struct drm_fpr_mac_job job = nop_job();
	uint32_t ctx = 0, second = 0, sync = sync_create(other);
	struct bo host, board;
	void *map;

	CHECK(bo_create(mine, DRM_FPR_PLACE_HOST, 65536, &host) == 0);
	CHECK(bo_create(mine, DRM_FPR_PLACE_BOARD, 65536, &board) == 0);
	CHECK(ctx_create(mine, DRM_FPR_PRIORITY_NORMAL, &ctx) == 0);
	info.handle = host.handle;
	CHECK(call(other, DRM_IOCTL_FPR_BO_INFO, &info) == -ENOENT);
	CHECK(submit_mac(other, ctx, &job, 1, 0, sync) == -ENOENT);
	CHECK(ctx_create(other, DRM_FPR_PRIORITY_NORMAL, &second) == 0);
	xfer.host = host.handle;
	xfer.board = board.handle;
	CHECK(submit_xfer(other, second, &xfer, 1, 0, sync) == -ENOENT);
	job.result = host.handle;
	CHECK(submit_mac(other, second, &job, 1, 0, sync) == -ENOENT);
	job.result = 0;
	CHECK(submit_mac(mine, ctx, &job, 1, 0, sync) == -ENOENT);
	CHECK(submit_mac(mine, ctx, &job, 1, sync, 0) == -ENOENT);
	/* An offset that is good on one file is nothing on the other. */
	info.handle = board.handle;
	CHECK(call(mine, DRM_IOCTL_FPR_BO_INFO, &info) == 0);
	map = mmap(NULL, 65536, PROT_READ, MAP_SHARED, other, (off_t)info.mmap_offset);
	CHECK(map == MAP_FAILED);
	map = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE, mine, (off_t)info.mmap_offset);
	CHECK(map == MAP_FAILED);
	bo_free(mine, &host);
	bo_free(mine, &board);
	drmSyncobjDestroy(other, sync);
}

/* What one process has, by the numbers it knows it by. */
struct owned {
	uint32_t ctx, sync;
	struct bo host, board;
	uint64_t offsets[2];
};

static bool cannot_map(int fd, const struct owned *o)
{
	bool refused = true;

	for (int i = 0; i < 2; i++) {
		for (int page = 0; page < 2; page++)
			refused &= mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd,
					(off_t)o->offsets[i] + 4096 * page) == MAP_FAILED;
	}
	return refused;
}

/* Every call that takes a number, with the other's. */
static void names(int fd, const struct owned *o)
{
	struct drm_fpr_query query = {.type = DRM_FPR_QUERY_CONTEXT, .id = o->ctx};
	struct drm_fpr_read_counters read = {.type = DRM_FPR_COUNTERS_CONTEXT, .id = o->ctx};
	struct drm_fpr_ctx_destroy end = {.id = o->ctx};
	struct drm_gem_close gone = {.handle = o->host.handle};
	struct drm_gem_flink flink = {.handle = o->host.handle};
	int out = -1;

	CHECK(call(fd, DRM_IOCTL_FPR_QUERY, &query) == -ENOENT);
	CHECK(call(fd, DRM_IOCTL_FPR_READ_COUNTERS, &read) == -ENOENT);
	CHECK(call(fd, DRM_IOCTL_FPR_CTX_DESTROY, &end) == -ENOENT);
	CHECK(call(fd, DRM_IOCTL_GEM_CLOSE, &gone) < 0);
	gone.handle = o->board.handle;
	CHECK(call(fd, DRM_IOCTL_GEM_CLOSE, &gone) < 0);
	/* A global name would be guessed. */
	CHECK(call(fd, DRM_IOCTL_GEM_FLINK, &flink) == -EACCES);
	CHECK(drmPrimeHandleToFD(fd, o->host.handle, O_CLOEXEC, &out) != 0);
	CHECK(drmPrimeHandleToFD(fd, o->board.handle, O_CLOEXEC, &out) != 0);
	CHECK(drmSyncobjDestroy(fd, o->sync) != 0);
	CHECK(drmSyncobjSignal(fd, &o->sync, 1) != 0);
	CHECK(drmSyncobjReset(fd, &o->sync, 1) != 0);
	CHECK(drmSyncobjExportSyncFile(fd, o->sync, &out) != 0);
	CHECK(drmSyncobjHandleToFD(fd, o->sync, &out) != 0);
	CHECK(cannot_map(fd, o));
}

/* Work with the other's numbers in each place that takes one. */
static void operands(int fd, const struct owned *o)
{
	struct drm_fpr_mac_job good = gemm_job(8, 8, 8), job;
	struct drm_fpr_xfer xfer = {.bytes = 4096}, x;
	uint32_t ctx = 0;
	struct bo host, board;

	CHECK(ctx_create(fd, DRM_FPR_PRIORITY_NORMAL, &ctx) == 0);
	CHECK(bo_create(fd, DRM_FPR_PLACE_HOST, 65536, &host) == 0);
	CHECK(bo_create(fd, DRM_FPR_PLACE_BOARD, 65536, &board) == 0);
	CHECK(ctx < o->ctx && board.handle < o->host.handle);
	good.a = good.b = good.c = board.handle;
	good.c_offset = 32768;
	for (int i = 0; i < 4; i++) {
		__u32 *const places[] = {&job.a, &job.b, &job.c, &job.result};

		job = good;
		*places[i] = o->host.handle;
		CHECK(submit_mac(fd, ctx, &job, 1, 0, 0) == -ENOENT);
	}
	xfer.host = host.handle;
	xfer.board = board.handle;
	for (int i = 0; i < 4; i++) {
		__u32 *const places[] = {&x.host, &x.board, &x.result, &x.out};

		x = xfer;
		*places[i] = i == 3 ? o->sync : i == 1 ? o->board.handle : o->host.handle;
		CHECK(submit_xfer(fd, ctx, &x, 1, 0, 0) == -ENOENT);
	}
	CHECK(submit_mac(fd, o->ctx, &good, 1, 0, 0) == -ENOENT);
	CHECK(submit_xfer(fd, o->ctx, &xfer, 1, 0, 0) == -ENOENT);
	CHECK(submit_mac(fd, ctx, &good, 1, o->sync, 0) == -ENOENT);
	CHECK(submit_mac(fd, ctx, &good, 1, 0, o->sync) == -ENOENT);
	CHECK(submit_xfer(fd, ctx, &xfer, 1, o->sync, 0) == -ENOENT);
	CHECK(submit_xfer(fd, ctx, &xfer, 1, 0, o->sync) == -ENOENT);
}

/* What was given on purpose can be used, and no longer once it is given back. */
static void given(int fd, const struct owned *o, int prime)
{
	struct drm_gem_close gone = {0};
	struct bo bo = {0};

	CHECK(drmPrimeFDToHandle(fd, prime, &bo.handle) == 0);
	CHECK(bo_map(fd, &bo) == 0 && *(uint32_t *)bo.map == 0x600d600d);
	munmap(bo.map, bo.size);
	gone.handle = bo.handle;
	CHECK(call(fd, DRM_IOCTL_GEM_CLOSE, &gone) == 0);
	CHECK(cannot_map(fd, o));
}

static int stranger(const struct owned *o, int prime)
{
	int fd = open_board();

	if (!CHECK(fd >= 0))
		return 1;
	names(fd, o);
	operands(fd, o);
	given(fd, o, prime);
	close(fd);
	return failures != 0;
}

/* Numbers that the other process has no objects of its own by. */
static void own(int fd, struct owned *o)
{
	uint32_t unused;
	struct bo bo;

	for (int i = 0; i < 30; i++) {
		CHECK(bo_create(fd, DRM_FPR_PLACE_HOST, 4096, &bo) == 0);
		CHECK(ctx_create(fd, DRM_FPR_PRIORITY_NORMAL, &unused) == 0);
		sync_create(fd);
	}
	CHECK(bo_create(fd, DRM_FPR_PLACE_HOST, 65536, &o->host) == 0);
	CHECK(bo_create(fd, DRM_FPR_PLACE_BOARD, 65536, &o->board) == 0);
	CHECK(ctx_create(fd, DRM_FPR_PRIORITY_NORMAL, &o->ctx) == 0);
	o->sync = sync_create(fd);
	for (int i = 0; i < 2; i++) {
		const struct bo *of = i ? &o->board : &o->host;
		struct drm_fpr_bo_info info = {.handle = of->handle};

		CHECK(call(fd, DRM_IOCTL_FPR_BO_INFO, &info) == 0);
		o->offsets[i] = info.mmap_offset;
		memset(of->map, 0x33, of->size);
	}
}

static void strangers(void)
{
	struct drm_fpr_mac_job job = nop_job();
	int fd = open_board(), prime = -1, status = 1;
	struct bo shared;
	struct owned o;
	pid_t child;

	own(fd, &o);
	CHECK(bo_create(fd, DRM_FPR_PLACE_BOARD, 4096, &shared) == 0);
	*(uint32_t *)shared.map = 0x600d600d;
	CHECK(drmPrimeHandleToFD(fd, shared.handle, O_RDWR, &prime) == 0);
	child = fork();
	if (child == 0)
		_exit(stranger(&o, prime));
	waitpid(child, &status, 0);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	/* All of it is still there, and as it was. */
	CHECK(*(uint32_t *)o.host.map == 0x33333333 && *(uint32_t *)o.board.map == 0x33333333);
	CHECK(!memcmp(o.host.map, o.board.map, 65536));
	CHECK(submit_mac(fd, o.ctx, &job, 1, 0, o.sync) == 0);
	CHECK(sync_wait(fd, o.sync, 0, WAIT_MS) == 0);
	close(prime);
	close(fd);
}

/* Fill board memory with a secret, die; the next owner finds zeros. */
static void remnants(void)
{
	uint8_t *bytes;
	struct bo bo;
	pid_t child = fork();
	int fd, status;

	if (child == 0) {
		fd = open_board();
		if (fd < 0 || bo_create(fd, DRM_FPR_PLACE_BOARD, 16 << 20, &bo))
			_exit(1);
		memset(bo.map, 0xee, bo.size);
		kill(getpid(), SIGKILL);
	}
	waitpid(child, &status, 0);
	CHECK(WIFSIGNALED(status));
	fd = open_board();
	CHECK(bo_create(fd, DRM_FPR_PLACE_BOARD, 16 << 20, &bo) == 0);
	bytes = bo.map;
	CHECK(bytes[0] == 0 && memcmp(bytes, bytes + 1, bo.size - 1) == 0);
	close(fd);
}

/* Works on both engines, until the board goes away; says so to @told once it does. */
static void toil(int told)
{
	struct drm_fpr_mac_job jobs[32];
	struct drm_fpr_xfer xfers[16];
	struct bo host, board;
	uint32_t ctx, done;
	int fd = open_board();

	if (fd < 0 || ctx_create(fd, DRM_FPR_PRIORITY_NORMAL, &ctx) ||
	    bo_create(fd, DRM_FPR_PLACE_HOST, 1 << 20, &host) ||
	    bo_create(fd, DRM_FPR_PLACE_BOARD, 1 << 20, &board))
		_exit(1);
	done = sync_create(fd);
	for (int i = 0; i < 32; i++) {
		jobs[i] = gemm_job(64, 64, 64);
		jobs[i].a = jobs[i].b = jobs[i].c = i % 2 ? host.handle : board.handle;
		jobs[i].b_offset = 1 << 14;
		jobs[i].c_offset = 1 << 15;
		jobs[i].result = host.handle;
		jobs[i].result_offset = (1 << 19) + (uint64_t)i * DRM_FPR_RESULT_ALIGN;
	}
	for (int i = 0; i < 16; i++)
		xfers[i] = (struct drm_fpr_xfer){.host = host.handle,
						 .board = board.handle,
						 .bytes = 1 << 18,
						 .priority = (uint16_t)i,
						 .direction = i % 2};
	/* The calls say it, or the fence. */
	for (bool first = true;; first = false) {
		if (submit_mac(fd, ctx, jobs, 32, 0, done) == -ENODEV ||
		    submit_xfer(fd, ctx, xfers, 16, 0, 0) == -ENODEV ||
		    sync_wait(fd, done, 0, WAIT_MS) == -ENODEV)
			_exit(0);
		if (first)
			dprintf(told, "at work\n");
	}
}

/* A child that does. @wait: until it is at work. */
static pid_t start_toil(bool wait)
{
	int told[2];
	pid_t child;
	char c;

	CHECK(pipe(told) == 0);
	child = fork();
	if (child == 0) {
		close(told[0]);
		toil(wait ? told[1] : -1);
	}
	close(told[1]);
	CHECK(!wait || read(told[0], &c, 1) == 1);
	close(told[0]);
	return child;
}

static void sudden_death(int fd)
{
	struct drm_fpr_mac_job job = nop_job();
	uint32_t ctx = 0, sync = sync_create(fd);
	int status;

	CHECK(ctx_create(fd, DRM_FPR_PRIORITY_NORMAL, &ctx) == 0);
	for (int i = 0; i < 10; i++) {
		pid_t child = start_toil(false);

		sleep_ms(30 + 17 * (unsigned int)i);
		CHECK(submit_mac(fd, ctx, &job, 1, 0, sync) == 0);
		kill(child, SIGKILL);
		CHECK(sync_wait(fd, sync, 0, WAIT_MS) == 0);
		waitpid(child, &status, 0);
		CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	}
	CHECK(read_number(board_sysfs(), "resets") == 0);
}

/* Work that waits for what never comes ends when its context does. */
static void cancelled(int fd)
{
	struct drm_fpr_ctx_destroy end = {0};
	struct drm_fpr_xfer xfer = {.bytes = 4096};
	struct drm_fpr_mac_job job = nop_job();
	uint32_t ctx = 0, busy = 0, gate = sync_create(fd), sync = sync_create(fd);
	uint32_t moved = sync_create(fd);
	struct bo host, board;

	CHECK(board_command("delay-dma 300") == 0);
	CHECK(bo_create(fd, DRM_FPR_PLACE_HOST, 65536, &host) == 0);
	CHECK(bo_create(fd, DRM_FPR_PLACE_BOARD, 65536, &board) == 0);
	CHECK(ctx_create(fd, DRM_FPR_PRIORITY_NORMAL, &ctx) == 0);
	CHECK(ctx_create(fd, DRM_FPR_PRIORITY_NORMAL, &busy) == 0);
	xfer.host = host.handle;
	xfer.board = board.handle;
	CHECK(submit_xfer(fd, busy, &xfer, 1, 0, gate) == 0);
	CHECK(submit_mac(fd, ctx, &job, 1, gate, sync) == 0);
	CHECK(submit_xfer(fd, ctx, &xfer, 1, gate, moved) == 0);
	end.id = ctx;
	CHECK(call(fd, DRM_IOCTL_FPR_CTX_DESTROY, &end) == 0);
	CHECK(sync_wait(fd, sync, 0, WAIT_MS) < 0);
	CHECK(sync_wait(fd, moved, 0, WAIT_MS) == -ECANCELED);
	CHECK(sync_wait(fd, gate, 0, WAIT_MS) == 0);
	CHECK(board_command("delay-dma 0") == 0);
	bo_free(fd, &host);
	bo_free(fd, &board);
}

static void priorities(void)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		int fd = open_board();
		uint32_t id;
		bool good = fd >= 0 && setuid(65534) == 0 &&
			    ctx_create(fd, DRM_FPR_PRIORITY_NORMAL, &id) == 0 &&
			    ctx_create(fd, DRM_FPR_PRIORITY_LOW, &id) == 0 &&
			    ctx_create(fd, DRM_FPR_PRIORITY_HIGH, &id) == -EACCES;

		_exit(!good);
	}
	waitpid(child, &status, 0);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* Taken from the driver and given back while others work. */
static void unbound(void)
{
	const char *slot = strrchr(board_sysfs(), '/') + 1;
	pid_t children[2];
	int status, fd;

	for (int round = 0; round < 3; round++) {
		fd = open_board();
		for (int i = 0; i < 2; i++)
			children[i] = start_toil(true);
		CHECK(write_text("/sys/bus/pci/drivers/fpr/unbind", slot) == 0);
		for (int i = 0; i < 2; i++) {
			waitpid(children[i], &status, 0);
			CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
		}
		CHECK(write_text("/sys/bus/pci/drivers/fpr/bind", slot) == 0);
		close(fd);
		fd = open_board();
		CHECK(fd >= 0);
		close(fd);
	}
}

int main(int argc, char **argv)
{
	int mine = open_board(), other = open_board();

	if (argc > 1 && !strcmp(argv[1], "toil")) {
		toil(STDOUT_FILENO);
		return 0;
	}
	if (!CHECK(mine >= 0 && other >= 0))
		return report("apart");
	handles(mine, other);
	strangers();
	remnants();
	sudden_death(mine);
	cancelled(mine);
	priorities();
	close(mine);
	close(other);
	unbound();
	return report("apart");
}
