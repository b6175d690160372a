/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "group.h"

/* MPI counts in int. */
#define PIECE (256u << 20)
/* Of the model, moved in one round: counts and places fit, and memory is little. */
#define MOVE_BYTES ((uint64_t)4 << 20)

static int wait_for_all(struct fpr_group *g, MPI_Request *request)
{
	int done = 0, ret = fpr_engine_all_there(g);

	while (!ret) {
		ret = fpr_engine_mpi(g, MPI_Test(request, &done, MPI_STATUS_IGNORE),
				     "all ranks together, unless one makes other calls", g->rank);
		if (ret || done)
			break;
		ret = fpr_engine_turn(g);
	}
	return ret;
}

int fpr_engine_together(struct fpr_group *g, MPI_Request *request)
{
	MPI_Errhandler handler;
	int ret;

	/* Open MPI has errors of what all ranks do be the world's, and those end the program. */
	MPI_Comm_get_errhandler(MPI_COMM_WORLD, &handler);
	MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
	g->together++;
	ret = wait_for_all(g, request);
	g->together--;
	MPI_Comm_set_errhandler(MPI_COMM_WORLD, handler);
	MPI_Errhandler_free(&handler);
	return ret;
}

int fpr_engine_barrier(struct fpr_group *g)
{
	MPI_Request request;
	const int ret =
		fpr_engine_mpi(g, MPI_Ibarrier(g->wire.control, &request), "a barrier", g->rank);

	return ret ? ret : fpr_engine_together(g, &request);
}

static int broadcast_piece(struct fpr_group *g, void *data, int bytes)
{
	MPI_Request request;
	const int ret =
		fpr_engine_mpi(g, MPI_Ibcast(data, bytes, MPI_BYTE, 0, g->wire.control, &request),
			       "a broadcast", g->rank);

	return ret ? ret : fpr_engine_together(g, &request);
}

int fpr_engine_broadcast(struct fpr_group *g, void *data, uint64_t bytes)
{
	int ret = 0;

	if (bytes <= sizeof(g->small)) {
		memcpy(g->small, data, bytes);
		ret = broadcast_piece(g, g->small, (int)bytes);
		if (!ret)
			memcpy(data, g->small, bytes);
		return ret;
	}
	for (uint64_t at = 0; at < bytes && !ret; at += PIECE) {
		const uint64_t left = bytes - at;

		ret = broadcast_piece(g, (char *)data + at, left < PIECE ? (int)left : (int)PIECE);
	}
	return ret;
}

/* ---- gathering --------------------------------------------------------- */

/**
 * struct gathering - memory of a gathering, all its own: MPI has it when that is given up
 * @sizes: of each rank, and behind them this one's
 * @counts: the same for MPI
 * @places: where each one's is in @all
 * @mine: this rank's
 * @all: on rank 0
 */
struct gathering {
	uint64_t *sizes;
	int *counts, *places;
	char *mine, *all;
};

static void free_gathering(struct gathering *a)
{
	free(a->sizes);
	free(a->counts);
	free(a->mine);
	free(a->all);
}

static int no_memory(struct fpr_group *g)
{
	return fpr_engine_fail(g, -ENOMEM, g->rank, "no memory to gather");
}

static int gather_sizes(struct fpr_group *g, struct gathering *a, uint64_t bytes)
{
	uint64_t *mine;
	MPI_Request request;
	int ret;

	a->sizes = calloc(g->ranks + 1u, sizeof(*a->sizes));
	a->counts = calloc(2 * (size_t)g->ranks, sizeof(*a->counts));
	if (!a->sizes || !a->counts)
		return no_memory(g);
	a->places = a->counts + g->ranks;
	mine = a->sizes + g->ranks;
	*mine = bytes;
	ret = fpr_engine_mpi(g,
			     MPI_Iallgather(mine, sizeof(*mine), MPI_BYTE, a->sizes, sizeof(*mine),
					    MPI_BYTE, g->wire.control, &request),
			     "gathering", g->rank);
	return ret ? ret : fpr_engine_together(g, &request);
}

