#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# libfprsync's headers, symbol map, page, symbols and pkg-config file tell the same story, and
# libfpr and fprctl need no MPI.
set -u
failed=0
complain() { echo "$*"; failed=1; }
same() { # what one other
	diff <(echo "$2") <(echo "$3") || complain "$1 differ (< first, > second)"
}
pkg-config --exists ompi-c 2>/dev/null || { echo "Open MPI is not installed (tools/setup does it)"; exit 77; }
read -ra mpi <<<"$(pkg-config --cflags ompi-c)"
cc=${CC:-gcc}

# Only what these headers say themselves, not what mpi.h does.
declared=$(grep -hoE '\bfpr_(group|sync)_[a-z0-9_]+\(' \
	<(sed -n '/^[a-z].*fpr_.*(/p' lib/sync/fpr_sync.h lib/sync/fpr_sync_core.h) | tr -d '(' | sort -u)
mapped=$(sed -n 's/^\t\(fpr_[a-z0-9_]*\);$/\1/p' lib/sync/libfprsync.map | sort)
described=$(sed -n 's/^\.Fn \([a-z0-9_]*\).*/\1/p' lib/man/libfprsync.3 | sort -u)
exported=$(nm -D --defined-only "$FPR_BUILD/lib/libfprsync.so" | awk '$2 == "T" { print $3 }' |
	sed 's/@.*//' | sort)
[ "$(wc -w <<<"$declared")" -gt 35 ] || complain "found too few functions in the headers"
for function in $declared; do
	grep -q "^ \* $function() - " lib/sync/fpr_sync*.h || complain "$function has no kernel-doc"
done
same "the headers and libfprsync.map" "$declared" "$mapped"
# What the page shows in its text too is a macro's argument there.
same "the headers and libfprsync(3)" "$declared" "$described"
same "libfprsync.map and libfprsync.so" "$mapped" "$exported"

for header in fpr_sync_core.h fpr_sync.h; do
	for language in c c++; do
		"$cc" -x $language -fsyntax-only /dev/null 2>/dev/null || continue
		echo "#include <$header>" | "$cc" -fsyntax-only -Wall -Wextra -Werror -Ilib/sync \
			"${mpi[@]/#-I/-isystem}" -x $language - || complain "$header is not good $language"
	done
done

for file in libfpr.so ../bin/fprctl; do
	! readelf -d "$FPR_BUILD/lib/$file" | grep -qi 'NEEDED.*mpi' || complain "$file needs MPI"
done

# It keeps no state of its own, prints nothing and never ends the program.
for object in "$FPR_BUILD"/obj/lib/sync/*.o "$FPR_BUILD"/obj/lib/sync/mpi/*.o; do
	state=$(size -A "$object" | awk '($1 ~ /^\.(data|bss|tdata|tbss)$/) && $2 > 0 { print $1, $2 }')
	[ -z "$state" ] || complain "${object##*/} has writable data: $state"
	calls=$(nm -u "$object" | awk '{ print $2 }' | sed 's/^__//; s/_chk$//' |
		grep -xE 'v?f?printf|puts|fputs|perror|std(out|err)|exit|_exit|abort|assert_fail|v?syslog')
	[ -z "$calls" ] || complain "${object##*/} calls $calls"
done

# A program that uses pkg-config alone.
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
mkdir -p "$dir/include" "$dir/pkgconfig"
cp lib/sync/fpr_sync.h lib/sync/fpr_sync_core.h "$dir/include"
version=$(sed -n 's/^#define FPR_VERSION "\(.*\)"$/\1/p' lib/fpr.h)
sed "s,@PREFIX@,$dir,; s,@LIBDIR@,$FPR_BUILD/lib,; s,@VERSION@,$version," lib/sync/fprsync.pc.in \
	>"$dir/pkgconfig/fprsync.pc"
cat >"$dir/first.c" <<'C'
#include <fpr_sync.h>
#include <stdio.h>
int main(void)
{
	struct fpr_group_options options;
	return fpr_group_options_init(&options, FPR_SYNC_BEST) || puts(fpr_sync_mode_name(FPR_SYNC_BEST)) < 0;
}
C
read -ra flags <<<"$(PKG_CONFIG_PATH=$dir/pkgconfig pkg-config --cflags --libs fprsync)"
"$cc" -std=gnu11 -Wall "$dir/first.c" -o "$dir/first" "${flags[@]}" || complain "pkg-config's flags do not do"
[ "$(LD_LIBRARY_PATH=$FPR_BUILD/lib "$dir/first")" = best ] || complain "it does not run"
exit $failed
