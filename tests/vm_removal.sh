#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Other interrupts than MSI-X, and a board that goes away under load. MSI: the good paths,
# a hundred reloads, then the board is pulled. A board without messages: the good paths.
# MSI-X: the board's server dies, which with INTx would abort QEMU 11.1. All without an IOMMU
# and with one; the reloads once.
set -u
kernel=${FPR_TEST_KERNEL:-6.12}
module=$FPR_BUILD/driver-$kernel/fpr.ko
[ -e "$module" ] || { echo "$module is not built (make guest-modules)"; exit 1; }
driver="tests/vm/guest-driver $module" # two words
good=$FPR_BUILD/guest/good removal=$FPR_BUILD/guest/removal
gone='fpr 0000:[0-9a-f:.]*: \[drm\] \*ERROR\* the board has gone '
failed=0 reloads=100

in_guest() { # options of the board [option ...] -- command ...
	local board="$FPR_BUILD/bin/fpr-board $1 --socket %s --control %c"
	shift
	# shellcheck disable=SC2086 # or nothing
	tests/vm/run-vm -k "$kernel" $iommu -c 2 -t 400 -d "$board" "$@" || failed=1
}

for iommu in '' -i; do
	echo "guest ${iommu:-without IOMMU}"
	in_guest '--irq msi' -e "$gone" -- \
		sh -ec "$driver -- $good
			for i in \$(seq $reloads); do insmod $module; rmmod fpr; done
			tests/vm/guest-unplug $module $removal"
	in_guest '--irq intx' -- $driver irq=intx -- "$good"
	in_guest '' -e "$gone" -- $driver timeout_ms=2000 -- "$removal vanish"
	reloads=1
done
exit $failed
