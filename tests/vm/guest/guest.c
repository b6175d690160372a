/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include <xf86drm.h>

#include <linux/sync_file.h>

#include "guest.h"

int failures;
static int checks;

bool check_that(bool holds, const char *text, const char *file, int line)
{
	checks++;
	if (!holds) {
		failures++;
		printf("%s:%d: not so: %s\n", file, line, text);
		fflush(stdout);
	}
	return holds;
}

int report(const char *name)
{
	printf("%s: %d checks, %d failed\n", name, checks, failures);
	return failures ? 1 : 0;
}

double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void sleep_ms(unsigned int ms)
{
	usleep(ms * 1000);
}

/* ---- finding the board -------------------------------------------------- */

/* Which of several boards. */
static int board_number(void)
{
	const char *number = getenv("FPR_TEST_NUMBER");

	return number ? atoi(number) : 1;
}

static int is_board(const struct dirent *entry)
{
	char path[300], id[32];

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%.100s/subsystem_device", entry->d_name);
	return read_text(path, id, sizeof(id)) == 0 && strtol(id, NULL, 16) == 0x4650;
}

/* Found once: a board that comes back comes back to its slot. */
const char *board_sysfs(void)
{
	static char path[300];
	struct dirent **boards;
	int count;

	if (path[0])
		return path;
	count = scandir("/sys/bus/pci/devices", &boards, is_board, alphasort);
	for (int i = 0; i < count; i++) {
		if (i == board_number() - 1)
			snprintf(path, sizeof(path), "/sys/bus/pci/devices/%.100s",
				 boards[i]->d_name);
		free(boards[i]);
	}
	if (count >= 0)
		free(boards);
	return path;
}

static bool is_node(const char *node)
{
	char link[300], device[300];
	ssize_t length;

	snprintf(link, sizeof(link), "/sys/class/accel/%s/device", node);
	length = readlink(link, device, sizeof(device) - 1);
	if (length < 0)
		return false;
	device[length] = 0;
	return board_sysfs()[0] && !strcmp(strrchr(device, '/'), strrchr(board_sysfs(), '/'));
}

const char *board_node(void)
{
	static char path[300];
	struct dirent *entry;
	bool found = false;
	DIR *dir = opendir("/sys/class/accel");

	while (dir && !found && (entry = readdir(dir))) {
		found = entry->d_name[0] != '.' && is_node(entry->d_name);
		if (found)
			snprintf(path, sizeof(path), "/dev/accel/%s", entry->d_name);
	}
	if (dir)
		closedir(dir);
	return found ? path : NULL;
}

const char *board_debugfs(void)
{
	static char path[300];
	const char *function = strrchr(board_sysfs(), '/');

	snprintf(path, sizeof(path), "/sys/kernel/debug/accel%.100s", function ? function : "");
	return path;
}

int open_board(void)
{
	for (int i = 0; i < 100; i++) {
		const char *node = board_node();
		int fd = node ? open(node, O_RDWR | O_CLOEXEC) : -1;

		if (fd >= 0)
			return fd;
		sleep_ms(50);
	}
	return -ENODEV;
}

int read_text(const char *path, char *text, size_t room)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length;

	if (fd < 0)
		return -errno;
	length = read(fd, text, room - 1);
	close(fd);
	if (length < 0)
		return -errno;
	text[length] = 0;
	return 0;
}

int write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int ret = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		ret = -errno;
	close(fd);
	return ret;
}

long long read_number(const char *directory, const char *name)
{
	char path[500], text[64];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	return read_text(path, text, sizeof(text)) ? -1 : strtoll(text, NULL, 10);
}

