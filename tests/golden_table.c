/* SPDX-License-Identifier: MIT */
/*
 * The golden model against results worked out by hand from the contracts, and
 * against rational arithmetic and the host's own floating point where nothing
 * is dropped.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/floats.h"
#include "common/cases.h"
#include "golden/golden.h"

#define INF_F32 0x7f800000u
#define MINUS 0x80000000u

/* A number that bfloat16 holds exactly. */
static uint16_t bf(double x)
{
	uint32_t bits = bits_of((float)x);

	assert_int_equal(bits & 0xffff, 0);
	return (uint16_t)(bits >> 16);
}

/* 2^e. */
static double two(int e)
{
	return ldexp(1, e);
}

/* One output of k products, with what it cost. */
struct dot {
	uint8_t kind, t, out;
	uint32_t k;
	const double *a, *b;
	int accumulate;
	uint32_t c;
	struct fpr_gemm_counters counters;
};

static uint32_t run_dot(struct dot *dot)
{
	struct fpr_gemm job = {
		.m = 1,
		.n = 1,
		.k = dot->k,
		.kind = dot->kind,
		.t = dot->t,
		.out = dot->out,
		.accumulate = (uint8_t)dot->accumulate,
	};
	uint16_t a[256], b[256];
	uint32_t c = dot->c;

	for (uint32_t i = 0; i < dot->k; i++) {
		a[i] = bf(dot->a[i]);
		b[i] = bf(dot->b[i]);
	}
	assert_int_equal(golden_gemm(&job, a, b, &c, &dot->counters), 0);
	return dot->out == FPR_OUT_BF16 ? c & 0xffff : c;
}

static void check(unsigned int kind, unsigned int t, uint32_t k, const double *a, const double *b,
		  double want)
{
	struct dot dot = {.kind = (uint8_t)kind, .t = (uint8_t)t, .k = k, .a = a, .b = b};

	assert_int_equal(run_dot(&dot), bits_of((float)want));
}

/* C in plus one product, every kind. */
static void check_add(uint32_t c, double a, double b, uint32_t want)
{
	for (unsigned int kind = 0; kind < FPR_KINDS; kind++) {
		struct dot dot = {.kind = (uint8_t)kind, .t = 12, .k = 1, .a = &a, .b = &b};

		dot.accumulate = 1;
		dot.c = c;
		assert_int_equal(run_dot(&dot), want);
	}
}

static void naf_of_known_numbers(void **state)
{
	static const struct {
		unsigned int m;
		int digits[GOLDEN_DIGITS]; /* position 0 first */
	} known[] = {
		{128, {0, 0, 0, 0, 0, 0, 0, 1, 0}},  {255, {-1, 0, 0, 0, 0, 0, 0, 0, 1}},
		{192, {0, 0, 0, 0, 0, 0, -1, 0, 1}}, {171, {-1, 0, -1, 0, -1, 0, -1, 0, 1}},
		{129, {1, 0, 0, 0, 0, 0, 0, 1, 0}},  {149, {1, 0, 1, 0, 1, 0, 0, 1, 0}},
	};
	int digits[GOLDEN_DIGITS];

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		golden_naf(known[i].m, digits);
		assert_memory_equal(digits, known[i].digits, sizeof(digits));
	}
}

/* The bits in which m and 3m differ are the non-zero digits, one place up. */
static void naf_of_every_number(void **state)
{
	(void)state;
	for (unsigned int m = 0; m < 256; m++) {
		int digits[GOLDEN_DIGITS];
		int sum = 0;

		golden_naf(m, digits);
		for (int p = 0; p < GOLDEN_DIGITS; p++) {
			sum += digits[p] * (1 << p);
			assert_int_equal(digits[p] != 0, (m ^ 3 * m) >> (p + 1) & 1);
			if (p)
				assert_int_equal(digits[p] * digits[p - 1], 0);
		}
		assert_int_equal(sum, m);
	}
}

