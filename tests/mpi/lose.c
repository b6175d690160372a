/* SPDX-License-Identifier: MIT */

/*
 * Trains, and loses a rank in the middle:
 *
 *	lose FILE STEPS EVERY [--victim RANK SIGNAL STEP] [--was WORKERS] [--stall] [--silence
 *SECONDS]
 *
 * checkpoints to FILE every EVERY steps and goes on from it when it is there; with --victim a rank
 *sends itself a signal in a step, or with --stall only stops calling. Every rank that sees the loss
 *prints what the library says and exits with status 3. After all steps parameters are compared with
 *one process, where up to the checkpoint that was gone on from
 * --was ranks trained.
 */

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "rank.h"

#define SEED 77
#define LOST 3

struct arguments {
	const char *file;
	uint64_t steps, every, at, was;
	int victim, signal, stall;
	double silence;
};

struct job {
	struct arguments a;
	struct fpr_group_info info;
	struct rank_model model;
	float *p, *g;
	uint64_t incomplete;
};

static int save(void *context, const struct fpr_group_state *state)
{
	struct job *job = context;
	char name[4096];
	FILE *file;

	if (!state->complete) {
		job->incomplete++;
		CHECK(state->arrays == 1 && state->elements == job->model.total, "what is left");
		CHECK(!memcmp(state->data[0], job->p, job->model.total * sizeof(float)),
		      "what is left");
		return 0;
	}
	snprintf(name, sizeof(name), "%s.new", job->a.file);
	file = fopen(name, "wb");
	CHECK(file, "%s", name);
	fwrite(state, sizeof(*state), 1, file);
	for (uint32_t i = 0; i < state->arrays; i++)
		fwrite(state->data[i], sizeof(float), state->elements, file);
	CHECK(!fclose(file), "%s", name);
	CHECK(!rename(name, job->a.file), "%s", name);
	return 0;
}

/* Return: the step to go on from */
static uint64_t load(struct job *job, struct fpr_group *group)
{
	FILE *file = fopen(job->a.file, "rb");
	struct fpr_group_state state;
	float *data[3] = {0};

	if (!file)
		return 0;
	CHECK(fread(&state, sizeof(state), 1, file) == 1, "%s", job->a.file);
	for (uint32_t i = 0; i < state.arrays; i++) {
		data[i] = calloc(state.elements, sizeof(float));
		CHECK(fread(data[i], sizeof(float), state.elements, file) == state.elements, "%s",
		      job->a.file);
		state.data[i] = data[i];
	}
	fclose(file);
	MUST(group, fpr_group_restore(group, &state));
	for (uint32_t i = 0; i < 3; i++)
		free(data[i]);
	return state.step;
}

static void parse(struct arguments *a, int argc, char **argv)
{
	CHECK(argc >= 4, "FILE STEPS EVERY");
	*a = (struct arguments){.file = argv[1],
				.steps = strtoull(argv[2], NULL, 0),
				.every = strtoull(argv[3], NULL, 0),
				.victim = -1,
				.silence = 3};
	for (int i = 4; i < argc; i++) {
		if (!strcmp(argv[i], "--victim") && i + 3 < argc) {
			a->victim = atoi(argv[i + 1]);
			a->signal = atoi(argv[i + 2]);
			a->at = strtoull(argv[i + 3], NULL, 0);
			i += 3;
		} else if (!strcmp(argv[i], "--was") && i + 1 < argc) {
			a->was = strtoull(argv[++i], NULL, 0);
		} else if (!strcmp(argv[i], "--silence") && i + 1 < argc) {
			a->silence = atof(argv[++i]);
		} else {
			CHECK(!strcmp(argv[i], "--stall"), "%s", argv[i]);
			a->stall = 1;
		}
	}
}

