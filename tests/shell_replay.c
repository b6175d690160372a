/* SPDX-License-Identifier: MIT */

/*
 * The driver's recorded traffic, replayed to the shell: what it answers is what the recorded board
 * did, in whatever order its lanes come to their work. The replay is that of the RTL's bench
 * (hw/rtl/bench/top), so here is also shown that it would notice another board, and another
 * recording.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "board.h"
#include "replay.h"
#include "shell.h"

#define RECORDING "hw/rtl/bench/top/driver.rec.gz"
#define PATIENCE 10000
#define SCRATCH_BYTES (1u << 20)

static struct recording recording;

/* A board in this process. What it is to do next a number decides. */
struct bench {
	struct fpr_shell *shell;
	struct fpr_board *board;
	struct replay *replay;
	uint8_t *memory, *scratch;
	uint64_t now;
	uint32_t seed;
};

static uint32_t chance(struct bench *bench, uint32_t n)
{
	bench->seed = bench->seed * 1664525u + 1013904223u;
	return (bench->seed >> 8) % n;
}

/* ---- the shell's surroundings ------------------------------------------- */

static void op_nothing(void *ctx)
{
	(void)ctx;
}

static uint64_t op_now(void *ctx)
{
	return ((struct bench *)ctx)->now += 1000;
}

static int op_dma_read(void *ctx, uint64_t address, void *to, size_t bytes)
{
	replay_host_read(((struct bench *)ctx)->replay, address, to, (uint32_t)bytes);
	return 0;
}

static int op_dma_write(void *ctx, uint64_t address, const void *from, size_t bytes)
{
	replay_host_write(((struct bench *)ctx)->replay, address, from, (uint32_t)bytes);
	return 0;
}

static void op_interrupt(void *ctx, unsigned int cause)
{
	replay_message(((struct bench *)ctx)->replay, cause);
}

static void op_level(void *ctx, int asserted)
{
	(void)ctx;
	(void)asserted;
}

static void op_pause(void *ctx, uint32_t ms, const uint32_t *stop)
{
	(void)ctx;
	(void)ms;
	(void)stop;
}

static void *op_scratch(void *ctx, uint64_t bytes)
{
	return bytes <= SCRATCH_BYTES ? ((struct bench *)ctx)->scratch : NULL;
}

static int op_gemm(void *ctx, const struct fpr_gemm *job, const uint16_t *a, const uint16_t *b,
		   void *c, struct fpr_gemm_counters *counters, struct fpr_board_watch *watch)
{
	return fpr_board_gemm_watched(((struct bench *)ctx)->board, job, a, b, c, counters, watch);
}

static const struct fpr_shell_ops ops = {
	.lock = op_nothing,
	.unlock = op_nothing,
	.wake = op_nothing,
	.now = op_now,
	.dma_read = op_dma_read,
	.dma_write = op_dma_write,
	.interrupt = op_interrupt,
	.level = op_level,
	.pause = op_pause,
	.scratch = op_scratch,
	.gemm = op_gemm,
};

/* ---- the board under test ----------------------------------------------- */

static int step(void *ctx)
{
	struct bench *bench = ctx;
	uint32_t first = chance(bench, FPR_LANES_ALL);

	for (uint32_t i = 0; i < FPR_LANES_ALL; i++)
		if (fpr_shell_step(bench->shell, (enum fpr_lane)((first + i) % FPR_LANES_ALL)))
			return 1;
	return 0;
}

static uint32_t reg_read(void *ctx, uint32_t offset)
{
	return fpr_shell_read(((struct bench *)ctx)->shell, offset);
}

/* Now and then it is quicker than the host. */
static void reg_write(void *ctx, uint32_t offset, uint32_t value)
{
	struct bench *bench = ctx;

	fpr_shell_write(bench->shell, offset, value);
	for (uint32_t n = chance(bench, 4); n; n--)
		step(bench);
}

static void memory_read(void *ctx, uint64_t offset, void *to, uint32_t bytes)
{
	memcpy(to, ((struct bench *)ctx)->memory + offset, bytes);
}

static void memory_write(void *ctx, uint64_t offset, const void *from, uint32_t bytes)
{
	memcpy(((struct bench *)ctx)->memory + offset, from, bytes);
}

/* A board with nothing wrong, just switched on. */
static struct bench *power_on(int beats, uint32_t seed)
{
	struct fpr_board_options options = {.threads = 1};
	struct bench *bench = calloc(1, sizeof(*bench));
	struct fpr_shell_config config = {.ops = &ops, .ctx = bench, .beats = beats};

	assert_non_null(bench);
	bench->seed = seed;
	bench->shell = malloc(sizeof(*bench->shell));
	bench->memory = aligned_alloc(64, recording.memory);
	bench->scratch = aligned_alloc(64, SCRATCH_BYTES);
	bench->replay = replay_new(&recording, PATIENCE);
	assert_true(bench->shell && bench->memory && bench->scratch && bench->replay);
	memset(bench->memory, 0, recording.memory);
	assert_int_equal(fpr_board_open(&options, &bench->board), 0);
	config.memory = bench->memory;
	config.memory_bytes = recording.memory;
	config.clock_khz = recording.clock_khz;
	config.build = recording.build;
	config.temperature = recording.temperature;
	fpr_shell_init(bench->shell, &config);
	return bench;
}

