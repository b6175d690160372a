/* SPDX-License-Identifier: MIT */
#ifndef FPR_SYNC_H
#define FPR_SYNC_H

/*
 * libfprsync: data-parallel parameter synchronisation over MPI.
 *
 * A group is the ranks of an MPI communicator that train one model. Tensors
 * are added in the order in which the forward pass consumes them. In each step a worker waits
 * for a tensor before it uses it, and pushes its gradient when the backward pass has
 * produced it; a thread of the library's own sends slices, sums and updates meanwhile:
 *
 *	fpr_group_create(MPI_COMM_WORLD, &options, &group);
 *	for each tensor: fpr_group_add(group, &tensor, &index);
 *	fpr_group_start(group);
 *	for each step:
 *		fpr_group_step(group, rate);
 *		forward, for each tensor: fpr_group_wait(group, index, -1); use it
 *		backward, for each tensor: fpr_group_push(group, index, 0, bytes);
 *	fpr_group_finish(group);
 *	fpr_group_destroy(group);
 *
 * Sums are in the order of ranks, so every mode gives the same bits.
 *
 * Functions return 0 or a negative errno and print nothing. -EINVAL means that an
 * argument is wrong and nothing was touched, -EPROTO a call out of turn. Once a rank is lost,
 * or anything else went wrong that cannot be undone, every call returns the same
 * error and fpr_group_error() says in words what happened: training goes on
 * from a checkpoint, in new processes. Calls may come from any thread; fpr_group_create(),
 * _start(), _step(), _finish() and _gather() are collective: every worker makes
 * them in the same order (and servers that are no workers all but _step()).
 */

#include <mpi.h>
#include <stddef.h>
#include <stdint.h>

#include "fpr_sync_core.h"

