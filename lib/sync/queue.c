/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "queue.h"

static int grow(struct fpr_sync_pool *pool)
{
	uint32_t room = pool->room ? pool->room * 2 : 64;
	struct fpr_sync_entry *more =
		room > pool->room ? realloc(pool->entries, room * sizeof(*more)) : NULL;

	if (!more)
		return 0;
	for (uint32_t i = room - 1; i >= pool->room && i > 0; i--) {
		more[i].child[0] = pool->free;
		pool->free = i;
	}
	pool->entries = more;
	pool->room = room;
	return 1;
}

uint32_t fpr_sync_pool_get(struct fpr_sync_pool *pool)
{
	uint32_t entry;

	if (!pool->free && !grow(pool))
		return FPR_SYNC_NONE;
	entry = pool->free;
	pool->free = pool->entries[entry].child[0];
	pool->used++;
	memset(pool->entries + entry, 0, sizeof(pool->entries[entry]));
	return entry;
}

void fpr_sync_pool_put(struct fpr_sync_pool *pool, uint32_t entry)
{
	pool->entries[entry].child[0] = pool->free;
	pool->free = entry;
	pool->used--;
}

/* Top down, without recursion: the loser goes below the winner, whose children swap. */
static uint32_t merge(struct fpr_sync_entry *entries, uint32_t a, uint32_t b)
{
	uint32_t root, *hook = &root;

	while (a && b) {
		uint32_t below;

		if (fpr_sync_before(entries + b, entries + a)) {
			below = a;
			a = b;
			b = below;
		}
		*hook = a;
		hook = &entries[a].child[0];
		below = entries[a].child[1];
		entries[a].child[1] = entries[a].child[0];
		a = below;
	}
	*hook = a ? a : b;
	return root;
}

void fpr_sync_queue_push(struct fpr_sync_pool *pool, uint32_t *root, uint32_t entry)
{
	pool->entries[entry].child[0] = FPR_SYNC_NONE;
	pool->entries[entry].child[1] = FPR_SYNC_NONE;
	*root = merge(pool->entries, *root, entry);
}

uint32_t fpr_sync_queue_pop(struct fpr_sync_pool *pool, uint32_t *root)
{
	const uint32_t entry = *root;

	*root = merge(pool->entries, pool->entries[entry].child[0], pool->entries[entry].child[1]);
	return entry;
}
