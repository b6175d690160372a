/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "group.h"

/* ---- errors and checkpoints -------------------------------------------- */

static int call_checkpoint(struct fpr_group *g, const struct fpr_group_state *state)
{
	return g->options.checkpoint ? g->options.checkpoint(g->options.context, state) : 0;
}

/* The parameters as they are, when a rank is lost. */
static int rescue(struct fpr_group *g)
{
	float *data = malloc(g->total);
	struct fpr_group_state state = {.step = g->step ? g->step - 1 : 0,
					.elements = g->total / sizeof(float),
					.arrays = 1,
					.data = {data}};
	int ret = data ? 0 : -ENOMEM;

	for (uint32_t i = 0; i < g->tensor_count && !ret; i++)
		ret = fpr_engine_read(g, i, 0, g->tensors[i].bytes,
				      (char *)data + g->tensors[i].begin);
	if (!ret)
		ret = call_checkpoint(g, &state);
	free(data);
	return ret;
}

/* Return: the group's error, when the engine has told everybody; 0 for none */
static int lost(struct fpr_group *g)
{
	int error, first;

	pthread_mutex_lock(&g->lock);
	error = g->error;
	while (g->error && !g->told)
		pthread_cond_wait(&g->news, &g->lock);
	first = error && g->started && g->is_worker && !g->rescued;
	g->rescued |= first;
	pthread_mutex_unlock(&g->lock);
	if (first && g->options.checkpoint && g->options.optimizer != FPR_GROUP_SUM)
		rescue(g);
	return error;
}

int fpr_group_fail(struct fpr_group *g, int error, const char *text)
{
	if (!g || error >= 0 || !text)
		return -EINVAL;
	fpr_engine_fail(g, error, g->rank, "%s", text);
	pthread_mutex_lock(&g->lock);
	/* What there is to keep is for the program to say, which gives up by itself. */
	g->rescued = 1;
	fpr_engine_wake(g);
	while (!g->told)
		pthread_cond_wait(&g->news, &g->lock);
	pthread_mutex_unlock(&g->lock);
	return 0;
}

/* Hands over the checkpoint that the engine has collected. */
static int give_checkpoint(struct fpr_group *g, uint64_t steps)
{
	struct fpr_group_state state = {.step = steps,
					.elements = g->total / sizeof(float),
					.arrays = g->array_count,
					.complete = 1};
	int ret;

	if (!g->whole_ready)
		return 0;
	g->whole_ready = 0;
	memcpy(state.data, g->whole, sizeof(g->whole));
	ret = call_checkpoint(g, &state);
	for (uint32_t i = 0; i < FPR_ENGINE_ARRAYS_MAX; i++) {
		free(g->whole[i]);
		g->whole[i] = NULL;
	}
	return ret;
}

/* ---- steps ------------------------------------------------------------- */

/**
 * struct boundary - arguments of cross()
 * @steps: done
 * @finish: no step follows
 */
struct boundary {
	uint64_t steps;
	int finish;
};

static int cross(struct fpr_group *g, void *argument)
{
	const struct boundary *b = argument;
	const struct fpr_engine_note note = {
		.kind = FPR_ENGINE_BOUNDARY, .step = b->steps, .finish = (uint32_t)b->finish};
	int ret = 0;

	for (uint32_t i = g->workers; g->rank == 0 && i < g->ranks && !ret; i++)
		ret = fpr_engine_tell(g, i, &note);
	return ret ? ret : fpr_engine_boundary(g, b->steps, b->finish);
}

/* checkpoint() does not want to go on. */
static int cannot_keep(struct fpr_group *g, int error)
{
	char name[FPR_GROUP_HOST_MAX + 48];

	pthread_mutex_lock(&g->lock);
	g->rescued = 1;
	pthread_mutex_unlock(&g->lock);
	fpr_engine_name(g, g->rank, name, sizeof(name));
	return fpr_engine_fail(g, error, g->rank, "checkpoint() of %s failed: %s", name,
			       strerror(-error));
}

static int cross_boundary(struct fpr_group *g, uint64_t steps, int finish)
{
	struct boundary b = {.steps = steps, .finish = finish};
	int ret;

	fpr_engine_event(g, FPR_GROUP_WAIT, 0, FPR_GROUP_NONE, FPR_GROUP_NONE, FPR_GROUP_NONE);
	ret = fpr_engine_run(g, cross, &b);
	fpr_engine_event(g, FPR_GROUP_WAITED, 0, FPR_GROUP_NONE, FPR_GROUP_NONE, FPR_GROUP_NONE);
	if (ret)
		return ret;
	ret = give_checkpoint(g, steps);
	/* The others are in the next step already, and would wait for this rank. */
	return ret < 0 && !finish ? cannot_keep(g, ret) : ret;
}

static void time_step(struct fpr_group *g)
{
	const uint64_t now = fpr_engine_now();

	if (g->tuning && g->step_began_ns && g->step_count < g->options.tune_steps)
		g->step_ns[g->step_count++] = now - g->step_began_ns;
	g->step_began_ns = now;
}

