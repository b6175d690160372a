/* SPDX-License-Identifier: MIT */
#ifndef FPR_ENGINE_H
#define FPR_ENGINE_H

/*
 * The fast engine from the inside. A job is cut into blocks of outputs; a
 * worker takes a block, walks its k in chunks of 64 and calls one kernel per
 * chunk. A kernel adds the chunk to the block's outputs and, when counters are
 * wanted, says how many cycles each row of each tile spends on it.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "board.h"

_Static_assert(FPR_ROWS == 8 && FPR_COLS == 8 && FPR_LANES == 8,
	       "the vector code packs the 8 lanes, rows or columns of a tile into one register");
_Static_assert(2 * FPR_VALUE_LANES == FPR_LANES, "a lane of `value` does two of `chunk`'s");
_Static_assert(FPR_PANEL % FPR_CHUNK == 0, "a panel is whole chunks");
_Static_assert(FPR_BLOCK == FPR_ROWS && FPR_BLOCK == FPR_COLS, "a panel is whole blocks");

/* Outputs of a block: serial rows x parallel rows. Sized for a 1 MiB L2 cache. */
#define FPR_BLOCK_ROWS 256
#define FPR_BLOCK_COLS 256
#define FPR_BLOCK_TR (FPR_BLOCK_ROWS / FPR_ROWS)
#define FPR_BLOCK_TC (FPR_BLOCK_COLS / FPR_COLS)
#define FPR_PACK 32 /* raw operands hold zeros up to a multiple of this many rows */
#define FPR_GROUP_ROWS (FPR_BDC_GROUP / FPR_BLOCK) /* stored rows of a compressed group */
#define FPR_CHUNK_SETS (FPR_CHUNK / FPR_SET)

static inline uint32_t fpr_round_up(uint32_t x, uint32_t to)
{
	return (x + to - 1) / to * to;
}

/* One operand of one batch entry: element (row, k) is x[row * row_step + k * k_step]. */
struct fpr_view {
	const uint16_t *x;
	uint64_t row_step, k_step, batch_step;
	uint32_t rows;
	bool k_inner; /* k runs along the stored rows (a step of 1 does not tell) */
};

/* Compressed bytes of every panel of one operand: [entry][group of 8 rows][panel]. */
struct fpr_traffic {
	uint16_t *bytes;
	uint64_t entry_step; /* 0 when all batch entries share the operand */
	uint32_t groups, panels;
};

/* Sums from which the counters follow; see fpr_tally_counters(). */
struct fpr_tally {
	uint64_t issued; /* kept terms */
	uint64_t effectual; /* terms of effectual products, kept or not */
	uint64_t pending; /* `set`: lane-cycles with a pending term */
	uint64_t unit_cost; /* busy cycles of each PE (`set`) or lane (`chunk`, `value`) */
	uint64_t row_max; /* cycles of each row before the floor */
	uint64_t row_cost; /* and after it */
	uint64_t compute; /* tile times */
	uint64_t total; /* the memory model's time but for its first load and last store */
	uint64_t bytes_raw, bytes;
};

/* Where the rows of one tile stand. */
struct fpr_tile_time {
	uint32_t end[FPR_ROWS]; /* when each row is free */
	uint32_t done[FPR_RUN_AHEAD + 1]; /* when all rows had finished the last sets or chunks */
	uint32_t panel_start;
	uint32_t chunks, loaded; /* `value`: begun so far, and when the last one was loaded */
};

struct fpr_worker;

/* One chunk of the worker's block; n products, raw operands in place. */
typedef void fpr_kernel(struct fpr_worker *w);

struct fpr_isa_ops {
	fpr_kernel *kernel[FPR_KINDS];
	/*
	 * The memory model's: the smallest (65535 for none) and largest non-zero
	 * exponent field of a whole group, @step elements between stored rows.
	 */
	void (*group_range)(const uint16_t *x, uint64_t step, uint32_t *low, uint32_t *high);
};

extern const struct fpr_isa_ops fpr_ops_portable, fpr_ops_avx2, fpr_ops_avx512;

