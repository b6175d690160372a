/* SPDX-License-Identifier: MIT */
#ifndef FPR_PE_SET_H
#define FPR_PE_SET_H

#include <stdint.h>

#include "acc.h"
#include "fpr_geometry.h"
#include "hls.h"
#include "naf.h"

/*
 * A PE of `set`. Of the serial operand it sees
 *
 *   serial:   bits 0..8 terms, 9..17 their signs, 18..25 exponent field, 26 sign
 *
 * with no terms when the value is zero or special, and of the parallel one
 *
 *   parallel: bits 0..7 significand (0 when not effectual), 8 sign, 9..16 exponent field
 */

#define FPR_SERIAL(terms, signs, exp, sign) \
	((terms) | ((signs) << 9) | ((exp) << 18) | ((uint32_t)(sign) << 26))
#define FPR_SERIAL_TERMS(s) ((s)&0x1ffu)
#define FPR_SERIAL_SIGNS(s) (((s) >> 9) & 0x1ffu)
#define FPR_SERIAL_EXP(s) (((s) >> 18) & 0xffu)
#define FPR_SERIAL_SIGN(s) (((s) >> 26) & 1u)

#define FPR_PARALLEL(mag, sign, exp) ((mag) | ((sign) << 8) | ((exp) << 9))
#define FPR_PARALLEL_MAG(p) ((p)&0xffu)
#define FPR_PARALLEL_SIGN(p) (((p) >> 8) & 1u)
#define FPR_PARALLEL_EXP(p) (((p) >> 9) & 0xffu)

/* Exponent of a product of two effectual values. */
#define FPR_PRODUCT_EXP(s, p) \
	((int32_t)(FPR_SERIAL_EXP(s) + FPR_PARALLEL_EXP(p)) - 2 * FPR_BF16_BIAS)

/* Alignment of a product: the shift of its term at position p is reach + p. */
#define FPR_SET_REACH_BIAS 8

/**
 * struct fpr_pe_set - what a PE holds while it works on a set
 * @acc: the accumulator
 * @sum: aligned accumulator plus the terms added, in units of 2^@unit
 * @unit: emax - 7 - T
 * @effectual: 1 when the set has an effectual product
 * @terms: kept terms not yet issued, per product
 * @reach: T - 7 - (emax - e) + FPR_SET_REACH_BIAS, per product with kept terms
 */
struct fpr_pe_set {
	struct fpr_acc acc[1];
	int32_t sum, unit;
	uint32_t effectual;
	uint16_t terms[FPR_SET];
	uint8_t reach[FPR_SET];
};

/* What the lanes of a PE did in one cycle. */
struct fpr_pe_set_counts {
	uint32_t issued, outside, idle;
};

/* The largest exponent among the set's effectual products and the accumulator. */
static inline int32_t fpr_set_emax(const struct fpr_acc acc[1], const uint32_t serial[FPR_SET],
				   const uint32_t parallel[FPR_SET], uint32_t effectual[1])
{
	int32_t emax = fpr_acc_exponent(acc);

	effectual[0] = 0;
	HLS_LOOP(EXPONENT)
	for (uint32_t i = 0; i < FPR_SET; i++) {
		HLS_OPT(UNROLL)
		uint32_t here =
			FPR_SERIAL_TERMS(serial[i]) != 0u && FPR_PARALLEL_MAG(parallel[i]) != 0u;
		int32_t e = FPR_PRODUCT_EXP(serial[i], parallel[i]);

		emax = here && e > emax ? e : emax;
		effectual[0] |= here;
	}
	return emax;
}

/**
 * fpr_pe_set_open() - the exponent block: align and find the terms that count
 * @pe: the PE
 * @serial: the row's set
 * @parallel: the column's set
 * @t: out-of-bounds threshold T, 0..15
 * Return: terms of effectual products beyond T
 */
