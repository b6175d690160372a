/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fprctl.h"
#include "options.h"

/* Return values of getopt_long() for words, beyond every letter. */
#define WORD_BASE 0x100
#define HELP (WORD_BASE + OPTIONS_MAX)

static void show_row(const char *dashes, const char *name, const char *argument, const char *help)
{
	char text[40];

	snprintf(text, sizeof(text), "%s%s%s%s", dashes, name, argument ? " " : "",
		 argument ? argument : "");
	printf("  %-24s %s\n", text, help);
}

static int show_help(const struct options *options)
{
	printf("usage: fprctl %s [OPTIONS]%s%s\n\n%s\n\nOptions:\n", options->command,
	       options->operand ? " " : "", options->operand ? options->operand : "",
	       options->summary);
	for (const struct option_row *row = options->rows; row->name; row++)
		show_row(row->is_word ? "--" : "-", row->name, row->argument, row->help);
	show_row("--", "help", NULL, "this text");
	return EXIT_OK;
}

static int bad(const struct options *options, const char *what, const char *text)
{
	complain("%s '%s'; see fprctl %s --help", what, text, options->command);
	return EXIT_USAGE;
}

static int set_number(const struct option_row *row, const char *text)
{
	unsigned long long number;
	char *end;

	errno = 0;
	number = strtoull(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno || number > row->max) {
		complain("%s%s: '%s' is not a number from 0 to %llu", row->is_word ? "--" : "-",
			 row->name, text, (unsigned long long)row->max);
		return EXIT_USAGE;
	}
	*(uint64_t *)row->value = number;
	return OPTIONS_PARSED;
}

static int set_choice(const struct option_row *row, const char *text)
{
	char known[64] = "";

	for (int i = 0; row->choices[i]; i++) {
		if (!strcmp(row->choices[i], text)) {
			*(int *)row->value = i;
			return OPTIONS_PARSED;
		}
		snprintf(known + strlen(known), sizeof(known) - strlen(known), "%s%s",
			 i ? ", " : "", row->choices[i]);
	}
	complain("--%s: '%s' is none of %s", row->name, text, known);
	return EXIT_USAGE;
}

static int set(const struct option_row *row, const char *text)
{
	if (row->given)
		(*row->given)++;
	switch (row->type) {
	case OPTION_FLAG:
		*(int *)row->value = 1;
		return OPTIONS_PARSED;
	case OPTION_TEXT:
		*(const char **)row->value = text;
		return OPTIONS_PARSED;
	case OPTION_NUMBER:
		return set_number(row, text);
	case OPTION_CHOICE:
		return set_choice(row, text);
	}
	return EXIT_USAGE;
}

/* Describes @rows as getopt_long() wants them. */
static void describe(const struct option_row *rows, char *letters, struct option *words)
{
	*letters++ = '+';
	*letters++ = ':';
	for (int i = 0; rows[i].name; i++) {
		if (rows[i].is_word) {
			*words++ = (struct option){rows[i].name, rows[i].argument != NULL, NULL,
						   WORD_BASE + i};
			continue;
		}
		*letters++ = rows[i].name[0];
		if (rows[i].argument)
			*letters++ = ':';
	}
	*letters = 0;
	*words++ = (struct option){"help", 0, NULL, HELP};
	*words = (struct option){0};
}

static const struct option_row *find(const struct option_row *rows, int code)
{
	if (code >= WORD_BASE)
		return &rows[code - WORD_BASE];
	while (rows->name && (rows->is_word || rows->name[0] != code))
		rows++;
	return rows;
}

static int take_operand(const struct options *options, int argc, char **argv)
{
	if (options->operand && optind < argc)
		*options->operand_value = argv[optind++];
	else if (options->operand)
		return bad(options, "missing operand", options->operand);
	if (optind < argc)
		return bad(options, "unexpected argument", argv[optind]);
	return OPTIONS_PARSED;
}

/* Options may stand before and after the operand. */
static void move_operand_last(const struct options *options, int argc, char **argv)
{
	if (options->operand && optind < argc - 1 && argv[optind][0] != '-') {
		char *operand = argv[optind];

		memmove(&argv[optind], &argv[optind + 1],
			(size_t)(argc - 1 - optind) * sizeof(*argv));
		argv[argc - 1] = operand;
	}
}

int options_parse(const struct options *options, int argc, char **argv)
{
	struct option words[OPTIONS_MAX + 2];
	char letters[2 * OPTIONS_MAX + 3];
	int code, ret;

	describe(options->rows, letters, words);
	opterr = 0;
	optind = 1;
	move_operand_last(options, argc, argv);
	while ((code = getopt_long(argc, argv, letters, words, NULL)) != -1) {
		if (code == HELP)
			return show_help(options);
		if (code == '?')
			return bad(options, "unknown option", argv[optind - 1]);
		if (code == ':')
			return bad(options, "missing value after", argv[optind - 1]);
		ret = set(find(options->rows, code), optarg);
		if (ret != OPTIONS_PARSED)
			return ret;
	}
	return take_operand(options, argc, argv);
}
