/* SPDX-License-Identifier: MIT */

/*
 * Each fault the board can be told to show. There is always a neighbour, another
 * process's file, whose work must end well and right. Load the module with
 * timeout_ms=1000 or so.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xf86drm.h>

#include "guest.h"

#define WAIT_MS 30000

enum { M = 64, N = 64, K = 256, A_BYTES = 2 * M * K, B_BYTES = 2 * K * N, C_BYTES = 4 * M * N };

/* One user of the board: a file, a context, operands, results. */
struct user {
	int fd;
	uint32_t ctx, sync;
	struct bo data, board, result;
};

static void user_open(struct user *user)
{
	user->fd = open_board();
	if (!CHECK(user->fd >= 0))
		exit(report("faults"));
	CHECK(ctx_create(user->fd, DRM_FPR_PRIORITY_NORMAL, &user->ctx) == 0);
	user->sync = sync_create(user->fd);
	CHECK(bo_create(user->fd, DRM_FPR_PLACE_HOST, 1 << 20, &user->data) == 0);
	CHECK(bo_create(user->fd, DRM_FPR_PLACE_BOARD, 1 << 20, &user->board) == 0);
	CHECK(bo_create(user->fd, DRM_FPR_PLACE_HOST, 4096, &user->result) == 0);
	fill_bf16(user->data.map, M * K, 11);
	fill_bf16((uint16_t *)((char *)user->data.map + A_BYTES), K * N, 12);
	memcpy(user->board.map, user->data.map, A_BYTES + B_BYTES);
}

static struct drm_fpr_mac_job user_job(const struct user *user, int result)
{
	struct drm_fpr_mac_job job = gemm_job(M, N, K);

	job.a = job.b = job.c = user->board.handle;
	job.b_offset = A_BYTES;
	job.c_offset = A_BYTES + B_BYTES;
	job.result = user->result.handle;
	job.result_offset = (uint64_t)result * DRM_FPR_RESULT_ALIGN;
	return job;
}

static int user_status(const struct user *user, int result)
{
	return ((struct drm_fpr_result *)user->result.map)[result].status;
}

static bool user_right(const struct user *user)
{
	const char *at = user->board.map;

	return gemm_matches(user->data.map, (uint16_t *)((char *)user->data.map + A_BYTES),
			    (const float *)(at + A_BYTES + B_BYTES), M, N, K);
}

static void user_wipe(struct user *user)
{
	memset((char *)user->board.map + A_BYTES + B_BYTES, 0xff, C_BYTES);
}

static int user_submit(struct user *user, int jobs)
{
	struct drm_fpr_mac_job list[8];

	for (int i = 0; i < jobs; i++)
		list[i] = user_job(user, i);
	return submit_mac(user->fd, user->ctx, list, (uint32_t)jobs, 0, user->sync);
}

static bool user_works(struct user *user)
{
	user_wipe(user);
	return user_submit(user, 1) == 0 && sync_wait(user->fd, user->sync, 0, WAIT_MS) == 0 &&
	       user_status(user, 0) == 0 && user_right(user);
}

static long long resets(void)
{
	return read_number(board_sysfs(), "resets");
}

static void begin(const char *name)
{
	printf("-- %s\n", name);
	fflush(stdout);
}

static void hang_mac(struct user *guilty, struct user *neighbour)
{
	long long before = resets();
	struct drm_fpr_query_context context = {0};
	struct drm_fpr_query query = {.type = DRM_FPR_QUERY_CONTEXT, .size = sizeof(context)};

	begin("the array hangs");
	user_wipe(neighbour);
	CHECK(board_command("hang mac 1") == 0);
	CHECK(user_submit(guilty, 3) == 0);
	CHECK(user_submit(neighbour, 4) == 0);
	CHECK(sync_wait(guilty->fd, guilty->sync, 0, WAIT_MS) == -ETIME);
	CHECK(user_status(guilty, 0) == -ETIME);
	CHECK(user_status(guilty, 1) == -ECANCELED && user_status(guilty, 2) == -ECANCELED);
	CHECK(sync_wait(neighbour->fd, neighbour->sync, 0, WAIT_MS) == 0);
	for (int i = 0; i < 4; i++)
		CHECK(user_status(neighbour, i) == 0);
	CHECK(user_right(neighbour));
	CHECK(resets() == before + 1);
	query.id = guilty->ctx;
	query.pointer = (uintptr_t)&context;
	CHECK(call(guilty->fd, DRM_IOCTL_FPR_QUERY, &query) == 0 && context.guilty == 1);
	CHECK(user_works(guilty) && user_works(neighbour));
}

