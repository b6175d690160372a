/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/sync_world.h"

/* Ranks that die or hang, messages that are lost, late or there twice. */

#define SECOND 1000000000ull

static struct world world;

static void open_world(enum fpr_sync_mode mode, uint64_t timeout_ns, uint64_t seed, uint32_t flags)
{
	struct fpr_sync_tensor model[WORLD_TENSORS];
	struct fpr_sync_config config;

	fpr_sync_config_init(&config, mode, 4);
	config.slice_bytes = config.slice_bytes ? 3200 : 0;
	config.split_bytes = config.split_bytes ? 8000 : 0;
	config.timeout_ns = timeout_ns;
	world_model(model, 20, seed);
	world_open(&world, &config, model, 20, 4, seed, flags);
}

/* Time passes in which all ranks but the dead and @silent say that they live. */
static void alive_but(uint32_t silent, uint64_t ns)
{
	world.now_ns += ns;
	for (uint32_t i = 0; i < 4; i++)
		for (uint32_t k = 0; k < 4; k++)
			if (!world.ranks[k].dead && k != silent)
				assert_int_equal(
					fpr_sync_alive(world.ranks[i].core, k, world.now_ns), 0);
}

static void wait_alive(uint64_t ns)
{
	alive_but(99, ns);
}

static uint32_t blamed(uint32_t rank)
{
	uint32_t peer = 99;

	return fpr_sync_stalled(world.ranks[rank].core, world.now_ns, &peer) ? peer : 98;
}

/*
 * At any moment a rank dies: whoever comes to wait for it names it, and nobody is named instead.
 * Who waits for a living rank that waits for the dead one hears it from that one.
 */
static void test_death(void **state)
{
	(void)state;
	for (int mode = 0; mode < FPR_SYNC_MODES; mode++) {
		for (uint32_t moment = 0; moment < 12; moment++) {
			const uint32_t victim = moment % 4;
			uint32_t named = 0;

			open_world(mode, SECOND, moment + 1, WORLD_IN_ORDER);
			for (uint32_t i = 0; i < moment * 40; i++)
				assert_int_equal(world_event(&world), 1);
			world.ranks[victim].dead = 1;
			while (world_event(&world))
				;
			for (uint32_t i = 0; i < 4; i++)
				assert_int_equal(blamed(i), 98);
			for (uint32_t i = 0; i < 4; i++)
				wait_alive(SECOND / 2);
			for (uint32_t i = 0; i < 4; i++) {
				uint32_t peer = i == victim ? 98 : blamed(i);

				named += peer == victim;
				assert_true(peer == victim || peer == 98);
			}
			assert_true(named > 0);
			world_close(&world);
		}
	}
}

/* One that only stands still is waited for, and goes on. */
static void test_stall(void **state)
{
	(void)state;
	open_world(FPR_SYNC_BEST, SECOND, 3, 0);
	for (uint32_t i = 0; i < 100; i++)
		assert_int_equal(world_event(&world), 1);
	world.ranks[2].dead = 1;
	while (world_event(&world))
		;
	world.ranks[2].dead = 0;
	for (uint32_t i = 0; i < 8; i++)
		wait_alive(SECOND / 2);
	assert_int_equal(blamed(0), 98);
	world_run(&world);
	world_close(&world);
}

/* Waiting for nobody is no stall, however long it takes to compute. */
static void test_patience(void **state)
{
	(void)state;
	open_world(FPR_SYNC_BEST, SECOND, 3, 0);
	world.now_ns += 1000 * SECOND;
	for (uint32_t i = 0; i < 4; i++)
		assert_int_equal(blamed(i), 98);
	world_run(&world);
	world.now_ns += 1000 * SECOND;
	for (uint32_t i = 0; i < 4; i++)
		assert_int_equal(blamed(i), 98);
	world_close(&world);

	open_world(FPR_SYNC_BEST, 0, 3, 0);
	assert_int_equal(world_event(&world), 1);
	world.now_ns += 1000 * SECOND;
	assert_int_equal(blamed(0), 98);
	world_close(&world);
}

/* A lost message is a silence of whoever should have sent it, once nothing else comes from there.
 */
static void test_loss(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 12; seed++) {
		uint32_t named = 0, lost = 0, sender;

		open_world((int)(seed % FPR_SYNC_MODES), SECOND, seed, 0);
		for (uint32_t i = 0; i < 30 * seed; i++)
			assert_int_equal(world_event(&world), 1);
		while (lost == world.message_count || !world.messages[lost].on_way) {
			lost = lost < world.message_count ? lost + 1 : 0;
			if (!lost)
				assert_int_equal(world_event(&world), 1);
		}
		world.messages[lost].on_way = 0;
		sender = world.messages[lost].from;
		while (world_event(&world))
			;
		/* Of all others there are signs of life, so nobody else is named. */
		for (uint32_t i = 0; i < 4; i++)
			alive_but(sender, SECOND / 2);
		for (uint32_t i = 0; i < 4; i++) {
			const uint32_t peer = blamed(i);

			named += peer == sender;
			assert_true(peer == sender || peer == 98);
		}
		assert_true(named > 0);
		world_close(&world);
	}
}

/* A message that comes twice is refused, and the step ends as if it had not. */
static void test_duplicates(void **state)
{
	(void)state;
	for (int mode = 0; mode < FPR_SYNC_MODES; mode++) {
		open_world(mode, 0, 7 + (uint64_t)mode, WORLD_TWICE);
		world_run(&world);
		assert_true(world.refused > 100);
		world_close(&world);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_death),	   cmocka_unit_test(test_stall),
		cmocka_unit_test(test_patience),   cmocka_unit_test(test_loss),
		cmocka_unit_test(test_duplicates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
