// SPDX-License-Identifier: MIT
//
// The RTL tile against the HLS C's: the bits of every output, the cycles of the issue
// stage and the counters. Filling and draining the pipeline is not counted by the
// contract; it is reported, and must not grow with the length of a tile.
//
// `value` counts cycles in which it waits for a chunk, so also those in which operands come
// late; of these the HLS C knows nothing.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "Vtile.h"
#include "mistake.h"
#include "case.h"
#include "drive.h"
#include "fpr_gemm.h"

#ifndef BENCH_KIND
#error "BENCH_KIND is one of FPR_KIND_*"
#endif

static const uint64_t drain_most = 24;

// What rows walk through.
static const uint32_t unit = FPR_KIND_UNIT(BENCH_KIND);

// Fill: cycles from start to the first one of the issue stage, whatever the tile.
// With `value` a chunk comes in and leaves the pre-pass in 16 cycles each.
static const bool waits = BENCH_KIND == FPR_KIND_VALUE;
static const uint64_t fill_most = waits ? 40 : 24;

struct bench {
	fpr_drive<Vtile> drive;
	uint64_t units = 0; // of this tile, done
	uint64_t fill_max = 0, drain_max = 0, cycles = 0;
};

static bool run_tile(struct bench &b, const struct tile_case &tile)
{
	uint32_t first = 0;
	bool offer;

	b.drive.start(tile.t, tile.c_in);
	b.units = 0;
	while (!b.drive.top.done) {
		if (b.drive.now > 100 * (uint64_t)tile.k + 1000)
			return false;
		offer = first < tile.k && !(tile.starved && rand() % 4 != 0);
		if (offer)
			b.drive.put(tile.s, tile.p, first, tile.k);
		b.drive.top.in_tile_end = first + b.drive.beat >= tile.k;
		if (b.drive.cycle(offer))
			first += b.drive.beat;
		b.units += b.drive.unit_done;
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
	const Vtile &top = b.drive.top;
	uint64_t drain = b.drive.now - top.fill - top.cycles;
	unsigned differ = 0;

	hls_run(BENCH_KIND, &tile, &want);
	if (waits && tile.starved && top.cycles > want.cycles) {
		want.inter_row = top.lanes_inter_row;
		want.cycles = top.cycles;
	}
	for (uint32_t i = 0; i < FPR_ROWS * FPR_COLS && differ < 3; i++)
		differ += differs(tile.name, "an output", top.result[i],
				  want.out[i / FPR_COLS][i % FPR_COLS]);
	differ += differs(tile.name, "cycles", top.cycles, want.cycles);
	differ += differs(tile.name, "units done", b.units, (tile.k + unit - 1) / unit);
	if (BENCH_KIND != FPR_KIND_DENSE) {
		differ += differs(tile.name, "terms issued", top.terms_issued, want.issued);
		differ += differs(tile.name, "terms beyond T", top.terms_beyond, want.beyond);
		differ += differs(tile.name, "no term", top.lanes_no_term, want.no_term);
		differ +=
			differs(tile.name, "shift range", top.lanes_shift_range, want.shift_range);
		differ += differs(tile.name, "inter-PE", top.lanes_inter_pe, want.inter_pe);
		differ += differs(tile.name, "floor", top.lanes_floor, want.floor);
		differ += differs(tile.name, "inter-row", top.lanes_inter_row, want.inter_row);
	}
	if (!tile.starved) {
		b.fill_max = top.fill > b.fill_max ? top.fill : b.fill_max;
		if (top.fill > fill_most)
			differ += differs(tile.name, "fill", top.fill, fill_most);
	}
	b.drain_max = drain > b.drain_max ? drain : b.drain_max;
	if (drain > drain_most)
		differ += differs(tile.name, "drain", drain, drain_most);
	b.cycles += top.cycles;
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

// tile [--every N] [TRACE]
int main(int argc, char **argv)
{
	std::unique_ptr<struct bench> b = std::make_unique<struct bench>();
	const char *trace = nullptr;
	uint32_t every = 1;
	unsigned tiles = 0, differ;

	make_mistake(b->drive.top);
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--every") && i + 1 < argc)
			every = (uint32_t)atoi(argv[++i]);
		else
			trace = argv[i];
	}
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
