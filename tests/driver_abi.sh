#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The UAPI's layout and ioctl numbers are those of driver_abi.golden, for 32-bit and
# 64-bit programs and both compilers: programs that are built stay good. A new field
# needs a new line there: `tests/driver_abi.sh new` prints the file as it would be now.
set -eu
golden=tests/driver_abi.golden
headers=(driver/uapi/fpr_accel.h hw/include/fpr_gemm.h)
flags="-std=gnu11 -Wall -Werror -Idriver/uapi -Ihw/include $(pkg-config --cflags libdrm)"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

tests/vm/guest/make-args --abi "${headers[@]}" >"$work/expressions"
printf '#include <stddef.h>\n#include <stdio.h>\n#include "fpr_accel.h"\n' >"$work/head.h"

if [ "${1-}" = new ]; then
	{
		cat "$work/head.h"
		echo 'int main(void) {'
		sed 's/.*/printf("%s %#lx\\n", "&", (unsigned long)(&));/' "$work/expressions"
		echo '}'
	} >"$work/print.c"
	# shellcheck disable=SC2086 # several flags
	gcc $flags -o "$work/print" "$work/print.c"
	grep '^#' $golden || :
	exec "$work/print"
fi

grep -v '^#' $golden | sed 's/ [^ ]*$//' | diff - "$work/expressions" ||
	{ echo "fields or ioctls were added (>) or are gone (<)"; exit 1; }
{
	cat "$work/head.h"
	grep -v '^#' $golden | sed 's/^\(.*\) \(.*\)$/_Static_assert((\1) == \2, "\1");/'
	# Arrays of these must start where the kernel takes them.
	sed -n 's/^sizeof(\(struct drm_fpr_[a-z_]*\))$/\1/p' "$work/expressions" |
		sed 's/.*/_Static_assert(sizeof(&) % _Alignof(&) == 0, "&");/'
	for s in drm_fpr_mac_job drm_fpr_xfer drm_fpr_sync; do
		echo "_Static_assert(_Alignof(struct $s) == 8, \"alignment of $s\");"
	done
} >"$work/check.c"
[ "$(grep -c _Static_assert "$work/check.c")" -gt 150 ] || { echo "few expressions found"; exit 1; }
widths='64 32'
echo '#include <stdio.h>' | gcc -m32 -fsyntax-only -x c - 2>"$work/log" || widths=64
for cc in gcc clang; do
	for bits in $widths; do
		# shellcheck disable=SC2086 # several flags
		$cc $flags -m$bits -fsyntax-only "$work/check.c" || { echo "$cc -m$bits: not as it was"; exit 1; }
	done
done
[ "$widths" != 64 ] || { echo "only as 64-bit programs see it: gcc-multilib is not installed (tools/setup does it)"; exit 77; }
