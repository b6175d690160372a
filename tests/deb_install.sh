#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The Debian packages install into a minimal Debian that has nothing of this project, the
# README's first program builds there with nothing but pkg-config, the tools run, and
# purging leaves nothing behind.
set -u
for tool in dpkg-buildpackage mmdebstrap dh_dkms; do
	command -v $tool >/dev/null || { echo "$tool is not installed (tools/setup does it)"; exit 77; }
done
[ "$(id -u)" -eq 0 ] || { echo "root is needed to make a root directory"; exit 77; }
die() { echo "$*"; exit 1; }
root=$TMPDIR/root repository=$TMPDIR/b/deb

# Debug packages would only be thrown away here, and with them what they hold; and little is computed.
DEB_BUILD_OPTIONS=noautodbgsym DEB_CFLAGS_APPEND='-g0 -O1' make --no-print-directory deb BUILD="$TMPDIR/b" || die "make deb failed"
for deb in "$repository"/*.deb; do
	packages+=("$(dpkg-deb -f "$deb" Package)")
	names=$(dpkg-deb -c "$deb" | grep -cE '/(copyright|changelog)' )
	[ "$names" -ge 2 ] || die "$deb has no copyright or changelog"
	# Of alternatives the first, without its version and architecture.
	needed+=$(dpkg-deb -f "$deb" Depends | tr ',' '\n' | sed 's/^ *//; s/[ :|].*//')$'\n'
done
echo "${packages[*]}"
needed=$(sort -u <<<"$needed" | grep -vxF -e '' "${packages[@]/#/-e}")

# shellcheck disable=SC2086 # many names
archive=$(tests/common/clean-root $needed gcc libc6-dev pkg-config clinfo) || die "no Debian to install into"
mkdir "$root" && tar -xf "$archive" -C "$root" || exit 1
# dkms wants its /proc and a temporary directory that is there.
inside() {
	# shellcheck disable=SC2016 # the inner shell expands it
	env -u TMPDIR unshare --mount --pid --fork sh -ec 'mount -t proc proc "$0/proc"; exec chroot "$0" "$@"' "$root" "$@"
}
cp "$repository"/*.deb "$root/tmp" || exit 1
inside sh -c 'apt-get install -qq --no-install-recommends /tmp/*.deb' >"$TMPDIR/log" 2>&1 || { cat "$TMPDIR/log"; die "they do not install"; }
rm "$root"/tmp/*.deb

cp tests/examples/first.c "$root/root" || exit 1
# shellcheck disable=SC2016 # the root's shell expands it
inside sh -ec 'cd /root && gcc -Wall -Werror first.c -o first $(pkg-config --cflags --libs fpr) && ./first' \
	>"$TMPDIR/first" || die "the first program does not build or run"
head -n 2 "$TMPDIR/first" | diff - <(printf '4 5\n-1 0\n') || exit 1
inside fprctl list | grep -q '^ *local ' || die "fprctl list shows no local board"
inside fprctl selftest --device local || die "fprctl selftest fails"
inside fprnet limit --help >/dev/null || die "fprnet does not run"
icd=$(cat "$root"/etc/OpenCL/vendors/fpr.icd) || die "no .icd"
[ -e "$root$icd" ] || die "the .icd names $icd, which is not there"
inside env FPR_OPENCL_LOCAL=1 clinfo -l >"$TMPDIR/clinfo" || die "clinfo fails"
grep -q 'Device #0: fpr local ' "$TMPDIR/clinfo" || die "OpenCL's loader does not load the driver: $(cat "$TMPDIR/clinfo")"
inside python3 -c 'import fpr; fpr.library()' || die "Python does not find the library"
ls -d "$root"/var/lib/dkms/fpr/*/source >/dev/null || die "dkms does not know the driver"
[ -e "$root/usr/lib/udev/rules.d/60-fpr.rules" ] || die "no udev rule"
for tool in fprctl fprnet fprtrain fpr-board; do
	[ -e "$root/usr/share/man/man1/$tool.1.gz" ] || die "no page of $tool"
done

inside dpkg --purge "${packages[@]}" >"$TMPDIR/purge" 2>&1 || { cat "$TMPDIR/purge"; die "purge failed"; }
left=$(find "$root" -xdev -name '*fpr*' ! -path '*/var/lib/apt/*' ! -path '*/var/cache/*')
[ -z "$left" ] || die "purging leaves $left"
