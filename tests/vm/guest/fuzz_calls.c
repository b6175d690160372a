/* SPDX-License-Identifier: MIT */

/*
 * What the fuzzer does: each function below makes a call or a few that mean something,
 * with arguments that are mostly good, sometimes another's or outdated, and now and
 * then mad. Whoever calls looks at what came of it.
 */
#define _GNU_SOURCE /* memfd_create(), mremap() */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <linux/dma-buf.h>
#include <linux/sync_file.h>
#include <linux/udmabuf.h>

#include "fuzz.h"

enum { MANY = 257 };

void fuzz_failed(struct worker *w, const char *what, long value)
{
	__atomic_fetch_add(&w->score->failed, 1, __ATOMIC_RELAXED);
	printf("fuzz: %s: %s (%ld)\n", w->doing, what, value);
	fflush(stdout);
}

/* ---- calls --------------------------------------------------------------- */

static int invoke(struct worker *w, unsigned long request, void *argument)
{
	__atomic_fetch_add(&w->score->calls, 1, __ATOMIC_RELAXED);
	return ioctl(w->world->fd[w->file], request, argument) ? -errno : 0;
}

/* Errors that the UAPI tells of. */
static bool documented(const struct worker *w, int error)
{
	switch (error) {
	case 0:
	case -EINVAL:
	case -ENOENT:
	case -EFAULT:
	case -ENOMEM:
	case -EINTR:
	case -ENOSPC:
	case -EACCES:
	case -ECANCELED:
		return true;
	default:
		return w->score->disturbed && (error == -EIO || error == -ENODEV);
	}
}

/* An ioctl of the driver's own. */
static int own(struct worker *w, unsigned long request, void *argument)
{
	int ret = invoke(w, request, argument);

	if (!documented(w, ret))
		fuzz_failed(w, "an error that nobody wrote down", ret);
	return ret;
}

/* Spoil some bytes, now and then. Says whether it did. */
static bool mangle(struct worker *w, void *at, size_t size, uint32_t times)
{
	uint64_t value;
	size_t width;

	if (!once_in(&w->dice, times))
		return false;
	do {
		width = 1u << below(&w->dice, 4);
		value = odd_value(&w->dice);
		memcpy((char *)at + below(&w->dice, (uint32_t)(size / width)) * width, &value,
		       width);
	} while (once_in(&w->dice, 3));
	return true;
}

/* Where the kernel may write, and where it had better not. */
static uint64_t out_pointer(struct worker *w, size_t size)
{
	uint8_t *end = w->world->scratch + SCRATCH;

	switch (below(&w->dice, 12)) {
	case 0:
		return 0;
	case 1:
		return 1ull << (40 + below(&w->dice, 24));
	case 2:
		return (uintptr_t)end - below(&w->dice, (uint32_t)size);
	case 3:
		return (uintptr_t)end;
	default:
		return (uintptr_t)end - size;
	}
}

/* ---- facts --------------------------------------------------------------- */

static int do_query(struct worker *w)
{
	struct drm_fpr_query query = {.type = below(&w->dice, 3), .size = 8 * below(&w->dice, 20)};

	if (query.type == DRM_FPR_QUERY_CONTEXT)
		query.id = any_handle(w->world, &w->dice, w->file, KIND_CTX);
	mangle(w, &query, sizeof(query), 8);
	query.pointer = out_pointer(w, query.size);
	if (query.size > SCRATCH)
		query.pointer = 8;
	return own(w, DRM_IOCTL_FPR_QUERY, &query);
}

static int do_counters(struct worker *w)
{
	struct drm_fpr_read_counters read = {
		.type = below(&w->dice, 3),
		.id = below(&w->dice, 2),
		.size = 8 * below(&w->dice, 16),
	};

	if (read.type == DRM_FPR_COUNTERS_CONTEXT)
		read.id = any_handle(w->world, &w->dice, w->file, KIND_CTX);
	mangle(w, &read, sizeof(read), 8);
	read.pointer = out_pointer(w, read.size);
	if (read.size > SCRATCH)
		read.pointer = 8;
	return own(w, DRM_IOCTL_FPR_READ_COUNTERS, &read);
}

static int do_look(struct worker *w)
{
	static const char *const sysfs[] = {
		"contract", "build", "memory_free_bytes", "resets", "lost_interrupts", "state",
	};
	static const char *const debugfs[] = {"memory", "rings", "registers", "name", "clients"};
	char path[400], text[16384];

	switch (below(&w->dice, 4)) {
	case 0:
		snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", w->world->fd[w->file]);
		break;
	case 1:
		snprintf(path, sizeof(path), "%s/%s", w->world->sysfs, sysfs[below(&w->dice, 6)]);
		break;
	case 2:
		snprintf(path, sizeof(path), "%s/%s", w->world->debugfs,
			 debugfs[below(&w->dice, 5)]);
		break;
	default:
		snprintf(path, sizeof(path), "/sys/kernel/debug/dma_buf/bufinfo");
	}
	return read_text(path, text, sizeof(text));
}

