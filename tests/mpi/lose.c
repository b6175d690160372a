/* SPDX-License-Identifier: MIT */

/*
 * Trains, and loses a rank in the middle:
 *
 *	lose FILE STEPS EVERY [--victim RANK SIGNAL STEP] [--was WORKERS] [--stall] [--silence
 *SECONDS] [--device DEVICE]
 *
 * checkpoints to FILE every EVERY steps and goes on from it when it is there; with --victim a rank
 *sends itself a signal in a step, or with --stall only stops calling. Every rank that sees the loss
 *prints what the library says and exits with status 3. After all steps parameters are compared with
 *one process, where up to the checkpoint that was gone on from
 * --was ranks trained. In the step behind the last, the signal comes when the others have finished
 *and gather; with STEP 0, when they start. With --device all tensors and sums are on its board.
 */

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "fpr_sync_board.h"
#include "rank.h"

#define SEED 77
#define LOST 3

struct arguments {
	const char *file, *device;
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
	struct fpr_device *device;
	struct fpr_group_board *board;
	struct fpr_buffer *buffers[2];
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
		} else if (!strcmp(argv[i], "--device") && i + 1 < argc) {
			a->device = argv[++i];
		} else {
			CHECK(!strcmp(argv[i], "--stall"), "%s", argv[i]);
			a->stall = 1;
		}
	}
}

/* The victim's end is here. */
static void end_here(const struct job *job)
{
	if (job->a.stall)
		pause();
	raise(job->a.signal);
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
		    i == m->count / 2)
			end_here(job);
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
	CHECK(job->incomplete == (job->a.at != 0), "checkpoint() was called %llu times",
	      (unsigned long long)job->incomplete);
	/* One call a line: the ranks' lines may meet. */
	printf("rank %u: error %d: culprit %d: %s\n", job->info.rank, -error, (int)culprit, text);
	fflush(stdout);
	fpr_group_destroy(group);
	/* Nothing is under way on the board any more. */
	fpr_group_board_destroy(job->board);
	for (int i = 0; i < 2; i++)
		fpr_buffer_destroy(job->buffers[i]);
	fpr_device_close(job->device);
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

static float *board_floats(struct job *job, struct fpr_buffer **buffer)
{
	void *floats;

	CHECK(!fpr_buffer_create(job->device, job->model.total * sizeof(float), FPR_BUFFER_BOARD,
				 buffer),
	      "board memory");
	CHECK(!fpr_buffer_map(*buffer, &floats), "board memory");
	return floats;
}

static void enter_board(struct job *job, struct fpr_group_options *options)
{
	CHECK(!fpr_device_open(job->a.device, &job->device), "%s", job->a.device);
	free(job->p);
	free(job->g);
	job->g = board_floats(job, &job->buffers[FPR_GROUP_GRADIENT]);
	job->p = board_floats(job, &job->buffers[FPR_GROUP_PARAMETER]);
	CHECK(!fpr_group_board_create(job->device, &job->board), "board");
	CHECK(!fpr_group_board_sums(job->board, options), "sums");
}

static void add_tensors(struct job *job, struct fpr_group *group)
{
	const struct rank_model *m = &job->model;
	uint32_t index;

	for (uint32_t i = 0; i < m->count; i++) {
		struct fpr_group_tensor tensor = {.gradient = job->g + m->at[i],
						  .parameter = job->p + m->at[i],
						  .elements = m->elements[i],
						  .list_index = FPR_GROUP_NONE};

		if (job->board)
			CHECK(!fpr_group_board_tensor(
				      job->board, job->buffers[FPR_GROUP_GRADIENT],
				      m->at[i] * sizeof(float), job->buffers[FPR_GROUP_PARAMETER],
				      m->at[i] * sizeof(float), m->elements[i], &tensor),
			      "tensor %u", i);
		MUST(group, fpr_group_add(group, &tensor, &index));
	}
}

/* After the last step. Return: 0 or the group's error */
static int gather(struct job *job, struct fpr_group *group)
{
	const uint64_t bytes = job->model.total * sizeof(float), room = bytes * job->info.ranks;
	uint64_t *sizes = calloc(job->info.ranks, sizeof(*sizes));
	char *all = malloc(room);
	int ret;

	if (job->a.at > job->a.steps && (int)job->info.rank == job->a.victim)
		end_here(job);
	ret = fpr_group_gather(group, job->p, bytes, all, room, sizes);
	for (uint32_t i = 0; !ret && !job->info.rank && i < job->info.ranks; i++)
		CHECK(sizes[i] == bytes && !memcmp(all + i * bytes, job->p, bytes), "gathered");
	free(all);
	free(sizes);
	return ret;
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
	if (job->a.device)
		enter_board(job, &options);
	MUST(NULL, fpr_group_create_world(&options, &group));
	MUST(group, fpr_group_get_info(group, &job->info));
	memcpy(job->p, first.p, job->model.total * sizeof(float));
	rank_reference_free(&first);
	add_tensors(job, group);
	from = load(job, group);
	if (!job->a.at && (int)job->info.rank == job->a.victim)
		end_here(job);
	ret = fpr_group_start(group);
	for (uint64_t n = from + 1; n <= job->a.steps && !ret; n++)
		ret = step(job, group, n);
	if (!ret)
		ret = fpr_group_finish(group);
	if (!ret)
		ret = gather(job, group);
	if (ret)
		return report(job, group, ret);
	compare(job, &options, from);
	fpr_group_destroy(group);
	fpr_group_board_destroy(job->board);
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
	if (!ret && !job.device) {
		free(job.p);
		free(job.g);
	}
	for (int i = 0; !ret && i < 2; i++)
		fpr_buffer_destroy(job.buffers[i]);
	if (!ret) {
		fpr_device_close(job.device);
		rank_model_free(&job.model);
	}
	return ret;
}