static void single_products(void **state)
{
	const double one = 1, most = 255 / 128.0, half = -0.5;

	(void)state;
	for (unsigned int kind = 0; kind < FPR_KINDS; kind++) {
		check(kind, 12, 1, &one, &one, 1);
		check(kind, 12, 1, &most, &one, most);
		check(kind, 12, 1, &half, &most, -most / 2);
	}
	/* 255 * 255 = 65025 has 16 bits; in 13 it is 65024. */
	check(FPR_KIND_CHUNK, 15, 1, &most, &most, 65025 / 16384.0);
	check(FPR_KIND_VALUE, 15, 1, &most, &most, 65025 / 16384.0);
	check(FPR_KIND_SET, 15, 1, &most, &most, 65024 / 16384.0);
	check(FPR_KIND_DENSE, 0, 1, &most, &most, 65024 / 16384.0);
}

/* 255 = 2^8 - 2^0: its terms lie at k = -1 and 7. */
static void threshold_within_a_significand(void **state)
{
	static const uint8_t kinds[] = {FPR_KIND_CHUNK, FPR_KIND_SET, FPR_KIND_VALUE};
	const double most = 255 / 128.0, one = 1;

	(void)state;
	for (uint8_t t = 0; t <= FPR_T_MAX; t++) {
		for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
			struct dot dot = {.kind = kinds[i], .t = t, .k = 1, .a = &most, .b = &one};

			assert_int_equal(run_dot(&dot), bits_of(t < 7 ? 2 : 255 / 128.0f));
			assert_int_equal(dot.counters.terms_issued, t < 7 ? 1 : 2);
			assert_int_equal(dot.counters.terms_skipped_oob, t < 7 ? 1 : 0);
			assert_int_equal(dot.counters.terms_skipped_zero, 6);
		}
	}
}

static void threshold_between_products(void **state)
{
	const double a[] = {1, two(-10)}, b[] = {1, 1};
	const double u[] = {1, two(-8)}, v[] = {two(-8), 1};

	(void)state;
	for (unsigned int kind = FPR_KIND_CHUNK; kind <= FPR_KIND_SET; kind++) {
		check(kind, 9, 2, a, b, 1);
		check(kind, 10, 2, a, b, 1 + two(-10));
	}
	check(FPR_KIND_DENSE, 0, 2, a, b, 1 + two(-10));
	/* `chunk` aligns to the maxima of the two vectors, though no product has both. */
	check(FPR_KIND_CHUNK, 7, 2, u, v, 0);
	check(FPR_KIND_CHUNK, 8, 2, u, v, two(-7));
	check(FPR_KIND_VALUE, 7, 2, u, v, 0);
	check(FPR_KIND_VALUE, 8, 2, u, v, two(-7));
	check(FPR_KIND_SET, 0, 2, u, v, two(-7));
}

static void accumulator_has_13_bits(void **state)
{
	const double a[9] = {1, two(-6), 0, 0, 0, 0, 0, 0, 1};
	const double b[9] = {1, two(-6), 0, 0, 0, 0, 0, 0, 1};
	const double b3[9] = {1, two(-6), 0, 0, 0, 0, 0, 0, 1 + two(-7)};

	(void)state;
	/* 1 + 2^-12 fits; 2 + 2^-12 is a tie and goes to the even 2. */
	check(FPR_KIND_SET, 12, 8, a, b, 1 + two(-12));
	check(FPR_KIND_SET, 12, 9, a, b, 2);
	check(FPR_KIND_DENSE, 12, 9, a, b, 2);
	check(FPR_KIND_CHUNK, 12, 9, a, b, 2 + two(-12));
	check(FPR_KIND_SET, 11, 8, a, b, 1);
	check(FPR_KIND_SET, 12, 9, a, b3, 2 + two(-7));
}

