// SPDX-License-Identifier: MIT
//
// The MAC engine, with the array's stand-in, against the HLS C: every byte of host and board
// memory after a job, its counters, what it reports and when; what fails; what is stopped.
#include <cstdarg>
#include <cstdio>

#include "Vtile.h"
#include "job.h"
#include "mistake.h"
#include "space.h"

static constexpr uint64_t SCRATCH = BOARD_BYTES + 4096, SCRATCH_BYTES = 1 << 18;
static constexpr uint64_t PATIENCE = 200000; // cycles of a job

static Vtile top;
static world start; // random memory to begin with
static bool torn; // C may be written
static uint32_t jobs;
static memory_space host_memory(HOST), board_memory(0);

static axi_memory ports[] = {{"host", AXI_PORT(top, host_), host_memory},
			     {"move", AXI_PORT(top, move_), board_memory},
			     {"array", AXI_PORT(top, array_), board_memory}};

void fail(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	printf("job %u: ", jobs);
	vprintf(format, list);
	printf("\n");
	va_end(list);
	exit(1);
}

// ---- memory -------------------------------------------------------------------

// Nothing but working memory before C is said to be torn.
static void written(uint64_t address)
{
	if (!torn && (address < BOARD_BYTES || address >= HOST))
		fail("written early, at %llx", (unsigned long long)address);
}

// Mostly near one, zeros, and a few from anywhere.
static uint16_t value()
{
	uint16_t sign = (uint16_t)(below(2) << 15), fraction = (uint16_t)below(128);

	if (below(50) == 0)
		return (uint16_t)below(1 << 16);
	return below(4) ? (uint16_t)(sign | (118 + below(14)) << 7 | fraction) : 0;
}

static void fill(std::vector<uint8_t> &bytes, uint64_t n)
{
	bytes.resize(n);
	for (uint64_t i = 0; i < n; i += 2) {
		uint16_t x = value();

		memcpy(&bytes[i], &x, 2);
	}
}

// What the job is to find.
static void load(const world &w)
{
	host_memory.bytes = w.host;
	board_memory.bytes.resize(SCRATCH + SCRATCH_BYTES);
	memcpy(board_memory.bytes.data(), w.board.data(), BOARD_BYTES);
	for (memory_space *memory : {&host_memory, &board_memory}) {
		memory->bad_from = memory->bad_to = 0;
		memory->written = written;
	}
}

static world memory_now()
{
	world w = {host_memory.bytes, board_memory.bytes};

	w.board.resize(BOARD_BYTES);
	return w;
}

static void same(const char *what, const std::vector<uint8_t> &got,
		 const std::vector<uint8_t> &want)
{
	for (size_t i = 0; i < want.size(); i++)
		if (got[i] != want[i])
			fail("%s memory at %zx is %02x, not %02x", what, i, got[i], want[i]);
}

static void same(const world &got, const world &want)
{
	if (got.host != want.host)
		same("host", got.host, want.host);
	if (got.board != want.board)
		same("board", got.board, want.board);
}

// ---- the engine ---------------------------------------------------------------

// What came of a job.
struct outcome {
	bool ended;
	uint32_t status;
	uint64_t stall, cycles, tiles;
	struct fpr_gemm_counters counters;
};

static void hear(const job &job, outcome *o)
{
	if (top.report_what == 0) {
		if (torn || o->ended)
			fail("C is torn once more");
		torn = true;
		return;
	}
	if (o->ended || top.report_what != 1)
		fail("a report of kind %u", top.report_what);
	if (top.report_cookie != job.desc.cookie || top.report_fence != job.desc.fence)
		fail("a report of another job");
	o->ended = true;
	o->status = top.report_status;
	o->stall = top.report_stall;
	memcpy(&o->counters, top.report_counters.data(), sizeof(o->counters));
}

static void tick(const job *job, outcome *o)
{
	static int offered; // a report that was not taken, and what kind, plus one

	top.clk = 0;
	for (axi_memory &port : ports)
		port.drive();
	top.eval();
	for (axi_memory &port : ports) {
		port.sample();
		if (!port.wrong.empty())
			fail("%s", port.wrong.c_str());
	}
	if (offered && (!top.report_valid || top.report_what != offered - 1))
		fail("a report is taken back");
	offered = top.report_valid && !top.report_ready ? top.report_what + 1 : 0;
	if (job && top.report_valid && top.report_ready)
		hear(*job, o);
	top.clk = 1;
	top.eval();
	top.report_ready = below(4) == 0;
}

static void offer(const job &job)
{
	memcpy(top.descriptor.data(), &job.desc, sizeof(job.desc));
	top.a_bytes = job.a.bytes;
	top.b_bytes = job.b.bytes;
	top.c_bytes = job.c.bytes;
	top.start_valid = 1;
	top.eval();
	if (!top.start_ready || !top.idle)
		fail("the engine takes no job");
}

