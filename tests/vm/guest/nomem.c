/* SPDX-License-Identifier: MIT */

/*
 * Memory runs out wherever the driver asks for some: the kernel's fault injection lets
 * the N-th allocation of a call fail, for N = 1, 2, 3, ... until the call gets through
 * without. A call that failed says -ENOMEM, has changed nothing and leaves nothing.
 * Then the same at random, by two processes at once. Needs a kernel with failslab.
 */
#define _GNU_SOURCE /* memfd_create() */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xf86drm.h>

#include <linux/udmabuf.h>

#include "guest.h"

#define WAIT_MS 60000
/* No call asks for memory this often. */
#define MOST 20000
/* Calls of each process that fails at random. */
#define RANDOM_CALLS 150

enum { BYTES = 65536, JOBS = 64, XFERS = 4 };

/* ---- fault injection ------------------------------------------------------ */

#define DEBUGFS "/sys/kernel/debug/"

static int nth_file = -1, random_file = -1;
/* The allocation to fail; 0 with @random_file open: any. */
static unsigned int nth;
/* The last call came to that. */
static bool reached;

/* Every allocation may fail, not only those that expect it, and the log stays empty. */
static bool prepare_injection(void)
{
	static const struct {
		const char *path, *value;
	} settings[] = {
		{DEBUGFS "failslab/verbose", "0"},
		{DEBUGFS "failslab/ignore-gfp-wait", "N"},
		{DEBUGFS "failslab/task-filter", "Y"},
		{DEBUGFS "failslab/times", "-1"},
		{DEBUGFS "failslab/probability", "3"},
		{DEBUGFS "fail_page_alloc/verbose", "0"},
		{DEBUGFS "fail_page_alloc/ignore-gfp-wait", "N"},
		{DEBUGFS "fail_page_alloc/ignore-gfp-highmem", "N"},
		{DEBUGFS "fail_page_alloc/min-order", "0"},
		{DEBUGFS "fail_page_alloc/task-filter", "Y"},
		{DEBUGFS "fail_page_alloc/times", "-1"},
		{DEBUGFS "fail_page_alloc/probability", "3"},
		/* No code lies there: what is copied from and to the caller does not fail. */
		{DEBUGFS "fail_usercopy/require-end", "1"},
	};
	bool good = true;

	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		good &= write_text(settings[i].path, settings[i].value) == 0;
	return good;
}

/* Where a function of the kernel's lies. */
static bool find_function(const char *name, unsigned long long *start, unsigned long long *end)
{
	char line[512], kind, symbol[256];
	unsigned long long address;

	*start = 0;
	*end = ~0ull;
	for (int pass = 0; pass < 2; pass++) {
		FILE *file = fopen("/proc/kallsyms", "re");

		while (file && fgets(line, sizeof(line), file)) {
			if (sscanf(line, "%llx %c %255s", &address, &kind, symbol) != 3)
				continue;
			if (pass == 0 && !strcmp(symbol, name))
				*start = address;
			if (pass == 1 && address > *start && address < *end)
				*end = address;
		}
		if (file)
			fclose(file);
	}
	return *start != 0;
}

static void set_everywhere(const char *name, unsigned long long value)
{
	static const char *const kinds[] = {"failslab", "fail_page_alloc"};
	char path[128], text[32];

	for (int i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), DEBUGFS "%s/%s", kinds[i], name);
		snprintf(text, sizeof(text), "%llu", value);
		CHECK(write_text(path, text) == 0);
	}
}

/*
 * From now on only what one function of the kernel's asks for fails, but for what
 * another one does; @depth callers away at most, the injection's own included.
 */
static void only_below(const char *name, const char *spared, unsigned int depth)
{
	unsigned long long start, end;

	if (!CHECK(find_function(name, &start, &end)))
		printf("no %s in this kernel\n", name);
	set_everywhere("require-start", start);
	set_everywhere("require-end", end);
	start = end = 0;
	CHECK(!spared || find_function(spared, &start, &end));
	set_everywhere("reject-start", start);
	set_everywhere("reject-end", end);
	set_everywhere("stacktrace-depth", depth);
}

static void put_number(int file, unsigned int number)
{
	char text[16];
	int length = snprintf(text, sizeof(text), "%u", number);

	CHECK(pwrite(file, text, (size_t)length, 0) == length);
}

static void arm(void)
{
	put_number(random_file >= 0 ? random_file : nth_file, random_file >= 0 ? 1 : nth);
}