/* The accumulator loses what lies below 2^(emax - 7 - T), toward zero. */
static void accumulator_is_aligned(void **state)
{
	const double b[16] = {1, 0, 0, 0, 0, 0, 0, 0, 1, 1};
	const double low[16] = {two(-11), 0, 0, 0, 0, 0, 0, 0, 1};
	const double minus[16] = {-1.5 * two(-10), 0, 0, 0, 0, 0, 0, 0, 1};
	const double at38[16] = {two(-38), 0, 0, 0, 0, 0, 0, 0, 1, -1};
	const double at39[16] = {two(-39), 0, 0, 0, 0, 0, 0, 0, 1, -1};

	(void)state;
	check(FPR_KIND_SET, 3, 9, low, b, 1);
	check(FPR_KIND_SET, 4, 9, low, b, 1 + two(-11));
	check(FPR_KIND_SET, 3, 9, minus, b, 1 - two(-10));
	check(FPR_KIND_SET, 4, 9, minus, b, 1 - 1.5 * two(-10));
	check(FPR_KIND_DENSE, 0, 10, at38, b, two(-38));
	check(FPR_KIND_DENSE, 0, 10, at39, b, 0);
}

/* An accumulator of 2^13 puts a product of 1 at k = 13. */
static void accumulator_sets_the_alignment(void **state)
{
	double a[65] = {128};
	double b[65] = {64};

	(void)state;
	a[8] = b[8] = 1;
	check(FPR_KIND_SET, 12, 9, a, b, 8192);
	check(FPR_KIND_SET, 13, 9, a, b, 8192); /* 8193 is a tie in 13 bits */
	check(FPR_KIND_CHUNK, 13, 9, a, b, 8193);
	b[8] = 1.5;
	check(FPR_KIND_SET, 12, 9, a, b, 8192);
	check(FPR_KIND_SET, 13, 9, a, b, 8194);
	/* 3 = 4 - 1: at T = 12 only the 4, at k = 11, is kept. */
	a[8] = 3;
	b[8] = 1;
	check(FPR_KIND_SET, 12, 9, a, b, 8196);
	/* In the next chunk the accumulator starts from 0. */
	a[8] = b[8] = 0;
	a[64] = b[64] = 1;
	check(FPR_KIND_SET, 12, 65, a, b, 8193);
	check(FPR_KIND_DENSE, 12, 65, a, b, 8193);
}

static void dense_drops_whole_products(void **state)
{
	const double a[] = {1, -1, two(-24)}, far[] = {1, -1, 1.5 * two(-25)};
	const double b[] = {1, 1, 1};

	(void)state;
	check(FPR_KIND_DENSE, 0, 3, a, b, two(-24));
	check(FPR_KIND_DENSE, 15, 3, far, b, 0);
	check(FPR_KIND_SET, 15, 3, a, b, 0);
}

static void signed_zeros(void **state)
{
	double tiny = two(-100), minus = -two(-100), zero = 0, one = -1;
	struct dot dot = {.k = 1, .a = &minus, .b = &tiny, .t = 15};

	(void)state;
	check_add(MINUS, zero, one, 0);
	check_add(MINUS, one, -0.0, 0);
	/* Tiny sums become zeros of their sign. */
	check_add(MINUS, minus, tiny, MINUS);
	check_add(MINUS, tiny, tiny, 0);
	check_add(0, minus, tiny, 0);
	assert_int_equal(run_dot(&dot), 0);
	/* C in: a subnormal is a zero of its sign, also when it is only passed on. */
	check_add(MINUS | 1, minus, tiny, MINUS);
	dot.k = 0;
	dot.accumulate = 1;
	dot.c = MINUS | 0x7fffff;
	assert_int_equal(run_dot(&dot), MINUS);
	dot.out = FPR_OUT_BF16;
	dot.c = 0x807f;
	assert_int_equal(run_dot(&dot), 0x8000);
	dot.accumulate = 0;
	assert_int_equal(run_dot(&dot), 0);
}

