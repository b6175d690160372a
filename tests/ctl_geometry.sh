#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The self-test passes on arrays of other build parameters, whose counters are
# others: it may compare those of the known answers with an equal array only.
set -u
compiler=
for cc in gcc clang; do command -v $cc >/dev/null && { compiler=$cc; break; }; done
[ -n "$compiler" ] || { echo "no C compiler (tools/setup installs one)"; exit 77; }
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
failed=0

# Only what knows these parameters is compiled again: the HLS C, and the comparison.
mapfile -t objects < <(find "$FPR_BUILD"/obj/lib "$FPR_BUILD"/obj/tools/fprctl -name '*.o' \
	! -name geometry.o ! -path '*/sync/*'; ls "$FPR_BUILD"/obj/hw/{board,p3}/*.o)
read -ra libraries < <(pkg-config --libs libdrm libpci)
for parameter in WINDOW=2 RUN_AHEAD=2 SET_FLOOR=3 PANEL=64 MEM_BYTES_PER_CYCLE=32; do
	"$compiler" -std=gnu11 -O1 -ffp-contract=off -pthread -Ihw/include -Ihw/array -Ihw/board \
		-Ilib "-DFPR_$parameter" -o "$tmp/fprctl" hw/array/*.c tools/fprctl/geometry.c \
		"${objects[@]}" "${libraries[@]}" -lz -ljson-c -lm || { echo "$parameter: does not build"; exit 1; }
	"$tmp/fprctl" selftest --device local:model=hls >"$tmp/out" 2>&1 ||
		{ echo "$parameter: the self-test fails:"; cat "$tmp/out"; failed=1; }
done
exit $failed