#ifdef __cplusplus
extern "C" {
#endif

struct fpr_group;
struct fpr_group_job;

#define FPR_GROUP_WAIT_FOREVER (-1)
#define FPR_GROUP_HOST_MAX 64
#define FPR_GROUP_ERROR_MAX 256

/* ---- memory elsewhere -------------------------------------------------- */

/**
 * enum fpr_group_array - what a tensor has two of
 * @FPR_GROUP_GRADIENT: pushed
 * @FPR_GROUP_PARAMETER: waited for
 */
enum fpr_group_array {
	FPR_GROUP_GRADIENT,
	FPR_GROUP_PARAMETER,
};

/**
 * struct fpr_group_memory - how to reach tensors that are not in host memory
 * @alloc: host memory that @fetch and @deliver can use; NULL without memory
 * @release: gives it back
 * @fetch: start to copy @bytes of a tensor, from byte @offset on, to @host
 * @deliver: start to copy @bytes from @host into a tensor at byte @offset
 *
 * @fetch and @deliver are called by the library's threads and the caller's, several at a
 * time. They return 0 and call fpr_group_done() once, from any thread and even before they
 * return; or a negative errno. @priority is the slice's, spread over 16 bits, 0 most urgent: p is
 * p * 65536 / (1 + the plan's largest), so order is kept, and up to 65,536 priorities stay
 * different; in modes that send in order of appearance all are 0. @host lies in memory that @alloc
 * gave.
 * @tensor is the address in struct fpr_group_tensor, which is a handle here.
 */
struct fpr_group_memory {
	void *(*alloc)(void *context, uint64_t bytes);
	void (*release)(void *context, void *host);
	int (*fetch)(void *context, enum fpr_group_array array, void *tensor, uint64_t offset,
		     uint64_t bytes, void *host, uint32_t priority, struct fpr_group_job *job);
	int (*deliver)(void *context, enum fpr_group_array array, void *tensor, uint64_t offset,
		       uint64_t bytes, const void *host, uint32_t priority,
		       struct fpr_group_job *job);
};

/* Sums begin at multiples of so many bytes, and no other begins in what fills up the last. */
#define FPR_GROUP_SUM_ALIGN 64

/**
 * struct fpr_group_adder - sums of a server elsewhere than in host memory
 * @prepare: room for sums of @bytes in all will be needed; again when the plan changes
 * @add: start to add @bytes of fp32 in @host to the sum at byte @offset; @first: they are the sum
 * @read: start to copy a sum to @host
 *
 * As in struct fpr_group_memory, but @host may be a tensor's own memory. A sum's next @add comes
 * after fpr_group_done() of the one before, so it is in rank order. Where @host is memory that
 * @alloc gave, it begins at a multiple of FPR_GROUP_SUM_ALIGN and may be read to the next one.
 */
struct fpr_group_adder {
	int (*prepare)(void *context, uint64_t bytes);
	int (*add)(void *context, uint64_t offset, uint64_t bytes, const void *host, int first,
		   uint32_t priority, struct fpr_group_job *job);
	int (*read)(void *context, uint64_t offset, uint64_t bytes, void *host, uint32_t priority,
		    struct fpr_group_job *job);
};

/**
 * fpr_group_done() - what a memory or an adder was asked for is done
 * @job: as given; not to be used again
 * @status: 0, or a negative errno, which ends the group
 */
void fpr_group_done(struct fpr_group_job *job, int status);

/* ---- options ----------------------------------------------------------- */

/**
 * enum fpr_group_optimizer - what a server makes of a sum; all in fp32, each operation rounded
 * @FPR_GROUP_SUM: the parameter becomes the sum, times scale. A step's rate is ignored
 * @FPR_GROUP_SGD: g = sum * scale + decay * p; with momentum v = momentum * v + g, else v = g;
 *	p = p - rate * v
 * @FPR_GROUP_ADAM: g as for SGD; m = beta1 * m + (1 - beta1) * g; v = beta2 * v + ((1 - beta2) * g)
 ** g; p = p - (rate / (1 - beta1^t)) * (m / (sqrt(v) / sqrt(1 - beta2^t) + epsilon)) in step t.
 *	What depends on neither m, v, g nor p is computed in double and then rounded;
 *	powers are products, one factor a step
 *
 * Adding decay * p is left out when decay is 0.
 */
enum fpr_group_optimizer {
	FPR_GROUP_SUM,
	FPR_GROUP_SGD,
	FPR_GROUP_ADAM,
};

/**
 * struct fpr_group_state - a model between two steps
 * @step: steps done
 * @elements: of all tensors together
 * @arrays: 1 for the parameters, and one more for each that the optimiser keeps: SGD with
 *	momentum v; Adam m, v
 * @complete: 0 for what a rank has when another is lost: its parameters, each of step @step or the
 *one after, and no other array (@arrays is 1)
 * @data: @arrays arrays of @elements; tensors one after another in the order of fpr_group_add()
 */
struct fpr_group_state {
	uint64_t step, elements;
	uint32_t arrays, complete;
	const float *data[3];
};

/**
 * enum fpr_group_event_kind - what happened
 * @FPR_GROUP_STEP: fpr_group_step() returned
 * @FPR_GROUP_QUEUED: all of a slice's gradient is there
 * @FPR_GROUP_SEND: a message is handed to MPI
 * @FPR_GROUP_SENT: MPI has taken it
 * @FPR_GROUP_RECEIVED: a message has come
 * @FPR_GROUP_SUMMED: a worker's slice has been added
 * @FPR_GROUP_UPDATED: a slice has its new value at its server
 * @FPR_GROUP_READY: a tensor has its new value
 * @FPR_GROUP_WAIT: fpr_group_wait() or fpr_group_step() begins to wait
 * @FPR_GROUP_WAITED: and has done
 */
enum fpr_group_event_kind {
	FPR_GROUP_STEP,
	FPR_GROUP_QUEUED,
	FPR_GROUP_SEND,
	FPR_GROUP_SENT,
	FPR_GROUP_RECEIVED,
	FPR_GROUP_SUMMED,
	FPR_GROUP_UPDATED,
	FPR_GROUP_READY,
	FPR_GROUP_WAIT,
	FPR_GROUP_WAITED,
};

#define FPR_GROUP_NONE UINT32_MAX

/**
 * struct fpr_group_event - for a timeline
 * @time_ns: since fpr_group_start() returned, which is nearly the same moment on all ranks
 * @kind: enum fpr_group_event_kind
 * @message: enum fpr_sync_message, of SEND, SENT and RECEIVED
 * @slice: index in the plan, or FPR_GROUP_NONE
 * @tensor: as fpr_group_add() gave it; a slice's first; or FPR_GROUP_NONE
 * @peer: other rank, or whose slice was added; or FPR_GROUP_NONE
 * @priority: 0 most urgent
 * @bytes: of a slice
 * @step: the step that fpr_group_step() began last
 */
struct fpr_group_event {
	int64_t time_ns;
	uint32_t kind, message, slice, tensor, peer, priority, bytes, step;
};

/* struct fpr_group_options.flags */
#define FPR_GROUP_CHECKPOINT_ALL (1u << 0) /* checkpoint() on every worker, not on rank 0 alone */

/**
 * struct fpr_group_options - how a group works; the same on every rank, but for callbacks
 * @config: slices, windows, time-out and so on; ranks, workers and servers are filled in
 * @servers: the last so many ranks only serve; 0: every rank is worker and server
 * @optimizer: enum fpr_group_optimizer
 * @flags: FPR_GROUP_CHECKPOINT_ALL
 * @tune_steps: steps that a configuration is tried for, 0: @config stays
 * @record: events to keep for fpr_group_events()
 * @scale: of sums; 0: one over the number of workers, for FPR_GROUP_SUM 1
 * @momentum: of SGD
 * @beta1: of Adam
 * @beta2: of Adam
 * @epsilon: of Adam
 * @decay: weight decay
 * @join_timeout_ns: for all ranks to call fpr_group_create(); 0: for ever
 * @idle_timeout_ns: for a rank that answers, but whose program neither pushes nor steps while
 *others wait for it; 0: for ever
 * @checkpoint_steps: checkpoint() after so many steps, 0: never
 * @checkpoint: called by fpr_group_step() and _finish() on rank 0 with complete states, which are
 *the library's; and on every worker, in the first call that returns a lost rank's error, with an
 *incomplete one. A negative errno ends training on all ranks, unless it is of _finish(): on this
 *one it is what the call returns.
 * @event: called for every event, by several threads at a time; to be quick and call nothing of
 *	this library; may be NULL
 * @context: of both
 * @adder: where servers add; NULL: in host memory
 * @adder_context: of @adder
 *
 * A window counts what MPI has not taken yet; what waits in socket buffers it has. With
 * FPR_SYNC_EXPLICIT_CREDIT it counts what the other rank has not received, for a message more.
 *
 * Numbers that are not finite, and betas of Adam outside [0, 1), are -EINVAL.
 *
 * Ranks that wait for each other for ever, as one makes another step more or another call, are
 * told so after config.timeout_ns too.
 *
 * config.timeout_ns is how long a peer may be silent (a stopped or dead one is) when something is
 * waited for. Let it exceed the time that config's windows need on the slowest link.
 */
struct fpr_group_options {
	struct fpr_sync_config config;
	uint32_t servers, optimizer, flags, tune_steps, record;
	double scale, momentum, beta1, beta2, epsilon, decay;
	uint64_t join_timeout_ns, idle_timeout_ns, checkpoint_steps;
	int (*checkpoint)(void *context, const struct fpr_group_state *state);
	void (*event)(void *context, const struct fpr_group_event *event);
	void *context;
	const struct fpr_group_adder *adder;
	void *adder_context;
};

/**
 * fpr_group_options_init() - defaults
 * @options: overwritten: @mode's configuration; tuned, 10 steps a trial, when that is
 *FPR_SYNC_BEST; SGD without momentum, Adam's usual numbers; time-outs of 10 s for silence, 5
 *minutes to join, 10 minutes idle; no checkpoints, no events
 * @mode: which
 * Return: 0 or -EINVAL
 */
int fpr_group_options_init(struct fpr_group_options *options, enum fpr_sync_mode mode);

/* ---- group ------------------------------------------------------------- */

/**
 * struct fpr_group_info - where this rank is
 * @rank: in the group
 * @ranks: of the group
 * @workers: ranks that push and wait; the first ones
 * @local_rank: among those on the same host
 * @local_ranks: on the same host
 * @host: its name
 */
struct fpr_group_info {
	uint32_t rank, ranks, workers, local_rank, local_ranks;
	char host[FPR_GROUP_HOST_MAX];
};

/**
 * fpr_group_create() - join the other ranks
 * @comm: its ranks are the group; it is duplicated, and there may be no messages under way in it
 * @options: copied
 * @group: set on success, and when ranks cannot join, for fpr_group_error(); else NULL.
 *	fpr_group_destroy() gives it back
 *
 * MPI must have been initialised with MPI_THREAD_SERIALIZED or better; with
 * SERIALIZED the program must not use MPI while there is a group. While ranks wait for all others
 * (start, checkpoint, trial, finish, gather), errors of MPI_COMM_WORLD return: some MPIs report
 * theirs there.
 *
 * Return: 0, -EINVAL, -ENOMEM, -EAGAIN: no more threads; -EOPNOTSUPP: MPI is not initialised, or
 *	with less; -ETIMEDOUT: not all ranks came; -EIO: MPI failed
 */
int fpr_group_create(MPI_Comm comm, const struct fpr_group_options *options,
		     struct fpr_group **group);

/**
 * fpr_group_create_world() - the same for all ranks that mpirun started, in programs without MPI of
 * their own
 * @options: copied
 * @group: as there
 *
 * Initialises MPI, and fpr_group_destroy() finalises it: one group a process.
 *
 * Return: as fpr_group_create(); -EBUSY: MPI is initialised already
 */
int fpr_group_create_world(const struct fpr_group_options *options, struct fpr_group **group);

/**
 * fpr_group_destroy() - leave
 * @group: not to be used again; NULL is allowed
 *
 * Before fpr_group_finish() it is an error for the other ranks: they are told. After a
 * rank is lost, MPI is not finalised: that would wait for it; and the group's memory stays, as
 * MPI may still use it. So may it the tensors' (and @data of fpr_group_gather() is copied).
 * Waits up to 10 s for copies under way in a struct fpr_group_memory or _adder.
 */
void fpr_group_destroy(struct fpr_group *group);

/**
 * fpr_group_get_info() - rank, ranks and host
 * @group: a group
 * @info: filled in
 * Return: 0 or -EINVAL
 */
int fpr_group_get_info(const struct fpr_group *group, struct fpr_group_info *info);

/**
 * fpr_group_error() - what ended the group
 * @group: a group
 * @text: filled with one line without its end, "rank 2 (host b, pid 71) has not answered for 5.0
 *s";
 *	"" when there was no error; may be NULL with @size 0
 * @size: of @text; FPR_GROUP_ERROR_MAX is enough
 * @rank: set to the rank that is to blame, or FPR_GROUP_NONE; may be NULL
 * Return: the error that calls return, 0 for none, or -EINVAL
 */
int fpr_group_error(struct fpr_group *group, char *text, size_t size, uint32_t *rank);

/**
 * fpr_group_fail() - give up, and tell every rank why
 * @group: a group; all its calls return @error from now on, on every rank
 * @error: a negative errno. Others than those of lost ranks tell these cases apart
 * @text: one line without its end, "cannot read a.npz: Input/output error"; on other ranks,
 *	fpr_group_error() adds who says it
 *
 * An error that has ended the group before stays. To be told takes others no longer than the next
 * call that waits for this rank; who only calls fpr_group_destroy() leaves them without a reason.
 *
 * Return: 0 or -EINVAL
 */
int fpr_group_fail(struct fpr_group *group, int error, const char *text);

/* ---- tensors ----------------------------------------------------------- */

/**
 * struct fpr_group_tensor - fp32 numbers to keep the same on all workers
 * @gradient: read from fpr_group_push() until the tensor is ready again
 * @parameter: written from fpr_group_push() until it is ready; the program does not write to it
 *	after fpr_group_start(). With FPR_GROUP_SUM it may be @gradient. Both NULL on a rank that
 *	only serves
 * @elements: how many, not 0
 * @list_index: place in the framework's own list, FPR_GROUP_NONE: in order of consumption
 * @reserved: must be 0
 * @memory: how to reach both; NULL: they are host memory, aligned for float
 * @context: of @memory
 */
struct fpr_group_tensor {
	void *gradient, *parameter;
	uint64_t elements;
	uint32_t list_index, reserved;
	const struct fpr_group_memory *memory;
	void *context;
};

/**
 * fpr_group_add() - register a tensor; what the forward pass uses first is added first
 * @group: before fpr_group_restore() and fpr_group_start()
 * @tensor: copied; the memory must stay until fpr_group_destroy(), and after an error to the end
 *	of the process
 * @index: set to its number, counted from 0
 * Return: 0, -EINVAL, -EPROTO, -ENOMEM
 */
int fpr_group_add(struct fpr_group *group, const struct fpr_group_tensor *tensor, uint32_t *index);

/**
 * fpr_group_restore() - go on from a checkpoint
 * @group: after all fpr_group_add(), before fpr_group_start(). What rank 0 restores counts; other
 * ranks need not call
 * @state: copied. An incomplete one, or one of another optimiser, gives the parameters and the
 * number of steps Return: 0, -EINVAL: it is not of these tensors; -EPROTO, -ENOMEM
 */
int fpr_group_restore(struct fpr_group *group, const struct fpr_group_state *state);

/**
 * fpr_group_start() - agree on tensors and options, give every rank the parameters of rank 0
 * @group: a group with tensors
 *
 * With FPR_GROUP_SUM parameters are left alone.
 *
 * Return: 0, -EPROTO: a rank has other tensors, slices or options, fpr_group_error() says which;
 *	-EINVAL: config is not valid; -ENOMEM; -E2BIG: more slices than MPI has tags
 */
int fpr_group_start(struct fpr_group *group);

/* ---- steps ------------------------------------------------------------- */

/**
 * fpr_group_step() - begin a step
 * @group: a started group
 * @rate: the optimiser's, the same on every worker, finite
 *
 * Waits for the other ranks only where a checkpoint is due or another configuration is tried.
 *
 * Return: 0, -EINVAL, -EPROTO: a tensor of the step before has not been pushed; what checkpoint()
 *	returned
 */
int fpr_group_step(struct fpr_group *group, double rate);

/**
 * fpr_group_push() - a gradient is there, or a part of it
 * @group: a group in a step
 * @tensor: which
 * @offset: first byte, a multiple of 4
 * @bytes: how many, a multiple of 4; parts may come in any order, each byte once a step
 *
 * Returns at once.
 *
 * Return: 0, -EINVAL: no such tensor or bytes; -EPROTO: pushed already, or its last value has
 *	not come yet; -ENOMEM
 */
int fpr_group_push(struct fpr_group *group, uint32_t tensor, uint64_t offset, uint64_t bytes);

/**
 * fpr_group_wait() - wait for a tensor's newest value
 * @group: a started group
 * @tensor: which
 * @timeout_ns: 0 asks without waiting; FPR_GROUP_WAIT_FOREVER
 * Return: 0: everything pushed has come back; -ETIME; -EINVAL
 */
int fpr_group_wait(struct fpr_group *group, uint32_t tensor, int64_t timeout_ns);

/**
 * fpr_group_finish() - wait until every rank has every value
 * @group: a started group between steps: all tensors pushed, or none yet. On a rank that only
 *serves: serves until the workers finish Return: 0, -EPROTO, what checkpoint() returned
 */
int fpr_group_finish(struct fpr_group *group);

/**
 * fpr_group_gather() - bring bytes of every worker to rank 0
 * @group: before the first step or after fpr_group_finish()
 * @data: this rank's
 * @bytes: how many, below 2 GiB over all ranks
 * @all: on rank 0: room for them, one rank's after another's; NULL to ask for sizes only; ignored
 * elsewhere
 * @room: bytes in @all
 * @sizes: on rank 0: filled in, one for each rank; ignored elsewhere
 * Return: 0, -EPROTO, -EINVAL; -ENOSPC: @room is too small, @sizes is filled in
 */
int fpr_group_gather(struct fpr_group *group, const void *data, uint64_t bytes, void *all,
		     uint64_t room, uint64_t *sizes);

/* ---- figures ----------------------------------------------------------- */

/**
 * struct fpr_group_stats - what was done since fpr_group_start()
 * @counters: of this rank's core
 * @config: in use now
 * @slices: of the plan in use
 * @trials: configurations tried, 0 on ranks other than 0
 * @tuning: 1 while more will be tried
 * @steps: done
 * @waited_ns: in fpr_group_wait()
 * @events: that happened and were recorded
 * @events_lost: for want of room
 * @start_ns: when fpr_group_start() was done, CLOCK_MONOTONIC
 */
struct fpr_group_stats {
	struct fpr_sync_counters counters;
	struct fpr_sync_config config;
	uint32_t slices, trials, tuning, reserved;
	uint64_t steps, waited_ns, events, events_lost, start_ns;
};

/**
 * fpr_group_get_stats() - read them
 * @group: a started group
 * @stats: filled in
 * Return: 0, -EINVAL, -EPROTO
 */
int fpr_group_get_stats(struct fpr_group *group, struct fpr_group_stats *stats);

/**
 * fpr_group_events() - copy recorded events, in order of time for each thread
 * @group: after fpr_group_finish()
 * @events: room for @max of them
 * @max: how many
 * Return: how many were copied, -EINVAL
 */
int64_t fpr_group_events(struct fpr_group *group, struct fpr_group_event *events, uint64_t max);

#ifdef __cplusplus
}
#endif

#endif