/* ---- buffers ------------------------------------------------------------- */

static void bo_close(struct worker *w, uint32_t handle)
{
	struct drm_gem_close gone = {.handle = handle};

	invoke(w, DRM_IOCTL_GEM_CLOSE, &gone);
}

static void bo_keep(struct worker *w, uint32_t handle, uint64_t size, uint32_t placement)
{
	struct thing thing = {.id = handle, .size = size, .placement = placement};

	if (!pool_put(&w->world->pool[w->file][KIND_BO], thing))
		bo_close(w, handle);
}

static uint64_t some_size(struct worker *w)
{
	if (once_in(&w->dice, 3))
		return 1 + below(&w->dice, 1u << below(&w->dice, 20));
	return 65536;
}

static int do_create(struct worker *w)
{
	struct drm_fpr_bo_create create = {.size = some_size(w), .placement = roll(&w->dice) & 1};
	int ret;

	mangle(w, &create, sizeof(create), 8);
	/* A guest that runs out of memory would prove nothing. */
	if (create.size > 1 << 25 && create.size < 1ull << 34)
		create.size = 1 << 16;
	ret = own(w, DRM_IOCTL_FPR_BO_CREATE, &create);
	if (!ret)
		bo_keep(w, create.handle, create.size, create.placement);
	return ret;
}

static int do_info(struct worker *w)
{
	struct drm_fpr_bo_info info = {.handle = any_handle(w->world, &w->dice, w->file, KIND_BO)};

	mangle(w, &info, sizeof(info), 8);
	return own(w, DRM_IOCTL_FPR_BO_INFO, &info);
}

static int do_close(struct worker *w)
{
	struct thing thing;

	if (once_in(&w->dice, 32))
		bo_close(w, any_handle(w->world, &w->dice, w->file, KIND_BO));
	if (!pool_take(&w->world->pool[w->file][KIND_BO], &w->dice, &thing))
		return -ENOENT;
	bo_close(w, (uint32_t)thing.id);
	return 0;
}

static int do_map(struct worker *w)
{
	struct thing bo = pool_look(&w->world->pool[w->file][KIND_BO], &w->dice), map = {0};
	struct drm_fpr_bo_info info = {.handle = (uint32_t)bo.id};
	int protection = 1 + (int)below(&w->dice, 3), flags = MAP_SHARED;
	void *at;

	if (own(w, DRM_IOCTL_FPR_BO_INFO, &info))
		return -ENOENT;
	map.size = info.size;
	if (once_in(&w->dice, 4))
		map.size = 4096 * (1 + below(&w->dice, 40));
	if (once_in(&w->dice, 4))
		info.mmap_offset += 4096 * (uint64_t)below(&w->dice, 5) - 8192;
	if (once_in(&w->dice, 16))
		info.mmap_offset = odd_value(&w->dice) & ~4095ull & INT64_MAX;
	if (once_in(&w->dice, 8))
		flags = MAP_PRIVATE;
	if (map.size > 1 << 25)
		return -EINVAL;
	at = mmap(NULL, map.size, protection, flags, w->world->fd[w->file],
		  (off_t)info.mmap_offset);
	if (at == MAP_FAILED)
		return -errno;
	map.id = (uintptr_t)at;
	map.placement = (uint32_t)protection;
	if (!pool_put(&w->world->pool[0][KIND_MAP], map))
		munmap(at, map.size);
	return 0;
}

/* No page of a mapping may be missing, whatever became of its buffer. */
static int do_touch(struct worker *w)
{
	struct pool *pool = &w->world->pool[0][KIND_MAP];
	volatile uint8_t *at;
	struct thing map;
	size_t half;

	if (!pool_take(pool, &w->dice, &map))
		return -ENOENT;
	at = (volatile uint8_t *)(uintptr_t)map.id;
	half = map.size / 2 & ~4095ull;
	for (int i = 0; i < 4; i++) {
		size_t offset = (size_t)(roll(&w->dice) % map.size);

		if (map.placement & PROT_READ)
			(void)at[offset];
		if (map.placement & PROT_WRITE)
			at[offset] = (uint8_t)offset;
	}
	switch (below(&w->dice, 8)) {
	case 0:
		madvise((void *)(uintptr_t)map.id, map.size, MADV_DONTNEED);
		break;
	case 1:
		if (!mprotect((void *)(uintptr_t)map.id, map.size, PROT_READ))
			map.placement = PROT_READ;
		break;
	case 2:
		mremap((void *)(uintptr_t)map.id, map.size, map.size + 4096, 0);
		break;
	case 3:
		if (half && !munmap((void *)(uintptr_t)map.id, half)) {
			map.id += half;
			map.size -= half;
		}
		break;
	}
	if (!pool_put(pool, map))
		munmap((void *)(uintptr_t)map.id, map.size);
	return 0;
}

