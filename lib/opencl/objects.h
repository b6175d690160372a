/* SPDX-License-Identifier: MIT */
#ifndef FPR_CL_OBJECTS_H
#define FPR_CL_OBJECTS_H

/* The objects behind OpenCL's handles, and what all of them have. */

#include <pthread.h>
#include <stdint.h>

#include "api.h"
#include "clock.h"
#include "fpr.h"

enum kind {
	KIND_PLATFORM = 0x66707230, /* no small number: a wrong handle should not pass */
	KIND_DEVICE,
	KIND_CONTEXT,
	KIND_QUEUE,
	KIND_MEM,
	KIND_PROGRAM,
	KIND_KERNEL,
	KIND_EVENT,
};

/**
 * struct object - the beginning of every object
 * @dispatch: the loader calls through it
 * @dispatch_data: room for a loader that keeps its own (cl_khr_icd 2)
 * @kind: enum kind; another value once destroyed
 * @refs: the application's references; at 0 the handle is invalid
 * @holds: ours, and one for all of the application's; at 0 the object goes
 * @destroy: frees it
 */
struct object {
	const cl_icd_dispatch *dispatch;
	void *dispatch_data;
	enum kind kind;
	cl_uint refs, holds;
	void (*destroy)(struct object *object);
};

void fpr_cl_init(struct object *object, enum kind kind, void (*destroy)(struct object *object));

/* Is it a handle of ours that the application may use? NULL is not. */
int fpr_cl_is(const void *handle, enum kind kind);

/* For clRetainXxx(): CL_SUCCESS, or @error when it is none. */
cl_int fpr_cl_retain(void *handle, enum kind kind, cl_int error);

/* Gives one reference of the application back. Return: 1 when it was the last. */
int fpr_cl_unref(struct object *object);

void fpr_cl_hold(void *object);

/* Gives a hold back, NULL allowed. It may be the last: no lock may be held. */
void fpr_cl_drop(void *object);

/* ---- answers ------------------------------------------------------------ */

/* Where a query's answer goes, as the application said. */
struct answer {
	size_t size;
	void *value;
	size_t *ret;
};

/* Return: CL_SUCCESS, CL_INVALID_VALUE when there is not enough room. */
cl_int fpr_cl_give(const struct answer *answer, const void *data, size_t bytes);
cl_int fpr_cl_give_text(const struct answer *answer, const char *text);

#define FPR_CL_GIVE(answer, type, expression)                        \
	do {                                                         \
		const type given_ = (expression);                    \
                                                                     \
		return fpr_cl_give(answer, &given_, sizeof(given_)); \
	} while (0)

/* For functions that return an object: tells the error, if asked to. Return: NULL. */
void *fpr_cl_fail(cl_int *error, cl_int code);

/* The code that says best what a negative errno of the library means. */
cl_int fpr_cl_error(int errno_code);

/* ---- platform, device --------------------------------------------------- */

struct _cl_platform_id {
	struct object object;
};

extern struct _cl_platform_id fpr_cl_platform;

/**
 * struct _cl_device_id - a board that was found; never freed
 * @next: found later
 * @info: what the library says; its name opens the board
 * @type: CL_DEVICE_TYPE_CUSTOM or CL_DEVICE_TYPE_ACCELERATOR
 * @available: it was there when last looked for
 * @seen: it is there, while that is being done
 * @pci: where it sits
 * @has_pci: it sits somewhere
 * @memory_bytes: of the board; of the host, when the board uses that
 */
struct _cl_device_id {
	struct object object;
	cl_device_id next;
	struct fpr_device_info info;
	cl_device_type type;
	cl_bool available, seen;
	cl_device_pci_bus_info_khr pci;
	int has_pci;
	cl_ulong memory_bytes;
};

/* Largest buffer. */
cl_ulong fpr_cl_max_alloc(cl_device_id device);

/* ---- context ------------------------------------------------------------ */

/* A function of the application to be called when an object goes; the last comes first. */
struct farewell {
	struct farewell *next;
	void (*function)(void *object, void *data);
	void *data;
};

/**
 * struct _cl_context - boards, and everything that is made for them
 * @lock: guards the graph of commands, all lists here, mappings and arguments
 * @changed: a command ended
 * @properties: as given, with the final 0
 * @n_properties: 0: none were given
 * @farewells: called when it goes
 * @kernels: all of it
 * @todo: commands to look at again; see engine.h
 * @fired: callbacks to be made
 * @garbage: ended commands whose last hold may be dropped
 * @strays: threads of queues that have gone, to be joined
 * @mover: for transfers of queues whose board is not the first
 * @n_devices: entries of @boards
 * @boards: buffers lie on the first; see README.md. Each keeps the distance of its clock
 */
