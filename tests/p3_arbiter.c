/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "p3.h"
#include "p3_top.h"

/*
 * The arbiter against a list that is searched from end to end, with the
 * priorities worked out anew at each decision from who waited how often.
 */

struct item {
	uint32_t slot, priority;
	uint64_t arrival, total, moved, waits;
	int live;
};

struct model {
	struct item item[FPR_P3_ENTRIES];
	unsigned int live;
	uint64_t arrivals;
	uint64_t bytes[FPR_CLASSES], slices[FPR_CLASSES], preemptions[FPR_CLASSES];
	struct item *last; /* had the slice before and is not finished */
};

static struct fpr_p3_queue queue;
static struct model model;
static uint64_t random_state;

static uint32_t below(uint32_t n)
{
	random_state = random_state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((random_state >> 33) % n);
}

static void start(uint64_t seed)
{
	memset(&queue, 0xa5, sizeof(queue));
	memset(&model, 0, sizeof(model));
	fpr_p3_clear(&queue, 1);
	random_state = seed;
}

static uint32_t urgency(const struct item *item, uint32_t ageing)
{
	uint64_t steps = ageing ? item->waits / ageing : 0;

	return steps > item->priority ? 0 : item->priority - (uint32_t)steps;
}

static void arrive(uint32_t priority, uint64_t bytes)
{
	uint32_t slot = fpr_p3_push(&queue, priority, bytes);

	if (model.live == FPR_P3_ENTRIES) {
		assert_int_equal(slot, FPR_P3_NONE);
		return;
	}
	assert_true(slot < FPR_P3_ENTRIES);
	for (unsigned int i = 0; i < FPR_P3_ENTRIES; i++)
		assert_false(model.item[i].live && model.item[i].slot == slot);
	for (unsigned int i = 0; i < FPR_P3_ENTRIES; i++) {
		if (model.item[i].live)
			continue;
		model.item[i] = (struct item){slot, priority, model.arrivals++, bytes, 0, 0, 1};
		model.live++;
		return;
	}
}

static struct item *expected(uint32_t ageing)
{
	struct item *best = NULL;

	for (unsigned int i = 0; i < FPR_P3_ENTRIES; i++) {
		struct item *item = &model.item[i];

		if (!item->live)
			continue;
		if (!best || urgency(item, ageing) < urgency(best, ageing) ||
		    (urgency(item, ageing) == urgency(best, ageing) &&
		     item->arrival < best->arrival))
			best = item;
	}
	return best;
}

/* One decision, and what has to hold for it. Returns who was served. */
static struct item *serve(uint64_t limit, uint32_t ageing, uint32_t fail)
{
	struct item *item = expected(ageing);
	struct fpr_p3_slice slice;
	uint64_t want;
	uint32_t over;

	fpr_p3_serve(&queue, limit, ageing, &slice);
	if (!item) {
		assert_int_equal(slice.slot, FPR_P3_NONE);
		return NULL;
	}
	want = item->total - item->moved < limit ? item->total - item->moved : limit;
	assert_int_equal(slice.slot, item->slot);
	/* Each byte once: every slice begins where the one before ended. */
	assert_int_equal(slice.offset, item->moved);
	assert_int_equal(slice.bytes, want);
	for (unsigned int i = 0; i < FPR_P3_ENTRIES; i++)
		if (model.item[i].live && &model.item[i] != item)
			model.item[i].waits++;
	if (model.last && model.last != item)
		model.preemptions[model.last->priority / 4096]++;
	model.slices[item->priority / 4096]++;
	over = fpr_p3_end(&queue, &slice, fail);
	if (!fail) {
		item->moved += want;
		model.bytes[item->priority / 4096] += want;
	}
	assert_int_equal(over, fail || item->moved == item->total);
	item->live = !over;
	model.live -= over;
	model.last = over ? NULL : item;
	return item;
}

static void check_counters(void)
{
	assert_int_equal(queue.pending, model.live);
	assert_memory_equal(queue.bytes, model.bytes, sizeof(model.bytes));
	assert_memory_equal(queue.slices, model.slices, sizeof(model.slices));
	assert_memory_equal(queue.preemptions, model.preemptions, sizeof(model.preemptions));
}

static void random_run(uint64_t seed, uint32_t ageing)
{
	/* Few priorities make ties; the largest and all of them come too. */
	static const uint32_t spreads[] = {1, 3, 20, 65536};
	uint32_t spread = spreads[seed % 4];
	uint64_t limit = 4096u * (1 + below(64));
	unsigned int served = 0;

	start(seed);
	for (unsigned int step = 0; step < 4000; step++) {
		uint32_t burst = below(50) == 0 ? 300 : below(3);

		while (burst--)
			arrive(65535 - below(spread), 1 + below(1u << (1 + below(22))));
		served += serve(limit, ageing, below(200) == 0) != NULL;
	}
	while (serve(limit, ageing, 0))
		served++;
	assert_true(served > 1000);
	assert_int_equal(model.live, 0);
	check_counters();
}