static void disarm(void)
{
	char text[16] = "";

	if (random_file >= 0) {
		put_number(random_file, 0);
		return;
	}
	reached = pread(nth_file, text, sizeof(text) - 1, 0) > 0 && atoi(text) == 0;
	put_number(nth_file, 0);
}

/* Make a system call that may fail: its result, or -errno. */
#define ARMED(expression)                            \
	({                                           \
		long armed_result;                   \
                                                     \
		arm();                               \
		armed_result = (expression);         \
		if (armed_result < 0)                \
			armed_result = -(long)errno; \
		disarm();                            \
		(int)armed_result;                   \
	})

/* ---- what must not change ------------------------------------------------- */

struct state {
	long long buffers, mappings, free;
};

/* Lines of a file that hold a word; 0 when there is no such file. */
static long long lines_with(const char *path, const char *word)
{
	FILE *file = fopen(path, "re");
	long long count = 0;
	char line[512];

	while (file && fgets(line, sizeof(line), file))
		count += strstr(line, word) != NULL;
	if (file)
		fclose(file);
	return count;
}

static const char *slot(void)
{
	const char *path = board_sysfs();

	return *path ? strrchr(path, '/') + 1 : "none";
}

static struct state take_state(void)
{
	char path[128];
	struct state state;

	snprintf(path, sizeof(path), DEBUGFS "accel/%.20s/memory", slot());
	state.buffers = lines_with(path, " pieces");
	state.mappings = lines_with(DEBUGFS "dma-api/dump", slot());
	state.free = read_number(board_sysfs(), "memory_free_bytes");
	return state;
}

/* What has ended is let go of a little later, in a work of the kernel's. */
static bool returns_to(const struct state *before)
{
	struct state now;

	for (int i = 0; i < 200; i++) {
		now = take_state();
		if (!memcmp(&now, before, sizeof(now)))
			return true;
		sleep_ms(20);
	}
	printf("buffers %lld, now %lld; mappings %lld, now %lld; free %lld, now %lld\n",
	       before->buffers, now.buffers, before->mappings, now.mappings, before->free,
	       now.free);
	return false;
}

/* ---- calls: each takes back what succeeded -------------------------------- */

/* What they work on. */
static int fd;
static char node[64];
static uint32_t ctx, ready, done, line;
static struct bo host, board, shared;
static int shared_prime, foreign;

static void close_handle(uint32_t handle)
{
	struct drm_gem_close close = {.handle = handle};

	CHECK(ioctl(fd, DRM_IOCTL_GEM_CLOSE, &close) == 0);
}

static int opening(void)
{
	int ret = ARMED(open(node, O_RDWR | O_CLOEXEC));

	return ret < 0 ? ret : close(ret);
}

static int reading(const char *path)
{
	char text[4096];
	int file = ARMED(open(path, O_RDONLY | O_CLOEXEC)), ret;

	if (file < 0)
		return file;
	/* Both count: the one that opens fails at small N, this one again. */
	ret = ARMED(read(file, text, sizeof(text)));
	close(file);
	return ret < 0 ? ret : 0;
}

static int reading_fdinfo(void)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	return reading(path);
}

static int reading_memory(void)
{
	char path[128];

	snprintf(path, sizeof(path), DEBUGFS "accel/%.20s/memory", slot());
	return reading(path);
}

static int reading_rings(void)
{
	char path[128];

	snprintf(path, sizeof(path), DEBUGFS "accel/%.20s/rings", slot());
	return reading(path);
}

static int query(void)
{
	struct drm_fpr_query_device device;
	struct drm_fpr_query q = {.size = sizeof(device), .pointer = (uintptr_t)&device};

	return ARMED(ioctl(fd, DRM_IOCTL_FPR_QUERY, &q));
}

static int counters(void)
{
	struct drm_fpr_counters_context context;
	struct drm_fpr_read_counters read = {.type = DRM_FPR_COUNTERS_CONTEXT,
					     .id = ctx,
					     .size = sizeof(context),
					     .pointer = (uintptr_t)&context};

	return ARMED(ioctl(fd, DRM_IOCTL_FPR_READ_COUNTERS, &read));
}

static int create_context(void)
{
	struct drm_fpr_ctx_create create = {.priority = DRM_FPR_PRIORITY_NORMAL};
	struct drm_fpr_ctx_destroy destroy = {0};
	int ret = ARMED(ioctl(fd, DRM_IOCTL_FPR_CTX_CREATE, &create));

	destroy.id = create.id;
	if (ret == 0)
		CHECK(ioctl(fd, DRM_IOCTL_FPR_CTX_DESTROY, &destroy) == 0);
	return ret;
}

