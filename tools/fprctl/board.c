/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "board.h"
#include "fprctl.h"
#include "places.h"
#include "progress.h"

/* It may be there all the same, only not to be opened. */
static int no_device(const char *name)
{
	struct place places[PLACES_MAX];
	const size_t n = places_list(places);

	for (size_t i = 0; i < n; i++) {
		if (!place_is(&places[i], name) || !strcmp(places[i].driver, "fpr"))
			continue;
		complain("board %s is served by %s; fprctl doctor says what to do",
			 places[i].address, *places[i].driver ? places[i].driver : "no driver");
		return EXIT_NO_DEVICE;
	}
	complain("no such device '%s'; fprctl list shows those there are, fprctl doctor why one "
		 "is missing",
		 name);
	return EXIT_NO_DEVICE;
}

static int open_failed(const char *name, int error)
{
	switch (error) {
	case -ENODEV:
		return no_device(name);
	case -EACCES:
	case -EPERM:
		complain("no permission to open '%s'; fprctl doctor says what to do", name);
		return EXIT_PERMISSION;
	case -EOPNOTSUPP:
		complain("device '%s' cannot run here: the CPU lacks its vector extensions", name);
		return EXIT_NO_DEVICE;
	case -ELIBACC:
		complain("device '%s' needs libfpr_rtl.so.1, the RTL, which is not there; "
			 "make rtl-model builds it",
			 name);
		return EXIT_NO_DEVICE;
	case -ELIBBAD:
		complain("device '%s' needs this build's libfpr_rtl.so.1 and found another; "
			 "make rtl-model builds it",
			 name);
		return EXIT_NO_DEVICE;
	case -EINVAL:
		complain("device '%s': unknown option or value; libfpr(3) lists them", name);
		return EXIT_USAGE;
	default:
		complain("cannot open device '%s': %s; fprctl doctor says more", name,
			 strerror(-error));
		return EXIT_FAILED;
	}
}

int board_open(const char *name, struct board *board)
{
	char room[FPR_NAME_MAX];
	int ret = place_name(&name, room);

	if (ret != EXIT_OK)
		return ret;
	ret = fpr_device_open(name, &board->device);
	if (ret)
		return open_failed(name, ret);
	ret = fpr_device_get_info(board->device, &board->info);
	if (!ret)
		ret = fpr_queue_create(board->device, 0, &board->queue);
	if (!ret)
		return EXIT_OK;
	fpr_device_close(board->device);
	return open_failed(name, ret);
}

void board_close(struct board *board)
{
	fpr_queue_destroy(board->queue);
	fpr_device_close(board->device);
}

static const char *remedy_of(const struct board *board, int error)
{
	switch (error) {
	case -EIO:
		return strstr(board->info.name, "fail=")
			       ? "its option fail= has a job fail; leave it out"
			       : "the board failed it; fprctl doctor says more";
	case -ENODEV:
		return "the board has gone; fprctl doctor says more";
	case -ETIME:
		return "the board hung and was reset; fprctl dump shows at what";
	case -ECANCELED:
		return "the board was reset, or what it waited for failed; try again";
	case -ENOSPC:
		return "the board's memory is full; fprctl top shows who has it";
	case -ENOMEM:
		return "the host has no memory for it; ask for less";
	case -EINVAL:
		return "the device does not take it; libfpr(3) says what it takes";
	default:
		return "fprctl doctor says more";
	}
}

const char *board_failure(const struct board *board, int error)
{
	static char text[160];

	snprintf(text, sizeof(text), "%s: %s", strerror(-error), remedy_of(board, error));
	return text;
}

static int is_busy(struct fpr_fence *fence, enum fpr_counters engine)
{
	struct fpr_transfer_result transfer;
	struct fpr_gemm_result gemm;

	if (engine == FPR_COUNTERS_MAC)
		return fpr_fence_result(fence, 0, &gemm) == -EBUSY;
	return fpr_fence_transfer_result(fence, 0, &transfer) == -EBUSY;
}

int board_wait(struct board *board, struct fpr_fence *fence, enum fpr_counters engine,
	       const char *what, uint64_t total)
{
	struct fpr_engine_counters before, now;
	int ret;

	/* Nothing is asked meanwhile that nobody sees: some of these waits are timed. */
	if (!progress_start(what, total))
		return fpr_fence_wait(fence, FPR_WAIT_FOREVER);
	ret = fpr_counters_engine(board->device, engine, &before);
	for (now = before; !ret; ret = fpr_counters_engine(board->device, engine, &now)) {
		progress_at(now.progress - before.progress);
		if (!is_busy(fence, engine))
			break;
		fpr_fence_wait(fence, PROGRESS_STEP_NS);
	}
	progress_end();
	return fpr_fence_wait(fence, FPR_WAIT_FOREVER);
}

static int create_buffer(struct board *board, uint64_t bytes, struct fpr_buffer **buffer,
			 void **ptr)
{
	int ret;

	if (!bytes)
		return 0;
	ret = fpr_buffer_create(board->device, bytes, 0, buffer);
	return ret ? ret : fpr_buffer_map(*buffer, ptr);
}

int product_create(struct board *board, const struct fpr_gemm *gemm, uint64_t a_bytes,
		   uint64_t b_bytes, uint64_t c_bytes, struct product *product)
{
	int ret;

	memset(product, 0, sizeof(*product));
	product->job.gemm = *gemm;
	ret = create_buffer(board, a_bytes, &product->job.a, &product->a);
	if (!ret)
		ret = create_buffer(board, b_bytes, &product->job.b, &product->b);
	if (!ret)
		ret = create_buffer(board, c_bytes, &product->job.c, &product->c);
	return ret;
}

void product_destroy(struct product *product)
{
	fpr_buffer_destroy(product->job.a);
	fpr_buffer_destroy(product->job.b);
	fpr_buffer_destroy(product->job.c);
}

static uint64_t tiles(const struct fpr_gemm *gemm, const struct fpr_device_info *info)
{
	const uint64_t m = gemm->m, n = gemm->n;

	return (m + info->rows - 1) / info->rows * ((n + info->cols - 1) / info->cols);
}

int product_run(struct board *board, const struct product *product, const char *bar,
		struct fpr_gemm_result *result)
{
	struct fpr_fence *fence;
	int ret;

	ret = fpr_gemm_submit(board->queue, &product->job, 1, NULL, 0, &fence);
	if (ret)
		return ret;
	ret = bar ? board_wait(board, fence, FPR_COUNTERS_MAC, bar,
			       tiles(&product->job.gemm, &board->info))
		  : fpr_fence_wait(fence, FPR_WAIT_FOREVER);
	if (!ret)
		ret = fpr_fence_result(fence, 0, result);
	fpr_fence_destroy(fence);
	return ret;
}
