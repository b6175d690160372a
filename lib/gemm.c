/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "backend.h"
#include "board.h"

uint8_t fpr_kind_default_t(enum fpr_kind kind)
{
	return FPR_KIND_T(kind);
}

void fpr_gemm_init(struct fpr_gemm_job *job, uint32_t m, uint32_t n, uint32_t k)
{
	memset(job, 0, sizeof(*job));
	job->gemm.m = m;
	job->gemm.n = n;
	job->gemm.k = k;
	job->gemm.batch = 1;
	job->gemm.kind = FPR_KIND_DEFAULT;
	job->gemm.serial = FPR_SERIAL_A;
	job->gemm.t = fpr_kind_default_t(FPR_KIND_DEFAULT);
	job->gemm.out = FPR_OUT_F32;
}

/* An operand of one job: where its bytes lie. */
struct range {
	const struct fpr_buffer *buffer;
	uint64_t offset, bytes;
};

static int check_range(const struct range *range, const struct fpr_device *device,
		       unsigned int element)
{
	if (!range->buffer)
		return range->bytes ? -EINVAL : 0;
	if (range->offset % element ||
	    !fpr_buffer_holds(range->buffer, device, range->offset, range->bytes))
		return -EINVAL;
	return 0;
}

static int overlap(const struct range *x, const struct range *y)
{
	return x->bytes && y->bytes && x->buffer == y->buffer && x->offset < y->offset + y->bytes &&
	       y->offset < x->offset + x->bytes;
}

/* The board itself never sees `auto`. */
static int extent_of(const struct fpr_gemm *asked, struct fpr_gemm_extent *extent)
{
	struct fpr_gemm gemm = *asked;

	if (gemm.serial == FPR_SERIAL_AUTO)
		gemm.serial = FPR_SERIAL_A;
	return fpr_gemm_check(&gemm) || fpr_gemm_extent(&gemm, extent) ? -EINVAL : 0;
}

int fpr_gemm_bytes(const struct fpr_gemm *gemm, uint64_t *a, uint64_t *b, uint64_t *c)
{
	struct fpr_gemm_extent extent;

	if (!gemm || !a || !b || !c || extent_of(gemm, &extent))
		return -EINVAL;
	*a = extent.a;
	*b = extent.b;
	*c = extent.c;
	return 0;
}

static int check_job(const struct fpr_gemm_job *job, const struct fpr_device *device)
{
	const unsigned int c_element = job->gemm.out == FPR_OUT_BF16 ? 2 : 4;
	struct fpr_gemm_extent extent;

	if (job->flags & ~FPR_JOB_NO_COUNTERS || job->reserved || extent_of(&job->gemm, &extent))
		return -EINVAL;

	const struct range a = {job->a, job->a_offset, extent.a};
	const struct range b = {job->b, job->b_offset, extent.b};
	const struct range c = {job->c, job->c_offset, extent.c};

	if (check_range(&a, device, 2) || check_range(&b, device, 2) ||
	    check_range(&c, device, c_element))
		return -EINVAL;
	return overlap(&c, &a) || overlap(&c, &b) ? -EINVAL : 0;
}

static int check_call(const struct fpr_queue *queue, const struct fpr_gemm_job *jobs, size_t n_jobs,
		      struct fpr_fence *const *waits, size_t n_waits)
{
	if (!queue || !jobs || !n_jobs || n_jobs > SIZE_MAX / sizeof(*jobs))
		return -EINVAL;
	for (size_t i = 0; i < n_jobs; i++)
		if (check_job(&jobs[i], queue->child.device))
			return -EINVAL;
	return fpr_waits_check(queue, waits, n_waits);
}

int fpr_gemm_submit(struct fpr_queue *queue, const struct fpr_gemm_job *jobs, size_t n_jobs,
		    struct fpr_fence *const *waits, size_t n_waits, struct fpr_fence **fence)
{
	struct fpr_submission *submission;
	int ret;

	ret = check_call(queue, jobs, n_jobs, waits, n_waits);
	if (ret)
		return ret;
	submission = fpr_submission_new(queue, waits, n_waits, n_jobs, 0);
	if (!submission)
		return -ENOMEM;
	for (size_t i = 0; i < n_jobs; i++) {
		submission->jobs[i] = jobs[i];
		fpr_submission_hold(jobs[i].a);
		fpr_submission_hold(jobs[i].b);
		fpr_submission_hold(jobs[i].c);
	}
	return fpr_submission_run(submission, fence);
}

/* NAF digits that the array sees: an operand that the batch shares counts for each entry. */
static int count_terms(struct fpr_buffer *buffer, uint64_t offset, uint32_t rows, uint32_t cols,
		       uint32_t ld, uint64_t stride, uint32_t batch, uint64_t *terms)
{
	struct fpr_operand_stats stats = {0};
	const uint16_t *x;
	void *ptr;
	int ret;

	ret = fpr_buffer_map(buffer, &ptr);
	if (ret)
		return ret;
	x = (const uint16_t *)((const char *)ptr + offset);
	for (uint32_t i = 0; i < (stride ? batch : 1); i++)
		fpr_operand_stats(x + i * stride, rows, cols, ld ? ld : cols, &stats);
	*terms = stride ? stats.terms : stats.terms * batch;
	return 0;
}

int fpr_gemm_run_as(const struct fpr_gemm_job *job, struct fpr_gemm *gemm)
{
	const uint32_t batch = job->gemm.batch ? job->gemm.batch : 1;
	uint64_t a_terms, b_terms;
	int ret;

	*gemm = job->gemm;
	if (gemm->serial != FPR_SERIAL_AUTO)
		return 0;
	gemm->serial = FPR_SERIAL_A;
	if (!gemm->m || !gemm->n || !gemm->k)
		return 0;
	ret = count_terms(job->a, job->a_offset, gemm->trans_a ? gemm->k : gemm->m,
			  gemm->trans_a ? gemm->m : gemm->k, gemm->lda, gemm->stride_a, batch,
			  &a_terms);
	if (ret)
		return ret;
	ret = count_terms(job->b, job->b_offset, gemm->trans_b ? gemm->n : gemm->k,
			  gemm->trans_b ? gemm->k : gemm->n, gemm->ldb, gemm->stride_b, batch,
			  &b_terms);
	if (!ret && b_terms < a_terms)
		gemm->serial = FPR_SERIAL_B;
	return ret;
}

int fpr_operand_count(struct fpr_buffer *buffer, uint64_t offset, uint32_t rows, uint32_t cols,
		      uint32_t ld, struct fpr_operand_stats *stats)
{
	struct fpr_operand_stats counted = {0};
	uint64_t elements;
	void *ptr;
	int ret;

	if (!buffer || !stats || offset % 2 || offset > buffer->size)
		return -EINVAL;
	if (!ld)
		ld = cols;
	if (rows > FPR_DIM_MAX || cols > FPR_DIM_MAX || ld > FPR_DIM_MAX || ld < cols)
		return -EINVAL;
	elements = rows && cols ? (uint64_t)(rows - 1) * ld + cols : 0;
	if (elements > (buffer->size - offset) / 2)
		return -EINVAL;
	ret = fpr_buffer_map(buffer, &ptr);
	if (ret)
		return ret;
	fpr_operand_stats((const uint16_t *)((const char *)ptr + offset), rows, cols, ld, &counted);
	*stats = counted;
	return 0;
}
