/* SPDX-License-Identifier: MIT */
#ifndef FPR_VEC_AVX512_H
#define FPR_VEC_AVX512_H

/*
 * The vectors of the kernels: 512 bits of 16-bit lanes (two neighbouring k of
 * one column to a 32-bit lane), of 32-bit lanes or of floats.
 */

#include <immintrin.h>
#include <stdint.h>

#define VCOLS 16 /* 32-bit lanes */
#define VHALVES (2 * VCOLS) /* 16-bit lanes */

typedef __m512i vint;
typedef __m512 vfloat;

/* One double for each 32-bit lane. */
struct vdoubles {
	__m512d low, high;
};

static inline vint v_load(const void *p)
{
	return _mm512_load_si512(p);
}

static inline void v_store(void *p, vint x)
{
	_mm512_store_si512(p, x);
}

static inline vint v_zero(void)
{
	return _mm512_setzero_si512();
}

static inline vint v_set16(int x)
{
	return _mm512_set1_epi16((short)x);
}

static inline vint v_set32(int x)
{
	return _mm512_set1_epi32(x);
}

/* Two neighbouring k of a row, to every column. */
static inline vint v_pair(const uint16_t *p)
{
	int32_t x;

	__builtin_memcpy(&x, p, sizeof(x));
	return _mm512_set1_epi32(x);
}

static inline vint v_and(vint a, vint b)
{
	return _mm512_and_si512(a, b);
}

static inline vint v_or(vint a, vint b)
{
	return _mm512_or_si512(a, b);
}

static inline vint v_xor(vint a, vint b)
{
	return _mm512_xor_si512(a, b);
}

static inline vint v_add16(vint a, vint b)
{
	return _mm512_add_epi16(a, b);
}

static inline vint v_sub16(vint a, vint b)
{
	return _mm512_sub_epi16(a, b);
}

static inline vint v_max16(vint a, vint b)
{
	return _mm512_max_epi16(a, b);
}

static inline vint v_min16(vint a, vint b)
{
	return _mm512_min_epi16(a, b);
}

/* Counts of 16 and more (unsigned) give 0. */
static inline vint v_srlv16(vint x, vint n)
{
	return _mm512_srlv_epi16(x, n);
}

static inline vint v_sllv16(vint x, vint n)
{
	return _mm512_sllv_epi16(x, n);
}

#define v_srl16(x, n) _mm512_srli_epi16(x, n)
#define v_sll16(x, n) _mm512_slli_epi16(x, n)

/* a == b ? x : y, a > b ? x : y (signed), lane by lane. */
static inline vint v_if_eq16(vint a, vint b, vint x, vint y)
{
	return _mm512_mask_blend_epi16(_mm512_cmpeq_epi16_mask(a, b), y, x);
}

static inline vint v_if_gt16(vint a, vint b, vint x, vint y)
{
	return _mm512_mask_blend_epi16(_mm512_cmpgt_epi16_mask(a, b), y, x);
}

/* a + 1 where b is not greater than c */
static inline vint v_count_le16(vint a, vint b, vint c)
{
	return _mm512_mask_sub_epi16(a, _mm512_cmple_epi16_mask(b, c), a, _mm512_set1_epi16(-1));
}

/* a + 1 where x is not 0 */
static inline vint v_count16(vint a, vint x)
{
	return _mm512_mask_sub_epi16(a, _mm512_test_epi16_mask(x, x), a, _mm512_set1_epi16(-1));
}

/* The 16-bit lanes of both in bytes, in some order, zero where and only where a lane is. */
static inline vint v_pack8(vint a, vint b)
{
	return _mm512_packs_epi16(a, b);
}

/* Bytes of a, plus 1 where x is not 0. */
static inline vint v_count8(vint a, vint x)
{
	return _mm512_add_epi8(a, _mm512_min_epu8(x, _mm512_set1_epi8(1)));
}

/* acc + the sum of the bytes of x, spread over the 32-bit lanes */
static inline vint v_add_sum8(vint acc, vint x)
{
	return _mm512_add_epi32(acc, _mm512_sad_epu8(x, _mm512_setzero_si512()));
}

static inline vint v_or3(vint a, vint b, vint c)
{
	return _mm512_ternarylogic_epi32(a, b, c, 0xfe);
}

