/* SPDX-License-Identifier: MIT */
#ifndef FPR_SYNC_QUEUE_H
#define FPR_SYNC_QUEUE_H

#include <stdint.h>

/* No entry; 0, so that queues made by calloc() are empty and cost no memory until used. */
#define FPR_SYNC_NONE 0u

/**
 * struct fpr_sync_entry - something that waits for a decision
 * @seq: order of arrival
 * @step: whose step it belongs to, counted per slice; an earlier one is needed earlier
 * @priority: 0 most urgent
 * @slice: which
 * @peer: to whom, the first of @targets
 * @targets: so many ranks get it, one after another
 * @child: entries that come later, FPR_SYNC_NONE for none; @child[0] also links free entries
 * @message: enum fpr_sync_message
 */
struct fpr_sync_entry {
	uint64_t seq;
	uint32_t step, priority, slice, peer, targets;
	uint32_t child[2];
	uint32_t message;
};

/**
 * struct fpr_sync_pool - all entries of a core; the queues among them are skew heaps
 * @entries: 0 is never used
 * @room: of @entries
 * @free: first free one
 * @used: how many are not
 *
 * A queue is the index of its first entry, so an empty one costs four bytes and any number
 * of queues share the memory. Operations are O(log n) amortised.
 */
struct fpr_sync_pool {
	struct fpr_sync_entry *entries;
	uint32_t room, free, used;
};

/* Return: an entry to be filled in, FPR_SYNC_NONE without memory */
uint32_t fpr_sync_pool_get(struct fpr_sync_pool *pool);

void fpr_sync_pool_put(struct fpr_sync_pool *pool, uint32_t entry);

/* Is @a to be served before @b? */
static inline int fpr_sync_before(const struct fpr_sync_entry *a, const struct fpr_sync_entry *b)
{
	/* Counters wrap. */
	if (a->step != b->step)
		return (int32_t)(a->step - b->step) < 0;
	return a->priority < b->priority || (a->priority == b->priority && a->seq < b->seq);
}

/* Adds an entry, which is in no queue, to the queue that @root begins. */
void fpr_sync_queue_push(struct fpr_sync_pool *pool, uint32_t *root, uint32_t entry);

/* Takes the first entry of a queue that has one. */
uint32_t fpr_sync_queue_pop(struct fpr_sync_pool *pool, uint32_t *root);

#endif
