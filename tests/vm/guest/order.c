/* SPDX-License-Identifier: MIT */

/*
 * The order of transfers: what is urgent, what is kept free for it, whose turn it is; and that of
 * matrix jobs. The first slice of each part, the plug, takes so long that everything else has
 * arrived before it ends; what happened then is read from time stamps, the board's for the order
 * of ends, the driver's for what was posted when. Nothing depends on how long anything took.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xf86drm.h>

#include "guest.h"

#define WAIT_MS 60000
#define SLOT DRM_FPR_RESULT_ALIGN

/* As the driver has them. */
#define RESERVE 16
#define LEAD (4u << 20)
#define RING 1024 /* entries, of the array */

#define LOTS 4500 /* result slots */

static int fd;
static uint32_t entries; /* of the board's table, per direction */
static struct bo host, board, results;
static uint32_t next_slot;

/**
 * struct lot - transfers of one kind
 * @first: its first result
 * @n: how many
 * @done: signals when all have ended
 */
struct lot {
	uint32_t first, n, done;
};

static const struct drm_fpr_result *result_of(const struct lot *lot, uint32_t i)
{
	return (struct drm_fpr_result *)((char *)results.map + (size_t)(lot->first + i) * SLOT);
}

static struct drm_fpr_xfer transfer(uint8_t direction, uint16_t priority, uint64_t bytes)
{
	return (struct drm_fpr_xfer){
		.host = host.handle,
		.board = board.handle,
		.bytes = bytes,
		.direction = direction,
		.priority = priority,
		.result = results.handle,
	};
}

/* @gate: a syncobj to wait for, 0 for none. */
static struct lot send_after(uint32_t ctx, uint32_t n, struct drm_fpr_xfer x, uint32_t gate)
{
	struct lot lot = {.first = next_slot, .n = n, .done = sync_create(fd)};
	struct drm_fpr_xfer xfers[200];
	struct drm_fpr_sync in = {.handle = gate}, out = {.handle = lot.done};
	uint64_t point = 0;

	for (uint32_t sent = 0; sent < n;) {
		struct drm_fpr_submit_xfer submit = {.ctx = ctx};
		uint32_t now = n - sent < 200 ? n - sent : 200;

		for (uint32_t i = 0; i < now; i++) {
			x.result_offset = (uint64_t)next_slot++ * SLOT;
			xfers[i] = x;
		}
		out.point = ++point;
		submit.xfers = array_of(xfers, now, sizeof(x));
		submit.in = array_of(&in, !!gate, sizeof(in));
		submit.out = array_of(&out, 1, sizeof(out));
		CHECK(call(fd, DRM_IOCTL_FPR_SUBMIT_XFER, &submit) == 0);
		sent += now;
	}
	return lot;
}

static struct lot send(uint32_t ctx, uint32_t n, struct drm_fpr_xfer x)
{
	return send_after(ctx, n, x, 0);
}

/* All ended, and all well. */
static void finish(const struct lot *lot)
{
	uint32_t bad = 0;

	CHECK(sync_wait(fd, lot->done, (lot->n + 199) / 200, WAIT_MS) == 0);
	for (uint32_t i = 0; i < lot->n; i++)
		bad += result_of(lot, i)->status != 0;
	CHECK(bad == 0);
	drmSyncobjDestroy(fd, lot->done);
}

static struct drm_fpr_counters_class class_of(uint16_t priority)
{
	struct drm_fpr_counters_class counters = {0};
	struct drm_fpr_read_counters read = {
		.type = DRM_FPR_COUNTERS_CLASS,
		.id = priority / 4096,
		.size = sizeof(counters),
		.pointer = (uintptr_t)&counters,
	};

	CHECK(call(fd, DRM_IOCTL_FPR_READ_COUNTERS, &read) == 0);
	return counters;
}

