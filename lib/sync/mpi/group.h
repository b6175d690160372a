/* SPDX-License-Identifier: MIT */
#ifndef FPR_SYNC_GROUP_H
#define FPR_SYNC_GROUP_H

#include <pthread.h>
#include <stdatomic.h>

#include "fpr_sync.h"

/*
 * One thread, the engine, makes all MPI calls and runs the core. The lock guards what callers'
 * threads share with it: the core, the tensors' counts, the error. The engine holds it
 * for decisions, never while MPI, sums or copies work.
 */

/* Messages of the data communicator are tagged slice * 8 + message, plus 4 for one's credit. */
#define FPR_ENGINE_TAG_BITS 3
#define FPR_ENGINE_CREDIT 4
#define FPR_ENGINE_TAG_NOTE 1
#define FPR_ENGINE_TAG_HELLO 0x5fff

#define FPR_ENGINE_ARRAYS_MAX 3
#define FPR_ENGINE_RATES 4

/**
 * struct fpr_engine_tensor - a tensor and where it is in its step
 * @user: as given
 * @bytes: its size
 * @begin: bytes of all tensors before it
 * @pushed: in this step
 * @fetching: of those, not in host memory yet
 * @delivering: copies of new values into its memory under way
 */
struct fpr_engine_tensor {
	struct fpr_group_tensor user;
	uint64_t bytes, begin, pushed, fetching;
	uint32_t delivering;
};

/**
 * struct fpr_engine_slice - what the engine keeps of a slice
 * @begin: bytes of all slices before it
 * @at: where it is in this server's arrays, bytes
 * @sum_at: where its sum is in this server's sums, a multiple of FPR_GROUP_SUM_ALIGN
 * @done: steps, on its server
 * @missing: bytes of gradient not there yet
 * @sending: messages whose memory MPI may still read
 * @direct: all of it is in one tensor in host memory, so messages need no copy
 * @out: gradient, packed
 * @in: value, packed
 */
struct fpr_engine_slice {
	uint64_t begin, at, sum_at, done;
	uint32_t missing, sending;
	int direct;
	char *out, *in;
};

/**
 * struct fpr_engine_op - a message on its way, beside its request
 * @sending: or receiving
 * @credit: it says that @message has been consumed
 * @message: enum fpr_sync_message
 * @slice: which
 * @peer: to or from whom
 */
struct fpr_engine_op {
	int sending, credit;
	enum fpr_sync_message message;
	uint32_t slice, peer;
};

/**
 * struct fpr_engine_wire - messages
 * @data: slices
 * @control: notes, and what all ranks do together
 * @requests: on their way
 * @ops: what they are
 * @indices: for MPI
 * @statuses: for MPI
 * @finished: for a pass over what has completed
 * @count: of @requests
 * @room: of all of them
 * @incoming: receives among @requests
 */
struct fpr_engine_wire {
	MPI_Comm data, control;
	MPI_Request *requests;
	struct fpr_engine_op *ops, *finished;
	MPI_Status *statuses;
	int *indices;
	int count, room, incoming;
};

enum fpr_engine_note_kind {
	FPR_ENGINE_ALIVE,
	FPR_ENGINE_RATE, /* worker 0 to ranks that only serve: a step's rate */
	FPR_ENGINE_BOUNDARY, /* the same: between two steps, do as the workers do */
	FPR_ENGINE_FAIL,
	FPR_ENGINE_LEAVE,
};

/* What a rank waits for all others to do too. */
enum fpr_engine_doing {
	FPR_ENGINE_ALONE_YET, /* nothing */
	FPR_ENGINE_STARTING,
	FPR_ENGINE_CROSSING,
	FPR_ENGINE_FINISHING,
	FPR_ENGINE_GATHERING,
};

/**
 * struct fpr_engine_note - a message beside the data
 * @kind: enum fpr_engine_note_kind
 * @error: of FAIL, negative errno
 * @culprit: of FAIL, a rank
 * @calls: of ALIVE: counts what the program does
 * @step: of RATE and BOUNDARY; of ALIVE: that the program began last
 * @rate: of RATE
 * @doing: of ALIVE: enum fpr_engine_doing
 * @text: of FAIL
 */
struct fpr_engine_note {
	uint32_t kind;
	int32_t error;
	uint32_t culprit, finish;
	uint64_t calls, step;
	double rate;
	uint32_t doing, reserved;
	char text[FPR_GROUP_ERROR_MAX];
};

/**
 * struct fpr_engine_sent_note - a note that MPI may still read
 * @next: list
 * @request: of it
 * @note: what was sent
 * @peer: to whom
 */
struct fpr_engine_sent_note {
	struct fpr_engine_sent_note *next;
	MPI_Request request;
	struct fpr_engine_note note;
	uint32_t peer;
};