static void limits_of_fp32(void **state)
{
	(void)state;
	/* Products and sums at the top: 2^128 is infinite, a half below it rounds up. */
	check_add(0, two(64), two(64), INF_F32);
	check_add(0, -two(64), two(64), MINUS | INF_F32);
	check_add(0, 1.5 * two(64), two(64), INF_F32);
	check_add(0x7f7fffff, two(100), two(3), INF_F32);
	check_add(0x7f7fffff, two(100), two(2), 0x7f7fffff);
	check_add(0xff7fffff, two(100), -two(3), MINUS | INF_F32);
	check_add(MINUS | INF_F32, two(64), two(64), GOLDEN_NAN_F32);
	/* At the bottom. */
	check_add(0, two(-63), two(-63), 0x00800000);
	check_add(0, two(-63), two(-64), 0);
	check_add(0x00800001, two(-63), -two(-63), 0);
	check_add(0x80800001, two(-63), two(-63), MINUS);
	check_add(0x00800000, two(-75), -two(-75), 0x00800000);
	/* Ties. */
	check_add(0x4b800000, 1, 1, 0x4b800000);
	check_add(0x4b800001, 1, 1, 0x4b800002);
	check_add(0x4b7fffff, 0.5, 1, 0x4b800000);
	/* NaN in C stays, as the one NaN. */
	check_add(0xffc12345, 1, 1, GOLDEN_NAN_F32);
}

static void limits_of_bf16(void **state)
{
	(void)state;
	assert_int_equal(golden_round_bf16(0x7f7fffff), 0x7f80);
	assert_int_equal(golden_round_bf16(0xff7f7fff), 0xff7f);
	assert_int_equal(golden_round_bf16(0x7f7f8000), 0x7f80);
	assert_int_equal(golden_round_bf16(0x3f808000), 0x3f80);
	assert_int_equal(golden_round_bf16(0x3f818000), 0x3f82);
	assert_int_equal(golden_round_bf16(0x3f808001), 0x3f81);
	assert_int_equal(golden_round_bf16(0x80000000), 0x8000);
	assert_int_equal(golden_round_bf16(0x7fc00000), 0x7fc0);
	assert_int_equal(golden_round_bf16(0xff800000), 0xff80);
}

/* Two chunks that overflow with different signs; in one chunk they cancel. */
static void overflow_between_chunks(void **state)
{
	double a[65] = {two(64)}, b[65] = {two(64)};
	struct dot dot = {.kind = FPR_KIND_CHUNK, .t = 15, .k = 65, .a = a, .b = b};

	(void)state;
	a[64] = -two(64);
	b[64] = two(64);
	assert_int_equal(run_dot(&dot), GOLDEN_NAN_F32);
	/* A true infinity hides what finite sums did. */
	b[1] = INFINITY;
	a[1] = -1;
	assert_int_equal(run_dot(&dot), MINUS | INF_F32);
	dot.accumulate = 1;
	dot.c = INF_F32;
	assert_int_equal(run_dot(&dot), GOLDEN_NAN_F32);
	a[64] = a[1] = b[1] = 0;
	a[2] = -two(64);
	b[2] = two(64);
	dot.accumulate = 0;
	assert_int_equal(run_dot(&dot), 0);
}

static void special_products(void **state)
{
	double a[70] = {INFINITY}, b[70] = {1, 2};
	struct dot dot = {.kind = FPR_KIND_SET, .t = 12, .k = 70, .a = a, .b = b};

	(void)state;
	assert_int_equal(run_dot(&dot), INF_F32);
	/* Infinities of both signs, far apart. */
	a[69] = 1;
	b[69] = -INFINITY;
	assert_int_equal(run_dot(&dot), GOLDEN_NAN_F32);
	a[69] = -1;
	assert_int_equal(run_dot(&dot), INF_F32);
	check_add(0, INFINITY, 2, INF_F32);
	check_add(0x3f800000, INFINITY, -2, MINUS | INF_F32);
	check_add(0, INFINITY, 0, GOLDEN_NAN_F32);
	check_add(0, -0.0, INFINITY, GOLDEN_NAN_F32);
	check_add(0, two(-130), -INFINITY, GOLDEN_NAN_F32); /* reads as 0 x Inf */
	check_add(0, NAN, 0, GOLDEN_NAN_F32);
	check_add(INF_F32, INFINITY, -1, GOLDEN_NAN_F32);
	check_add(INF_F32, INFINITY, 1, INF_F32);
}

