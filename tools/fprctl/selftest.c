/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "board.h"
#include "checks.h"
#include "fprctl.h"
#include "geometry.h"
#include "integers.h"
#include "moves.h"
#include "options.h"
#include "progress.h"
#include "vectors.h"
#include "verdict.h"

static void note(struct tally *tally, const char *name, const char *problem)
{
	const struct verdict v = {.name = name,
				  .result = problem ? RESULT_FAILED : RESULT_PASSED,
				  .problem = problem};

	verdict(tally, &v);
}

/* Return: what is wrong, or NULL. */
static const char *compare_vector(const struct vector *vector, const struct board *board,
				  const void *c, const struct fpr_gemm_counters *counters)
{
	for (uint32_t i = 0; i < vector->gemm.m * vector->gemm.n; i++) {
		const uint32_t got = vector->gemm.out == FPR_OUT_BF16 ? ((const uint16_t *)c)[i]
								      : ((const uint32_t *)c)[i];

		if (got != vector->c[i])
			return "wrong bits";
	}
	if (!same_array(&vector_geometry, &board->info))
		return NULL;
	return memcmp(counters, &vector->counters, sizeof(*counters)) ? "wrong counters" : NULL;
}

static const char *check_vector(struct board *board, const struct vector *vector,
				struct vector_operands *operands)
{
	const struct fpr_gemm *gemm = &vector->gemm;
	const int narrow = gemm->out == FPR_OUT_BF16;
	const uint64_t a_bytes = sizeof(uint16_t) * gemm->m * gemm->k;
	const uint64_t b_bytes = sizeof(uint16_t) * gemm->k * gemm->n;
	const uint64_t c_bytes = (narrow ? sizeof(uint16_t) : sizeof(uint32_t)) * gemm->m * gemm->n;
	struct fpr_gemm_result result;
	struct product product;
	const char *problem;
	int ret;

	vector_fill(vector, operands);
	ret = product_create(board, gemm, a_bytes, b_bytes, c_bytes, &product);
	if (!ret) {
		if (a_bytes)
			memcpy(product.a, operands->a, a_bytes);
		if (b_bytes)
			memcpy(product.b, operands->b, b_bytes);
		memcpy(product.c,
		       narrow ? (const void *)operands->c_bf16 : (const void *)operands->c_f32,
		       c_bytes);
		ret = product_run(board, &product, NULL, &result);
	}
	problem = ret ? board_failure(board, ret)
		      : compare_vector(vector, board, product.c, &result.counters);
	product_destroy(&product);
	return problem;
}

static void check_vectors(struct board *board, struct tally *tally)
{
	struct vector_operands *operands = calloc(1, sizeof(*operands));

	if (!operands)
		note(tally, "known answers", "out of memory");
	for (size_t i = 0; operands && i < vector_count; i++)
		note(tally, vector_table[i].name, check_vector(board, &vector_table[i], operands));
	free(operands);
}

/* Shapes beside the tile's and the chunk's edges; the quick test takes the first ones. */
static const struct integer_shape shapes[] = {
	{1, 1, 1, 1},	 {8, 8, 64, 1},	  {9, 7, 65, 2},    {3, 17, 8, 1},
	{16, 8, 128, 1}, {1, 40, 200, 1}, {40, 1, 63, 3},   {24, 24, 513, 1},
	{33, 31, 96, 2}, {5, 6, 1025, 1}, {48, 40, 192, 1},
};

#define N_SHAPES (sizeof(shapes) / sizeof(shapes[0]))
#define N_QUICK 4

static void check_integers(struct board *board, int full, struct tally *tally)
{
	uint64_t done = 0;

	progress_start("integers", full ? FPR_KINDS * N_SHAPES * INTEGER_CHOICES : 0);
	for (unsigned int kind = 0; kind < FPR_KINDS; kind++) {
		const char *problem = NULL;
		char name[40];

		if (!(board->info.kinds >> kind & 1))
			continue;
		for (size_t i = 0; i < (full ? N_SHAPES : N_QUICK) && !problem; i++)
			problem =
				check_integer_shape(board, &shapes[i], (enum fpr_kind)kind, &done);
		snprintf(name, sizeof(name), "integers, %s", kind_names[kind]);
		note(tally, name, problem);
	}
	progress_end();
}

static void check_transfers(struct board *board, int full, struct tally *tally)
{
	note(tally, "transfers, board memory", check_board_memory(board, full));
	check_march(board, full, tally);
	check_integrity(board, full, tally);
	note(tally, "transfers, sums", check_sums(board, full));
	note(tally, "transfers, order", check_order(board, full));
	check_interrupts(board, full, tally);
}

static int run_checks(struct board *board, int full, int json)
{
	struct tally tally = {.is_json = json};
	struct printer *printer = &tally.printer;
	int ok;

	print_start(printer, json);
	print_text(printer, "device", board->info.name);
	print_begin_list(printer, "checks");
	check_vectors(board, &tally);
	check_integers(board, full, &tally);
	check_transfers(board, full, &tally);
	print_end(printer);
	ok = verdict_summary(&tally);
	print_finish(printer);
	return ok ? EXIT_OK : EXIT_FAILED;
}

int selftest_main(int argc, char **argv)
{
	const char *device = "local";
	int quick = 0, full = 0, json = 0, ret;
	struct board board;
	const struct option_row rows[] = {
		OPTION_ROW_DEVICE(&device),
		{.name = "quick",
		 .is_word = 1,
		 .type = OPTION_FLAG,
		 .value = &quick,
		 .help = "the default: seconds, and little memory"},
		{.name = "full",
		 .is_word = 1,
		 .type = OPTION_FLAG,
		 .value = &full,
		 .help = "also the larger shapes, all of the free board memory, every copy"},
		OPTION_ROW_JSON(&json),
		{0},
	};
	const struct options options = {
		.command = "selftest",
		.summary = "Compares a device with known answers and integer arithmetic; tries its "
			   "memory and order.",
		.rows = rows,
	};

	ret = options_parse(&options, argc, argv);
	if (ret != OPTIONS_PARSED)
		return ret;
	if (quick && full) {
		complain("selftest: either --quick or --full; see fprctl selftest --help");
		return EXIT_USAGE;
	}
	ret = board_open(device, &board);
	if (ret != EXIT_OK)
		return ret;
	ret = run_checks(&board, full, json);
	board_close(&board);
	return ret;
}
