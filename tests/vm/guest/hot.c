/* SPDX-License-Identifier: MIT */

/* What work costs the bus, counted by the board: a doorbell a call, a ring head an interrupt. */
#include <errno.h>
#include <string.h>
#include <xf86drm.h>

#include "guest.h"

#define WAIT_MS 20000
#define CALLS 100
#define PER_CALL 64
#define PIECE 4096

struct counts {
	struct drm_fpr_counters_engine engine;
	long long writes, reads, lost;
};

static void look_at_engine(int fd, uint32_t engine, struct counts *counts)
{
	struct drm_fpr_read_counters read = {
		.type = DRM_FPR_COUNTERS_ENGINE,
		.id = engine,
		.size = sizeof(counts->engine),
		.pointer = (uintptr_t)&counts->engine,
	};

	CHECK(call(fd, DRM_IOCTL_FPR_READ_COUNTERS, &read) == 0);
}

static void look_at_board(struct counts *counts)
{
	counts->writes = board_stat("register_writes");
	counts->reads = board_stat("register_reads");
	counts->lost = read_number(board_sysfs(), "lost_interrupts");
	CHECK(counts->writes >= 0 && counts->reads >= 0);
}

/* Reading the engine's counters reads registers, so that comes first before and last after. */
static void judge(int fd, uint32_t engine, const struct counts *before, uint64_t jobs)
{
	struct counts after = {0};
	uint64_t doorbells, interrupts, completions;
	long long writes, reads, lost;

	look_at_board(&after);
	look_at_engine(fd, engine, &after);
	doorbells = after.engine.doorbells - before->engine.doorbells;
	interrupts = after.engine.interrupts - before->engine.interrupts;
	completions = after.engine.completions - before->engine.completions;
	writes = after.writes - before->writes;
	reads = after.reads - before->reads;
	/* On a busy machine the watchdog may be there before the interrupt. */
	lost = after.lost - before->lost;
	printf("engine %u: %llu jobs in %u calls: %llu doorbells, %llu interrupts, %lld register "
	       "writes, %lld reads\n",
	       engine, (unsigned long long)jobs, CALLS, (unsigned long long)doorbells,
	       (unsigned long long)interrupts, writes, reads);
	CHECK(completions == jobs);
	CHECK(doorbells == CALLS);
	CHECK(interrupts + (uint64_t)lost >= CALLS && interrupts <= jobs);
	CHECK((uint64_t)writes == doorbells + interrupts + (uint64_t)lost);
	/* The watchdog reads a few times a second, work never does. */
	CHECK((uint64_t)reads < jobs / 10);
}

static void null_jobs(int fd, uint32_t ctx)
{
	struct drm_fpr_mac_job jobs[PER_CALL];
	struct counts before = {0};
	uint32_t sync = sync_create(fd);

	for (int i = 0; i < PER_CALL; i++)
		jobs[i] = nop_job();
	look_at_engine(fd, 0, &before);
	look_at_board(&before);
	for (int i = 0; i < CALLS; i++) {
		CHECK(submit_mac(fd, ctx, jobs, PER_CALL, 0, sync) == 0);
		CHECK(sync_wait(fd, sync, 0, WAIT_MS) == 0);
	}
	judge(fd, 0, &before, (uint64_t)CALLS * PER_CALL);
	drmSyncobjDestroy(fd, sync);
}

static void transfers(int fd, uint32_t ctx)
{
	struct drm_fpr_xfer xfers[PER_CALL];
	struct counts before = {0};
	uint32_t sync = sync_create(fd);
	struct bo host, board;

	CHECK(bo_create(fd, DRM_FPR_PLACE_HOST, PER_CALL * PIECE, &host) == 0);
	CHECK(bo_create(fd, DRM_FPR_PLACE_BOARD, PER_CALL * PIECE, &board) == 0);
	for (uint32_t i = 0; i < PER_CALL; i++)
		xfers[i] = (struct drm_fpr_xfer){
			.host = host.handle,
			.board = board.handle,
			.host_offset = i * PIECE,
			.board_offset = i * PIECE,
			.bytes = PIECE,
			.direction = i % 2 ? DRM_FPR_TO_HOST : DRM_FPR_TO_BOARD,
		};
	look_at_engine(fd, 1, &before);
	look_at_board(&before);
	for (int i = 0; i < CALLS; i++) {
		CHECK(submit_xfer(fd, ctx, xfers, PER_CALL, 0, sync) == 0);
		CHECK(sync_wait(fd, sync, 0, WAIT_MS) == 0);
	}
	judge(fd, 1, &before, (uint64_t)CALLS * PER_CALL);
	bo_free(fd, &host);
	bo_free(fd, &board);
	drmSyncobjDestroy(fd, sync);
}

int main(void)
{
	int fd = open_board();
	uint32_t ctx;

	if (!CHECK(fd >= 0) || !CHECK(ctx_create(fd, DRM_FPR_PRIORITY_NORMAL, &ctx) == 0))
		return report("hot");
	null_jobs(fd, ctx);
	transfers(fd, ctx);
	return report("hot");
}
