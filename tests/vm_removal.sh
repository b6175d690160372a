#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Other interrupts than MSI-X, and a board that goes away under load. MSI: the good paths,
# a hundred reloads, then the board is pulled. A board without messages: the good paths.
# MSI-X: the board's server dies, which with INTx would abort QEMU 11.1.
set -u
kernel=${FPR_TEST_KERNEL:-6.12}
module=$FPR_BUILD/driver-$kernel/fpr.ko
[ -e "$module" ] || { echo "$module is not built (make guest-modules)"; exit 1; }
driver="tests/vm/guest-driver $module" # two words
good=$FPR_BUILD/guest/good removal=$FPR_BUILD/guest/removal
gone='fpr 0000:[0-9a-f:.]*: \[drm\] \*ERROR\* the board has gone '
failed=0
tests/vm/run-vm -k "$kernel" -i -c 2 -t 400 -e "$gone" \
	-d "$FPR_BUILD/bin/fpr-board --irq msi --socket %s --control %c" -- \
	sh -ec "$driver -- $good
		for i in \$(seq 100); do insmod $module; rmmod fpr; done
		tests/vm/guest-unplug $module $removal" || failed=1
tests/vm/run-vm -k "$kernel" -c 2 -t 300 -d "$FPR_BUILD/bin/fpr-board --irq intx --socket %s --control %c" -- \
	$driver irq=intx -- "$good" || failed=1
tests/vm/run-vm -k "$kernel" -c 2 -t 300 -e "$gone" -d "$FPR_BUILD/bin/fpr-board --socket %s --control %c" -- \
	$driver timeout_ms=2000 -- "$removal vanish" || failed=1
exit $failed
