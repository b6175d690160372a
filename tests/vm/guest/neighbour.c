/* SPDX-License-Identifier: MIT */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xf86drm.h>

#include "guest.h"
#include "neighbour.h"

#define WAIT_MS 60000

/* Shapes of the matrix jobs, elements of the transfers, and how often each is added. */
enum { DIM = 32, K = 64, JOBS = 4, COUNT = 48 << 10, ADDS = 3 };

/* Where what lies, in bytes. */
enum {
	A = 0,
	B = A + 2 * DIM * K,
	C = B + 2 * K * DIM,
	WIDE = 64 << 10, /* fp32 */
	NARROW = WIDE + 4 * COUNT, /* bfloat16 */
	MIXED = NARROW + 2 * COUNT, /* fp32, what is added is bfloat16 */
	BACK = MIXED + 4 * COUNT,
	BYTES = BACK + 4 * COUNT,
};

struct neighbour_state {
	bool hold, idle, end;
	unsigned int rounds;
	const char *failed; /* a literal: the child is a copy of this process */
};

/* ---- the child ---------------------------------------------------------- */

struct work {
	int fd;
	uint32_t ctx, jobs, xfers, copies;
	struct bo host, board;
	float product[DIM * DIM];
};

static int16_t small(uint32_t i)
{
	return (int16_t)(i * 2654435761u >> 28) - 8;
}

static void *at(const struct bo *bo, uint32_t offset)
{
	return (char *)bo->map + offset;
}

static void prepare(struct work *w)
{
	uint16_t *a, *b;

	fill_bf16(at(&w->host, A), DIM * K, 21);
	fill_bf16(at(&w->host, B), K * DIM, 22);
	memcpy(at(&w->board, A), at(&w->host, A), C);
	a = at(&w->host, A);
	b = at(&w->host, B);
	for (uint32_t i = 0; i < DIM * DIM; i++) {
		w->product[i] = 0;
		for (uint32_t k = 0; k < K; k++)
			w->product[i] +=
				from_bf16(a[i / DIM * K + k]) * from_bf16(b[k * DIM + i % DIM]);
	}
	for (uint32_t i = 0; i < COUNT; i++) {
		((float *)at(&w->host, WIDE))[i] = small(i);
		((uint16_t *)at(&w->host, NARROW))[i] = bf16(small(i + 1));
		((uint16_t *)at(&w->host, MIXED))[i] = bf16(small(i + 2));
	}
}

static bool open_all(struct work *w)
{
	w->fd = open_board();
	if (w->fd < 0 || ctx_create(w->fd, DRM_FPR_PRIORITY_NORMAL, &w->ctx) ||
	    bo_create(w->fd, DRM_FPR_PLACE_HOST, BYTES, &w->host) ||
	    bo_create(w->fd, DRM_FPR_PLACE_BOARD, BYTES, &w->board))
		return false;
	w->jobs = sync_create(w->fd);
	w->xfers = sync_create(w->fd);
	w->copies = sync_create(w->fd);
	return true;
}

static int submit_jobs(struct work *w)
{
	struct drm_fpr_mac_job list[JOBS];

	for (int i = 0; i < JOBS; i++) {
		list[i] = gemm_job(DIM, DIM, K);
		list[i].gemm.accumulate = 1;
		list[i].a = w->board.handle;
		list[i].b = w->host.handle;
		list[i].c = i % 2 ? w->host.handle : w->board.handle;
		list[i].a_offset = A;
		list[i].b_offset = B;
		list[i].c_offset = C;
	}
	return submit_mac(w->fd, w->ctx, list, JOBS, 0, w->jobs);
}

static int submit_adds(struct work *w)
{
	static const struct {
		uint32_t offset, bytes;
		uint8_t op;
	} kinds[] = {{WIDE, 4 * COUNT, DRM_FPR_XFER_ADD_F32},
		     {NARROW, 2 * COUNT, DRM_FPR_XFER_ADD_BF16},
		     {MIXED, 2 * COUNT, DRM_FPR_XFER_ADD_BF16_F32}};
	struct drm_fpr_xfer list[3 * ADDS];

	for (int i = 0; i < 3 * ADDS; i++)
		list[i] = (struct drm_fpr_xfer){
			.host = w->host.handle,
			.board = w->board.handle,
			.host_offset = kinds[i % 3].offset,
			.board_offset = kinds[i % 3].offset,
			.bytes = kinds[i % 3].bytes,
			.op = kinds[i % 3].op,
			.priority = (uint16_t)(1000 + i % 2),
		};
	return submit_xfer(w->fd, w->ctx, list, 3 * ADDS, 0, w->xfers);
}

/* Out to board memory and back in two calls, the second waiting for the first. */
static int submit_copies(struct work *w)
{
	struct drm_fpr_xfer x = {
		.host = w->host.handle,
		.board = w->board.handle,
		.host_offset = WIDE,
		.board_offset = BACK,
		.bytes = 4 * COUNT,
		.priority = 1000,
	};
	int ret = submit_xfer(w->fd, w->ctx, &x, 1, 0, w->copies);

	x.host_offset = BACK;
	x.direction = DRM_FPR_TO_HOST;
	return ret ? ret : submit_xfer(w->fd, w->ctx, &x, 1, w->copies, w->copies);
}

