#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Other interrupts than MSI-X, a module that comes and goes, a board that goes away under load.
# MSI: the good paths, a hundred reloads, unloading under load, then the board is pulled. A board without
# messages: the good paths; with an IOMMU it is the HLS C, and slices are short. MSI-X: the
# board's server dies, which with INTx would abort QEMU 11.1.
set -u
kernel=${FPR_TEST_KERNEL:-6.12}
module=$FPR_BUILD/driver-$kernel/fpr.ko
[ -e "$module" ] || { echo "$module is not built (make guest-modules)"; exit 1; }
board="$FPR_BUILD/bin/fpr-board --socket %s --control %c"
failed=0

in_guest() { # options of run-vm, of the second board; then as guest-removal
	echo "guest ${1:-without IOMMU}"
	# shellcheck disable=SC2086 # or nothing
	tests/vm/run-vm -k "$kernel" $1 -c 2 -t 400 -d "$board --irq=msi" -d "$board --irq=intx $2" -d "$board" \
		-e 'fpr 0000:[0-9a-f:.]*: \[drm\] \*ERROR\* the board has gone ' -e 'fpr: no such interrupts: ' \
		-e 'fpr 0000:[0-9a-f:.]*: probe with driver fpr failed with error -(22|28)$' -- \
		tests/vm/guest-removal "$module" "$FPR_BUILD/guest" "${@:3}" || failed=1
}

# Several messages take an IOMMU.
in_guest '' '' 1 100
in_guest -i --model=hls 3 1 slice=4096 ageing=100
exit $failed
