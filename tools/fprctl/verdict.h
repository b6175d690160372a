/* SPDX-License-Identifier: MIT */
#ifndef FPR_CTL_VERDICT_H
#define FPR_CTL_VERDICT_H

#include "print.h"

/* How a check ended. */
enum result {
	RESULT_PASSED,
	RESULT_SKIPPED, /* not looked at; the cause says why */
	RESULT_NOTE, /* worth knowing, nothing is wrong */
	RESULT_WARNING, /* works, but not as it should */
	RESULT_FAILED,
	RESULTS,
};

/**
 * struct verdict - what a check found; texts may be NULL
 * @name: of the check
 * @result: how it ended
 * @board: PCI address, where it is about one board among others
 * @detail: what was seen or measured
 * @problem: what is wrong and why, or why it was skipped
 * @remedy: what to do about it
 */
struct verdict {
	const char *name;
	enum result result;
	const char *board, *detail, *problem, *remedy;
};

/* Verdicts so far; @printer has the list of them open. */
struct tally {
	struct printer printer;
	int is_json;
	uint64_t n[RESULTS];
};

/**
 * verdict_begin() - print a verdict, and let values follow that are its own
 * @tally: counts it
 * @verdict: the verdict
 *
 * For the eye it is a line, with the problem and the remedy below; values go to JSON only.
 */
void verdict_begin(struct tally *tally, const struct verdict *verdict);
void verdict_end(struct tally *tally);

/* Both, with no values. */
void verdict(struct tally *tally, const struct verdict *verdict);

/* How many ended how: passed, failed, ... Return: 1 when nothing is wrong. */
int verdict_summary(struct tally *tally);

#endif