/**
 * struct fpr_engine_hello - what ranks tell each other first
 * @version: of this protocol
 * @pid: process
 * @host: name
 */
struct fpr_engine_hello {
	uint32_t version, pid;
	char host[FPR_GROUP_HOST_MAX];
};

/**
 * struct fpr_engine_peer - another rank
 * @hello: who it is
 * @joined: its hello has come
 * @heard_ns: last sign of life that counts
 * @calls: its program's count
 * @calls_ns: when that changed last
 * @beating: an ALIVE note to it is not out yet
 * @left: it said so
 * @doing: enum fpr_engine_doing, as it said last
 * @doing_step: its step then
 * @doing_ns: since when it says so
 * @told_ns: when it said so last
 */
struct fpr_engine_peer {
	struct fpr_engine_hello hello;
	int joined, beating, left;
	uint64_t heard_ns, calls, calls_ns;
	uint32_t doing;
	uint64_t doing_step, doing_ns, told_ns;
};

/**
 * struct fpr_engine_rate - a step's numbers
 * @step: which, counted from 1
 * @rate: the optimiser's
 * @power1: beta1^step
 * @power2: beta2^step
 */
struct fpr_engine_rate {
	uint64_t step;
	double rate, power1, power2;
};

enum fpr_engine_job_kind {
	FPR_ENGINE_FETCH,
	FPR_ENGINE_DELIVER,
	FPR_ENGINE_ADD,
	FPR_ENGINE_READ,
	FPR_ENGINE_ALONE, /* the engine waits for it */
};

struct fpr_group_job {
	struct fpr_group *group;
	struct fpr_group_job *next;
	enum fpr_engine_job_kind kind;
	int status, done;
	uint32_t tensor, slice;
	uint64_t offset, bytes;
	struct fpr_sync_action action;
};

/**
 * struct fpr_engine_call - what a caller has the engine do
 * @run: does it, in the engine's thread
 * @argument: for it
 * @result: what it returned
 * @done: it has
 */
struct fpr_engine_call {
	int (*run)(struct fpr_group *group, void *argument);
	void *argument;
	int result, done;
};

struct fpr_group {
	struct fpr_group_options options;
	uint32_t rank, ranks, workers;
	int is_worker, own_world, tag_max;
	MPI_Comm parent;

	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake; /* the engine */
	pthread_cond_t news; /* callers */
	int woken, stop, created, join_error;
	atomic_int started, finished;
	uint32_t inside; /* callers that wait */
	int together; /* all ranks are waited for */
	uint32_t doing; /* enum fpr_engine_doing */
	uint64_t doing_ns; /* since then */
	int boundary_due, boundary_finish; /* told to a rank that only serves */
	uint64_t boundary_step;
	struct fpr_engine_call *call;
	uint64_t calls; /* of the program; a sign that it is not stuck */

	atomic_int error;
	int told, rescued, heard_of_it;
	uint64_t told_ns;
	uint32_t culprit;
	char text[FPR_GROUP_ERROR_MAX];

	struct fpr_engine_wire wire;
	char small[256]; /* broadcast; not the caller's, as MPI has it when that is given up */
	struct fpr_engine_peer *peers;
	struct fpr_engine_sent_note *notes;
	struct fpr_engine_note note; /* being received */
	MPI_Request note_request;
	uint64_t beat_ns, turn_ns, busy_ns;

	const struct fpr_group_memory *memory; /* of all tensors that have one */
	void *memory_context;
	struct fpr_engine_tensor *tensors;
	uint32_t tensor_count;
	uint64_t total; /* bytes of all tensors */

	struct fpr_sync_plan *plan;
	struct fpr_sync_core *core;
	struct fpr_sync_counters before; /* of earlier cores */
	struct fpr_engine_slice *slices;
	uint32_t slice_count, least_urgent; /* the largest priority of a slice */

	float *arrays[FPR_ENGINE_ARRAYS_MAX]; /* this server's part: values, then the optimiser's */
	uint32_t array_count;
	uint64_t owned; /* bytes of each */
	uint64_t owned_sums; /* bytes of the sums, with what aligns them */
	float *sums;
	char **inbox; /* per slice and worker */
	uint32_t *held, held_count; /* slices whose rate is not here yet */
	struct fpr_engine_rate rates[FPR_ENGINE_RATES], last_rate;

	struct fpr_group_job *jobs; /* done, not looked at */
	atomic_uint jobs_open;

	atomic_ullong step, complete; /* tensors pushed in it */
	uint64_t step_told_ns; /* the step began, by the lock */
	atomic_int begun; /* a step, since the start */

