/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <stddef.h>
#include <string.h>

#include "../fprctl/options.h"
#include "fprnet.h"
#include "paper.h"

#define GATED_MAX 2
#define VALUES_MAX 8
#define RESIDUALS_MAX (GATED_MAX * PAPER_POINTS_MAX * PAPER_MODES)
/* Slopes are taken over so much of a value; losses that fall by less than a part are as good. */
#define PROBE 0.03
#define ENOUGH 0.005
#define FIRST_STEP 0.4
#define LAST_STEP 0.02

/*
 * The constants that are fitted; latency and the cost of outputs stay the reference's. First, with
 * each network's computing, what slices see, then what only whole tensors see. A chunk is not to be
 * smaller than a slice, which would mix the two.
 */
static const struct {
	const char *name;
	size_t offset;
	double low, high;
} fitted[] = {
	{"efficiency", offsetof(struct constants, efficiency), 0.9, 1},
	{"message_us", offsetof(struct constants, message_us), 1, 200},
	{"add_gbs", offsetof(struct constants, add_gbs), 0.5, 20},
	{"update_gbs", offsetof(struct constants, update_gbs), 0.5, 20},
	{"large_add_gbs", offsetof(struct constants, large_add_gbs), 0.2, 20},
	{"large_update_gbs", offsetof(struct constants, large_update_gbs), 0.1, 20},
	{"large_bytes", offsetof(struct constants, large_bytes), 1 << 18, 1 << 28},
	{"chunk_bytes", offsetof(struct constants, chunk_bytes), 200064, 1 << 24},
};

#define N_FITTED (sizeof(fitted) / sizeof(fitted[0]))

/**
 * struct guess - what is being fitted
 * @constants: of all networks
 * @step_s: of each gated network
 */
struct guess {
	struct constants constants;
	double step_s[GATED_MAX];
};

/**
 * struct task - what it is fitted to
 * @models: the networks
 * @papers: their curves
 * @count: of them
 * @first: of paper_modes, which are compared
 * @end: the last, plus one
 * @failed: a simulation, after a complaint; no other is made
 */
struct task {
	struct model models[GATED_MAX];
	const struct paper_model *papers;
	int count, first, end, failed;
};

static double *value(struct guess *guess, size_t i)
{
	return i < N_FITTED ? (double *)((char *)&guess->constants + fitted[i].offset)
			    : guess->step_s + (i - N_FITTED);
}

static double within(size_t i, double x)
{
	if (i >= N_FITTED)
		return x;
	return x < fitted[i].low ? fitted[i].low : x > fitted[i].high ? fitted[i].high : x;
}

/* Logarithm of simulated over published; 0 once a simulation has failed. */
static double residual(struct task *task, int model, const struct guess *guess,
		       const struct paper_point *point, int m)
{
	double rate;

	if (task->failed)
		return 0;
	rate = paper_simulate(task->models + model, &guess->constants, guess->step_s[model],
			      point->gbps, paper_modes[m]);
	task->failed = rate < 0;
	return task->failed ? 0 : log(rate / point->rate[m]);
}

/* At the points that may be fitted. Return: how many */
static int residuals_of(struct task *task, int model, const struct guess *guess, double *to)
{
	const struct paper_point *point = task->papers[model].points;
	int count = 0;

	for (; point->gbps > 0; point++)
		for (int m = task->first; paper_may_fit(point->gbps) && m < task->end; m++)
			to[count++] = residual(task, model, guess, point, m);
	return count;
}

static int residuals(struct task *task, const struct guess *guess, double *to)
{
	int count = 0;

	for (int i = 0; i < task->count; i++)
		count += residuals_of(task, i, guess, to + count);
	return count;
}

static double loss(const double *r, int count)
{
	double sum = 0;

	for (int i = 0; i < count; i++)
		sum += r[i] * r[i];
	return sum;
}

/* ---- smooth values: Levenberg-Marquardt in logarithms ------------------- */

/* Solves @a x = @b of @n rows, by elimination without pivoting: @a is positive definite. */
static void solve(double a[][VALUES_MAX], double *b, int n)
{
	for (int k = 0; k < n; k++) {
		for (int i = k + 1; i < n; i++) {
			const double part = a[i][k] / a[k][k];

			for (int j = k; j < n; j++)
				a[i][j] -= part * a[k][j];
			b[i] -= part * b[k];
		}
	}
	for (int k = n - 1; k >= 0; k--) {
		for (int j = k + 1; j < n; j++)
			b[k] -= a[k][j] * b[j];
		b[k] /= a[k][k];
	}
}

/* How each residual changes with the logarithm of each value. */
static void slopes(struct task *task, const struct guess *guess, const size_t *which, int n,
		   const double *r, double slope[][RESIDUALS_MAX])
{
	for (int k = 0; k < n; k++) {
		struct guess beside = *guess;
		int count;

		*value(&beside, which[k]) *= 1 - PROBE;
		count = residuals(task, &beside, slope[k]);
		for (int i = 0; i < count; i++)
			slope[k][i] = (slope[k][i] - r[i]) / log(1 - PROBE);
	}
}

