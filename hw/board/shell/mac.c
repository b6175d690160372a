/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "check.h"
#include "dma.h"
#include "engine.h"

#define PIECE (1u << 20) /* between two looks at whether to stop */
#define ALIGN 64

/* One operand of a running job. */
struct operand {
	const struct fpr_ref *ref;
	uint64_t bytes; /* extent */
	uint64_t scratch; /* where its copy lies, when it comes from the host */
	uint8_t *at;
};

struct run {
	struct fpr_shell *shell;
	const struct fpr_mac_desc *desc;
	const struct fpr_mac_job *job;
	struct operand a, b, c;
	int apart; /* C is in board memory, and worked out beside it */
	uint64_t stall_ns;
};

static int from_host(const struct operand *op)
{
	return op->ref->sg_entries && op->bytes;
}

/*
 * A job that adds to C could not be run again once it had written some of it. So its C is
 * worked out apart, and put in its place when all of it is there.
 */
static int adds(const struct run *run)
{
	return run->job->gemm.accumulate && run->c.bytes;
}

/* From here on C may be written in part. */
static void tear(struct run *run)
{
	const struct fpr_shell_ops *ops = run->shell->config.ops;
	void *ctx = run->shell->config.ctx;

	ops->lock(ctx);
	fpr_core_mark(run->shell->core, FPR_ENGINE_MAC, run->desc->cookie, FPR_RECORD_TORN, 0);
	ops->unlock(ctx);
}

/* ---- host memory -------------------------------------------------------- */

static enum fpr_status gather(struct run *run, const struct operand *op)
{
	struct fpr_walk walk;
	enum fpr_status status = FPR_OK;

	if (!from_host(op))
		return FPR_OK;
	fpr_walk_start(&walk, op->ref, 1);
	for (uint64_t done = 0; done < op->bytes && status == FPR_OK; done += PIECE) {
		uint64_t left = op->bytes - done;

		if (fpr_engine_stopping(run->shell, FPR_ENGINE_MAC))
			return FPR_ERR_INTERNAL;
		fpr_dma_pause(run->shell, &run->shell->watch.stop);
		status = fpr_sg_read(run->shell, &walk, op->at + done, left < PIECE ? left : PIECE);
	}
	return status;
}

/* Rows of C in the order in which they lie, so that one walk passes them all. */
struct rows {
	uint64_t outer, inner; /* how many */
	uint64_t outer_step, inner_step; /* elements between two of them */
};

static struct rows rows_of(const struct fpr_gemm *job)
{
	uint64_t ldc = job->ldc ? job->ldc : job->n;
	uint64_t batch = job->batch ? job->batch : 1;

	/* Entries side by side: a row of each, then the next row of each. */
	if (batch > 1 && job->stride_c < (job->m - 1) * ldc + job->n)
		return (struct rows){job->m, batch, ldc, job->stride_c};
	return (struct rows){batch, job->m, job->stride_c, ldc};
}

/* Where the @n-th row of C lies, bytes from its start. */
static uint64_t row_at(const struct run *run, const struct rows *rows, uint64_t n)
{
	const uint64_t element = run->job->gemm.out == FPR_OUT_F32 ? 4 : 2;

	return element * (n / rows->inner * rows->outer_step + n % rows->inner * rows->inner_step);
}

/* C from board memory to where it is worked out, or back. */
static void move_apart(struct run *run, int back)
{
	const struct fpr_gemm *job = &run->job->gemm;
	const uint64_t bytes = job->n * (job->out == FPR_OUT_F32 ? 4ull : 2ull);
	const struct rows rows = rows_of(job);
	uint8_t *memory = run->shell->config.memory + run->c.ref->address;

	for (uint64_t n = 0; n < rows.outer * rows.inner; n++) {
		uint64_t at = row_at(run, &rows, n);

		if (back)
			memcpy(memory + at, run->c.at + at, bytes);
		else
			memcpy(run->c.at + at, memory + at, bytes);
	}
}

/*
 * Only the rows themselves are written: what lies between them may belong to
 * another job. A reset waits for sums: half of them would be of no use.
 */
static enum fpr_status scatter(struct run *run)
{
	const struct fpr_gemm *job = &run->job->gemm;
	const uint64_t element = job->out == FPR_OUT_F32 ? 4 : 2;
	const struct rows rows = rows_of(job);
	struct fpr_walk walk;
	enum fpr_status status = FPR_OK;
	uint64_t done = 0;

