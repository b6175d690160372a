// SPDX-License-Identifier: MIT
#include "job.h"

#include <algorithm>
#include <cstring>

#include "random.h"

extern "C" {
#include "gemm.h"
}

// ---- places -------------------------------------------------------------------

uint8_t *place::byte(struct world &w, uint64_t n) const
{
	if (list.empty())
		return &w.board[ref.address + n];
	n += ref.sg_offset;
	for (const struct fpr_sg &sg : list) {
		if (n < sg.bytes)
			return &w.host[sg.address - HOST + n];
		n -= sg.bytes;
	}
	fail("a list is too short");
}

std::vector<uint16_t> place::read(struct world &w) const
{
	std::vector<uint16_t> x(bytes / 2);

	for (uint64_t n = 0; n < bytes; n++)
		((uint8_t *)x.data())[n] = *byte(w, n);
	return x;
}

// The first byte in memory that nobody has yet.
static uint64_t host_next, board_next;

static void put_list(struct world &w, struct place &p)
{
	uint64_t table = (host_next + 15) / 16 * 16;

	host_next = table + p.list.size() * sizeof(struct fpr_sg);
	p.ref.address = HOST + table;
	p.ref.sg_entries = (uint32_t)p.list.size();
	if (host_next > HOST_BYTES)
		fail("the bench's host memory is too small");
	memcpy(&w.host[table], p.list.data(), p.list.size() * sizeof(struct fpr_sg));
}

// Pieces of any length, none where the one before would have it.
static void cut_list(struct place &p)
{
	const uint32_t longest[] = {90, 700, 5000}, most = longest[below(3)];
	uint64_t left = p.ref.sg_offset + p.bytes;
	std::vector<uint64_t> at;

	while (left) {
		uint32_t bytes = (uint32_t)std::min<uint64_t>(left, 1 + below(most));

		host_next += below(200);
		at.push_back(HOST + host_next);
		p.list.push_back({HOST + host_next, bytes, 0});
		host_next += bytes;
		left -= bytes;
	}
	for (size_t i = p.list.size(); i > 1; i--)
		std::swap(p.list[i - 1], p.list[below((uint32_t)i)]);
}

static struct place make_place(struct world &w, uint64_t bytes, uint32_t element, bool host)
{
	struct place p = {{0, bytes, 0, 0}, bytes, {}};

	if (!host) {
		board_next += element * below(40);
		board_next = (board_next + element - 1) / element * element;
		p.ref.address = board_next;
		board_next += bytes;
	} else if (bytes) {
		p.ref.sg_offset = element * below(60) * below(2);
		cut_list(p);
		put_list(w, p);
	} else {
		/* Nobody may look there. */
		p.ref = {16, 0, 3, 0};
	}
	return p;
}

// ---- jobs ---------------------------------------------------------------------

static void describe(struct job &job)
{
	const struct fpr_gemm &g = job.gemm;
	struct fpr_mac_desc &d = job.desc;

	d = {};
	d.opcode = FPR_OP_GEMM;
	d.flags = below(8) ? 0 : FPR_MAC_NO_COUNTERS;
	d.cookie = below(1u << 31);
	d.fence = (uint64_t)below(1u << 31) << 32 | below(1u << 31);
	d.a = job.a.ref;
	d.b = job.b.ref;
	d.c = job.c.ref;
	d.m = g.m, d.n = g.n, d.k = g.k, d.batch = g.batch;
	d.lda = g.lda, d.ldb = g.ldb, d.ldc = g.ldc;
	d.stride_a = g.stride_a, d.stride_b = g.stride_b, d.stride_c = g.stride_c;
	d.kind = g.kind, d.serial = g.serial, d.t = g.t, d.out = g.out;
	d.trans_a = g.trans_a, d.trans_b = g.trans_b, d.accumulate = g.accumulate;
}

