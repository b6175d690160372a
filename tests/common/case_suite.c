/* SPDX-License-Identifier: MIT */
#include "cases.h"

#include <stdlib.h>

#include "stride.h"

struct suite {
	case_visit visit;
	void *context;
	long only; /* the one case to visit, or negative for all */
	unsigned int number;
};

static void add(struct suite *suite, const struct fpr_gemm *job, enum case_values values)
{
	unsigned int number = suite->number++;
	struct test_case tc;

	if (suite->only >= 0 ? (unsigned long)suite->only != number : number % test_stride())
		return;
	case_build(&tc, job, values, number + 1);
	tc.number = number;
	suite->visit(&tc, suite->context);
	case_free(&tc);
}

/* Each kind with its default T, alternately on either side. */
static struct fpr_gemm shape(unsigned int kind, uint32_t m, uint32_t n, uint32_t k)
{
	return (struct fpr_gemm){
		.m = m,
		.n = n,
		.k = k,
		.batch = 1,
		.kind = (uint8_t)kind,
		.t = FPR_KIND_T(kind),
	};
}

static void add_values(struct suite *suite)
{
	for (unsigned int values = 0; values < CASE_VALUES; values++) {
		for (unsigned int i = 0; i < FPR_KINDS * 8; i++) {
			struct fpr_gemm job = shape(i % FPR_KINDS, 9, 10, 70);

			job.serial = i / FPR_KINDS % 2;
			job.out = i / FPR_KINDS / 2 % 2;
			job.accumulate = i / FPR_KINDS / 4 % 2;
			if (values == CASE_RARE_SPECIAL)
				job.k = 200;
			add(suite, &job, values);
		}
	}
}

static void add_thresholds(struct suite *suite)
{
	static const enum case_values values[] = {CASE_WIDE, CASE_LADDER, CASE_DECAY,
						  CASE_ALL_ONES};
	static const enum fpr_kind terms[] = {FPR_KIND_CHUNK, FPR_KIND_SET, FPR_KIND_VALUE};

	for (unsigned int t = 0; t <= FPR_T_MAX; t++) {
		for (unsigned int i = 0; i < 24; i++) {
			struct fpr_gemm job = shape(terms[i % 3], 8, 9, 72);

			job.t = (uint8_t)t;
			job.serial = i / 3 % 2;
			add(suite, &job, values[i / 6]);
		}
	}
}

static void add_lengths(struct suite *suite)
{
	static const uint32_t k[] = {0, 1, 7, 8, 9, 63, 64, 65, 127, 128, 511, 512, 513, 1025};

	for (unsigned int i = 0; i < sizeof(k) / sizeof(*k); i++) {
		for (unsigned int j = 0; j < FPR_KINDS * 8; j++) {
			struct fpr_gemm job = shape(j % FPR_KINDS, 3, 9, k[i]);

			job.accumulate = j / FPR_KINDS % 2;
			job.out = j / FPR_KINDS / 2 % 2;
			job.serial = j / FPR_KINDS / 4 % 2;
			add(suite, &job, case_options(j) % 2 ? CASE_WIDE : CASE_NORMAL);
		}
	}
}

static void add_sizes(struct suite *suite)
{
	static const uint32_t size[] = {0, 1, 7, 8, 9, 17};
	const unsigned int n = sizeof(size) / sizeof(*size);

	for (unsigned int i = 0; i < n * n; i++) {
		for (unsigned int kind = 0; kind < FPR_KINDS; kind++) {
			struct fpr_gemm job = shape(kind, size[i / n], size[i % n], 33);

			job.serial = i % 2;
			job.accumulate = i / 2 % 2;
			add(suite, &job, i % 3 ? CASE_NORMAL : CASE_SPARSE);
		}
	}
}

