/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* RTLD_NEXT */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "fpr.h"

/*
 * Preloaded in front of libfpr: board memory that is broken. FPR_BAD_MEMORY is "stuck": a bit
 * of one cell reads 1; "alias": two places are one; "beside": a transfer to the board of
 * an odd length writes a byte too many.
 */

#define PLACE 0x12344u
#define BIT 0x20
#define ALIAS 0x100000u

typedef int submit(struct fpr_queue *, const struct fpr_transfer_job *, size_t,
		   struct fpr_fence *const *, size_t, struct fpr_fence **);

static submit *real(void)
{
	return (submit *)dlsym(RTLD_NEXT, "fpr_transfer_submit");
}

static int covers(const struct fpr_transfer_job *job, uint64_t place)
{
	return job->board_offset <= place && place < job->board_offset + job->bytes;
}

static void break_it(const char *how, const struct fpr_transfer_job *job)
{
	unsigned char *host;
	void *board;

	if (fpr_buffer_map(job->host, (void **)&host) || fpr_buffer_map(job->board, &board))
		abort();
	if (!strcmp(how, "stuck") && job->direction == FPR_TO_HOST && covers(job, PLACE))
		host[job->host_offset + PLACE - job->board_offset] |= BIT;
	if (!strcmp(how, "alias") && job->direction == FPR_TO_BOARD && covers(job, PLACE) &&
	    fpr_buffer_size(job->board) > PLACE + ALIAS)
		((unsigned char *)board)[PLACE + ALIAS] =
			host[job->host_offset + PLACE - job->board_offset];
	if (!strcmp(how, "beside") && job->direction == FPR_TO_BOARD && job->bytes % 2 &&
	    fpr_buffer_size(job->board) > job->board_offset + job->bytes)
		((unsigned char *)board)[job->board_offset + job->bytes] ^= 0xff;
}

int fpr_transfer_submit(struct fpr_queue *queue, const struct fpr_transfer_job *jobs, size_t n_jobs,
			struct fpr_fence *const *waits, size_t n_waits, struct fpr_fence **fence)
{
	const char *how = getenv("FPR_BAD_MEMORY");
	int ret = real()(queue, jobs, n_jobs, waits, n_waits, fence);

	if (ret || !fence || !how)
		return ret;
	fpr_fence_wait(*fence, FPR_WAIT_FOREVER);
	for (size_t i = 0; i < n_jobs; i++)
		break_it(how, &jobs[i]);
	return 0;
}
