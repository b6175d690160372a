/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../tools/fprnet/stats.h"

/*
 * Bootstrap intervals of medians against their exact distribution: the median of n draws, n odd, is
 * at most the k-th smallest of n values when more than half of the draws are among these k.
 */

/* Five standard deviations of a share of 0.025 among 10,000 samples. */
#define SHARE_ERROR 0.0078

static double at_most(int n, int k)
{
	const double p = (double)k / n;
	double sum = 0;

	for (int i = n / 2 + 1; i <= n; i++) {
		double ways = 1;

		for (int j = 0; j < i; j++)
			ways = ways * (n - j) / (j + 1);
		sum += ways * pow(p, i) * pow(1 - p, n - i);
	}
	return sum;
}

/* The k-th smallest value is k * k; they stand in another order. */
static void fill(double *values, int n)
{
	for (int i = 0; i < n; i++)
		values[i * 7 % n] = (i + 1.0) * (i + 1);
}

static int rank_of(double value)
{
	const int rank = (int)lround(sqrt(value));

	assert_true(value == (double)rank * rank);
	return rank;
}

static void test_distribution(void **state)
{
	(void)state;
	for (int n = 1; n <= 33; n += 2) {
		double values[33];
		struct interval interval;
		int low, high;

		if (n % 7 == 0)
			continue;
		fill(values, n);
		interval = stats_interval(values, n);
		assert_int_equal(rank_of(interval.median), n / 2 + 1);
		low = rank_of(interval.low);
		high = rank_of(interval.high);
		assert_true(at_most(n, low) > 0.025 - SHARE_ERROR);
		assert_true(at_most(n, low - 1) < 0.025 + SHARE_ERROR);
		assert_true(at_most(n, high) > 0.975 - SHARE_ERROR);
		assert_true(at_most(n, high - 1) < 0.975 + SHARE_ERROR);
	}
}

/* By hand: half of the samples of two have both. */
static void test_few(void **state)
{
	const double two[] = {5, 1}, equal[] = {3, 3, 3, 3};
	struct interval interval = stats_interval(two, 2);

	(void)state;
	assert_true(interval.low == 1 && interval.median == 3 && interval.high == 5);
	interval = stats_interval(equal, 4);
	assert_true(interval.low == 3 && interval.median == 3 && interval.high == 3);
}

static void test_the_same_again(void **state)
{
	double values[10], copy[10];
	struct interval first, second;

	(void)state;
	fill(values, 10);
	memcpy(copy, values, sizeof(copy));
	first = stats_interval(values, 10);
	second = stats_interval(values, 10);
	assert_memory_equal(values, copy, sizeof(copy));
	assert_memory_equal(&first, &second, sizeof(first));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_distribution),
		cmocka_unit_test(test_few),
		cmocka_unit_test(test_the_same_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