/* Runs m x n x k with A given by its rows and B and C all ones. */
static struct fpr_gemm_counters run_tile(uint8_t kind, uint32_t m, uint32_t n, uint32_t k,
					 const double *a, uint8_t accumulate)
{
	struct fpr_gemm job = {
		.m = m,
		.n = n,
		.k = k,
		.kind = kind,
		.t = 15,
		.accumulate = accumulate,
	};
	static uint16_t x[8 * 1024], y[8 * 1024];
	struct fpr_gemm_counters counters;
	uint32_t c[16 * 16];

	for (uint32_t i = 0; i < m * k; i++)
		x[i] = bf(a[i]);
	for (uint32_t i = 0; i < n * k; i++)
		y[i] = bf(1);
	for (uint32_t i = 0; i < m * n; i++)
		c[i] = bits_of(1);
	assert_int_equal(golden_gemm(&job, x, y, c, &counters), 0);
	return counters;
}

static uint64_t tile_cycles(uint8_t kind, uint32_t k, double x)
{
	double a[8 * 128];

	for (uint32_t i = 0; i < 8 * k; i++)
		a[i] = x;
	return run_tile(kind, 8, 8, k, a, 0).cycles_compute;
}

static void tile_times(void **state)
{
	const double most = 255 / 128.0, five = 171 / 128.0;

	(void)state;
	/* Eight values a lane; one, two and five terms each. */
	assert_int_equal(tile_cycles(FPR_KIND_CHUNK, 64, 1), 8);
	assert_int_equal(tile_cycles(FPR_KIND_CHUNK, 64, most), 16);
	assert_int_equal(tile_cycles(FPR_KIND_CHUNK, 64, five), 40);
	assert_int_equal(tile_cycles(FPR_KIND_CHUNK, 9, five), 10);
	/* Nothing but the operand load. */
	assert_int_equal(tile_cycles(FPR_KIND_CHUNK, 64, 0), 4);
	assert_int_equal(tile_cycles(FPR_KIND_CHUNK, 65, 0), 5);
	assert_int_equal(tile_cycles(FPR_KIND_CHUNK, 17, 0), 2);
	assert_int_equal(tile_cycles(FPR_KIND_CHUNK, 1, 0), 1);
	assert_int_equal(tile_cycles(FPR_KIND_CHUNK, 8, INFINITY), 1);
	/* Sixteen values a lane; a cycle for zeros, and 16 or 1 until a second chunk is loaded. */
	assert_int_equal(tile_cycles(FPR_KIND_VALUE, 64, 1), 16);
	assert_int_equal(tile_cycles(FPR_KIND_VALUE, 64, five), 80);
	assert_int_equal(tile_cycles(FPR_KIND_VALUE, 9, five), 15);
	assert_int_equal(tile_cycles(FPR_KIND_VALUE, 64, 0), 1);
	assert_int_equal(tile_cycles(FPR_KIND_VALUE, 128, 0), 17);
	assert_int_equal(tile_cycles(FPR_KIND_VALUE, 65, 0), 2);
	assert_int_equal(tile_cycles(FPR_KIND_SET, 64, 0), 16);
	assert_int_equal(tile_cycles(FPR_KIND_SET, 64, 1), 16);
	assert_int_equal(tile_cycles(FPR_KIND_SET, 9, 1), 4);
	/* 255's terms at k = -1 and 7 never share a window of 3: two cycles. */
	assert_int_equal(tile_cycles(FPR_KIND_SET, 8, most), 2);
	/* 171's at k = -1, 1, 3, 5, 7 take one cycle each, as every lane has the same. */
	assert_int_equal(tile_cycles(FPR_KIND_SET, 8, five), 5);
	assert_int_equal(tile_cycles(FPR_KIND_DENSE, 64, five), 8);
	assert_int_equal(tile_cycles(FPR_KIND_DENSE, 65, 0), 9);
	assert_int_equal(tile_cycles(FPR_KIND_DENSE, 0, 0), 0);
}