/* Return: 1 when MPI can count them all, 0 */
static int count(const struct fpr_group *g, struct gathering *a, uint64_t *total)
{
	*total = 0;
	for (uint32_t i = 0; i < g->ranks; i++) {
		if (a->sizes[i] > INT_MAX - *total)
			return 0;
		a->counts[i] = (int)a->sizes[i];
		a->places[i] = (int)*total;
		*total += a->sizes[i];
	}
	return 1;
}

static int gather_bytes(struct fpr_group *g, struct gathering *a, const void *data, uint64_t total)
{
	const int bytes = a->counts[g->rank];
	MPI_Request request;
	int ret;

	a->mine = malloc((size_t)bytes + 1);
	a->all = g->rank ? NULL : malloc(total + 1);
	if (!a->mine || (!g->rank && !a->all))
		return no_memory(g);
	if (bytes)
		memcpy(a->mine, data, (size_t)bytes);
	ret = fpr_engine_mpi(g,
			     MPI_Igatherv(a->mine, bytes, MPI_BYTE, a->all, a->counts, a->places,
					  MPI_BYTE, 0, g->wire.control, &request),
			     "gathering", g->rank);
	return ret ? ret : fpr_engine_together(g, &request);
}

/* What rank 0 asked for. */
static int hand_over(const struct fpr_group *g, const struct fpr_engine_gathering *wanted,
		     const struct gathering *a, uint64_t total)
{
	memcpy(wanted->sizes, a->sizes, g->ranks * sizeof(*a->sizes));
	if (wanted->all && total > wanted->room)
		return -ENOSPC;
	if (wanted->all)
		memcpy(wanted->all, a->all, total);
	return 0;
}

static int gather(struct fpr_group *g, const struct fpr_engine_gathering *wanted)
{
	struct gathering a = {0};
	uint64_t total = 0;
	int ret = gather_sizes(g, &a, wanted->bytes), fits = 0;

	if (!ret)
		fits = count(g, &a, &total);
	if (fits)
		ret = gather_bytes(g, &a, wanted->data, total);
	/* Not freed after a failure. */
	if (ret)
		return ret;
	ret = fits ? 0 : -EINVAL;
	if (fits && !g->rank)
		ret = hand_over(g, wanted, &a, total);
	free_gathering(&a);
	return ret;
}

int fpr_engine_gather(struct fpr_group *g, void *argument)
{
	int ret;

	fpr_engine_do(g, FPR_ENGINE_GATHERING);
	ret = gather(g, argument);
	fpr_engine_do(g, FPR_ENGINE_ALONE_YET);
	return ret;
}

/* ---- moving ------------------------------------------------------------ */

struct fpr_engine_layout fpr_engine_layout_of(const struct fpr_group *g)
{
	struct fpr_engine_layout layout = {.count = g->slice_count};
	const uint32_t first = g->options.config.first_server;

	layout.runs = malloc(g->slice_count * sizeof(*layout.runs));
	for (uint32_t i = 0; layout.runs && i < g->slice_count; i++) {
		const struct fpr_sync_slice *s = fpr_engine_slice(g, i);

		layout.runs[i].end = g->slices[i].begin + s->bytes;
		layout.runs[i].owner = first + s->server;
	}
	return layout;
}

/**
 * struct overlap - bytes that one rank has and one rank is to have
 * @at: first
 * @bytes: how many
 * @from: has them
 * @to: is to
 * @i: in which run of the first layout
 * @j: and of the second
 */
struct overlap {
	uint64_t at, bytes;
	uint32_t from, to, i, j;
};

/**
 * struct move - an array on its way between two layouts; counts are in elements
 * @from: had so
 * @to: to be had so
 * @begin: where the round begins: nothing, behind what has been moved
 * @stop: where it ends
 * @out_count: to each rank
 * @out_at: where in @out
 * @in_count: from each rank
 * @in_at: where in @in
 * @out: sent, by receiver
 * @in: received, by sender
 */
struct move {
	const struct fpr_engine_layout *from, *to;
	struct overlap begin;
	uint64_t stop;
	int *out_count, *out_at, *in_count, *in_at;
	float *out, *in;
};

