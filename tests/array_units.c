/* SPDX-License-Identifier: MIT */

/*
 * The units of the array against the host's floating point, bit by bit loops
 * and figures worked out by hand.
 */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/floats.h"
#include "acc.h"
#include "bdc.h"
#include "bf16.h"
#include "bits.h"
#include "fp32.h"
#include "gemm.h"
#include "gemm_load.h"
#include "naf.h"
#include "special.h"
#include "transpose.h"

static uint64_t state = 88172645463325252u;

static uint32_t random32(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state >> 32);
}

/* What the host computed, with subnormals as signed zeros and one NaN. */
static uint32_t host(float f)
{
	if (isnan(f))
		return 0x7fc00000u;
	if (fpclassify(f) == FP_SUBNORMAL)
		return bits_of(f) & 0x80000000u;
	return bits_of(f);
}

/* The value of bfloat16 bits as the array reads them, by the host. */
static float bf16_value(uint16_t x)
{
	return float_of(host(float_of((uint32_t)x << 16)));
}

/* @x rounded to @bits significant bits, nearest even, exponent unbounded. */
static double round_to(double x, int bits)
{
	int exponent;
	double fraction = frexp(x, &exponent);

	return ldexp(nearbyint(ldexp(fraction, bits)), exponent - bits);
}

static uint32_t fp32_of(double x)
{
	if (fabs(x) < ldexp(1, -126))
		return signbit(x) ? 0x80000000u : 0u;
	if (fabs(x) >= ldexp(1, 128))
		return signbit(x) ? 0xff800000u : 0x7f800000u;
	return bits_of((float)x);
}

static void bits_helpers(void **unused)
{
	(void)unused;
	for (uint32_t i = 0; i < 65536; i++) {
		assert_int_equal(fpr_ones16(i), __builtin_popcount(i));
		for (uint32_t shift = 0; shift <= 16 && i != 0; shift += 16)
			assert_int_equal(fpr_msb(i << shift), 31 - __builtin_clz(i << shift));
	}
	assert_int_equal(fpr_msb(0), 0);
}

static void every_bf16_is_classified(void **unused)
{
	(void)unused;
	for (uint32_t i = 0; i < 65536; i++) {
		uint16_t x = (uint16_t)i;
		float f = bf16_value(x);
		int effectual = isfinite(f) && f != 0;

		assert_int_equal(fpr_bf16_is_zero(x), f == 0);
		assert_int_equal(fpr_bf16_is_inf(x), isinf(f) != 0);
		assert_int_equal(fpr_bf16_is_nan(x), isnan(f) != 0);
		assert_int_equal(fpr_bf16_is_effectual(x), effectual);
		if (effectual)
			assert_true(fabsf(f) == ldexpf((float)fpr_bf16_significand(x),
						       (int)FPR_BF16_EXP(x) - 127 - 7));
		else
			assert_int_equal(fpr_bf16_significand(x), 0);
	}
}

static void every_bf16_is_recoded(void **unused)
{
	(void)unused;
	for (uint32_t i = 0; i < 65536; i++) {
		uint32_t m = fpr_bf16_significand((uint16_t)i);
		uint32_t terms = fpr_naf_terms(m);
		uint32_t minus = fpr_naf_negative(m);
		int sum = 0;

		for (int p = 0; p <= 8; p++)
			sum += terms & (1u << p) ? (minus & (1u << p) ? -1 : 1) * (1 << p) : 0;
		assert_int_equal(sum, m);
		assert_int_equal(terms & (terms >> 1), 0);
		assert_int_equal(minus & ~terms, 0);
		assert_int_equal(terms >> 9, 0);
		assert_true(fpr_ones16(terms) <= FPR_NAF_TERMS);
		for (int lowest = -300; lowest <= 300; lowest++) {
			uint32_t kept = 0;

			for (int p = 0; p <= 8; p++)
				kept |= p >= lowest ? terms & (1u << p) : 0;
			assert_int_equal(fpr_naf_prefix(terms, lowest), kept);
			if (lowest == 12)
				lowest = 290;
		}
	}
}

static void check_add(uint32_t x, uint32_t y)
{
	float sum = float_of(host(float_of(x))) + float_of(host(float_of(y)));

	if (fpr_fp32_add(x, y) != host(sum))
		fail_msg("%08x + %08x = %08x, not %08x", x, y, host(sum), fpr_fp32_add(x, y));
}

