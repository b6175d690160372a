/* SPDX-License-Identifier: MIT */
#ifndef FPRCTL_PROGRAM_H
#define FPRCTL_PROGRAM_H

/* What fprctl, fprnet and its ranks share beside their options. */

#include <stdint.h>

/* What errors and help call the program; each main file says it. */
extern const char program_name[];

/* One line on standard error, behind the program's name. */
__attribute__((format(printf, 1, 2))) void complain(const char *format, ...);

/**
 * now_ns() - for times between two calls
 * Return: nanoseconds, of a clock that nobody sets
 */
uint64_t now_ns(void);

#endif
