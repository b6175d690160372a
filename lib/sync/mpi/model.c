/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "group.h"

/* Parameters are handed round in pieces of this. */
#define PIECE (4u << 20)

/* ---- plan -------------------------------------------------------------- */

/* Is it clear before a plan is made that MPI has no tags for so many slices? */
static int is_too_large(const struct fpr_group *g, const struct fpr_sync_config *config)
{
	const uint64_t largest = config->slice_max_bytes > config->slice_bytes
					 ? config->slice_max_bytes
					 : config->slice_bytes;

	return config->slice_bytes &&
	       g->total / largest > (uint32_t)g->tag_max >> FPR_ENGINE_TAG_BITS;
}

static int make_plan(struct fpr_group *g, const struct fpr_sync_config *config)
{
	struct fpr_sync_tensor *tensors;
	struct fpr_sync_plan *plan;
	int ret;

	if (is_too_large(g, config))
		return -E2BIG;
	tensors = calloc(g->tensor_count, sizeof(*tensors));
	if (!tensors)
		return -ENOMEM;
	for (uint32_t i = 0; i < g->tensor_count; i++) {
		tensors[i].bytes = g->tensors[i].bytes;
		tensors[i].list_index = g->tensors[i].user.list_index;
	}
	ret = fpr_sync_plan_create(config, tensors, g->tensor_count, &plan);
	free(tensors);
	if (ret)
		return ret;
	pthread_mutex_lock(&g->lock);
	g->plan = plan;
	pthread_mutex_unlock(&g->lock);
	return 0;
}

static int plan_failed(struct fpr_group *g, int error)
{
	if (error == -E2BIG)
		return fpr_engine_fail(g, error, g->rank,
				       "too many slices, or one above %u bytes: change "
				       "config.slice_bytes",
				       FPR_SYNC_SLICE_MAX);
	return fpr_engine_fail(g, error, g->rank, "%s",
			       error == -ENOMEM
				       ? "no memory for the slices"
				       : "config is not valid: a size, a window, flags or lanes");
}

static void forget_plan(struct fpr_group *g)
{
	struct fpr_sync_plan *plan;

	pthread_mutex_lock(&g->lock);
	plan = g->plan;
	g->plan = NULL;
	pthread_mutex_unlock(&g->lock);
	fpr_sync_plan_destroy(plan);
}

static int too_many(struct fpr_group *g)
{
	return fpr_engine_fail(g, -E2BIG, g->rank,
			       "%u slices, and MPI has tags for %d: make config.slice_bytes larger",
			       g->slice_count, g->tag_max >> FPR_ENGINE_TAG_BITS);
}

static int make_slices(struct fpr_group *g)
{
	uint64_t begin = 0, at = 0, sum_at = 0;

	g->least_urgent = 0;
	fpr_sync_plan_slices(g->plan, &g->slice_count);
	if (g->slice_count > (uint32_t)g->tag_max >> FPR_ENGINE_TAG_BITS)
		return too_many(g);
	g->slices = calloc(g->slice_count, sizeof(*g->slices));
	g->inbox = calloc((size_t)g->slice_count * g->workers, sizeof(*g->inbox));
	if (!g->slices || !g->inbox)
		return -ENOMEM;
	for (uint32_t i = 0; i < g->slice_count; i++) {
		const uint32_t bytes = fpr_engine_slice(g, i)->bytes;

		g->slices[i].begin = begin;
		g->slices[i].missing = bytes;
		g->slices[i].at = at;
		g->slices[i].sum_at = sum_at;
		begin += bytes;
		if (fpr_engine_slice(g, i)->priority > g->least_urgent)
			g->least_urgent = fpr_engine_slice(g, i)->priority;
		if (!fpr_engine_is_mine(g, i))
			continue;
		at += bytes;
		sum_at += (bytes + FPR_GROUP_SUM_ALIGN - 1ull) & -(uint64_t)FPR_GROUP_SUM_ALIGN;
	}
	g->owned = at;
	g->owned_sums = sum_at;
	return fpr_engine_stage(g);
}

