/* SPDX-License-Identifier: MIT */

/*
 * Each fault the board can be told to show, while a neighbour works, whose every result
 * must be right to the bit. Load the module with timeout_ms=1000 or so.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <xf86drm.h>

#include <linux/netlink.h>

#include "fpr_desc.h"
#include "guest.h"
#include "neighbour.h"

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

/* Arm a fault that strikes by count: while nobody else submits, it strikes us. */
static void arm(struct neighbour *neighbour, const char *command)
{
	begin(command);
	neighbour_hold(neighbour);
	CHECK(board_command(command) == 0);
}

/* ---- core dumps --------------------------------------------------------- */

static const char *core_dump(void)
{
	static char path[300];
	struct dirent *entry;
	bool found = false;
	DIR *dir = opendir("/sys/class/devcoredump");

	while (dir && !found && (entry = readdir(dir))) {
		found = !strncmp(entry->d_name, "devcd", 5);
		if (found)
			snprintf(path, sizeof(path), "/sys/class/devcoredump/%.200s/data",
				 entry->d_name);
	}
	if (dir)
		closedir(dir);
	return found ? path : NULL;
}

/* One appears and says @reason; reading done, it is thrown away. */
static bool dumped(const char *reason)
{
	const char *path;
	char text[8192];

	for (int i = 0; i < 100 && !core_dump(); i++)
		sleep_ms(50);
	path = core_dump();
	if (!path || read_text(path, text, sizeof(text)))
		return false;
	write_text(path, "0");
	if (!strstr(text, "driver: fpr\n") || !strstr(text, "engine1:\n") ||
	    !strstr(text, reason)) {
		printf("core dump:\n%s", text);
		return false;
	}
	return true;
}

static void forget_dumps(void)
{
	for (int i = 0; i < 20 && core_dump(); i++) {
		write_text(core_dump(), "0");
		sleep_ms(50);
	}
}

static int guilty_of(const struct user *user)
{
	struct drm_fpr_query_context context = {0};
	struct drm_fpr_query query = {
		.type = DRM_FPR_QUERY_CONTEXT,
		.size = sizeof(context),
		.id = user->ctx,
		.pointer = (uintptr_t)&context,
	};

	return call(user->fd, DRM_IOCTL_FPR_QUERY, &query) ? -1 : (int)context.guilty;
}

/* ---- the array ---------------------------------------------------------- */

static void hang_mac(struct user *guilty, struct neighbour *neighbour)
{
	long long before = resets();

	forget_dumps();
	arm(neighbour, "hang mac 1");
	CHECK(user_submit(guilty, 3) == 0);
	neighbour_go(neighbour);
	CHECK(sync_wait(guilty->fd, guilty->sync, 0, WAIT_MS) == -ETIME);
	CHECK(user_status(guilty, 0) == -ETIME);
	CHECK(user_status(guilty, 1) == -ECANCELED && user_status(guilty, 2) == -ECANCELED);
	CHECK(neighbour_fine(neighbour));
	CHECK(resets() == before + 1);
	CHECK(dumped("reason: the array hung\n"));
	CHECK(guilty_of(guilty) == 1);
	CHECK(user_works(guilty));
}

/* Nobody can tell then whether the array or the board is to blame, so all runs again. */
static void wedge_mac(struct user *user, struct neighbour *neighbour)
{
	long long before = resets();

	CHECK(board_command("wedge mac") == 0);
	arm(neighbour, "hang mac 1");
	user_wipe(user);
	CHECK(user_submit(user, 1) == 0);
	neighbour_go(neighbour);
	CHECK(sync_wait(user->fd, user->sync, 0, WAIT_MS) == 0 && user_right(user));
	CHECK(neighbour_fine(neighbour));
	CHECK(resets() > before);
}

