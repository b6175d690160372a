/* SPDX-License-Identifier: MIT */
#ifndef FPR_SHELL_ENGINE_H
#define FPR_SHELL_ENGINE_H

#include "shell.h"

/*
 * An engine as its rings and its resets see it. Everything here is called with
 * the lock held, but for fpr_engine_stopping() and the steps.
 */

/* What a job leaves in its completion. */
struct fpr_finished {
	uint64_t fence;
	uint32_t cookie;
	enum fpr_status status;
	uint64_t cycles;
};

/* May it take up work? */
int fpr_engine_ready(const struct fpr_shell *shell, unsigned int engine);

/* Takes the ring registers; on bad ones the engine is in error. */
void fpr_engine_enable(struct fpr_shell *shell, unsigned int engine);

/* Starts a reset, which ends when the last lane has let go of its work. */
void fpr_engine_reset(struct fpr_shell *shell, unsigned int engine);

/* The same for the whole board. */
void fpr_board_reset(struct fpr_shell *shell);

/* The engine stops for good and tells the host. */
void fpr_engine_fail(struct fpr_shell *shell, unsigned int engine);

/* A lane goes off to work without the lock, and comes back. */
void fpr_engine_work(struct fpr_shell *shell, unsigned int engine);
void fpr_engine_rest(struct fpr_shell *shell, unsigned int engine);

/* Should work that goes on without the lock be given up? */
int fpr_engine_stopping(const struct fpr_shell *shell, unsigned int engine);

/* Nanoseconds that the engine has had work, until now. */
uint64_t fpr_engine_busy_ns(const struct fpr_shell *shell, unsigned int engine);

/* A descriptor is taken, and its record is new; the record of one that is under way. */
void fpr_record_take(struct fpr_shell *shell, unsigned int engine, uint64_t fence, uint32_t cookie);
struct fpr_record *fpr_record_of(struct fpr_shell *shell, unsigned int engine, uint32_t cookie);

/* It has ended, whether or not a completion can be posted. */
void fpr_record_end(struct fpr_shell *shell, unsigned int engine, uint32_t cookie,
		    enum fpr_status status);

/**
 * fpr_ring_peek() - fetch the next descriptor, leaving it in the ring
 * @shell: the board
 * @engine: whose ring
 * @desc: set
 * @bytes: size of a descriptor
 * Return: 1 when there is one and a completion slot for it
 */
int fpr_ring_peek(struct fpr_shell *shell, unsigned int engine, void *desc, uint32_t bytes);

/* The descriptor that was peeked at is taken. */
void fpr_ring_take(struct fpr_shell *shell, unsigned int engine);

/* Posts the completion of a descriptor that was taken. */
void fpr_ring_complete(struct fpr_shell *shell, unsigned int engine,
		       const struct fpr_finished *finished);

/* The host rang: a new tail of the submission ring, a new head of the other. */
void fpr_ring_submitted(struct fpr_shell *shell, unsigned int engine, uint32_t tail);
void fpr_ring_consumed(struct fpr_shell *shell, unsigned int engine, uint32_t head);

/* A cause becomes set, or causes are cleared, or the mask changes. */
void fpr_irq_set(struct fpr_shell *shell, unsigned int cause);
void fpr_irq_clear(struct fpr_shell *shell, uint32_t causes);
void fpr_irq_mask(struct fpr_shell *shell, uint32_t mask);

/* One step of the lanes; without the lock. */
int fpr_mac_step(struct fpr_shell *shell);
int fpr_xfer_step(struct fpr_shell *shell, enum fpr_lane lane);

#endif
