/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>

#include "backend.h"

int fpr_waits_check(const struct fpr_queue *queue, struct fpr_fence *const *waits, size_t n_waits)
{
	if ((n_waits && !waits) || n_waits > SIZE_MAX / sizeof(struct fpr_fence *) - 1)
		return -EINVAL;
	for (size_t i = 0; i < n_waits; i++)
		if (!waits[i] || waits[i]->child.device != queue->child.device)
			return -EINVAL;
	return 0;
}

struct fpr_submission *fpr_submission_new(struct fpr_queue *queue, struct fpr_fence *const *waits,
					  size_t n_waits, size_t n_jobs, int transfers)
{
	struct fpr_submission *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	if (transfers)
		s->transfers = calloc(n_jobs, sizeof(*s->transfers));
	else
		s->jobs = calloc(n_jobs, sizeof(*s->jobs));
	s->waits = calloc(n_waits + 1, sizeof(struct fpr_fence *));
	if ((!s->jobs && !s->transfers) || !s->waits) {
		free(s->waits);
		free(s->transfers);
		free(s->jobs);
		free(s);
		return NULL;
	}
	s->queue = queue;
	fpr_child_get(&queue->child);
	s->n_jobs = n_jobs;
	s->n_waits = n_waits;
	for (size_t i = 0; i < n_waits; i++) {
		s->waits[i] = waits[i];
		fpr_child_get(&waits[i]->child);
	}
	return s;
}

void fpr_submission_hold(struct fpr_buffer *buffer)
{
	if (buffer)
		fpr_child_get(&buffer->child);
}

static void drop(struct fpr_buffer *buffer)
{
	if (buffer)
		fpr_buffer_put(buffer);
}

void fpr_submission_free(struct fpr_submission *submission)
{
	for (size_t i = 0; i < submission->n_waits; i++)
		fpr_fence_put(submission->waits[i]);
	for (size_t i = 0; submission->jobs && i < submission->n_jobs; i++) {
		drop(submission->jobs[i].a);
		drop(submission->jobs[i].b);
		drop(submission->jobs[i].c);
	}
	for (size_t i = 0; submission->transfers && i < submission->n_jobs; i++) {
		drop(submission->transfers[i].host);
		drop(submission->transfers[i].board);
	}
	free(submission->waits);
	free(submission->transfers);
	free(submission->jobs);
	free(submission);
}

int fpr_submission_run(struct fpr_submission *submission, struct fpr_fence **fence)
{
	struct fpr_queue *queue = submission->queue;
	const struct fpr_backend *backend = queue->child.device->backend;
	const int transfers = submission->transfers != NULL;
	struct fpr_fence *work;
	int ret;

	ret = fpr_fence_create(queue->child.device, submission->n_jobs, transfers, &work);
	if (ret)
		goto free_submission;
	submission->fence = work;
	ret = transfers ? backend->transfer(submission) : backend->submit(submission);
	if (ret)
		goto release_fence;
	if (fence)
		*fence = work;
	else
		fpr_fence_put(work);
	return 0;

release_fence:
	fpr_fence_release(work);
free_submission:
	fpr_submission_free(submission);
	fpr_queue_put(queue);
	return ret;
}
