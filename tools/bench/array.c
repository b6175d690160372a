/* SPDX-License-Identifier: MIT */
/*
 * How fast the virtual board is: the engine, with and without counters, against
 * the HLS C it stands for and against OpenBLAS's fp32 product, all in one run on
 * one thread. It prints times and ratios; it judges nothing.
 */
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cblas.h>
#include <json-c/json.h>

#include "board.h"

#define RUNS_MAX 64

/* The HLS C is timed on a corner of the job and scaled by products. */
#define HLS_SIDE 32
#define HLS_K 256

struct shape {
	const char *name;
	uint32_t m, n, k;
	uint8_t trans_a, trans_b;
};

/* A 3x3 convolution of 64 to 64 channels, unrolled, and a linear layer. */
static const struct shape shapes[] = {
	{"square 256", 256, 256, 256, 0, 0},
	{"square 1024", 1024, 1024, 1024, 0, 0},
	{"conv forward", 64, 9216, 576, 0, 0},
	{"conv input gradient", 576, 9216, 64, 1, 0},
	{"conv weight gradient", 64, 576, 65536, 0, 1},
	{"linear forward", 128, 4096, 1024, 0, 1},
};

enum data { DATA_GAUSSIAN, DATA_TRAINING, DATA_KINDS };

static const char *const data_names[] = {
	[DATA_GAUSSIAN] = "gaussian", [DATA_TRAINING] = "training-like", /* wide-spread gradients x
									    half-zero activations */
};

static const char *const kind_names[] = {
	[FPR_KIND_CHUNK] = "chunk",
	[FPR_KIND_SET] = "set",
	[FPR_KIND_DENSE] = "dense",
	[FPR_KIND_VALUE] = "value",
};

struct options {
	unsigned int runs;
	bool json;
	enum fpr_board_isa isa;
};

struct bench {
	struct options options;
	struct fpr_board *fast, *hls;
	struct json_object *rows;
	uint16_t *a, *b;
	float *fa, *fb, *c;
};

struct timing {
	double least, median; /* seconds */
};

/* ---- data --------------------------------------------------------------- */

static uint64_t random_state = 88172645463325252ull;

static double uniform(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return ((double)(random_state >> 11) + 0.5) / 9007199254740992.0;
}

static double gaussian(void)
{
	return sqrt(-2 * log(uniform())) * cos(6.283185307179586 * uniform());
}

/* As backpropagation leaves them: small, their sizes spread over decades. */
static double gradient(void)
{
	double size = exp(2 * gaussian());

	return 1e-5 * size * gaussian();
}

static double activation(void)
{
	double x = gaussian();

	return x > 0 ? x : 0;
}

