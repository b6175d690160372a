/* SPDX-License-Identifier: MIT */
#ifndef FPR_SHELL_H
#define FPR_SHELL_H

#include <stdint.h>

#include "fault.h"
#include "fpr_desc.h"
#include "fpr_regs.h"
#include "ops.h"
#include "p3.h"
#include "sg.h"

/*
 * The command processor: what stands between BAR0 and the engines. It owns no
 * thread. Whoever reaches the registers calls fpr_shell_read() and
 * fpr_shell_write(), and for each lane somebody calls fpr_shell_step() over and over.
 */

/* The lanes of work, each with a thread of its own: the directions run concurrently. */
enum fpr_lane { FPR_LANE_H2C, FPR_LANE_C2H, FPR_LANE_MAC, FPR_LANES_ALL };
#define FPR_DIRECTIONS 2 /* the first lanes */

/* Largest ring, log2 of entries. */
#define FPR_SHELL_RING_ORDER 12
#define FPR_SHELL_RECORDS (1u << FPR_SHELL_RING_ORDER)

/* Below this offset lies every register whose halves are read one after the other. */
#define FPR_SHELL_LATCHES (FPR_REG_ENGINE(FPR_ENGINES) / 4)

/**
 * struct fpr_shell_config - what a board is made of
 * @ops: its surroundings
 * @ctx: handed to them
 * @memory: board memory, 64-byte aligned
 * @memory_bytes: its size
 * @clock_khz: what FPR_REG_CLOCK_KHZ shows
 * @build: what FPR_REG_BUILD shows
 * @temperature: what FPR_REG_TEMPERATURE shows, thousandths of a degree
 * @beats: data moves through the datapath of hw/p3, as in hardware: slow; else at once
 */
struct fpr_shell_config {
	const struct fpr_shell_ops *ops;
	void *ctx;
	uint8_t *memory;
	uint64_t memory_bytes;
	uint32_t clock_khz;
	uint32_t build;
	int32_t temperature;
	int beats;
};

/* One engine's rings, as taken when it was enabled. */
struct fpr_ring {
	uint64_t sq, cq;
	uint32_t sq_mask, cq_mask; /* entries - 1 */
	uint32_t sq_head, sq_tail; /* next to fetch, next the host writes */
	uint32_t cq_head, cq_tail; /* next the host takes, next to post */
	uint32_t phase;
	uint32_t taken; /* fetched and not completed: each has a completion slot */
};

struct fpr_engine {
	uint64_t sq_reg, cq_reg;
	uint32_t sq_order, cq_order;
	struct fpr_ring ring;
	uint32_t enabled, error, resetting, hung;
	uint32_t working; /* lanes that work without the lock now */
	uint32_t stop; /* tells them to give up; atomic */
	enum fpr_status last; /* what the last completion said */
	uint64_t jobs, moved;
	uint64_t busy_ns, stall_ns, busy_since;
	uint64_t rung; /* when work came to an engine without any */
	uint32_t busy;
	struct fpr_gemm_counters sum; /* MAC */
	uint32_t record; /* which one the registers show */
};

/* What became of a descriptor; a power-on or ENABLE clears it, a reset does not. */
struct fpr_record {
	uint64_t fence;
	uint64_t bytes; /* atomic: counted while they move */
	uint32_t state; /* FPR_RECORD_*, and the status */
};

/* A transfer in the P3 engine. */
struct fpr_transfer {
	uint64_t fence;
	uint64_t board;
	uint32_t cookie;
	uint32_t op;
	uint32_t priority;
	struct fpr_walk walk;
};

/* What the board has seen; for tests and for people. */
struct fpr_shell_stats {
	uint64_t interrupts, interrupts_dropped;
	uint64_t doorbells, register_reads, register_writes;
	uint64_t descriptors, completions, errors;
	uint64_t dma_read_bytes, dma_write_bytes, dma_faults;
	uint64_t engine_resets, full_resets;
	uint64_t faults_injected;
	/* From a doorbell that finds an engine without work until its last completion. */
	uint64_t rounds, round_ns;
};

struct fpr_shell {
	struct fpr_shell_config config;
	struct fpr_engine engine[FPR_ENGINES];
	struct fpr_p3_queue queue[FPR_DIRECTIONS];
	struct fpr_transfer transfer[FPR_DIRECTIONS][FPR_P3_ENTRIES];
	struct fpr_record record[FPR_ENGINES][FPR_SHELL_RECORDS];
	struct fpr_board_watch watch;
	struct fpr_shell_faults faults;
	uint32_t delay_ms; /* a fault: every piece of a job's data takes so much longer; atomic */
	uint32_t slice_delay_ms; /* the same, of slices only */
	uint64_t hang_after; /* a fault: transfers hang after so many bytes; 0: off; atomic */
	struct fpr_shell_stats stats; /* dma_* are atomic, the rest is under the lock */
	uint32_t resetting; /* full reset: waits for the engines */
	uint32_t fatal;
	uint32_t irq_status, irq_mask;
	uint32_t slice, ageing;
	uint64_t epoch; /* when the last full reset ended */
	uint64_t heartbeat_stopped; /* what it showed then */
	uint32_t latch[FPR_SHELL_LATCHES];
};

/**
 * fpr_shell_init() - power on
 * @shell: overwritten; large, so not for the stack
 * @config: copied
 */
void fpr_shell_init(struct fpr_shell *shell, const struct fpr_shell_config *config);

/**
 * fpr_shell_read() - read a register
 * @shell: the board
 * @offset: in FPR_BAR_REGS, a multiple of 4
 * Return: its value; 0 for what is no register. Takes the lock for a moment.
 */
uint32_t fpr_shell_read(struct fpr_shell *shell, uint32_t offset);

/* Writes a register; ignored where there is none, or a read-only one. */
void fpr_shell_write(struct fpr_shell *shell, uint32_t offset, uint32_t value);

/* A full reset, as PCI's resets ask for; FPR_STATUS_READY tells when it is over. */
void fpr_shell_reset(struct fpr_shell *shell);

/**
 * fpr_shell_step() - let a lane do its next piece of work
 * @shell: the board
 * @lane: one caller at a time for each
 * Return: 1 to be called again at once; 0 when there is nothing to do before
 *	the next ops.wake
 *
 * Nothing that the host put in its rings, registers or lists makes it fail.
 */
int fpr_shell_step(struct fpr_shell *shell, enum fpr_lane lane);

/* What the heartbeat register shows; with the lock held. */
uint32_t fpr_shell_heartbeat(struct fpr_shell *shell);

/* Sets or ends the standstill of the heartbeat; with the lock held. */
void fpr_shell_stop_heartbeat(struct fpr_shell *shell, uint32_t stop);

/* The engine hangs from now on until it is reset; with the lock held. */
void fpr_shell_hang(struct fpr_shell *shell, unsigned int engine);

/* FPR_STATUS_FATAL from now on until a full reset; with the lock held. */
void fpr_shell_fatal(struct fpr_shell *shell);

/* No fault is armed any more, and resets that did not end do; with the lock held. */
void fpr_shell_heal(struct fpr_shell *shell);

/* Work under way is given up, nothing else begins; with the lock held. */
void fpr_shell_quit(struct fpr_shell *shell);

#endif
