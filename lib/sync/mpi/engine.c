/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>

#include "group.h"

/* A pause is a part of the time that nothing happened for, so it delays what comes little. */
#define PAUSE_PART 8
/* While a caller waits, nothing hides a delay, and its processor is free. */
#define PAUSE_PART_AWAITED 64
#define PAUSE_LEAST_NS 20000u
#define PAUSE_MOST_NS 500000u
/* Actions in a row, before signs of life are looked for and given. */
#define ACT_NS 5000000u
/* Between an error and the end of fpr_group_destroy(). */
#define LINGER_NS 1000000000u

uint64_t fpr_engine_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void fpr_engine_wake(struct fpr_group *g)
{
	g->woken = 1;
	pthread_cond_signal(&g->wake);
}

static struct timespec after(uint64_t ns)
{
	const uint64_t then = fpr_engine_now() + ns;

	return (struct timespec){.tv_sec = (time_t)(then / 1000000000u),
				 .tv_nsec = (long)(then % 1000000000u)};
}

static void pause_engine(struct fpr_group *g, uint64_t now)
{
	const uint64_t idle = now - g->busy_ns;
	struct timespec until;
	uint64_t ns;

	pthread_mutex_lock(&g->lock);
	ns = idle / (g->inside ? PAUSE_PART_AWAITED : PAUSE_PART);
	if (ns >= PAUSE_LEAST_NS && !g->woken && !g->stop) {
		until = after(ns < PAUSE_MOST_NS ? ns : PAUSE_MOST_NS);
		pthread_cond_timedwait(&g->wake, &g->lock, &until);
	}
	g->woken = 0;
	pthread_mutex_unlock(&g->lock);
	if (ns < PAUSE_LEAST_NS)
		sched_yield();
}

/* ---- actions ----------------------------------------------------------- */

static int ready(struct fpr_group *g, uint32_t tensor)
{
	int delivering;

	pthread_mutex_lock(&g->lock);
	delivering = g->tensors[tensor].delivering != 0;
	pthread_cond_broadcast(&g->news);
	pthread_mutex_unlock(&g->lock);
	if (!delivering)
		fpr_engine_event(g, FPR_GROUP_READY, 0, FPR_GROUP_NONE, tensor, FPR_GROUP_NONE);
	return 0;
}

static int carry_out(struct fpr_group *g, const struct fpr_sync_action *action)
{
	int ret;

	switch (action->verb) {
	case FPR_SYNC_SEND:
		return fpr_engine_send(g, action);
	case FPR_SYNC_AGGREGATE:
		/* MPI moves nothing while this adds. */
		ret = fpr_engine_aggregate(g, action);
		return ret ? ret : fpr_engine_wire(g);
	case FPR_SYNC_KEEP:
		return fpr_engine_unpack(g, action->slice,
					 g->arrays[0] +
						 g->slices[action->slice].at / sizeof(float));
	case FPR_SYNC_READY:
		return ready(g, action->tensor);
	}
	return 0;
}

/* Return: how much was done, or the group's error */
static int act(struct fpr_group *g)
{
	const uint64_t began = fpr_engine_now();
	int count = 0;

	for (; g->core && fpr_engine_now() - began < ACT_NS; count++) {
		struct fpr_sync_action action;
		int ret;

		pthread_mutex_lock(&g->lock);
		ret = fpr_sync_next(g->core, &action);
		pthread_mutex_unlock(&g->lock);
		if (ret < 0)
			return fpr_engine_fail(g, ret, g->rank, "no memory for a decision");
		if (!ret)
			break;
		ret = carry_out(g, &action);
		if (ret < 0)
			return ret;
	}
	return count;
}

int fpr_engine_turn(struct fpr_group *g)
{
	int (*const parts[])(struct fpr_group *) = {fpr_engine_wire, fpr_engine_jobs,
						    fpr_engine_unhold, act};
	const uint64_t now = fpr_engine_now();
	int busy = 0, ret = fpr_engine_notes(g, now);

	for (size_t i = 0; !ret && g->core && i < sizeof(parts) / sizeof(*parts); i++) {
		const int did = parts[i](g);

		busy |= did > 0;
		ret = did < 0 ? did : 0;
	}
	if (!ret)
		ret = fpr_engine_watch(g, now);
	if (ret || g->error)
		return g->error;
	if (busy)
		g->busy_ns = now;
	else
		pause_engine(g, now);
	return 0;
}

/* ---- life -------------------------------------------------------------- */

int fpr_engine_run(struct fpr_group *g, int (*run)(struct fpr_group *, void *), void *argument)
{
	struct fpr_engine_call call = {.run = run, .argument = argument};

	pthread_mutex_lock(&g->lock);
	while (g->call)
		pthread_cond_wait(&g->news, &g->lock);
	g->call = &call;
	g->inside++;
	fpr_engine_wake(g);
	while (!call.done)
		pthread_cond_wait(&g->news, &g->lock);
	g->inside--;
	g->calls++;
	pthread_mutex_unlock(&g->lock);
	return call.result;
}