	fpr_walk_start(&walk, run->c.ref, 1);
	for (uint64_t n = 0; n < rows.outer * rows.inner && status == FPR_OK; n++) {
		uint64_t at = row_at(run, &rows, n);

		if (!adds(run) && fpr_engine_stopping(run->shell, FPR_ENGINE_MAC))
			return FPR_ERR_INTERNAL;
		fpr_walk_skip(&walk, at - done);
		status = fpr_sg_write(run->shell, &walk, run->c.at + at, job->n * element);
		done = at + job->n * element;
	}
	return status;
}

/* C was worked out elsewhere; now it goes where it belongs. */
static enum fpr_status commit(struct run *run)
{
	if (from_host(&run->c))
		fpr_dma_pause(run->shell, &run->shell->watch.stop);
	else if (!run->apart)
		return FPR_OK;
	if (fpr_engine_stopping(run->shell, FPR_ENGINE_MAC))
		return FPR_ERR_INTERNAL;
	tear(run);
	if (!run->apart)
		return scatter(run);
	move_apart(run, 1);
	return FPR_OK;
}

static enum fpr_status timed(struct run *run, enum fpr_status (*move)(struct run *run))
{
	const struct fpr_shell_ops *ops = run->shell->config.ops;
	uint64_t start = ops->now(run->shell->config.ctx);
	enum fpr_status status = move(run);

	run->stall_ns += ops->now(run->shell->config.ctx) - start;
	return status;
}

static enum fpr_status gather_all(struct run *run)
{
	enum fpr_status status = gather(run, &run->a);

	if (status == FPR_OK)
		status = gather(run, &run->b);
	if (status == FPR_OK && run->apart)
		move_apart(run, 0);
	else if (status == FPR_OK && adds(run))
		status = gather(run, &run->c);
	return status;
}

/* ---- one job ------------------------------------------------------------ */

static void plan(struct operand *op, const struct fpr_ref *ref, uint64_t bytes)
{
	op->ref = ref;
	op->bytes = bytes;
}

static void reserve(struct operand *op, uint64_t *scratch)
{
	op->scratch = *scratch;
	*scratch += (op->bytes + ALIGN - 1) / ALIGN * ALIGN;
}

static void place(const struct fpr_shell *shell, struct operand *op, uint8_t *scratch, int copied)
{
	if (!op->bytes)
		op->at = shell->config.memory;
	else if (copied)
		op->at = scratch + op->scratch;
	else
		op->at = shell->config.memory + op->ref->address;
}

static int place_all(struct run *run)
{
	const struct fpr_shell *shell = run->shell;
	uint8_t *scratch = NULL;
	uint64_t bytes = 0;

	if (from_host(&run->a))
		reserve(&run->a, &bytes);
	if (from_host(&run->b))
		reserve(&run->b, &bytes);
	if (from_host(&run->c) || run->apart)
		reserve(&run->c, &bytes);
	if (bytes)
		scratch = shell->config.ops->scratch(shell->config.ctx, bytes);
	if (bytes && !scratch)
		return 0;
	place(shell, &run->a, scratch, from_host(&run->a));
	place(shell, &run->b, scratch, from_host(&run->b));
	place(shell, &run->c, scratch, from_host(&run->c) || run->apart);
	return 1;
}

static enum fpr_status plan_memory(struct run *run)
{
	const struct fpr_mac_job *job = run->job;
	const uint64_t most = UINT64_MAX / 4;

	if (job->a > most || job->b > most || job->c > most)
		return FPR_ERR_MEMORY;
	plan(&run->a, &run->desc->a, job->a);
	plan(&run->b, &run->desc->b, job->b);
	plan(&run->c, &run->desc->c, job->c);
	run->apart = adds(run) && !from_host(&run->c);
	if (place_all(run))
		return FPR_OK;
	if (!run->apart)
		return FPR_ERR_MEMORY;
	/* Better in its place, where a reset may tear it, than not at all. */
	run->apart = 0;
	return place_all(run) ? FPR_OK : FPR_ERR_MEMORY;
}

static enum fpr_status compute(struct run *run, struct fpr_gemm_counters *counters)
{
	const struct fpr_shell_config *config = &run->shell->config;
	int count = !(run->desc->flags & FPR_MAC_NO_COUNTERS);
	int ret;

	if (!from_host(&run->c) && !run->apart)
		tear(run);
	ret = config->ops->gemm(config->ctx, &run->job->gemm, (const void *)run->a.at,
				(const void *)run->b.at, run->c.at, count ? counters : NULL,
				&run->shell->watch);
	if (ret == -ENOMEM)
		return FPR_ERR_MEMORY;
	return ret ? FPR_ERR_INTERNAL : FPR_OK;
}