static int create(uint32_t place)
{
	struct drm_fpr_bo_create create = {.size = BYTES, .placement = place};
	int ret = ARMED(ioctl(fd, DRM_IOCTL_FPR_BO_CREATE, &create));

	if (ret == 0)
		close_handle(create.handle);
	return ret;
}

static int create_host(void)
{
	return create(DRM_FPR_PLACE_HOST);
}

static int create_board(void)
{
	return create(DRM_FPR_PLACE_BOARD);
}

/* Map a new buffer, and touch it. */
static int map(uint32_t place)
{
	struct drm_fpr_bo_create create = {.size = BYTES, .placement = place};
	struct drm_fpr_bo_info info = {0};
	int ret;

	if (!CHECK(ioctl(fd, DRM_IOCTL_FPR_BO_CREATE, &create) == 0))
		return 0;
	info.handle = create.handle;
	ret = ARMED(ioctl(fd, DRM_IOCTL_FPR_BO_INFO, &info));
	if (ret == 0 && (nth == 0 || !reached)) {
		void *at = MAP_FAILED;

		ret = ARMED((at = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
				       (off_t)info.mmap_offset)) == MAP_FAILED
				    ? -1
				    : (memset(at, 1, BYTES), 0));
		if (at != MAP_FAILED)
			munmap(at, BYTES);
	}
	close_handle(create.handle);
	return ret;
}

static int map_host(void)
{
	return map(DRM_FPR_PLACE_HOST);
}

static int map_board(void)
{
	return map(DRM_FPR_PLACE_BOARD);
}

static int export_new(uint32_t place)
{
	struct drm_fpr_bo_create create = {.size = BYTES, .placement = place};
	struct drm_prime_handle prime = {.flags = O_CLOEXEC | O_RDWR};
	int ret;

	if (!CHECK(ioctl(fd, DRM_IOCTL_FPR_BO_CREATE, &create) == 0))
		return 0;
	prime.handle = create.handle;
	ret = ARMED(ioctl(fd, DRM_IOCTL_PRIME_HANDLE_TO_FD, &prime));
	if (ret == 0)
		close(prime.fd);
	close_handle(create.handle);
	return ret;
}

static int export_host(void)
{
	return export_new(DRM_FPR_PLACE_HOST);
}

static int export_board(void)
{
	return export_new(DRM_FPR_PLACE_BOARD);
}

static int import_foreign(void)
{
	struct drm_prime_handle prime = {.fd = foreign};
	int ret;

	if (foreign < 0)
		return 0;
	ret = ARMED(ioctl(fd, DRM_IOCTL_PRIME_FD_TO_HANDLE, &prime));
	if (ret == 0)
		close_handle(prime.handle);
	return ret;
}

/* Submit, and see that a syncobj follows what was accepted and nothing else. */
static int submit(unsigned long request, void *argument)
{
	int ret;

	CHECK(drmSyncobjReset(fd, &done, 1) == 0);
	ret = ARMED(ioctl(fd, request, argument));
	if (ret == 0)
		CHECK(sync_wait(fd, done, 0, WAIT_MS) == 0);
	else
		CHECK(drmSyncobjWait(fd, &done, 1, 0, 0, NULL) && errno == EINVAL);
	return ret;
}

static int submit_jobs(uint32_t count, const struct bo *c)
{
	static struct drm_fpr_mac_job jobs[JOBS];
	static uint64_t point;
	struct drm_fpr_sync in = {.handle = ready};
	struct drm_fpr_sync out[] = {{.handle = done}, {.handle = line, .point = ++point}};
	struct drm_fpr_submit_mac args = {
		.ctx = ctx,
		.jobs = array_of(jobs, count, sizeof(jobs[0])),
		.in = array_of(&in, 1, sizeof(in)),
		.out = array_of(out, 2, sizeof(out[0])),
	};

	for (uint32_t i = 0; i < count; i++) {
		jobs[i] = gemm_job(8, 8, 16);
		jobs[i].a = jobs[i].b = board.handle;
		jobs[i].c = c->handle;
		jobs[i].c_offset = 4096;
		jobs[i].result = host.handle;
		jobs[i].result_offset = (uint64_t)i * DRM_FPR_RESULT_ALIGN;
	}
	return submit(DRM_IOCTL_FPR_SUBMIT_MAC, &args);
}

static int submit_job(void)
{
	return submit_jobs(1, &board);
}

static int submit_many_jobs(void)
{
	return submit_jobs(JOBS, &board);
}

