/* SPDX-License-Identifier: MIT */
#ifndef FPR_BDC_H
#define FPR_BDC_H

#include <stdint.h>

#include "fpr_geometry.h"

/* Bytes of the largest group: a header, then 16 bits a value. */
#define FPR_BDC_HEADER_BITS 16u
#define FPR_BDC_BYTES (FPR_BDC_HEADER_BITS / 8u + 2u * FPR_BDC_GROUP)

/**
 * fpr_bdc_encode() - compress the exponents of one group, without loss
 * @values: bfloat16 bits; the first @n count
 * @n: values in the group, 0..FPR_BDC_GROUP
 * @packed: the group as it travels; bytes past the end are left alone
 * Return: bytes used; 0 for an empty group
 */
uint32_t fpr_bdc_encode(const uint16_t values[FPR_BDC_GROUP], uint32_t n,
			uint8_t packed[FPR_BDC_BYTES]);

/**
 * fpr_bdc_decode() - the values of one group
 * @packed: as fpr_bdc_encode() made it
 * @n: values in the group, 0..FPR_BDC_GROUP
 * @values: filled in; 0 from @n on
 */
void fpr_bdc_decode(const uint8_t packed[FPR_BDC_BYTES], uint32_t n,
		    uint16_t values[FPR_BDC_GROUP]);

#endif