static int do_unmap(struct worker *w)
{
	struct thing map;

	if (!pool_take(&w->world->pool[0][KIND_MAP], &w->dice, &map))
		return -ENOENT;
	return munmap((void *)(uintptr_t)map.id, map.size) ? -errno : 0;
}

/* ---- contexts ------------------------------------------------------------ */

static int do_context(struct worker *w)
{
	struct drm_fpr_ctx_create create = {.priority = below(&w->dice, 3)};
	struct drm_fpr_ctx_destroy gone = {0};
	int ret;

	mangle(w, &create, sizeof(create), 8);
	ret = own(w, DRM_IOCTL_FPR_CTX_CREATE, &create);
	if (ret)
		return ret;
	gone.id = create.id;
	if (!pool_put(&w->world->pool[w->file][KIND_CTX], (struct thing){.id = create.id}))
		own(w, DRM_IOCTL_FPR_CTX_DESTROY, &gone);
	return 0;
}

static int do_end(struct worker *w)
{
	struct drm_fpr_ctx_destroy gone = {0};
	struct thing thing;

	if (once_in(&w->dice, 32))
		gone.id = any_handle(w->world, &w->dice, w->file, KIND_CTX);
	else if (pool_take(&w->world->pool[w->file][KIND_CTX], &w->dice, &thing))
		gone.id = (uint32_t)thing.id;
	mangle(w, &gone, sizeof(gone), 16);
	return own(w, DRM_IOCTL_FPR_CTX_DESTROY, &gone);
}

/* ---- promises ------------------------------------------------------------ */

/* What came of work that was accepted: nobody may hear that it never ends. */
static void promise_keep(struct worker *w, int fence)
{
	struct sync_file_info info = {0};
	struct pollfd wait = {.fd = fence, .events = POLLIN};
	double end = now() + FUZZ_BOUND_MS / 1e3;
	int ret;

	do
		ret = poll(&wait, 1, 1000);
	while ((ret == 0 || (ret < 0 && errno == EINTR)) && now() < end);
	if (ret != 1)
		fuzz_failed(w, "a fence that does not signal", ret);
	else if (ioctl(fence, SYNC_IOC_FILE_INFO, &info))
		fuzz_failed(w, "a fence without a state", errno);
	/* Cancelled with its context. The board may refuse nothing that the driver let through. */
	else if (info.status < 0 && info.status != -ECANCELED && info.status != -ESRCH &&
		 !w->score->disturbed)
		fuzz_failed(w, "work that failed", info.status);
	close(fence);
}

void fuzz_settle(struct worker *w)
{
	w->doing = "settle";
	while (w->promised)
		promise_keep(w, w->promises[--w->promised]);
}

/* As a file of its own: others may reset the syncobj, or close the board's file. */
static void promise(struct worker *w, uint32_t sync, bool sure)
{
	struct drm_syncobj_handle export = {
		.handle = sync, .flags = DRM_SYNCOBJ_HANDLE_TO_FD_FLAGS_EXPORT_SYNC_FILE, .fd = -1};
	uint32_t at;

	if (invoke(w, DRM_IOCTL_SYNCOBJ_HANDLE_TO_FD, &export)) {
		__atomic_fetch_add(&w->score->unwatched, sure, __ATOMIC_RELAXED);
		return;
	}
	__atomic_fetch_add(&w->score->watched, 1, __ATOMIC_RELAXED);
	if (w->promised == PENDING) {
		at = below(&w->dice, PENDING);
		promise_keep(w, w->promises[at]);
		w->promises[at] = w->promises[--w->promised];
	}
	w->promises[w->promised++] = export.fd;
}

/* ---- work ---------------------------------------------------------------- */

/* A call's arrays; the first syncobj to signal is nobody else's. */
struct submission {
	struct drm_fpr_sync in[MANY], out[MANY];
	struct drm_fpr_array ins, outs;
	uint32_t sync;
};

static uint32_t sync_new(struct worker *w)
{
	struct drm_syncobj_create create = {0};

	return invoke(w, DRM_IOCTL_SYNCOBJ_CREATE, &create) ? 0 : create.handle;
}

static void sync_drop(struct worker *w, uint32_t handle)
{
	struct drm_syncobj_destroy gone = {.handle = handle};

	invoke(w, DRM_IOCTL_SYNCOBJ_DESTROY, &gone);
}

static uint32_t some_count(struct worker *w, uint32_t usual)
{
	if (once_in(&w->dice, 100))
		return MANY - below(&w->dice, 3);
	return below(&w->dice, usual + 1);
}