/* One PE with terms at k = 0, 3, 4 and 8: three cycles, as the window is 3. */
static void lanes_of_a_set(void **state)
{
	const double a[] = {1, two(-3), two(-4), two(-8)};
	struct fpr_gemm_counters got = run_tile(FPR_KIND_SET, 1, 1, 4, a, 0);

	(void)state;
	assert_int_equal(got.cycles_compute, 3);
	assert_int_equal(got.lanes_useful, 4);
	assert_int_equal(got.lanes_no_term, 4 + 6 + 7);
	assert_int_equal(got.lanes_shift_range, 2 + 1);
	assert_int_equal(got.lanes_inter_pe, 7 * 8 * 3);
	assert_int_equal(got.lanes_floor, 7 * 64 * 2);
	assert_int_equal(got.lanes_inter_row, 7 * 64);
}

/* One PE of one row with two values of two terms in one lane: k = 0 and 8. */
static void lanes_of_a_chunk(void **state)
{
	const double a[] = {129 / 128.0, 0, 0, 0, 0, 0, 0, 0, 129 / 128.0};
	struct fpr_gemm_counters got = run_tile(FPR_KIND_CHUNK, 1, 1, 9, a, 0);

	(void)state;
	assert_int_equal(got.cycles_compute, 4);
	assert_int_equal(got.lanes_useful, 4);
	assert_int_equal(got.lanes_no_term, 7 * 8 * 4);
	assert_int_equal(got.lanes_shift_range, 0);
	assert_int_equal(got.lanes_inter_pe, 7 * 4);
	assert_int_equal(got.lanes_floor, 7 * 64 * 1);
	assert_int_equal(got.lanes_inter_row, 7 * 64 * 3);
}

/* The same: the two are in one of four lanes. */
static void lanes_of_value(void **state)
{
	const double a[] = {129 / 128.0, 0, 0, 0, 0, 0, 0, 0, 129 / 128.0};
	struct fpr_gemm_counters got = run_tile(FPR_KIND_VALUE, 1, 1, 9, a, 0);

	(void)state;
	assert_int_equal(got.cycles_compute, 4);
	assert_int_equal(got.lanes_useful, 4);
	assert_int_equal(got.lanes_no_term, 3 * 8 * 4);
	assert_int_equal(got.lanes_shift_range, 0);
	assert_int_equal(got.lanes_inter_pe, 7 * 4);
	assert_int_equal(got.lanes_floor, 7 * 32 * 1);
	assert_int_equal(got.lanes_inter_row, 7 * 32 * 3);
}

/*
 * Chunks of 64 that cost a row 1 1 3 1 cycles, and 16 to load. The second is loaded at
 * 16, the third, whose place is ready by then, at 32, the fourth at 48.
 */
static void chunks_are_loaded_in_turn(void **state)
{
	struct fpr_gemm_counters got;
	double a[256] = {0};

	(void)state;
	for (int i = 0; i < 3; i++)
		a[128 + 4 * i] = 1;
	got = run_tile(FPR_KIND_VALUE, 1, 1, 256, a, 0);
	assert_int_equal(got.cycles_compute, 49);
	/* 80 cycles for the first: the third, which takes its place 4 later, is loaded at 100. */
	for (int i = 0; i < 64; i++)
		a[i] = 171 / 128.0;
	got = run_tile(FPR_KIND_VALUE, 1, 1, 192, a, 0);
	assert_int_equal(got.cycles_compute, 103);
	/* A fourth with one product: loaded at 101, behind the third. */
	got = run_tile(FPR_KIND_VALUE, 1, 1, 193, a, 0);
	assert_int_equal(got.cycles_compute, 104);
}

/*
 * Rows of sets that cost 4 4 2 2 2 and 2 2 2 4 4 cycles. The second row's fourth
 * set waits for the first row's second (cycle 8) and its last follows: 16. In
 * step it would be 18, unbounded 14.
 */
static void rows_run_ahead_by_one(void **state)
{
	static const int slow[2][5] = {{1, 1, 0, 0, 0}, {0, 0, 0, 1, 1}};
	struct fpr_gemm_counters got;
	double a[2 * 40] = {0};

	(void)state;
	for (int row = 0; row < 2; row++)
		for (int set = 0; set < 5; set++)
			for (int i = 0; i < (slow[row][set] ? 4 : 1); i++)
				a[row * 40 + set * 8 + i] = two(-4 * i);
	got = run_tile(FPR_KIND_SET, 2, 1, 40, a, 0);
	assert_int_equal(got.cycles_compute, 16);
}

