/* SPDX-License-Identifier: MIT */
#ifndef FPR_CTL_BOARD_H
#define FPR_CTL_BOARD_H

#include "fpr.h"

/* An open device with a queue; opening complains and returns an exit code. */
struct board {
	struct fpr_device *device;
	struct fpr_queue *queue;
	struct fpr_device_info info;
};

int board_open(const char *name, struct board *board);
void board_close(struct board *board);

/**
 * board_failure() - what an error of a job or a call means, and what helps
 * @board: that it was on
 * @error: -errno
 * Return: a text for the end of a complaint, good until the next call
 */
const char *board_failure(const struct board *board, int error);

/**
 * struct product - one product and its operands on a board
 * @job: shape, options and buffers
 * @a: A's bytes, NULL when there are none; likewise
 * @b: B's
 * @c: C's, in and out
 */
struct product {
	struct fpr_gemm_job job;
	void *a, *b, *c;
};

/**
 * product_create() - room for a product's operands, all zeros
 * @board: the board
 * @gemm: shape and options
 * @a_bytes: of A; 0 for an operand without elements
 * @b_bytes: of B
 * @c_bytes: of C
 * @product: for product_destroy(), whatever this returns
 * Return: 0 or -errno
 */
int product_create(struct board *board, const struct fpr_gemm *gemm, uint64_t a_bytes,
		   uint64_t b_bytes, uint64_t c_bytes, struct product *product);
void product_destroy(struct product *product);

/**
 * board_wait() - wait for a submission to end, with a bar
 * @board: the board
 * @fence: of the submission
 * @engine: that does it
 * @what: for the bar
 * @total: tiles or bytes that it comes to; what others have the engine do meanwhile counts, too
 * Return: as fpr_fence_wait()
 */
int board_wait(struct board *board, struct fpr_fence *fence, enum fpr_counters engine,
	       const char *what, uint64_t total);

/* Runs it to its end. @bar: shown meanwhile, or NULL. Return: 0 or -errno. */
int product_run(struct board *board, const struct product *product, const char *bar,
		struct fpr_gemm_result *result);

#endif
