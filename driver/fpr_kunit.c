// SPDX-License-Identifier: GPL-2.0 OR MIT
#include <kunit/test.h>
#include <linux/module.h>
#include <linux/prandom.h>
#include <linux/sizes.h>
#include <drm/drm_mm.h>

#include "fpr_desc.h"
#include "fpr_gem.h"
#include "fpr_order.h"
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

/*
 * Board buffers as they are placed: no two share a byte, each begins at a page, memory that is
 * refused is in no hole, and all of it comes back.
 */
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
		u64 refused = U64_MAX;

		at = prandom_u32_state(&rnd) % FPR_TEST_NODES;
		if (drm_mm_node_allocated(&nodes[at])) {
			drm_mm_remove_node(&nodes[at]);
			memset(&nodes[at], 0, sizeof(nodes[at]));
		} else {
			u64 pages = 1 + prandom_u32_state(&rnd) % 32;

			refused = fpr_place(&mm, &nodes[at], pages * PAGE_SIZE) ?
					  pages * PAGE_SIZE :
					  U64_MAX;
		}
		end = 0;
		drm_mm_for_each_node(n, &mm) {
			KUNIT_EXPECT_GE(test, n->start, end);
			KUNIT_EXPECT_LT(test, n->start - end, refused);
			KUNIT_EXPECT_EQ(test, n->start % PAGE_SIZE, 0ull);
			KUNIT_EXPECT_TRUE(test, fpr_range_fits(n->start, n->size, size));
			end = n->start + n->size;
		}
		KUNIT_EXPECT_LT(test, size - end, refused);
	}
	for (i = 0; i < FPR_TEST_NODES; i++) {
		if (drm_mm_node_allocated(&nodes[i]))
			drm_mm_remove_node(&nodes[i]);
	}
	KUNIT_EXPECT_TRUE(test, drm_mm_clean(&mm));
	drm_mm_takedown(&mm);
}

/* ---- the order of transfers -------------------------------------------- */

#define FPR_TEST_CONTEXTS 3
#define FPR_TEST_XFERS 200
#define FPR_TEST_LIMIT 64

/* A queue, contexts, and transfers of theirs; no board. */
struct fpr_test_order {
	struct fpr_xfer_queue xq;
	struct fpr_ctx ctx[FPR_TEST_CONTEXTS];
	struct fpr_xfer_batch *batch[FPR_TEST_CONTEXTS];
	struct fpr_xfer xfer[FPR_TEST_CONTEXTS][FPR_TEST_XFERS];
	u64 served[FPR_TEST_CONTEXTS];
};

static struct fpr_test_order *fpr_order_setup(struct kunit *test)
{
	struct fpr_test_order *o = kunit_kzalloc(test, sizeof(*o), GFP_KERNEL);
	u32 c, i;

	KUNIT_ASSERT_NOT_NULL(test, o);
	o->xq.limit = FPR_TEST_LIMIT;
	for (i = 0; i < FPR_DIRECTIONS; i++) {
		INIT_LIST_HEAD(&o->xq.contexts[i]);
		INIT_LIST_HEAD(&o->xq.posted[i]);
	}
	for (c = 0; c < FPR_TEST_CONTEXTS; c++) {
		o->ctx[c].priority = DRM_FPR_PRIORITY_NORMAL;
		for (i = 0; i < FPR_DIRECTIONS; i++) {
			INIT_LIST_HEAD(&o->ctx[c].xfer_link[i]);
			o->ctx[c].ready[i] = RB_ROOT_CACHED;
		}
		o->batch[c] = kunit_kzalloc(test, sizeof(*o->batch[c]), GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, o->batch[c]);
		o->batch[c]->ctx = &o->ctx[c];
	}
	return o;
}

static struct fpr_xfer *fpr_order_add(struct fpr_test_order *o, u32 c, u32 i, u16 priority,
				      u64 bytes)
{
	struct fpr_xfer *xfer = &o->xfer[c][i];

	xfer->batch = o->batch[c];
	xfer->priority = priority;
	xfer->bytes = bytes;
	INIT_LIST_HEAD(&xfer->link);
	fpr_order_ready(&o->xq, xfer);
	return xfer;
}

