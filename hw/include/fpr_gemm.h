/* SPDX-License-Identifier: MIT */
#ifndef FPR_GEMM_H
#define FPR_GEMM_H

#ifdef __KERNEL__
#include <linux/types.h>
#else
#include <stdint.h>
#endif

#include "fpr_geometry.h"

/* Array kinds: how the terms of a product are aligned and scheduled. */
enum fpr_kind {
	FPR_KIND_CHUNK = 0, /* one alignment per chunk of 64, terms shared by a row */
	FPR_KIND_SET = 1, /* one alignment per set of 8, as in the FPRaker paper */
	FPR_KIND_DENSE = 2, /* bit-parallel baseline: a set of 8 each cycle */
	FPR_KIND_VALUE = 3, /* `chunk`'s bits with half the lanes, where loading has its own time */
	FPR_KINDS
};

/* What to use when in doubt: the board's, the library's and the tools' default. */
#define FPR_KIND_DEFAULT FPR_KIND_VALUE

/* What a kind aligns, and its rows walk through: products of a set or of a chunk. */
#define FPR_KIND_IS_CHUNKED(kind) ((kind) == FPR_KIND_CHUNK || (kind) == FPR_KIND_VALUE)
#define FPR_KIND_UNIT(kind) (FPR_KIND_IS_CHUNKED(kind) ? FPR_CHUNK : FPR_SET)

/* Default T of a kind. */
#define FPR_KIND_T(kind) (FPR_KIND_IS_CHUNKED(kind) ? FPR_T_CHUNK : FPR_T_SET)

/* Lanes of a PE of a kind where the geometry has @lanes: `value` has half of them, one at least. */
#define FPR_KIND_LANES(kind, lanes) ((kind) == FPR_KIND_VALUE ? ((lanes) + 1) / 2 : (lanes))
#define FPR_VALUE_LANES FPR_KIND_LANES(FPR_KIND_VALUE, FPR_LANES)

/* `value`: cycles between a slot's getting free and its loading, the steps of the pre-pass. */
#define FPR_VALUE_REFILL 4

/* Which operand is recoded to terms. */
enum fpr_serial {
	FPR_SERIAL_A = 0,
	FPR_SERIAL_B = 1,
	FPR_SERIAL_AUTO = 2, /* library only: the operand with fewer NAF digits */
};

/* Element type of C, in and out. */
enum fpr_out {
	FPR_OUT_F32 = 0,
	FPR_OUT_BF16 = 1,
};

/* Limits; what lies beyond is refused with -EINVAL before anything is touched. */
#define FPR_DIM_MAX (1u << 24) /* m, n, k and every leading dimension */
#define FPR_BATCH_MAX (1u << 20) /* batch entries of one job */

/*
 * m * n * k * batch, so that no counter wraps. The largest are lane-cycles: a
 * product of `set` that has a row of PEs to itself costs each of FPR_ROWS PEs a
 * lane for the at most 17 cycles of a set, 136 in all on the default array.
 */
#define FPR_MACS_MAX (1ull << 56)

/**
 * struct fpr_gemm - shape and options of one job, C = op(A) op(B) [+ C]
 * @m: rows of op(A) and of C
 * @n: columns of op(B) and of C
 * @k: columns of op(A), rows of op(B); 0 is legal and leaves C as read, or +0
 * @batch: independent products; 0 means 1
 * @lda: elements between two stored rows of A, 0 for packed
 * @ldb: elements between two stored rows of B, 0 for packed
 * @ldc: elements between two rows of C, 0 for packed
 * @stride_a: elements between two batch entries of A; 0: all share one A
 * @stride_b: elements between two batch entries of B; 0: all share one B
 * @stride_c: elements between two batch entries of C; entries may interleave
 *	(stride_c >= n and the whole batch within one row) but not overlap
 * @kind: enum fpr_kind
 * @serial: enum fpr_serial; the board takes A or B only
 * @t: out-of-bounds threshold, 0..FPR_T_MAX; `dense` ignores its value
 * @out: enum fpr_out, the type of C in and of C out
 * @trans_a: 0: A is stored m x k; 1: A is stored k x m, op(A) = A^T
 * @trans_b: 0: B is stored k x n; 1: B is stored n x k, op(B) = B^T
 * @accumulate: 1: start from C as stored; 0: from +0
 * @reserved: must be 0
 * @reserved1: must be 0
 *
 * A and B hold bfloat16. All matrices are row-major.
 */
struct fpr_gemm {
	uint32_t m, n, k, batch;
	uint32_t lda, ldb, ldc;
	uint32_t reserved;
	uint64_t stride_a, stride_b, stride_c;
	uint8_t kind, serial, t, out;
	uint8_t trans_a, trans_b, accumulate, reserved1;
};

/**
 * struct fpr_gemm_counters - what one job cost; see hw/array/README.md
 * @cycles_total: @cycles_compute + @cycles_memory_stall
 * @cycles_compute: sum of tile times (the timing contract)
 * @cycles_memory_stall: cycles by which the memory model lengthens the job
 * @terms_issued: kept NAF terms, summed over every product of every output
 *	(`dense`: 8 m n k batch)
 * @terms_skipped_zero: 8 m n k batch - issued - skipped_oob
 * @terms_skipped_oob: NAF terms of effectual products beyond the threshold
 * @lanes_useful: lane-cycles that added a term (`dense`: a product)
 * @lanes_no_term: lane-cycles of a lane that had run out of terms
 * @lanes_shift_range: `set`: lane-cycles of a pending term outside the window
 * @lanes_inter_pe: lane-cycles lost to the other PEs of the row: `set`: waiting
 *	for the slowest; `chunk`, `value`: a shared term that this PE drops
 * @lanes_floor: lane-cycles added by a set's or chunk's least duration
 * @lanes_inter_row: lane-cycles in which a row waits for other rows; `value`: or
 *	for its next chunk to be loaded
 * @bytes_operands_raw: bytes of A and B read, uncompressed
 * @bytes_operands: the same reads with exponents compressed; what is charged
 * @bytes_c_read: bytes of C read to accumulate
 * @bytes_c_written: bytes of C written
 *
 * The six lanes_* add up to cycles_compute * ROWS * COLS * the lanes of the kind,
 * which are FPR_KIND_LANES(kind, LANES).
 */
struct fpr_gemm_counters {
	uint64_t cycles_total, cycles_compute, cycles_memory_stall;
	uint64_t terms_issued, terms_skipped_zero, terms_skipped_oob;
	uint64_t lanes_useful, lanes_no_term, lanes_shift_range;
	uint64_t lanes_inter_pe, lanes_floor, lanes_inter_row;
	uint64_t bytes_operands_raw, bytes_operands, bytes_c_read, bytes_c_written;
};

/**
 * struct fpr_operand_stats - what is in one operand
 * @values: elements looked at
 * @zeros: elements that read as zero (exponent field 0)
 * @specials: infinities and NaNs
 * @terms: NAF digits of all finite non-zero significands (at most 5 each)
 */
struct fpr_operand_stats {
	uint64_t values, zeros, specials, terms;
};

#endif