static struct drm_fpr_counters_engine engine_of(uint32_t engine)
{
	struct drm_fpr_counters_engine counters = {0};
	struct drm_fpr_read_counters read = {
		.type = DRM_FPR_COUNTERS_ENGINE,
		.id = engine,
		.size = sizeof(counters),
		.pointer = (uintptr_t)&counters,
	};

	CHECK(call(fd, DRM_IOCTL_FPR_READ_COUNTERS, &read) == 0);
	return counters;
}

static uint32_t new_ctx(uint32_t priority)
{
	uint32_t ctx = 0;

	CHECK(ctx_create(fd, priority, &ctx) == 0);
	return ctx;
}

static void end_ctx(uint32_t ctx)
{
	struct drm_fpr_ctx_destroy destroy = {.id = ctx};

	CHECK(call(fd, DRM_IOCTL_FPR_CTX_DESTROY, &destroy) == 0);
}

/* Every slice that begins from now on takes so much longer. */
static void delay(unsigned int ms)
{
	char command[32];

	snprintf(command, sizeof(command), "delay-dma %u", ms);
	CHECK(board_command(command) == 0);
}

/*
 * A transfer whose only slice the board has begun, and is at for @ms; later ones are quick.
 * The least urgent, so that it bars nothing.
 */
static struct lot plug(uint32_t ctx, uint8_t direction, unsigned int ms)
{
	const uint64_t before = class_of(65535).slices;
	struct lot lot;

	next_slot = 0;
	delay(ms);
	lot = send(ctx, 1, transfer(direction, 65535, 4096));
	while (class_of(65535).slices == before)
		sleep_ms(1);
	delay(0);
	return lot;
}

/*
 * Runs a part behind a plug that lasts until the part says that it has sent all; if it did
 * not, once more with a longer one. A part returns 0 for that.
 */
static void behind_plug(bool (*part)(uint8_t direction, unsigned int ms), uint8_t direction)
{
	unsigned int ms = 500;

	while (!part(direction, ms) && CHECK(ms < 60000))
		ms *= 2;
}

/* Did everything arrive while the plug was served? */
static bool in_time(const struct lot *stopper)
{
	uint64_t point = 1;
	uint32_t handle = stopper->done;

	return drmSyncobjTimelineWait(fd, &handle, &point, 1, 0, 0, NULL) != 0;
}

/* How many of a lot had been posted when the plug's end was seen. */
static uint32_t posted_before_end(const struct lot *lot, const struct lot *stopper)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < lot->n; i++)
		n += result_of(lot, i)->started_ns <= result_of(stopper, 0)->ended_ns;
	return n;
}

static uint64_t first_end(const struct lot *lot)
{
	uint64_t least = UINT64_MAX;

	for (uint32_t i = 0; i < lot->n; i++)
		if (result_of(lot, i)->board_time < least)
			least = result_of(lot, i)->board_time;
	return least;
}

static uint64_t last_end(const struct lot *lot)
{
	uint64_t most = 0;

	for (uint32_t i = 0; i < lot->n; i++)
		if (result_of(lot, i)->board_time > most)
			most = result_of(lot, i)->board_time;
	return most;
}

/* How many of a lot ended on the board before @time. */
static uint32_t ended_before(const struct lot *lot, uint64_t time)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < lot->n; i++)
		n += result_of(lot, i)->board_time < time;
	return n;
}

static bool in_order(const struct lot *lot)
{
	for (uint32_t i = 1; i < lot->n; i++)
		if (result_of(lot, i - 1)->board_time >= result_of(lot, i)->board_time ||
		    result_of(lot, i - 1)->started_ns > result_of(lot, i)->started_ns)
			return false;
	return true;
}

/*
 * Table and backlog are full of bulk; what is urgent is served as the very next slice. Bulk,
 * all equal, is posted and ends in the order it came in.
 */
