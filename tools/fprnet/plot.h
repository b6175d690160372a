/* SPDX-License-Identifier: MIT */
#ifndef FPRNET_PLOT_H
#define FPRNET_PLOT_H

struct json_object;

/**
 * plot() - draw a report
 * @report: as simulate prints it
 * @path: the file, replaced when the drawing is complete
 *
 * Python and matplotlib do the drawing.
 *
 * Return: EXIT_OK, or EXIT_FAILED after a complaint, here or on Python's side
 */
int plot(struct json_object *report, const char *path);

/**
 * plot_check() - could plot() do it? Ask before what takes long
 * @path: the file
 * Return: EXIT_OK, or EXIT_FAILED or, for a name that tells no format, EXIT_USAGE after a complaint
 */
int plot_check(const char *path);

#endif
