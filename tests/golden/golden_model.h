/* SPDX-License-Identifier: MIT */
#ifndef FPR_GOLDEN_MODEL_H
#define FPR_GOLDEN_MODEL_H

/* What the parts of the golden model tell one another. */

#include "golden.h"

enum golden_class { GOLDEN_ZERO, GOLDEN_FINITE, GOLDEN_INF, GOLDEN_NAN };

/* Most non-zero digits that a significand has. */
#define GOLDEN_TERMS 5

/**
 * struct golden_value - one decoded bfloat16
 * @bits: as stored
 * @class: what it is; a subnormal is a zero
 * @sign: 1 or -1
 * @e: exponent, finite values only
 * @m: significand 128..255, finite values only
 * @terms: number of non-zero NAF digits of @m, 0 for all but finite values
 * @position: of each term, highest first
 * @digit: of each term, 1 or -1
 */
struct golden_value {
	uint16_t bits;
	enum golden_class class;
	int sign, e, m;
	int terms;
	int position[GOLDEN_TERMS];
	int digit[GOLDEN_TERMS];
};

void golden_decode(uint16_t bits, struct golden_value *v);

/**
 * struct golden_matrix - one operand of one batch entry, k along its rows
 * @rows: rows of op(A), or columns of op(B)
 * @k: values in a row
 * @k_down: the stored matrix has k down its columns
 * @v: row after row
 */
struct golden_matrix {
	uint32_t rows, k;
	int k_down;
	struct golden_value *v;
};

static inline const struct golden_value *golden_at(const struct golden_matrix *x, uint32_t row,
						   uint32_t k)
{
	return &x->v[(size_t)row * x->k + k];
}

/* No product of the set (chunk: no value of one vector) sets an alignment. */
#define GOLDEN_NO_ALIGNMENT INT32_MIN

/* Consecutive products that a kind aligns together: a set or a chunk. */
uint32_t golden_unit(unsigned int kind);

/* Sets or chunks in k products. */
uint32_t golden_units(unsigned int kind, uint32_t k);

/**
 * golden_kept() - how many terms of a product survive the threshold
 * @s: serial value
 * @p: parallel value
 * @emax: alignment of the product's set or chunk
 * @t: threshold
 * Return: length of the prefix of @s's terms that is kept
 */
int golden_kept(const struct golden_value *s, const struct golden_value *p, int emax, int t);

/* Distance of one term of an effectual product from the alignment: the contract's k. */
int golden_distance(const struct golden_value *s, const struct golden_value *p, int emax, int term);

/* Does a product enter the sum: are both values finite and non-zero? */
int golden_effectual(const struct golden_value *s, const struct golden_value *p);

/**
 * golden_dot() - one output element
 * @job: kind, T
 * @s: job->k serial values
 * @p: job->k parallel values
 * @c: C in, as golden_read_f32() gives it, or +0
 * @align: emax of every set or chunk
 * @counters: kept and dropped terms are added
 * Return: fp32 bits
 */
uint32_t golden_dot(const struct fpr_gemm *job, const struct golden_value *s,
		    const struct golden_value *p, uint32_t c, int32_t *align,
		    struct fpr_gemm_counters *counters);

/**
 * struct golden_tile - one tile's place in one batch entry
 * @s: serial matrix
 * @p: parallel matrix
 * @row: first row of @s
 * @col: first row of @p
 * @align: emax of every set or chunk of every output, the units of the output
 *	(row of @s, row of @p) together
 */
struct golden_tile {
	const struct golden_matrix *s, *p;
	uint32_t row, col;
	const int32_t *align;
};

/**
 * golden_tile_run() - run a tile cycle by cycle
 * @job: kind, T, k
 * @tile: where
 * @finish: for every set or chunk, cycles until the slowest row finished it
 * @counters: lane-cycles are added
 */
void golden_tile_run(const struct fpr_gemm *job, const struct golden_tile *tile, uint64_t *finish,
		     struct fpr_gemm_counters *counters);

/**
 * struct golden_step - one tile's use of one panel
 * @load: bytes loaded for it
 * @compute: cycles the tile spends on it
 * @store: bytes of the tile that ends with it, 0 if none does
 */
struct golden_step {
	uint64_t load, compute, store;
};

/**
 * golden_panel_bytes() - what one operand's panel takes to load
 * @x: operand
 * @row: the tile's first row of it
 * @rows: FPR_ROWS or FPR_COLS
 * @panel: which
 * @raw: its bytes uncompressed are added
 * @packed: its bytes compressed are added
 */
void golden_panel_bytes(const struct golden_matrix *x, uint32_t row, uint32_t rows, uint32_t panel,
			uint64_t *raw, uint64_t *packed);

/* Return: cycles of a job whose steps are these. */
uint64_t golden_total_time(const struct golden_step *steps, size_t n);

#endif