static void some_syncs(struct worker *w, struct drm_fpr_sync *syncs, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		syncs[i] = (struct drm_fpr_sync){
			.handle = any_handle(w->world, &w->dice, w->file, KIND_SYNC),
			.point = once_in(&w->dice, 4) ? below(&w->dice, 20) : 0};
	}
}

static void submission_begin(struct worker *w, struct submission *s)
{
	uint32_t in = once_in(&w->dice, 4) ? some_count(w, 2) : 0, out = 1 + some_count(w, 1);

	s->sync = sync_new(w);
	some_syncs(w, s->in, in);
	some_syncs(w, s->out, out < MANY ? out : MANY);
	s->out[0] = (struct drm_fpr_sync){.handle = s->sync};
	s->ins = array_of(s->in, in, sizeof(s->in[0]));
	s->outs = array_of(s->out, out, sizeof(s->out[0]));
}

static int submission_end(struct worker *w, struct submission *s, int ret, bool mangled)
{
	if (!ret)
		promise(w, s->sync, !mangled);
	sync_drop(w, s->sync);
	return ret;
}

static void some_result(struct worker *w, __u32 *handle, __u64 *offset)
{
	if (below(&w->dice, 3))
		return;
	*handle = (uint32_t)any_bo(w->world, &w->dice, w->file, DRM_FPR_PLACE_HOST, 65536).id;
	*offset = (uint64_t)DRM_FPR_RESULT_ALIGN * below(&w->dice, *handle ? 257 : 1);
}

/* Within 64 KiB: A in the first quarter, B in the second, C behind. */
static struct drm_fpr_mac_job some_job(struct worker *w)
{
	struct drm_fpr_mac_job job =
		gemm_job(below(&w->dice, 24), below(&w->dice, 24), below(&w->dice, 24));
	struct dice *d = &w->dice;

	if (once_in(d, 3)) {
		job = nop_job();
		some_result(w, &job.result, &job.result_offset);
		return job;
	}
	job.gemm.batch = below(d, 4);
	job.gemm.lda = once_in(d, 3) ? 24 + below(d, 8) : 0;
	job.gemm.ldb = once_in(d, 3) ? 24 + below(d, 8) : 0;
	job.gemm.ldc = once_in(d, 3) ? 24 + below(d, 8) : 0;
	job.gemm.stride_a = once_in(d, 2) ? 24 * 32 : 0;
	job.gemm.stride_b = once_in(d, 2) ? 24 * 32 : 0;
	job.gemm.stride_c = 24 * 32 + below(d, 8);
	job.gemm.kind = (uint8_t)below(d, FPR_KINDS);
	job.gemm.serial = roll(d) & 1;
	job.gemm.t = (uint8_t)below(d, FPR_T_MAX + 1);
	job.gemm.out = roll(d) & 1;
	job.gemm.trans_a = roll(d) & 1;
	job.gemm.trans_b = roll(d) & 1;
	job.gemm.accumulate = roll(d) & 1;
	job.a = (uint32_t)any_bo(w->world, d, w->file, roll(d) & 1, 65536).id;
	job.b = (uint32_t)any_bo(w->world, d, w->file, roll(d) & 1, 65536).id;
	job.c = (uint32_t)any_bo(w->world, d, w->file, roll(d) & 1, 65536).id;
	job.a_offset = 2 * below(d, 100);
	job.b_offset = 16384 + 2 * below(d, 100);
	job.c_offset = 32768 + 4 * below(d, 100);
	job.flags = once_in(d, 4) ? DRM_FPR_MAC_NO_COUNTERS : 0;
	some_result(w, &job.result, &job.result_offset);
	return job;
}

/* What is legal and takes minutes would hold up everybody. */
static void bound_work(struct drm_fpr_mac_job *job)
{
	struct fpr_gemm *g = &job->gemm;
	double work = (double)(g->m + 1) * (g->n + 1) * (g->k + 1) * (g->batch + 1.0);

	if (g->m <= FPR_DIM_MAX && g->n <= FPR_DIM_MAX && g->k <= FPR_DIM_MAX && work > 1e7)
		g->m = g->n = g->k = g->batch = 1;
}

