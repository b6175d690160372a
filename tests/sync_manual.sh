#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The headers, symbol maps, pages, symbols and pkg-config files of libfprsync and libfprsync-board
# tell the same story; libfpr and fprctl need no MPI, and libfprsync no libfpr.
set -u
failed=0
complain() { echo "$*"; failed=1; }
same() { # what one other
	diff <(echo "$2") <(echo "$3") || complain "$1 differ (< first, > second)"
}
pkg-config --exists ompi-c 2>/dev/null || { echo "Open MPI is not installed (tools/setup does it)"; exit 77; }
read -ra mpi <<<"$(pkg-config --cflags ompi-c)"
cc=${CC:-gcc}

story() { # library map least-functions header...
	local name=$1 map=$2 least=$3 declared mapped described exported function
	shift 3
	# Only what these headers say themselves, not what mpi.h does.
	declared=$(grep -hoE '\bfpr_(group|sync)_[a-z0-9_]+\(' <(sed -n '/^[a-z].*fpr_.*(/p' "$@") |
		tr -d '(' | sort -u)
	mapped=$(sed -n 's/^\t\(fpr_[a-z0-9_]*\);$/\1/p' "$map" | sort)
	# What the page shows in its text too is a macro's argument there.
	described=$(sed -n 's/^\.Fn \([a-z0-9_]*\).*/\1/p' "lib/man/$name.3" | sort -u)
	exported=$(nm -D --defined-only "$FPR_BUILD/lib/$name.so" | awk '$2 == "T" { print $3 }' |
		sed 's/@.*//' | sort)
	[ "$(wc -w <<<"$declared")" -ge "$least" ] || complain "found too few functions of $name"
	for function in $declared; do
		grep -q "^ \* $function() - " "$@" || complain "$function has no kernel-doc"
	done
	same "$name's headers and map" "$declared" "$mapped"
	same "$name's headers and page" "$declared" "$described"
	same "$name's map and symbols" "$mapped" "$exported"
}
story libfprsync lib/sync/libfprsync.map 36 lib/sync/fpr_sync.h lib/sync/fpr_sync_core.h
story libfprsync-board lib/sync/board/libfprsync-board.map 5 lib/sync/board/fpr_sync_board.h

for header in fpr_sync_core.h fpr_sync.h fpr_sync_board.h; do
	for language in c c++; do
		"$cc" -x $language -fsyntax-only /dev/null 2>/dev/null || continue
		echo "#include <$header>" | "$cc" -fsyntax-only -Wall -Wextra -Werror -Ilib/sync -Ilib/sync/board \
			-Ilib -Ihw/include "${mpi[@]/#-I/-isystem}" -x $language - || complain "$header is not good $language"
	done
done

for file in libfpr.so ../bin/fprctl; do
	! readelf -d "$FPR_BUILD/lib/$file" | grep -qi 'NEEDED.*mpi' || complain "$file needs MPI"
done
! readelf -d "$FPR_BUILD/lib/libfprsync.so" | grep -q 'NEEDED.*libfpr\.' || complain "libfprsync needs libfpr"

# It keeps no state of its own, prints nothing and never ends the program.
for object in "$FPR_BUILD"/obj/lib/sync/{,mpi/,board/}*.o; do
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
for template in lib/fpr lib/sync/fprsync lib/sync/board/fprsync-board; do
	sed "s,@PREFIX@,$dir,; s,@INCLUDEDIR@,$dir/include,; s,@LIBDIR@,$FPR_BUILD/lib,; s,@VERSION@,$version," $template.pc.in \
		>"$dir/pkgconfig/${template##*/}.pc"
done
cat >"$dir/first.c" <<'C'
#include <fpr_sync.h>
#include <stdio.h>
int main(void)
{
	struct fpr_group_options options;
	return fpr_group_options_init(&options, FPR_SYNC_BEST) || puts(fpr_sync_mode_name(FPR_SYNC_BEST)) < 0;
}
C
runs() { # package
	local flags
	read -ra flags <<<"$(PKG_CONFIG_PATH=$dir/pkgconfig pkg-config --cflags --libs "$1")"
	"$cc" -std=gnu11 -Wall "$dir/first.c" -o "$dir/first" "${flags[@]}" || complain "$1: pkg-config's flags do not do"
	[ "$(LD_LIBRARY_PATH=$FPR_BUILD/lib "$dir/first")" = best ] || complain "$1: it does not run"
}
runs fprsync
cp lib/sync/board/fpr_sync_board.h lib/fpr.h hw/include/fpr_gemm.h hw/include/fpr_geometry.h "$dir/include"
sed -i 's/#include <fpr_sync.h>/#include <fpr_sync_board.h>/; s/^	return /	if (fpr_group_board_create(NULL, NULL) != -22) return 1;\n&/' "$dir/first.c"
runs fprsync-board
exit $failed
