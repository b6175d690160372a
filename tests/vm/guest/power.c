/* SPDX-License-Identifier: MIT */

/*
 * Sleep, function-level reset, removal and return, with work under way. What
 * lies in board memory must survive the first two.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xf86drm.h>

#include "guest.h"

#define WAIT_MS 30000

enum { BYTES = 4 << 20 };

static void pattern(struct bo *bo, uint32_t seed)
{
	for (size_t i = 0; i < bo->size / 4; i++)
		((uint32_t *)bo->map)[i] = (uint32_t)i * 2654435761u + seed;
}

static bool kept(const struct bo *bo, uint32_t seed)
{
	for (size_t i = 0; i < bo->size / 4; i++)
		if (((uint32_t *)bo->map)[i] != (uint32_t)i * 2654435761u + seed)
			return false;
	return true;
}

static bool works(int fd)
{
	uint32_t ctx = 0, sync = sync_create(fd);
	struct drm_fpr_mac_job job = gemm_job(16, 16, 64);
	bool good;
	struct bo bo;

	if (ctx_create(fd, DRM_FPR_PRIORITY_NORMAL, &ctx) ||
	    bo_create(fd, DRM_FPR_PLACE_BOARD, 16384, &bo))
		return false;
	fill_bf16(bo.map, 2048, 7);
	job.a = job.b = job.c = bo.handle;
	job.b_offset = 2048;
	job.c_offset = 8192;
	good = submit_mac(fd, ctx, &job, 1, 0, sync) == 0 && sync_wait(fd, sync, 0, WAIT_MS) == 0 &&
	       gemm_matches(bo.map, (uint16_t *)bo.map + 1024, (float *)((char *)bo.map + 8192), 16,
			    16, 64);
	bo_free(fd, &bo);
	drmSyncobjDestroy(fd, sync);
	return good;
}

/* Another program's work on both engines, in the background. */
static pid_t start_toil(void)
{
	char path[4096];
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 16);
	int told[2];
	pid_t child;
	char c;

	path[length > 0 ? length : 0] = 0;
	memcpy(strrchr(path, '/') + 1, "apart", 6);
	CHECK(pipe(told) == 0);
	child = fork();
	if (child == 0) {
		dup2(told[1], STDOUT_FILENO);
		close(told[0]);
		close(told[1]);
		execl(path, "apart", "toil", NULL);
		_exit(1);
	}
	close(told[1]);
	/* It is at work. */
	CHECK(read(told[0], &c, 1) == 1);
	close(told[0]);
	return child;
}

static void end_toil(pid_t child)
{
	int status;

	kill(child, SIGKILL);
	waitpid(child, &status, 0);
}

/* Transfers to all of @to, more than the board holds, so that most are still the driver's. */
static uint32_t fill_slowly(int fd, struct bo *from, const struct bo *to, const char *delay)
{
	uint32_t ctx = 0, sync = sync_create(fd);
	struct drm_fpr_xfer xfers[256];

	CHECK(ctx_create(fd, DRM_FPR_PRIORITY_NORMAL, &ctx) == 0);
	CHECK(board_command(delay) == 0);
	for (uint64_t at = 0; at < to->size;) {
		memset(xfers, 0, sizeof(xfers));
		for (int i = 0; i < 256; i++, at += 4096)
			xfers[i] = (struct drm_fpr_xfer){.host = from->handle,
							 .board = to->handle,
							 .host_offset = at,
							 .board_offset = at,
							 .bytes = 4096};
		CHECK(submit_xfer(fd, ctx, xfers, 256, 0, at == to->size ? sync : 0) == 0);
	}
	return sync;
}

/* What the driver's tracepoint tells of sleeping and waking since it was turned on. */
static void traced(void)
{
	char text[8192];

	CHECK(read_text("/sys/kernel/tracing/trace", text, sizeof(text)) == 0);
	CHECK(strstr(text, "fpr_pm: ") && strstr(text, "event=suspend ret=0"));
	CHECK(strstr(text, "event=resume ret=0"));
	CHECK(write_text("/sys/kernel/tracing/events/fpr/fpr_pm/enable", "0") == 0);
}

/*
 * Go to sleep as far as @test: "devices": all of them; "core": the processors and the platform
 * as well. What is left out is the last instruction, and the firmware. Then wake up.
 */
