/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "local.h"

/*
 * Transfers of the local board, by the rules of the driver: once the fences they wait
 * for have signalled they are ready, those that the mover's table takes are posted, the most
 * urgent first, and the table's last entries are kept for what is more urgent than all
 * that is posted. Between queues of one process there is no share to keep.
 */
#define RESERVE 16

/**
 * struct local_move - one transfer
 * @call: the call it came by
 * @left: heap of transfers that come after it
 * @right: another; leftist: the way to the right is short
 * @rank: length of that way
 * @index: in the call
 * @arrival: when it became ready; breaks ties
 * @place: in the lane's @posted
 */
struct local_move {
	struct local_call *call;
	struct local_move *left, *right;
	unsigned int rank;
	size_t index;
	uint64_t arrival;
	unsigned int place;
};

/**
 * struct local_call - one call of fpr_transfer_submit()
 * @next: of those that have ended
 * @submission: the call
 * @queued_ns: when it was made
 * @pending: fences that have not signalled
 * @unended: transfers that have not ended
 * @cancel: one of the fences stands for something that failed
 * @waiters: one per fence, behind @moves
 * @moves: one per transfer
 */
struct local_call {
	struct local_call *next;
	struct fpr_submission *submission;
	uint64_t queued_ns;
	size_t pending, unended;
	int cancel;
	struct local_waiter *waiters;
	struct local_move moves[];
};

static struct local_device *device_of(const struct local_call *call)
{
	return (struct local_device *)call->submission->queue->child.device;
}

static const struct fpr_transfer_job *job_of(const struct local_move *move)
{
	return &move->call->submission->transfers[move->index];
}

static struct fpr_transfer_result *result_of(const struct local_move *move)
{
	return &move->call->submission->fence->moved[move->index];
}

/* ---- ready transfers, under the lock ------------------------------------ */

static int before(const struct local_move *x, const struct local_move *y)
{
	if (job_of(x)->priority != job_of(y)->priority)
		return job_of(x)->priority < job_of(y)->priority;
	return x->arrival < y->arrival;
}

/* As deep as the logarithm of what is in the heap. */
static struct local_move *merge(struct local_move *x, struct local_move *y)
{
	struct local_move *swap;

	if (!x || !y)
		return x ? x : y;
	if (before(y, x)) {
		swap = x;
		x = y;
		y = swap;
	}
	x->right = merge(x->right, y);
	if (!x->left || x->left->rank < x->right->rank) {
		swap = x->left;
		x->left = x->right;
		x->right = swap;
	}
	x->rank = x->right ? x->right->rank + 1 : 1;
	return x;
}

static void make_ready(struct local_lane *lane, struct local_move *move)
{
	move->arrival = lane->device->arrivals++;
	move->rank = 1;
	lane->ready = merge(lane->ready, move);
}

/* ---- posting, under the lock -------------------------------------------- */

/* More urgent than all that is posted? */
static int urgent(const struct local_lane *lane, const struct local_move *move)
{
	for (unsigned int i = 0; i < lane->n_posted; i++)
		if (job_of(lane->posted[i])->priority <= job_of(move)->priority)
			return 0;
	return 1;
}

static int may_post(const struct local_lane *lane)
{
	if (!lane->ready || lane->n_posted == FPR_MOVER_ENTRIES)
		return 0;
	return lane->n_posted + RESERVE < FPR_MOVER_ENTRIES || urgent(lane, lane->ready);
}

static void *bytes_of(struct fpr_buffer *buffer, uint64_t offset)
{
	return (char *)((struct local_buffer *)buffer)->bytes + offset;
}

static void post(struct local_lane *lane, struct local_move *move)
{
	const struct fpr_transfer_job *job = job_of(move);
	const struct fpr_move bytes = {
		.host = bytes_of(job->host, job->host_offset),
		.board = bytes_of(job->board, job->board_offset),
		.bytes = job->bytes,
		.op = job->op,
		.priority = job->priority,
		.to_host = job->direction,
		.owner = move,
	};

	fpr_mover_push(lane->device->mover, &bytes);
	move->place = lane->n_posted;
	lane->posted[lane->n_posted++] = move;
}

