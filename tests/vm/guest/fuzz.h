/* SPDX-License-Identifier: MIT */
#ifndef FPR_GUEST_FUZZ_H
#define FPR_GUEST_FUZZ_H

/*
 * The ioctl fuzzer's parts: dice, the objects a process has, and the calls it makes
 * with them. Several threads of several processes do so at once.
 */

#include <pthread.h>

#include "guest.h"

/* A bound for what must end, not a measure: emulated CPUs are slow. */
#define FUZZ_BOUND_MS 120000

enum { FILES = 2, LIVE = 24, STALE = 16, PENDING = 8 };

/* ---- dice ---------------------------------------------------------------- */

struct dice {
	uint64_t state;
};

uint64_t roll(struct dice *dice);
/* 0 .. limit - 1; 0 when there is no limit. */
uint32_t below(struct dice *dice, uint32_t limit);
/* True once in so many times. */
bool once_in(struct dice *dice, uint32_t times);
/* A value of the kind that breaks things: borders, powers of two, small numbers. */
uint64_t odd_value(struct dice *dice);

/* ---- what there is ------------------------------------------------------- */

enum kind { KIND_BO, KIND_CTX, KIND_SYNC, KIND_PRIME, KIND_MAP, KINDS };

/* An object by its handle, id, file descriptor or address. */
struct thing {
	uint64_t id;
	uint64_t size;
	uint32_t placement;
};

/* Objects of a kind that a file has, and handles it had. */
struct pool {
	pthread_mutex_t lock;
	struct thing live[LIVE];
	uint32_t count;
	uint32_t stale[STALE];
};

/* One process. */
struct world {
	/* Held to read while a call runs, to write while a file is closed. */
	pthread_rwlock_t files;
	int fd[FILES];
	char sysfs[300], debugfs[300];
	/* Descriptors and mappings belong to the process: they are in the first file's. */
	struct pool pool[FILES][KINDS];
	/* Pages between pages that are not there. */
	uint8_t *scratch;
};

enum { SCRATCH = 16384 };

bool world_open(struct world *world);
void world_close(struct world *world);
/* Close one file in the middle of everything, open it anew. */
void world_reopen(struct world *world, int file);

/* False when there is no room: the caller lets go of the thing. */
bool pool_put(struct pool *pool, struct thing thing);
/* A thing that stays where it is, in case there is one. */
struct thing pool_look(struct pool *pool, struct dice *dice);
/* One that nobody else gets meanwhile; false when there is none. */
bool pool_take(struct pool *pool, struct dice *dice, struct thing *thing);
/* Any handle: mostly a good one of this file, else another file's, an old or a mad one. */
uint32_t any_handle(struct world *world, struct dice *dice, int file, enum kind kind);
/* A buffer of a placement and a size, mostly. */
struct thing any_bo(struct world *world, struct dice *dice, int file, uint32_t placement,
		    uint64_t size);

/* ---- who does it --------------------------------------------------------- */

/* Seen by all processes. */
struct score {
	unsigned long calls; /* ioctls made */
	unsigned long failed; /* invariants that did not hold */
	unsigned long tried[64], done[64]; /* by operation */
	unsigned long watched, unwatched; /* submissions whose fence somebody waits for, or not */
	bool stop; /* the witness may go home */
	bool disturbed; /* the board is reset meanwhile: work may fail */
};

struct worker {
	struct world *world;
	struct score *score;
	struct dice dice;
	int file; /* of the call at hand */
	/* Fences of work that was accepted, as sync files: they must signal. */
	int promises[PENDING];
	uint32_t promised;
	const char *doing;
};

/* Do something. */
void fuzz_once(struct worker *worker);
/* Wait for all that was promised. */
void fuzz_settle(struct worker *worker);
/* Name of an operation, NULL past the last. */
const char *fuzz_name(uint32_t operation);
/* Report an invariant that does not hold. */
void fuzz_failed(struct worker *worker, const char *what, long value);

#endif
