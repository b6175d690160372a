/* SPDX-License-Identifier: MIT */
#ifndef FPR_SYNC_CORE_H
#define FPR_SYNC_CORE_H

/*
 * The scheduling core of data-parallel parameter synchronisation.
 *
 * It decides; it does not act. A plan says how a model's tensors are cut into
 * slices and which rank is the server of each. A core is one rank's state. The
 * caller feeds it events (a gradient exists, a message has gone or come, a sum
 * is done) and carries out the actions that it asks for until there are none.
 * The core reads no clock, moves no bytes and starts no threads, so an MPI
 * engine, a board and a simulator run the same decisions.
 *
 * A step, for each slice: every worker pushes its gradient to the slice's
 * server. The server adds the workers' slices in the order of their ranks,
 * whatever order they came in, so that results have the same bits in every mode.
 * The new value goes back to every worker. A tensor is ready when all slices
 * that hold bytes of it have come back.
 *
 * A core is used by one thread at a time; cores share a plan, which never
 * changes. Functions return 0 or a negative errno: -EINVAL for an argument or
 * event that can never be right, -EPROTO for one that does not fit what
 * happened before (nothing is changed by either), -ENOMEM. After -ENOMEM a core
 * can only be destroyed.
 */

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct fpr_sync_plan;
struct fpr_sync_core;

/* ---- configuration ----------------------------------------------------- */

/**
 * enum fpr_sync_mode - presets of struct fpr_sync_config
 * @FPR_SYNC_FIFO: the P3 paper's baseline, as MXNet's KVStore does: large tensors split evenly over
 *	the servers, others whole on one, in order of appearance; the server tells each worker
 *	that a sum is done, and a worker asks for a tensor once it heard so of all its parts
 * @FPR_SYNC_SLICE: tensors cut into slices, values sent back at once; in order of appearance
 * @FPR_SYNC_P3: P3 as its authors' code does it: @FPR_SYNC_SLICE, the worker's sender and the
 *	server's queue ordered by priority, one message on its way per peer, a peer that is not
 *	ready stalls the others, replies unordered; a tensor's slices begin at server 0
 * @FPR_SYNC_P3_GLOBAL: the same with the placement of upstream MXNet: one counter for all tensors
 * @FPR_SYNC_BEST: ours: balanced placement, small neighbours fused, one order for pushes and
 *	replies (an earlier step first, then priority), windows in bytes. Growth of slices with
 *	slack did not pay at 16 ranks: there is none until the tuner finds some
 */
enum fpr_sync_mode {
	FPR_SYNC_FIFO,
	FPR_SYNC_SLICE,
	FPR_SYNC_P3,
	FPR_SYNC_P3_GLOBAL,
	FPR_SYNC_BEST,
	FPR_SYNC_MODES,
};

/**
 * enum fpr_sync_placement - which server has a slice
 * @FPR_SYNC_PLACE_HASH: (9973 * list index) mod servers for a whole tensor, part i of a split one
 *on i
 * @FPR_SYNC_PLACE_RESTART: slice i of a tensor of slice_bytes or more on i mod servers, others
 *	as in HASH
 * @FPR_SYNC_PLACE_COUNTER: one counter over all slices, mod servers
 * @FPR_SYNC_PLACE_BALANCED: the server with the fewest bytes so far, in order of consumption:
 *	loads differ by one slice at most, for the model and for everything consumed before any
 *point
 */
enum fpr_sync_placement {
	FPR_SYNC_PLACE_HASH,
	FPR_SYNC_PLACE_RESTART,
	FPR_SYNC_PLACE_COUNTER,
	FPR_SYNC_PLACE_BALANCED,
	FPR_SYNC_PLACEMENTS,
};

/* struct fpr_sync_config.flags */
#define FPR_SYNC_PRIORITY_PUSH 0x01u /* pushes leave in order of priority, not of appearance */
#define FPR_SYNC_PRIORITY_SERVER 0x02u /* sums are done in order of priority */
#define FPR_SYNC_PRIORITY_REPLY \
	0x04u /* replies queue with the pushes, in one order of step, priority */
