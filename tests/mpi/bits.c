/* SPDX-License-Identifier: MIT */

/*
 * Parameters after many steps are bit for bit those of one process, in every mode, with every
 * optimiser, with servers that are no workers, with gradients in parts, with tensors and sums
 * that are not in host memory, while configurations are tried. Copies are told how urgent their
 * slices are, and slices leave while their tensor's last one is still held back. Arguments: a seed;
 * a device, on whose board all tensors and sums then are, or some of them; the name of one case.
 */

#include <pthread.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "fpr_sync_board.h"
#include "rank.h"

/* ---- priorities -------------------------------------------------------- */

/**
 * struct wanted - what the plan says of copies, worked out apart from the library
 * @plan: NULL where it is not known, as while tuning
 * @slices: its
 * @count: of them
 * @largest: priority of a slice
 */
struct wanted {
	struct fpr_sync_plan *plan;
	const struct fpr_sync_slice *slices;
	uint32_t count, largest;
};

static struct wanted wanted_make(const struct fpr_group_stats *stats,
				 const struct rank_model *model,
				 const struct fpr_group_tensor *tensors)
{
	struct fpr_sync_tensor *t = calloc(model->count, sizeof(*t));
	struct wanted w = {0};

	for (uint32_t i = 0; i < model->count; i++)
		t[i] = (struct fpr_sync_tensor){.bytes = model->elements[i] * sizeof(float),
						.list_index = tensors[i].list_index};
	CHECK(!fpr_sync_plan_create(&stats->config, t, model->count, &w.plan), "no plan");
	free(t);
	w.slices = fpr_sync_plan_slices(w.plan, &w.count);
	CHECK(w.count == stats->slices, "%u slices, not %u", w.count, stats->slices);
	for (uint32_t i = 0; i < w.count; i++)
		if (w.slices[i].priority > w.largest)
			w.largest = w.slices[i].priority;
	return w;
}

static int is_mine(const struct wanted *w, uint32_t slice, uint32_t rank)
{
	return fpr_sync_plan_config(w->plan)->first_server + w->slices[slice].server == rank;
}

static uint64_t aligned(uint64_t bytes)
{
	return (bytes + FPR_GROUP_SUM_ALIGN - 1) / FPR_GROUP_SUM_ALIGN * FPR_GROUP_SUM_ALIGN;
}

/* Over all 16 bits; none where the order is that of appearance. */
static uint32_t urgency(const struct wanted *w, uint32_t slice)
{
	const double part = (double)w->slices[slice].priority / (w->largest + 1.0);

	return fpr_sync_plan_config(w->plan)->flags & FPR_SYNC_PRIORITY_PUSH
		       ? (uint32_t)(65536 * part + 1e-9)
		       : 0;
}

/* Return: the slice that has the model's byte @at */
static uint32_t slice_in_model(const struct wanted *w, uint64_t at)
{
	uint32_t i = 0;

	for (; at >= w->slices[i].bytes; i++)
		at -= w->slices[i].bytes;
	return i;
}

/* Return: the slice whose sum a server has at @at */
static uint32_t slice_in_sums(const struct wanted *w, uint32_t rank, uint64_t at)
{
	for (uint32_t i = 0; i < w->count; i++) {
		if (!is_mine(w, i, rank))
			continue;
		if (!at)
			return i;
		at -= aligned(w->slices[i].bytes);
	}
	CHECK(0, "no sum is there");
	return 0;
}

/* ---- memory elsewhere -------------------------------------------------- */

/* Copies wait for a thread that does the newest first, so that they end out of order. */
struct copy {
	struct copy *next;
	struct fpr_group_job *job;
	float *to;
	const float *from;
	uint64_t bytes;
	int add;
};

struct elsewhere {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct copy *copies;
	int stop;
	char *sums;
	uint64_t done, expected;
	struct wanted wanted;
	const char *gradients, *parameters;
	uint32_t rank;
};

/* A copy of the model's byte @at, or of the sum there, is as urgent as its slice. */
static void expect(struct elsewhere *e, int of_sum, uint64_t at, uint32_t priority)
{
	pthread_mutex_lock(&e->lock);
	if (e->wanted.plan) {
		const uint32_t slice = of_sum ? slice_in_sums(&e->wanted, e->rank, at)
					      : slice_in_model(&e->wanted, at);

		CHECK(priority == urgency(&e->wanted, slice), "slice %u: %u, not %u", slice,
		      priority, urgency(&e->wanted, slice));
		e->expected++;
	}
	pthread_mutex_unlock(&e->lock);
}

