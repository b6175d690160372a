/* SPDX-License-Identifier: MIT */
#ifndef FPR_POOL_H
#define FPR_POOL_H

struct fpr_pool;

/**
 * fpr_pool_create() - threads that wait for work
 * @threads: how many run a task at once, the caller of fpr_pool_run() among them
 * @pool: set on success
 * Return: 0, -ENOMEM or -EAGAIN
 */
int fpr_pool_create(unsigned int threads, struct fpr_pool **pool);

/* Stops and joins the threads; none may be running. NULL is allowed. */
void fpr_pool_destroy(struct fpr_pool *pool);

/**
 * fpr_pool_run() - call @task once on every thread and wait for all
 * @task: gets @arg and the thread's number, 0 for the caller; runs in the default
 *	floating-point environment whatever the caller's is
 *
 * One call at a time.
 */
void fpr_pool_run(struct fpr_pool *pool, void (*task)(void *arg, unsigned int thread), void *arg);

#endif
