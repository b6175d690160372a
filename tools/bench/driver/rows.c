/* SPDX-License-Identifier: MIT */
#include "rows.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* Calls between two looks at the clock. */
#define PACE 16

/* Bytes copied through a mapping at once. */
#define MAP_BYTES (16u << 20)

/* ---- single calls ------------------------------------------------------- */

/*
 * The times of one run. Their median is taken and not their mean, in which one time that
 * this process had to wait for a CPU outweighs everything else.
 */
#define MOST_TIMES 16384
static double times[MOST_TIMES];
static unsigned int time_count;

static void note_time(double seconds)
{
	if (time_count < MOST_TIMES)
		times[time_count++] = seconds;
}

static int ascending(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median_time(void)
{
	const unsigned int n = time_count;

	qsort(times, n, sizeof(times[0]), ascending);
	time_count = 0;
	return (times[(n - 1) / 2] + times[n / 2]) / 2;
}

static double time_calls(struct bench *bench, struct row *row, void (*call)(const struct user *))
{
	const double end = now() + bench->sample;
	double start, t = now();

	do {
		start = t;
		for (int i = 0; i < PACE; i++)
			call(&bench->user);
		row->calls += PACE;
		t = now();
		note_time((t - start) / PACE);
	} while (t < end);
	return median_time();
}

static double run_empty(struct bench *bench, struct row *row)
{
	return time_calls(bench, row, call_empty);
}

/* What reading the counters takes longer than an empty call, for one of its reads. */
static double run_register(struct bench *bench, struct row *row)
{
	struct side before, after;
	double reading, empty;
	uint64_t reads;

	empty = time_calls(bench, row, call_empty);
	row->calls = 0;
	side_before(bench->user.fd, &before);
	reading = time_calls(bench, row, call_counters);
	side_after(bench->user.fd, &after);
	side_add(&row->side, &before, &after);
	/* The watchdog's few come on top. */
	reads = (after.reads - before.reads) / row->calls;
	return reads ? (reading - empty) / (double)reads : 0;
}

/* Submits and waits; the time of both, or of the submission alone. */
static double null_job(struct bench *bench, struct row *row, bool wait)
{
	const struct user *user = &bench->user;
	const double end = now() + bench->sample;
	double start, submitted, ended;
	struct side before, after;

	side_before(user->fd, &before);
	do {
		start = now();
		submit_nops(user, 1, user->sync[0]);
		submitted = now();
		wait_for(user, user->sync[0]);
		ended = now();
		note_time((wait ? ended : submitted) - start);
		row->calls++;
	} while (ended < end);
	side_after(user->fd, &after);
	side_add(&row->side, &before, &after);
	return median_time();
}

static double run_submit(struct bench *bench, struct row *row)
{
	return null_job(bench, row, false);
}

static double run_null(struct bench *bench, struct row *row)
{
	return null_job(bench, row, true);
}

/* From the doorbell to the completion, on the board's own clock: a mean. */
static double run_board(struct bench *bench, struct row *row)
{
	const struct side before = row->side;

	null_job(bench, row, true);
	if (row->side.rounds == before.rounds)
		return 0;
	return (double)(row->side.round_ns - before.round_ns) / 1e9 /
	       (double)(row->side.rounds - before.rounds);
}

/* ---- many jobs ---------------------------------------------------------- */

/* Processes and their parent share it. */
struct race {
	uint32_t ready, go;
	struct {
		uint64_t calls;
		double seconds;
	} lane[];
};

static void race_one(const struct bench *bench, const struct row *row, struct race *race,
		     uint32_t lane)
{
	struct user user;
	uint64_t n = 0;
	double start, end;

	user_open(&user, bench->node);
	__atomic_fetch_add(&race->ready, 1, __ATOMIC_SEQ_CST);
	while (!__atomic_load_n(&race->go, __ATOMIC_SEQ_CST))
		usleep(1000);
	start = now();
	end = start + bench->sample;
	while (now() < end) {
		const uint32_t sync = user.sync[n % row->in_flight];

		if (n >= row->in_flight)
			wait_for(&user, sync);
		submit_nops(&user, row->jobs, sync);
		n++;
	}
	for (uint32_t i = 0; i < row->in_flight && i < n; i++)
		wait_for(&user, user.sync[i]);
	race->lane[lane].calls = n;
	race->lane[lane].seconds = now() - start;
}

static void race_start(const struct bench *bench, const struct row *row, struct race *race,
		       pid_t *children)
{
	for (uint32_t i = 0; i < row->processes; i++) {
		children[i] = fork();
		if (children[i] < 0)
			die("cannot fork");
		if (!children[i]) {
			race_one(bench, row, race, i);
			_exit(0);
		}
	}
	while (__atomic_load_n(&race->ready, __ATOMIC_SEQ_CST) < row->processes) {
		if (waitpid(-1, NULL, WNOHANG) > 0)
			die("a process ended early");
		usleep(1000);
	}
}

static double run_jobs(struct bench *bench, struct row *row)
{
	const size_t bytes =
		sizeof(struct race) + row->processes * sizeof(((struct race *)0)->lane[0]);
	struct race *race =
		mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct side before, after;
	pid_t children[64];
	double rate = 0;
	int status;

	if (race == MAP_FAILED)
		die("out of memory");
	race_start(bench, row, race, children);
	side_before(bench->user.fd, &before);
	__atomic_store_n(&race->go, 1, __ATOMIC_SEQ_CST);
	for (uint32_t i = 0; i < row->processes; i++) {
		if (waitpid(children[i], &status, 0) != children[i] || status)
			die("a process failed");
		rate += (double)race->lane[i].calls / race->lane[i].seconds;
		row->calls += race->lane[i].calls;
	}
	side_after(bench->user.fd, &after);
	side_add(&row->side, &before, &after);
	munmap(race, bytes);
	return 1 / (rate * row->jobs);
}

/* ---- bytes -------------------------------------------------------------- */

static double run_dma(struct bench *bench, struct row *row)
{
	const struct user *user = &bench->user;
	struct side before, after;
	struct bo host, board;
	double start, end, t;

	bo_create(user, DRM_FPR_PLACE_HOST, row->bytes, &host);
	bo_create(user, DRM_FPR_PLACE_BOARD, row->bytes, &board);
	/* The first use of a host buffer makes the table that the board reads. */
	submit_copy(user, &host, &board, row->bytes, row->direction, user->sync[0]);
	wait_for(user, user->sync[0]);
	side_before(user->fd, &before);
	t = now();
	end = t + bench->sample;
	do {
		start = t;
		submit_copy(user, &host, &board, row->bytes, row->direction, user->sync[0]);
		wait_for(user, user->sync[0]);
		t = now();
		note_time(t - start);
		row->calls++;
	} while (t < end);
	side_after(user->fd, &after);
	side_add(&row->side, &before, &after);
	bo_destroy(user, &host);
	bo_destroy(user, &board);
	row->copy[bench->run] = side_memcpy(row->bytes);
	return median_time();
}

static double copy_time(const struct bench *bench, void *to, const void *from)
{
	const double end = now() + bench->sample / 2;
	double start, t = now();

	do {
		start = t;
		memcpy(to, from, MAP_BYTES);
		__asm__ volatile("" : : "r"(to) : "memory");
		t = now();
		note_time(t - start);
	} while (t < end);
	return median_time();
}

/* A program's own copy to or from a mapping, against one between its private memory. */
static double run_map(struct bench *bench, struct row *row)
{
	char *private = malloc(2 * MAP_BYTES);
	double seconds;
	struct bo bo;

	if (!private)
		die("out of memory");
	memset(private, 1, 2 * MAP_BYTES);
	bo_create(&bench->user, row->placement, MAP_BYTES, &bo);
	row->copy[bench->run] = copy_time(bench, private, private + MAP_BYTES);
	if (row->direction == DRM_FPR_TO_BOARD)
		seconds = copy_time(bench, bo.map, private);
	else
		seconds = copy_time(bench, private, bo.map);
	bo_destroy(&bench->user, &bo);
	free(private);
	return seconds;
}

/* ---- all of it ---------------------------------------------------------- */

#define CALL(title, function)                                        \
	{                                                            \
		.group = GROUP_CALLS, .name = title, .run = function \
	}
#define JOBS(j, f, p)                                                                        \
	{                                                                                    \
		.group = GROUP_JOBS, .name = "", .run = run_jobs, .jobs = j, .in_flight = f, \
		.processes = p                                                               \
	}
#define DMA(size)                                                                     \
	{.group = GROUP_DMA,                                                          \
	 .name = "to board",                                                          \
	 .run = run_dma,                                                              \
	 .bytes = size,                                                               \
	 .direction = DRM_FPR_TO_BOARD},                                              \
	{                                                                             \
		.group = GROUP_DMA, .name = "to host", .run = run_dma, .bytes = size, \
		.direction = DRM_FPR_TO_HOST                                          \
	}
#define MAP(title, place, dir)                                                         \
	{                                                                              \
		.group = GROUP_MAP, .name = title, .run = run_map, .bytes = MAP_BYTES, \
		.placement = place, .direction = dir                                   \
	}

struct row rows[] = {
	/* The reports compare with the first two. */
	CALL("empty ioctl", run_empty),
	CALL("register read", run_register),
	CALL("board: doorbell to completion", run_board),
	CALL("null job: submit", run_submit),
	CALL("null job: submit to fence", run_null),
	JOBS(1, 1, 1),
	JOBS(8, 1, 1),
	JOBS(64, 1, 1),
	JOBS(1, 8, 1),
	JOBS(1, 64, 1),
	JOBS(1, 1, 4),
	JOBS(8, 1, 4),
	JOBS(64, 1, 4),
	JOBS(1, 8, 4),
	JOBS(1, 64, 4),
	DMA(4096),
	DMA(65536),
	DMA(1 << 20),
	DMA(16 << 20),
	DMA(64 << 20),
	MAP("host, write", DRM_FPR_PLACE_HOST, DRM_FPR_TO_BOARD),
	MAP("host, read", DRM_FPR_PLACE_HOST, DRM_FPR_TO_HOST),
	MAP("board, write", DRM_FPR_PLACE_BOARD, DRM_FPR_TO_BOARD),
	MAP("board, read", DRM_FPR_PLACE_BOARD, DRM_FPR_TO_HOST),
};

const unsigned int row_count = sizeof(rows) / sizeof(rows[0]);

const char *const group_names[GROUPS] = {"calls", "jobs", "dma", "map"};

bool group_exists(const char *name)
{
	for (enum group group = 0; group < GROUPS; group++)
		if (!strcmp(group_names[group], name))
			return true;
	return false;
}

/* The other groups' tables compare with the calls. */
bool row_wanted(const struct bench *bench, const struct row *row)
{
	return !bench->only || !strcmp(bench->only, group_names[row->group]) ||
	       (!strcmp(bench->only, "jobs") && row->group == GROUP_CALLS);
}
