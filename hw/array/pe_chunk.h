/* SPDX-License-Identifier: MIT */
#ifndef FPR_PE_CHUNK_H
#define FPR_PE_CHUNK_H

#include <stdint.h>

#include "fpr_geometry.h"
#include "hls.h"

/*
 * A PE of `chunk` or `value`. A row broadcasts to its PEs one term a lane:
 *
 *   term:    bits 0..4 reach = T - 7 - (row's exponent maximum - exponent) + p,
 *            bit 5 the term's sign, bit 6 set when the lane has a term
 *
 * and each column holds, per product,
 *
 *   operand: bits 0..7 significand (0: the product is not effectual),
 *            bit 8 sign, bits 9..13 distance to the column's exponent maximum
 *
 * k = T - (reach - distance), so a term is kept iff reach >= distance, and it
 * adds the significand shifted left by what is left of the reach.
 */

/* Lanes: of `chunk`, unless the file that includes this has others. */
#ifndef FPR_PE_LANES
#define FPR_PE_LANES FPR_LANES
#endif

#define FPR_REACH_MAX 16u /* T = 15, no distance, p = 8: T - 7 + 8 */
#define FPR_DISTANCE_MAX 31u /* saturates: anything beyond the reach is the same */

#define FPR_TERM(reach, negative) ((reach) | ((negative) << 5) | 0x40u)
#define FPR_TERM_REACH(t) ((t)&0x1fu)
#define FPR_TERM_NEGATIVE(t) (((t) >> 5) & 1u)
#define FPR_TERM_PRESENT(t) (((t) >> 6) & 1u)

#define FPR_OPERAND(mag, negative, distance) ((mag) | ((negative) << 8) | ((distance) << 9))
#define FPR_OPERAND_MAG(o) ((o)&0xffu)
#define FPR_OPERAND_NEGATIVE(o) (((o) >> 8) & 1u)
#define FPR_OPERAND_DISTANCE(o) (((o) >> 9) & 0x1fu)

/* What a PE did with the terms of one cycle. */
struct fpr_pe_chunk_counts {
	uint32_t kept, beyond, dropped;
};

/**
 * fpr_pe_chunk() - one cycle of a PE
 * @sum: the chunk's sum so far, in units of 2^(emax - 7 - T)
 * @term: the row's terms, one a lane
 * @operand: the column's operands that belong to them
 * @counts: added to: terms kept, effectual ones beyond T, all not kept
 * Return: the new sum
 */
static inline int32_t fpr_pe_chunk(int32_t sum, const uint16_t term[FPR_PE_LANES],
				   const uint16_t operand[FPR_PE_LANES],
				   struct fpr_pe_chunk_counts counts[1])
{
	HLS_LOOP(LANE)
	for (uint32_t l = 0; l < FPR_PE_LANES; l++) {
		HLS_OPT(UNROLL)
		uint32_t present = FPR_TERM_PRESENT(term[l]);
		uint32_t effectual = present & (FPR_OPERAND_MAG(operand[l]) != 0u);
		uint32_t reach = FPR_TERM_REACH(term[l]);
		uint32_t distance = FPR_OPERAND_DISTANCE(operand[l]);
		uint32_t keep = effectual & (reach >= distance);
		uint32_t shift = (reach - distance) & 0x1fu;
		int32_t value = (int32_t)(keep != 0u ? FPR_OPERAND_MAG(operand[l]) << shift : 0u);
		uint32_t negative = FPR_TERM_NEGATIVE(term[l]) ^ FPR_OPERAND_NEGATIVE(operand[l]);

		sum += negative != 0u ? -value : value;
		counts[0].kept += keep;
		counts[0].beyond += effectual & ~keep;
		counts[0].dropped += present & ~keep;
	}
	return sum;
}

#endif