#define FPR_SYNC_BROADCAST 0x08u /* a finished slice goes back at once; else notify and pull */
#define FPR_SYNC_SKIP_BLOCKED 0x10u /* a peer without credit does not hold up the others */
#define FPR_SYNC_LIST_ORDER 0x20u /* priority is the list index, not the order of consumption */
#define FPR_SYNC_EXPLICIT_CREDIT 0x40u /* fpr_sync_credit() returns credit, not fpr_sync_sent() */
#define FPR_SYNC_MIX_STEPS 0x80u /* an earlier step's messages do not go first */
#define FPR_SYNC_FLAGS 0xffu

/**
 * struct fpr_sync_config - how a model is synchronised; the same on every rank
 * @ranks: processes, 1 to FPR_SYNC_RANKS_MAX
 * @workers: ranks 0 to @workers - 1 compute gradients
 * @first_server: rank of server 0
 * @servers: ranks from @first_server on serve; colocated by default: every rank does both
 * @placement: enum fpr_sync_placement
 * @flags: FPR_SYNC_...
 * @split_bytes: HASH only: a tensor of this many bytes or more is split evenly over all servers
 * @slice_bytes: a tensor is cut into slices of at most this; 0: not cut
 * @slice_max_bytes: by slack: slices grow with the bytes that are consumed before them, to at most
 *	this; values below @slice_bytes mean @slice_bytes, everywhere
 * @fuse_bytes: tensors smaller than this share a slice with their neighbours in order of
 *	consumption, which may make it up to this much larger, but by no more than all that is
 *	consumed before it; 0: never
 * @window_messages: messages on their way to one peer, 0: any number
 * @window_bytes: bytes on their way to one peer, 0: any number; a slice larger than that goes alone
 * @window_total_bytes: bytes on their way to all peers, likewise
 * @lanes: sums that may be under way at once, at least 1
 * @timeout_ns: fpr_sync_stalled() names a peer that owes something and was silent for so long; 0:
 *never
 *
 * Windows count what waits in the core's order: pushes, and replies with
 * FPR_SYNC_PRIORITY_REPLY. Everything else is handed out at once.
 */
struct fpr_sync_config {
	uint32_t ranks, workers, first_server, servers;
	uint32_t placement, flags;
	uint64_t split_bytes;
	uint32_t slice_bytes, slice_max_bytes, fuse_bytes;
	uint32_t window_messages;
	uint64_t window_bytes, window_total_bytes;
	uint32_t lanes;
	uint64_t timeout_ns;
};

#define FPR_SYNC_RANKS_MAX 65536u
#define FPR_SYNC_SLICE_MAX (1u << 30)

/**
 * fpr_sync_config_init() - fill in a mode's preset
 * @config: filled in; change what you like before making a plan
 * @mode: which
 * @ranks: processes, each worker and server
 * Return: 0 or -EINVAL
 */
int fpr_sync_config_init(struct fpr_sync_config *config, enum fpr_sync_mode mode, uint32_t ranks);

/**
 * fpr_sync_mode_name() - "fifo", "slice", "p3", "p3-global", "best"
 * @mode: which
 * Return: a constant, NULL for what is no mode
 */
const char *fpr_sync_mode_name(enum fpr_sync_mode mode);

/* ---- plan -------------------------------------------------------------- */

/**
 * struct fpr_sync_tensor - a tensor; an array of them is in order of consumption
 * @bytes: its size, a multiple of the element's, not 0
 * @list_index: its place in the framework's own list of parameters, for the modes that go by it
 */
struct fpr_sync_tensor {
	uint64_t bytes;
	uint32_t list_index;
};

/**
 * struct fpr_sync_slice - what is sent, summed and placed as one
 * @bytes: its size
 * @first: first tensor that it holds bytes of
 * @tensors: how many, consecutive ones
 * @offset: where in @first it begins; every tensor after the first is held from its own start
 * @server: index of its server; its rank is config.first_server + @server
 * @priority: 0 most urgent
 */
struct fpr_sync_slice {
	uint64_t offset;
	uint32_t bytes, first, tensors, server, priority;
};

/**
 * struct fpr_sync_piece - the part of a slice that lies in one tensor
 * @tensor: which
 * @offset: where in it, bytes
 * @bytes: how many
 */
struct fpr_sync_piece {
	uint32_t tensor, bytes;
	uint64_t offset;
};

