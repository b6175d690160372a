/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* RTLD_NEXT */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "fpr.h"

/*
 * Preloaded in front of libfpr: a board that is broken elsewhere than in its memory.
 * FPR_BAD_BOARD is "bits": a bit of each product is wrong; "counters": a term too many is
 * counted; "order": transfers end the other way round; "silent", "few": doorbells are rung, and
 * no or one interrupt comes. What holds a slash is a command, run when an engine's
 * counters are read for the first time.
 */

static void *real(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

static int is(const char *how)
{
	const char *wanted = getenv("FPR_BAD_BOARD");

	return wanted && !strcmp(wanted, how);
}

typedef int submit(struct fpr_queue *, const struct fpr_gemm_job *, size_t,
		   struct fpr_fence *const *, size_t, struct fpr_fence **);

int fpr_gemm_submit(struct fpr_queue *queue, const struct fpr_gemm_job *jobs, size_t n_jobs,
		    struct fpr_fence *const *waits, size_t n_waits, struct fpr_fence **fence)
{
	submit *call = (submit *)real("fpr_gemm_submit");
	int ret = call(queue, jobs, n_jobs, waits, n_waits, fence);
	void *c;

	if (ret || !fence || !is("bits") || !jobs->gemm.m || !jobs->gemm.n)
		return ret;
	fpr_fence_wait(*fence, FPR_WAIT_FOREVER);
	if (fpr_buffer_map(jobs->c, &c))
		abort();
	*((unsigned char *)c + jobs->c_offset) ^= 1;
	return 0;
}

typedef int result(struct fpr_fence *, size_t, struct fpr_gemm_result *);

int fpr_fence_result(struct fpr_fence *fence, size_t index, struct fpr_gemm_result *r)
{
	result *call = (result *)real("fpr_fence_result");
	int ret = call(fence, index, r);

	if (!ret && is("counters"))
		r->counters.terms_issued++;
	return ret;
}

typedef int moved(struct fpr_fence *, size_t, struct fpr_transfer_result *);

int fpr_fence_transfer_result(struct fpr_fence *fence, size_t index, struct fpr_transfer_result *r)
{
	moved *call = (moved *)real("fpr_fence_transfer_result");
	int ret = call(fence, index, r);

	if (!ret && is("order"))
		r->board_ns = ~r->board_ns;
	return ret;
}

typedef int counters(struct fpr_device *, enum fpr_counters, struct fpr_engine_counters *);

int fpr_counters_engine(struct fpr_device *device, enum fpr_counters engine,
			struct fpr_engine_counters *c)
{
	counters *call = (counters *)real("fpr_counters_engine");
	const char *how = getenv("FPR_BAD_BOARD");
	static uint64_t calls;
	int ret;

	if (!calls++ && how && strchr(how, '/')) {
		unsetenv("LD_PRELOAD");
		if (system(how))
			abort();
	}
	ret = call(device, engine, c);
	if (is("silent") || is("few"))
		c->doorbells = calls;
	if (is("few"))
		c->interrupts = calls > 1;
	return ret;
}
