// SPDX-License-Identifier: GPL-2.0 OR MIT
#include <linux/devcoredump.h>
#include <linux/timekeeping.h>
#include <linux/vmalloc.h>

#include "fpr_coredump.h"
#include "fpr_hw.h"
#include "fpr_mac.h"

/* Text; well below this. */
#define FPR_DUMP_BYTES 8192

static size_t fpr_dump_desc(char *text, size_t room, const struct fpr_mac_desc *d)
{
	return scnprintf(text, room,
			 "oldest_job:\n  opcode: %u\n  m: %u\n  n: %u\n  k: %u\n  batch: %u\n"
			 "  kind: %u\n  serial: %u\n  t: %u\n  out: %u\n  trans: %u %u\n"
			 "  accumulate: %u\n",
			 d->opcode, le32_to_cpu(d->m), le32_to_cpu(d->n), le32_to_cpu(d->k),
			 le32_to_cpu(d->batch), d->kind, d->serial, d->t, d->out, d->trans_a,
			 d->trans_b, d->accumulate);
}

static size_t fpr_dump_text(struct fpr_device *fdev, char *text, size_t room)
{
	const struct fpr_snapshot *s = &fdev->snapshot;
	size_t used = 0;
	u32 e;

	used += scnprintf(text + used, room - used,
			  "driver: fpr\nreason: %s\nmonotonic_ns: %llu\ncontract: %#x\n"
			  "build: %#x\nstatus: %#x\nheartbeat: %u\n",
			  s->reason, s->when_ns, fdev->caps.contract, fdev->caps.build, s->status,
			  s->heartbeat);
	for (e = 0; e < FPR_ENGINES; e++)
		used += scnprintf(text + used, room - used,
				  "engine%u:\n  status: %#x\n  sq_head: %u\n  tail: %u\n"
				  "  cq_head: %u\n  progress: %llu\n  jobs: %llu\n",
				  e, s->engine_status[e], s->sq_head[e], s->tail[e], s->cq_head[e],
				  s->progress[e], s->jobs[e]);
	if (s->has_desc)
		used += fpr_dump_desc(text + used, room - used, &s->desc);
	return used;
}

static void fpr_dump_work(struct work_struct *work)
{
	struct fpr_device *fdev = container_of(work, struct fpr_device, dump_work);
	char *text = vzalloc(FPR_DUMP_BYTES);

	/* devcoredump frees the text. */
	if (text)
		dev_coredumpv(&fdev->pdev->dev, text, fpr_dump_text(fdev, text, FPR_DUMP_BYTES),
			      GFP_KERNEL);
	atomic_set(&fdev->dumping, 0);
}

static void fpr_snapshot_engine(struct fpr_device *fdev, struct fpr_ring *ring)
{
	struct fpr_snapshot *s = &fdev->snapshot;
	u32 e = ring->engine, base = FPR_REG_ENGINE(e);

	s->engine_status[e] = fpr_read(fdev, base + FPR_ENG_STATUS);
	s->sq_head[e] = fpr_read(fdev, base + FPR_ENG_SQ_HEAD);
	s->progress[e] = fpr_read64(fdev, base + FPR_ENG_PROGRESS_LO);
	s->jobs[e] = fpr_read64(fdev, base + FPR_ENG_JOBS_LO);
	s->tail[e] = ring->tail;
	s->cq_head[e] = ring->cq_head;
}

/**
 * fpr_coredump_take() - note the board's state, before a reset wipes it
 * @fdev: the board
 * @reason: a literal
 *
 * Takes no memory; the dump itself is made later. One at a time: what hangs the
 * board again meanwhile is not the cause.
 */
void fpr_coredump_take(struct fpr_device *fdev, const char *reason)
{
	struct fpr_snapshot *s = &fdev->snapshot;
	struct fpr_mac_job *job;
	unsigned long flags;

	if (atomic_cmpxchg(&fdev->dumping, 0, 1))
		return;
	s->reason = reason;
	s->when_ns = ktime_get_ns();
	s->status = fpr_read(fdev, FPR_REG_STATUS);
	s->heartbeat = fpr_read(fdev, FPR_REG_HEARTBEAT);
	fpr_snapshot_engine(fdev, &fdev->mac.ring);
	fpr_snapshot_engine(fdev, &fdev->xfer.ring);
	spin_lock_irqsave(&fdev->mac.ring.lock, flags);
	job = list_first_entry_or_null(&fdev->mac.posted, struct fpr_mac_job, link);
	s->has_desc = job && job->next < job->count;
	if (s->has_desc)
		s->desc = job->items[job->next].desc;
	spin_unlock_irqrestore(&fdev->mac.ring.lock, flags);
	schedule_work(&fdev->dump_work);
}

/**
 * fpr_coredump_init() - prepare
 * @fdev: the board
 */
void fpr_coredump_init(struct fpr_device *fdev)
{
	INIT_WORK(&fdev->dump_work, fpr_dump_work);
}

/**
 * fpr_coredump_fini() - wait for a dump under way; what was published stays readable
 * @fdev: the board, which is being unbound
 */
void fpr_coredump_fini(struct fpr_device *fdev)
{
	cancel_work_sync(&fdev->dump_work);
}