/**
 * fpr_sync_plan_create() - cut tensors into slices and place them
 * @config: how
 * @tensors: in order of consumption: what the forward pass needs first comes first
 * @count: of @tensors, not 0
 * @plan: set on success; destroy it after the cores that use it
 *
 * A pure function: equal arguments give equal plans, on every machine. Cuts
 * inside a tensor are at multiples of 64 bytes from its start, except where
 * HASH splits.
 *
 * Return: 0, -EINVAL, -ENOMEM, or -E2BIG for more slices than 32 bits count or a
 * slice above FPR_SYNC_SLICE_MAX
 */
int fpr_sync_plan_create(const struct fpr_sync_config *config,
			 const struct fpr_sync_tensor *tensors, uint32_t count,
			 struct fpr_sync_plan **plan);

/**
 * fpr_sync_plan_destroy() - free a plan
 * @plan: may be NULL
 */
void fpr_sync_plan_destroy(struct fpr_sync_plan *plan);

/**
 * fpr_sync_plan_config() - what a plan was made with
 * @plan: a plan
 * Return: the plan's copy
 */
const struct fpr_sync_config *fpr_sync_plan_config(const struct fpr_sync_plan *plan);

/**
 * fpr_sync_plan_slices() - a plan's slices, in order of consumption
 * @plan: a plan
 * @count: set to how many
 * Return: the slices, the plan's own
 */
const struct fpr_sync_slice *fpr_sync_plan_slices(const struct fpr_sync_plan *plan,
						  uint32_t *count);

/**
 * fpr_sync_plan_piece() - where a slice's bytes are
 * @plan: a plan
 * @slice: index of a slice
 * @index: 0 to the slice's tensors - 1; pieces are packed in this order in a message
 * @piece: filled in
 * Return: 0 or -EINVAL
 */
int fpr_sync_plan_piece(const struct fpr_sync_plan *plan, uint32_t slice, uint32_t index,
			struct fpr_sync_piece *piece);

/**
 * fpr_sync_plan_load() - bytes that a server has
 * @plan: a plan
 * @server: index of the server
 * Return: bytes; 0 for no such server
 */
uint64_t fpr_sync_plan_load(const struct fpr_sync_plan *plan, uint32_t server);

/**
 * fpr_sync_plan_digest() - a number to compare plans by
 * @plan: a plan
 *
 * Ranks with different plans would wait for each other for ever: compare digests
 * before the first step.
 *
 * Return: a hash of slices and configuration, the same on every machine
 */
uint64_t fpr_sync_plan_digest(const struct fpr_sync_plan *plan);

/* ---- core -------------------------------------------------------------- */

/**
 * enum fpr_sync_message - what goes from rank to rank, beside its slice's index
 * @FPR_SYNC_PUSH: worker to server, the slice's gradient
 * @FPR_SYNC_REPLY: server to worker, the slice's new value
 * @FPR_SYNC_NOTIFY: server to worker, no bytes: the sum is done
 * @FPR_SYNC_PULL: worker to server, no bytes: send the value
 */
enum fpr_sync_message {
	FPR_SYNC_PUSH,
	FPR_SYNC_REPLY,
	FPR_SYNC_NOTIFY,
	FPR_SYNC_PULL,
};

/**
 * enum fpr_sync_verb - what the caller is to do
 * @FPR_SYNC_SEND: send @message for @slice to @peer, @bytes of payload, now; call fpr_sync_sent()
 *when the transport has taken the bytes
 * @FPR_SYNC_AGGREGATE: add worker @peer's @slice to the sum (@first: it is the sum; @last: then
 *update and have the value to send); call fpr_sync_aggregated() when done. Worker @peer's bytes
 *came by fpr_sync_received(), or are this rank's own gradient
 * @FPR_SYNC_KEEP: this rank's own server has @slice's new value: put it where parameters are. Done
 *when the next action is asked for
 * @FPR_SYNC_READY: @tensor holds its new value in every byte
 */
enum fpr_sync_verb {
	FPR_SYNC_SEND,
	FPR_SYNC_AGGREGATE,
	FPR_SYNC_KEEP,
	FPR_SYNC_READY,
};

/**
 * struct fpr_sync_action - a decision
 * @verb: what to do; says which of the others count
 * @message: enum fpr_sync_message
 * @slice: index in the plan
 * @peer: a rank
 * @priority: the slice's; for transports and boards that have priorities themselves
 * @bytes: payload
 * @tensor: index in the plan's tensors
 * @first: the slice's sum begins
 * @last: the slice's sum ends
 */
