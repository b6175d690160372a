/* SPDX-License-Identifier: MIT */

/* A product of two by two matrices, on the board in this process. */

#include <fpr.h>
#include <stdio.h>
#include <string.h>

int main(void)
{
	const uint16_t ab[] = {0x3f80, 0x4040, 0, 0xbf80, 0x3f80, 0x40a0, 0x3f80, 0};
	struct fpr_device *device;
	struct fpr_buffer *memory;
	struct fpr_queue *queue;
	struct fpr_fence *fence;
	struct fpr_gemm_result cost;
	struct fpr_gemm_job job;
	void *at;

	if (fpr_device_open("local", &device) || fpr_queue_create(device, 0, &queue) ||
	    fpr_buffer_create(device, 4096, 0, &memory) || fpr_buffer_map(memory, &at))
		return 1;
	memcpy(at, ab, sizeof(ab)); /* A: 1 3, 0 -1; B: 1 5, 1 0 */
	fpr_gemm_init(&job, 2, 2, 2);
	job.a = job.b = job.c = memory;
	job.b_offset = 4 * sizeof(uint16_t);
	job.c_offset = 64;
	if (fpr_gemm_submit(queue, &job, 1, NULL, 0, &fence) ||
	    fpr_fence_wait(fence, FPR_WAIT_FOREVER) || fpr_fence_result(fence, 0, &cost))
		return 1;
	const float *c = (const float *)at + 16;
	printf("%g %g\n%g %g\n%lu cycles\n", c[0], c[1], c[2], c[3], cost.counters.cycles_total);
	return 0;
}
