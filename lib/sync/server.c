/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core.h"

int fpr_sync_server_create(struct fpr_sync_core *core)
{
	struct fpr_sync_server *server = &core->server;
	const uint32_t owned = core->plan->owned[core->rank - core->c->first_server];
	/* calloc() of nothing may give NULL. */
	const uint32_t room = owned ? owned : 1;

	server->words = (core->c->workers + 63) / 64;
	server->next = calloc(room, sizeof(*server->next));
	server->steps = calloc(room, sizeof(*server->steps));
	server->busy = calloc(room, sizeof(*server->busy));
	server->come = calloc((size_t)room * server->words, sizeof(*server->come));
	if (!server->next || !server->steps || !server->busy || !server->come)
		return -ENOMEM;
	if (core->c->flags & FPR_SYNC_BROADCAST)
		return 0;
	server->told = calloc((size_t)room * server->words, sizeof(*server->told));
	return server->told ? 0 : -ENOMEM;
}

static uint64_t *come(struct fpr_sync_core *core, uint32_t local)
{
	return core->server.come + (size_t)local * core->server.words;
}

static int has(const uint64_t *bits, uint32_t worker)
{
	return bits[worker / 64] >> worker % 64 & 1;
}

/* The slice's next gradient in rank order is here. */
static int enqueue(struct fpr_sync_core *core, uint32_t slice)
{
	const uint32_t entry = fpr_sync_pool_get(&core->pool);
	struct fpr_sync_entry *e = core->pool.entries + entry;

	if (!entry)
		return -ENOMEM;
	e->seq = core->seq++;
	e->priority =
		core->c->flags & FPR_SYNC_PRIORITY_SERVER ? core->plan->slices[slice].priority : 0;
	e->slice = slice;
	fpr_sync_queue_push(&core->pool, &core->server.queue, entry);
	return 0;
}

int fpr_sync_server_take(struct fpr_sync_core *core, uint32_t slice, uint32_t worker)
{
	struct fpr_sync_server *server = &core->server;
	const uint32_t local = core->plan->local[slice];
	uint64_t *bits = come(core, local);
	int first = 1;

	if (has(bits, worker))
		return -EPROTO;
	for (uint32_t i = 0; i < server->words && first; i++)
		first = !bits[i];
	bits[worker / 64] |= 1ull << worker % 64;
	if (first)
		server->begun++;
	if (first && core->silence.begun)
		core->silence.begun[local] = core->now_ns;
	/* A sum that is under way looks for the next one when it is done. */
	return server->next[local] == worker && !server->busy[local] ? enqueue(core, slice) : 0;
}

int fpr_sync_server_next(struct fpr_sync_core *core, struct fpr_sync_action *action)
{
	struct fpr_sync_server *server = &core->server;
	uint32_t entry, slice, local;

	if (!server->queue || server->active >= core->c->lanes)
		return 0;
	entry = fpr_sync_queue_pop(&core->pool, &server->queue);
	slice = core->pool.entries[entry].slice;
	fpr_sync_pool_put(&core->pool, entry);
	local = core->plan->local[slice];
	server->active++;
	server->busy[local] = 1;
	core->counters.aggregates++;
	*action = (struct fpr_sync_action){.verb = FPR_SYNC_AGGREGATE,
					   .slice = slice,
					   .peer = server->next[local],
					   .priority = core->plan->slices[slice].priority,
					   .bytes = core->plan->slices[slice].bytes,
					   .first = server->next[local] == 0,
					   .last = server->next[local] + 1 == core->c->workers};
	return 1;
}

static int send(struct fpr_sync_core *core, enum fpr_sync_message message, uint32_t slice,
		uint32_t peer, uint32_t targets)
{
	const struct fpr_sync_deed deed = {.verb = FPR_SYNC_SEND,
					   .message = message,
					   .what = slice,
					   .peer = peer,
					   .targets = targets};

	if (message == FPR_SYNC_REPLY && core->c->flags & FPR_SYNC_PRIORITY_REPLY)
		return fpr_sync_egress_add(core, message,
					   core->server.steps[core->plan->local[slice]] - 1, slice,
					   peer, targets);
	return fpr_sync_deed_add(core, &deed);
}

/* Tells all workers elsewhere, beginning behind this rank so that not all servers begin with one.
 */
static int tell(struct fpr_sync_core *core, uint32_t slice, enum fpr_sync_message message)
{
	const uint32_t targets = core->c->workers - core->is_worker;

	if (!targets)
		return 0;
	return send(core, message, slice,
		    fpr_sync_target_after(core, core->rank % core->c->workers), targets);
}

int fpr_sync_server_pulled(struct fpr_sync_core *core, uint32_t slice, uint32_t worker)
{
	struct fpr_sync_server *server = &core->server;
	uint64_t *bits;

	if (!server->told)
		return -EPROTO;
	bits = server->told + (size_t)core->plan->local[slice] * server->words;
	if (!has(bits, worker))
		return -EPROTO;
	bits[worker / 64] &= ~(1ull << worker % 64);
	return send(core, FPR_SYNC_REPLY, slice, worker, 1);
}

static int finish(struct fpr_sync_core *core, uint32_t slice, uint32_t local)
{
	const int broadcast = !!(core->c->flags & FPR_SYNC_BROADCAST);
	struct fpr_sync_deed keep = {.verb = FPR_SYNC_KEEP, .what = slice};
	int ret = 0;

	core->server.next[local] = 0;
	core->server.steps[local]++;
	core->server.begun--;
	/* All have come, and so all are told. */
	if (core->server.told)
		memcpy(core->server.told + (size_t)local * core->server.words, come(core, local),
		       core->server.words * sizeof(uint64_t));
	memset(come(core, local), 0, core->server.words * sizeof(uint64_t));
	if (core->is_worker)
		ret = fpr_sync_deed_add(core, &keep);
	return ret ? ret : tell(core, slice, broadcast ? FPR_SYNC_REPLY : FPR_SYNC_NOTIFY);
}

int fpr_sync_aggregated(struct fpr_sync_core *core, uint32_t slice)
{
	struct fpr_sync_server *server;
	uint32_t local;

	if (!core || slice >= core->plan->slice_count || !fpr_sync_is_mine(core, slice))
		return -EINVAL;
	server = &core->server;
	local = core->plan->local[slice];
	if (!server->busy[local])
		return -EPROTO;
	server->busy[local] = 0;
	server->active--;
	if (++server->next[local] == core->c->workers)
		return finish(core, slice, local);
	return has(come(core, local), server->next[local]) ? enqueue(core, slice) : 0;
}
