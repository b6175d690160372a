#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The RTL tile of every kind, 8 x 8 x 8, against the HLS C's: each bit of the outputs,
# the cycles of the issue stage, the counters. FPR_TRACE names a trace whose products
# are cut into tiles, too.
set -u
for tool in verilator g++; do
	command -v $tool >/dev/null || { echo "$tool is not installed (tools/setup does it)"; exit 77; }
done
build=${FPR_BUILD:-build}
flock "$build/rtl.lock" make --no-print-directory -s "$build"/rtl/{chunk,set,dense}/bench BUILD="$build" || exit 1
failed=0
for kind in chunk set dense; do
	echo -n "$kind: "
	"$build/rtl/$kind/bench" --every 3 ${FPR_TRACE:+"$FPR_TRACE"} || failed=1
done
exit $failed
