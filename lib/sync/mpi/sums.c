/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "group.h"

void *fpr_engine_inbox(struct fpr_group *g, uint32_t slice, uint32_t worker)
{
	char **place = g->inbox + (uint64_t)slice * g->workers + worker;

	if (!*place)
		*place = fpr_engine_alloc(g, fpr_engine_slice(g, slice)->bytes);
	return *place;
}

static float *sum_of(struct fpr_group *g, uint32_t slice)
{
	return g->sums + g->slices[slice].sum_at / sizeof(float);
}

static void add(float *restrict sum, const float *restrict x, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		sum[i] += x[i];
}

/* ---- rates ------------------------------------------------------------- */

void fpr_engine_set_rate(struct fpr_group *g, uint64_t step, double rate)
{
	struct fpr_engine_rate *last = &g->last_rate;

	while (last->step < step) {
		last->step++;
		last->power1 *= g->options.beta1;
		last->power2 *= g->options.beta2;
	}
	last->rate = rate;
	g->rates[step % FPR_ENGINE_RATES] = *last;
}

/* Return: 1 when the step's rate is here, 0 */
static int rate_of(struct fpr_group *g, uint64_t step, struct fpr_engine_rate *rate)
{
	pthread_mutex_lock(&g->lock);
	*rate = g->rates[step % FPR_ENGINE_RATES];
	pthread_mutex_unlock(&g->lock);
	return rate->step == step;
}

/* ---- sums -------------------------------------------------------------- */

static int report(struct fpr_group *g, uint32_t slice)
{
	int ret;

	pthread_mutex_lock(&g->lock);
	ret = fpr_sync_aggregated(g->core, slice);
	pthread_mutex_unlock(&g->lock);
	return ret ? fpr_engine_fail(g, ret, g->rank, "slice %u was summed out of turn", slice) : 0;
}

/* Return: 1, 0 when the step's rate is not here yet, or the group's error */
static int update(struct fpr_group *g, uint32_t slice)
{
	struct fpr_engine_slice *s = g->slices + slice;
	float *arrays[FPR_ENGINE_ARRAYS_MAX] = {0};
	struct fpr_engine_rate rate;
	int ret;

	if (!rate_of(g, s->done + 1, &rate))
		return 0;
	/* All workers have the value before, and MPI is about to notice. */
	ret = fpr_engine_settle(g, slice);
	if (ret)
		return ret;
	for (uint32_t i = 0; i < g->array_count; i++)
		arrays[i] = g->arrays[i] + s->at / sizeof(float);
	fpr_engine_update(&g->options, g->workers, &rate, sum_of(g, slice), arrays,
			  fpr_engine_slice(g, slice)->bytes / sizeof(float));
	s->done++;
	fpr_engine_event(g, FPR_GROUP_UPDATED, 0, slice, FPR_GROUP_NONE, FPR_GROUP_NONE);
	ret = report(g, slice);
	return ret ? ret : 1;
}

static int finish_sum(struct fpr_group *g, uint32_t slice)
{
	const int ret = update(g, slice);

	if (!ret)
		g->held[g->held_count++] = slice;
	return ret < 0 ? ret : 0;
}

int fpr_engine_unhold(struct fpr_group *g)
{
	const uint32_t count = g->held_count;

	g->held_count = 0;
	for (uint32_t i = 0; i < count; i++) {
		const int ret = finish_sum(g, g->held[i]);

		if (ret)
			return ret;
	}
	return (int)(count - g->held_count);
}

/* ---- elsewhere --------------------------------------------------------- */

/* What cannot be started is done, with an error. */
static int begun(struct fpr_group_job *job, int ret)
{
	if (ret)
		fpr_group_done(job, ret);
	return 0;
}

static int add_elsewhere(struct fpr_group *g, const struct fpr_sync_action *action,
			 const void *gradient)
{
	struct fpr_group_job *job = fpr_engine_job(g, FPR_ENGINE_ADD);

	if (!job)
		return fpr_engine_fail(g, -ENOMEM, g->rank, "no memory to add a slice");
	job->action = *action;
	return begun(job, g->options.adder->add(g->options.adder_context,
						g->slices[action->slice].sum_at, action->bytes,
						gradient, action->first,
						fpr_engine_urgency(g, action->slice), job));
}

static int read_elsewhere(struct fpr_group *g, const struct fpr_sync_action *action)
{
	struct fpr_group_job *job = fpr_engine_job(g, FPR_ENGINE_READ);

	if (!job)
		return fpr_engine_fail(g, -ENOMEM, g->rank, "no memory to read a sum");
	job->action = *action;
	return begun(job, g->options.adder->read(g->options.adder_context,
						 g->slices[action->slice].sum_at, action->bytes,
						 sum_of(g, action->slice),
						 fpr_engine_urgency(g, action->slice), job));
}

static int summed(struct fpr_group *g, const struct fpr_sync_action *action)
{
	fpr_engine_event(g, FPR_GROUP_SUMMED, 0, action->slice, FPR_GROUP_NONE, action->peer);
	if (!action->last)
		return report(g, action->slice);
	if (g->options.adder)
		return read_elsewhere(g, action);
	return finish_sum(g, action->slice);
}

int fpr_engine_added(struct fpr_group *g, const struct fpr_group_job *job)
{
	if (job->kind == FPR_ENGINE_ADD)
		return summed(g, &job->action);
	return finish_sum(g, job->action.slice);
}

int fpr_engine_aggregate(struct fpr_group *g, const struct fpr_sync_action *action)
{
	const void *gradient = action->peer == g->rank
				       ? fpr_engine_gradient(g, action->slice)
				       : fpr_engine_inbox(g, action->slice, action->peer);

	if (!gradient)
		return fpr_engine_fail(g, -ENOMEM, g->rank, "no memory for a gradient");
	if (g->options.adder)
		return add_elsewhere(g, action, gradient);
	if (action->first)
		memcpy(sum_of(g, action->slice), gradient, action->bytes);
	else
		add(sum_of(g, action->slice), gradient, action->bytes / sizeof(float));
	return summed(g, action);
}