static void do_copy(const struct copy *copy)
{
	for (uint64_t i = 0; copy->add && i < copy->bytes / sizeof(float); i++)
		copy->to[i] += copy->from[i];
	if (!copy->add)
		memcpy(copy->to, copy->from, copy->bytes);
	fpr_group_done(copy->job, 0);
}

static void *copy_all(void *context)
{
	struct elsewhere *e = context;

	pthread_mutex_lock(&e->lock);
	while (!e->stop || e->copies) {
		struct copy *copy = e->copies;

		if (!copy) {
			pthread_cond_wait(&e->wake, &e->lock);
			continue;
		}
		e->copies = copy->next;
		e->done++;
		pthread_mutex_unlock(&e->lock);
		do_copy(copy);
		free(copy);
		pthread_mutex_lock(&e->lock);
	}
	pthread_mutex_unlock(&e->lock);
	return NULL;
}

static int start_copy(struct elsewhere *e, void *to, const void *from, uint64_t bytes, int add,
		      struct fpr_group_job *job)
{
	struct copy *copy = malloc(sizeof(*copy));

	*copy = (struct copy){.job = job, .to = to, .from = from, .bytes = bytes, .add = add};
	pthread_mutex_lock(&e->lock);
	copy->next = e->copies;
	e->copies = copy;
	pthread_cond_signal(&e->wake);
	pthread_mutex_unlock(&e->lock);
	return 0;
}

static void *elsewhere_alloc(void *context, uint64_t bytes)
{
	(void)context;
	return malloc(bytes ? bytes : 1);
}

static void elsewhere_release(void *context, void *host)
{
	(void)context;
	free(host);
}

static int elsewhere_fetch(void *context, enum fpr_group_array array, void *tensor, uint64_t offset,
			   uint64_t bytes, void *host, uint32_t priority, struct fpr_group_job *job)
{
	struct elsewhere *e = context;
	char *from = (char *)tensor + offset;

	if (array == FPR_GROUP_GRADIENT)
		expect(e, 0, (uint64_t)(from - e->gradients), priority);
	return start_copy(e, host, from, bytes, 0, job);
}

static int elsewhere_deliver(void *context, enum fpr_group_array array, void *tensor,
			     uint64_t offset, uint64_t bytes, const void *host, uint32_t priority,
			     struct fpr_group_job *job)
{
	struct elsewhere *e = context;
	char *to = (char *)tensor + offset;

	(void)array;
	expect(e, 0, (uint64_t)(to - e->parameters), priority);
	return start_copy(e, to, host, bytes, 0, job);
}

static const struct fpr_group_memory elsewhere_memory = {
	.alloc = elsewhere_alloc,
	.release = elsewhere_release,
	.fetch = elsewhere_fetch,
	.deliver = elsewhere_deliver,
};

static int prepare(void *context, uint64_t bytes)
{
	struct elsewhere *e = context;

	free(e->sums);
	e->sums = malloc(bytes);
	return 0;
}

static int add(void *context, uint64_t offset, uint64_t bytes, const void *host, int first,
	       uint32_t priority, struct fpr_group_job *job)
{
	struct elsewhere *e = context;

	expect(e, 1, offset, priority);
	return start_copy(e, e->sums + offset, host, bytes, !first, job);
}

static int read_sum(void *context, uint64_t offset, uint64_t bytes, void *host, uint32_t priority,
		    struct fpr_group_job *job)
{
	struct elsewhere *e = context;

	expect(e, 1, offset, priority);
	return start_copy(e, host, e->sums + offset, bytes, 0, job);
}

static const struct fpr_group_adder elsewhere_adder = {
	.prepare = prepare,
	.add = add,
	.read = read_sum,
};

/* ---- a board ----------------------------------------------------------- */

/* A board, its memory for all parameters and gradients, and what it had moved before. */
struct on_board {
	struct fpr_device *device;
	struct fpr_group_board *board;
	struct fpr_buffer *p, *g;
	struct fpr_class_counters before[FPR_COUNTER_CLASSES];
};

