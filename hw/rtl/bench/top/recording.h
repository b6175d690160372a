/* SPDX-License-Identifier: MIT */
#ifndef FPR_TOP_RECORDING_H
#define FPR_TOP_RECORDING_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What fpr-board --record has written (hw/board/server/README.md), in memory. */

/**
 * struct recorded - a line
 * @what: its letter
 * @line: its number in the file; of lines that were joined, the first one's
 * @at: offset, address or cause
 * @value: of a register
 * @bytes: length of @data
 * @data: NULL for what has none
 */
struct recorded {
	char what;
	unsigned int line;
	uint64_t at;
	uint32_t value, bytes;
	uint8_t *data;
};

/**
 * struct recording - a whole one
 * @event: in their order; writes of board memory that follow one another within a page are one
 * @events: how many
 * @memory: bytes of board memory
 * @clock_khz: and what follows: what registers show of the board
 */
struct recording {
	struct recorded *event;
	size_t events, room;
	uint64_t memory;
	uint32_t clock_khz, build;
	int32_t temperature;
};

/**
 * recording_load() - read a recording
 * @path: of the file, compressed by gzip or not
 * @recording: set; recording_free() gives its memory back, also after an error
 * Return: 0; a line's number when that line is none; -1 when the file cannot be read
 */
int recording_load(const char *path, struct recording *recording);
void recording_free(struct recording *recording);

#ifdef __cplusplus
}
#endif

#endif