/* The overlap behind one, in the move's round. Return: 0 when there is none */
static int next_overlap(const struct move *m, struct overlap *o)
{
	const struct fpr_engine_layout *from = m->from, *to = m->to;
	uint64_t end = m->stop;

	o->at += o->bytes;
	o->bytes = 0;
	while (o->i < from->count && from->runs[o->i].end <= o->at)
		o->i++;
	while (o->j < to->count && to->runs[o->j].end <= o->at)
		o->j++;
	if (o->at == m->stop || o->i == from->count || o->j == to->count)
		return 0;
	if (from->runs[o->i].end < end)
		end = from->runs[o->i].end;
	if (to->runs[o->j].end < end)
		end = to->runs[o->j].end;
	o->bytes = end - o->at;
	o->from = from->runs[o->i].owner;
	o->to = to->runs[o->j].owner;
	return 1;
}

static int prepare(struct fpr_group *g, struct move *m)
{
	m->out_count = calloc(4 * (size_t)g->ranks, sizeof(*m->out_count));
	m->out = malloc(MOVE_BYTES);
	m->in = malloc(MOVE_BYTES);
	if (!m->out_count || !m->out || !m->in)
		return fpr_engine_fail(g, -ENOMEM, g->rank, "no memory to move what servers have");
	m->out_at = m->out_count + g->ranks;
	m->in_count = m->out_at + g->ranks;
	m->in_at = m->in_count + g->ranks;
	return 0;
}

static void count_out(const struct fpr_group *g, struct move *m)
{
	struct overlap o = m->begin;
	int out = 0, in = 0;

	memset(m->out_count, 0, 4 * (size_t)g->ranks * sizeof(*m->out_count));
	while (next_overlap(m, &o)) {
		if (o.from == g->rank)
			m->out_count[o.to] += (int)(o.bytes / sizeof(float));
		if (o.to == g->rank)
			m->in_count[o.from] += (int)(o.bytes / sizeof(float));
	}
	for (uint32_t i = 0; i < g->ranks; i++) {
		m->out_at[i] = out;
		m->in_at[i] = in;
		out += m->out_count[i];
		in += m->in_count[i];
	}
}

/* Between a rank's array, packed in order, and what is sorted by the other rank. Return: behind */
static const float *sort_out(struct fpr_group *g, const struct move *m, const float *array)
{
	int *at = m->out_at;
	struct overlap o = m->begin;

	while (next_overlap(m, &o)) {
		if (o.from != g->rank)
			continue;
		memcpy(m->out + at[o.to], array, o.bytes);
		at[o.to] += (int)(o.bytes / sizeof(float));
		array += o.bytes / sizeof(float);
	}
	for (uint32_t i = 0; i < g->ranks; i++)
		at[i] -= m->out_count[i];
	return array;
}

static float *sort_in(struct fpr_group *g, struct move *m, float *array)
{
	int *at = m->in_at;

	while (next_overlap(m, &m->begin)) {
		if (m->begin.to != g->rank)
			continue;
		memcpy(array, m->in + at[m->begin.from], m->begin.bytes);
		at[m->begin.from] += (int)(m->begin.bytes / sizeof(float));
		array += m->begin.bytes / sizeof(float);
	}
	return array;
}

static int exchange(struct fpr_group *g, const struct move *m)
{
	MPI_Request request;
	const int ret = fpr_engine_mpi(g,
				       MPI_Ialltoallv(m->out, m->out_count, m->out_at, MPI_FLOAT,
						      m->in, m->in_count, m->in_at, MPI_FLOAT,
						      g->wire.control, &request),
				       "moving what servers have", g->rank);

	return ret ? ret : fpr_engine_together(g, &request);
}

int fpr_engine_move(struct fpr_group *g, const struct fpr_engine_layout *from_layout,
		    const float *from, const struct fpr_engine_layout *to_layout, float *to)
{
	struct move m = {.from = from_layout, .to = to_layout};
	int ret = prepare(g, &m);

	while (!ret && m.stop < g->total) {
		m.stop = g->total - m.stop < MOVE_BYTES ? g->total : m.stop + MOVE_BYTES;
		count_out(g, &m);
		from = sort_out(g, &m, from);
		ret = exchange(g, &m);
		if (!ret)
			to = sort_in(g, &m, to);
	}
	/* A request that was given up still has them. */
	if (!ret) {
		free(m.out_count);
		free(m.out);
		free(m.in);
	}
	return ret;
}
