/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sync_world.h"

static void *zeros(size_t count, size_t size)
{
	void *memory = calloc(count ? count : 1, size);

	assert_non_null(memory);
	return memory;
}

static uint64_t mixed(uint64_t x)
{
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
	return x ^ (x >> 31);
}

uint32_t world_below(struct world *world, uint32_t n)
{
	world->random += 0x9e3779b97f4a7c15ull;
	return (uint32_t)(mixed(world->random) % n);
}

/* Of very different sizes, so that the order of a sum shows. */
static float gradient(uint32_t rank, uint32_t step, uint64_t index)
{
	uint64_t bits = mixed(index * 1000003 + rank * 7919 + step * 104729 + 1);
	float value = (float)(int32_t)bits;

	return bits >> 40 & 1 ? value : value / 65536;
}

float world_expected(const struct world *world, uint32_t step, uint64_t index)
{
	float sum = gradient(0, step, index);

	for (uint32_t rank = 1; rank < world->c->workers; rank++)
		sum += gradient(rank, step, index);
	return sum;
}

void world_model(struct fpr_sync_tensor *tensors, uint32_t count, uint64_t seed)
{
	static const uint32_t sizes[] = {1, 3, 16, 64, 200, 1000, 5000, 20000};

	for (uint32_t i = 0; i < count; i++) {
		uint64_t bits = mixed(seed * 1000 + i);

		tensors[i].bytes = 4 * (1 + bits % sizes[bits >> 32 & 7]);
		tensors[i].list_index = (i * 7 + 3) % count;
	}
}

/* ---- opening and closing ----------------------------------------------- */

static void open_rank(struct world *world, uint32_t rank)
{
	struct world_rank *r = world->ranks + rank;
	const uint64_t floats = world->start[world->tensor_count];
	const size_t pairs = (size_t)world->slice_count * world->c->ranks;

	assert_int_equal(fpr_sync_core_create(world->plan, rank, world->now_ns, &r->core), 0);
	r->gradient = zeros(floats, sizeof(float));
	r->parameter = zeros(floats, sizeof(float));
	r->sum = zeros(floats, sizeof(float));
	r->value = zeros(floats, sizeof(float));
	r->given = zeros(world->tensor_count, sizeof(*r->given));
	r->ready_steps = zeros(world->tensor_count, sizeof(*r->ready_steps));
	r->pushed = zeros(world->slice_count, 1);
	r->summed = zeros(world->slice_count, sizeof(*r->summed));
	r->rounds = zeros(world->slice_count, sizeof(*r->rounds));
	r->turn = zeros(world->slice_count, sizeof(*r->turn));
	r->come = zeros(pairs, 1);
	r->pushes = zeros(pairs, sizeof(*r->pushes));
}

void world_open(struct world *world, const struct fpr_sync_config *config,
		const struct fpr_sync_tensor *tensors, uint32_t count, uint32_t steps,
		uint64_t seed, uint32_t flags)
{
	struct fpr_sync_plan *plan;

	assert_true(count <= WORLD_TENSORS && config->ranks <= WORLD_RANKS);
	memset(world, 0, sizeof(*world));
	assert_int_equal(fpr_sync_plan_create(config, tensors, count, &plan), 0);
	world->plan = plan;
	world->c = fpr_sync_plan_config(plan);
	world->slices = fpr_sync_plan_slices(plan, &world->slice_count);
	world->random = seed;
	world->flags = flags;
	world->steps = steps;
	world->now_ns = 1000;
	world->tensor_count = count;
	memcpy(world->tensors, tensors, count * sizeof(*tensors));
	for (uint32_t i = 0; i < count; i++)
		world->start[i + 1] = world->start[i] + tensors[i].bytes / 4;
	for (uint32_t i = 0; i < config->ranks; i++)
		open_rank(world, i);
}

static void close_rank(struct world *world, uint32_t rank)
{
	struct world_rank *r = world->ranks + rank;

	fpr_sync_core_destroy(r->core);
	for (uint32_t i = 0; i < world->slice_count * world->c->ranks; i++)
		free(r->pushes[i]);
	free(r->gradient);
	free(r->parameter);
	free(r->sum);
	free(r->value);
	free(r->given);
	free(r->ready_steps);
	free(r->pushed);
	free(r->summed);
	free(r->rounds);
	free(r->turn);
	free(r->come);
	free(r->pushes);
	free(r->pending);
}

