/* SPDX-License-Identifier: MIT */

/*
 * Two ranks that make mistakes: each has a clear error, touches nothing, and training
 * goes on where it can.
 */

#include <errno.h>
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

static struct fpr_group *make(const struct fpr_group_options *options, uint64_t last)
{
	struct fpr_group *group;
	uint32_t index;

	MUST(group, fpr_group_create(MPI_COMM_WORLD, options, &group));
	for (uint32_t i = 0; i < COUNT; i++) {
		const struct fpr_group_tensor tensor = {.gradient = g[i],
							.parameter = p[i],
							.elements = i + 1 < COUNT ? ELEMENTS : last,
							.list_index = FPR_GROUP_NONE};

		MUST(group, fpr_group_add(group, &tensor, &index));
		CHECK(index == i, "%u", index);
	}
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
	MUST(group, fpr_group_finish(group));
	fpr_group_destroy(group);
}

static void other_tensors(void)
{
	const struct fpr_group_options options = options_of(FPR_SYNC_BEST);
	struct fpr_group *group = make(&options, ELEMENTS - (uint64_t)rank);

	CHECK(fpr_group_start(group) == -EPROTO, "other tensors");
	expect_text(group, -EPROTO, 1, "has other tensors or options than rank 0");
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
	expect_text(a.group, -ECANCELED, 0, "a copy from or to the tensors' memory failed");
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

	MUST(group, fpr_group_start(group));
	MUST(group, fpr_group_step(group, 0.5));
	if (!rank) {
		for (uint32_t i = 0; i < COUNT; i++)
			fpr_group_push(group, i, 0, BYTES);
		CHECK(fpr_group_wait(group, 0, FPR_GROUP_WAIT_FOREVER) == -ECONNRESET, "left");
		expect_text(group, -ECONNRESET, 1, "has left before the end");
	}
	fpr_group_destroy(group);
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
		arguments, other_tensors,   other_options,	out_of_turn, checkpoint_that_fails,
		events,	   board_arguments, product_that_fails, leave_early, join_late};
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
