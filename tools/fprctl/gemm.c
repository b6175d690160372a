/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "board.h"
#include "file.h"
#include "fprctl.h"
#include "options.h"
#include "output.h"
#include "print.h"

/* What the command line asked for. */
struct request {
	const char *device, *a, *b, *c, *accumulate;
	uint64_t m, n, k, t;
	int kind, serial, out, ta, tb, json;
	int given_m, given_n, given_k, given_t;
};

#define NUMBER(letter, field, limit, text)                                                    \
	{                                                                                     \
		.name = (letter), .argument = "N", .type = OPTION_NUMBER, .value = &r->field, \
		.max = (limit), .given = &r->given_##field, .help = (text)                    \
	}
#define WORD(word, what, kind_of, field, text)                                       \
	{                                                                            \
		.name = (word), .is_word = 1, .argument = (what), .type = (kind_of), \
		.value = &r->field, .help = (text)                                   \
	}
#define CHOICE(word, what, field, names, text)                                           \
	{                                                                                \
		.name = (word), .is_word = 1, .argument = (what), .type = OPTION_CHOICE, \
		.value = &r->field, .choices = (names), .help = (text)                   \
	}

#define STRING_OF(text) #text
#define STRING(macro) STRING_OF(macro)

static int parse(int argc, char **argv, struct request *r)
{
	const struct option_row rows[] = {
		OPTION_ROW_DEVICE(&r->device),
		NUMBER("m", m, FPR_DIM_MAX, "rows of C"),
		NUMBER("n", n, FPR_DIM_MAX, "columns of C"),
		NUMBER("k", k, FPR_DIM_MAX, "length of the sums; 0 is legal"),
		CHOICE("kind", "KIND", kind, kind_names, "array kind"),
		CHOICE("serial", "SIDE", serial, serial_names, "operand taken term by term"),
		NUMBER("T", t, FPR_T_MAX,
		       "out-of-bounds threshold, at most " STRING(
			       FPR_T_MAX) "; default of the kind"),
		WORD("ta", NULL, OPTION_FLAG, ta, "A's file is K x M"),
		WORD("tb", NULL, OPTION_FLAG, tb, "B's file is N x K"),
		WORD("accumulate", "FILE", OPTION_TEXT, accumulate, "start from this C"),
		CHOICE("out", "TYPE", out, out_names, "type of C"),
		WORD("a", "FILE", OPTION_TEXT, a, "A, M x K bfloat16; not needed when empty"),
		WORD("b", "FILE", OPTION_TEXT, b, "B, K x N bfloat16; not needed when empty"),
		WORD("c", "FILE", OPTION_TEXT, c, "where C goes, M x N; may be --accumulate's"),
		OPTION_ROW_JSON(&r->json),
		{0},
	};
	const struct options options = {
		.command = "gemm",
		.summary = "Computes C = op(A) op(B) [+ C] from raw little-endian row-major files.",
		.rows = rows,
	};

	return options_parse(&options, argc, argv);
}

/* Bytes of the three files; they fit 64 bits as dimensions are limited. */
struct sizes {
	uint64_t a, b, c;
};

static int missing(const char *option)
{
	complain("gemm: %s is missing; see fprctl gemm --help", option);
	return EXIT_USAGE;
}

static int check(const struct request *r, const struct sizes *size)
{
	if (!r->given_m || !r->given_n || !r->given_k)
		return missing(!r->given_m ? "-m" : !r->given_n ? "-n" : "-k");
	if (!r->a && size->a)
		return missing("--a");
	if (!r->b && size->b)
		return missing("--b");
	if (!r->c)
		return missing("--c");
	if (r->m && r->n && r->k && r->m * r->n > FPR_MACS_MAX / r->k) {
		complain("gemm: %llu x %llu x %llu is too large a product",
			 (unsigned long long)r->m, (unsigned long long)r->n,
			 (unsigned long long)r->k);
		return EXIT_USAGE;
	}
	if (r->a && file_check(r->a, size->a))
		return EXIT_USAGE;
	if (r->b && file_check(r->b, size->b))
		return EXIT_USAGE;
	if (r->accumulate && file_check(r->accumulate, size->c))
		return EXIT_USAGE;
	return EXIT_OK;
}

