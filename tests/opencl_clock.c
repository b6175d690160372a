/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "opencl/clock.h"

/*
 * The OpenCL driver's idea of where a board's clock stands, against clocks of which the test knows
 * it: jobs of a pretended board that take long and are seen late by turns.
 */

struct world {
	uint64_t now, apart, seed;
	int64_t drift_ppm;
	struct board_clock clock;
	uint64_t last;
};

static uint64_t below(struct world *world, uint64_t n)
{
	world->seed = world->seed * 6364136223846793005u + 1442695040888963407u;
	return (world->seed >> 33) % n;
}

/* Return: how much later than it was the driver takes the job's end for. */
static uint64_t run_job(struct world *world)
{
	const uint64_t started = world->now, ended = started + 1000 + below(world, 2000000);
	const uint64_t seen = ended + 3000 + below(world, 200000);
	uint64_t end;

	world->apart += (uint64_t)((int64_t)(seen - started) * world->drift_ppm / 1000000);
	end = fpr_cl_clock_end(&world->clock, started, seen, ended - world->apart);
	assert_true(started <= end && end <= seen);
	assert_true(world->last <= end);
	world->last = end;
	world->now = seen + below(world, 100000);
	return end - ended;
}

static void ends_are_close(struct world *world)
{
	/* One of so many is seen almost at once. */
	for (unsigned int i = 0; i < 200; i++)
		run_job(world);
	for (unsigned int i = 0; i < 1000; i++)
		assert_in_range(run_job(world), 3000, 10000);
}

/* The board's clock may stand behind the host's or before it. */
static void distances(void **state)
{
	static const uint64_t apart[] = {0, 5000000, UINT64_MAX - 7000000000000, 1ull << 62};

	(void)state;
	for (unsigned int i = 0; i < sizeof(apart) / sizeof(apart[0]); i++) {
		struct world world = {.now = 10000000000, .apart = apart[i], .seed = i};

		ends_are_close(&world);
	}
}

/* A reset lets the board's clock begin anew, or jump ahead. */
static void jumps(void **state)
{
	struct world world = {.now = 10000000000, .apart = 1000, .seed = 1};

	(void)state;
	ends_are_close(&world);
	world.apart += 5000000000;
	ends_are_close(&world);
	world.apart -= 9000000000;
	ends_are_close(&world);
}

/* Clocks that run apart: within the bounds, in order, and not ever further from the truth. */
static void drifts(void **state)
{
	(void)state;
	for (int64_t ppm = -100; ppm <= 100; ppm += 50) {
		struct world world = {.now = 10000000000, .seed = 5, .drift_ppm = ppm};

		for (unsigned int i = 0; i < 100000; i++)
			assert_in_range(run_job(&world) + 100000, 0, 310000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(distances),
		cmocka_unit_test(jumps),
		cmocka_unit_test(drifts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
