/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "add_bytes.h"
#include "board.h"
#include "p3.h"

static_assert(FPR_MOVER_ENTRIES == FPR_P3_ENTRIES, "the arbiter's table");
static_assert(FPR_MOVER_SLICE_MIN == FPR_SLICE_MIN && FPR_MOVER_SLICE_MAX == FPR_SLICE_MAX &&
		      FPR_MOVER_SLICE_DEFAULT == FPR_SLICE_DEFAULT,
	      "the slice register");

struct fpr_mover {
	uint32_t slice, ageing;
	struct fpr_p3_queue queue[2];
	struct fpr_move move[2][FPR_P3_ENTRIES];
};

int fpr_mover_open(uint32_t slice, uint32_t ageing, struct fpr_mover **out)
{
	struct fpr_mover *mover;

	if (slice < FPR_SLICE_MIN || slice > FPR_SLICE_MAX || slice % FPR_SLICE_MIN)
		return -EINVAL;
	mover = calloc(1, sizeof(*mover));
	if (!mover)
		return -ENOMEM;
	mover->slice = slice;
	mover->ageing = ageing;
	fpr_p3_clear(&mover->queue[0], 1);
	fpr_p3_clear(&mover->queue[1], 1);
	*out = mover;
	return 0;
}

void fpr_mover_close(struct fpr_mover *mover)
{
	free(mover);
}

int fpr_mover_push(struct fpr_mover *mover, const struct fpr_move *move)
{
	uint32_t slot;

	if (!move->bytes || move->to_host > 1 || move->op > FPR_XFER_ADD_BF16_F32)
		return -EINVAL;
	if (move->op != FPR_XFER_COPY && (move->to_host || move->bytes % FPR_XFER_ADD_ALIGN))
		return -EINVAL;
	slot = fpr_p3_push(&mover->queue[move->to_host], move->priority, move->bytes);
	if (slot == FPR_P3_NONE)
		return -EAGAIN;
	mover->move[move->to_host][slot] = *move;
	return 0;
}

int fpr_mover_decide(struct fpr_mover *mover, unsigned int to_host, struct fpr_mover_slice *out)
{
	struct fpr_p3_slice slice;

	fpr_p3_serve(&mover->queue[to_host], mover->slice, mover->ageing, &slice);
	*out = (struct fpr_mover_slice){slice.slot, to_host, slice.offset, slice.bytes};
	return slice.slot != FPR_P3_NONE;
}

void fpr_mover_move(const struct fpr_mover *mover, const struct fpr_mover_slice *slice)
{
	const struct fpr_move *move = &mover->move[slice->to_host][slice->slot];
	uint8_t *host = (uint8_t *)move->host + slice->offset;
	uint8_t *board = (uint8_t *)move->board + slice->offset * fpr_add_widens(move->op);

	if (move->op != FPR_XFER_COPY)
		fpr_add_bytes(move->op, host, board, slice->bytes);
	else if (move->to_host)
		memcpy(host, board, slice->bytes);
	else
		memcpy(board, host, slice->bytes);
}

void *fpr_mover_end(struct fpr_mover *mover, const struct fpr_mover_slice *slice)
{
	const struct fpr_p3_slice ended = {slice->slot, slice->offset, slice->bytes};

	if (!fpr_p3_end(&mover->queue[slice->to_host], &ended, 0))
		return NULL;
	return mover->move[slice->to_host][slice->slot].owner;
}

void fpr_mover_count(const struct fpr_mover *mover, unsigned int index,
		     struct fpr_mover_counters *counters)
{
	memset(counters, 0, sizeof(*counters));
	for (unsigned int d = 0; d < 2; d++) {
		counters->bytes[d] = mover->queue[d].bytes[index];
		counters->slices += mover->queue[d].slices[index];
		counters->preemptions += mover->queue[d].preemptions[index];
	}
}
