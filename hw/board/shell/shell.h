/* SPDX-License-Identifier: MIT */
#ifndef FPR_SHELL_H
#define FPR_SHELL_H

#include <stdint.h>

#include "core.h"
#include "fault.h"
#include "fpr_desc.h"
#include "fpr_regs.h"
#include "ops.h"
#include "p3.h"
#include "sg.h"

/*
 * The command processor of hw/shell on a virtual board: with a bus, a clock, a lock, and faults. It
 * owns no thread. Whoever reaches the registers calls fpr_shell_read() and fpr_shell_write(), and
 * for each lane somebody calls fpr_shell_step() over and over.
 */

/* The lanes of work, each with a thread of its own: the directions run concurrently. */
enum fpr_lane { FPR_LANE_H2C, FPR_LANE_C2H, FPR_LANE_MAC, FPR_LANES_ALL };
#define FPR_DIRECTIONS 2 /* the first lanes */

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

/**
 * struct fpr_shell - a board
 * @config: what it is made of
 * @core: what hardware has of it
 * @queue: the transfers of each direction
 * @transfer: and what is known of them
 * @watch: the MAC engine's job, from outside
 * @stop: each engine's @stop of the core, for those who work without the lock; atomic
 * @rung: when work came to an engine without any
 * @faults: that are armed
 * @delay_ms: a fault: every piece of a job's data takes so much longer; atomic
 * @slice_delay_ms: the same, of slices only
 * @hang_after: a fault: transfers hang after so many bytes; 0: off; atomic
 * @heartbeat_stopped: what it showed as it came to stand still
 * @stats: dma_* are atomic, the rest is under the lock
 */
struct fpr_shell {
	struct fpr_shell_config config;
	struct fpr_core core[1];
	struct fpr_p3_queue queue[FPR_DIRECTIONS];
	struct fpr_transfer transfer[FPR_DIRECTIONS][FPR_P3_ENTRIES];
	struct fpr_board_watch watch;
	uint32_t stop[FPR_ENGINES];
	uint64_t rung[FPR_ENGINES];
	struct fpr_shell_faults faults;
	uint32_t delay_ms;
	uint32_t slice_delay_ms;
	uint64_t hang_after;
	uint32_t heartbeat_stopped;
	struct fpr_shell_stats stats;
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
