/* SPDX-License-Identifier: MIT */
#ifndef FPR_TESTS_SYNC_WORLD_H
#define FPR_TESTS_SYNC_WORLD_H

#include <stdint.h>

#include "sync/fpr_sync_core.h"

/*
 * Ranks in one process, with real gradients, whose events come in any order. Every decision
 * is checked against lists that the world keeps for itself and searches from end to end; every
 * value against a sum in rank order. A wrong one fails the cmocka test.
 */

#define WORLD_RANKS 9
#define WORLD_TENSORS 40

enum world_flags {
	WORLD_PARTS = 1, /* gradients come in parts */
	WORLD_ANY_ORDER = 2, /* not from the last tensor to the first */
	WORLD_IN_ORDER = 4, /* messages between two ranks do not overtake */
	WORLD_TWICE = 8, /* messages come twice, and the second must be refused */
};

struct world_message {
	uint32_t from, to, message, slice;
	int on_way, untaken, uncredited;
	float *payload;
};

/* A message that a rank has to send, as the world sees it. */
struct world_pending {
	uint32_t message, slice, peer, step, priority;
	uint64_t seq;
};

struct world_rank {
	struct fpr_sync_core *core;
	float *gradient, *parameter, *sum, *value;
	uint32_t step; /* being computed */
	uint64_t *given; /* per tensor, bytes of this step */
	uint32_t *ready_steps; /* per tensor */
	uint8_t *pushed; /* per slice, this step */
	uint32_t *summed; /* per slice, workers */
	uint32_t *rounds; /* per slice, whole sums */
	uint8_t *come; /* per slice and worker: gradient is here */
	float **pushes; /* per slice and worker: what came */
	uint64_t *turn; /* per slice: when its next gradient was here, 0: it is not */
	uint32_t summing; /* slice + 1 */
	uint32_t summing_from;
	struct world_pending *pending;
	uint32_t pendings, pending_room;
	uint64_t seq, bytes_out[WORLD_RANKS], messages_out[WORLD_RANKS], total_out;
	int dead;
};

struct world {
	const struct fpr_sync_plan *plan;
	const struct fpr_sync_config *c;
	const struct fpr_sync_slice *slices;
	struct fpr_sync_tensor tensors[WORLD_TENSORS];
	uint64_t start[WORLD_TENSORS + 1]; /* in floats */
	uint32_t tensor_count, slice_count, flags, steps;
	struct world_rank ranks[WORLD_RANKS];
	struct world_message *messages;
	uint32_t message_count, message_room;
	uint64_t random, now_ns;
	uint64_t pushed_bytes, replied_bytes, refused;
};

/* Makes a model of @count random tensors, some tiny, some of many slices. */
void world_model(struct fpr_sync_tensor *tensors, uint32_t count, uint64_t seed);

/* A world about to do @steps steps. */
void world_open(struct world *world, const struct fpr_sync_config *config,
		const struct fpr_sync_tensor *tensors, uint32_t count, uint32_t steps,
		uint64_t seed, uint32_t flags);

/* Lets one thing happen. Return: 0 when nothing can */
int world_event(struct world *world);

/* Until nothing can happen; then everything must be done, once, and the windows empty. */
void world_run(struct world *world);

void world_close(struct world *world);

uint32_t world_below(struct world *world, uint32_t n);

/* Of a parameter after a step: what every rank must have. */
float world_expected(const struct world *world, uint32_t step, uint64_t index);

#endif
