/* SPDX-License-Identifier: MIT */

/* Every argument of every ioctl out of its range: refused, and nothing touched. */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xf86drm.h>

#include "guest.h"

/* One field of an argument that is good otherwise, and what it is refused with. */
struct wrong {
	const char *name;
	size_t offset, size;
	uint64_t value;
	int error;
};

#define WRONG(type, field, value, error)                                            \
	{                                                                           \
#type "." #field " = " #value, offsetof(struct type, field),        \
			sizeof(((struct type *)0)->field), (uint64_t)(value), error \
	}
#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static int fd;
static uint32_t ctx, sync_handle;
static struct bo host, board, small;

static void spoil(void *target, const struct wrong *wrong)
{
	/* Little-endian, as all this board's machines are. */
	memcpy((char *)target + wrong->offset, &wrong->value, wrong->size);
}

static void expect(const char *name, int got, int wanted)
{
	if (!check_that(got == wanted, name, "args", 0))
		printf("  returned %d, not %d\n", got, wanted);
}

/* Every entry of a table on a plain argument. */
static void refuse(unsigned long request, const void *good, size_t size, const struct wrong *table,
		   size_t count)
{
	char argument[256];

	for (size_t i = 0; i < count; i++) {
		memcpy(argument, good, size);
		spoil(argument, &table[i]);
		expect(table[i].name, call(fd, request, argument), table[i].error);
	}
}

static void plain(void)
{
	static const struct wrong query[] = {
		WRONG(drm_fpr_query, type, 3, -EINVAL),
		WRONG(drm_fpr_query, type, UINT32_MAX, -EINVAL),
		WRONG(drm_fpr_query, reserved, 1, -EINVAL),
		WRONG(drm_fpr_query, id, 1, -EINVAL),
		WRONG(drm_fpr_query, pointer, 1, -EFAULT),
		WRONG(drm_fpr_query, pointer, UINT64_MAX - 4095, -EFAULT),
	};
	static const struct wrong create[] = {
		WRONG(drm_fpr_bo_create, size, 0, -EINVAL),
		WRONG(drm_fpr_bo_create, size, UINT64_MAX, -EINVAL),
		WRONG(drm_fpr_bo_create, size, UINT64_MAX - 4095, -EINVAL),
		WRONG(drm_fpr_bo_create, size, 1ull << 62, -ENOMEM),
		WRONG(drm_fpr_bo_create, placement, 2, -EINVAL),
		WRONG(drm_fpr_bo_create, placement, UINT32_MAX, -EINVAL),
		WRONG(drm_fpr_bo_create, flags, 1, -EINVAL),
		WRONG(drm_fpr_bo_create, flags, 1u << 31, -EINVAL),
		WRONG(drm_fpr_bo_create, reserved, 1, -EINVAL),
	};
	static const struct wrong info[] = {
		WRONG(drm_fpr_bo_info, handle, 0, -ENOENT),
		WRONG(drm_fpr_bo_info, handle, 4711, -ENOENT),
		WRONG(drm_fpr_bo_info, handle, UINT32_MAX, -ENOENT),
		WRONG(drm_fpr_bo_info, flags, 1, -EINVAL),
		WRONG(drm_fpr_bo_info, reserved, 1, -EINVAL),
	};
	static const struct wrong make[] = {
		WRONG(drm_fpr_ctx_create, priority, 3, -EINVAL),
		WRONG(drm_fpr_ctx_create, priority, UINT32_MAX, -EINVAL),
		WRONG(drm_fpr_ctx_create, flags, 1, -EINVAL),
		WRONG(drm_fpr_ctx_create, reserved, 1, -EINVAL),
	};
	static const struct wrong end[] = {
		WRONG(drm_fpr_ctx_destroy, id, 0, -ENOENT),
		WRONG(drm_fpr_ctx_destroy, id, 999, -ENOENT),
		WRONG(drm_fpr_ctx_destroy, id, UINT32_MAX, -ENOENT),
		WRONG(drm_fpr_ctx_destroy, reserved, 1, -EINVAL),
	};
	static const struct wrong read[] = {
		WRONG(drm_fpr_read_counters, type, 3, -EINVAL),
		WRONG(drm_fpr_read_counters, id, 2, -ENOENT),
		WRONG(drm_fpr_read_counters, id, UINT32_MAX, -ENOENT),
		WRONG(drm_fpr_read_counters, reserved, 1, -EINVAL),
		WRONG(drm_fpr_read_counters, pointer, 1, -EFAULT),
	};
	struct drm_fpr_counters_engine engine;
	struct drm_fpr_query_device device;
	struct drm_fpr_query good_query = {.size = sizeof(device), .pointer = (uintptr_t)&device};
	struct drm_fpr_bo_create good_create = {.size = 4096};
	struct drm_fpr_bo_info good_info = {.handle = host.handle};
	struct drm_fpr_ctx_create good_make = {.priority = DRM_FPR_PRIORITY_NORMAL};
	struct drm_fpr_ctx_destroy good_end = {.id = ctx};
	struct drm_fpr_read_counters good_read = {.size = sizeof(engine),
						  .pointer = (uintptr_t)&engine};

	refuse(DRM_IOCTL_FPR_QUERY, &good_query, sizeof(good_query), query, COUNT(query));
	refuse(DRM_IOCTL_FPR_BO_CREATE, &good_create, sizeof(good_create), create, COUNT(create));
	refuse(DRM_IOCTL_FPR_BO_INFO, &good_info, sizeof(good_info), info, COUNT(info));
	refuse(DRM_IOCTL_FPR_CTX_CREATE, &good_make, sizeof(good_make), make, COUNT(make));
	refuse(DRM_IOCTL_FPR_CTX_DESTROY, &good_end, sizeof(good_end), end, COUNT(end));
	refuse(DRM_IOCTL_FPR_READ_COUNTERS, &good_read, sizeof(good_read), read, COUNT(read));
	good_create.placement = DRM_FPR_PLACE_BOARD;
	good_create.size = 1ull << 40;
	CHECK(call(fd, DRM_IOCTL_FPR_BO_CREATE, &good_create) == -ENOSPC);
}

