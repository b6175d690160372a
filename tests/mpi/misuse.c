/* SPDX-License-Identifier: MIT */

/*
 * Two ranks that make mistakes: each has a clear error, touches nothing, and training
 * goes on where it can.
 */

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "fpr_sync_board.h"
#include "rank.h"

#define COUNT 3
#define ELEMENTS 1000
#define BYTES (ELEMENTS * sizeof(float))

static float p[COUNT][ELEMENTS], g[COUNT][ELEMENTS];
static int rank;

static struct fpr_group_options options_of(enum fpr_sync_mode mode)
{
	struct fpr_group_options options;

	CHECK(!fpr_group_options_init(&options, mode), "options");
	options.tune_steps = 0;
	options.config.timeout_ns = 60000000000ull;
	return options;
}

static int add_tensors(struct fpr_group *group, uint64_t last)
{
	uint32_t index;

	for (uint32_t i = 0; i < COUNT; i++) {
		const struct fpr_group_tensor tensor = {.gradient = g[i],
							.parameter = p[i],
							.elements = i + 1 < COUNT ? ELEMENTS : last,
							.list_index = FPR_GROUP_NONE};
		const int ret = fpr_group_add(group, &tensor, &index);

		if (ret)
			return ret;
		CHECK(index == i, "%u", index);
	}
	return 0;
}

static struct fpr_group *make(const struct fpr_group_options *options, uint64_t last)
{
	struct fpr_group *group;

	MUST(group, fpr_group_create(MPI_COMM_WORLD, options, &group));
	MUST(group, add_tensors(group, last));
	return group;
}

static void expect_text(struct fpr_group *group, int error, uint32_t who, const char *words)
{
	char text[FPR_GROUP_ERROR_MAX];
	uint32_t culprit;

	CHECK(fpr_group_error(group, text, sizeof(text), &culprit) == error, "%s", text);
	CHECK(strstr(text, words), "'%s' has no '%s'", text, words);
	CHECK(culprit == who, "%u", culprit);
}

/* ---- what cannot start ------------------------------------------------- */

static void arguments(void)
{
	struct fpr_group_options options = options_of(FPR_SYNC_BEST), bad = options;
	const struct fpr_group_tensor none = {.gradient = g, .parameter = p};
	struct fpr_group *group;
	uint32_t index;

	CHECK(fpr_group_options_init(NULL, FPR_SYNC_BEST) == -EINVAL, "no options");
	CHECK(fpr_group_options_init(&bad, FPR_SYNC_MODES) == -EINVAL, "no mode");
	CHECK(fpr_group_create(MPI_COMM_WORLD, &options, NULL) == -EINVAL, "no group");
	CHECK(fpr_group_create(MPI_COMM_WORLD, NULL, &group) == -EINVAL, "no options");
	CHECK(fpr_group_create(MPI_COMM_NULL, &options, &group) == -EINVAL, "no ranks");
	CHECK(fpr_group_create_world(&options, &group) == -EBUSY, "MPI is ours");
	bad = options;
	bad.optimizer = 17;
	CHECK(fpr_group_create(MPI_COMM_WORLD, &bad, &group) == -EINVAL, "no optimiser");
	bad = options;
	bad.momentum = NAN;
	CHECK(fpr_group_create(MPI_COMM_WORLD, &bad, &group) == -EINVAL, "no number");
	bad = options;
	bad.decay = INFINITY;
	CHECK(fpr_group_create(MPI_COMM_WORLD, &bad, &group) == -EINVAL, "no end");
	bad = options;
	bad.optimizer = FPR_GROUP_ADAM;
	bad.beta1 = 1;
	CHECK(fpr_group_create(MPI_COMM_WORLD, &bad, &group) == -EINVAL, "divides by zero");
	bad = options;
	bad.servers = 2;
	CHECK(fpr_group_create(MPI_COMM_WORLD, &bad, &group) == -EINVAL, "no worker");
	expect_text(group, -EINVAL, FPR_GROUP_NONE, "2 servers leave no worker of 2 ranks");
	fpr_group_destroy(group);
	fpr_group_destroy(NULL);

	MUST(group, fpr_group_create(MPI_COMM_WORLD, &options, &group));
	CHECK(fpr_group_start(group) == -EPROTO, "no tensors");
	CHECK(fpr_group_add(group, &none, &index) == -EINVAL, "no elements");
	CHECK(fpr_group_step(group, 1) == -EPROTO, "not started");
	CHECK(fpr_group_push(group, 0, 0, 4) == -EPROTO, "not started");
	CHECK(fpr_group_finish(group) == -EPROTO, "not started");
	fpr_group_destroy(group);
}

