/* SPDX-License-Identifier: MIT */

/* Buffers of other drivers here, and ours there: udmabuf and vgem stand for any. */
#define _GNU_SOURCE /* memfd_create() */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xf86drm.h>

#include <linux/dma-buf.h>
#include <linux/udmabuf.h>

#include "guest.h"

#define WAIT_MS 20000

enum { BYTES = 1 << 20 };

/* Memory of a memfd as a dma-buf of another driver; mapped at @map. */
static int foreign(void **map)
{
	struct udmabuf_create create = {.size = BYTES};
	int memfd = memfd_create("foreign", MFD_ALLOW_SEALING | MFD_CLOEXEC);
	int maker = open("/dev/udmabuf", O_RDWR | O_CLOEXEC), fd;

	if (maker < 0 || memfd < 0 || ftruncate(memfd, BYTES) ||
	    fcntl(memfd, F_ADD_SEALS, F_SEAL_SHRINK))
		return -1;
	*map = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, memfd, 0);
	create.memfd = (uint32_t)memfd;
	fd = ioctl(maker, UDMABUF_CREATE, &create);
	close(maker);
	close(memfd);
	return fd;
}

static void import(int fd)
{
	struct drm_fpr_xfer xfer = {.bytes = BYTES};
	struct drm_fpr_bo_info info = {0};
	struct drm_fpr_mac_job job = nop_job();
	uint32_t ctx = 0, handle = 0, sync = sync_create(fd);
	struct bo board;
	void *map = NULL;
	int dmabuf = foreign(&map);

	if (!CHECK(dmabuf >= 0))
		return;
	for (uint32_t i = 0; i < BYTES / 4; i++)
		((uint32_t *)map)[i] = i * 2246822519u;
	CHECK(drmPrimeFDToHandle(fd, dmabuf, &handle) == 0);
	close(dmabuf);
	info.handle = handle;
	CHECK(call(fd, DRM_IOCTL_FPR_BO_INFO, &info) == 0);
	CHECK(info.flags == DRM_FPR_BO_IMPORTED && info.size == BYTES &&
	      info.placement == DRM_FPR_PLACE_HOST);
	CHECK(ctx_create(fd, DRM_FPR_PRIORITY_NORMAL, &ctx) == 0);
	CHECK(bo_create(fd, DRM_FPR_PLACE_BOARD, BYTES, &board) == 0);
	xfer.host = handle;
	xfer.board = board.handle;
	CHECK(submit_xfer(fd, ctx, &xfer, 1, 0, sync) == 0);
	CHECK(sync_wait(fd, sync, 0, WAIT_MS) == 0);
	CHECK(memcmp(board.map, map, BYTES) == 0);
	memset(map, 0, BYTES);
	xfer.direction = DRM_FPR_TO_HOST;
	CHECK(submit_xfer(fd, ctx, &xfer, 1, 0, sync) == 0);
	CHECK(sync_wait(fd, sync, 0, WAIT_MS) == 0);
	CHECK(memcmp(board.map, map, BYTES) == 0);
	/* The kernel writes results only to memory of its own. */
	job.result = handle;
	CHECK(submit_mac(fd, ctx, &job, 1, 0, 0) == -EINVAL);
	bo_free(fd, &board);
	munmap(map, BYTES);
}

