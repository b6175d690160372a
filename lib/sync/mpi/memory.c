/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "group.h"

#define ALIGNMENT 64
/* Of a tensor that is read or written alone. */
#define PIECE (4u << 20)

void *fpr_engine_alloc(struct fpr_group *g, uint64_t bytes)
{
	const size_t rounded = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;

	if (g->memory)
		return g->memory->alloc(g->memory_context, rounded);
	return aligned_alloc(ALIGNMENT, rounded ? rounded : ALIGNMENT);
}

void fpr_engine_release(struct fpr_group *g, void *host)
{
	if (!g->memory)
		free(host);
	else if (host)
		g->memory->release(g->memory_context, host);
}

uint32_t fpr_engine_urgency(const struct fpr_group *g, uint32_t slice)
{
	const uint32_t flags = fpr_sync_plan_config(g->plan)->flags;

	if (!(flags & FPR_SYNC_PRIORITY_PUSH))
		return 0;
	return (uint32_t)(((uint64_t)fpr_engine_slice(g, slice)->priority << 16) /
			  (g->least_urgent + 1ull));
}

/* ---- jobs -------------------------------------------------------------- */

struct fpr_group_job *fpr_engine_job(struct fpr_group *g, enum fpr_engine_job_kind kind)
{
	struct fpr_group_job *job = calloc(1, sizeof(*job));

	if (!job)
		return NULL;
	job->group = g;
	job->kind = kind;
	atomic_fetch_add(&g->jobs_open, 1);
	return job;
}

void fpr_group_done(struct fpr_group_job *job, int status)
{
	struct fpr_group *g = job->group;

	pthread_mutex_lock(&g->lock);
	job->status = status;
	if (job->kind == FPR_ENGINE_ALONE) {
		job->done = 1;
		pthread_cond_broadcast(&g->news);
	} else {
		job->next = g->jobs;
		g->jobs = job;
		fpr_engine_wake(g);
	}
	pthread_mutex_unlock(&g->lock);
}

static int begun(struct fpr_group *g, struct fpr_group_job *job, int ret)
{
	if (!ret)
		return 0;
	atomic_fetch_sub(&g->jobs_open, 1);
	free(job);
	return ret;
}

/* ---- gradients --------------------------------------------------------- */

static uint32_t slice_at(const struct fpr_group *g, uint64_t at)
{
	uint32_t low = 0, high = g->slice_count;

	while (high - low > 1) {
		const uint32_t middle = low + (high - low) / 2;

		if (g->slices[middle].begin <= at)
			low = middle;
		else
			high = middle;
	}
	return low;
}

static uint64_t end_of(const struct fpr_group *g, uint32_t slice)
{
	return g->slices[slice].begin + fpr_engine_slice(g, slice)->bytes;
}

int fpr_engine_given(struct fpr_group *g, uint32_t tensor, uint64_t offset, uint64_t bytes)
{
	uint64_t at = g->tensors[tensor].begin + offset;
	const uint64_t end = at + bytes;
	const int ret = fpr_sync_gradient(g->core, tensor, offset, bytes, fpr_engine_now());

	if (ret)
		return ret;
	for (uint32_t i = slice_at(g, at); at < end; i++) {
		const uint64_t stop = end_of(g, i) < end ? end_of(g, i) : end;

		g->slices[i].missing -= (uint32_t)(stop - at);
		at = stop;
		if (g->slices[i].missing)
			continue;
		g->slices[i].missing = fpr_engine_slice(g, i)->bytes;
		fpr_engine_event(g, FPR_GROUP_QUEUED, 0, i, FPR_GROUP_NONE, FPR_GROUP_NONE);
	}
	return 0;
}