static void decides_as_the_list_does(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 24; seed++)
		random_run(seed, 0);
}

static void ages_as_the_list_does(void **state)
{
	static const uint32_t ageings[] = {1, 2, 7, 100};

	(void)state;
	for (uint64_t seed = 1; seed <= 24; seed++)
		random_run(seed, ageings[seed / 4 % 4]);
}

/* A more urgent arrival has the very next slice, and the other one goes on after it. */
static void an_urgent_arrival_waits_for_one_slice(void **state)
{
	struct item *slow;

	(void)state;
	start(1);
	arrive(10, 100 * 4096);
	slow = serve(4096, 0, 0);
	arrive(9, 2 * 4096);
	assert_ptr_not_equal(serve(4096, 0, 0), slow);
	assert_ptr_not_equal(serve(4096, 0, 0), slow);
	assert_ptr_equal(serve(4096, 0, 0), slow);
	assert_int_equal(slow->moved, 2 * 4096);
	assert_int_equal(queue.preemptions[0], 1);
}

static void equals_are_served_in_order(void **state)
{
	(void)state;
	start(1);
	for (unsigned int i = 0; i < FPR_P3_ENTRIES; i++)
		arrive(7, 3);
	arrive(7, 3);
	for (uint64_t i = 0; i < FPR_P3_ENTRIES; i++) {
		assert_int_equal(serve(2, 0, 0)->arrival, i);
		assert_int_equal(serve(2, 0, 0)->arrival, i);
	}
	assert_null(serve(2, 0, 0));
}

/* Slices that a transfer waits while the most urgent arrivals never end. */
static uint64_t starve(uint32_t priority, uint32_t ageing, uint64_t most)
{
	struct item *slow;
	uint64_t waited = 0;

	start(1);
	arrive(priority, 4096);
	slow = &model.item[0];
	while (waited < most) {
		while (model.live < FPR_P3_ENTRIES)
			arrive(0, 4096);
		if (serve(4096, ageing, 0) == slow)
			break;
		waited++;
	}
	return waited;
}

static void ageing_bounds_the_wait(void **state)
{
	(void)state;
	assert_int_equal(starve(5, 0, 10000), 10000);
	assert_int_equal(starve(1, 1, 10000), 1);
	assert_int_equal(starve(5, 3, 10000), 15);
	assert_int_equal(starve(300, 20, 10000), 6000);
}

/*
 * What the rules promise, whoever implements them: @waits slices that others had since it
 * came, @bound the most that may be.
 */
struct promise {
	uint64_t priority, arrival, left, waits, bound;
	uint8_t *seen;
	uint64_t bytes;
};

#define PROMISE_BYTES 3000
#define PROMISE_SLICE 700

static uint64_t slices_of(uint64_t bytes)
{
	return (bytes + PROMISE_SLICE - 1) / PROMISE_SLICE;
}

/* Everything that came before it may have to go first; steps to the top take their time. */
static void promise(struct promise *all, struct promise *new, uint32_t slot, uint32_t ageing)
{
	static uint64_t arrivals;

	new->arrival = arrivals++;
	new->left = new->bytes;
	new->waits = 0;
	new->bound = new->priority *ageing;
	new->seen = calloc(1, new->bytes);
	assert_non_null(new->seen);
	for (unsigned int i = 0; i < FPR_P3_ENTRIES; i++)
		new->bound += slices_of(all[i].left);
	assert_int_equal(all[slot].left, 0);
	all[slot] = *new;
}

/* The slice is one that may be: no byte twice or outside; in order when nobody ages. */
static void slice_keeps_promises(struct promise *all, const struct fpr_p3_slice *slice,
				 uint32_t ageing)
{
	struct promise *turn = &all[slice->slot];

	assert_true(turn->left > 0 && slice->bytes > 0);
	assert_true(slice->bytes <= PROMISE_SLICE && slice->bytes <= turn->left);
	for (uint64_t i = slice->offset; i < slice->offset + slice->bytes; i++) {
		assert_true(i < turn->bytes);
		assert_int_equal(turn->seen[i]++, 0);
	}
	for (unsigned int i = 0; i < FPR_P3_ENTRIES; i++) {
		struct promise *other = &all[i];

		if (!other->left || other == turn)
			continue;
		assert_true(++other->waits <= other->bound || !ageing);
		assert_true(ageing || other->priority > turn->priority ||
			    (other->priority == turn->priority && other->arrival > turn->arrival));
	}
	turn->left -= slice->bytes;
	if (turn->left)
		return;
	for (uint64_t i = 0; i < turn->bytes; i++)
		assert_int_equal(turn->seen[i], 1);
	free(turn->seen);
}