static void end_move(struct local_move *move, int status, struct local_call **ended)
{
	struct local_call *call = move->call;
	struct local_device *device = device_of(call);
	struct fpr_queue_counters *used =
		&((struct local_queue *)call->submission->queue)->counters;
	const struct fpr_transfer_job *job = job_of(move);
	struct fpr_transfer_result *result = result_of(move);

	result->status = status;
	result->queued_ns = call->queued_ns;
	result->ended_ns = local_now();
	result->board_ns = result->started_ns ? result->ended_ns - device->opened_ns : 0;
	used->transfers++;
	used->failed += status != 0;
	if (!status && job->direction == FPR_TO_HOST)
		used->c2h_bytes += job->bytes;
	else if (!status)
		used->h2c_bytes += job->bytes;
	if (result->started_ns) {
		device->engine[FPR_COUNTERS_TRANSFER].jobs++;
		local_busy(device, FPR_COUNTERS_TRANSFER, -1);
	}
	if (!--call->unended) {
		call->next = *ended;
		*ended = call;
	}
}

/* Posts what may be posted. */
static void pump(struct local_lane *lane, struct local_call **ended)
{
	struct local_device *device = lane->device;

	while (may_post(lane)) {
		struct local_move *move = lane->ready;

		lane->ready = merge(move->left, move->right);
		result_of(move)->started_ns = local_now();
		local_busy(device, FPR_COUNTERS_TRANSFER, 1);
		if (local_must_fail(device))
			end_move(move, -EIO, ended);
		else
			post(lane, move);
	}
	pthread_cond_signal(&lane->wake);
}

/* Its fences have signalled. */
static void go(struct local_call *call, struct local_call **ended)
{
	struct local_device *device = device_of(call);
	const size_t n = call->submission->n_jobs;

	for (size_t i = 0; i < n; i++) {
		struct local_move *move = &call->moves[i];

		if (call->cancel)
			end_move(move, -ECANCELED, ended);
		else
			make_ready(device->lane[job_of(move)->direction], move);
	}
	if (call->cancel)
		return;
	for (unsigned int d = 0; d < 2; d++)
		pump(device->lane[d], ended);
}

/* ---- calls -------------------------------------------------------------- */

/* What ends here is ended by a lane, which no thread that may call this ever waits for. */
void local_transfer_waited(struct local_fence *fence)
{
	struct local_device *device = (struct local_device *)fence->base.child.device;
	const int failed = fence->waiters && fpr_fence_status(&fence->base);
	struct local_waiter *waiter = fence->waiters, *next;

	fence->waiters = NULL;
	for (; waiter; waiter = next) {
		struct local_call *call = waiter->call;

		next = waiter->next;
		call->cancel |= failed;
		if (!--call->pending)
			go(call, &device->ended);
	}
	if (device->ended)
		pthread_cond_signal(&device->lane[0]->wake);
}

/* Whoever wakes up must find all else given back. */
static void end_calls(struct local_call *calls)
{
	while (calls) {
		struct local_call *call = calls;
		struct fpr_fence *fence = call->submission->fence;
		struct fpr_queue *queue = call->submission->queue;

		calls = call->next;
		fpr_submission_free(call->submission);
		free(call);
		fpr_queue_put(queue);
		local_fence_end(fence);
	}
}

static struct local_call *new_call(struct fpr_submission *submission)
{
	const size_t n = submission->n_jobs;
	struct local_call *call;

	if (n > (SIZE_MAX / 2 - sizeof(*call)) / sizeof(call->moves[0]))
		return NULL;
	call = calloc(1, sizeof(*call) + n * sizeof(call->moves[0]) +
				 submission->n_waits * sizeof(call->waiters[0]));
	if (!call)
		return NULL;
	call->submission = submission;
	call->queued_ns = local_now();
	call->unended = n;
	call->waiters = (struct local_waiter *)&call->moves[n];
	for (size_t i = 0; i < n; i++) {
		call->moves[i].call = call;
		call->moves[i].index = i;
	}
	return call;
}

int local_transfer(struct fpr_submission *submission)
{
	struct local_device *device = (struct local_device *)submission->queue->child.device;
	struct local_call *call, *ended = NULL;
	int ret;

	ret = local_lanes_start(device);
	if (ret)
		return ret;
	call = new_call(submission);
	if (!call)
		return -ENOMEM;
	pthread_mutex_lock(&device->base.lock);
	for (size_t i = 0; i < submission->n_waits; i++) {
		struct local_fence *fence = (struct local_fence *)submission->waits[i];

		if (fence->done) {
			call->cancel |= fpr_fence_status(&fence->base);
			continue;
		}
		call->waiters[i] = (struct local_waiter){fence->waiters, call};
		fence->waiters = &call->waiters[i];
		call->pending++;
	}
	if (!call->pending)
		go(call, &ended);
	pthread_mutex_unlock(&device->base.lock);
	end_calls(ended);
	return 0;
}