static void fp32_add_is_the_hosts(void **unused)
{
	static const uint32_t edge[] = {
		0,	     1,		  0x007fffffu, 0x00800000u, 0x00800001u, 0x00ffffffu,
		0x01000000u, 0x0c000000u, 0x33800000u, 0x33800001u, 0x34000000u, 0x3f7fffffu,
		0x3f800000u, 0x3f800001u, 0x4b7fffffu, 0x4b800000u, 0x7effffffu, 0x7f000000u,
		0x73000000u, 0x7f7fffffu, 0x7f7ffffeu, 0x7f800000u, 0x7f800001u, 0x7fc00000u,
	};
	const size_t n = sizeof(edge) / sizeof(edge[0]);

	(void)unused;
	for (size_t i = 0; i < 4 * n * n; i++)
		check_add(edge[i / 4 % n] | (uint32_t)(i % 2) << 31,
			  edge[i / 4 / n] | (uint32_t)(i / 2 % 2) << 31);
	for (int i = 0; i < 3000000; i++) {
		uint32_t x = random32();
		uint32_t y = random32();

		check_add(x, y);
		/* Near in exponent, so that they cancel and round. */
		check_add(x, (x & 0x7f800000u) ^ (y & 0x83ffffffu));
		check_add(x & 0x81ffffffu, y & 0x81ffffffu);
	}
}

static void integers_round_to_fp32(void **unused)
{
	(void)unused;
	for (int i = 0; i < 2000000; i++) {
		uint32_t mag = random32() >> (random32() & 31u);
		int32_t unit = (int32_t)(random32() % 400) - 220;
		uint32_t negative = random32() & 1u;
		double x = round_to(ldexp(mag, unit), 24);

		assert_int_equal(fpr_fp32_from(negative, mag, unit),
				 fp32_of(negative && mag ? -x : x));
	}
	/* Just below the smallest normal: rounds up to it, or goes to zero. */
	assert_int_equal(fpr_fp32_from(1, 0x1ffffffu, -151), 0x80800000u);
	assert_int_equal(fpr_fp32_from(1, 0xffffffu, -150), 0x80000000u);
	/* The largest finite value, and the tie above it. */
	assert_int_equal(fpr_fp32_from(0, 0xffffffu, 104), 0x7f7fffffu);
	assert_int_equal(fpr_fp32_from(0, 0x1ffffffu, 103), 0x7f800000u);
}

static void fp32_rounds_to_bf16(void **unused)
{
	static const uint32_t low[] = {0, 1, 0x7fff, 0x8000, 0x8001, 0xffff};

	(void)unused;
	for (uint32_t high = 0; high < 65536; high++) {
		for (size_t i = 0; i < sizeof(low) / sizeof(low[0]); i++) {
			uint32_t x = host(float_of(high << 16 | low[i]));
			float f = float_of(x);
			uint32_t want = isnan(f) || isinf(f) ? x : fp32_of(round_to(f, 8));

			assert_int_equal(want & 0xffffu, 0);
			assert_int_equal(fpr_fp32_to_bf16(x), want >> 16);
		}
		assert_int_equal(fpr_fp32_from_bf16((uint16_t)high), host(float_of(high << 16)));
		assert_int_equal(fpr_fp32_read(high << 16 | 1u), host(float_of(high << 16 | 1u)));
	}
}

static double acc_value(const struct fpr_acc acc[1])
{
	double x = acc[0].mag ? ldexp(acc[0].mag, acc[0].exponent - 12) : 0;

	return acc[0].negative ? -x : x;
}

static void accumulator_rounds_and_aligns(void **unused)
{
	struct fpr_acc acc[1];

	(void)unused;
	for (int i = 0; i < 1000000; i++) {
		uint64_t bits = (uint64_t)random32() << 32 | random32();
		int64_t sum = (int64_t)(bits >> (20 + random32() % 44));
		int32_t unit = (int32_t)(random32() % 600) - 300;
		int32_t other;

		sum = random32() & 1u ? -sum : sum;
		fpr_acc_round(sum, unit, acc);
		assert_true(acc_value(acc) == round_to(ldexp((double)sum, unit), 13));
		assert_true(acc[0].mag == 0 || (acc[0].mag >> 12 == 1));
		assert_true(acc[0].mag == 0 || acc[0].exponent == ilogb(acc_value(acc)));
		other = acc[0].exponent - 38 + (int32_t)(random32() % 80);
		assert_true((double)fpr_acc_align(acc, other) ==
			    trunc(ldexp(acc_value(acc), -other)));
	}
}