/* One job, resolved: S is the serial operand, P the parallel one. */
struct fpr_run {
	struct fpr_board_watch *watch; /* or NULL */
	const struct fpr_isa_ops *ops;
	struct fpr_view s, p;
	uint32_t k, batch, panels;
	uint8_t kind, t, out;
	bool accumulate, count;
	void *c;
	uint64_t c_row, c_col, c_batch; /* elements between rows of S, of P, entries */
	uint32_t block_rows, block_cols, row_blocks, col_blocks;
	uint64_t blocks;
	struct fpr_traffic traffic_s, traffic_p;
	atomic_uint_least64_t next; /* piece of work to take */
};

/* What one thread needs, allocated with the board. */
struct fpr_worker {
	/* set by the engine for a kernel */
	uint16_t s[FPR_BLOCK_ROWS][FPR_CHUNK] __attribute__((aligned(64)));
	uint16_t p[FPR_BLOCK_COLS][FPR_CHUNK] __attribute__((aligned(64)));
	float out[FPR_BLOCK_ROWS][FPR_BLOCK_COLS] __attribute__((aligned(64)));
	uint32_t rows, cols; /* of the block; raw operands hold zeros up to a multiple of 32 */
	uint32_t n; /* products in this chunk */
	uint32_t t, lanes;
	bool count;

	/*
	 * Set by a kernel: busy cycles of a row before the floor, [0] for `chunk` and
	 * `value`, [set] for `set`.
	 */
	uint8_t cost[FPR_CHUNK_SETS][FPR_BLOCK_TR][FPR_BLOCK_TC][FPR_ROWS]
		__attribute__((aligned(64)));
	struct fpr_tally tally;

	/* the engine's own */
	uint8_t s_special[FPR_BLOCK_ROWS], p_special[FPR_BLOCK_COLS];
	struct fpr_tile_time time[FPR_BLOCK_TR][FPR_BLOCK_TC];

	/* a kernel's scratch, in the layout of its ISA */
	uint8_t scratch[1u << 20] __attribute__((aligned(64)));
};

/* Runs one checked job on @workers, which the pool has put on as many threads. */
struct fpr_pool;
int fpr_engine_gemm(struct fpr_pool *pool, struct fpr_worker *const *workers,
		    unsigned int n_workers, const struct fpr_isa_ops *ops,
		    const struct fpr_gemm *job, const uint16_t *a, const uint16_t *b, void *c,
		    struct fpr_gemm_counters *counters, struct fpr_board_watch *watch);

/* The memory model; bytes of the operands' panels are measured before the job. */
int fpr_traffic_init(struct fpr_traffic *traffic, const struct fpr_view *v, uint32_t batch,
		     uint32_t panels);
uint64_t fpr_traffic_groups(const struct fpr_traffic *traffic, uint32_t batch);
void fpr_traffic_fill(struct fpr_traffic *traffic, const struct fpr_isa_ops *ops,
		      const struct fpr_view *v, uint32_t k, uint64_t group);

/* One (tile, panel) that computes for @compute cycles; may come in any order. */
void fpr_memory_step(const struct fpr_run *run, struct fpr_tally *tally, uint64_t entry,
		     uint32_t tr, uint32_t tc, uint32_t panel, uint32_t compute);

/* Cycles of the first load and the last store, which no step covers. */
uint64_t fpr_memory_ends(const struct fpr_run *run);

/* Bytes of all outputs. */
uint64_t fpr_memory_c_bytes(const struct fpr_run *run);

/*
 * fpr_gather() - one chunk of some rows, k along each row
 * @raw: zeros where the operand ends, is zero or subnormal, or holds a special
 * @special: set to 1 for a row with infinities or NaNs, else left alone
 */
void fpr_gather(const struct fpr_view *v, const uint16_t *x, uint32_t rows, uint32_t n,
		uint16_t (*raw)[FPR_CHUNK], uint8_t *special);

/* What the specials of one output's products add up to: NaN, an infinity, or 0 for none. */
float fpr_special_sum(const struct fpr_run *run, uint64_t entry, uint64_t row, uint64_t col);

#endif