// A job from its start until the engine is idle. @stop_at: cycles after which it is to stop.
static outcome run(const job &job, uint64_t stop_at = UINT64_MAX)
{
	outcome o = {};
	uint64_t tiles = top.tiles;
	uint32_t stall = below(3) * 3;

	jobs++;
	torn = false;
	for (axi_memory &port : ports)
		port.stall = stall;
	offer(job);
	tick(&job, &o);
	top.start_valid = 0;
	memset(top.descriptor.data(), 0xa5, sizeof(job.desc));
	while (!top.idle) {
		top.stop = o.cycles >= stop_at;
		tick(&job, &o);
		if (o.cycles++ == PATIENCE)
			fail("no end");
	}
	top.stop = 0;
	o.tiles = top.tiles - tiles;
	return o;
}

static bool moves(const job &job)
{
	return !job.a.list.empty() || !job.b.list.empty() || !job.c.list.empty();
}

// By the mover, of either memory.
static uint64_t beats_moved()
{
	return ports[0].beats_read + ports[0].beats_written + ports[1].beats_read +
	       ports[1].beats_written;
}

// A job that is to end well.
static void run_well(const job &job, const world &before)
{
	struct fpr_gemm_counters counters = {}, none = {};
	world after = before;
	bool quiet = job.desc.flags & FPR_MAC_NO_COUNTERS;
	uint64_t moved = beats_moved();

	load(before);
	outcome o = run(job);
	moved = beats_moved() - moved;
	run_job(after, job, &counters);
	same(memory_now(), after);
	if (!o.ended || o.status != FPR_OK || !(torn || job.desc.c.sg_entries))
		fail("ended %d, torn %d, with status %u", o.ended, torn, o.status);
	if (memcmp(&o.counters, quiet ? &none : &counters, sizeof(counters)))
		fail("other counters: %llu cycles, not %llu",
		     (unsigned long long)o.counters.cycles_total,
		     (unsigned long long)counters.cycles_total);
	if (o.tiles != tiles_of(job.gemm))
		fail("%llu tiles", (unsigned long long)o.tiles);
	if (o.stall > o.cycles || o.stall * 2 < moved || moves(job) != (o.stall > 4))
		fail("stalled for %llu cycles", (unsigned long long)o.stall);
}

// A job of which something is to fail.
static void run_badly(const job &job, const world &before, uint32_t status, bool tears)
{
	world expected = before;
	outcome o = run(job);
	world after = memory_now();

	if (tears)
		copy_rows(expected, after, job);
	same(after, expected);
	if (!o.ended || o.status != status || torn != tears)
		fail("ended %d, torn %d, with status %u, not %u", o.ended, torn, o.status, status);
	for (uint32_t i = 0; i < sizeof(o.counters); i++)
		if (((uint8_t *)&o.counters)[i])
			fail("counters of what has failed");
}

// ---- what is tried --------------------------------------------------------------

static void made_up(uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		world w = start;
		uint32_t kind = i % 2 ? (uint32_t)FPR_KIND_VALUE : i / 2 % FPR_KINDS;
		job job = make_job(w, {kind, below(2) != 0, below(2) != 0, below(2) != 0, 1});

		run_well(job, w);
	}
}

// Nothing to multiply, or nothing at all.
static void empty()
{
	for (uint32_t i = 0; i < 16; i++) {
		world w = start;
		struct fpr_gemm g = {};

		g.m = i % 4 == 0 ? 0 : 5;
		g.n = i % 4 == 1 ? 0 : 7;
		g.k = i % 4 == 2 ? 0 : i % 4 == 3 ? 0 : 9;
		g.batch = i % 3;
		g.ldc = 30;
		g.stride_c = 10;
		g.kind = FPR_KIND_DEFAULT;
		g.accumulate = i / 4 % 2;
		g.out = i / 8 % 2;
		run_well(place_job(w, g, {g.kind, i % 2 != 0, i % 2 == 0, i % 8 < 4, 0}), w);
	}
}

static uint64_t rounded(const place &p)
{
	return p.list.empty() ? 0 : (p.bytes + 63) / 64 * 64;
}

// Working memory that is just enough, and not quite.
static void narrow()
{
	for (uint32_t i = 1; i < 8; i++) {
		world w = start;
		job job =
			make_job(w, {FPR_KIND_CHUNK, (i & 1) != 0, (i & 2) != 0, (i & 4) != 0, 1});
		uint64_t need = rounded(job.a) + rounded(job.b) + rounded(job.c);

		top.scratch_bytes = need;
		run_well(job, w);
		top.scratch_bytes = need - 64;
		load(w);
		run_badly(job, w, FPR_ERR_MEMORY, false);
		top.scratch_bytes = SCRATCH_BYTES;
		job.b.bytes = 1ull << 62;
		load(w);
		run_badly(job, w, FPR_ERR_MEMORY, false);
	}
}

static uint64_t address_of(const place &p, world &w, uint64_t n)
{
	uint8_t *byte = p.byte(w, n);

	return p.list.empty() ? (uint64_t)(byte - w.board.data()) : HOST + (byte - w.host.data());
}