/* @code: what the board says of the job, which fails with @error. */
static void error_mac(struct user *user, struct neighbour *neighbour, unsigned int code, int error)
{
	long long before = resets();
	char command[32];

	snprintf(command, sizeof(command), "error mac 1 %u", code);
	arm(neighbour, command);
	user_wipe(user);
	CHECK(user_submit(user, 3) == 0);
	neighbour_go(neighbour);
	CHECK(sync_wait(user->fd, user->sync, 0, WAIT_MS) == error);
	CHECK(user_status(user, 0) == error && user_status(user, 1) == -ECANCELED &&
	      user_status(user, 2) == -ECANCELED);
	CHECK(((struct drm_fpr_result *)user->result.map)->board_status == code);
	CHECK(*(uint32_t *)((char *)user->board.map + A_BYTES + B_BYTES) == 0xffffffff);
	CHECK(neighbour_fine(neighbour) && resets() == before);
	CHECK(user_works(user));
}

/* What waits for failed work does not run. */
static void error_spreads(struct user *user, struct neighbour *neighbour)
{
	struct drm_fpr_mac_job job = user_job(user, 1);
	uint32_t second = sync_create(user->fd);

	arm(neighbour, "error mac 1");
	CHECK(user_submit(user, 1) == 0);
	CHECK(submit_mac(user->fd, user->ctx, &job, 1, user->sync, second) == 0);
	neighbour_go(neighbour);
	CHECK(sync_wait(user->fd, second, 0, WAIT_MS) == -ECANCELED);
	CHECK(user_status(user, 1) == -ECANCELED);
	CHECK(neighbour_fine(neighbour));
	drmSyncobjDestroy(user->fd, second);
}

/* To work that shares a buffer with it, and did not ask for its fence, it means nothing. */
static void error_stays(struct user *user, struct neighbour *neighbour)
{
	struct drm_fpr_mac_job job = user_job(user, 1);
	uint32_t other = 0, second = sync_create(user->fd);
	struct drm_fpr_ctx_destroy end = {0};
	int prime = -1;

	CHECK(drmPrimeHandleToFD(user->fd, user->board.handle, O_CLOEXEC, &prime) == 0);
	CHECK(ctx_create(user->fd, DRM_FPR_PRIORITY_NORMAL, &other) == 0);
	arm(neighbour, "error mac 1");
	CHECK(user_submit(user, 1) == 0);
	CHECK(submit_mac(user->fd, other, &job, 1, 0, second) == 0);
	neighbour_go(neighbour);
	CHECK(sync_wait(user->fd, user->sync, 0, WAIT_MS) == -EIO);
	CHECK(sync_wait(user->fd, second, 0, WAIT_MS) == 0);
	CHECK(user_status(user, 1) == 0);
	drmSyncobjDestroy(user->fd, second);
	end.id = other;
	CHECK(call(user->fd, DRM_IOCTL_FPR_CTX_DESTROY, &end) == 0);
	close(prime);
}

/*
 * Three hangs, and a context has had its chances, with what waits behind the third; others
 * have not. Unless nobody is ever banned.
 */
static void banned(struct user *guilty, struct neighbour *neighbour)
{
	const char *limit = "/sys/module/fpr/parameters/hang_limit";
	struct drm_fpr_mac_job job = user_job(guilty, 1);
	uint32_t second = sync_create(guilty->fd);

	for (int i = 0; i < 3; i++) {
		arm(neighbour, "hang mac 1");
		CHECK(user_submit(guilty, 1) == 0);
		CHECK(submit_mac(guilty->fd, guilty->ctx, &job, 1, 0, second) == 0);
		neighbour_go(neighbour);
		CHECK(sync_wait(guilty->fd, guilty->sync, 0, WAIT_MS) == -ETIME);
		CHECK(sync_wait(guilty->fd, second, 0, WAIT_MS) == (i < 2 ? 0 : -ECANCELED));
		CHECK(user_status(guilty, 1) == (i < 2 ? 0 : -ECANCELED));
	}
	drmSyncobjDestroy(guilty->fd, second);
	CHECK(user_submit(guilty, 1) == -ECANCELED);
	CHECK(write_text(limit, "0") == 0 && user_works(guilty));
	CHECK(write_text(limit, "3") == 0 && user_submit(guilty, 1) == -ECANCELED);
	CHECK(neighbour_fine(neighbour));
	CHECK(ctx_create(guilty->fd, DRM_FPR_PRIORITY_NORMAL, &guilty->ctx) == 0);
	CHECK(user_works(guilty));
}

