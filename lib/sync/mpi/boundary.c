/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "group.h"

/* The first steps of a trial still have the messages of the one before. */
#define SETTLING 2

static int checkpoint_due(const struct fpr_group *g, uint64_t steps)
{
	return g->options.checkpoint_steps && steps && steps % g->options.checkpoint_steps == 0;
}

static int trial_over(const struct fpr_group *g, uint64_t steps)
{
	return g->tuning && steps - g->tune_base >= g->options.tune_steps;
}

int fpr_engine_is_boundary(const struct fpr_group *g, uint64_t done_steps)
{
	return checkpoint_due(g, done_steps) || trial_over(g, done_steps);
}

/* ---- quiet ------------------------------------------------------------- */

static int is_quiet(struct fpr_group *g)
{
	int idle;

	pthread_mutex_lock(&g->lock);
	idle = fpr_sync_idle(g->core);
	pthread_mutex_unlock(&g->lock);
	return idle && !g->held_count && !atomic_load(&g->jobs_open);
}

static int drain(struct fpr_group *g)
{
	int ret = 0;

	while (g->core && !ret && !is_quiet(g))
		ret = fpr_engine_turn(g);
	if (!ret)
		ret = fpr_engine_barrier(g);
	/* Everybody has everything; MPI may not have noticed. */
	while (!ret && g->wire.count)
		ret = fpr_engine_turn(g);
	return ret;
}

/* ---- checkpoint -------------------------------------------------------- */

static int is_for_me(const struct fpr_group *g)
{
	return g->rank == 0 || (g->options.flags & FPR_GROUP_CHECKPOINT_ALL && g->is_worker);
}

static int collect(struct fpr_group *g, const struct fpr_engine_layout *from, uint32_t array)
{
	struct fpr_engine_run_of whole = {.end = g->total, .owner = 0};
	const struct fpr_engine_layout to = {.runs = &whole, .count = 1};
	const int mine = g->rank == 0 || g->options.flags & FPR_GROUP_CHECKPOINT_ALL;
	float *data = mine ? malloc(g->total) : NULL;
	int ret;

	if (mine && !data)
		return fpr_engine_fail(g, -ENOMEM, g->rank, "no memory for a checkpoint");
	ret = fpr_engine_move(g, from, g->arrays[array], &to, data);
	if (!ret && g->options.flags & FPR_GROUP_CHECKPOINT_ALL)
		ret = fpr_engine_broadcast(g, data, g->total);
	if (!ret && is_for_me(g))
		g->whole[array] = data;
	else if (!ret)
		free(data);
	return ret;
}

static int checkpoint(struct fpr_group *g)
{
	struct fpr_engine_layout from = fpr_engine_layout_of(g);
	int ret =
		from.runs ? 0 : fpr_engine_fail(g, -ENOMEM, g->rank, "no memory for a checkpoint");

	for (uint32_t i = 0; i < g->array_count && !ret; i++)
		ret = collect(g, &from, i);
	free(from.runs);
	if (!ret)
		g->whole_ready = is_for_me(g);
	return ret;
}

/* ---- another configuration --------------------------------------------- */

static int order(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static uint64_t median_step(struct fpr_group *g)
{
	const uint32_t skip = g->step_count > 2 * SETTLING ? SETTLING : 0;
	const uint32_t count = g->step_count - skip;

	if (!count)
		return 0;
	qsort(g->step_ns + skip, count, sizeof(*g->step_ns), order);
	return g->step_ns[skip + count / 2];
}

static int adopt(struct fpr_group *g, const struct fpr_sync_config *config, uint64_t steps)
{
	struct fpr_engine_layout from = fpr_engine_layout_of(g), to;
	float *old[FPR_ENGINE_ARRAYS_MAX];
	int ret = 0;

	memcpy(old, g->arrays, sizeof(old));
	memset(g->arrays, 0, sizeof(g->arrays));
	fpr_engine_forget_model(g);
	ret = fpr_engine_model(g, config);
	if (ret)
		return ret;
	to = fpr_engine_layout_of(g);
	if (!from.runs || !to.runs)
		ret = fpr_engine_fail(g, -ENOMEM, g->rank, "no memory for another configuration");
	for (uint32_t i = 0; i < g->array_count && !ret; i++) {
		ret = fpr_engine_move(g, &from, old[i], &to, g->arrays[i]);
		free(old[i]);
	}
	for (uint32_t i = 0; i < g->slice_count; i++)
		g->slices[i].done = steps;
	free(from.runs);
	free(to.runs);
	return ret;
}

static int tune(struct fpr_group *g, uint64_t steps)
{
	struct fpr_sync_config config = *fpr_sync_plan_config(g->plan);
	const struct fpr_sync_config now = config;
	struct {
		uint32_t more, other;
		struct fpr_sync_config config;
	} next;
	int ret;

	memset(&next, 0, sizeof(next));
	if (g->rank == 0) {
		next.more = (uint32_t)fpr_sync_tuner_next(&g->tuner, median_step(g), &config);
		next.config = config;
		next.other = memcmp(&now, &config, sizeof(now)) != 0;
	}
	g->step_count = 0;
	ret = fpr_engine_broadcast(g, &next, sizeof(next));
	if (ret)
		return ret;
	g->tuning = (int)next.more;
	g->trials = g->tuner.trials;
	g->tune_base = steps;
	return next.other ? adopt(g, &next.config, steps) : 0;
}

/* ---- all --------------------------------------------------------------- */

static int cross(struct fpr_group *g, uint64_t done_steps, int finish)
{
	int ret = drain(g);

	if (!ret && g->core && checkpoint_due(g, done_steps))
		ret = checkpoint(g);
	if (!ret && g->core && !finish && trial_over(g, done_steps))
		ret = tune(g, done_steps);
	if (!ret)
		ret = fpr_engine_barrier(g);
	if (!ret && finish) {
		pthread_mutex_lock(&g->lock);
		g->finished = 1;
		pthread_cond_broadcast(&g->news);
		pthread_mutex_unlock(&g->lock);
	}
	return ret;
}

int fpr_engine_boundary(struct fpr_group *g, uint64_t done_steps, int finish)
{
	int ret;

	fpr_engine_do(g, finish ? FPR_ENGINE_FINISHING : FPR_ENGINE_CROSSING);
	ret = cross(g, done_steps, finish);
	fpr_engine_do(g, FPR_ENGINE_ALONE_YET);
	return ret;
}