/* Sizes that only together are too large, and what does not fit a checkpoint. */
static void sizes(void)
{
	struct fpr_group_options options = options_of(FPR_SYNC_BEST);
	const struct fpr_group_tensor half = {
		.gradient = g, .parameter = p, .elements = INT64_MAX / sizeof(float)};
	const struct fpr_group_tensor one = {.gradient = g, .parameter = p, .elements = 1};
	struct fpr_group_state state = {.arrays = 1};
	struct fpr_group *group;
	uint32_t index;

	MUST(group, fpr_group_create(MPI_COMM_SELF, &options, &group));
	CHECK(fpr_group_restore(group, &state) == -EINVAL, "no tensors");
	MUST(group, fpr_group_add(group, &one, &index));
	CHECK(fpr_group_add(group, &half, &index) == -EINVAL, "too large together");
	state.elements = 1;
	CHECK(fpr_group_restore(group, &state) == -EINVAL, "no data");
	state.data[0] = g[0];
	MUST(group, fpr_group_restore(group, &state));
	CHECK(fpr_group_restore(group, &state) == -EPROTO, "twice");
	CHECK(fpr_group_add(group, &one, &index) == -EPROTO, "not in the checkpoint");
	MUST(group, fpr_group_start(group));
	MUST(group, fpr_group_finish(group));
	fpr_group_destroy(group);

	MUST(group, fpr_group_create(MPI_COMM_SELF, &options, &group));
	MUST(group, fpr_group_add(group, &half, &index));
	CHECK(fpr_group_start(group) == -E2BIG, "it fits");
	expect_text(group, -E2BIG, 0, "too many slices");
	fpr_group_destroy(group);

	options.config.lanes = 0;
	MUST(group, fpr_group_create(MPI_COMM_SELF, &options, &group));
	MUST(group, fpr_group_add(group, &one, &index));
	CHECK(fpr_group_start(group) == -EINVAL, "no lane");
	expect_text(group, -EINVAL, 0, "config is not valid");
	fpr_group_destroy(group);
}

static void other_tensors(void)
{
	const struct fpr_group_options options = options_of(FPR_SYNC_BEST);
	struct fpr_group *group = make(&options, ELEMENTS - (uint64_t)rank);

	CHECK(fpr_group_start(group) == -EPROTO, "other tensors");
	expect_text(group, -EPROTO, 1, "has other tensors than rank 0");
	CHECK(fpr_group_push(group, 0, 0, 4) == -EPROTO, "it lives");
	fpr_group_destroy(group);
}

static void other_options(void)
{
	struct fpr_group_options options = options_of(FPR_SYNC_BEST);
	struct fpr_group *group;

	options.momentum = rank ? 0.9 : 0.8;
	group = make(&options, ELEMENTS);
	CHECK(fpr_group_start(group) == -EPROTO, "other options");
	expect_text(group, -EPROTO, 1, "rank 1 (host ");
	expect_text(group, -EPROTO, 1, "has other options than rank 0");
	fpr_group_destroy(group);
	options = options_of(FPR_SYNC_SLICE);
	options.config.slice_bytes = rank ? 640 : 1280;
	group = make(&options, ELEMENTS);
	CHECK(fpr_group_start(group) == -EPROTO, "other slices");
	expect_text(group, -EPROTO, 1, "has other slices (config) than rank 0");
	fpr_group_destroy(group);
}

/* ---- out of turn ------------------------------------------------------- */

static void finish_step(struct fpr_group *group)
{
	for (uint32_t i = 0; i < COUNT; i++)
		MUST(group, fpr_group_wait(group, i, FPR_GROUP_WAIT_FOREVER));
}

