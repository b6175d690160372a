// SPDX-License-Identifier: MIT
//
// The RTL arbiter against the C: random arrivals, decisions and failures; every answer,
// and the counters of every class.
#include <cstdio>
#include <cstdlib>

#include "Vtile.h"
#include "mistake.h"

// A member's name there is a keyword here.
#define class of_class
extern "C" {
#include "p3.h"
#include "p3_top.h"
}
#undef class

static_assert(FPR_P3_ENTRIES == 256 && FPR_CLASSES == 16, "the RTL's parameters differ");

static Vtile top;
static struct fpr_p3_queue queue[1];
static unsigned long longest[4];

static void tick()
{
	top.clk = 1;
	top.eval();
	top.clk = 0;
	top.eval();
}

static bool ask(unsigned command, uint32_t setting, uint64_t value)
{
	unsigned long cycles = 0;

	top.valid = 1;
	top.command = command;
	top.setting = setting;
	top.value = value;
	tick();
	top.valid = 0;
	for (cycles = 1; !top.ready && cycles < 10000; cycles++)
		tick();
	if (cycles > longest[command])
		longest[command] = cycles;
	return top.ready;
}

static bool same(const char *what, uint64_t got, uint64_t want)
{
	if (got != want)
		printf("%s is %llu, not %llu\n", what, (unsigned long long)got,
		       (unsigned long long)want);
	return got == want;
}

static bool clear(uint32_t counters)
{
	fpr_p3_clear(queue, counters);
	return ask(FPR_P3_CLEAR, counters, 0);
}

static bool push(uint32_t priority, uint64_t bytes)
{
	uint32_t slot = fpr_p3_push(queue, priority, bytes);

	return ask(FPR_P3_PUSH, priority, bytes) && same("slot of an arrival", top.slot, slot);
}

static bool serve(uint64_t limit, uint32_t ageing, struct fpr_p3_slice slice[1])
{
	fpr_p3_serve(queue, limit, ageing, slice);
	return ask(FPR_P3_SERVE, ageing, limit) && same("slot served", top.slot, slice[0].slot) &&
	       same("offset", top.offset, slice[0].offset) &&
	       same("bytes", top.bytes, slice[0].bytes);
}

static bool end(const struct fpr_p3_slice slice[1], uint32_t failed)
{
	uint32_t over = fpr_p3_end(queue, slice, failed);

	return ask(FPR_P3_END, failed, 0) && same("end", top.ended, over);
}

static bool counters()
{
	for (unsigned c = 0; c < FPR_CLASSES; c++) {
		top.read_class = c;
		top.eval();
		if (!same("bytes of a class", top.class_bytes, queue[0].bytes[c]) ||
		    !same("slices of a class", top.class_slices, queue[0].slices[c]) ||
		    !same("preemptions of a class", top.class_preemptions, queue[0].preemptions[c]))
			return false;
	}
	return true;
}

static uint32_t below(uint32_t n)
{
	return (uint32_t)rand() % n;
}

// One life of a table: `crowd` of 8 steps bring an arrival.
static bool live(uint32_t steps, uint32_t crowd, uint32_t ageing, uint32_t levels)
{
	struct fpr_p3_slice slice[1];

	if (!clear(below(2)))
		return false;
	for (uint32_t i = 0; i < steps; i++) {
		if (below(8) < crowd && !push(below(levels) * (65535 / levels), 1 + below(600000)))
			return false;
		if (!serve(1 + below(200000), below(50) ? ageing : ageing / 2, slice))
			return false;
		// Arrivals while the slice moves.
		if (below(8) < crowd && !push(below(65536), 1 + below(100000)))
			return false;
		if (slice[0].slot != FPR_P3_NONE && !end(slice, below(16) == 0))
			return false;
	}
	return counters();
}

static bool crowded()
{
	struct fpr_p3_slice slice[1];

	for (uint32_t i = 0; i < FPR_P3_ENTRIES + 3; i++)
		if (!push(below(4), 1 + below(1000)))
			return false;
	for (uint32_t i = 0; i < FPR_P3_ENTRIES + 3; i++)
		if (!serve(100000, 3, slice) || (slice[0].slot != FPR_P3_NONE && !end(slice, 0)))
			return false;
	return counters();
}

int main()
{
	make_mistake(top);
	srand(1);
	// The model takes no edge on its first evaluation.
	top.eval();
	top.reset = 1;
	tick();
	top.reset = 0;
	if (!clear(1) || !crowded() || !live(600, 4, 0, 5) || !live(300, 7, 0, 60000) ||
	    !live(600, 5, 1, 5) || !live(600, 5, 7, 9) || !live(200, 2, 3, 2) || !crowded())
		return 1;
	printf("answers and counters as in the C; cycles at most: clear %lu, push %lu, serve %lu, "
	       "end %lu\n",
	       longest[0], longest[1], longest[2], longest[3]);
	return 0;
}
