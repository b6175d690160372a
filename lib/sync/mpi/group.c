/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "group.h"

#define SECOND 1000000000ull
/* For copies under way to end, when there is no use for them any more. */
#define JOBS_NS (10 * SECOND)

/* ---- options ----------------------------------------------------------- */

int fpr_group_options_init(struct fpr_group_options *options, enum fpr_sync_mode mode)
{
	struct fpr_sync_config config;

	if (!options || fpr_sync_config_init(&config, mode, 1))
		return -EINVAL;
	config.timeout_ns = 10 * SECOND;
	*options = (struct fpr_group_options){
		.config = config,
		.optimizer = FPR_GROUP_SGD,
		.tune_steps = mode == FPR_SYNC_BEST ? 10 : 0,
		.beta1 = 0.9,
		.beta2 = 0.999,
		.epsilon = 1e-8,
		.join_timeout_ns = 300 * SECOND,
		.idle_timeout_ns = 600 * SECOND,
	};
	return 0;
}

static int options_fit(const struct fpr_group_options *o)
{
	const double numbers[] = {o->scale, o->momentum, o->beta1, o->beta2, o->epsilon, o->decay};
	const struct fpr_group_adder *adder = o->adder;

	if (o->optimizer > FPR_GROUP_ADAM || o->flags & ~FPR_GROUP_CHECKPOINT_ALL)
		return 0;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		if (!isfinite(numbers[i]))
			return 0;
	/* Powers of 1 and more would be divided by, as one less them. */
	if (o->optimizer == FPR_GROUP_ADAM &&
	    (o->beta1 < 0 || o->beta1 >= 1 || o->beta2 < 0 || o->beta2 >= 1))
		return 0;
	return !adder || (adder->prepare && adder->add && adder->read);
}

/* ---- life -------------------------------------------------------------- */

static int mpi_fits(int own_world)
{
	int initialized = 0, finalized = 0, level;

	if (MPI_Initialized(&initialized) || MPI_Finalized(&finalized) || finalized)
		return -EOPNOTSUPP;
	if (own_world)
		return initialized ? -EBUSY : 0;
	if (!initialized || MPI_Query_thread(&level) || level < MPI_THREAD_SERIALIZED)
		return -EOPNOTSUPP;
	return 0;
}

/* Signals are the application's. */
static int start_thread(struct fpr_group *g)
{
	sigset_t all, before;
	int ret;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	ret = pthread_create(&g->thread, NULL, fpr_engine_main, g);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return ret ? -EAGAIN : 0;
}

static struct fpr_group *make(MPI_Comm comm, int own_world, const struct fpr_group_options *options)
{
	struct fpr_group *g = calloc(1, sizeof(*g));
	pthread_condattr_t attributes;

	if (!g)
		return NULL;
	g->options = *options;
	g->own_world = own_world;
	g->parent = comm;
	g->culprit = FPR_GROUP_NONE;
	g->wire.data = g->wire.control = MPI_COMM_NULL;
	g->note_request = MPI_REQUEST_NULL;
	g->step_ns = calloc((size_t)options->tune_steps + 1, sizeof(*g->step_ns));
	if (!g->step_ns) {
		free(g);
		return NULL;
	}
	pthread_mutex_init(&g->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&g->wake, &attributes);
	pthread_cond_init(&g->news, &attributes);
	pthread_condattr_destroy(&attributes);
	return g;
}

static void release(struct fpr_group *g)
{
	fpr_engine_forget_model(g);
	for (uint32_t i = 0; i < FPR_ENGINE_ARRAYS_MAX; i++) {
		free(g->restored[i]);
		free(g->whole[i]);
	}
	free(g->wire.requests);
	free(g->wire.ops);
	free(g->wire.finished);
	free(g->wire.statuses);
	free(g->wire.indices);
	free(g->tensors);
	free(g->events);
	free(g->step_ns);
	free(g->peers);
	free(g->held);
	pthread_cond_destroy(&g->wake);
	pthread_cond_destroy(&g->news);
	pthread_mutex_destroy(&g->lock);
	free(g);
}

static int create(MPI_Comm comm, int own_world, const struct fpr_group_options *options,
		  struct fpr_group **group)
{
	struct fpr_group *g;
	int ret;

	if (!options || !group || !options_fit(options))
		return -EINVAL;
	*group = NULL;
	ret = mpi_fits(own_world);
	if (ret)
		return ret;
	g = make(comm, own_world, options);
	if (!g)
		return -ENOMEM;
	ret = start_thread(g);
	if (ret) {
		release(g);
		return ret;
	}
	pthread_mutex_lock(&g->lock);
	while (!g->created)
		pthread_cond_wait(&g->news, &g->lock);
	/* What others say as soon as all have joined is for the next call. */
	ret = g->join_error;
	pthread_mutex_unlock(&g->lock);
	*group = g;
	return ret;
}

int fpr_group_create(MPI_Comm comm, const struct fpr_group_options *options,
		     struct fpr_group **group)
{
	return comm == MPI_COMM_NULL ? -EINVAL : create(comm, 0, options, group);
}

int fpr_group_create_world(const struct fpr_group_options *options, struct fpr_group **group)
{
	return create(MPI_COMM_NULL, 1, options, group);
}

/* Copies under way, which have the group's memory. Return: 0 when all have ended */
static int end_jobs(struct fpr_group *g)
{
	const uint64_t until_ns = fpr_engine_now() + JOBS_NS;
	const struct timespec until = {.tv_sec = (time_t)(until_ns / SECOND),
				       .tv_nsec = (long)(until_ns % SECOND)};
	int late = 0;

	pthread_mutex_lock(&g->lock);
	for (;;) {
		while (g->jobs) {
			struct fpr_group_job *job = g->jobs;

			g->jobs = job->next;
			free(job);
			atomic_fetch_sub(&g->jobs_open, 1);
		}
		if (!atomic_load(&g->jobs_open) || late)
			break;
		late = pthread_cond_timedwait(&g->wake, &g->lock, &until) == ETIMEDOUT;
	}
	pthread_mutex_unlock(&g->lock);
	return atomic_load(&g->jobs_open) != 0;
}

