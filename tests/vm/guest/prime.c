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
	void *map;
	int dmabuf = foreign(&map);

	if (dmabuf < 0) {
		puts("prime: no udmabuf in this kernel");
		return;
	}
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
	int prime = -1;

	CHECK(ctx_create(fd, DRM_FPR_PRIORITY_NORMAL, &ctx) == 0);
	CHECK(bo_create(fd, DRM_FPR_PLACE_HOST, 65536, &host) == 0);
	CHECK(bo_create(fd, DRM_FPR_PLACE_BOARD, 65536, &board) == 0);
	CHECK(drmPrimeHandleToFD(fd, host.handle, O_CLOEXEC | O_RDWR, &prime) == 0);
	xfer.host = host.handle;
	xfer.board = board.handle;
	xfer.direction = DRM_FPR_TO_HOST;
	CHECK(board_command("delay-dma 200") == 0);
	CHECK(submit_xfer(fd, ctx, &xfer, 1, 0, sync) == 0);
	CHECK(ioctl(prime, DMA_BUF_IOCTL_EXPORT_SYNC_FILE, &export) == 0);
	CHECK(drmSyncobjImportSyncFile(fd, sync, export.fd) == 0);
	CHECK(sync_pending(fd, sync));
	CHECK(sync_wait(fd, sync, 0, WAIT_MS) == 0);
	CHECK(board_command("delay-dma 0") == 0);
	close(export.fd);
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

static void export_to(int fd)
{
	int vgem = open_vgem(), prime = -1;
	struct bo host, board;
	uint32_t handle = 0;

	if (vgem < 0) {
		puts("prime: no vgem in this kernel");
		return;
	}
	CHECK(bo_create(fd, DRM_FPR_PLACE_HOST, 65536, &host) == 0);
	CHECK(bo_create(fd, DRM_FPR_PLACE_BOARD, 65536, &board) == 0);
	CHECK(drmPrimeHandleToFD(fd, host.handle, O_CLOEXEC | O_RDWR, &prime) == 0);
	CHECK(drmPrimeFDToHandle(vgem, prime, &handle) == 0);
	close(prime);
	CHECK(drmPrimeHandleToFD(fd, board.handle, O_CLOEXEC | O_RDWR, &prime) == 0);
	CHECK(drmPrimeFDToHandle(vgem, prime, &handle) != 0 && errno == EOPNOTSUPP);
	close(prime);
	bo_free(fd, &host);
	bo_free(fd, &board);
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
	close(fd);
	return report("prime");
}
