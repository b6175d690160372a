/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef FPR_RING_H
#define FPR_RING_H

#include "fpr_device.h"

int fpr_ring_init(struct fpr_ring *ring, struct fpr_device *fdev, u32 engine, u32 order,
		  size_t desc_bytes);
void fpr_ring_fini(struct fpr_ring *ring);
void fpr_ring_start(struct fpr_ring *ring);
void fpr_ring_resume(struct fpr_ring *ring);
void fpr_ring_stop(struct fpr_ring *ring);
void fpr_ring_doorbell(struct fpr_ring *ring);
bool fpr_ring_pop(struct fpr_ring *ring, struct fpr_completion *completion);
void fpr_ring_ack(struct fpr_ring *ring);
bool fpr_ring_overlooked(struct fpr_ring *ring);
bool fpr_ring_stuck(struct fpr_ring *ring, bool idle, unsigned int ms);

#endif
