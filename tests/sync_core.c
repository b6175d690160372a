/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/sync_world.h"

/*
 * Worlds with events in random order. What holds at each decision is checked in
 * common/sync_world.c: priorities, windows, sums in rank order, values bit for bit; at the end
 * that nothing is left, and that every byte went exactly once to each place it had to go to.
 */

static struct world world;

static void run(const struct fpr_sync_config *config, uint32_t tensors, uint64_t seed,
		uint32_t flags)
{
	struct fpr_sync_tensor model[WORLD_TENSORS];

	world_model(model, tensors, seed);
	world_open(&world, config, model, tensors, 3, seed, flags);
	world_run(&world);
	world_close(&world);
}

static void test_modes(void **state)
{
	(void)state;
	for (int mode = 0; mode < FPR_SYNC_MODES; mode++) {
		for (uint32_t ranks = 1; ranks <= WORLD_RANKS; ranks += ranks < 4 ? 1 : 5) {
			struct fpr_sync_config config;

			assert_int_equal(fpr_sync_config_init(&config, mode, ranks), 0);
			/* Sizes to fit the models here. */
			config.split_bytes = config.split_bytes ? 8000 : 0;
			config.slice_bytes = config.slice_bytes ? 3200 : 0;
			config.slice_max_bytes = 6400;
			config.fuse_bytes = config.fuse_bytes ? 1500 : 0;
			config.window_bytes = config.window_bytes ? 8000 : 0;
			config.window_total_bytes = config.window_total_bytes ? 9000 : 0;
			for (uint64_t seed = 1; seed <= 4; seed++)
				run(&config, 12 + seed, seed * 10 + ranks, (uint32_t)seed);
		}
	}
}

/* Any configuration that passes the check works, presets or not. */
static void random_config(struct fpr_sync_config *config, struct world *dice)
{
	const uint32_t ranks = 1 + world_below(dice, WORLD_RANKS);

	*config = (struct fpr_sync_config){
		.ranks = ranks,
		.workers = 1 + world_below(dice, ranks),
		.first_server = world_below(dice, ranks),
		.placement = world_below(dice, FPR_SYNC_PLACEMENTS),
		.flags = world_below(dice, FPR_SYNC_FLAGS + 1),
		.split_bytes = world_below(dice, 2) ? world_below(dice, 20000) : 0,
		.slice_bytes = world_below(dice, 4) ? 1 + world_below(dice, 9000) : 0,
		.slice_max_bytes = world_below(dice, 2) ? world_below(dice, 20000) : 0,
		.fuse_bytes = world_below(dice, 2) ? world_below(dice, 5000) : 0,
		.window_messages = world_below(dice, 4),
		.window_bytes = world_below(dice, 2) ? 1 + world_below(dice, 20000) : 0,
		.window_total_bytes = world_below(dice, 2) ? 1 + world_below(dice, 20000) : 0,
		.lanes = 1,
	};
	config->servers = 1 + world_below(dice, ranks - config->first_server);
}

static void test_configurations(void **state)
{
	struct world dice = {.random = 77};

	(void)state;
	for (uint64_t seed = 1; seed <= 150; seed++) {
		struct fpr_sync_config config;

		random_config(&config, &dice);
		run(&config, 1 + world_below(&dice, WORLD_TENSORS / 2), seed,
		    world_below(&dice, 8));
	}
}

/* ---- one core, by hand ------------------------------------------------- */

static struct fpr_sync_core *make(struct fpr_sync_config *config,
				  const struct fpr_sync_tensor *tensors, uint32_t count,
				  uint32_t rank, struct fpr_sync_plan **plan)
{
	struct fpr_sync_core *core;

	assert_int_equal(fpr_sync_plan_create(config, tensors, count, plan), 0);
	assert_int_equal(fpr_sync_core_create(*plan, rank, 0, &core), 0);
	return core;
}

static int next_send(struct fpr_sync_core *core, struct fpr_sync_action *action)
{
	while (fpr_sync_next(core, action) == 1)
		if (action->verb == FPR_SYNC_SEND)
			return 1;
	return 0;
}

