/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fprnet.h"
#include "lists.h"
#include "sync/fpr_sync_core.h"

static int bad(const char *option, const char *text, double low, double high)
{
	complain("--%s: '%s' is no list of numbers from %g to %g such as 1,2,4 or 1:10 or 1:10:0.5",
		 option, text, low, high);
	return EXIT_USAGE;
}

/* Of a range: first, last, step. Return: what stands behind it, NULL for nonsense */
static const char *take_range(const char *text, double *range)
{
	int parts = 0;
	char *end;

	range[2] = 1;
	for (;;) {
		range[parts] = strtod(text, &end);
		if (end == text || !isfinite(range[parts]))
			return NULL;
		if (*end != ':' || ++parts == 3)
			break;
		text = end + 1;
	}
	if (!parts)
		range[1] = range[0];
	return range[2] > 0 && (!*end || *end == ',') ? end : NULL;
}

int numbers_parse(const char *option, const char *text, double low, double high,
		  struct numbers *numbers)
{
	const char *at = text;
	double range[3];

	numbers->count = 0;
	do {
		at = take_range(at, range);
		if (!at || range[0] < low || range[1] > high || range[1] < range[0])
			return bad(option, text, low, high);
		/* From the first, so that errors of the step do not add up. */
		for (int i = 0; range[0] + i * range[2] <= range[1] * (1 + 1e-12); i++) {
			if (numbers->count == LIST_MAX) {
				complain("--%s: '%s' is more than %d numbers", option, text,
					 LIST_MAX);
				return EXIT_USAGE;
			}
			numbers->values[numbers->count++] = range[0] + i * range[2];
		}
	} while (*at++ == ',');
	return EXIT_OK;
}

void numbers_whole(double low, double high, struct numbers *numbers)
{
	numbers->count = 0;
	for (double x = ceil(low); x <= high && numbers->count < LIST_MAX; x++)
		numbers->values[numbers->count++] = x;
}

static int mode_of(const char *name, size_t size)
{
	for (int mode = 0; mode < FPR_SYNC_MODES; mode++)
		if (strlen(fpr_sync_mode_name(mode)) == size &&
		    !memcmp(fpr_sync_mode_name(mode), name, size))
			return mode;
	return -1;
}

int modes_parse(const char *text, int *modes, int *count)
{
	const char *at = text;
	int wanted[FPR_SYNC_MODES] = {0};

	while (at) {
		const size_t size = strcspn(at, ",");
		const int mode = mode_of(at, size);

		if (mode < 0) {
			complain("--mode: '%s' is no list of fifo, slice, p3, p3-global, best",
				 text);
			return EXIT_USAGE;
		}
		wanted[mode] = 1;
		at = at[size] ? at + size + 1 : NULL;
	}
	*count = 0;
	for (int mode = 0; mode < FPR_SYNC_MODES; mode++)
		if (!text || wanted[mode])
			modes[(*count)++] = mode;
	return EXIT_OK;
}