static inline uint32_t fpr_pe_set_open(struct fpr_pe_set pe[1], const uint32_t serial[FPR_SET],
				       const uint32_t parallel[FPR_SET], uint32_t t)
{
	uint32_t effectual[1];
	int32_t emax = fpr_set_emax(pe[0].acc, serial, parallel, effectual);
	uint32_t beyond = 0;

	pe[0].effectual = effectual[0];
	pe[0].unit = emax - 7 - (int32_t)t;
	pe[0].sum = (int32_t)fpr_acc_align(pe[0].acc, pe[0].unit);
	HLS_LOOP(PRODUCT)
	for (uint32_t i = 0; i < FPR_SET; i++) {
		HLS_OPT(UNROLL)
		int32_t delta = emax - FPR_PRODUCT_EXP(serial[i], parallel[i]);
		uint32_t terms =
			FPR_PARALLEL_MAG(parallel[i]) != 0u ? FPR_SERIAL_TERMS(serial[i]) : 0u;
		uint32_t kept = fpr_naf_prefix(terms, delta + 7 - (int32_t)t);
		int32_t reach = (int32_t)t - 7 - delta + FPR_SET_REACH_BIAS;

		pe[0].terms[i] = (uint16_t)kept;
		pe[0].reach[i] = (uint8_t)(kept != 0u ? reach : 0);
		beyond += fpr_ones16(terms & ~kept);
	}
	return beyond;
}

/* The product a lane works on: the first of its own that has terms left. */
static inline uint32_t fpr_set_lane_product(const struct fpr_pe_set pe[1], uint32_t lane)
{
	uint32_t at = lane % FPR_SET;

	HLS_LOOP(OWN)
	for (uint32_t i = FPR_SET; i > 0u; i--) {
		HLS_OPT(UNROLL)
		uint32_t own = (i - 1u) % FPR_LANES == lane;

		at = own && pe[0].terms[i - 1u] != 0u ? i - 1u : at;
	}
	return at;
}

/**
 * fpr_pe_set_step() - one cycle of a PE: lanes within the window issue their term
 * @pe: the PE
 * @serial: the row's set, for the signs
 * @parallel: the column's set
 * @counts: set: lanes that issued, waited outside the window, had no term
 */
static inline void fpr_pe_set_step(struct fpr_pe_set pe[1], const uint32_t serial[FPR_SET],
				   const uint32_t parallel[FPR_SET],
				   struct fpr_pe_set_counts counts[1])
{
	uint32_t product[FPR_LANES], place[FPR_LANES], shift[FPR_LANES], pending[FPR_LANES];
	uint32_t base = 0;

	counts[0].issued = 0;
	counts[0].outside = 0;
	counts[0].idle = 0;
	HLS_LOOP(PENDING)
	for (uint32_t l = 0; l < FPR_LANES; l++) {
		HLS_OPT(UNROLL)
		product[l] = fpr_set_lane_product(pe, l);
		pending[l] = l < FPR_SET && pe[0].terms[product[l]] != 0u;
		place[l] = fpr_msb(pe[0].terms[product[l]]);
		shift[l] = pending[l] ? pe[0].reach[product[l]] + place[l] : 0u;
		base = shift[l] > base ? shift[l] : base;
	}
	HLS_LOOP(ISSUE)
	for (uint32_t l = 0; l < FPR_LANES; l++) {
		HLS_OPT(UNROLL)
		uint32_t i = product[l];
		uint32_t go = pending[l] && base - shift[l] <= FPR_WINDOW;
		uint32_t left = (shift[l] - FPR_SET_REACH_BIAS) & 31u;
		int32_t value = (int32_t)(go ? FPR_PARALLEL_MAG(parallel[i]) << left : 0u);
		uint32_t negative = ((FPR_SERIAL_SIGNS(serial[i]) >> place[l]) & 1u) ^
				    FPR_SERIAL_SIGN(serial[i]) ^ FPR_PARALLEL_SIGN(parallel[i]);

		pe[0].sum += negative != 0u ? -value : value;
		pe[0].terms[i] = (uint16_t)(pe[0].terms[i] & ~(go << place[l]));
		counts[0].issued += go;
		counts[0].outside += pending[l] & ~go;
		counts[0].idle += pending[l] == 0u;
	}
}

/* Has the PE terms left? */
static inline uint32_t fpr_pe_set_busy(const struct fpr_pe_set pe[1])
{
	uint32_t left = 0;

	HLS_LOOP(LEFT)
	for (uint32_t i = 0; i < FPR_SET; i++) {
		HLS_OPT(UNROLL)
		left |= pe[0].terms[i];
	}
	return left != 0u;
}

/* Ends a set: one rounding, unless no product was effectual. */
static inline void fpr_pe_set_close(struct fpr_pe_set pe[1])
{
	if (pe[0].effectual != 0u)
		fpr_acc_round(pe[0].sum, pe[0].unit, pe[0].acc);
}

#endif