/* A fence on shared memory is seen through the dma-buf. */
static void fences(int fd)
{
	struct dma_buf_export_sync_file export = {.flags = DMA_BUF_SYNC_RW};
	struct drm_fpr_xfer xfer = {.bytes = 65536};
	struct bo host, board;
	uint32_t ctx = 0, sync = sync_create(fd);
	bool pending = false;
	int prime = -1;

	CHECK(ctx_create(fd, DRM_FPR_PRIORITY_NORMAL, &ctx) == 0);
	CHECK(bo_create(fd, DRM_FPR_PLACE_HOST, 65536, &host) == 0);
	CHECK(bo_create(fd, DRM_FPR_PLACE_BOARD, 65536, &board) == 0);
	CHECK(drmPrimeHandleToFD(fd, host.handle, O_CLOEXEC | O_RDWR, &prime) == 0);
	xfer.host = host.handle;
	xfer.board = board.handle;
	xfer.direction = DRM_FPR_TO_HOST;
	CHECK(board_command("delay-dma 1000") == 0);
	/* A guest whose host is busy may be too late to see it pending, but not every time. */
	for (int i = 0; i < 5 && !pending; i++) {
		CHECK(submit_xfer(fd, ctx, &xfer, 1, 0, sync) == 0);
		CHECK(ioctl(prime, DMA_BUF_IOCTL_EXPORT_SYNC_FILE, &export) == 0);
		CHECK(drmSyncobjImportSyncFile(fd, sync, export.fd) == 0);
		pending = sync_pending(fd, sync);
		CHECK(sync_wait(fd, sync, 0, WAIT_MS) == 0);
		close(export.fd);
	}
	CHECK(pending);
	CHECK(board_command("delay-dma 0") == 0);
	close(prime);
	bo_free(fd, &host);
	bo_free(fd, &board);
}

static int open_vgem(void)
{
	char path[32];

	for (int i = 0; i < 8; i++) {
		drmVersionPtr version;
		bool found;
		int fd;

		snprintf(path, sizeof(path), "/dev/dri/card%d", i);
		fd = open(path, O_RDWR | O_CLOEXEC);
		if (fd < 0)
			continue;
		version = drmGetVersion(fd);
		found = version && !strcmp(version->name, "vgem");
		drmFreeVersion(version);
		if (found)
			return fd;
		close(fd);
	}
	return -1;
}

static void gem_close(int fd, uint32_t handle)
{
	struct drm_gem_close close = {.handle = handle};

	CHECK(call(fd, DRM_IOCTL_GEM_CLOSE, &close) == 0);
}

static uint64_t memory_free(int fd)
{
	struct drm_fpr_query_memory memory = {0};
	struct drm_fpr_query query = {.type = DRM_FPR_QUERY_MEMORY, .size = sizeof(memory)};

	query.pointer = (uint64_t)(uintptr_t)&memory;
	CHECK(call(fd, DRM_IOCTL_FPR_QUERY, &query) == 0);
	return memory.free;
}

/* The kernel lets go of what ended work used a little later. */
static uint64_t memory_settled(int fd)
{
	uint64_t last, now = memory_free(fd);

	do {
		last = now;
		sleep_ms(300);
		now = memory_free(fd);
	} while (now != last);
	return now;
}

static int copy(int fd, uint32_t host, const struct bo *board, uint32_t direction)
{
	struct drm_fpr_xfer xfer = {.host = host, .board = board->handle, .direction = direction};
	uint32_t ctx = 0, sync = sync_create(fd);
	int ret = ctx_create(fd, DRM_FPR_PRIORITY_NORMAL, &ctx);
	struct drm_fpr_ctx_destroy end = {.id = ctx};

	xfer.bytes = board->size;
	ret = ret ? ret : submit_xfer(fd, ctx, &xfer, 1, 0, sync);
	ret = ret ? ret : sync_wait(fd, sync, 0, WAIT_MS);
	call(fd, DRM_IOCTL_FPR_CTX_DESTROY, &end);
	return ret;
}

/* A buffer of vgem's, mapped. */
static int vgem_create(int vgem, struct bo *bo)
{
	struct drm_mode_create_dumb create = {.width = 256, .height = 64, .bpp = 32};
	struct drm_mode_map_dumb map = {0};
	int ret = call(vgem, DRM_IOCTL_MODE_CREATE_DUMB, &create);

	map.handle = create.handle;
	ret = ret ? ret : call(vgem, DRM_IOCTL_MODE_MAP_DUMB, &map);
	*bo = (struct bo){.handle = create.handle, .size = create.size};
	bo->map = mmap(NULL, bo->size, PROT_READ | PROT_WRITE, MAP_SHARED, vgem, (off_t)map.offset);
	return ret ? ret : bo->map == MAP_FAILED ? -errno : 0;
}

