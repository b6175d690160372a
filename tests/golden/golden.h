/* SPDX-License-Identifier: MIT */
#ifndef FPR_GOLDEN_H
#define FPR_GOLDEN_H

/*
 * The golden model of the array: one job's bits and counters in exact
 * arithmetic, as slow and as literal as the contracts' text. It shares the job,
 * the counters and the geometry with the array, and no line of code.
 */

#include <gmp.h>
#include <stddef.h>
#include <stdint.h>

#include "fpr_gemm.h"

/* Exact numbers are integers (mpz_t) in units of 2^-GOLDEN_FRACTION. */
#define GOLDEN_FRACTION 400

/* Positions 0..8 of the digits of an 8-bit significand. */
#define GOLDEN_DIGITS 9

#define GOLDEN_NAN_F32 0x7fc00000u
#define GOLDEN_NAN_BF16 0x7fc0u

/**
 * golden_naf() - recode an integer to its non-adjacent form
 * @m: 0..255
 * @digits: @m is the sum of digits[p] 2^p; each is -1, 0 or 1
 */
void golden_naf(unsigned int m, int digits[GOLDEN_DIGITS]);

/**
 * golden_round_bits() - round to nearest even
 * @v: rounded in place
 * @bits: significand bits to keep; the exponent is unbounded
 */
void golden_round_bits(mpz_t v, unsigned int bits);

/**
 * golden_round_f32() - an exact number as fp32
 * @v: the number
 * Return: fp32 bits; exact zero is +0, tiny results are zeros of @v's sign,
 *	what rounds to 2^128 and more is infinite
 */
uint32_t golden_round_f32(const mpz_t v);

/* Return: fp32 bits as the array reads them: no subnormals, one NaN. */
uint32_t golden_read_f32(uint32_t bits);

/* Return: x + y, both as golden_read_f32() gives them. */
uint32_t golden_add_f32(uint32_t x, uint32_t y);

/* Return: fp32 bits rounded to bfloat16. */
uint16_t golden_round_bf16(uint32_t bits);

/**
 * golden_dense_chunk() - the bit-parallel PE that `chunk` is measured against (hw/rtl)
 * @s: serial values, bfloat16
 * @p: parallel values
 * @n: products, at most FPR_CHUNK
 * @sum: set to their sum, each cut toward zero to a multiple of 2^(emax - 22)
 * Return: emax, the largest exponent of each vector added up; 0 without any
 */
int golden_dense_chunk(const uint16_t *s, const uint16_t *p, uint32_t n, mpz_t sum);

/* Return: that sum in units of 2^(emax - 22), as the PE holds it. */
int32_t golden_dense_chunk_units(const uint16_t *s, const uint16_t *p, uint32_t n);

/* Bytes of the largest compressed group. */
#define GOLDEN_BDC_MAX ((16 + FPR_BDC_GROUP * 16) / 8)

/**
 * golden_bdc_pack() - compress one group of operand values
 * @x: bfloat16
 * @n: values in the group, 0..FPR_BDC_GROUP
 * @out: the compressed bytes
 * Return: bytes written, 0 for an empty group
 */
size_t golden_bdc_pack(const uint16_t *x, unsigned int n, uint8_t out[GOLDEN_BDC_MAX]);

/* The inverse: @n values out of what golden_bdc_pack() wrote. */
void golden_bdc_unpack(const uint8_t *in, unsigned int n, uint16_t *x);

/**
 * golden_gemm() - run one job
 * @job: well formed; serial side a or b; leading dimensions may be 0 (packed),
 *	batch 0 is 1
 * @a: bfloat16
 * @b: bfloat16
 * @c: fp32 or bfloat16 bits, read when accumulating, and written; elements
 *	between its rows and entries are left alone
 * @counters: filled in; not NULL
 * Return: 0, -EINVAL (unknown kind, side or type, T out of range) or -ENOMEM
 */
int golden_gemm(const struct fpr_gemm *job, const uint16_t *a, const uint16_t *b, void *c,
		struct fpr_gemm_counters *counters);

#endif