	float *restored[FPR_ENGINE_ARRAYS_MAX];
	uint32_t restored_arrays;
	uint64_t restored_step;
	float *whole[FPR_ENGINE_ARRAYS_MAX]; /* a checkpoint for the caller */
	int whole_ready;

	struct fpr_sync_tuner tuner;
	atomic_int tuning;
	atomic_uint trials;
	uint64_t tune_base;
	uint64_t *step_ns;
	uint32_t step_count;
	uint64_t step_began_ns;

	struct fpr_group_event *events;
	atomic_ullong event_count;
	uint64_t start_ns;
	atomic_ullong waited_ns;
};

static inline int fpr_engine_is_mine(const struct fpr_group *g, uint32_t slice)
{
	uint32_t count;

	return fpr_sync_plan_config(g->plan)->first_server +
		       fpr_sync_plan_slices(g->plan, &count)[slice].server ==
	       g->rank;
}

static inline const struct fpr_sync_slice *fpr_engine_slice(const struct fpr_group *g,
							    uint32_t slice)
{
	uint32_t count;

	return fpr_sync_plan_slices(g->plan, &count) + slice;
}

/* ---- engine.c ---------------------------------------------------------- */

uint64_t fpr_engine_now(void);
void *fpr_engine_main(void *group);
/* One pass over everything. Return: 0 or the group's error */
int fpr_engine_turn(struct fpr_group *g);
/* Has the engine run something, and waits for it. Return: what it returned, or the group's error */
int fpr_engine_run(struct fpr_group *g, int (*run)(struct fpr_group *, void *), void *argument);
/* Wakes the engine; with the lock held. */
void fpr_engine_wake(struct fpr_group *g);

/* ---- peers.c ----------------------------------------------------------- */