void world_close(struct world *world)
{
	for (uint32_t i = 0; i < world->c->ranks; i++)
		close_rank(world, i);
	for (uint32_t i = 0; i < world->message_count; i++)
		free(world->messages[i].payload);
	free(world->messages);
	fpr_sync_plan_destroy((struct fpr_sync_plan *)(uintptr_t)world->plan);
}

/* ---- bytes ------------------------------------------------------------- */

/* Floats of a slice into or out of an array laid out as the model. */
static void copy(const struct world *world, uint32_t slice, float *packed, float *flat, int out)
{
	struct fpr_sync_piece piece;
	uint64_t at = 0;

	for (uint32_t i = 0; !fpr_sync_plan_piece(world->plan, slice, i, &piece); i++) {
		float *here = flat + world->start[piece.tensor] + piece.offset / 4;

		memcpy(out ? packed + at : here, out ? here : packed + at, piece.bytes);
		at += piece.bytes / 4;
	}
	assert_int_equal(at * 4, world->slices[slice].bytes);
}

static float *packed(const struct world *world, uint32_t slice, float *flat)
{
	float *bytes = zeros(world->slices[slice].bytes, 1);

	copy(world, slice, bytes, flat, 1);
	return bytes;
}

/* ---- the world's own lists --------------------------------------------- */

static uint32_t server_of(const struct world *world, uint32_t slice)
{
	return world->c->first_server + world->slices[slice].server;
}

static uint64_t wire_bytes(const struct world *world, uint32_t message, uint32_t slice)
{
	return message == FPR_SYNC_PUSH || message == FPR_SYNC_REPLY ? world->slices[slice].bytes
								     : 0;
}

static int ordered(const struct world *world, uint32_t message)
{
	return message == FPR_SYNC_PUSH ||
	       (message == FPR_SYNC_REPLY && world->c->flags & FPR_SYNC_PRIORITY_REPLY);
}

static void expect_send(struct world *world, uint32_t rank, uint32_t message, uint32_t slice,
			uint32_t peer)
{
	struct world_rank *r = world->ranks + rank;
	const int by_arrival =
		message == FPR_SYNC_PUSH && !(world->c->flags & FPR_SYNC_PRIORITY_PUSH);
	const uint32_t step = message == FPR_SYNC_PUSH ? r->step : r->rounds[slice] - 1;

	if (r->pendings == r->pending_room) {
		r->pending_room = r->pending_room * 2 + 64;
		r->pending = realloc(r->pending, r->pending_room * sizeof(*r->pending));
		assert_non_null(r->pending);
	}
	r->pending[r->pendings++] =
		(struct world_pending){message,
				       slice,
				       peer,
				       world->c->flags & FPR_SYNC_MIX_STEPS ? 0 : step,
				       by_arrival ? 0 : world->slices[slice].priority,
				       r->seq};
}

static int window_open(const struct world *world, const struct world_rank *r,
		       const struct world_pending *p)
{
	const struct fpr_sync_config *c = world->c;
	const uint64_t bytes = wire_bytes(world, p->message, p->slice);

	if (c->window_messages && r->messages_out[p->peer] >= c->window_messages)
		return 0;
	return !c->window_bytes || !r->bytes_out[p->peer] ||
	       r->bytes_out[p->peer] + bytes <= c->window_bytes;
}

static int urgent(const struct world_pending *a, const struct world_pending *b)
{
	if (a->step != b->step)
		return a->step < b->step;
	return a->priority < b->priority || (a->priority == b->priority && a->seq < b->seq);
}

/* Is a pending message, other than @p, to go to a peer before another? */
static int first_of_peer(const struct world_rank *r, const struct world_pending *p)
{
	for (uint32_t i = 0; i < r->pendings; i++)
		if (r->pending[i].peer == p->peer && urgent(r->pending + i, p))
			return 0;
	return 1;
}

