/* SPDX-License-Identifier: MIT */
#ifndef FPR_SHELL_FAULT_H
#define FPR_SHELL_FAULT_H

#include <stdint.h>

#include "fpr_desc.h"
#include "fpr_regs.h"

/*
 * Faults that tests inject. A count of n means the n-th job or completion from
 * now, once; 0 is off.
 */

enum fpr_corrupt {
	FPR_CORRUPT_FENCE,
	FPR_CORRUPT_COOKIE,
	FPR_CORRUPT_PHASE,
};

/**
 * struct fpr_engine_faults - faults of one engine
 * @hang_in: the job at which it hangs
 * @error_in: the job that fails with @error, untouched
 * @error: enum fpr_status
 * @corrupt_in: the completion that is spoilt
 * @corrupt: enum fpr_corrupt
 * @wedged: an engine reset does not end either; a full reset does
 */
struct fpr_engine_faults {
	uint32_t hang_in;
	uint32_t error_in, error;
	uint32_t corrupt_in, corrupt;
	uint32_t wedged;
};

/**
 * struct fpr_shell_faults - what is wrong with the board
 * @engine: per engine
 * @drop_interrupts: so many interrupts get lost
 * @no_heartbeat: the heartbeat stands still
 * @wedged: a full reset does not end
 * @deadly: 1 + the priority of transfers that hang their engine when they are served
 * @misread: a register shows another value than it has
 * @misread_at: which; FPR_REG_*
 * @misread_as: that value
 */
struct fpr_shell_faults {
	struct fpr_engine_faults engine[FPR_ENGINES];
	uint32_t drop_interrupts;
	uint32_t no_heartbeat;
	uint32_t wedged;
	uint32_t deadly;
	uint32_t misread, misread_at, misread_as;
};

/* Counts down; returns 1 when the time has come. */
static inline uint32_t fpr_fault_due(uint32_t *in)
{
	uint32_t due = *in == 1u;

	*in -= *in != 0u;
	return due;
}

#endif
