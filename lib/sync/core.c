/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>

#include "core.h"

/* ---- life -------------------------------------------------------------- */

static int silence_create(struct fpr_sync_core *core)
{
	const struct fpr_sync_plan *plan = core->plan;
	const uint32_t owned =
		core->is_server ? plan->owned[core->rank - core->c->first_server] : 0;
	struct fpr_sync_silence *silence = &core->silence;

	if (!core->c->timeout_ns)
		return 0;
	silence->heard = malloc(core->c->ranks * sizeof(*silence->heard));
	silence->pushed = calloc(plan->slice_count, sizeof(*silence->pushed));
	silence->begun = calloc(owned + 1, sizeof(*silence->begun));
	if (!silence->heard || !silence->pushed || !silence->begun)
		return -ENOMEM;
	for (uint32_t i = 0; i < core->c->ranks; i++)
		silence->heard[i] = core->now_ns;
	return 0;
}

static int parts_create(struct fpr_sync_core *core)
{
	int ret = fpr_sync_egress_create(core);

	if (!ret && core->is_worker)
		ret = fpr_sync_worker_create(core);
	if (!ret && core->is_server)
		ret = fpr_sync_server_create(core);
	return ret ? ret : silence_create(core);
}

int fpr_sync_core_create(const struct fpr_sync_plan *plan, uint32_t rank, uint64_t now_ns,
			 struct fpr_sync_core **core)
{
	struct fpr_sync_core *made;
	int ret;

	if (!plan || rank >= plan->config.ranks || !core)
		return -EINVAL;
	made = calloc(1, sizeof(*made));
	if (!made)
		return -ENOMEM;
	made->plan = plan;
	made->c = &plan->config;
	made->rank = rank;
	made->now_ns = now_ns;
	made->is_worker = rank < plan->config.workers;
	made->is_server = rank - plan->config.first_server < plan->config.servers;
	ret = parts_create(made);
	if (ret)
		fpr_sync_core_destroy(made);
	else
		*core = made;
	return ret;
}

void fpr_sync_core_destroy(struct fpr_sync_core *core)
{
	if (!core)
		return;
	free(core->worker.waiting);
	free(core->worker.missing);
	free(core->worker.stage);
	free(core->worker.pushes);
	free(core->worker.steps);
	free(core->worker.told);
	free(core->server.next);
	free(core->server.steps);
	free(core->server.busy);
	free(core->server.come);
	free(core->server.told);
	free(core->egress.messages);
	free(core->egress.bytes);
	free(core->egress.parked);
	free(core->silence.heard);
	free(core->silence.pushed);
	free(core->silence.begun);
	free(core->pool.entries);
	free(core->deeds.ring);
	free(core);
}

/* ---- deeds ------------------------------------------------------------- */

static int grow(struct fpr_sync_deeds *deeds)
{
	const uint32_t room = deeds->room ? deeds->room * 2 : 16;
	struct fpr_sync_deed *ring = room ? malloc(room * sizeof(*ring)) : NULL;

	if (!ring)
		return -ENOMEM;
	for (uint32_t i = deeds->head; i != deeds->tail; i++)
		ring[i & (room - 1)] = deeds->ring[i & (deeds->room - 1)];
	free(deeds->ring);
	deeds->ring = ring;
	deeds->room = room;
	return 0;
}

int fpr_sync_deed_add(struct fpr_sync_core *core, const struct fpr_sync_deed *deed)
{
	struct fpr_sync_deeds *deeds = &core->deeds;

	if (deeds->tail - deeds->head == deeds->room && grow(deeds))
		return -ENOMEM;
	deeds->ring[deeds->tail++ & (deeds->room - 1)] = *deed;
	return 0;
}