static const char *compare(const struct work *w)
{
	for (int i = 0; i < DIM * DIM; i++) {
		float right = JOBS / 2 * w->product[i];

		if (((float *)at(&w->board, C))[i] != right)
			return "C in board memory";
		if (((float *)at(&w->host, C))[i] != right)
			return "C on the host";
	}
	for (uint32_t i = 0; i < COUNT; i++) {
		if (((float *)at(&w->board, WIDE))[i] != small(i + 5) + ADDS * small(i))
			return "sums of fp32";
		if (((uint16_t *)at(&w->board, NARROW))[i] !=
		    bf16(small(i + 6) + ADDS * small(i + 1)))
			return "sums of bfloat16";
		if (((float *)at(&w->board, MIXED))[i] != small(i + 7) + ADDS * small(i + 2))
			return "sums of bfloat16 in fp32";
	}
	return memcmp(at(&w->host, BACK), at(&w->host, WIDE), 4 * COUNT) ? "copies" : NULL;
}

static const char *one_round(struct work *w)
{
	memset(at(&w->board, C), 0, 4 * DIM * DIM);
	memset(at(&w->host, C), 0, 4 * DIM * DIM);
	memset(at(&w->host, BACK), 0, 4 * COUNT);
	for (uint32_t i = 0; i < COUNT; i++) {
		((float *)at(&w->board, WIDE))[i] = small(i + 5);
		((uint16_t *)at(&w->board, NARROW))[i] = bf16(small(i + 6));
		((float *)at(&w->board, MIXED))[i] = small(i + 7);
	}
	if (submit_jobs(w) || submit_adds(w) || submit_copies(w))
		return "a submit call";
	if (sync_wait(w->fd, w->jobs, 0, WAIT_MS))
		return "a matrix job";
	if (sync_wait(w->fd, w->xfers, 0, WAIT_MS))
		return "an accumulate";
	if (sync_wait(w->fd, w->copies, 0, WAIT_MS))
		return "a copy";
	return compare(w);
}

static void live(struct neighbour_state *state)
{
	static struct work w;
	const char *wrong = open_all(&w) ? NULL : "opening the board";

	if (!wrong)
		prepare(&w);
	while (!wrong && !__atomic_load_n(&state->end, __ATOMIC_ACQUIRE)) {
		bool hold = __atomic_load_n(&state->hold, __ATOMIC_ACQUIRE);

		__atomic_store_n(&state->idle, hold, __ATOMIC_RELEASE);
		if (hold) {
			sleep_ms(2);
			continue;
		}
		wrong = one_round(&w);
		if (!wrong)
			__atomic_fetch_add(&state->rounds, 1, __ATOMIC_RELEASE);
	}
	__atomic_store_n(&state->failed, wrong, __ATOMIC_RELEASE);
}

/* ---- the parent --------------------------------------------------------- */

void neighbour_start(struct neighbour *neighbour)
{
	struct neighbour_state *state = mmap(NULL, sizeof(*state), PROT_READ | PROT_WRITE,
					     MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	neighbour->state = state;
	fflush(stdout);
	neighbour->child = fork();
	if (neighbour->child == 0) {
		live(state);
		_exit(!!state->failed);
	}
}

static const char *failure(const struct neighbour *neighbour)
{
	return __atomic_load_n(&neighbour->state->failed, __ATOMIC_ACQUIRE);
}

void neighbour_hold(struct neighbour *neighbour)
{
	__atomic_store_n(&neighbour->state->hold, true, __ATOMIC_RELEASE);
	while (!failure(neighbour) && !__atomic_load_n(&neighbour->state->idle, __ATOMIC_ACQUIRE))
		sleep_ms(2);
}

void neighbour_go(struct neighbour *neighbour)
{
	__atomic_store_n(&neighbour->state->idle, false, __ATOMIC_RELEASE);
	__atomic_store_n(&neighbour->state->hold, false, __ATOMIC_RELEASE);
}

bool neighbour_fine(struct neighbour *neighbour)
{
	struct neighbour_state *state = neighbour->state;
	unsigned int before = __atomic_load_n(&state->rounds, __ATOMIC_ACQUIRE);
	double end = now() + WAIT_MS / 1000.0;

	/* The first may have begun earlier; the second has not. */
	while (!failure(neighbour) && now() < end &&
	       __atomic_load_n(&state->rounds, __ATOMIC_ACQUIRE) - before < 2)
		sleep_ms(2);
	if (failure(neighbour))
		printf("neighbour: failed: %s\n", failure(neighbour));
	else if (now() >= end)
		puts("neighbour: no round ends any more");
	return !failure(neighbour) && now() < end;
}

bool neighbour_end(struct neighbour *neighbour)
{
	int status = 0;

	__atomic_store_n(&neighbour->state->end, true, __ATOMIC_RELEASE);
	waitpid(neighbour->child, &status, 0);
	munmap(neighbour->state, sizeof(*neighbour->state));
	return WIFEXITED(status) && !WEXITSTATUS(status);
}