/* Batches: packed, A shared, B shared, entries of C in one another's rows, A overlapping. */
static void set_batch(struct fpr_gemm *job, unsigned int how)
{
	uint64_t lda = job->lda ? job->lda : job->trans_a ? job->m : job->k;
	uint64_t ldb = job->ldb ? job->ldb : job->trans_b ? job->k : job->n;

	job->batch = 3;
	job->stride_a = how == 1 ? 0 : how == 4 ? 2 : lda * (job->trans_a ? job->k : job->m);
	job->stride_b = how == 2 ? 0 : ldb * (job->trans_b ? job->n : job->k) + 5;
	job->stride_c = (job->ldc ? job->ldc : job->n) * (uint64_t)job->m;
	if (how == 3) {
		job->stride_c = job->n + job->n % 2;
		job->ldc = (uint32_t)(3 * job->stride_c);
	}
}

static void set_padding(struct fpr_gemm *job)
{
	job->lda = (job->trans_a ? job->m : job->k) + 3;
	job->ldb = (job->trans_b ? job->k : job->n) + 1;
	job->ldc = job->n + 2;
}

static void add_layouts(struct suite *suite)
{
	for (unsigned int i = 0; i < FPR_KINDS * 2 * 4 * 2 * 6; i++) {
		struct fpr_gemm job = shape(i % FPR_KINDS, 7, 10, 21);
		unsigned int option = i / FPR_KINDS, other = case_options(i);
		unsigned int batch = option / 16;

		job.serial = option % 2;
		job.trans_a = option / 2 % 2;
		job.trans_b = option / 4 % 2;
		job.out = other % 2;
		job.accumulate = other / 2 % 2;
		if (option / 8 % 2)
			set_padding(&job);
		if (batch < 5)
			set_batch(&job, batch);
		else
			job.batch = 0;
		add(suite, &job, other % 5 ? CASE_NORMAL : CASE_RARE_SPECIAL);
	}
}

/* Several tiles in both directions and several panels. */
static void add_panels(struct suite *suite)
{
	for (unsigned int i = 0; i < FPR_KINDS * 4; i++) {
		unsigned int options = case_options(i);
		struct fpr_gemm job =
			shape(i % FPR_KINDS, options % 2 ? 7 : 17, options % 4 > 1 ? 9 : 8, 1100);

		job.serial = options % 2;
		job.trans_a = options / 2 % 2;
		job.trans_b = options / 4 % 2;
		add(suite, &job, options % 3 ? CASE_NORMAL : CASE_ZERO_ROWS);
	}
}

void case_random_job(struct case_random *random, struct fpr_gemm *job, uint32_t most_outputs,
		     uint32_t most_products)
{
	uint32_t m = 1 + case_below(random, most_outputs < 40 ? most_outputs : 40);
	uint32_t n = 1 + case_below(random, most_outputs / m);
	uint32_t k = case_below(random, most_products / (m * n) + 1);
	uint32_t bits = case_below(random, 1u << 16);

	*job = shape(bits % FPR_KINDS, m, n, k < 3000 ? k : 3000);
	job->t = (uint8_t)case_below(random, FPR_T_MAX + 1);
	job->serial = bits >> 4 & 1;
	job->out = bits >> 5 & 1;
	job->trans_a = bits >> 6 & 1;
	job->trans_b = bits >> 7 & 1;
	job->accumulate = bits >> 8 & 1;
	if (bits >> 9 & 1)
		set_padding(job);
	if ((bits >> 10 & 3) == 0)
		set_batch(job, case_below(random, 5));
}

static void add_random(struct suite *suite)
{
	struct case_random random = {2};

	for (unsigned int i = 0; i < 300; i++) {
		struct fpr_gemm job;

		case_random_job(&random, &job, 300, 8000);
		add(suite, &job, case_below(&random, CASE_VALUES));
	}
}

unsigned int case_suite(case_visit visit, void *context)
{
	const char *only = getenv("FPR_CASE");
	struct suite suite = {
		.visit = visit,
		.context = context,
		.only = only ? atol(only) : -1,
	};

	add_values(&suite);
	add_thresholds(&suite);
	add_lengths(&suite);
	add_sizes(&suite);
	add_layouts(&suite);
	add_panels(&suite);
	add_random(&suite);
	return suite.number;
}
