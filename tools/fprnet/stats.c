/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "stats.h"

#define SAMPLES 10000

static int order(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double median(double *values, int count)
{
	qsort(values, (size_t)count, sizeof(*values), order);
	return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

/* xorshift64*: every run is to give the same interval. */
static uint32_t random32(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return (uint32_t)(*state * 0x2545f4914f6cdd1dull >> 32);
}

struct interval stats_interval(const double *values, int count)
{
	double *sample = malloc((size_t)count * sizeof(*sample));
	double *medians = malloc(SAMPLES * sizeof(*medians));
	struct interval interval = {NAN, NAN, NAN};
	uint64_t state = 1;

	for (int i = 0; sample && medians && i < SAMPLES; i++) {
		for (int j = 0; j < count; j++)
			sample[j] = values[random32(&state) % (uint32_t)count];
		medians[i] = median(sample, count);
	}
	if (sample && medians) {
		median(medians, SAMPLES);
		memcpy(sample, values, (size_t)count * sizeof(*sample));
		interval = (struct interval){median(sample, count), medians[SAMPLES / 40],
					     medians[SAMPLES - 1 - SAMPLES / 40]};
	}
	free(sample);
	free(medians);
	return interval;
}