static float *board_floats(struct on_board *on, uint64_t n, struct fpr_buffer **buffer)
{
	void *floats;

	CHECK(!fpr_buffer_create(on->device, n * sizeof(float), FPR_BUFFER_BOARD, buffer), "%llu",
	      (unsigned long long)n);
	CHECK(!fpr_buffer_map(*buffer, &floats), "%llu", (unsigned long long)n);
	return floats;
}

/* Return: the fence of one that has just been queued */
static struct fpr_fence *product(struct on_board *on)
{
	enum { N = 64 };
	struct fpr_queue *queue;
	struct fpr_fence *fence;
	struct fpr_gemm_job job;

	fpr_gemm_init(&job, N, N, N);
	CHECK(!fpr_queue_create(on->device, 0, &queue), "no queue");
	CHECK(!fpr_buffer_create(on->device, N * N * 2, 0, &job.a), "no memory");
	CHECK(!fpr_buffer_create(on->device, N * N * 4, 0, &job.c), "no memory");
	job.b = job.a;
	CHECK(!fpr_gemm_submit(queue, &job, 1, NULL, 0, &fence), "no product");
	fpr_buffer_destroy(job.a);
	fpr_buffer_destroy(job.c);
	fpr_queue_destroy(queue);
	return fence;
}

static void read_classes(const struct on_board *on, struct fpr_class_counters *classes)
{
	for (uint32_t i = 0; i < FPR_COUNTER_CLASSES; i++)
		CHECK(!fpr_counters_class(on->device, i, classes + i), "no counters");
}

/* ---- a case ------------------------------------------------------------ */

struct test {
	const char *name;
	enum fpr_sync_mode mode;
	uint32_t optimizer, servers, tune;
	double momentum, decay, scale;
	int elsewhere, in_parts, in_place, credit;
	uint32_t steps, tensors;
	uint64_t largest;
};

struct run {
	const struct test *test;
	struct on_board *on;
	uint64_t seed;
	struct rank_model model;
	struct fpr_group *group;
	struct fpr_group_info info;
	float *p, *g, *seen;
	uint32_t *index;
	struct fpr_group_tensor *tensors;
	struct wanted wanted;
};

/* Every step has another rate, so a slice that is updated with another step's is found. */
static double rate_of(uint64_t step)
{
	return 0.01 / (double)(1 + step % 7);
}

static void put_on_board(struct run *r, uint32_t i, struct fpr_group_tensor *tensor)
{
	const int worker = r->info.rank < r->info.workers;
	const uint64_t at = r->model.at[i] * sizeof(float);
	struct fpr_buffer *g = r->test->in_place ? r->on->p : r->on->g;

	CHECK(!fpr_group_board_tensor(r->on->board, worker ? g : NULL, at, worker ? r->on->p : NULL,
				      at, r->model.elements[i], tensor),
	      "%s, tensor %u", r->test->name, i);
}

static void add_tensors(struct run *r, struct elsewhere *e)
{
	const int worker = r->info.rank < r->info.workers;

	for (uint32_t i = 0; i < r->model.count; i++) {
		/* Some here, some there, so that slices have both. */
		const int there =
			r->test->elsewhere == 1 ? i % 3 != 0 : r->test->elsewhere || r->on;
		float *g = r->test->in_place ? r->p : r->g;
		struct fpr_group_tensor *tensor = r->tensors + i;

		*tensor = (struct fpr_group_tensor){
			.gradient = worker ? g + r->model.at[i] : NULL,
			.parameter = worker ? r->p + r->model.at[i] : NULL,
			.elements = r->model.elements[i],
		};
		if (there && r->on) {
			put_on_board(r, i, tensor);
		} else if (there) {
			tensor->memory = &elsewhere_memory;
			tensor->context = e;
		}
		tensor->list_index = r->model.count - 1 - i;
		MUST(r->group, fpr_group_add(r->group, tensor, r->index + i));
	}
}

static void push_in_parts(struct run *r, uint32_t i, uint64_t random)
{
	const uint64_t n = r->model.elements[i], cut = random % n;

	/* The second part first. */
	MUST(r->group, fpr_group_push(r->group, r->index[i], cut * 4, (n - cut) * 4));
	if (cut)
		MUST(r->group, fpr_group_push(r->group, r->index[i], 0, cut * 4));
}

