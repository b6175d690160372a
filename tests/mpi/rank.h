/* SPDX-License-Identifier: MIT */
#ifndef TESTS_MPI_RANK_H
#define TESTS_MPI_RANK_H

/*
 * What programs that run as ranks share: a model with made-up gradients that depend
 * on the parameters, and a reference that does all ranks' work in one process.
 */

#include <stdio.h>
#include <stdlib.h>

#include "fpr_sync.h"

/* Says where and why, and ends all ranks. */
#define CHECK(condition, ...)                                                           \
	do {                                                                            \
		if (!(condition)) {                                                     \
			fprintf(stderr, "%s:%d: %s: ", __FILE__, __LINE__, #condition); \
			fprintf(stderr, __VA_ARGS__);                                   \
			fputc('\n', stderr);                                            \
			abort();                                                        \
		}                                                                       \
	} while (0)

/* Like CHECK() for calls of the library: prints the group's own words. */
#define MUST(group, call)                                                           \
	do {                                                                        \
		const int must_ret = (call);                                        \
		char must_text[FPR_GROUP_ERROR_MAX] = "";                           \
		if (must_ret)                                                       \
			fpr_group_error(group, must_text, sizeof(must_text), NULL); \
		CHECK(!must_ret, "%d: %s", must_ret, must_text);                    \
	} while (0)

uint64_t rank_hash(uint64_t a, uint64_t b);

/**
 * struct rank_model - tensors of fp32 numbers, one behind another
 * @count: tensors
 * @elements: of each
 * @at: first element of each
 * @total: elements in all
 */
struct rank_model {
	uint32_t count;
	uint64_t *elements, *at, total;
};

/* Random sizes: many small tensors, some large, one of a single number. */
struct rank_model rank_model_make(uint64_t seed, uint32_t count, uint64_t largest);
void rank_model_free(struct rank_model *model);

/* A number of a worker's gradient; @p is the parameter that the forward pass saw. */
float rank_gradient(uint64_t seed, uint32_t worker, uint64_t step, uint64_t index, float p);

/**
 * struct rank_reference - the same training in one process
 * @p: parameters
 * @state: the optimiser's
 * @step: done
 */
struct rank_reference {
	float *p, *state[2];
	uint64_t step;
};

struct rank_reference rank_reference_make(const struct rank_model *model, uint64_t seed);
void rank_reference_free(struct rank_reference *reference);
/* One step of @workers ranks, whose gradients are added in order. */
void rank_reference_step(struct rank_reference *reference, const struct rank_model *model,
			 const struct fpr_group_options *options, uint32_t workers, uint64_t seed,
			 double rate);

#endif
