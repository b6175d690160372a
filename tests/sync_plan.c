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

/* Plans: every byte in exactly one slice, balanced placement, the modes' own rules. */

static struct fpr_sync_plan *plan_of(const struct fpr_sync_config *config,
				     const struct fpr_sync_tensor *tensors, uint32_t count)
{
	struct fpr_sync_plan *plan;

	assert_int_equal(fpr_sync_plan_create(config, tensors, count, &plan), 0);
	return plan;
}

/* Pieces in order cover every tensor from its first byte to its last, once. */
static void check_cover(const struct fpr_sync_plan *plan, const struct fpr_sync_tensor *tensors,
			uint32_t count)
{
	const struct fpr_sync_config *c = fpr_sync_plan_config(plan);
	uint32_t slices, tensor = 0;
	uint64_t at = 0;
	const struct fpr_sync_slice *slice = fpr_sync_plan_slices(plan, &slices);

	for (uint32_t i = 0; i < slices; i++) {
		struct fpr_sync_piece piece;
		uint64_t bytes = 0;

		assert_true(slice[i].server < c->servers);
		assert_int_equal(fpr_sync_plan_piece(plan, i, slice[i].tensors, &piece), -EINVAL);
		for (uint32_t k = 0; k < slice[i].tensors; k++) {
			assert_int_equal(fpr_sync_plan_piece(plan, i, k, &piece), 0);
			assert_int_equal(piece.tensor, tensor);
			assert_int_equal(piece.offset, at);
			at += piece.bytes;
			bytes += piece.bytes;
			assert_true(at <= tensors[tensor].bytes);
			if (at < tensors[tensor].bytes) {
				assert_int_equal(k + 1, slice[i].tensors);
				continue;
			}
			tensor++;
			at = 0;
		}
		assert_int_equal(bytes, slice[i].bytes);
	}
	assert_int_equal(tensor, count);
	assert_int_equal(fpr_sync_plan_piece(plan, slices, 0, &(struct fpr_sync_piece){0}),
			 -EINVAL);
}

/* For the model, and for whatever is consumed before any point. */
static void check_balance(const struct fpr_sync_plan *plan)
{
	const uint32_t servers = fpr_sync_plan_config(plan)->servers;
	uint64_t load[WORLD_RANKS] = {0}, largest = 0;
	uint32_t slices;
	const struct fpr_sync_slice *slice = fpr_sync_plan_slices(plan, &slices);

	for (uint32_t i = 0; i < slices; i++) {
		uint64_t least = UINT64_MAX, most = 0;

		load[slice[i].server] += slice[i].bytes;
		if (slice[i].bytes > largest)
			largest = slice[i].bytes;
		for (uint32_t s = 0; s < servers; s++) {
			least = load[s] < least ? load[s] : least;
			most = load[s] > most ? load[s] : most;
		}
		assert_true(most - least <= largest);
	}
	for (uint32_t s = 0; s < servers; s++)
		assert_int_equal(fpr_sync_plan_load(plan, s), load[s]);
	assert_int_equal(fpr_sync_plan_load(plan, servers), 0);
}

static void test_random(void **state)
{
	struct world dice = {.random = 5};

	(void)state;
	for (uint64_t seed = 0; seed < 2000; seed++) {
		const uint32_t count = 1 + world_below(&dice, WORLD_TENSORS);
		struct fpr_sync_tensor tensors[WORLD_TENSORS];
		struct fpr_sync_config config;
		struct fpr_sync_plan *plan;

		world_model(tensors, count, seed);
		fpr_sync_config_init(&config, (int)(seed % FPR_SYNC_MODES),
				     1 + world_below(&dice, WORLD_RANKS));
		config.slice_bytes = world_below(&dice, 3) ? 1 + world_below(&dice, 9000) : 0;
		config.slice_max_bytes = world_below(&dice, 20000);
		config.fuse_bytes = world_below(&dice, 2) ? world_below(&dice, 5000) : 0;
		config.split_bytes = world_below(&dice, 20000);
		plan = plan_of(&config, tensors, count);
		check_cover(plan, tensors, count);
		if (config.placement == FPR_SYNC_PLACE_BALANCED)
			check_balance(plan);
		fpr_sync_plan_destroy(plan);
	}
}