/* Post all that may be. */
static u32 fpr_order_fill(struct fpr_test_order *o)
{
	struct fpr_xfer *xfer;
	u32 count = 0;

	while ((xfer = fpr_order_choose(&o->xq, 0))) {
		fpr_order_post(&o->xq, xfer);
		count++;
	}
	return count;
}

static void fpr_order_end(struct fpr_test_order *o, struct fpr_xfer *xfer)
{
	list_del_init(&xfer->link);
	fpr_order_unpost(&o->xq, xfer);
	o->served[xfer->batch->ctx - o->ctx] += xfer->bytes;
}

/* As the board does: the most urgent, and of those the first. */
static struct fpr_xfer *fpr_order_serve(struct fpr_test_order *o)
{
	struct fpr_xfer *xfer, *best = NULL;

	list_for_each_entry(xfer, &o->xq.posted[0], link) {
		if (!best || xfer->priority < best->priority)
			best = xfer;
	}
	if (best)
		fpr_order_end(o, best);
	return best;
}

static bool fpr_in_turn(const struct fpr_xfer *a, const struct fpr_xfer *b)
{
	return a->priority < b->priority || (a->priority == b->priority && a < b);
}

/* One context's transfers are chosen by (priority, arrival). */
static void fpr_test_urgency(struct kunit *test)
{
	struct fpr_test_order *o = fpr_order_setup(test);
	struct fpr_xfer *xfer, *last = NULL;
	struct rnd_state rnd;
	u32 i;

	o->xq.limit = U32_MAX;
	prandom_seed_state(&rnd, 3);
	for (i = 0; i < FPR_TEST_XFERS; i++)
		fpr_order_add(o, 0, i, prandom_u32_state(&rnd) % 8, 4096);
	for (i = 0; (xfer = fpr_order_choose(&o->xq, 0)); i++) {
		KUNIT_ASSERT_TRUE(test, !last || fpr_in_turn(last, xfer));
		fpr_order_post(&o->xq, xfer);
		last = xfer;
	}
	KUNIT_EXPECT_EQ(test, i, (u32)FPR_TEST_XFERS);
	while (fpr_order_serve(o))
		;
	KUNIT_EXPECT_TRUE(test, list_empty(&o->xq.contexts[0]));
	KUNIT_EXPECT_EQ(test, o->xq.posted_count[0], 0u);
}

/* The last entries are for what is more urgent than all that is posted. */
static void fpr_test_reserve(struct kunit *test)
{
	struct fpr_test_order *o = fpr_order_setup(test);
	struct fpr_xfer *urgent;
	u32 i;

	for (i = 0; i < FPR_TEST_LIMIT; i++)
		fpr_order_add(o, 0, i, 100, 4096);
	KUNIT_EXPECT_EQ(test, fpr_order_fill(o), (u32)FPR_TEST_LIMIT - FPR_XFER_RESERVE);
	fpr_order_add(o, 1, 0, 100, 4096);
	KUNIT_EXPECT_NULL(test, fpr_order_choose(&o->xq, 0));
	urgent = fpr_order_add(o, 1, 1, 99, 4096);
	KUNIT_EXPECT_PTR_EQ(test, fpr_order_choose(&o->xq, 0), urgent);
	fpr_order_post(&o->xq, urgent);
	/* Now all that is posted includes this one. */
	fpr_order_add(o, 1, 2, 99, 4096);
	KUNIT_EXPECT_NULL(test, fpr_order_choose(&o->xq, 0));
	for (i = 0; i < 2 * FPR_XFER_RESERVE; i++) {
		fpr_order_add(o, 2, i, 98 - i, 4096);
		fpr_order_fill(o);
	}
	KUNIT_EXPECT_EQ(test, o->xq.posted_count[0], (u32)FPR_TEST_LIMIT);
}

