/* SPDX-License-Identifier: MIT */
#ifndef FPR_SERVER_DEVICE_H
#define FPR_SERVER_DEVICE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "board.h"
#include "record.h"
#include "shell.h"
#include "vfu.h"

/*
 * The board as a PCI device: the shell and its engines' threads, board memory
 * and the array behind it, the vfio-user server in front.
 */

/**
 * struct fpr_device_options - what the command line may choose
 * @board: how products are computed
 * @irq: the interrupts it offers
 * @memory: bytes of board memory, a power of two
 * @scratch: most bytes for the copies of one job's operands from host memory
 * @recorder: told all that crosses the board's edge, unless it is NULL; board memory is then not
 *	mapped into the guest
 */
struct fpr_device_options {
	struct fpr_board_options board;
	enum vfu_irq_kind irq;
	uint64_t memory;
	uint64_t scratch;
	struct fpr_recorder *recorder;
};

struct fpr_device {
	struct fpr_shell shell;
	struct fpr_board *board;
	struct vfu *vfu;
	struct fpr_recorder *recorder;
	uint8_t *memory;
	uint64_t memory_bytes;
	int memory_fd;
	uint8_t *scratch; /* the MAC lane's */
	uint64_t scratch_bytes, scratch_max;

	pthread_mutex_t lock; /* the shell's, and what follows */
	pthread_cond_t changed;
	uint64_t wakes; /* grows with every change */
	bool quit;
	bool line; /* it has a line interrupt */
	int level; /* what that was told last */
	uint64_t exit_at; /* when to disappear, on the monotonic clock; 0: not */
	unsigned int lanes;
	pthread_t lane[FPR_LANES_ALL];
};

/* Builds a device; 0 or -errno. */
int fpr_device_create(const struct fpr_device_options *options, struct fpr_device **device);

/* Stops its threads and frees it; nobody may serve it any more. */
void fpr_device_destroy(struct fpr_device *device);

/* Nanoseconds on the monotonic clock. */
uint64_t fpr_device_now(void);

#endif