/* Memory of a driver's; used, written and read, and it outlives its maker's handle. */
static void from_vgem(int fd, int vgem)
{
	struct bo theirs, board;
	uint32_t handle = 0;
	int prime = -1;

	if (!CHECK(vgem_create(vgem, &theirs) == 0))
		return;
	CHECK(bo_create(fd, DRM_FPR_PLACE_BOARD, theirs.size, &board) == 0);
	CHECK(drmPrimeHandleToFD(vgem, theirs.handle, O_CLOEXEC | O_RDWR, &prime) == 0);
	CHECK(drmPrimeFDToHandle(fd, prime, &handle) == 0);
	close(prime);
	memset(theirs.map, 0x3c, theirs.size);
	CHECK(copy(fd, handle, &board, DRM_FPR_TO_BOARD) == 0);
	CHECK(memcmp(theirs.map, board.map, board.size) == 0);
	gem_close(vgem, theirs.handle);
	memset(board.map, 0x7e, board.size);
	CHECK(copy(fd, handle, &board, DRM_FPR_TO_HOST) == 0);
	CHECK(memcmp(theirs.map, board.map, board.size) == 0);
	munmap(theirs.map, theirs.size);
	CHECK(copy(fd, handle, &board, DRM_FPR_TO_HOST) == 0);
	gem_close(fd, handle);
	bo_free(fd, &board);
}

/* Ours in vgem's hands, which hand on what they got; in each order of letting go. */
static void to_vgem(int fd, int vgem)
{
	for (int maker_first = 0; maker_first < 2; maker_first++) {
		uint32_t handle = 0, again = 0;
		struct bo host, board;
		char *theirs;
		int prime = -1;

		CHECK(bo_create(fd, DRM_FPR_PLACE_HOST, 65536, &host) == 0);
		CHECK(bo_create(fd, DRM_FPR_PLACE_BOARD, 65536, &board) == 0);
		memset(board.map, 0x11 + maker_first, board.size);
		CHECK(drmPrimeHandleToFD(fd, host.handle, O_CLOEXEC | O_RDWR, &prime) == 0);
		CHECK(drmPrimeFDToHandle(vgem, prime, &handle) == 0);
		CHECK(drmPrimeFDToHandle(vgem, prime, &again) == 0 && again == handle);
		close(prime);
		CHECK(drmPrimeHandleToFD(vgem, handle, O_CLOEXEC | O_RDWR, &prime) == 0);
		CHECK(drmPrimeFDToHandle(fd, prime, &again) == 0 && again == host.handle);
		theirs = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_SHARED, prime, 0);
		close(prime);
		if (!CHECK(theirs != MAP_FAILED))
			return;
		CHECK(copy(fd, host.handle, &board, DRM_FPR_TO_HOST) == 0);
		CHECK(memcmp(theirs, board.map, board.size) == 0);
		if (maker_first)
			bo_free(fd, &host);
		CHECK(theirs[65535] == 0x11 + maker_first);
		munmap(theirs, 65536);
		gem_close(vgem, handle);
		if (!maker_first) {
			CHECK(((char *)host.map)[5] == 0x11);
			bo_free(fd, &host);
		}
		bo_free(fd, &board);
	}
}

/* Whoever has no way to the board is told so. */
static void board_to_vgem(int fd, int vgem)
{
	struct bo board;
	uint32_t handle = 0;
	int prime = -1;

	CHECK(bo_create(fd, DRM_FPR_PLACE_BOARD, 65536, &board) == 0);
	CHECK(drmPrimeHandleToFD(fd, board.handle, O_CLOEXEC | O_RDWR, &prime) == 0);
	CHECK(drmPrimeFDToHandle(vgem, prime, &handle) != 0 && errno == EOPNOTSUPP);
	close(prime);
	bo_free(fd, &board);
}

