/* SPDX-License-Identifier: MIT */
#ifndef FPR_BOARD_H
#define FPR_BOARD_H

/*
 * The board interface: the one seam between the hardware source and what
 * drives it. The library's local device calls it directly.
 */

#include <stddef.h>
#include <stdint.h>

#include "fpr_extent.h"
#include "fpr_gemm.h"

struct fpr_board;

/* What computes the products. */
enum fpr_board_model {
	FPR_BOARD_FAST = 0, /* the vectorised engine: same bits, cycles and counters */
	FPR_BOARD_HLS = 1, /* the HLS C itself, cycle by cycle */
	FPR_BOARD_RTL = 2, /* its tiles in SystemVerilog, Verilated: libfpr_rtl.so */
};

/* Vector extensions of the fast engine, in rising order. */
enum fpr_board_isa {
	FPR_ISA_AUTO = 0, /* the best this CPU has */
	FPR_ISA_PORTABLE,
	FPR_ISA_AVX2,
	FPR_ISA_AVX512, /* F, BW, VL, CD, VNNI and BITALG: Ice Lake, Zen 4 and later */
};

/* What a virtual board's cycles are compared with, kHz; nothing here ticks at it. */
#define FPR_BOARD_CLOCK_KHZ 250000

/* Worker threads of the fast engine that may be asked for. */
#define FPR_BOARD_THREADS_MAX 256

/**
 * struct fpr_board_options - how to build a virtual board
 * @model: enum fpr_board_model
 * @isa: enum fpr_board_isa; one this CPU lacks fails with -EOPNOTSUPP
 * @threads: worker threads of the fast engine, at most FPR_BOARD_THREADS_MAX;
 *	0 for one per online CPU
 *
 * All zero gives the fastest board.
 */
struct fpr_board_options {
	enum fpr_board_model model;
	enum fpr_board_isa isa;
	unsigned int threads;
};

/**
 * fpr_board_open() - build a virtual board in this process
 * @options: NULL for the defaults
 * @board: set on success
 * Return: 0, -EINVAL, -EOPNOTSUPP, -ENOMEM, -EAGAIN (no more threads); of the RTL
 *	-ELIBACC (no libfpr_rtl.so where the loader looks) or -ELIBBAD (of another build)
 */
int fpr_board_open(const struct fpr_board_options *options, struct fpr_board **board);

/**
 * fpr_board_close() - stop the board's threads and free it
 * @board: NULL is allowed; no call may be running on it
 */
void fpr_board_close(struct fpr_board *board);

/* The ISA in use (never FPR_ISA_AUTO) and its name ("avx512", ...). */
enum fpr_board_isa fpr_board_isa(const struct fpr_board *board);
const char *fpr_isa_name(enum fpr_board_isa isa);
unsigned int fpr_board_threads(const struct fpr_board *board);

/**
 * fpr_gemm_check() - is a job well formed?
 * @job: as the board takes it: leading dimensions may be 0 (packed), batch 0 is 1
 * Return: 0, or -EINVAL: unknown kind, serial side or type, T or a dimension
 *	out of range, a leading dimension shorter than its row, batch entries of C
 *	that overlap, a reserved field that is not 0.
 */
int fpr_gemm_check(const struct fpr_gemm *job);

/**
 * fpr_gemm_extent() - how much memory a checked job touches
 * @job: passed fpr_gemm_check()
 * @extent: filled in; an operand without elements has extent 0
 * Return: 0, or -EINVAL when an extent does not fit 63 bits
 */
int fpr_gemm_extent(const struct fpr_gemm *job, struct fpr_gemm_extent *extent);

/**
 * fpr_board_gemm() - run one job to its end
 * @board: may be called from several threads; jobs then run one after another
 * @job: checked again here: a board trusts nobody
 * @a: bfloat16, at least extent.a bytes
 * @b: bfloat16, at least extent.b bytes
 * @c: float or bfloat16 bit patterns, at least extent.c bytes; may not overlap
 *	@a or @b, which is the caller's to check
 * @counters: filled in, or NULL to compute values only, which is faster
 * Return: 0, -EINVAL or -ENOMEM; on error C is untouched
 */
int fpr_board_gemm(struct fpr_board *board, const struct fpr_gemm *job, const uint16_t *a,
		   const uint16_t *b, void *c, struct fpr_gemm_counters *counters);