static void out_of_turn(void)
{
	struct fpr_group_options options = options_of(FPR_SYNC_P3);
	const struct fpr_group_tensor tensor = {.gradient = g, .parameter = p, .elements = 1};
	struct fpr_group_stats stats;
	struct fpr_group *group;
	uint32_t index;

	group = make(&options, ELEMENTS);
	for (uint32_t i = 0; i < ELEMENTS; i++)
		p[0][i] = p[1][i] = p[2][i] = 1;
	MUST(group, fpr_group_start(group));
	CHECK(fpr_group_start(group) == -EPROTO, "started");
	CHECK(fpr_group_add(group, &tensor, &index) == -EPROTO, "started");
	CHECK(fpr_group_push(group, 0, 0, BYTES) == -EPROTO, "no step");
	for (int step = 1; step <= 5; step++) {
		MUST(group, fpr_group_step(group, 0.5));
		CHECK(fpr_group_step(group, NAN) == -EINVAL, "no rate");
		CHECK(fpr_group_step(group, 0.5) == -EPROTO, "nothing pushed");
		CHECK(fpr_group_finish(group) == -EPROTO, "nothing pushed");
		CHECK(fpr_group_wait(group, COUNT, 0) == -EINVAL, "no tensor");
		CHECK(fpr_group_push(group, COUNT, 0, 4) == -EINVAL, "no tensor");
		CHECK(fpr_group_push(group, 0, 0, 0) == -EINVAL, "no bytes");
		CHECK(fpr_group_push(group, 0, 2, 4) == -EINVAL, "no element");
		CHECK(fpr_group_push(group, 0, 0, BYTES + 4) == -EINVAL, "too many");
		CHECK(fpr_group_push(group, 0, BYTES, 4) == -EINVAL, "behind");
		CHECK(fpr_group_push(group, 0, UINT64_MAX - 3, 8) == -EINVAL, "wraps");
		finish_step(group);
		for (uint32_t i = COUNT; i-- > 0;) {
			for (uint32_t j = 0; j < ELEMENTS; j++)
				g[i][j] = (float)(rank + step);
			MUST(group, fpr_group_push(group, i, 0, BYTES));
			CHECK(fpr_group_push(group, i, 0, BYTES) == -EPROTO, "twice");
		}
		/* Also when it has come back. */
		finish_step(group);
		CHECK(fpr_group_push(group, 0, 0, BYTES) == -EPROTO, "twice");
	}
	MUST(group, fpr_group_finish(group));
	CHECK(fpr_group_finish(group) == -EPROTO, "finished");
	CHECK(fpr_group_step(group, 1) == -EPROTO, "finished");
	/* 1 - 0.5 * (1.5 + 2.5 + 3.5 + 4.5 + 5.5) */
	CHECK(p[0][0] == -7.75f && p[2][ELEMENTS - 1] == -7.75f, "%g", (double)p[0][0]);
	MUST(group, fpr_group_get_stats(group, &stats));
	CHECK(stats.steps == 5 && stats.config.ranks == 2, "figures");
	fpr_group_destroy(group);
}

/* ---- callbacks --------------------------------------------------------- */

static int refuse(void *context, const struct fpr_group_state *state)
{
	int *calls = context;

	CHECK(state->complete && state->step == 1 && state->arrays == 1, "the state");
	++*calls;
	return -ENOSPC;
}

static void checkpoint_that_fails(void)
{
	struct fpr_group_options options = options_of(FPR_SYNC_SLICE);
	struct fpr_group *group;
	int calls = 0;

	options.checkpoint_steps = 1;
	options.checkpoint = refuse;
	options.context = &calls;
	options.flags = FPR_GROUP_CHECKPOINT_ALL;
	group = make(&options, ELEMENTS);
	MUST(group, fpr_group_start(group));
	MUST(group, fpr_group_step(group, 0.5));
	for (uint32_t i = 0; i < COUNT; i++)
		MUST(group, fpr_group_push(group, i, 0, BYTES));
	CHECK(fpr_group_finish(group) == -ENOSPC, "what checkpoint() returned");
	CHECK(calls == 1, "%d", calls);
	fpr_group_destroy(group);
}

/* What one rank cannot keep ends training for the other too, which learns why. */
static int refuse_second(void *context, const struct fpr_group_state *state)
{
	(void)context;
	return state->complete && state->step == 2 ? -ENOSPC : 0;
}

