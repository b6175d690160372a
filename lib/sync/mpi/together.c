/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "group.h"

/* MPI counts in int. */
#define PIECE (256u << 20)

int fpr_engine_together(struct fpr_group *g, MPI_Request *request)
{
	int done = 0, ret = 0;

	g->together++;
	while (!ret) {
		ret = fpr_engine_mpi(g, MPI_Test(request, &done, MPI_STATUS_IGNORE),
				     "all ranks together", g->rank);
		if (ret || done)
			break;
		ret = fpr_engine_turn(g);
	}
	g->together--;
	return ret;
}

int fpr_engine_barrier(struct fpr_group *g)
{
	MPI_Request request;
	const int ret =
		fpr_engine_mpi(g, MPI_Ibarrier(g->wire.control, &request), "a barrier", g->rank);

	return ret ? ret : fpr_engine_together(g, &request);
}

int fpr_engine_broadcast(struct fpr_group *g, void *data, uint64_t bytes)
{
	int ret = 0;

	for (uint64_t at = 0; at < bytes && !ret; at += PIECE) {
		const uint64_t left = bytes - at;
		MPI_Request request;

		ret = fpr_engine_mpi(g,
				     MPI_Ibcast((char *)data + at,
						left < PIECE ? (int)left : (int)PIECE, MPI_BYTE, 0,
						g->wire.control, &request),
				     "a broadcast", g->rank);
		if (!ret)
			ret = fpr_engine_together(g, &request);
	}
	return ret;
}

/* ---- gathering --------------------------------------------------------- */

static int gather_sizes(struct fpr_group *g, uint64_t bytes, uint64_t *sizes)
{
	MPI_Request request;
	const int ret =
		fpr_engine_mpi(g,
			       MPI_Iallgather(&bytes, sizeof(bytes), MPI_BYTE, sizes, sizeof(bytes),
					      MPI_BYTE, g->wire.control, &request),
			       "gathering", g->rank);

	return ret ? ret : fpr_engine_together(g, &request);
}

static int gather_bytes(struct fpr_group *g, const struct fpr_engine_gathering *a,
			const uint64_t *sizes, int *counts, char *all)
{
	int *places = counts + g->ranks;
	MPI_Request request;
	uint64_t at = 0;
	int ret;

	for (uint32_t i = 0; i < g->ranks; i++) {
		counts[i] = (int)sizes[i];
		places[i] = (int)at;
		at += sizes[i];
	}
	ret = fpr_engine_mpi(g,
			     MPI_Igatherv(a->data, (int)a->bytes, MPI_BYTE, all, counts, places,
					  MPI_BYTE, 0, g->wire.control, &request),
			     "gathering", g->rank);
	return ret ? ret : fpr_engine_together(g, &request);
}