static void answer(struct fpr_group *g, int result)
{
	pthread_mutex_lock(&g->lock);
	g->call->result = result;
	g->call->done = 1;
	g->call = NULL;
	pthread_cond_broadcast(&g->news);
	pthread_mutex_unlock(&g->lock);
}

/* Tells everybody, and waits for the end. */
static void rest(struct fpr_group *g)
{
	if (!g->told) {
		fpr_engine_farewell(g);
		g->told_ns = fpr_engine_now();
	}
	pthread_mutex_lock(&g->lock);
	g->told = 1;
	pthread_cond_broadcast(&g->news);
	while (!g->stop && !g->call)
		pthread_cond_wait(&g->wake, &g->lock);
	pthread_mutex_unlock(&g->lock);
}

static int serve_boundary(struct fpr_group *g)
{
	g->boundary_due = 0;
	return fpr_engine_boundary(g, g->boundary_step, g->boundary_finish);
}

static void serve(struct fpr_group *g)
{
	for (;;) {
		struct fpr_engine_call *call;
		int stop;

		pthread_mutex_lock(&g->lock);
		call = g->call;
		stop = g->stop;
		pthread_mutex_unlock(&g->lock);
		if (stop)
			return;
		if (g->error && call && g->told)
			answer(g, g->error);
		else if (g->error)
			rest(g);
		else if (call)
			answer(g, call->run(g, call->argument));
		else if (g->boundary_due)
			serve_boundary(g);
		else
			fpr_engine_turn(g);
	}
}

static int open_mpi(struct fpr_group *g)
{
	int level, size, rank, flag, *limit;

	if (g->own_world && MPI_Init_thread(NULL, NULL, MPI_THREAD_SERIALIZED, &level))
		return fpr_engine_fail(g, -EIO, FPR_GROUP_NONE, "MPI cannot be initialised");
	if (g->own_world)
		g->parent = MPI_COMM_WORLD;
	MPI_Comm_size(g->parent, &size);
	MPI_Comm_rank(g->parent, &rank);
	g->ranks = (uint32_t)size;
	g->rank = (uint32_t)rank;
	MPI_Comm_get_attr(MPI_COMM_WORLD, MPI_TAG_UB, &limit, &flag);
	g->tag_max = flag ? *limit : 32767;
	return 0;
}

static int begin(struct fpr_group *g)
{
	struct fpr_group_options *o = &g->options;
	int ret = open_mpi(g);

	if (ret)
		return ret;
	if (o->servers >= g->ranks)
		return fpr_engine_fail(g, -EINVAL, FPR_GROUP_NONE,
				       "%u servers leave no worker of %u ranks", o->servers,
				       g->ranks);
	g->workers = g->ranks - o->servers;
	o->config.ranks = g->ranks;
	o->config.workers = g->workers;
	o->config.first_server = o->servers ? g->workers : 0;
	o->config.servers = o->servers ? o->servers : g->ranks;
	g->is_worker = g->rank < g->workers;
	g->peers = calloc(g->ranks, sizeof(*g->peers));
	g->held = calloc(o->config.lanes ? o->config.lanes : 1, sizeof(*g->held));
	if (!g->peers || !g->held)
		return fpr_engine_fail(g, -ENOMEM, g->rank, "no memory to join");
	return fpr_engine_join(g);
}

/* Launchers kill all ranks when one ends with an error: let the others say first what they know. */
static void linger(const struct fpr_group *g)
{
	const struct timespec shortly = {.tv_nsec = 10000000};

	while (fpr_engine_now() - g->told_ns < LINGER_NS)
		nanosleep(&shortly, NULL);
}

static void stop_listening(struct fpr_group *g)
{
	if (g->note_request == MPI_REQUEST_NULL)
		return;
	MPI_Cancel(&g->note_request);
	MPI_Wait(&g->note_request, MPI_STATUS_IGNORE);
}

static void close_mpi(struct fpr_group *g)
{
	fpr_engine_flush_notes(g);
	if (g->wire.control == MPI_COMM_NULL)
		return;
	MPI_Comm_free(&g->wire.data);
	MPI_Comm_free(&g->wire.control);
	if (g->own_world)
		MPI_Finalize();
}

void *fpr_engine_main(void *group)
{
	struct fpr_group *g = group;
	const int ret = begin(g);

	/* The default slack of 50 us is as long as a small slice takes. */
	prctl(PR_SET_TIMERSLACK, 1000ul, 0, 0, 0);
	g->busy_ns = fpr_engine_now();
	pthread_mutex_lock(&g->lock);
	g->created = 1;
	g->join_error = ret;
	g->told = ret != 0;
	pthread_cond_broadcast(&g->news);
	pthread_mutex_unlock(&g->lock);
	serve(g);
	if (g->error ? !g->told : !g->finished)
		fpr_engine_farewell(g);
	if (g->told_ns && g->ranks > 1)
		linger(g);
	/* The group's memory is given back. */
	if (!g->error || g->ranks == 1)
		stop_listening(g);
	/* It would wait for ranks that are lost; a lone one has MPI's daemon and files to end. */
	if (g->ranks == 1 || (!g->error && g->finished))
		close_mpi(g);
	return NULL;
}