static void push_all(struct fpr_group *group)
{
	finish_step(group);
	for (uint32_t i = COUNT; i-- > 0;)
		MUST(group, fpr_group_push(group, i, 0, BYTES));
}

static void checkpoint_of_one(void)
{
	struct fpr_group_options options = options_of(FPR_SYNC_BEST);
	struct fpr_group *group;
	int ret = 0;

	options.checkpoint_steps = 1;
	options.checkpoint = refuse_second;
	group = make(&options, ELEMENTS);
	MUST(group, fpr_group_start(group));
	for (int step = 1; step <= 2; step++) {
		MUST(group, fpr_group_step(group, 0.5));
		push_all(group);
	}
	ret = fpr_group_step(group, 0.5);
	for (uint32_t i = 0; i < COUNT && !ret; i++)
		fpr_group_push(group, i, 0, BYTES);
	if (!ret)
		ret = fpr_group_wait(group, 0, FPR_GROUP_WAIT_FOREVER);
	CHECK(ret == -ENOSPC && fpr_group_step(group, 0.5) == ret, "%d", ret);
	expect_text(group, -ENOSPC, 0, "checkpoint() of rank 0 (host ");
	expect_text(group, -ENOSPC, 0, "failed: No space left on device");
	fpr_group_destroy(group);
}

/* ---- not the same calls ------------------------------------------------ */

/* One has a batch more than the other. */
static void uneven_steps(void)
{
	struct fpr_group_options options = options_of(FPR_SYNC_BEST);
	struct fpr_group *group;
	int ret = 0;

	options.config.timeout_ns = 2000000000;
	group = make(&options, ELEMENTS);
	MUST(group, fpr_group_start(group));
	for (int step = 1; step <= 3 - rank; step++) {
		MUST(group, fpr_group_step(group, 0.5));
		push_all(group);
	}
	ret = rank ? fpr_group_finish(group) : fpr_group_wait(group, 0, FPR_GROUP_WAIT_FOREVER);
	CHECK(ret == -EPROTO, "%d", ret);
	expect_text(group, -EPROTO, 1, "waits for all to finish after step 2, rank 0 goes on");
	fpr_group_destroy(group);
}

static void other_calls(void)
{
	struct fpr_group_options options = options_of(FPR_SYNC_BEST);
	struct fpr_group *group;
	uint64_t sizes[2];
	int ret;

	options.config.timeout_ns = 2000000000;
	group = make(&options, ELEMENTS);
	MUST(group, fpr_group_start(group));
	ret = rank ? fpr_group_finish(group) : fpr_group_gather(group, NULL, 0, NULL, 0, sizes);
	/* MPI may notice first that they do not fit. */
	CHECK(ret == -EPROTO || ret == -EIO, "%d", ret);
	fpr_group_destroy(group);
}

/* ---- several threads --------------------------------------------------- */

struct watcher {
	pthread_t thread;
	struct fpr_group *group;
	atomic_int stop;
	uint64_t looks;
};

static void *look(void *argument)
{
	struct watcher *w = argument;
	struct fpr_group_stats stats;

	for (; !w->stop; w->looks++) {
		const int ret = fpr_group_wait(w->group, (uint32_t)w->looks % COUNT,
					       w->looks % 3 ? 0 : 1000000);

		CHECK(!ret || ret == -ETIME, "%d", ret);
		MUST(w->group, fpr_group_get_stats(w->group, &stats));
		CHECK(stats.config.ranks == 2 || !stats.slices, "%u ranks", stats.config.ranks);
		CHECK(!fpr_group_error(w->group, NULL, 0, NULL), "an error");
	}
	return NULL;
}

/* Another thread looks on while plans and cores come and go. */
static void look_while_tuning(void)
{
	struct fpr_group_options options = options_of(FPR_SYNC_BEST);
	struct watcher w = {0};

	options.tune_steps = 1;
	w.group = make(&options, ELEMENTS);
	MUST(w.group, fpr_group_start(w.group));
	pthread_create(&w.thread, NULL, look, &w);
	for (int step = 1; step <= 30; step++) {
		MUST(w.group, fpr_group_step(w.group, 0.5));
		push_all(w.group);
	}
	MUST(w.group, fpr_group_finish(w.group));
	w.stop = 1;
	pthread_join(w.thread, NULL);
	CHECK(w.looks, "it saw nothing");
	fpr_group_destroy(w.group);
}