/* Return: 0 or the group's error */
static int step(struct job *job, struct fpr_group *group, uint64_t number)
{
	const struct rank_model *m = &job->model;
	int ret = fpr_group_step(group, 0.01);

	for (uint32_t i = 0; i < m->count && !ret; i++)
		ret = fpr_group_wait(group, i, FPR_GROUP_WAIT_FOREVER);
	for (uint32_t i = m->count; i-- > 0 && !ret;) {
		const uint64_t end = m->at[i] + m->elements[i];

		if (number == job->a.at && (int)job->info.rank == job->a.victim &&
		    i == m->count / 2) {
			if (job->a.stall)
				pause();
			raise(job->a.signal);
		}
		for (uint64_t j = m->at[i]; j < end; j++)
			job->g[j] = rank_gradient(SEED, job->info.rank, number, j, job->p[j]);
		ret = fpr_group_push(group, i, 0, m->elements[i] * sizeof(float));
	}
	return ret;
}

static int report(struct job *job, struct fpr_group *group, int error)
{
	char text[FPR_GROUP_ERROR_MAX];
	uint32_t culprit;

	CHECK(fpr_group_error(group, text, sizeof(text), &culprit) == error, "%d", error);
	CHECK(fpr_group_wait(group, 0, 0) == error && fpr_group_step(group, 0) == error &&
		      fpr_group_finish(group) == error,
	      "an error that does not stay");
	CHECK(job->incomplete == 1, "checkpoint() was called %llu times",
	      (unsigned long long)job->incomplete);
	/* One call a line: the ranks' lines may meet. */
	printf("rank %u: error %d: culprit %d: %s\n", job->info.rank, -error, (int)culprit, text);
	fflush(stdout);
	fpr_group_destroy(group);
	return LOST;
}

static void compare(struct job *job, const struct fpr_group_options *options, uint64_t from)
{
	struct rank_reference reference = rank_reference_make(&job->model, SEED);

	for (uint64_t n = 1; n <= job->a.steps; n++)
		rank_reference_step(&reference, &job->model, options,
				    n <= from ? (uint32_t)job->a.was : job->info.workers, SEED,
				    0.01);
	CHECK(!memcmp(reference.p, job->p, job->model.total * sizeof(float)),
	      "not what one process has");
	rank_reference_free(&reference);
	if (!job->info.rank)
		printf("%u ranks, from step %llu: the same bits\n", job->info.ranks,
		       (unsigned long long)from);
}

static int train(struct job *job)
{
	struct rank_reference first = rank_reference_make(&job->model, SEED);
	struct fpr_group_options options;
	struct fpr_group *group;
	uint64_t from;
	int ret = 0;

	CHECK(!fpr_group_options_init(&options, FPR_SYNC_BEST), "options");
	options.optimizer = FPR_GROUP_ADAM;
	options.config.timeout_ns = (uint64_t)(job->a.silence * 1e9);
	options.idle_timeout_ns = job->a.stall ? options.config.timeout_ns : 0;
	options.checkpoint_steps = job->a.every;
	options.checkpoint = save;
	options.context = job;
	MUST(NULL, fpr_group_create_world(&options, &group));
	MUST(group, fpr_group_get_info(group, &job->info));
	memcpy(job->p, first.p, job->model.total * sizeof(float));
	rank_reference_free(&first);
	for (uint32_t i = 0; i < job->model.count; i++) {
		const struct fpr_group_tensor tensor = {.gradient = job->g + job->model.at[i],
							.parameter = job->p + job->model.at[i],
							.elements = job->model.elements[i],
							.list_index = FPR_GROUP_NONE};
		uint32_t index;

		MUST(group, fpr_group_add(group, &tensor, &index));
	}
	from = load(job, group);
	MUST(group, fpr_group_start(group));
	for (uint64_t n = from + 1; n <= job->a.steps && !ret; n++)
		ret = step(job, group, n);
	if (!ret)
		ret = fpr_group_finish(group);
	if (ret)
		return report(job, group, ret);
	compare(job, &options, from);
	fpr_group_destroy(group);
	return 0;
}

int main(int argc, char **argv)
{
	struct job job = {0};
	int ret;

	parse(&job.a, argc, argv);
	job.model = rank_model_make(SEED, 20, 40000);
	job.p = calloc(job.model.total, sizeof(float));
	job.g = calloc(job.model.total, sizeof(float));
	ret = train(&job);
	/* Messages that never ended may still be at the memory of ranks that were lost. */
	if (!ret) {
		free(job.p);
		free(job.g);
		rank_model_free(&job.model);
	}
	return ret;
}