/* A structure as an older or a newer program knows it. */
static void sizes(void)
{
	struct {
		struct drm_fpr_query_device device;
		uint8_t tail[64];
	} answer;
	struct drm_fpr_query query = {.pointer = (uintptr_t)&answer};

	memset(&answer, 0xaa, sizeof(answer));
	query.size = 8;
	CHECK(call(fd, DRM_IOCTL_FPR_QUERY, &query) == 0 && query.size == sizeof(answer.device));
	CHECK(answer.device.contract != 0xaaaaaaaa && answer.device.caps == 0xaaaaaaaa);
	query.size = sizeof(answer);
	CHECK(call(fd, DRM_IOCTL_FPR_QUERY, &query) == 0 && answer.tail[0] == 0);
	CHECK(answer.tail[63] == 0);
}

static struct drm_fpr_mac_job good_job(void)
{
	struct drm_fpr_mac_job job = gemm_job(8, 8, 64);

	job.a = job.b = job.c = board.handle;
	job.b_offset = 4096;
	job.c_offset = 8192;
	job.result = host.handle;
	return job;
}

static void mac_jobs(void)
{
	static const struct wrong table[] = {
		WRONG(drm_fpr_mac_job, gemm.m, FPR_DIM_MAX + 1, -EINVAL),
		WRONG(drm_fpr_mac_job, gemm.n, FPR_DIM_MAX + 1, -EINVAL),
		WRONG(drm_fpr_mac_job, gemm.k, FPR_DIM_MAX + 1, -EINVAL),
		WRONG(drm_fpr_mac_job, gemm.m, UINT32_MAX, -EINVAL),
		WRONG(drm_fpr_mac_job, gemm.m, 1 << 20, -EINVAL), /* outside the buffer */
		WRONG(drm_fpr_mac_job, gemm.batch, FPR_BATCH_MAX + 1, -EINVAL),
		WRONG(drm_fpr_mac_job, gemm.batch, 2, -EINVAL), /* entries of C overlap */
		WRONG(drm_fpr_mac_job, gemm.lda, 63, -EINVAL),
		WRONG(drm_fpr_mac_job, gemm.ldb, 7, -EINVAL),
		WRONG(drm_fpr_mac_job, gemm.ldc, 7, -EINVAL),
		WRONG(drm_fpr_mac_job, gemm.lda, FPR_DIM_MAX + 1, -EINVAL),
		WRONG(drm_fpr_mac_job, gemm.ldc, FPR_DIM_MAX, -EINVAL),
		WRONG(drm_fpr_mac_job, gemm.reserved, 1, -EINVAL),
		WRONG(drm_fpr_mac_job, gemm.reserved1, 1, -EINVAL),
		WRONG(drm_fpr_mac_job, gemm.kind, FPR_KINDS, -EINVAL),
		WRONG(drm_fpr_mac_job, gemm.kind, 255, -EINVAL),
		WRONG(drm_fpr_mac_job, gemm.serial, FPR_SERIAL_AUTO, -EINVAL),
		WRONG(drm_fpr_mac_job, gemm.t, FPR_T_MAX + 1, -EINVAL),
		WRONG(drm_fpr_mac_job, gemm.out, 2, -EINVAL),
		WRONG(drm_fpr_mac_job, gemm.trans_a, 2, -EINVAL),
		WRONG(drm_fpr_mac_job, gemm.trans_b, 2, -EINVAL),
		WRONG(drm_fpr_mac_job, gemm.accumulate, 2, -EINVAL),
		WRONG(drm_fpr_mac_job, a, 0, -EINVAL),
		WRONG(drm_fpr_mac_job, a, 4711, -ENOENT),
		WRONG(drm_fpr_mac_job, b, UINT32_MAX, -ENOENT),
		WRONG(drm_fpr_mac_job, c, 4711, -ENOENT),
		WRONG(drm_fpr_mac_job, flags, 4, -EINVAL),
		WRONG(drm_fpr_mac_job, flags, DRM_FPR_MAC_NOP, -EINVAL), /* with operands */
		WRONG(drm_fpr_mac_job, a_offset, 1, -EINVAL),
		WRONG(drm_fpr_mac_job, a_offset, 65536, -EINVAL),
		WRONG(drm_fpr_mac_job, a_offset, UINT64_MAX - 1, -EINVAL),
		WRONG(drm_fpr_mac_job, b_offset, 65536 - 1022, -EINVAL),
		WRONG(drm_fpr_mac_job, c_offset, 2, -EINVAL),
		WRONG(drm_fpr_mac_job, c_offset, 0, -EINVAL), /* over A */
		WRONG(drm_fpr_mac_job, c_offset, 1020, -EINVAL), /* over A's last */
		WRONG(drm_fpr_mac_job, c_offset, 4096 - 252, -EINVAL), /* over B's first */
		WRONG(drm_fpr_mac_job, result, 4711, -ENOENT),
		WRONG(drm_fpr_mac_job, reserved, 1, -EINVAL),
		WRONG(drm_fpr_mac_job, result_offset, 128, -EINVAL),
		WRONG(drm_fpr_mac_job, result_offset, 65536, -EINVAL),
		WRONG(drm_fpr_mac_job, result_offset, UINT64_MAX - 255, -EINVAL),
	};
	struct drm_fpr_mac_job jobs[2];

	for (size_t i = 0; i < COUNT(table); i++) {
		/* The second job is the bad one: the first must not run either. */
		jobs[0] = jobs[1] = good_job();
		spoil(&jobs[1], &table[i]);
		expect(table[i].name, submit_mac(fd, ctx, jobs, 2, 0, sync_handle), table[i].error);
	}
	jobs[0] = good_job();
	jobs[0].result = board.handle;
	CHECK(submit_mac(fd, ctx, jobs, 1, 0, 0) == -EINVAL);
}