/* A late urgent tensor overtakes at the next slice, no sooner and no later. */
static void test_overtaking(void **state)
{
	static const struct fpr_sync_tensor tensors[] = {{6400, 0}, {64000, 1}};
	struct fpr_sync_config config;
	struct fpr_sync_action action;
	struct fpr_sync_counters counters;
	struct fpr_sync_core *core;
	struct fpr_sync_plan *plan;

	(void)state;
	fpr_sync_config_init(&config, FPR_SYNC_BEST, 2);
	config.workers = 1;
	config.first_server = 1;
	config.servers = 1;
	config.slice_bytes = config.slice_max_bytes = config.window_total_bytes = 6400;
	config.fuse_bytes = 0;
	core = make(&config, tensors, 2, 0, &plan);
	assert_int_equal(fpr_sync_gradient(core, 1, 0, 64000, 1), 0);
	assert_int_equal(next_send(core, &action), 1);
	assert_int_equal(action.priority, 1);
	assert_int_equal(next_send(core, &action), 0);
	assert_int_equal(fpr_sync_gradient(core, 0, 0, 6400, 2), 0);
	assert_int_equal(next_send(core, &action), 0);
	assert_int_equal(fpr_sync_sent(core, 1, FPR_SYNC_PUSH, 1), 0);
	assert_int_equal(next_send(core, &action), 1);
	assert_int_equal(action.priority, 0);
	fpr_sync_counters(core, &counters);
	assert_int_equal(counters.preemptions, 1);
	assert_int_equal(counters.messages, 2);
	fpr_sync_core_destroy(core);
	fpr_sync_plan_destroy(plan);
}

/* What does not fit is refused, and changes nothing. */
static void test_refusals(void **state)
{
	static const struct fpr_sync_tensor tensors[] = {{400, 0}, {8000, 1}};
	struct fpr_sync_config config;
	struct fpr_sync_action action;
	struct fpr_sync_core *core;
	struct fpr_sync_plan *plan;

	(void)state;
	fpr_sync_config_init(&config, FPR_SYNC_P3_GLOBAL, 2);
	config.slice_bytes = 4000;
	core = make(&config, tensors, 2, 0, &plan);
	/* Slices: 0 of tensor 0 on server 0, 1 and 2 of tensor 1 on servers 1 and 0. */
	assert_int_equal(fpr_sync_gradient(core, 2, 0, 4, 1), -EINVAL);
	assert_int_equal(fpr_sync_gradient(core, 0, 0, 0, 1), -EINVAL);
	assert_int_equal(fpr_sync_gradient(core, 0, 4, 400, 1), -EINVAL);
	assert_int_equal(fpr_sync_gradient(core, 0, 400, UINT64_MAX, 1), -EINVAL);
	assert_int_equal(fpr_sync_gradient(NULL, 0, 0, 4, 1), -EINVAL);
	assert_int_equal(fpr_sync_ready(core, 2), -EINVAL);
	assert_int_equal(fpr_sync_received(core, 0, FPR_SYNC_PUSH, 0, 1), -EINVAL);
	assert_int_equal(fpr_sync_received(core, 2, FPR_SYNC_PUSH, 0, 1), -EINVAL);
	assert_int_equal(fpr_sync_received(core, 1, FPR_SYNC_PUSH, 3, 1), -EINVAL);
	assert_int_equal(fpr_sync_received(core, 1, FPR_SYNC_PUSH, 1, 1), -EINVAL);
	assert_int_equal(fpr_sync_received(core, 1, FPR_SYNC_REPLY, 0, 1), -EINVAL);
	assert_int_equal(fpr_sync_received(core, 1, 9, 0, 1), -EINVAL);
	assert_int_equal(fpr_sync_received(core, 1, FPR_SYNC_PULL, 0, 1), -EPROTO);
	assert_int_equal(fpr_sync_received(core, 1, FPR_SYNC_REPLY, 1, 1), -EPROTO);
	assert_int_equal(fpr_sync_received(core, 1, FPR_SYNC_NOTIFY, 1, 1), -EPROTO);
	assert_int_equal(fpr_sync_aggregated(core, 0), -EPROTO);
	assert_int_equal(fpr_sync_aggregated(core, 1), -EINVAL);
	assert_int_equal(fpr_sync_sent(core, 1, FPR_SYNC_PUSH, 1), -EPROTO);
	assert_int_equal(fpr_sync_sent(core, 1, 9, 1), -EINVAL);
	assert_int_equal(fpr_sync_credit(core, 1, FPR_SYNC_PUSH, 1), -EINVAL);
	assert_int_equal(fpr_sync_idle(core), 1);
	assert_int_equal(fpr_sync_next(core, &action), 0);

	assert_int_equal(fpr_sync_received(core, 1, FPR_SYNC_PUSH, 0, 1), 0);
	assert_int_equal(fpr_sync_received(core, 1, FPR_SYNC_PUSH, 0, 1), -EPROTO);
	assert_int_equal(fpr_sync_gradient(core, 1, 0, 6000, 1), 0);
	assert_int_equal(fpr_sync_gradient(core, 1, 0, 4000, 1), -EPROTO);
	assert_int_equal(fpr_sync_gradient(core, 1, 4000, 4000, 1), -EPROTO);
	assert_int_equal(next_send(core, &action), 1);
	assert_int_equal(action.slice, 1);
	assert_int_equal(fpr_sync_sent(core, 1, FPR_SYNC_PUSH, 1), 0);
	assert_int_equal(fpr_sync_received(core, 1, FPR_SYNC_REPLY, 1, 2), 0);
	assert_int_equal(fpr_sync_received(core, 1, FPR_SYNC_REPLY, 1, 2), -EPROTO);
	/* The slice is new again, but its tensor's step is not over. */
	assert_int_equal(fpr_sync_gradient(core, 1, 0, 4000, 2), -EPROTO);
	assert_int_equal(fpr_sync_ready(core, 1), 0);
	fpr_sync_core_destroy(core);
	fpr_sync_plan_destroy(plan);
}

