/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "progress.h"
#include "verdict.h"

#define NAME_WIDTH 24

static const char *const result_names[RESULTS] = {
	[RESULT_PASSED] = "passed",   [RESULT_SKIPPED] = "skipped", [RESULT_NOTE] = "note",
	[RESULT_WARNING] = "warning", [RESULT_FAILED] = "failed",
};

/* The name as the eye wants it, and its colour. */
static const char *const marks[RESULTS][2] = {
	[RESULT_PASSED] = {"PASSED", "\033[32m"},   [RESULT_SKIPPED] = {"SKIPPED", ""},
	[RESULT_NOTE] = {"NOTE", "\033[36m"},	    [RESULT_WARNING] = {"WARNING", "\033[33m"},
	[RESULT_FAILED] = {"FAILED", "\033[1;31m"},
};

static int is_coloured(void)
{
	const char *no = getenv("NO_COLOR");

	return isatty(STDOUT_FILENO) && !(no && *no);
}

static void show(const struct verdict *v)
{
	const int colour = is_coloured() && *marks[v->result][1];
	const int short_one = v->result == RESULT_SKIPPED && v->problem;

	printf("%s%-8s%s%-*s", colour ? marks[v->result][1] : "", marks[v->result][0],
	       colour ? "\033[0m" : "", v->board || v->detail || short_one ? NAME_WIDTH : 0,
	       v->name);
	if (v->board)
		printf(" %s%s", v->board, v->detail ? ":" : "");
	if (v->detail)
		printf(" %s", v->detail);
	if (short_one)
		printf(" (%s)", v->problem);
	putchar('\n');
	if (v->problem && !short_one)
		printf("        cause:  %s\n", v->problem);
	if (v->remedy)
		printf("        remedy: %s\n", v->remedy);
}

static void tell(struct printer *printer, const struct verdict *v)
{
	print_begin_object(printer, NULL);
	print_text(printer, "name", v->name);
	print_text(printer, "result", result_names[v->result]);
	print_flag(printer, "ok", v->result < RESULT_WARNING);
	if (v->board)
		print_text(printer, "board", v->board);
	if (v->detail)
		print_text(printer, "detail", v->detail);
	if (v->problem)
		print_text(printer, "problem", v->problem);
	if (v->remedy)
		print_text(printer, "remedy", v->remedy);
}

void verdict_begin(struct tally *tally, const struct verdict *v)
{
	tally->n[v->result]++;
	progress_hide();
	if (tally->is_json)
		tell(&tally->printer, v);
	else
		show(v);
}

void verdict_end(struct tally *tally)
{
	if (tally->is_json)
		print_end(&tally->printer);
}

void verdict(struct tally *tally, const struct verdict *v)
{
	verdict_begin(tally, v);
	verdict_end(tally);
}

int verdict_summary(struct tally *tally)
{
	const int ok = !tally->n[RESULT_WARNING] && !tally->n[RESULT_FAILED];

	for (int i = 0; i < RESULTS; i++)
		if (tally->n[i] || i == RESULT_PASSED || i == RESULT_FAILED || tally->is_json)
			print_number(&tally->printer, result_names[i], tally->n[i]);
	print_flag(&tally->printer, "ok", ok);
	return ok;
}
