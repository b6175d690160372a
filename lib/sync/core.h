/* SPDX-License-Identifier: MIT */
#ifndef FPR_SYNC_CORE_INTERNAL_H
#define FPR_SYNC_CORE_INTERNAL_H

#include "plan.h"
#include "queue.h"

/* Where a worker's slice is. */
enum fpr_sync_stage {
	FPR_SYNC_COLLECTING, /* parameters are new; gradients may come */
	FPR_SYNC_OUT, /* pushed, no word yet */
	FPR_SYNC_TOLD, /* the server said that the sum is done */
	FPR_SYNC_ASKED, /* pulled */
};

/**
 * struct fpr_sync_deed - an action that waits for nothing
 * @verb: enum fpr_sync_verb
 * @message: of a SEND
 * @what: a slice, or a tensor
 * @peer: of a SEND, the first of @targets
 * @targets: ranks that get it
 */
struct fpr_sync_deed {
	uint32_t verb, message, what, peer, targets;
};

/**
 * struct fpr_sync_deeds - a ring of them
 * @ring: room for a power of two
 * @room: of @ring
 * @head: taken, ever
 * @tail: added, ever
 */
struct fpr_sync_deeds {
	struct fpr_sync_deed *ring;
	uint32_t room, head, tail;
};

/**
 * struct fpr_sync_worker - a rank's gradients and parameters
 * @waiting: per tensor: its slices that have to come back, 0 when it is ready
 * @missing: per slice: bytes of gradient that do not exist yet
 * @stage: per slice: enum fpr_sync_stage
 * @pushes: per slice: how often it was pushed
 * @steps: per tensor: how often it became ready; gradients of a slice fit while both counts agree
 * @told: per tensor: slices beginning in it that the servers are done with; NULL with BROADCAST
 * @unready: tensors that are not ready
 */
struct fpr_sync_worker {
	uint32_t *waiting, *missing, *pushes, *steps, *told;
	uint8_t *stage;
	uint32_t unready;
};

/**
 * struct fpr_sync_server - a rank's sums; its slices are numbered by plan->local
 * @next: per slice: the worker whose gradient is added next
 * @steps: per slice: sums of all workers done
 * @busy: per slice: a sum is under way
 * @come: per slice, @words words: a bit per worker whose gradient is here
 * @told: likewise: a bit per worker that was notified and has not pulled; NULL with BROADCAST
 * @words: of a bit set
 * @queue: slices whose next gradient is here
 * @active: sums under way
 * @begun: slices that some gradient is here of
 */
struct fpr_sync_server {
	uint32_t *next, *steps;
	uint8_t *busy;
	uint64_t *come, *told;
	uint32_t words, queue, active, begun;
};

/**
 * struct fpr_sync_egress - what leaves in the core's order
 * @queue: messages that no window is known to hold back
 * @parked: per peer: messages that its windows held back
 * @messages: per peer: on their way
 * @bytes: per peer: on their way
 * @total_bytes: on their way
 * @total_messages: on their way
 * @waiting: entries in @queue and @parked
 * @last: sent last, but with no seq: what is only later is not before it
 */
struct fpr_sync_egress {
	uint32_t queue, *parked, *messages;
	uint64_t *bytes;
	uint64_t total_bytes, total_messages;
	uint32_t waiting;
	struct fpr_sync_entry last;
};

/**
 * struct fpr_sync_silence - who was heard of when; all NULL without a time-out
 * @heard: per rank
 * @pushed: per slice: since when a reply is owed to us
 * @begun: per slice of this server: since when gradients are owed to us
 */
struct fpr_sync_silence {
	uint64_t *heard, *pushed, *begun;
};

struct fpr_sync_core {
	const struct fpr_sync_plan *plan;
	const struct fpr_sync_config *c;
	uint32_t rank;
	uint8_t is_worker, is_server, keeping;
	uint32_t kept; /* slice of a FPR_SYNC_KEEP handed out, when keeping */
	uint64_t seq, now_ns;
	struct fpr_sync_pool pool;
	struct fpr_sync_deeds deeds;
	struct fpr_sync_worker worker;
	struct fpr_sync_server server;
	struct fpr_sync_egress egress;
	struct fpr_sync_silence silence;
	struct fpr_sync_counters counters;
};

static inline uint32_t fpr_sync_server_rank(const struct fpr_sync_core *core, uint32_t slice)
{
	return core->c->first_server + core->plan->slices[slice].server;
}

static inline int fpr_sync_is_mine(const struct fpr_sync_core *core, uint32_t slice)
{
	return fpr_sync_server_rank(core, slice) == core->rank;
}

/* All of these: 0 or -ENOMEM, and -EPROTO where an event does not fit. */

int fpr_sync_deed_add(struct fpr_sync_core *core, const struct fpr_sync_deed *deed);

int fpr_sync_worker_create(struct fpr_sync_core *core);
/* A reply, or this rank's own server's value, has come. */
int fpr_sync_worker_back(struct fpr_sync_core *core, uint32_t slice);
/* The slice's server is done with it. */
int fpr_sync_worker_told(struct fpr_sync_core *core, uint32_t slice);

int fpr_sync_server_create(struct fpr_sync_core *core);
/* A worker's gradient has come. */
int fpr_sync_server_take(struct fpr_sync_core *core, uint32_t slice, uint32_t worker);
/* A worker asks for the value that it was notified of. */
int fpr_sync_server_pulled(struct fpr_sync_core *core, uint32_t slice, uint32_t worker);
/* Return: 1 with an action, 0 */
int fpr_sync_server_next(struct fpr_sync_core *core, struct fpr_sync_action *action);

int fpr_sync_egress_create(struct fpr_sync_core *core);
/* Queues a message of a step for @targets workers from @peer on, this rank left out. */
int fpr_sync_egress_add(struct fpr_sync_core *core, enum fpr_sync_message message, uint32_t step,
			uint32_t slice, uint32_t peer, uint32_t targets);
/* Return: 1 with an action, 0, -ENOMEM */
int fpr_sync_egress_next(struct fpr_sync_core *core, struct fpr_sync_action *action);

/* The worker that gets a broadcast after @peer. */
static inline uint32_t fpr_sync_target_after(const struct fpr_sync_core *core, uint32_t peer)
{
	do {
		peer = peer + 1 < core->c->workers ? peer + 1 : 0;
	} while (peer == core->rank);
	return peer;
}

/* Makes and counts a message. */
void fpr_sync_send(struct fpr_sync_core *core, enum fpr_sync_message message, uint32_t slice,
		   uint32_t peer, struct fpr_sync_action *action);

#endif