/* Who goes on submitting does not keep the hang from being found. */
static void hang_among_many(struct user *guilty, struct neighbour *neighbour)
{
	struct drm_fpr_mac_job nop = nop_job();
	struct drm_fpr_ctx_destroy end = {0};
	uint32_t other = 0, last = sync_create(guilty->fd);
	int more;

	CHECK(ctx_create(guilty->fd, DRM_FPR_PRIORITY_NORMAL, &other) == 0);
	arm(neighbour, "hang mac 1");
	CHECK(user_submit(guilty, 1) == 0);
	for (more = 0; more < 150 && sync_pending(guilty->fd, guilty->sync); more++) {
		CHECK(submit_mac(guilty->fd, other, &nop, 1, 0, last) == 0);
		sleep_ms(200);
	}
	CHECK(more < 150);
	neighbour_go(neighbour);
	CHECK(sync_wait(guilty->fd, guilty->sync, 0, WAIT_MS) == -ETIME);
	CHECK(sync_wait(guilty->fd, last, 0, WAIT_MS) == 0);
	drmSyncobjDestroy(guilty->fd, last);
	end.id = other;
	CHECK(call(guilty->fd, DRM_IOCTL_FPR_CTX_DESTROY, &end) == 0);
	CHECK(ctx_create(guilty->fd, DRM_FPR_PRIORITY_NORMAL, &guilty->ctx) == 0);
}

/* ---- the transfer engine ------------------------------------------------ */

static struct drm_fpr_xfer user_xfer(const struct user *user, uint32_t at, uint32_t direction)
{
	return (struct drm_fpr_xfer){
		.host = user->data.handle,
		.board = user->board.handle,
		.host_offset = at,
		.board_offset = 512 << 10,
		.bytes = 256 << 10,
		.direction = direction,
		.priority = 7,
	};
}

static int round_trip(struct user *user)
{
	struct drm_fpr_xfer out = user_xfer(user, 512 << 10, DRM_FPR_TO_BOARD);
	struct drm_fpr_xfer in = user_xfer(user, 768 << 10, DRM_FPR_TO_HOST);
	uint32_t *from = (uint32_t *)((char *)user->data.map + (512 << 10));
	uint32_t *to = (uint32_t *)((char *)user->data.map + (768 << 10));
	uint32_t there = sync_create(user->fd), back = sync_create(user->fd);
	int ret;

	for (uint32_t i = 0; i < 65536; i++)
		from[i] = i ^ 0x9e3779b9u;
	memset(to, 0, 256 << 10);
	ret = submit_xfer(user->fd, user->ctx, &out, 1, 0, there);
	if (!ret)
		ret = submit_xfer(user->fd, user->ctx, &in, 1, there, back);
	if (!ret)
		ret = sync_wait(user->fd, back, 0, WAIT_MS);
	drmSyncobjDestroy(user->fd, there);
	drmSyncobjDestroy(user->fd, back);
	return ret ? ret : memcmp(from, to, 256 << 10) ? -EILSEQ : 0;
}

/* Anywhere in whatever is moving then: most of that is sums, which may be added once only. */
static void hang_xfer(struct user *user, struct neighbour *neighbour)
{
	long long before = resets();
	uint32_t seed = 12345;
	char command[64];

	forget_dumps();
	for (int i = 1; i <= 6; i++) {
		seed = seed * 1664525u + 1013904223u;
		snprintf(command, sizeof(command), "hang xfer after %u", 1 + (seed >> 12) % 900000);
		begin(command);
		CHECK(board_command(command) == 0);
		CHECK(round_trip(user) == 0);
		CHECK(neighbour_fine(neighbour));
		for (int wait = 0; wait < 200 && resets() < before + i; wait++)
			sleep_ms(50);
		CHECK(resets() == before + i);
	}
	CHECK(dumped("reason: the transfer engine hung\n"));
}