static struct drm_fpr_xfer good_xfer(void)
{
	return (struct drm_fpr_xfer){.host = host.handle, .board = board.handle, .bytes = 4096};
}

static void transfers(void)
{
	static const struct wrong table[] = {
		WRONG(drm_fpr_xfer, host, 0, -ENOENT),
		WRONG(drm_fpr_xfer, host, 4711, -ENOENT),
		WRONG(drm_fpr_xfer, board, 0, -ENOENT),
		WRONG(drm_fpr_xfer, bytes, 0, -EINVAL),
		WRONG(drm_fpr_xfer, bytes, 65537, -EINVAL),
		WRONG(drm_fpr_xfer, bytes, UINT64_MAX, -EINVAL),
		WRONG(drm_fpr_xfer, host_offset, 65536, -EINVAL),
		WRONG(drm_fpr_xfer, host_offset, UINT64_MAX, -EINVAL),
		WRONG(drm_fpr_xfer, board_offset, 65536 - 4095, -EINVAL),
		WRONG(drm_fpr_xfer, board_offset, UINT64_MAX - 4094, -EINVAL),
		WRONG(drm_fpr_xfer, op, 4, -EINVAL),
		WRONG(drm_fpr_xfer, op, 255, -EINVAL),
		WRONG(drm_fpr_xfer, direction, 2, -EINVAL),
		WRONG(drm_fpr_xfer, flags, 1, -EINVAL),
		WRONG(drm_fpr_xfer, result, 4711, -ENOENT),
		WRONG(drm_fpr_xfer, result_offset, 256, -EINVAL), /* without a result */
		WRONG(drm_fpr_xfer, out, 4711, -ENOENT),
		WRONG(drm_fpr_xfer, out_point, 1, -EINVAL), /* without a syncobj */
	};
	static const struct wrong adds[] = {
		WRONG(drm_fpr_xfer, direction, DRM_FPR_TO_HOST, -EINVAL),
		WRONG(drm_fpr_xfer, bytes, 4095, -EINVAL),
		WRONG(drm_fpr_xfer, bytes, 4096 - 32, -EINVAL),
		WRONG(drm_fpr_xfer, host_offset, 32, -EINVAL),
		WRONG(drm_fpr_xfer, board_offset, 32, -EINVAL),
		WRONG(drm_fpr_xfer, board_offset, 65536 - 4096, -EINVAL), /* twice the bytes */
	};
	struct drm_fpr_xfer xfers[2];

	for (size_t i = 0; i < COUNT(table); i++) {
		xfers[0] = xfers[1] = good_xfer();
		spoil(&xfers[1], &table[i]);
		expect(table[i].name, submit_xfer(fd, ctx, xfers, 2, 0, sync_handle),
		       table[i].error);
	}
	for (size_t i = 0; i < COUNT(adds); i++) {
		xfers[0] = good_xfer();
		xfers[0].op = DRM_FPR_XFER_ADD_BF16_F32;
		spoil(&xfers[0], &adds[i]);
		expect(adds[i].name, submit_xfer(fd, ctx, xfers, 1, 0, sync_handle), adds[i].error);
	}
	xfers[0] = good_xfer();
	xfers[0].host = board.handle;
	CHECK(submit_xfer(fd, ctx, xfers, 1, 0, 0) == -EINVAL);
	xfers[0] = good_xfer();
	xfers[0].board = host.handle;
	CHECK(submit_xfer(fd, ctx, xfers, 1, 0, 0) == -EINVAL);
}