/*
 * A tile of ones: 152 bytes of operands (38 a group: 16 + 32 * 9 bits) come in 2
 * cycles of 128 bytes, 256 bytes of C leave in 2. The second tile loads 76 bytes.
 */
static void memory_of_small_jobs(void **state)
{
	struct fpr_gemm_counters got;
	double a[16 * 8];

	(void)state;
	for (int i = 0; i < 16 * 8; i++)
		a[i] = 1;
	got = run_tile(FPR_KIND_CHUNK, 8, 8, 8, a, 0);
	assert_int_equal(got.bytes_operands_raw, 256);
	assert_int_equal(got.bytes_operands, 152);
	assert_int_equal(got.bytes_c_read, 0);
	assert_int_equal(got.bytes_c_written, 256);
	assert_int_equal(got.cycles_compute, 1);
	assert_int_equal(got.cycles_total, 2 + 1 + 2);
	assert_int_equal(got.cycles_memory_stall, 4);
	got = run_tile(FPR_KIND_CHUNK, 8, 16, 8, a, 0);
	assert_int_equal(got.bytes_operands, 228);
	assert_int_equal(got.cycles_total, 2 + 1 + 2 + 2);
	/* A single tile column: P stays, S moves. */
	got = run_tile(FPR_KIND_CHUNK, 16, 8, 8, a, 0);
	assert_int_equal(got.bytes_operands, 228);
	assert_int_equal(got.cycles_total, 2 + 1 + 2 + 2);
}

/*
 * Two panels, each 128 groups and 64 cycles. The first load, with C's 256
 * bytes, takes 78 cycles, the second 76.
 */
static void memory_of_panels(void **state)
{
	static double a[8 * 1024];
	struct fpr_gemm_counters got;

	(void)state;
	for (int i = 0; i < 8 * 1024; i++)
		a[i] = 1;
	got = run_tile(FPR_KIND_DENSE, 8, 8, 1024, a, 1);
	assert_int_equal(got.bytes_operands_raw, 2 * 2 * 8 * 1024);
	assert_int_equal(got.bytes_operands, 2 * 2 * 128 * 38);
	assert_int_equal(got.bytes_c_read, 256);
	assert_int_equal(got.bytes_c_written, 256);
	assert_int_equal(got.cycles_compute, 128);
	assert_int_equal(got.cycles_total, 78 + 76 + 64 + 2);
	/* No k: C is still read and written, in no time. */
	got = run_tile(FPR_KIND_DENSE, 8, 8, 0, a, 1);
	assert_int_equal(got.bytes_c_read, 256);
	assert_int_equal(got.bytes_c_written, 256);
	assert_int_equal(got.cycles_total, 0);
}

static void compressed_groups(void **state)
{
	static const uint16_t zeros[32];
	struct case_random random = {1};
	uint8_t packed[GOLDEN_BDC_MAX];
	uint16_t x[32], back[32];

	(void)state;
	assert_int_equal(golden_bdc_pack(zeros, 32, packed), 34);
	assert_int_equal(golden_bdc_pack(zeros, 0, packed), 0);
	x[0] = 0x3f81;
	x[1] = 0xc000;
	/* Base 127; codes 1 and 2 take 2 bits, so a value takes 10 and the group 36. */
	assert_int_equal(golden_bdc_pack(x, 2, packed), 5);
	assert_int_equal(packed[0], 127);
	assert_int_equal(packed[1], 2);
	assert_int_equal(packed[2], 1 | 1 << 2);
	assert_int_equal(packed[3], 2 << 2);
	assert_int_equal(packed[4], 1 << 3);
	for (unsigned int i = 0; i < 2000; i++) {
		unsigned int n = case_below(&random, 33);

		for (unsigned int j = 0; j < n; j++)
			x[j] = (uint16_t)case_random(&random) & (i % 2 ? 0xffff : 0x83ff);
		golden_bdc_pack(x, n, packed);
		golden_bdc_unpack(packed, n, back);
		if (n)
			assert_memory_equal(x, back, n * sizeof(*x));
	}
}

