#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The RTL arbiter against the C's: every answer and every counter.
set -u
for tool in verilator g++; do
	command -v $tool >/dev/null || { echo "$tool is not installed (tools/setup does it)"; exit 77; }
done
build=${FPR_BUILD:-build}
flock "$build/rtl.lock" make --no-print-directory -s "$build/rtl/p3/bench" BUILD="$build" || exit 1
"$build/rtl/p3/bench"
