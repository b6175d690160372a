/* SPDX-License-Identifier: MIT */

/*
 * A fuzzer for the driver's ioctls and what lies beside them: processes with two
 * files and three threads each, which make calls that mean something with objects
 * that come and go. Meanwhile a witness works, and its results are right. At the end
 * every fence has signalled, no memory is left allocated and no reset was needed.
 *
 *   fuzz [-n CALLS] [-s SEED] [-p PROCESSES] [-d]
 *
 * -d disturbs: resets and faults of the board, meanwhile. The same seed gives each
 * thread the same dice; how threads meet is up to the machine.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <dirent.h>
#include <unistd.h>

#include "fuzz.h"

enum { THREADS = 3, PROCESSES_MOST = 16 };

static struct score *score;
static unsigned long calls_wanted = 20000;

/* ---- a process ----------------------------------------------------------- */

static void interrupted(int signal)
{
	(void)signal;
}

/* Calls get interrupted, none restarts by itself. */
static void interrupt_often(void)
{
	struct sigaction action = {.sa_handler = interrupted};
	struct itimerval often = {{0, 7000}, {0, 7000}};

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
}

static void *work(void *argument)
{
	struct worker *w = argument;

	while (__atomic_load_n(&score->calls, __ATOMIC_RELAXED) < calls_wanted) {
		pthread_rwlock_rdlock(&w->world->files);
		fuzz_once(w);
		pthread_rwlock_unlock(&w->world->files);
		if (once_in(&w->dice, 4000))
			world_reopen(w->world, (int)below(&w->dice, FILES));
	}
	fuzz_settle(w);
	return NULL;
}

static int process(uint64_t seed, uint32_t number)
{
	static struct world world;
	static struct worker workers[THREADS];
	pthread_t threads[THREADS];

	if (!world_open(&world)) {
		printf("fuzz: process %u cannot open the board\n", number);
		return 1;
	}
	interrupt_often();
	for (uint32_t t = 0; t < THREADS; t++) {
		workers[t] = (struct worker){
			.world = &world,
			.score = score,
			.dice = {seed ^ (number * 16 + t) * 0x2545f4914f6cdd1d},
		};
		pthread_create(&threads[t], NULL, work, &workers[t]);
	}
	for (uint32_t t = 0; t < THREADS; t++)
		pthread_join(threads[t], NULL);
	world_close(&world);
	return 0;
}

/* ---- the witness --------------------------------------------------------- */

enum { M = 40, N = 24, K = 70, BYTES = 65536, WAIT_MS = FUZZ_BOUND_MS };

struct bench {
	int fd;
	uint32_t ctx, sync;
	struct bo host, board;
};

/* Operands to the board, multiply there, all back; by one syncobj. */
static bool product(struct bench *b, uint32_t seed)
{
	struct drm_fpr_mac_job job = gemm_job(M, N, K);
	struct drm_fpr_xfer x = {.host = b->host.handle, .board = b->board.handle, .bytes = 32768};
	uint8_t *host = b->host.map;
	int ret;

	job.a = job.b = job.c = b->board.handle;
	job.b_offset = 16384;
	job.c_offset = 32768;
	fill_bf16(b->host.map, M * K, seed);
	fill_bf16((uint16_t *)(host + 16384), K * N, seed + 1);
	memset(host + 32768, 0xff, 4 * M * N);
	ret = submit_xfer(b->fd, b->ctx, &x, 1, 0, b->sync);
	if (!ret)
		ret = submit_mac(b->fd, b->ctx, &job, 1, b->sync, b->sync);
	x.direction = DRM_FPR_TO_HOST;
	x.host_offset = x.board_offset = 32768;
	if (!ret)
		ret = submit_xfer(b->fd, b->ctx, &x, 1, b->sync, b->sync);
	if (!ret)
		ret = sync_wait(b->fd, b->sync, 0, WAIT_MS);
	if (ret && score->disturbed && ret != -ETIME)
		return true;
	return ret == 0 && gemm_matches(b->host.map, (uint16_t *)(host + 16384),
					(const float *)(host + 32768), M, N, K);
}

static int witness(void)
{
	struct bench b = {.fd = open_board()};
	uint32_t rounds = 0;

	if (b.fd < 0 || ctx_create(b.fd, DRM_FPR_PRIORITY_HIGH, &b.ctx) ||
	    bo_create(b.fd, DRM_FPR_PLACE_HOST, BYTES, &b.host) ||
	    bo_create(b.fd, DRM_FPR_PLACE_BOARD, BYTES, &b.board))
		return 1;
	b.sync = sync_create(b.fd);
	while (!__atomic_load_n(&score->stop, __ATOMIC_RELAXED)) {
		if (!product(&b, ++rounds)) {
			printf("fuzz: the witness's product %u is wrong\n", rounds);
			return 1;
		}
	}
	printf("witness: %u products\n", rounds);
	return rounds == 0;
}

/* ---- trouble ------------------------------------------------------------- */