/* The gradient is there already; its transfers wait for a product all the same. */
static void push_after_product(struct run *r, uint32_t i)
{
	struct fpr_fence *fence = product(r->on);

	MUST(r->group, fpr_group_board_push(r->group, r->index[i], r->tensors + i, fence));
	fpr_fence_destroy(fence);
}

static void step(struct run *r, uint64_t number)
{
	const struct rank_model *m = &r->model;

	MUST(r->group, fpr_group_step(r->group, rate_of(number)));
	for (uint32_t i = 0; i < m->count; i++) {
		MUST(r->group, fpr_group_wait(r->group, r->index[i], FPR_GROUP_WAIT_FOREVER));
		memcpy(r->seen + m->at[i], r->p + m->at[i], m->elements[i] * sizeof(float));
	}
	for (uint32_t i = m->count; i-- > 0;) {
		const uint64_t random = rank_hash(r->seed + r->info.rank, number * m->count + i);
		float *g = r->test->in_place ? r->p : r->g;

		for (uint64_t j = m->at[i]; j < m->at[i] + m->elements[i]; j++)
			g[j] = rank_gradient(r->seed, r->info.rank, number, j, r->seen[j]);
		if (random % 5 == 0)
			usleep(random / 5 % 300);
		if (r->test->in_parts)
			push_in_parts(r, i, random);
		else if (r->on && r->tensors[i].memory && random % 3)
			push_after_product(r, i);
		else
			MUST(r->group,
			     fpr_group_push(r->group, r->index[i], 0, m->elements[i] * 4));
	}
}

static void compare(const struct run *r, const struct rank_reference *reference)
{
	for (uint64_t i = 0; i < r->model.total; i++)
		CHECK(!memcmp(r->p + i, reference->p + i, sizeof(float)),
		      "%s, rank %u of %u, element %llu: %a, not %a", r->test->name, r->info.rank,
		      r->info.ranks, (unsigned long long)i, (double)r->p[i],
		      (double)reference->p[i]);
}

static void set_options(struct fpr_group_options *options, const struct test *test,
			struct on_board *on, struct elsewhere *e)
{
	CHECK(!fpr_group_options_init(options, test->mode), "%s", test->name);
	options->optimizer = test->optimizer;
	options->servers = test->servers;
	options->momentum = test->momentum;
	options->decay = test->decay;
	options->scale = test->scale;
	options->tune_steps = test->tune;
	options->config.timeout_ns = 120000000000ull;
	/* Small, so that small tensors have many slices. */
	if (options->config.slice_bytes)
		options->config.slice_bytes = 8000;
	if (options->config.slice_max_bytes)
		options->config.slice_max_bytes = 24000;
	if (options->config.fuse_bytes)
		options->config.fuse_bytes = 1600;
	if (options->config.split_bytes)
		options->config.split_bytes = 20000;
	if (test->credit)
		options->config.flags |= FPR_SYNC_EXPLICIT_CREDIT;
	if (on) {
		CHECK(!fpr_group_board_sums(on->board, options), "%s", test->name);
	} else if (test->elsewhere) {
		options->adder = &elsewhere_adder;
		options->adder_context = e;
	}
}

/* From here on the plan is known, unless others are tried. */
static void know_plan(struct run *r, struct elsewhere *e)
{
	struct fpr_group_stats stats;

	if (r->test->tune)
		return;
	MUST(r->group, fpr_group_get_stats(r->group, &stats));
	r->wanted = wanted_make(&stats, &r->model, r->tensors);
	pthread_mutex_lock(&e->lock);
	e->rank = r->info.rank;
	e->gradients = (const char *)(r->test->in_place ? r->p : r->g);
	e->parameters = (const char *)r->p;
	e->wanted = r->wanted;
	pthread_mutex_unlock(&e->lock);
}

