/* SPDX-License-Identifier: MIT */
#ifndef FPR_PE_DENSE_H
#define FPR_PE_DENSE_H

#include <stdint.h>

#include "acc.h"
#include "fpr_geometry.h"
#include "hls.h"

/*
 * A PE of `dense`: whole products, aligned to the largest. Both operands come as
 *
 *   bits 0..7 significand (0 when not effectual), 8 sign, 9..16 exponent field
 */

#define FPR_DENSE(mag, sign, exp) ((mag) | ((sign) << 8) | ((exp) << 9))
#define FPR_DENSE_MAG(v) ((v)&0xffu)
#define FPR_DENSE_SIGN(v) (((v) >> 8) & 1u)
#define FPR_DENSE_EXP(v) (((v) >> 9) & 0xffu)

#define FPR_DENSE_KEEP 24 /* a product further below emax is dropped whole */
#define FPR_DENSE_UNIT 38 /* emax minus the exponent of the sum's unit: 14 + FPR_DENSE_KEEP */

/* Exponent of a product of two effectual values. */
#define FPR_DENSE_PRODUCT_EXP(s, p) \
	((int32_t)(FPR_DENSE_EXP(s) + FPR_DENSE_EXP(p)) - 2 * FPR_BF16_BIAS)

/**
 * fpr_pe_dense() - one set of a PE
 * @acc: the accumulator
 * @s: the row's set
 * @p: the column's set
 *
 * With fewer lanes than FPR_SET the tile spends several cycles on it.
 */
static inline void fpr_pe_dense(struct fpr_acc acc[1], const uint32_t s[FPR_SET],
				const uint32_t p[FPR_SET])
{
	int32_t emax = fpr_acc_exponent(acc);
	uint32_t effectual = 0;
	int64_t sum;

	HLS_LOOP(EXPONENT)
	for (uint32_t i = 0; i < FPR_SET; i++) {
		HLS_OPT(UNROLL)
		uint32_t here = FPR_DENSE_MAG(s[i]) != 0u && FPR_DENSE_MAG(p[i]) != 0u;
		int32_t e = FPR_DENSE_PRODUCT_EXP(s[i], p[i]);

		emax = here && e > emax ? e : emax;
		effectual |= here;
	}
	if (effectual == 0u)
		return;
	sum = fpr_acc_align(acc, emax - FPR_DENSE_UNIT);
	HLS_LOOP(PRODUCT)
	for (uint32_t i = 0; i < FPR_SET; i++) {
		HLS_OPT(UNROLL)
		uint32_t mag = FPR_DENSE_MAG(s[i]) * FPR_DENSE_MAG(p[i]);
		int32_t e = FPR_DENSE_PRODUCT_EXP(s[i], p[i]);
		int32_t shift = FPR_DENSE_KEEP - (emax - e);
		uint32_t keep = mag != 0u && shift >= 0;
		int64_t value = (int64_t)(keep ? (uint64_t)mag << ((uint32_t)shift & 31u) : 0u);
		uint32_t negative = FPR_DENSE_SIGN(s[i]) ^ FPR_DENSE_SIGN(p[i]);

		sum += negative != 0u ? -value : value;
	}
	fpr_acc_round(sum, emax - FPR_DENSE_UNIT, acc);
}

#endif
