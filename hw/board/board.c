/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "board.h"
#include "engine.h"
#include "gemm.h"
#include "pool.h"
#include "rtl.h"

struct fpr_board {
	enum fpr_board_model model;
	enum fpr_board_isa isa;
	const struct fpr_isa_ops *ops;
	const struct fpr_rtl *rtl;
	unsigned int threads;
	pthread_mutex_t lock; /* one job at a time has the pool and the workers */
	struct fpr_pool *pool;
	struct fpr_worker *workers[];
};

static bool isa_present(enum fpr_board_isa isa)
{
#if defined(__x86_64__)
	if (isa == FPR_ISA_AVX512)
		return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
		       __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512cd") &&
		       __builtin_cpu_supports("avx512vnni") &&
		       __builtin_cpu_supports("avx512bitalg");
	if (isa == FPR_ISA_AVX2)
		return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#endif
	return isa == FPR_ISA_PORTABLE;
}

static const struct fpr_isa_ops *isa_ops(enum fpr_board_isa isa)
{
#if defined(__x86_64__)
	if (isa == FPR_ISA_AVX512)
		return &fpr_ops_avx512;
	if (isa == FPR_ISA_AVX2)
		return &fpr_ops_avx2;
#endif
	return isa == FPR_ISA_PORTABLE ? &fpr_ops_portable : NULL;
}

static enum fpr_board_isa best_isa(void)
{
	enum fpr_board_isa isa = FPR_ISA_AVX512;

	while (!isa_present(isa))
		isa--;
	return isa;
}

static int resolve(const struct fpr_board_options *options, struct fpr_board_options *out)
{
	long cpus;

	*out = (struct fpr_board_options){0};
	if (options)
		*out = *options;
	if (out->model > FPR_BOARD_RTL || out->isa > FPR_ISA_AVX512 ||
	    out->threads > FPR_BOARD_THREADS_MAX)
		return -EINVAL;
	if (out->isa == FPR_ISA_AUTO)
		out->isa = best_isa();
	if (!isa_present(out->isa))
		return -EOPNOTSUPP;
	if (out->model != FPR_BOARD_FAST)
		out->threads = 1;
	if (!out->threads) {
		cpus = sysconf(_SC_NPROCESSORS_ONLN);
		out->threads = cpus < 1 ? 1 : (unsigned int)cpus;
	}
	if (out->threads > FPR_BOARD_THREADS_MAX)
		out->threads = FPR_BOARD_THREADS_MAX;
	return 0;
}

static int add_workers(struct fpr_board *board)
{
	for (unsigned int i = 0; i < board->threads; i++) {
		board->workers[i] =
			aligned_alloc(_Alignof(struct fpr_worker), sizeof(struct fpr_worker));
		if (!board->workers[i])
			return -ENOMEM;
	}
	return fpr_pool_create(board->threads, &board->pool);
}

int fpr_board_open(const struct fpr_board_options *options, struct fpr_board **out)
{
	struct fpr_board_options set;
	struct fpr_board *board;
	int err;

	if (!out)
		return -EINVAL;
	err = resolve(options, &set);
	if (err)
		return err;
	board = calloc(1, sizeof(*board) + set.threads * sizeof(board->workers[0]));
	if (!board)
		return -ENOMEM;
	board->model = set.model;
	board->isa = set.isa;
	board->ops = isa_ops(set.isa);
	board->threads = set.threads;
	pthread_mutex_init(&board->lock, NULL);
	if (board->model == FPR_BOARD_FAST)
		err = add_workers(board);
	else if (board->model == FPR_BOARD_RTL)
		err = fpr_rtl_load(&board->rtl);
	if (err) {
		fpr_board_close(board);
		return err;
	}
	*out = board;
	return 0;
}

void fpr_board_close(struct fpr_board *board)
{
	if (!board)
		return;
	fpr_pool_destroy(board->pool);
	for (unsigned int i = 0; i < board->threads; i++)
		free(board->workers[i]);
	pthread_mutex_destroy(&board->lock);
	free(board);
}

enum fpr_board_isa fpr_board_isa(const struct fpr_board *board)
{
	return board->isa;
}

const char *fpr_isa_name(enum fpr_board_isa isa)
{
	static const char *const names[] = {
		[FPR_ISA_AUTO] = "auto",
		[FPR_ISA_PORTABLE] = "portable",
		[FPR_ISA_AVX2] = "avx2",
		[FPR_ISA_AVX512] = "avx512",
	};

	return isa <= FPR_ISA_AVX512 ? names[isa] : "";
}

unsigned int fpr_board_threads(const struct fpr_board *board)
{
	return board->threads;
}

/* HLS C and RTL keep their scratchpads in static storage, as hardware does. */
static pthread_mutex_t array_lock = PTHREAD_MUTEX_INITIALIZER;

static void hls_gemm(const struct fpr_gemm *job, const uint16_t *a, const uint16_t *b, void *c,
		     struct fpr_gemm_counters *counters)
{
	pthread_mutex_lock(&array_lock);
	fpr_array_gemm(job, a, b, c, counters);
	pthread_mutex_unlock(&array_lock);
}

/* The HLS C is told of a stop between jobs only, and of its tiles when they are done. */
static int hls_watched(const struct fpr_gemm *job, const uint16_t *a, const uint16_t *b, void *c,
		       struct fpr_gemm_counters *counters, struct fpr_board_watch *watch)
{
	uint64_t tiles = ((uint64_t)job->m + FPR_ROWS - 1) / FPR_ROWS;

	if (watch && __atomic_load_n(&watch->stop, __ATOMIC_RELAXED))
		return -ECANCELED;
	hls_gemm(job, a, b, c, counters);
	tiles *= ((uint64_t)job->n + FPR_COLS - 1) / FPR_COLS;
	if (watch)
		__atomic_fetch_add(&watch->tiles, tiles * (job->batch ? job->batch : 1),
				   __ATOMIC_RELAXED);
	return 0;
}

static int rtl_watched(const struct fpr_rtl *rtl, const struct fpr_gemm *job, const uint16_t *a,
		       const uint16_t *b, void *c, struct fpr_gemm_counters *counters,
		       struct fpr_board_watch *watch)
{
	int err;

	pthread_mutex_lock(&array_lock);
	err = rtl->gemm(job, a, b, c, counters, watch);
	pthread_mutex_unlock(&array_lock);
	return err;
}

int fpr_board_gemm(struct fpr_board *board, const struct fpr_gemm *job, const uint16_t *a,
		   const uint16_t *b, void *c, struct fpr_gemm_counters *counters)
{
	return fpr_board_gemm_watched(board, job, a, b, c, counters, NULL);
}

int fpr_board_gemm_watched(struct fpr_board *board, const struct fpr_gemm *job, const uint16_t *a,
			   const uint16_t *b, void *c, struct fpr_gemm_counters *counters,
			   struct fpr_board_watch *watch)
{
	struct fpr_gemm_extent extent;
	int err;

	err = fpr_gemm_check(job);
	if (!err)
		err = fpr_gemm_extent(job, &extent);
	if (err)
		return err;
	if (board->model == FPR_BOARD_HLS)
		return hls_watched(job, a, b, c, counters, watch);
	if (board->model == FPR_BOARD_RTL)
		return rtl_watched(board->rtl, job, a, b, c, counters, watch);
	pthread_mutex_lock(&board->lock);
	err = fpr_engine_gemm(board->pool, board->workers, board->threads, board->ops, job, a, b, c,
			      counters, watch);
	pthread_mutex_unlock(&board->lock);
	return err;
}