static void train(struct run *r, struct fpr_group_options *options, struct elsewhere *e)
{
	struct rank_reference reference = rank_reference_make(&r->model, r->seed);
	struct fpr_group_stats stats;

	MUST(r->group, fpr_group_create(MPI_COMM_WORLD, options, &r->group));
	MUST(r->group, fpr_group_get_info(r->group, &r->info));
	/* Others than rank 0 begin with something else. */
	for (uint64_t i = 0; i < r->model.total; i++)
		r->p[i] =
			r->info.rank && options->optimizer != FPR_GROUP_SUM ? 7.0f : reference.p[i];
	add_tensors(r, e);
	MUST(r->group, fpr_group_start(r->group));
	know_plan(r, e);
	for (uint32_t n = 1; n <= r->test->steps && r->info.rank < r->info.workers; n++)
		step(r, n);
	MUST(r->group, fpr_group_finish(r->group));
	for (uint32_t n = 1; n <= r->test->steps; n++)
		rank_reference_step(&reference, &r->model, options, r->info.workers, r->seed,
				    rate_of(n));
	if (r->info.rank < r->info.workers)
		compare(r, &reference);
	MUST(r->group, fpr_group_get_stats(r->group, &stats));
	CHECK(stats.steps == r->test->steps, "%llu", (unsigned long long)stats.steps);
	CHECK(!r->test->tune || r->info.rank || r->info.ranks == 1 || stats.trials > 2, "%u",
	      stats.trials);
	fpr_group_destroy(r->group);
	rank_reference_free(&reference);
}

static void enter_board(struct run *r)
{
	r->p = board_floats(r->on, r->model.total, &r->on->p);
	r->g = board_floats(r->on, r->model.total, &r->on->g);
	CHECK(!fpr_group_board_create(r->on->device, &r->on->board), "%s", r->test->name);
	read_classes(r->on, r->on->before);
}

/* All gradients leave boards and are added on boards, all sums leave, all parameters return. */
static void check_bytes(const struct run *r, const uint64_t moved[FPR_COUNTER_CLASSES][2])
{
	const uint64_t bytes = r->model.total * sizeof(float) * r->test->steps;
	const uint64_t workers = r->info.workers;
	uint64_t sum[2] = {0};

	for (uint32_t i = 0; i < FPR_COUNTER_CLASSES; i++)
		for (unsigned int d = 0; d < 2; d++)
			sum[d] += moved[i][d];
	CHECK(r->test->elsewhere == 1 || sum[FPR_TO_BOARD] >= 2 * workers * bytes,
	      "%s: %llu bytes to boards", r->test->name, (unsigned long long)sum[FPR_TO_BOARD]);
	CHECK(r->test->elsewhere == 1 || sum[FPR_TO_HOST] >= (workers + 1) * bytes,
	      "%s: %llu bytes from boards", r->test->name, (unsigned long long)sum[FPR_TO_HOST]);
}

/* This rank's bytes of a slice on the board, in a step. */
static void add_slice(const struct run *r, uint32_t slice, uint64_t moved[2])
{
	const struct wanted *w = &r->wanted;
	const uint64_t bytes = w->slices[slice].bytes;
	struct fpr_sync_piece piece;

	for (uint32_t i = 0; i < w->slices[slice].tensors && r->info.rank < r->info.workers; i++) {
		fpr_sync_plan_piece(w->plan, slice, i, &piece);
		if (!r->tensors[piece.tensor].memory)
			continue;
		moved[FPR_TO_HOST] += piece.bytes;
		moved[FPR_TO_BOARD] += piece.bytes;
	}
	if (!is_mine(w, slice, r->info.rank))
		return;
	moved[FPR_TO_HOST] += bytes;
	moved[FPR_TO_BOARD] += bytes + (r->info.workers - 1) * aligned(bytes);
}

/* Every class but the first, which start and end use too, has moved what the plan says. */
static void check_classes(const struct run *r, const uint64_t moved[FPR_COUNTER_CLASSES][2])
{
	const uint32_t flags = fpr_sync_plan_config(r->wanted.plan)->flags;
	uint64_t wanted[FPR_COUNTER_CLASSES][2] = {0};
	uint32_t used = 0;

	for (uint32_t i = 0; i < r->wanted.count; i++)
		add_slice(r, i, wanted[urgency(&r->wanted, i) / 4096]);
	MPI_Allreduce(MPI_IN_PLACE, wanted, 2 * FPR_COUNTER_CLASSES, MPI_UINT64_T, MPI_SUM,
		      MPI_COMM_WORLD);
	for (uint32_t i = 1; i < FPR_COUNTER_CLASSES; i++)
		for (unsigned int d = 0; d < 2; d++) {
			wanted[i][d] *= r->test->steps;
			CHECK(moved[i][d] >= wanted[i][d] && !moved[i][d] == !wanted[i][d],
			      "%s: %llu bytes of class %u in direction %u, not %llu", r->test->name,
			      (unsigned long long)moved[i][d], i, d,
			      (unsigned long long)wanted[i][d]);
			used += moved[i][d] > 0;
		}
	CHECK(r->wanted.largest == 0 || !(flags & FPR_SYNC_PRIORITY_PUSH) == !used,
	      "%s: %u classes and directions", r->test->name, used);
}