static int prepare_sums(struct fpr_group *g)
{
	const struct fpr_group_adder *adder = g->options.adder;
	const int ret = adder->prepare(g->options.adder_context, g->owned_sums);

	return ret ? fpr_engine_fail(g, ret, g->rank, "no room for %llu bytes of sums: %s",
				     (unsigned long long)g->owned_sums, strerror(-ret))
		   : 0;
}

static int make_arrays(struct fpr_group *g)
{
	g->array_count = 1 + fpr_engine_states(&g->options);
	for (uint32_t i = 0; i < g->array_count; i++) {
		g->arrays[i] = calloc(1, g->owned + sizeof(float));
		if (!g->arrays[i])
			return -ENOMEM;
	}
	g->sums = fpr_engine_alloc(g, g->owned_sums + sizeof(float));
	if (!g->sums)
		return -ENOMEM;
	return g->options.adder && g->owned ? prepare_sums(g) : 0;
}

int fpr_engine_model(struct fpr_group *g, const struct fpr_sync_config *config)
{
	struct fpr_sync_core *core;
	int ret = make_plan(g, config);

	if (!ret)
		ret = make_slices(g);
	if (!ret)
		ret = make_arrays(g);
	if (!ret)
		ret = fpr_sync_core_create(g->plan, g->rank, fpr_engine_now(), &core);
	if (ret)
		return plan_failed(g, ret);
	pthread_mutex_lock(&g->lock);
	g->core = core;
	pthread_mutex_unlock(&g->lock);
	return 0;
}

void fpr_engine_add_counters(struct fpr_sync_counters *sum, const struct fpr_sync_counters *c)
{
	sum->messages += c->messages;
	sum->bytes_pushed += c->bytes_pushed;
	sum->bytes_replied += c->bytes_replied;
	sum->aggregates += c->aggregates;
	sum->preemptions += c->preemptions;
	sum->blocked += c->blocked;
}

static void forget_core(struct fpr_group *g)
{
	struct fpr_sync_counters counters;

	if (!g->core)
		return;
	fpr_sync_counters(g->core, &counters);
	fpr_engine_add_counters(&g->before, &counters);
	fpr_sync_core_destroy(g->core);
	g->core = NULL;
}

void fpr_engine_forget_model(struct fpr_group *g)
{
	pthread_mutex_lock(&g->lock);
	forget_core(g);
	pthread_mutex_unlock(&g->lock);
	fpr_engine_unstage(g);
	for (uint64_t i = 0; g->inbox && i < (uint64_t)g->slice_count * g->workers; i++)
		fpr_engine_release(g, g->inbox[i]);
	free(g->inbox);
	g->inbox = NULL;
	free(g->slices);
	g->slices = NULL;
	fpr_engine_release(g, g->sums);
	g->sums = NULL;
	for (uint32_t i = 0; i < FPR_ENGINE_ARRAYS_MAX; i++) {
		free(g->arrays[i]);
		g->arrays[i] = NULL;
	}
	forget_plan(g);
}

/* ---- start ------------------------------------------------------------- */

static uint64_t mix(uint64_t hash, const void *data, size_t bytes)
{
	const unsigned char *c = data;

	for (size_t i = 0; i < bytes; i++)
		hash = (hash ^ c[i]) * 0x100000001b3ull;
	return hash;
}

/* What must be the same everywhere, by what it is called. */
enum { TENSORS, CONFIG, OPTIONS, DIGESTS };

static void digest(const struct fpr_group *g, uint64_t digests[DIGESTS])
{
	const struct fpr_group_options *o = &g->options;
	const double numbers[] = {o->scale, o->momentum, o->beta1, o->beta2, o->epsilon, o->decay};
	const uint64_t rest[] = {o->optimizer, o->flags, o->tune_steps, o->checkpoint_steps};

	digests[TENSORS] = g->tensor_count;
	for (uint32_t i = 0; i < g->tensor_count; i++) {
		const struct fpr_engine_tensor *t = g->tensors + i;

		digests[TENSORS] = mix(digests[TENSORS], &t->bytes, sizeof(t->bytes));
		digests[TENSORS] =
			mix(digests[TENSORS], &t->user.list_index, sizeof(t->user.list_index));
	}
	digests[CONFIG] = fpr_sync_plan_digest(g->plan);
	digests[OPTIONS] = mix(mix(0, numbers, sizeof(numbers)), rest, sizeof(rest));
}