int fpr_engine_fetch(struct fpr_group *g, uint32_t tensor, uint64_t offset, uint64_t bytes)
{
	const struct fpr_engine_tensor *t = g->tensors + tensor;
	uint64_t at = t->begin + offset;
	const uint64_t end = at + bytes;

	for (uint32_t i = slice_at(g, at); at < end; i++) {
		const uint64_t stop = end_of(g, i) < end ? end_of(g, i) : end;
		struct fpr_group_job *job = fpr_engine_job(g, FPR_ENGINE_FETCH);
		int ret;

		if (!job)
			return -ENOMEM;
		job->tensor = tensor;
		job->offset = at - t->begin;
		job->bytes = stop - at;
		ret = begun(g, job,
			    g->memory->fetch(g->memory_context, FPR_GROUP_GRADIENT,
					     t->user.gradient, at - t->begin, stop - at,
					     g->slices[i].out + (at - g->slices[i].begin),
					     fpr_engine_urgency(g, i), job));
		if (ret)
			return ret;
		at = stop;
	}
	return 0;
}

/* ---- slices ------------------------------------------------------------ */

static char *in_tensor(const struct fpr_group *g, const struct fpr_sync_piece *piece,
		       enum fpr_group_array array)
{
	const struct fpr_group_tensor *t = &g->tensors[piece->tensor].user;

	return (char *)(array == FPR_GROUP_GRADIENT ? t->gradient : t->parameter) + piece->offset;
}

/* Where in its slice a piece is. */
static uint64_t in_slice(const struct fpr_group *g, uint32_t slice,
			 const struct fpr_sync_piece *piece)
{
	return g->tensors[piece->tensor].begin + piece->offset - g->slices[slice].begin;
}

static char *staging(struct fpr_group *g, char **memory, uint32_t slice)
{
	if (!*memory)
		*memory = fpr_engine_alloc(g, fpr_engine_slice(g, slice)->bytes);
	return *memory;
}

int fpr_engine_stage(struct fpr_group *g)
{
	for (uint32_t i = 0; i < g->slice_count && g->is_worker; i++) {
		const struct fpr_sync_slice *s = fpr_engine_slice(g, i);
		int elsewhere = 0;

		for (uint32_t t = s->first; t < s->first + s->tensors; t++)
			elsewhere |= g->tensors[t].user.memory != NULL;
		g->slices[i].direct = s->tensors == 1 && !elsewhere;
		if (elsewhere &&
		    (!staging(g, &g->slices[i].out, i) || !staging(g, &g->slices[i].in, i)))
			return -ENOMEM;
	}
	return 0;
}

void fpr_engine_unstage(struct fpr_group *g)
{
	for (uint32_t i = 0; g->slices && i < g->slice_count; i++) {
		fpr_engine_release(g, g->slices[i].out);
		fpr_engine_release(g, g->slices[i].in);
	}
}

const void *fpr_engine_gradient(struct fpr_group *g, uint32_t slice)
{
	const uint32_t tensors = fpr_engine_slice(g, slice)->tensors;
	struct fpr_sync_piece piece;

	if (g->slices[slice].direct) {
		fpr_sync_plan_piece(g->plan, slice, 0, &piece);
		return in_tensor(g, &piece, FPR_GROUP_GRADIENT);
	}
	if (!staging(g, &g->slices[slice].out, slice))
		return NULL;
	for (uint32_t i = 0; i < tensors; i++) {
		fpr_sync_plan_piece(g->plan, slice, i, &piece);
		if (!g->tensors[piece.tensor].user.memory)
			memcpy(g->slices[slice].out + in_slice(g, slice, &piece),
			       in_tensor(g, &piece, FPR_GROUP_GRADIENT), piece.bytes);
	}
	return g->slices[slice].out;
}

void *fpr_engine_landing(struct fpr_group *g, uint32_t slice)
{
	struct fpr_sync_piece piece;

	if (!g->slices[slice].direct)
		return staging(g, &g->slices[slice].in, slice);
	fpr_sync_plan_piece(g->plan, slice, 0, &piece);
	return in_tensor(g, &piece, FPR_GROUP_PARAMETER);
}

