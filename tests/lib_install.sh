#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The first program of the README compiles against the library through
# pkg-config's template, runs, and prints what it should.
set -u
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
version=$(sed -n 's/^#define FPR_VERSION "\(.*\)"$/\1/p' lib/fpr.h)
[ -n "$version" ] || { echo "no version in lib/fpr.h"; exit 1; }

mkdir -p "$dir/include" "$dir/pkgconfig" || exit 1
cp lib/fpr*.h hw/include/fpr_gemm.h hw/include/fpr_geometry.h "$dir/include" || exit 1
sed "s,@PREFIX@,$dir,; s,@LIBDIR@,$FPR_BUILD/lib,; s,@VERSION@,$version," lib/fpr.pc.in \
	>"$dir/pkgconfig/fpr.pc"
if command -v pkg-config >/dev/null; then
	export PKG_CONFIG_PATH=$dir/pkgconfig
	[ "$(pkg-config --modversion fpr)" = "$version" ] || { echo "wrong version"; exit 1; }
	flags=$(pkg-config --cflags --libs fpr) || exit 1
else
	flags="-I$dir/include -L$FPR_BUILD/lib -lfpr"
fi
# shellcheck disable=SC2086 # several words
"${CC:-gcc}" -std=gnu11 -Wall -Wextra -Werror tests/examples/first.c -o "$dir/first" $flags || exit 1
LD_LIBRARY_PATH=$FPR_BUILD/lib "$dir/first" >"$dir/out" || { echo "it fails"; exit 1; }
# 1 2 3 / 0 1 -1 times 1 0 / 0 1 / 1 1.
head -n 2 "$dir/out" | diff - <(printf '4 5\n-1 0\n') || exit 1
tail -n 1 "$dir/out" | grep -q '^[1-9][0-9]* cycles$' || { cat "$dir/out"; exit 1; }