static int compare(struct fpr_group *g, const uint64_t *digests)
{
	static const char *const what[] = {"tensors", "slices (config)", "options"};
	char name[FPR_GROUP_HOST_MAX + 48];

	for (uint32_t i = DIGESTS; i < g->ranks * DIGESTS; i++) {
		if (digests[i] == digests[i % DIGESTS])
			continue;
		fpr_engine_name(g, i / DIGESTS, name, sizeof(name));
		return fpr_engine_fail(g, -EPROTO, i / DIGESTS, "%s has other %s than rank 0", name,
				       what[i % DIGESTS]);
	}
	return 0;
}

static int agree(struct fpr_group *g)
{
	/* All ranks', and behind them this one's: what a request that was given up has. */
	uint64_t *digests = calloc(g->ranks + 1u, DIGESTS * sizeof(*digests));
	uint64_t *mine = digests + (uint64_t)g->ranks * DIGESTS;
	const int bytes = DIGESTS * sizeof(*digests);
	MPI_Request request;
	int ret;

	if (!digests)
		return fpr_engine_fail(g, -ENOMEM, g->rank, "no memory to start");
	digest(g, mine);
	ret = fpr_engine_mpi(g,
			     MPI_Iallgather(mine, bytes, MPI_BYTE, digests, bytes, MPI_BYTE,
					    g->wire.control, &request),
			     "starting", g->rank);
	if (!ret)
		ret = fpr_engine_together(g, &request);
	if (!ret)
		ret = compare(g, digests);
	if (!ret)
		free(digests);
	return ret;
}

/* Puts what this server has of bytes [@begin, @end) of the model into its values. */
static void take_values(struct fpr_group *g, uint64_t begin, uint64_t end, const char *data)
{
	for (uint32_t i = 0; i < g->slice_count; i++) {
		const struct fpr_engine_slice *s = g->slices + i;
		const uint64_t stop = s->begin + fpr_engine_slice(g, i)->bytes;
		const uint64_t from = s->begin > begin ? s->begin : begin;
		const uint64_t to = stop < end ? stop : end;

		if (from < to && fpr_engine_is_mine(g, i))
			memcpy((char *)g->arrays[0] + s->at + (from - s->begin),
			       data + (from - begin), to - from);
	}
}

static int hand_round(struct fpr_group *g, uint32_t tensor, uint64_t offset, uint64_t bytes,
		      char *buffer)
{
	const uint64_t begin = g->tensors[tensor].begin + offset;
	int ret = 0;

	if (g->rank == 0 && g->restored_arrays)
		ret = fpr_engine_write(g, tensor, offset, bytes,
				       (const char *)g->restored[0] + begin);
	if (!ret && g->rank == 0)
		ret = fpr_engine_read(g, tensor, offset, bytes, buffer);
	if (ret)
		return fpr_engine_fail(g, ret, g->rank, "tensor %u cannot be reached", tensor);
	ret = fpr_engine_broadcast(g, buffer, bytes);
	if (ret)
		return ret;
	take_values(g, begin, begin + bytes, buffer);
	if (g->rank && g->is_worker)
		ret = fpr_engine_write(g, tensor, offset, bytes, buffer);
	return ret ? fpr_engine_fail(g, ret, g->rank, "tensor %u cannot be written", tensor) : 0;
}

static int hand_parameters_round(struct fpr_group *g)
{
	char *buffer = malloc(PIECE);
	int ret = buffer ? 0 : fpr_engine_fail(g, -ENOMEM, g->rank, "no memory to start");

	for (uint32_t i = 0; i < g->tensor_count && !ret; i++) {
		const uint64_t bytes = g->tensors[i].bytes;

		for (uint64_t at = 0; at < bytes && !ret; at += PIECE)
			ret = hand_round(g, i, at, bytes - at < PIECE ? bytes - at : PIECE, buffer);
	}
	/* A broadcast that was given up still has it. */
	if (!ret)
		free(buffer);
	return ret;
}

