/* SPDX-License-Identifier: MIT */
#include "add_bytes.h"
#include "check.h"
#include "dma.h"
#include "engine.h"
#include "move.h"

/*
 * Descriptors looked at before the next slice: arrivals must not starve what they arrive for,
 * yet the last of as many as the tables hold may be the most urgent.
 */
#define FETCH_MAX (FPR_DIRECTIONS * FPR_P3_ENTRIES)

#define ADD_PIECE 4096

/* ---- arrivals ----------------------------------------------------------- */

static void finish(struct fpr_shell *shell, uint64_t fence, uint32_t cookie, enum fpr_status status)
{
	struct fpr_finished finished = {fence, cookie, status, 0};

	fpr_engine_complete(shell, FPR_ENGINE_XFER, &finished);
}

static uint32_t push(struct fpr_shell *shell, const struct fpr_xfer_desc *desc)
{
	enum fpr_lane lane = desc->to_host ? FPR_LANE_C2H : FPR_LANE_H2C;
	uint32_t slot = fpr_p3_push(&shell->queue[lane], desc->priority, desc->host.bytes);
	struct fpr_transfer *transfer;

	if (slot == FPR_P3_NONE)
		return slot;
	transfer = &shell->transfer[lane][slot];
	transfer->fence = desc->fence;
	transfer->cookie = desc->cookie;
	transfer->board = desc->board;
	transfer->op = desc->op;
	transfer->priority = desc->priority;
	fpr_walk_start(&transfer->walk, &desc->host,
		       desc->op == FPR_XFER_COPY ? 1 : FPR_XFER_ADD_ALIGN);
	return slot;
}

/* Takes one descriptor off the ring; 0 when there is none, or no room for it. */
static int arrive(struct fpr_shell *shell)
{
	struct fpr_engine_faults *faults = &shell->faults.engine[FPR_ENGINE_XFER];
	struct fpr_xfer_desc desc;
	enum fpr_status status;
	int runs;

	if (!fpr_engine_ready(shell, FPR_ENGINE_XFER) ||
	    !fpr_engine_peek(shell, FPR_ENGINE_XFER, &desc, sizeof(desc)))
		return 0;
	status = fpr_check_xfer(&desc, shell->config.memory_bytes);
	runs = status == FPR_OK && desc.opcode == FPR_OP_XFER;
	if (runs && faults->error_in != 1 && push(shell, &desc) == FPR_P3_NONE)
		return 0;
	fpr_engine_take(shell, FPR_ENGINE_XFER, desc.fence, desc.cookie);
	if (fpr_fault_due(&faults->hang_in))
		fpr_shell_hang(shell, FPR_ENGINE_XFER);
	if (fpr_fault_due(&faults->error_in)) {
		shell->stats.faults_injected++;
		status = (enum fpr_status)faults->error;
		runs = 0;
	}
	if (!runs && !shell->core->engine[FPR_ENGINE_XFER].hung)
		finish(shell, desc.fence, desc.cookie, status);
	return 1;
}

static int arrivals(struct fpr_shell *shell)
{
	int n = 0;

	while (n < FETCH_MAX && arrive(shell))
		n++;
	/* Some may be for the other lane. */
	if (n)
		shell->config.ops->wake(shell->config.ctx);
	return n;
}

/* ---- slices ------------------------------------------------------------- */

/* How much of a piece moves before an injected hang; 0 when none of it. */
static uint64_t before_hang(struct fpr_shell *shell, uint64_t bytes, uint64_t beat)
{
	uint64_t left = __atomic_load_n(&shell->hang_after, __ATOMIC_RELAXED);

	if (fpr_engine_stopping(shell, FPR_ENGINE_XFER))
		return 0;
	if (!left)
		return bytes;
	left = (left + beat - 1) / beat * beat;
	return left < bytes ? left : bytes;
}

/* @bytes have reached memory. */
static void moved(struct fpr_shell *shell, uint32_t cookie, uint64_t bytes)
{
	uint64_t left = __atomic_load_n(&shell->hang_after, __ATOMIC_RELAXED);

	__atomic_fetch_add(fpr_engine_moved(shell, FPR_ENGINE_XFER, cookie), bytes,
			   __ATOMIC_RELAXED);
	if (!left)
		return;
	shell->config.ops->lock(shell->config.ctx);
	left = __atomic_load_n(&shell->hang_after, __ATOMIC_RELAXED);
	__atomic_store_n(&shell->hang_after, left > bytes ? left - bytes : 0, __ATOMIC_RELAXED);
	if (left && left <= bytes)
		fpr_shell_hang(shell, FPR_ENGINE_XFER);
	shell->config.ops->unlock(shell->config.ctx);
}