/* The plan of some tensors has these slices. */
static void expect_plan(const struct fpr_sync_config *config, const struct fpr_sync_tensor *tensors,
			uint32_t tensor_count, const struct fpr_sync_slice *expected,
			uint32_t count)
{
	struct fpr_sync_plan *plan = plan_of(config, tensors, tensor_count);
	uint32_t slices;
	const struct fpr_sync_slice *slice = fpr_sync_plan_slices(plan, &slices);

	assert_int_equal(slices, count);
	for (uint32_t i = 0; i < count; i++) {
		assert_int_equal(slice[i].first, expected[i].first);
		assert_int_equal(slice[i].offset, expected[i].offset);
		assert_int_equal(slice[i].bytes, expected[i].bytes);
		assert_int_equal(slice[i].tensors, expected[i].tensors);
		assert_int_equal(slice[i].server, expected[i].server);
		assert_int_equal(slice[i].priority, expected[i].priority);
	}
	fpr_sync_plan_destroy(plan);
}

/* The paper's rules, by hand: parameters 100,000 and 20,000 and 1,000,001 in fp32, 4 servers. */
static void test_rules(void **state)
{
	static const struct fpr_sync_tensor tensors[] = {{480000, 2}, {80000, 7}, {4000004, 0}};
	/* offset, bytes, first, tensors, server, priority */
	static const struct fpr_sync_slice fifo[] = {
		{0, 480000, 0, 1, 2 * 9973 % 4, 0}, {0, 80000, 1, 1, 7 * 9973 % 4, 1},
		{0, 1000000, 2, 1, 0, 2},	    {1000000, 1000000, 2, 1, 1, 2},
		{2000000, 1000000, 2, 1, 2, 2},	    {3000000, 1000004, 2, 1, 3, 2},
	};
	static const struct fpr_sync_slice p3[] = {
		{0, 200000, 0, 1, 0, 2},
		{200000, 200000, 0, 1, 1, 2},
		{400000, 80000, 0, 1, 2, 2},
		{0, 80000, 1, 1, 7 * 9973 % 4, 7},
	};
	static const struct fpr_sync_slice uncut[] = {{0, 480000, 0, 1, 2 * 9973 % 4, 2},
						      {0, 80000, 1, 1, 7 * 9973 % 4, 7}};
	struct fpr_sync_config config;
	struct fpr_sync_plan *plan;
	uint32_t slices;
	const struct fpr_sync_slice *slice;

	(void)state;
	fpr_sync_config_init(&config, FPR_SYNC_FIFO, 4);
	expect_plan(&config, tensors, 3, fifo, 6);

	fpr_sync_config_init(&config, FPR_SYNC_P3, 4);
	expect_plan(&config, tensors, 2, p3, 4);
	/* Where nothing is cut, nothing begins at server 0. */
	config.slice_bytes = 0;
	expect_plan(&config, tensors, 2, uncut, 2);

	fpr_sync_config_init(&config, FPR_SYNC_P3_GLOBAL, 4);
	plan = plan_of(&config, tensors, 3);
	slice = fpr_sync_plan_slices(plan, &slices);
	assert_int_equal(slices, 3 + 1 + 21);
	assert_int_equal(slice[24].bytes, 4);
	for (uint32_t i = 0; i < slices; i++)
		assert_int_equal(slice[i].server, i % 4);
	fpr_sync_plan_destroy(plan);
}

static void test_fusing(void **state)
{
	/* A weight and its bias, small ones in a row, one that fits nowhere. */
	static const struct fpr_sync_tensor tensors[] = {{12800, 0}, {64, 1},  {300, 2},
							 {6400, 3},  {100, 4}, {3000, 5}};
	static const struct fpr_sync_slice best[] = {
		{0, 6400, 0, 1, 0, 0},
		{6400, 6400 + 64 + 300, 0, 3, 1, 0},
		{0, 6400 + 100, 3, 2, 0, 3},
		{0, 3000, 5, 1, 1, 5},
	};
	struct fpr_sync_config config;

	(void)state;
	fpr_sync_config_init(&config, FPR_SYNC_BEST, 2);
	config.slice_bytes = 6400;
	config.slice_max_bytes = 0;
	config.fuse_bytes = 512;
	expect_plan(&config, tensors, 6, best, 4);
}

