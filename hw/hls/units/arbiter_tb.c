/* SPDX-License-Identifier: MIT */

#include "arbiter_unit.h"
#include "p3.h"
#include "p3_top.h"
#include "tb.h"

/*
 * The arbiter against a sorted list: entries in the order in which they are to be
 * served, found by sliding each one forward as far as it is more urgent. A call is a
 * command, and the first ones find every sort of decision.
 */
struct entry {
	uint64_t slot, priority, left, done, waited;
};

#define LIMIT 8192u

static struct entry list[FPR_P3_ENTRIES];
static uint32_t entries;
static uint64_t answer[FPR_P3_ANSWERS];

static void ask(uint32_t command, uint32_t setting, uint64_t value)
{
	tb_calls++;
	arbiter_top(command, setting, value, answer);
}

/* Behind its equals, before what is less urgent. */
static void insert(struct entry entry)
{
	uint32_t at = entries++;

	for (; at > 0 && list[at - 1].priority > entry.priority; at--)
		list[at] = list[at - 1];
	list[at] = entry;
}

static void arrive(uint32_t priority, uint64_t bytes)
{
	ask(FPR_P3_PUSH, priority, bytes);
	if (entries == FPR_P3_ENTRIES) {
		tb_expect(answer[0] == FPR_P3_NONE, "a full table takes none");
		return;
	}
	tb_expect(answer[0] < FPR_P3_ENTRIES, "a slot");
	for (uint32_t i = 0; i < entries; i++)
		tb_expect(list[i].slot != answer[0], "a free slot");
	insert((struct entry){answer[0], priority, bytes, 0, 0});
}

static void serve(uint32_t failed)
{
	struct entry *first = list;
	uint64_t bytes;

	ask(FPR_P3_SERVE, 0, LIMIT);
	if (!entries) {
		tb_expect(answer[0] == FPR_P3_NONE, "nothing to serve");
		return;
	}
	bytes = first->left < LIMIT ? first->left : LIMIT;
	tb_expect(answer[0] == first->slot, "whose turn");
	tb_expect(answer[1] == first->done, "from where");
	tb_expect(answer[2] == bytes, "how much");
	ask(FPR_P3_END, failed, 0);
	first->left -= bytes;
	first->done += bytes;
	tb_expect(answer[0] == (failed || !first->left), "the end");
	if (failed || !first->left) {
		entries--;
		for (uint32_t i = 0; i < entries; i++)
			list[i] = list[i + 1];
	}
}

/* Ageing: one of priority 3 among the most urgent, of which there is always another. */
static void age(void)
{
	uint64_t old, waited = 0;

	ask(FPR_P3_CLEAR, 0, 0);
	ask(FPR_P3_PUSH, 3, LIMIT);
	old = answer[0];
	while (waited < 100) {
		ask(FPR_P3_PUSH, 0, LIMIT);
		ask(FPR_P3_SERVE, 2, LIMIT);
		if (answer[0] == old)
			break;
		waited++;
		ask(FPR_P3_END, 0, 0);
	}
	tb_expect(waited == 6, "2 slices for each of 3 steps");
}

int main(void)
{
	ask(FPR_P3_CLEAR, 1, 0);
	/* Equals, a more urgent one, several slices, a failure; then anything. */
	arrive(5, 3 * LIMIT - 1);
	serve(0);
	arrive(5, 1);
	arrive(4, LIMIT);
	serve(0);
	serve(1);
	serve(0);
	serve(0);
	while (tb_calls + 40 < TB_CALLS && tb_calls < 100000) {
		/* A flood now and then fills the table. */
		uint32_t n = tb_random() % 500 ? tb_random() % 4 : 300;

		while (n-- && tb_calls + 40 < TB_CALLS)
			arrive(tb_random() % 3 ? tb_random() % 4 : tb_random() >> 16,
			       1 + tb_random() % (4 * LIMIT));
		serve(tb_random() % 50 == 0);
	}
	age();
	return tb_done();
}
