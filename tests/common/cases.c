/* SPDX-License-Identifier: MIT */
#include "cases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Canary for what a job must not read or must not write. */
#define GARBAGE 0xa5

uint64_t case_random(struct case_random *random)
{
	uint64_t x = random->state += 0x9e3779b97f4a7c15u;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

uint32_t case_below(struct case_random *random, uint32_t n)
{
	return (uint32_t)((case_random(random) >> 32) * n >> 32);
}

static int one_in(struct case_random *random, uint32_t n)
{
	return case_below(random, n) == 0;
}

static uint16_t bf16(uint32_t sign, uint32_t exponent, uint32_t fraction)
{
	return (uint16_t)(sign << 15 | exponent << 7 | fraction);
}

/* A finite value whose exponent field lies in [low, low + span). */
static uint16_t within(struct case_random *random, uint32_t low, uint32_t span)
{
	uint32_t bits = case_below(random, 256);

	return bf16(bits >> 7, low + case_below(random, span), bits & 127);
}

static uint16_t special(struct case_random *random)
{
	uint32_t sign = case_below(random, 2);

	switch (case_below(random, 4)) {
	case 0:
		return bf16(sign, 255, 1 + case_below(random, 127));
	case 1:
		return bf16(sign, 0, 0);
	default:
		return bf16(sign, 255, 0);
	}
}

/* Where a value stands: its row of op(A) or column of op(B), and its k. */
struct position {
	int is_b;
	uint32_t row, k;
};

static uint16_t normal(struct case_random *random)
{
	uint32_t falls = 0;

	while (falls < 20 && !one_in(random, 3))
		falls++;
	return within(random, 127 - falls, 1);
}

/* Every odd k undoes the one before, in most cases to the last bit. */
static uint16_t cancelling(struct case_random *random, struct position at, uint16_t before)
{
	if (at.k % 2 == 0)
		return within(random, 120, 14);
	if (at.is_b)
		return before;
	if (one_in(random, 4))
		before ^= 1;
	return before ^ 0x8000;
}

static uint16_t zero_rows(struct case_random *random, struct position at)
{
	if (at.row % 3 == 1 || at.k / FPR_CHUNK == 1 || at.k / FPR_SET % 4 == 2)
		return bf16(case_below(random, 2), 0, 0);
	return within(random, 120, 10);
}

/* 170 * 170 - 169 * 171 is 1: pairs of products that leave their last bit. */
static uint16_t near_bottom(struct case_random *random, struct position at)
{
	uint32_t sign = at.is_b && at.k % 2;
	uint32_t fraction = at.k % 2 == 0 ? 170 - 128 : at.is_b ? 171 - 128 : 169 - 128;

	if (at.k > 1)
		return 0;
	if (at.is_b)
		return bf16(sign, 70 + at.row % 5, fraction);
	return bf16(at.row % 2, 70 + case_below(random, 8) / 7, fraction);
}

/* Distances at which 13, 8 and 24 bits end, so that halves meet. */
static uint16_t tie(struct case_random *random)
{
	static const uint8_t falls[] = {0, 0, 4, 6, 7, 8, 12, 13, 14};

	return bf16(case_below(random, 2), 127u - falls[case_below(random, sizeof(falls))],
		    case_below(random, 4) << 5);
}

static uint32_t clamp(int exponent)
{
	return exponent < 1 ? 1 : exponent > 254 ? 254 : (uint32_t)exponent;
}

static uint16_t finite_value(struct case_random *random, enum case_values values,
			     struct position at, uint16_t before)
{
	static const uint8_t five_terms[] = {0x2b, 0x55, 0x2d, 0x53};
	int set = (int)(at.k / FPR_SET);

	switch (values) {
	case CASE_NORMAL:
		return normal(random);
	case CASE_WIDE:
		return within(random, 115, 25);
	case CASE_HUGE:
		return within(random, 1, 254);
	case CASE_CANCEL:
		return cancelling(random, at, before);
	case CASE_ALL_ONES:
		return within(random, 120, 12) | 127;
	case CASE_MANY_TERMS:
		return (uint16_t)((within(random, 120, 12) & 0xff80) |
				  five_terms[case_below(random, sizeof(five_terms))]);
	case CASE_POWERS:
		return within(random, 118, 16) & 0xff80;
	case CASE_OVERFLOW:
		return within(random, 186, 6);
	case CASE_UNDERFLOW:
		return within(random, 58, 10);
	case CASE_NEAR_TOP:
		return within(random, 178, 4);
	case CASE_NEAR_BOTTOM:
		return near_bottom(random, at);
	case CASE_LADDER:
		return within(random, at.is_b ? 127 : 127 - (at.k * 5 + at.row) % 24, 1);
	case CASE_DECAY:
		return within(random, clamp(150 - 2 * (set % 8)), 2);
	case CASE_GROWTH:
		return within(random, clamp(90 + 3 * (set % 8)), 2);
	case CASE_TIES:
		return tie(random);
	default:
		return within(random, 126, 2);
	}
}

static uint16_t value(struct case_random *random, enum case_values values, struct position at,
		      uint16_t before)
{
	uint16_t x;

	switch (values) {
	case CASE_SPECIALS:
		return one_in(random, 12) ? special(random) : within(random, 125, 4);
	case CASE_RARE_SPECIAL:
		return one_in(random, 250) ? special(random) : within(random, 110, 30);
	case CASE_INFINITIES:
		x = within(random, 125, 4);
		return one_in(random, 40) ? (x & 0x8000) | 0x7f80 : x;
	case CASE_SUBNORMALS:
		x = within(random, 126, 3);
		return one_in(random, 2) ? x & 0x807f : x;
	case CASE_SPARSE:
		x = within(random, 115, 15);
		return one_in(random, 5) ? x : x & 0x8000;
	case CASE_ZERO_ROWS:
		return zero_rows(random, at);
	case CASE_ZEROS:
		return bf16(case_below(random, 2), 0, 0);
	case CASE_RAW:
		return (uint16_t)case_random(random);
	default:
		return finite_value(random, values, at, before);
	}
}

/* Elements from the first to past the last. */
static size_t extent(uint64_t batch, uint64_t stride, uint64_t rows, uint64_t cols, uint64_t ld)
{
	return rows && cols ? (batch - 1) * stride + (rows - 1) * (ld ? ld : cols) + cols : 0;
}

static void *garbage(size_t bytes)
{
	void *memory = malloc(bytes ? bytes : 1);

	if (!memory)
		abort();
	memset(memory, GARBAGE, bytes);
	return memory;
}

/* One operand, as stored: `down` has k down its columns. */
static uint16_t *fill(struct case_random *random, const struct test_case *tc, int is_b)
{
	const struct fpr_gemm *job = &tc->job;
	uint64_t batch = job->batch ? job->batch : 1;
	uint64_t stride = is_b ? job->stride_b : job->stride_a;
	uint64_t rows = is_b ? job->n : job->m;
	int down = is_b ? !job->trans_b : job->trans_a;
	uint64_t ld = is_b ? job->ldb : job->lda;
	size_t count = extent(batch, stride, down ? job->k : rows, down ? rows : job->k, ld);
	uint16_t *x = garbage(count * sizeof(*x));

	if (!ld)
		ld = down ? rows : job->k;
	for (uint64_t entry = 0; entry < (stride ? batch : 1); entry++) {
		for (uint32_t row = 0; row < rows; row++) {
			uint16_t before = 0;

			for (uint32_t k = 0; k < job->k; k++) {
				struct position at = {.is_b = is_b, .row = row, .k = k};

				before = value(random, tc->values, at, before);
				x[entry * stride + (down ? k * ld + row : row * ld + k)] = before;
			}
		}
	}
	return x;
}

/* The top bits of C decide alone when it is bfloat16. */
static uint32_t c_value(struct case_random *random, enum case_values values)
{
	uint32_t bits = (uint32_t)case_random(random);
	uint32_t sign = bits & 0x80000000u;
	uint32_t middle = 127;

	if (values == CASE_OVERFLOW)
		middle = 252;
	else if (values == CASE_UNDERFLOW)
		middle = 4;
	else if (values == CASE_NEAR_BOTTOM)
		return sign | (bits & 0x00ffffffu) | 0x00800000u;
	else if (values == CASE_NEAR_TOP)
		return sign | 0x7f7fff00u | (bits & 0xffu);
	switch (case_below(random, 12)) {
	case 0:
		return bits;
	case 1:
		return sign;
	case 2:
		return bits & 0x807fffffu;
	case 3:
		return one_in(random, 2) ? sign | 0x7f800000u : bits | 0x7fc10000u;
	default:
		return (bits & 0x807fffffu) | (middle - 3 + case_below(random, 6)) << 23;
	}
}

static void fill_c(struct case_random *random, struct test_case *tc)
{
	const struct fpr_gemm *job = &tc->job;
	uint64_t batch = job->batch ? job->batch : 1;
	size_t size = job->out == FPR_OUT_BF16 ? 2 : 4;
	uint64_t ld = job->ldc ? job->ldc : job->n;

	tc->c_bytes = size * extent(batch, job->stride_c, job->m, job->n, ld);
	tc->c = garbage(tc->c_bytes);
	if (!job->accumulate)
		return;
	for (uint64_t row = 0; row < batch * job->m; row++) {
		uint64_t start = row / job->m * job->stride_c + row % job->m * ld;

		for (uint64_t col = 0; col < job->n; col++) {
			uint32_t wide = c_value(random, tc->values);
			uint16_t narrow = (uint16_t)(wide >> 16);

			memcpy((char *)tc->c + (start + col) * size,
			       size == 2 ? (void *)&narrow : (void *)&wide, size);
		}
	}
}

void case_build(struct test_case *tc, const struct fpr_gemm *job, enum case_values values,
		uint64_t seed)
{
	struct case_random random = {seed};

	memset(tc, 0, sizeof(*tc));
	tc->job = *job;
	tc->values = values;
	tc->seed = seed;
	tc->a = fill(&random, tc, 0);
	tc->b = fill(&random, tc, 1);
	fill_c(&random, tc);
}

void case_free(struct test_case *tc)
{
	free(tc->a);
	free(tc->b);
	free(tc->c);
}

void case_print(const struct test_case *tc)
{
	static const char *const names[CASE_VALUES] = {
		[CASE_NORMAL] = "normal",
		[CASE_NARROW] = "narrow",
		[CASE_WIDE] = "wide",
		[CASE_HUGE] = "huge",
		[CASE_CANCEL] = "cancel",
		[CASE_ALL_ONES] = "all ones",
		[CASE_MANY_TERMS] = "many terms",
		[CASE_POWERS] = "powers",
		[CASE_SPECIALS] = "specials",
		[CASE_RARE_SPECIAL] = "rare special",
		[CASE_INFINITIES] = "infinities",
		[CASE_SUBNORMALS] = "subnormals",
		[CASE_SPARSE] = "sparse",
		[CASE_ZERO_ROWS] = "zero rows",
		[CASE_ZEROS] = "zeros",
		[CASE_OVERFLOW] = "overflow",
		[CASE_UNDERFLOW] = "underflow",
		[CASE_NEAR_TOP] = "near top",
		[CASE_NEAR_BOTTOM] = "near bottom",
		[CASE_LADDER] = "ladder",
		[CASE_DECAY] = "decay",
		[CASE_GROWTH] = "growth",
		[CASE_TIES] = "ties",
		[CASE_RAW] = "raw",
	};
	const struct fpr_gemm *job = &tc->job;

	printf("case %u: values %s, seed %llu: m %u n %u k %u batch %u kind %u serial %u t %u "
	       "out %u trans %u %u accumulate %u ld %u %u %u stride %llu %llu %llu\n",
	       tc->number, names[tc->values], (unsigned long long)tc->seed, job->m, job->n, job->k,
	       job->batch, job->kind, job->serial, job->t, job->out, job->trans_a, job->trans_b,
	       job->accumulate, job->lda, job->ldb, job->ldc, (unsigned long long)job->stride_a,
	       (unsigned long long)job->stride_b, (unsigned long long)job->stride_c);
}

void case_run(const struct test_case *tc, case_gemm gemm, void *context, struct case_result *result)
{
	result->c = garbage(tc->c_bytes);
	memcpy(result->c, tc->c, tc->c_bytes);
	memset(&result->counters, GARBAGE, sizeof(result->counters));
	result->ret = gemm(context, &tc->job, tc->a, tc->b, result->c, &result->counters);
}

void case_result_free(struct case_result *result)
{
	free(result->c);
}

static void print_element(const struct test_case *tc, const struct case_result *want,
			  const struct case_result *got)
{
	size_t size = tc->job.out == FPR_OUT_BF16 ? 2 : 4;
	const uint8_t *w = want->c, *g = got->c;

	for (size_t at = 0; at < tc->c_bytes; at += size) {
		uint32_t wanted = 0, found = 0;

		memcpy(&wanted, w + at, size);
		memcpy(&found, g + at, size);
		if (wanted != found) {
			printf("  element %zu of C is %#x, not %#x\n", at / size, found, wanted);
			return;
		}
	}
}

static void print_counters(const struct case_result *want, const struct case_result *got)
{
	static const char *const names[] = {
		"cycles_total",	      "cycles_compute",	   "cycles_memory_stall", "terms_issued",
		"terms_skipped_zero", "terms_skipped_oob", "lanes_useful",	  "lanes_no_term",
		"lanes_shift_range",  "lanes_inter_pe",	   "lanes_floor",	  "lanes_inter_row",
		"bytes_operands_raw", "bytes_operands",	   "bytes_c_read",	  "bytes_c_written",
	};
	uint64_t w[sizeof(names) / sizeof(*names)], g[sizeof(names) / sizeof(*names)];

	_Static_assert(sizeof(w) == sizeof(want->counters), "a counter has no name");
	memcpy(w, &want->counters, sizeof(w));
	memcpy(g, &got->counters, sizeof(g));
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (w[i] != g[i])
			printf("  %s is %llu, not %llu\n", names[i], (unsigned long long)g[i],
			       (unsigned long long)w[i]);
}

int case_same(const struct test_case *tc, const struct case_result *want,
	      const struct case_result *got, int what, const char *who)
{
	int bits = !(what & CASE_BITS) || !memcmp(want->c, got->c, tc->c_bytes);
	int counters = !(what & CASE_COUNTERS) ||
		       !memcmp(&want->counters, &got->counters, sizeof(want->counters));
	int ret = want->ret == got->ret;

	if (bits && counters && ret)
		return 1;
	if (!who)
		return 0;
	case_print(tc);
	printf("  %s differs\n", who);
	if (!ret)
		printf("  returned %d, not %d\n", got->ret, want->ret);
	if (!bits)
		print_element(tc, want, got);
	if (!counters)
		print_counters(want, got);
	return 0;
}