static int submit_shared_job(void)
{
	return submit_jobs(1, &shared);
}

static int submit_xfers(uint32_t count, const struct bo *from, bool outs)
{
	struct drm_fpr_xfer xfers[XFERS] = {0};
	static uint64_t point = 1 << 20;
	struct drm_fpr_sync in = {.handle = ready}, out = {.handle = done};
	struct drm_fpr_submit_xfer args = {
		.ctx = ctx,
		.xfers = array_of(xfers, count, sizeof(xfers[0])),
		.in = array_of(&in, 1, sizeof(in)),
		.out = array_of(&out, 1, sizeof(out)),
	};

	for (uint32_t i = 0; i < count; i++)
		xfers[i] = (struct drm_fpr_xfer){
			.host = from->handle,
			.board = board.handle,
			.bytes = 4096,
			.host_offset = (uint64_t)i * 4096,
			.result = host.handle,
			.result_offset = BYTES / 2 + (uint64_t)i * DRM_FPR_RESULT_ALIGN,
			.out = outs ? line : 0,
			.out_point = outs ? ++point : 0,
		};
	return submit(DRM_IOCTL_FPR_SUBMIT_XFER, &args);
}

static int submit_xfer_one(void)
{
	return submit_xfers(1, &host, false);
}

static int submit_xfer_many(void)
{
	return submit_xfers(XFERS, &host, true);
}

static int submit_xfer_shared(void)
{
	return submit_xfers(XFERS, &shared, false);
}

static const struct {
	const char *name;
	int (*call)(void);
} calls[] = {
	{"open", opening},
	{"query", query},
	{"counters", counters},
	{"context", create_context},
	{"host buffer", create_host},
	{"board buffer", create_board},
	{"map of a host buffer", map_host},
	{"map of a board buffer", map_board},
	{"export of a host buffer", export_host},
	{"export of a board buffer", export_board},
	{"import", import_foreign},
	{"a job", submit_job},
	{"many jobs", submit_many_jobs},
	{"a job on a shared buffer", submit_shared_job},
	{"a transfer", submit_xfer_one},
	{"transfers", submit_xfer_many},
	{"transfers of a shared buffer", submit_xfer_shared},
	{"fdinfo", reading_fdinfo},
	{"debugfs memory", reading_memory},
	{"debugfs rings", reading_rings},
};

enum { CALLS = sizeof(calls) / sizeof(calls[0]) };

/* @strict: what fails says -ENOMEM, as all of the driver's own calls do. */
static void exhaust(const char *name, int (*try)(void), bool strict)
{
	struct state before = take_state();
	unsigned int refused = 0;

	for (nth = 1, reached = true; nth < MOST; nth++) {
		int ret = try();

		if (!reached) {
			CHECK(ret >= 0);
			break;
		}
		refused += ret < 0;
		if (!CHECK(ret >= 0 || ret == -ENOMEM || !strict) || !CHECK(returns_to(&before))) {
			printf("%s: allocation %u: %d\n", name, nth, ret);
			break;
		}
	}
	printf("%s: %u places, %u refused\n", name, nth - 1, refused);
	fflush(stdout);
	CHECK(nth < MOST && returns_to(&before));
}

/* ---- binding -------------------------------------------------------------- */

#define DRIVER "/sys/bus/pci/drivers/fpr/"

static char bound_slot[32];

static int bind(void)
{
	int file = open(DRIVER "bind", O_WRONLY | O_CLOEXEC), ret;

	ret = ARMED(write(file, bound_slot, strlen(bound_slot)));
	close(file);
	if (ret >= 0)
		CHECK(write_text(DRIVER "unbind", bound_slot) == 0);
	return ret;
}

/*
 * What the driver calls as it binds, for which memory is asked in many places. Linux 6.12
 * is not up to a lack of it everywhere: drm_sysfs_minor_alloc()'s error is put as if it
 * were a device, an MSI-X table that could not be mapped is unmapped, /proc entries that
 * were not made are removed. Hence not simply all of it.
 */
static const struct {
	const char *below, *spared;
	unsigned int depth;
} steps[] = {
	{"__devm_drm_dev_alloc", "drm_sysfs_minor_alloc", 32},
	{"pcim_enable_device", NULL, 32},
	{"pcim_iomap_region", NULL, 32},
	{"__drmm_add_action_or_reset", NULL, 32},
	{"alloc_workqueue", NULL, 32},
	{"__devm_request_region", NULL, 32},
	{"__devm_ioremap", NULL, 32},
	{"dma_alloc_attrs", NULL, 32},
	{"__kvmalloc_node_noprof", NULL, 32},
	{"drm_sched_init", NULL, 32},
	{"request_threaded_irq", NULL, 4},
	{"drm_dev_register", NULL, 32},
	{"devm_hwmon_device_register_with_info", NULL, 32},
};

