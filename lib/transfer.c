/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "backend.h"

void fpr_transfer_init(struct fpr_transfer_job *job, enum fpr_direction direction,
		       struct fpr_buffer *host, struct fpr_buffer *board, uint64_t bytes)
{
	memset(job, 0, sizeof(*job));
	job->host = host;
	job->board = board;
	job->bytes = bytes;
	job->priority = FPR_PRIORITY_DEFAULT;
	job->direction = (uint8_t)direction;
}

static int check_accumulate(const struct fpr_transfer_job *job)
{
	if (job->direction != FPR_TO_BOARD)
		return -EINVAL;
	if ((job->host_offset | job->board_offset | job->bytes) % FPR_TRANSFER_ADD_ALIGN)
		return -EINVAL;
	return 0;
}

static int check_transfer(const struct fpr_transfer_job *job, const struct fpr_device *device)
{
	const uint64_t widens = job->op == FPR_TRANSFER_ADD_BF16_F32 ? 2 : 1;

	if (job->flags || job->op > FPR_TRANSFER_ADD_BF16_F32 || job->direction > FPR_TO_HOST)
		return -EINVAL;
	for (size_t i = 0; i < sizeof(job->reserved) / sizeof(job->reserved[0]); i++)
		if (job->reserved[i])
			return -EINVAL;
	if (!job->host || !job->board || !job->bytes || job->bytes > UINT64_MAX / widens)
		return -EINVAL;
	if (job->host->flags & FPR_BUFFER_BOARD || !(job->board->flags & FPR_BUFFER_BOARD))
		return -EINVAL;
	if (!fpr_buffer_holds(job->host, device, job->host_offset, job->bytes) ||
	    !fpr_buffer_holds(job->board, device, job->board_offset, job->bytes * widens))
		return -EINVAL;
	return job->op == FPR_TRANSFER_COPY ? 0 : check_accumulate(job);
}

int fpr_transfer_submit(struct fpr_queue *queue, const struct fpr_transfer_job *jobs, size_t n_jobs,
			struct fpr_fence *const *waits, size_t n_waits, struct fpr_fence **fence)
{
	struct fpr_submission *submission;
	int ret;

	if (!queue || !jobs || !n_jobs || n_jobs > SIZE_MAX / sizeof(*jobs))
		return -EINVAL;
	for (size_t i = 0; i < n_jobs; i++)
		if (check_transfer(&jobs[i], queue->child.device))
			return -EINVAL;
	ret = fpr_waits_check(queue, waits, n_waits);
	if (ret)
		return ret;
	submission = fpr_submission_new(queue, waits, n_waits, n_jobs, 1);
	if (!submission)
		return -ENOMEM;
	for (size_t i = 0; i < n_jobs; i++) {
		submission->transfers[i] = jobs[i];
		fpr_submission_hold(jobs[i].host);
		fpr_submission_hold(jobs[i].board);
	}
	return fpr_submission_run(submission, fence);
}