/* ---- events and gathering ---------------------------------------------- */

static int kinds[FPR_GROUP_WAITED + 1];

static void check_events(struct fpr_group *group, uint64_t count)
{
	struct fpr_group_event *events = calloc(count, sizeof(*events));
	int64_t pushes[COUNT] = {0};

	CHECK(fpr_group_events(group, events, count) == (int64_t)count, "events");
	for (uint64_t i = 0; i < count; i++) {
		const struct fpr_group_event *e = events + i;

		CHECK(e->kind <= FPR_GROUP_WAITED && e->time_ns >= 0 && e->step <= 1, "event");
		kinds[e->kind]++;
		if (e->kind == FPR_GROUP_QUEUED)
			pushes[e->tensor] = e->time_ns;
		if (e->kind == FPR_GROUP_READY)
			CHECK(pushes[e->tensor] && e->time_ns >= pushes[e->tensor], "ready first");
	}
	free(events);
}

static void events(void)
{
	struct fpr_group_options options = options_of(FPR_SYNC_SLICE);
	struct fpr_group_stats stats;
	struct fpr_group *group;
	char all[64] = "";
	uint64_t sizes[2];

	options.record = 1000;
	group = make(&options, ELEMENTS);
	MUST(group, fpr_group_start(group));
	MUST(group, fpr_group_gather(group, rank ? "later" : "so", rank ? 5 : 2, all, 7, sizes));
	CHECK(rank || (!memcmp(all, "solater", 8) && sizes[0] == 2 && sizes[1] == 5), "%s", all);
	CHECK(fpr_group_gather(group, "abc", 3, all, 5, sizes) == (rank ? 0 : -ENOSPC), "room");
	MUST(group, fpr_group_step(group, 0.5));
	CHECK(fpr_group_gather(group, NULL, 0, all, 5, sizes) == -EPROTO, "in a step");
	for (uint32_t i = 0; i < COUNT; i++)
		MUST(group, fpr_group_push(group, i, 0, BYTES));
	finish_step(group);
	MUST(group, fpr_group_finish(group));
	MUST(group, fpr_group_get_stats(group, &stats));
	CHECK(!stats.events_lost, "%llu", (unsigned long long)stats.events_lost);
	check_events(group, stats.events);
	CHECK(kinds[FPR_GROUP_QUEUED] == COUNT && kinds[FPR_GROUP_READY] == COUNT, "slices");
	CHECK(kinds[FPR_GROUP_SEND] == COUNT && kinds[FPR_GROUP_SENT] == COUNT &&
		      kinds[FPR_GROUP_RECEIVED] == COUNT,
	      "messages");
	CHECK(kinds[FPR_GROUP_SUMMED] == 2 * kinds[FPR_GROUP_UPDATED] &&
		      kinds[FPR_GROUP_STEP] == 1 &&
		      kinds[FPR_GROUP_WAIT] == kinds[FPR_GROUP_WAITED],
	      "sums");
	fpr_group_destroy(group);
}

/* ---- boards ------------------------------------------------------------ */

/* Each is one rank by itself. */
struct alone {
	struct fpr_device *device;
	struct fpr_buffer *g, *p;
	struct fpr_group_board *board;
	struct fpr_group_tensor tensor;
	struct fpr_group *group;
};

static void stand_alone(const char *device, struct alone *a)
{
	struct fpr_group_options options = options_of(FPR_SYNC_BEST);
	uint32_t index;

	CHECK(!fpr_device_open(device, &a->device), "%s", device);
	CHECK(!fpr_buffer_create(a->device, BYTES, FPR_BUFFER_BOARD, &a->g), "memory");
	CHECK(!fpr_buffer_create(a->device, BYTES, FPR_BUFFER_BOARD, &a->p), "memory");
	CHECK(!fpr_group_board_create(a->device, &a->board), "board");
	CHECK(!fpr_group_board_sums(a->board, &options), "sums");
	CHECK(!fpr_group_board_tensor(a->board, a->g, 0, a->p, 0, ELEMENTS, &a->tensor), "tensor");
	MUST(a->group, fpr_group_create(MPI_COMM_SELF, &options, &a->group));
	MUST(a->group, fpr_group_add(a->group, &a->tensor, &index));
}

