#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# `make install` puts everything below DESTDIR and PREFIX, and outside of a PREFIX of the user's own
# nothing at all: the README's first program builds against it with nothing but pkg-config,
# programs find their library, modules and files, man finds each function; `make uninstall`
# leaves nothing. Where it may not write it installs nothing and says so.
set -u
command -v pkg-config >/dev/null || { echo "pkg-config is not installed (tools/setup does it)"; exit 77; }
build=$FPR_BUILD prefix=$TMPDIR/opt/fpr
failed=0
complain() { echo "$*"; failed=1; }
install() { make --no-print-directory BUILD="$build" DESTDIR="$TMPDIR/dest" PREFIX="$prefix" "$1"; }
unset LD_LIBRARY_PATH PYTHONPATH

install install >"$TMPDIR/log" || { cat "$TMPDIR/log"; echo "make install failed"; exit 1; }
outside=$(find "$TMPDIR/dest" ! -type d ! -path "$TMPDIR/dest$prefix/*")
[ -z "$outside" ] || complain "outside of PREFIX: $outside"
grep -q 'as root: make driver-install' "$TMPDIR/log" || complain "it does not say that the driver is left out"
# It is copied to where it was made for, as a package's files are.
mkdir -p "$prefix" && cp -a "$TMPDIR/dest$prefix/." "$prefix" || exit 1

export PKG_CONFIG_PATH=$prefix/lib/pkgconfig
version=$(sed -n 's/^#define FPR_VERSION "\(.*\)"$/\1/p' lib/fpr.h)
[ "$(pkg-config --modversion fpr)" = "$version" ] || complain "pkg-config has a wrong version"
# No other library's development files are wanted: a package of them need not be there.
flags=$(PKG_CONFIG_LIBDIR=$prefix/lib/pkgconfig pkg-config --cflags --libs fpr) || exit 1
# shellcheck disable=SC2086 # several words
"${CC:-gcc}" -std=gnu11 -Wall -Wextra -Werror tests/examples/first.c -o "$TMPDIR/first" $flags || exit 1
LD_LIBRARY_PATH=$prefix/lib "$TMPDIR/first" >"$TMPDIR/out" || complain "the first program fails"
# 1 3 / 0 -1 times 1 5 / 1 0.
head -n 2 "$TMPDIR/out" | diff - <(printf '4 5\n-1 0\n') || complain "it prints something else"
tail -n 1 "$TMPDIR/out" | grep -q '^[1-9][0-9]* cycles$' || complain "it has no cycles"
for header in "$prefix"/include/*.h "$prefix"/include/drm/*.h; do
	name=${header#"$prefix/include/"}
	# shellcheck disable=SC2046 # several words
	echo "#include <$name>" | "${CC:-gcc}" -fsyntax-only -Wall -Werror -I"$prefix/include" \
		$(pkg-config --cflags libdrm fprsync) -x c - || complain "$name does not stand alone"
done

modules=$(echo "$prefix"/lib/python3*/*-packages)
"$prefix/bin/fprctl" selftest --device local >/dev/null || complain "fprctl selftest fails"
for tool in fprctl fprnet; do
	cmp "$prefix/share/$tool/$tool.schema.json" tools/$tool/$tool.schema.json || complain "no schema of $tool's JSON"
done
"$prefix/bin/fprnet" simulate --model resnet50 --nodes 2 --bandwidth 4 >/dev/null || complain "fprnet finds no model"
[ ! -x "$build/bin/fprnet-rank" ] || [ -x "$prefix/libexec/fpr/fprnet-rank" ] || complain "no fprnet-rank"
(cd / && "$prefix/bin/fprtrain" --help) | grep -q '^usage: fprtrain' || complain "fprtrain does not run"
for place in "$modules" "$prefix/share/fpr"; do
	library=$(cd / && PYTHONPATH=$place "$PYTHON" -Bc 'import fpr; print(fpr.library()._name)')
	[ "$library" = "$prefix/lib/libfpr.so" ] || complain "Python in $place finds '$library'"
done
mv "$prefix/share/fpr/fpr.py" "$TMPDIR"
(cd / && "$prefix/bin/fprtrain" --help) >"$TMPDIR/out" 2>&1
[ $? -eq 3 ] && [ "$(cat "$TMPDIR/out")" = "fprtrain: fpr is not installed; install it with: \
make install PREFIX=$prefix, in fpr's sources" ] || complain "without fpr.py: $(cat "$TMPDIR/out")"
for tool in fprctl fprnet fprtrain fpr-board; do
	[ -e "$prefix/share/man/man1/$tool.1" ] || complain "no page of $tool"
	[ -e "$prefix/share/bash-completion/completions/$tool" ] || complain "no completion of $tool"
done
if [ -e "$build/vendors/fpr.icd" ]; then
	[ "$(cat "$prefix/etc/OpenCL/vendors/fpr.icd")" = "$prefix/lib/libfpr_opencl.so.1" ] || complain "no .icd in PREFIX"
fi
for function in $(sed -n 's/^\t\(fpr_[a-z0-9_]*\);$/\1/p' lib/libfpr.map); do
	[ "$(cat "$prefix/share/man/man3/$function.3")" = '.so man3/libfpr.3' ] || complain "no page of $function"
done
for section in 1 3 4 5 7; do
	[ -n "$(ls "$prefix/share/man/man$section")" ] || complain "no page in section $section"
done

install uninstall || complain "make uninstall failed"
left=$(cd "$TMPDIR/dest" && find . ! -type d)
[ -z "$left" ] || complain "make uninstall leaves $left"

# Below the system's PREFIX all of it, where the system looks.
prefix=/usr
install install >"$TMPDIR/log" || { cat "$TMPDIR/log"; complain "make install PREFIX=/usr failed"; }
for file in usr/bin/fprctl usr/src/fpr-$version/dkms.conf usr/lib/udev/rules.d/60-fpr.rules \
	usr/lib/modules-load.d/fpr.conf; do
	[ -e "$TMPDIR/dest/$file" ] || complain "make install PREFIX=/usr: no $file"
	case $file in
	usr/lib/*) grep -q "INSTALL\s.*/$file" "$TMPDIR/log" || complain "$file is installed without a word" ;;
	esac
done
install uninstall || complain "make uninstall failed"
left=$(cd "$TMPDIR/dest" && find . ! -type d)
[ -z "$left" ] || complain "make uninstall leaves $left"

# One place that may not be written: nothing is installed.
refused() { # text command...
	local text=$1 out
	shift
	out=$("$@" 2>&1) && complain "$*: does not fail"
	grep -qF "make install: cannot install into $text" <<<"$out" || complain "not '$text': $out"
}
rm -r "$TMPDIR/dest"
mkdir -p "$TMPDIR/dest/usr/share"
touch "$TMPDIR/dest/usr/share/man"
refused "$TMPDIR/dest/usr/share/man, and nothing was: $TMPDIR/dest/usr/share/man is no directory" install install
[ -z "$(find "$TMPDIR/dest" -type f -size +0)" ] || complain "half an install is left"
if [ "$(id -u)" -eq 0 ]; then
	refused '/etc/OpenCL/vendors, and nothing was: /etc' setpriv --reuid=65533 --regid=65533 --clear-groups \
		/bin/sh -s /tmp /etc/OpenCL/vendors <tools/install/check
fi
exit $failed
