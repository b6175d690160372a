/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>

#include <cmocka.h>

#include "sync/fpr_sync_core.h"

/* The tuner against made-up costs whose best point is known. */

typedef uint64_t (*cost_of)(const struct fpr_sync_config *config);

static uint64_t distance(double value, double best)
{
	return (uint64_t)(1e6 * fabs(log2(value / best)));
}

static uint64_t bowl(const struct fpr_sync_config *c)
{
	uint64_t window = c->window_total_bytes ? c->window_total_bytes : 1ull << 40;

	return 100000000 + distance(c->slice_bytes, 1 << 20) +
	       distance(c->slice_max_bytes, 4 << 20) + distance((double)window, 1 << 22);
}

/* Nothing to hide: every message costs. */
static uint64_t messages_only(const struct fpr_sync_config *c)
{
	return 100000000 + 10000000000ull / c->slice_bytes;
}

static uint64_t flat(const struct fpr_sync_config *c)
{
	return c->slice_bytes ? 100000000 : 0;
}

static uint32_t tune_from(const struct fpr_sync_config *start, cost_of cost,
			  struct fpr_sync_config *result)
{
	static const struct fpr_sync_tensor tensor = {64, 0};
	struct fpr_sync_tuner tuner;
	struct fpr_sync_config after;
	uint32_t trials = 0;
	uint64_t ns = 0;

	fpr_sync_tuner_init(&tuner, start);
	while (fpr_sync_tuner_next(&tuner, ns, result) == 1) {
		struct fpr_sync_plan *plan;

		assert_int_equal(fpr_sync_plan_create(result, &tensor, 1, &plan), 0);
		fpr_sync_plan_destroy(plan);
		ns = cost(result);
		trials++;
		assert_true(trials <= FPR_SYNC_TUNE_TRIALS);
	}
	/* Done stays done. */
	assert_int_equal(fpr_sync_tuner_next(&tuner, 1, &after), 0);
	assert_int_equal(after.slice_bytes, result->slice_bytes);
	return trials;
}

static uint32_t tune(cost_of cost, struct fpr_sync_config *result)
{
	struct fpr_sync_config start;

	fpr_sync_config_init(&start, FPR_SYNC_BEST, 4);
	return tune_from(&start, cost, result);
}

static void test_finds_the_bottom(void **state)
{
	struct fpr_sync_config result;

	(void)state;
	tune(bowl, &result);
	assert_int_equal(result.slice_bytes, 1 << 20);
	assert_int_equal(result.slice_max_bytes, 4 << 20);
	assert_int_equal(result.window_total_bytes, 1 << 22);
	assert_int_equal(result.fuse_bytes, 1 << 18);
}

/* No growth may be said in any way that means none. */
static void test_slack_from_nothing(void **state)
{
	struct fpr_sync_config start, result;

	(void)state;
	fpr_sync_config_init(&start, FPR_SYNC_BEST, 4);
	start.slice_max_bytes = 0;
	tune_from(&start, bowl, &result);
	assert_int_equal(result.slice_max_bytes, 4 << 20);
}

/* Every trial makes a plan, wherever the search begins. */
static void test_stays_valid(void **state)
{
	struct fpr_sync_config start, result;

	(void)state;
	fpr_sync_config_init(&start, FPR_SYNC_BEST, 4);
	start.slice_max_bytes = FPR_SYNC_SLICE_MAX;
	start.fuse_bytes = FPR_SYNC_SLICE_MAX;
	tune_from(&start, messages_only, &result);
	tune_from(&start, bowl, &result);
}

static void test_steps_aside(void **state)
{
	struct fpr_sync_config result;

	(void)state;
	tune(messages_only, &result);
	assert_int_equal(result.slice_bytes, 1 << 20);
	assert_int_equal(result.window_total_bytes, 0);
	assert_true(tune(flat, &result) <= 8);
	assert_int_equal(result.slice_bytes, 1 << 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_finds_the_bottom),
		cmocka_unit_test(test_slack_from_nothing),
		cmocka_unit_test(test_stays_valid),
		cmocka_unit_test(test_steps_aside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