/* The format, read one bit at a time. */
static uint32_t take(const uint8_t packed[], uint32_t at[1], uint32_t bits)
{
	uint32_t value = 0;

	for (uint32_t i = 0; i < bits; i++, at[0]++)
		value |= ((packed[at[0] / 8] >> (at[0] % 8)) & 1u) << i;
	return value;
}

static void check_group(const uint16_t values[FPR_BDC_GROUP], uint32_t n)
{
	uint8_t packed[FPR_BDC_BYTES + 1];
	uint16_t back[FPR_BDC_GROUP];
	uint32_t lowest = 255, highest = 0, width = 0, bytes;
	uint32_t at[1] = {0};

	for (uint32_t i = 0; i < n; i++) {
		uint32_t e = values[i] >> 7 & 0xffu;

		lowest = e != 0 && e < lowest ? e : lowest;
		highest = e > highest ? e : highest;
	}
	lowest = highest == 0 ? 0 : lowest;
	while (highest != 0 && highest - lowest + 1 >= 1u << width)
		width++;
	memset(packed, 0x5a, sizeof(packed));
	bytes = fpr_bdc_encode(values, n, packed);
	assert_int_equal(bytes, n == 0 ? 0 : (16 + n * (width + 8) + 7) / 8);
	assert_int_equal(packed[bytes], 0x5a);
	if (n != 0) {
		assert_int_equal(take(packed, at, 8), lowest);
		assert_int_equal(take(packed, at, 4), width);
		assert_int_equal(take(packed, at, 4), 0);
	}
	for (uint32_t i = 0; i < n; i++) {
		uint32_t e = values[i] >> 7 & 0xffu;

		assert_int_equal(take(packed, at, width), e == 0 ? 0 : e - lowest + 1);
		assert_int_equal(take(packed, at, 7), values[i] & 0x7fu);
		assert_int_equal(take(packed, at, 1), values[i] >> 15);
	}
	fpr_bdc_decode(packed, n, back);
	for (uint32_t i = 0; i < FPR_BDC_GROUP; i++)
		assert_int_equal(back[i], i < n ? values[i] : 0);
}

static void groups_survive_compression(void **unused)
{
	uint16_t values[FPR_BDC_GROUP];

	(void)unused;
	for (uint32_t i = 0; i < 65536; i++) {
		values[0] = (uint16_t)i;
		check_group(values, 1);
		values[1] = (uint16_t)random32();
		check_group(values, 2);
	}
	for (int i = 0; i < 20000; i++) {
		uint32_t lowest = random32() & 0xffu;
		uint32_t mask = fpr_low_bits(random32() % 9u);

		for (uint32_t j = 0; j < FPR_BDC_GROUP; j++) {
			uint32_t e = (lowest + (random32() & mask)) & 0xffu;

			e = random32() % 5 == 0 ? 0 : e;
			values[j] = (uint16_t)((random32() & 0x807fu) | e << 7);
		}
		check_group(values, random32() % (FPR_BDC_GROUP + 1));
		check_group(values, FPR_BDC_GROUP);
	}
}

/* The example of the README: 1, -2 and 0. */
static void group_as_documented(void **unused)
{
	const uint16_t values[FPR_BDC_GROUP] = {0x3f80, 0xc000, 0x0000};
	const uint8_t want[] = {0x7f, 0x02, 0x01, 0x08, 0x08, 0x00};
	uint8_t packed[FPR_BDC_BYTES];

	(void)unused;
	assert_int_equal(fpr_bdc_encode(values, 3, packed), sizeof(want));
	assert_memory_equal(packed, want, sizeof(want));
}