static int deed_next(struct fpr_sync_core *core, struct fpr_sync_action *action)
{
	struct fpr_sync_deeds *deeds = &core->deeds;
	struct fpr_sync_deed *deed;

	if (deeds->head == deeds->tail)
		return 0;
	deed = deeds->ring + (deeds->head & (deeds->room - 1));
	if (deed->verb == FPR_SYNC_SEND) {
		fpr_sync_send(core, deed->message, deed->what, deed->peer, action);
		if (--deed->targets)
			deed->peer = fpr_sync_target_after(core, deed->peer);
		else
			deeds->head++;
		return 1;
	}
	*action = (struct fpr_sync_action){.verb = deed->verb};
	if (deed->verb == FPR_SYNC_READY) {
		action->tensor = deed->what;
	} else {
		action->slice = deed->what;
		action->priority = core->plan->slices[deed->what].priority;
		action->bytes = core->plan->slices[deed->what].bytes;
		core->keeping = 1;
		core->kept = deed->what;
	}
	deeds->head++;
	return 1;
}

/* ---- decisions --------------------------------------------------------- */

static int kept(struct fpr_sync_core *core)
{
	int ret = 0;

	if (!core->keeping)
		return 0;
	core->keeping = 0;
	/* The others are pulled once the whole tensor is summed, and this may be its last part. */
	if (!(core->c->flags & FPR_SYNC_BROADCAST))
		ret = fpr_sync_worker_told(core, core->kept);
	return ret ? ret : fpr_sync_worker_back(core, core->kept);
}

int fpr_sync_next(struct fpr_sync_core *core, struct fpr_sync_action *action)
{
	int ret;

	if (!core || !action)
		return -EINVAL;
	ret = kept(core);
	if (ret)
		return ret;
	if (deed_next(core, action))
		return 1;
	/* A message first: the link works while the processor adds. */
	ret = fpr_sync_egress_next(core, action);
	return ret ? ret : fpr_sync_server_next(core, action);
}

static int worker_event(struct fpr_sync_core *core, uint32_t peer, enum fpr_sync_message message,
			uint32_t slice)
{
	const int broadcast = !!(core->c->flags & FPR_SYNC_BROADCAST);
	uint8_t expected = FPR_SYNC_OUT;

	if (!core->is_worker || peer != fpr_sync_server_rank(core, slice))
		return -EINVAL;
	if (message == FPR_SYNC_REPLY && !broadcast)
		expected = FPR_SYNC_ASKED;
	if (core->worker.stage[slice] != expected || (message == FPR_SYNC_NOTIFY && broadcast))
		return -EPROTO;
	return message == FPR_SYNC_REPLY ? fpr_sync_worker_back(core, slice)
					 : fpr_sync_worker_told(core, slice);
}

static int server_event(struct fpr_sync_core *core, uint32_t peer, enum fpr_sync_message message,
			uint32_t slice)
{
	if (!fpr_sync_is_mine(core, slice) || peer >= core->c->workers)
		return -EINVAL;
	return message == FPR_SYNC_PUSH ? fpr_sync_server_take(core, slice, peer)
					: fpr_sync_server_pulled(core, slice, peer);
}

int fpr_sync_received(struct fpr_sync_core *core, uint32_t peer, enum fpr_sync_message message,
		      uint32_t slice, uint64_t now_ns)
{
	if (!core || peer >= core->c->ranks || peer == core->rank ||
	    slice >= core->plan->slice_count)
		return -EINVAL;
	core->now_ns = now_ns;
	if (core->silence.heard)
		core->silence.heard[peer] = now_ns;
	switch (message) {
	case FPR_SYNC_PUSH:
	case FPR_SYNC_PULL:
		return server_event(core, peer, message, slice);
	case FPR_SYNC_REPLY:
	case FPR_SYNC_NOTIFY:
		return worker_event(core, peer, message, slice);
	}
	return -EINVAL;
}

int fpr_sync_idle(const struct fpr_sync_core *core)
{
	/* A fused slice collects while one of its tensors has its gradient: that is not ready. */
	return !core->worker.unready && !core->server.begun && !core->pool.used &&
	       !core->egress.total_messages && core->deeds.head == core->deeds.tail &&
	       !core->keeping;
}

void fpr_sync_counters(const struct fpr_sync_core *core, struct fpr_sync_counters *counters)
{
	*counters = core->counters;
}