/* ---- lanes -------------------------------------------------------------- */

/* The lock is held. */
static void slice_moved(struct local_lane *lane, const struct fpr_mover_slice *slice,
			struct local_call **ended)
{
	struct local_move *move = fpr_mover_end(lane->device->mover, slice);

	lane->device->engine[FPR_COUNTERS_TRANSFER].progress += slice->bytes;
	if (!move)
		return;
	lane->posted[move->place] = lane->posted[--lane->n_posted];
	lane->posted[move->place]->place = move->place;
	end_move(move, 0, ended);
	pump(lane, ended);
}

/* Waits for something to do; the lock is held. Return: a slice was decided on. */
static int next_slice(struct local_lane *lane, struct fpr_mover_slice *slice,
		      struct local_call **ended)
{
	struct local_device *device = lane->device;

	for (;;) {
		if (lane->direction == 0 && device->ended) {
			*ended = device->ended;
			device->ended = NULL;
			return 0;
		}
		if (lane->stop)
			return 0;
		if (fpr_mover_decide(device->mover, lane->direction, slice))
			return 1;
		pthread_cond_wait(&lane->wake, &device->base.lock);
	}
}

/* Return: 0 when the lane shall end. */
static int step(struct local_lane *lane)
{
	pthread_mutex_t *lock = &lane->device->base.lock;
	struct local_call *ended = NULL;
	struct fpr_mover_slice slice;
	int stop;

	pthread_mutex_lock(lock);
	if (next_slice(lane, &slice, &ended)) {
		pthread_mutex_unlock(lock);
		fpr_mover_move(lane->device->mover, &slice);
		pthread_mutex_lock(lock);
		slice_moved(lane, &slice, &ended);
	}
	stop = lane->stop;
	pthread_mutex_unlock(lock);
	/* This may free the device, but not the lane. */
	end_calls(ended);
	return !stop && !lane->orphan;
}

static void *run_lane(void *arg)
{
	struct local_lane *lane = arg;

	while (step(lane))
		;
	if (lane->orphan)
		free(lane);
	return NULL;
}

static struct local_lane *start_lane(struct local_device *device, enum fpr_direction direction)
{
	struct local_lane *lane = calloc(1, sizeof(*lane));

	if (!lane)
		return NULL;
	lane->device = device;
	lane->direction = direction;
	if (pthread_cond_init(&lane->wake, NULL))
		goto free_lane;
	if (local_thread(&lane->thread, run_lane, lane))
		goto destroy_wake;
	return lane;

destroy_wake:
	pthread_cond_destroy(&lane->wake);
free_lane:
	free(lane);
	return NULL;
}

int local_lanes_start(struct local_device *device)
{
	int ret = 0;

	pthread_mutex_lock(&device->base.lock);
	for (unsigned int d = 0; d < 2 && !ret; d++) {
		if (!device->lane[d])
			device->lane[d] = start_lane(device, (enum fpr_direction)d);
		if (!device->lane[d])
			ret = -ENOMEM;
	}
	pthread_mutex_unlock(&device->base.lock);
	return ret;
}

/*
 * A lane that gave back the last hold on the device ends by itself, as a queue's thread
 * does: see leave_stray().
 */
static void stop_lane(struct local_lane *lane)
{
	pthread_mutex_t *lock = &lane->device->base.lock;

	if (pthread_equal(pthread_self(), lane->thread)) {
		pthread_detach(lane->thread);
		pthread_cond_destroy(&lane->wake);
		lane->orphan = 1;
		return;
	}
	pthread_mutex_lock(lock);
	lane->stop = 1;
	pthread_cond_signal(&lane->wake);
	pthread_mutex_unlock(lock);
	pthread_join(lane->thread, NULL);
	pthread_cond_destroy(&lane->wake);
	free(lane);
}

void local_lanes_stop(struct local_device *device)
{
	for (unsigned int d = 0; d < 2; d++)
		if (device->lane[d])
			stop_lane(device->lane[d]);
}
