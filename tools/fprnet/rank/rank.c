/* SPDX-License-Identifier: MIT */

/*
 * A rank of `fprnet replay`, which starts it: trains a model whose computing is waiting, once for
 * each repeat and mode. For each of these rank 0 prints a line
 *
 *	run MODE SECONDS LINK...
 *
 * seconds per step of the slowest rank; bytes that each rank's link's counter grew by, as a part of
 * those that it must have carried.
 */

#include <errno.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../fprnet.h"
#include "../lists.h"
#include "../sim.h"
#include "fpr_sync.h"

#define LINK "eth0"
/* Signs of life wait in the same sockets as all that fifo has to send. */
#define TIMEOUT_NS 600000000000ull
/* One in so many values is looked at. */
#define LOOK_AT 997

/**
 * struct rank - this process
 * @model: with its layers' tensors numbered as in the group
 * @layer_ns: forward, per layer; backward takes twice that
 * @gradient: per tensor
 * @parameter: per tensor
 * @number: of this rank
 * @ranks: how many
 * @repeats: of each mode
 * @warm: steps before measuring
 * @steps: steps measured
 * @tune: best tunes itself before it is measured
 * @at_ns: when what is computed will be done
 */
struct rank {
	struct model model;
	uint64_t *layer_ns;
	float **gradient, **parameter;
	int number, ranks, modes, mode[FPR_SYNC_MODES];
	int repeats, warm, steps, tune;
	uint64_t at_ns;
};

/* Its errors are the run's. */
const char program_name[] = "fprnet";

static void give_up(const struct rank *rank, const char *what, const char *why)
{
	complain("rank %d: %s: %s", rank->number, what, why);
	MPI_Abort(MPI_COMM_WORLD, EXIT_FAILED);
	exit(EXIT_FAILED);
}

static void succeed(const struct rank *rank, struct fpr_group *group, int ret, const char *what)
{
	char text[FPR_GROUP_ERROR_MAX] = "";

	if (!ret)
		return;
	if (group)
		fpr_group_error(group, text, sizeof(text), NULL);
	give_up(rank, what, *text ? text : strerror(-ret));
}

/* Bytes that have left through this network namespace's link. */
static uint64_t link_bytes(const struct rank *rank)
{
	unsigned long long sent = 0;
	FILE *file = fopen("/proc/thread-self/net/dev", "re");
	char line[512];
	int found = 0;

	while (file && !found && fgets(line, sizeof(line), file))
		found = sscanf(line, " " LINK ": %*s %*s %*s %*s %*s %*s %*s %*s %llu", &sent) == 1;
	if (file)
		fclose(file);
	if (!found)
		give_up(rank, LINK, "no such link");
	return sent;
}

/* ---- a step ------------------------------------------------------------ */

static void compute(struct rank *rank, uint64_t ns)
{
	struct timespec until;

	rank->at_ns += ns;
	until = (struct timespec){.tv_sec = (time_t)(rank->at_ns / 1000000000u),
				  .tv_nsec = (long)(rank->at_ns % 1000000000u)};
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR)
		;
}

static void forward(struct rank *rank, struct fpr_group *group)
{
	for (uint32_t i = 0; i < rank->model.layer_count; i++) {
		const struct layer *layer = rank->model.layers + i;

		for (uint32_t t = layer->first; t < layer->first + layer->tensors; t++) {
			int ret = fpr_group_wait(group, t, 0);

			if (ret != -ETIME) {
				succeed(rank, group, ret, "waiting");
				continue;
			}
			succeed(rank, group, fpr_group_wait(group, t, FPR_GROUP_WAIT_FOREVER),
				"waiting");
			rank->at_ns = now_ns();
		}
		compute(rank, rank->layer_ns[i]);
	}
}