static int do_mac(struct worker *w)
{
	struct drm_fpr_mac_job jobs[MANY];
	struct drm_fpr_submit_mac args = {0};
	struct submission s;
	uint32_t count = 1 + some_count(w, 4);
	bool mangled;

	count = count < MANY ? count : MANY;
	for (uint32_t i = 0; i < count; i++)
		jobs[i] = count > 16 ? nop_job() : some_job(w);
	submission_begin(w, &s);
	args.ctx = any_handle(w->world, &w->dice, w->file, KIND_CTX);
	args.jobs = array_of(jobs, count, sizeof(jobs[0]));
	args.in = s.ins;
	args.out = s.outs;
	mangled = mangle(w, &jobs[below(&w->dice, count)], sizeof(jobs[0]), 8);
	for (uint32_t i = 0; i < count; i++)
		bound_work(&jobs[i]);
	mangled |= mangle(w, &args, sizeof(args), 12);
	mangled |= mangle(w, s.out, sizeof(s.out[0]) * (1 + below(&w->dice, 2)), 24);
	return submission_end(w, &s, own(w, DRM_IOCTL_FPR_SUBMIT_MAC, &args), mangled);
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static struct drm_fpr_xfer some_xfer(struct worker *w)
{
	struct dice *d = &w->dice;
	struct thing host = any_bo(w->world, d, w->file, DRM_FPR_PLACE_HOST, 8192);
	struct thing board = any_bo(w->world, d, w->file, DRM_FPR_PLACE_BOARD, 8192);
	uint64_t most = smaller(smaller(host.size, board.size / 2), 65536), align = 1;
	struct drm_fpr_xfer x = {
		.host = (uint32_t)host.id,
		.board = (uint32_t)board.id,
		.priority = (uint16_t)roll(d),
		.direction = roll(d) & 1,
	};

	if (once_in(d, 3)) {
		x.op = (uint8_t)below(d, 4);
		x.direction = x.op ? DRM_FPR_TO_BOARD : x.direction;
		align = x.op ? DRM_FPR_XFER_ADD_ALIGN : 1;
	}
	/* Inside, up to the last byte. */
	x.bytes = most > align ? (align + roll(d) % (most - align + 1)) & -align : 4096;
	x.host_offset = host.size > x.bytes ? roll(d) % (host.size - x.bytes + 1) & -align : 0;
	x.board_offset =
		board.size > 2 * x.bytes ? roll(d) % (board.size - 2 * x.bytes + 1) & -align : 0;
	if (once_in(d, 8)) {
		x.out = any_handle(w->world, d, w->file, KIND_SYNC);
		x.out_point = x.out && once_in(d, 2) ? below(d, 20) : 0;
	}
	some_result(w, &x.result, &x.result_offset);
	return x;
}

static int do_xfer(struct worker *w)
{
	struct drm_fpr_xfer xfers[MANY];
	struct drm_fpr_submit_xfer args = {0};
	struct submission s;
	uint32_t count = 1 + some_count(w, 4);
	bool mangled;

	count = count < MANY ? count : MANY;
	for (uint32_t i = 0; i < count; i++)
		xfers[i] = i < 8 ? some_xfer(w) : xfers[i % 8];
	submission_begin(w, &s);
	args.ctx = any_handle(w->world, &w->dice, w->file, KIND_CTX);
	args.xfers = array_of(xfers, count, sizeof(xfers[0]));
	args.in = s.ins;
	args.out = s.outs;
	mangled = mangle(w, &xfers[below(&w->dice, count)], sizeof(xfers[0]), 8);
	mangled |= mangle(w, &args, sizeof(args), 12);
	mangled |= mangle(w, s.out, sizeof(s.out[0]) * (1 + below(&w->dice, 2)), 24);
	return submission_end(w, &s, own(w, DRM_IOCTL_FPR_SUBMIT_XFER, &args), mangled);
}

/* ---- syncobjs ------------------------------------------------------------ */

static int do_syncobj(struct worker *w)
{
	struct drm_syncobj_create create = {
		.flags = below(&w->dice, 4) ? DRM_SYNCOBJ_CREATE_SIGNALED : 0};
	int ret = invoke(w, DRM_IOCTL_SYNCOBJ_CREATE, &create);

	if (!ret &&
	    !pool_put(&w->world->pool[w->file][KIND_SYNC], (struct thing){.id = create.handle}))
		sync_drop(w, create.handle);
	return ret;
}

static int do_syncobj_end(struct worker *w)
{
	struct thing thing;

	if (!pool_take(&w->world->pool[w->file][KIND_SYNC], &w->dice, &thing))
		return -ENOENT;
	sync_drop(w, (uint32_t)thing.id);
	return 0;
}

static void some_handles(struct worker *w, uint32_t *handles, uint64_t *points, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		handles[i] = any_handle(w->world, &w->dice, w->file, KIND_SYNC);
		points[i] = below(&w->dice, 20);
	}
}

