// SPDX-License-Identifier: MIT
//
// What fpr_array.sv calls at every clock edge: the HLS C of hw/array as a coroutine that runs
// until it needs the next one. The linker puts the functions below that begin with __wrap_ before
// those of the C (hw/rtl/bench/array).
#include <ucontext.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "Vvalue.h"
#include "rtl_tile.h"

extern "C" {
#include "gemm_top.h"
#include "shape.h"
}

static constexpr uint64_t LINE = 64, PAGE = 4096;

// What the port brings and takes, as fpr_array.sv has it.
struct array_in {
	struct fpr_gemm job;
	uint64_t a, b, c;
	uint8_t start, arready, rvalid, awready, wready, bvalid, rresp, bresp;
	uint8_t rdata[LINE];
};

struct array_out {
	uint8_t idle, done, fault, arvalid, rready, awvalid, wvalid, wlast, bready, arlen, awlen;
	uint8_t reserved[5];
	uint64_t tiles, araddr, awaddr, wstrb;
	uint8_t wdata[LINE];
	uint64_t counters[FPR_COUNTERS];
};

static_assert(sizeof(array_in) == 160 && sizeof(array_out) == 240, "not as fpr_array.sv has it");

static array_in in;
static array_out out;
static struct fpr_gemm job; // at hand

// ---- the coroutine ------------------------------------------------------------

static ucontext_t simulator, kernel;

// The outputs are seen after this edge, the inputs are those of the next one.
static void next_clock()
{
	swapcontext(&kernel, &simulator);
}

// ---- memory -------------------------------------------------------------------

static void answered(uint8_t response)
{
	out.fault |= response != 0;
}

// A burst of reads: from @address, which need not be aligned, up to at most the page's end.
static void read_burst(uint64_t address, uint8_t *to, uint64_t bytes)
{
	uint64_t skip = address % LINE;

	out.araddr = address - skip;
	out.arlen = (uint8_t)((skip + bytes - 1) / LINE);
	out.arvalid = 1;
	do
		next_clock();
	while (!in.arready);
	out.arvalid = 0;
	out.rready = 1;
	while (bytes) {
		uint64_t n = std::min(bytes, LINE - skip);

		do
			next_clock();
		while (!in.rvalid);
		answered(in.rresp);
		memcpy(to, in.rdata + skip, n);
		to += n;
		bytes -= n;
		skip = 0;
	}
	out.rready = 0;
}

static void write_burst(uint64_t address, const uint8_t *from, uint64_t bytes)
{
	uint64_t skip = address % LINE;

	out.awaddr = address - skip;
	out.awlen = (uint8_t)((skip + bytes - 1) / LINE);
	out.awvalid = 1;
	do
		next_clock();
	while (!in.awready);
	out.awvalid = 0;
	out.wvalid = 1;
	while (bytes) {
		uint64_t n = std::min(bytes, LINE - skip);

		memcpy(out.wdata + skip, from, n);
		out.wstrb = (n == LINE ? UINT64_MAX : (1ull << n) - 1) << skip;
		out.wlast = bytes == n;
		do
			next_clock();
		while (!in.wready);
		from += n;
		bytes -= n;
		skip = 0;
	}
	out.wvalid = 0;
	out.bready = 1;
	do
		next_clock();
	while (!in.bvalid);
	out.bready = 0;
	answered(in.bresp);
}

// In bursts that stay within a page.
template <class Bytes, class Burst>
static void in_bursts(uint64_t address, Bytes *data, uint64_t bytes, Burst burst)
{
	while (bytes) {
		uint64_t n = std::min(bytes, PAGE - address % PAGE);

		burst(address, data, n);
		address += n;
		data += n;
		bytes -= n;
	}
}

// ---- tiles --------------------------------------------------------------------

// The RTL's tile has clocks only while the C gives it cycles.
struct clocked_tile : Vvalue {
	void eval()
	{
		Vvalue::eval();
		if (clk)
			next_clock();
	}
};

using value = fpr_rtl_tile<clocked_tile, FPR_KIND_VALUE>;

void fpr_tile_value(struct fpr_tile *tile, const uint16_t (*s)[FPR_PANEL],
		    const uint16_t (*p)[FPR_PANEL], uint32_t n)
{
	value::only().feed(tile, s, p, n);
}