/* A flood of urgent transfers takes no more than a lead from another context. */
static void fpr_test_share(struct kunit *test)
{
	struct fpr_test_order *o = fpr_order_setup(test);
	const u64 flood = SZ_1M, modest = SZ_64K;
	const u64 slack = FPR_XFER_LEAD + flood * 2 + FPR_TEST_LIMIT * modest;
	struct fpr_xfer *xfer;
	struct rnd_state rnd;
	u32 i, rounds;

	prandom_seed_state(&rnd, 4);
	for (i = 0; i < FPR_TEST_XFERS; i++) {
		fpr_order_add(o, 0, i, 1, flood);
		fpr_order_add(o, 1, i, 60000, modest);
		fpr_order_add(o, 2, i, prandom_u32_state(&rnd) & U16_MAX,
			      1 + prandom_u32_state(&rnd) % flood);
	}
	fpr_order_fill(o);
	for (rounds = 0; (xfer = fpr_order_serve(o)); rounds++) {
		/* While it has work the modest one is not left behind. */
		if (!list_empty(&o->ctx[1].xfer_link[0])) {
			KUNIT_ASSERT_LE(test, o->served[0], o->served[1] + slack);
			KUNIT_ASSERT_LE(test, o->served[2], o->served[1] + slack);
		}
		fpr_order_fill(o);
	}
	KUNIT_EXPECT_EQ(test, rounds, (u32)FPR_TEST_CONTEXTS * FPR_TEST_XFERS);
	KUNIT_EXPECT_EQ(test, o->served[1], FPR_TEST_XFERS * modest);
}

/* Who comes late has no claim to what others had meanwhile. */
static void fpr_test_newcomer(struct kunit *test)
{
	struct fpr_test_order *o = fpr_order_setup(test);
	u32 i;

	o->xq.limit = 1;
	for (i = 0; i < FPR_TEST_XFERS; i++)
		fpr_order_add(o, 0, i, 5, SZ_1M);
	for (i = 0; i < FPR_TEST_XFERS / 2; i++) {
		fpr_order_fill(o);
		fpr_order_serve(o);
	}
	for (i = 0; i < FPR_TEST_XFERS; i++)
		fpr_order_add(o, 1, i, 5, SZ_1M);
	o->served[0] = 0;
	for (i = 0; i < 40; i++) {
		fpr_order_fill(o);
		fpr_order_serve(o);
	}
	KUNIT_EXPECT_LE(test, o->served[1], o->served[0] + FPR_XFER_LEAD + SZ_1M);
	KUNIT_EXPECT_LE(test, o->served[0], o->served[1] + FPR_XFER_LEAD + SZ_1M);
}

/* The privileged wait for nobody, and cost nobody's share. */
static void fpr_test_privilege(struct kunit *test)
{
	struct fpr_test_order *o = fpr_order_setup(test);
	struct fpr_xfer *xfer;
	u32 i;

	o->ctx[2].priority = DRM_FPR_PRIORITY_HIGH;
	fpr_order_add(o, 0, 0, 0, 4096);
	for (i = 0; i < FPR_TEST_XFERS; i++)
		fpr_order_add(o, 2, i, 65535, SZ_1M);
	o->xq.limit = 1;
	for (i = 0; i < FPR_TEST_XFERS; i++) {
		fpr_order_fill(o);
		xfer = fpr_order_serve(o);
		KUNIT_ASSERT_PTR_EQ(test, xfer->batch->ctx, &o->ctx[2]);
	}
	KUNIT_EXPECT_EQ(test, o->xq.vtime[0], 0ull);
	KUNIT_EXPECT_PTR_EQ(test, fpr_order_choose(&o->xq, 0), &o->xfer[0][0]);
}

static struct kunit_case fpr_cases[] = {
	KUNIT_CASE(fpr_test_fits),
	KUNIT_CASE(fpr_test_overlap),
	KUNIT_CASE(fpr_test_extent),
	KUNIT_CASE(fpr_test_disjoint),
	KUNIT_CASE(fpr_test_shape),
	KUNIT_CASE(fpr_test_ring),
	KUNIT_CASE(fpr_test_phase),
	KUNIT_CASE(fpr_test_sg),
	KUNIT_CASE(fpr_test_allocator),
	KUNIT_CASE(fpr_test_urgency),
	KUNIT_CASE(fpr_test_reserve),
	KUNIT_CASE(fpr_test_share),
	KUNIT_CASE(fpr_test_newcomer),
	KUNIT_CASE(fpr_test_privilege),
	{},
};

static struct kunit_suite fpr_suite = {
	.name = "fpr",
	.test_cases = fpr_cases,
};

kunit_test_suite(fpr_suite);

MODULE_DESCRIPTION("Unit tests of the fpr driver");
MODULE_LICENSE("Dual MIT/GPL");