static int do_syncobj_set(struct worker *w)
{
	uint32_t handles[4], count = 1 + below(&w->dice, 4);
	uint64_t points[4];
	struct drm_syncobj_array array = {.handles = (uintptr_t)handles, .count_handles = count};
	struct drm_syncobj_timeline_array line = {
		.handles = (uintptr_t)handles, .points = (uintptr_t)points, .count_handles = count};
	struct drm_syncobj_transfer transfer = {0};

	some_handles(w, handles, points, count);
	switch (below(&w->dice, 5)) {
	case 0:
		return invoke(w, DRM_IOCTL_SYNCOBJ_RESET, &array);
	case 1:
		return invoke(w, DRM_IOCTL_SYNCOBJ_SIGNAL, &array);
	case 2:
		return invoke(w, DRM_IOCTL_SYNCOBJ_TIMELINE_SIGNAL, &line);
	case 3:
		return invoke(w, DRM_IOCTL_SYNCOBJ_QUERY, &line);
	default:
		transfer.src_handle = handles[0];
		transfer.src_point = once_in(&w->dice, 2) ? points[0] : 0;
		transfer.dst_handle = handles[count - 1];
		transfer.dst_point = once_in(&w->dice, 2) ? points[count - 1] : 0;
		return invoke(w, DRM_IOCTL_SYNCOBJ_TRANSFER, &transfer);
	}
}

static int do_syncobj_wait(struct worker *w)
{
	uint32_t handles[4], count = 1 + below(&w->dice, 4), flags = below(&w->dice, 8);
	uint64_t points[4];
	int64_t end = (int64_t)(now() * 1e9) + below(&w->dice, 2000000);
	struct drm_syncobj_wait wait = {.handles = (uintptr_t)handles,
					.timeout_nsec = end,
					.count_handles = count,
					.flags = flags};
	struct drm_syncobj_timeline_wait line = {.handles = (uintptr_t)handles,
						 .points = (uintptr_t)points,
						 .timeout_nsec = end,
						 .count_handles = count,
						 .flags = flags};

	some_handles(w, handles, points, count);
	if (once_in(&w->dice, 2))
		return invoke(w, DRM_IOCTL_SYNCOBJ_WAIT, &wait);
	return invoke(w, DRM_IOCTL_SYNCOBJ_TIMELINE_WAIT, &line);
}

/* Out as a file, back in as itself or as another's, in this file or the other. */
static int do_syncobj_file(struct worker *w)
{
	struct drm_syncobj_handle out = {
		.handle = any_handle(w->world, &w->dice, w->file, KIND_SYNC),
		.flags = roll(&w->dice) & 1,
		.fd = -1,
	};
	struct drm_syncobj_handle in = {0};
	int ret = invoke(w, DRM_IOCTL_SYNCOBJ_HANDLE_TO_FD, &out);

	if (ret)
		return ret;
	w->file = (int)below(&w->dice, FILES);
	in.fd = out.fd;
	in.flags = out.flags;
	if (out.flags)
		in.handle = any_handle(w->world, &w->dice, w->file, KIND_SYNC);
	ret = invoke(w, DRM_IOCTL_SYNCOBJ_FD_TO_HANDLE, &in);
	close(out.fd);
	if (!ret && !out.flags &&
	    !pool_put(&w->world->pool[w->file][KIND_SYNC], (struct thing){.id = in.handle}))
		sync_drop(w, in.handle);
	return ret;
}

/* ---- dma-bufs ------------------------------------------------------------ */

static int do_export(struct worker *w)
{
	struct drm_prime_handle prime = {
		.handle = any_handle(w->world, &w->dice, w->file, KIND_BO),
		.flags = O_CLOEXEC | (once_in(&w->dice, 4) ? 0 : O_RDWR),
	};
	int ret = invoke(w, DRM_IOCTL_PRIME_HANDLE_TO_FD, &prime);
	struct thing thing = {.id = (uint64_t)prime.fd};

	if (!ret && !pool_put(&w->world->pool[0][KIND_PRIME], thing))
		close(prime.fd);
	return ret;
}

static int import(struct worker *w, int dmabuf)
{
	struct drm_prime_handle prime = {.fd = dmabuf};
	struct drm_fpr_bo_info info = {0};
	int ret = invoke(w, DRM_IOCTL_PRIME_FD_TO_HANDLE, &prime);

	if (ret)
		return ret;
	info.handle = prime.handle;
	if (own(w, DRM_IOCTL_FPR_BO_INFO, &info) == 0)
		bo_keep(w, prime.handle, info.size, info.placement);
	return 0;
}

/* Made by udmabuf, not by the driver. */
static bool is_foreign(int fd)
{
	char path[64], text[512];
	int file;
	ssize_t got;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return false;
	got = read(file, text, sizeof(text) - 1);
	close(file);
	text[got > 0 ? got : 0] = 0;
	return strstr(text, "udmabuf") != NULL;
}

/*
 * udmabuf maps for whoever imports it and for its own CPU access, and the debug kernel
 * complains of memory that is mapped twice for a device.
 */
static bool may_map_again(int fd)
{
	return access("/sys/kernel/debug/dma-api", F_OK) || !is_foreign(fd);
}