void fpr_tile_value_drain(struct fpr_tile *tile)
{
	value::only().drain(tile);
}

int fpr_rtl_stopped(void)
{
	return 0;
}

void fpr_rtl_tile_done(void)
{
	out.tiles++;
}

// A job without products takes no steps, and its tiles are done all the same.
static uint64_t empty_tiles(const struct fpr_gemm &job)
{
	uint64_t rows = (job.m + FPR_ROWS - 1ull) / FPR_ROWS,
		 cols = (job.n + FPR_COLS - 1ull) / FPR_COLS;

	return job.k ? 0 : rows * cols * std::max(job.batch, 1u);
}

// A tile of the C has ended, in no time; its cycles pass now.
static void pass(const struct fpr_tile *tile)
{
	fpr_rtl_tile_done();
	for (uint64_t i = 0; i < tile->schedule->now; i++)
		next_clock();
}

#define DRAIN(kind)                                                            \
	extern "C" void __real_fpr_tile_##kind##_drain(struct fpr_tile *tile); \
	extern "C" void __wrap_fpr_tile_##kind##_drain(struct fpr_tile *tile)  \
	{                                                                      \
		__real_fpr_tile_##kind##_drain(tile);                          \
		pass(tile);                                                    \
	}

DRAIN(chunk)
DRAIN(set)
DRAIN(dense)

extern "C" void __real_fpr_tile_specials(struct fpr_tile *tile, const uint16_t (*s)[FPR_PANEL],
					 const uint16_t (*p)[FPR_PANEL], uint32_t n);

// The RTL's tile sees to infinities and NaNs itself.
extern "C" void __wrap_fpr_tile_specials(struct fpr_tile *tile, const uint16_t (*s)[FPR_PANEL],
					 const uint16_t (*p)[FPR_PANEL], uint32_t n)
{
	if (job.kind != FPR_KIND_VALUE)
		__real_fpr_tile_specials(tile, s, p, n);
}

// ---- a job --------------------------------------------------------------------

// What the C works on: all from the first to the last byte of an operand.
using operand = std::vector<uint16_t>;

static operand read(uint64_t address, uint64_t bytes, bool wanted)
{
	operand x(bytes / sizeof(uint16_t));

	if (wanted)
		in_bursts(address, (uint8_t *)x.data(), bytes, read_burst);
	return x;
}

// Rows only: what lies between them may be written by somebody else meanwhile.
static void write_rows(uint64_t address, const operand &c)
{
	const uint64_t element = job.out == FPR_OUT_F32 ? 4 : 2;
	const uint64_t ldc = job.ldc ? job.ldc : job.n;

	for (uint64_t e = 0; e < (job.batch ? job.batch : 1); e++) {
		for (uint64_t i = 0; i < job.m; i++) {
			uint64_t at = element * (e * job.stride_c + i * ldc);

			in_bursts(address + at, (const uint8_t *)c.data() + at, job.n * element,
				  write_burst);
		}
	}
}

static void run()
{
	const uint64_t address = in.c;
	struct fpr_gemm_extent extent;

	fpr_shape_extent(&job, &extent);
	const bool any = extent.c;
	const operand a = read(in.a, extent.a, any);
	const operand b = read(in.b, extent.b, any);
	operand c = read(address, extent.c, job.accumulate);

	if (out.fault)
		return;
	fpr_gemm_run(&job, a.data(), b.data(), c.data(), out.counters);
	out.tiles += empty_tiles(job);
	if (any)
		write_rows(address, c);
}

static void run_jobs()
{
	for (;;) {
		out.idle = 1;
		do {
			next_clock();
			out.done = 0;
		} while (!in.start);
		out.idle = 0;
		out.fault = 0;
		job = in.job;
		run();
		out.done = 1;
	}
}

extern "C" void fpr_array_clock(const uint32_t *from, uint32_t *to)
{
	static uint8_t *stack;

	if (!stack) {
		const size_t bytes = 1 << 20;

		stack = new uint8_t[bytes];
		getcontext(&kernel);
		kernel.uc_stack.ss_sp = stack;
		kernel.uc_stack.ss_size = bytes;
		makecontext(&kernel, run_jobs, 0);
	}
	memcpy(&in, from, sizeof(in));
	swapcontext(&simulator, &kernel);
	memcpy(to, &out, sizeof(out));
}