static void leave_board(struct run *r)
{
	struct fpr_class_counters after[FPR_COUNTER_CLASSES];
	uint64_t moved[FPR_COUNTER_CLASSES][2];

	fpr_group_board_destroy(r->on->board);
	fpr_buffer_destroy(r->on->p);
	fpr_buffer_destroy(r->on->g);
	read_classes(r->on, after);
	for (uint32_t i = 0; i < FPR_COUNTER_CLASSES; i++) {
		moved[i][FPR_TO_BOARD] = after[i].h2c_bytes - r->on->before[i].h2c_bytes;
		moved[i][FPR_TO_HOST] = after[i].c2h_bytes - r->on->before[i].c2h_bytes;
	}
	MPI_Allreduce(MPI_IN_PLACE, moved, 2 * FPR_COUNTER_CLASSES, MPI_UINT64_T, MPI_SUM,
		      MPI_COMM_WORLD);
	check_bytes(r, moved);
	if (r->wanted.plan)
		check_classes(r, moved);
}

static void run(const struct test *test, uint64_t seed, struct on_board *on)
{
	struct elsewhere e = {.lock = PTHREAD_MUTEX_INITIALIZER, .wake = PTHREAD_COND_INITIALIZER};
	struct run r = {.test = test,
			.on = on,
			.seed = seed,
			.model = rank_model_make(seed, test->tensors, test->largest)};
	struct fpr_group_options options;

	r.p = on ? NULL : calloc(r.model.total, sizeof(float));
	r.g = on ? NULL : calloc(r.model.total, sizeof(float));
	r.seen = calloc(r.model.total, sizeof(float));
	r.index = calloc(r.model.count, sizeof(*r.index));
	r.tensors = calloc(r.model.count, sizeof(*r.tensors));
	if (on)
		enter_board(&r);
	else if (test->elsewhere)
		pthread_create(&e.thread, NULL, copy_all, &e);
	set_options(&options, test, on, &e);
	train(&r, &options, &e);
	if (on) {
		leave_board(&r);
	} else if (test->elsewhere) {
		pthread_mutex_lock(&e.lock);
		e.stop = 1;
		pthread_cond_signal(&e.wake);
		pthread_mutex_unlock(&e.lock);
		pthread_join(e.thread, NULL);
		CHECK(e.done, "nothing went elsewhere");
		CHECK(test->tune || e.expected, "no priority was looked at");
		free(e.sums);
	}
	free(on ? NULL : r.p);
	free(on ? NULL : r.g);
	free(r.seen);
	free(r.index);
	free(r.tensors);
	fpr_sync_plan_destroy(r.wanted.plan);
	rank_model_free(&r.model);
}

/* ---- slice by slice ---------------------------------------------------- */

#define HELD_FLOATS 40000
/* Not how long it may take: so that what fails does not hang. */
#define HELD_SECONDS 60

/**
 * struct held - memory that keeps the last slice of a gradient back
 * @lock: of all
 * @news: something has changed
 * @job: the last slice's, once it has been asked for
 * @to: where it shall go
 * @from: where it is
 * @bytes: of it
 * @sent: the first slices that were pushed to other ranks
 */
struct held {
	pthread_mutex_t lock;
	pthread_cond_t news;
	struct fpr_group_job *job;
	void *to;
	const void *from;
	uint64_t bytes;
	int sent;
};

static int held_fetch(void *context, enum fpr_group_array array, void *tensor, uint64_t offset,
		      uint64_t bytes, void *host, uint32_t priority, struct fpr_group_job *job)
{
	struct held *h = context;

	(void)priority;
	if (array == FPR_GROUP_GRADIENT && offset + bytes == HELD_FLOATS * sizeof(float)) {
		pthread_mutex_lock(&h->lock);
		h->job = job;
		h->to = host;
		h->from = (char *)tensor + offset;
		h->bytes = bytes;
		pthread_cond_signal(&h->news);
		pthread_mutex_unlock(&h->lock);
		return 0;
	}
	memcpy(host, (char *)tensor + offset, bytes);
	fpr_group_done(job, 0);
	return 0;
}

