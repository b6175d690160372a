#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The bit-parallel PE that `chunk`'s area is compared with, in RTL, against its golden
# model: with rows of its own and with a DSP's multiplier.
set -u
for tool in verilator g++; do
	command -v $tool >/dev/null || { echo "$tool is not installed (tools/setup does it)"; exit 77; }
done
build=${FPR_BUILD:-build}
failed=0
for bench in dense_chunk dense_chunk_dsp; do
	flock "$build/rtl.lock" make --no-print-directory -s "$build/rtl/$bench/bench" BUILD="$build" || exit 1
	"$build/rtl/$bench/bench" || failed=1
done
exit $failed