static void blocks_turn(void **unused)
{
	uint16_t in[FPR_BLOCK][FPR_BLOCK], out[FPR_BLOCK][FPR_BLOCK];

	(void)unused;
	for (uint32_t i = 0; i < FPR_BLOCK * FPR_BLOCK; i++)
		in[i / FPR_BLOCK][i % FPR_BLOCK] = (uint16_t)(1000 + i);
	fpr_transpose(in, 0, out);
	assert_memory_equal(in, out, sizeof(in));
	fpr_transpose(in, 1, out);
	for (uint32_t i = 0; i < FPR_BLOCK * FPR_BLOCK; i++)
		assert_int_equal(out[i % FPR_BLOCK][i / FPR_BLOCK], 1000 + i);
}

static const uint16_t sorts[] = {0x0000, 0x8000, 0x0001, 0x807f, 0x3f80, 0xbf80,
				 0x7f80, 0xff80, 0x7f81, 0xffc0, 0x0080, 0x7f7f};
#define SORTS (sizeof(sorts) / sizeof(sorts[0]))

/*
 * Two products at far places of a chunk. The host adds them as floats, which keeps
 * infinities and NaNs apart as long as finite products cannot overflow: those are
 * replaced by 0.
 */
static void specials_as_the_host_has_them(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < SORTS * SORTS * SORTS * SORTS; i++) {
		const uint16_t v[4] = {sorts[i % SORTS], sorts[i / SORTS % SORTS],
				       sorts[i / SORTS / SORTS % SORTS],
				       sorts[i / SORTS / SORTS / SORTS]};
		struct fpr_special s[1] = {{0, 0, 0, 0}};
		struct fpr_special p[1] = {{0, 0, 0, 0}};
		float a = bf16_value(v[0]) * bf16_value(v[1]);
		float b = bf16_value(v[2]) * bf16_value(v[3]);
		uint32_t flags;

		fpr_special_note(s, v[0], 0);
		fpr_special_note(p, v[1], 0);
		fpr_special_note(s, v[2], 63);
		fpr_special_note(p, v[3], 63);
		flags = fpr_special_products(s, p);
		a = isfinite(bf16_value(v[0])) && isfinite(bf16_value(v[1])) ? 0 : a;
		b = isfinite(bf16_value(v[2])) && isfinite(bf16_value(v[3])) ? 0 : b;
		assert_int_equal(fpr_special_result(flags, 0, 0), host(a + b));
		assert_int_equal(fpr_special_result(flags, 0xff800000u, 0xff800000u),
				 host(-INFINITY + (a + b)));
	}
}

/* A panel holds op's values wherever it starts, and counts the groups it reads. */
static void check_panel(uint32_t lines, uint32_t k, uint32_t ld, uint32_t turned, uint32_t line0,
			uint32_t k0)
{
	static uint16_t x[40 * 1200], pad[FPR_LINES][FPR_PANEL];
	const struct fpr_operand op[1] = {{lines, k, ld, 77, turned, FPR_ROWS}};
	struct fpr_load bytes[1] = {{0, 0}};
	uint32_t here = lines - line0 < FPR_ROWS ? lines - line0 : FPR_ROWS;
	uint32_t along = k - k0 < FPR_PANEL ? k - k0 : FPR_PANEL;

	for (size_t i = 0; i < sizeof(x) / sizeof(x[0]); i++)
		x[i] = (uint16_t)random32();
	memset(pad, 0xff, sizeof(pad));
	fpr_load_panel(op, x, 2, line0, k0, pad, bytes);
	for (uint32_t l = 0; l < FPR_ROWS; l++) {
		for (uint32_t i = 0; i < along; i++) {
			uint32_t at =
				turned ? (k0 + i) * ld + line0 + l : (line0 + l) * ld + k0 + i;

			assert_int_equal(pad[l][i], l < here ? x[2 * 77 + at] : 0);
		}
	}
	if (FPR_ROWS == FPR_BLOCK)
		assert_int_equal(bytes[0].raw, 2 * here * along);
}

static void panels_hold_the_operand(void **unused)
{
	(void)unused;
	for (uint32_t turned = 0; turned < 2; turned++) {
		check_panel(8, 8, turned ? 8 : 8, turned, 0, 0);
		check_panel(19, 37, 40, turned, 0, 0);
		check_panel(19, 37, 40, turned, 16, 0);
		check_panel(3, 1, 3, turned, 0, 0);
		check_panel(20, FPR_PANEL + 9, turned ? 21 : FPR_PANEL + 10, turned, 8, FPR_PANEL);
	}
}