static int held_deliver(void *context, enum fpr_group_array array, void *tensor, uint64_t offset,
			uint64_t bytes, const void *host, uint32_t priority,
			struct fpr_group_job *job)
{
	(void)context;
	(void)array;
	(void)priority;
	memcpy((char *)tensor + offset, host, bytes);
	fpr_group_done(job, 0);
	return 0;
}

static void see_send(void *context, const struct fpr_group_event *event)
{
	struct held *h = context;

	if (event->kind != FPR_GROUP_SEND || event->message != FPR_SYNC_PUSH)
		return;
	pthread_mutex_lock(&h->lock);
	h->sent++;
	pthread_cond_signal(&h->news);
	pthread_mutex_unlock(&h->lock);
}

/* Gives the last slice once another has been sent. */
static void let_go(struct held *h)
{
	struct timespec limit;
	int late = 0;

	clock_gettime(CLOCK_REALTIME, &limit);
	limit.tv_sec += HELD_SECONDS;
	pthread_mutex_lock(&h->lock);
	while ((!h->sent || !h->job) && !late)
		late = pthread_cond_timedwait(&h->news, &h->lock, &limit);
	CHECK(h->sent && h->job, "%d slices sent, last %s", h->sent,
	      h->job ? "asked for: the whole tensor is waited for" : "never asked for");
	pthread_mutex_unlock(&h->lock);
	memcpy(h->to, h->from, h->bytes);
	fpr_group_done(h->job, 0);
}

static void slice_by_slice(void)
{
	static const struct fpr_group_memory memory = {elsewhere_alloc, elsewhere_release,
						       held_fetch, held_deliver};
	static float g[HELD_FLOATS], p[HELD_FLOATS];
	struct held h = {.lock = PTHREAD_MUTEX_INITIALIZER, .news = PTHREAD_COND_INITIALIZER};
	struct fpr_group_tensor tensor = {.gradient = g,
					  .parameter = p,
					  .elements = HELD_FLOATS,
					  .list_index = FPR_GROUP_NONE,
					  .memory = &memory,
					  .context = &h};
	struct fpr_group_options options;
	struct fpr_group *group;
	struct fpr_group_info info;
	uint32_t index;

	CHECK(!fpr_group_options_init(&options, FPR_SYNC_BEST), "options");
	options.optimizer = FPR_GROUP_SUM;
	options.scale = 1;
	options.tune_steps = 0;
	options.event = see_send;
	options.context = &h;
	options.config.timeout_ns = 120000000000ull;
	options.config.slice_bytes = options.config.slice_max_bytes = 8000;
	MUST(group, fpr_group_create(MPI_COMM_WORLD, &options, &group));
	MUST(group, fpr_group_get_info(group, &info));
	for (uint32_t i = 0; i < HELD_FLOATS; i++)
		g[i] = (float)(i % 1000 + info.rank);
	MUST(group, fpr_group_add(group, &tensor, &index));
	MUST(group, fpr_group_start(group));
	MUST(group, fpr_group_step(group, 1));
	MUST(group, fpr_group_push(group, index, 0, sizeof(g)));
	let_go(&h);
	MUST(group, fpr_group_wait(group, index, FPR_GROUP_WAIT_FOREVER));
	MUST(group, fpr_group_finish(group));
	for (uint32_t i = 0; i < HELD_FLOATS; i++)
		CHECK(p[i] == (float)(info.ranks * (i % 1000) + info.ranks * (info.ranks - 1) / 2),
		      "%u: %g", i, (double)p[i]);
	fpr_group_destroy(group);
}