static bool urgent_is_next(uint8_t direction, unsigned int ms)
{
	uint32_t ctx = new_ctx(DRM_FPR_PRIORITY_NORMAL);
	struct lot stopper = plug(ctx, direction, ms);
	struct lot bulk = send(ctx, entries + 150, transfer(direction, 60000, 4096));
	struct lot urgent = send(ctx, 1, transfer(direction, 7, 4096));
	bool good = in_time(&stopper);

	finish(&stopper);
	finish(&bulk);
	finish(&urgent);
	end_ctx(ctx);
	if (!good)
		return false;
	CHECK(posted_before_end(&urgent, &stopper) == 1);
	CHECK(posted_before_end(&bulk, &stopper) == entries - RESERVE - 1);
	CHECK(result_of(&stopper, 0)->board_time < result_of(&urgent, 0)->board_time);
	CHECK(result_of(&urgent, 0)->board_time < first_end(&bulk));
	CHECK(in_order(&bulk));
	return true;
}

/* A bulk transfer of many slices is set aside once, and goes on. */
static bool urgent_preempts(uint8_t direction, unsigned int ms)
{
	uint32_t ctx = new_ctx(DRM_FPR_PRIORITY_NORMAL);
	struct drm_fpr_counters_class before = class_of(60000), after;
	struct lot stopper, bulk, urgent;
	bool good;

	/* Here the first slice of the bulk is the plug. */
	next_slot = 0;
	delay(ms);
	bulk = send(ctx, 1, transfer(direction, 60000, 4 << 20));
	while (class_of(60000).slices == before.slices)
		sleep_ms(1);
	delay(0);
	stopper = send(ctx, 1, transfer(direction, 0, 4096));
	urgent = send(ctx, 1, transfer(direction, 7, 4096));
	after = class_of(60000);
	good = after.slices == before.slices + 1;
	finish(&bulk);
	finish(&stopper);
	finish(&urgent);
	after = class_of(60000);
	end_ctx(ctx);
	if (!good)
		return false;
	CHECK(after.preemptions == before.preemptions + 1);
	CHECK(result_of(&stopper, 0)->board_time < result_of(&urgent, 0)->board_time);
	CHECK(result_of(&urgent, 0)->board_time < result_of(&bulk, 0)->board_time);
	CHECK(direction == DRM_FPR_TO_HOST ? after.c2h_bytes - before.c2h_bytes == 4 << 20
					   : after.h2c_bytes - before.h2c_bytes == 4 << 20);
	return true;
}

/*
 * Each that rises is more urgent than all before it. The reserve takes 16 of them, and no equal
 * of what is posted; the rest waits for free entries.
 */
static bool reserve_is_kept(uint8_t direction, unsigned int ms)
{
	enum { RISING = RESERVE + 4 };
	uint32_t ctx = new_ctx(DRM_FPR_PRIORITY_NORMAL), posted = 0;
	struct lot stopper = plug(ctx, direction, ms);
	struct lot bulk = send(ctx, entries + 5, transfer(direction, 60000, 4096));
	struct lot rising[RISING];
	bool good;

	for (uint16_t i = 0; i < RISING; i++)
		rising[i] = send(ctx, 1, transfer(direction, (uint16_t)(1000 - i), 4096));
	good = in_time(&stopper);
	finish(&stopper);
	finish(&bulk);
	for (int i = 0; i < RISING; i++)
		finish(&rising[i]);
	end_ctx(ctx);
	if (!good)
		return false;
	for (int i = 0; i < RISING; i++)
		posted += posted_before_end(&rising[i], &stopper);
	CHECK(posted == RESERVE);
	CHECK(posted_before_end(&rising[RESERVE - 1], &stopper) == 1);
	CHECK(posted_before_end(&bulk, &stopper) == entries - RESERVE - 1);
	for (int i = 1; i < RESERVE; i++)
		CHECK(last_end(&rising[i]) < last_end(&rising[i - 1]));
	CHECK(last_end(&rising[0]) < first_end(&bulk));
	CHECK(last_end(&rising[RISING - 1]) < last_end(&bulk));
	return true;
}

