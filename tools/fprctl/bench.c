/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "board.h"
#include "fprctl.h"
#include "moves.h"
#include "options.h"
#include "print.h"
#include "progress.h"

/*
 * Times of this run beside each other: each kind beside dense, transfers beside memcpy. The
 * median of several runs counts, as what else goes on makes single ones slow.
 */

#define RUNS_MAX 1000
#define EDGE 256
#define SMALL_BYTES 64
#define LARGE_BYTES (16u << 20)

/* What the command line asked for, and how far it is. */
struct request {
	const char *device;
	uint64_t runs;
	int json;
	uint64_t steps;
};

/* What one thing took: something as small as can be, and something large. */
struct times {
	uint64_t small_ns, large_ns;
};

struct kind_times {
	struct times times;
	uint64_t cycles;
};

static int compare(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/**
 * median() - of several runs, after one that does not count
 * @r: how many
 * @call: one run; 0 or -errno
 * @context: for it
 * @ns: set
 * Return: 0 or -errno
 */
static int median(struct request *r, int (*call)(void *context), void *context, uint64_t *ns)
{
	uint64_t taken[RUNS_MAX], start;
	int ret = call(context);

	for (uint64_t i = 0; i < r->runs && !ret; i++) {
		start = now_ns();
		ret = call(context);
		taken[i] = now_ns() - start;
		progress_at(++r->steps);
	}
	qsort(taken, r->runs, sizeof(taken[0]), compare);
	*ns = taken[r->runs / 2];
	return ret;
}

/* ---- products ------------------------------------------------------------- */

struct trial {
	struct board *board;
	struct product product;
	struct fpr_gemm_result result;
};

static int multiply(void *context)
{
	struct trial *trial = context;

	return product_run(trial->board, &trial->product, NULL, &trial->result);
}

/* Values of a normal distribution's spread, about: sums of uniform ones. */
static void fill(uint16_t *values, size_t n, uint32_t seed)
{
	for (size_t i = 0; i < n; i++) {
		float sum = 0;
		uint32_t bits;

		for (int j = 0; j < 4; j++) {
			seed = seed * 1664525u + 1013904223u;
			sum += (float)(seed >> 8) / (float)(1u << 24) - 0.5f;
		}
		memcpy(&bits, &sum, sizeof(bits));
		values[i] = (uint16_t)(bits >> 16);
	}
}

static int time_edge(struct request *r, struct board *board, enum fpr_kind kind, uint32_t edge,
		     uint64_t *ns, uint64_t *cycles)
{
	const uint64_t n = (uint64_t)edge * edge;
	struct fpr_gemm_job job;
	struct trial trial = {.board = board};
	int ret;

	fpr_gemm_init(&job, edge, edge, edge);
	job.gemm.kind = (uint8_t)kind;
	job.gemm.t = fpr_kind_default_t(kind);
	ret = product_create(board, &job.gemm, 2 * n, 2 * n, 4 * n, &trial.product);
	if (!ret) {
		fill(trial.product.a, n, 1);
		fill(trial.product.b, n, 2);
		ret = median(r, multiply, &trial, ns);
	}
	*cycles = trial.result.counters.cycles_total;
	product_destroy(&trial.product);
	return ret;
}

static int time_kinds(struct request *r, struct board *board, struct kind_times *kinds)
{
	uint64_t ignored;
	int ret = 0;

	for (unsigned int kind = 0; kind < FPR_KINDS && !ret; kind++) {
		if (!(board->info.kinds >> kind & 1))
			continue;
		ret = time_edge(r, board, (enum fpr_kind)kind, 1, &kinds[kind].times.small_ns,
				&ignored);
		if (!ret)
			ret = time_edge(r, board, (enum fpr_kind)kind, EDGE,
					&kinds[kind].times.large_ns, &kinds[kind].cycles);
	}
	return ret;
}

/* ---- transfers ------------------------------------------------------------ */

struct move {
	struct board *board;
	struct memory from, to, there;
	enum fpr_direction direction;
	uint64_t bytes;
};

static int transfer(void *context)
{
	struct move *move = context;
	const struct fpr_transfer_job job =
		move_job(move->direction, &move->from, &move->there, 0, move->bytes);

	return moves_run(move->board, &job, 1, NULL);
}

static int copy(void *context)
{
	struct move *move = context;

	memcpy(move->to.bytes, move->from.bytes, move->bytes);
	/* Nobody reads it: the compiler is not to see that. */
	__asm__ volatile("" ::"r"(move->to.bytes) : "memory");
	return 0;
}

static int time_way(struct request *r, struct move *move, int (*call)(void *), struct times *times)
{
	int ret;

	move->bytes = SMALL_BYTES;
	ret = median(r, call, move, &times->small_ns);
	move->bytes = LARGE_BYTES;
	return ret ? ret : median(r, call, move, &times->large_ns);
}

/* Ways: enum fpr_direction, and memcpy behind them. */
#define WAYS 3

static int time_ways(struct request *r, struct board *board, struct times ways[WAYS])
{
	struct move move = {.board = board};
	int ret = memory_create(board, LARGE_BYTES, 0, &move.from);

	if (!ret)
		ret = memory_create(board, LARGE_BYTES, 0, &move.to);
	if (!ret)
		ret = memory_create(board, LARGE_BYTES, FPR_BUFFER_BOARD, &move.there);
	for (int way = 0; way < WAYS && !ret; way++) {
		move.direction = (enum fpr_direction)way;
		ret = time_way(r, &move, way < 2 ? transfer : copy, &ways[way]);
	}
	memory_destroy(&move.from);
	memory_destroy(&move.to);
	memory_destroy(&move.there);
	return ret;
}

/* ---- report --------------------------------------------------------------- */

static double ratio(uint64_t a, uint64_t b)
{
	return b ? (double)a / (double)b : 0;
}

static void report_kinds(struct printer *printer, const struct board *board,
			 const struct kind_times *kinds)
{
	const struct kind_times *dense = &kinds[FPR_KIND_DENSE];

	print_begin_object(printer, "gemm");
	print_number(printer, "edge", EDGE);
	for (unsigned int kind = 0; kind < FPR_KINDS; kind++) {
		const struct kind_times *k = &kinds[kind];

		if (!(board->info.kinds >> kind & 1))
			continue;
		print_begin_object(printer, kind_names[kind]);
		print_number(printer, "latency_ns", k->times.small_ns);
		print_number(printer, "time_ns", k->times.large_ns);
		print_number(printer, "cycles", k->cycles);
		print_number(printer, "macs_per_second",
			     (uint64_t)(1e9 * EDGE * EDGE * EDGE / (double)k->times.large_ns));
		if (dense->cycles) {
			print_real(printer, "speed_of_dense",
				   ratio(dense->times.large_ns, k->times.large_ns));
			print_real(printer, "cycles_of_dense", ratio(k->cycles, dense->cycles));
		}
		print_end(printer);
	}
	print_end(printer);
}

static void report_ways(struct printer *printer, const struct times ways[WAYS])
{
	static const char *const names[WAYS] = {"to_board", "to_host", "memcpy"};

	print_begin_object(printer, "transfer");
	print_number(printer, "small_bytes", SMALL_BYTES);
	print_number(printer, "large_bytes", LARGE_BYTES);
	for (int way = 0; way < WAYS; way++) {
		print_begin_object(printer, names[way]);
		print_number(printer, "latency_ns", ways[way].small_ns);
		print_number(printer, "time_ns", ways[way].large_ns);
		print_number(printer, "bytes_per_second",
			     (uint64_t)(1e9 * LARGE_BYTES / (double)ways[way].large_ns));
		print_real(printer, "speed_of_memcpy", ratio(ways[2].large_ns, ways[way].large_ns));
		print_end(printer);
	}
	print_end(printer);
}

static int measure(struct request *r, struct board *board)
{
	struct kind_times kinds[FPR_KINDS] = {{{0, 0}, 0}};
	struct times ways[WAYS] = {{0, 0}};
	struct printer p, *printer = &p;
	int ret;

	progress_start("bench",
		       r->runs * 2 * ((uint64_t)__builtin_popcount(board->info.kinds) + WAYS));
	ret = time_kinds(r, board, kinds);
	if (!ret)
		ret = time_ways(r, board, ways);
	progress_end();
	if (ret) {
		complain("bench: %s", board_failure(board, ret));
		return EXIT_FAILED;
	}
	print_start(printer, r->json);
	print_text(printer, "device", board->info.name);
	print_number(printer, "runs", r->runs);
	report_kinds(printer, board, kinds);
	report_ways(printer, ways);
	print_finish(printer);
	return EXIT_OK;
}

int bench_main(int argc, char **argv)
{
	struct request r = {.device = "local", .runs = 11};
	struct board board;
	const struct option_row rows[] = {
		OPTION_ROW_DEVICE(&r.device),
		{"runs", 1, "N", "the median of how many, to 1000; default 11", OPTION_NUMBER,
		 &r.runs, RUNS_MAX, NULL, NULL},
		OPTION_ROW_JSON(&r.json),
		{0},
	};
	const struct options options = {
		.command = "bench",
		.summary = "Times products of each kind and transfers, beside dense and memcpy.",
		.rows = rows};
	int ret = options_parse(&options, argc, argv);

	if (ret != OPTIONS_PARSED)
		return ret;
	if (!r.runs) {
		complain("bench: nothing to measure; see fprctl bench --help");
		return EXIT_USAGE;
	}
	ret = board_open(r.device, &board);
	if (ret != EXIT_OK)
		return ret;
	ret = measure(&r, &board);
	board_close(&board);
	return ret;
}