/* Nothing is pulled that was not told of. */
static void test_pull(void **state)
{
	static const struct fpr_sync_tensor tensor = {400, 0};
	struct fpr_sync_config config;
	struct fpr_sync_action action;
	struct fpr_sync_core *core;
	struct fpr_sync_plan *plan;

	(void)state;
	fpr_sync_config_init(&config, FPR_SYNC_FIFO, 2);
	core = make(&config, &tensor, 1, 0, &plan);
	assert_int_equal(fpr_sync_received(core, 1, FPR_SYNC_PULL, 0, 1), -EPROTO);
	assert_int_equal(fpr_sync_next(core, &action), 0);
	fpr_sync_core_destroy(core);
	fpr_sync_plan_destroy(plan);
}

/* Waiting counts as blocked wherever the message waits. */
static void test_blocked(void **state)
{
	static const struct fpr_sync_tensor tensor = {12800, 0};

	(void)state;
	for (uint32_t skip = 0; skip < 2; skip++) {
		struct fpr_sync_config config;
		struct fpr_sync_action action;
		struct fpr_sync_counters counters;
		struct fpr_sync_core *core;
		struct fpr_sync_plan *plan;

		fpr_sync_config_init(&config, FPR_SYNC_BEST, 2);
		config.workers = config.first_server = config.servers = 1;
		config.slice_bytes = config.slice_max_bytes = 6400;
		config.window_total_bytes = 0;
		config.window_messages = 1;
		config.flags &= skip ? ~0u : ~FPR_SYNC_SKIP_BLOCKED;
		core = make(&config, &tensor, 1, 0, &plan);
		assert_int_equal(fpr_sync_gradient(core, 0, 0, 12800, 1), 0);
		assert_int_equal(next_send(core, &action), 1);
		assert_int_equal(next_send(core, &action), 0);
		fpr_sync_counters(core, &counters);
		assert_int_equal(counters.blocked, 1);
		fpr_sync_core_destroy(core);
		fpr_sync_plan_destroy(plan);
	}
}

