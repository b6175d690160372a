/* SPDX-License-Identifier: MIT */
#ifndef FPR_VEC_AVX2_H
#define FPR_VEC_AVX2_H

/*
 * The vectors of the kernels: 256 bits of 16-bit lanes (two neighbouring k of
 * one column to a 32-bit lane), of 32-bit lanes or of floats.
 */

#include <immintrin.h>
#include <stdint.h>

#define VCOLS 8 /* 32-bit lanes */
#define VHALVES (2 * VCOLS) /* 16-bit lanes */

typedef __m256i vint;
typedef __m256 vfloat;

/* One double for each 32-bit lane. */
struct vdoubles {
	__m256d low, high;
};

static inline vint v_load(const void *p)
{
	return _mm256_load_si256(p);
}

static inline void v_store(void *p, vint x)
{
	_mm256_store_si256(p, x);
}

static inline vint v_zero(void)
{
	return _mm256_setzero_si256();
}

static inline vint v_set16(int x)
{
	return _mm256_set1_epi16((short)x);
}

static inline vint v_set32(int x)
{
	return _mm256_set1_epi32(x);
}

/* Two neighbouring k of a row, to every column. */
static inline vint v_pair(const uint16_t *p)
{
	int32_t x;

	__builtin_memcpy(&x, p, sizeof(x));
	return _mm256_set1_epi32(x);
}

static inline vint v_and(vint a, vint b)
{
	return _mm256_and_si256(a, b);
}

static inline vint v_or(vint a, vint b)
{
	return _mm256_or_si256(a, b);
}

static inline vint v_xor(vint a, vint b)
{
	return _mm256_xor_si256(a, b);
}

static inline vint v_add16(vint a, vint b)
{
	return _mm256_add_epi16(a, b);
}

static inline vint v_sub16(vint a, vint b)
{
	return _mm256_sub_epi16(a, b);
}

static inline vint v_max16(vint a, vint b)
{
	return _mm256_max_epi16(a, b);
}

static inline vint v_min16(vint a, vint b)
{
	return _mm256_min_epi16(a, b);
}

/* Counts of 16 and more (unsigned) give 0. */
static inline vint v_srlv16(vint x, vint n)
{
	const vint low = _mm256_set1_epi32(0xffff);
	vint even = _mm256_srlv_epi32(v_and(x, low), v_and(n, low));
	vint odd = _mm256_srlv_epi32(_mm256_andnot_si256(low, x), _mm256_srli_epi32(n, 16));

	return _mm256_blend_epi16(even, odd, 0xaa);
}

static inline vint v_sllv16(vint x, vint n)
{
	const vint low = _mm256_set1_epi32(0xffff);
	vint even = _mm256_sllv_epi32(x, v_and(n, low));
	vint odd = _mm256_sllv_epi32(_mm256_andnot_si256(low, x), _mm256_srli_epi32(n, 16));

	return _mm256_blend_epi16(even, odd, 0xaa);
}

#define v_srl16(x, n) _mm256_srli_epi16(x, n)
#define v_sll16(x, n) _mm256_slli_epi16(x, n)

/* a == b ? x : y, a > b ? x : y (signed), lane by lane. */
static inline vint v_if_eq16(vint a, vint b, vint x, vint y)
{
	return _mm256_blendv_epi8(y, x, _mm256_cmpeq_epi16(a, b));
}

static inline vint v_if_gt16(vint a, vint b, vint x, vint y)
{
	return _mm256_blendv_epi8(y, x, _mm256_cmpgt_epi16(a, b));
}

/* a + 1 where b is not greater than c */
static inline vint v_count_le16(vint a, vint b, vint c)
{
	return _mm256_add_epi16(a,
				_mm256_add_epi16(_mm256_cmpgt_epi16(b, c), _mm256_set1_epi16(1)));
}

/* a + 1 where x is not 0 */
static inline vint v_count16(vint a, vint x)
{
	vint zero = _mm256_cmpeq_epi16(x, _mm256_setzero_si256());

	return _mm256_add_epi16(a, _mm256_add_epi16(zero, _mm256_set1_epi16(1)));
}

/* The 16-bit lanes of both in bytes, in some order, zero where and only where a lane is. */
static inline vint v_pack8(vint a, vint b)
{
	return _mm256_packs_epi16(a, b);
}

/* Bytes of a, plus 1 where x is not 0. */
static inline vint v_count8(vint a, vint x)
{
	return _mm256_add_epi8(a, _mm256_min_epu8(x, _mm256_set1_epi8(1)));
}

/* acc + the sum of the bytes of x, spread over the 32-bit lanes */
static inline vint v_add_sum8(vint acc, vint x)
{
	return _mm256_add_epi32(acc, _mm256_sad_epu8(x, _mm256_setzero_si256()));
}

