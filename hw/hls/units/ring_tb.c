/* SPDX-License-Identifier: MIT */

#include "tb.h"
#include "ring_unit.h"

/*
 * The rings as a host sees them, in counts that never wrap: descriptors posted and fetched,
 * completions posted and read. Indices, phases and what is full follow from them.
 */
#define SQ 0x10000u
#define CQ 0x7fff0000u

static uint64_t answer[2];
static uint64_t sq_size, cq_size, submitted, fetched, posted, read_;

static void ask(uint32_t command, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
	const uint64_t value[4] = {a, b, c, d};

	tb_calls++;
	ring_top(command, value, answer);
}

static void start(uint64_t sq_order, uint64_t cq_order)
{
	ask(RING_START, SQ, CQ, sq_order, cq_order);
	tb_expect(answer[0] == 1, "rings that fit");
	sq_size = 1u << sq_order;
	cq_size = 1u << cq_order;
	submitted = fetched = posted = read_ = 0;
}

static void refuse(uint64_t sq, uint64_t cq, uint64_t sq_order, uint64_t cq_order)
{
	ask(RING_START, sq, cq, sq_order, cq_order);
	tb_expect(answer[0] == 0, "rings that do not fit");
}

static void submit(void)
{
	if (submitted - fetched < sq_size - 1)
		submitted++;
	ask(RING_SUBMITTED, submitted % sq_size, 0, 0, 0);
	tb_expect(answer[0] == 1, "a good tail");
}

static void fetch(void)
{
	const int can = submitted > fetched && fetched - read_ < cq_size - 1;

	ask(RING_FETCH, 64, 0, 0, 0);
	tb_expect(answer[0] == (uint64_t)can, "is there a descriptor, and a place for its end");
	if (can)
		tb_expect(answer[1] == SQ + 64 * (fetched % sq_size), "where it lies");
	fetched += can;
}

static void post(void)
{
	if (posted == fetched)
		return;
	ask(RING_POST, 0, 0, 0, 0);
	tb_expect(answer[0] == CQ + 32 * (posted % cq_size), "where its end goes");
	tb_expect(answer[1] == (posted / cq_size + 1) % 2, "the phase of this turn");
	posted++;
}

static void consume(void)
{
	if (tb_random() % 8 == 0) {
		/* Past what was posted, or no index at all. */
		ask(RING_CONSUMED, posted - read_ < cq_size - 1 ? (posted + 1) % cq_size : cq_size,
		    0, 0, 0);
		tb_expect(answer[0] == 0, "a bad head");
		return;
	}
	read_ += posted > read_ ? 1 + tb_random() % (posted - read_) : 0;
	ask(RING_CONSUMED, read_ % cq_size, 0, 0, 0);
	tb_expect(answer[0] == 1, "a good head");
}

int main(void)
{
	refuse(SQ + 64, CQ, 3, 3);
	refuse(SQ, CQ + 2048, 3, 3);
	refuse(SQ, CQ, 0, 3);
	refuse(SQ, CQ, 3, 13);
	while (tb_calls + 40 < TB_CALLS && tb_calls < 50000) {
		const uint64_t order = 1 + tb_random() % 3;

		start(order, 1 + tb_random() % 3);
		ask(RING_SUBMITTED, sq_size, 0, 0, 0);
		tb_expect(answer[0] == 0, "a bad tail");
		for (uint32_t i = 0; i < 200 && tb_calls + 40 < TB_CALLS; i++) {
			submit();
			if (tb_random() % 2)
				fetch();
			if (tb_random() % 2)
				post();
			if (tb_random() % 3 == 0)
				consume();
		}
	}
	/* Once round with all that fits. */
	start(1, 2);
	for (uint32_t i = 0; i < 6; i++) {
		submit();
		fetch();
		post();
		read_ = posted;
		ask(RING_CONSUMED, read_ % cq_size, 0, 0, 0);
	}
	return tb_done();
}