/* No message that could have gone is more urgent than the one that went. */
static void check_order(struct world *world, uint32_t rank, const struct world_pending *sent)
{
	const struct world_rank *r = world->ranks + rank;

	for (uint32_t i = 0; i < r->pendings; i++) {
		const struct world_pending *p = r->pending + i;

		if (p == sent || !ordered(world, p->message) || !urgent(p, sent))
			continue;
		/* With blocked peers skipped, it must have been one. */
		if (!(world->c->flags & FPR_SYNC_SKIP_BLOCKED) ||
		    (first_of_peer(r, p) && window_open(world, r, p)))
			fail_msg("rank %u: slice %u of priority %u went before slice %u of %u",
				 rank, sent->slice, sent->priority, p->slice, p->priority);
	}
}

static void check_windows(const struct world *world, const struct world_rank *r,
			  const struct world_pending *sent)
{
	const uint64_t bytes = wire_bytes(world, sent->message, sent->slice);

	assert_true(window_open(world, r, sent));
	assert_true(!world->c->window_total_bytes || !r->total_out ||
		    r->total_out + bytes <= world->c->window_total_bytes);
}

/* ---- actions ----------------------------------------------------------- */

static struct world_message *new_message(struct world *world)
{
	if (world->message_count == world->message_room) {
		world->message_room = world->message_room * 2 + 64;
		world->messages =
			realloc(world->messages, world->message_room * sizeof(*world->messages));
		assert_non_null(world->messages);
	}
	return world->messages + world->message_count++;
}

static struct world_pending *find_pending(struct world *world, uint32_t rank,
					  const struct fpr_sync_action *action)
{
	struct world_rank *r = world->ranks + rank;

	for (uint32_t i = 0; i < r->pendings; i++) {
		struct world_pending *p = r->pending + i;

		if (p->message == action->message && p->slice == action->slice &&
		    p->peer == action->peer)
			return p;
	}
	fail_msg("rank %u sends message %u of slice %u to %u out of the blue", rank,
		 action->message, action->slice, action->peer);
	return NULL;
}

static void do_send(struct world *world, uint32_t rank, const struct fpr_sync_action *action)
{
	struct world_rank *r = world->ranks + rank;
	struct world_pending *p = find_pending(world, rank, action);
	const uint64_t bytes = wire_bytes(world, action->message, action->slice);
	struct world_message *m = new_message(world);
	const int counts = ordered(world, action->message);

	assert_int_equal(action->bytes, bytes);
	assert_int_equal(action->priority, world->slices[action->slice].priority);
	if (counts) {
		check_windows(world, r, p);
		check_order(world, rank, p);
		r->bytes_out[action->peer] += bytes;
		r->messages_out[action->peer]++;
		r->total_out += bytes;
	}
	/* The last one takes its place: the list has no order. */
	*p = r->pending[--r->pendings];
	*m = (struct world_message){.from = rank,
				    .to = action->peer,
				    .message = action->message,
				    .slice = action->slice,
				    .on_way = 1,
				    .untaken = 1,
				    .uncredited =
					    counts && world->c->flags & FPR_SYNC_EXPLICIT_CREDIT};
	if (action->message == FPR_SYNC_PUSH) {
		m->payload = packed(world, action->slice, r->gradient);
		world->pushed_bytes += bytes;
	} else if (action->message == FPR_SYNC_REPLY) {
		m->payload = packed(world, action->slice, r->value);
		world->replied_bytes += bytes;
	}
}

static size_t pair(const struct world *world, uint32_t slice, uint32_t worker)
{
	return (size_t)slice * world->c->ranks + worker;
}

/* The next gradient of a slice may have come: from now on it waits for its turn. */
static void take_turn(struct world *world, struct world_rank *r, uint32_t slice)
{
	const uint32_t next = r->summed[slice];

	r->turn[slice] =
		next < world->c->workers && r->come[pair(world, slice, next)] ? r->seq++ + 1 : 0;
}