static int do_import(struct worker *w)
{
	struct pool *pool = &w->world->pool[0][KIND_PRIME];
	struct thing thing;
	int ret;

	if (!pool_take(pool, &w->dice, &thing))
		return -ENOENT;
	ret = may_map_again((int)thing.id) ? import(w, (int)thing.id) : -EBUSY;
	if (once_in(&w->dice, 2) || !pool_put(pool, thing))
		close((int)thing.id);
	return ret;
}

static void dmabuf_fences(struct worker *w, int fd)
{
	struct dma_buf_export_sync_file export = {.flags = 1 + below(&w->dice, 3), .fd = -1};
	struct dma_buf_import_sync_file back = {.flags = 1 + below(&w->dice, 3)};

	if (ioctl(fd, DMA_BUF_IOCTL_EXPORT_SYNC_FILE, &export) == 0) {
		back.fd = export.fd;
		ioctl(fd, DMA_BUF_IOCTL_IMPORT_SYNC_FILE, &back);
		close(export.fd);
	}
	if (w->promised) {
		back.fd = w->promises[below(&w->dice, w->promised)];
		ioctl(fd, DMA_BUF_IOCTL_IMPORT_SYNC_FILE, &back);
	}
}

static int do_dmabuf(struct worker *w)
{
	struct pool *pool = &w->world->pool[0][KIND_PRIME];
	struct dma_buf_sync sync = {.flags = DMA_BUF_SYNC_START | DMA_BUF_SYNC_RW};
	struct thing thing;
	bool again;
	off_t size;
	void *at;
	int fd;

	if (!pool_take(pool, &w->dice, &thing))
		return -ENOENT;
	fd = (int)thing.id;
	size = lseek(fd, 0, SEEK_END);
	at = size > 0 ? mmap(NULL, (size_t)size, PROT_READ, MAP_SHARED, fd, 0) : MAP_FAILED;
	again = may_map_again(fd);
	if (again)
		ioctl(fd, DMA_BUF_IOCTL_SYNC, &sync);
	if (at != MAP_FAILED) {
		(void)((volatile uint8_t *)at)[size - 1];
		munmap(at, (size_t)size);
	}
	sync.flags = DMA_BUF_SYNC_END | DMA_BUF_SYNC_RW;
	if (again)
		ioctl(fd, DMA_BUF_IOCTL_SYNC, &sync);
	dmabuf_fences(w, fd);
	if (!pool_put(pool, thing))
		close(fd);
	return 0;
}

/* A buffer of another driver. */
static int do_foreign(struct worker *w)
{
	struct udmabuf_create create = {.size = 65536};
	int memfd = memfd_create("fuzz", MFD_ALLOW_SEALING | MFD_CLOEXEC);
	int maker = open("/dev/udmabuf", O_RDWR | O_CLOEXEC), fd = -1, ret = -ENODEV;

	create.memfd = (uint32_t)memfd;
	if (maker >= 0 && !ftruncate(memfd, 65536) && !fcntl(memfd, F_ADD_SEALS, F_SEAL_SHRINK))
		fd = ioctl(maker, UDMABUF_CREATE, &create);
	if (fd >= 0) {
		ret = import(w, fd);
		close(fd);
	}
	if (maker >= 0)
		close(maker);
	close(memfd);
	return ret;
}

/* ---- order --------------------------------------------------------------- */

/* Forget what others have closed, or calls would soon name nothing else. */
static int do_tidy(struct worker *w)
{
	enum kind kind = once_in(&w->dice, 3) ? KIND_CTX : KIND_BO;
	struct pool *pool = &w->world->pool[w->file][kind];
	struct drm_fpr_query query = {.type = DRM_FPR_QUERY_CONTEXT};
	struct drm_fpr_bo_info info = {0};
	struct thing thing;
	int ret;

	if (!pool_take(pool, &w->dice, &thing))
		return -ENOENT;
	query.id = info.handle = (uint32_t)thing.id;
	if (kind == KIND_CTX)
		ret = own(w, DRM_IOCTL_FPR_QUERY, &query);
	else
		ret = own(w, DRM_IOCTL_FPR_BO_INFO, &info);
	if (kind == KIND_BO && !ret)
		bo_keep(w, info.handle, info.size, info.placement);
	else if (!ret)
		pool_put(pool, thing);
	return ret;
}

/* ---- odd ways to call ---------------------------------------------------- */