static int send_rate(struct fpr_group *g, void *argument)
{
	const struct fpr_engine_note *note = argument;
	int ret = 0;

	for (uint32_t i = g->workers; i < g->ranks && !ret; i++)
		ret = fpr_engine_tell(g, i, note);
	return ret;
}

static int begin_step(struct fpr_group *g, double rate)
{
	struct fpr_engine_note note = {.kind = FPR_ENGINE_RATE, .rate = rate};

	pthread_mutex_lock(&g->lock);
	g->step++;
	g->step_told_ns = fpr_engine_now();
	g->calls++;
	g->complete = 0;
	for (uint32_t i = 0; i < g->tensor_count; i++)
		g->tensors[i].pushed = 0;
	fpr_engine_set_rate(g, g->step, rate);
	note.step = g->step;
	pthread_mutex_unlock(&g->lock);
	return g->rank == 0 && g->workers < g->ranks ? fpr_engine_run(g, send_rate, &note) : 0;
}

static int between_steps(const struct fpr_group *g)
{
	return !g->begun || g->complete == g->tensor_count;
}

int fpr_group_step(struct fpr_group *g, double rate)
{
	int ret;

	if (!g || (g->peers && !g->is_worker) || !isfinite(rate))
		return -EINVAL;
	ret = lost(g);
	if (ret)
		return ret;
	if (!g->started || g->finished || !between_steps(g))
		return -EPROTO;
	time_step(g);
	if (g->begun && fpr_engine_is_boundary(g, g->step)) {
		ret = cross_boundary(g, g->step, 0);
		g->step_began_ns = fpr_engine_now();
	}
	if (!ret)
		ret = begin_step(g, rate);
	g->begun = 1;
	if (!ret)
		fpr_engine_event(g, FPR_GROUP_STEP, 0, FPR_GROUP_NONE, FPR_GROUP_NONE,
				 FPR_GROUP_NONE);
	return lost(g) ? g->error : ret;
}

/* ---- push -------------------------------------------------------------- */

static int push_fits(const struct fpr_group *g, uint32_t tensor, uint64_t offset, uint64_t bytes)
{
	const uint64_t size = tensor < g->tensor_count ? g->tensors[tensor].bytes : 0;

	return bytes && !(offset % sizeof(float)) && !(bytes % sizeof(float)) && offset < size &&
	       bytes <= size - offset;
}

static int may_push(struct fpr_group *g, uint32_t tensor, uint64_t bytes)
{
	const struct fpr_engine_tensor *t = g->tensors + tensor;

	if (!g->begun || g->finished || t->pushed + bytes > t->bytes)
		return 0;
	return t->pushed || fpr_engine_is_ready(g, tensor);
}

static int push(struct fpr_group *g, uint32_t tensor, uint64_t offset, uint64_t bytes)
{
	struct fpr_engine_tensor *t = g->tensors + tensor;
	int ret;

	if (!may_push(g, tensor, bytes))
		return -EPROTO;
	ret = t->user.memory ? 0 : fpr_engine_given(g, tensor, offset, bytes);
	if (ret)
		return ret;
	t->pushed += bytes;
	if (t->user.memory)
		t->fetching += bytes;
	g->complete += t->pushed == t->bytes;
	g->calls++;
	fpr_engine_wake(g);
	return 0;
}

int fpr_group_push(struct fpr_group *g, uint32_t tensor, uint64_t offset, uint64_t bytes)
{
	int ret;

	if (!g)
		return -EINVAL;
	ret = lost(g);
	if (ret)
		return ret;
	if (!g->started)
		return -EPROTO;
	if (!g->is_worker || !push_fits(g, tensor, offset, bytes))
		return -EINVAL;
	pthread_mutex_lock(&g->lock);
	ret = push(g, tensor, offset, bytes);
	pthread_mutex_unlock(&g->lock);
	if (ret || !g->tensors[tensor].user.memory)
		return ret;
	ret = fpr_engine_fetch(g, tensor, offset, bytes);
	return ret ? fpr_engine_fail(g, ret, g->rank, "tensor %u cannot be read", tensor) : 0;
}

/* ---- wait -------------------------------------------------------------- */

static struct timespec deadline(int64_t timeout_ns)
{
	const uint64_t then = fpr_engine_now() + (uint64_t)timeout_ns;

	return (struct timespec){.tv_sec = (time_t)(then / 1000000000u),
				 .tv_nsec = (long)(then % 1000000000u)};
}

/* With the lock held. Return: 0, -ETIME */
static int wait_ready(struct fpr_group *g, uint32_t tensor, int64_t timeout_ns)
{
	const struct timespec until = deadline(timeout_ns > 0 ? timeout_ns : 0);
	int late = 0;

	while (!g->error && !fpr_engine_is_ready(g, tensor) && !late) {
		if (timeout_ns == FPR_GROUP_WAIT_FOREVER)
			pthread_cond_wait(&g->news, &g->lock);
		else
			late = pthread_cond_timedwait(&g->news, &g->lock, &until) != 0;
	}
	return g->error || fpr_engine_is_ready(g, tensor) ? 0 : -ETIME;
}

