# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# Sourced: benches of the RTL, $build/rtl/NAME/bench.
build=${FPR_BUILD:-build}
for tool in verilator g++; do
	command -v $tool >/dev/null || { echo "$tool is not installed (tools/setup does it)"; exit 77; }
done

build_benches() { # NAME...
	local benches=("${@/%//bench}")
	flock "$build/rtl.lock" make --no-print-directory -s "${benches[@]/#/$build/rtl/}" BUILD="$build" || exit 1
}
