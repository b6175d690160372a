/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "checks.h"
#include "moves.h"
#include "progress.h"

/*
 * March C-: write; up (read, write inverted), up (read, write); the same down; read. Each
 * word's value comes from its number, so that two addresses which are one cell are found as
 * well as bits that stick. It goes block by block, by DMA: a read through the mapping
 * would cross the bus for every word.
 */

#define BLOCK (1u << 20)
#define PIECE_MAX (64u << 20)
#define PIECES 4096
#define QUICK_BYTES (4u << 20)
/* Where board memory is the host's own, and without end. */
#define FULL_LOCAL_BYTES (32u << 20)

struct element {
	int is_down, reads, is_inverted, writes;
};

static const struct element elements[] = {
	{.writes = 1},
	{.reads = 1, .writes = 1},
	{.reads = 1, .is_inverted = 1, .writes = 1},
	{.reads = 1, .writes = 1, .is_down = 1},
	{.reads = 1, .is_inverted = 1, .writes = 1, .is_down = 1},
	{.reads = 1, .is_down = 1},
};

#define N_ELEMENTS (sizeof(elements) / sizeof(elements[0]))

struct piece {
	struct fpr_buffer *buffer;
	uint64_t bytes, first_word;
};

struct march {
	struct board *board;
	struct piece pieces[PIECES];
	size_t n;
	uint64_t bytes, moved;
	struct memory out, in;
	char problem[160];
};

static uint64_t value(uint64_t word, int inverted)
{
	const uint64_t v = (word + 1) * 0x9e3779b97f4a7c15u;

	return inverted ? ~v : v;
}

/* As much of @bytes as there is room for, in large pieces first. */
static int take_memory(struct march *march, uint64_t bytes)
{
	uint64_t size = PIECE_MAX;
	int ret = 0;

	while (march->bytes < bytes && march->n < PIECES) {
		struct piece *piece = &march->pieces[march->n];

		if (size > bytes - march->bytes)
			size = bytes - march->bytes;
		ret = fpr_buffer_create(march->board->device, size, FPR_BUFFER_BOARD,
					&piece->buffer);
		if (ret && ret != -ENOSPC)
			break;
		if (ret && size < 2 * 4096)
			break;
		if (ret) {
			size = size / 2 & ~4095ull;
			continue;
		}
		piece->bytes = size;
		piece->first_word = march->bytes / sizeof(uint64_t);
		march->bytes += size;
		march->n++;
	}
	return march->n ? 0 : ret;
}

static int move(struct march *march, const struct piece *piece, uint64_t at, uint64_t bytes,
		enum fpr_direction direction)
{
	struct fpr_transfer_job job;

	fpr_transfer_init(&job, direction,
			  direction == FPR_TO_HOST ? march->in.buffer : march->out.buffer,
			  piece->buffer, bytes);
	job.board_offset = at;
	march->moved += bytes;
	progress_at(march->moved);
	return moves_run(march->board, &job, 1, NULL);
}

static int is_as_written(struct march *march, uint64_t first, uint64_t bytes, int inverted)
{
	const uint64_t *held = march->in.bytes;

	for (uint64_t i = 0; i < bytes / sizeof(uint64_t); i++) {
		if (held[i] == value(first + i, inverted))
			continue;
		snprintf(march->problem, sizeof(march->problem),
			 "word %llu of %llu held 0x%016llx instead of 0x%016llx",
			 (unsigned long long)(first + i),
			 (unsigned long long)(march->bytes / sizeof(uint64_t)),
			 (unsigned long long)held[i],
			 (unsigned long long)value(first + i, inverted));
		return 0;
	}
	return 1;
}

static int step(struct march *march, const struct element *e, const struct piece *piece,
		uint64_t at)
{
	const uint64_t left = piece->bytes - at, bytes = left < BLOCK ? left : BLOCK;
	const uint64_t first = piece->first_word + at / sizeof(uint64_t);
	const int leaves = e->reads ? !e->is_inverted : 0;
	uint64_t *out = march->out.bytes;
	int ret;

	if (e->reads) {
		ret = move(march, piece, at, bytes, FPR_TO_HOST);
		if (ret)
			return ret;
		if (!is_as_written(march, first, bytes, e->is_inverted))
			return -EIO;
	}
	if (!e->writes)
		return 0;
	for (uint64_t i = 0; i < bytes / sizeof(uint64_t); i++)
		out[i] = value(first + i, leaves);
	return move(march, piece, at, bytes, FPR_TO_BOARD);
}

static int walk_piece(struct march *march, const struct element *e, const struct piece *piece)
{
	const uint64_t blocks = (piece->bytes + BLOCK - 1) / BLOCK;
	int ret = 0;

	for (uint64_t i = 0; i < blocks && !ret; i++)
		ret = step(march, e, piece, (e->is_down ? blocks - 1 - i : i) * BLOCK);
	return ret;
}

static int walk(struct march *march)
{
	int ret = 0;

	/* Each element but the first reads, each but the last writes. */
	progress_start("memory march", 2 * (N_ELEMENTS - 1) * march->bytes);
	for (size_t e = 0; e < N_ELEMENTS; e++)
		for (size_t i = 0; i < march->n && !ret; i++)
			ret = walk_piece(
				march, &elements[e],
				&march->pieces[elements[e].is_down ? march->n - 1 - i : i]);
	progress_end();
	return ret;
}

static uint64_t wanted(const struct board *board, int full)
{
	if (!full)
		return QUICK_BYTES;
	return board->info.memory_bytes ? board->info.memory_bytes & ~4095ull : FULL_LOCAL_BYTES;
}

void check_march(struct board *board, int full, struct tally *tally)
{
	static struct march march;
	struct verdict v = {.name = "memory march", .detail = march.problem};
	int ret;

	memset(&march, 0, sizeof(march));
	march.board = board;
	ret = memory_create(board, BLOCK, 0, &march.out);
	if (!ret)
		ret = memory_create(board, BLOCK, 0, &march.in);
	if (!ret)
		ret = take_memory(&march, wanted(board, full));
	if (ret == -ENOSPC) {
		v = (struct verdict){.name = v.name,
				     .result = RESULT_SKIPPED,
				     .problem = "no board memory is free"};
	} else {
		if (!ret)
			ret = walk(&march);
		if (ret) {
			v.result = RESULT_FAILED;
			v.problem = *march.problem ? march.problem : board_failure(board, ret);
			v.detail = NULL;
		} else {
			snprintf(march.problem, sizeof(march.problem), "%llu KiB",
				 (unsigned long long)(march.bytes >> 10));
		}
	}
	verdict_begin(tally, &v);
	if (tally->is_json)
		print_number(&tally->printer, "tested_bytes", march.bytes);
	verdict_end(tally);
	for (size_t i = 0; i < march.n; i++)
		fpr_buffer_destroy(march.pieces[i].buffer);
	memory_destroy(&march.out);
	memory_destroy(&march.in);
}
