/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fprctl.h"
#include "options.h"

/* What options_parse() walks through; the command's name is behind it. */
struct arguments {
	const struct options *options;
	char **next, **end;
	const char *operand;
};

/* ---- help -------------------------------------------------------------- */

/* The names of a choice, with what stands behind one of them. */
static void list_choices(const struct option_row *row, int marked, const char *mark, char *text,
			 size_t size)
{
	*text = 0;
	for (int i = 0; row->choices[i]; i++)
		snprintf(text + strlen(text), size - strlen(text), "%s%s%s", i ? ", " : "",
			 row->choices[i], i == marked ? mark : "");
}

static void show_row(const char *dashes, const char *name, const char *argument, const char *help)
{
	char text[40];

	snprintf(text, sizeof(text), "%s%s%s%s", dashes, name, argument ? " " : "",
		 argument ? argument : "");
	printf("  %-24s %s", text, help);
}

static void show_option(const struct option_row *row)
{
	char choices[80];

	show_row(row->is_word ? "--" : "-", row->name, row->argument, row->help);
	if (row->type == OPTION_CHOICE) {
		list_choices(row, *(int *)row->value, " (default)", choices, sizeof(choices));
		printf(": %s", choices);
	}
	putchar('\n');
}

static int show_help(const struct options *options)
{
	printf("usage: %s %s [OPTIONS]%s%s\n\n%s\n\nOptions:\n", program_name, options->command,
	       options->operand ? " " : "", options->operand ? options->operand : "",
	       options->summary);
	for (const struct option_row *row = options->rows; row->name; row++)
		show_option(row);
	show_row("--", "help", NULL, "this text\n");
	return EXIT_OK;
}

/* ---- values ------------------------------------------------------------ */

static int set_number(const struct option_row *row, const char *text, unsigned int min)
{
	unsigned long long number;
	char *end;

	errno = 0;
	number = strtoull(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno || number < min || number > row->max) {
		complain("%s%s: '%s' is not a number from %u to %llu", row->is_word ? "--" : "-",
			 row->name, text, min, (unsigned long long)row->max);
		return EXIT_USAGE;
	}
	*(uint64_t *)row->value = number;
	return OPTIONS_PARSED;
}

static int set_seconds(const struct option_row *row, const char *text)
{
	double seconds;
	char *end;

	seconds = strtod(text, &end);
	if (*text < '0' || *text > '9' || *end || seconds < 0.001 ||
	    seconds > (double)row->max / 1000) {
		complain("%s%s: '%s' is not a number from 0.001 to %llu", row->is_word ? "--" : "-",
			 row->name, text, (unsigned long long)row->max / 1000);
		return EXIT_USAGE;
	}
	*(uint64_t *)row->value = (uint64_t)(seconds * 1000);
	return OPTIONS_PARSED;
}

static int set_choice(const struct option_row *row, const char *text)
{
	char known[64];

	for (int i = 0; row->choices[i]; i++) {
		if (!strcmp(row->choices[i], text)) {
			*(int *)row->value = i;
			return OPTIONS_PARSED;
		}
	}
	list_choices(row, -1, "", known, sizeof(known));
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
		return set_number(row, text, 0);
	case OPTION_COUNT:
		return set_number(row, text, 1);
	case OPTION_SECONDS:
		return set_seconds(row, text);
	case OPTION_CHOICE:
		return set_choice(row, text);
	}
	return EXIT_USAGE;
}

/* ---- the command line -------------------------------------------------- */

/* Complains of the @size characters at @text. */
static int bad(const struct options *options, const char *what, const char *text, size_t size)
{
	complain("%s '%.*s'; see %s %s --help", what, (int)size, text, program_name,
		 options->command);
	return EXIT_USAGE;
}

static int bad_argument(const struct options *options, const char *what, const char *text)
{
	return bad(options, what, text, strlen(text));
}

static const struct option_row *find(const struct option_row *rows, int is_word, const char *name,
				     size_t size)
{
	for (; rows->name; rows++)
		if (rows->is_word == is_word && strlen(rows->name) == size &&
		    !memcmp(rows->name, name, size))
			return rows;
	return NULL;
}

/* An option's value stands in the same argument, as @inside, or is the next one. */
static int take_value(struct arguments *arguments, const struct option_row *row, const char *inside,
		      const char *option, size_t size)
{
	if (!inside && arguments->next == arguments->end)
		return bad(arguments->options, "missing value after", option, size);
	return set(row, inside ? inside : *arguments->next++);
}

static int take_word(struct arguments *arguments, const char *argument)
{
	const struct options *options = arguments->options;
	const size_t size = strcspn(argument, "=");
	const char *value = argument[size] ? argument + size + 1 : NULL;
	const struct option_row *row = find(options->rows, 1, argument + 2, size - 2);
	const int is_help = size == strlen("--help") && !memcmp(argument, "--help", size);

	if (!row && !is_help)
		return bad(options, "unknown option", argument, size);
	if (value && (is_help || !row->argument))
		return bad(options, "no value belongs to", argument, size);
	if (is_help)
		return show_help(options);
	return row->argument ? take_value(arguments, row, value, argument, size) : set(row, NULL);
}

/* Letters may share an argument; a value ends it. */
static int take_letters(struct arguments *arguments, const char *argument)
{
	for (const char *letter = argument + 1; *letter; letter++) {
		const struct option_row *row = find(arguments->options->rows, 0, letter, 1);
		const char option[] = {'-', *letter, 0};
		int ret;

		if (!row)
			return bad_argument(arguments->options, "unknown option", option);
		if (row->argument)
			return take_value(arguments, row, letter[1] ? letter + 1 : NULL, option,
					  strlen(option));
		ret = set(row, NULL);
		if (ret != OPTIONS_PARSED)
			return ret;
	}
	return OPTIONS_PARSED;
}

static int take_operand(struct arguments *arguments, const char *argument)
{
	if (!arguments->options->operand || arguments->operand)
		return bad_argument(arguments->options, "unexpected argument", argument);
	arguments->operand = argument;
	return OPTIONS_PARSED;
}

static int take(struct arguments *arguments, int *only_operands)
{
	const char *argument = *arguments->next++;

	if (*only_operands || argument[0] != '-' || !argument[1])
		return take_operand(arguments, argument);
	if (!strcmp(argument, "--")) {
		*only_operands = 1;
		return OPTIONS_PARSED;
	}
	return argument[1] == '-' ? take_word(arguments, argument)
				  : take_letters(arguments, argument);
}

int options_parse(const struct options *options, int argc, char **argv)
{
	struct arguments arguments = {options, argv + 1, argv + argc, NULL};
	int only_operands = 0, ret = OPTIONS_PARSED;

	while (arguments.next < arguments.end && ret == OPTIONS_PARSED)
		ret = take(&arguments, &only_operands);
	if (ret != OPTIONS_PARSED)
		return ret;
	if (options->operand && !arguments.operand)
		return bad_argument(options, "missing operand", options->operand);
	if (options->operand)
		*options->operand_value = arguments.operand;
	return OPTIONS_PARSED;
}