static enum fpr_status write_result(struct run *run, const struct fpr_gemm_counters *counters)
{
	static_assert(sizeof(*counters) == sizeof(struct fpr_mac_result), "a word per counter");
	if (!run->desc->result)
		return FPR_OK;
	return fpr_dma_write(run->shell, run->desc->result, counters, sizeof(*counters))
		       ? FPR_ERR_DMA
		       : FPR_OK;
}

static enum fpr_status run_job(struct run *run, struct fpr_gemm_counters *counters)
{
	enum fpr_status status = plan_memory(run);

	if (status == FPR_OK)
		status = timed(run, gather_all);
	if (status == FPR_OK)
		status = compute(run, counters);
	if (status == FPR_OK)
		status = timed(run, commit);
	return status == FPR_OK ? write_result(run, counters) : status;
}

/* ---- the ring ----------------------------------------------------------- */

static void finish(struct fpr_shell *shell, const struct fpr_mac_desc *desc, enum fpr_status status,
		   const struct fpr_gemm_counters *counters)
{
	struct fpr_finished finished = {desc->fence, desc->cookie, status,
					counters ? counters->cycles_total : 0};

	fpr_engine_complete(shell, FPR_ENGINE_MAC, &finished);
}

static void add_counters(struct fpr_core *core, const struct fpr_gemm_counters *c)
{
	const uint64_t sums[FPR_CORE_SUMS] = {c->cycles_total, c->terms_issued,
					      c->terms_skipped_zero, c->terms_skipped_oob};

	fpr_core_count(core, sums);
}

/* What is to become of a descriptor, injected faults included. */
static enum fpr_status accept(struct fpr_shell *shell, const struct fpr_mac_desc *desc,
			      struct fpr_mac_job *job)
{
	struct fpr_engine_faults *faults = &shell->faults.engine[FPR_ENGINE_MAC];
	enum fpr_status status = fpr_check_mac(desc, shell->config.memory_bytes, job);

	if (fpr_fault_due(&faults->hang_in))
		fpr_shell_hang(shell, FPR_ENGINE_MAC);
	if (status == FPR_OK && fpr_core_chain(shell->core, desc->flags) != FPR_OK)
		return FPR_ERR_CHAIN;
	if (fpr_fault_due(&faults->error_in)) {
		shell->stats.faults_injected++;
		return (enum fpr_status)faults->error;
	}
	return status;
}

/* Runs a job with the lock let go meanwhile. */
static void work(struct fpr_shell *shell, const struct fpr_mac_desc *desc,
		 const struct fpr_mac_job *job)
{
	struct run run = {.shell = shell, .desc = desc, .job = job};
	struct fpr_gemm_counters counters = {0};
	enum fpr_status status;

	fpr_engine_work(shell, FPR_ENGINE_MAC);
	shell->config.ops->unlock(shell->config.ctx);
	status = run_job(&run, &counters);
	shell->config.ops->lock(shell->config.ctx);
	shell->core->engine[FPR_ENGINE_MAC].stall_ns += run.stall_ns;
	/* Also when nobody will hear of it: it must not be run again. */
	if (status == FPR_OK)
		fpr_core_record(shell->core, FPR_ENGINE_MAC, desc->cookie, status);
	if (fpr_engine_ready(shell, FPR_ENGINE_MAC)) {
		if (status == FPR_OK)
			add_counters(shell->core, &counters);
		finish(shell, desc, status, status == FPR_OK ? &counters : NULL);
	}
	fpr_engine_rest(shell, FPR_ENGINE_MAC);
}

int fpr_mac_step(struct fpr_shell *shell)
{
	struct fpr_mac_desc desc;
	struct fpr_mac_job job;
	enum fpr_status status;
	int got;

	shell->config.ops->lock(shell->config.ctx);
	got = fpr_engine_ready(shell, FPR_ENGINE_MAC) &&
	      fpr_engine_peek(shell, FPR_ENGINE_MAC, &desc, sizeof(desc));
	if (got) {
		fpr_engine_take(shell, FPR_ENGINE_MAC, desc.fence, desc.cookie);
		status = accept(shell, &desc, &job);
		if (shell->core->engine[FPR_ENGINE_MAC].hung)
			got = 0;
		else if (status != FPR_OK || desc.opcode == FPR_OP_NOP)
			finish(shell, &desc, status, NULL);
		else
			work(shell, &desc, &job);
	}
	shell->config.ops->unlock(shell->config.ctx);
	return got;
}