static enum fpr_status copy(struct fpr_shell *shell, enum fpr_lane lane,
			    struct fpr_transfer *transfer, const struct fpr_p3_slice *slice)
{
	uint8_t *board = shell->config.memory + transfer->board + slice->offset;
	uint64_t at, n;

	for (uint64_t done = 0; done < slice->bytes; done += n) {
		enum fpr_status status;
		int fault;

		n = before_hang(shell, slice->bytes - done, 1);
		if (!n)
			return FPR_ERR_INTERNAL; /* nobody will ask */
		status = fpr_sg_run(shell, &transfer->walk, n, &at, &n);
		if (status != FPR_OK)
			return status;
		if (lane == FPR_LANE_H2C)
			fault = fpr_move_in(shell, at, board + done, n);
		else
			fault = fpr_move_out(shell, at, board + done, n);
		if (fault)
			return FPR_ERR_DMA;
		moved(shell, transfer->cookie, n);
	}
	return FPR_OK;
}

static enum fpr_status add(struct fpr_shell *shell, struct fpr_transfer *transfer,
			   const struct fpr_p3_slice *slice)
{
	const uint32_t widens = fpr_add_widens(transfer->op);
	uint8_t *board = shell->config.memory + transfer->board + slice->offset * widens;
	uint8_t piece[ADD_PIECE];
	uint64_t at, n;

	for (uint64_t done = 0; done < slice->bytes; done += n) {
		uint64_t left = slice->bytes - done;
		enum fpr_status status;

		n = before_hang(shell, left < ADD_PIECE ? left : ADD_PIECE, FPR_XFER_ADD_ALIGN);
		if (!n)
			return FPR_ERR_INTERNAL; /* nobody will ask */
		status = fpr_sg_run(shell, &transfer->walk, n, &at, &n);
		if (status != FPR_OK)
			return status;
		if (fpr_dma_read(shell, at, piece, n))
			return FPR_ERR_DMA;
		fpr_add_bytes(transfer->op, piece, board + done * widens, n);
		moved(shell, transfer->cookie, n);
	}
	return FPR_OK;
}

/* Moves one slice with the lock let go meanwhile. */
static void work(struct fpr_shell *shell, enum fpr_lane lane, const struct fpr_p3_slice *slice)
{
	const struct fpr_shell_ops *ops = shell->config.ops;
	struct fpr_transfer *transfer = &shell->transfer[lane][slice->slot];
	struct fpr_core_engine *e = &shell->core->engine[FPR_ENGINE_XFER];
	enum fpr_status status;
	uint64_t start, stalled;

	fpr_core_mark(shell->core, FPR_ENGINE_XFER, transfer->cookie, FPR_RECORD_SERVED, 0);
	if (shell->faults.deadly == 1 + transfer->priority)
		fpr_shell_hang(shell, FPR_ENGINE_XFER);
	fpr_engine_work(shell, FPR_ENGINE_XFER);
	ops->unlock(shell->config.ctx);
	start = ops->now(shell->config.ctx);
	fpr_slice_pause(shell, &shell->stop[FPR_ENGINE_XFER]);
	stalled = ops->now(shell->config.ctx) - start;
	if (transfer->op == FPR_XFER_COPY)
		status = copy(shell, lane, transfer, slice);
	else
		status = add(shell, transfer, slice);
	ops->lock(shell->config.ctx);
	e->stall_ns += stalled;
	/* A hung engine keeps what it has, and an engine in error or reset drops it. */
	if (fpr_engine_ready(shell, FPR_ENGINE_XFER)) {
		fpr_core_mark(shell->core, FPR_ENGINE_XFER, transfer->cookie, 0, FPR_RECORD_SERVED);
		e->moved += status == FPR_OK ? slice->bytes : 0;
		if (fpr_p3_end(&shell->queue[lane], slice, status != FPR_OK))
			finish(shell, transfer->fence, transfer->cookie, status);
	}
	fpr_engine_rest(shell, FPR_ENGINE_XFER);
}

int fpr_xfer_step(struct fpr_shell *shell, enum fpr_lane lane)
{
	struct fpr_p3_slice slice = {.slot = FPR_P3_NONE};
	int did;

	shell->config.ops->lock(shell->config.ctx);
	did = arrivals(shell);
	if (fpr_engine_ready(shell, FPR_ENGINE_XFER)) {
		fpr_p3_serve(&shell->queue[lane], shell->core->slice, shell->core->ageing, &slice);
		if (slice.slot != FPR_P3_NONE)
			work(shell, lane, &slice);
	}
	shell->config.ops->unlock(shell->config.ctx);
	return did || slice.slot != FPR_P3_NONE;
}