static int hand_states_out(struct fpr_group *g)
{
	struct fpr_engine_run_of whole = {.end = g->total, .owner = 0};
	const struct fpr_engine_layout from = {.runs = &whole, .count = 1};
	struct fpr_engine_layout to = fpr_engine_layout_of(g);
	int ret = to.runs ? 0 : fpr_engine_fail(g, -ENOMEM, g->rank, "no memory to start");

	for (uint32_t i = 1; i < g->array_count && !ret; i++)
		ret = fpr_engine_move(g, &from, g->restored[i], &to, g->arrays[i]);
	free(to.runs);
	return ret;
}

static void forget_restored(struct fpr_group *g)
{
	for (uint32_t i = 0; i < FPR_ENGINE_ARRAYS_MAX; i++) {
		free(g->restored[i]);
		g->restored[i] = NULL;
	}
}

/**
 * struct beginning - what rank 0 tells everybody
 * @step: steps done
 * @arrays: that it has to hand out
 * @tuning: configurations are going to be tried
 * @config: to begin with
 */
struct beginning {
	uint64_t step;
	uint32_t arrays, tuning;
	struct fpr_sync_config config;
};

static int begin_with(struct fpr_group *g, struct beginning *b)
{
	b->step = g->restored_step;
	b->arrays = g->restored_arrays;
	b->config = g->options.config;
	if (g->options.tune_steps && g->ranks > 1) {
		fpr_sync_tuner_init(&g->tuner, &g->options.config);
		b->tuning = (uint32_t)fpr_sync_tuner_next(&g->tuner, 0, &b->config);
	}
	return fpr_engine_broadcast(g, b, sizeof(*b));
}

static void set_steps(struct fpr_group *g, uint64_t step)
{
	for (uint32_t i = 0; i < g->slice_count; i++)
		g->slices[i].done = step;
	pthread_mutex_lock(&g->lock);
	g->last_rate = (struct fpr_engine_rate){.power1 = 1, .power2 = 1};
	fpr_engine_set_rate(g, step, 0);
	g->step = step;
	pthread_mutex_unlock(&g->lock);
}

static int make_events(struct fpr_group *g)
{
	if (!g->options.record)
		return 0;
	g->events = calloc(g->options.record, sizeof(*g->events));
	return g->events ? 0 : fpr_engine_fail(g, -ENOMEM, g->rank, "no memory for events");
}

static int start(struct fpr_group *g)
{
	struct beginning b = {0};
	int ret = make_plan(g, &g->options.config);

	if (ret)
		ret = plan_failed(g, ret);
	if (!ret)
		ret = agree(g);
	forget_plan(g);
	if (!ret)
		ret = begin_with(g, &b);
	if (!ret)
		ret = fpr_engine_model(g, &b.config);
	if (!ret)
		ret = make_events(g);
	if (ret)
		return ret;
	g->tuning = (int)b.tuning;
	g->tune_base = b.step;
	set_steps(g, b.step);
	if (g->options.optimizer != FPR_GROUP_SUM)
		ret = hand_parameters_round(g);
	if (!ret && b.arrays == g->array_count && b.arrays > 1)
		ret = hand_states_out(g);
	if (!ret)
		ret = fpr_engine_barrier(g);
	forget_restored(g);
	g->start_ns = fpr_engine_now();
	return ret;
}

int fpr_engine_start(struct fpr_group *g, void *unused)
{
	int ret;

	(void)unused;
	fpr_engine_do(g, FPR_ENGINE_STARTING);
	ret = start(g);
	/* By the engine: the next note may be that a rank has left. */
	if (!ret)
		g->started = 1;
	fpr_engine_do(g, FPR_ENGINE_ALONE_YET);
	return ret;
}