/* What is needed first waits for little else: shared slices grow with what comes before them. */
static void test_first(void **state)
{
	static const struct fpr_sync_tensor tensors[] = {{128, 0}, {64, 1},  {60, 2},  {8, 3},
							 {100, 4}, {152, 5}, {400, 6}, {20, 7}};
	static const struct fpr_sync_slice best[] = {
		{0, 128, 0, 1, 0, 0},
		{0, 64 + 60 + 8, 1, 3, 1, 1},
		{0, 100 + 152, 4, 2, 0, 4},
		{0, 400 + 20, 6, 2, 1, 6},
	};
	/* One that is cut, too: the bytes before its last slice count. */
	static const struct fpr_sync_tensor cut[] = {{1000, 0}, {400, 1}, {400, 2}};
	static const struct fpr_sync_slice single[] = {{0, 1000, 0, 1, 0, 0}, {0, 800, 1, 2, 1, 1}};
	static const struct fpr_sync_slice halves[] = {
		{0, 512, 0, 1, 0, 0}, {512, 488 + 400, 0, 2, 1, 0}, {0, 400, 2, 1, 0, 2}};
	struct fpr_sync_config config;

	(void)state;
	fpr_sync_config_init(&config, FPR_SYNC_BEST, 2);
	config.slice_bytes = 6400;
	config.slice_max_bytes = 0;
	config.fuse_bytes = 512;
	expect_plan(&config, tensors, 8, best, 4);
	config.fuse_bytes = 900;
	expect_plan(&config, cut, 3, single, 2);
	config.slice_bytes = 512;
	expect_plan(&config, cut, 3, halves, 3);
}

/* Fused or not, no slice is larger than a message can be. */
static void test_largest(void **state)
{
	static const struct fpr_sync_tensor tensors[] = {{FPR_SYNC_SLICE_MAX, 0},
							 {FPR_SYNC_SLICE_MAX - 64, 1}};
	struct fpr_sync_config config;
	struct fpr_sync_plan *plan;
	uint32_t slices;
	const struct fpr_sync_slice *slice;

	(void)state;
	fpr_sync_config_init(&config, FPR_SYNC_BEST, 2);
	config.slice_bytes = config.slice_max_bytes = config.fuse_bytes = FPR_SYNC_SLICE_MAX;
	plan = plan_of(&config, tensors, 2);
	slice = fpr_sync_plan_slices(plan, &slices);
	for (uint32_t i = 0; i < slices; i++)
		assert_true(slice[i].bytes <= FPR_SYNC_SLICE_MAX);
	fpr_sync_plan_destroy(plan);
}

/* What comes late may go in larger slices, never larger than allowed. */
static void test_slack(void **state)
{
	struct fpr_sync_tensor tensors[20];
	struct fpr_sync_config config;
	struct fpr_sync_plan *plan;
	uint32_t slices, before = 0;
	const struct fpr_sync_slice *slice;

	(void)state;
	for (uint32_t i = 0; i < 20; i++)
		tensors[i] = (struct fpr_sync_tensor){4 << 20, i};
	fpr_sync_config_init(&config, FPR_SYNC_BEST, 2);
	config.slice_bytes = 64 << 10;
	config.slice_max_bytes = 512 << 10;
	plan = plan_of(&config, tensors, 20);
	slice = fpr_sync_plan_slices(plan, &slices);
	for (uint32_t i = 0; i < slices; i++) {
		/* A tensor's last slice is what is left of it. */
		if (slice[i].offset)
			continue;
		assert_true(slice[i].bytes >= before);
		before = slice[i].bytes;
	}
	assert_int_equal(slice[0].bytes, 64 << 10);
	assert_int_equal(before, 512 << 10);
	fpr_sync_plan_destroy(plan);
}

