/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "moves.h"

int memory_create(struct board *board, uint64_t size, uint32_t flags, struct memory *memory)
{
	int ret;

	memset(memory, 0, sizeof(*memory));
	ret = fpr_buffer_create(board->device, size, flags, &memory->buffer);
	return ret ? ret : fpr_buffer_map(memory->buffer, &memory->bytes);
}

void memory_destroy(struct memory *memory)
{
	fpr_buffer_destroy(memory->buffer);
}

struct fpr_transfer_job move_job(enum fpr_direction direction, const struct memory *host,
				 const struct memory *board, uint64_t offset, uint64_t bytes)
{
	struct fpr_transfer_job job;

	fpr_transfer_init(&job, direction, host->buffer, board->buffer, bytes);
	job.host_offset = offset;
	job.board_offset = offset;
	return job;
}

int moves_run(struct board *board, const struct fpr_transfer_job *jobs, size_t n,
	      struct fpr_transfer_result *results)
{
	struct fpr_fence *fence;
	int ret;

	ret = fpr_transfer_submit(board->queue, jobs, n, NULL, 0, &fence);
	if (ret)
		return ret;
	ret = fpr_fence_wait(fence, FPR_WAIT_FOREVER);
	for (size_t i = 0; !ret && results && i < n; i++)
		ret = fpr_fence_transfer_result(fence, i, &results[i]);
	fpr_fence_destroy(fence);
	return ret;
}

/* ---- checks ------------------------------------------------------------- */

/* Host memory to send from and to come back to, and board memory. */
struct trio {
	struct memory from, back, board;
};

static int trio_create(struct board *board, uint64_t size, struct trio *trio)
{
	int ret;

	memset(trio, 0, sizeof(*trio));
	ret = memory_create(board, size, 0, &trio->from);
	if (!ret)
		ret = memory_create(board, size, 0, &trio->back);
	if (!ret)
		ret = memory_create(board, size, FPR_BUFFER_BOARD, &trio->board);
	return ret;
}

static void trio_destroy(struct trio *trio)
{
	memory_destroy(&trio->from);
	memory_destroy(&trio->back);
	memory_destroy(&trio->board);
}

static int round_trip(struct board *board, const struct trio *trio, uint64_t offset, uint64_t bytes)
{
	const struct fpr_transfer_job there =
		move_job(FPR_TO_BOARD, &trio->from, &trio->board, offset, bytes);
	const struct fpr_transfer_job back =
		move_job(FPR_TO_HOST, &trio->back, &trio->board, offset, bytes);
	int ret = moves_run(board, &there, 1, NULL);

	return ret ? ret : moves_run(board, &back, 1, NULL);
}

/* Each word different from all others, or all bits alternating; then inverted. */
static uint64_t pattern(unsigned int which, uint64_t word)
{
	const uint64_t value = which / 2 ? 0x5555555555555555u : (word + 1) * 0x9e3779b97f4a7c15u;

	return which % 2 ? ~value : value;
}

const char *check_board_memory(struct board *board, int full)
{
	const uint64_t size = full ? 64u << 20 : 4u << 20, words = size / sizeof(uint64_t);
	const char *problem = NULL;
	struct trio trio;
	int ret;

	if (trio_create(board, size, &trio))
		problem = "out of memory";
	for (unsigned int which = 0; which < 4 && !problem; which++) {
		uint64_t *sent = trio.from.bytes;
		volatile const uint64_t *held = trio.board.bytes;

		for (uint64_t i = 0; i < words; i++)
			sent[i] = pattern(which, i);
		ret = round_trip(board, &trio, 0, size);
		if (ret)
			problem = board_failure(board, ret);
		else if (memcmp(trio.from.bytes, trio.back.bytes, size))
			problem = "board memory does not hold what was written to it";
		for (uint64_t i = 0; i < words && !problem; i += full ? 1 : 61)
			if (held[i] != sent[i])
				problem = "its mapping shows other bytes than DMA";
	}
	trio_destroy(&trio);
	return problem;
}

static uint32_t f32_bits(uint32_t value)
{
	const float f = (float)value;
	uint32_t bits;

	memcpy(&bits, &f, sizeof(bits));
	return bits;
}

