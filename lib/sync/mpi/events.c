/* SPDX-License-Identifier: MIT */
#include "group.h"

static int is_message(enum fpr_group_event_kind kind)
{
	return kind == FPR_GROUP_SEND || kind == FPR_GROUP_SENT || kind == FPR_GROUP_RECEIVED;
}

void fpr_engine_event(struct fpr_group *g, enum fpr_group_event_kind kind, uint32_t message,
		      uint32_t slice, uint32_t tensor, uint32_t peer)
{
	struct fpr_group_event event = {
		.kind = kind, .slice = slice, .tensor = tensor, .peer = peer};
	uint64_t index;

	if (!g->options.event && !g->events)
		return;
	event.time_ns = (int64_t)(fpr_engine_now() - g->start_ns);
	event.message = is_message(kind) ? message : 0;
	event.step = (uint32_t)g->step;
	if (slice != FPR_GROUP_NONE) {
		const struct fpr_sync_slice *s = fpr_engine_slice(g, slice);

		event.tensor = s->first;
		event.priority = s->priority;
		event.bytes = s->bytes;
	}
	if (g->options.event)
		g->options.event(g->options.context, &event);
	if (!g->events)
		return;
	index = atomic_fetch_add(&g->event_count, 1);
	if (index < g->options.record)
		g->events[index] = event;
}