static void board_arguments(void)
{
	struct fpr_group_tensor tensor = {.gradient = g, .parameter = p, .elements = 1};
	struct fpr_group_options options = options_of(FPR_SYNC_BEST);
	struct alone a;

	stand_alone("local:threads=1", &a);
	CHECK(fpr_group_board_create(NULL, &a.board) == -EINVAL, "no device");
	CHECK(fpr_group_board_create(a.device, NULL) == -EINVAL, "no board");
	CHECK(fpr_group_board_sums(NULL, &options) == -EINVAL, "no board");
	CHECK(fpr_group_board_sums(a.board, NULL) == -EINVAL, "no options");
	CHECK(fpr_group_board_push(a.group, 0, &tensor, NULL) == -EINVAL, "not on a board");
	CHECK(fpr_group_board_push(a.group, 0, NULL, NULL) == -EINVAL, "no tensor");
	CHECK(fpr_group_board_push(a.group, 0, &a.tensor, NULL) == -EPROTO, "not started");
	CHECK(fpr_group_board_tensor(a.board, a.g, 0, a.p, 0, 0, &tensor) == -EINVAL, "nothing");
	CHECK(fpr_group_board_tensor(a.board, a.g, 0, a.p, 0, ELEMENTS + 1, &tensor) == -EINVAL,
	      "too long");
	CHECK(fpr_group_board_tensor(a.board, a.g, 4, a.p, 0, ELEMENTS, &tensor) == -EINVAL,
	      "too far");
	CHECK(fpr_group_board_tensor(a.board, a.g, 2, a.p, 0, 1, &tensor) == -EINVAL, "between");
	CHECK(fpr_group_board_tensor(a.board, a.g, 0, NULL, 0, 1, &tensor) == -EINVAL, "half");
	fpr_group_destroy(a.group);
	fpr_group_board_destroy(a.board);
	fpr_group_board_destroy(NULL);
	fpr_buffer_destroy(a.g);
	fpr_buffer_destroy(a.p);
	fpr_device_close(a.device);
}

/* Its gradient does not leave, or it would not be known that it had to wait. */
static void product_that_fails(void)
{
	struct fpr_gemm_job job;
	struct fpr_queue *queue;
	struct fpr_fence *fence;
	struct alone a;

	/* The start has read the parameter. */
	stand_alone("local:threads=1,fail=2", &a);
	MUST(a.group, fpr_group_start(a.group));
	MUST(a.group, fpr_group_step(a.group, 0.5));
	fpr_gemm_init(&job, 1, 1, 1);
	CHECK(!fpr_queue_create(a.device, 0, &queue), "queue");
	CHECK(!fpr_buffer_create(a.device, 2, 0, &job.a), "memory");
	job.b = job.a;
	job.c = a.g;
	CHECK(!fpr_gemm_submit(queue, &job, 1, NULL, 0, &fence), "product");
	CHECK(fpr_fence_wait(fence, FPR_WAIT_FOREVER) == -EIO, "it did not fail");
	MUST(a.group, fpr_group_board_push(a.group, 0, &a.tensor, fence));
	CHECK(fpr_group_wait(a.group, 0, FPR_GROUP_WAIT_FOREVER) == -ECANCELED, "it left");
	expect_text(a.group, -ECANCELED, 0, "a copy from or to the tensors' memory failed: ");
	fpr_fence_destroy(fence);
	fpr_buffer_destroy(job.a);
	fpr_queue_destroy(queue);
	fpr_group_destroy(a.group);
	fpr_group_board_destroy(a.board);
}

/* ---- leaving ----------------------------------------------------------- */

static void leave_early(void)
{
	const struct fpr_group_options options = options_of(FPR_SYNC_BEST);
	struct fpr_group *group = make(&options, ELEMENTS);
	int ret = fpr_group_start(group);

	if (!ret)
		ret = fpr_group_step(group, 0.5);
	/* The other one may be told as early as that. */
	CHECK(!ret || (!rank && ret == -ECONNRESET), "%d", ret);
	if (!rank) {
		for (uint32_t i = 0; i < COUNT; i++)
			fpr_group_push(group, i, 0, BYTES);
		ret = fpr_group_wait(group, 0, FPR_GROUP_WAIT_FOREVER);
		CHECK(ret == -ECONNRESET, "%d", ret);
		expect_text(group, -ECONNRESET, 1, "has left before the end");
	}
	fpr_group_destroy(group);
}

