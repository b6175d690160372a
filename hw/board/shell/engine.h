/* SPDX-License-Identifier: MIT */
#ifndef FPR_SHELL_ENGINE_H
#define FPR_SHELL_ENGINE_H

#include "shell.h"

/*
 * An engine as its rings and its resets see it. Everything here is called with
 * the lock held, but for fpr_engine_stopping() and the steps.
 */

/*
 * Before the core is called: it sees the time and the faults; and after it has been: what it
 * asks for is done.
 */
void fpr_shell_before(struct fpr_shell *shell);
void fpr_shell_after(struct fpr_shell *shell);

/* May it take up work? */
int fpr_engine_ready(const struct fpr_shell *shell, unsigned int engine);

/* The engine stops for good and tells the host. */
void fpr_engine_fail(struct fpr_shell *shell, unsigned int engine);

/* A lane goes off to work without the lock, and comes back. */
void fpr_engine_work(struct fpr_shell *shell, unsigned int engine);
void fpr_engine_rest(struct fpr_shell *shell, unsigned int engine);

/* Should work that goes on without the lock be given up? */
int fpr_engine_stopping(const struct fpr_shell *shell, unsigned int engine);

/* How many bytes of a descriptor under way have moved; counted without the lock. */
uint64_t *fpr_engine_moved(struct fpr_shell *shell, unsigned int engine, uint32_t cookie);

/**
 * fpr_engine_peek() - fetch the next descriptor, leaving it in the ring
 * @shell: the board
 * @engine: whose ring
 * @desc: set
 * @bytes: size of a descriptor
 * Return: 1 when there is one and a completion slot for it
 */
int fpr_engine_peek(struct fpr_shell *shell, unsigned int engine, void *desc, uint32_t bytes);

/* The descriptor that was peeked at is taken. */
void fpr_engine_take(struct fpr_shell *shell, unsigned int engine, uint64_t fence, uint32_t cookie);

/* Posts the completion of a descriptor that was taken. */
void fpr_engine_complete(struct fpr_shell *shell, unsigned int engine,
			 const struct fpr_finished *finished);

/* One step of the lanes; without the lock. */
int fpr_mac_step(struct fpr_shell *shell);
int fpr_xfer_step(struct fpr_shell *shell, enum fpr_lane lane);

#endif