/* An argument that ends where memory does, of a size and a direction of its own. */
static int do_raw(struct worker *w)
{
	uint32_t size = 4 * below(&w->dice, 40), number = DRM_COMMAND_BASE + below(&w->dice, 9);
	uint32_t words[40];

	if (once_in(&w->dice, 4))
		number = below(&w->dice, 256);
	for (uint32_t i = 0; i < size / 4; i++)
		words[i] =
			once_in(&w->dice, 3) ? (uint32_t)odd_value(&w->dice) : below(&w->dice, 12);
	/* Sizes that fit would take what the guest has. */
	if (number == DRM_COMMAND_BASE + DRM_FPR_BO_CREATE && size > 4) {
		words[0] &= 0xfffff;
		words[1] = 0;
	}
	/* The core allocates as many syncobj handles as it is told, and the kernel warns. */
	for (uint32_t i = 0; number >= DRM_COMMAND_END && i < size / 4; i++)
		words[i] &= 0xfff;
	return invoke(w, _IOC(below(&w->dice, 4), DRM_IOCTL_BASE, number, size),
		      memcpy(w->world->scratch + SCRATCH - size, words, size));
}

static int do_dup(struct worker *w)
{
	struct drm_fpr_query query = {.type = DRM_FPR_QUERY_MEMORY};
	int fd = dup(w->world->fd[w->file]), ret;

	if (fd < 0)
		return -errno;
	__atomic_fetch_add(&w->score->calls, 1, __ATOMIC_RELAXED);
	ret = ioctl(fd, DRM_IOCTL_FPR_QUERY, &query) ? -errno : 0;
	close(fd);
	return ret;
}

/* A child has the same files; other threads' locks are no concern of it. */
static void child(struct worker *w, const struct drm_fpr_submit_mac *submit, uint32_t bo)
{
	struct drm_fpr_submit_mac args = *submit;
	struct drm_gem_close gone = {.handle = bo};
	struct drm_fpr_ctx_destroy end = {.id = args.ctx};

	invoke(w, DRM_IOCTL_FPR_SUBMIT_MAC, &args);
	if (once_in(&w->dice, 4))
		invoke(w, DRM_IOCTL_GEM_CLOSE, &gone);
	if (once_in(&w->dice, 4))
		invoke(w, DRM_IOCTL_FPR_CTX_DESTROY, &end);
	if (once_in(&w->dice, 2))
		kill(getpid(), SIGKILL);
	_exit(0);
}

static int do_fork(struct worker *w)
{
	struct drm_fpr_mac_job jobs[4] = {nop_job(), some_job(w), some_job(w), nop_job()};
	struct drm_fpr_submit_mac args = {
		.ctx = any_handle(w->world, &w->dice, w->file, KIND_CTX),
		.jobs = array_of(jobs, 4, sizeof(jobs[0])),
	};
	uint32_t bo = any_handle(w->world, &w->dice, w->file, KIND_BO);
	pid_t pid = fork();
	int status;

	if (pid < 0)
		return -errno;
	if (pid == 0)
		child(w, &args, bo);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return 0;
}

/* ---- choosing ------------------------------------------------------------ */

static const struct operation {
	const char *name;
	uint32_t weight;
	int (*run)(struct worker *w);
} operations[] = {
	{"query", 4, do_query},
	{"counters", 4, do_counters},
	{"look", 2, do_look},
	{"bo create", 10, do_create},
	{"bo info", 4, do_info},
	{"bo close", 6, do_close},
	{"map", 4, do_map},
	{"touch", 8, do_touch},
	{"unmap", 3, do_unmap},
	{"context create", 5, do_context},
	{"context destroy", 3, do_end},
	{"tidy", 24, do_tidy},
	{"submit mac", 24, do_mac},
	{"submit xfer", 24, do_xfer},
	{"syncobj create", 5, do_syncobj},
	{"syncobj destroy", 3, do_syncobj_end},
	{"syncobj set", 6, do_syncobj_set},
	{"syncobj wait", 6, do_syncobj_wait},
	{"syncobj file", 3, do_syncobj_file},
	{"export", 4, do_export},
	{"import", 4, do_import},
	{"dma-buf", 3, do_dmabuf},
	{"foreign buffer", 1, do_foreign},
	{"raw", 8, do_raw},
	{"dup", 2, do_dup},
	{"fork", 1, do_fork},
};

enum { OPERATIONS = sizeof(operations) / sizeof(operations[0]) };

const char *fuzz_name(uint32_t operation)
{
	return operation < OPERATIONS ? operations[operation].name : NULL;
}

void fuzz_once(struct worker *w)
{
	uint32_t total = 0, at, i = 0;

	for (uint32_t o = 0; o < OPERATIONS; o++)
		total += operations[o].weight;
	at = below(&w->dice, total);
	while (at >= operations[i].weight)
		at -= operations[i++].weight;
	w->file = (int)below(&w->dice, FILES);
	w->doing = operations[i].name;
	__atomic_fetch_add(&w->score->tried[i], 1, __ATOMIC_RELAXED);
	if (operations[i].run(w) == 0)
		__atomic_fetch_add(&w->score->done[i], 1, __ATOMIC_RELAXED);
}