/* Ends the group, once: the first error stays. Return: the group's error */
int fpr_engine_fail(struct fpr_group *g, int error, uint32_t culprit, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* "rank 2 (host b, pid 71)" */
void fpr_engine_name(const struct fpr_group *g, uint32_t rank, char *name, size_t size);
/* Return: 0 or the group's error */
int fpr_engine_mpi(struct fpr_group *g, int mpi_error, const char *what, uint32_t peer);
int fpr_engine_join(struct fpr_group *g);
/* Return: 0 or the group's error */
int fpr_engine_notes(struct fpr_group *g, uint64_t now);
int fpr_engine_watch(struct fpr_group *g, uint64_t now);
int fpr_engine_tell(struct fpr_group *g, uint32_t peer, const struct fpr_engine_note *note);
/* Lets the others know of an error, or that this rank leaves. */
void fpr_engine_farewell(struct fpr_group *g);
void fpr_engine_heard(struct fpr_group *g, uint32_t peer, uint64_t now);
/* Begins to do what all ranks do, or ends it. */
void fpr_engine_do(struct fpr_group *g, enum fpr_engine_doing doing);
/* Takes notice of ranks that have left. Return: 0 or the group's error */
int fpr_engine_all_there(struct fpr_group *g);
/* Gives MPI some time to take the notes that it still has. */
void fpr_engine_flush_notes(struct fpr_group *g);

/* ---- wire.c ------------------------------------------------------------ */

int fpr_engine_send(struct fpr_group *g, const struct fpr_sync_action *action);
/* Return: how much happened, or the group's error */
int fpr_engine_wire(struct fpr_group *g);
/* Waits until MPI reads none of a slice's memory; what it still does, its peers have. */
int fpr_engine_settle(struct fpr_group *g, uint32_t slice);

/* ---- memory.c ---------------------------------------------------------- */

/* Return: a slice's gradient, this rank's; NULL without memory */
const void *fpr_engine_gradient(struct fpr_group *g, uint32_t slice);
/* Return: where a slice's value is to be received; NULL without memory */
void *fpr_engine_landing(struct fpr_group *g, uint32_t slice);
/* A slice's value is at its landing, or at its server's. Return: 0 or the group's error */
int fpr_engine_unpack(struct fpr_group *g, uint32_t slice, const void *value);
/* A part of a gradient is in host memory; with the lock held. */
int fpr_engine_given(struct fpr_group *g, uint32_t tensor, uint64_t offset, uint64_t bytes);
/* Starts to fetch a part of a gradient; without the lock. */
int fpr_engine_fetch(struct fpr_group *g, uint32_t tensor, uint64_t offset, uint64_t bytes);
/* Looks at jobs that are done. Return: how many, or the group's error */
int fpr_engine_jobs(struct fpr_group *g);
struct fpr_group_job *fpr_engine_job(struct fpr_group *g, enum fpr_engine_job_kind kind);
/* What a memory or an adder shall take a slice's copies as, in 16 bits; the mode says whether they
 * differ. */
uint32_t fpr_engine_urgency(const struct fpr_group *g, uint32_t slice);
/* Host memory that the tensors' memory can use. */
void *fpr_engine_alloc(struct fpr_group *g, uint64_t bytes);
void fpr_engine_release(struct fpr_group *g, void *host);
/* Staging memory of slices that are not all in host memory. */
int fpr_engine_stage(struct fpr_group *g);
/* Copies a part of a parameter, and waits for it. */
int fpr_engine_read(struct fpr_group *g, uint32_t tensor, uint64_t offset, uint64_t bytes,
		    void *host);
int fpr_engine_write(struct fpr_group *g, uint32_t tensor, uint64_t offset, uint64_t bytes,
		     const void *host);
/* Gives back staging memory. */
void fpr_engine_unstage(struct fpr_group *g);

/* ---- sums.c ------------------------------------------------------------ */

int fpr_engine_aggregate(struct fpr_group *g, const struct fpr_sync_action *action);
/* Return: where a worker's slice is received; NULL without memory */
void *fpr_engine_inbox(struct fpr_group *g, uint32_t slice, uint32_t worker);
/* Updates slices whose rate has come meanwhile. Return: how many, or the group's error */
int fpr_engine_unhold(struct fpr_group *g);
int fpr_engine_added(struct fpr_group *g, const struct fpr_group_job *job);
/* A step's rate; with the lock held. */
void fpr_engine_set_rate(struct fpr_group *g, uint64_t step, double rate);

/* Is a tensor's newest value where its parameter is? With the lock held. */
static inline int fpr_engine_is_ready(const struct fpr_group *g, uint32_t tensor)
{
	const struct fpr_engine_tensor *t = g->tensors + tensor;

	return !t->fetching && !t->delivering && fpr_sync_ready(g->core, tensor) == 1;
}

/* ---- update.c ---------------------------------------------------------- */

/* Arrays the optimiser keeps. */
uint32_t fpr_engine_states(const struct fpr_group_options *options);
void fpr_engine_update(const struct fpr_group_options *options, uint32_t workers,
		       const struct fpr_engine_rate *rate, const float *sum, float *const *arrays,
		       uint64_t elements);

/* ---- model.c ----------------------------------------------------------- */

/* Plan, slices, core of a configuration. */
int fpr_engine_model(struct fpr_group *g, const struct fpr_sync_config *config);
void fpr_engine_forget_model(struct fpr_group *g);
void fpr_engine_add_counters(struct fpr_sync_counters *sum, const struct fpr_sync_counters *c);
int fpr_engine_start(struct fpr_group *g, void *unused);

/* ---- together.c -------------------------------------------------------- */

/* Waits for something that all ranks take part in. Return: 0 or the group's error */
int fpr_engine_together(struct fpr_group *g, MPI_Request *request);
int fpr_engine_barrier(struct fpr_group *g);
int fpr_engine_broadcast(struct fpr_group *g, void *data, uint64_t bytes);
int fpr_engine_gather(struct fpr_group *g, void *argument);

/**
 * struct fpr_engine_gathering - fpr_group_gather()'s arguments
 */
struct fpr_engine_gathering {
	const void *data;
	uint64_t bytes;
	void *all;
	uint64_t room;
	uint64_t *sizes;
};

/**
 * struct fpr_engine_run_of - consecutive bytes of the model that one rank has
 * @end: first byte behind them
 * @owner: a rank
 */
struct fpr_engine_run_of {
	uint64_t end;
	uint32_t owner;
};

/**
 * struct fpr_engine_layout - who has which bytes of the arrays
 * @runs: in order, covering the model
 * @count: of @runs
 */
struct fpr_engine_layout {
	struct fpr_engine_run_of *runs;
	uint32_t count;
};

/* Return: who serves what in the plan; runs are NULL without memory */
struct fpr_engine_layout fpr_engine_layout_of(const struct fpr_group *g);
/* Moves an array; @from and @to hold this rank's bytes of each layout, packed. */
int fpr_engine_move(struct fpr_group *g, const struct fpr_engine_layout *from_layout,
		    const float *from, const struct fpr_engine_layout *to_layout, float *to);

/* ---- boundary.c -------------------------------------------------------- */

/* Is there anything to do together before a step begins? */
int fpr_engine_is_boundary(const struct fpr_group *g, uint64_t done_steps);
/* @finish: no step follows */
int fpr_engine_boundary(struct fpr_group *g, uint64_t done_steps, int finish);

/* ---- events.c ---------------------------------------------------------- */

void fpr_engine_event(struct fpr_group *g, enum fpr_group_event_kind kind, uint32_t message,
		      uint32_t slice, uint32_t tensor, uint32_t peer);

#endif
