/* SPDX-License-Identifier: MIT */

/* Two by three times three by two, on the board in this process. */

#include <fpr.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

int main(void)
{
	const uint16_t a[2][3] = {{0x3f80, 0x4000, 0x4040},
				  {0, 0x3f80, 0xbf80}}; /* 1 2 3, 0 1 -1 */
	const uint16_t b[3][2] = {{0x3f80, 0}, {0, 0x3f80}, {0x3f80, 0x3f80}};
	struct fpr_device *device;
	struct fpr_buffer *in, *out;
	struct fpr_queue *queue;
	struct fpr_fence *fence;
	struct fpr_gemm_result result;
	struct fpr_gemm_job job;
	void *x, *y;

	if (fpr_device_open("local", &device) || fpr_queue_create(device, 0, &queue) ||
	    fpr_buffer_create(device, sizeof(a) + sizeof(b), 0, &in) ||
	    fpr_buffer_create(device, 4 * sizeof(float), 0, &out) || fpr_buffer_map(in, &x) ||
	    fpr_buffer_map(out, &y))
		return 1;
	memcpy(x, a, sizeof(a));
	memcpy((char *)x + sizeof(a), b, sizeof(b));
	fpr_gemm_init(&job, 2, 2, 3);
	job.a = in;
	job.b = in;
	job.b_offset = sizeof(a);
	job.c = out;
	if (fpr_gemm_submit(queue, &job, 1, NULL, 0, &fence) ||
	    fpr_fence_wait(fence, FPR_WAIT_FOREVER) || fpr_fence_result(fence, 0, &result))
		return 1;
	for (int i = 0; i < 4; i++)
		printf("%g%c", ((const float *)y)[i], i % 2 ? '\n' : ' ');
	printf("%" PRIu64 " cycles\n", result.counters.cycles_total);
	fpr_fence_destroy(fence);
	fpr_buffer_destroy(out);
	fpr_buffer_destroy(in);
	fpr_queue_destroy(queue);
	fpr_device_close(device);
	return 0;
}