static void rebind(void)
{
	char name[64];

	snprintf(bound_slot, sizeof(bound_slot), "%s", slot());
	CHECK(write_text(DRIVER "unbind", bound_slot) == 0);
	CHECK(take_state().mappings == 0);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		snprintf(name, sizeof(name), "bind, %s", steps[i].below);
		only_below(steps[i].below, steps[i].spared, steps[i].depth);
		/* Whoever asks for a BAR is not told why there is none. */
		exhaust(name, bind, false);
		CHECK(nth > 1);
	}
	CHECK(write_text(DRIVER "bind", bound_slot) == 0);
}

/* ---- life ----------------------------------------------------------------- */

static int make_foreign(void)
{
	struct udmabuf_create create = {.size = BYTES};
	int memfd = memfd_create("foreign", MFD_ALLOW_SEALING | MFD_CLOEXEC);
	int maker = open("/dev/udmabuf", O_RDWR | O_CLOEXEC), ret = -1;

	if (maker >= 0 && memfd >= 0 && ftruncate(memfd, BYTES) == 0 &&
	    fcntl(memfd, F_ADD_SEALS, F_SEAL_SHRINK) == 0) {
		create.memfd = (uint32_t)memfd;
		ret = ioctl(maker, UDMABUF_CREATE, &create);
	}
	close(maker);
	close(memfd);
	return ret;
}

static bool set_up(void)
{
	const char *path;
	uint64_t first = 0;

	fd = open_board();
	if (!CHECK(fd >= 0))
		return false;
	path = board_node();
	snprintf(node, sizeof(node), "%s", path ? path : "");
	CHECK(ctx_create(fd, DRM_FPR_PRIORITY_NORMAL, &ctx) == 0);
	CHECK(bo_create(fd, DRM_FPR_PLACE_HOST, BYTES, &host) == 0);
	CHECK(bo_create(fd, DRM_FPR_PLACE_BOARD, BYTES, &board) == 0);
	CHECK(bo_create(fd, DRM_FPR_PLACE_HOST, BYTES, &shared) == 0);
	CHECK(drmPrimeHandleToFD(fd, shared.handle, O_CLOEXEC | O_RDWR, &shared_prime) == 0);
	ready = sync_create(fd);
	done = sync_create(fd);
	line = sync_create(fd);
	CHECK(drmSyncobjSignal(fd, &ready, 1) == 0);
	CHECK(drmSyncobjQuery(fd, &line, &first, 1) == 0);
	return failures == 0;
}

static int at_random(unsigned int seed)
{
	random_file = open("/proc/self/make-it-fail", O_RDWR | O_CLOEXEC);
	nth = 0;
	/* Two mappings of one piece of memory would be a mistake to DMA debugging. */
	foreign = make_foreign();
	if (random_file < 0 || !set_up())
		return 1;
	for (int i = 0; i < RANDOM_CALLS; i++) {
		int which, ret;

		seed = seed * 1103515245u + 12345u;
		which = (int)((seed >> 16) % CALLS);
		ret = calls[which].call();
		if (!CHECK(ret >= 0 || ret == -ENOMEM))
			printf("%s: %d\n", calls[which].name, ret);
	}
	close(fd);
	return failures != 0;
}

static void all_at_random(void)
{
	struct state before = take_state();
	pid_t children[2];

	for (unsigned int i = 0; i < 2; i++) {
		children[i] = fork();
		if (children[i] == 0)
			_exit(at_random(i));
	}
	for (int i = 0; i < 2; i++) {
		int status;

		waitpid(children[i], &status, 0);
		CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	}
	CHECK(returns_to(&before));
}

int main(void)
{
	nth_file = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	if (nth_file < 0 || !prepare_injection()) {
		puts("nomem: this kernel lets no allocation fail on demand");
		return 77;
	}
	/* The program's own pages are there before anything is counted. */
	if (!CHECK(mlockall(MCL_CURRENT | MCL_FUTURE) == 0) || !set_up())
		return report("nomem");
	foreign = make_foreign();
	CHECK(foreign >= 0);
	for (size_t i = 0; i < CALLS; i++)
		exhaust(calls[i].name, calls[i].call, true);
	close(foreign);
	close(shared_prime);
	close(fd);
	all_at_random();
	rebind();
	return report("nomem");
}