/*
 * A context floods the board with what is most urgent, another has a little bulk, all of which
 * the table takes. The first has filled the table when the second comes, then may be given as
 * much as the second and its lead; then it has to wait until the second is done. Priority alone
 * would make the second wait for all of the first. The board is slower than the driver here,
 * or it would get to the bulk while the driver is at sending what is urgent.
 */
static bool nobody_starves(uint8_t direction, unsigned int ms)
{
	enum { N = 700, FEW = 50, BYTES = 65536 };
	uint32_t one = new_ctx(DRM_FPR_PRIORITY_NORMAL), two = new_ctx(DRM_FPR_PRIORITY_NORMAL);
	const uint32_t most = entries + FEW + LEAD / BYTES + 2;
	struct lot stopper = plug(one, direction, ms);
	struct lot urgent = send(one, N, transfer(direction, 1, BYTES));
	struct lot bulk = send(two, FEW, transfer(direction, 65535, BYTES));
	bool good;

	delay(3);
	good = in_time(&stopper);
	finish(&stopper);
	finish(&urgent);
	finish(&bulk);
	delay(0);
	end_ctx(one);
	end_ctx(two);
	if (!good)
		return false;
	printf("order: %u of %u urgent transfers came before the last of %u others; bound %u\n",
	       ended_before(&urgent, last_end(&bulk)), N, FEW, most);
	CHECK(ended_before(&urgent, last_end(&bulk)) <= most && most < N);
	/* Within its share priority is worth something all the same. */
	CHECK(ended_before(&urgent, first_end(&bulk)) >= entries - RESERVE - 1);
	return true;
}

/*
 * Equals: the first context has a backlog many times the table when the second comes with a
 * little. The second waits for the table, and gets every other free entry, not for the backlog.
 */
static bool latecomers_get_their_share(uint8_t direction, unsigned int ms)
{
	enum { N = 2000, FEW = 50, BYTES = 16384 };
	uint32_t one = new_ctx(DRM_FPR_PRIORITY_NORMAL), two = new_ctx(DRM_FPR_PRIORITY_NORMAL);
	struct lot stopper = plug(one, direction, ms);
	struct lot many = send(one, N, transfer(direction, 500, BYTES));
	struct lot few = send(two, FEW, transfer(direction, 500, BYTES));
	bool good = in_time(&stopper);

	finish(&stopper);
	finish(&many);
	finish(&few);
	end_ctx(one);
	end_ctx(two);
	if (!good)
		return false;
	CHECK(ended_before(&many, last_end(&few)) <= entries + 2 * FEW);
	CHECK(in_order(&many) && in_order(&few));
	return true;
}

/* A privileged context comes before what others have waiting, share or not. */
static bool privilege_comes_first(uint8_t direction, unsigned int ms)
{
	enum { BYTES = 65536, N = 150 };
	uint32_t one = new_ctx(DRM_FPR_PRIORITY_NORMAL), high = new_ctx(DRM_FPR_PRIORITY_HIGH);
	struct lot stopper = plug(one, direction, ms);
	struct lot many = send(one, entries + 100, transfer(direction, 500, 4096));
	struct lot first = send(high, N, transfer(direction, 500, BYTES));
	bool good = in_time(&stopper);
	uint32_t between = 0;

	finish(&stopper);
	finish(&many);
	finish(&first);
	end_ctx(one);
	end_ctx(high);
	if (!good)
		return false;
	for (uint32_t i = entries - RESERVE - 1; i < many.n; i++)
		between += result_of(&many, i)->started_ns < result_of(&first, N - 1)->started_ns;
	CHECK(between == 0);
	CHECK((uint64_t)N * BYTES > 2 * LEAD);
	return true;
}

/*
 * One direction is held up; the other moves on. What waits for the held up one's fence is
 * not there for the board, however urgent: bulk goes.
 */