static int deliver(struct fpr_group *g, uint32_t slice, const struct fpr_sync_piece *piece,
		   const void *host)
{
	struct fpr_group_job *job = fpr_engine_job(g, FPR_ENGINE_DELIVER);
	int ret;

	if (!job)
		return -ENOMEM;
	job->tensor = piece->tensor;
	pthread_mutex_lock(&g->lock);
	g->tensors[piece->tensor].delivering++;
	pthread_mutex_unlock(&g->lock);
	ret = g->memory->deliver(g->memory_context, FPR_GROUP_PARAMETER,
				 g->tensors[piece->tensor].user.parameter, piece->offset,
				 piece->bytes, host, fpr_engine_urgency(g, slice), job);
	return begun(g, job, ret);
}

int fpr_engine_unpack(struct fpr_group *g, uint32_t slice, const void *value)
{
	const struct fpr_sync_slice *s = fpr_engine_slice(g, slice);
	struct fpr_sync_piece piece;
	int elsewhere = 0;

	for (uint32_t i = 0; i < s->tensors; i++) {
		fpr_sync_plan_piece(g->plan, slice, i, &piece);
		if (g->tensors[piece.tensor].user.memory)
			elsewhere = 1;
		else if (in_tensor(g, &piece, FPR_GROUP_PARAMETER) != value)
			memcpy(in_tensor(g, &piece, FPR_GROUP_PARAMETER),
			       (const char *)value + in_slice(g, slice, &piece), piece.bytes);
	}
	if (elsewhere && value != g->slices[slice].in)
		memcpy(g->slices[slice].in, value, s->bytes);
	for (uint32_t i = 0; elsewhere && i < s->tensors; i++) {
		int ret = 0;

		fpr_sync_plan_piece(g->plan, slice, i, &piece);
		if (g->tensors[piece.tensor].user.memory)
			ret = deliver(g, slice, &piece,
				      g->slices[slice].in + in_slice(g, slice, &piece));
		if (ret)
			return fpr_engine_fail(g, ret, g->rank, "tensor %u cannot be written",
					       piece.tensor);
	}
	return 0;
}

/* ---- what is done ------------------------------------------------------ */

static int fetched(struct fpr_group *g, const struct fpr_group_job *job)
{
	int ret;

	pthread_mutex_lock(&g->lock);
	g->tensors[job->tensor].fetching -= job->bytes;
	ret = fpr_engine_given(g, job->tensor, job->offset, job->bytes);
	pthread_mutex_unlock(&g->lock);
	if (ret)
		return fpr_engine_fail(g, ret, g->rank, "tensor %u was pushed out of turn",
				       job->tensor);
	return 0;
}

static int delivered(struct fpr_group *g, const struct fpr_group_job *job)
{
	int ready;

	pthread_mutex_lock(&g->lock);
	g->tensors[job->tensor].delivering--;
	ready = fpr_engine_is_ready(g, job->tensor);
	if (ready)
		pthread_cond_broadcast(&g->news);
	pthread_mutex_unlock(&g->lock);
	if (ready)
		fpr_engine_event(g, FPR_GROUP_READY, 0, FPR_GROUP_NONE, job->tensor,
				 FPR_GROUP_NONE);
	return 0;
}

static int look_at(struct fpr_group *g, const struct fpr_group_job *job)
{
	if (job->status)
		return fpr_engine_fail(g, job->status, g->rank,
				       "a copy from or to the tensors' memory failed: %s",
				       strerror(-job->status));
	if (job->kind == FPR_ENGINE_FETCH)
		return fetched(g, job);
	if (job->kind == FPR_ENGINE_DELIVER)
		return delivered(g, job);
	return fpr_engine_added(g, job);
}

