/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/fuzz_random.h"
#include "copy_bytes.h"

/*
 * The copy datapath between two memories that count how often each byte is touched, against the
 * definition of a copy: byte i goes from @from + i to @to + i, once, and nothing else happens.
 */

#define BYTES 1024 /* of either memory; addresses wrap around in it */

struct memory {
	uint8_t byte[BYTES];
	uint8_t touched[BYTES];
};

static uint64_t random_state = 88172645463325252u;

static struct memory source, dest;

static uint32_t any(void)
{
	return fuzz_random(&random_state);
}

static void prepare(void)
{
	for (uint32_t i = 0; i < BYTES; i++) {
		source.byte[i] = (uint8_t)any();
		dest.byte[i] = (uint8_t)any();
	}
	memset(source.touched, 0, BYTES);
	memset(dest.touched, 0, BYTES);
}

static void read_beat(uint64_t at, uint8_t *in)
{
	assert_int_equal(at % FPR_BEAT, 0);
	for (uint32_t i = 0; i < FPR_BEAT; i++) {
		in[i] = source.byte[(at + i) % BYTES];
		source.touched[(at + i) % BYTES]++;
	}
}

static void write_beat(uint64_t at, const uint8_t *out, uint64_t strobes)
{
	assert_int_equal(at % FPR_BEAT, 0);
	for (uint32_t i = 0; i < FPR_BEAT; i++) {
		if (!(strobes >> i & 1))
			continue;
		dest.byte[(at + i) % BYTES] = out[i];
		dest.touched[(at + i) % BYTES]++;
	}
}

/* Copies; the number of steps it took. */
static unsigned int run(uint64_t from, uint64_t to, uint64_t bytes)
{
	uint8_t in[FPR_BEAT], out[FPR_BEAT];
	struct fpr_copy copy;
	unsigned int steps = 0;

	memset(&copy, 0xa5, sizeof(copy));
	memset(in, 0x5a, sizeof(in));
	fpr_copy_start(&copy, from, to, bytes);
	for (; copy.left; steps++) {
		const uint64_t at = copy.to;

		assert_true(steps <= BYTES / FPR_BEAT);
		if (copy.reads)
			read_beat(copy.from, in);
		else
			memset(in, 0x5a, sizeof(in));
		memset(out, 0xa5, sizeof(out));
		write_beat(at, out, fpr_copy_beat(&copy, in, out));
	}
	assert_true(!bytes || !copy.reads);
	return steps;
}

static uint64_t beats(uint64_t at, uint64_t bytes)
{
	unsigned __int128 end = (unsigned __int128)at + bytes;

	return bytes ? (uint64_t)((end + FPR_BEAT - 1) / FPR_BEAT - at / FPR_BEAT) : 0;
}

static void compare(uint64_t from, uint64_t to, uint64_t bytes)
{
	struct memory before;
	unsigned int steps, reads = 0;

	prepare();
	before = dest;
	steps = run(from, to, bytes);
	for (uint64_t i = 0; i < bytes; i++) {
		before.byte[(to + i) % BYTES] = source.byte[(from + i) % BYTES];
		before.touched[(to + i) % BYTES] = 1;
	}
	if (memcmp(&dest, &before, sizeof(before)))
		fail_msg("%llu bytes from %#llx to %#llx", (unsigned long long)bytes,
			 (unsigned long long)from, (unsigned long long)to);
	/* Each beat of the source once, and only those with bytes of the piece. */
	for (uint32_t i = 0; i < BYTES; i += FPR_BEAT)
		reads += source.touched[i];
	assert_int_equal(reads, beats(from, bytes));
	for (uint64_t i = 0; i < bytes; i++)
		assert_int_equal(source.touched[(from + i) % BYTES], 1);
	/* A beat of the destination each step, but for one to begin with. */
	assert_true(steps == beats(to, bytes) || steps == beats(to, bytes) + 1);
}

static void every_alignment(void **state)
{
	static const uint64_t lengths[] = {1, 2, 63, 64, 65, 200};

	(void)state;
	for (uint32_t from = 0; from < FPR_BEAT; from++)
		for (uint32_t to = 0; to < FPR_BEAT; to++)
			for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
				compare(0x1000 + from, 0x5000 + to, lengths[i]);
}

static void every_length(void **state)
{
	(void)state;
	for (uint64_t bytes = 0; bytes <= 5 * FPR_BEAT; bytes++)
		for (unsigned int n = 0; n < 16; n++)
			compare(any() % 4096, any() % 4096, bytes);
}

/* The last bytes of 64 bits' addresses; the next beat's address is 0 by then. */
static void up_to_the_end_of_addresses(void **state)
{
	(void)state;
	for (uint64_t bytes = 1; bytes <= 3 * FPR_BEAT; bytes++) {
		compare(0 - bytes, any() % 4096, bytes);
		compare(any() % 4096, 0 - bytes, bytes);
		compare(0 - bytes, 0 - bytes, bytes);
	}
}

/* Of a piece as long as they get, the beats are counted right. */
static void huge_pieces_begin_right(void **state)
{
	struct fpr_copy copy;

	(void)state;
	for (unsigned int n = 0; n < 10000; n++) {
		uint64_t bytes = UINT64_MAX - (n % 2 ? any() : any() % 300);
		uint64_t from = any() % 200;

		fpr_copy_start(&copy, from, any(), bytes);
		assert_true(copy.reads == beats(from, bytes));
		assert_true(copy.left == bytes);
	}
}

/* The boards' way in, on memories of just the piece's length, so that sanitizers see beyond. */
static void bytes_in_memory(void **state)
{
	(void)state;
	for (unsigned int n = 0; n < 2000; n++) {
		const uint64_t bytes = 1 + any() % 700;
		uint8_t *from = malloc(bytes), *to = malloc(bytes);

		assert_true(from && to);
		for (uint64_t i = 0; i < bytes; i++) {
			from[i] = (uint8_t)any();
			to[i] = (uint8_t)~from[i];
		}
		fpr_copy_bytes(any(), from, any(), to, bytes);
		assert_memory_equal(from, to, bytes);
		free(from);
		free(to);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_alignment),
		cmocka_unit_test(every_length),
		cmocka_unit_test(up_to_the_end_of_addresses),
		cmocka_unit_test(huge_pieces_begin_right),
		cmocka_unit_test(bytes_in_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