static void backward(struct rank *rank, struct fpr_group *group)
{
	for (uint32_t i = rank->model.layer_count; i-- > 0;) {
		const struct layer *layer = rank->model.layers + i;

		compute(rank, 2 * rank->layer_ns[i]);
		for (uint32_t t = layer->first + layer->tensors; t-- > layer->first;)
			succeed(rank, group,
				fpr_group_push(group, t, 0, rank->model.tensors[t].bytes),
				"pushing");
	}
}

static void step(struct rank *rank, struct fpr_group *group)
{
	succeed(rank, group, fpr_group_step(group, 0), "a step");
	forward(rank, group);
	backward(rank, group);
}

/* ---- a run ------------------------------------------------------------- */

static struct fpr_group *join(struct rank *rank, int mode)
{
	struct fpr_group_options options;
	struct fpr_group *group = NULL;
	int ret = fpr_group_options_init(&options, mode);

	options.optimizer = FPR_GROUP_SUM;
	options.config.timeout_ns = TIMEOUT_NS;
	if (!rank->tune)
		options.tune_steps = 0;
	if (!ret)
		ret = fpr_group_create(MPI_COMM_WORLD, &options, &group);
	succeed(rank, group, ret, "joining");
	for (uint32_t t = 0; t < rank->model.tensor_count; t++) {
		const struct fpr_group_tensor tensor = {
			.gradient = rank->gradient[t],
			.parameter = rank->parameter[t],
			.elements = rank->model.tensors[t].bytes / sizeof(float),
			.list_index = rank->model.tensors[t].list_index};
		uint32_t index;

		succeed(rank, group, fpr_group_add(group, &tensor, &index), "a tensor");
	}
	succeed(rank, group, fpr_group_start(group), "starting");
	return group;
}

static struct fpr_group_stats stats_of(const struct rank *rank, struct fpr_group *group)
{
	struct fpr_group_stats stats;

	succeed(rank, group, fpr_group_get_stats(group, &stats), "figures");
	return stats;
}

/* A step ends trials on all ranks at once. */
static void tune(struct rank *rank, struct fpr_group *group)
{
	do
		step(rank, group);
	while (stats_of(rank, group).tuning);
}

/* Bytes of slices that a rank sends in a step: all but its own as a worker, its own to all others
 * as a server. 2 (N - 1) / N of the model, when servers have as much each. */
static double must_send(const struct rank *rank, struct fpr_group *group)
{
	const struct fpr_group_stats stats = stats_of(rank, group);
	struct fpr_sync_plan *plan;
	double own;

	succeed(rank, group,
		fpr_sync_plan_create(&stats.config, rank->model.tensors, rank->model.tensor_count,
				     &plan),
		"a plan");
	own = (double)fpr_sync_plan_load(plan, (uint32_t)rank->number);
	fpr_sync_plan_destroy(plan);
	return (double)rank->model.bytes - own + (rank->ranks - 1) * own;
}

/* Gradients are this rank's number + 1 everywhere. */
static void check_sums(const struct rank *rank)
{
	const float sum = (float)rank->ranks * (float)(rank->ranks + 1) / 2;

	for (uint32_t t = 0; t < rank->model.tensor_count; t++) {
		const uint64_t n = rank->model.tensors[t].bytes / sizeof(float);

		for (uint64_t i = 0; i < n; i += LOOK_AT)
			if (rank->parameter[t][i] != sum || rank->parameter[t][n - 1 - i] != sum)
				give_up(rank, "a parameter", "wrong sum");
	}
}

static void report(const struct rank *rank, int mode, double step_s, double carried)
{
	const double mine[2] = {step_s, carried};
	double *all = calloc(2 * (size_t)rank->ranks, sizeof(*all)), slowest = 0;

	if (!all)
		give_up(rank, "report", strerror(ENOMEM));
	MPI_Gather(mine, 2, MPI_DOUBLE, all, 2, MPI_DOUBLE, 0, MPI_COMM_WORLD);
	for (int i = 0; i < rank->ranks; i++)
		slowest = all[2 * i] > slowest ? all[2 * i] : slowest;
	if (!rank->number) {
		printf("run %s %.9f", fpr_sync_mode_name(mode), slowest);
		for (int i = 0; i < rank->ranks; i++)
			printf(" %.6f", all[2 * i + 1]);
		putchar('\n');
		fflush(stdout);
	}
	free(all);
}