struct job place_job(struct world &w, const struct fpr_gemm &gemm, const struct wish &wish)
{
	struct job job = {gemm, {}, {}, {}, {}};
	struct fpr_gemm_extent extent;

	if (!fpr_shape_fits(&gemm) || !fpr_shape_extent(&gemm, &extent))
		fail("the bench makes jobs that no check lets pass");
	host_next = board_next = 0;
	job.a = make_place(w, extent.a, 2, wish.host_a);
	job.b = make_place(w, extent.b, 2, wish.host_b);
	job.c = make_place(w, extent.c, gemm.out == FPR_OUT_F32 ? 4 : 2, wish.host_c);
	if (board_next > BOARD_BYTES)
		fail("the bench's board memory is too small");
	describe(job);
	return job;
}

static uint32_t pitch(uint32_t columns)
{
	return below(2) ? columns + below(9) : 0;
}

// Entries of C one after the other, or side by side.
static void spread_c(struct fpr_gemm *g)
{
	uint32_t entries = g->batch ? g->batch : 1;

	if (below(2)) {
		g->stride_c = g->n + below(4);
		g->ldc = (uint32_t)g->stride_c * entries + below(5);
	} else {
		g->ldc = pitch(g->n);
		g->stride_c = (uint64_t)g->m * (g->ldc ? g->ldc : g->n) + below(7);
	}
}

struct job make_job(struct world &w, const struct wish &wish)
{
	struct fpr_gemm g = {};

	g.m = 1 + below(18);
	g.n = 1 + below(18);
	g.k = wish.least_k + below(below(4) ? 80 : 150);
	g.batch = below(4) ? below(2) : 2 + below(2);
	g.kind = (uint8_t)wish.kind;
	g.serial = (uint8_t)below(2);
	g.t = (uint8_t)(below(3) ? FPR_KIND_T(wish.kind) : below(FPR_T_MAX + 1));
	g.out = (uint8_t)below(2);
	g.trans_a = (uint8_t)below(2);
	g.trans_b = (uint8_t)below(2);
	g.accumulate = (uint8_t)below(2);
	g.lda = pitch(g.trans_a ? g.m : g.k);
	g.ldb = pitch(g.trans_b ? g.k : g.n);
	g.stride_a = below(3) * g.m * g.k;
	g.stride_b = below(3) * (g.n * g.k + 3);
	spread_c(&g);
	return place_job(w, g, wish);
}

uint64_t tiles_of(const struct fpr_gemm &g)
{
	uint64_t tiles =
		(uint64_t)((g.m + FPR_ROWS - 1) / FPR_ROWS) * ((g.n + FPR_COLS - 1) / FPR_COLS);

	return tiles * (g.batch ? g.batch : 1);
}

// ---- what is to come of it ------------------------------------------------------

template <class Each> static void each_byte(const struct job &job, Each each)
{
	const struct fpr_gemm &g = job.gemm;
	const uint64_t element = g.out == FPR_OUT_F32 ? 4 : 2, ldc = g.ldc ? g.ldc : g.n;

	for (uint64_t e = 0; e < (g.batch ? g.batch : 1); e++)
		for (uint64_t i = 0; i < g.m; i++)
			for (uint64_t n = 0; n < g.n * element; n++)
				each((e * g.stride_c + i * ldc) * element + n);
}

void run_job(struct world &w, const struct job &job, struct fpr_gemm_counters *counters)
{
	std::vector<uint16_t> a = job.a.read(w), b = job.b.read(w), c = job.c.read(w);

	fpr_array_gemm(&job.gemm, a.data(), b.data(), c.data(), counters);
	each_byte(job, [&](uint64_t n) { *job.c.byte(w, n) = ((uint8_t *)c.data())[n]; });
}

void copy_rows(struct world &to, struct world &from, const struct job &job)
{
	each_byte(job, [&](uint64_t n) { *job.c.byte(to, n) = *job.c.byte(from, n); });
}