static void test_digest(void **state)
{
	struct fpr_sync_tensor tensors[8];
	struct fpr_sync_config config;
	struct fpr_sync_plan *a, *b;

	(void)state;
	world_model(tensors, 8, 1);
	fpr_sync_config_init(&config, FPR_SYNC_BEST, 4);
	a = plan_of(&config, tensors, 8);
	b = plan_of(&config, tensors, 8);
	assert_true(fpr_sync_plan_digest(a) == fpr_sync_plan_digest(b));
	fpr_sync_plan_destroy(b);
	config.servers = 3;
	b = plan_of(&config, tensors, 8);
	assert_true(fpr_sync_plan_digest(a) != fpr_sync_plan_digest(b));
	fpr_sync_plan_destroy(b);
	fpr_sync_plan_destroy(a);
}

static void refuse(struct fpr_sync_config config, size_t offset, uint32_t value)
{
	static const struct fpr_sync_tensor tensor = {64, 0};
	struct fpr_sync_plan *plan;

	memcpy((char *)&config + offset, &value, sizeof(value));
	assert_int_equal(fpr_sync_plan_create(&config, &tensor, 1, &plan), -EINVAL);
}

#define REFUSE(field, value) refuse(config, offsetof(struct fpr_sync_config, field), value)

static void test_refusals(void **state)
{
	static const struct fpr_sync_tensor none = {0, 0}, huge = {1ull << 40, 0},
					    endless = {INT64_MAX, 0};
	static const struct fpr_sync_tensor overflow[] = {{INT64_MAX, 0}, {INT64_MAX, 0}};
	struct fpr_sync_config config;
	struct fpr_sync_plan *plan;

	(void)state;
	assert_int_equal(fpr_sync_config_init(NULL, FPR_SYNC_BEST, 1), -EINVAL);
	assert_int_equal(fpr_sync_config_init(&config, FPR_SYNC_MODES, 1), -EINVAL);
	assert_int_equal(fpr_sync_config_init(&config, FPR_SYNC_BEST, 0), -EINVAL);
	assert_int_equal(fpr_sync_config_init(&config, FPR_SYNC_BEST, FPR_SYNC_RANKS_MAX + 1),
			 -EINVAL);
	assert_null(fpr_sync_mode_name(FPR_SYNC_MODES));
	assert_string_equal(fpr_sync_mode_name(FPR_SYNC_BEST), "best");
	fpr_sync_config_init(&config, FPR_SYNC_BEST, 4);
	REFUSE(ranks, 0);
	REFUSE(workers, 0);
	REFUSE(workers, 5);
	REFUSE(servers, 0);
	REFUSE(servers, 5);
	REFUSE(first_server, 1);
	REFUSE(first_server, 4);
	REFUSE(lanes, 0);
	REFUSE(placement, FPR_SYNC_PLACEMENTS);
	REFUSE(flags, FPR_SYNC_FLAGS + 1);
	REFUSE(slice_bytes, FPR_SYNC_SLICE_MAX + 1);
	assert_int_equal(fpr_sync_plan_create(&config, &none, 1, &plan), -EINVAL);
	assert_int_equal(fpr_sync_plan_create(&config, &huge, 0, &plan), -EINVAL);
	assert_int_equal(fpr_sync_plan_create(&config, overflow, 2, &plan), -EINVAL);
	config.slice_bytes = 0;
	assert_int_equal(fpr_sync_plan_create(&config, &huge, 1, &plan), -E2BIG);
	/* Refused before memory is full of slices. */
	config.slice_bytes = 64;
	config.slice_max_bytes = 64;
	assert_int_equal(fpr_sync_plan_create(&config, &endless, 1, &plan), -E2BIG);
	fpr_sync_plan_destroy(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),	cmocka_unit_test(test_rules),
		cmocka_unit_test(test_fusing),	cmocka_unit_test(test_first),
		cmocka_unit_test(test_largest), cmocka_unit_test(test_slack),
		cmocka_unit_test(test_digest),	cmocka_unit_test(test_refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
