#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The mover of the RTL against a plain model: memories, statuses, bursts.
# shellcheck disable=SC2154 # build: rtl_bench.sh
set -u
# shellcheck source=tests/common/rtl_bench.sh
. tests/common/rtl_bench.sh
build_benches mover
"$build/rtl/mover/bench"