/* The arrays themselves, on both submit calls: the structures agree in shape. */
static void arrays(unsigned long request, const void *element, uint32_t stride)
{
	static const struct wrong table[] = {
		WRONG(drm_fpr_submit_mac, ctx, 0, -ENOENT),
		WRONG(drm_fpr_submit_mac, ctx, 999, -ENOENT),
		WRONG(drm_fpr_submit_mac, flags, 1, -EINVAL),
		WRONG(drm_fpr_submit_mac, jobs.count, 0, -EINVAL),
		WRONG(drm_fpr_submit_mac, jobs.count, 1 << 20, -EINVAL),
		WRONG(drm_fpr_submit_mac, jobs.stride, 8, -EINVAL),
		WRONG(drm_fpr_submit_mac, jobs.stride, UINT32_MAX & ~7u, -EINVAL),
		WRONG(drm_fpr_submit_mac, jobs.stride, 4092, -EINVAL),
		WRONG(drm_fpr_submit_mac, jobs.array, 0, -EFAULT),
		WRONG(drm_fpr_submit_mac, jobs.array, 4, -EINVAL),
		WRONG(drm_fpr_submit_mac, jobs.array, UINT64_MAX & ~4095ull, -EFAULT),
		WRONG(drm_fpr_submit_mac, in.count, 1 << 20, -EINVAL),
		WRONG(drm_fpr_submit_mac, in.stride, 8, -EINVAL),
		WRONG(drm_fpr_submit_mac, in.array, 8, -EFAULT),
		WRONG(drm_fpr_submit_mac, out.count, 1 << 20, -EINVAL),
		WRONG(drm_fpr_submit_mac, out.array, 8, -EFAULT),
	};
	struct drm_fpr_sync out = {.handle = sync_handle};
	struct drm_fpr_submit_mac good = {
		.ctx = ctx,
		.jobs = array_of(element, 1, stride),
		.in = array_of(&out, 1, sizeof(out)),
		.out = array_of(&out, 1, sizeof(out)),
	};
	struct drm_fpr_sync syncs[1];
	struct drm_fpr_submit_mac args;
	uint64_t longer[64] = {0};

	drmSyncobjSignal(fd, &sync_handle, 1);
	refuse(request, &good, sizeof(good), table, COUNT(table));
	for (int field = 0; field < 2; field++) {
		static const struct drm_fpr_sync bad[] = {
			{.handle = 4711}, {.handle = 0}, {.handle = 1, .flags = 1}};

		for (size_t i = 0; i < COUNT(bad); i++) {
			syncs[0] = bad[i];
			args = good;
			*(field ? &args.out : &args.in) = array_of(syncs, 1, sizeof(syncs[0]));
			expect("a syncobj that is none", call(fd, request, &args),
			       bad[i].flags ? -EINVAL : -ENOENT);
		}
	}
	drmSyncobjReset(fd, &sync_handle, 1);
	expect("a syncobj without a fence", call(fd, request, &good), -EINVAL);
	/* A newer program's longer element is fine while its tail is zeros. */
	memcpy(longer, element, stride);
	good.jobs = array_of(longer, 1, stride + 16);
	good.in.count = 0;
	CHECK(call(fd, request, &good) == 0 && sync_wait(fd, sync_handle, 0, 20000) == 0);
	longer[stride / 8 + 1] = 1;
	CHECK(call(fd, request, &good) == -EINVAL);
}