static void keep_promises(uint64_t seed, uint32_t ageing)
{
	static struct promise all[FPR_P3_ENTRIES];
	struct fpr_p3_slice slice;
	unsigned int live = 0;

	start(seed);
	for (unsigned int step = 0; step < 3000 || live; step++) {
		/* A little more comes than goes, so that all fill levels are seen. */
		for (unsigned int n = step < 3000 ? below(3) : 0; n && live < FPR_P3_ENTRIES; n--) {
			struct promise new = {.priority = below(20),
					      .bytes = 1 + below(PROMISE_BYTES)};
			uint32_t slot = fpr_p3_push(&queue, (uint32_t) new.priority, new.bytes);

			promise(all, &new, slot, ageing);
			live++;
		}
		fpr_p3_serve(&queue, PROMISE_SLICE, ageing, &slice);
		if (slice.slot == FPR_P3_NONE) {
			assert_int_equal(live, 0);
			continue;
		}
		slice_keeps_promises(all, &slice, ageing);
		live -= fpr_p3_end(&queue, &slice, 0);
	}
}

static void promises_are_kept(void **state)
{
	static const uint32_t ageings[] = {0, 1, 3, 10};

	(void)state;
	for (uint64_t seed = 1; seed <= 16; seed++)
		keep_promises(seed, ageings[seed % 4]);
}

static void a_lowered_setting_acts_at_once(void **state)
{
	struct fpr_p3_slice slice;

	(void)state;
	start(1);
	fpr_p3_push(&queue, 1, 4096);
	for (unsigned int i = 0; i < 50; i++) {
		fpr_p3_push(&queue, 0, 4096);
		fpr_p3_serve(&queue, 4096, 1000, &slice);
		assert_int_not_equal(slice.slot, 0);
		fpr_p3_end(&queue, &slice, 0);
	}
	fpr_p3_push(&queue, 0, 4096);
	fpr_p3_serve(&queue, 4096, 10, &slice);
	fpr_p3_end(&queue, &slice, 0);
	fpr_p3_push(&queue, 0, 4096);
	fpr_p3_serve(&queue, 4096, 10, &slice);
	assert_int_equal(slice.slot, 0);
}

static void clearing_keeps_the_counters(void **state)
{
	(void)state;
	start(1);
	arrive(65535, 10000);
	serve(4096, 0, 0);
	arrive(4096, 1);
	serve(4096, 0, 0);
	fpr_p3_clear(&queue, 0);
	assert_int_equal(queue.pending, 0);
	assert_int_equal(queue.bytes[15], 4096);
	assert_int_equal(queue.bytes[1], 1);
	assert_int_equal(queue.preemptions[15], 1);
	model.live = 0;
	memset(model.item, 0, sizeof(model.item));
	assert_null(serve(4096, 0, 0));
	fpr_p3_clear(&queue, 1);
	assert_int_equal(queue.bytes[15], 0);
}

/* The unit for synthesis is the same arbiter, its table inside. */
static void the_unit_decides_alike(void **state)
{
	uint64_t answer[FPR_P3_ANSWERS];
	struct fpr_p3_slice slice;
	unsigned int ended = 0;

	(void)state;
	start(77);
	fpr_p3_top(FPR_P3_CLEAR, 1, 0, answer);
	for (unsigned int i = 0; i < 20000; i++) {
		uint32_t priority = below(100), bytes = 1 + below(50000), failed = below(100) == 0;

		fpr_p3_top(FPR_P3_PUSH, priority, bytes, answer);
		assert_int_equal(answer[0], fpr_p3_push(&queue, priority, bytes));
		fpr_p3_serve(&queue, 16384, 3, &slice);
		fpr_p3_top(FPR_P3_SERVE, 3, 16384, answer);
		assert_int_equal(answer[0], slice.slot);
		assert_int_equal(answer[1], slice.offset);
		assert_int_equal(answer[2], slice.bytes);
		fpr_p3_top(FPR_P3_END, failed, 0, answer);
		assert_int_equal(answer[0], fpr_p3_end(&queue, &slice, failed));
		ended += answer[0] != 0;
	}
	assert_true(ended > 5000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decides_as_the_list_does),
		cmocka_unit_test(ages_as_the_list_does),
		cmocka_unit_test(an_urgent_arrival_waits_for_one_slice),
		cmocka_unit_test(equals_are_served_in_order),
		cmocka_unit_test(ageing_bounds_the_wait),
		cmocka_unit_test(promises_are_kept),
		cmocka_unit_test(a_lowered_setting_acts_at_once),
		cmocka_unit_test(clearing_keeps_the_counters),
		cmocka_unit_test(the_unit_decides_alike),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
