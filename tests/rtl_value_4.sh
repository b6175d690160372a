#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The RTL tile of the schedule `value-4`, 8 x 8 x 4: each bit of the outputs and the terms
# are those of `chunk` in the HLS C; its cycles, and where lane-cycles go, are tools/explore's.
# FPR_TRACE names a trace whose products are cut into tiles, too.
# shellcheck disable=SC2154 # build: rtl_bench.sh
set -u
# shellcheck source=tests/common/rtl_bench.sh
. tests/common/rtl_bench.sh
build_benches value_4
"$build/rtl/value_4/bench" ${FPR_TRACE:+"$FPR_TRACE"}