static void do_aggregate(struct world *world, uint32_t rank, const struct fpr_sync_action *action)
{
	struct world_rank *r = world->ranks + rank;
	const uint32_t slice = action->slice;
	const int by_priority = !!(world->c->flags & FPR_SYNC_PRIORITY_SERVER);

	assert_int_equal(server_of(world, slice), rank);
	assert_int_equal(r->summing, 0);
	assert_int_equal(action->peer, r->summed[slice]);
	assert_int_equal(action->first, action->peer == 0);
	assert_int_equal(action->last, action->peer + 1 == world->c->workers);
	assert_true(r->come[pair(world, slice, action->peer)]);
	assert_true(r->turn[slice]);
	for (uint32_t i = 0; i < world->slice_count; i++) {
		int before = r->turn[i] < r->turn[slice];

		if (!r->turn[i] || i == slice)
			continue;
		if (by_priority && world->slices[i].priority != world->slices[slice].priority)
			before = world->slices[i].priority < world->slices[slice].priority;
		assert_false(before);
	}
	r->turn[slice] = 0;
	r->summing = slice + 1;
	r->summing_from = action->peer;
}

static void check_tensor(struct world *world, uint32_t rank, uint32_t tensor)
{
	struct world_rank *r = world->ranks + rank;

	assert_int_equal(r->given[tensor], world->tensors[tensor].bytes);
	assert_int_equal(r->ready_steps[tensor], r->step);
	assert_int_equal(fpr_sync_ready(r->core, tensor), 1);
	for (uint64_t i = world->start[tensor]; i < world->start[tensor + 1]; i++) {
		float expected = world_expected(world, r->step, i);

		assert_memory_equal(r->parameter + i, &expected, sizeof(float));
	}
	r->ready_steps[tensor]++;
}

static void act(struct world *world, uint32_t rank)
{
	struct world_rank *r = world->ranks + rank;
	struct fpr_sync_action action;
	int ret;

	while ((ret = fpr_sync_next(r->core, &action)) == 1) {
		switch (action.verb) {
		case FPR_SYNC_SEND:
			do_send(world, rank, &action);
			break;
		case FPR_SYNC_AGGREGATE:
			do_aggregate(world, rank, &action);
			break;
		case FPR_SYNC_KEEP: {
			float *bytes = packed(world, action.slice, r->value);

			assert_int_equal(server_of(world, action.slice), rank);
			copy(world, action.slice, bytes, r->parameter, 0);
			free(bytes);
			break;
		}
		case FPR_SYNC_READY:
			check_tensor(world, rank, action.tensor);
			break;
		}
	}
	assert_int_equal(ret, 0);
}

/* ---- events ------------------------------------------------------------ */

static void gradient_come(struct world *world, uint32_t server, uint32_t slice, uint32_t worker,
			  float *bytes)
{
	struct world_rank *r = world->ranks + server;
	const size_t at = pair(world, slice, worker);

	r->come[at] = 1;
	free(r->pushes[at]);
	r->pushes[at] = bytes;
	if (r->summed[slice] == worker && r->summing != slice + 1)
		take_turn(world, r, slice);
}

/* What the slices of a whole step's gradients lead to. */
static void note_pushes(struct world *world, uint32_t rank, uint32_t tensor)
{
	struct world_rank *r = world->ranks + rank;

	for (uint32_t i = 0; i < world->slice_count; i++) {
		const struct fpr_sync_slice *s = world->slices + i;
		struct fpr_sync_piece piece;
		int whole = 1;

		if (r->pushed[i] || tensor < s->first || tensor >= s->first + s->tensors)
			continue;
		/* Parts come from the tensor's start. */
		for (uint32_t k = 0; !fpr_sync_plan_piece(world->plan, i, k, &piece); k++)
			whole &= r->given[piece.tensor] >= piece.offset + piece.bytes;
		if (!whole)
			continue;
		r->pushed[i] = 1;
		if (server_of(world, i) == rank)
			gradient_come(world, rank, i, rank, packed(world, i, r->gradient));
		else
			expect_send(world, rank, FPR_SYNC_PUSH, i, server_of(world, i));
		r->seq++;
	}
}