struct fpr_sync_action {
	enum fpr_sync_verb verb;
	enum fpr_sync_message message;
	uint32_t slice, peer, priority, bytes, tensor;
	uint8_t first, last;
};

/**
 * fpr_sync_core_create() - one rank's state, all parameters ready
 * @plan: must outlive the core
 * @rank: which
 * @now_ns: time, from any monotonic clock; silence of peers is counted from here
 * @core: set on success
 * Return: 0, -EINVAL or -ENOMEM
 */
int fpr_sync_core_create(const struct fpr_sync_plan *plan, uint32_t rank, uint64_t now_ns,
			 struct fpr_sync_core **core);

/**
 * fpr_sync_core_destroy() - free a core
 * @core: may be NULL; may have work left
 */
void fpr_sync_core_destroy(struct fpr_sync_core *core);

/**
 * fpr_sync_gradient() - event: part of a tensor's gradient exists in host memory
 * @core: a worker's
 * @tensor: which; it was ready, and from its first part on is not until FPR_SYNC_READY
 * @offset: first byte
 * @bytes: how many; parts come in any order, each byte once per step
 * @now_ns: time
 *
 * A slice can leave when all its bytes exist, so a board may hand a large
 * gradient over in parts.
 *
 * Return: 0, -EINVAL, -EPROTO for bytes of a step that is not over, -ENOMEM
 */
int fpr_sync_gradient(struct fpr_sync_core *core, uint32_t tensor, uint64_t offset, uint64_t bytes,
		      uint64_t now_ns);

/**
 * fpr_sync_sent() - event: the transport has taken a message that FPR_SYNC_SEND asked for
 * @core: the sender's
 * @peer: to whom
 * @message: which
 * @slice: which
 *
 * Its bytes may be written over. Returns credit unless FPR_SYNC_EXPLICIT_CREDIT.
 *
 * Return: 0, -EINVAL, or -EPROTO when credit of so much is not out
 */
int fpr_sync_sent(struct fpr_sync_core *core, uint32_t peer, enum fpr_sync_message message,
		  uint32_t slice);

/**
 * fpr_sync_credit() - event: a peer has consumed a message and returns its credit
 * @core: the sender's, with FPR_SYNC_EXPLICIT_CREDIT
 * @peer: who
 * @message: which
 * @slice: which
 * Return: 0, -EINVAL, or -EPROTO when so much was not on its way
 */
int fpr_sync_credit(struct fpr_sync_core *core, uint32_t peer, enum fpr_sync_message message,
		    uint32_t slice);

/**
 * fpr_sync_received() - event: a message has come, and its bytes are where they are wanted
 * @core: the receiver's
 * @peer: from whom
 * @message: which
 * @slice: which
 * @now_ns: time; counts as fpr_sync_alive()
 *
 * A push's bytes must stay until the FPR_SYNC_AGGREGATE of its slice and peer is
 * done. A reply's bytes are then in the parameters, on a board too if they go there.
 *
 * Return: 0, -EINVAL, -ENOMEM, or -EPROTO: not expected, or a second time. A push of a
 * step that is over cannot be told from one of the next: the transport must not repeat itself
 */
int fpr_sync_received(struct fpr_sync_core *core, uint32_t peer, enum fpr_sync_message message,
		      uint32_t slice, uint64_t now_ns);

/**
 * fpr_sync_aggregated() - event: what FPR_SYNC_AGGREGATE asked for is done
 * @core: the server's
 * @slice: which
 * Return: 0, -EINVAL, -ENOMEM, or -EPROTO when none is under way
 */
int fpr_sync_aggregated(struct fpr_sync_core *core, uint32_t slice);

/**
 * fpr_sync_next() - the next decision
 * @core: a core
 * @action: filled in when there is one
 *
 * Decisions are made here, at the last moment. Carry an action out (or queue it
 * where nothing overtakes) before asking again; ask until there is none after
 * every event or handful of events.
 *
 * Return: 1, 0 for none, or -ENOMEM
 */
int fpr_sync_next(struct fpr_sync_core *core, struct fpr_sync_action *action);

/**
 * fpr_sync_ready() - does a tensor hold the newest values?
 * @core: a worker's
 * @tensor: which
 * Return: 1, 0, or -EINVAL
 */
int fpr_sync_ready(const struct fpr_sync_core *core, uint32_t tensor);

