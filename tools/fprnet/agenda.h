/* SPDX-License-Identifier: MIT */
#ifndef FPRNET_AGENDA_H
#define FPRNET_AGENDA_H

#include <stdint.h>

/**
 * struct agenda_item - something that will happen
 * @ns: when
 * @seq: order among what happens at once
 * @node: where
 * @what: of it
 * @kind: the simulator's
 */
struct agenda_item {
	uint64_t ns;
	uint32_t seq, node, what, kind;
};

/* What will happen, in order of time: a heap with four children, O(log n). */
struct agenda {
	struct agenda_item *items;
	uint32_t count, room, seq;
	int failed; /* memory was short; nothing was added since */
};

void agenda_add(struct agenda *agenda, uint64_t ns, uint32_t kind, uint32_t node, uint32_t what);

/* Return: 1 with the next item, 0 */
int agenda_take(struct agenda *agenda, struct agenda_item *item);

void agenda_close(struct agenda *agenda);

#endif
