/* SPDX-License-Identifier: MIT */
#ifndef FPR_SHELL_CORE_H
#define FPR_SHELL_CORE_H

#include <stdint.h>

#include "fpr_desc.h"
#include "fpr_regs.h"
#include "irq.h"
#include "ring.h"

/*
 * The command processor: registers, rings, resets, completions and records, without a bus, a
 * clock or a lock. Who drives it (shell_top.c in hardware, hw/board/shell on a virtual board) sets
 * @now before each call and looks at @said after it; calls never overlap.
 */

/* What became of a descriptor is kept for so many cookies. */
#define FPR_SHELL_RECORDS (1u << FPR_SHELL_RING_ORDER)

/* Below this offset lies every register whose halves are read one after the other. */
#define FPR_SHELL_LATCHES (FPR_REG_ENGINE(FPR_ENGINES) / 4)

/**
 * struct fpr_record - what became of a descriptor; a power-on or ENABLE clears it, a reset does not
 * @fence: the descriptor's
 * @bytes: moved so far; a virtual board counts it atomically, without the lock
 * @state: FPR_RECORD_*, and the status
 */
struct fpr_record {
	uint64_t fence;
	uint64_t bytes;
	uint32_t state;
};

/**
 * struct fpr_core_engine - one engine as its rings and its resets see it
 * @sq_reg: register
 * @cq_reg: register
 * @sq_order: register
 * @cq_order: register
 * @record: register: which record the next ones show
 * @ring: the rings
 * @enabled: it has rings
 * @error: it has stopped for good; a reset helps
 * @resetting: it drops its work, and is not ready
 * @hung: it keeps its work and does nothing; a fault
 * @held: its reset does not end; a fault
 * @working: how many work for it now; a reset waits for them
 * @stop: they are to give up
 * @last: enum fpr_status of the last completion
 * @jobs: descriptors completed
 * @moved: bytes of transfers
 * @busy: it has a descriptor under way, since @busy_since
 * @busy_ns: so long before
 * @stall_ns: of that, waiting for the bus
 * @cycles: sum over the MAC engine's jobs, as the next three
 */
struct fpr_core_engine {
	uint64_t sq_reg, cq_reg;
	uint32_t sq_order, cq_order, record;
	struct fpr_ring ring;
	uint32_t enabled, error, resetting, hung, held;
	uint32_t working, stop;
	uint32_t last;
	uint64_t jobs, moved;
	uint32_t busy;
	uint64_t busy_since, busy_ns, stall_ns;
	uint64_t cycles, issued, skipped_zero, skipped_oob;
};

/**
 * struct fpr_core_said - what calls left for the surroundings to do; they take it back to zero
 * @messages: bit i: a message for cause i goes out
 * @level: what a line shows may have changed
 * @wake: whoever works for an engine, or waits for one, should look
 * @ended: bit e: engine e's reset has ended, and what it had is to be dropped
 * @restored: a full reset has ended, and the engines' own counters start anew
 * @engine_resets: engine resets begun by the host
 * @full_resets: full resets begun
 */
struct fpr_core_said {
	uint32_t messages, level, wake, ended, restored;
	uint32_t engine_resets, full_resets;
};

/**
 * struct fpr_core - the state; large, so not for the stack
 * @now: nanoseconds of a clock that never goes back
 * @epoch: @now when the last full reset ended
 * @resetting: a full reset waits for the engines
 * @held: it does not end; a fault
 * @fatal: only a full reset helps
 * @slice: register
 * @ageing: register
 * @latch: high halves of counters whose low half has been read
 */
struct fpr_core {
	struct fpr_core_engine engine[FPR_ENGINES];
	struct fpr_record record[FPR_ENGINES][FPR_SHELL_RECORDS];
	struct fpr_irq irq[1];
	struct fpr_core_said said;
	uint64_t now, epoch;
	uint32_t resetting, held, fatal;
	uint32_t slice, ageing;
	uint32_t latch[FPR_SHELL_LATCHES];
};

