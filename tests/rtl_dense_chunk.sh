#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The bit-parallel PE that `chunk`'s area is compared with, in RTL, against its golden
# model: with rows of its own and with a DSP's multiplier.
# shellcheck disable=SC2154 # build: rtl_bench.sh
set -u
# shellcheck source=tests/common/rtl_bench.sh
. tests/common/rtl_bench.sh
for bench in dense_chunk dense_chunk_dsp; do
	build_benches "$bench"
	"$build/rtl/$bench/bench" || failed=1
done
exit $failed
