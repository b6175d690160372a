#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The trace reader under libFuzzer for a bounded number of files. To go on for
# longer, give the program that this builds a corpus and time.
set -u
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
fuzz=(clang -g -O1 "-fsanitize=fuzzer,address,undefined" -fno-sanitize-recover=all)

echo 'int LLVMFuzzerTestOneInput(const void *d, unsigned long n); int LLVMFuzzerTestOneInput(const void *d, unsigned long n) { return d && n == ~0ul; }' >"$dir/probe.c"
"${fuzz[@]}" "$dir/probe.c" -o "$dir/probe" 2>/dev/null ||
	{ echo "clang with libFuzzer is not installed (tools/setup does it)"; exit 77; }
"${fuzz[@]}" -Ilib -Ihw/include -Ihw/array -Ihw/board tests/fuzz/trace.c lib/trace_format.c lib/trace_read.c \
	hw/board/check.c hw/array/shape.c -lz -o "$dir/trace" || exit 1
mkdir "$dir/corpus"
"$FPR_BUILD/tests/lib_trace" "$dir/corpus/sample.fpr" || exit 1
"$dir/trace" -runs=30000 -seed=1 -max_len=8000 -rss_limit_mb=2000 -artifact_prefix="$dir/" \
	"$dir/corpus" >"$dir/log" 2>&1 || { tail -n 40 "$dir/log"; exit 1; }
grep -q '^Done 30000 runs' "$dir/log" || { tail -n 5 "$dir/log"; exit 1; }