static inline vint v_or3(vint a, vint b, vint c)
{
	return v_or(a, v_or(b, c));
}

/* x without the bits that all three have */
static inline vint v_drop_common(vint x, vint a, vint b)
{
	return _mm256_andnot_si256(v_and(a, b), x);
}

static inline vint v_popcnt16(vint x)
{
	const vint low = _mm256_set1_epi8(15);
	const vint bits = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1, 1,
					   2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
	vint a = _mm256_shuffle_epi8(bits, v_and(x, low));
	vint b = _mm256_shuffle_epi8(bits, v_and(_mm256_srli_epi16(x, 4), low));

	return _mm256_maddubs_epi16(_mm256_add_epi8(a, b), _mm256_set1_epi8(1));
}

static inline int v_hmax16(vint x)
{
	__m128i z = _mm_max_epi16(_mm256_castsi256_si128(x), _mm256_extracti128_si256(x, 1));

	/* The instruction finds an unsigned minimum. */
	z = _mm_sub_epi16(_mm_set1_epi16(0x7fff), z);
	return 0x7fff - (int16_t)_mm_extract_epi16(_mm_minpos_epu16(z), 0);
}

/* Lane i of the result: the sum of the 16-bit lanes i, i + 8, ... */
static inline __m128i v_fold8(vint x)
{
	return _mm_add_epi16(_mm256_castsi256_si128(x), _mm256_extracti128_si256(x, 1));
}

/* acc + the products of the two 16-bit lanes of each 32-bit lane */
static inline vint v_dot(vint acc, vint a, vint b)
{
	return _mm256_add_epi32(acc, _mm256_madd_epi16(a, b));
}

/* The 16-bit lanes of each 32-bit lane change places. */
static inline vint v_swap16(vint x)
{
	return v_or(_mm256_slli_epi32(x, 16), _mm256_srli_epi32(x, 16));
}

static inline vint v_add32(vint a, vint b)
{
	return _mm256_add_epi32(a, b);
}

static inline vint v_sub32(vint a, vint b)
{
	return _mm256_sub_epi32(a, b);
}

static inline vint v_max32(vint a, vint b)
{
	return _mm256_max_epi32(a, b);
}

#define v_srl32(x, n) _mm256_srli_epi32(x, n)
#define v_sll32(x, n) _mm256_slli_epi32(x, n)
#define v_sra32(x, n) _mm256_srai_epi32(x, n)

/* Counts of 32 and more (unsigned) give 0. */
static inline vint v_srlv32(vint x, vint n)
{
	return _mm256_srlv_epi32(x, n);
}

static inline vint v_sllv32(vint x, vint n)
{
	return _mm256_sllv_epi32(x, n);
}

static inline vint v_abs32(vint x)
{
	return _mm256_abs_epi32(x);
}

/* Leading zeros of 0 < x < 2^31. */
static inline vint v_lzcnt32(vint x)
{
	/* Clearing all but the first bit's neighbourhood keeps the conversion from rounding up. */
	vint top = _mm256_andnot_si256(_mm256_srli_epi32(x, 1), x);
	vint field = _mm256_srli_epi32(_mm256_castps_si256(_mm256_cvtepi32_ps(top)), 23);

	return _mm256_sub_epi32(_mm256_set1_epi32(127 + 31), field);
}

static inline vint v_if_eq32(vint a, vint b, vint x, vint y)
{
	return _mm256_blendv_epi8(y, x, _mm256_cmpeq_epi32(a, b));
}

static inline vint v_if_gt32(vint a, vint b, vint x, vint y)
{
	return _mm256_blendv_epi8(y, x, _mm256_cmpgt_epi32(a, b));
}

static inline int v_any(vint x)
{
	return !_mm256_testz_si256(x, x);
}

static inline uint64_t v_sum32(vint x)
{
	__m128i y = _mm_add_epi32(_mm256_castsi256_si128(x), _mm256_extracti128_si256(x, 1));

	y = _mm_hadd_epi32(y, y);
	y = _mm_hadd_epi32(y, y);
	return (uint32_t)_mm_cvtsi128_si32(y);
}

/* The largest low half of every 8 32-bit lanes, all below 256, to to[0], to[step], ... */
static inline void v_tile_max(vint x, uint8_t *to, uint32_t step)
{
	vint low = v_and(x, v_set32(0xffff));
	__m128i y = _mm_packs_epi32(_mm256_castsi256_si128(low), _mm256_extracti128_si256(low, 1));

	y = _mm_minpos_epu16(_mm_sub_epi16(_mm_set1_epi16(255), y));
	to[0] = (uint8_t)(255 - _mm_extract_epi16(y, 0));
	(void)step;
}