static bool only_what_is_ready_enters(uint8_t direction, unsigned int ms)
{
	const uint8_t other = direction == DRM_FPR_TO_HOST ? DRM_FPR_TO_BOARD : DRM_FPR_TO_HOST;
	uint32_t ctx = new_ctx(DRM_FPR_PRIORITY_NORMAL), gate = sync_create(fd);
	const uint64_t before = class_of(0).slices;
	struct drm_fpr_xfer x = transfer(direction, 0, 4096);
	struct lot waits, bulk, stopper;
	bool good;

	next_slot = 0;
	delay(ms);
	stopper = (struct lot){.first = next_slot++, .n = 1};
	x.result_offset = 0;
	CHECK(submit_xfer(fd, ctx, &x, 1, 0, gate) == 0);
	while (class_of(0).slices == before)
		sleep_ms(1);
	delay(0);
	waits = send_after(ctx, 1, transfer(other, 0, 4096), gate);
	bulk = send(ctx, 20, transfer(other, 60000, 300000));
	finish(&bulk);
	good = sync_pending(fd, gate);
	finish(&waits);
	CHECK(sync_wait(fd, gate, 0, WAIT_MS) == 0);
	drmSyncobjDestroy(fd, gate);
	end_ctx(ctx);
	if (!good)
		return false;
	CHECK(last_end(&bulk) < result_of(&stopper, 0)->board_time);
	CHECK(last_end(&bulk) < result_of(&waits, 0)->board_time);
	CHECK(result_of(&waits, 0)->started_ns >= result_of(&stopper, 0)->ended_ns);
	return true;
}

/*
 * Matrix jobs of a privileged context come before what others have waiting for room in the
 * ring. The plug is a product, of whose operand on the host each piece takes so long; jobs that
 * have none are quick.
 */
static bool privileged_jobs_come_first(uint8_t direction, unsigned int ms)
{
	enum { CALL = 256, FIT = (RING - 2) / CALL, CALLS = FIT + 3 };
	const uint32_t one = new_ctx(DRM_FPR_PRIORITY_NORMAL),
		       high = new_ctx(DRM_FPR_PRIORITY_HIGH);
	const uint32_t plugged = sync_create(fd), many = sync_create(fd), first = sync_create(fd);
	struct drm_fpr_mac_job jobs[CALL], job = gemm_job(8, 8, 8);
	const struct lot calls = {.first = 0, .n = CALLS}, urgent = {.first = CALLS, .n = 1};
	bool good;

	(void)direction;
	for (int i = 0; i < CALL; i++)
		jobs[i] = nop_job();
	job.a = host.handle;
	job.b = job.c = board.handle;
	job.c_offset = 4096;
	delay(ms);
	CHECK(submit_mac(fd, one, &job, 1, 0, plugged) == 0);
	jobs[0].result = results.handle;
	for (int i = 0; i < CALLS; i++) {
		jobs[0].result_offset = (uint64_t)i * SLOT;
		CHECK(submit_mac(fd, one, jobs, CALL, 0, many) == 0);
	}
	jobs[0].result_offset = (uint64_t)CALLS * SLOT;
	CHECK(submit_mac(fd, high, jobs, 1, 0, first) == 0);
	good = sync_pending(fd, plugged);
	CHECK(sync_wait(fd, plugged, 0, WAIT_MS) == 0);
	delay(0);
	CHECK(sync_wait(fd, many, 0, WAIT_MS) == 0 && sync_wait(fd, first, 0, WAIT_MS) == 0);
	for (int i = FIT; i < CALLS && good; i++)
		CHECK(result_of(&urgent, 0)->started_ns < result_of(&calls, i)->started_ns);
	drmSyncobjDestroy(fd, plugged);
	drmSyncobjDestroy(fd, many);
	drmSyncobjDestroy(fd, first);
	end_ctx(one);
	end_ctx(high);
	return good;
}

/*
 * A call rings once, and an interrupt is never for nothing: what the board raised is what
 * found completions, and each of those gave them all back with one more doorbell.
 */