static int give(struct world *world, uint32_t rank, uint32_t tensor)
{
	struct world_rank *r = world->ranks + rank;
	const uint64_t left = world->tensors[tensor].bytes - r->given[tensor];
	uint64_t part = left;

	if (!left)
		return 0;
	if (world->flags & WORLD_PARTS)
		part = 4 * (1 + world_below(world, (uint32_t)(left / 4)));
	for (uint64_t i = 0; i < part / 4; i++) {
		uint64_t at = world->start[tensor] + r->given[tensor] / 4 + i;

		r->gradient[at] = gradient(rank, r->step, at);
	}
	assert_int_equal(fpr_sync_gradient(r->core, tensor, r->given[tensor], part, world->now_ns),
			 0);
	r->given[tensor] += part;
	assert_int_equal(fpr_sync_ready(r->core, tensor), 0);
	note_pushes(world, rank, tensor);
	return 1;
}

/* The next step begins when all tensors are ready. */
static int next_step(struct world *world, uint32_t rank)
{
	struct world_rank *r = world->ranks + rank;

	for (uint32_t i = 0; i < world->tensor_count; i++)
		if (r->ready_steps[i] <= r->step)
			return 0;
	if (r->step + 1 >= world->steps)
		return 0;
	r->step++;
	memset(r->given, 0, world->tensor_count * sizeof(*r->given));
	memset(r->pushed, 0, world->slice_count);
	return 1;
}

static int event_gradient(struct world *world, uint32_t rank)
{
	const uint32_t n = world->tensor_count;
	const uint32_t from = world->flags & WORLD_ANY_ORDER ? world_below(world, n) : n - 1;

	if (rank >= world->c->workers)
		return 0;
	for (uint32_t i = 0; i < n; i++)
		if (give(world, rank, (from + n - i) % n))
			return 1;
	return next_step(world, rank) && event_gradient(world, rank);
}

static int event_sum(struct world *world, uint32_t rank)
{
	struct world_rank *r = world->ranks + rank;
	const uint32_t slice = r->summing - 1, n = world->c->workers;
	float *sum, *part;
	size_t at;

	if (!r->summing)
		return 0;
	at = pair(world, slice, r->summing_from);
	sum = packed(world, slice, r->sum);
	part = r->pushes[at];
	for (uint32_t i = 0; i < world->slices[slice].bytes / 4; i++)
		sum[i] = r->summing_from ? sum[i] + part[i] : part[i];
	copy(world, slice, sum, r->sum, 0);
	r->come[at] = 0;
	r->summing = 0;
	r->summed[slice]++;
	take_turn(world, r, slice);
	if (r->summed[slice] == n) {
		r->summed[slice] = 0;
		r->rounds[slice]++;
		copy(world, slice, sum, r->value, 0);
		for (uint32_t i = 1; i <= n; i++) {
			uint32_t to = (rank % n + i) % n;

			if (to != rank)
				expect_send(world, rank,
					    world->c->flags & FPR_SYNC_BROADCAST ? FPR_SYNC_REPLY
										 : FPR_SYNC_NOTIFY,
					    slice, to);
		}
		r->seq++;
	}
	free(sum);
	assert_int_equal(fpr_sync_aggregated(r->core, slice), 0);
	return 1;
}

static void arrive(struct world *world, struct world_message *m)
{
	struct world_rank *r = world->ranks + m->to;

	assert_int_equal(fpr_sync_received(r->core, m->from, m->message, m->slice, world->now_ns),
			 0);
	if (world->flags & WORLD_TWICE) {
		assert_int_equal(
			fpr_sync_received(r->core, m->from, m->message, m->slice, world->now_ns),
			-EPROTO);
		world->refused++;
	}
	switch (m->message) {
	case FPR_SYNC_PUSH:
		gradient_come(world, m->to, m->slice, m->from, m->payload);
		m->payload = NULL;
		break;
	case FPR_SYNC_REPLY:
		copy(world, m->slice, m->payload, r->parameter, 0);
		break;
	case FPR_SYNC_NOTIFY:
		/* When it may go is the core's count; the world knows that it goes once. */
		expect_send(world, m->to, FPR_SYNC_PULL, m->slice, m->from);
		r->seq++;
		break;
	default:
		expect_send(world, m->to, FPR_SYNC_REPLY, m->slice, m->from);
		r->seq++;
	}
	m->on_way = 0;
}

