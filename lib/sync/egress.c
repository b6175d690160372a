/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>

#include "core.h"

int fpr_sync_egress_create(struct fpr_sync_core *core)
{
	struct fpr_sync_egress *egress = &core->egress;
	const uint32_t ranks = core->c->ranks;

	egress->messages = calloc(ranks, sizeof(*egress->messages));
	egress->bytes = calloc(ranks, sizeof(*egress->bytes));
	egress->parked = calloc(ranks, sizeof(*egress->parked));
	return egress->messages && egress->bytes && egress->parked ? 0 : -ENOMEM;
}

static uint32_t bytes_of(const struct fpr_sync_core *core, enum fpr_sync_message message,
			 uint32_t slice)
{
	const int payload = message == FPR_SYNC_PUSH || message == FPR_SYNC_REPLY;

	return payload ? core->plan->slices[slice].bytes : 0;
}

/* Does a message wait in the core's order, and count in the windows? */
static int is_ordered(const struct fpr_sync_core *core, enum fpr_sync_message message)
{
	return message == FPR_SYNC_PUSH ||
	       (message == FPR_SYNC_REPLY && core->c->flags & FPR_SYNC_PRIORITY_REPLY);
}

static uint32_t priority_of(const struct fpr_sync_core *core, enum fpr_sync_message message,
			    uint32_t slice)
{
	if (message == FPR_SYNC_PUSH && !(core->c->flags & FPR_SYNC_PRIORITY_PUSH))
		return 0;
	return core->plan->slices[slice].priority;
}

int fpr_sync_egress_add(struct fpr_sync_core *core, enum fpr_sync_message message, uint32_t step,
			uint32_t slice, uint32_t peer, uint32_t targets)
{
	const uint32_t entry = fpr_sync_pool_get(&core->pool);
	struct fpr_sync_entry *e = core->pool.entries + entry;

	if (!entry)
		return -ENOMEM;
	e->seq = core->seq++;
	e->step = core->c->flags & FPR_SYNC_MIX_STEPS ? 0 : step;
	e->priority = priority_of(core, message, slice);
	e->slice = slice;
	e->peer = peer;
	e->targets = targets;
	e->message = message;
	fpr_sync_queue_push(&core->pool, &core->egress.queue, entry);
	core->egress.waiting++;
	return 0;
}

/* ---- windows ----------------------------------------------------------- */

static int fits(uint64_t on_way, uint64_t bytes, uint64_t window)
{
	return !window || !on_way || on_way + bytes <= window;
}

/* What was parked first for a peer, or is more urgent, goes before. */
static int peer_open(const struct fpr_sync_core *core, const struct fpr_sync_entry *e)
{
	const struct fpr_sync_egress *egress = &core->egress;
	const uint32_t parked = egress->parked[e->peer], limit = core->c->window_messages;

	if (parked && fpr_sync_before(core->pool.entries + parked, e))
		return 0;
	if (limit && egress->messages[e->peer] >= limit)
		return 0;
	return fits(egress->bytes[e->peer], bytes_of(core, e->message, e->slice),
		    core->c->window_bytes);
}

/* Lets a peer's first parked message compete again, when its windows allow it. */
static void unpark(struct fpr_sync_core *core, uint32_t peer)
{
	uint32_t *parked = core->egress.parked + peer;

	if (*parked && peer_open(core, core->pool.entries + *parked))
		fpr_sync_queue_push(&core->pool, &core->egress.queue,
				    fpr_sync_queue_pop(&core->pool, parked));
}

static void depart(struct fpr_sync_core *core, uint32_t peer, uint32_t bytes)
{
	core->egress.messages[peer]++;
	core->egress.bytes[peer] += bytes;
	core->egress.total_messages++;
	core->egress.total_bytes += bytes;
}

static int return_credit(struct fpr_sync_core *core, uint32_t peer, uint32_t bytes)
{
	struct fpr_sync_egress *egress = &core->egress;

	if (!egress->messages[peer] || egress->bytes[peer] < bytes)
		return -EPROTO;
	egress->messages[peer]--;
	egress->bytes[peer] -= bytes;
	egress->total_messages--;
	egress->total_bytes -= bytes;
	unpark(core, peer);
	return 0;
}