static struct fpr_gemm_counters run(struct fpr_gemm job, const uint16_t a[], const uint16_t b[],
				    uint16_t c[])
{
	struct fpr_gemm_counters counters;

	memset(&counters, 0xff, sizeof(counters));
	fpr_array_gemm(&job, a, b, c, &counters);
	return counters;
}

#define ONE 0x3f80

/*
 * 8 x 8 x 64 of ones: one term a value. `chunk`: 8 values a lane, 8 cycles. `set`:
 * one cycle a set, floor 2, 16 cycles. `dense`: 8 cycles. `value`: 16 values a lane. Two panels of
 * 8 x 64 ones are 32 groups of 16 + 32 x 9 bits, 38 bytes each: 1216 bytes, 10 cycles of the port;
 * C is 256 bytes, 2 cycles.
 */
static void one_tile_by_hand(void **unused)
{
	static const uint64_t cycles[FPR_KINDS] = {8, 16, 8, 16};
	uint16_t a[512], b[512], c[128];

	(void)unused;
	for (int i = 0; i < 512; i++)
		a[i] = b[i] = ONE;
	for (uint8_t kind = 0; kind < FPR_KINDS; kind++) {
		struct fpr_gemm job = {.m = 8, .n = 8, .k = 64, .kind = kind, .t = 12};
		struct fpr_gemm_counters n = run(job, a, b, c);

		for (int i = 0; i < 64; i++)
			assert_int_equal(c[2 * i] | (uint32_t)c[2 * i + 1] << 16, bits_of(64));
		assert_int_equal(n.cycles_compute, cycles[kind]);
		assert_int_equal(n.cycles_total, 10 + cycles[kind] + 2);
		assert_int_equal(n.cycles_memory_stall, 12);
		assert_int_equal(n.terms_issued, kind == FPR_KIND_DENSE ? 8 * 4096 : 4096);
		assert_int_equal(n.terms_skipped_zero, kind == FPR_KIND_DENSE ? 0 : 7 * 4096);
		assert_int_equal(n.terms_skipped_oob, 0);
		assert_int_equal(n.lanes_useful, 4096);
		assert_int_equal(n.lanes_floor, kind == FPR_KIND_SET ? 4096 : 0);
		assert_int_equal(n.bytes_operands_raw, 2048);
		assert_int_equal(n.bytes_operands, 1216);
		assert_int_equal(n.bytes_c_written, 256);
		assert_int_equal(n.bytes_c_read, 0);
	}
}

/* Zeros cost the floor alone: 4 cycles a chunk of 64, 1 with `value`, 2 a set. */
static void zeros_by_hand(void **unused)
{
	static const uint64_t cycles[FPR_KINDS] = {4, 16, 8, 1};
	static const uint16_t zero[512];
	uint16_t c[64];

	(void)unused;
	for (uint8_t kind = 0; kind < FPR_KINDS; kind++) {
		struct fpr_gemm job = {
			.m = 8, .n = 8, .k = 64, .kind = kind, .t = 12, .out = FPR_OUT_BF16};
		struct fpr_gemm_counters n = run(job, zero, zero, c);

		assert_int_equal(n.cycles_compute, cycles[kind]);
		assert_int_equal(n.lanes_floor,
				 kind == FPR_KIND_DENSE
					 ? 0
					 : cycles[kind] * 64 * FPR_KIND_LANES(kind, FPR_LANES));
		for (int i = 0; i < 64; i++)
			assert_int_equal(c[i], 0);
	}
}

/* Row 0 holds 255 = 2^8 - 2^0 all over, others 1: it takes twice as long, they wait. */
static void rows_wait_by_hand(void **unused)
{
	struct fpr_gemm job = {.m = 8, .n = 8, .k = 128, .kind = FPR_KIND_CHUNK, .t = 15};
	struct fpr_gemm_counters n;
	uint16_t a[1024], b[1024], c[128];

	(void)unused;
	for (int i = 0; i < 1024; i++) {
		a[i] = i < 128 ? ONE + 0x7f : ONE;
		b[i] = ONE;
	}
	n = run(job, a, b, c);
	assert_int_equal(n.cycles_compute, 32);
	assert_int_equal(n.lanes_useful, (32 + 7 * 16) * 64);
	assert_int_equal(n.lanes_inter_row, 7 * 16 * 64);
	assert_int_equal(n.lanes_no_term + n.lanes_inter_pe + n.lanes_floor, 0);
}