static void batches_ring_once(void)
{
	enum { CALLS = 10, JOBS = 64, MOVES = 100 };
	uint32_t ctx = new_ctx(DRM_FPR_PRIORITY_NORMAL), sync = sync_create(fd);
	struct drm_fpr_counters_engine mac, xfer, mac_after, xfer_after;
	struct drm_fpr_mac_job jobs[JOBS];
	struct drm_fpr_xfer moves[MOVES];
	long long doorbells, interrupts;

	for (int i = 0; i < JOBS; i++)
		jobs[i] = nop_job();
	for (int i = 0; i < MOVES; i++) {
		moves[i] = transfer((uint8_t)(i % 2), (uint16_t)i, 4096);
		moves[i].result = 0;
	}
	mac = engine_of(0);
	xfer = engine_of(1);
	doorbells = board_stat("doorbells");
	interrupts = board_stat("interrupts");
	for (int i = 0; i < CALLS; i++) {
		CHECK(submit_mac(fd, ctx, jobs, JOBS, 0, sync) == 0);
		CHECK(sync_wait(fd, sync, 0, WAIT_MS) == 0);
		CHECK(submit_xfer(fd, ctx, moves, MOVES, 0, sync) == 0);
		CHECK(sync_wait(fd, sync, 0, WAIT_MS) == 0);
	}
	mac_after = engine_of(0);
	xfer_after = engine_of(1);
	CHECK(mac_after.doorbells - mac.doorbells == CALLS);
	CHECK(xfer_after.doorbells - xfer.doorbells == CALLS);
	CHECK(mac_after.completions - mac.completions == CALLS * JOBS);
	CHECK(xfer_after.completions - xfer.completions == CALLS * MOVES);
	CHECK(mac_after.jobs - mac.jobs == CALLS * JOBS);
	CHECK(mac_after.interrupts - mac.interrupts <= CALLS * JOBS);
	interrupts = board_stat("interrupts") - interrupts;
	doorbells = board_stat("doorbells") - doorbells;
	CHECK(read_number(board_sysfs(), "lost_interrupts") == 0);
	CHECK(interrupts == (long long)(mac_after.interrupts - mac.interrupts +
					xfer_after.interrupts - xfer.interrupts));
	CHECK(doorbells == interrupts + 2 * CALLS);
	printf("order: %d calls, %d completions, %lld interrupts\n", 2 * CALLS,
	       CALLS * (JOBS + MOVES), interrupts);
	drmSyncobjDestroy(fd, sync);
	end_ctx(ctx);
}

int main(void)
{
	struct drm_fpr_query_device device = {0};
	struct drm_fpr_query q = {.type = DRM_FPR_QUERY_DEVICE, .size = sizeof(device)};

	fd = open_board();
	if (!CHECK(fd >= 0))
		return report("order");
	q.pointer = (uintptr_t)&device;
	CHECK(call(fd, DRM_IOCTL_FPR_QUERY, &q) == 0);
	entries = device.xfer_entries;
	CHECK(bo_create(fd, DRM_FPR_PLACE_HOST, 4 << 20, &host) == 0);
	CHECK(bo_create(fd, DRM_FPR_PLACE_BOARD, 4 << 20, &board) == 0);
	CHECK(bo_create(fd, DRM_FPR_PLACE_HOST, (uint64_t)LOTS * SLOT, &results) == 0);
	for (uint8_t direction = 0; direction < 2; direction++) {
		behind_plug(urgent_is_next, direction);
		behind_plug(urgent_preempts, direction);
		behind_plug(reserve_is_kept, direction);
		behind_plug(only_what_is_ready_enters, direction);
	}
	behind_plug(nobody_starves, DRM_FPR_TO_BOARD);
	behind_plug(latecomers_get_their_share, DRM_FPR_TO_HOST);
	behind_plug(privilege_comes_first, DRM_FPR_TO_BOARD);
	behind_plug(privileged_jobs_come_first, 0);
	batches_ring_once();
	close(fd);
	return report("order");
}
