/* SPDX-License-Identifier: MIT */
#ifndef FPR_TOP_REPLAY_H
#define FPR_TOP_REPLAY_H

#include <stddef.h>
#include <stdint.h>

#include "recording.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The driver's recorded traffic, replayed to another board, which has to answer as the recorded one
 * did. Time is not compared: README.md says what is.
 */

struct replay;

/**
 * struct replay_board - a board under test
 * @ctx: handed to the calls
 * @read: of a register
 * @write: the same
 * @memory_read: of board memory through BAR2; within a page of 4 KiB
 * @memory_write: the same
 * @step: let some time pass; 0: nothing will happen any more unless the host does something
 *
 * During each of these calls the board may call the three functions below.
 */
struct replay_board {
	void *ctx;
	uint32_t (*read)(void *ctx, uint32_t offset);
	void (*write)(void *ctx, uint32_t offset, uint32_t value);
	void (*memory_read)(void *ctx, uint64_t offset, void *to, uint32_t bytes);
	void (*memory_write)(void *ctx, uint64_t offset, const void *from, uint32_t bytes);
	int (*step)(void *ctx);
};

/* The board reads or writes host memory; what lies in pages that it must not know is an error. */
void replay_host_read(struct replay *replay, uint64_t address, void *to, uint32_t bytes);
void replay_host_write(struct replay *replay, uint64_t address, const void *from, uint32_t bytes);

/* The board sends a message. */
void replay_message(struct replay *replay, unsigned int cause);

/* Something else is wrong, such as the bus's protocol. */
void replay_complain(struct replay *replay, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * replay_new() - prepare
 * @recording: stays as long as the replay
 * @patience: steps after which what has not happened will not
 * Return: NULL without memory
 */
struct replay *replay_new(const struct recording *recording, uint64_t patience);
void replay_free(struct replay *replay);

/* 0: the board answered as the recorded one; else -1, and replay_error() says why. Once only. */
int replay_run(struct replay *replay, const struct replay_board *board);

/* What was wrong first, in a line. */
const char *replay_error(const struct replay *replay);

/* What was compared. */
struct replay_tally {
	uint64_t completions, bytes, registers, polled, skipped, messages;
};

const struct replay_tally *replay_tally(const struct replay *replay);

#ifdef __cplusplus
}
#endif

#endif