/* Before the start, which then is no use. */
static void leave_first(void)
{
	const struct fpr_group_options options = options_of(FPR_SYNC_BEST);
	struct fpr_group *group = make(&options, ELEMENTS);

	if (!rank) {
		usleep(200000);
		CHECK(fpr_group_start(group) == -ECONNRESET, "left");
		expect_text(group, -ECONNRESET, 1, "has left before the end");
	}
	fpr_group_destroy(group);
}

static int rescued;

static int count_rescues(void *context, const struct fpr_group_state *state)
{
	(void)context;
	rescued += !state->complete;
	return 0;
}

/* When rank 1 gives up. */
enum when { BEFORE_TENSORS, BEFORE_START, IN_STEP };

/* Rank 0 may be told while it adds its tensors, or even before. */
static struct fpr_group *make_doomed(const struct fpr_group_options *options, enum when when)
{
	struct fpr_group *group;
	int ret;

	MUST(group, fpr_group_create(MPI_COMM_WORLD, options, &group));
	if (when == BEFORE_TENSORS && !rank)
		usleep(200000);
	ret = add_tensors(group, ELEMENTS);
	CHECK(!ret || (!rank && ret == -EBADMSG), "%d", ret);
	return group;
}

/* With a reason, which both get. */
static void give_up(enum when when)
{
	struct fpr_group_options options = options_of(FPR_SYNC_BEST);
	int started = when == IN_STEP, ret = 0;
	struct fpr_group *group;

	rescued = 0;
	options.checkpoint = count_rescues;
	group = make_doomed(&options, when);
	/* The other one may be told as early as that. */
	if (started && fpr_group_start(group))
		started = 0;
	CHECK(!rank || !fpr_group_error(group, NULL, 0, NULL), "started");
	CHECK(fpr_group_fail(NULL, -EBADMSG, "no") == -EINVAL, "no group");
	CHECK(fpr_group_fail(group, 0, "no") == -EINVAL, "no error");
	CHECK(fpr_group_fail(group, -EBADMSG, NULL) == -EINVAL, "no reason");
	if (rank) {
		CHECK(!fpr_group_fail(group, -EBADMSG, "a.npz is cut short"), "fail");
		CHECK(!fpr_group_fail(group, -EIO, "something else"), "the second time");
		expect_text(group, -EBADMSG, 1, "a.npz is cut short");
		ret = fpr_group_start(group);
	} else if (started) {
		fpr_group_step(group, 0.5);
		for (uint32_t i = 0; i < COUNT; i++)
			fpr_group_push(group, i, 0, BYTES);
		ret = fpr_group_wait(group, 0, FPR_GROUP_WAIT_FOREVER);
	} else {
		ret = fpr_group_start(group);
	}
	if (!rank) {
		CHECK(ret == -EBADMSG, "%d", ret);
		expect_text(group, -EBADMSG, 1, "a.npz is cut short (says rank 1)");
	}
	CHECK(rescued == (started && !rank), "%d incomplete checkpoints", rescued);
	fpr_group_destroy(group);
}

static void give_up_first(void)
{
	give_up(BEFORE_TENSORS);
}

static void give_up_early(void)
{
	give_up(BEFORE_START);
}

static void give_up_late(void)
{
	give_up(IN_STEP);
}

/* Memory whose copies take their time. */
struct copies {
	atomic_int begun, ended;
};

struct slow_copy {
	struct copies *copies;
	struct fpr_group_job *job;
	void *to;
	const void *from;
	uint64_t bytes;
};

static void *slow_alloc(void *context, uint64_t bytes)
{
	(void)context;
	return malloc(bytes + 1);
}

static void slow_release(void *context, void *host)
{
	(void)context;
	free(host);
}

