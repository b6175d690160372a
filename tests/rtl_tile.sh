#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The RTL tile of every kind against the HLS C's: each bit of the outputs,
# the cycles of the issue stage, the counters. FPR_TRACE names a trace whose products
# are cut into tiles, too.
# shellcheck disable=SC2154 # build: rtl_bench.sh
set -u
# shellcheck source=tests/common/rtl_bench.sh
. tests/common/rtl_bench.sh
build_benches chunk set dense value
for kind in chunk set dense value; do
	echo -n "$kind: "
	"$build/rtl/$kind/bench" --every 3 ${FPR_TRACE:+"$FPR_TRACE"} || failed=1
done
exit $failed