static void sleeps(int fd, struct bo *bo, const char *test)
{
	pid_t child = start_toil();
	struct bo from, to;
	uint32_t filled;
	int status;

	printf("-- sleep, pm_test=%s\n", test);
	fflush(stdout);
	if (!CHECK(write_text("/sys/power/pm_test", test) == 0))
		return;
	pattern(bo, 30);
	CHECK(bo_create(fd, DRM_FPR_PLACE_HOST, BYTES, &from) == 0);
	CHECK(bo_create(fd, DRM_FPR_PLACE_BOARD, BYTES, &to) == 0);
	pattern(&from, 31);
	filled = fill_slowly(fd, &from, &to, "delay-dma 8");
	CHECK(write_text("/sys/kernel/tracing/events/fpr/fpr_pm/enable", "1") == 0);
	CHECK(write_text("/sys/power/state", "mem") == 0);
	traced();
	CHECK(board_command("delay-dma 0") == 0);
	CHECK(kept(bo, 30));
	CHECK(sync_wait(fd, filled, 0, WAIT_MS) == 0);
	CHECK(kept(&to, 31));
	CHECK(works(fd));
	bo_free(fd, &from);
	bo_free(fd, &to);
	CHECK(waitpid(child, &status, WNOHANG) == 0);
	end_toil(child);
}

/*
 * What is on the board takes longer than sleep waits for it. The machine then stays awake, and
 * the work ends as if nobody had asked.
 */
static void too_busy(int fd)
{
	struct bo from, to;
	uint32_t filled;

	puts("-- no sleep");
	fflush(stdout);
	CHECK(write_text("/sys/power/pm_test", "devices") == 0);
	CHECK(bo_create(fd, DRM_FPR_PLACE_HOST, BYTES, &from) == 0);
	CHECK(bo_create(fd, DRM_FPR_PLACE_BOARD, BYTES, &to) == 0);
	pattern(&from, 32);
	/* 256 of them are posted, and time-outs are of two seconds. */
	filled = fill_slowly(fd, &from, &to, "delay-dma 50");
	CHECK(write_text("/sys/power/state", "mem") == -EBUSY);
	CHECK(sync_pending(fd, filled));
	CHECK(board_command("delay-dma 0") == 0);
	CHECK(sync_wait(fd, filled, 0, WAIT_MS) == 0);
	CHECK(kept(&to, 32));
	CHECK(works(fd));
	bo_free(fd, &from);
	bo_free(fd, &to);
}

static void function_reset(int fd, struct bo *bo)
{
	char path[400];
	pid_t child = start_toil();

	snprintf(path, sizeof(path), "%s/reset", board_sysfs());
	for (uint32_t i = 0; i < 3; i++) {
		pattern(bo, 10 + i);
		CHECK(write_text(path, "1") == 0);
		CHECK(works(fd));
		CHECK(kept(bo, 10 + i));
	}
	end_toil(child);
}

static void debugfs_reset(int fd, struct bo *bo)
{
	long long before = read_number(board_sysfs(), "resets");
	pid_t child = start_toil();

	pattern(bo, 20);
	CHECK(write_text("/sys/kernel/debug/accel/0000:01:00.0/reset", "1") == 0);
	sleep_ms(500);
	CHECK(works(fd) && kept(bo, 20));
	CHECK(read_number(board_sysfs(), "resets") == before + 1);
	end_toil(child);
}

static void removed(int fd, struct bo *bo)
{
	char path[400];
	pid_t child = start_toil();
	struct drm_fpr_bo_info info = {.handle = bo->handle};
	uint32_t ctx;
	int status;

	snprintf(path, sizeof(path), "%s/remove", board_sysfs());
	CHECK(write_text(path, "1") == 0);
	CHECK(call(fd, DRM_IOCTL_FPR_BO_INFO, &info) == -ENODEV);
	CHECK(ctx_create(fd, DRM_FPR_PRIORITY_NORMAL, &ctx) == -ENODEV);
	memset(bo->map, 3, bo->size);
	/* The load was told so as well, and ended of it. */
	waitpid(child, &status, 0);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	CHECK(write_text("/sys/bus/pci/rescan", "1") == 0);
}

int main(int argc, char **argv)
{
	const char *only = argc > 1 ? argv[1] : "";
	int fd = open_board();
	struct bo bo;

	if (!CHECK(fd >= 0) || !CHECK(bo_create(fd, DRM_FPR_PLACE_BOARD, BYTES, &bo) == 0))
		return report("power");
	if (!*only || !strcmp(only, "reset")) {
		debugfs_reset(fd, &bo);
		function_reset(fd, &bo);
	}
	if (!strcmp(only, "sleep"))
		sleeps(fd, &bo, argc > 2 ? argv[2] : "devices");
	if (!strcmp(only, "busy"))
		too_busy(fd);
	if (!*only || !strcmp(only, "remove")) {
		removed(fd, &bo);
		close(fd);
		fd = open_board();
		CHECK(fd >= 0 && works(fd));
	}
	close(fd);
	return report("power");
}
