/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "core.h"

/**
 * struct suspect - the peer that is silent longest
 * @core: a core
 * @now_ns: time
 * @peer: who
 * @since_ns: last sign of life, or since when something is owed
 * @found: there is one
 */
struct suspect {
	const struct fpr_sync_core *core;
	uint64_t now_ns;
	uint32_t peer;
	uint64_t since_ns;
	int found;
};

int fpr_sync_alive(struct fpr_sync_core *core, uint32_t peer, uint64_t now_ns)
{
	if (!core || peer >= core->c->ranks)
		return -EINVAL;
	if (core->silence.heard)
		core->silence.heard[peer] = now_ns;
	return 0;
}

/* @peer owes something since @owed_ns. */
static void suspect(struct suspect *s, uint32_t peer, uint64_t owed_ns)
{
	const uint64_t heard = s->core->silence.heard[peer];
	const uint64_t since = heard > owed_ns ? heard : owed_ns;

	if (peer == s->core->rank || s->now_ns < since ||
	    s->now_ns - since < s->core->c->timeout_ns)
		return;
	if (s->found && (since > s->since_ns || (since == s->since_ns && peer >= s->peer)))
		return;
	s->peer = peer;
	s->since_ns = since;
	s->found = 1;
}

static void suspect_workers(struct suspect *s, uint32_t slice)
{
	const struct fpr_sync_core *core = s->core;
	const uint32_t local = core->plan->local[slice], words = core->server.words;
	const uint64_t *come = core->server.come + (uint64_t)local * words;
	int begun = 0;

	for (uint32_t i = 0; i < words && !begun; i++)
		begun = come[i] != 0;
	for (uint32_t w = 0; begun && w < core->c->workers; w++)
		if (!(come[w / 64] >> w % 64 & 1))
			suspect(s, w, core->silence.begun[local]);
}

int fpr_sync_stalled(const struct fpr_sync_core *core, uint64_t now_ns, uint32_t *peer)
{
	struct suspect s = {.core = core, .now_ns = now_ns};

	if (!core->silence.heard)
		return 0;
	for (uint32_t i = 0; i < core->plan->slice_count; i++) {
		if (fpr_sync_is_mine(core, i))
			suspect_workers(&s, i);
		else if (core->is_worker && core->worker.stage[i] != FPR_SYNC_COLLECTING)
			suspect(&s, fpr_sync_server_rank(core, i), core->silence.pushed[i]);
	}
	if (s.found)
		*peer = s.peer;
	return s.found;
}
