#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The RTL arbiter against the C's: every answer and every counter.
# shellcheck disable=SC2154 # build: rtl_bench.sh
set -u
# shellcheck source=tests/common/rtl_bench.sh
. tests/common/rtl_bench.sh
build_benches p3
"$build/rtl/p3/bench"
