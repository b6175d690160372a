/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "board.h"
#include "fprctl.h"
#include "geometry.h"
#include "integers.h"
#include "moves.h"
#include "options.h"
#include "print.h"
#include "vectors.h"

/* Checks so far; the printer has the list of them open. */
struct tally {
	struct printer printer;
	uint64_t passed, failed;
};

static void note(struct tally *tally, const char *name, const char *problem)
{
	print_begin_object(&tally->printer, NULL);
	print_text(&tally->printer, "name", name);
	print_flag(&tally->printer, "ok", !problem);
	if (problem)
		print_text(&tally->printer, "problem", problem);
	print_end(&tally->printer);
	tally->passed += !problem;
	tally->failed += problem != NULL;
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
	const char *problem = "cannot run";
	struct fpr_gemm_result result;
	struct product product;

	vector_fill(vector, operands);
	if (!product_create(board, gemm, a_bytes, b_bytes, c_bytes, &product)) {
		if (a_bytes)
			memcpy(product.a, operands->a, a_bytes);
		if (b_bytes)
			memcpy(product.b, operands->b, b_bytes);
		memcpy(product.c,
		       narrow ? (const void *)operands->c_bf16 : (const void *)operands->c_f32,
		       c_bytes);
		if (!product_run(board, &product, &result))
			problem = compare_vector(vector, board, product.c, &result.counters);
	}
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
	for (unsigned int kind = 0; kind < FPR_KINDS; kind++) {
		const char *problem = NULL;
		char name[40];

		if (!(board->info.kinds >> kind & 1))
			continue;
		for (size_t i = 0; i < (full ? N_SHAPES : N_QUICK) && !problem; i++)
			problem = check_integer_shape(board, &shapes[i], (enum fpr_kind)kind);
		snprintf(name, sizeof(name), "integers, %s", kind_names[kind]);
		note(tally, name, problem);
	}
}

static void check_transfers(struct board *board, int full, struct tally *tally)
{
	note(tally, "transfers, board memory", check_board_memory(board, full));
	note(tally, "transfers, copies", check_copies(board, full));
	note(tally, "transfers, sums", check_sums(board, full));
	note(tally, "transfers, order", check_order(board, full));
}

static int run_checks(struct board *board, int full, int json)
{
	struct tally tally = {.passed = 0};
	struct printer *printer = &tally.printer;

	print_start(printer, json);
	print_text(printer, "device", board->info.name);
	print_begin_list(printer, "checks");
	check_vectors(board, &tally);
	check_integers(board, full, &tally);
	check_transfers(board, full, &tally);
	print_end(printer);
	print_number(printer, "passed", tally.passed);
	print_number(printer, "failed", tally.failed);
	print_flag(printer, "ok", !tally.failed);
	print_finish(printer);
	return tally.failed ? EXIT_FAILED : EXIT_OK;
}

int selftest_main(int argc, char **argv)
{
	const char *device = "local";
	int full = 0, json = 0, ret;
	struct board board;
	const struct option_row rows[] = {
		OPTION_ROW_DEVICE(&device),
		{.name = "full",
		 .is_word = 1,
		 .type = OPTION_FLAG,
		 .value = &full,
		 .help = "also the larger shapes, and more board memory"},
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
	ret = board_open(device, &board);
	if (ret != EXIT_OK)
		return ret;
	ret = run_checks(&board, full, json);
	board_close(&board);
	return ret;
}
