/* SPDX-License-Identifier: MIT */
#ifndef FPR_OPTIONS_H
#define FPR_OPTIONS_H

#include <stdint.h>

/* What options_parse() returns when the command should go on. */
#define OPTIONS_PARSED (-1)

enum option_type {
	OPTION_FLAG, /* int: set to 1 */
	OPTION_TEXT, /* const char * */
	OPTION_NUMBER, /* uint64_t: decimal, at most @max */
	OPTION_COUNT, /* the same, at least 1 */
	OPTION_SECONDS, /* uint64_t: milliseconds, from 1 to @max; given in seconds, such as 0.5 */
	OPTION_CHOICE, /* int: index into @choices, which ends with NULL */
};

/**
 * struct option_row - one option of a command
 * @name: a letter for -x, a word or letter with @is_word for --word
 * @is_word: 1 for a --word
 * @argument: what its value is called in --help, NULL for a flag
 * @help: one line; a choice's names and default are added
 * @type: of @value
 * @value: where the value goes; left as it is when the option is not given
 * @max: of a number
 * @choices: of a choice
 * @given: counted up when not NULL
 */
struct option_row {
	const char *name;
	int is_word;
	const char *argument, *help;
	enum option_type type;
	void *value;
	uint64_t max;
	const char *const *choices;
	int *given;
};

/**
 * struct options - a command's options
 * @command: its name
 * @summary: one line
 * @rows: ends with a row without a name
 * @operand: what the one operand is called, or its choices between bars, NULL when there is
 *	none; required
 * @operand_value: where it goes
 */
struct options {
	const char *command, *summary;
	const struct option_row *rows;
	const char *operand;
	const char **operand_value;
};

#define OPTION_ROW_DEVICE(where)                                                                  \
	{                                                                                         \
		.name = "device", .is_word = 1, .argument = "NAME", .type = OPTION_TEXT,          \
		.value = (where), .help = "local, an index, PCI address or accelN; default local" \
	}

#define OPTION_ROW_BOARD(where)                                                          \
	{                                                                                \
		.name = "device", .is_word = 1, .argument = "NAME", .type = OPTION_TEXT, \
		.value = (where), .help = "the board: an index, PCI address or accelN"   \
	}

#define OPTION_ROW_JSON(where)                                                       \
	{                                                                            \
		.name = "json", .is_word = 1, .type = OPTION_FLAG, .value = (where), \
		.help = "print JSON"                                                 \
	}

/**
 * options_parse() - read the command line, or show the command's help
 * @options: the command's
 * @argc: with the command's name first
 * @argv: likewise
 *
 * Options and operand may stand in any order; "--" ends the options. Names are
 * taken whole: an abbreviation would change its meaning with the next option.
 *
 * Return: OPTIONS_PARSED, or an exit code: help was shown, or a complaint made
 */
int options_parse(const struct options *options, int argc, char **argv);

#endif
