/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "checks.h"
#include "moves.h"
#include "progress.h"

/* Where a copy begins, in host and in board memory. */
static const uint32_t places[] = {0, 1, 2, 4, 7, 8, 16, 31, 32, 63, 64, 4095};
static const uint32_t sizes[] = {1, 2, 3, 8, 63, 64, 65, 255, 4096, 4097, 16384};

#define N(array) (sizeof(array) / sizeof((array)[0]))
#define WINDOW (4096u + 16384 + 4096)
#define HOST_GUARD 0x5a
#define BOARD_GUARD 0xa5

enum pattern { ZEROS, ONES, FIVES, TENS, WALKING, COUNTING, RANDOM, PATTERNS };

static const char *const pattern_names[PATTERNS] = {
	"zeros", "ones", "0x55", "0xaa", "a walking bit", "counting", "random",
};

static uint8_t byte_of(enum pattern pattern, uint32_t i, uint32_t seed)
{
	switch (pattern) {
	case ZEROS:
		return 0;
	case ONES:
		return 0xff;
	case FIVES:
		return 0x55;
	case TENS:
		return 0xaa;
	case WALKING:
		return i / 8 % 8 == i % 8 ? (uint8_t)(1u << i % 8) : 0;
	case COUNTING:
		return (uint8_t)(i ^ i >> 8);
	default:
		return (uint8_t)((i + seed) * 2654435761u >> 24);
	}
}

/* A copy: where it begins on each side, how long it is, of what. */
struct copy {
	uint32_t host, board, bytes;
	enum pattern pattern;
};

struct stage {
	struct memory guard, from, back, board;
};

static int run(struct board *board, enum fpr_direction direction, const struct memory *host,
	       uint32_t host_offset, const struct memory *there, uint32_t board_offset,
	       uint32_t bytes)
{
	struct fpr_transfer_job job = move_job(direction, host, there, 0, bytes);

	job.host_offset = host_offset;
	job.board_offset = board_offset;
	return moves_run(board, &job, 1, NULL);
}

/* Is what was copied where it should be, and the guard around it? */
static const char *look(const struct stage *s, const struct copy *c, uint32_t at, uint8_t guard)
{
	const uint8_t *sent = s->from.bytes, *got = s->back.bytes;

	for (uint32_t i = 0; i < WINDOW; i++) {
		const int inside = i >= at && i < at + c->bytes;

		if (got[i] != (inside ? sent[c->host + i - at] : guard))
			return inside ? "wrong bytes" : "bytes beside the copy changed";
	}
	return NULL;
}

static const char *check_copy(struct board *board, struct stage *s, const struct copy *c)
{
	const char *problem;
	int ret;

	for (uint32_t i = 0; i < c->bytes; i++)
		((uint8_t *)s->from.bytes)[c->host + i] = byte_of(c->pattern, i, c->board);
	ret = run(board, FPR_TO_BOARD, &s->guard, 0, &s->board, 0, WINDOW);
	if (!ret)
		ret = run(board, FPR_TO_BOARD, &s->from, c->host, &s->board, c->board, c->bytes);
	if (!ret)
		ret = run(board, FPR_TO_HOST, &s->back, 0, &s->board, 0, WINDOW);
	if (ret)
		return board_failure(board, ret);
	problem = look(s, c, c->board, BOARD_GUARD);
	if (problem)
		return problem;
	memset(s->back.bytes, HOST_GUARD, WINDOW);
	ret = run(board, FPR_TO_HOST, &s->back, c->host, &s->board, c->board, c->bytes);
	if (ret)
		return board_failure(board, ret);
	return look(s, c, c->host, HOST_GUARD);
}

/* All of both sides' places, or each of them once. */
static int is_taken(int full, size_t host, size_t board, size_t size)
{
	return full || (board == (host * 5 + size) % N(places) && (host + size) % 3 == 0);
}

static const char *check_all(struct board *board, struct stage *s, int full, uint64_t *copies,
			     struct copy *c)
{
	const char *problem = NULL;

	progress_start("DMA integrity", full ? N(places) * N(places) * N(sizes) : 0);
	for (size_t i = 0; i < N(places) * N(places) * N(sizes) && !problem; i++) {
		const size_t size = i % N(sizes), host = i / N(sizes) % N(places);
		const size_t there = i / N(sizes) / N(places);

		if (!is_taken(full, host, there, size))
			continue;
		*c = (struct copy){places[host], places[there], sizes[size],
				   (enum pattern)(*copies % PATTERNS)};
		problem = check_copy(board, s, c);
		(*copies)++;
		progress_at(i);
	}
	progress_end();
	return problem;
}

static int create(struct board *board, struct stage *s)
{
	int ret;

	memset(s, 0, sizeof(*s));
	ret = memory_create(board, WINDOW, 0, &s->guard);
	if (!ret)
		ret = memory_create(board, WINDOW, 0, &s->from);
	if (!ret)
		ret = memory_create(board, WINDOW, 0, &s->back);
	if (!ret)
		ret = memory_create(board, WINDOW, FPR_BUFFER_BOARD, &s->board);
	if (!ret)
		memset(s->guard.bytes, BOARD_GUARD, WINDOW);
	return ret;
}

void check_integrity(struct board *board, int full, struct tally *tally)
{
	struct verdict v = {.name = "DMA integrity"};
	struct copy c = {0};
	struct stage s;
	uint64_t copies = 0;
	char text[300];
	const char *problem =
		create(board, &s) ? "out of memory" : check_all(board, &s, full, &copies, &c);

	if (problem) {
		snprintf(text, sizeof(text),
			 "%s: %u bytes of %s from host offset %u to board offset %u", problem,
			 c.bytes, pattern_names[c.pattern], c.host, c.board);
		v.result = RESULT_FAILED;
		v.problem = text;
	} else {
		snprintf(text, sizeof(text), "%llu copies each way", (unsigned long long)copies);
		v.detail = text;
	}
	verdict_begin(tally, &v);
	if (tally->is_json)
		print_number(&tally->printer, "copies", copies);
	verdict_end(tally);
	memory_destroy(&s.guard);
	memory_destroy(&s.from);
	memory_destroy(&s.back);
	memory_destroy(&s.board);
}
