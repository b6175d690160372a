/* SPDX-License-Identifier: MIT */
#ifndef FPRNET_STATS_H
#define FPRNET_STATS_H

/**
 * struct interval - a median and how sure it is
 * @median: of the values
 * @low: end of the 95 % bootstrap interval
 * @high: likewise
 */
struct interval {
	double median, low, high;
};

/**
 * stats_interval() - the median and its bootstrap interval
 * @values: in any order
 * @count: of them, at least 1
 *
 * Percentiles of the medians of 10,000 samples; the same values give the same interval.
 *
 * Return: the interval; all NaN without memory
 */
struct interval stats_interval(const double *values, int count);

#endif
