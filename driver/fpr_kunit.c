// SPDX-License-Identifier: GPL-2.0 OR MIT
#include <kunit/test.h>
#include <linux/module.h>
#include <linux/prandom.h>
#include <linux/sizes.h>
#include <drm/drm_mm.h>

#include "fpr_desc.h"
#include "fpr_range.h"

/* ---- ranges ------------------------------------------------------------ */

static void fpr_test_fits(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, fpr_range_fits(0, 0, 0));
	KUNIT_EXPECT_TRUE(test, fpr_range_fits(0, 4096, 4096));
	KUNIT_EXPECT_TRUE(test, fpr_range_fits(4096, 0, 4096));
	KUNIT_EXPECT_FALSE(test, fpr_range_fits(1, 4096, 4096));
	KUNIT_EXPECT_FALSE(test, fpr_range_fits(4097, 0, 4096));
	KUNIT_EXPECT_FALSE(test, fpr_range_fits(U64_MAX, 1, U64_MAX));
	KUNIT_EXPECT_FALSE(test, fpr_range_fits(1, U64_MAX, U64_MAX));
	KUNIT_EXPECT_TRUE(test, fpr_range_fits(0, U64_MAX, U64_MAX));
}

/* All pairs of short ranges, against looking at each byte. */
static void fpr_test_overlap(struct kunit *test)
{
	u64 a, al, b, bl, x;

	for (a = 0; a < 6; a++) {
		for (b = 0; b < 6; b++) {
			for (al = 0; al < 5; al++) {
				for (bl = 0; bl < 5; bl++) {
					bool shared = false;

					for (x = 0; x < 12; x++)
						shared |= x >= a && x < a + al && x >= b &&
							  x < b + bl;
					KUNIT_ASSERT_EQ(test, fpr_range_overlap(a, al, b, bl),
							shared);
				}
			}
		}
	}
}

static void fpr_test_extent(struct kunit *test)
{
	u64 bytes;

	KUNIT_EXPECT_EQ(test, fpr_matrix_extent(3, 5, 0, 1, 0, 2, &bytes), 0);
	KUNIT_EXPECT_EQ(test, bytes, 30ull);
	KUNIT_EXPECT_EQ(test, fpr_matrix_extent(3, 5, 8, 1, 0, 2, &bytes), 0);
	KUNIT_EXPECT_EQ(test, bytes, 42ull);
	KUNIT_EXPECT_EQ(test, fpr_matrix_extent(3, 5, 8, 4, 100, 4, &bytes), 0);
	KUNIT_EXPECT_EQ(test, bytes, 4ull * (300 + 21));
	KUNIT_EXPECT_EQ(test, fpr_matrix_extent(0, 5, 0, 4, U64_MAX, 4, &bytes), 0);
	KUNIT_EXPECT_EQ(test, bytes, 0ull);
	KUNIT_EXPECT_EQ(test, fpr_matrix_extent(3, 5, 4, 1, 0, 2, &bytes), -EINVAL);
	KUNIT_EXPECT_EQ(test, fpr_matrix_extent(3, 5, 8, 2, U64_MAX, 2, &bytes), -EINVAL);
	KUNIT_EXPECT_EQ(test, fpr_matrix_extent(3, 5, 8, 3, 1ull << 63, 2, &bytes), -EINVAL);
	KUNIT_EXPECT_EQ(test, fpr_matrix_extent(1, 1, 0, 2, 1ull << 62, 2, &bytes), -EINVAL);
	KUNIT_EXPECT_EQ(test, fpr_matrix_extent(1, 1, 0, 2, (1ull << 62) - 2, 2, &bytes), 0);
}

static bool fpr_entries_share(const struct fpr_gemm *g)
{
	DECLARE_BITMAP(seen, 256) = {};
	u32 ld = g->ldc ?: g->n, e, r, c;

	for (e = 0; e < g->batch; e++) {
		for (r = 0; r < g->m; r++) {
			for (c = 0; c < g->n; c++) {
				u64 at = e * g->stride_c + (u64)r * ld + c;

				if (__test_and_set_bit(at, seen))
					return true;
			}
		}
	}
	return false;
}

/* What is let through never overlaps, and both documented layouts are let through. */
static void fpr_test_disjoint(struct kunit *test)
{
	struct fpr_gemm g = {};

	for (g.m = 1; g.m < 4; g.m++) {
		for (g.n = 1; g.n < 4; g.n++) {
			for (g.ldc = g.n; g.ldc < 13; g.ldc++) {
				for (g.batch = 1; g.batch < 4; g.batch++) {
					for (g.stride_c = 0; g.stride_c < 30; g.stride_c++) {
						bool let = fpr_batch_disjoint(&g);

						KUNIT_ASSERT_FALSE(test,
								   let && fpr_entries_share(&g));
					}
					g.stride_c = (g.m - 1) * g.ldc + g.n;
					KUNIT_ASSERT_TRUE(test, fpr_batch_disjoint(&g));
					g.stride_c = g.n;
					if (g.n * g.batch <= g.ldc)
						KUNIT_ASSERT_TRUE(test, fpr_batch_disjoint(&g));
				}
			}
		}
	}
}

static struct fpr_gemm fpr_good_gemm(void)
{
	return (struct fpr_gemm){ .m = 16, .n = 24, .k = 32, .batch = 1, .t = FPR_T_CHUNK };
}

