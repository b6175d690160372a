#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Other interrupts than MSI-X, and a board that goes away under load. MSI: the good paths,
# those with INTx on the same board, a hundred reloads, a board pulled and one plugged in.
# A board without messages: the good paths; then its server dies.
set -u
module=$FPR_BUILD/driver-6.12/fpr.ko
[ -e "$module" ] || { echo "$module is not built (make guest-modules)"; exit 1; }
driver="tests/vm/guest-driver $module"
good=$FPR_BUILD/guest/good removal=$FPR_BUILD/guest/removal
gone='fpr 0000:[0-9a-f:.]*: \[drm\] \*ERROR\* the board has gone '
failed=0
# When a client hangs up its server ends: the next one is for the board that is plugged in.
tests/vm/run-vm -k 6.12 -i -c 2 -t 400 -e "$gone" \
	-d "bash -c 'while $FPR_BUILD/bin/fpr-board --irq msi --socket %s --control %c; do :; done'" -- \
	sh -ec "$driver -- $good
		$driver irq=intx -- $good
		for i in \$(seq 100); do insmod $module; rmmod fpr; done
		tests/vm/guest-hotplug $module $removal $good" || failed=1
tests/vm/run-vm -k 6.12 -c 2 -t 300 -e "$gone" \
	-d "$FPR_BUILD/bin/fpr-board --irq intx --socket %s --control %c" -- \
	sh -ec "$driver -- $good
		$driver timeout_ms=2000 -- '$removal vanish'" || failed=1
exit $failed