static void no_such_ioctl(void)
{
	struct drm_fpr_query query = {0};

	CHECK(call(fd, DRM_FPR_IO(0x08, struct drm_fpr_query), &query) == -EINVAL);
	CHECK(call(fd, DRM_FPR_IO(0x5f, struct drm_fpr_query), &query) == -EINVAL);
}

static void many_contexts(void)
{
	struct drm_fpr_ctx_destroy end = {0};
	uint32_t ids[300], made = 0;

	while (made < 300 && ctx_create(fd, DRM_FPR_PRIORITY_LOW, &ids[made]) == 0)
		made++;
	CHECK(made > 100 && made < 300);
	CHECK(ctx_create(fd, DRM_FPR_PRIORITY_LOW, &end.id) == -ENOSPC);
	while (made--) {
		end.id = ids[made];
		CHECK(call(fd, DRM_IOCTL_FPR_CTX_DESTROY, &end) == 0);
	}
}

int main(void)
{
	long long free_before = read_number(board_sysfs(), "memory_free_bytes");
	struct drm_fpr_mac_job job;
	struct drm_fpr_xfer xfer;

	fd = open_board();
	if (!CHECK(fd >= 0))
		return report("args");
	CHECK(bo_create(fd, DRM_FPR_PLACE_HOST, 65536, &host) == 0);
	CHECK(bo_create(fd, DRM_FPR_PLACE_BOARD, 65536, &board) == 0);
	CHECK(bo_create(fd, DRM_FPR_PLACE_HOST, 4096, &small) == 0);
	CHECK(ctx_create(fd, DRM_FPR_PRIORITY_NORMAL, &ctx) == 0);
	sync_handle = sync_create(fd);
	memset(host.map, 0x11, host.size);
	memset(board.map, 0x22, board.size);
	plain();
	sizes();
	mac_jobs();
	transfers();
	sleep_ms(100);
	for (size_t i = 0; i < 65536; i++) {
		if (((uint8_t *)host.map)[i] != 0x11 || ((uint8_t *)board.map)[i] != 0x22) {
			CHECK(!"a refused call touched memory");
			break;
		}
	}
	CHECK(drmSyncobjWait(fd, &sync_handle, 1, 0, 0, NULL) != 0);
	job = good_job();
	arrays(DRM_IOCTL_FPR_SUBMIT_MAC, &job, sizeof(job));
	xfer = good_xfer();
	arrays(DRM_IOCTL_FPR_SUBMIT_XFER, &xfer, sizeof(xfer));
	no_such_ioctl();
	many_contexts();
	bo_free(fd, &host);
	bo_free(fd, &board);
	bo_free(fd, &small);
	close(fd);
	sleep_ms(200);
	CHECK(read_number(board_sysfs(), "memory_free_bytes") == free_before);
	return report("args");
}