static void return_window(struct world *world, struct world_message *m)
{
	struct world_rank *r = world->ranks + m->from;
	const uint64_t bytes = wire_bytes(world, m->message, m->slice);

	if (!ordered(world, m->message))
		return;
	r->bytes_out[m->to] -= bytes;
	r->messages_out[m->to]--;
	r->total_out -= bytes;
}

static int oldest_of_pair(const struct world *world, const struct world_message *m)
{
	for (const struct world_message *o = world->messages; o < m; o++)
		if (o->on_way && o->from == m->from && o->to == m->to)
			return 0;
	return 1;
}

static uint32_t message_step(struct world *world, struct world_message *m)
{
	const uint32_t explicit = world->c->flags & FPR_SYNC_EXPLICIT_CREDIT;

	const int can_arrive = m->on_way && !world->ranks[m->to].dead &&
			       (!(world->flags & WORLD_IN_ORDER) || oldest_of_pair(world, m));

	if (m->untaken && (!can_arrive || world_below(world, 2))) {
		m->untaken = 0;
		if (!explicit)
			return_window(world, m);
		assert_int_equal(
			fpr_sync_sent(world->ranks[m->from].core, m->to, m->message, m->slice), 0);
		return m->from;
	}
	if (can_arrive) {
		arrive(world, m);
		return m->to;
	}
	if (m->uncredited && !m->on_way) {
		m->uncredited = 0;
		return_window(world, m);
		assert_int_equal(
			fpr_sync_credit(world->ranks[m->from].core, m->to, m->message, m->slice),
			0);
		return m->from;
	}
	return UINT32_MAX;
}

/* Looks for a message that something can happen to, from a random one on. */
static int event_message(struct world *world)
{
	const uint32_t n = world->message_count, from = n ? world_below(world, n) : 0;

	for (uint32_t i = 0; i < n; i++) {
		uint32_t at = (from + i) % n;
		struct world_message *m = world->messages + at;
		uint32_t rank = message_step(world, m);

		if (rank == UINT32_MAX)
			continue;
		if (!m->untaken && !m->on_way && !m->uncredited) {
			free(m->payload);
			memmove(m, m + 1, (n - at - 1) * sizeof(*m));
			world->message_count--;
		}
		act(world, rank);
		return 1;
	}
	return 0;
}

static int event_of(struct world *world, uint32_t rank, uint32_t kind)
{
	if (world->ranks[rank].dead)
		return 0;
	if (!(kind ? event_gradient(world, rank) : event_sum(world, rank)))
		return 0;
	act(world, rank);
	return 1;
}

int world_event(struct world *world)
{
	const uint32_t n = world->c->ranks, from = world_below(world, n);
	const uint32_t kind = world_below(world, 3);

	world->now_ns += world_below(world, 1000);
	if (kind == 2 && event_message(world))
		return 1;
	for (uint32_t k = 0; k < 2; k++)
		for (uint32_t i = 0; i < n; i++)
			if (event_of(world, (from + i) % n, (kind + k) % 2))
				return 1;
	return event_message(world);
}

static void check_done(struct world *world, uint32_t rank)
{
	struct world_rank *r = world->ranks + rank;

	assert_int_equal(fpr_sync_idle(r->core), 1);
	assert_int_equal(r->total_out, 0);
	assert_int_equal(r->pendings, 0);
	for (uint32_t i = 0; i < world->tensor_count && rank < world->c->workers; i++)
		assert_int_equal(r->ready_steps[i], world->steps);
}

void world_run(struct world *world)
{
	uint64_t pushed = 0, model = 4 * world->start[world->tensor_count];

	while (world_event(world))
		;
	assert_int_equal(world->message_count, 0);
	for (uint32_t i = 0; i < world->c->ranks; i++)
		check_done(world, i);
	/* Every byte goes once from every worker to its server and back, unless they are one. */
	for (uint32_t i = 0; i < world->c->workers; i++)
		pushed += model -
			  (i - world->c->first_server < world->c->servers
				   ? fpr_sync_plan_load(world->plan, i - world->c->first_server)
				   : 0);
	assert_int_equal(world->pushed_bytes, pushed * world->steps);
	assert_int_equal(world->replied_bytes, pushed * world->steps);
}