/* A later step is less urgent, whatever its layer: it overtakes nothing. */
static void test_no_overtaking(void **state)
{
	static const struct fpr_sync_tensor tensors[] = {{6400, 0}, {6400, 1}};
	struct fpr_sync_config config;
	struct fpr_sync_action action;
	struct fpr_sync_counters counters;
	struct fpr_sync_core *core;
	struct fpr_sync_plan *plan;

	(void)state;
	fpr_sync_config_init(&config, FPR_SYNC_BEST, 2);
	config.workers = config.first_server = config.servers = 1;
	config.fuse_bytes = 0;
	core = make(&config, tensors, 2, 0, &plan);
	assert_int_equal(fpr_sync_gradient(core, 0, 0, 6400, 1), 0);
	assert_int_equal(next_send(core, &action), 1);
	assert_int_equal(fpr_sync_sent(core, 1, FPR_SYNC_PUSH, 0), 0);
	assert_int_equal(fpr_sync_received(core, 1, FPR_SYNC_REPLY, 0, 1), 0);
	/* Step 1 of tensor 1, then step 2 of both. */
	assert_int_equal(fpr_sync_gradient(core, 1, 0, 6400, 1), 0);
	assert_int_equal(next_send(core, &action), 1);
	assert_int_equal(action.slice, 1);
	assert_int_equal(fpr_sync_sent(core, 1, FPR_SYNC_PUSH, 1), 0);
	assert_int_equal(fpr_sync_received(core, 1, FPR_SYNC_REPLY, 1, 1), 0);
	assert_int_equal(fpr_sync_gradient(core, 1, 0, 6400, 1), 0);
	assert_int_equal(fpr_sync_gradient(core, 0, 0, 6400, 1), 0);
	assert_int_equal(next_send(core, &action), 1);
	assert_int_equal(action.slice, 0);
	fpr_sync_counters(core, &counters);
	assert_int_equal(counters.preemptions, 0);
	fpr_sync_core_destroy(core);
	fpr_sync_plan_destroy(plan);
}

static void test_one_rank(void **state)
{
	static const struct fpr_sync_tensor tensors[] = {{400, 0}, {800000, 1}};

	(void)state;
	for (int mode = 0; mode < FPR_SYNC_MODES; mode++) {
		struct fpr_sync_config config;
		struct fpr_sync_counters counters;
		struct fpr_sync_action action;
		struct fpr_sync_core *core;
		struct fpr_sync_plan *plan;

		fpr_sync_config_init(&config, mode, 1);
		core = make(&config, tensors, 2, 0, &plan);
		assert_int_equal(fpr_sync_gradient(core, 1, 0, 800000, 1), 0);
		assert_int_equal(fpr_sync_gradient(core, 0, 0, 400, 1), 0);
		while (fpr_sync_next(core, &action) == 1)
			if (action.verb == FPR_SYNC_AGGREGATE)
				assert_int_equal(fpr_sync_aggregated(core, action.slice), 0);
		assert_int_equal(fpr_sync_ready(core, 0), 1);
		assert_int_equal(fpr_sync_ready(core, 1), 1);
		fpr_sync_counters(core, &counters);
		assert_int_equal(counters.messages, 0);
		fpr_sync_core_destroy(core);
		fpr_sync_plan_destroy(plan);
	}
}

/* The same events give the same actions. */
static uint64_t trace(uint64_t seed)
{
	struct fpr_sync_tensor model[WORLD_TENSORS];
	struct fpr_sync_config config;
	uint64_t hash = 0;

	fpr_sync_config_init(&config, FPR_SYNC_BEST, 4);
	config.slice_bytes = 3200;
	config.window_bytes = config.window_total_bytes = 8000;
	world_model(model, 15, 5);
	world_open(&world, &config, model, 15, 2, seed, WORLD_PARTS);
	while (world_event(&world))
		for (uint32_t i = 0; i < world.message_count; i++)
			hash = (hash ^ world.messages[i].slice ^ world.messages[i].to << 20) *
			       0x100000001b3ull;
	world_close(&world);
	return hash;
}

static void test_determinism(void **state)
{
	(void)state;
	assert_true(trace(3) == trace(3));
	assert_true(trace(3) != trace(4));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_modes),	      cmocka_unit_test(test_configurations),
		cmocka_unit_test(test_overtaking),    cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_pull),	      cmocka_unit_test(test_blocked),
		cmocka_unit_test(test_no_overtaking), cmocka_unit_test(test_one_rank),
		cmocka_unit_test(test_determinism),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