/* Rounds a double to 13 significand bits the host's way. */
static double round13(double x)
{
	int e;
	double fraction = frexp(x, &e);

	return ldexp(nearbyint(ldexp(fraction, 13)), e - 13);
}

/* Sums products as fractions; what they sum to fits a double. */
static double exact_sum(const uint16_t *a, const uint16_t *b, uint32_t n, double start)
{
	mpq_t sum, x, y;
	double result;

	mpq_inits(sum, x, y, NULL);
	mpq_set_d(sum, start);
	for (uint32_t i = 0; i < n; i++) {
		mpq_set_d(x, (double)float_of((uint32_t)a[i] << 16));
		mpq_set_d(y, (double)float_of((uint32_t)b[i] << 16));
		mpq_mul(x, x, y);
		mpq_add(sum, sum, x);
	}
	result = mpq_get_d(sum);
	mpq_set_d(x, result);
	assert_true(mpq_equal(x, sum));
	mpq_clears(sum, x, y, NULL);
	return result;
}

/* What a kind gives when no term is dropped, by the host's fp32. */
static float expected(unsigned int kind, const uint16_t *a, const uint16_t *b, uint32_t k)
{
	float out = 0;

	for (uint32_t first = 0; first < k; first += FPR_CHUNK) {
		uint32_t n = k - first < FPR_CHUNK ? k - first : FPR_CHUNK;
		uint32_t step = FPR_KIND_UNIT(kind);
		double acc = 0;

		for (uint32_t i = 0; i < n; i += step) {
			acc = exact_sum(a + first + i, b + first + i, n - i < step ? n - i : step,
					acc);
			if (step == FPR_SET)
				acc = round13(acc);
		}
		out += (float)acc;
	}
	return out;
}

static void nothing_dropped(void **state)
{
	unsigned int compared = 0;

	(void)state;
	for (unsigned int i = 0; i < 600; i++) {
		struct fpr_gemm job = {.m = 1, .n = 1, .kind = i % FPR_KINDS, .t = 15};
		struct fpr_gemm_counters counters;
		struct test_case tc;
		uint32_t c;

		job.k = 1 + i % 200;
		case_build(&tc, &job, i % 2 ? CASE_NARROW : CASE_SPARSE, i);
		for (uint32_t j = 0; j < job.k; j++)
			tc.a[j] = (tc.a[j] & 0x7f80) < 126 << 7 ? 0 : tc.a[j];
		assert_int_equal(golden_gemm(&job, tc.a, tc.b, &c, &counters), 0);
		if (counters.terms_skipped_oob == 0) {
			assert_int_equal(c, bits_of(expected(job.kind, tc.a, tc.b, job.k)));
			compared++;
		}
		case_free(&tc);
	}
	assert_true(compared > 450);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(naf_of_known_numbers),
		cmocka_unit_test(naf_of_every_number),
		cmocka_unit_test(single_products),
		cmocka_unit_test(threshold_within_a_significand),
		cmocka_unit_test(threshold_between_products),
		cmocka_unit_test(accumulator_has_13_bits),
		cmocka_unit_test(accumulator_is_aligned),
		cmocka_unit_test(accumulator_sets_the_alignment),
		cmocka_unit_test(dense_drops_whole_products),
		cmocka_unit_test(signed_zeros),
		cmocka_unit_test(limits_of_fp32),
		cmocka_unit_test(limits_of_bf16),
		cmocka_unit_test(overflow_between_chunks),
		cmocka_unit_test(special_products),
		cmocka_unit_test(tile_times),
		cmocka_unit_test(lanes_of_a_set),
		cmocka_unit_test(lanes_of_a_chunk),
		cmocka_unit_test(lanes_of_value),
		cmocka_unit_test(chunks_are_loaded_in_turn),
		cmocka_unit_test(rows_run_ahead_by_one),
		cmocka_unit_test(memory_of_small_jobs),
		cmocka_unit_test(memory_of_panels),
		cmocka_unit_test(compressed_groups),
		cmocka_unit_test(nothing_dropped),
	};

	return cmocka_run_group_tests_name("golden_table", tests, NULL, NULL);
}
