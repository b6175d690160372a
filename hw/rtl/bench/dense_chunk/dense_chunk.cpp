// SPDX-License-Identifier: MIT
//
// The bit-parallel PE against its golden model: random chunks, one after the other
// without a pause.
#include <cstdio>
#include <cstdlib>

#include <gmp.h>

#include "Vtile.h"

extern "C" {
#include "golden/golden.h"
}

#define CHUNKS 3000
#define DELAY 3 // from the last operands to the sum

static Vtile top;
static uint16_t s[FPR_CHUNK], p[FPR_CHUNK];

static void tick()
{
	top.clk = 1;
	top.eval();
	top.clk = 0;
	top.eval();
}

static uint16_t draw(unsigned low, unsigned span)
{
	unsigned field = rand() % 8 ? low + rand() % span : rand() % 2 ? 0 : 255;

	return (uint16_t)((rand() & 0x807f) | field << 7);
}

static bool effectual(uint16_t x)
{
	return (x >> 7 & 255) != 0 && (x >> 7 & 255) != 255;
}

static unsigned largest(const uint16_t *x)
{
	unsigned most = 0;

	for (int i = 0; i < FPR_CHUNK; i++)
		if (effectual(x[i]) && (x[i] >> 7 & 255u) > most)
			most = x[i] >> 7 & 255u;
	return most;
}

// As fpr_chunk_line gives it.
static uint32_t operand(uint16_t x, unsigned most)
{
	unsigned below = most - (x >> 7 & 255u);
	unsigned distance = effectual(x) && below < 31 ? below : 31;

	return distance << 9 | (x >> 15) << 8 | (effectual(x) ? 128u + (x & 127u) : 0u);
}

template <typename Port> static void put(Port &port, unsigned at, unsigned bits, uint32_t value)
{
	for (unsigned i = 0; i < bits; i++, at++)
		port[at / 32] = (port[at / 32] & ~(1u << at % 32)) | (value >> i & 1u) << at % 32;
}

static void put_set(unsigned first)
{
	for (unsigned l = 0; l < FPR_SET; l++) {
		uint32_t there = operand(p[first + l], largest(p));

		put(top.serial, 14 * l, 14, operand(s[first + l], largest(s)));
		put(top.parallel, 14 * l, 14, there);
		put(top.thrice, 10 * l, 10, 3 * (there & 255u));
	}
}

int main()
{
	const unsigned sets = FPR_CHUNK / FPR_SET;
	static int32_t want[CHUNKS];

	top.eval();
	for (unsigned i = 0; i < CHUNKS * sets + DELAY; i++) {
		if (i % sets == 0 && i < CHUNKS * sets) {
			unsigned low = 1 + rand() % 200, span = 1 + rand() % 50;

			for (unsigned k = 0; k < FPR_CHUNK; k++) {
				s[k] = draw(low, span);
				p[k] = draw(low, span);
			}
			want[i / sets] = golden_dense_chunk_units(s, p, FPR_CHUNK);
		}
		put_set(i % sets * FPR_SET);
		top.add = i >= 2;
		top.first = i % sets == 2;
		tick();
		// A chunk's last operands came two ticks ago.
		if (i % sets == 1 && i >= sets) {
			int32_t got = (int32_t)(top.sum << 1) >> 1;

			if (got != want[i / sets - 1]) {
				printf("chunk %u: the sum is %d, not %d\n", i / sets - 1, got,
				       want[i / sets - 1]);
				return 1;
			}
		}
	}
	printf("%u chunks as in the golden model\n", CHUNKS);
	return 0;
}