/* The step that would be best were all slopes constant, shortened by @damping. */
static void move(struct guess *guess, const size_t *which, int n, double slope[][RESIDUALS_MAX],
		 const double *r, int count, double damping)
{
	double a[VALUES_MAX][VALUES_MAX] = {{0}}, b[VALUES_MAX] = {0};

	for (int k = 0; k < n; k++) {
		for (int j = 0; j < n; j++)
			for (int i = 0; i < count; i++)
				a[k][j] += slope[k][i] * slope[j][i];
		for (int i = 0; i < count; i++)
			b[k] -= slope[k][i] * r[i];
		a[k][k] = a[k][k] * (1 + damping) + 1e-6;
	}
	solve(a, b, n);
	for (int k = 0; k < n; k++) {
		double *x = value(guess, which[k]);

		*x = within(which[k], *x * exp(b[k]));
	}
}

static void descend(struct task *task, struct guess *guess, const size_t *which, int n)
{
	double r[RESIDUALS_MAX], slope[VALUES_MAX][RESIDUALS_MAX], damping = 0.01;
	int count = residuals(task, guess, r), progress = 1;

	while (progress) {
		const double before = loss(r, count);

		slopes(task, guess, which, n, r, slope);
		progress = 0;
		for (; !progress && damping < 1e3; damping *= 10) {
			struct guess next = *guess;
			double after[RESIDUALS_MAX];

			move(&next, which, n, slope, r, count, damping);
			residuals(task, &next, after);
			if (!(loss(after, count) < before * (1 - ENOUGH)))
				continue;
			*guess = next;
			memcpy(r, after, (size_t)count * sizeof(*r));
			damping /= 1000;
			progress = 1;
		}
	}
}

/* ---- values with jumps: compass search --------------------------------- */

/* Tries a value up and down by a factor. Return: the loss, which got no larger */
static double try_both(struct task *task, struct guess *guess, size_t i, double factor, double best)
{
	const double before = *value(guess, i);

	for (int up = 0; up < 2; up++) {
		double r[RESIDUALS_MAX], now;

		*value(guess, i) = within(i, up ? before * factor : before / factor);
		now = loss(r, residuals(task, guess, r));
		if (now < best)
			return now;
	}
	*value(guess, i) = before;
	return best;
}

/* Each value up and down by a step, which is halved when none helps. */
static void search(struct task *task, struct guess *guess, const size_t *which, int n)
{
	double r[RESIDUALS_MAX], best = loss(r, residuals(task, guess, r));

	for (double step = FIRST_STEP; step >= LAST_STEP;) {
		const double before = best;

		for (int i = 0; i < n; i++)
			best = try_both(task, guess, which[i], 1 + step, best);
		if (!(best < before * (1 - ENOUGH)))
			step /= 2;
	}
}

/* ---- what is fitted ---------------------------------------------------- */

static int load(struct task *task, const struct paper_model *papers, int count)
{
	*task = (struct task){.papers = papers};
	for (; task->count < count; task->count++)
		if (model_load(papers[task->count].file, task->models + task->count) != EXIT_OK)
			return EXIT_USAGE;
	return EXIT_OK;
}

static void unload(struct task *task)
{
	while (task->count)
		model_free(task->models + --task->count);
}

static void show(struct guess *guess)
{
	for (size_t i = 0; i < N_FITTED; i++)
		printf("%-18s %.4g\n", fitted[i].name, *value(guess, i));
}

/* What all networks share, and the gated ones' computing. */
static int fit_shared(struct guess *guess)
{
	static const size_t slices[] = {0, 1, 2, 3, N_FITTED, N_FITTED + 1}, whole[] = {4, 5, 6, 7};
	struct task task;
	int ret = load(&task, paper_models, GATED_MAX);

	for (int i = 0; ret == EXIT_OK && i < GATED_MAX; i++)
		guess->step_s[i] = task.models[i].step_s;
	if (ret == EXIT_OK) {
		task.first = 1;
		task.end = PAPER_MODES;
		descend(&task, guess, slices, sizeof(slices) / sizeof(slices[0]));
		task.first = 0;
		task.end = 1;
		search(&task, guess, whole, sizeof(whole) / sizeof(whole[0]));
		ret = task.failed ? EXIT_FAILED : EXIT_OK;
	}
	if (ret == EXIT_OK) {
		show(guess);
		for (int i = 0; i < GATED_MAX; i++)
			printf("step_s %-11s %.4g\n", paper_models[i].file, guess->step_s[i]);
	}
	unload(&task);
	return ret;
}

/* The others' computing alone. */
static int fit_step(const struct paper_model *paper, const struct guess *shared)
{
	static const size_t step[] = {N_FITTED};
	struct guess guess = *shared;
	struct task task;
	int ret = load(&task, paper, 1);

	if (ret == EXIT_OK) {
		task.first = 1;
		task.end = PAPER_MODES;
		guess.step_s[0] = task.models[0].step_s;
		descend(&task, &guess, step, 1);
		ret = task.failed ? EXIT_FAILED : EXIT_OK;
	}
	if (ret == EXIT_OK)
		printf("step_s %-11s %.4g\n", paper->file, guess.step_s[0]);
	unload(&task);
	return ret;
}

int fit_main(int argc, char **argv)
{
	static const struct option_row rows[] = {{0}};
	static const struct options options = {.command = "fit",
					       .summary =
						       "Fit constants to the even-Gbps points of "
						       "the P3 paper's figure 7 and print them.",
					       .rows = rows};
	struct guess guess = {.constants = reference_constants};
	int ret = options_parse(&options, argc, argv);

	if (ret != OPTIONS_PARSED)
		return ret;
	ret = fit_shared(&guess);
	for (const struct paper_model *p = paper_models; ret == EXIT_OK && p->file; p++)
		if (!p->gated)
			ret = fit_step(p, &guess);
	return ret;
}
