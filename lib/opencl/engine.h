/* SPDX-License-Identifier: MIT */
#ifndef FPR_CL_ENGINE_H
#define FPR_CL_ENGINE_H

/*
 * The graph of a context's commands. A command is its event. It waits for the events of its
 * wait list, which carry failure, and for the order of its queue, which does not. As soon as
 * all of those have ended, or will signal fences that the board itself can wait for, it is
 * launched: handed to the board, or to a thread of its queue when it is done on the host.
 */

#include "objects.h"

enum stage {
	STAGE_WAITING, /* for other commands, or for clSetUserEventStatus() */
	STAGE_LAUNCHED, /* on the board, or pending in the queue */
	STAGE_ENDED,
};

/* One of the commands that a command waits for. */
struct wait {
	cl_event event;
	int carries_failure;
};

/* One clSetEventCallback(), and one that is due. */
struct callback {
	struct callback *next;
	void(CL_CALLBACK *function)(cl_event event, cl_int status, void *data);
	void *data;
	cl_event event;
	cl_int status;
};

/* A block of rows in slices, as the rect functions know it. */
struct block {
	size_t start, row_pitch, slice_pitch;
};

/**
 * struct work - what a command does
 * @submit: hands it to the board; NULL: not for the board. Sets *@fence.
 *	Return: 0 or -errno
 * @run: does it on the host, in a thread of the queue. Return: an OpenCL status
 * @collect: after a fence has signalled; sets times and @board_ns. Return: as fpr_fence_wait()
 *	With neither @submit nor @run it only marks a place.
 * @handle: the board that @submit hands it to
 * @product: it goes to the in-order stream of its queue
 * @mems: buffers it uses, held
 * @host: the application's memory
 * @rect: of the rect commands; @a and @b: source and destination, or buffer and host
 * @map: of map and unmap, read and write
 */
struct work {
	int (*submit)(cl_event event, struct fpr_fence *const *waits, size_t n_waits,
		      struct fpr_fence **fence);
	cl_int (*run)(cl_event event);
	int (*collect)(cl_event event);
	struct fpr_device *handle;
	int product;
	cl_mem mems[3];
	union {
		void *to;
		const void *from;
	} host;
	union {
		struct {
			size_t region[3];
			struct block a, b;
		} rect;
		struct {
			size_t offset, bytes, pattern_bytes;
			cl_uchar pattern[128];
		} fill;
		struct {
			size_t offset, bytes;
			cl_map_flags flags;
		} map;
		struct {
			struct fpr_gemm_job job;
			uint64_t bytes[3];
			struct fpr_gemm_result result;
		} gemm;
		struct fpr_transfer_job transfer;
		struct {
			size_t from, to, bytes;
			uint16_t priority;
		} move;
	};
};

/**
 * struct _cl_event - a command, or a user event
 * @context: held
 * @queue: held; NULL: a user event
 * @type: CL_COMMAND_*
 * @stage: what the graph knows
 * @status: what the application sees
 * @board_waits: it was launched before all that it waits for had ended
 * @host_waits: it is launched only after that: something has failed
 * @marked: it is in the context's todo list
 * @barrier: what comes later in its queue waits for it
 * @number: of its queue's, from 1
 * @times: CLOCK_MONOTONIC: queued, submitted, started, ended
 * @board_ns: when it ended, on the board's clock; 0: the board does not say
 * @waits: until it has ended
 * @n_waits: entries of @waits
 * @followers: commands that wait for it; held
 * @n_followers: of these
 * @max_followers: room
 * @callbacks: not yet due
 * @fence: of the board
 * @work: what to do
 * @before: in the queue's list of commands that have not ended
 * @after: likewise
 * @next: in the queue's pending list, then in the context's garbage
 * @todo: in the context's todo list
 */
struct _cl_event {
	struct object object;
	cl_context context;
	cl_command_queue queue;
	cl_command_type type;
	enum stage stage;
	cl_int status;
	int board_waits, host_waits, marked, barrier;
	cl_ulong number, times[4], board_ns;
	struct wait *waits;
	size_t n_waits;
	cl_event *followers;
	size_t n_followers, max_followers;
	struct callback *callbacks;
	struct fpr_fence *fence;
	struct work work;
	cl_event before, after, next, todo;
};

/* Nanoseconds, CLOCK_MONOTONIC. */
cl_ulong fpr_cl_now(void);

/* ---- commands ----------------------------------------------------------- */

/* A user's event, or a command of @queue that does nothing yet; the caller's. Return: it or NULL.
 */
cl_event fpr_cl_event_new(cl_context context, cl_command_queue queue, cl_command_type type);

/* The command uses it until it has ended. */
void fpr_cl_use(cl_event event, unsigned int index, cl_mem mem);

/* Gives back a command that will not be enqueued. Return: @error. */
cl_int fpr_cl_abandon(cl_event event, cl_int error);

/* How a command is to be enqueued, as every clEnqueueXxx() has it. */
struct request {
	cl_uint n_waits;
	const cl_event *waits;
	cl_event *event;
	cl_bool blocking;
};

/* Return: CL_SUCCESS, or what is wrong with a wait list. */
cl_int fpr_cl_check_waits(cl_context context, cl_uint n, const cl_event *waits);

/**
 * fpr_cl_enqueue() - put a command behind what its queue holds
 * @event: taken over, also on failure
 * @request: its wait list is checked here
 * @all: it waits for all earlier commands of the queue, too
 * Return: CL_SUCCESS; an error with nothing enqueued; of a blocking one what became of it
 */
cl_int fpr_cl_enqueue(cl_event event, const struct request *request, int all);

/* Waits for an event to end. Return: its status. */
cl_int fpr_cl_wait(cl_event event);

/* ---- the graph, under the context's lock --------------------------------- */

void fpr_cl_lock(cl_context context);

/* Launches what can be, unlocks, makes callbacks that are due, frees what has ended. */
void fpr_cl_unlock(cl_context context);

/* Puts an event's followers, or itself, on the list of what to look at again. */
void fpr_cl_mark(cl_event event);
void fpr_cl_mark_followers(cl_event event);

/* Launches all on the list that can be. */
void fpr_cl_launch_ready(cl_context context);

/* Changes what the application sees; callbacks become due. */
void fpr_cl_set_status(cl_event event, cl_int status);

/* Ends an event that has not ended: CL_COMPLETE or an error. */
void fpr_cl_end(cl_event event, cl_int status);

/* The commands that it waits for have all ended. */
int fpr_cl_waits_ended(cl_event event);

/* ---- threads of a queue -------------------------------------------------- */

/* Hands a launched command to a thread; the lock is held. Return: 0 or -errno. */
int fpr_cl_pend(cl_event event);

/* Ends a queue's threads, and waits for those not in a callback; the lock is not held. */
void fpr_cl_stop_threads(cl_command_queue queue);

/* The same when a queue without references has run dry; the lock is held. */
void fpr_cl_leave_threads(cl_command_queue queue);

/* Waits for threads of queues that have gone, likewise. */
void fpr_cl_join_strays(cl_context context);

#endif