/* One transfer hangs the engine each time it is served; all others shall never know. */
static void guilty_xfer(struct user *guilty, struct neighbour *neighbour)
{
	int before = guilty_of(guilty);

	for (uint32_t direction = 0; direction < 2; direction++) {
		struct drm_fpr_xfer x = user_xfer(guilty, 512 << 10, direction);

		begin(direction ? "hang xfer priority 7, to the host" : "hang xfer priority 7");
		CHECK(board_command("hang xfer priority 7") == 0);
		CHECK(submit_xfer(guilty->fd, guilty->ctx, &x, 1, 0, guilty->sync) == 0);
		CHECK(sync_wait(guilty->fd, guilty->sync, 0, WAIT_MS) == -ETIME);
		CHECK(board_command("clear") == 0);
		CHECK(neighbour_fine(neighbour));
	}
	CHECK(guilty_of(guilty) == before + 2);
	CHECK(ctx_create(guilty->fd, DRM_FPR_PRIORITY_NORMAL, &guilty->ctx) == 0);
	CHECK(round_trip(guilty) == 0);
}

static void wedge_xfer(struct user *user, struct neighbour *neighbour)
{
	long long before = resets();

	begin("wedge xfer, hang xfer after 100000");
	CHECK(board_command("wedge xfer") == 0);
	CHECK(board_command("hang xfer after 100000") == 0);
	CHECK(round_trip(user) == 0);
	CHECK(neighbour_fine(neighbour));
	CHECK(resets() > before);
}

/* The fence of a whole call says so as well, also when nobody had looked at it before. */
static void error_of_many(struct user *user, struct neighbour *neighbour)
{
	struct drm_fpr_xfer x[2] = {user_xfer(user, 512 << 10, DRM_FPR_TO_BOARD),
				    user_xfer(user, 512 << 10, DRM_FPR_TO_BOARD)};
	uint32_t each[2] = {sync_create(user->fd), sync_create(user->fd)};
	uint32_t all = sync_create(user->fd), then = sync_create(user->fd);

	x[0].out = each[0];
	x[1].out = each[1];
	arm(neighbour, "error xfer 1");
	CHECK(submit_xfer(user->fd, user->ctx, x, 2, 0, all) == 0);
	neighbour_go(neighbour);
	CHECK(sync_wait(user->fd, each[0], 0, WAIT_MS) == -EIO);
	CHECK(sync_wait(user->fd, each[1], 0, WAIT_MS) == 0);
	x[0].out = 0;
	CHECK(submit_xfer(user->fd, user->ctx, x, 1, all, then) == 0);
	CHECK(sync_wait(user->fd, then, 0, WAIT_MS) == -ECANCELED);
	for (int i = 0; i < 2; i++)
		drmSyncobjDestroy(user->fd, each[i]);
	drmSyncobjDestroy(user->fd, all);
	drmSyncobjDestroy(user->fd, then);
}

static void error_xfer(struct user *user, struct neighbour *neighbour)
{
	struct drm_fpr_xfer x = user_xfer(user, 512 << 10, DRM_FPR_TO_BOARD);

	arm(neighbour, "error xfer 1");
	memset((char *)user->board.map + x.board_offset, 0x77, x.bytes);
	CHECK(submit_xfer(user->fd, user->ctx, &x, 1, 0, user->sync) == 0);
	neighbour_go(neighbour);
	CHECK(sync_wait(user->fd, user->sync, 0, WAIT_MS) == -EIO);
	CHECK(*((char *)user->board.map + x.board_offset) == 0x77);
	error_of_many(user, neighbour);
	CHECK(neighbour_fine(neighbour));
	CHECK(round_trip(user) == 0);
}

