/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fenv.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>

#include "pool.h"

struct helper {
	struct fpr_pool *pool;
	pthread_t thread;
	unsigned int number;
};

struct fpr_pool {
	pthread_mutex_t lock; /* all below but @helpers */
	pthread_cond_t start, finish;
	void (*task)(void *arg, unsigned int thread);
	void *arg;
	unsigned long round; /* grows by one with every task */
	unsigned int running; /* helpers still at the present task */
	bool stop;
	unsigned int n_helpers;
	struct helper helpers[];
};

static void *helper_main(void *data)
{
	struct helper *helper = data;
	struct fpr_pool *pool = helper->pool;
	unsigned long seen = 0;

	/* A thread inherits its creator's rounding mode. */
	fesetenv(FE_DFL_ENV);
	pthread_mutex_lock(&pool->lock);
	for (;;) {
		while (pool->round == seen && !pool->stop)
			pthread_cond_wait(&pool->start, &pool->lock);
		if (pool->stop)
			break;
		seen = pool->round;
		pthread_mutex_unlock(&pool->lock);
		pool->task(pool->arg, helper->number);
		pthread_mutex_lock(&pool->lock);
		if (--pool->running == 0)
			pthread_cond_signal(&pool->finish);
	}
	pthread_mutex_unlock(&pool->lock);
	return NULL;
}

/* The program's signals are for its own threads. */
static int helper_start(struct helper *helper)
{
	sigset_t all, old;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	err = pthread_create(&helper->thread, NULL, helper_main, helper);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return err ? -EAGAIN : 0;
}

int fpr_pool_create(unsigned int threads, struct fpr_pool **out)
{
	struct fpr_pool *pool;
	int err;

	pool = calloc(1, sizeof(*pool) + (threads - 1) * sizeof(pool->helpers[0]));
	if (!pool)
		return -ENOMEM;
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->start, NULL);
	pthread_cond_init(&pool->finish, NULL);
	for (unsigned int i = 0; i < threads - 1; i++) {
		pool->helpers[i].pool = pool;
		pool->helpers[i].number = i + 1;
		err = helper_start(&pool->helpers[i]);
		if (err) {
			fpr_pool_destroy(pool);
			return err;
		}
		pool->n_helpers++;
	}
	*out = pool;
	return 0;
}

void fpr_pool_destroy(struct fpr_pool *pool)
{
	if (!pool)
		return;
	pthread_mutex_lock(&pool->lock);
	pool->stop = true;
	pthread_cond_broadcast(&pool->start);
	pthread_mutex_unlock(&pool->lock);
	for (unsigned int i = 0; i < pool->n_helpers; i++)
		pthread_join(pool->helpers[i].thread, NULL);
	pthread_cond_destroy(&pool->finish);
	pthread_cond_destroy(&pool->start);
	pthread_mutex_destroy(&pool->lock);
	free(pool);
}

void fpr_pool_run(struct fpr_pool *pool, void (*task)(void *arg, unsigned int thread), void *arg)
{
	fenv_t env;

	pthread_mutex_lock(&pool->lock);
	pool->task = task;
	pool->arg = arg;
	pool->round++;
	pool->running = pool->n_helpers;
	pthread_cond_broadcast(&pool->start);
	pthread_mutex_unlock(&pool->lock);

	fegetenv(&env);
	fesetenv(FE_DFL_ENV);
	task(arg, 0);
	fesetenv(&env);

	pthread_mutex_lock(&pool->lock);
	while (pool->running)
		pthread_cond_wait(&pool->finish, &pool->lock);
	pthread_mutex_unlock(&pool->lock);
}