static struct fpr_gemm shape_of(const struct request *r)
{
	struct fpr_gemm_job job;

	fpr_gemm_init(&job, (uint32_t)r->m, (uint32_t)r->n, (uint32_t)r->k);
	job.gemm.kind = (uint8_t)r->kind;
	job.gemm.serial = (uint8_t)r->serial;
	job.gemm.t = r->given_t ? (uint8_t)r->t : fpr_kind_default_t((enum fpr_kind)r->kind);
	job.gemm.out = (uint8_t)r->out;
	job.gemm.trans_a = (uint8_t)r->ta;
	job.gemm.trans_b = (uint8_t)r->tb;
	job.gemm.accumulate = r->accumulate != NULL;
	return job.gemm;
}

static int load(const struct request *r, const struct sizes *size, const struct product *product)
{
	int ret = EXIT_OK;

	if (size->a)
		ret = file_read(r->a, product->a, size->a);
	if (ret == EXIT_OK && size->b)
		ret = file_read(r->b, product->b, size->b);
	if (ret == EXIT_OK && size->c && r->accumulate)
		ret = file_read(r->accumulate, product->c, size->c);
	return ret;
}

static void report(int json, const struct board *board, struct fpr_gemm gemm,
		   const struct fpr_gemm_result *result)
{
	struct printer p, *printer = &p;

	print_start(printer, json);
	gemm.serial = (uint8_t)result->serial;
	print_text(printer, "device", board->info.name);
	print_gemm(printer, &gemm);
	print_counters(printer, &result->counters);
	print_finish(printer);
}

/* Return: EXIT_OK, or EXIT_FAILED after a complaint. */
static int succeeded(const struct board *board, int ret)
{
	if (!ret)
		return EXIT_OK;
	complain("gemm: %s", board_failure(board, ret));
	return EXIT_FAILED;
}

/* The old C goes only when all that can fail has succeeded, the report too. */
static int deliver(const struct request *r, const struct sizes *size, struct board *board,
		   const struct product *product, const struct fpr_gemm_result *result,
		   struct output *output)
{
	int code = output_write(output, product->c, size->c);

	if (code != EXIT_OK)
		return code;
	report(r->json, board, product->job.gemm, result);
	code = flush_output();
	return code == EXIT_OK ? output_commit(output) : code;
}

static int multiply(const struct request *r, const struct sizes *size, struct board *board,
		    struct output *output)
{
	const struct fpr_gemm gemm = shape_of(r);
	struct fpr_gemm_result result;
	struct product product;
	int code;

	code = succeeded(board, product_create(board, &gemm, size->a, size->b, size->c, &product));
	if (code == EXIT_OK)
		code = load(r, size, &product);
	if (code == EXIT_OK)
		code = succeeded(board, product_run(board, &product, "gemm", &result));
	if (code == EXIT_OK)
		code = deliver(r, size, board, &product, &result, output);
	product_destroy(&product);
	return code;
}

int gemm_main(int argc, char **argv)
{
	struct request r = {.device = "local", .kind = FPR_KIND_DEFAULT};
	struct output output;
	struct sizes size;
	struct board board;
	int ret = parse(argc, argv, &r);

	if (ret != OPTIONS_PARSED)
		return ret;
	size.a = r.m * r.k * sizeof(uint16_t);
	size.b = r.k * r.n * sizeof(uint16_t);
	size.c = r.m * r.n * (r.out == FPR_OUT_BF16 ? sizeof(uint16_t) : sizeof(float));
	ret = check(&r, &size);
	if (ret == EXIT_OK)
		ret = board_open(r.device, &board);
	if (ret != EXIT_OK)
		return ret;
	ret = output_open(&output, r.c);
	if (ret == EXIT_OK) {
		ret = multiply(&r, &size, &board, &output);
		output_discard(&output);
	}
	board_close(&board);
	return ret;
}