/* x without the bits that all three have */
static inline vint v_drop_common(vint x, vint a, vint b)
{
	return _mm512_ternarylogic_epi32(x, a, b, 0x70);
}

static inline vint v_popcnt16(vint x)
{
	return _mm512_popcnt_epi16(x);
}

static inline int v_hmax16(vint x)
{
	__m256i y = _mm256_max_epi16(_mm512_castsi512_si256(x), _mm512_extracti64x4_epi64(x, 1));
	__m128i z = _mm_max_epi16(_mm256_castsi256_si128(y), _mm256_extracti128_si256(y, 1));

	/* The instruction finds an unsigned minimum. */
	z = _mm_sub_epi16(_mm_set1_epi16(0x7fff), z);
	return 0x7fff - (int16_t)_mm_extract_epi16(_mm_minpos_epu16(z), 0);
}

/* Lane i of the result: the sum of the 16-bit lanes i, i + 8, ... */
static inline __m128i v_fold8(vint x)
{
	__m256i y = _mm256_add_epi16(_mm512_castsi512_si256(x), _mm512_extracti64x4_epi64(x, 1));

	return _mm_add_epi16(_mm256_castsi256_si128(y), _mm256_extracti128_si256(y, 1));
}

/* acc + the products of the two 16-bit lanes of each 32-bit lane */
static inline vint v_dot(vint acc, vint a, vint b)
{
	return _mm512_dpwssd_epi32(acc, a, b);
}

/* The 16-bit lanes of each 32-bit lane change places. */
static inline vint v_swap16(vint x)
{
	return _mm512_rol_epi32(x, 16);
}

static inline vint v_add32(vint a, vint b)
{
	return _mm512_add_epi32(a, b);
}

static inline vint v_sub32(vint a, vint b)
{
	return _mm512_sub_epi32(a, b);
}

static inline vint v_max32(vint a, vint b)
{
	return _mm512_max_epi32(a, b);
}

#define v_srl32(x, n) _mm512_srli_epi32(x, n)
#define v_sll32(x, n) _mm512_slli_epi32(x, n)
#define v_sra32(x, n) _mm512_srai_epi32(x, n)

/* Counts of 32 and more (unsigned) give 0. */
static inline vint v_srlv32(vint x, vint n)
{
	return _mm512_srlv_epi32(x, n);
}

static inline vint v_sllv32(vint x, vint n)
{
	return _mm512_sllv_epi32(x, n);
}

static inline vint v_abs32(vint x)
{
	return _mm512_abs_epi32(x);
}

/* Leading zeros of 0 < x < 2^31. */
static inline vint v_lzcnt32(vint x)
{
	return _mm512_lzcnt_epi32(x);
}

static inline vint v_if_eq32(vint a, vint b, vint x, vint y)
{
	return _mm512_mask_blend_epi32(_mm512_cmpeq_epi32_mask(a, b), y, x);
}

static inline vint v_if_gt32(vint a, vint b, vint x, vint y)
{
	return _mm512_mask_blend_epi32(_mm512_cmpgt_epi32_mask(a, b), y, x);
}

static inline int v_any(vint x)
{
	return _mm512_test_epi32_mask(x, x) != 0;
}

static inline uint64_t v_sum32(vint x)
{
	return (uint32_t)_mm512_reduce_add_epi32(x);
}

/* The largest low half of every 8 32-bit lanes, all below 256, to to[0], to[step], ... */
static inline void v_tile_max(vint x, uint8_t *to, uint32_t step)
{
	__m256i y = _mm256_sub_epi16(_mm256_set1_epi16(255), _mm512_cvtepi32_epi16(x));
	__m128i low = _mm_minpos_epu16(_mm256_castsi256_si128(y));
	__m128i high = _mm_minpos_epu16(_mm256_extracti128_si256(y, 1));

	to[0] = (uint8_t)(255 - _mm_extract_epi16(low, 0));
	to[step] = (uint8_t)(255 - _mm_extract_epi16(high, 0));
}

static inline vfloat v_loadf(const float *p)
{
	return _mm512_load_ps(p);
}

static inline void v_storef(float *p, vfloat x)
{
	_mm512_store_ps(p, x);
}