static int run(struct bench *bench)
{
	const struct replay_board board = {bench,	reg_read,     reg_write,
					   memory_read, memory_write, step};

	return replay_run(bench->replay, &board);
}

static void power_off(struct bench *bench)
{
	replay_free(bench->replay);
	fpr_board_close(bench->board);
	free(bench->scratch);
	free(bench->memory);
	free(bench->shell);
	free(bench);
}

/* ---- tests -------------------------------------------------------------- */

static void answers_as_recorded(void **state)
{
	(void)state;
	for (uint32_t seed = 0; seed < 6; seed++) {
		struct bench *bench = power_on(seed % 2, seed);

		if (run(bench))
			fail_msg("seed %u: %s", seed, replay_error(bench->replay));
		if (!seed)
			print_message("%u completions, %u bytes\n",
				      (unsigned int)replay_tally(bench->replay)->completions,
				      (unsigned int)replay_tally(bench->replay)->bytes);
		power_off(bench);
	}
}

/* Fails where @expected is part of what is wrong. */
static void must_complain(struct bench *bench, const char *expected, const char *what)
{
	assert_int_equal(run(bench), -1);
	if (!strstr(replay_error(bench->replay), expected))
		fail_msg("%s: '%s' and not '%s'", what, replay_error(bench->replay), expected);
	power_off(bench);
}

static void notices_another_board(void **state)
{
	static const struct {
		struct fpr_engine_faults mac, xfer;
		uint32_t lost;
		const char *expected;
	} boards[] = {
		{.mac = {.error_in = 3, .error = FPR_ERR_DMA},
		 .expected = "status 7, cycles 0, and not"},
		{.xfer = {.error_in = 5, .error = FPR_ERR_DMA}, .expected = "status 7"},
		{.mac = {.corrupt_in = 4, .corrupt = FPR_CORRUPT_COOKIE}, .expected = "cookie"},
		{.mac = {.corrupt_in = 4, .corrupt = FPR_CORRUPT_FENCE},
		 .expected = "does not come"},
		{.xfer = {.corrupt_in = 9, .corrupt = FPR_CORRUPT_PHASE}, .expected = "phase"},
		{.xfer = {.hang_in = 7}, .expected = "does not come"},
		{.lost = 1, .expected = "a message does not come"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(boards) / sizeof(boards[0]); i++) {
		struct bench *bench = power_on(0, 1);

		bench->shell->faults.engine[FPR_ENGINE_MAC] = boards[i].mac;
		bench->shell->faults.engine[FPR_ENGINE_XFER] = boards[i].xfer;
		bench->shell->faults.drop_interrupts = boards[i].lost;
		must_complain(bench, boards[i].expected, "a faulty board");
	}
}

/* The @n-th line of its kind with so many bytes. */
static struct recorded *find(char what, uint32_t bytes, unsigned int n)
{
	for (size_t i = 0; i < recording.events; i++) {
		struct recorded *event = &recording.event[i];

		if (event->what == what && event->bytes == bytes && !n--)
			return event;
	}
	fail_msg("no such line: %c", what);
	return NULL;
}

static void notices_a_changed_byte(void **state)
{
	static const struct {
		char what;
		uint32_t bytes;
		unsigned int n;
		const char *expected;
	} changes[] = {
		{'o', 64, 3, "differs"}, /* data for the host */
		{'i', 1536, 1, "differs"}, /* data from there */
		{'i', 256, 0, "completion of fence"}, /* a descriptor */
		{'o', 30, 5, "completion of fence"}, /* a completion */
		{'o', 128, 0, "differs"},
		{'R', 4, 0, "board memory"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		struct recorded *event = find(changes[i].what, changes[i].bytes, changes[i].n);

		event->data[1] ^= 0x40;
		must_complain(power_on(0, 1), changes[i].expected, "a changed byte");
		event->data[1] ^= 0x40;
	}
}

/* What is missing in the recording is too much of the board. */
static void notices_what_was_not_recorded(void **state)
{
	static const struct {
		char what;
		uint32_t bytes;
		const char *expected;
	} lines[] = {
		{'m', 0, "a message too many"},
		{'o', 64, "not its to write"},
		{'i', 64, "completion of fence"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct recorded *event = find(lines[i].what, lines[i].bytes, 1);

		event->what = 'l';
		must_complain(power_on(0, 1), lines[i].expected, "a line less");
		event->what = lines[i].what;
	}
}

static void notices_another_register(void **state)
{
	static const uint32_t at[] = {FPR_REG_CAPS, FPR_REG_ENGINE(0) + FPR_ENG_JOBS_LO,
				      FPR_REG_CLASS(15)};

	(void)state;
	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		struct recorded *event = find('r', 0, 0);

		while (event->what != 'r' || event->at != at[i])
			event++;
		event->value ^= 1;
		must_complain(power_on(0, 1), "register", "another register");
		event->value ^= 1;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_as_recorded),
		cmocka_unit_test(notices_another_board),
		cmocka_unit_test(notices_a_changed_byte),
		cmocka_unit_test(notices_what_was_not_recorded),
		cmocka_unit_test(notices_another_register),
	};
	int ret = recording_load(RECORDING, &recording);

	if (ret) {
		fprintf(stderr, RECORDING ": line %d cannot be read\n", ret);
		return 1;
	}
	ret = cmocka_run_group_tests(tests, NULL, NULL);
	recording_free(&recording);
	return ret;
}
