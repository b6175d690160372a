/* SPDX-License-Identifier: MIT */
#ifndef FPR_CTL_DOCTOR_H
#define FPR_CTL_DOCTOR_H

#include "places.h"
#include "verdict.h"

/*
 * Checks of why a board does not work. Each looks at one thing, changes nothing, does with
 * the rights it has, and says what it saw, what is wrong and why, and what helps.
 */

/* What a check found; it starts as passed, with no texts. */
struct finding {
	enum result result;
	char detail[200], problem[400], remedy[400];
};

/* Each sets a text; wrong() the result, too. */
__attribute__((format(printf, 2, 3))) void seen(struct finding *f, const char *format, ...);
__attribute__((format(printf, 3, 4))) void wrong(struct finding *f, enum result result,
						 const char *format, ...);
__attribute__((format(printf, 2, 3))) void remedy(struct finding *f, const char *format, ...);

/**
 * struct doctor - what checks know
 * @tally: verdicts so far
 * @boards: on the bus
 * @place: the board that is looked at
 * @release: of the running kernel
 * @is_loaded: the module is
 * @has_headers: what modules for this kernel are built with is there
 * @takes_no_modules: this kernel was built so
 * @module: path of its file for this kernel, without the root; "": there is none
 */
struct doctor {
	struct tally tally;
	size_t boards;
	struct place place;
	char release[80];
	int is_loaded, has_headers, takes_no_modules;
	char module[256];
};

struct check {
	const char *name;
	void (*look)(struct doctor *doctor, struct finding *finding);
};

/* Tables of checks; each ends with one without a name. */
extern const struct check kernel_checks[], machine_checks[], bus_checks[], driver_checks[];

/* Do OpenCL programs find the board's library? A check like the others. */
void look_opencl(struct doctor *doctor, struct finding *f);

/* Fills in what all checks of the module need. */
void module_find(struct doctor *doctor);

/**
 * log_find() - the last line of the kernel's log that holds all of some texts
 * @line: set, without what precedes the message; "" when there is none
 * @size: of @line
 * @first: a text
 * @second: another, or NULL
 * Return: 1: found; 0: not; -errno: the log cannot be read
 */
int log_find(char *line, size_t size, const char *first, const char *second);

#endif