static void spoil(memory_space &memory, uint64_t address, bool writes)
{
	memory.bad_from = address;
	memory.bad_to = address + 1;
	memory.bad_writes = writes;
}

// A byte that cannot be reached, somewhere.
static void unreachable(const place job::*which, uint32_t status, bool writes, bool host)
{
	for (;;) {
		world w = start;
		job job = make_job(w, {FPR_KIND_CHUNK, host, host, host, 1});
		const place &p = job.*which;

		if (which == &job::c && !writes && !job.gemm.accumulate)
			continue;
		load(w);
		/* Both the first and the last byte of C are in one of its rows. */
		spoil(host ? host_memory : board_memory,
		      address_of(p, w, below(2) ? 0 : p.bytes - 1), writes);
		run_badly(job, w, status, !host || writes);
		return;
	}
}

// Working memory that fails when A is gathered, or when C is to go back.
static void unreachable_scratch(bool back)
{
	for (;;) {
		world w = start;
		job job = make_job(w, {FPR_KIND_CHUNK, true, true, true, 1});

		if (job.gemm.accumulate)
			continue;
		load(w);
		spoil(board_memory, SCRATCH + (back ? rounded(job.a) + rounded(job.b) : 0), !back);
		run_badly(job, w, FPR_ERR_INTERNAL, back);
		return;
	}
}

static void failing()
{
	unreachable_scratch(false);
	unreachable_scratch(true);
	for (uint32_t i = 0; i < 3; i++) {
		unreachable(&job::a, FPR_ERR_DMA, false, true);
		unreachable(&job::b, FPR_ERR_DMA, false, true);
		unreachable(&job::c, FPR_ERR_DMA, false, true);
		unreachable(&job::c, FPR_ERR_DMA, true, true);
		unreachable(&job::a, FPR_ERR_INTERNAL, false, false);
		unreachable(&job::c, FPR_ERR_INTERNAL, false, false);
		unreachable(&job::c, FPR_ERR_INTERNAL, true, false);
	}
}

// Lists that are wrong, of each operand in turn.
static void bad_lists()
{
	for (uint32_t i = 0; i < 9; i++) {
		world w = start;
		job job = make_job(w, {FPR_KIND_CHUNK, true, true, true, 1});
		place job::*const which[] = {&job::a, &job::b, &job::c};
		place &p = job.*which[i % 3];
		struct fpr_ref *refs[] = {&job.desc.a, &job.desc.b, &job.desc.c};
		uint8_t *entry = &w.host[p.ref.address - HOST + (p.list.size() - 1) * 16];
		bool tears = i % 3 == 2 && !job.gemm.accumulate;

		if (i / 3 == 0)
			entry[12] = 1;
		else if (i / 3 == 1)
			memset(entry + 8, 0, 4);
		else if (p.list.size() > 1)
			refs[i % 3]->sg_entries--;
		else
			entry[8]--; /* a byte too short */
		load(w);
		run_badly(job, w, i / 3 ? FPR_ERR_BOUNDS : FPR_ERR_RESERVED, tears);
	}
}

// Stop a job anywhere. What is not torn is untouched, what has ended is whole.
static void stopped(bool host_c, bool accumulate)
{
	const uint32_t steps = 40; /* the last ones come after its end */
	uint32_t untouched = 0, half = 0, whole = 0;
	world w = start;
	job job = make_job(w, {FPR_KIND_CHUNK, true, true, host_c, 100});
	uint64_t cycles;

	job.gemm.accumulate = job.desc.accumulate = accumulate;
	load(w);
	cycles = run(job).cycles;
	for (uint32_t i = 0; i <= steps; i++) {
		world after = w;

		load(w);
		outcome o = run(job, cycles * i * 5 / 4 / steps);
		world now = memory_now();

		if (o.ended)
			run_job(after, job, NULL);
		else if (torn)
			copy_rows(after, now, job);
		same(now, after);
		if (o.ended && o.status != FPR_OK)
			fail("what was stopped has failed");
		whole += o.ended;
		half += torn && !o.ended;
		untouched += !torn && !o.ended;
	}
	/* Rows go back to the host one by one, but for sums. */
	if (!untouched || !whole || (host_c && accumulate && half) ||
	    (host_c && !accumulate && !half))
		fail("stopped: %u untouched, %u torn, %u whole", untouched, half, whole);
	made_up(2);
}

static void reset()
{
	top.eval();
	top.reset = 1;
	for (uint32_t i = 0; i < 3; i++)
		tick(NULL, NULL);
	top.reset = 0;
	tick(NULL, NULL);
}

int main()
{
	make_mistake(top);
	fill(start.host, HOST_BYTES);
	fill(start.board, BOARD_BYTES);
	load(start);
	top.scratch = SCRATCH;
	top.scratch_bytes = SCRATCH_BYTES;
	reset();
	made_up(60);
	empty();
	narrow();
	failing();
	bad_lists();
	for (uint32_t i = 0; i < 4; i++)
		stopped(i % 2, i / 2);
	printf("%u jobs as the C does them\n", jobs);
	return 0;
}
