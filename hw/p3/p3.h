/* SPDX-License-Identifier: MIT */
#ifndef FPR_P3_H
#define FPR_P3_H

#include <stdint.h>

#include "fpr_regs.h"

/*
 * The arbiter of one direction: which transfer moves next, and how much of it.
 * It decides once per slice and moves nothing itself. Of what is pending it takes
 * the smallest (priority, arrival), so a more urgent arrival waits for
 * one slice at most, and equals are served in order of arrival.
 */

/* Transfers that one direction holds. */
#define FPR_P3_ENTRIES 256
#define FPR_P3_NONE FPR_P3_ENTRIES /* no slot */

/* A key is the priority, which ageing lowers, above the arrival's number. */
#define FPR_P3_ARRIVAL_BITS 48
#define FPR_P3_KEY_FREE (~0ull) /* above every key in use */

/* Priorities per class of the counters. */
#define FPR_P3_CLASS(priority) ((uint32_t)(priority)*FPR_CLASSES >> 16)

/**
 * struct fpr_p3_queue - the pending transfers of one direction
 * @key: what is compared; FPR_P3_KEY_FREE in a free slot
 * @left: bytes still to move
 * @done: bytes moved
 * @waited: slices given to others since the last step of priority
 * @class: class of the priority as it was pushed
 * @arrivals: number of the next arrival
 * @current: slot that had the last slice and is not finished, or FPR_P3_NONE
 * @pending: slots in use
 * @bytes: bytes moved, by class
 * @slices: slices served, by class
 * @preemptions: times an unfinished transfer of the class lost the next slice
 */
struct fpr_p3_queue {
	uint64_t key[FPR_P3_ENTRIES];
	uint64_t left[FPR_P3_ENTRIES];
	uint64_t done[FPR_P3_ENTRIES];
	uint32_t waited[FPR_P3_ENTRIES];
	uint8_t class[FPR_P3_ENTRIES];
	uint64_t arrivals;
	uint32_t current;
	uint32_t pending;
	uint64_t bytes[FPR_CLASSES];
	uint64_t slices[FPR_CLASSES];
	uint64_t preemptions[FPR_CLASSES];
};

/**
 * struct fpr_p3_slice - one decision
 * @slot: whose turn it is, or FPR_P3_NONE when nothing is pending
 * @offset: first byte of the transfer to move
 * @bytes: how many, not 0
 */
struct fpr_p3_slice {
	uint32_t slot;
	uint64_t offset;
	uint64_t bytes;
};

/* Empties the queue; its counters start at 0 again when @counters is not 0. */
void fpr_p3_clear(struct fpr_p3_queue queue[1], uint32_t counters);

/**
 * fpr_p3_push() - a transfer arrives
 * @queue: the direction's queue
 * @priority: 0..65535, 0 most urgent
 * @bytes: its length, not 0
 * Return: the slot that stands for it until it is finished, or FPR_P3_NONE when
 *	the queue is full
 */
uint32_t fpr_p3_push(struct fpr_p3_queue queue[1], uint32_t priority, uint64_t bytes);

/**
 * fpr_p3_serve() - decide on the next slice
 * @queue: the direction's queue; the slice before has been given to fpr_p3_end()
 * @limit: most bytes of a slice, not 0
 * @ageing: slices a transfer waits until it counts as one priority more urgent, 0 for never
 * @slice: set
 *
 * With ageing a transfer of priority p waits for at most p * @ageing slices and
 * for what arrived before it.
 */
void fpr_p3_serve(struct fpr_p3_queue queue[1], uint64_t limit, uint32_t ageing,
		  struct fpr_p3_slice slice[1]);

/**
 * fpr_p3_end() - a slice has been moved
 * @queue: the direction's queue
 * @slice: as it was decided
 * @failed: 1: the transfer ends here, whatever is left of it
 * Return: 1 when the transfer has ended and its slot is free again
 */
uint32_t fpr_p3_end(struct fpr_p3_queue queue[1], const struct fpr_p3_slice slice[1],
		    uint32_t failed);

#endif