struct _cl_context {
	struct object object;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	cl_context_properties *properties;
	size_t n_properties;
	struct farewell *farewells;
	cl_kernel kernels;
	cl_event todo, *todo_end;
	struct callback *fired, **fired_end;
	cl_event garbage;
	struct thread *strays;
	struct fpr_queue *mover;
	cl_uint n_devices;
	struct board {
		cl_device_id device;
		struct fpr_device *handle;
		struct board_clock clock;
	} boards[];
};

/* Return: its place in the context, or -1 */
int fpr_cl_board_of(cl_context context, cl_device_id device);

/* ---- queue -------------------------------------------------------------- */

/**
 * struct thread - a thread of a queue
 * @next: in a list of them
 * @id: to join it by
 * @queue: held
 * @calls: it may be in a callback, with no command of its own left
 * @detached: nobody joins it, it frees this itself
 */
struct thread {
	struct thread *next;
	pthread_t id;
	cl_command_queue queue;
	int calls, detached;
};

/**
 * struct _cl_command_queue - commands and the threads that see them through
 * @context: held
 * @board: index into the context's
 * @queue: the library's
 * @bits: CL_QUEUE_*
 * @priority: CL_QUEUE_PRIORITY_*
 * @properties: as given, with the final 0
 * @n_properties: 0: none were given
 * @enqueued: commands so far
 * @first: commands that have not ended, in the order of their calls, held
 * @last: end of that
 * @barrier: held; what comes later waits for it
 * @pending: launched commands, or some to run here, for a thread to take
 * @pending_end: its end
 * @wake: there is something in @pending, or @stop
 * @threads: all
 * @n_pending: entries of @pending
 * @n_threads: of @threads
 * @n_idle: those that wait
 * @stop: they shall end
 */
struct _cl_command_queue {
	struct object object;
	cl_context context;
	cl_uint board;
	struct fpr_queue *queue;
	cl_command_queue_properties bits;
	cl_uint priority;
	cl_queue_properties *properties;
	size_t n_properties;
	cl_ulong enqueued;
	cl_event first, last, barrier;
	cl_event pending, *pending_end;
	pthread_cond_t wake;
	struct thread *threads;
	unsigned int n_pending, n_threads, n_idle;
	int stop;
};

/* ---- memory ------------------------------------------------------------- */

/* One clEnqueueMapBuffer() that has not been undone. */
struct mapping {
	struct mapping *next;
	void *at;
	size_t offset, bytes;
	cl_map_flags flags;
};

/**
 * struct _cl_mem - a buffer, or a part of one
 * @context: held
 * @parent: held; of a part
 * @flags: as the application may ask for them
 * @size: bytes
 * @offset: in the parent
 * @host: what the application gave with CL_MEM_USE_HOST_PTR
 * @properties: as given, with the final 0
 * @n_properties: 0: none were given
 * @buffer: the memory; a part's is its parent's
 * @bytes: mapped, from @offset on
 * @on_board: it lies in the board's memory
 * @mappings: that have not been undone
 * @n_mappings: of these
 * @farewells: called when it goes
 */
struct _cl_mem {
	struct object object;
	cl_context context;
	cl_mem parent;
	cl_mem_flags flags;
	size_t size, offset;
	void *host;
	cl_mem_properties *properties;
	size_t n_properties;
	struct fpr_buffer *buffer;
	unsigned char *bytes;
	int on_board;
	struct mapping *mappings;
	cl_uint n_mappings;
	struct farewell *farewells;
};

/* ---- program, kernel ---------------------------------------------------- */

/**
 * struct _cl_program - built-in kernels, or source that nobody can compile
 * @context: held
 * @source: of such a program, else NULL
 * @kernels: built-in ones, by index, as named
 * @n_kernels: how many; 0 of source
 * @n_devices: entries of @devices
 */
struct _cl_program {
	struct object object;
	cl_context context;
	char *source;
	const struct builtin **kernels;
	cl_uint n_kernels;
	cl_uint n_devices;
	cl_device_id *devices;
};

/* What an argument was set to. */
struct value {
	int set;
	union {
		cl_mem mem;
		cl_ulong number;
	};
};

/**
 * struct _cl_kernel - a built-in kernel and its arguments
 * @program: held
 * @builtin: what it does
 * @next: of the context
 * @values: one per argument; buffers are not held, as the specification demands
 */
struct _cl_kernel {
	struct object object;
	cl_program program;
	const struct builtin *builtin;
	cl_kernel next;
	struct value values[];
};

/* Arguments that name a buffer that goes are unset; the context's lock is not held. */
void fpr_cl_kernels_forget(cl_mem mem);

#endif