/* Sums below 2^-126 become zero, sign kept. */
static inline vfloat v_add_flush(vfloat a, vfloat b)
{
	vint bits = _mm512_castps_si512(_mm512_add_ps(a, b));
	__mmask16 tiny = _mm512_testn_epi32_mask(bits, _mm512_set1_epi32(0x7f800000));

	return _mm512_castsi512_ps(
		_mm512_mask_and_epi32(bits, tiny, bits, _mm512_set1_epi32(INT32_MIN)));
}

/* out + sum 2^(scale - 127), the latter a normal number or 0 */
static inline vfloat v_fold(vfloat out, vint sum, vint scale)
{
	return v_add_flush(out, _mm512_mul_ps(_mm512_cvtepi32_ps(sum),
					      _mm512_castsi512_ps(_mm512_slli_epi32(scale, 23))));
}

static inline struct vdoubles v_zerod(void)
{
	return (struct vdoubles){_mm512_setzero_pd(), _mm512_setzero_pd()};
}

static inline struct vdoubles v_loadd(const double *p)
{
	return (struct vdoubles){_mm512_load_pd(p), _mm512_load_pd(p + 8)};
}

static inline void v_stored(double *p, struct vdoubles x)
{
	_mm512_store_pd(p, x.low);
	_mm512_store_pd(p + 8, x.high);
}

static inline struct vdoubles v_addd(struct vdoubles a, struct vdoubles b)
{
	return (struct vdoubles){_mm512_add_pd(a.low, b.low), _mm512_add_pd(a.high, b.high)};
}

static inline struct vdoubles v_fma(struct vdoubles acc, double s, struct vdoubles p)
{
	acc.low = _mm512_fmadd_pd(_mm512_set1_pd(s), p.low, acc.low);
	acc.high = _mm512_fmadd_pd(_mm512_set1_pd(s), p.high, acc.high);
	return acc;
}

/* acc + s p, or acc where a > b */
static inline struct vdoubles v_fma_unless_gt(struct vdoubles acc, double s, struct vdoubles p,
					      vint a, vint b)
{
	/* Compared by halves: clang 14 would take one mask apart through memory. */
	__mmask8 low =
		_mm256_cmple_epi32_mask(_mm512_castsi512_si256(a), _mm512_castsi512_si256(b));
	__mmask8 high = _mm256_cmple_epi32_mask(_mm512_extracti64x4_epi64(a, 1),
						_mm512_extracti64x4_epi64(b, 1));
	__m512d x = _mm512_set1_pd(s);

	acc.low = _mm512_mask3_fmadd_pd(x, p.low, acc.low, low);
	acc.high = _mm512_mask3_fmadd_pd(x, p.high, acc.high, high);
	return acc;
}

static inline __m512d v_round13_half(__m512d x)
{
	__m512i bits = _mm512_castpd_si512(x);
	__m512i odd = _mm512_and_si512(_mm512_srli_epi64(bits, 40), _mm512_set1_epi64(1));

	bits = _mm512_add_epi64(bits, _mm512_add_epi64(odd, _mm512_set1_epi64((1ll << 39) - 1)));
	return _mm512_castsi512_pd(_mm512_and_si512(bits, _mm512_set1_epi64(-(1ll << 40))));
}

/* To 13 significand bits, nearest even. */
static inline struct vdoubles v_round13(struct vdoubles x)
{
	return (struct vdoubles){v_round13_half(x.low), v_round13_half(x.high)};
}

/* Exponent fields, one to a 32-bit lane. */
static inline vint v_exponents(struct vdoubles x)
{
	const __m512i odd =
		_mm512_setr_epi32(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
	__m512i bits = _mm512_permutex2var_epi32(_mm512_castpd_si512(x.low), odd,
						 _mm512_castpd_si512(x.high));

	return _mm512_srli_epi32(_mm512_slli_epi32(bits, 1), 21);
}

/* out + x scale: x scale is an fp32 value; subnormal results to zero */
static inline vfloat v_fold_double(vfloat out, struct vdoubles x, double scale)
{
	__m512d by = _mm512_set1_pd(scale);
	__m256 low = _mm512_cvtpd_ps(_mm512_mul_pd(x.low, by));
	__m256 high = _mm512_cvtpd_ps(_mm512_mul_pd(x.high, by));
	__m512d both = _mm512_insertf64x4(_mm512_castps_pd(_mm512_castps256_ps512(low)),
					  _mm256_castps_pd(high), 1);

	return v_add_flush(out, _mm512_castpd_ps(both));
}

#endif