/**
 * struct fpr_outside - what registers show that is not the core's
 * @memory: bytes of board memory
 * @tiles: done by the MAC engine
 * @of_class: counters of a class: bytes in, bytes out, slices, preemptions
 * @clock_khz: of the array
 * @build: id of the hardware source
 * @temperature: thousandths of a degree
 */
struct fpr_outside {
	uint64_t memory;
	uint64_t tiles;
	uint64_t of_class[4];
	uint32_t clock_khz;
	uint32_t build;
	uint32_t temperature;
};

/* What a descriptor leaves in its completion. */
struct fpr_finished {
	uint64_t fence;
	uint32_t cookie;
	uint32_t status;
	uint64_t cycles;
};

/* Power comes on: everything is zero, but that a full reset has ended. */
void fpr_core_power_on(struct fpr_core core[1], uint64_t now);

/**
 * fpr_core_read() - read a register
 * @core: the state; reading a counter's low half latches the high one
 * @offset: in FPR_BAR_REGS
 * @outside: of_class is looked at only where fpr_core_class() says so
 * Return: its value; 0 for what is no register
 */
uint32_t fpr_core_read(struct fpr_core core[1], uint32_t offset,
		       const struct fpr_outside outside[1]);

/* The class whose counter the register shows, or FPR_CLASSES. */
uint32_t fpr_core_class(uint32_t offset);

/* Writes a register; ignored where there is none, or a read-only one. */
void fpr_core_write(struct fpr_core core[1], uint32_t offset, uint32_t value);

/* May the engine take up work? */
uint32_t fpr_core_ready(const struct fpr_core core[1], uint32_t engine);

/* The engine's next descriptor has been fetched and is its work now. */
void fpr_core_take(struct fpr_core core[1], uint32_t engine, uint64_t fence, uint32_t cookie);

/* It has ended, whether or not a completion can be posted. */
void fpr_core_record(struct fpr_core core[1], uint32_t engine, uint32_t cookie, uint32_t status);

/* What FPR_MAC_CHAINED among @flags makes of a job that is fit to run: FPR_OK or FPR_ERR_CHAIN. */
uint32_t fpr_core_chain(const struct fpr_core core[1], uint32_t flags);

/* Counters of a job that ended well, for the registers that add them up. */
#define FPR_CORE_SUMS 4 /* cycles; terms issued, skipped as zeros, skipped beyond T */
void fpr_core_count(struct fpr_core core[1], const uint64_t counters[FPR_CORE_SUMS]);

/* Bits of FPR_RECORD_* of one that is under way. */
void fpr_core_mark(struct fpr_core core[1], uint32_t engine, uint32_t cookie, uint32_t set,
		   uint32_t clear);

/**
 * fpr_core_complete() - a descriptor that was taken has ended
 * @core: the state
 * @engine: which engine's
 * @finished: how
 * @entry: set: its completion
 * Return: the bus address where @entry goes; fpr_core_posted() when it is there
 */
uint64_t fpr_core_complete(struct fpr_core core[1], uint32_t engine,
			   const struct fpr_finished finished[1], struct fpr_completion entry[1]);

/* The completion is written; with @fault it could not be. */
void fpr_core_posted(struct fpr_core core[1], uint32_t engine, uint32_t fault);

/* The engine stops for good and tells the host. */
void fpr_core_fail(struct fpr_core core[1], uint32_t engine);

/* A full reset begins; it ends, as that of an engine does, when nobody works any more. */
void fpr_core_reset(struct fpr_core core[1]);

/* Ends the resets that may end: after @working, @held of an engine or @held have changed. */
void fpr_core_settle(struct fpr_core core[1]);

/* For the registers: a doorbell's engine's reset, and taking its ring registers. */
void fpr_core_reset_engine(struct fpr_core core[1], uint32_t engine);
void fpr_core_enable(struct fpr_core core[1], uint32_t engine);

/* Nanoseconds that the engine has had work, until now. */
uint64_t fpr_core_busy_ns(const struct fpr_core core[1], uint32_t engine);

#endif
