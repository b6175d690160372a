/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>

#include "backend.h"

int fpr_fence_create(struct fpr_device *device, size_t jobs, int transfers,
		     struct fpr_fence **fence)
{
	struct fpr_fence *f = fpr_child_alloc(device, device->backend->fence_size);
	int ret = -ENOMEM;

	if (!f)
		return -ENOMEM;
	f->child.holds = 2;
	f->jobs = jobs;
	if (transfers)
		f->moved = calloc(jobs, sizeof(*f->moved));
	else
		f->results = calloc(jobs, sizeof(*f->results));
	if (!f->results && !f->moved)
		goto free_fence;
	ret = device->backend->fence_create(f);
	if (ret)
		goto free_results;
	*fence = f;
	return 0;

free_results:
	free(f->moved);
	free(f->results);
free_fence:
	fpr_child_free(&f->child);
	return ret;
}

void fpr_fence_release(struct fpr_fence *fence)
{
	fence->child.device->backend->fence_release(fence);
	free(fence->moved);
	free(fence->results);
	fpr_child_free(&fence->child);
}

void fpr_fence_put(struct fpr_fence *fence)
{
	if (fpr_child_put(&fence->child))
		fpr_fence_release(fence);
}

void fpr_fence_destroy(struct fpr_fence *fence)
{
	if (fence)
		fpr_fence_put(fence);
}

int fpr_fence_status(const struct fpr_fence *fence)
{
	for (size_t i = 0; i < fence->jobs; i++) {
		int status = fence->moved ? fence->moved[i].status : fence->results[i].status;

		if (status)
			return status;
	}
	return 0;
}

int fpr_fence_wait(struct fpr_fence *fence, int64_t timeout_ns)
{
	int ret;

	if (!fence || timeout_ns < FPR_WAIT_FOREVER)
		return -EINVAL;
	ret = fence->child.device->backend->fence_wait(fence, timeout_ns);
	return ret ? ret : fpr_fence_status(fence);
}

/* Return: 0: its results are final; -EBUSY: not yet. */
static int ended(struct fpr_fence *fence)
{
	int ret = fence->child.device->backend->fence_wait(fence, 0);

	return ret == -ETIME ? -EBUSY : ret;
}

int fpr_fence_result(struct fpr_fence *fence, size_t index, struct fpr_gemm_result *result)
{
	int ret;

	if (!fence || !result || !fence->results || index >= fence->jobs)
		return -EINVAL;
	ret = ended(fence);
	if (!ret)
		*result = fence->results[index];
	return ret;
}

int fpr_fence_transfer_result(struct fpr_fence *fence, size_t index,
			      struct fpr_transfer_result *result)
{
	int ret;

	if (!fence || !result || !fence->moved || index >= fence->jobs)
		return -EINVAL;
	ret = ended(fence);
	if (!ret)
		*result = fence->moved[index];
	return ret;
}
