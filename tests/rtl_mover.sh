#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The RTL that moves bytes: the mover against a plain model, memories, statuses and bursts; a
# direction of the P3 engine against the C's arbiter, slices, reports and counters. What
# synthesis is to take, Yosys reads.
# shellcheck disable=SC2154 # build: rtl_bench.sh
set -u
# shellcheck source=tests/common/rtl_bench.sh
. tests/common/rtl_bench.sh
command -v yosys >/dev/null || { echo "yosys is not installed (tools/setup does it)"; exit 77; }
yosys -q -p "read_verilog -sv hw/rtl/top/*.sv hw/rtl/fpr_fp32_*.sv hw/rtl/fpr_p3_arbiter.sv; \
	hierarchy -check -top fpr_p3_direction; proc; check -assert" || exit 1
build_benches mover direction
"$build/rtl/mover/bench" && "$build/rtl/direction/bench"
