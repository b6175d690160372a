#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Rows, columns, lanes, window, run-ahead and panel change cycles, never bits or
# the terms that count; and every lane-cycle is accounted for in all of them.
set -u
compiler=
for cc in gcc clang; do command -v $cc >/dev/null && { compiler=$cc; break; }; done
[ -n "$compiler" ] || { echo "no C compiler (tools/setup installs one)"; exit 77; }
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

cat >"$tmp/main.c" <<'END'
#include <stdio.h>
#include <stdlib.h>
#include "gemm.h"

static uint32_t seed = 1;
static uint32_t next(void)
{
	seed = seed * 1664525u + 1013904223u;
	return seed >> 8;
}

static void fill(uint16_t x[], size_t n, uint32_t spread)
{
	for (size_t i = 0; i < n; i++) {
		uint32_t exponent = 120 + next() % spread;

		exponent = next() % 4 ? exponent : 0;
		exponent = next() % 2000 ? exponent : 255;
		x[i] = (uint16_t)((next() & 0x807f) | exponent << 7);
	}
}

/* A job of every kind, side and storage order; prints what may not change. */
int main(void)
{
	static const uint32_t shape[][3] = {{1, 1, 1}, {17, 9, 130}, {5, 20, 600}, {24, 16, 64}};
	static uint16_t a[20000], b[20000], c[2000];

	for (uint32_t i = 0; i < 4 * FPR_KINDS * 2 * 4; i++) {
		uint32_t options = i / FPR_KINDS;
		const uint32_t *s = shape[options / 8];
		struct fpr_gemm job = {.m = s[0], .n = s[1], .k = s[2], .kind = i % FPR_KINDS,
				       .serial = options % 2, .trans_a = options / 2 % 2,
				       .trans_b = options / 4 % 2, .t = 4 + i * 5 % 12,
				       .out = i / 3 % 2, .accumulate = i % 5 == 0};
		struct fpr_gemm_counters n;
		uint64_t lanes, hash = 14695981039346656037u;

		fill(a, 20000, 1 + i % 16);
		fill(b, 20000, 1 + i % 9);
		fill(c, 2000, 20);
		fpr_array_gemm(&job, a, b, c, &n);
		lanes = n.lanes_useful + n.lanes_no_term + n.lanes_shift_range + n.lanes_inter_pe +
			n.lanes_floor + n.lanes_inter_row;
		if (lanes != n.cycles_compute * FPR_ROWS * FPR_COLS * FPR_KIND_LANES(job.kind, FPR_LANES) ||
		    n.cycles_total != n.cycles_compute + n.cycles_memory_stall) {
			printf("job %u: lane-cycles do not add up\n", i);
			return 1;
		}
		for (int j = 0; j < 2000; j++)
			hash = (hash ^ c[j]) * 1099511628211u;
		printf("%u %016llx %llu %llu %llu\n", i, (unsigned long long)hash,
		       (unsigned long long)n.terms_issued, (unsigned long long)n.terms_skipped_oob,
		       (unsigned long long)n.terms_skipped_zero);
		fprintf(stderr, "%llu\n", (unsigned long long)n.cycles_total);
	}
	return 0;
}
END

failed=0
try() { # name, options
	local name=$1
	shift
	$compiler -std=gnu11 -O1 "$@" -Ihw/include -Ihw/array "$tmp/main.c" hw/array/*.c -o "$tmp/$name" &&
		"$tmp/$name" >"$tmp/$name.out" 2>"$tmp/$name.cycles" || { echo "$name: failed"; failed=1; }
	cmp -s "$tmp/8x8x8.out" "$tmp/$name.out" || { echo "$name: other bits or terms"; failed=1; }
	[ "$name" = 8x8x8 ] || ! cmp -s "$tmp/8x8x8.cycles" "$tmp/$name.cycles" ||
		{ echo "$name: the geometry had no effect"; failed=1; }
}
try 8x8x8
try 4x4x4 -DFPR_ROWS=4 -DFPR_COLS=4 -DFPR_LANES=4
try 16x16x16 -DFPR_ROWS=16 -DFPR_COLS=16 -DFPR_LANES=16
try 4x16x8 -DFPR_ROWS=4 -DFPR_COLS=16 -DFPR_PANEL=64
try 16x4x16 -DFPR_ROWS=16 -DFPR_COLS=4 -DFPR_LANES=16 -DFPR_RUN_AHEAD=3
try lockstep -DFPR_RUN_AHEAD=0 -DFPR_WINDOW=15 -DFPR_SET_FLOOR=1
try short_panel -DFPR_PANEL=64 -DFPR_RUN_AHEAD=2
exit $failed