/**
 * fpr_sync_idle() - is everything of all steps begun done and out?
 * @core: a core
 *
 * When every rank is idle, and stays so until all are, cores may be destroyed and made
 * anew from another plan. The values and the optimiser's state of a slice then
 * belong to another server: move them by fpr_sync_plan_piece().
 *
 * Return: 1 or 0
 */
int fpr_sync_idle(const struct fpr_sync_core *core);

/* ---- peers that die or hang -------------------------------------------- */

/**
 * fpr_sync_alive() - event: a peer gave a sign of life that is no message of ours
 * @core: a core
 * @peer: who
 * @now_ns: time
 *
 * A rank that waits for a dead one sends nothing either. Let ranks send each other
 * heartbeats, several in config.timeout_ns, so that only the dead one is silent, and tell
 * each other whom fpr_sync_stalled() named: not every rank waits for the dead one itself.
 *
 * Return: 0 or -EINVAL
 */
int fpr_sync_alive(struct fpr_sync_core *core, uint32_t peer, uint64_t now_ns);

/**
 * fpr_sync_stalled() - is a peer that we wait for silent?
 * @core: a core
 * @now_ns: time
 * @peer: set to the one that is silent longest
 *
 * We wait for a worker whose push is missing in a sum that others have begun, and
 * for a server that has a push of ours and has not replied. Takes time in proportion to
 * slices and ranks: call it a few times in config.timeout_ns, not per event.
 *
 * Return: 1: silent for config.timeout_ns; 0: no
 */
int fpr_sync_stalled(const struct fpr_sync_core *core, uint64_t now_ns, uint32_t *peer);

/* ---- counters ---------------------------------------------------------- */

/**
 * struct fpr_sync_counters - what a core decided since it was made
 * @messages: sent, of any kind
 * @bytes_pushed: payload to servers elsewhere
 * @bytes_replied: payload to workers elsewhere
 * @aggregates: sums, this rank's own gradients included
 * @preemptions: sends more urgent than the one before, while others waited
 * @blocked: times that fpr_sync_next() had something that waits, and no window let it go
 */
struct fpr_sync_counters {
	uint64_t messages, bytes_pushed, bytes_replied, aggregates, preemptions, blocked;
};

/**
 * fpr_sync_counters() - read the counters
 * @core: a core
 * @counters: filled in
 */
void fpr_sync_counters(const struct fpr_sync_core *core, struct fpr_sync_counters *counters);

/* ---- tuning ------------------------------------------------------------ */

#define FPR_SYNC_TUNE_TRIALS 40

/**
 * struct fpr_sync_tuner - search for a good configuration by trying
 * @best: the best so far
 * @aside: the coarsest
 * @trial: being tried
 * @best_ns: a step's time with @best
 * @aside_ns: a step's time with @aside
 * @trials: made so far
 * @state: where in the search
 * @axis: which value is being changed
 * @up: towards larger ones
 * @gained: this direction has brought something
 * @moved: this round has
 *
 * All fields are the tuner's own; it holds no memory.
 */
struct fpr_sync_tuner {
	struct fpr_sync_config best, aside, trial;
	uint64_t best_ns, aside_ns;
	uint32_t trials, state, axis, up, gained, moved;
};

/**
 * fpr_sync_tuner_init() - begin a search
 * @tuner: filled in
 * @start: a configuration to begin with, such as FPR_SYNC_BEST's
 */
void fpr_sync_tuner_init(struct fpr_sync_tuner *tuner, const struct fpr_sync_config *start);

/**
 * fpr_sync_tuner_next() - what to try next
 * @tuner: a tuner
 * @step_ns: time of a step with what was to be tried, measured on one rank; ignored in the first
 * call
 * @config: what to run: to try when 1 is returned, to stay with when 0 is
 *
 * Tries the coarsest plan (few large messages, no windows), then walks slice size (and with it
 * the size up to which neighbours are fused), its growth with slack and windows by factors of two
 * while that helps by more than 0.2 %. Steps aside: unless a finer plan is more than 0.5 % faster
 * than the coarsest, the coarsest stays. Every rank must use the same configuration in the same
 * step: let one rank tune and tell the others.
 *
 * Return: 1: try @config and report; 0: done, @config is the result
 */
int fpr_sync_tuner_next(struct fpr_sync_tuner *tuner, uint64_t step_ns,
			struct fpr_sync_config *config);

#ifdef __cplusplus
}
#endif

#endif