void fpr_group_destroy(struct fpr_group *g)
{
	int lost;

	if (!g)
		return;
	pthread_mutex_lock(&g->lock);
	g->stop = 1;
	fpr_engine_wake(g);
	pthread_mutex_unlock(&g->lock);
	pthread_join(g->thread, NULL);
	/* MPI may still be at the memory of messages that never ended. */
	lost = end_jobs(g) || g->error || g->wire.count || g->notes;
	if (!lost)
		release(g);
}

/* ---- who and what ------------------------------------------------------ */

int fpr_group_get_info(const struct fpr_group *g, struct fpr_group_info *info)
{
	if (!g || !info || !g->peers)
		return -EINVAL;
	*info = (struct fpr_group_info){.rank = g->rank, .ranks = g->ranks, .workers = g->workers};
	memcpy(info->host, g->peers[g->rank].hello.host, sizeof(info->host));
	for (uint32_t i = 0; i < g->ranks; i++) {
		if (strcmp(info->host, g->peers[i].hello.host))
			continue;
		info->local_ranks++;
		info->local_rank += i < g->rank;
	}
	return 0;
}

int fpr_group_error(struct fpr_group *g, char *text, size_t size, uint32_t *rank)
{
	int error;

	if (!g || (size && !text))
		return -EINVAL;
	pthread_mutex_lock(&g->lock);
	error = g->error;
	if (size)
		snprintf(text, size, "%s", g->text);
	if (rank)
		*rank = g->culprit;
	pthread_mutex_unlock(&g->lock);
	return error;
}

/* ---- tensors ----------------------------------------------------------- */

static int tensor_fits(const struct fpr_group *g, const struct fpr_group_tensor *t)
{
	const struct fpr_group_memory *memory = t->memory;

	if (!t->elements || t->elements > (INT64_MAX - g->total) / sizeof(float) || t->reserved)
		return 0;
	if (g->is_worker && (!t->gradient || !t->parameter))
		return 0;
	if (!memory)
		return !((uintptr_t)t->gradient % _Alignof(float)) &&
		       !((uintptr_t)t->parameter % _Alignof(float));
	if (!memory->alloc || !memory->release || !memory->fetch || !memory->deliver)
		return 0;
	/* Slices that tensors share are staged in one piece. */
	return !g->memory || (g->memory == memory && g->memory_context == t->context);
}

/* With the lock held. */
static int add(struct fpr_group *g, const struct fpr_group_tensor *tensor, uint32_t *index)
{
	struct fpr_engine_tensor *tensors, *t;

	if (!tensor_fits(g, tensor))
		return -EINVAL;
	if (g->started || g->restored_arrays)
		return -EPROTO;
	if (g->tensor_count == FPR_GROUP_NONE - 1)
		return -EINVAL;
	tensors = realloc(g->tensors, (g->tensor_count + 1) * sizeof(*tensors));
	if (!tensors)
		return -ENOMEM;
	g->tensors = tensors;
	t = tensors + g->tensor_count;
	*t = (struct fpr_engine_tensor){
		.user = *tensor, .bytes = tensor->elements * sizeof(float), .begin = g->total};
	if (tensor->list_index == FPR_GROUP_NONE)
		t->user.list_index = g->tensor_count;
	if (tensor->memory) {
		g->memory = tensor->memory;
		g->memory_context = tensor->context;
	}
	*index = g->tensor_count++;
	g->total += t->bytes;
	return 0;
}

int fpr_group_add(struct fpr_group *g, const struct fpr_group_tensor *tensor, uint32_t *index)
{
	int ret;

	if (!g || !tensor || !index)
		return -EINVAL;
	pthread_mutex_lock(&g->lock);
	ret = g->error ? g->error : add(g, tensor, index);
	pthread_mutex_unlock(&g->lock);
	return ret;
}

int fpr_group_restore(struct fpr_group *g, const struct fpr_group_state *state)
{
	uint32_t arrays;
	int error;

	if (!g || !state || !state->arrays || state->arrays > FPR_ENGINE_ARRAYS_MAX ||
	    !state->elements || state->elements != g->total / sizeof(float))
		return -EINVAL;
	error = fpr_group_error(g, NULL, 0, NULL);
	if (error)
		return error;
	if (g->started || g->restored_arrays)
		return -EPROTO;
	arrays = state->complete && state->arrays == 1 + fpr_engine_states(&g->options)
			 ? state->arrays
			 : 1;
	for (uint32_t i = 0; i < arrays; i++)
		if (!state->data[i])
			return -EINVAL;
	for (uint32_t i = 0; i < arrays; i++) {
		/* What an earlier call could not finish. */
		free(g->restored[i]);
		g->restored[i] = malloc(g->total);
		if (!g->restored[i])
			return -ENOMEM;
		memcpy(g->restored[i], state->data[i], g->total);
	}
	g->restored_arrays = arrays;
	g->restored_step = state->step;
	return 0;
}

int fpr_group_start(struct fpr_group *g)
{
	if (!g)
		return -EINVAL;
	/* What ended it may have come before its first tensor. */
	if (g->started || (!g->tensor_count && !fpr_group_error(g, NULL, 0, NULL)))
		return -EPROTO;
	return fpr_engine_run(g, fpr_engine_start, NULL);
}