static uint16_t to_bf16(double x)
{
	float f = (float)x;
	uint32_t bits;

	memcpy(&bits, &f, sizeof(bits));
	return (uint16_t)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

static void fill(uint16_t *x, float *f, size_t n, double (*next)(void))
{
	for (size_t i = 0; i < n; i++) {
		uint32_t bits;

		x[i] = to_bf16(next());
		bits = (uint32_t)x[i] << 16;
		memcpy(&f[i], &bits, sizeof(bits));
	}
}

static void *must(void *p)
{
	if (!p) {
		fprintf(stderr, "array-bench: out of memory\n");
		exit(1);
	}
	return p;
}

static void make_operands(struct bench *bench, const struct shape *s, enum data data)
{
	size_t a = (size_t)s->m * s->k, b = (size_t)s->k * s->n;

	bench->a = must(malloc(a * sizeof(*bench->a)));
	bench->b = must(malloc(b * sizeof(*bench->b)));
	bench->fa = must(malloc(a * sizeof(*bench->fa)));
	bench->fb = must(malloc(b * sizeof(*bench->fb)));
	bench->c = must(malloc((size_t)s->m * s->n * sizeof(*bench->c)));
	fill(bench->a, bench->fa, a, data == DATA_GAUSSIAN ? gaussian : gradient);
	fill(bench->b, bench->fb, b, data == DATA_GAUSSIAN ? gaussian : activation);
}

static void drop_operands(struct bench *bench)
{
	free(bench->a);
	free(bench->b);
	free(bench->fa);
	free(bench->fb);
	free(bench->c);
}

/* ---- timing ------------------------------------------------------------- */

/* CPU time: with one thread it is the wall's, less what other programs take. */
static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* What is timed; one call is one run. */
struct work {
	const struct bench *bench;
	const struct shape *shape;
	struct fpr_board *board; /* NULL: sgemm */
	struct fpr_gemm job;
	bool counters;
};

static void run_sgemm(const struct work *w)
{
	const struct shape *s = w->shape;

	cblas_sgemm(CblasRowMajor, s->trans_a ? CblasTrans : CblasNoTrans,
		    s->trans_b ? CblasTrans : CblasNoTrans, (int)s->m, (int)s->n, (int)s->k, 1,
		    w->bench->fa, (int)(s->trans_a ? s->m : s->k), w->bench->fb,
		    (int)(s->trans_b ? s->k : s->n), 0, w->bench->c, (int)s->n);
}

static void run_board(const struct work *w)
{
	struct fpr_gemm_counters counters;
	int err = fpr_board_gemm(w->board, &w->job, w->bench->a, w->bench->b, w->bench->c,
				 w->counters ? &counters : NULL);

	if (err) {
		fprintf(stderr, "array-bench: the board failed: %s\n", strerror(-err));
		exit(1);
	}
}

static struct timing measure(const struct work *w, unsigned int runs)
{
	double times[RUNS_MAX];

	for (unsigned int i = 0; i < runs; i++) {
		double start = now();

		if (w->board)
			run_board(w);
		else
			run_sgemm(w);
		times[i] = now() - start;
	}
	qsort(times, runs, sizeof(times[0]), by_value);
	return (struct timing){times[0], times[runs / 2]};
}

static double macs_of(const struct fpr_gemm *job)
{
	return (double)job->m * job->n * job->k;
}

static uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static struct fpr_gemm job_of(const struct shape *s, enum fpr_kind kind)
{
	return (struct fpr_gemm){
		.m = s->m,
		.n = s->n,
		.k = s->k,
		.lda = s->trans_a ? s->m : s->k,
		.ldb = s->trans_b ? s->k : s->n,
		.kind = kind,
		.t = FPR_KIND_T(kind),
		.trans_a = s->trans_a,
		.trans_b = s->trans_b,
	};
}

/* Seconds the HLS C would take for the whole job, from a corner of it. */
static double hls_time(const struct bench *bench, const struct shape *s, enum fpr_kind kind)
{
	struct work w = {.bench = bench, .shape = s, .board = bench->hls};

	w.job = job_of(s, kind);
	w.job.m = least(s->m, HLS_SIDE);
	w.job.n = least(s->n, HLS_SIDE);
	w.job.k = least(s->k, HLS_K);
	w.counters = true;
	return measure(&w, 2).least * ((double)s->m * s->n * s->k / macs_of(&w.job));
}

/* ---- report ------------------------------------------------------------- */

static void add_row(struct bench *bench, const struct shape *s, enum data data, const char *what,
		    bool counters, struct timing t, double sgemm, double hls)
{
	double macs = (double)s->m * s->n * s->k;
	struct json_object *row = json_object_new_object();

	if (!bench->options.json)
		printf("%-21s %-13s %-6s %-8s %9.2f %9.2f %8.2f %8.2f %9.0f\n", s->name,
		       data_names[data], what, counters ? "yes" : "no", 1e3 * t.least,
		       1e3 * t.median, 1e-9 * macs / t.least, t.least / sgemm,
		       hls > 0 ? hls / t.least : 0);
	json_object_object_add(row, "shape", json_object_new_string(s->name));
	json_object_object_add(row, "m", json_object_new_int64(s->m));
	json_object_object_add(row, "n", json_object_new_int64(s->n));
	json_object_object_add(row, "k", json_object_new_int64(s->k));
	json_object_object_add(row, "data", json_object_new_string(data_names[data]));
	json_object_object_add(row, "what", json_object_new_string(what));
	json_object_object_add(row, "counters", json_object_new_boolean(counters));
	json_object_object_add(row, "seconds_min", json_object_new_double(t.least));
	json_object_object_add(row, "seconds_median", json_object_new_double(t.median));
	json_object_object_add(row, "times_sgemm", json_object_new_double(t.least / sgemm));
	if (hls > 0)
		json_object_object_add(row, "hls_over_this", json_object_new_double(hls / t.least));
	json_object_array_add(bench->rows, row);
}

static void bench_shape(struct bench *bench, const struct shape *s, enum data data)
{
	struct work w = {.bench = bench, .shape = s};
	struct timing sgemm;

	make_operands(bench, s, data);
	sgemm = measure(&w, bench->options.runs + 2);
	add_row(bench, s, data, "sgemm", false, sgemm, sgemm.least, 0);
	w.board = bench->fast;
	for (enum fpr_kind kind = 0; kind < FPR_KINDS; kind++) {
		double hls = hls_time(bench, s, kind);

		w.job = job_of(s, kind);
		for (int counters = 0; counters < 2; counters++) {
			w.counters = counters;
			add_row(bench, s, data, kind_names[kind], counters,
				measure(&w, bench->options.runs), sgemm.least, hls);
		}
	}
	drop_operands(bench);
}

static void cpu_name(char *name, size_t size)
{
	FILE *f = fopen("/proc/cpuinfo", "r");
	char line[256];

	snprintf(name, size, "unknown CPU");
	while (f && fgets(line, sizeof(line), f)) {
		char *colon = strchr(line, ':');

		if (strncmp(line, "model name", 10) || !colon)
			continue;
		line[strcspn(line, "\n")] = 0;
		snprintf(name, size, "%s", colon + 2);
		break;
	}
	if (f)
		fclose(f);
}

static void print_head(const struct bench *bench, const char *cpu)
{
	printf("CPU %s; engine %s, 1 thread; OpenBLAS core %s, 1 thread\n", cpu,
	       fpr_isa_name(fpr_board_isa(bench->fast)), openblas_get_corename());
	printf("HLS C: timed on at most %ux%ux%u of each job and scaled by products\n", HLS_SIDE,
	       HLS_SIDE, HLS_K);
	printf("CPU time, best and median of %u runs; ratios of best times\n\n",
	       bench->options.runs);
	printf("%-21s %-13s %-6s %-8s %9s %9s %8s %8s %9s\n", "shape", "data", "what", "counters",
	       "min ms", "median", "GMAC/s", "x sgemm", "HLS/this");
}

static void print_json(struct bench *bench, const char *cpu)
{
	struct json_object *all = json_object_new_object();

	json_object_object_add(all, "cpu", json_object_new_string(cpu));
	json_object_object_add(all, "engine",
			       json_object_new_string(fpr_isa_name(fpr_board_isa(bench->fast))));
	json_object_object_add(all, "openblas_core",
			       json_object_new_string(openblas_get_corename()));
	json_object_object_add(all, "runs", json_object_new_int64(bench->options.runs));
	json_object_object_add(all, "rows", json_object_get(bench->rows));
	printf("%s\n", json_object_to_json_string_ext(all, JSON_C_TO_STRING_PRETTY));
	json_object_put(all);
}

/* ---- command line ------------------------------------------------------- */

static void usage(FILE *to)
{
	fprintf(to, "usage: array-bench [--json] [--runs N] [--isa portable|avx2|avx512]\n");
}

static bool parse_isa(const char *name, enum fpr_board_isa *isa)
{
	for (enum fpr_board_isa i = FPR_ISA_AUTO; i <= FPR_ISA_AVX512; i++) {
		if (strcmp(name, fpr_isa_name(i)))
			continue;
		*isa = i;
		return true;
	}
	return false;
}

static bool parse(int argc, char **argv, struct options *o)
{
	*o = (struct options){.runs = 3};
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--json")) {
			o->json = true;
		} else if (!strcmp(argv[i], "--runs") && i + 1 < argc) {
			o->runs = (unsigned int)strtoul(argv[++i], NULL, 10);
			if (o->runs < 1 || o->runs > RUNS_MAX - 2)
				return false;
		} else if (!strcmp(argv[i], "--isa") && i + 1 < argc) {
			if (!parse_isa(argv[++i], &o->isa))
				return false;
		} else {
			return false;
		}
	}
	return true;
}