/**
 * struct fpr_board_watch - a running job seen from outside
 * @tiles: grows with every tile that is done, from whatever it was
 * @stop: not 0: give up
 *
 * Both are accessed atomically.
 */
struct fpr_board_watch {
	uint64_t tiles;
	uint32_t stop;
};

/**
 * fpr_board_gemm_watched() - run one job that can be watched and stopped
 * @board: and what follows: as in fpr_board_gemm()
 * @watch: the HLS C looks at it between jobs only; NULL is fpr_board_gemm()
 * Return: as fpr_board_gemm(); -ECANCELED when it was told to stop: C is then
 *	partly written
 */
int fpr_board_gemm_watched(struct fpr_board *board, const struct fpr_gemm *job, const uint16_t *a,
			   const uint16_t *b, void *c, struct fpr_gemm_counters *counters,
			   struct fpr_board_watch *watch);

/**
 * fpr_operand_stats() - count zeros, specials and NAF digits of a matrix
 * @x: bfloat16, row-major
 * @rows: stored rows
 * @cols: stored columns
 * @ld: elements between two rows
 * @stats: added to, so that a batch can be summed; zero it first
 */
void fpr_operand_stats(const uint16_t *x, uint32_t rows, uint32_t cols, uint64_t ld,
		       struct fpr_operand_stats *stats);

/* ---- transfers ---------------------------------------------------------- */

/*
 * The transfer engine without a bus: the arbiter of hw/p3 for each direction, and what
 * moves the bytes. It owns no thread and no lock. One lock of its user's is held around
 * every call but fpr_mover_move(), which for each direction runs one at a time.
 */

/* Transfers that a direction holds. */
#define FPR_MOVER_ENTRIES 256
/* Bytes served before the next decision: a multiple of the first. */
#define FPR_MOVER_SLICE_MIN 4096u
#define FPR_MOVER_SLICE_MAX (16u << 20)
#define FPR_MOVER_SLICE_DEFAULT (160u << 10)

struct fpr_mover;

/**
 * struct fpr_move - a transfer
 * @host: its bytes in host memory
 * @board: its bytes in board memory
 * @bytes: length in host memory, not 0; multiple of FPR_XFER_ADD_ALIGN for an accumulate
 * @op: enum fpr_xfer_op; accumulates are to the board only
 * @priority: 0 is most urgent
 * @to_host: 1: from board to host
 * @owner: what fpr_mover_end() returns
 */
struct fpr_move {
	void *host, *board;
	uint64_t bytes;
	uint32_t op;
	uint16_t priority;
	uint8_t to_host;
	void *owner;
};

/**
 * struct fpr_mover_slice - one decision
 * @slot: whose turn it is
 * @to_host: in which direction
 * @offset: first byte of the transfer to move
 * @bytes: how many
 */
struct fpr_mover_slice {
	uint32_t slot;
	unsigned int to_host;
	uint64_t offset, bytes;
};

/* What was moved at a class of priorities, by direction. */
struct fpr_mover_counters {
	uint64_t bytes[2], slices, preemptions;
};

/**
 * fpr_mover_open() - a transfer engine with nothing to do
 * @slice: bytes served before the next decision
 * @ageing: slices a transfer waits per step of priority it gains; 0: never
 * @mover: set on success
 * Return: 0, -EINVAL or -ENOMEM
 */
int fpr_mover_open(uint32_t slice, uint32_t ageing, struct fpr_mover **mover);

/* Frees it; what it holds is dropped. NULL is allowed. */
void fpr_mover_close(struct fpr_mover *mover);

/* A transfer arrives, and is copied. Return: 0, -EINVAL, -EAGAIN: the direction is full. */
int fpr_mover_push(struct fpr_mover *mover, const struct fpr_move *move);

/* Decides on a direction's next slice, to be moved and ended. Return: 0 when nothing is pending. */
int fpr_mover_decide(struct fpr_mover *mover, unsigned int to_host, struct fpr_mover_slice *slice);

/* Moves the bytes of a slice; without the lock. */
void fpr_mover_move(const struct fpr_mover *mover, const struct fpr_mover_slice *slice);

/* The slice has been moved. Return: the transfer's owner when that was its last, else NULL. */
void *fpr_mover_end(struct fpr_mover *mover, const struct fpr_mover_slice *slice);

/* What was moved at class @index of priorities: priority / 4096. */
void fpr_mover_count(const struct fpr_mover *mover, unsigned int index,
		     struct fpr_mover_counters *counters);

#endif