/*
 * Chunks of zeros: each takes the rows a cycle. The first is there, the second after
 * 16 cycles of loading; the third goes where the first was: after 16 more. The
 * fourth, with one value, is loaded where the second was, in a cycle. It has a row
 * issue 1 term to one of 32 lanes; the other rows have nothing and take a cycle, too.
 */
static void loading_by_hand(void **unused)
{
	struct fpr_gemm job = {.m = 8, .n = 8, .k = 193, .kind = FPR_KIND_VALUE, .t = 15};
	static uint16_t a[8 * 193], b[8 * 193];
	struct fpr_gemm_counters n;
	uint16_t c[128];

	(void)unused;
	a[192] = ONE;
	for (int i = 0; i < 8; i++)
		b[192 * 8 + i] = ONE;
	n = run(job, a, b, c);
	assert_int_equal(n.cycles_compute, 16 + 16 + 1 + 1);
	assert_int_equal(n.lanes_useful, 8);
	assert_int_equal(n.lanes_no_term, 3 * 8);
	assert_int_equal(n.lanes_floor, (4 * 8 - 1) * 32);
	assert_int_equal(n.lanes_inter_row, (34 - 4) * 256);
	/* 171 has five terms, so 16 values take 80 cycles; 4 later the third chunk is loaded. */
	for (int i = 0; i < 8 * 193; i++) {
		a[i] = i % 193 < 64 ? ONE + 0x2b : 0;
		b[i] = ONE;
	}
	n = run(job, a, b, c);
	assert_int_equal(n.cycles_compute, 80 + 4 + 16 + 1 + 1);
}

/* Without products C is read and written back, and nothing else happens. */
static void no_products(void **unused)
{
	struct fpr_gemm job = {.m = 2, .n = 3, .batch = 2, .stride_c = 6, .accumulate = 1};
	const uint32_t in[4] = {0x80000001u, 0x7f800001u, 0x40490fdbu, 0x80000000u};
	const uint32_t want[4] = {0x80000000u, 0x7fc00000u, 0x40490fdbu, 0x80000000u};
	struct fpr_gemm_counters n;
	uint16_t c[24];

	(void)unused;
	for (int i = 0; i < 12; i++) {
		c[2 * i] = (uint16_t)in[i % 4];
		c[2 * i + 1] = (uint16_t)(in[i % 4] >> 16);
	}
	n = run(job, NULL, NULL, c);
	for (int i = 0; i < 12; i++)
		assert_int_equal(c[2 * i] | (uint32_t)c[2 * i + 1] << 16, want[i % 4]);
	assert_int_equal(n.bytes_c_read, 48);
	assert_int_equal(n.bytes_c_written, 48);
	assert_int_equal(n.cycles_total | n.cycles_compute | n.terms_skipped_zero, 0);
	job.accumulate = 0;
	n = run(job, NULL, NULL, c);
	for (int i = 0; i < 24; i++)
		assert_int_equal(c[i], 0);
	assert_int_equal(n.bytes_c_read, 0);
	job.m = 0;
	c[0] = 7;
	n = run(job, NULL, NULL, c);
	assert_int_equal(c[0], 7);
	assert_int_equal(n.bytes_c_written, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bits_helpers),
		cmocka_unit_test(every_bf16_is_classified),
		cmocka_unit_test(every_bf16_is_recoded),
		cmocka_unit_test(fp32_add_is_the_hosts),
		cmocka_unit_test(integers_round_to_fp32),
		cmocka_unit_test(fp32_rounds_to_bf16),
		cmocka_unit_test(accumulator_rounds_and_aligns),
		cmocka_unit_test(groups_survive_compression),
		cmocka_unit_test(group_as_documented),
		cmocka_unit_test(blocks_turn),
		cmocka_unit_test(specials_as_the_host_has_them),
		cmocka_unit_test(panels_hold_the_operand),
		cmocka_unit_test(one_tile_by_hand),
		cmocka_unit_test(zeros_by_hand),
		cmocka_unit_test(rows_wait_by_hand),
		cmocka_unit_test(loading_by_hand),
		cmocka_unit_test(no_products),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
