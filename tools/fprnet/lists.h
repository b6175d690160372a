/* SPDX-License-Identifier: MIT */
#ifndef FPRNET_LISTS_H
#define FPRNET_LISTS_H

#include <stdint.h>

#define LIST_MAX 256

/**
 * struct numbers - bandwidths or node counts from the command line
 * @values: in the order given
 * @count: of them
 */
struct numbers {
	double values[LIST_MAX];
	int count;
};

/**
 * numbers_parse() - read "1,2,4", "1:10" or "1:10:0.5", or commas between these
 * @option: for the complaint
 * @text: from the command line
 * @low: the least that is legal
 * @high: the most
 * @numbers: filled in
 * Return: EXIT_OK, or EXIT_USAGE after a complaint
 */
int numbers_parse(const char *option, const char *text, double low, double high,
		  struct numbers *numbers);

/* Every whole number from @low to @high. */
void numbers_whole(double low, double high, struct numbers *numbers);

/**
 * modes_parse() - read mode names between commas
 * @text: from the command line, NULL for all modes
 * @modes: filled in with enum fpr_sync_mode, each once and fifo first; room for FPR_SYNC_MODES
 * @count: set
 * Return: EXIT_OK, or EXIT_USAGE after a complaint
 */
int modes_parse(const char *text, int *modes, int *count);

#endif