int fpr_engine_gather(struct fpr_group *g, void *argument)
{
	const struct fpr_engine_gathering *a = argument;
	uint64_t *sizes = calloc(g->ranks, sizeof(*sizes)), total = 0;
	int *counts = calloc(2 * (size_t)g->ranks, sizeof(*counts));
	char *all = NULL;
	int ret = sizes && counts ? gather_sizes(g, a->bytes, sizes) : -ENOMEM;

	for (uint32_t i = 0; i < g->ranks && !ret; i++)
		total += sizes[i];
	if (!ret && total > INT_MAX)
		ret = -EINVAL;
	if (!ret && g->rank == 0) {
		all = malloc(total + 1);
		ret = all ? 0 : -ENOMEM;
	}
	if (!ret)
		ret = gather_bytes(g, a, sizes, counts, all);
	if (!ret && g->rank == 0) {
		memcpy(a->sizes, sizes, g->ranks * sizeof(*sizes));
		if (a->all && total <= a->room)
			memcpy(a->all, all, total);
		else if (a->all)
			ret = -ENOSPC;
	}
	free(all);
	free(counts);
	free(sizes);
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

/* The overlap behind one; begin with all zeros. Return: 0 when there is none */
static int next_overlap(const struct fpr_engine_layout *from, const struct fpr_engine_layout *to,
			struct overlap *o)
{
	const struct fpr_engine_run_of *a, *b;
	uint64_t end;

	o->at += o->bytes;
	while (o->i < from->count && from->runs[o->i].end <= o->at)
		o->i++;
	while (o->j < to->count && to->runs[o->j].end <= o->at)
		o->j++;
	if (o->i == from->count || o->j == to->count)
		return 0;
	a = from->runs + o->i;
	b = to->runs + o->j;
	end = a->end < b->end ? a->end : b->end;
	o->bytes = end - o->at;
	o->from = a->owner;
	o->to = b->owner;
	return 1;
}

/**
 * struct move - an array on its way between two layouts; counts are in elements
 * @out_count: to each rank
 * @out_at: where in @out
 * @in_count: from each rank
 * @in_at: where in @in
 * @out: sent, by receiver
 * @in: received, by sender
 */
struct move {
	int *out_count, *out_at, *in_count, *in_at;
	float *out, *in;
};

static int prepare(struct fpr_group *g, const struct fpr_engine_layout *from,
		   const struct fpr_engine_layout *to, struct move *m)
{
	struct overlap o = {0};
	uint64_t out = 0, in = 0;

	m->out_count = calloc(4 * (size_t)g->ranks, sizeof(int));
	if (!m->out_count)
		return -ENOMEM;
	m->out_at = m->out_count + g->ranks;
	m->in_count = m->out_at + g->ranks;
	m->in_at = m->in_count + g->ranks;
	while (next_overlap(from, to, &o)) {
		if (o.from == g->rank)
			m->out_count[o.to] += (int)(o.bytes / sizeof(float));
		if (o.to == g->rank)
			m->in_count[o.from] += (int)(o.bytes / sizeof(float));
	}
	for (uint32_t i = 0; i < g->ranks; i++) {
		m->out_at[i] = (int)out;
		m->in_at[i] = (int)in;
		out += (uint64_t)m->out_count[i];
		in += (uint64_t)m->in_count[i];
	}
	m->out = malloc((out + 1) * sizeof(float));
	m->in = malloc((in + 1) * sizeof(float));
	return m->out && m->in ? 0 : -ENOMEM;
}

/* Between a rank's array, packed in order, and what is sorted by the other rank. */
static void sort_out(struct fpr_group *g, const struct fpr_engine_layout *from,
		     const struct fpr_engine_layout *to, const float *array, const struct move *m)
{
	int *at = m->out_at;
	struct overlap o = {0};

	while (next_overlap(from, to, &o)) {
		if (o.from != g->rank)
			continue;
		memcpy(m->out + at[o.to], array, o.bytes);
		at[o.to] += (int)(o.bytes / sizeof(float));
		array += o.bytes / sizeof(float);
	}
	for (uint32_t i = 0; i < g->ranks; i++)
		at[i] -= m->out_count[i];
}

static void sort_in(struct fpr_group *g, const struct fpr_engine_layout *from,
		    const struct fpr_engine_layout *to, float *array, const struct move *m)
{
	int *at = m->in_at;
	struct overlap o = {0};

	while (next_overlap(from, to, &o)) {
		if (o.to != g->rank)
			continue;
		memcpy(array, m->in + at[o.from], o.bytes);
		at[o.from] += (int)(o.bytes / sizeof(float));
		array += o.bytes / sizeof(float);
	}
}

int fpr_engine_move(struct fpr_group *g, const struct fpr_engine_layout *from_layout,
		    const float *from, const struct fpr_engine_layout *to_layout, float *to)
{
	struct move m = {0};
	MPI_Request request;
	int ret = prepare(g, from_layout, to_layout, &m);

	if (ret) {
		ret = fpr_engine_fail(g, ret, g->rank, "no memory to move what servers have");
	} else {
		sort_out(g, from_layout, to_layout, from, &m);
		ret = fpr_engine_mpi(g,
				     MPI_Ialltoallv(m.out, m.out_count, m.out_at, MPI_FLOAT, m.in,
						    m.in_count, m.in_at, MPI_FLOAT, g->wire.control,
						    &request),
				     "moving what servers have", g->rank);
		if (!ret)
			ret = fpr_engine_together(g, &request);
	}
	if (!ret)
		sort_in(g, from_layout, to_layout, to, &m);
	/* A request that was given up still has them. */
	if (!ret) {
		free(m.out_count);
		free(m.out);
		free(m.in);
	}
	return ret;
}