int fpr_engine_jobs(struct fpr_group *g)
{
	struct fpr_group_job *jobs, *next;
	int count = 0, ret = 0;

	pthread_mutex_lock(&g->lock);
	jobs = g->jobs;
	g->jobs = NULL;
	pthread_mutex_unlock(&g->lock);
	for (; jobs; jobs = next, count++) {
		next = jobs->next;
		if (!ret)
			ret = look_at(g, jobs);
		free(jobs);
		atomic_fetch_sub(&g->jobs_open, 1);
	}
	return ret ? ret : count;
}

/* ---- one by one -------------------------------------------------------- */

static int finish_alone(struct fpr_group *g, struct fpr_group_job *job, int ret)
{
	ret = begun(g, job, ret);
	if (ret)
		return ret;
	pthread_mutex_lock(&g->lock);
	while (!job->done)
		pthread_cond_wait(&g->news, &g->lock);
	pthread_mutex_unlock(&g->lock);
	ret = job->status;
	atomic_fetch_sub(&g->jobs_open, 1);
	free(job);
	return ret;
}

/* @staging: memory that the tensors' can use. */
static int fetch_alone(struct fpr_group *g, const struct fpr_group_tensor *t, uint64_t offset,
		       uint64_t bytes, void *staging)
{
	struct fpr_group_job *job = fpr_engine_job(g, FPR_ENGINE_ALONE);

	if (!job)
		return -ENOMEM;
	return finish_alone(g, job,
			    t->memory->fetch(t->context, FPR_GROUP_PARAMETER, t->parameter, offset,
					     bytes, staging, 0, job));
}

static int deliver_alone(struct fpr_group *g, const struct fpr_group_tensor *t, uint64_t offset,
			 uint64_t bytes, const void *staging)
{
	struct fpr_group_job *job = fpr_engine_job(g, FPR_ENGINE_ALONE);

	if (!job)
		return -ENOMEM;
	return finish_alone(g, job,
			    t->memory->deliver(t->context, FPR_GROUP_PARAMETER, t->parameter,
					       offset, bytes, staging, 0, job));
}

/* Return: how much of @left goes through @staging at once */
static uint64_t piece_of(struct fpr_group *g, uint64_t left, void **staging)
{
	const uint64_t bytes = left < PIECE ? left : PIECE;

	*staging = fpr_engine_alloc(g, bytes);
	return bytes;
}

int fpr_engine_read(struct fpr_group *g, uint32_t tensor, uint64_t offset, uint64_t bytes,
		    void *host)
{
	const struct fpr_group_tensor *t = &g->tensors[tensor].user;
	const uint64_t end = offset + bytes;
	uint64_t piece;
	void *staging;
	int ret;

	if (!t->memory) {
		memcpy(host, (const char *)t->parameter + offset, bytes);
		return 0;
	}
	piece = piece_of(g, bytes, &staging);
	ret = staging ? 0 : -ENOMEM;
	for (char *to = host; offset < end && !ret; offset += piece, to += piece) {
		if (piece > end - offset)
			piece = end - offset;
		ret = fetch_alone(g, t, offset, piece, staging);
		if (!ret)
			memcpy(to, staging, piece);
	}
	fpr_engine_release(g, staging);
	return ret;
}

int fpr_engine_write(struct fpr_group *g, uint32_t tensor, uint64_t offset, uint64_t bytes,
		     const void *host)
{
	const struct fpr_group_tensor *t = &g->tensors[tensor].user;
	const uint64_t end = offset + bytes;
	uint64_t piece;
	void *staging;
	int ret;

	if (!t->memory) {
		if ((char *)t->parameter + offset != host)
			memcpy((char *)t->parameter + offset, host, bytes);
		return 0;
	}
	piece = piece_of(g, bytes, &staging);
	ret = staging ? 0 : -ENOMEM;
	for (const char *from = host; offset < end && !ret; offset += piece, from += piece) {
		if (piece > end - offset)
			piece = end - offset;
		memcpy(staging, from, piece);
		ret = deliver_alone(g, t, offset, piece, staging);
	}
	fpr_engine_release(g, staging);
	return ret;
}