/* ---- both engines, and the board ---------------------------------------- */

static bool resets_reach(long long count)
{
	for (int i = 0; i < 400 && resets() < count; i++)
		sleep_ms(50);
	return resets() >= count;
}

static void corrupt(struct user *user, struct neighbour *neighbour)
{
	static const char *const fields[] = {"fence", "cookie", "phase"};
	char command[64];

	for (int i = 0; i < 6; i++) {
		long long before = resets();

		snprintf(command, sizeof(command), "corrupt %s %s %d", i % 2 ? "xfer" : "mac",
			 fields[i / 2], 1 + i);
		begin(command);
		CHECK(board_command(command) == 0);
		CHECK(user_works(user) && round_trip(user) == 0);
		CHECK(neighbour_fine(neighbour));
		CHECK(resets_reach(before + 1));
	}
}

static void lost_interrupt(struct user *user, struct neighbour *neighbour)
{
	long long before = resets(), lost = read_number(board_sysfs(), "lost_interrupts");

	arm(neighbour, "drop-interrupts 1");
	CHECK(user_works(user));
	CHECK(read_number(board_sysfs(), "lost_interrupts") == lost + 1);
	CHECK(board_command("drop-interrupts 1") == 0);
	CHECK(round_trip(user) == 0);
	CHECK(read_number(board_sysfs(), "lost_interrupts") > lost + 1);
	neighbour_go(neighbour);
	arm(neighbour, "drop-interrupts 1");
	lost = read_number(board_sysfs(), "lost_interrupts");
	CHECK(board_command("fatal") == 0);
	CHECK(resets_reach(++before));
	CHECK(read_number(board_sysfs(), "lost_interrupts") == lost + 1);
	neighbour_go(neighbour);
	begin("drop-interrupts 20");
	CHECK(board_command("drop-interrupts 20") == 0);
	CHECK(neighbour_fine(neighbour));
	CHECK(board_command("clear") == 0);
	CHECK(resets() == before);
}

static void slow(struct user *user, struct neighbour *neighbour)
{
	long long before = resets();

	begin("delay-dma 50");
	CHECK(board_command("delay-dma 50") == 0);
	CHECK(user_works(user) && round_trip(user) == 0);
	CHECK(neighbour_fine(neighbour));
	CHECK(board_command("delay-dma 0") == 0);
	CHECK(resets() == before);
}

static void board_faults(struct user *user, struct neighbour *neighbour)
{
	long long before;

	for (int i = 0; i < 3; i++) {
		before = resets();
		begin("fatal");
		/* Wherever they are. */
		sleep_ms(10 + 30 * (unsigned int)i);
		CHECK(board_command("fatal") == 0);
		CHECK(resets_reach(before + 1));
		CHECK(user_works(user));
		CHECK(neighbour_fine(neighbour));
	}
	before = resets();
	begin("heartbeat stop");
	CHECK(board_command("heartbeat stop") == 0);
	CHECK(resets_reach(before + 1));
	CHECK(board_command("heartbeat go") == 0);
	CHECK(user_works(user) && round_trip(user) == 0);
	CHECK(neighbour_fine(neighbour));
}

static long long hwmon_temperature(void)
{
	char path[400];
	struct dirent *entry;
	long long value = -1;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/hwmon", board_sysfs());
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/hwmon/%.100s", board_sysfs(), entry->d_name);
		value = read_number(path, "temp1_input");
	}
	if (dir)
		closedir(dir);
	return value;
}

static void temperature(void)
{
	begin("temperature");
	CHECK(hwmon_temperature() == 40000);
	CHECK(board_command("temperature 91500") == 0);
	CHECK(hwmon_temperature() == 91500);
	CHECK(board_command("temperature -5250") == 0);
	CHECK(hwmon_temperature() == -5250);
	CHECK(board_command("temperature 40000") == 0);
}