static void run(struct rank *rank, int mode)
{
	struct fpr_group *group = join(rank, mode);
	uint64_t began, sent;
	double must;

	rank->at_ns = now_ns();
	if (rank->tune && mode == FPR_SYNC_BEST)
		tune(rank, group);
	must = must_send(rank, group) * (rank->warm + rank->steps);
	sent = link_bytes(rank);
	for (int i = 0; i < rank->warm; i++)
		step(rank, group);
	began = now_ns();
	for (int i = 0; i < rank->steps; i++)
		step(rank, group);
	began = now_ns() - began;
	succeed(rank, group, fpr_group_finish(group), "finishing");
	sent = link_bytes(rank) - sent;
	fpr_group_destroy(group);
	check_sums(rank);
	report(rank, mode, (double)began / 1e9 / rank->steps, must > 0 ? (double)sent / must : 1);
}

/* ---- the process ------------------------------------------------------- */

static float *numbers(const struct rank *rank, uint64_t bytes, float value)
{
	float *all = malloc(bytes);

	if (!all)
		give_up(rank, "a tensor", strerror(ENOMEM));
	for (uint64_t i = 0; i < bytes / sizeof(float); i++)
		all[i] = value;
	return all;
}

static void prepare(struct rank *rank, double step_s)
{
	struct model *model = &rank->model;

	rank->layer_ns = calloc(model->layer_count, sizeof(*rank->layer_ns));
	rank->gradient = calloc(model->tensor_count, sizeof(*rank->gradient));
	rank->parameter = calloc(model->tensor_count, sizeof(*rank->parameter));
	if (!rank->layer_ns || !rank->gradient || !rank->parameter)
		give_up(rank, "the model", strerror(ENOMEM));
	sim_layers_ns(model, &reference_constants, step_s, rank->layer_ns);
	for (uint32_t t = 0; t < model->tensor_count; t++) {
		rank->gradient[t] =
			numbers(rank, model->tensors[t].bytes, (float)(rank->number + 1));
		rank->parameter[t] = numbers(rank, model->tensors[t].bytes, 0);
	}
}

static void release(struct rank *rank)
{
	for (uint32_t t = 0; t < rank->model.tensor_count; t++) {
		free(rank->gradient[t]);
		free(rank->parameter[t]);
	}
	free(rank->gradient);
	free(rank->parameter);
	free(rank->layer_ns);
	model_free(&rank->model);
}

int main(int argc, char **argv)
{
	struct rank rank = {0};
	int level;

	if (argc != 8) {
		complain("fprnet-rank is started by fprnet replay");
		return EXIT_USAGE;
	}
	MPI_Init_thread(&argc, &argv, MPI_THREAD_SERIALIZED, &level);
	MPI_Comm_rank(MPI_COMM_WORLD, &rank.number);
	MPI_Comm_size(MPI_COMM_WORLD, &rank.ranks);
	if (model_load(argv[1], &rank.model) != EXIT_OK ||
	    modes_parse(argv[2], rank.mode, &rank.modes) != EXIT_OK)
		give_up(&rank, "arguments", "not understood");
	rank.repeats = atoi(argv[4]);
	rank.warm = atoi(argv[5]);
	rank.steps = atoi(argv[6]);
	rank.tune = atoi(argv[7]);
	prepare(&rank, strtod(argv[3], NULL));
	/* In turns, and who is first takes turns too, so that what drifts hits all alike. */
	for (int repeat = 0; repeat < rank.repeats; repeat++)
		for (int i = 0; i < rank.modes; i++)
			run(&rank, rank.mode[(repeat + i) % rank.modes]);
	MPI_Finalize();
	release(&rank);
	return EXIT_OK;
}