static uint32_t element(const struct memory *memory, int narrow, uint32_t i)
{
	return narrow ? ((const uint16_t *)memory->bytes)[i] : ((const uint32_t *)memory->bytes)[i];
}

static void set_element(struct memory *memory, int narrow, uint32_t i, uint32_t value)
{
	if (narrow)
		((uint16_t *)memory->bytes)[i] = (uint16_t)(f32_bits(value) >> 16);
	else
		((uint32_t *)memory->bytes)[i] = f32_bits(value);
}

/* Small integers add exactly, in any type. */
static const char *check_sum(struct board *board, struct trio *trio, uint8_t op, uint32_t n)
{
	const int from_narrow = op != FPR_TRANSFER_ADD_F32, to_narrow = op == FPR_TRANSFER_ADD_BF16;
	const uint64_t bytes = (uint64_t)n * (from_narrow ? 2 : 4);
	struct fpr_transfer_job add = move_job(FPR_TO_BOARD, &trio->from, &trio->board, 0, bytes);
	const struct fpr_transfer_job back = move_job(FPR_TO_HOST, &trio->back, &trio->board, 0,
						      (uint64_t)n * (to_narrow ? 2 : 4));
	int ret;

	add.op = op;
	for (uint32_t i = 0; i < n; i++) {
		set_element(&trio->from, from_narrow, i, i % 100);
		set_element(&trio->board, to_narrow, i, i % 7);
	}
	ret = moves_run(board, &add, 1, NULL);
	if (!ret)
		ret = moves_run(board, &back, 1, NULL);
	if (ret)
		return board_failure(board, ret);
	for (uint32_t i = 0; i < n; i++)
		if (element(&trio->back, to_narrow, i) !=
		    (to_narrow ? f32_bits(i % 100 + i % 7) >> 16 : f32_bits(i % 100 + i % 7)))
			return "wrong sum";
	return NULL;
}

const char *check_sums(struct board *board, int full)
{
	const uint32_t n = full ? 1u << 18 : 1u << 14;
	const char *problem = NULL;
	struct trio trio;

	if (trio_create(board, 4ull * n, &trio))
		problem = "out of memory";
	for (uint8_t op = FPR_TRANSFER_ADD_F32; op <= FPR_TRANSFER_ADD_BF16_F32 && !problem; op++)
		problem = check_sum(board, &trio, op, n);
	trio_destroy(&trio);
	return problem;
}

/* As many as the board takes up between two slices: what arrives together is ordered. */
#define ORDERED 48
#define ORDERED_BYTES 4096

static const char *check_one_order(struct board *board, const struct trio *trio, uint64_t seed)
{
	struct fpr_transfer_job jobs[ORDERED];
	struct fpr_transfer_result results[ORDERED];
	int ret;

	for (unsigned int i = 0; i < ORDERED; i++) {
		jobs[i] = move_job(i % 2 ? FPR_TO_HOST : FPR_TO_BOARD,
				   i % 2 ? &trio->back : &trio->from, &trio->board,
				   (uint64_t)i * ORDERED_BYTES, ORDERED_BYTES);
		jobs[i].priority = (uint16_t)(pattern(0, seed + i) >> 62) * 16384;
	}
	ret = moves_run(board, jobs, ORDERED, results);
	if (ret)
		return board_failure(board, ret);
	for (unsigned int i = 0; i < ORDERED; i++)
		for (unsigned int j = i + 2; j < ORDERED; j += 2)
			if ((jobs[i].priority <= jobs[j].priority) !=
			    (results[i].board_ns < results[j].board_ns))
				return "a transfer was served before a more urgent or earlier one";
	return NULL;
}

const char *check_order(struct board *board, int full)
{
	const char *problem = NULL;
	struct trio trio;

	if (trio_create(board, ORDERED * ORDERED_BYTES, &trio))
		problem = "out of memory";
	for (unsigned int round = 0; round < (full ? 32 : 4) && !problem; round++)
		problem = check_one_order(board, &trio, round * ORDERED);
	trio_destroy(&trio);
	return problem;
}
