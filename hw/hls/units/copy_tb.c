/* SPDX-License-Identifier: MIT */

#include "copy.h"
#include "copy_unit.h"
#include "tb.h"

/*
 * Pieces between two memories of a few beats, in which addresses wrap around. A byte that is to be
 * written is looked up where the definition of a copy has it: as far into the piece as it goes.
 */
#define BYTES 512

static uint8_t source[BYTES];

static void copy(uint64_t from, uint64_t to, uint64_t bytes)
{
	const uint64_t piece[3] = {from, to, bytes};
	uint8_t in[FPR_BEAT] = {0}, out[FPR_BEAT] = {0};
	uint64_t answer[5], number = 0;

	tb_calls++;
	copy_top(COPY_START, piece, in, out, answer);
	while (answer[4] && tb_calls < TB_CALLS && !tb_errors) {
		for (uint32_t i = 0; i < FPR_BEAT; i++)
			in[i] = answer[3] ? source[(answer[2] + i) % BYTES] : (uint8_t)tb_random();
		tb_calls++;
		copy_top(COPY_BEAT, piece, in, out, answer);
		tb_expect(answer[1] % FPR_BEAT == 0, "a whole beat");
		for (uint32_t i = 0; i < FPR_BEAT; i++) {
			if (!(answer[0] >> i & 1))
				continue;
			tb_expect(answer[1] + i == to + number, "the next byte's place");
			tb_expect(out[i] == source[(from + number) % BYTES], "its value");
			number++;
		}
	}
	if (tb_calls < TB_CALLS)
		tb_expect(number == bytes && !answer[3], "every byte of every beat");
}

int main(void)
{
	for (uint32_t i = 0; i < BYTES; i++)
		source[i] = (uint8_t)tb_random();
	/* As they lie, turned up, turned down, within a beat, on two; then anything. */
	copy(64, 128, 64);
	copy(64, 131, 130);
	copy(3, 64, 130);
	copy(10, 12, 5);
	copy(62, 190, 4);
	copy(0 - 100ull, 7, 100);
	while (tb_calls + 10 < TB_CALLS && tb_calls < 60000) {
		uint32_t at = tb_random();

		copy(at % BYTES, at / BYTES % BYTES, 1 + tb_random() % (BYTES / 2));
	}
	return tb_done();
}