static void *copy_slowly(void *argument)
{
	struct slow_copy *copy = argument;

	usleep(300000);
	memcpy(copy->to, copy->from, copy->bytes);
	copy->copies->ended++;
	fpr_group_done(copy->job, 0);
	free(copy);
	return NULL;
}

static int start_slowly(struct copies *copies, void *to, const void *from, uint64_t bytes,
			struct fpr_group_job *job)
{
	struct slow_copy *copy = malloc(sizeof(*copy));
	pthread_t thread;

	*copy = (struct slow_copy){copies, job, to, from, bytes};
	copies->begun++;
	CHECK(!pthread_create(&thread, NULL, copy_slowly, copy), "no thread");
	pthread_detach(thread);
	return 0;
}

static int slow_fetch(void *context, enum fpr_group_array array, void *tensor, uint64_t offset,
		      uint64_t bytes, void *host, uint32_t priority, struct fpr_group_job *job)
{
	(void)array;
	(void)priority;
	return start_slowly(context, host, (char *)tensor + offset, bytes, job);
}

static int slow_deliver(void *context, enum fpr_group_array array, void *tensor, uint64_t offset,
			uint64_t bytes, const void *host, uint32_t priority,
			struct fpr_group_job *job)
{
	(void)array;
	(void)priority;
	return start_slowly(context, (char *)tensor + offset, host, bytes, job);
}

/* Copies that were begun have ended when the group is gone: they have its memory. */
static void leave_copies(void)
{
	static const struct fpr_group_memory slow = {slow_alloc, slow_release, slow_fetch,
						     slow_deliver};
	const struct fpr_group_options options = options_of(FPR_SYNC_BEST);
	struct copies copies = {0};
	const struct fpr_group_tensor tensor = {.gradient = g[0],
						.parameter = p[0],
						.elements = ELEMENTS,
						.memory = &slow,
						.context = &copies};
	struct fpr_group *group;
	uint32_t index;

	MUST(group, fpr_group_create(MPI_COMM_SELF, &options, &group));
	MUST(group, fpr_group_add(group, &tensor, &index));
	MUST(group, fpr_group_start(group));
	MUST(group, fpr_group_step(group, 0.5));
	MUST(group, fpr_group_push(group, 0, 0, BYTES));
	fpr_group_destroy(group);
	CHECK(copies.begun > 1 && copies.begun == copies.ended, "%d of %d copies have ended",
	      copies.ended, copies.begun);
}

static void join_late(void)
{
	struct fpr_group_options options = options_of(FPR_SYNC_BEST);
	struct fpr_group *group;

	options.join_timeout_ns = 200000000;
	if (!rank) {
		CHECK(fpr_group_create(MPI_COMM_WORLD, &options, &group) == -ETIMEDOUT, "late");
		expect_text(group, -ETIMEDOUT, 1, "rank 1 has not joined for 0.2 s");
		fpr_group_destroy(group);
	}
}

int main(int argc, char **argv)
{
	static void (*const tests[])(void) = {
		arguments,	    sizes,	   other_tensors,
		other_options,	    out_of_turn,   checkpoint_that_fails,
		checkpoint_of_one,  uneven_steps,  other_calls,
		look_while_tuning,  events,	   board_arguments,
		product_that_fails, leave_copies,  leave_early,
		leave_first,	    give_up_first, give_up_early,
		give_up_late,	    join_late};
	const int funneled = argc > 1 && !strcmp(argv[1], "funneled");
	struct fpr_group_options options = options_of(FPR_SYNC_BEST);
	struct fpr_group *group;
	int level;

	CHECK(fpr_group_create(MPI_COMM_SELF, &options, &group) == -EOPNOTSUPP, "no MPI yet");
	MPI_Init_thread(&argc, &argv, funneled ? MPI_THREAD_FUNNELED : MPI_THREAD_SERIALIZED,
			&level);
	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	if (level < MPI_THREAD_SERIALIZED)
		CHECK(fpr_group_create(MPI_COMM_WORLD, &options, &group) == -EOPNOTSUPP, "level");
	for (size_t i = 0; !funneled && i < sizeof(tests) / sizeof(*tests); i++) {
		tests[i]();
		MPI_Barrier(MPI_COMM_WORLD);
	}
	MPI_Finalize();
	if (!rank)
		printf("mistakes: all as they should\n");
	return 0;
}