static void wedge_mac(struct user *guilty, struct user *neighbour)
{
	long long before = resets();

	begin("the array hangs and its reset does not end");
	CHECK(board_command("wedge mac") == 0);
	CHECK(board_command("hang mac 1") == 0);
	CHECK(user_submit(guilty, 1) == 0);
	CHECK(user_submit(neighbour, 1) == 0);
	CHECK(sync_wait(neighbour->fd, neighbour->sync, 0, WAIT_MS) == 0);
	CHECK(sync_wait(guilty->fd, guilty->sync, 0, WAIT_MS) != -ETIME);
	CHECK(board_command("clear") == 0);
	CHECK(resets() > before);
	CHECK(user_works(guilty) && user_works(neighbour));
}

static void lost_interrupt(struct user *user)
{
	long long before = resets(), lost = read_number(board_sysfs(), "lost_interrupts");

	begin("interrupts get lost");
	CHECK(board_command("drop-interrupts 1") == 0);
	CHECK(user_works(user));
	CHECK(read_number(board_sysfs(), "lost_interrupts") == lost + 1);
	CHECK(resets() == before);
}

static void error_mac(struct user *user, struct user *neighbour)
{
	begin("a job fails");
	user_wipe(user);
	CHECK(board_command("error mac 1") == 0);
	CHECK(user_submit(user, 3) == 0);
	CHECK(user_submit(neighbour, 1) == 0);
	CHECK(sync_wait(user->fd, user->sync, 0, WAIT_MS) == -EIO);
	CHECK(user_status(user, 0) == -EIO && user_status(user, 1) == -ECANCELED &&
	      user_status(user, 2) == -ECANCELED);
	CHECK(*(uint32_t *)((char *)user->board.map + A_BYTES + B_BYTES) == 0xffffffff);
	CHECK(sync_wait(neighbour->fd, neighbour->sync, 0, WAIT_MS) == 0 && user_right(neighbour));
	CHECK(user_works(user));
}

/* What waits for failed work does not run. */
static void error_spreads(struct user *user)
{
	struct drm_fpr_mac_job job = user_job(user, 1);
	uint32_t second = sync_create(user->fd);

	begin("failure passes to what waits for it");
	CHECK(board_command("error mac 1") == 0);
	CHECK(user_submit(user, 1) == 0);
	CHECK(submit_mac(user->fd, user->ctx, &job, 1, user->sync, second) == 0);
	CHECK(sync_wait(user->fd, second, 0, WAIT_MS) == -ECANCELED);
	CHECK(user_status(user, 1) == -ECANCELED);
	drmSyncobjDestroy(user->fd, second);
}

static void corrupt(struct user *user, struct user *neighbour, const char *command)
{
	long long before = resets();

	begin(command);
	user_wipe(user);
	CHECK(board_command(command) == 0);
	CHECK(user_submit(user, 2) == 0);
	CHECK(user_submit(neighbour, 1) == 0);
	CHECK(sync_wait(user->fd, user->sync, 0, WAIT_MS) == 0 && user_right(user));
	CHECK(sync_wait(neighbour->fd, neighbour->sync, 0, WAIT_MS) == 0 && user_right(neighbour));
	CHECK(resets() > before);
	CHECK(board_command("clear") == 0);
}

static int round_trip(struct user *user, uint32_t in)
{
	struct drm_fpr_xfer x = {
		.host = user->data.handle,
		.board = user->board.handle,
		.host_offset = 512 << 10,
		.board_offset = 512 << 10,
		.bytes = 256 << 10,
	};
	uint32_t *from = (uint32_t *)((char *)user->data.map + (512 << 10));
	uint32_t *to = (uint32_t *)((char *)user->data.map + (768 << 10));
	uint32_t there = sync_create(user->fd), back = sync_create(user->fd);
	int ret;

	for (uint32_t i = 0; i < 65536; i++)
		from[i] = i ^ 0x9e3779b9u;
	memset(to, 0, 256 << 10);
	ret = submit_xfer(user->fd, user->ctx, &x, 1, in, there);
	x.host_offset = 768 << 10;
	x.direction = DRM_FPR_TO_HOST;
	if (!ret)
		ret = submit_xfer(user->fd, user->ctx, &x, 1, there, back);
	if (!ret)
		ret = sync_wait(user->fd, back, 0, WAIT_MS);
	drmSyncobjDestroy(user->fd, there);
	drmSyncobjDestroy(user->fd, back);
	return ret ? ret : memcmp(from, to, 256 << 10) ? -EILSEQ : 0;
}

