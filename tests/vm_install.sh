#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# A host's way to the driver: `make driver-install`, DKMS builds, signs and installs it for
# Debian's kernel, udev loads it and sets who may open its node. All below a
# directory of the test; nothing of it touches the machine's own DKMS, modules or rules.
set -u
[ -z "${FPR_TEST_KERNEL-}" ] || { echo "a matter of Debian's kernels, not of $FPR_TEST_KERNEL"; exit 77; }
for tool in dkms:dkms openssl:openssl modinfo:kmod; do
	command -v "${tool%:*}" >/dev/null || { echo "${tool#*:} is not installed (tools/setup does it)"; exit 77; }
done
root=$TMPDIR/root
kernel=$(tests/vm/get-kernel 6.12) || exit 1
release=$(cat "$kernel/release")
version=$(sed -n 's/^#define FPR_VERSION "\(.*\)"$/\1/p' lib/fpr.h)
die() { echo "$*"; exit 1; }

make --no-print-directory driver-install DESTDIR="$root" || exit 1
mkdir -p "$root/lib/modules" "$root/var/lib/dkms"
# Of Debian's modules those that the driver takes: depmod reads all, and udev loads what it finds.
modprobe -d "$kernel" -S "$release" -a --show-depends gpu-sched drm_exec drm_shmem_helper |
	sed -n "s,^insmod $kernel/\(.*\) \$,\1,p" | sort -u >"$TMPDIR/needed"
(cd "$kernel" && xargs cp -a --parents --target-directory="$root" "lib/modules/$release/build" \
	"lib/modules/$release"/modules.{order,builtin*} <"$TMPDIR/needed") || exit 1

# What signs modules is configured in /etc/dkms, or taken from the environment.
headers=$(readlink -f "$kernel/build")
export sign_file=$headers/scripts/sign-file mok_signing_key=$root/mok.key mok_certificate=$root/mok.pub
dkms() {
	command dkms "$@" --dkmstree "$root/var/lib/dkms" --sourcetree "$root/usr/src" \
		--installtree "$root/lib/modules"
}
dkms add "fpr/$version" || die "dkms add failed"
dkms build "fpr/$version" -k "$release" --kernelsourcedir "$headers" ||
	{ cat "$root/var/lib/dkms/fpr/$version/build/make.log"; die "dkms build failed"; }
dkms install "fpr/$version" -k "$release" --no-depmod || die "dkms install failed"
dkms status "fpr/$version" | grep -q ': installed$' || die "dkms does not say that it is installed"
module=$root/lib/modules/$release/updates/dkms/fpr.ko
[ "$(modinfo -F signer "$module")" = 'DKMS module signing key' ] || die "it is not signed"
/sbin/depmod -b "$root" "$release" || die "depmod failed"

tests/vm/run-vm -k 6.12 -i -c 2 -t 300 -d "$FPR_BUILD/bin/fpr-board --socket %s --control %c" -- \
	tests/vm/guest-udev "$root" "$FPR_BUILD" || exit 1

dkms remove "fpr/$version" --all --no-depmod || die "dkms remove failed"
[ ! -e "$module" ] || die "dkms remove leaves the module"
make --no-print-directory driver-uninstall DESTDIR="$root" || exit 1
left=$(find "$root/usr" ! -type d)
[ -z "$left" ] || die "driver-uninstall leaves $left"