static int credit_event(struct fpr_sync_core *core, uint32_t peer, enum fpr_sync_message message,
			uint32_t slice, int is_explicit)
{
	if (!core || peer >= core->c->ranks || slice >= core->plan->slice_count ||
	    (unsigned int)message > FPR_SYNC_PULL)
		return -EINVAL;
	if (!is_ordered(core, message) ||
	    is_explicit != !!(core->c->flags & FPR_SYNC_EXPLICIT_CREDIT))
		return is_explicit ? -EINVAL : 0;
	return return_credit(core, peer, bytes_of(core, message, slice));
}

int fpr_sync_sent(struct fpr_sync_core *core, uint32_t peer, enum fpr_sync_message message,
		  uint32_t slice)
{
	return credit_event(core, peer, message, slice, 0);
}

int fpr_sync_credit(struct fpr_sync_core *core, uint32_t peer, enum fpr_sync_message message,
		    uint32_t slice)
{
	return credit_event(core, peer, message, slice, 1);
}

/* ---- decisions --------------------------------------------------------- */

void fpr_sync_send(struct fpr_sync_core *core, enum fpr_sync_message message, uint32_t slice,
		   uint32_t peer, struct fpr_sync_action *action)
{
	const uint32_t bytes = bytes_of(core, message, slice);

	core->counters.messages++;
	if (message == FPR_SYNC_PUSH)
		core->counters.bytes_pushed += bytes;
	else
		core->counters.bytes_replied += bytes;
	*action = (struct fpr_sync_action){.verb = FPR_SYNC_SEND,
					   .message = message,
					   .slice = slice,
					   .peer = peer,
					   .priority = core->plan->slices[slice].priority,
					   .bytes = bytes};
}

/* The queue's first entry is done with its first target. */
static void drop_target(struct fpr_sync_core *core)
{
	const uint32_t entry = core->egress.queue;
	struct fpr_sync_entry *e = core->pool.entries + entry;

	if (--e->targets) {
		e->peer = fpr_sync_target_after(core, e->peer);
		return;
	}
	fpr_sync_queue_pop(&core->pool, &core->egress.queue);
	fpr_sync_pool_put(&core->pool, entry);
	core->egress.waiting--;
}

/* Puts the first entry's first target aside until its peer's windows open. */
static int park(struct fpr_sync_core *core)
{
	const uint32_t copy = fpr_sync_pool_get(&core->pool);
	struct fpr_sync_entry *e = core->pool.entries + copy;

	if (!copy)
		return -ENOMEM;
	*e = core->pool.entries[core->egress.queue];
	e->targets = 1;
	fpr_sync_queue_push(&core->pool, core->egress.parked + e->peer, copy);
	core->egress.waiting++;
	drop_target(core);
	return 0;
}

static void send_first(struct fpr_sync_core *core, struct fpr_sync_action *action)
{
	struct fpr_sync_egress *egress = &core->egress;
	const struct fpr_sync_entry sent = core->pool.entries[egress->queue];

	fpr_sync_send(core, sent.message, sent.slice, sent.peer, action);
	depart(core, sent.peer, action->bytes);
	drop_target(core);
	if (egress->waiting && fpr_sync_before(&sent, &egress->last))
		core->counters.preemptions++;
	egress->last = sent;
	egress->last.seq = 0;
	unpark(core, sent.peer);
}

int fpr_sync_egress_next(struct fpr_sync_core *core, struct fpr_sync_action *action)
{
	const struct fpr_sync_egress *egress = &core->egress;

	while (egress->queue) {
		const struct fpr_sync_entry *e = core->pool.entries + egress->queue;
		int ret;

		if (!fits(egress->total_bytes, bytes_of(core, e->message, e->slice),
			  core->c->window_total_bytes))
			break;
		if (peer_open(core, e)) {
			send_first(core, action);
			return 1;
		}
		if (!(core->c->flags & FPR_SYNC_SKIP_BLOCKED))
			break;
		ret = park(core);
		if (ret)
			return ret;
	}
	core->counters.blocked += egress->waiting > 0;
	return 0;
}