static void fpr_test_shape(struct kunit *test)
{
	struct fpr_gemm g = fpr_good_gemm();
	struct fpr_extent extent;

	KUNIT_EXPECT_EQ(test, fpr_gemm_shape(&g, 7, &extent), 0);
	KUNIT_EXPECT_EQ(test, extent.a, 16ull * 32 * 2);
	KUNIT_EXPECT_EQ(test, extent.b, 32ull * 24 * 2);
	KUNIT_EXPECT_EQ(test, extent.c, 16ull * 24 * 4);
	KUNIT_EXPECT_EQ(test, fpr_gemm_shape(&g, 6, &extent), -EINVAL);
	g.k = 0;
	KUNIT_EXPECT_EQ(test, fpr_gemm_shape(&g, 7, &extent), 0);
	KUNIT_EXPECT_EQ(test, extent.a, 0ull);
	g = fpr_good_gemm();
	g.m = FPR_DIM_MAX;
	g.n = FPR_DIM_MAX;
	g.k = FPR_DIM_MAX;
	KUNIT_EXPECT_EQ(test, fpr_gemm_shape(&g, 7, &extent), -EINVAL);
	g.k = FPR_MACS_MAX / g.m / g.n;
	KUNIT_EXPECT_EQ(test, fpr_gemm_shape(&g, 7, &extent), 0);
	g.k++;
	KUNIT_EXPECT_EQ(test, fpr_gemm_shape(&g, 7, &extent), -EINVAL);
	g = fpr_good_gemm();
	g.serial = FPR_SERIAL_AUTO;
	KUNIT_EXPECT_EQ(test, fpr_gemm_shape(&g, 7, &extent), -EINVAL);
}

/* ---- rings ------------------------------------------------------------- */

static void fpr_test_ring(struct kunit *test)
{
	const u32 entries = 8;
	u32 head = 0, tail = 0, used = 0, i;
	struct rnd_state rnd;

	KUNIT_EXPECT_EQ(test, fpr_ring_space(0, 0, entries), 7u);
	prandom_seed_state(&rnd, 1);
	for (i = 0; i < 1000; i++) {
		if (used < entries - 1 && (prandom_u32_state(&rnd) & 1)) {
			tail = fpr_ring_next(tail, entries);
			used++;
		} else if (used) {
			head = fpr_ring_next(head, entries);
			used--;
		}
		KUNIT_ASSERT_EQ(test, fpr_ring_space(head, tail, entries), entries - 1 - used);
	}
}

static void fpr_test_phase(struct kunit *test)
{
	u16 phase = 1;
	u32 i, index = 0;

	for (i = 0; i < 64; i++) {
		/* The board flips the bit at each turn; the first is 1. */
		KUNIT_ASSERT_EQ(test, phase, (u16)(!(i / 16 % 2)));
		phase = fpr_phase_after(index, 16, phase);
		index = fpr_ring_next(index, 16);
	}
}

static void fpr_test_sg(struct kunit *test)
{
	static const u64 starts[] = { 0, 4096, 12288, 16384 };
	u64 offset;
	u32 i;

	for (offset = 0; offset < 20480; offset += 512) {
		for (i = ARRAY_SIZE(starts) - 1; starts[i] > offset; i--)
			;
		KUNIT_ASSERT_EQ(test, fpr_sg_find(starts, ARRAY_SIZE(starts), offset), i);
	}
	KUNIT_EXPECT_EQ(test, fpr_sg_find(starts, 1, 1 << 30), 0u);
}

/* ---- board memory ------------------------------------------------------ */

#define FPR_TEST_NODES 32

/* As board buffers are placed: no two share a byte, and all of it comes back. */
static void fpr_test_allocator(struct kunit *test)
{
	const u64 size = SZ_1M;
	struct drm_mm_node *nodes, *n;
	struct rnd_state rnd;
	struct drm_mm mm;
	u64 end;
	u32 i, at;

	nodes = kunit_kcalloc(test, FPR_TEST_NODES, sizeof(*nodes), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, nodes);
	drm_mm_init(&mm, 0, size);
	prandom_seed_state(&rnd, 2);
	for (i = 0; i < 2000; i++) {
		at = prandom_u32_state(&rnd) % FPR_TEST_NODES;
		if (drm_mm_node_allocated(&nodes[at])) {
			drm_mm_remove_node(&nodes[at]);
			memset(&nodes[at], 0, sizeof(nodes[at]));
		} else {
			u64 pages = 1 + prandom_u32_state(&rnd) % 32;

			drm_mm_insert_node_generic(&mm, &nodes[at], pages * PAGE_SIZE, PAGE_SIZE, 0,
						   DRM_MM_INSERT_BEST);
		}
		end = 0;
		drm_mm_for_each_node(n, &mm) {
			KUNIT_EXPECT_GE(test, n->start, end);
			KUNIT_EXPECT_TRUE(test, fpr_range_fits(n->start, n->size, size));
			end = n->start + n->size;
		}
	}
	for (i = 0; i < FPR_TEST_NODES; i++) {
		if (drm_mm_node_allocated(&nodes[i]))
			drm_mm_remove_node(&nodes[i]);
	}
	KUNIT_EXPECT_TRUE(test, drm_mm_clean(&mm));
	drm_mm_takedown(&mm);
}

static struct kunit_case fpr_cases[] = {
	KUNIT_CASE(fpr_test_fits),	KUNIT_CASE(fpr_test_overlap),
	KUNIT_CASE(fpr_test_extent),	KUNIT_CASE(fpr_test_disjoint),
	KUNIT_CASE(fpr_test_shape),	KUNIT_CASE(fpr_test_ring),
	KUNIT_CASE(fpr_test_phase),	KUNIT_CASE(fpr_test_sg),
	KUNIT_CASE(fpr_test_allocator), {},
};

static struct kunit_suite fpr_suite = {
	.name = "fpr",
	.test_cases = fpr_cases,
};

kunit_test_suite(fpr_suite);

MODULE_DESCRIPTION("Unit tests of the fpr driver");
MODULE_LICENSE("Dual MIT/GPL");
