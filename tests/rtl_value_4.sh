#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The RTL tile of the schedule `value-4`, 8 x 8 x 4: each bit of the outputs and the terms
# are those of `chunk` in the HLS C; its cycles, and where lane-cycles go, are tools/explore's.
# FPR_TRACE names a trace whose products are cut into tiles, too.
set -u
for tool in verilator g++; do
	command -v $tool >/dev/null || { echo "$tool is not installed (tools/setup does it)"; exit 77; }
done
build=${FPR_BUILD:-build}
flock "$build/rtl.lock" make --no-print-directory -s "$build/rtl/value_4/bench" BUILD="$build" || exit 1
"$build/rtl/value_4/bench" ${FPR_TRACE:+"$FPR_TRACE"}