/* ---- a board that no reset helps ---------------------------------------- */

static int listen_uevents(void)
{
	struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = 1};
	int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
			NETLINK_KOBJECT_UEVENT);

	if (fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof(address)))
		return -errno;
	return fd;
}

/* A uevent of an accel device that holds @variable. */
static bool uevent_comes(int fd, const char *variable)
{
	char text[4096];

	for (int i = 0; i < 400; i++) {
		ssize_t length = recv(fd, text, sizeof(text) - 1, 0);
		bool ours = false, found = false;

		if (length <= 0) {
			sleep_ms(50);
			continue;
		}
		text[length] = 0;
		for (char *s = text; s < text + length; s += strlen(s) + 1) {
			ours |= !strcmp(s, "SUBSYSTEM=accel");
			found |= !strcmp(s, variable);
		}
		if (ours && found)
			return true;
	}
	return false;
}

/* All work fails, until the driver is bound anew. */
static void wedged_until_bound(struct user *user, int events)
{
	const char *slot = strrchr(board_sysfs(), '/') + 1;

	CHECK(uevent_comes(events, "WEDGED=rebind"));
	CHECK(user_submit(user, 1) == -EIO || sync_wait(user->fd, user->sync, 0, WAIT_MS) == -EIO);
	CHECK(board_command("clear") == 0);
	CHECK(write_text("/sys/bus/pci/drivers/fpr/unbind", slot) == 0);
	close(user->fd);
	CHECK(write_text("/sys/bus/pci/drivers/fpr/bind", slot) == 0);
	user_open(user);
	CHECK(user_works(user));
}

static void wedged(struct user *user, int events)
{
	begin("wedge board, fatal");
	CHECK(board_command("wedge board") == 0);
	CHECK(user_submit(user, 1) == 0);
	CHECK(board_command("fatal") == 0);
	wedged_until_bound(user, events);
}

/* It resets well, and each time reports the next error before it has done anything. */
static void relapsing(struct user *user, int events)
{
	long long before = resets();
	char reset[400];

	snprintf(reset, sizeof(reset), "%s/reset", board_debugfs());
	begin("asked for, not a relapse");
	for (int i = 1; i <= 20; i++) {
		CHECK(write_text(reset, "1") == 0);
		CHECK(resets_reach(before + i));
	}
	CHECK(user_works(user));
	begin("fatal, again and again");
	before = resets();
	for (int i = 1; i <= 17; i++) {
		CHECK(board_command("fatal") == 0);
		CHECK(resets_reach(before + i));
	}
	wedged_until_bound(user, events);
}

int main(int argc, char **argv)
{
	struct neighbour neighbour;
	struct user user = {0};
	int events = listen_uevents();

	CHECK(events >= 0);
	neighbour_start(&neighbour);
	user_open(&user);
	CHECK(user_works(&user) && round_trip(&user) == 0 && neighbour_fine(&neighbour));
	hang_mac(&user, &neighbour);
	hang_xfer(&user, &neighbour);
	if (argc < 2 || strcmp(argv[1], "hangs")) {
		hang_among_many(&user, &neighbour);
		wedge_mac(&user, &neighbour);
		error_mac(&user, &neighbour, FPR_ERR_INTERNAL, -EIO);
		error_mac(&user, &neighbour, FPR_ERR_BOUNDS, -EINVAL);
		error_spreads(&user, &neighbour);
		error_stays(&user, &neighbour);
		guilty_xfer(&user, &neighbour);
		wedge_xfer(&user, &neighbour);
		error_xfer(&user, &neighbour);
		corrupt(&user, &neighbour);
		lost_interrupt(&user, &neighbour);
		slow(&user, &neighbour);
		board_faults(&user, &neighbour);
		temperature();
		banned(&user, &neighbour);
	}
	CHECK(neighbour_end(&neighbour));
	wedged(&user, events);
	relapsing(&user, events);
	close(events);
	close(user.fd);
	return report("faults");
}
