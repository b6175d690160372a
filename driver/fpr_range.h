/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef FPR_RANGE_H
#define FPR_RANGE_H

/*
 * Pure arithmetic on what user space asks for: ranges, shapes, ring indices.
 * Nothing here touches a device, so the unit tests take it as it is.
 */

#include <linux/bitops.h>
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/overflow.h>
#include <linux/types.h>

#include "fpr_gemm.h"

/**
 * struct fpr_extent - bytes from each operand's first element to past its last
 * @a: of A
 * @b: of B
 * @c: of C
 */
struct fpr_extent {
	u64 a;
	u64 b;
	u64 c;
};

/**
 * fpr_range_fits() - does a range lie within an object?
 * @offset: first byte
 * @bytes: length
 * @size: of the object
 * Return: true when it does, without overflow
 */
static inline bool fpr_range_fits(u64 offset, u64 bytes, u64 size)
{
	u64 end;

	return !check_add_overflow(offset, bytes, &end) && end <= size;
}

/**
 * fpr_range_overlap() - do two ranges share a byte?
 * @a: first byte of one
 * @a_bytes: its length
 * @b: first byte of the other
 * @b_bytes: its length
 * Return: true when they do; ranges must not overflow
 */
static inline bool fpr_range_overlap(u64 a, u64 a_bytes, u64 b, u64 b_bytes)
{
	return a_bytes && b_bytes && a < b + b_bytes && b < a + a_bytes;
}

/**
 * fpr_matrix_extent() - bytes of a strided batch of row-major matrices
 * @rows: stored rows
 * @cols: stored columns
 * @ld: elements between rows, 0 for packed
 * @batch: entries, not 0
 * @stride: elements between entries
 * @element: bytes of one
 * @bytes: set; 0 when there are no elements
 * Return: 0, or -EINVAL: a row is longer than @ld, or it does not fit 63 bits
 */
static inline int fpr_matrix_extent(u32 rows, u32 cols, u32 ld, u32 batch, u64 stride, u32 element,
				    u64 *bytes)
{
	u64 last, entry;

	*bytes = 0;
	if (!ld)
		ld = cols;
	if (ld < cols)
		return -EINVAL;
	if (!rows || !cols)
		return 0;
	entry = (u64)(rows - 1) * ld + cols;
	if (check_mul_overflow(stride, (u64)(batch - 1), &last) ||
	    check_add_overflow(last, entry, &last) ||
	    check_mul_overflow(last, (u64)element, bytes) || *bytes >> 63)
		return -EINVAL;
	return 0;
}

/**
 * fpr_batch_disjoint() - do no two entries of C share an element?
 * @g: a job whose dimensions are in range
 * Return: true when entries lie one after another, or side by side within a row
 */
static inline bool fpr_batch_disjoint(const struct fpr_gemm *g)
{
	u32 batch = max(g->batch, 1u), ld = g->ldc ?: g->n;
	u64 span;

	if (batch == 1 || !g->m || !g->n)
		return true;
	if (g->stride_c >= (u64)(g->m - 1) * ld + g->n)
		return true;
	if (g->stride_c < g->n || check_mul_overflow(g->stride_c, (u64)(batch - 1), &span) ||
	    check_add_overflow(span, (u64)g->n, &span))
		return false;
	return span <= ld;
}

/**
 * fpr_gemm_shape() - check a job's shape and options, find what it touches
 * @g: from user space
 * @kinds: bit i: the board runs enum fpr_kind i
 * @extent: set
 * Return: 0 or -EINVAL
 */
static inline int fpr_gemm_shape(const struct fpr_gemm *g, u32 kinds, struct fpr_extent *extent)
{
	u32 batch = max(g->batch, 1u);
	u64 macs;

	if (g->m > FPR_DIM_MAX || g->n > FPR_DIM_MAX || g->k > FPR_DIM_MAX ||
	    g->lda > FPR_DIM_MAX || g->ldb > FPR_DIM_MAX || g->ldc > FPR_DIM_MAX ||
	    batch > FPR_BATCH_MAX)
		return -EINVAL;
	if (g->kind >= FPR_KINDS || !(kinds & BIT(g->kind)) || g->serial > FPR_SERIAL_B ||
	    g->out > FPR_OUT_BF16 || g->t > FPR_T_MAX)
		return -EINVAL;
	if (g->trans_a > 1 || g->trans_b > 1 || g->accumulate > 1 || g->reserved || g->reserved1)
		return -EINVAL;
	if (check_mul_overflow((u64)g->m * g->n, (u64)g->k, &macs) ||
	    check_mul_overflow(macs, (u64)batch, &macs) || macs > FPR_MACS_MAX)
		return -EINVAL;
	if (fpr_matrix_extent(g->trans_a ? g->k : g->m, g->trans_a ? g->m : g->k, g->lda, batch,
			      g->stride_a, 2, &extent->a) ||
	    fpr_matrix_extent(g->trans_b ? g->n : g->k, g->trans_b ? g->k : g->n, g->ldb, batch,
			      g->stride_b, 2, &extent->b) ||
	    fpr_matrix_extent(g->m, g->n, g->ldc, batch, g->stride_c, g->out == FPR_OUT_F32 ? 4 : 2,
			      &extent->c))
		return -EINVAL;
	return fpr_batch_disjoint(g) ? 0 : -EINVAL;
}

/**
 * fpr_ring_next() - the index after another
 * @index: in the ring
 * @entries: of the ring, a power of two
 * Return: the next index
 */
static inline u32 fpr_ring_next(u32 index, u32 entries)
{
	return (index + 1) & (entries - 1);
}

/**
 * fpr_ring_space() - entries that may be written before the ring is full
 * @head: next entry the reader takes
 * @tail: next entry the writer fills
 * @entries: of the ring, a power of two
 * Return: 0 .. @entries - 1; one entry always stays empty
 */
static inline u32 fpr_ring_space(u32 head, u32 tail, u32 entries)
{
	return (head - tail - 1) & (entries - 1);
}

/**
 * fpr_phase_after() - the phase bit of the turn in which an entry is next written
 * @index: entry just consumed
 * @entries: of the ring
 * @phase: of the entry just consumed
 * Return: phase expected of the entry after it
 */
static inline u16 fpr_phase_after(u32 index, u32 entries, u16 phase)
{
	return index + 1 == entries ? phase ^ 1 : phase;
}

/**
 * fpr_sg_find() - the piece of a scatter list that holds a byte
 * @starts: ascending offsets of the pieces' first bytes, @starts[0] == 0
 * @count: pieces, not 0
 * @offset: the byte, inside the list
 * Return: index of the piece
 */
static inline u32 fpr_sg_find(const u64 *starts, u32 count, u64 offset)
{
	u32 low = 0, high = count;

	while (high - low > 1) {
		u32 middle = low + (high - low) / 2;

		if (starts[middle] <= offset)
			low = middle;
		else
			high = middle;
	}
	return low;
}

#endif
