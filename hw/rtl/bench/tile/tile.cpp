// SPDX-License-Identifier: MIT
//
// The RTL tile against the HLS C's: the bits of every output, the cycles of the issue
// stage and the counters. Filling and draining the pipeline is not counted by the
// contract; it is reported, and must not grow with the length of a tile.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "Vtile.h"
#include "case.h"
#include "fpr_gemm.h"

#ifdef FPR_RTL_BROKEN
#include "Vtile_fpr_broken.h"
#endif

#ifndef BENCH_KIND
#error "BENCH_KIND is one of FPR_KIND_*"
#endif

static const uint32_t beat = BENCH_KIND == FPR_KIND_CHUNK ? 2 * FPR_LANES : FPR_SET;

// Cycles from start to the first one of the issue stage, whatever the tile.
static const uint64_t fill_most = 24;
static const uint64_t drain_most = 24;

struct bench {
	Vtile top;
	uint64_t now = 0; // clock cycles of this tile
	uint64_t fill_max = 0, drain_max = 0, cycles = 0;
};

static void tick(struct bench &b)
{
	b.top.clk = 1;
	b.top.eval();
	b.top.clk = 0;
	b.top.eval();
	b.now++;
}

template <typename Port> static void put16(Port &port, uint32_t at, uint16_t x)
{
	uint32_t word = port[at / 2], shift = at % 2 * 16;

	port[at / 2] = (word & ~(0xffffu << shift)) | (uint32_t)x << shift;
}

// Products from `first` on, zeros beyond the tile's last.
static void put_beat(struct bench &b, const struct tile_case &tile, uint32_t first)
{
	for (uint32_t i = 0; i < beat; i++) {
		bool here = first + i < tile.k;

		for (uint32_t r = 0; r < FPR_ROWS; r++)
			put16(b.top.in_serial, r * beat + i, here ? tile.s[r][first + i] : 0);
		for (uint32_t c = 0; c < FPR_COLS; c++)
			put16(b.top.in_parallel, c * beat + i, here ? tile.p[c][first + i] : 0);
	}
	b.top.in_tile_end = first + beat >= tile.k;
	b.top.in_chunk_end = b.top.in_tile_end || (first + beat) % FPR_CHUNK == 0;
}

static bool run_tile(struct bench &b, const struct tile_case &tile)
{
	uint32_t first = 0;

	b.top.t = tile.t;
	for (uint32_t i = 0; i < FPR_ROWS * FPR_COLS; i++)
		b.top.c_in[i] = tile.c_in[i / FPR_COLS][i % FPR_COLS];
	b.top.in_valid = 0;
	b.top.start = 1;
	tick(b);
	b.top.start = 0;
	b.now = 0;
	b.top.eval();
	while (!b.top.done) {
		if (b.now > 100 * (uint64_t)tile.k + 1000)
			return false;
		b.top.in_valid = first < tile.k && !(tile.starved && rand() % 4 != 0);
		if (b.top.in_valid)
			put_beat(b, tile, first);
		b.top.eval();
		if (b.top.in_valid && b.top.in_ready)
			first += beat;
		tick(b);
	}
	return true;
}

static bool differs(const char *tile, const char *what, uint64_t got, uint64_t want)
{
	if (got == want)
		return false;
	printf("%s: %s is %llu, not %llu\n", tile, what, (unsigned long long)got,
	       (unsigned long long)want);
	return true;
}

// Return: differences, at most a few of them printed.
static unsigned compare(struct bench &b, const struct tile_case &tile)
{
	static struct tile_result want;
	uint64_t drain = b.now - b.top.fill - b.top.cycles;
	unsigned differ = 0;

	hls_run(BENCH_KIND, &tile, &want);
	for (uint32_t i = 0; i < FPR_ROWS * FPR_COLS && differ < 3; i++)
		differ += differs(tile.name, "an output", b.top.result[i],
				  want.out[i / FPR_COLS][i % FPR_COLS]);
	differ += differs(tile.name, "cycles", b.top.cycles, want.cycles);
	if (BENCH_KIND != FPR_KIND_DENSE) {
		differ += differs(tile.name, "terms issued", b.top.terms_issued, want.issued);
		differ += differs(tile.name, "terms beyond T", b.top.terms_beyond, want.beyond);
		differ += differs(tile.name, "no term", b.top.lanes_no_term, want.no_term);
		differ += differs(tile.name, "shift range", b.top.lanes_shift_range,
				  want.shift_range);
		differ += differs(tile.name, "inter-PE", b.top.lanes_inter_pe, want.inter_pe);
		differ += differs(tile.name, "floor", b.top.lanes_floor, want.floor);
		differ += differs(tile.name, "inter-row", b.top.lanes_inter_row, want.inter_row);
	}
	if (!tile.starved) {
		b.fill_max = b.top.fill > b.fill_max ? b.top.fill : b.fill_max;
		if (b.top.fill > fill_most)
			differ += differs(tile.name, "fill", b.top.fill, fill_most);
	}
	b.drain_max = drain > b.drain_max ? drain : b.drain_max;
	if (drain > drain_most)
		differ += differs(tile.name, "drain", drain, drain_most);
	b.cycles += b.top.cycles;
	return differ;
}

static unsigned check(struct bench &b, const struct tile_case &tile)
{
	if (!run_tile(b, tile)) {
		printf("%s: k = %u, T = %u: never done\n", tile.name, tile.k, tile.t);
		return 1;
	}
	unsigned differ = compare(b, tile);

	if (differ)
		printf("%s: k = %u, T = %u: %u differences\n", tile.name, tile.k, tile.t, differ);
	return differ;
}

static unsigned check_made(struct bench &b, uint32_t every, unsigned &tiles)
{
	static struct tile_case tile;
	unsigned differ = 0;

	for (uint32_t i = 0; i < case_count() && differ == 0; i += every, tiles++) {
		case_make(i, &tile);
		differ += check(b, tile);
	}
	return differ;
}

static unsigned check_recorded(struct bench &b, const char *path, unsigned &tiles)
{
	static struct tile_case tile;
	unsigned differ = 0;
	int got = case_trace_open(path);

	while (got >= 0 && differ == 0 && (got = case_trace_next(&tile)) == 1) {
		differ += check(b, tile);
		tiles++;
	}
	if (got < 0)
		printf("%s: %s\n", path, strerror(-got));
	return differ + (got < 0);
}

// tile [--every N] [--broken N] [TRACE]
int main(int argc, char **argv)
{
	std::unique_ptr<struct bench> b = std::make_unique<struct bench>();
	const char *trace = nullptr;
	uint32_t every = 1;
	unsigned tiles = 0, differ;

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--every") && i + 1 < argc)
			every = (uint32_t)atoi(argv[++i]);
#ifdef FPR_RTL_BROKEN
		else if (!strcmp(argv[i], "--broken") && i + 1 < argc)
			b->top.__PVT__fpr_broken->which = (uint32_t)atoi(argv[++i]);
#endif
		else
			trace = argv[i];
	}
	// The model takes no edge on its first evaluation.
	b->top.eval();
	differ = check_made(*b, every, tiles);
	if (trace && !differ)
		differ = check_recorded(*b, trace, tiles);
	if (differ)
		return 1;
	printf("%u tiles, %llu cycles of the issue stage; fill at most %llu, drain at most %llu: "
	       "bits, cycles and counters as in the HLS C\n",
	       tiles, (unsigned long long)b->cycles, (unsigned long long)b->fill_max,
	       (unsigned long long)b->drain_max);
	return 0;
}