static int board_ask(const char *line, char *answer, size_t room)
{
	static int fd = -1;
	char port[32];
	size_t n = 0;
	ssize_t got;

	snprintf(port, sizeof(port), "/dev/vm-control%d", board_number());
	if (fd < 0)
		fd = open(port, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (dprintf(fd, "%s\n", line) < 0)
		return -EIO;
	do {
		got = read(fd, answer + n, room - 1 - n);
		if (got <= 0)
			return -EIO;
		n += (size_t)got;
	} while (answer[n - 1] != '\n');
	answer[n] = 0;
	return 0;
}

int board_command(const char *line)
{
	char answer[256];
	int ret = board_ask(line, answer, sizeof(answer));

	return !ret && strncmp(answer, "ok", 2) ? -EINVAL : ret;
}

long long board_stat(const char *name)
{
	char answer[8192], key[64];
	const char *at;

	snprintf(key, sizeof(key), "\"%s\":", name);
	if (board_ask("stats", answer, sizeof(answer)))
		return -1;
	at = strstr(answer, key);
	return at ? strtoll(at + strlen(key), NULL, 10) : -1;
}

/* ---- ioctls ------------------------------------------------------------- */

int call(int fd, unsigned long request, void *argument)
{
	return drmIoctl(fd, request, argument) ? -errno : 0;
}

int bo_map(int fd, struct bo *bo)
{
	struct drm_fpr_bo_info info = {.handle = bo->handle};
	int ret = call(fd, DRM_IOCTL_FPR_BO_INFO, &info);

	if (ret)
		return ret;
	bo->size = info.size;
	bo->map = mmap(NULL, bo->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		       (off_t)info.mmap_offset);
	return bo->map == MAP_FAILED ? -errno : 0;
}

int bo_create(int fd, uint32_t placement, uint64_t size, struct bo *bo)
{
	struct drm_fpr_bo_create create = {.size = size, .placement = placement};
	int ret = call(fd, DRM_IOCTL_FPR_BO_CREATE, &create);

	*bo = (struct bo){.handle = create.handle, .size = create.size};
	return ret ? ret : bo_map(fd, bo);
}

void bo_free(int fd, struct bo *bo)
{
	struct drm_gem_close close = {.handle = bo->handle};

	if (bo->map)
		munmap(bo->map, bo->size);
	call(fd, DRM_IOCTL_GEM_CLOSE, &close);
}

int ctx_create(int fd, uint32_t priority, uint32_t *id)
{
	struct drm_fpr_ctx_create create = {.priority = priority};
	int ret = call(fd, DRM_IOCTL_FPR_CTX_CREATE, &create);

	*id = create.id;
	return ret;
}

uint32_t sync_create(int fd)
{
	uint32_t handle = 0;

	return drmSyncobjCreate(fd, 0, &handle) ? 0 : handle;
}

/* A syncobj says that a fence has ended, a sync file also how. */
static int sync_error(int fd, uint32_t handle)
{
	struct sync_file_info info = {0};
	int file = -1, ret = 0;

	if (drmSyncobjExportSyncFile(fd, handle, &file))
		return -errno;
	if (ioctl(file, SYNC_IOC_FILE_INFO, &info))
		ret = -errno;
	else if (info.status < 0)
		ret = info.status;
	close(file);
	return ret;
}

int sync_wait(int fd, uint32_t handle, uint64_t point, int64_t ms)
{
	struct timespec t;
	int64_t deadline;
	int ret;

	clock_gettime(CLOCK_MONOTONIC, &t);
	deadline = (int64_t)t.tv_sec * 1000000000 + t.tv_nsec + ms * 1000000;
	if (point)
		ret = drmSyncobjTimelineWait(fd, &handle, &point, 1, deadline, 0, NULL);
	else
		ret = drmSyncobjWait(fd, &handle, 1, deadline, 0, NULL);
	if (ret)
		return -errno;
	return point ? 0 : sync_error(fd, handle);
}

bool sync_pending(int fd, uint32_t handle)
{
	return drmSyncobjWait(fd, &handle, 1, 0, 0, NULL) && errno == ETIME;
}

struct drm_fpr_array array_of(const void *elements, uint32_t count, uint32_t stride)
{
	return (struct drm_fpr_array){
		.stride = stride, .count = count, .array = (uint64_t)(uintptr_t)elements};
}

struct drm_fpr_mac_job nop_job(void)
{
	return (struct drm_fpr_mac_job){.flags = DRM_FPR_MAC_NOP};
}

struct drm_fpr_mac_job gemm_job(uint32_t m, uint32_t n, uint32_t k)
{
	struct drm_fpr_mac_job job = {
		.gemm = {.m = m, .n = n, .k = k, .batch = 1, .t = FPR_T_CHUNK}};

	return job;
}

int submit_mac(int fd, uint32_t ctx, const struct drm_fpr_mac_job *jobs, uint32_t count,
	       uint32_t in, uint32_t out)
{
	struct drm_fpr_sync wait = {.handle = in}, signal = {.handle = out};
	struct drm_fpr_submit_mac submit = {
		.ctx = ctx,
		.jobs = array_of(jobs, count, sizeof(*jobs)),
		.in = array_of(&wait, !!in, sizeof(wait)),
		.out = array_of(&signal, !!out, sizeof(signal)),
	};

	return call(fd, DRM_IOCTL_FPR_SUBMIT_MAC, &submit);
}

int submit_xfer(int fd, uint32_t ctx, const struct drm_fpr_xfer *xfers, uint32_t count, uint32_t in,
		uint32_t out)
{
	struct drm_fpr_sync wait = {.handle = in}, signal = {.handle = out};
	struct drm_fpr_submit_xfer submit = {
		.ctx = ctx,
		.xfers = array_of(xfers, count, sizeof(*xfers)),
		.in = array_of(&wait, !!in, sizeof(wait)),
		.out = array_of(&signal, !!out, sizeof(signal)),
	};

	return call(fd, DRM_IOCTL_FPR_SUBMIT_XFER, &submit);
}

/* ---- numbers ------------------------------------------------------------ */

uint16_t bf16(float value)
{
	uint32_t bits;

	memcpy(&bits, &value, sizeof(bits));
	return (uint16_t)(bits >> 16);
}

void fill_bf16(uint16_t *to, size_t count, uint32_t seed)
{
	for (size_t i = 0; i < count; i++) {
		seed = seed * 1664525u + 1013904223u;
		to[i] = bf16((float)((int)(seed >> 28) - 8));
	}
}

float from_bf16(uint16_t value)
{
	uint32_t bits = (uint32_t)value << 16;
	float result;

	memcpy(&result, &bits, sizeof(result));
	return result;
}

bool gemm_matches(const uint16_t *a, const uint16_t *b, const float *c, uint32_t m, uint32_t n,
		  uint32_t k)
{
	for (uint32_t i = 0; i < m; i++) {
		for (uint32_t j = 0; j < n; j++) {
			float sum = 0;

			for (uint32_t l = 0; l < k; l++)
				sum += from_bf16(a[(size_t)i * k + l]) *
				       from_bf16(b[(size_t)l * n + j]);
			if (c[(size_t)i * n + j] != sum)
				return false;
		}
	}
	return true;
}
