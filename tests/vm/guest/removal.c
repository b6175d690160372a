/* SPDX-License-Identifier: MIT */

/*
 * The board goes away under load: `removal vanish` has the server read all ones and die
 * eight seconds later, `removal unplug` waits for somebody to pull the board.
 */
#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xf86drm.h>

#include "guest.h"

#define WAIT_MS 60000

enum { BYTES = 1 << 20, JOBS = 32 };

/*
 * Matrix jobs and transfers until the board has gone, which @told hears of once there are some; 0
 * when that is how it ended.
 */
static int load(int told)
{
	struct drm_fpr_mac_job jobs[JOBS];
	struct drm_fpr_xfer xfer = {.bytes = BYTES, .priority = 5};
	uint32_t ctx = 0, done, moved;
	struct bo host, board;
	int fd = open_board(), ret = 0;

	if (fd < 0 || ctx_create(fd, DRM_FPR_PRIORITY_NORMAL, &ctx) ||
	    bo_create(fd, DRM_FPR_PLACE_HOST, BYTES, &host) ||
	    bo_create(fd, DRM_FPR_PLACE_BOARD, BYTES, &board))
		return 2;
	done = sync_create(fd);
	moved = sync_create(fd);
	for (int i = 0; i < JOBS; i++) {
		jobs[i] = gemm_job(64, 64, 64);
		jobs[i].a = jobs[i].b = jobs[i].c = i % 2 ? host.handle : board.handle;
		jobs[i].b_offset = 1 << 14;
		jobs[i].c_offset = 1 << 15;
	}
	xfer.host = host.handle;
	xfer.board = board.handle;
	for (bool first = true; !ret; first = false) {
		xfer.direction = !xfer.direction;
		ret = submit_mac(fd, ctx, jobs, JOBS, 0, done);
		if (!ret)
			ret = submit_xfer(fd, ctx, &xfer, 1, 0, moved);
		if (!ret)
			ret = sync_wait(fd, done, 0, WAIT_MS);
		if (!ret)
			ret = sync_wait(fd, moved, 0, WAIT_MS);
		if (first)
			dprintf(told, "at work\n");
	}
	/* Whatever was under way has ended the same way. */
	if (sync_wait(fd, done, 0, WAIT_MS) == -ETIME || sync_wait(fd, moved, 0, WAIT_MS) == -ETIME)
		return 3;
	/* The mappings stay: zeros in the place of board memory, the host's own as it was. */
	for (uint32_t i = 0; i < BYTES; i++)
		if (((uint8_t *)board.map)[i])
			return 4;
	memset(board.map, 1, BYTES);
	memset(host.map, 1, BYTES);
	return ret == -ENODEV ? 0 : 5;
}

int main(int argc, char **argv)
{
	struct drm_fpr_bo_info info = {0};
	char node[300];
	int fd = open_board(), status, told[2];
	uint32_t ctx = 0;
	char c;
	struct bo bo;
	pid_t child;

	if (!CHECK(fd >= 0) || !CHECK(bo_create(fd, DRM_FPR_PLACE_BOARD, BYTES, &bo) == 0))
		return report("removal");
	snprintf(node, sizeof(node), "%s", board_node());
	CHECK(pipe(told) == 0);
	child = fork();
	if (child == 0)
		_exit(load(told[1]));
	close(told[1]);
	CHECK(read(told[0], &c, 1) == 1);
	puts("removal: at work");
	fflush(stdout);
	sleep_ms(500);
	if (argc > 1 && !strcmp(argv[1], "vanish"))
		CHECK(board_command("vanish 8000") == 0);
	waitpid(child, &status, 0);
	if (!CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0))
		printf("removal: load ended with %#x\n", status);
	for (int i = 0; i < 200 && access(node, F_OK) == 0; i++)
		sleep_ms(50);
	CHECK(access(node, F_OK) != 0);
	info.handle = bo.handle;
	CHECK(call(fd, DRM_IOCTL_FPR_BO_INFO, &info) == -ENODEV);
	CHECK(ctx_create(fd, DRM_FPR_PRIORITY_NORMAL, &ctx) == -ENODEV);
	memset(bo.map, 2, bo.size);
	close(fd);
	/* The server's end comes after the driver has noticed. */
	if (argc > 1 && !strcmp(argv[1], "vanish"))
		sleep_ms(10000);
	return report("removal");
}