static bool sync_access(int prime, uint64_t flags)
{
	struct dma_buf_sync sync = {.flags = flags | DMA_BUF_SYNC_RW};

	return ioctl(prime, DMA_BUF_IOCTL_SYNC, &sync) == 0;
}

/* What is mapped is what was asked for: from an offset on, or of a mapping since cut up. */
static void mapped_in_part(int prime)
{
	char *whole = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_SHARED, prime, 0), *part;

	if (!CHECK(whole != MAP_FAILED))
		return;
	for (int i = 0; i < 16; i++)
		memset(whole + 4096 * i, 0x40 + i, 4096);
	part = mmap(NULL, 8192, PROT_READ, MAP_SHARED, prime, 5 * 4096);
	if (CHECK(part != MAP_FAILED)) {
		CHECK(part[0] == 0x45 && part[8191] == 0x46);
		munmap(part, 8192);
	}
	munmap(whole, 65536);
	whole = mmap(NULL, 65536, PROT_READ, MAP_SHARED, prime, 0);
	if (!CHECK(whole != MAP_FAILED))
		return;
	CHECK(munmap(whole, 3 * 4096) == 0);
	CHECK(whole[3 * 4096] == 0x43 && whole[65535] == 0x4f);
	munmap(whole + 3 * 4096, 13 * 4096);
}

/* A dma-buf is a file that can be mapped, and keeps the memory when all else is gone. */
static void mapped(int fd, uint32_t placement)
{
	uint64_t before = memory_settled(fd);
	struct bo bo, again = {0};
	char *bytes;
	int prime = -1;

	CHECK(bo_create(fd, placement, 65536, &bo) == 0);
	CHECK(drmPrimeHandleToFD(fd, bo.handle, O_CLOEXEC | O_RDWR, &prime) == 0);
	CHECK(lseek(prime, 0, SEEK_END) == 65536);
	bytes = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_SHARED, prime, 0);
	if (!CHECK(bytes != MAP_FAILED))
		return;
	CHECK(mmap(NULL, 65536, PROT_READ, MAP_SHARED, prime, 4096) == MAP_FAILED);
	CHECK(sync_access(prime, DMA_BUF_SYNC_START));
	memset(bytes, 0x66, 65536);
	CHECK(sync_access(prime, DMA_BUF_SYNC_END));
	CHECK(((char *)bo.map)[65535] == 0x66);
	/* Of host memory the kernel's own helpers make what they make of it. */
	if (placement == DRM_FPR_PLACE_BOARD) {
		mapped_in_part(prime);
		memset(bytes, 0x66, 65536);
	}
	/* Back into the same board it is the same buffer, also when its handle has gone. */
	CHECK(drmPrimeFDToHandle(fd, prime, &again.handle) == 0 && again.handle == bo.handle);
	bo_free(fd, &bo);
	CHECK(bytes[65535] == 0x66);
	CHECK(drmPrimeFDToHandle(fd, prime, &again.handle) == 0);
	CHECK(bo_map(fd, &again) == 0);
	((char *)again.map)[1] = 0x67;
	CHECK(bytes[0] == 0x66 && bytes[1] == 0x67);
	bo_free(fd, &again);
	munmap(bytes, 65536);
	if (placement == DRM_FPR_PLACE_BOARD)
		CHECK(memory_free(fd) == before - 65536);
	close(prime);
	CHECK(memory_settled(fd) == before);
}

static void export_to(int fd)
{
	int vgem = open_vgem();

	if (!CHECK(vgem >= 0))
		return;
	from_vgem(fd, vgem);
	to_vgem(fd, vgem);
	board_to_vgem(fd, vgem);
	close(vgem);
}

int main(void)
{
	int fd = open_board();

	if (!CHECK(fd >= 0))
		return report("prime");
	import(fd);
	fences(fd);
	export_to(fd);
	mapped(fd, DRM_FPR_PLACE_HOST);
	mapped(fd, DRM_FPR_PLACE_BOARD);
	close(fd);
	return report("prime");
}