static void transfer_faults(struct user *user, struct user *neighbour)
{
	long long before = resets(), lost;

	begin("the transfer engine hangs");
	CHECK(board_command("hang xfer 1") == 0);
	CHECK(round_trip(user, 0) == 0);
	CHECK(resets() == before + 1);
	CHECK(round_trip(neighbour, 0) == 0);
	begin("a transfer fails");
	CHECK(board_command("error xfer 1") == 0);
	CHECK(round_trip(user, 0) == -ECANCELED);
	CHECK(round_trip(neighbour, 0) == 0);
	begin("a transfer's completion is spoilt");
	before = resets();
	CHECK(board_command("corrupt xfer cookie 1") == 0);
	CHECK(round_trip(user, 0) == 0);
	CHECK(resets() == before + 1);
	begin("a transfer's interrupt gets lost");
	lost = read_number(board_sysfs(), "lost_interrupts");
	CHECK(board_command("drop-interrupts 1") == 0);
	CHECK(round_trip(user, 0) == 0);
	CHECK(read_number(board_sysfs(), "lost_interrupts") == lost + 1);
	begin("DMA is slow");
	before = resets();
	CHECK(board_command("delay-dma 100") == 0);
	CHECK(round_trip(user, 0) == 0);
	CHECK(board_command("delay-dma 0") == 0);
	CHECK(resets() == before);
}

static bool resets_reach(long long count)
{
	for (int i = 0; i < 200 && resets() < count; i++)
		sleep_ms(50);
	return resets() >= count;
}

static void board_faults(struct user *user, struct user *neighbour)
{
	long long before = resets();

	begin("only a full reset helps");
	CHECK(board_command("fatal") == 0);
	CHECK(resets_reach(before + 1));
	CHECK(user_works(user) && user_works(neighbour));
	begin("the heartbeat stops");
	before = resets();
	CHECK(board_command("heartbeat stop") == 0);
	CHECK(resets_reach(before + 1));
	CHECK(board_command("heartbeat go") == 0);
	CHECK(user_works(user) && round_trip(neighbour, 0) == 0);
}

/* Three hangs, and a context has had its chances; others have not. */
static void banned(struct user *guilty, struct user *neighbour)
{
	begin("a context is banned");
	for (int i = 0; i < 3; i++) {
		board_command("hang mac 1");
		if (user_submit(guilty, 1))
			break;
		CHECK(sync_wait(guilty->fd, guilty->sync, 0, WAIT_MS) != 0);
	}
	CHECK(board_command("clear") == 0);
	CHECK(user_submit(guilty, 1) == -ECANCELED);
	CHECK(user_works(neighbour));
	CHECK(ctx_create(guilty->fd, DRM_FPR_PRIORITY_NORMAL, &guilty->ctx) == 0);
	CHECK(user_works(guilty));
}

static void vanish(struct user *user, struct user *neighbour)
{
	const char *node = board_node();
	char path[64] = "";

	begin("the board vanishes");
	if (node)
		snprintf(path, sizeof(path), "%s", node);
	CHECK(board_command("delay-dma 500") == 0);
	CHECK(user_submit(user, 8) == 0);
	CHECK(board_command("vanish") == 0);
	CHECK(sync_wait(user->fd, user->sync, 0, WAIT_MS) == -ENODEV);
	CHECK(user_status(user, 7) == -ENODEV);
	for (int i = 0; i < 100 && access(path, F_OK) == 0; i++)
		sleep_ms(50);
	CHECK(user_submit(neighbour, 1) == -ENODEV);
	/* Mappings stay: they read as zeros now, and may be written. */
	memset(neighbour->board.map, 1, neighbour->board.size);
	CHECK(((char *)neighbour->board.map)[4096] == 1);
	CHECK(access(path, F_OK) != 0);
}

int main(int argc, char **argv)
{
	struct user user = {0}, neighbour = {0};

	user_open(&user);
	user_open(&neighbour);
	CHECK(user_works(&user) && user_works(&neighbour));
	if (argc > 1 && !strcmp(argv[1], "vanish")) {
		vanish(&user, &neighbour);
		close(user.fd);
		close(neighbour.fd);
		return report("faults vanish");
	}
	lost_interrupt(&user);
	error_mac(&user, &neighbour);
	error_spreads(&user);
	hang_mac(&user, &neighbour);
	wedge_mac(&user, &neighbour);
	corrupt(&user, &neighbour, "corrupt mac fence 1");
	corrupt(&user, &neighbour, "corrupt mac cookie 1");
	transfer_faults(&user, &neighbour);
	board_faults(&user, &neighbour);
	banned(&user, &neighbour);
	close(user.fd);
	close(neighbour.fd);
	return report("faults");
}