static int wait_long(struct fpr_group *g, uint32_t tensor, int64_t timeout_ns)
{
	const uint64_t began = fpr_engine_now();
	int ret;

	fpr_engine_event(g, FPR_GROUP_WAIT, 0, FPR_GROUP_NONE, tensor, FPR_GROUP_NONE);
	pthread_mutex_lock(&g->lock);
	g->inside++;
	ret = wait_ready(g, tensor, timeout_ns);
	g->inside--;
	g->calls++;
	pthread_mutex_unlock(&g->lock);
	fpr_engine_event(g, FPR_GROUP_WAITED, 0, FPR_GROUP_NONE, tensor, FPR_GROUP_NONE);
	atomic_fetch_add(&g->waited_ns, fpr_engine_now() - began);
	return ret;
}

int fpr_group_wait(struct fpr_group *g, uint32_t tensor, int64_t timeout_ns)
{
	int ready, ret;

	if (!g || timeout_ns < FPR_GROUP_WAIT_FOREVER || tensor >= g->tensor_count || !g->is_worker)
		return -EINVAL;
	ret = lost(g);
	if (ret)
		return ret;
	if (!g->started)
		return -EPROTO;
	pthread_mutex_lock(&g->lock);
	ready = fpr_engine_is_ready(g, tensor);
	pthread_mutex_unlock(&g->lock);
	if (ready)
		return 0;
	if (!timeout_ns)
		return -ETIME;
	ret = wait_long(g, tensor, timeout_ns);
	return lost(g) ? g->error : ret;
}

/* ---- end --------------------------------------------------------------- */

static int serve_to_the_end(struct fpr_group *g)
{
	pthread_mutex_lock(&g->lock);
	g->inside++;
	while (!g->finished && !g->error)
		pthread_cond_wait(&g->news, &g->lock);
	g->inside--;
	pthread_mutex_unlock(&g->lock);
	return lost(g);
}

int fpr_group_finish(struct fpr_group *g)
{
	int ret;

	if (!g)
		return -EINVAL;
	ret = lost(g);
	if (ret)
		return ret;
	if (!g->started || g->finished || !between_steps(g))
		return -EPROTO;
	if (!g->is_worker)
		return serve_to_the_end(g);
	ret = cross_boundary(g, g->step, 1);
	return lost(g) ? g->error : ret;
}

int fpr_group_gather(struct fpr_group *g, const void *data, uint64_t bytes, void *all,
		     uint64_t room, uint64_t *sizes)
{
	struct fpr_engine_gathering a = {
		.data = data, .bytes = bytes, .all = all, .room = room, .sizes = sizes};
	int ret;

	if (!g || (bytes && !data))
		return -EINVAL;
	ret = lost(g);
	if (ret)
		return ret;
	if (g->rank == 0 && !sizes)
		return -EINVAL;
	if (g->begun && !g->finished)
		return -EPROTO;
	ret = fpr_engine_run(g, fpr_engine_gather, &a);
	return lost(g) ? g->error : ret;
}

/* ---- figures ----------------------------------------------------------- */

int fpr_group_get_stats(struct fpr_group *g, struct fpr_group_stats *stats)
{
	struct fpr_sync_counters now = {0};
	uint64_t events;

	if (!g || !stats)
		return -EINVAL;
	if (!g->started)
		return -EPROTO;
	*stats = (struct fpr_group_stats){.tuning = (uint32_t)g->tuning,
					  .trials = g->trials,
					  .start_ns = g->start_ns,
					  .waited_ns = atomic_load(&g->waited_ns)};
	pthread_mutex_lock(&g->lock);
	if (g->core)
		fpr_sync_counters(g->core, &now);
	if (g->plan) {
		stats->config = *fpr_sync_plan_config(g->plan);
		fpr_sync_plan_slices(g->plan, &stats->slices);
	}
	stats->steps = g->step;
	stats->counters = g->before;
	fpr_engine_add_counters(&stats->counters, &now);
	pthread_mutex_unlock(&g->lock);
	events = g->events ? atomic_load(&g->event_count) : 0;
	stats->events = events < g->options.record ? events : g->options.record;
	stats->events_lost = events - stats->events;
	return 0;
}

int64_t fpr_group_events(struct fpr_group *g, struct fpr_group_event *events, uint64_t max)
{
	struct fpr_group_stats stats;
	uint64_t count;

	if (!g || (max && !events) || fpr_group_get_stats(g, &stats))
		return -EINVAL;
	count = stats.events < max ? stats.events : max;
	if (count)
		memcpy(events, g->events, count * sizeof(*events));
	return (int64_t)count;
}