static inline vfloat v_loadf(const float *p)
{
	return _mm256_load_ps(p);
}

static inline void v_storef(float *p, vfloat x)
{
	_mm256_store_ps(p, x);
}

/* Sums below 2^-126 become zero, sign kept. */
static inline vfloat v_add_flush(vfloat a, vfloat b)
{
	const vint exponent = _mm256_set1_epi32(0x7f800000), minus = _mm256_set1_epi32(INT32_MIN);
	vint bits = _mm256_castps_si256(_mm256_add_ps(a, b));
	vint tiny = _mm256_cmpeq_epi32(v_and(bits, exponent), _mm256_setzero_si256());

	return _mm256_castsi256_ps(_mm256_blendv_epi8(bits, v_and(bits, minus), tiny));
}

/* out + sum 2^(scale - 127), the latter a normal number or 0 */
static inline vfloat v_fold(vfloat out, vint sum, vint scale)
{
	return v_add_flush(out, _mm256_mul_ps(_mm256_cvtepi32_ps(sum),
					      _mm256_castsi256_ps(_mm256_slli_epi32(scale, 23))));
}

static inline struct vdoubles v_zerod(void)
{
	return (struct vdoubles){_mm256_setzero_pd(), _mm256_setzero_pd()};
}

static inline struct vdoubles v_loadd(const double *p)
{
	return (struct vdoubles){_mm256_load_pd(p), _mm256_load_pd(p + 4)};
}

static inline void v_stored(double *p, struct vdoubles x)
{
	_mm256_store_pd(p, x.low);
	_mm256_store_pd(p + 4, x.high);
}

static inline struct vdoubles v_addd(struct vdoubles a, struct vdoubles b)
{
	return (struct vdoubles){_mm256_add_pd(a.low, b.low), _mm256_add_pd(a.high, b.high)};
}

static inline struct vdoubles v_fma(struct vdoubles acc, double s, struct vdoubles p)
{
	acc.low = _mm256_fmadd_pd(_mm256_set1_pd(s), p.low, acc.low);
	acc.high = _mm256_fmadd_pd(_mm256_set1_pd(s), p.high, acc.high);
	return acc;
}

/* acc + s p, or acc where a > b */
static inline struct vdoubles v_fma_unless_gt(struct vdoubles acc, double s, struct vdoubles p,
					      vint a, vint b)
{
	vint skip = _mm256_cmpgt_epi32(a, b);
	__m256i low = _mm256_cvtepi32_epi64(_mm256_castsi256_si128(skip));
	__m256i high = _mm256_cvtepi32_epi64(_mm256_extracti128_si256(skip, 1));
	__m256d x = _mm256_set1_pd(s);

	p.low = _mm256_andnot_pd(_mm256_castsi256_pd(low), p.low);
	p.high = _mm256_andnot_pd(_mm256_castsi256_pd(high), p.high);
	acc.low = _mm256_fmadd_pd(x, p.low, acc.low);
	acc.high = _mm256_fmadd_pd(x, p.high, acc.high);
	return acc;
}

static inline __m256d v_round13_half(__m256d x)
{
	__m256i bits = _mm256_castpd_si256(x);
	__m256i odd = _mm256_and_si256(_mm256_srli_epi64(bits, 40), _mm256_set1_epi64x(1));

	bits = _mm256_add_epi64(bits, _mm256_add_epi64(odd, _mm256_set1_epi64x((1ll << 39) - 1)));
	return _mm256_castsi256_pd(_mm256_and_si256(bits, _mm256_set1_epi64x(-(1ll << 40))));
}

/* To 13 significand bits, nearest even. */
static inline struct vdoubles v_round13(struct vdoubles x)
{
	return (struct vdoubles){v_round13_half(x.low), v_round13_half(x.high)};
}

/* Exponent fields, one to a 32-bit lane. */
static inline vint v_exponents(struct vdoubles x)
{
	__m256 mixed = _mm256_shuffle_ps(_mm256_castpd_ps(x.low), _mm256_castpd_ps(x.high), 0xdd);
	vint bits = _mm256_permute4x64_epi64(_mm256_castps_si256(mixed), 0xd8);

	return _mm256_srli_epi32(_mm256_slli_epi32(bits, 1), 21);
}

/* out + x scale: x scale is an fp32 value; subnormal results to zero */
static inline vfloat v_fold_double(vfloat out, struct vdoubles x, double scale)
{
	__m256d by = _mm256_set1_pd(scale);
	__m128 low = _mm256_cvtpd_ps(_mm256_mul_pd(x.low, by));
	__m128 high = _mm256_cvtpd_ps(_mm256_mul_pd(x.high, by));

	return v_add_flush(out, _mm256_set_m128(high, low));
}

#endif