static int disturber(uint64_t seed)
{
	static const char *const faults[] = {
		"hang mac",
		"hang xfer",
		"error mac",
		"error xfer",
		"drop-interrupts 2",
		"corrupt mac fence",
		"corrupt xfer cookie",
		"delay-dma 1",
		"delay-dma 0",
		"fatal",
	};
	struct dice dice = {seed};
	char reset[400];
	uint32_t done = 0;

	snprintf(reset, sizeof(reset), "%s/reset", board_debugfs());
	while (!__atomic_load_n(&score->stop, __ATOMIC_RELAXED)) {
		sleep_ms(200 + below(&dice, 1500));
		if (once_in(&dice, 3))
			write_text(reset, "1");
		else
			board_command(faults[below(&dice, sizeof(faults) / sizeof(faults[0]))]);
		done++;
	}
	board_command("clear");
	board_command("delay-dma 0");
	printf("disturber: %u faults\n", done);
	return 0;
}

/* ---- watching ------------------------------------------------------------ */

static void print_stacks(pid_t pid)
{
	char path[300], text[4096];
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		snprintf(path, sizeof(path), "/proc/%d/task/%.20s/stack", pid, entry->d_name);
		if (entry->d_name[0] != '.' && read_text(path, text, sizeof(text)) == 0)
			printf("thread %s:\n%s", entry->d_name, text);
	}
	if (dir)
		closedir(dir);
}

/* How a child ended: its exit code, or -1 when nothing moves any more. */
static int wait_for(pid_t pid)
{
	unsigned long calls = 0;
	double moved = now();
	int status;

	while (waitpid(pid, &status, WNOHANG) == 0) {
		sleep_ms(50);
		if (calls != __atomic_load_n(&score->calls, __ATOMIC_RELAXED)) {
			calls = score->calls;
			moved = now();
		}
		if (now() - moved > 2 * FUZZ_BOUND_MS / 1e3) {
			printf("fuzz: process %d hangs\n", pid);
			print_stacks(pid);
			return -1;
		}
	}
	if (WIFSIGNALED(status))
		printf("fuzz: process %d: signal %d\n", pid, WTERMSIG(status));
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

/* ---- the verdict --------------------------------------------------------- */

static bool nothing_left(long long free_before)
{
	char path[400], text[16384] = "";

	snprintf(path, sizeof(path), "%s/memory", board_debugfs());
	/* What held the last references lets go of them a little later. */
	for (int i = 0; i < 300; i++) {
		if (!CHECK(read_text(path, text, sizeof(text)) == 0))
			return false;
		if (read_number(board_sysfs(), "memory_free_bytes") == free_before &&
		    !strstr(text, " pieces"))
			return true;
		sleep_ms(100);
	}
	printf("fuzz: left behind:\n%s", text);
	return false;
}

static void print_score(void)
{
	const char *name;

	for (uint32_t o = 0; (name = fuzz_name(o)); o++) {
		printf("  %-16s %8lu, good %8lu\n", name, score->tried[o], score->done[o]);
		/* Else it tested nothing but the first check; fewer tries do not tell. */
		if (score->tried[o] >= 60 &&
		    (strcmp(name, "foreign buffer") || access("/dev/udmabuf", F_OK) == 0))
			check_that(score->done[o] * 100 > score->tried[o], name, "fuzz", 0);
	}
}

static void judge(long long free_before)
{
	CHECK(score->failed == 0);
	CHECK(nothing_left(free_before));
	CHECK(score->watched > 20 * score->unwatched);
	if (!score->disturbed) {
		CHECK(read_number(board_sysfs(), "resets") == 0);
		CHECK(read_number(board_sysfs(), "lost_interrupts") == 0);
	}
	print_score();
	printf("fuzz: %lu calls, %lu fences seen to signal\n", score->calls, score->watched);
}

static void run(uint64_t seed, uint32_t processes)
{
	pid_t workers[PROCESSES_MOST], other[2] = {0};

	other[0] = fork();
	if (other[0] == 0)
		exit(witness());
	if (score->disturbed) {
		other[1] = fork();
		if (other[1] == 0)
			exit(disturber(seed));
	}
	for (uint32_t p = 0; p < processes; p++) {
		workers[p] = fork();
		if (workers[p] == 0)
			exit(process(seed, p + 1));
	}
	for (uint32_t p = 0; p < processes; p++)
		CHECK(wait_for(workers[p]) == 0);
	__atomic_store_n(&score->stop, true, __ATOMIC_RELAXED);
	for (int i = 0; i < 2; i++)
		CHECK(!other[i] || wait_for(other[i]) == 0);
}

int main(int argc, char **argv)
{
	uint64_t seed = (uint64_t)(now() * 1e9);
	uint32_t processes = 3;
	long long free_before;
	int option, fd;

	score = mmap(NULL, sizeof(*score), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		     0);
	if (score == MAP_FAILED)
		return 1;
	while ((option = getopt(argc, argv, "n:s:p:d")) != -1) {
		if (option == 'n')
			calls_wanted = strtoul(optarg, NULL, 0);
		else if (option == 's')
			seed = strtoull(optarg, NULL, 0);
		else if (option == 'p' && atoi(optarg) <= PROCESSES_MOST)
			processes = (uint32_t)atoi(optarg);
		else if (option == 'd')
			score->disturbed = true;
		else
			return 2;
	}
	printf("fuzz: seed %#llx\n", (unsigned long long)seed);
	fflush(stdout);
	fd = open_board();
	if (!CHECK(fd >= 0))
		return report("fuzz");
	close(fd);
	free_before = read_number(board_sysfs(), "memory_free_bytes");
	run(seed, processes);
	judge(free_before);
	return report("fuzz");
}