static int open_boards(struct bench *bench)
{
	struct fpr_board_options fast = {.isa = bench->options.isa, .threads = 1};
	struct fpr_board_options hls = {.model = FPR_BOARD_HLS};
	int err = fpr_board_open(&fast, &bench->fast);

	if (!err)
		err = fpr_board_open(&hls, &bench->hls);
	return err;
}

int main(int argc, char **argv)
{
	struct bench bench = {.rows = NULL};
	char cpu[256];
	int err;

	if (argc == 2 && !strcmp(argv[1], "--help")) {
		usage(stdout);
		return 0;
	}
	if (!parse(argc, argv, &bench.options)) {
		usage(stderr);
		return 2;
	}
	err = open_boards(&bench);
	if (err) {
		fprintf(stderr, "array-bench: no board: %s\n", strerror(-err));
		return 1;
	}
	openblas_set_num_threads(1);
	cpu_name(cpu, sizeof(cpu));
	bench.rows = json_object_new_array();
	if (!bench.options.json)
		print_head(&bench, cpu);
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
		for (enum data data = 0; data < DATA_KINDS; data++)
			bench_shape(&bench, &shapes[i], data);
	if (bench.options.json)
		print_json(&bench, cpu);
	json_object_put(bench.rows);
	fpr_board_close(bench.fast);
	fpr_board_close(bench.hls);
	return 0;
}
