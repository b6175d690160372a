/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "agenda.h"

#define CHILDREN 4u

static int sooner(const struct agenda_item *a, const struct agenda_item *b)
{
	/* The order of addition survives the counter's wrapping: no two in here are 2^31 apart. */
	return a->ns < b->ns || (a->ns == b->ns && (int32_t)(a->seq - b->seq) < 0);
}

static int grow(struct agenda *agenda)
{
	const uint32_t room = agenda->room ? agenda->room * 2 : 1024;
	struct agenda_item *more =
		room > agenda->room ? realloc(agenda->items, room * sizeof(*more)) : NULL;

	if (!more) {
		agenda->failed = 1;
		return 0;
	}
	agenda->items = more;
	agenda->room = room;
	return 1;
}

void agenda_add(struct agenda *agenda, uint64_t ns, uint32_t kind, uint32_t node, uint32_t what)
{
	const struct agenda_item item = {ns, agenda->seq++, node, what, kind};
	uint32_t at = agenda->count;

	if (agenda->failed || (agenda->count == agenda->room && !grow(agenda)))
		return;
	agenda->count++;
	while (at && sooner(&item, agenda->items + (at - 1) / CHILDREN)) {
		agenda->items[at] = agenda->items[(at - 1) / CHILDREN];
		at = (at - 1) / CHILDREN;
	}
	agenda->items[at] = item;
}

static uint32_t soonest_child(const struct agenda *agenda, uint32_t at)
{
	const uint32_t first = at * CHILDREN + 1;
	uint32_t best = first;

	for (uint32_t i = first + 1; i < first + CHILDREN && i < agenda->count; i++)
		if (sooner(agenda->items + i, agenda->items + best))
			best = i;
	return best;
}

int agenda_take(struct agenda *agenda, struct agenda_item *item)
{
	struct agenda_item last;
	uint32_t at = 0;

	if (!agenda->count)
		return 0;
	*item = agenda->items[0];
	last = agenda->items[--agenda->count];
	while (at * CHILDREN + 1 < agenda->count) {
		uint32_t child = soonest_child(agenda, at);

		if (!sooner(agenda->items + child, &last))
			break;
		agenda->items[at] = agenda->items[child];
		at = child;
	}
	agenda->items[at] = last;
	return 1;
}

void agenda_close(struct agenda *agenda)
{
	free(agenda->items);
	*agenda = (struct agenda){0};
}