int main(int argc, char **argv)
{
	static const struct test tests[] = {
		{"fifo", FPR_SYNC_FIFO, FPR_GROUP_SGD, .momentum = 0.9, .steps = 8, .tensors = 30,
		 .largest = 12000},
		{"slice", FPR_SYNC_SLICE, FPR_GROUP_SGD, .momentum = 0.9, .steps = 8, .tensors = 30,
		 .largest = 12000},
		{"p3", FPR_SYNC_P3, FPR_GROUP_ADAM, .decay = 0.01, .steps = 8, .tensors = 30,
		 .largest = 12000},
		{"p3-global", FPR_SYNC_P3_GLOBAL, FPR_GROUP_ADAM, .steps = 8, .tensors = 30,
		 .largest = 12000},
		{"best", FPR_SYNC_BEST, FPR_GROUP_ADAM, .steps = 8, .tensors = 40,
		 .largest = 12000},
		{"best, in parts", FPR_SYNC_BEST, FPR_GROUP_SGD, .momentum = 0.5, .decay = 0.1,
		 .in_parts = 1, .steps = 8, .tensors = 40, .largest = 12000},
		{"fifo, in parts", FPR_SYNC_FIFO, FPR_GROUP_ADAM, .in_parts = 1, .steps = 6,
		 .tensors = 20, .largest = 12000},
		{"sum", FPR_SYNC_BEST, FPR_GROUP_SUM, .steps = 6, .tensors = 20, .largest = 12000,
		 .scale = 0.125},
		{"sum in place", FPR_SYNC_P3, FPR_GROUP_SUM, .in_place = 1, .scale = 0.125,
		 .steps = 6, .tensors = 20, .largest = 12000},
		{"best, credit", FPR_SYNC_BEST, FPR_GROUP_ADAM, .credit = 1, .steps = 8,
		 .tensors = 40, .largest = 12000},
		{"p3, credit", FPR_SYNC_P3, FPR_GROUP_SGD, .credit = 1, .steps = 8, .tensors = 40,
		 .largest = 12000},
		{"one tensor", FPR_SYNC_BEST, FPR_GROUP_SGD, .steps = 5, .tensors = 1,
		 .largest = 1},
		{"tuned", FPR_SYNC_BEST, FPR_GROUP_ADAM, .tune = 2, .steps = 40, .tensors = 20,
		 .largest = 20000},
		/* More than goes in one round from servers to servers. */
		{"tuned, large", FPR_SYNC_BEST, FPR_GROUP_SGD, .momentum = 0.9, .tune = 1,
		 .steps = 4, .tensors = 6, .largest = 1400000},
		{"elsewhere", FPR_SYNC_BEST, FPR_GROUP_ADAM, .elsewhere = 1, .steps = 6,
		 .tensors = 30, .largest = 12000},
		{"all elsewhere, in parts", FPR_SYNC_P3, FPR_GROUP_SGD, .momentum = 0.9,
		 .elsewhere = 2, .in_parts = 1, .steps = 6, .tensors = 30, .largest = 12000},
		{"elsewhere, tuned", FPR_SYNC_BEST, FPR_GROUP_SGD, .momentum = 0.9, .elsewhere = 1,
		 .tune = 1, .steps = 12, .tensors = 30, .largest = 10000},
		{"server", FPR_SYNC_BEST, FPR_GROUP_ADAM, .servers = 1, .steps = 6, .tensors = 20,
		 .largest = 12000},
		{"server, fifo", FPR_SYNC_FIFO, FPR_GROUP_SGD, .momentum = 0.9, .servers = 1,
		 .steps = 6, .tensors = 20, .largest = 12000},
		{"server, tuned", FPR_SYNC_BEST, FPR_GROUP_SGD, .momentum = 0.9, .servers = 1,
		 .tune = 2, .steps = 20, .tensors = 20, .largest = 12000},
	};
	const uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 0) : 1;
	struct on_board on = {0};
	int level, ranks, rank, count = 0;

	MPI_Init_thread(&argc, &argv, MPI_THREAD_SERIALIZED, &level);
	MPI_Comm_size(MPI_COMM_WORLD, &ranks);
	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	if (argc > 2)
		CHECK(!fpr_device_open(argv[2], &on.device), "%s", argv[2]);
	for (size_t i = 0; i < sizeof(tests) / sizeof(*tests); i++) {
		if (tests[i].servers >= (uint32_t)ranks)
			continue;
		if (argc > 3 && strcmp(argv[3], tests[i].name))
			continue;
		run(tests + i, rank_hash(seed, i), on.device ? &on : NULL);
		count++;
	}
	fpr_device_close(on.device);
	/* One rank sends nothing. */
	if (ranks > 1 && (argc <= 3 || !strcmp(argv[3], "slice by slice"))) {
		slice_by_slice();
		count++;
	}
	MPI_Finalize();
	if (!rank)
		printf("%d cases on %d ranks\n", count, ranks);
	return 0;
}
