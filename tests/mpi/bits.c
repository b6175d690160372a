/* SPDX-License-Identifier: MIT */

/*
 * Parameters after many steps are bit for bit those of one process, in every mode, with every
 * optimiser, with servers that are no workers, with gradients in parts, with tensors and sums
 * that are not in host memory, while configurations are tried. Arguments: a seed; a device, on
 * whose board all tensors and sums then are, or some of them; the name of one case.
 */

#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "fpr_sync_board.h"
#include "rank.h"

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
	uint64_t done;
};

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
	(void)array;
	(void)priority;
	return start_copy(context, host, (char *)tensor + offset, bytes, 0, job);
}

static int elsewhere_deliver(void *context, enum fpr_group_array array, void *tensor,
			     uint64_t offset, uint64_t bytes, const void *host, uint32_t priority,
			     struct fpr_group_job *job)
{
	(void)array;
	(void)priority;
	return start_copy(context, (char *)tensor + offset, host, bytes, 0, job);
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

	(void)priority;
	return start_copy(e, e->sums + offset, host, bytes, !first, job);
}

static int read_sum(void *context, uint64_t offset, uint64_t bytes, void *host, uint32_t priority,
		    struct fpr_group_job *job)
{
	struct elsewhere *e = context;

	(void)priority;
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
	uint64_t before[2];
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

/* Bytes in either direction since the device was opened. */
static void count_moved(const struct on_board *on, uint64_t moved[2])
{
	moved[FPR_TO_BOARD] = moved[FPR_TO_HOST] = 0;
	for (uint32_t i = 0; i < FPR_COUNTER_CLASSES; i++) {
		struct fpr_class_counters class;

		CHECK(!fpr_counters_class(on->device, i, &class), "no counters");
		moved[FPR_TO_BOARD] += class.h2c_bytes;
		moved[FPR_TO_HOST] += class.c2h_bytes;
	}
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
	count_moved(r->on, r->on->before);
}

/* All gradients leave boards and are added on boards, all sums leave, all parameters return. */
static void leave_board(struct run *r)
{
	const uint64_t bytes = r->model.total * sizeof(float) * r->test->steps;
	const uint64_t workers = r->info.workers;
	uint64_t moved[2];

	fpr_group_board_destroy(r->on->board);
	fpr_buffer_destroy(r->on->p);
	fpr_buffer_destroy(r->on->g);
	count_moved(r->on, moved);
	for (unsigned int i = 0; i < 2; i++)
		moved[i] -= r->on->before[i];
	MPI_Allreduce(MPI_IN_PLACE, moved, 2, MPI_UINT64_T, MPI_SUM, MPI_COMM_WORLD);
	CHECK(r->test->elsewhere == 1 || moved[FPR_TO_BOARD] >= 2 * workers * bytes,
	      "%s: %llu bytes to boards", r->test->name, (unsigned long long)moved[FPR_TO_BOARD]);
	CHECK(r->test->elsewhere == 1 || moved[FPR_TO_HOST] >= (workers + 1) * bytes,
	      "%s: %llu bytes from boards", r->test->name, (unsigned long long)moved[FPR_TO_HOST]);
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
		free(e.sums);
	}
	free(on ? NULL : r.p);
	free(on ? NULL : r.g);
	free(r.seen);
	free(r.index);
	free(r.tensors);
	rank_model_free(&r.model);
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
	MPI_Finalize();
	if (!rank)
		printf("%d cases on %d ranks\n", count, ranks);
	return 0;
}
